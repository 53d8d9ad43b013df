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
	"github.com/google/go-cmp/cmp"
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

func (s outlook) microsoftState(t *testing.T) microsoftsim.State {
	t.Helper()
	var state microsoftsim.State
	call(t, "GET", s.Microsoft+"/_state", "", nil).into(t, &state)
	return state
}

// entries are the booking's events at Microsoft, deleted ones too.
func (s outlook) entries(t *testing.T, r receipt) []microsoftsim.EventState {
	t.Helper()
	var own []microsoftsim.EventState
	for _, e := range s.microsoftState(t).Events {
		if e.Booking == r.ID {
			own = append(own, e)
		}
	}
	return own
}

// becomes waits until the world outside is as wanted, the events of it being at
// Microsoft and none at Google.
func (s outlook) becomes(t *testing.T, r receipt, want world) {
	t.Helper()
	eventually(t, "the world agrees with the booking", func() error {
		got := s.outside(t, r)
		if got.Events != 0 {
			return fmt.Errorf("%d events at Google", got.Events)
		}
		for _, e := range s.entries(t, r) {
			if !e.Deleted {
				got.Events++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("outside (-want +got):\n%s", diff)
		}
		return nil
	})
}

// outlookRefusal is Microsoft's way of saying that it will not, ever.
func outlookRefusal(match string, times int) fault.Rule {
	return fault.Rule{
		Match: match, Kind: fault.Error, Status: http.StatusForbidden, Times: times,
		Body: `{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`,
	}
}

func TestABookingIsWrittenIntoOutlook(t *testing.T) {
	s := startOutlook(t)
	slot := s.open(t)
	r := s.book(t, slot.Start)
	v := s.settled(t, r)
	if v.Status != "confirmed" {
		t.Fatalf("settled as %s %s", v.Status, v.Reason)
	}
	s.becomes(t, r, everywhere)
	entry := s.entries(t, r)[0]
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

func TestEveryFaultOfOutlookEndsInOneOfTheTwoStates(t *testing.T) {
	s := startOutlook(t, hurried...)
	type outcome struct {
		status, reason string
		want           world
		forgetful      bool // Microsoft forgets which calls it has seen
		faults         []fault.Rule
	}
	taken := outcome{status: "confirmed", want: everywhere}
	left := outcome{status: "failed", reason: "calendar_failed", want: nowhere}
	// SES refuses the letter itself, for good.
	badLetter := fault.Rule{
		Match: sendMail, Kind: fault.Error, Status: http.StatusBadRequest, Times: 1, Body: `{"message":"Invalid domain name"}`,
		Header: map[string]string{"X-Amzn-ErrorType": "MessageRejected"},
	}
	undone := outcome{status: "failed", reason: "mail_failed", want: nowhere}
	var tests []outcome
	add := func(o outcome, faults ...fault.Rule) {
		o.faults = faults
		tests = append(tests, o)
	}
	forgetting := func(o outcome) outcome {
		o.forgetful = true
		return o
	}

	// The insert: refused, unavailable, and every way to lose its answer, the
	// effect having come about or not.
	add(left, outlookRefusal(insertOutlook, 1))
	add(taken, unavailable(insertOutlook))
	add(taken, limited(insertOutlook, "1"))
	add(taken, limited(insertOutlook, ""))
	for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.HTML} {
		add(taken, once(insertOutlook, k))
		add(forgetting(taken), once(insertOutlook, k))
	}
	add(taken, late(insertOutlook))
	add(left, late(insertOutlook), outlookRefusal(insertOutlook, 1))
	// An effect that nobody was told of, and trouble in finding it again.
	add(taken, once(insertOutlook, fault.HangAfter), unavailable(findOutlook))
	add(taken, once(insertOutlook, fault.HangAfter), once(findOutlook, fault.HTML))
	add(left, once(insertOutlook, fault.HangAfter), outlookRefusal(findOutlook, 1))
	// Undoing: the guest's mail is refused, and the entry must go.
	add(undone, badLetter, unavailable(deleteOutlook))
	for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter, fault.ResetAfter, fault.HTML} {
		add(undone, badLetter, once(deleteOutlook, k))
	}
	// The function itself dies, with the effect and without.
	add(forgetting(taken), once("lambda event create", fault.HangAfter))
	add(taken, once("lambda event create", fault.HangBefore))

	for _, test := range tests {
		var names []string
		for _, f := range test.faults {
			names = append(names, fmt.Sprintf("%s %s %d×%d", f.Match, f.Kind, f.Status, f.Times))
		}
		name := strings.Join(names, ", ")
		if test.forgetful {
			name += ", forgetting"
		}
		t.Run(name, func(t *testing.T) {
			slot := s.open(t)
			for _, f := range test.faults {
				s.fail(t, f)
			}
			r := s.book(t, slot.Start)
			v := s.until(t, r, test.forgetful)
			if v.Status != test.status || v.Reason != test.reason {
				t.Errorf("settled as %s %s, want %s %s", v.Status, v.Reason, test.status, test.reason)
			}
			s.landed(t)
			s.becomes(t, r, test.want)
			if s.hits(t) == 0 {
				t.Error("no fault was met: the test shows nothing")
			}
			s.mend(t)
			if got, want := s.offers(t, slot.Start), test.status == "failed"; got != want {
				t.Errorf("the slot is offered: %v, want %v", got, want)
			}
		})
	}
}

// until waits for the booking to settle, with Microsoft forgetting all the while
// if it is forgetful.
func (s outlook) until(t *testing.T, r receipt, forgetful bool) view {
	t.Helper()
	var v view
	eventually(t, "the booking settles", func() error {
		if forgetful {
			call(t, "POST", s.Microsoft+"/_forget", "", nil)
		}
		if v = s.view(t, r); v.Status == "pending" {
			return fmt.Errorf("it is pending: %+v", v.Steps)
		}
		return nil
	})
	return v
}

func TestABusyOutlookIsSeenAtSubmissionOrBeforeTheEvent(t *testing.T) {
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
