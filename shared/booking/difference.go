package booking

import (
	"maps"
	"time"
)

// Difference is something of a booking that does not stand outside as the booking
// has it: its host deleted or moved it there. What is to become of the booking, the
// host decides.
type Difference struct {
	Gone       bool      // it is not there any more
	Start, End time.Time // where it stands instead, UTC; of one that is there
	FoundAt    time.Time
	Told       bool // whether its host was mailed of it
}

// same reports whether the two say the same, whenever each was found.
func (d Difference) same(o Difference) bool {
	return d.Gone == o.Gone && d.Start.Equal(o.Start) && d.End.Equal(o.End)
}

// Compared keeps what a comparison found different of the steps that it looked at,
// and reports whether that is anything new. What was known already keeps its time.
func (b *Booking) Compared(looked []Step, found map[Step]Difference) bool {
	kept, changed := maps.Clone(b.Differences), false
	if kept == nil {
		kept = map[Step]Difference{}
	}
	for _, s := range looked {
		known, was := kept[s]
		is, differs := found[s]
		switch {
		case differs && was && is.same(known), !differs && !was:
		case differs:
			kept[s], changed = is, true
		default:
			delete(kept, s)
			changed = true
		}
	}
	if changed {
		b.Differences = kept
	}
	return changed
}

// Untold reports whether there is a difference of which its host was not mailed yet.
func (b Booking) Untold() bool {
	for _, d := range b.Differences {
		if !d.Told {
			return true
		}
	}
	return false
}

// Tell records that its host was mailed of those differences, as far as they still are.
func (b *Booking) Tell(of map[Step]Difference) {
	told := maps.Clone(b.Differences)
	for s, d := range told {
		if was, differed := of[s]; differed && was.same(d) && was.FoundAt.Equal(d.FoundAt) {
			d.Told = true
			told[s] = d
		}
	}
	b.Differences = told
}

// Settled reports whether the booking is confirmed and nothing of it is under way: then
// what stands outside is to be as the booking has it.
func (b Booking) Settled() bool {
	return b.Status == Confirmed && !b.Moving() && b.Deadline.IsZero()
}

// LastStep is when a step of the booking, or of its move, was last begun or ended.
func (b Booking) LastStep() time.Time {
	last := b.CreatedAt
	latest := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	for _, p := range b.Steps {
		latest(p.At)
	}
	if b.Move != nil {
		latest(b.Move.EndedAt)
		for _, p := range b.Move.Steps {
			latest(p.At)
		}
	}
	return last
}

// MeetingGone reports whether the booking's meeting is known not to be there: its
// URL leads nowhere.
func (b Booking) MeetingGone() bool { return b.Differences[Meeting].Gone }
