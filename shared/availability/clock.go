package availability

import (
	"iter"
	"math"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// day is a calendar date, counted from 1970-01-01. A local time is written as its
// seconds since that date's midnight, as if clocks never changed.
type day int64

// dayOf is the date that t shows in UTC.
func dayOf(t time.Time) day { return day(floorDiv(t.Unix(), secondsPerDay)) }

func (d day) midnight() int64 { return int64(d) * secondsPerDay }

func (d day) date() time.Time { return instant(d.midnight()) }

func (d day) weekday() time.Weekday {
	const first = int64(time.Thursday) // 1970-01-01
	return time.Weekday(int64(d) + first - 7*floorDiv(int64(d)+first, 7))
}

// clock is how a zone's clocks go over some time: stretches without a change, in
// order and without a gap between them.
type clock []stretch

// stretch is a time [start, end) in which local time is offset seconds ahead of
// UTC.
type stretch struct {
	start, end, offset int64
}

// clockOf returns the clock of a zone for [from, to), and on to the next change.
func clockOf(zone *time.Location, from, to time.Time) clock {
	var c clock
	for at := from.In(zone); ; {
		_, offset := at.Zone()
		s := stretch{start: at.Unix(), end: math.MaxInt64 / 2, offset: int64(offset)}
		next := nextChange(at)
		if !next.IsZero() {
			s.end = next.Unix()
		}
		c = append(c, s)
		if next.IsZero() || !next.Before(to) {
			return c
		}
		at = next
	}
}

// nextChange is the end of t.ZoneBounds, zero if there is none. On the last UTC day
// of some leap years Go gives that day's start (golang/go#81583), which would keep
// a loop from ever leaving it; here it is the day's end.
func nextChange(t time.Time) time.Time {
	const day = 24 * time.Hour
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		return t.Truncate(day).Add(day)
	}
	return end
}

// first is the first instant at which clocks show the local time. One that a
// change skips is moved to the first instant after the gap.
func (c clock) first(local int64) int64 {
	for _, s := range c {
		if local < s.end+s.offset {
			return max(local-s.offset, s.start)
		}
	}
	return c[len(c)-1].end
}

// last is the last instant at which clocks show the local time, moved as first
// does.
func (c clock) last(local int64) int64 {
	for i := len(c) - 1; i >= 0; i-- {
		if s := c[i]; s.start+s.offset <= local {
			return min(local-s.offset, s.end)
		}
	}
	return c[0].start
}

// date is the local date at an instant.
func (c clock) date(at int64) day {
	i := 0
	for i < len(c)-1 && at >= c[i].end {
		i++
	}
	return day(floorDiv(at+c[i].offset, secondsPerDay))
}

// window is a page's window on one date: [from, to).
type window struct {
	from, to int64
}

// windows yields the windows of the dates whose windows can reach into [lo, hi),
// by date. It is one date more on either side: a clock put back over midnight
// shows a date again.
func (v *view) windows(lo, hi int64) iter.Seq[window] {
	return func(yield func(window) bool) {
		for d := v.clock.date(lo) - 1; d <= v.clock.date(hi)+1; d++ {
			for _, h := range v.on(d) {
				w := window{from: v.clock.first(d.midnight() + h.from), to: v.clock.last(d.midnight() + h.to)}
				if !yield(w) {
					return
				}
			}
		}
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
