// Package availability knows which starts of a booking page are open, and why the
// others are not (DESIGN §5). What guests are shown and what a submission is held
// to come from the same code. It is pure: busy times and bookings are given to it,
// and the time of day too.
package availability

import (
	"slices"
	"time"

	"yakusoku/shared/calendar"
)

// Slot is an offered meeting time (空き枠), in UTC.
type Slot struct {
	Start, End time.Time
}

// Query is what the rules are applied to.
type Query struct {
	Now time.Time
	// From and To bound the starts that Open returns: [From, To).
	From, To time.Time
	// Busy holds the times when the host is not free, in any order and overlapping:
	// busy times of calendars, and bookings already widened by their own buffers.
	Busy []calendar.Interval
	// Booked counts the bookings of each local date, as LocalDate writes it. It is
	// read only where the page has a maxPerDay.
	Booked map[string]int
}

// Verdict says whether a start is open or why it is not.
type Verdict string

const (
	Open           Verdict = "open"
	Past           Verdict = "past"
	ShortNotice    Verdict = "short_notice"    // less than minNoticeMinutes from now
	BeyondHorizon  Verdict = "beyond_horizon"  // after the last day of horizonDays
	OutsideWindows Verdict = "outside_windows" // in no window of its date
	OffGrid        Verdict = "off_grid"        // in a window, but not one of its slots
	Busy           Verdict = "busy"            // the slot with its buffers meets a busy time
	DayFull        Verdict = "day_full"        // its date has maxPerDay bookings
)

// Open returns the open slots that start in [q.From, q.To), sorted.
func (r *Rules) Open(q Query) []Slot {
	v := r.at(q)
	lo, hi := max(ceil(q.From), v.earliest), min(ceil(q.To), v.latest)
	if lo >= hi {
		return nil
	}
	v.blocked = r.blocked(q.Busy, lo, hi)
	offers, total, overlap := v.offered(lo, hi)
	open := make([]int64, 0, total)
	for _, o := range offers {
		for i := range o.count {
			if start := o.first + i*r.interval; v.judge(start) == Open {
				open = append(open, start)
			}
		}
	}
	if overlap {
		slices.Sort(open)
		open = slices.Compact(open)
	}
	slots := make([]Slot, len(open))
	for i, start := range open {
		slots[i] = Slot{Start: instant(start), End: instant(start + r.duration)}
	}
	return slots
}

// Check judges one start, whatever q.From and q.To. Of several reasons it gives
// the first in the order of the verdicts' declaration.
func (r *Rules) Check(start time.Time, q Query) Verdict {
	v := r.at(q)
	at := start.Unix()
	switch {
	case start.Before(q.Now):
		return Past
	case start.Before(q.Now.Add(r.notice)):
		return ShortNotice
	case at >= v.latest:
		return BeyondHorizon
	}
	if _, n, _ := v.offered(at, at+1); n == 0 || start.Nanosecond() != 0 {
		for w := range v.windows(at, at+1) {
			if w.from <= at && at < w.to {
				return OffGrid
			}
		}
		return OutsideWindows
	}
	v.blocked = r.blocked(q.Busy, at, at+1)
	return v.judge(at)
}

// LocalDate is the date of a start in the page's zone, such as "2026-12-01": the
// one that its booking counts toward.
func (r *Rules) LocalDate(start time.Time) string {
	return start.In(r.zone).Format(time.DateOnly)
}

// view is the rules at one moment. Instants are Unix seconds.
type view struct {
	*Rules
	clock    clock
	earliest int64 // the first start with notice enough
	latest   int64 // the first instant after the horizon
	blocked  minutes
	full     []day // local dates that have maxPerDay bookings, sorted
}

func (r *Rules) at(q Query) *view {
	const margin = 3 * 24 * time.Hour // windows of the dates around reach over them
	end := q.Now.AddDate(0, 0, r.horizonDays)
	c := clockOf(r.zone, q.Now.Add(-margin), end.Add(margin))
	today := c.date(q.Now.Unix())
	return &view{
		Rules:    r,
		clock:    c,
		earliest: ceil(q.Now.Add(r.notice)),
		latest:   c.first((today + day(r.horizonDays) + 1).midnight()),
		full:     r.full(q.Booked),
	}
}

// offer is a window's slots that start within the bounds asked for.
type offer struct {
	first, count int64
}

// offered lists the slots of the windows that start in [lo, hi), open or not, and
// how many they are. Windows overlap only where a clock was put back.
func (v *view) offered(lo, hi int64) (list []offer, total int64, overlap bool) {
	list = make([]offer, 0, 2*((hi-lo)/secondsPerDay+1))
	end := lo
	for w := range v.windows(lo, hi) {
		o := v.slots(w, lo, hi)
		if o.count == 0 {
			continue
		}
		overlap = overlap || o.first < end
		end = max(end, o.first+(o.count-1)*v.interval+1)
		total += o.count
		list = append(list, o)
	}
	return list, total, overlap
}

// slots finds the slots that start in [lo, hi) and lie wholly in the window.
func (v *view) slots(w window, lo, hi int64) offer {
	first := w.from
	if first < lo {
		first += (lo - first + v.interval - 1) / v.interval * v.interval
	}
	end := min(hi, w.to-v.duration+1)
	if first >= end {
		return offer{}
	}
	return offer{first: first, count: (end-1-first)/v.interval + 1}
}

// judge decides on a start that is offered.
func (v *view) judge(start int64) Verdict {
	switch {
	case v.blocked.has(start):
		return Busy
	case len(v.full) > 0 && v.dayFull(start):
		return DayFull
	}
	return Open
}

func (v *view) dayFull(start int64) bool {
	_, full := slices.BinarySearch(v.full, v.clock.date(start))
	return full
}

// full lists the dates that take no more bookings. A key that is no date counts
// for none.
func (r *Rules) full(booked map[string]int) []day {
	if r.maxPerDay == 0 {
		return nil
	}
	var list []day
	for text, count := range booked {
		if count < r.maxPerDay {
			continue
		}
		if date, err := time.Parse(time.DateOnly, text); err == nil {
			list = append(list, dayOf(date))
		}
	}
	slices.Sort(list)
	return list
}

// ceil is the first whole second that is not before t.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
