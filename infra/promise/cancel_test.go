package promise_test

import (
	"net/http"
	"testing"

	"yakusoku/infra/local/fault"
)

// What was booked and then cancelled leaves nothing outside but mails.
var gone = world{GuestMails: []string{confirmed, cancelled}, HostMails: []string{confirmed, cancelled}}

// cancel asks for it as the guest's page does.
func (s *system) cancel(t *testing.T, r receipt) {
	t.Helper()
	a := call(t, "POST", s.Front+"/api/bookings/"+r.ID+"/cancel", `{"message":"予定が変わりました"}`, map[string]string{
		"Authorization": "Bearer " + r.Token, "Content-Type": "application/json",
	})
	if a.Status != http.StatusAccepted {
		t.Fatalf("cancel: status %d, body %s", a.Status, a.Body)
	}
}

// booked is a booking that exists everywhere, and of which nothing is left to do: the
// last mail is out before that is recorded.
func (s *system) booked(t *testing.T) (receipt, slot) {
	t.Helper()
	slot := s.open(t)
	r := s.book(t, slot.Start)
	s.becomes(t, r, everywhere)
	s.rests(t, r)
	return r, slot
}

// tells is a mail whose sender may not know that it went out: mail has no idempotency,
// and twice is better than never.
func tells(kind string, twice bool) []string {
	if twice {
		return []string{confirmed, kind, kind}
	}
	return []string{confirmed, kind}
}

func TestACancelledBookingIsNowhereWhateverFails(t *testing.T) {
	t.Parallel()
	type outcome struct {
		faults                []fault.Rule
		guestTwice, hostTwice bool
	}
	cases := atEachDesk(t, func(t *testing.T, d desk) int {
		tests := []outcome{{}}
		add := func(all ...[]fault.Rule) {
			for _, faults := range all {
				tests = append(tests, outcome{faults: faults})
			}
		}
		for _, match := range []string{d.deleteEvent, deleteMeeting} {
			add(insisting(match)...)
			add([]fault.Rule{refusal(match, 1)}) // left to sweep
			add([]fault.Rule{once(match, fault.HangAfter), refusal(match, 1)})
		}
		add([]fault.Rule{unavailable(d.deleteEvent), unavailable(deleteMeeting), unavailable(sendMail)})
		for toHost := range 2 {
			for _, r := range []fault.Rule{unavailable(sendMail), limited(sendMail, "1"), once(sendMail, fault.HangBefore)} {
				r.After = toHost
				add([]fault.Rule{r})
			}
			for _, r := range unanswering(sendMail) {
				r.After = toHost
				tests = append(tests, outcome{[]fault.Rule{r}, toHost == 0, toHost == 1})
			}
		}
		for _, step := range []string{"event delete", "meeting delete", "mail cancelled"} {
			add(failing(step)...)
		}
		add([]fault.Rule{{Match: "stepfunctions POST /StartExecution", Kind: fault.Error, Status: http.StatusServiceUnavailable, Body: "{}", Times: 1}})
		tests = sample(tests)
		d.tryEach(t, len(tests), func(i int) string { return nameOf(tests[i].faults...) }, func(t *testing.T, tr *trial, i int) {
			tr.stand(t)
			tr.meets(t, tests[i].faults...)
			tr.cancel(t, tr.receipt)
			tr.cancel(t, tr.receipt) // twice is quiet
			if v := tr.view(t, tr.receipt); v.Status != "cancelled" {
				t.Errorf("the booking is %s", v.Status)
			}
			tr.rests(t, tr.receipt)
			tr.met(t)
			tr.becomes(t, tr.receipt, world{GuestMails: tells(cancelled, tests[i].guestTwice), HostMails: tells(cancelled, tests[i].hostTwice)})
			if !tr.offers(t, tr.from.Start) {
				t.Error("the slot is not offered again")
			}
		})
		return len(tests)
	}, hurried...)
	figure(t, "faults.cancel", cases)
}

// Both sides are told though something cannot be taken away; sweep takes it away
// once it can be.
func TestWhatACancellationCannotTakeAwayIsTakenAwayLater(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	for match, left := range map[string]world{
		deleteMeeting: {Meetings: 1, GuestMails: gone.GuestMails, HostMails: gone.HostMails},
		deleteEvent:   {Events: 1, GuestMails: gone.GuestMails, HostMails: gone.HostMails},
	} {
		t.Run(match, func(t *testing.T) {
			r, slot := s.booked(t)
			s.fail(t, refusal(match, 0))
			s.cancel(t, r)
			s.becomes(t, r, left)
			if !s.offers(t, slot.Start) {
				t.Error("the slot is not offered again")
			}
			s.mend(t)
			s.becomes(t, r, gone)
		})
	}
}
