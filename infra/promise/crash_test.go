package promise_test

import (
	"fmt"
	"testing"

	"yakusoku/infra/local/fault"
)

// Whatever dies in mid-saga, every booking ends in one of the two states by
// itself: nobody submits again, sweep finds it.
func TestAfterAKillEveryBookingSettlesByItself(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	for _, at := range []string{createMeeting, insertEvent, sendMail} {
		for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter} {
			t.Run(fmt.Sprint(at, " ", k), func(t *testing.T) {
				slot := s.open(t)
				s.fail(t, fault.Rule{Match: at, Kind: k})
				r := s.book(t, slot.Start)
				want := everywhere
				if at == sendMail && k == fault.HangAfter {
					s.becomes(t, r, world{Meetings: 1, Events: 1, GuestMails: []string{confirmed}})
					want = twice
				}
				s.killAtFault(t)
				s.run(t)
				if v := s.settled(t, r); v.Status != "confirmed" {
					t.Errorf("settled as %s %s", v.Status, v.Reason)
				}
				s.becomes(t, r, want)
			})
		}
	}
}

// A guest whose answer never came submits again: it is the same booking.
func TestASubmissionThatDiedBeforeItsAnswerIsTheSameBookingAgain(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter} {
		t.Run(string(k), func(t *testing.T) {
			slot := s.open(t)
			s.fail(t, fault.Rule{Match: "stepfunctions POST /StartExecution", Kind: k})
			submitAgain := s.bookAndForget(t, slot.Start)
			s.killAtFault(t)
			s.run(t)
			r := submitAgain(t)
			if v := s.settled(t, r); v.Status != "confirmed" {
				t.Errorf("settled as %s %s", v.Status, v.Reason)
			}
			s.becomes(t, r, everywhere)
		})
	}
}

// killAtFault ends everything while a call that fails is under way.
func (s *system) killAtFault(t *testing.T) {
	t.Helper()
	eventually(t, "the call is under way", func() error {
		for _, r := range s.rules(t) {
			if r.Hits > 0 && (r.Kind == fault.HangBefore || r.Landed > 0) {
				return nil
			}
		}
		return fmt.Errorf("it is not yet")
	})
	s.kill()
}
