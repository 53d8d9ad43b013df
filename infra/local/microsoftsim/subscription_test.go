package microsoftsim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/shared/calendar"
	vendor "yakusoku/shared/calendar/microsoft"
)

// notice is a notification, as far as the tests read it.
type notice struct {
	SubscriptionID string `json:"subscriptionId"`
	ClientState    string `json:"clientState"`
	ChangeType     string `json:"changeType"`
	LifecycleEvent string `json:"lifecycleEvent"`
}

// listener proves that its address is the client's and takes notifications. It
// answers the first of them with what it is told to.
func listener(t *testing.T, answers ...int) (address string, heard <-chan notice) {
	t.Helper()
	notices := make(chan notice, 50)
	next := make(chan int, len(answers))
	for _, status := range answers {
		next <- status
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := r.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, token)
			return
		}
		var body struct {
			Value []notice `json:"value"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		for _, n := range body.Value {
			notices <- n
		}
		select {
		case status := <-next:
			w.WriteHeader(status)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, notices
}

func hear(t *testing.T, heard <-chan notice) notice {
	t.Helper()
	select {
	case n := <-heard:
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("no notification")
	}
	return notice{}
}

// startNow starts the simulator at the client's own time, which asks for a life
// from now on.
func startNow(t *testing.T, state *journal.Journal) microsoft {
	t.Helper()
	m := start(t, state)
	m.clock.advance(-time.Until(m.clock.now()))
	return m
}

// watch subscribes to the host's default calendar.
func (m microsoft) watch(t *testing.T, client *vendor.Client, address string) calendar.Channel {
	t.Helper()
	made, err := client.Watch(t.Context(), m.defaultCalendar(t, host), calendar.Channel{Address: address, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (m microsoft) lunch(t *testing.T, calendarID string) microsoftsim.EventState {
	t.Helper()
	e, err := m.AddEvent(host, calendarID, json.RawMessage(`{"subject":"昼食",
		"start":{"dateTime":"2026-12-02T12:00:00","timeZone":"Asia/Tokyo"},"end":{"dateTime":"2026-12-02T13:00:00","timeZone":"Asia/Tokyo"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhoSubscribesToACalendarHearsOfEachChange(t *testing.T) {
	m := startNow(t, nil)
	client := m.clientOf(t, host)
	address, heard := listener(t)
	made := m.watch(t, client, address)
	if life := made.Expires.Sub(m.clock.now()); made.ID == "" || life < 69*time.Hour || life > 4230*time.Minute {
		t.Errorf("made %+v for %s", made, life)
	}
	expect := func(change string) {
		t.Helper()
		if diff := cmp.Diff(notice{SubscriptionID: made.ID, ClientState: "secret", ChangeType: change}, hear(t, heard)); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	}
	lunch := m.lunch(t, "")
	expect("created")
	written, err := client.Insert(t.Context(), m.defaultCalendar(t, host), appointment(0))
	if err != nil {
		t.Fatal(err)
	}
	expect("created")
	if err := client.Update(t.Context(), "", written.ID, appointment(0)); err != nil {
		t.Fatal(err)
	}
	expect("updated")
	if err := client.Delete(t.Context(), "", calendar.Reference{Held: written.ID}); err != nil {
		t.Fatal(err)
	}
	expect("deleted")
	if err := m.RemoveEvent(lunch.ID); err != nil {
		t.Fatal(err)
	}
	expect("deleted")

	m.lunch(t, m.calendars(t)[1].ID) // another calendar
	for range 2 {                    // the second time it has ended
		if err := client.Unwatch(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	m.lunch(t, "")
	if n := len(m.Subscriptions()); n > 0 || len(heard) > 0 {
		t.Errorf("%d subscriptions, %d notifications", n, len(heard))
	}
}

func TestANotificationIsRepeatedUntilItIsTaken(t *testing.T) {
	m := startNow(t, nil)
	address, heard := listener(t, 503, 429)
	m.watch(t, m.clientOf(t, host), address)
	m.lunch(t, "")
	for range 3 {
		hear(t, heard)
	}
}

func TestNewsOfTheSubscriptionItself(t *testing.T) {
	for event, left := range map[string]int{"missed": 1, "reauthorizationRequired": 1, "subscriptionRemoved": 0} {
		t.Run(event, func(t *testing.T) {
			m := startNow(t, nil)
			address, heard := listener(t)
			made := m.watch(t, m.clientOf(t, host), address)
			if err := m.Lifecycle(event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(notice{SubscriptionID: made.ID, ClientState: "secret", LifecycleEvent: event}, hear(t, heard)); diff != "" {
				t.Errorf("heard (-want +got):\n%s", diff)
			}
			if n := len(m.Subscriptions()); n != left {
				t.Errorf("%d subscriptions are left", n)
			}
		})
	}
}

func TestASubscriptionEndsWithItsTimeAndWithTheGrant(t *testing.T) {
	tests := map[string]func(microsoft) error{
		"time":  func(m microsoft) error { m.clock.advance(3 * 24 * time.Hour); return nil },
		"grant": func(m microsoft) error { _, err := m.EndGrant(host, 0); return err },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			m := startNow(t, nil)
			address, heard := listener(t)
			m.watch(t, m.clientOf(t, host), address)
			if err := end(m); err != nil {
				t.Fatal(err)
			}
			m.lunch(t, "")
			if n := len(m.Subscriptions()); n > 0 || len(heard) > 0 {
				t.Errorf("%d subscriptions, %d notifications", n, len(heard))
			}
		})
	}
}

func TestNotEverySubscriptionIsMade(t *testing.T) {
	m := startNow(t, nil)
	client := m.clientOf(t, host)
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html") // what proves nothing
		_, _ = fmt.Fprint(w, r.URL.Query().Get("validationToken"))
	}))
	t.Cleanup(deaf.Close)
	address, _ := listener(t)
	tests := []struct{ name, calendar, address, reason string }{
		{"no TLS", m.defaultCalendar(t, host), "http://yakusoku.example/api/webhooks/microsoft", "ExtensionError"},
		{"an address that does not answer as it should", m.defaultCalendar(t, host), deaf.URL, "ValidationError"},
		{"no such calendar", "AAMkAnother=", address, "ErrorItemNotFound"},
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

func TestSubscriptionsSurviveAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "microsoft.jsonl")
	open := func() *journal.Journal {
		j, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.Close() })
		return j
	}
	before := startNow(t, open())
	address, heard := listener(t)
	before.watch(t, before.clientOf(t, host), address)
	before.lunch(t, "")
	hear(t, heard)
	after := startNow(t, open())
	if diff := cmp.Diff(before.Subscriptions(), after.Subscriptions()); diff != "" {
		t.Errorf("subscriptions (-before +after):\n%s", diff)
	}
	after.lunch(t, "")
	hear(t, heard)
}
