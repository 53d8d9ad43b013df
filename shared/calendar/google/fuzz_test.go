package google_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
)

// wire is a transport that answers everything alike.
type wire struct {
	status int
	header http.Header
	body   string
}

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

// FuzzAnswer gives any answer to each call: what comes of it is one of the errors
// that decide, or what was asked for. No busy time goes missing on the way.
func FuzzAnswer(f *testing.F) {
	for _, a := range []struct {
		status      uint16
		after, body string
	}{
		{200, "", `{"calendars":{"` + secret + `":{"busy":[{"start":"2026-12-02T01:00:00Z","end":"2026-12-02T02:00:00+09:00"},{"start":"2026-12-02T01:00:00Z","end":"2026-12-02T03:00:00Z"}]}}}`},
		{200, "", `{"calendars":{"` + secret + `":{"errors":[{"reason":"notFound"}]}}}`},
		{200, "", `{"id":"` + event.ID + `","iCalUID":"u","status":"confirmed","htmlLink":"https://calendar.example","start":{"date":"2026-12-02"},"end":{"dateTime":"x"}}`},
		{200, "", `{"id":"` + event.ID + `","status":"cancelled","extendedProperties":{"private":{"booking":"bk_1"}}}`},
		{200, "", `{"items":[{"id":"a","summary":"b","accessRole":"owner"}],"nextPageToken":"more"}`},
		{200, "", `{"items":[{"id":""}],"nextSyncToken":"mark","id":"c","resourceId":"r","expiration":"1796000000000"}`},
		{204, "", ``},
		{403, "5", refusal(403, "rateLimitExceeded")}, {429, "Tue, 01 Dec 2026 01:00:00 GMT", refusal(429, "quotaExceeded")},
		{403, "", refusal(403, secret)}, {404, "", refusal(404, "notFound")}, {409, "", refusal(409, "duplicate")}, {410, "", ``},
		{429, "9876543210987", ``}, {502, "", `<html>` + secret}, {200, "", `null`}, {200, "", "\xff"},
	} {
		f.Add(a.status-100, a.after, a.body)
	}
	f.Fuzz(func(t *testing.T, status uint16, after, body string) {
		c := &google.Client{Base: "https://www.google.example", HTTP: &http.Client{
			Transport: wire{100 + int(status)%500, http.Header{"Retry-After": {after}}, body},
		}}
		busy, err := c.Busy(t.Context(), []string{secret}, from, from.Add(time.Hour))
		if decides(t, err, after) {
			for _, at := range busy {
				if at.Start.IsZero() || at.End.Before(at.Start) {
					t.Errorf("busy from %s to %s", at.Start, at.End)
				}
			}
		}
		if written, err := c.Insert(t.Context(), secret, event); decides(t, err, after) && (written.ID != event.ID || written.UID == "") {
			t.Errorf("written: %+v", written)
		}
		if found, ok, err := c.Find(t.Context(), secret, event.ID); decides(t, err, after) && ok && (found.ID != event.ID || found.UID == "") {
			t.Errorf("found: %+v", found)
		}
		decides(t, c.Update(t.Context(), secret, event.ID, event), after)
		decides(t, c.Delete(t.Context(), secret, event.ID), after)
		if all, err := c.Calendars(t.Context()); decides(t, err, after) {
			for _, one := range all {
				if one.ID == "" {
					t.Errorf("a calendar of no name: %+v", one)
				}
			}
		}
		if channel, err := c.Watch(t.Context(), secret, calendar.Channel{Address: "https://us.example", Token: "t"}); decides(t, err, after) && (channel.Resource == "" || channel.Token != "t") {
			t.Errorf("watched: %+v", channel)
		}
		for _, mark := range []string{"", "mark"} {
			if _, next, err := c.Changes(t.Context(), secret, mark, from); decides(t, err, after) && next == "" {
				t.Error("the changes lead to no mark")
			}
		}
	})
}

// decides holds an error to be one that decides, and to repeat nothing of the answer.
// It reports whether there is none.
func decides(t *testing.T, err error, after string) bool {
	t.Helper()
	var (
		refused     *google.Refused
		limited     *google.RateLimited
		unavailable *google.Unavailable
		unreadable  *google.Unreadable
		taken       *google.IDTaken
		spent       *calendar.MarkSpent
	)
	switch {
	case err == nil:
		return true
	case errors.As(err, &limited):
		if limited.RetryAfter < 0 || isNumber(after) && limited.RetryAfter%time.Second != 0 {
			t.Errorf("asked with %q to be left alone, for %s", after, limited.RetryAfter)
		}
	case !errors.As(err, &refused) && !errors.As(err, &unavailable) && !errors.As(err, &unreadable) && !errors.As(err, &taken) && !errors.As(err, &spent):
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
