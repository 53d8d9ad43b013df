package saga

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

// cancelled is a confirmed booking that its host has cancelled, in a world that
// still has its meeting and event.
func cancelled(change func(*booking.Booking)) *office {
	b := with(booking.Confirmed, map[booking.Step]booking.StepStatus{
		booking.Meeting: booking.Done, booking.Event: booking.Done, booking.Mail: booking.Done, booking.Notice: booking.Done,
	})
	b.ZoomMeeting.ID = 1
	if change != nil {
		change(&b)
	}
	b.Cancel(booking.Cancellation{By: booking.ByHost, Message: "急用のため", At: began})
	b.Deadline = began.Add(time.Minute)
	o := newOffice(b)
	o.workflow = "cancel.asl.json"
	o.zoom.live, o.calendar.live = []int64{1}, []int64{1}
	return o
}

// walk runs the workflow to its end as the state machine does, without retries.
func (o *office) walk(t *testing.T) {
	t.Helper()
	w := readWorkflows(t)[o.workflow]
	for state := w.StartAt; state != ""; {
		next := w.States[state].Next
		if name := o.run(t, state); name != "" {
			if len(w.States[state].Catch) == 0 {
				return
			}
			next = w.States[state].Catch[0].Next
		}
		state = next
	}
}

func TestACancelledBookingIsTakenAwayEverywhereAndBothAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*booking.Booking)
		mails  []mail.Kind
	}{
		"of two": {nil, []mail.Kind{mail.GuestCancelled, mail.HostCancelled}},
		"of more": {func(b *booking.Booking) {
			b.Guest.CoAttendees = []string{"ken@example.com"}
			b.Mark(booking.Attendees, booking.Done, began)
		}, []mail.Kind{mail.AttendeesCancelled, mail.GuestCancelled, mail.HostCancelled}},
		"of more, who were not told of it": {func(b *booking.Booking) {
			b.Guest.CoAttendees = []string{"ken@example.com"}
		}, []mail.Kind{mail.GuestCancelled, mail.HostCancelled}},
	} {
		t.Run(name, func(t *testing.T) {
			o := cancelled(c.change)
			for range 2 { // every step may run twice
				o.walk(t)
			}
			if diff := cmp.Diff(c.mails, o.post.sent); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			if len(o.zoom.live) > 0 || len(o.calendar.live) > 0 || o.stored.NeedsAttention() || !o.stored.Deadline.IsZero() {
				t.Errorf("left: meetings %v, events %v, attention %v, deadline %v", o.zoom.live, o.calendar.live, o.stored.NeedsAttention(), o.stored.Deadline)
			}
		})
	}
}

// A host who has disconnected Zoom can cancel: what cannot be taken away is left to
// sweep, and keeps nobody from being told.
func TestWhatCannotBeTakenAwayIsLeftToSweepAndEverybodyIsTold(t *testing.T) {
	o := cancelled(nil)
	o.zoom.refuses = &zoom.Refused{Status: 401, Code: 124}
	o.walk(t)
	if diff := cmp.Diff([]mail.Kind{mail.GuestCancelled, mail.HostCancelled}, o.post.sent); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if len(o.calendar.live) > 0 || !o.stored.NeedsAttention() || o.stored.Deadline.IsZero() {
		t.Errorf("events %v, attention %v, deadline %v", o.calendar.live, o.stored.NeedsAttention(), o.stored.Deadline)
	}
	o.zoom.refuses = nil // connected again
	o.walk(t)
	if len(o.zoom.live) > 0 || o.stored.NeedsAttention() || !o.stored.Deadline.IsZero() || len(o.post.sent) != 2 {
		t.Errorf("afterwards: meetings %v, attention %v, deadline %v, %d mails", o.zoom.live, o.stored.NeedsAttention(), o.stored.Deadline, len(o.post.sent))
	}
}

// Somebody who replays a saga by hand may take the wrong machine.
func TestTheCancelMachineTakesNothingAwayOfABookingThatStands(t *testing.T) {
	for _, status := range []booking.Status{booking.Pending, booking.Confirmed} {
		t.Run(string(status), func(t *testing.T) {
			o := newOffice(with(status, map[booking.Step]booking.StepStatus{booking.Meeting: booking.Done, booking.Event: booking.Done}))
			o.stored.ZoomMeeting.ID = 1
			o.workflow = "cancel.asl.json"
			o.zoom.live, o.calendar.live = []int64{1}, []int64{1}
			want := o.stored
			o.walk(t)
			if diff := cmp.Diff(want, o.stored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if len(o.zoom.live) != 1 || len(o.calendar.live) != 1 || len(o.post.sent) > 0 {
				t.Errorf("meetings %v, events %v, mails %v", o.zoom.live, o.calendar.live, o.post.sent)
			}
		})
	}
}
