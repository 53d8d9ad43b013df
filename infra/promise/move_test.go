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

// mayNotUpdate is Zoom's answer to an app without that scope.
var mayNotUpdate = fault.Rule{
	Match: updateMeeting, Kind: fault.Error, Status: http.StatusBadRequest,
	Body: `{"code":4711,"message":"Invalid access token, does not contain scopes:[meeting:update:meeting]."}`,
}

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
	for _, e := range s.entries(t, r) {
		at.Event = utc(t, e.Start)
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
	t.Parallel()
	type outcome struct {
		faults                []fault.Rule
		stays                 bool
		guestTwice, hostTwice bool
	}
	cases := atEachDesk(t, func(t *testing.T, d desk) int {
		tests := []outcome{{}}
		moves := func(all ...[]fault.Rule) {
			for _, faults := range all {
				tests = append(tests, outcome{faults: faults})
			}
		}
		stays := func(faults ...fault.Rule) { tests = append(tests, outcome{faults: faults, stays: true}) }
		for _, match := range []string{updateMeeting, d.updateEvent} {
			moves(insisting(match)...)
			stays(refusal(match, 1))
			// The effect came, or comes yet, and the move is given up: it is taken back.
			stays(once(match, fault.HangAfter), refusal(match, 1))
			stays(late(match), refusal(match, 1))
		}
		moves([]fault.Rule{unavailable(updateMeeting), unavailable(d.updateEvent), unavailable(sendMail)})
		stays(refusal(sendMail, 1))
		for toHost := range 2 {
			for _, r := range []fault.Rule{unavailable(sendMail), limited(sendMail, "1"), once(sendMail, fault.HangBefore)} {
				r.After = toHost
				moves([]fault.Rule{r})
			}
			for _, r := range unanswering(sendMail) {
				r.After = toHost
				tests = append(tests, outcome{[]fault.Rule{r}, false, toHost == 0, toHost == 1})
			}
		}
		for _, step := range []string{"meeting move", "event move", "mail moving", "meeting tidy", "mail moved"} {
			moves(failing(step)...)
		}
		moves([]fault.Rule{{Match: "stepfunctions POST /StartExecution", Kind: fault.Error, Status: http.StatusServiceUnavailable, Body: "{}", Times: 1}})
		// Compensations: the guest's mail is refused, and undoing meets trouble too.
		for _, step := range []string{"event restore", "meeting restore", "settle stay", "mail stayed"} {
			for _, faults := range failing(step) {
				stays(append(faults, refusal(sendMail, 1))...)
			}
		}
		for _, match := range []string{updateMeeting, d.updateEvent} {
			for _, restoring := range passing(match) {
				restoring[0].After = 1
				stays(append(restoring, refusal(sendMail, 1))...)
			}
		}
		// The app may not update meetings: another takes the place.
		moves([]fault.Rule{mayNotUpdate})
		for _, match := range []string{createMeeting, deleteMeeting} {
			for _, faults := range passing(match) {
				if match == createMeeting {
					faults = faults[:1] // one that came about is found, and not made again
				}
				moves(append(faults, mayNotUpdate))
			}
		}
		stays(mayNotUpdate, refusal(createMeeting, 1))
		stays(mayNotUpdate, refusal(d.updateEvent, 1))
		stays(mayNotUpdate, refusal(sendMail, 1))
		tests = sample(tests)
		d.tryEach(t, len(tests), func(i int) string { return nameOf(tests[i].faults...) }, func(t *testing.T, tr *trial, i int) {
			test := tests[i]
			tr.stand(t)
			tr.meets(t, test.faults...)
			for range 2 { // twice is quiet
				if a := tr.moveTo(t, tr.receipt, tr.to.Start); a.Status != http.StatusAccepted {
					t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
				}
			}
			tr.rests(t, tr.receipt)
			tr.met(t)
			want, came, free := at(tr.to.Start, confirmed, moved), tr.to, tr.from
			want.GuestMails, want.HostMails = tells(moved, test.guestTwice), tells(moved, test.hostTwice)
			if test.stays {
				want, came, free = at(tr.from.Start, confirmed, stayed), tr.from, tr.to
			}
			tr.stands(t, tr.receipt, want)
			if tr.offers(t, came.Start) || !tr.offers(t, free.Start) {
				t.Errorf("%s is offered: %v; %s: %v", came.Start, tr.offers(t, came.Start), free.Start, tr.offers(t, free.Start))
			}
			tr.cancel(t, tr.receipt)
			tr.rests(t, tr.receipt)
			tr.becomes(t, tr.receipt, world{GuestMails: append(want.GuestMails, cancelled), HostMails: append(want.HostMails, cancelled)})
		})
		return len(tests)
	}, hurried...)
	figure(t, "faults.move", cases)
}

// Two moves at once: one wins, the other is told; nobody gets a slot that somebody
// else has.
func TestOfTwoMovesAtOnceOneWins(t *testing.T) {
	t.Parallel()
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
