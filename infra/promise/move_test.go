package promise_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/fault"
)

const (
	updateMeeting = "zoom PATCH /v2/meetings/*"
	updateEvent   = "google PATCH /calendar/v3/calendars/*/events/*"
)

// moveTo asks for another time as the guest's page does.
func (s *system) moveTo(t *testing.T, r receipt, start string) answer {
	t.Helper()
	return call(t, "POST", s.Front+"/api/bookings/"+r.ID+"/reschedule", fmt.Sprintf(`{"start":%q}`, start), map[string]string{
		"Authorization": "Bearer " + r.Token, "Content-Type": "application/json",
	})
}

// another is an open slot on a later day than the one given.
func (s *system) another(t *testing.T, than slot) slot {
	t.Helper()
	for _, o := range s.slots(t) {
		if o.Start[:10] > than.Start[:10] {
			return o
		}
	}
	t.Fatal("no later slot is open")
	return slot{}
}

// stance is where a booking stands everywhere.
type stance struct {
	Booking, Meeting, Event string // starts, UTC
	Meetings, Events        int
	URL                     bool // the booking's is the live meeting's
	GuestMails, HostMails   []string
}

func (s *system) stance(t *testing.T, r receipt) stance {
	t.Helper()
	v := s.view(t, r)
	w := s.outside(t, r)
	at := stance{
		Booking: utc(t, v.Start), Meetings: w.Meetings, Events: w.Events, GuestMails: w.GuestMails, HostMails: w.HostMails,
	}
	for _, m := range s.meetings(t, r) {
		if !m.Deleted {
			at.Meeting, at.URL = utc(t, m.Start), m.JoinURL == v.JoinURL
		}
	}
	for _, e := range s.events(t, r) {
		if e.Live() {
			at.Event = utc(t, e.Start)
		}
	}
	return at
}

func utc(t *testing.T, text string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339)
}

// stands waits until the booking stands there, everywhere.
func (s *system) stands(t *testing.T, r receipt, want stance) {
	t.Helper()
	eventually(t, "the booking stands where it should", func() error {
		if diff := cmp.Diff(want, s.stance(t, r)); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
}

// at is a booking that stands at one time everywhere, and of which those mails were
// sent to both.
func at(start string, mails ...string) stance {
	return stance{Booking: start, Meeting: start, Event: start, Meetings: 1, Events: 1, URL: true, GuestMails: mails, HostMails: mails}
}

// Whatever fails on the way, a booking that is moved stands at one of the two times
// everywhere, and its slot is the only one that is not offered.
func TestEveryFaultOfAMoveEndsAtOneOfTheTwoTimes(t *testing.T) {
	s := start(t, hurried...)
	type outcome struct {
		faults []fault.Rule
		moves  bool
		mails  []string // to the guest; none: as to the host
	}
	var tests []outcome
	add := func(moves bool, faults ...fault.Rule) { tests = append(tests, outcome{faults: faults, moves: moves}) }
	add(true)
	for _, match := range []string{updateMeeting, updateEvent} {
		add(false, refusal(match, 1))
		add(true, unavailable(match))
		add(true, limited(match, "1"))
		for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.HTML} {
			add(true, once(match, k))
		}
		add(true, late(match))
	}
	add(false, refusal(sendMail, 1))
	add(true, unavailable(sendMail))
	tests = append(tests, outcome{[]fault.Rule{once(sendMail, fault.HangAfter)}, true, []string{confirmed, moved, moved}})
	for _, step := range []string{"meeting move", "event move", "mail moving", "meeting tidy", "mail moved"} {
		match := "lambda " + step
		add(true, fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusOK, Times: 2, Body: `{"errorType":"Runtime.ExitError","errorMessage":"exit status 2"}`})
		add(true, once(match, fault.HangBefore))
		add(true, once(match, fault.HangAfter))
	}
	// Compensations: the guest's mail is refused, and undoing meets trouble too.
	for _, step := range []string{"event restore", "meeting restore", "settle stay", "mail stayed"} {
		match := "lambda " + step
		add(false, refusal(sendMail, 1), once(match, fault.HangBefore))
		add(false, refusal(sendMail, 1), once(match, fault.HangAfter))
	}
	// The app may not update meetings: another takes the place.
	noScope := fault.Rule{Match: updateMeeting, Kind: fault.Error, Status: http.StatusBadRequest, Body: `{"code":4711,"message":"Invalid access token, does not contain scopes:[meeting:update:meeting]."}`}
	add(true, noScope)
	add(true, noScope, once(createMeeting, fault.HangAfter))
	add(true, noScope, unavailable(deleteMeeting))
	add(false, noScope, refusal(createMeeting, 1))
	add(false, noScope, refusal(updateEvent, 1))
	for _, test := range tests {
		name := ""
		for _, f := range test.faults {
			name += fmt.Sprintf("%s %s %d×%d, ", f.Match, f.Kind, f.Status, f.Times)
		}
		t.Run(name, func(t *testing.T) {
			r, from := s.booked(t)
			to := s.another(t, from)
			for _, f := range test.faults {
				s.fail(t, f)
			}
			for range 2 { // twice is quiet
				if a := s.moveTo(t, r, to.Start); a.Status != http.StatusAccepted {
					t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
				}
			}
			want := at(from.Start, confirmed, stayed)
			if test.moves {
				want = at(to.Start, confirmed, moved)
			}
			if test.mails != nil {
				want.GuestMails = test.mails
			}
			s.stands(t, r, want)
			if len(test.faults) > 0 && s.hits(t) == 0 {
				t.Error("no fault was met: the test shows nothing")
			}
			s.mend(t)
			eventually(t, "the other slot is open, and only it", func() error {
				if s.offers(t, from.Start) != test.moves || s.offers(t, to.Start) == test.moves {
					return fmt.Errorf("from offered %v, to offered %v", s.offers(t, from.Start), s.offers(t, to.Start))
				}
				return nil
			})
			s.cancel(t, r)
			s.becomes(t, r, world{GuestMails: append(want.GuestMails, cancelled), HostMails: append(want.HostMails, cancelled)})
		})
	}
}

func TestAfterAKillEveryMoveGoesOnByItself(t *testing.T) {
	s := start(t, hurried...)
	for _, match := range []string{updateMeeting, updateEvent, sendMail} {
		for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter} {
			t.Run(fmt.Sprint(match, " ", k), func(t *testing.T) {
				r, from := s.booked(t)
				to := s.another(t, from)
				s.fail(t, fault.Rule{Match: match, Kind: k})
				if a := s.moveTo(t, r, to.Start); a.Status != http.StatusAccepted {
					t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
				}
				s.killAtFault(t)
				s.run(t)
				want := at(to.Start, confirmed, moved)
				if match == sendMail && k == fault.HangAfter {
					want.GuestMails = []string{confirmed, moved, moved} // mail has no idempotency
				}
				s.stands(t, r, want)
			})
		}
	}
}

// Two moves at once: one wins, the other is told; nobody gets a slot that somebody
// else has.
func TestOfTwoMovesAtOnceOneWins(t *testing.T) {
	s := start(t, hurried...)
	r, from := s.booked(t)
	first := s.another(t, from)
	second := s.another(t, first)
	answers := make([]answer, 2)
	var both sync.WaitGroup
	for i, to := range []slot{first, second} {
		both.Go(func() { answers[i] = s.moveTo(t, r, to.Start) })
	}
	both.Wait()
	won := first
	if answers[0].Status != http.StatusAccepted {
		won, answers[0], answers[1] = second, answers[1], answers[0]
	}
	if answers[0].Status != http.StatusAccepted || answers[1].Status != http.StatusConflict {
		t.Fatalf("answers: %d %s, %d %s", answers[0].Status, answers[0].Body, answers[1].Status, answers[1].Body)
	}
	s.stands(t, r, at(won.Start, confirmed, moved))

	other := s.book(t, s.another(t, second).Start)
	taken := s.view(t, other)
	if a := s.moveTo(t, r, taken.Start); a.Status != http.StatusConflict {
		t.Errorf("to a slot that is taken: status %d, body %s", a.Status, a.Body)
	}
}
