package microsoft_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/microsoft"
)

// wire is a transport that answers everything alike, and keeps which hosts it was
// asked for.
type wire struct {
	status int
	header http.Header
	body   string
	hosts  map[string]bool
}

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.hosts[r.URL.Host] = true
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

// FuzzAnswer gives any answer to each call: what comes of it is one of the errors
// that decide, or what was asked for. Wherever a list says that it goes on, nobody but
// Graph is asked.
func FuzzAnswer(f *testing.F) {
	const at = `"start":{"dateTime":"2026-12-02T01:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"}`
	for _, a := range []struct {
		status      uint16
		after, body string
	}{
		{200, "", `{"value":[{` + at + `,"showAs":"busy","id":"AAk=","iCalUId":"u"}]}`},
		{200, "", `{"value":[{"start":{"dateTime":"2026-12-02T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-03T00:00:00","timeZone":"UTC"},"isAllDay":true,"originalStartTimeZone":"Tokyo Standard Time"}]}`},
		{200, "", `{"value":[{"start":{"dateTime":"2026-12-02T00:00:00","timeZone":"Tokyo Standard Time"}}]}`},
		{200, "", `{"value":[],"@odata.nextLink":"https://evil.example/v1.0/me/calendars?x"}`},
		{200, "", `{"value":[],"@odata.nextLink":"https://graph.example/v1.0//evil.example/"}`},
		{200, "", `{"value":[],"@odata.nextLink":"https://graph.example/v1.0/@evil.example"}`},
		{200, "", `{"id":"AAk=","iCalUId":"u","webLink":"https://outlook.example",` + at + `,"expirationDateTime":"2026-12-02T01:00:00Z"}`},
		{204, "", ``},
		{429, "5", refusal("ApplicationThrottled")}, {503, "Tue, 01 Dec 2026 01:00:00 GMT", ``},
		{403, "", refusal(secret)}, {404, "", refusal("ErrorItemNotFound")}, {409, "", refusal("ErrorDuplicateTransactionId")},
		{429, "9876543210987", ``}, {502, "", `<html>` + secret}, {200, "", `null`}, {200, "", "\xff"},
	} {
		f.Add(a.status-100, a.after, a.body)
	}
	f.Fuzz(func(t *testing.T, status uint16, after, body string) {
		hosts := map[string]bool{}
		c := &microsoft.Client{Base: "https://graph.example", HTTP: &http.Client{
			Transport: wire{100 + int(status)%500, http.Header{"Retry-After": {after}, "Request-Id": {body}}, body, hosts},
		}}
		asked := calendar.Interval{Start: from, End: from.Add(time.Hour)}
		if busy, err := c.Busy(t.Context(), []string{secret}, asked.Start, asked.End); decides(t, err, after) {
			for _, at := range busy {
				if at.End.Before(at.Start) || !at.Meets(asked) {
					t.Errorf("busy from %s to %s", at.Start, at.End)
				}
			}
		}
		again := event
		again.Repeated = true
		for _, e := range []calendar.Event{event, again} {
			if written, err := c.Insert(t.Context(), secret, e); decides(t, err, after) && (written.ID == "" || written.UID == "") {
				t.Errorf("written: %+v", written)
			}
		}
		for _, r := range []calendar.Reference{known, unknown} {
			if found, ok, err := c.Find(t.Context(), secret, r); decides(t, err, after) && ok && (found.ID == "" || found.UID == "") {
				t.Errorf("found: %+v", found)
			}
			decides(t, c.Delete(t.Context(), secret, r), after)
		}
		decides(t, c.Update(t.Context(), secret, secret, event), after)
		if all, err := c.Calendars(t.Context()); decides(t, err, after) {
			for _, one := range all {
				if one.ID == "" {
					t.Errorf("a calendar of no name: %+v", one)
				}
			}
		}
		if made, err := c.Watch(t.Context(), secret, calendar.Channel{Token: "t"}); decides(t, err, after) && (made.ID == "" || made.Expires.IsZero() || made.Token != "t") {
			t.Errorf("watched: %+v", made)
		}
		delete(hosts, "graph.example")
		if len(hosts) > 0 {
			t.Errorf("asked of others, with the host's token: %v", hosts)
		}
	})
}

// decides holds an error to be one that decides, and to repeat nothing of the answer.
// It reports whether there is none.
func decides(t *testing.T, err error, after string) bool {
	t.Helper()
	var (
		refused     *microsoft.Refused
		limited     *microsoft.RateLimited
		unavailable *microsoft.Unavailable
		taken       *microsoft.IDTaken
	)
	switch {
	case err == nil:
		return true
	case errors.As(err, &limited):
		if limited.RetryAfter < 0 || isNumber(after) && limited.RetryAfter%time.Second != 0 {
			t.Errorf("asked with %q to be left alone, for %s", after, limited.RetryAfter)
		}
	case !errors.As(err, &refused) && !errors.As(err, &unavailable) && !errors.As(err, &taken):
		t.Errorf("decides nothing: %T %v", err, err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error tells too much: %v", err)
	}
	return false
}

// isNumber reports whether a provider's Retry-After counts seconds.
func isNumber(after string) bool {
	_, err := strconv.ParseUint(after, 10, 64)
	return err == nil
}
