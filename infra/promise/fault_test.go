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
	case insertOutlook, findOutlook, updateOutlook, deleteOutlook:
		r.Status, r.Body = http.StatusForbidden, `{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`
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

// ending is how a booking ends that meets the faults.
type ending struct {
	faults []fault.Rule
	reason string // why it failed; empty: it is confirmed
	want   world
}

func TestEveryFaultOfEveryStepEndsInOneOfTheTwoStates(t *testing.T) {
	t.Parallel()
	cases := atEachDesk(t, func(t *testing.T, d desk) int {
		var tests []ending
		confirms := func(want world, all ...[]fault.Rule) {
			for _, faults := range all {
				tests = append(tests, ending{faults, "", want})
			}
		}
		fails := func(reason string, faults ...fault.Rule) { tests = append(tests, ending{faults, reason, nowhere}) }
		for match, reason := range map[string]string{createMeeting: "zoom_unavailable", d.insertEvent: "calendar_failed"} {
			confirms(everywhere, passing(match)...)
			fails(reason, refusal(match, 1))
		}
		behind := late(d.insertEvent)
		behind.Seconds = 1.5 // comes after it is tried again, on a busy machine too
		fails("calendar_failed", behind, refusal(d.insertEvent, 1))
		fails("zoom_unavailable", fault.Rule{
			Match: createMeeting, Kind: fault.Error, Status: http.StatusTooManyRequests, Times: 1,
			Body: `{"code":429,"message":"You have exceeded the daily rate limit of (100) for Meeting Create/Update API requests. You may resume at GMT 00:00:00."}`,
		})
		fails("mail_failed", refusal(sendMail, 1))
		hostTwice := world{Meetings: 1, Events: 1, GuestMails: []string{confirmed}, HostMails: []string{confirmed, confirmed}}
		for toHost, doubled := range []world{twice, hostTwice} {
			for _, r := range []fault.Rule{unavailable(sendMail), limited(sendMail, "1"), once(sendMail, fault.HangBefore)} {
				r.After = toHost
				confirms(everywhere, []fault.Rule{r})
			}
			for _, r := range unanswering(sendMail) {
				r.After = toHost
				confirms(doubled, []fault.Rule{r})
			}
		}
		for _, step := range []string{"meeting create", "event create", "mail guest", "settle confirm", "mail host"} {
			confirms(everywhere, failing(step)...)
		}
		confirms(everywhere, []fault.Rule{{Match: "stepfunctions POST /StartExecution", Kind: fault.Error, Status: http.StatusServiceUnavailable, Body: "{}", Times: 1}})
		// Compensations: the guest's mail is refused, and undoing meets trouble too.
		for _, step := range []string{"event delete", "meeting delete", "settle release", "mail failure"} {
			for _, faults := range failing(step) {
				fails("mail_failed", append(faults, refusal(sendMail, 1))...)
			}
		}
		tests = sample(tests)
		d.tryEach(t, len(tests), func(i int) string { return nameOf(tests[i].faults...) }, func(t *testing.T, tr *trial, i int) {
			tr.meets(t, tests[i].faults...)
			tr.ends(t, tests[i])
			if tests[i].reason == "" {
				tr.cancel(t, tr.receipt)
				tr.rests(t, tr.receipt)
			}
		})
		return len(tests)
	}, hurried...)
	figure(t, "faults.book", cases)
}

// ends submits the trial and expects that it ends so, everywhere.
func (tr *trial) ends(t *testing.T, as ending) {
	t.Helper()
	if status := tr.submit(t.Context()); status != http.StatusAccepted {
		t.Fatalf("submit: status %d", status)
	}
	tr.rests(t, tr.receipt)
	tr.met(t)
	status := "confirmed"
	if as.reason != "" {
		status = "failed"
	}
	if v := tr.view(t, tr.receipt); v.Status != status || v.Reason != as.reason {
		t.Errorf("it is %s %s, want %s %s", v.Status, v.Reason, status, as.reason)
	}
	tr.becomes(t, tr.receipt, as.want)
	if got, want := tr.offers(t, tr.from.Start), status == "failed"; got != want {
		t.Errorf("the slot is offered: %v, want %v", got, want)
	}
}

// Calls that name the booking by what a provider called it, or not at all, are met by
// one trial at a time.
func TestEveryFaultOfUndoingEndsWithNothingLeft(t *testing.T) {
	t.Parallel()
	cases := atEachDesk(t, func(t *testing.T, d desk) int {
		var tests []ending
		fails := func(reason string, faults ...fault.Rule) { tests = append(tests, ending{faults, reason, nowhere}) }
		for _, match := range []string{deleteMeeting, d.deleteEvent} {
			for _, faults := range [][]fault.Rule{
				{unavailable(match)}, {once(match, fault.HangBefore)}, {once(match, fault.HangAfter)}, {once(match, fault.HTML)}, {once(match, fault.Cut)},
			} {
				fails("mail_failed", append(faults, refusal(sendMail, 1))...)
			}
		}
		// A create whose effect came about and whose every answer was lost.
		fails("zoom_unavailable", once(createMeeting, fault.HangAfter), fault.Rule{
			Match: findMeeting, Kind: fault.Error, Status: 503, Body: `{}`, Times: 5,
		})
		fails("zoom_unavailable", late(createMeeting), refusal(findMeeting, 1))
		// Whoever refuses everything has nothing that would have to be undone.
		fails("zoom_unavailable", refusal(createMeeting, 0), refusal(findMeeting, 0), refusal(deleteMeeting, 0))
		fails("calendar_failed", refusal(d.insertEvent, 0), refusal(d.findEvent, 0), refusal(d.deleteEvent, 0))
		pair := d.pairs(t)[0]
		tests = sample(tests)
		for _, test := range tests {
			t.Run(nameOf(test.faults...), func(t *testing.T) {
				for _, f := range test.faults {
					d.fail(t, f)
				}
				tr := d.planned(pair)
				tr.ends(t, test)
				if d.hits(t) == 0 {
					t.Error("no fault was met: the test shows nothing")
				}
				d.landed(t)
				d.mend(t)
			})
		}
		d.holdsNothing(t)
		return len(tests)
	}, hurried...)
	figure(t, "faults.undo", cases)
}

func TestWhatCannotBeUndoneIsTakenUpAgain(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	s := start(t, hurried...)
	slot := s.open(t)
	call(t, "POST", s.Zoom+"/_revoke", `{"user":"demo@yakusoku.example","quiet":true}`, nil)
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
	t.Parallel()
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
