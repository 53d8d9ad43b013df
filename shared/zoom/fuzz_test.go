package zoom_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/zoom"
)

// wire is a transport that answers everything alike. It stands for the network where
// a server of its own would be most of the time that a try takes.
type wire struct {
	status int
	header http.Header
	body   string
}

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

// FuzzAnswer gives any answer to each call: what comes of it is one of the errors
// that decide, or a meeting that can be joined.
func FuzzAnswer(f *testing.F) {
	for _, a := range []struct {
		status      uint16
		after, body string
	}{
		{201, "", `{"id":91234567890,"uuid":"u","join_url":"https://zoom.us/j/91234567890","start_time":"2026-12-01T01:00:00Z","duration":30}`},
		{200, "", `{"meetings":[{"id":"7","agenda":"ref","start_time":"","created_at":"2026-12-01T01:00:00Z"}],"next_page_token":""}`},
		{200, "", `{"meetings":[],"next_page_token":"more"}`},
		{200, "", `{"id":"u1","type":2,"email":"` + secretTopic + `","in_meeting":{"meeting_summary_with_ai_companion":{"auto_enable":true}}}`},
		{204, "", ``},
		{400, "", `{"code":300,"message":"` + secretTopic + `","errors":[{"field":"` + secretTopic + `"}]}`},
		{401, "", `{"code":124}`}, {404, "", `{"code":3001}`},
		{429, "90", `{"code":429,"message":"daily"}`}, {429, "Tue, 01 Dec 2026 01:00:00 GMT", ``},
		{429, "9876543210987", ``}, {502, "1", `<html>` + secretTopic}, {200, "", `{"id":null}`}, {200, "", `[]`}, {200, "", "\xff"},
	} {
		f.Add(a.status-100, a.after, a.body)
	}
	f.Fuzz(func(t *testing.T, status uint16, after, body string) {
		c := &zoom.Client{Base: "https://api.zoom.example", HTTP: &http.Client{
			Transport: wire{100 + int(status)%500, http.Header{"Retry-After": {after}}, body},
		}}
		if made, err := create(c, t); decides(t, err, after) && (made.ID == 0 || made.JoinURL == "") {
			t.Errorf("a meeting that nobody can join: %+v", made)
		}
		if found, err := c.Get(t.Context(), 7); decides(t, err, after) && found.ID == 0 {
			t.Errorf("found no meeting: %+v", found)
		}
		if found, err := c.Find(t.Context(), "ref"); decides(t, err, after) {
			for _, m := range found {
				if m.Reference() != "ref" {
					t.Errorf("found another's: %+v", m)
				}
			}
		}
		if user, err := c.User(t.Context()); decides(t, err, after) && (user.ID == "" || user.Type == 0) {
			t.Errorf("nobody: %+v", user)
		}
		_, err := c.Settings(t.Context())
		decides(t, err, after)
		decides(t, c.Update(t.Context(), 7, zoom.Change{}), after)
		decides(t, c.Delete(t.Context(), 7), after)
	})
}

// decides holds an error to be one that decides, and to repeat nothing of the answer.
// It reports whether there is none.
func decides(t *testing.T, err error, after string) bool {
	t.Helper()
	var (
		refused     *zoom.Refused
		limited     *zoom.RateLimited
		unavailable *zoom.Unavailable
	)
	switch {
	case err == nil:
		return true
	case errors.As(err, &limited):
		if limited.RetryAfter < 0 || isNumber(after) && limited.RetryAfter%time.Second != 0 {
			t.Errorf("asked with %q to be left alone, for %s", after, limited.RetryAfter)
		}
	case !errors.As(err, &refused) && !errors.As(err, &unavailable):
		t.Errorf("decides nothing: %T %v", err, err)
	}
	if strings.Contains(err.Error(), secretTopic) {
		t.Errorf("the error tells too much: %v", err)
	}
	return false
}

// FuzzSignature signs one request and sends another with that signature: it is taken
// if it is the same to the byte and of now, and else is not.
func FuzzSignature(f *testing.F) {
	const now = "1796000000"
	for _, s := range [][5]string{
		{"token", now, `{"event":"a"}`, now, `{"event":"a"}`},
		{"token", now, `{"event":"a"}`, now, `{"event":"b"}`},
		{"token", now, `x:y`, now + ":x", `y`},
		{"token", "+" + now, ``, now, ``},
		{"token", "0", ``, "0", ``},
		{"", "-9223372036854775808", "", "-9223372036854775808", ""},
		{"token", "x", "", "x", ""},
	} {
		f.Add(s[0], s[1], []byte(s[2]), s[3], []byte(s[4]))
	}
	at := time.Unix(1796000000, 0)
	f.Fuzz(func(t *testing.T, token, signedAt string, signed []byte, sentAt string, sent []byte) {
		if _, err := strconv.ParseInt(signedAt, 10, 64); err != nil {
			return // Zoom, who alone knows the token, signs numbers
		}
		err := zoom.Verify(token, sentAt, zoom.Sign(token, signedAt, signed), sent, at)
		same := signedAt == sentAt && string(signed) == string(sent)
		if err == nil && !same {
			t.Errorf("the signature of %q %q is taken for %q %q", signedAt, signed, sentAt, sent)
		}
		if unsigned := (*zoom.Unsigned)(nil); err != nil && !errors.As(err, &unsigned) {
			t.Errorf("%T %v", err, err)
		}
		if err != nil && same && sentAt == now {
			t.Errorf("Zoom's own request is refused: %v", err)
		}
		if zoom.Verify(token+"x", sentAt, zoom.Sign(token, sentAt, sent), sent, at) == nil {
			t.Error("signed with another token, and taken")
		}
	})
}

// isNumber reports whether a provider's Retry-After counts seconds.
func isNumber(after string) bool {
	_, err := strconv.ParseUint(after, 10, 64)
	return err == nil
}
