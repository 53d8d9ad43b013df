package saga

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

// later is where moves go.
var later = starts.Add(2 * time.Hour)

// moving is a confirmed booking on its way to a later time, as its guest asked.
func moving(change func(*booking.Move)) booking.Booking {
	b := with(booking.Confirmed, steps{
		booking.Meeting: booking.Done, booking.Event: booking.Done, booking.Mail: booking.Done, booking.Notice: booking.Done,
	})
	b.ZoomMeeting = booking.ZoomMeeting{ID: 1, JoinURL: "https://zoom.example/j/1"}
	b.CalendarEvent = booking.CalendarEvent{ID: "e", UID: "u"}
	b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: later, End: later.Add(30 * time.Minute)}, At: began})
	if change != nil {
		b.Amend(change)
	}
	b.Deadline = due
	return b
}

// movingOffice is a world that has the booking's meeting and event.
func movingOffice(change func(*booking.Move)) *office {
	o := newOffice(moving(change))
	o.workflow = "move.asl.json"
	o.zoom.live, o.calendar.live = []int64{1}, []int64{1}
	o.zoom.made, o.calendar.made = 1, 1
	o.zoom.carries = map[int64]string{1: reference(o.stored, 0)}
	return o
}

// stand is where the booking stands, in our books and outside.
type stand struct {
	Outcome         booking.Outcome
	Reason          booking.Reason
	Start           time.Time
	Revision        int
	Meetings        []int64 // that live
	MeetingAt       time.Time
	Events          int
	EventAt         time.Time
	Mails           []mail.Kind
	Attention, Over bool
	Meeting         int64
}

func (o *office) stand() stand {
	b := o.stored
	s := stand{
		Outcome: b.Move.Outcome, Reason: b.Move.Reason, Start: b.Start, Revision: b.Revision,
		Meetings: o.zoom.live, Events: len(o.calendar.live), Mails: o.post.sent,
		Attention: b.NeedsAttention(), Over: b.Deadline.IsZero(), Meeting: b.ZoomMeeting.ID,
	}
	s.MeetingAt, s.EventAt = o.zoom.at[b.ZoomMeeting.ID], o.calendar.at[1]
	return s
}

func TestAMoveArrivesEverywhere(t *testing.T) {
	o := movingOffice(nil)
	for range 2 { // every step may run twice
		o.walk(t)
	}
	want := stand{
		Outcome: booking.CameAbout, Start: later, Revision: 1, Meetings: []int64{1}, Meeting: 1, MeetingAt: later,
		Events: 1, EventAt: later, Mails: []mail.Kind{mail.GuestMoved, mail.HostMoved}, Over: true,
	}
	if diff := cmp.Diff(want, o.stand()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A move to where the booking stands, of which nothing was lost, is over once that is
// found: it neither keeps sweep busy nor other changes away.
func TestAMoveThatIsNewsToNobodyEndsWithoutAMail(t *testing.T) {
	o := movingOffice(func(m *booking.Move) { m.To = m.From })
	o.walk(t)
	want := stand{
		Outcome: booking.CameAbout, Start: starts, Revision: 1, Meetings: []int64{1}, Meeting: 1, MeetingAt: starts,
		Events: 1, EventAt: starts, Over: true,
	}
	if diff := cmp.Diff(want, o.stand()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMeetingThatCannotBeMovedIsReplaced(t *testing.T) {
	for name, prepare := range map[string]func(*office){
		"it is gone": func(o *office) { o.zoom.live = nil },
		"the app may not update": func(o *office) {
			o.zoom.answers = []error{&zoom.Refused{Op: "update the meeting", Status: 400, Code: 4711}}
		},
		"it is gone, and the create is late":  func(o *office) { o.zoom.live, o.zoom.answers = nil, []error{errLate} },
		"it is gone, and the answer was lost": func(o *office) { o.zoom.live, o.zoom.answers = nil, []error{errLost} },
	} {
		t.Run(name, func(t *testing.T) {
			o := movingOffice(nil)
			prepare(o)
			for n := 0; o.run(t, "MoveMeeting") != ""; n++ {
				if n == 20 {
					t.Fatal("it does not end")
				}
				o.now = o.now.Add(10 * time.Second)
				o.zoom.land()
			}
			o.walk(t)
			want := stand{
				Outcome: booking.CameAbout, Start: later, Revision: 1, Meetings: []int64{2}, Meeting: 2,
				Events: 1, EventAt: later, Mails: []mail.Kind{mail.GuestMoved, mail.HostMoved}, Over: true,
			}
			if diff := cmp.Diff(want, o.stand()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a move did is undone, however its steps' answers were lost.
func TestAMoveThatIsGivenUpLeavesEverythingWhereItStood(t *testing.T) {
	stayed := stand{
		Outcome: booking.Stayed, Start: starts, Revision: 2, Meetings: []int64{1}, Meeting: 1,
		Events: 1, Mails: []mail.Kind{mail.GuestStayed, mail.HostStayed}, Over: true,
	}
	back := func(s stand, meeting, event bool) stand {
		if meeting {
			s.MeetingAt = starts
		}
		if event {
			s.EventAt = starts
		}
		return s
	}
	for name, c := range map[string]struct {
		prepare func(*office)
		reason  booking.Reason
		want    stand
	}{
		"Zoom refuses": {func(o *office) {
			o.zoom.answers = []error{&zoom.Refused{Status: 400, Code: 300}}
		}, booking.ReasonZoomUnavailable, back(stayed, false, false)},
		"Zoom's answer is lost": {func(o *office) {
			o.zoom.answers = []error{errLost}
		}, booking.ReasonZoomUnavailable, back(stayed, true, false)},
		"the calendar filled": {func(o *office) {
			o.busy = []calendar.Interval{{Start: later, End: later.Add(time.Minute)}}
		}, booking.ReasonSlotTaken, back(stayed, true, false)},
		"the calendar's answer is lost": {func(o *office) {
			o.calendar.answers = []error{errLost}
		}, booking.ReasonCalendarFailed, back(stayed, true, true)},
		"the new meeting's answer is lost": {func(o *office) {
			o.zoom.answers = []error{&zoom.Refused{Op: "update the meeting", Status: 400, Code: 4711}, errLost}
		}, booking.ReasonZoomUnavailable, back(stayed, false, false)},
	} {
		t.Run(name, func(t *testing.T) {
			o := movingOffice(nil)
			c.prepare(o)
			failure := ""
			for _, state := range []string{"MoveMeeting", "MoveEvent", "MailGuest"} {
				if failure = o.run(t, state, func(r *Request) { r.Checked = false }); failure != "" {
					break
				}
			}
			o.now = o.now.Add(effectWithin)
			for _, state := range []string{"RestoreEvent", "RestoreMeeting", "Stay", "MailStay"} {
				if n := o.run(t, state, func(r *Request) { r.Error = failure }); n != "" {
					t.Fatalf("%s ends with %s", state, n)
				}
			}
			c.want.Reason = c.reason
			if diff := cmp.Diff(c.want, o.stand()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A move whose first try was not answered, and whose second was: what comes late
// would come after whatever changes the same thing next.
// As with a booking: what its guest may know by now is not undone.
func TestARefusedMailEndsOnlyAMoveThatItsGuestCannotKnow(t *testing.T) {
	type end struct {
		Error   string
		Outcome booking.Outcome
		Mail    booking.StepStatus
	}
	refused, unknown := &mail.Refused{}, &mail.Unavailable{}
	tests := map[string]struct {
		answers []error
		want    end
	}{
		"refused":                          {[]error{refused}, end{"Refused", booking.UnderWay, booking.Done}},
		"without an answer, then refused":  {[]error{unknown, refused}, end{"", booking.CameAbout, booking.Skipped}},
		"without an answer, then accepted": {[]error{unknown, nil}, end{"", booking.CameAbout, booking.Done}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := movingOffice(func(m *booking.Move) {
				m.Steps[booking.Meeting], m.Steps[booking.Event] = booking.Progress{Status: booking.Done}, booking.Progress{Status: booking.Done}
			})
			var got end
			for _, o.post.refuses = range test.answers {
				got.Error = o.run(t, "MailGuest")
			}
			got.Outcome, got.Mail = o.stored.Move.Outcome, o.progress()[booking.Mail]
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatMayYetComeIsWaitedForBeforeItIsChangedOtherwise(t *testing.T) {
	for _, c := range []struct{ step, state, back string }{
		{"meeting", "MoveMeeting", "RestoreMeeting"}, {"event", "MoveEvent", "RestoreEvent"},
	} {
		tried := func(t *testing.T) *office {
			t.Helper()
			o := movingOffice(nil)
			if c.step == "event" {
				o.run(t, "MoveMeeting")
				o.calendar.answers = []error{errLate}
			} else {
				o.zoom.answers = []error{errLate}
			}
			for _, want := range []string{"Unavailable", ""} {
				o.now = o.now.Add(time.Second)
				if n := o.run(t, c.state); n != want {
					t.Fatalf("%s ends with %q, want %q", c.state, n, want)
				}
			}
			return o
		}
		waits := func(t *testing.T, o *office, state string) {
			t.Helper()
			if n := o.run(t, state); n != "TooSoon" {
				t.Errorf("%s at once ends with %q", state, n)
			}
			o.now = o.now.Add(effectWithin)
			if n := o.run(t, state); n != "" {
				t.Errorf("%s later ends with %q", state, n)
			}
		}
		t.Run("the "+c.step+" is put back", func(t *testing.T) {
			o := tried(t)
			o.stored.GiveUpMove(booking.ReasonMailFailed)
			waits(t, o, c.back)
		})
		t.Run("the "+c.step+" is moved on", func(t *testing.T) {
			o := tried(t)
			for _, state := range []string{"MoveEvent", "MailGuest", "MailHost"} {
				o.run(t, state)
			}
			o.stored.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: later.Add(time.Hour), End: later.Add(2 * time.Hour)}, At: o.now})
			waits(t, o, c.state)
		})
	}
	t.Run("what was put back is moved again", func(t *testing.T) {
		o := movingOffice(nil)
		o.run(t, "MoveMeeting")
		o.stored.GiveUpMove(booking.ReasonMailFailed)
		o.zoom.answers = []error{errLate}
		for _, state := range []string{"RestoreMeeting", "RestoreMeeting", "Stay", "MailStay"} {
			o.run(t, state)
		}
		o.stored.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: later, End: later.Add(time.Hour)}, At: o.now})
		if n := o.run(t, "MoveMeeting"); n != "TooSoon" {
			t.Errorf("MoveMeeting at once ends with %q", n)
		}
	})
}

// A move that fails before it made another meeting leaves nothing at Zoom to undo: it
// ends though the grant is dead.
func TestAMoveThatMadeNothingEndsWithoutZoom(t *testing.T) {
	o := movingOffice(nil)
	o.zoom.answers = []error{
		&zoom.Refused{Op: "update the meeting", Status: 400, Code: 4711}, &zoom.Refused{Op: "create the meeting", Status: 401, Code: 124},
	}
	failure := o.run(t, "MoveMeeting")
	o.lost = &connection.Dead{Provider: connection.Zoom}
	for _, state := range []string{"RestoreEvent", "RestoreMeeting", "Stay", "MailStay"} {
		if n := o.run(t, state, func(r *Request) { r.Error = failure }); n != "" {
			t.Errorf("%s ends with %s", state, n)
		}
	}
	want := stand{
		Outcome: booking.Stayed, Reason: booking.ReasonHostDisconnected, Start: starts, Revision: 2, Meetings: []int64{1}, Meeting: 1,
		Events: 1, Mails: []mail.Kind{mail.GuestStayed, mail.HostStayed}, Over: true,
	}
	if diff := cmp.Diff(want, o.stand()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABookingThatIsCancelledWhileItMovesIsTakenAwayWhole(t *testing.T) {
	for _, stop := range []string{"MoveMeeting", "MoveEvent", "MailGuest"} {
		for _, answer := range []error{nil, errLost, errLate} {
			t.Run(fmt.Sprint(stop, " ", answer), func(t *testing.T) {
				o := movingOffice(nil)
				o.zoom.live, o.calendar.live = nil, nil // both are made anew
				o.zoom.answers, o.calendar.answers = []error{answer}, []error{answer}
				for _, state := range []string{"MoveMeeting", "MoveEvent", "MailGuest"} {
					if o.run(t, state); state == stop {
						break
					}
				}
				o.stored.Cancel(booking.Cancellation{By: booking.ByGuest, At: o.now})
				o.workflow = "cancel.asl.json"
				o.now = o.now.Add(effectWithin)
				o.zoom.land()
				o.calendar.land()
				o.walk(t)
				if len(o.zoom.live) > 0 || len(o.calendar.live) > 0 || !o.stored.Clean() {
					t.Errorf("left: meetings %v, events %v, %v", o.zoom.live, o.calendar.live, o.progress())
				}
				o.workflow = "move.asl.json"
				for _, state := range []string{"MoveMeeting", "MoveEvent", "MailGuest"} {
					if n := o.run(t, state); n != "BookingClosed" {
						t.Errorf("%s of a cancelled booking ends with %q", state, n)
					}
				}
			})
		}
	}
}

// A meeting that is to be replaced is there while the other's create is still under
// way: what comes late is waited for all the same.
func TestALateReplacementIsTakenAwayWithTheMeetingThatItWasToReplace(t *testing.T) {
	o := movingOffice(nil)
	o.zoom.answers = []error{&zoom.Refused{Op: "update the meeting", Status: 400, Code: 4711}, errLate}
	o.run(t, "MoveMeeting")
	o.stored.Cancel(booking.Cancellation{By: booking.ByGuest, At: o.now})
	o.workflow = "cancel.asl.json"
	if n := o.run(t, "DeleteMeeting"); n != "TooSoon" {
		t.Errorf("deleting at once ends with %q", n)
	}
	o.now = o.now.Add(effectWithin)
	o.zoom.land()
	o.walk(t)
	if len(o.zoom.live) > 0 || !o.stored.Clean() {
		t.Errorf("left: meetings %v, %v", o.zoom.live, o.progress())
	}
}

// A host accepts where they moved the event to, though their calendar is full of it,
// and though the saga is taken up again by sweep, which knows nothing of calendars.
func TestAHostsOwnMoveAsksTheirCalendarNothing(t *testing.T) {
	o := movingOffice(func(m *booking.Move) { m.By = booking.ByHost })
	o.busy = []calendar.Interval{{Start: later, End: later.Add(time.Hour)}}
	unchecked := func(r *Request) { r.Checked = false }
	if name := o.run(t, "MoveEvent", unchecked); name != "" {
		t.Errorf("the host's: %s", name)
	}
	o = movingOffice(nil)
	o.busy = []calendar.Interval{{Start: later, End: later.Add(time.Hour)}}
	if name := o.run(t, "MoveEvent", unchecked); name != "CalendarBusy" {
		t.Errorf("the guest's: %q", name)
	}
	o = movingOffice(nil)
	o.busy = []calendar.Interval{{Start: later, End: later.Add(30 * time.Minute)}}
	o.stored.Differences = map[booking.Step]booking.Difference{booking.Event: {Start: later, End: later.Add(30 * time.Minute)}}
	if name := o.run(t, "MoveEvent", unchecked); name != "" {
		t.Errorf("the guest's, to where the host moved the event: %s", name)
	}
}

// What is known of a booking stays known to a step that cannot read it again.
func TestAMoveWhoseBookingCannotBeReadAgainEndsWithThatError(t *testing.T) {
	for state, limited := range map[string]error{
		"MoveMeeting": &zoom.RateLimited{RetryAfter: time.Millisecond},
		"MoveEvent":   &google.RateLimited{RetryAfter: time.Millisecond},
	} {
		t.Run(state, func(t *testing.T) {
			o := movingOffice(nil)
			o.zoom.answers, o.calendar.answers = []error{limited}, []error{limited}
			o.between(1, func(*booking.Booking) { o.unread = errors.New("the table is away") })
			if got := o.run(t, state); got != "Unavailable" {
				t.Errorf("it ends with %q", got)
			}
		})
	}
}
