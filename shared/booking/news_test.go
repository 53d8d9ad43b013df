package booking_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

// planned is a confirmed booking at ten whose guest may change it until so many
// minutes before.
func planned(changeNotice int) booking.Booking {
	b := at(booking.Pending, done, done, done, done, waiting)
	b.Start, b.End = ten, ten.Add(30*time.Minute)
	b.ZoomMeeting.JoinURL = "https://zoom.us/j/1"
	b.Terms.ChangeNotice = changeNotice
	b.Confirm(now)
	return b
}

func TestNewsSaysWhatWasSoWhenItHappened(t *testing.T) {
	b := planned(0)
	b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: ten.Add(time.Hour), End: ten.Add(90 * time.Minute)}})
	b.Arrive(now.Add(time.Minute))
	b.Cancel(booking.Cancellation{By: booking.ByHost, At: now.Add(2 * time.Minute)})
	want := []booking.News{
		{Number: 1, Kind: booking.NewsConfirmed, At: now, Start: ten, End: ten.Add(30 * time.Minute), JoinURL: "https://zoom.us/j/1"},
		{Number: 2, Kind: booking.NewsRescheduled, At: now.Add(time.Minute), Start: ten.Add(time.Hour), End: ten.Add(90 * time.Minute), From: ten, JoinURL: "https://zoom.us/j/1"},
		{Number: 3, Kind: booking.NewsCancelled, At: now.Add(2 * time.Minute), Start: ten.Add(time.Hour), End: ten.Add(90 * time.Minute)},
	}
	if diff := cmp.Diff(want, b.News); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	if !b.Due().Equal(now) {
		t.Errorf("due %s, want %s", b.Due(), now)
	}
}

func TestGuestsMayChangeUntilTheirPageSaid(t *testing.T) {
	day := 24 * 60
	tests := []struct {
		name         string
		notice       int
		at           time.Time
		cancel, move bool
	}{
		{"a day before, in time", day, ten.Add(-24*time.Hour - time.Nanosecond), true, true},
		{"a day before, on the instant", day, ten.Add(-24 * time.Hour), false, false},
		{"no notice, before the start", 0, ten.Add(-time.Second), true, true},
		{"no notice, while it goes on", 0, ten.Add(time.Second), true, false},
		{"no notice, when it is over", 0, ten.Add(30 * time.Minute), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := planned(test.notice)
			if got := b.GuestCanCancel(test.at); got != test.cancel {
				t.Errorf("cancel: %v, want %v", got, test.cancel)
			}
			if got := b.GuestCanMove(test.at); got != test.move {
				t.Errorf("move: %v, want %v", got, test.move)
			}
		})
	}
}

func TestWhatIsDifferentOutsideKeepsTheTimeWhenItWasFound(t *testing.T) {
	both := []booking.Step{booking.Meeting, booking.Event}
	gone := map[booking.Step]booking.Difference{booking.Meeting: {Gone: true, FoundAt: now}}
	b := planned(0)
	if b.Compared(both, nil) {
		t.Error("nothing different is news")
	}
	if !b.Compared(both, gone) || !b.MeetingGone() {
		t.Error("a deleted meeting is no news")
	}
	later := map[booking.Step]booking.Difference{booking.Meeting: {Gone: true, FoundAt: now.Add(time.Hour)}}
	if b.Compared(both, later) || b.Compared([]booking.Step{booking.Event}, nil) {
		t.Error("the same once more, or of the other step, is news")
	}
	if diff := cmp.Diff(gone, b.Differences); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if !b.Compared(both, nil) || len(b.Differences) > 0 {
		t.Errorf("what is mended is still different: %v", b.Differences)
	}
}
