package promise_test

import (
	"fmt"
	"net/http"
	"testing"

	"yakusoku/infra/local/fault"
)

// call of the providers, as fault rules name them.
const (
	createMeeting = "zoom POST /v2/users/me/meetings"
	findMeeting   = "zoom GET /v2/users/me/meetings"
	deleteMeeting = "zoom DELETE /v2/meetings/*"
	insertEvent   = "google POST /calendar/v3/calendars/*/events"
	findEvent     = "google GET /calendar/v3/calendars/*/events/*"
	deleteEvent   = "google DELETE /calendar/v3/calendars/*/events/*"
	sendMail      = "ses POST /v2/email/outbound-emails"
)

// refusal is each provider's own way of saying that it will not, ever.
func refusal(match string, times int) fault.Rule {
	r := fault.Rule{Match: match, Kind: fault.Error, Times: times}
	switch match {
	case createMeeting, findMeeting, updateMeeting, deleteMeeting:
		r.Status, r.Body = http.StatusBadRequest, `{"code":3161,"message":"Your user settings do not allow this."}`
	case insertEvent, findEvent, updateEvent, deleteEvent:
		r.Status, r.Body = http.StatusForbidden, `{"error":{"code":403,"message":"Forbidden","errors":[{"domain":"calendar","reason":"forbidden","message":"Forbidden"}]}}`
	case sendMail:
		r.Status, r.Body = http.StatusBadRequest, `{"message":"Invalid domain name"}`
		r.Header = map[string]string{"X-Amzn-ErrorType": "MessageRejected"}
	}
	return r
}

func unavailable(match string) fault.Rule {
	return fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusServiceUnavailable, Body: `{}`, Times: 2}
}

func once(match string, k fault.Kind) fault.Rule {
	return fault.Rule{Match: match, Kind: k, Times: 1}
}

// late takes effect only after its caller gave up.
func late(match string) fault.Rule {
	return fault.Rule{Match: match, Kind: fault.Late, Seconds: 0.3, Times: 1}
}

func limited(match, retryAfter string) fault.Rule {
	r := fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusTooManyRequests, Times: 1, Body: `{"code":429,"message":"You have reached the maximum per-second rate limit for this API."}`}
	if retryAfter != "" {
		r.Header = map[string]string{"Retry-After": retryAfter}
	}
	return r
}

// twice is what a guest gets if the mail service took a mail and its answer was
// lost: it has no idempotency, and twice is better than never.
var twice = world{Meetings: 1, Events: 1, GuestMails: []string{confirmed, confirmed}, HostMails: []string{confirmed}}

func TestEveryFaultOfEveryStepEndsInOneOfTheTwoStates(t *testing.T) {
	s := start(t, hurried...)
	type outcome struct {
		name   string
		faults []fault.Rule
		status string
		reason string
		want   world
	}
	var tests []outcome
	add := func(status, reason string, want world, faults ...fault.Rule) {
		name := ""
		for _, f := range faults {
			name += fmt.Sprintf("%s %s %d×%d, ", f.Match, f.Kind, f.Status, f.Times)
		}
		tests = append(tests, outcome{name[:len(name)-2], faults, status, reason, want})
	}
	for match, reason := range map[string]string{
		createMeeting: "zoom_unavailable", insertEvent: "calendar_failed", sendMail: "mail_failed",
	} {
		add("failed", reason, nowhere, refusal(match, 1))
		add("confirmed", "", everywhere, unavailable(match))
		add("confirmed", "", everywhere, once(match, fault.HangBefore))
		for _, k := range []fault.Kind{fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.HTML} {
			if match == sendMail {
				add("confirmed", "", twice, once(match, k))
			} else {
				add("confirmed", "", everywhere, once(match, k))
			}
		}
	}
	add("confirmed", "", everywhere, limited(createMeeting, "1"))
	add("confirmed", "", everywhere, limited(createMeeting, ""))
	add("failed", "zoom_unavailable", nowhere, fault.Rule{
		Match: createMeeting, Kind: fault.Error, Status: http.StatusTooManyRequests, Times: 1,
		Body: `{"code":429,"message":"You have exceeded the daily rate limit of (100) for Meeting Create/Update API requests. You may resume at GMT 00:00:00."}`,
	})

	// The functions themselves: an error, no answer without and with the effect.
	for _, step := range []string{"meeting create", "event create", "mail guest", "settle confirm", "mail host"} {
		match := "lambda " + step
		add("confirmed", "", everywhere, fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusOK, Times: 2, Body: `{"errorType":"Runtime.ExitError","errorMessage":"exit status 2"}`})
		add("confirmed", "", everywhere, once(match, fault.HangBefore))
		add("confirmed", "", everywhere, once(match, fault.HangAfter))
	}

	// Compensations: the guest's mail is refused, and undoing meets trouble too.
	for _, match := range []string{deleteMeeting, deleteEvent} {
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), unavailable(match))
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), once(match, fault.HangBefore))
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), once(match, fault.HangAfter))
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), once(match, fault.HTML))
	}
	for _, step := range []string{"event delete", "meeting delete", "settle release", "mail failure"} {
		match := "lambda " + step
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), once(match, fault.HangBefore))
		add("failed", "mail_failed", nowhere, refusal(sendMail, 1), once(match, fault.HangAfter))
	}
	// A create whose effect came about and whose every answer was lost.
	add("failed", "zoom_unavailable", nowhere, once(createMeeting, fault.HangAfter), fault.Rule{
		Match: findMeeting, Kind: fault.Error, Status: 503, Body: `{}`, Times: 5,
	})
	// One whose effect comes after its caller gave up: upon the retry, and upon the
	// compensation.
	add("confirmed", "", everywhere, late(createMeeting))
	add("confirmed", "", everywhere, late(insertEvent))
	add("failed", "zoom_unavailable", nowhere, late(createMeeting), refusal(findMeeting, 1))
	add("failed", "calendar_failed", nowhere, late(insertEvent), refusal(insertEvent, 1))
	// Whoever refuses everything has nothing that would have to be undone.
	add("failed", "zoom_unavailable", nowhere, refusal(createMeeting, 0), refusal(findMeeting, 0), refusal(deleteMeeting, 0))
	add("failed", "calendar_failed", nowhere, refusal(insertEvent, 0), refusal(findEvent, 0), refusal(deleteEvent, 0))

	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			slot := s.open(t)
			for _, f := range test.faults {
				s.fail(t, f)
			}
			r := s.book(t, slot.Start)
			v := s.settled(t, r)
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

func TestWhatCannotBeUndoneIsTakenUpAgain(t *testing.T) {
	s := start(t, hurried...)
	slot := s.open(t)
	s.fail(t, refusal(sendMail, 1))
	s.fail(t, refusal(deleteMeeting, 0))
	r := s.book(t, slot.Start)
	if v := s.settled(t, r); v.Status != "failed" {
		t.Fatalf("settled as %s", v.Status)
	}
	s.becomes(t, r, world{Meetings: 1, GuestMails: []string{failed}, HostMails: []string{failed}})
	if s.offers(t, slot.Start) {
		t.Error("the slot is offered while a meeting stands in it")
	}
	s.mend(t)
	s.becomes(t, r, nowhere)
	eventually(t, "the slot is offered again", func() error {
		if !s.offers(t, slot.Start) {
			return fmt.Errorf("it is not")
		}
		return nil
	})
}

func TestADeadGrantFailsTheBookingAndClosesThePage(t *testing.T) {
	s := start(t, hurried...)
	slot := s.open(t)
	call(t, "POST", s.Zoom+"/_revoke", `{"user":"demo@yakusoku.example"}`, nil)
	r := s.book(t, slot.Start)
	if v := s.settled(t, r); v.Status != "failed" || v.Reason != "host_disconnected" {
		t.Fatalf("settled as %s %s", v.Status, v.Reason)
	}
	s.becomes(t, r, nowhere)
	if hold := s.view(t, r).step("hold"); hold != "undone" {
		t.Errorf("the slot's hold is %s", hold)
	}
	var page struct {
		Accepting bool `json:"accepting"`
	}
	call(t, "GET", s.Front+"/api/pages/demo/intro", "", nil).into(t, &page)
	if page.Accepting {
		t.Error("the page still accepts bookings")
	}
	refused(t, s, "another-guest-comes", submission(slot.Start, someone()), http.StatusServiceUnavailable, "not_accepting")
}

func TestACalendarThatIsSilentAtSubmissionIsAskedBeforeTheEvent(t *testing.T) {
	s := start(t, hurried...)
	for _, busy := range []bool{false, true} {
		t.Run(fmt.Sprint("busy ", busy), func(t *testing.T) {
			slot := s.open(t)
			if busy {
				s.blockCalendar(t, slot)
			}
			s.fail(t, once("google POST /calendar/v3/freeBusy", fault.HangBefore))
			r := s.book(t, slot.Start)
			v := s.settled(t, r)
			if busy {
				if v.Status != "failed" || v.Reason != "slot_taken" {
					t.Errorf("settled as %s %s", v.Status, v.Reason)
				}
				s.becomes(t, r, nowhere)
				return
			}
			if v.Status != "confirmed" {
				t.Errorf("settled as %s %s", v.Status, v.Reason)
			}
			s.becomes(t, r, everywhere)
		})
	}
}
