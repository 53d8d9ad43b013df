package availability_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"yakusoku/shared/availability"
	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// An oracle knows the rules and nothing of how they are computed: it looks at a
// clock on the wall once a minute and notes what it shows.
type oracle struct {
	page    page.Page
	query   availability.Query
	minutes []time.Time
	shows   []string       // at each of minutes, "2026-12-01 09:00"
	first   map[string]int // where in minutes a clock shows that first
	last    map[string]int
}

const wallClock = "2006-01-02 15:04"

func newOracle(t rapid.TB, p page.Page, q availability.Query) *oracle {
	location, err := zone.Load(p.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{page: p, query: q, first: map[string]int{}, last: map[string]int{}}
	begin, end := q.From, q.To
	if q.Now.Before(begin) {
		begin = q.Now
	}
	begin = begin.In(location).AddDate(0, 0, -4).Truncate(time.Minute)
	end = end.AddDate(0, 0, 4)
	for at := begin; at.Before(end); at = at.Add(time.Minute) {
		shown := at.Format(wallClock)
		if _, seen := o.first[shown]; !seen {
			o.first[shown] = len(o.minutes)
		}
		o.last[shown] = len(o.minutes)
		o.minutes, o.shows = append(o.minutes, at), append(o.shows, shown)
	}
	return o
}

// starts lists the open starts in [From, To).
func (o *oracle) starts() []time.Time {
	var open []time.Time
	lastDay := o.query.To.AddDate(0, 0, 2).Format(time.DateOnly)
	for day := o.query.From.AddDate(0, 0, -2); day.Format(time.DateOnly) <= lastDay; day = day.AddDate(0, 0, 1) {
		for _, w := range o.windowsOn(day) {
			end := o.when(day, w.To, o.last)
			for start := o.when(day, w.From, o.first); !o.end(start).After(end); start = start.Add(o.length(o.page.SlotIntervalMinutes)) {
				if o.isOpen(start) {
					open = append(open, start.UTC())
				}
			}
		}
	}
	slices.SortFunc(open, time.Time.Compare)
	return slices.CompactFunc(open, time.Time.Equal)
}

func (o *oracle) windowsOn(day time.Time) []page.Window {
	date := day.Format(time.DateOnly)
	for _, override := range o.page.Overrides {
		if override.Date == date {
			return override.Windows
		}
	}
	if o.page.Holidays != "" && strings.Contains(officialHolidays[date[:4]], date[5:]) {
		return nil
	}
	w := o.page.Weekly
	return [][]page.Window{w.Sunday, w.Monday, w.Tuesday, w.Wednesday, w.Thursday, w.Friday, w.Saturday}[day.Weekday()]
}

// when finds a local time, or else the first minute after the gap that it is in.
func (o *oracle) when(day time.Time, clock string, occurrence map[string]int) time.Time {
	shown := day.Format(time.DateOnly) + " " + clock
	if clock == "24:00" {
		shown = day.AddDate(0, 0, 1).Format(time.DateOnly) + " 00:00"
	}
	if i, ok := occurrence[shown]; ok {
		return o.minutes[i]
	}
	return o.minutes[slices.IndexFunc(o.shows, func(s string) bool { return s > shown })]
}

func (o *oracle) isOpen(start time.Time) bool {
	q, p := o.query, o.page
	if start.Before(q.From) || !start.Before(q.To) || start.Sub(q.Now) < o.length(p.MinNoticeMinutes) {
		return false
	}
	if end, ok := o.horizon(); ok && !start.Before(end) {
		return false
	}
	from, to := start.Add(-o.length(p.BufferBeforeMinutes)), o.end(start).Add(o.length(p.BufferAfterMinutes))
	for _, b := range q.Busy {
		if b.Start.Before(b.End) && b.Start.Before(to) && from.Before(b.End) {
			return false
		}
	}
	return p.MaxPerDay == 0 || q.Booked[start.In(o.minutes[0].Location()).Format(time.DateOnly)] < p.MaxPerDay
}

// horizon is the first minute of a date after the last; not ok if it is too far
// away to matter.
func (o *oracle) horizon() (time.Time, bool) {
	today := o.query.Now.In(o.minutes[0].Location()).Format(time.DateOnly)
	day, _ := time.Parse(time.DateOnly, today)
	last := day.AddDate(0, 0, o.page.HorizonDays).Format(time.DateOnly)
	i := slices.IndexFunc(o.shows, func(s string) bool { return s[:len(time.DateOnly)] > last })
	if i < 0 {
		return time.Time{}, false
	}
	return o.minutes[i], true
}

func (o *oracle) end(start time.Time) time.Time {
	return start.Add(o.length(o.page.DurationMinutes))
}

func (o *oracle) length(minutes int) time.Duration { return time.Duration(minutes) * time.Minute }
