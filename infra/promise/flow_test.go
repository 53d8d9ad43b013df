package promise_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestABookingExistsEverywhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	slot := s.open(t)
	key, guest := rand.Text(), someone()
	body := submission(slot.Start, guest)

	begun := time.Now()
	first, err := s.submit(t.Context(), key, body)
	if err != nil {
		t.Fatal(err)
	}
	r := receipt{guest: guest}
	first.into(t, &r)
	if first.Status != http.StatusAccepted || first.Header.Get("Location") != "/api/bookings/"+r.ID || r.Status != "pending" {
		t.Fatalf("submit: status %d, Location %q, body %s", first.Status, first.Header.Get("Location"), first.Body)
	}
	v := s.settled(t, r)
	t.Logf("confirmed in %s", time.Since(begun).Round(time.Millisecond))
	if v.Status != "confirmed" || v.JoinURL == "" || v.Passcode == "" {
		t.Fatalf("settled as %+v", v)
	}
	for _, name := range []string{"hold", "meeting", "event", "mail"} {
		if got := v.step(name); got != "done" {
			t.Errorf("step %s is %s", name, got)
		}
	}

	s.becomes(t, r, everywhere)
	if m := s.meetings(t, r)[0]; m.JoinURL != v.JoinURL {
		t.Errorf("the guest is shown %s, and Zoom has %s", v.JoinURL, m.JoinURL)
	}
	if e := s.events(t, r)[0]; !strings.Contains(e.Description, v.JoinURL) {
		t.Errorf("the calendar entry lacks the Zoom URL: %q", e.Description)
	}
	toGuest, toHost := s.letters(t, r)
	for _, l := range append(toGuest, toHost...) {
		if !strings.Contains(l.Body.Text, v.JoinURL) || !strings.Contains(l.Body.HTML, "zoom.us/j/") {
			t.Errorf("the mail %q lacks the Zoom URL", l.Subject)
		}
		if strings.Contains(l.Body.Text+l.Body.HTML, s.meetings(t, r)[0].StartURL) {
			t.Errorf("the mail %q lets its reader in as the host", l.Subject)
		}
	}
	if s.offers(t, slot.Start) {
		t.Error("the slot is still offered")
	}

	again, err := s.submit(t.Context(), key, body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(first.Body), string(again.Body)); diff != "" || again.Status != first.Status {
		t.Errorf("the same submission again: status %d, body (-first +again):\n%s", again.Status, diff)
	}
	refused(t, s, key, submission(slot.Start, "other@example.com"), http.StatusConflict, "idempotency_key_reused")
	refused(t, s, rand.Text(), submission(slot.Start, "other@example.com"), http.StatusConflict, "slot_taken")
	s.becomes(t, r, everywhere)

	ics := call(t, "GET", s.Front+"/api/bookings/"+r.ID+"/invite.ics", "", map[string]string{"Authorization": "Bearer " + r.Token})
	if uid := s.events(t, r)[0].ICalUID; !strings.Contains(string(ics.Body), "UID:"+uid) {
		t.Errorf("the .ics has not the calendar event's UID %s:\n%s", uid, ics.Body)
	}
	for _, token := range []string{"", "wrong", r.Token + "x"} {
		a := call(t, "GET", s.Front+"/api/bookings/"+r.ID, "", map[string]string{"Authorization": "Bearer " + token})
		if a.Status != http.StatusUnauthorized && a.Status != http.StatusNotFound {
			t.Errorf("token %q: status %d", token, a.Status)
		}
	}
}

func refused(t *testing.T, s *system, key, body string, status int, code string) problem {
	t.Helper()
	a, err := s.submit(t.Context(), key, body)
	if err != nil {
		t.Fatal(err)
	}
	var p problem
	if a.Status != status || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("status %d, %s, body %s; want %d", a.Status, a.Header.Get("Content-Type"), a.Body, status)
	}
	a.into(t, &p)
	if p.Code != code || p.Detail == "" {
		t.Fatalf("problem %+v, want code %s", p, code)
	}
	return p
}

func TestABusyCalendarIsSeenAtSubmission(t *testing.T) {
	t.Parallel()
	s := start(t)
	slot := s.open(t)
	s.blockCalendar(t, slot)
	key := rand.Text()
	for range 2 {
		refused(t, s, key, submission(slot.Start, "same@example.com"), http.StatusConflict, "slot_taken")
	}
}
