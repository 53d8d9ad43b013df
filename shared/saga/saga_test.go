package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

type steps = map[booking.Step]booking.StepStatus

// turnAway is what the desk does to a booking whose calendar it found busy.
func turnAway(b *booking.Booking) {
	b.Fail(booking.ReasonSlotTaken, began)
	b.Mark(booking.Hold, booking.Undone, began)
	b.Deadline = time.Time{}
}

func TestABookingThatIsClosedMeanwhileIsNotRevived(t *testing.T) {
	tests := []struct {
		state  string
		before steps
	}{
		{"CreateMeeting", nil},
		{"InsertEvent", steps{booking.Meeting: booking.Done}},
		{"MailGuest", steps{booking.Meeting: booking.Done, booking.Event: booking.Done}},
	}
	for _, test := range tests {
		t.Run(test.state, func(t *testing.T) {
			o := newOffice(with(booking.Pending, test.before))
			o.meanwhile = turnAway
			want := o.stored
			turnAway(&want)
			want.Version++
			if got := o.run(t, test.state); got != "BookingClosed" {
				t.Errorf("ended with %q", got)
			}
			if diff := cmp.Diff(want, o.stored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if o.zoom.calls+o.calendar.calls+len(o.post.sent) != 0 {
				t.Error("something was done outside")
			}
		})
	}
}

// What is outside of a booking that was let go is sweep's again.
func TestWhatTurnsUpOfAReleasedBookingIsWatched(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Started}))
	o.zoom.live = []int64{1}
	o.meanwhile = turnAway
	if got := o.run(t, "CreateMeeting"); got != "" {
		t.Errorf("CreateMeeting ended with %q", got)
	}
	if !o.stored.NeedsAttention() || !o.stored.Deadline.Equal(began) {
		t.Errorf("attention %v, deadline %s", o.stored.NeedsAttention(), o.stored.Deadline)
	}
}

func TestAStepThatSomebodyElseIsAtIsLookedAtAgain(t *testing.T) {
	for state, step := range map[string]booking.Step{"CreateMeeting": booking.Meeting, "InsertEvent": booking.Event} {
		t.Run(state, func(t *testing.T) {
			o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Waiting}))
			if state == "InsertEvent" {
				o.stored.Mark(booking.Meeting, booking.Done, began)
			}
			o.meanwhile = func(b *booking.Booking) { b.Mark(step, booking.Done, began) }
			for _, want := range []string{"Unavailable", ""} {
				if got := o.run(t, state); got != want {
					t.Errorf("ended with %q, want %q", got, want)
				}
			}
			if o.zoom.calls+o.calendar.calls != 0 {
				t.Error("it was made twice")
			}
		})
	}
}

func TestAnotherWriteMeanwhileIsKept(t *testing.T) {
	o := newOffice(booked())
	o.meanwhile = func(b *booking.Booking) { b.Deadline = due.Add(time.Hour) }
	if got := o.run(t, "CreateMeeting"); got != "" {
		t.Fatalf("ended with %q", got)
	}
	if o.progress()[booking.Meeting] != booking.Done || !o.stored.Deadline.Equal(due.Add(time.Hour)) {
		t.Errorf("stored %v, deadline %s", o.progress(), o.stored.Deadline)
	}
}

// A meeting whose create was not answered is waited for, then made again.
func TestAMeetingIsMadeAgainOnceTheFirstCannotComeAnyMore(t *testing.T) {
	type attempt struct {
		after time.Duration // since began
		lands bool          // before it
		ends  string
	}
	tests := []struct {
		name     string
		answers  []error
		attempts []attempt
		made     int
		live     []int64
	}{
		{"answered", nil, []attempt{{0, false, ""}}, 1, []int64{1}},
		{"lost", []error{errLost}, []attempt{{0, false, "Unavailable"}, {time.Second, false, ""}}, 1, []int64{1}},
		{"late", []error{errLate}, []attempt{
			{0, false, "Unavailable"}, {time.Second, false, "TooSoon"}, {effectWithin - 1, false, "TooSoon"}, {effectWithin - 1, true, ""},
		}, 1, []int64{1}},
		{"never", []error{&zoom.Unavailable{}}, []attempt{
			{0, false, "Unavailable"}, {effectWithin - 1, false, "TooSoon"}, {effectWithin, false, ""},
		}, 2, []int64{1}},
		{"never, then late: counted from the last attempt", []error{&zoom.Unavailable{}, errLate}, []attempt{
			{0, false, "Unavailable"}, {effectWithin, false, "Unavailable"}, {2*effectWithin - 1, false, "TooSoon"}, {2*effectWithin - 1, true, ""},
		}, 2, []int64{1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(booked())
			o.zoom.answers = test.answers
			var got []attempt
			for _, a := range test.attempts {
				o.now = began.Add(a.after)
				if a.lands {
					o.zoom.land()
				}
				got = append(got, attempt{a.after, a.lands, o.run(t, "CreateMeeting")})
			}
			if diff := cmp.Diff(test.attempts, got, cmp.AllowUnexported(attempt{})); diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.live, o.zoom.live); diff != "" || o.zoom.calls != test.made {
				t.Errorf("made %d times; at Zoom (-want +got):\n%s", o.zoom.calls, diff)
			}
			if p := o.stored.Steps[booking.Meeting].Status; p != booking.Done || o.stored.ZoomMeeting.ID != 1 {
				t.Errorf("recorded %s %d", p, o.stored.ZoomMeeting.ID)
			}
		})
	}
}

// An insert is repeated under its own id, whatever may come late of the first.
func TestAnEventIsInsertedAgainAtOnce(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done}))
	o.calendar.answers = []error{&google.Unavailable{Err: errors.New("hung up")}}
	for _, want := range []string{"Unavailable", ""} {
		o.now = o.now.Add(time.Second)
		if got := o.run(t, "InsertEvent"); got != want {
			t.Errorf("ended with %q, want %q", got, want)
		}
		if at := o.stored.Steps[booking.Event].At; !at.Equal(o.now) {
			t.Errorf("the attempt of %s is recorded as of %s", o.now, at)
		}
	}
}

// The event of an attempt that was not answered is not in its own way.
func TestTheBookingsOwnEventIsNoReasonToRefuseIt(t *testing.T) {
	busy := []calendar.Interval{{Start: starts, End: starts.Add(time.Minute)}}
	tests := []struct {
		name  string
		event booking.StepStatus
		live  []int64
		busy  []calendar.Interval
		want  string
	}{
		{"free", booking.Waiting, nil, nil, ""},
		{"busy", booking.Waiting, nil, busy, "CalendarBusy"},
		{"busy with its own", booking.Started, []int64{1}, busy, ""},
		{"busy with another's", booking.Started, nil, busy, "CalendarBusy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, booking.Event: test.event}))
			o.calendar.live, o.busy = test.live, test.busy
			if got := o.run(t, "InsertEvent", func(r *Request) { r.Checked = false }); got != test.want {
				t.Errorf("ended with %q, want %q", got, test.want)
			}
		})
	}
}

func TestAMeetingThatIsNotFoundIsDeletedByItsID(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done}))
	o.stored.ZoomMeeting.ID, o.zoom.live, o.zoom.hides = 1, []int64{1}, true
	if got := o.run(t, "DeleteMeeting"); got != "" || len(o.zoom.live) > 0 {
		t.Errorf("ended with %q, left %v", got, o.zoom.live)
	}
}

// What was not answered is gone only once it cannot come any more.
func TestWhatMayComeLateIsUndoneToo(t *testing.T) {
	type attempt struct {
		after time.Duration
		lands bool
		ends  string
	}
	tests := []struct {
		name       string
		status     booking.StepStatus
		live, late []int64
		attempts   []attempt
	}{
		{"nothing was tried", booking.Waiting, nil, nil, []attempt{{0, false, ""}}},
		{"made", booking.Done, []int64{1}, nil, []attempt{{0, false, ""}}},
		{"made, and another late", booking.Done, []int64{1}, []int64{2}, []attempt{{0, true, ""}}},
		{"made, and gone", booking.Done, nil, nil, []attempt{{0, false, ""}}},
		{"lost", booking.Started, []int64{1}, nil, []attempt{{0, false, ""}}},
		{"late", booking.Started, nil, []int64{1}, []attempt{{0, false, "TooSoon"}, {effectWithin - 1, true, ""}}},
		{"never", booking.Started, nil, nil, []attempt{{effectWithin - 1, false, "TooSoon"}, {effectWithin, false, ""}}},
	}
	for state, step := range map[string]booking.Step{"DeleteMeeting": booking.Meeting, "DeleteEvent": booking.Event} {
		for _, test := range tests {
			t.Run(fmt.Sprint(state, " ", test.name), func(t *testing.T) {
				o := newOffice(with(booking.Pending, steps{step: test.status}))
				if test.status == booking.Done {
					o.stored.ZoomMeeting.ID = 1
				}
				outside := map[booking.Step]*provider{booking.Meeting: o.zoom, booking.Event: o.calendar}[step]
				outside.live, outside.late = slices.Clone(test.live), slices.Clone(test.late)
				var got []attempt
				for _, a := range test.attempts {
					o.now = began.Add(a.after)
					if a.lands {
						outside.land()
					}
					got = append(got, attempt{a.after, a.lands, o.run(t, state)})
				}
				if diff := cmp.Diff(test.attempts, got, cmp.AllowUnexported(attempt{})); diff != "" {
					t.Errorf("attempts (-want +got):\n%s", diff)
				}
				if len(outside.live) > 0 || !o.stored.Clean() {
					t.Errorf("left: %v, recorded %v", outside.live, o.progress())
				}
			})
		}
	}
}

// A create that was refused leaves nothing to undo, unless one before it may have
// had its effect.
func TestARefusedCreateIsTakenBack(t *testing.T) {
	refusals := []struct {
		err       error
		name      string
		takenBack bool
	}{
		{&zoom.Refused{Status: 400, Code: 3161}, "Refused", true},
		{&zoom.Refused{Status: 400, Code: 4711}, "GrantDead", true},
		{&zoom.RateLimited{}, "RateLimited", true},
		{&zoom.RateLimited{Daily: true}, "DailyLimit", true},
		{&google.Refused{Status: 403, Reason: "requiredAccessLevel"}, "Refused", true},
		{&google.RateLimited{}, "RateLimited", true},
		{&google.IDTaken{}, "Refused", true},
		{&connection.Dead{}, "GrantDead", true},
		{&connection.Unavailable{Err: errors.New("reset")}, "Unavailable", false},
		{&zoom.Unavailable{Err: errors.New("reset")}, "Unavailable", false},
		{&google.Unavailable{Err: errors.New("reset")}, "Unavailable", false},
	}
	type way struct {
		create, delete string
		step           booking.Step
	}
	for _, way := range []way{{"CreateMeeting", "DeleteMeeting", booking.Meeting}, {"InsertEvent", "DeleteEvent", booking.Event}} {
		for _, before := range []booking.StepStatus{booking.Waiting, booking.Started} {
			for _, r := range refusals {
				t.Run(fmt.Sprintf("%s %s %T %v", way.create, before, r.err, r.err), func(t *testing.T) {
					o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, way.step: before}))
					if before == booking.Waiting {
						o.stored.Mark(way.step, booking.Waiting, time.Time{})
					}
					o.zoom.answers, o.calendar.answers = []error{r.err}, []error{r.err}
					o.now = began.Add(effectWithin)
					if got := o.run(t, way.create); got != r.name {
						t.Errorf("ended with %q, want %q", got, r.name)
					}
					want := booking.Progress{Status: booking.Started, At: o.now}
					takenBack := r.takenBack && before == booking.Waiting
					if takenBack {
						want = booking.Progress{Status: booking.Waiting}
					}
					if diff := cmp.Diff(want, o.stored.Steps[way.step]); diff != "" {
						t.Errorf("recorded (-want +got):\n%s", diff)
					}
					if !takenBack {
						return
					}
					// The compensation has nothing to ask of who refuses everything.
					o.zoom.refuses, o.calendar.refuses = r.err, r.err
					if got := o.run(t, way.delete); got != "" || !o.stored.Clean() && way.step == booking.Meeting {
						t.Errorf("the compensation ended with %q, recorded %v", got, o.progress())
					}
				})
			}
		}
	}
}

// The guest's mail and the confirmation are one write: no booking is undone whose
// guest was told that it stands.
func TestTheGuestsMailConfirms(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, booking.Event: booking.Done}))
	o.zoom.live, o.calendar.live, o.stored.ZoomMeeting.ID = []int64{1}, []int64{1}, 1
	if got := o.run(t, "MailGuest"); got != "" {
		t.Fatalf("MailGuest ended with %q", got)
	}
	for _, b := range o.saved {
		if told := b.Steps[booking.Mail].Status == booking.Done; told != (b.Status == booking.Confirmed) {
			t.Errorf("version %d is %s, the mail %s", b.Version, b.Status, b.Steps[booking.Mail].Status)
		}
	}
	want := o.stored
	o.now = starts // past which nothing that is pending goes on
	for _, state := range []string{"CreateMeeting", "InsertEvent", "MailGuest", "Confirm", "DeleteEvent", "DeleteMeeting", "ReleaseHold"} {
		if got := o.run(t, state); got != "" {
			t.Errorf("%s ended with %q", state, got)
		}
	}
	if diff := cmp.Diff(want, o.stored); diff != "" || o.freed {
		t.Errorf("freed %v, stored (-want +got):\n%s", o.freed, diff)
	}
	if diff := cmp.Diff([]int64{1, 1}, append(o.zoom.live, o.calendar.live...)); diff != "" {
		t.Errorf("outside (-want +got):\n%s", diff)
	}
}

// A refusal undoes a booking only if no attempt may have reached its guest: what would
// take back what they were told may be refused too.
func TestARefusedMailUndoesOnlyWhatTheGuestCannotKnow(t *testing.T) {
	type end struct {
		Error  string
		Status booking.Status
		Mail   booking.StepStatus
	}
	refused, limited, unknown := &mail.Refused{}, &mail.RateLimited{}, &mail.Unavailable{}
	tests := map[string]struct {
		answers []error
		want    end
	}{
		"refused":                          {[]error{refused}, end{"Refused", booking.Pending, booking.Waiting}},
		"limited, then refused":            {[]error{limited, refused}, end{"Refused", booking.Pending, booking.Waiting}},
		"without an answer, then refused":  {[]error{unknown, refused}, end{"", booking.Confirmed, booking.Skipped}},
		"without, limited, then refused":   {[]error{unknown, limited, refused}, end{"", booking.Confirmed, booking.Skipped}},
		"without an answer, then accepted": {[]error{unknown, nil}, end{"", booking.Confirmed, booking.Done}},
	}
	for name, test := range tests {
		t.Run("a booking's "+name, func(t *testing.T) {
			o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, booking.Event: booking.Done}))
			var got end
			for _, o.post.refuses = range test.answers {
				got.Error = o.run(t, "MailGuest")
			}
			got.Status, got.Mail = o.stored.Status, o.progress()[booking.Mail]
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A guest who was mailed that the booking stands, and then it did not, is mailed
// that too.
func TestAMailThatCameTooLateDoesNotCount(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, booking.Event: booking.Done}))
	o.post.meanwhile = func() {
		o.stored.Fail(booking.ReasonTooLate, began)
		o.stored.Version++
	}
	if got := o.run(t, "MailGuest"); got != "BookingClosed" {
		t.Errorf("MailGuest ended with %q", got)
	}
	o.post.meanwhile = nil
	if got := o.run(t, "MailFailure"); got != "" {
		t.Errorf("MailFailure ended with %q", got)
	}
	if diff := cmp.Diff([]mail.Kind{mail.GuestConfirmed, mail.GuestFailed, mail.HostFailed}, o.post.sent); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// A step may be delivered twice at once. Who begins to send second leaves it to the
// first, and looks again.
func TestOfTwoWhoBeginToSendAMailOneSends(t *testing.T) {
	o := newOffice(with(booking.Pending, steps{booking.Meeting: booking.Done, booking.Event: booking.Done}))
	o.meanwhile = func(b *booking.Booking) { b.Mark(booking.Mail, booking.Started, began) }
	if got := o.run(t, "MailGuest"); got != "Unavailable" {
		t.Errorf("MailGuest ended with %q", got)
	}
	if len(o.post.sent) > 0 {
		t.Errorf("sent %v", o.post.sent)
	}
	o.stored.Mark(booking.Mail, booking.Done, began)
	if got := o.run(t, "MailGuest"); got != "" || len(o.post.sent) > 0 {
		t.Errorf("then it ended with %q, sent %v", got, o.post.sent)
	}
}

func TestAStepRunsOnlyForABookingOfItsStatus(t *testing.T) {
	const closed, yields = "BookingClosed", ""
	tests := []struct {
		state string
		ends  map[booking.Status]string
		sent  map[booking.Status][]mail.Kind
	}{
		{"CreateMeeting", map[booking.Status]string{booking.Pending: "", booking.Confirmed: "", booking.Failed: closed, booking.Cancelled: closed}, nil},
		{"InsertEvent", map[booking.Status]string{booking.Pending: "", booking.Confirmed: "", booking.Failed: closed, booking.Cancelled: closed}, nil},
		{"MailGuest", map[booking.Status]string{booking.Pending: "", booking.Confirmed: "", booking.Failed: closed, booking.Cancelled: closed},
			map[booking.Status][]mail.Kind{booking.Pending: {mail.GuestConfirmed}, booking.Confirmed: {mail.GuestConfirmed}}},
		{"Confirm", map[booking.Status]string{booking.Pending: "", booking.Confirmed: "", booking.Failed: yields, booking.Cancelled: yields}, nil},
		{"MailHost", map[booking.Status]string{booking.Pending: yields, booking.Confirmed: "", booking.Failed: yields, booking.Cancelled: yields},
			map[booking.Status][]mail.Kind{booking.Confirmed: {mail.HostConfirmed}}},
		{"MailFailure", map[booking.Status]string{booking.Pending: yields, booking.Confirmed: yields, booking.Failed: "", booking.Cancelled: yields},
			map[booking.Status][]mail.Kind{booking.Failed: {mail.GuestFailed, mail.HostFailed}}},
	}
	for _, test := range tests {
		for status, want := range test.ends {
			for _, mails := range []booking.StepStatus{booking.Waiting, booking.Started} {
				t.Run(fmt.Sprint(test.state, " ", status, " ", mails), func(t *testing.T) {
					o := newOffice(with(status, steps{booking.Mail: mails, booking.Notice: mails}))
					if got := o.run(t, test.state); got != want {
						t.Errorf("ended with %q, want %q", got, want)
					}
					if diff := cmp.Diff(test.sent[status], o.post.sent); diff != "" {
						t.Errorf("mails (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

func TestNobodyIsMailedOfABookingThatWasTurnedAway(t *testing.T) {
	o := newOffice(booked())
	turnAway(&o.stored)
	if got := o.run(t, "MailFailure"); got != "" || len(o.post.sent) > 0 {
		t.Errorf("ended with %q, sent %v", got, o.post.sent)
	}
}

func TestTheHoldIsFreedOnceNothingIsLeftOutside(t *testing.T) {
	tests := []struct {
		name     string
		status   booking.Status
		steps    steps
		deadline time.Time
		freed    bool
		want     time.Time // the deadline
	}{
		{"nothing left", booking.Pending, nil, due, true, due},
		{"nothing left, all told", booking.Failed, steps{booking.Mail: booking.Done, booking.Notice: booking.Done}, due, true, time.Time{}},
		{"something left", booking.Pending, steps{booking.Meeting: booking.Started}, due, false, due},
		{"freed before", booking.Failed, steps{booking.Hold: booking.Undone}, due, false, due},
		{"freed before, something left", booking.Failed, steps{booking.Hold: booking.Undone, booking.Event: booking.Done}, due, false, due},
		{"let go, something left", booking.Failed, steps{booking.Hold: booking.Undone, booking.Event: booking.Done}, time.Time{}, false, began},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(with(test.status, test.steps))
			o.stored.Deadline = test.deadline
			if got := o.run(t, "ReleaseHold"); got != "" {
				t.Errorf("ended with %q", got)
			}
			if diff := cmp.Diff(test.want, o.stored.Deadline); diff != "" || o.freed != test.freed {
				t.Errorf("freed %v, want %v; deadline (-want +got):\n%s", o.freed, test.freed, diff)
			}
		})
	}
}

func TestAFailingStepIsLoggedWithoutWhatMayBeAboutAPerson(t *testing.T) {
	private := errors.New("what they said about taro@example.com")
	late := fmt.Errorf("%w: %w", private, context.DeadlineExceeded)
	tests := []struct {
		met   error
		name  string
		heard string
	}{
		{&zoom.Unavailable{Op: "create a meeting", Err: private}, "Unavailable", "zoom: create a meeting: no usable answer"},
		{&zoom.Unavailable{Op: "create a meeting", Status: 502, Err: private}, "Unavailable", "zoom: create a meeting: no usable answer, status 502"},
		{&google.Unavailable{Op: "insert event", Err: late}, "Unavailable", "google: insert event: no usable answer, timed out"},
		{
			&microsoft.Unavailable{Op: "insert event", Status: 503, RequestID: "r1", Err: private}, "Unavailable",
			"microsoft: insert event: no usable answer, status 503, request r1",
		},
		{&connection.Unavailable{Provider: connection.Zoom, Err: private}, "Unavailable", "zoom: refresh the grant: no usable answer"},
		{
			&zoom.Refused{Op: "create a meeting", Status: 400, Code: 300, Fields: []string{"settings"}, TrackingID: "t1"}, "Refused",
			"zoom: create a meeting: refused with 400, code 300, fields settings, tracking id t1",
		},
		{&google.Refused{Op: "insert event", Status: 403, Reason: "forbidden"}, "Refused", "google: insert event: refused with 403 forbidden"},
		{&google.Unreadable{CalendarID: "taro@example.com", Reason: "notFound"}, "Refused", "google: query busy times: a calendar cannot be read: notFound"},
		{
			&microsoft.Refused{Op: "insert event", Status: 404, Reason: "ErrorItemNotFound", RequestID: "r1"}, "Refused",
			"microsoft: insert event: refused with 404 ErrorItemNotFound (request r1)",
		},
		{&zoom.RateLimited{Op: "create a meeting", Daily: true}, "DailyLimit", "zoom: create a meeting: the day's limit is used up"},
		{&microsoft.RateLimited{Op: "insert event"}, "RateLimited", "microsoft: insert event: rate limited"},
		{&connection.Dead{Provider: connection.Zoom}, "GrantDead", "the grant at zoom is dead"},
		{private, "Unavailable", ""},
	}
	for _, test := range tests {
		t.Run(test.name+" "+test.heard, func(t *testing.T) {
			log := logged(t)
			o := newOffice(booked())
			o.zoom.answers = []error{fmt.Errorf("wrapped: %w", test.met)}
			o.run(t, "CreateMeeting")
			want := []map[string]any{{
				"level": "WARN", "msg": "step failed", "booking": "b1", "execution": "b1-0-0", "step": "create", "error": test.name, "heard": test.heard,
			}}
			if diff := cmp.Diff(want, log(slog.LevelDebug)); diff != "" {
				t.Errorf("logged (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("nothing of a step that goes well", func(t *testing.T) {
		log := logged(t)
		newOffice(booked()).run(t, "CreateMeeting")
		if diff := cmp.Diff([]map[string]any(nil), log(slog.LevelDebug)); diff != "" {
			t.Errorf("logged (-want +got):\n%s", diff)
		}
	})
}
