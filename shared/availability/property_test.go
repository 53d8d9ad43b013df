package availability_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yakusoku/shared/availability"
	"yakusoku/shared/calendar"
	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// clockChangers are zones whose clocks change in every way there is: by an hour,
// half an hour, two hours, at midnight, over midnight, by a day, and never.
var clockChangers = []string{
	"America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tokyo", "America/Santiago", "Asia/Beirut",
	"America/Havana", "America/St_Johns", "Antarctica/Troll", "Africa/Casablanca", "Pacific/Apia", "America/Vancouver", "Asia/Kathmandu",
}

func TestOpenIsWhatTheOracleSees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawCase(t)
		agree(t, p, q)
	})
}

func TestCheckIsOpenExactlyForOpenSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawCase(t)
		rules, err := availability.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		open := map[time.Time]bool{}
		for _, s := range rules.Open(q) {
			open[s.Start] = true
		}
		first := q.From.Truncate(time.Minute).Add(time.Minute).UTC()
		for at := first; at.Before(q.To); at = at.Add(time.Minute) {
			if verdict := rules.Check(at, q); (verdict == availability.Open) != open[at] {
				t.Fatalf("%s is %s; among the open slots: %t", at, verdict, open[at])
			}
			if verdict := rules.Check(at.Add(time.Millisecond), q); verdict == availability.Open {
				t.Fatalf("a millisecond after %s is open", at)
			}
		}
	})
}

// agree fails unless Open and the oracle see the same starts.
func agree(t rapid.TB, p page.Page, q availability.Query) {
	if problems := p.Validate(); problems != nil {
		t.Fatalf("the case is no page: %+v", problems)
	}
	rules, err := availability.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Time
	for _, s := range rules.Open(q) {
		got = append(got, s.Start)
	}
	if diff := cmp.Diff(newOracle(t, p, q).starts(), got); diff != "" {
		t.Fatalf("open starts of\n%+v\n%+v\n(-oracle +got):\n%s", p, q, diff)
	}
}

// drawCase draws a few days around a clock change. Rapid prefers small numbers: so
// a small number stands for what is worth a look.
func drawCase(t *rapid.T) (page.Page, availability.Query) {
	p := plain()
	p.TimeZone = rapid.SampledFrom(clockChangers).Draw(t, "zone")
	change := drawChange(t, p.TimeZone)
	p.DurationMinutes = 5 * rapid.IntRange(1, 40).Draw(t, "duration/5")
	p.SlotIntervalMinutes = 5 * rapid.IntRange(1, 40).Draw(t, "interval/5")
	p.BufferBeforeMinutes = 5 * rapid.IntRange(0, 20).Draw(t, "before/5")
	p.BufferAfterMinutes = 5 * rapid.IntRange(0, 20).Draw(t, "after/5")
	p.MinNoticeMinutes = rapid.IntRange(0, 2000).Draw(t, "notice")
	p.HorizonDays = 6 - rapid.IntRange(0, 5).Draw(t, "days less of horizon")
	p.MaxPerDay = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "maxPerDay")
	if year := change.Year(); year >= 2024 && year < 2032 && rapid.Bool().Draw(t, "holidays") {
		p.Holidays = page.NationalHolidaysOfJapan
	}
	day := func() []page.Window { return drawWindows(t, change) }
	p.Weekly = page.Weekly{
		Monday: day(), Tuesday: day(), Wednesday: day(), Thursday: day(), Friday: day(), Saturday: day(), Sunday: day(),
	}
	for _, offset := range rapid.SliceOfNDistinct(rapid.IntRange(-2, 2), 0, 2, rapid.ID).Draw(t, "overridden days") {
		p.Overrides = append(p.Overrides, page.Override{Date: change.AddDate(0, 0, offset).Format(time.DateOnly), Windows: day()})
	}
	return p, drawQuery(t, change)
}

func drawQuery(t *rapid.T, change time.Time) availability.Query {
	seconds := func(name string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, name)) * time.Second
	}
	const hour, day = 60 * 60, 24 * 60 * 60
	now := change.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "days to the change")) * 24 * time.Hour)
	now = now.Add(seconds("seconds from now", -day, day))
	if rapid.Bool().Draw(t, "now on a whole minute") {
		now = now.Truncate(time.Minute)
	}
	from := now.Add(seconds("seconds from now to From", -hour, 2*day))
	q := availability.Query{
		Now:    now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 999_999_999}).Draw(t, "now's nanoseconds"))),
		From:   from.Add(time.Duration(rapid.SampledFrom([]int{0, 1}).Draw(t, "From's nanoseconds"))),
		To:     from.Add(4*24*time.Hour - seconds("seconds less of asking", 0, 4*day)),
		Booked: map[string]int{},
	}
	for range rapid.SampledFrom([]int{0, 2, 8, 20}).Draw(t, "busy times") {
		start := change.Add(time.Duration(rapid.IntRange(-10, 10).Draw(t, "busy quarter days")) * 6 * time.Hour)
		start = start.Add(seconds("busy start", -3*hour, 3*hour))
		length := seconds("busy seconds", -60, 2*hour)
		if rapid.Bool().Draw(t, "on whole minutes") {
			start, length = start.Truncate(time.Minute), length.Truncate(time.Minute)
		}
		q.Busy = append(q.Busy, calendar.Interval{Start: start, End: start.Add(length)})
	}
	for offset := range 9 {
		q.Booked[change.AddDate(0, 0, offset-4).Format(time.DateOnly)] = rapid.IntRange(0, 2).Draw(t, "booked")
	}
	return q
}

// drawChange returns an instant at which the zone's clocks change, or any instant
// where there is none.
func drawChange(t *rapid.T, name string) time.Time {
	location, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	years := time.Date(2005, 1, 1, 0, 0, 0, 0, location)
	at := years.AddDate(0, 0, rapid.IntRange(0, 25*365).Draw(t, "days since 2005"))
	if _, change := at.ZoneBounds(); !change.IsZero() && change.Before(at.AddDate(1, 0, 0)) {
		return change
	}
	return at
}

// drawWindows draws the windows of a day: whole days, some hours, or what lies
// close to the local time of a change.
func drawWindows(t *rapid.T, change time.Time) []page.Window {
	const most = 24 * 12
	local := change.Hour()*12 + change.Minute()/5
	near := rapid.Map(rapid.IntRange(-24, 24), func(n int) int { return (local + n + most) % most })
	ends := rapid.OneOf(near, near, rapid.IntRange(0, most), rapid.Just(0), rapid.Just(most))
	cuts := rapid.SliceOfNDistinct(ends, 2, 6, rapid.ID).Draw(t, "windows")
	slices.Sort(cuts)
	clock := func(five int) string { return fmt.Sprintf("%02d:%02d", five/12, five%12*5) }
	var list []page.Window
	for i := 0; i+1 < len(cuts); i += 2 {
		from := cuts[i]
		if i > 0 && rapid.Bool().Draw(t, "touches the window before") {
			from = cuts[i-1]
		}
		list = append(list, page.Window{From: clock(from), To: clock(cuts[i+1])})
	}
	return list
}

// FuzzOpen holds Open to the oracle for one window that every date has.
func FuzzOpen(f *testing.F) {
	f.Fuzz(func(t *testing.T, zoneIndex uint8, now int64, from, to uint16, duration, interval, before, after uint8, busyAt int32, busySeconds uint16) {
		p := plain()
		p.TimeZone = clockChangers[int(zoneIndex)%len(clockChangers)]
		p.DurationMinutes, p.SlotIntervalMinutes = 5*int(duration), 5*int(interval)
		p.BufferBeforeMinutes, p.BufferAfterMinutes = 5*int(before), 5*int(after)
		clock := func(five uint16) string { return fmt.Sprintf("%02d:%02d", five/12, five%12*5) }
		daily := []page.Window{{From: clock(from), To: clock(to)}}
		p.Weekly = page.Weekly{Monday: daily, Tuesday: daily, Wednesday: daily, Thursday: daily, Friday: daily, Saturday: daily, Sunday: daily}
		q := availability.Query{Now: time.Unix(now, 0)}
		q.From, q.To = q.Now, q.Now.AddDate(0, 0, 3)
		busy := q.Now.Add(time.Duration(busyAt) * time.Second)
		q.Busy = []calendar.Interval{{Start: busy, End: busy.Add(time.Duration(busySeconds) * time.Second)}}
		if year := q.Now.Year(); p.Validate() != nil || year < 1990 || year > 2100 {
			return
		}
		agree(t, p, q)
	})
}
