package promise_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/infra/local/seed"
	"yakusoku/shared/connection"
	"yakusoku/shared/consent"
	"yakusoku/shared/page"
	"yakusoku/shared/vault"
)

// The promise of a page whose calendar is at Microsoft, which names events itself
// and may forget which calls it has seen.

const (
	insertOutlook = "microsoft POST /v1.0/me/calendars/*/events"
	findOutlook   = "microsoft GET /v1.0/me/events"
	updateOutlook = "microsoft PATCH /v1.0/me/events/*"
	deleteOutlook = "microsoft DELETE /v1.0/me/events/*"
	viewOutlook   = "microsoft GET /v1.0/me/calendars/*/calendarView"
)

// outlook is a running system whose demo page has its calendar at Microsoft.
type outlook struct {
	*system
	calendar string
}

func startOutlook(t *testing.T, options ...string) outlook {
	t.Helper()
	s := outlook{system: start(t, options...)}
	s.connect(t)
	s.calendar = s.microsoftState(t).Accounts[0].Calendars[0].ID
	books := s.books()
	for { // another write may come between
		p, version, err := books.Page(t.Context(), seed.Handle, "intro")
		if err != nil {
			t.Fatal(err)
		}
		at := page.CalendarRef{Provider: page.Microsoft, ID: s.calendar}
		p.Calendars.Write, p.Calendars.Check = at, []page.CalendarRef{at}
		if err = books.ReplacePage(t.Context(), p, version); err == nil {
			return s
		}
		if changed := (*page.Changed)(nil); !errors.As(err, &changed) {
			t.Fatal(err)
		}
	}
}

// connect is the demo host's connecting Microsoft.
func (s outlook) connect(t *testing.T) {
	t.Helper()
	var granted microsoftsim.Token
	call(t, "POST", s.Microsoft+"/_grant", fmt.Sprintf(`{"user":%q}`, seed.Email), nil).into(t, &granted)
	key, err := vault.Open(t.Context(), "file://"+filepath.Join(s.dir, "secrets", "vault.key"), aws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	token := &oauth2.Token{
		AccessToken: granted.AccessToken, RefreshToken: granted.RefreshToken, TokenType: "Bearer",
		Expiry: time.Now().Add(time.Duration(granted.ExpiresIn) * time.Second),
	}
	keeper := connection.Keeper{Vault: key}
	c, err := keeper.Seal(t.Context(), connection.Connection{
		Host: seed.Handle, Provider: connection.Microsoft, Status: connection.Connected, Scopes: strings.Fields(granted.Scope),
		ConnectedAt: time.Now().UTC(), CheckedAt: time.Now().UTC(),
	}, token)
	if err != nil {
		t.Fatal(err)
	}
	service := consent.Microsoft{APIBase: s.Microsoft}
	if missing := service.Missing(c.Scopes); missing != "" {
		t.Fatalf("the grant lacks %s", missing)
	}
	client := oauth2.NewClient(context.Background(), oauth2.StaticTokenSource(token))
	if c.Account, c.Warnings, err = service.Identify(t.Context(), client, "", token); err != nil {
		t.Fatal(err)
	}
	if err := s.books().Link(t.Context(), c, connection.Account{}); err != nil {
		t.Fatal(err)
	}
}

func (s *system) microsoftState(t *testing.T) microsoftsim.State {
	t.Helper()
	return look[microsoftsim.State](t, s, s.Microsoft+"/_state")
}

// outlookEvents are the booking's events at Microsoft, deleted ones too.
func (s *system) outlookEvents(t *testing.T, r receipt) []microsoftsim.EventState {
	t.Helper()
	var own []microsoftsim.EventState
	for _, e := range s.microsoftState(t).Events {
		if e.Booking == r.ID {
			own = append(own, e)
		}
	}
	return own
}

func TestABookingIsWrittenIntoOutlook(t *testing.T) {
	t.Parallel()
	s := startOutlook(t)
	slot := s.open(t)
	r := s.book(t, slot.Start)
	v := s.settled(t, r)
	if v.Status != "confirmed" {
		t.Fatalf("settled as %s %s", v.Status, v.Reason)
	}
	s.becomes(t, r, everywhere)
	entry := s.outlookEvents(t, r)[0]
	if entry.Calendar != s.calendar || entry.Location != v.JoinURL || !strings.Contains(entry.Body, v.JoinURL) || !strings.Contains(entry.Body, r.guest) {
		t.Errorf("the entry: %+v", entry)
	}
	if len(entry.Invited) != 0 {
		t.Errorf("Exchange has written to %v", entry.Invited)
	}
	at, err := time.Parse(time.RFC3339, entry.Start)
	if err != nil || at.UTC().Format(time.RFC3339) != slot.Start {
		t.Errorf("it starts at %s, not %s", entry.Start, slot.Start)
	}
	ics := call(t, "GET", s.Front+"/api/bookings/"+r.ID+"/invite.ics", "", map[string]string{"Authorization": "Bearer " + r.Token})
	if unfolded := strings.ReplaceAll(string(ics.Body), "\r\n ", ""); !strings.Contains(unfolded, "UID:"+entry.ICalUID) {
		t.Errorf("the .ics has not the entry's UID %s:\n%s", entry.ICalUID, ics.Body)
	}
}

// How long Microsoft remembers which events it made is not said: one that forgets at
// once, whatever befalls the answer, is written to once all the same.
func TestAForgetfulOutlookHasOneEventWhateverFails(t *testing.T) {
	t.Parallel()
	s := startOutlook(t, hurried...)
	var tests [][]fault.Rule
	for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.Cut, fault.HTML} {
		tests = append(tests, []fault.Rule{once(insertOutlook, k)})
	}
	tests = append(tests,
		[]fault.Rule{once("lambda event create", fault.HangAfter)},
		[]fault.Rule{once(insertOutlook, fault.HangAfter), unavailable(findOutlook)},
		[]fault.Rule{once(insertOutlook, fault.HangAfter), once(findOutlook, fault.HTML)},
		// It cannot be found again: the booking is given up, and nothing is left.
		[]fault.Rule{once(insertOutlook, fault.HangAfter), refusal(findOutlook, 1)},
	)
	for _, faults := range tests {
		t.Run(nameOf(faults...), func(t *testing.T) {
			slot := s.open(t)
			for _, f := range faults {
				s.fail(t, f)
			}
			r := s.book(t, slot.Start)
			status, want := "confirmed", everywhere
			if faults[len(faults)-1].Status == http.StatusForbidden {
				status, want = "failed", nowhere
			}
			if v := s.forgetting(t, r); v.Status != status {
				t.Errorf("settled as %s %s, want %s", v.Status, v.Reason, status)
			}
			s.becomes(t, r, want)
			if s.hits(t) == 0 {
				t.Error("no fault was met: the test shows nothing")
			}
			s.mend(t)
			if got, want := s.offers(t, slot.Start), status == "failed"; got != want {
				t.Errorf("the slot is offered: %v, want %v", got, want)
			}
		})
	}
}

// forgetting waits for the booking to settle, with Microsoft forgetting all the while.
func (s outlook) forgetting(t *testing.T, r receipt) view {
	t.Helper()
	var v view
	eventually(t, "the booking settles", func() error {
		call(t, "POST", s.Microsoft+"/_forget", "", nil)
		if v = s.view(t, r); v.Status == "pending" {
			return fmt.Errorf("it is pending: %+v", v.Steps)
		}
		return nil
	})
	return v
}

func TestABusyOutlookIsSeenAtSubmissionOrBeforeTheEvent(t *testing.T) {
	t.Parallel()
	s := startOutlook(t, hurried...)
	block := func(over slot) {
		t.Helper()
		utc := func(text string) string { return strings.TrimSuffix(text, "Z") }
		body := fmt.Sprintf(`{"user":%q,"event":{"subject":"外出","showAs":"oof","start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}}`,
			seed.Email, utc(over.Start), utc(over.End))
		if a := call(t, "POST", s.Microsoft+"/_events", body, nil); a.Status != http.StatusOK {
			t.Fatalf("block the calendar: status %d, body %s", a.Status, a.Body)
		}
	}
	t.Run("at submission", func(t *testing.T) {
		slot := s.open(t)
		block(slot)
		refused(t, s.system, "outlook-is-busy-1", submission(slot.Start, someone()), http.StatusConflict, "slot_taken")
	})
	t.Run("before the event", func(t *testing.T) {
		// Submitted while Outlook is silent, blocked while Zoom is: so it is there
		// when the event's turn comes.
		slot := s.open(t)
		s.fail(t, fault.Rule{Match: viewOutlook, Kind: fault.HangBefore})
		s.fail(t, fault.Rule{Match: createMeeting, Kind: fault.HangBefore})
		r := s.book(t, slot.Start)
		block(slot)
		s.mend(t)
		if v := s.settled(t, r); v.Status != "failed" || v.Reason != "slot_taken" {
			t.Errorf("settled as %s %s", v.Status, v.Reason)
		}
		s.becomes(t, r, nowhere)
	})
}

func TestADeadGrantAtMicrosoftClosesThePage(t *testing.T) {
	t.Parallel()
	s := startOutlook(t, hurried...)
	slot := s.open(t)
	call(t, "POST", s.Microsoft+"/_revoke", fmt.Sprintf(`{"user":%q}`, seed.Email), nil)
	a, err := s.submit(t.Context(), "the-grant-is-dead", submission(slot.Start, someone()))
	if err != nil {
		t.Fatal(err)
	}
	if a.Status == http.StatusAccepted { // seen by the step, then
		var r receipt
		a.into(t, &r)
		if v := s.settled(t, r); v.Status != "failed" || v.Reason != "host_disconnected" {
			t.Errorf("settled as %s %s", v.Status, v.Reason)
		}
	}
	refused(t, s.system, "another-guest-comes", submission(slot.Start, someone()), http.StatusServiceUnavailable, "not_accepting")
	for _, e := range s.microsoftState(t).Events {
		t.Errorf("an event is there: %+v", e)
	}
}
