package booking_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

// at is a booking of that status with its steps in the order in which they happen.
func at(status booking.Status, hold, meeting, event, mail, notice booking.StepStatus) booking.Booking {
	return booking.Booking{Status: status, Steps: map[booking.Step]booking.Progress{
		booking.Hold: {Status: hold}, booking.Meeting: {Status: meeting}, booking.Event: {Status: event},
		booking.Mail: {Status: mail}, booking.Notice: {Status: notice},
	}}
}

const (
	waiting = booking.Waiting
	begun   = booking.Started
	done    = booking.Done
	undone  = booking.Undone
	skipped = booking.Skipped
)

func TestOnlyAPendingBookingFailsAndItsMailsBeginAnew(t *testing.T) {
	tests := []struct {
		name         string
		before, want booking.Booking
	}{
		{"pending", at(booking.Pending, done, done, begun, waiting, waiting), at(booking.Failed, done, done, begun, waiting, waiting)},
		{"pending, after a mail was tried", at(booking.Pending, done, done, done, begun, skipped), at(booking.Failed, done, done, done, waiting, waiting)},
		{"confirmed", at(booking.Confirmed, done, done, done, done, begun), at(booking.Confirmed, done, done, done, done, begun)},
		{"cancelled", at(booking.Cancelled, undone, undone, undone, done, done), at(booking.Cancelled, undone, undone, undone, done, done)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.want.Status == booking.Failed {
				test.want.Reason = booking.ReasonTooLate
				test.want.News, test.want.NewsCount = []booking.News{{Number: 1, Kind: booking.NewsFailed, At: ten}}, 1
			}
			got, steps := test.before, fmt.Sprint(test.before.Steps)
			got.Fail(booking.ReasonTooLate, ten)
			got.Fail(booking.ReasonSlotTaken, ten) // the first reason stands
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("failed (-want +got):\n%s", diff)
			}
			if after := fmt.Sprint(test.before.Steps); after != steps {
				t.Errorf("the steps of a copy changed from %s to %s", steps, after)
			}
		})
	}
}

func TestAConfirmedBookingKeepsItsSteps(t *testing.T) {
	got := at(booking.Pending, done, done, done, done, waiting)
	got.Confirm(ten)
	got.Confirm(ten) // once more is no news
	want := at(booking.Confirmed, done, done, done, done, waiting)
	want.News, want.NewsCount = []booking.News{{Number: 1, Kind: booking.NewsConfirmed, At: ten}}, 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("confirmed (-want +got):\n%s", diff)
	}
}

func TestAMarkIsInUTCAndTouchesOneStep(t *testing.T) {
	got := at(booking.Pending, done, waiting, waiting, waiting, waiting)
	got.Mark(booking.Meeting, begun, ten.In(time.FixedZone("", 9*60*60)))
	want := at(booking.Pending, done, waiting, waiting, waiting, waiting)
	want.Steps[booking.Meeting] = booking.Progress{Status: begun, At: ten}
	if diff := cmp.Diff(want, got); diff != "" || got.Steps[booking.Meeting].At.Location() != time.UTC {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
}

func TestABookingIsFinishedOnceNothingIsLeftToDoOrUndo(t *testing.T) {
	tests := []struct {
		name    string
		booking booking.Booking
		want    bool
	}{
		{"pending", at(booking.Pending, done, done, done, done, done), false},
		{"confirmed, the host not told", at(booking.Confirmed, done, done, done, done, waiting), false},
		{"confirmed, the host being told", at(booking.Confirmed, done, done, done, done, begun), false},
		{"confirmed, the guest being told", at(booking.Confirmed, done, done, done, begun, done), false},
		{"confirmed", at(booking.Confirmed, done, done, done, done, done), true},
		{"confirmed, the host's mail refused", at(booking.Confirmed, done, done, done, done, skipped), true},
		{"failed, still held", at(booking.Failed, done, undone, undone, done, done), false},
		{"failed, a meeting left", at(booking.Failed, undone, begun, undone, done, done), false},
		{"failed, an event left", at(booking.Failed, undone, undone, done, done, done), false},
		{"failed, nobody told", at(booking.Failed, undone, undone, undone, waiting, waiting), false},
		{"failed, mails refused", at(booking.Failed, undone, undone, waiting, skipped, skipped), true},
		{"failed", at(booking.Failed, undone, waiting, waiting, done, done), true},
		{"cancelled", at(booking.Cancelled, undone, undone, undone, done, done), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.booking.Finished(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestSweepWatchesABookingWhileSomethingIsLeft(t *testing.T) {
	before, now := ten.Add(-time.Hour), ten
	tests := []struct {
		name           string
		booking        booking.Booking
		deadline, want time.Time
	}{
		{"pending", at(booking.Pending, done, begun, waiting, waiting, waiting), before, before},
		{"confirmed, the host not told", at(booking.Confirmed, done, done, done, done, waiting), before, before},
		{"confirmed", at(booking.Confirmed, done, done, done, done, done), before, time.Time{}},
		{"failed, something left", at(booking.Failed, undone, done, undone, done, done), before, before},
		{"failed, something left that came late", at(booking.Failed, undone, done, undone, done, done), time.Time{}, now},
		{"failed, nothing left", at(booking.Failed, undone, undone, undone, done, done), before, time.Time{}},
		{"turned away", at(booking.Failed, undone, waiting, waiting, waiting, waiting), time.Time{}, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.booking.Deadline = test.deadline
			test.booking.Watch(now)
			if diff := cmp.Diff(test.want, test.booking.Deadline); diff != "" {
				t.Errorf("deadline (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever was turned away at submission was told so then.
func TestAGuestIsTurnedAwayOnlyBeforeTheSaga(t *testing.T) {
	due := ten
	tests := []struct {
		name     string
		booking  booking.Booking
		deadline time.Time
		want     bool
	}{
		{"at submission", at(booking.Failed, undone, waiting, waiting, waiting, waiting), time.Time{}, true},
		{"by a saga, mails due", at(booking.Failed, undone, waiting, waiting, waiting, waiting), due, false},
		{"by a saga, not released", at(booking.Failed, done, waiting, waiting, waiting, waiting), due, false},
		{"by a saga, mailed", at(booking.Failed, undone, waiting, waiting, done, done), time.Time{}, false},
		{"pending", at(booking.Pending, done, waiting, waiting, waiting, waiting), due, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.booking.Deadline = test.deadline
			if got := test.booking.TurnedAway(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// What may exist outside is not clean; of a failed booking it needs attention.
// What withdraws a booking comes after every plan that its guest may have been told,
// the one of a move that the cancellation cut off too.
func TestACancellationCountsFromThePlanThatTheGuestMayKnow(t *testing.T) {
	for status, want := range map[booking.StepStatus]int{waiting: 3, begun: 4, done: 4} {
		b := at(booking.Confirmed, done, done, done, done, done)
		b.Revision = 3
		b.Begin(booking.Move{By: booking.ByGuest, At: ten})
		b.MarkMove(booking.Mail, status, ten)
		b.Cancel(booking.Cancellation{By: booking.ByGuest, At: ten})
		if b.Revision != want {
			t.Errorf("the move's mail being %s: revision %d, want %d", status, b.Revision, want)
		}
	}
}

func TestABookingIsCleanOnceMeetingAndEventAreGone(t *testing.T) {
	gone := map[booking.StepStatus]bool{waiting: true, undone: true, begun: false, done: false, skipped: false}
	for meeting, meetingGone := range gone {
		for event, eventGone := range gone {
			want := meetingGone && eventGone
			for _, status := range []booking.Status{booking.Pending, booking.Confirmed, booking.Failed, booking.Cancelled} {
				b := at(status, done, meeting, event, waiting, waiting)
				if got := b.Clean(); got != want {
					t.Errorf("%s, meeting %s, event %s: clean %v, want %v", status, meeting, event, got, want)
				}
				attention := status == booking.Failed && !want
				if got := b.NeedsAttention(); got != attention {
					t.Errorf("%s, meeting %s, event %s: attention %v, want %v", status, meeting, event, got, attention)
				}
			}
		}
	}
}
