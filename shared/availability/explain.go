package availability

import (
	"fmt"
	"slices"
	"time"

	"yakusoku/shared/calendar"
)

// Day is a local date of a page with every time that its windows offer, open or
// not.
type Day struct {
	Date   string
	Shut   Shut // why the date has no times at all
	Starts []Judged
}

// Judged is an offered slot and what the rules say of it.
type Judged struct {
	Slot
	Verdict Verdict
}

// Shut says why a date offers no times.
type Shut string

const (
	NotShut   Shut = ""
	NoWindows Shut = "no_windows" // the weekday has none
	Holiday   Shut = "holiday"
	Overruled Shut = "override" // an override without windows
)

// Booked says that the slot with its buffers meets a booking. Explain alone tells
// it from Busy.
const Booked Verdict = "booked"

// Explain judges every slot of a local date, whatever q.From and q.To. held are
// those of q.Busy that are bookings.
func (r *Rules) Explain(date string, q Query, held []calendar.Interval) (Day, error) {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return Day{}, fmt.Errorf("date: %w", err)
	}
	explained := Day{Date: date, Starts: []Judged{}}
	d := dayOf(at)
	hours := r.on(d)
	if len(hours) == 0 {
		explained.Shut = r.shut(d)
		return explained, nil
	}
	noon := time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, r.zone)
	c := clockOf(r.zone, noon.AddDate(0, 0, -2), noon.AddDate(0, 0, 3))
	v := r.at(q)
	var starts []int64
	for _, h := range hours {
		w := window{from: c.first(d.midnight() + h.from), to: c.last(d.midnight() + h.to)}
		o := v.slots(w, w.from, w.to)
		for i := range o.count {
			starts = append(starts, o.first+i*r.interval)
		}
	}
	slices.Sort(starts)
	for _, start := range slices.Compact(starts) {
		slot := Slot{Start: instant(start), End: instant(start + r.duration)}
		verdict := r.Check(slot.Start, q)
		if verdict == Busy && r.meets(held, start) {
			verdict = Booked
		}
		explained.Starts = append(explained.Starts, Judged{slot, verdict})
	}
	return explained, nil
}

func (r *Rules) shut(d day) Shut {
	switch _, overruled := r.overrides[d]; {
	case overruled:
		return Overruled
	case len(r.weekly[d.weekday()]) > 0:
		return Holiday
	}
	return NoWindows
}

func (r *Rules) meets(held []calendar.Interval, start int64) bool {
	return r.blocked(held, start, start+1).has(start)
}
