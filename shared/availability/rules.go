package availability

import (
	"fmt"
	"time"

	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// Rules are a page's settings made ready for queries. They do not change and are
// safe for concurrent use.
type Rules struct {
	zone        *time.Location
	weekly      [7][]hours
	overrides   map[day][]hours
	holiday     func(day) bool // nil if the page keeps none
	duration    int64          // seconds, as interval, before and after
	interval    int64
	before      int64
	after       int64
	notice      time.Duration
	horizonDays int
	maxPerDay   int
}

// hours are a window before its date is known: seconds from midnight as a clock
// shows them.
type hours struct {
	from, to int64
}

// Compile makes a page's rules. It fails only on settings that page.Validate
// refuses.
func Compile(p page.Page) (*Rules, error) {
	location, err := zone.Load(p.TimeZone)
	if err != nil {
		return nil, err
	}
	if p.DurationMinutes <= 0 || p.SlotIntervalMinutes <= 0 {
		return nil, fmt.Errorf("a slot of %d minutes every %d", p.DurationMinutes, p.SlotIntervalMinutes)
	}
	const minute = 60
	r := &Rules{
		zone:        location,
		overrides:   make(map[day][]hours, len(p.Overrides)),
		duration:    int64(p.DurationMinutes) * minute,
		interval:    int64(p.SlotIntervalMinutes) * minute,
		before:      int64(p.BufferBeforeMinutes) * minute,
		after:       int64(p.BufferAfterMinutes) * minute,
		notice:      time.Duration(p.MinNoticeMinutes) * time.Minute,
		horizonDays: p.HorizonDays,
		maxPerDay:   p.MaxPerDay,
	}
	for weekday := range r.weekly {
		if r.weekly[weekday], err = hoursOf(p.Weekly.On(time.Weekday(weekday))); err != nil {
			return nil, err
		}
	}
	for _, o := range p.Overrides {
		date, err := time.Parse(time.DateOnly, o.Date)
		if err != nil {
			return nil, fmt.Errorf("override: %w", err)
		}
		if r.overrides[dayOf(date)], err = hoursOf(o.Windows); err != nil {
			return nil, err
		}
	}
	switch p.Holidays {
	case "":
	case page.NationalHolidaysOfJapan:
		r.holiday = nationalHolidayOfJapan
	default:
		return nil, fmt.Errorf("holidays of %q are not known", p.Holidays)
	}
	return r, nil
}

func hoursOf(windows []page.Window) ([]hours, error) {
	if len(windows) == 0 {
		return nil, nil
	}
	list := make([]hours, len(windows))
	for i, w := range windows {
		from, to, ok := w.Minutes()
		if !ok {
			return nil, fmt.Errorf("window %q to %q", w.From, w.To)
		}
		list[i] = hours{from: int64(from) * 60, to: int64(to) * 60}
	}
	return list, nil
}

// on returns the windows of a date: an override's, none on a holiday, or the
// weekday's.
func (r *Rules) on(d day) []hours {
	if override, ok := r.overrides[d]; ok {
		return override
	}
	weekly := r.weekly[d.weekday()]
	if len(weekly) > 0 && r.holiday != nil && r.holiday(d) {
		return nil
	}
	return weekly
}
