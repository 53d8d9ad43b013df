package booking_test

import (
	"testing"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
)

// What the booking's own event fills is no obstacle to a move, wherever its host has
// put it; whatever else stands in the calendar is.
func TestItsOwnEventIsInNoBookingsWay(t *testing.T) {
	ten := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	hour := func(h int) calendar.Interval {
		at := ten.Add(time.Duration(h-10) * time.Hour)
		return calendar.Interval{Start: at, End: at.Add(time.Hour)}
	}
	moved := map[booking.Step]booking.Difference{booking.Event: {Start: hour(15).Start, End: hour(15).End}}
	deleted := map[booking.Step]booking.Difference{booking.Event: {Gone: true}}
	tests := []struct {
		name    string
		differs map[booking.Step]booking.Difference
		busy    []calendar.Interval
		to      int
		want    bool
	}{
		{"free", nil, nil, 15, false},
		{"another's event", nil, []calendar.Interval{hour(15)}, 15, true},
		{"its own, where it stands", nil, []calendar.Interval{hour(10)}, 10, false},
		{"its own, where its host put it", moved, []calendar.Interval{hour(15)}, 15, false},
		{"what its host put in its place", moved, []calendar.Interval{hour(10), hour(15)}, 10, true},
		{"beside its own another's", moved, []calendar.Interval{{Start: hour(15).Start, End: hour(16).End}}, 16, true},
		{"what stands where its own was deleted", deleted, []calendar.Interval{hour(10)}, 10, true},
		{"a meeting that was moved says nothing of the event", map[booking.Step]booking.Difference{booking.Meeting: {Start: hour(15).Start, End: hour(15).End}},
			[]calendar.Interval{hour(15)}, 15, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := booking.Booking{Start: ten, End: ten.Add(time.Hour), Differences: tt.differs}
			to := booking.Place{Start: hour(tt.to).Start, End: hour(tt.to).End}
			if got := b.Obstructs(tt.busy, to); got != tt.want {
				t.Errorf("obstructs: %t", got)
			}
		})
	}
}

func TestAHostIsTheOneWhoIsToBeToldOfADifference(t *testing.T) {
	b := booking.Booking{}
	if b.Untold() {
		t.Error("there is nothing to tell")
	}
	meeting, event := []booking.Step{booking.Meeting}, []booking.Step{booking.Event}
	gone := map[booking.Step]booking.Difference{booking.Meeting: {Gone: true}, booking.Event: {Gone: true}}
	b.Compared(meeting, gone)
	before := b
	b.Tell(before.Differences)
	if b.Untold() || !before.Untold() {
		t.Error("told of one")
	}
	if b.Compared(meeting, gone) || b.Untold() {
		t.Error("what was told is told again")
	}
	if !b.Compared(event, gone) || !b.Untold() || !b.Differences[booking.Meeting].Told {
		t.Errorf("another: %+v", b.Differences)
	}
	b.Tell(b.Differences)
	at := time.Unix(1, 0)
	if !b.Compared(meeting, map[booking.Step]booking.Difference{booking.Meeting: {Start: at, End: at}}) || !b.Untold() {
		t.Errorf("the same, otherwise: %+v", b.Differences)
	}
	if b.Tell(before.Differences); !b.Untold() {
		t.Error("told of what was so before")
	}
}

func TestASearchCanAskForWhatConcernsItsHost(t *testing.T) {
	whole := booking.Booking{Status: booking.Confirmed}
	differs := booking.Booking{Status: booking.Confirmed, Differences: map[booking.Step]booking.Difference{booking.Event: {Gone: true}}}
	left := booking.Booking{Status: booking.Failed, Steps: map[booking.Step]booking.Progress{booking.Meeting: {Status: booking.Done}}}
	for concern, want := range map[booking.Concern][3]bool{
		booking.Anything:  {true, true, true},
		booking.Attention: {false, false, true},
		booking.Differs:   {false, true, false},
	} {
		q := booking.Search{Concern: concern}
		if got := [3]bool{q.Matches(whole), q.Matches(differs), q.Matches(left)}; got != want {
			t.Errorf("%q finds %v", concern, got)
		}
	}
}
