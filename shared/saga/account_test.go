package saga

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// madeIn is a booking whose meeting and event are in accounts named before.
func madeIn(b *booking.Booking) {
	b.ZoomMeeting.Account, b.CalendarEvent.Account = "before", "before"
}

func TestWhatIsMadeSaysInWhichAccountAndWhereItsHostSeesIt(t *testing.T) {
	o := newOffice(booked())
	o.zoom.whose, o.calendar.whose = "z", "c"
	for _, state := range []string{"CreateMeeting", "InsertEvent"} {
		if name := o.run(t, state); name != "" {
			t.Fatalf("%s: %s", state, name)
		}
	}
	if got := o.stored.ZoomMeeting.Account; got != "z" {
		t.Errorf("the meeting is in %q", got)
	}
	want := booking.CalendarEvent{ID: "e", URL: "https://calendar.example/e", Account: "c"}
	if diff := cmp.Diff(want, o.stored.CalendarEvent); diff != "" {
		t.Errorf("the event (-want +got):\n%s", diff)
	}
}

// An account that does not know the meeting says nothing of one that was made in
// another: it is still there, and is taken away once that account is connected again.
func TestWhatIsInAnAccountThatWasLeftIsNotTakenForGone(t *testing.T) {
	for name, left := range map[string]struct {
		zoom, calendar string // accounts connected
		meeting, event booking.StepStatus
	}{
		"at Zoom":         {zoom: "after", calendar: "before", meeting: booking.Done, event: booking.Undone},
		"at the calendar": {zoom: "before", calendar: "after", meeting: booking.Undone, event: booking.Done},
	} {
		t.Run(name, func(t *testing.T) {
			o := cancelled(madeIn)
			o.zoom.whose, o.calendar.whose = left.zoom, left.calendar
			o.zoom.hides = left.zoom == "after" // it is in no other account's list
			o.walk(t)
			if diff := cmp.Diff([]mail.Kind{mail.GuestCancelled, mail.HostCancelled}, o.post.sent); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			if m, e := o.stored.Steps[booking.Meeting].Status, o.stored.Steps[booking.Event].Status; m != left.meeting || e != left.event {
				t.Errorf("meeting %s, event %s", m, e)
			}
			if !o.stored.NeedsAttention() || o.stored.Deadline.IsZero() {
				t.Error("nobody looks after what is left")
			}
			o.zoom.whose, o.calendar.whose, o.zoom.hides = "before", "before", false // connected again
			o.walk(t)
			if o.stored.NeedsAttention() || len(o.zoom.live)+len(o.calendar.live) > 0 || len(o.post.sent) != 2 {
				t.Errorf("left: meetings %v, events %v, mails %v", o.zoom.live, o.calendar.live, o.post.sent)
			}
		})
	}
}

// A booking of a host who went on with other accounts can be moved: it gets another
// meeting and another event there.
func TestAMoveGoesOnInTheAccountThatIsConnectedNow(t *testing.T) {
	o := movingOffice(nil)
	madeIn(&o.stored)
	o.zoom.whose, o.calendar.whose = "after", "after"
	o.zoom.live, o.calendar.live = nil, nil // neither is known there
	for range 2 {
		o.walk(t)
	}
	b := o.stored
	if b.ZoomMeeting.ID != 2 || b.ZoomMeeting.Account != "after" || b.ZoomMeeting.Number != 1 {
		t.Errorf("the meeting: %+v", b.ZoomMeeting)
	}
	if b.CalendarEvent.Account != "after" || b.CalendarEvent.UID != "u" || b.CalendarEvent.Revision != 1 {
		t.Errorf("the event: %+v", b.CalendarEvent)
	}
	if b.Move.Outcome != booking.CameAbout || !b.Deadline.IsZero() || !b.Start.Equal(later) {
		t.Errorf("the move: %+v, deadline %v", b.Move, b.Deadline)
	}
	if diff := cmp.Diff([]mail.Kind{mail.GuestMoved, mail.HostMoved}, o.post.sent); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// What a move did in an account that its host left in the middle of it is neither
// taken for undone nor forgotten.
func TestAMoveThatBeganInAnotherAccountWaitsForIt(t *testing.T) {
	o := movingOffice(func(m *booking.Move) { m.Outcome = booking.GivenUp })
	madeIn(&o.stored)
	o.stored.MarkMove(booking.Meeting, booking.Done, began)
	o.zoom.whose = "after"
	o.now = began.Add(time.Hour)
	if name := o.run(t, "RestoreMeeting"); name != "GrantDead" {
		t.Errorf("restored: %q", name)
	}
	o.zoom.whose = "before"
	if name := o.run(t, "RestoreMeeting"); name != "" || !o.zoom.at[1].Equal(starts) {
		t.Errorf("connected again: %q, the meeting is at %v", name, o.zoom.at[1])
	}
}
