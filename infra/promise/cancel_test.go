package promise_test

import (
	"fmt"
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

// booked is a booking that exists everywhere.
func (s *system) booked(t *testing.T) (receipt, slot) {
	t.Helper()
	slot := s.open(t)
	r := s.book(t, slot.Start)
	s.becomes(t, r, everywhere)
	return r, slot
}

func TestACancelledBookingIsNowhereWhateverFails(t *testing.T) {
	s := start(t, hurried...)
	type outcome struct {
		faults []fault.Rule
		want   world
	}
	var tests []outcome
	add := func(want world, faults ...fault.Rule) { tests = append(tests, outcome{faults, want}) }
	add(gone)
	for _, match := range []string{deleteEvent, deleteMeeting} {
		add(gone, unavailable(match))
		add(gone, limited(match, "1"))
		for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.HTML} {
			add(gone, once(match, k))
		}
	}
	add(gone, unavailable(sendMail))
	add(gone, once(sendMail, fault.HangBefore))
	for _, step := range []string{"event delete", "meeting delete", "mail cancelled"} {
		match := "lambda " + step
		add(gone, fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusOK, Times: 2, Body: `{"errorType":"Runtime.ExitError","errorMessage":"exit status 2"}`})
		add(gone, once(match, fault.HangBefore))
		add(gone, once(match, fault.HangAfter))
	}
	for _, test := range tests {
		name := "nothing"
		if len(test.faults) > 0 {
			f := test.faults[0]
			name = fmt.Sprintf("%s %s %d×%d", f.Match, f.Kind, f.Status, f.Times)
		}
		t.Run(name, func(t *testing.T) {
			r, slot := s.booked(t)
			for _, f := range test.faults {
				s.fail(t, f)
			}
			s.cancel(t, r)
			s.cancel(t, r) // twice is quiet
			if v := s.view(t, r); v.Status != "cancelled" {
				t.Errorf("the booking is %s", v.Status)
			}
			s.becomes(t, r, test.want)
			if len(test.faults) > 0 && s.hits(t) == 0 {
				t.Error("no fault was met: the test shows nothing")
			}
			s.mend(t)
			if !s.offers(t, slot.Start) {
				t.Error("the slot is not offered again")
			}
		})
	}
}

// Both sides are told though something cannot be taken away; sweep takes it away
// once it can be.
func TestWhatACancellationCannotTakeAwayIsTakenAwayLater(t *testing.T) {
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

func TestAfterAKillEveryCancellationGoesOnByItself(t *testing.T) {
	s := start(t, hurried...)
	for _, at := range []string{deleteEvent, deleteMeeting, sendMail} {
		for _, k := range []fault.Kind{fault.HangBefore, fault.HangAfter} {
			t.Run(fmt.Sprint(at, " ", k), func(t *testing.T) {
				r, _ := s.booked(t)
				want := gone
				s.fail(t, fault.Rule{Match: at, Kind: k})
				s.cancel(t, r)
				if at == sendMail && k == fault.HangAfter {
					s.becomes(t, r, world{GuestMails: gone.GuestMails, HostMails: []string{confirmed}})
					want.GuestMails = []string{confirmed, cancelled, cancelled} // mail has no idempotency
				}
				s.killAtFault(t)
				s.run(t)
				s.becomes(t, r, want)
			})
		}
	}
}
