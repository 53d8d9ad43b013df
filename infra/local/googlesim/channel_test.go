package googlesim_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/calendar"
	vendor "yakusoku/shared/calendar/google"
)

// listener takes notifications and answers the first with what it is told to.
func listener(t *testing.T, answers ...int) (address string, heard <-chan http.Header) {
	t.Helper()
	headers := make(chan http.Header, 20)
	next := make(chan int, len(answers))
	for _, status := range answers {
		next <- status
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		select {
		case status := <-next:
			w.WriteHeader(status)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, headers
}

// hear waits for a notification of that state.
func hear(t *testing.T, heard <-chan http.Header, state string) http.Header {
	t.Helper()
	for {
		select {
		case h := <-heard:
			if h.Get("X-Goog-Resource-State") == state {
				return h
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no notification %q", state)
		}
	}
}

func silent(t *testing.T, heard <-chan http.Header, g google) {
	t.Helper()
	for _, c := range g.State().Channels {
		t.Errorf("channel %s is open", c.ID)
	}
	for len(heard) > 0 {
		if h := <-heard; h.Get("X-Goog-Resource-State") != "sync" {
			t.Errorf("notified: %v", h)
		}
	}
}

func lunch() map[string]any {
	return map[string]any{
		"start": map[string]any{"dateTime": "2026-12-02T12:00:00+09:00"},
		"end":   map[string]any{"dateTime": "2026-12-02T13:00:00+09:00"},
	}
}

func TestWhoWatchesACalendarHearsOfEachChange(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	address, heard := listener(t)
	opened, err := client.Watch(t.Context(), "primary", calendar.Channel{Address: address, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if got := opened.Expires.Sub(now); opened.ID == "" || opened.Resource == "" || opened.Token != "secret" || got != 7*24*time.Hour {
		t.Errorf("opened %+v for %s", opened, got)
	}
	hear(t, heard, "sync")

	by := map[string]func() error{
		"the host's new event": func() error { _, err := g.AddEvent(host, "primary", lunch()); return err },
		"our event":            func() error { _, err := client.Insert(t.Context(), "primary", appointment(0)); return err },
		"our event's change": func() error {
			return client.Update(t.Context(), "primary", appointment(0).ID, appointment(0))
		},
		"our event's end": func() error { return client.Delete(t.Context(), "primary", appointment(0).ID) },
		"the host's deletion": func() error {
			for _, e := range g.State().Events {
				if e.ByHost {
					return g.RemoveEvent(host, "primary", e.ID)
				}
			}
			return errors.New("there is none")
		},
	}
	for _, what := range []string{"the host's new event", "our event", "our event's change", "our event's end", "the host's deletion"} {
		if err := by[what](); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		h := hear(t, heard, "exists")
		if h.Get("X-Goog-Channel-ID") != opened.ID || h.Get("X-Goog-Channel-Token") != "secret" || h.Get("X-Goog-Resource-ID") != opened.Resource {
			t.Errorf("%s: %v", what, h)
		}
	}
	calendars, err := client.Calendars(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.AddEvent(host, calendars[1].ID, lunch()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it has ended
		if err := client.Unwatch(t.Context(), opened); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.AddEvent(host, "primary", lunch()); err != nil {
		t.Fatal(err)
	}
	silent(t, heard, g)
}

func TestANotificationIsRepeatedUntilItIsTaken(t *testing.T) {
	g := start(t, nil)
	address, heard := listener(t, 503, 500)
	if _, err := g.vendorClient(t).Watch(t.Context(), "primary", calendar.Channel{Address: address}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		hear(t, heard, "sync")
	}
}

func TestAChannelEndsWithItsTimeAndWithTheGrant(t *testing.T) {
	tests := map[string]func(google) error{
		"time":  func(g google) error { g.clock.advance(7 * 24 * time.Hour); return nil },
		"grant": func(g google) error { _, err := g.EndGrant(host); return err },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			g := start(t, nil)
			address, heard := listener(t)
			if _, err := g.vendorClient(t).Watch(t.Context(), "primary", calendar.Channel{Address: address}); err != nil {
				t.Fatal(err)
			}
			hear(t, heard, "sync")
			if err := end(g); err != nil {
				t.Fatal(err)
			}
			if _, err := g.AddEvent(host, "primary", lunch()); err != nil {
				t.Fatal(err)
			}
			silent(t, heard, g)
		})
	}
}

func TestNotEveryChannelIsOpened(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	tests := []struct{ name, calendar, address, reason string }{
		{"no TLS", "primary", "http://yakusoku.example/api/webhooks/google", ""},
		{"a calendar of Google's", "ja.japanese#holiday@group.v.calendar.google.com", "https://yakusoku.example/", "pushNotSupportedForRequestedResource"},
		{"no such calendar", "nobody@example.com", "https://yakusoku.example/", "notFound"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.Watch(t.Context(), test.calendar, calendar.Channel{Address: test.address})
			if refused, ok := errors.AsType[*vendor.Refused](err); !ok || refused.Reason != test.reason {
				t.Errorf("watched: %v", err)
			}
		})
	}
}

func TestChangesAreToldSinceAMark(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	from := now
	ask := func(mark string) (bool, string) {
		t.Helper()
		changed, next, err := client.Changes(t.Context(), "primary", mark, from)
		if err != nil {
			t.Fatal(err)
		}
		return changed, next
	}
	if _, err := g.AddEvent(host, "primary", lunch()); err != nil {
		t.Fatal(err)
	}
	_, first := ask("")
	if changed, _ := ask(first); changed {
		t.Error("nothing happened, and something changed")
	}
	if err := g.RemoveEvent(host, "primary", g.State().Events[0].ID); err != nil {
		t.Fatal(err)
	}
	changed, second := ask(first)
	if !changed {
		t.Error("a deleted event is no change")
	}
	if changed, _ := ask(second); changed {
		t.Error("it is told twice")
	}
	g.SpendSyncTokens()
	_, _, err := client.Changes(t.Context(), "primary", second, from)
	if spent := (*calendar.MarkSpent)(nil); !errors.As(err, &spent) {
		t.Errorf("a spent mark: %v", err)
	}
	if changed, third := ask(""); third == "" || changed {
		t.Errorf("from the start: %t %q", changed, third)
	}
}

func TestChannelsAndMarksSurviveAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "google.jsonl")
	before := start(t, openJournal(t, path))
	address, heard := listener(t)
	client := before.vendorClient(t)
	if _, err := client.Watch(t.Context(), "primary", calendar.Channel{Address: address, Token: "secret"}); err != nil {
		t.Fatal(err)
	}
	if _, err := before.AddEvent(host, "primary", lunch()); err != nil {
		t.Fatal(err)
	}
	_, mark, err := client.Changes(t.Context(), "primary", "", now)
	if err != nil {
		t.Fatal(err)
	}
	hear(t, heard, "exists")
	after := start(t, openJournal(t, path))
	if diff := cmp.Diff(before.State().Channels, after.State().Channels); diff != "" {
		t.Errorf("channels (-before +after):\n%s", diff)
	}
	changed, _, err := after.vendorClient(t).Changes(t.Context(), "primary", mark, now)
	if err != nil || changed {
		t.Errorf("changed: %t, %v", changed, err)
	}
	if _, err := after.AddEvent(host, "primary", lunch()); err != nil {
		t.Fatal(err)
	}
	hear(t, heard, "exists")
}

func TestHostsEventsCountAsGoogleCountsThem(t *testing.T) {
	at := func(start, end string, more map[string]any) map[string]any {
		e := map[string]any{
			"start": map[string]any{"dateTime": start, "timeZone": "America/New_York"},
			"end":   map[string]any{"dateTime": end, "timeZone": "America/New_York"},
		}
		for k, v := range more {
			e[k] = v
		}
		return e
	}
	me := func(status string) map[string]any {
		return map[string]any{"attendees": []any{map[string]any{"email": host, "self": true, "responseStatus": status}}}
	}
	dates := map[string]any{"start": map[string]any{"date": "2026-12-24"}, "end": map[string]any{"date": "2026-12-25"}}
	tests := []struct {
		name  string
		event map[string]any
		want  []string // starts, UTC
	}{
		{"declined", at("2026-12-02T10:00:00-05:00", "2026-12-02T11:00:00-05:00", me("declined")), nil},
		{"accepted", at("2026-12-02T10:00:00-05:00", "2026-12-02T11:00:00-05:00", me("accepted")), []string{"2026-12-02T15:00:00Z"}},
		{"maybe", at("2026-12-02T10:00:00-05:00", "2026-12-02T11:00:00-05:00", me("tentative")), []string{"2026-12-02T15:00:00Z"}},
		{"tentative", at("2026-12-02T10:00:00-05:00", "2026-12-02T11:00:00-05:00", map[string]any{"status": "tentative"}), []string{"2026-12-02T15:00:00Z"}},
		{"free", at("2026-12-02T10:00:00-05:00", "2026-12-02T11:00:00-05:00", map[string]any{"transparency": "transparent"}), nil},
		{"all day, in the calendar's zone", dates, []string{"2026-12-23T15:00:00Z"}},
		{
			"weekly over a clock change, once left out",
			at("2027-03-03T10:00:00-05:00", "2027-03-03T11:00:00-05:00", map[string]any{"recurrence": []any{
				"RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=America/New_York:20270310T100000",
			}}),
			[]string{"2027-03-03T15:00:00Z", "2027-03-17T14:00:00Z", "2027-03-24T14:00:00Z"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, nil)
			if _, err := g.AddEvent(host, "primary", test.event); err != nil {
				t.Fatal(err)
			}
			busy, err := g.vendorClient(t).Busy(t.Context(), []string{"primary"}, now, now.AddDate(0, 6, 0))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range busy {
				got = append(got, b.Start.Format(time.RFC3339))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("busy from (-want +got):\n%s", diff)
			}
		})
	}
}
