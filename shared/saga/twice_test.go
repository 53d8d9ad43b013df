package saga

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

// A step may run twice at once: its answer to the state machine is lost, and it goes
// on. What one of the two has recorded, the other does not undo.

func TestAMailThatAnotherRunSentIsNotBegunAnew(t *testing.T) {
	b := with(booking.Confirmed, steps{booking.Meeting: booking.Done, booking.Event: booking.Done, booking.Mail: booking.Done})
	o := newOffice(b)
	o.meanwhile = func(b *booking.Booking) {
		b.Mark(booking.Notice, booking.Done, began)
		b.Watch(began)
	}
	if got := o.run(t, "MailHost"); got != "" {
		t.Errorf("ended with %q", got)
	}
	if len(o.post.sent) > 0 || !o.stored.Finished() || !o.stored.Deadline.IsZero() {
		t.Errorf("sent %v, stored %v, deadline %v", o.post.sent, o.progress(), o.stored.Deadline)
	}
}

// The host's mail of a booking may be tried for an hour. If the booking moves before,
// what is due is the mail of that.
func TestAHostsMailDoesNotStandForThatOfAMove(t *testing.T) {
	arrived := func(b *booking.Booking) {
		b.Mark(booking.Notice, booking.Done, began)
		b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: later, End: later}, At: began})
		b.Arrive(began)
	}
	confirmed := with(booking.Confirmed, steps{booking.Meeting: booking.Done, booking.Event: booking.Done, booking.Mail: booking.Done})
	tests := map[string]struct {
		prepare func(*office)
		sent    []mail.Kind
	}{
		"moved before":                  {func(o *office) { arrived(&o.stored) }, nil},
		"moved as it begins":            {func(o *office) { o.meanwhile = arrived }, nil},
		"moved while the mail goes out": {func(o *office) { o.post.meanwhile = func() { arrived(&o.stored); o.stored.Version++ } }, []mail.Kind{mail.HostConfirmed}},
		"moved as it is refused": {func(o *office) {
			o.post.refuses = &mail.Refused{}
			o.stored.Mark(booking.Notice, booking.Started, began)
			o.meanwhile = arrived
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOffice(confirmed)
			test.prepare(o)
			if got := o.run(t, "MailHost"); got != "" { // it yields
				t.Errorf("ended with %q", got)
			}
			if diff := cmp.Diff(test.sent, o.post.sent); diff != "" || o.progress()[booking.Notice] != booking.Waiting {
				t.Errorf("stored %v, mails (-want +got):\n%s", o.progress(), diff)
			}
		})
	}
}

func TestARefusedAttemptTakesBackOnlyItself(t *testing.T) {
	for _, status := range []booking.StepStatus{booking.Started, booking.Done} {
		for step, state := range map[booking.Step]string{booking.Meeting: "CreateMeeting", booking.Event: "InsertEvent"} {
			t.Run(string(step)+" "+string(status), func(t *testing.T) {
				o := newOffice(booked())
				o.zoom.answers = []error{&zoom.Refused{Status: 400}}
				o.calendar.answers = o.zoom.answers
				o.between(1, func(b *booking.Booking) { b.Mark(step, status, began.Add(1)) })
				if got := o.run(t, state); got != "Refused" {
					t.Errorf("ended with %q", got)
				}
				if got := o.progress()[step]; got != status {
					t.Errorf("the other's %s is recorded as %s", status, got)
				}
			})
		}
	}
}

func TestARefusedAttemptAtAMoveTakesBackOnlyItself(t *testing.T) {
	for step, state := range map[booking.Step]string{booking.Meeting: "MoveMeeting", booking.Event: "MoveEvent"} {
		t.Run(string(step), func(t *testing.T) {
			o := movingOffice(nil)
			o.zoom.answers = []error{&zoom.Refused{Status: 400}}
			o.calendar.answers = o.zoom.answers
			o.between(1, func(b *booking.Booking) { b.MarkMove(step, booking.Started, began.Add(1)) })
			if got := o.run(t, state); got != "Refused" {
				t.Errorf("ended with %q", got)
			}
			if got := o.stored.Move.Steps[step].Status; got != booking.Started {
				t.Errorf("the other's attempt is recorded as %s", got)
			}
		})
	}
}

// A step of a move that was taken back meanwhile does not record what is gone.
func TestWhatWasTakenBackIsNotRecordedAsDone(t *testing.T) {
	o := movingOffice(func(m *booking.Move) { m.Replacement = 1 })
	o.stored.Meetings = 1
	o.stored.Amend(func(m *booking.Move) { former := o.stored.ZoomMeeting; m.Former = &former })
	o.between(1, func(b *booking.Booking) {
		b.GiveUpMove(booking.ReasonTooLate)
		b.MarkMove(booking.Meeting, booking.Undone, began)
		b.Amend(func(m *booking.Move) { m.Former = nil })
		o.zoom.live = []int64{1} // and is deleted
	})
	if got := o.run(t, "MoveMeeting"); got != "Unavailable" {
		t.Errorf("ended with %q", got)
	}
	if m := o.stored.Move; m.Steps[booking.Meeting].Status != booking.Undone || o.stored.ZoomMeeting.ID != 1 {
		t.Errorf("the meeting is %d, recorded as %s", o.stored.ZoomMeeting.ID, m.Steps[booking.Meeting].Status)
	}
}

// A meeting that another run replaced already is not taken for the former one.
func TestAMeetingIsReplacedOnce(t *testing.T) {
	o := movingOffice(nil)
	o.zoom.answers = []error{&zoom.Refused{Op: "update the meeting", Status: 400, Code: 4711}}
	o.between(1, func(b *booking.Booking) {
		former := b.ZoomMeeting
		b.Meetings = 1
		b.Amend(func(m *booking.Move) { m.Replacement, m.Former = 1, &former })
		b.MarkMove(booking.Meeting, booking.Done, began)
		b.ZoomMeeting = booking.ZoomMeeting{ID: 2, Number: 1}
	})
	if got := o.run(t, "MoveMeeting"); got != "Unavailable" {
		t.Errorf("ended with %q", got)
	}
	if m := o.stored.Move; m.Replacement != 1 || m.Former.ID != 1 || o.stored.ZoomMeeting.ID != 2 {
		t.Errorf("the meeting is %d, number %d, in the place of %d", o.stored.ZoomMeeting.ID, m.Replacement, m.Former.ID)
	}
}

// The mail of a move may be tried for minutes. If the move came about and another began
// before, that one is not to arrive by its mail alone.
func TestTheMailOfAMoveDoesNotMakeAnotherArrive(t *testing.T) {
	again := func(b *booking.Booking) {
		b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: later, End: later}, At: began})
	}
	done := func(m *booking.Move) {
		for _, s := range []booking.Step{booking.Meeting, booking.Event} {
			m.Steps[s] = booking.Progress{Status: booking.Done, At: began}
		}
	}
	tests := map[string]struct {
		prepare func(*office)
		sent    []mail.Kind
	}{
		"begun before":                  {func(o *office) { again(&o.stored) }, nil},
		"begun while the mail goes out": {func(o *office) { o.between(1, func(b *booking.Booking) { b.Arrive(began); again(b) }) }, []mail.Kind{mail.GuestMoved}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := movingOffice(done)
			test.prepare(o)
			if got := o.run(t, "MailGuest"); got != "" {
				t.Errorf("ended with %q", got)
			}
			if diff := cmp.Diff(test.sent, o.post.sent); diff != "" || o.stored.Move.Outcome != booking.UnderWay {
				t.Errorf("the move is %s, mails (-want +got):\n%s", o.stored.Move.Outcome, diff)
			}
		})
	}
}

// Nor is what a step did for one move recorded of the next.
func TestWhatWasDoneForOneMoveIsNotRecordedOfTheNext(t *testing.T) {
	again := func(b *booking.Booking) {
		b.Arrive(began)
		b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: starts, End: starts}, At: began})
	}
	for state, writes := range map[string]int{"MoveMeeting": 0, "MoveEvent": 0, "RestoreMeeting": 0, "RestoreEvent": 1} {
		t.Run(state, func(t *testing.T) {
			o := movingOffice(nil)
			o.now = began.Add(effectWithin)
			if writes > 0 || state == "RestoreMeeting" {
				o.stored.Amend(func(m *booking.Move) { m.Outcome = booking.GivenUp })
				o.stored.MarkMove(booking.Meeting, booking.Started, began)
				o.stored.MarkMove(booking.Event, booking.Started, began)
			}
			o.between(writes, again)
			if got := o.run(t, state); got != "BookingClosed" {
				t.Errorf("ended with %q", got)
			}
			want := booking.Progress{Status: booking.Waiting}
			for _, step := range []booking.Step{booking.Meeting, booking.Event} {
				if got := o.stored.Move.Steps[step]; !got.Same(want) {
					t.Errorf("%s of the next is recorded as %s", step, got.Status)
				}
			}
		})
	}
}
