package availability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/availability"
	"yakusoku/shared/calendar"
	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// plain is a page in Tokyo without windows, notice or holidays.
func plain() page.Page {
	p := page.Defaults()
	p.Slug, p.Title = "plain", "Plain"
	p.Weekly, p.Holidays, p.MinNoticeMinutes = page.Weekly{}, "", 0
	return p
}

// windows reads "09:00-12:00 13:00-18:00".
func windows(text string) []page.Window {
	var list []page.Window
	for w := range strings.FieldsSeq(text) {
		from, to, _ := strings.Cut(w, "-")
		list = append(list, page.Window{From: from, To: to})
	}
	return list
}

func compile(t testing.TB, p page.Page) *availability.Rules {
	t.Helper()
	r, err := availability.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// starts shows the slots' starts by the page's clock.
func starts(t testing.TB, p page.Page, layout string, slots []availability.Slot) []string {
	t.Helper()
	location, err := zone.Load(p.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range slots {
		if got, want := s.End.Sub(s.Start), time.Duration(p.DurationMinutes)*time.Minute; got != want {
			t.Errorf("the slot at %s lasts %s, want %s", s.Start, got, want)
		}
		list = append(list, s.Start.In(location).Format(layout))
	}
	return list
}

func TestWindowsOnDaysWhenClocksChange(t *testing.T) {
	tests := []struct {
		zone, change string
		cases        []changeCase
	}{
		{"America/New_York", "spring: 2026-03-08 02:00-05 becomes 03:00-04", []changeCase{
			{"across the gap", "2026-03-08", "01:00-04:00", 30, "08 01:00-0500, 08 01:30-0500, 08 03:00-0400, 08 03:30-0400"},
			{"across the gap by the hour", "2026-03-08", "00:30-04:30", 60, "08 00:30-0500, 08 01:30-0500, 08 03:30-0400"},
			{"from in the gap", "2026-03-08", "02:30-04:00", 30, "08 03:00-0400, 08 03:30-0400"},
			{"to in the gap", "2026-03-08", "01:00-02:30", 30, "08 01:00-0500, 08 01:30-0500"},
			{"inside the gap", "2026-03-08", "02:15-02:45", 30, ""},
			{"the gap itself", "2026-03-08", "02:00-03:00", 30, ""},
			{"up to the gap", "2026-03-08", "01:00-02:00", 30, "08 01:00-0500, 08 01:30-0500"},
			{"from the gap on", "2026-03-08", "03:00-04:00", 30, "08 03:00-0400, 08 03:30-0400"},
			{"the whole day", "2026-03-08", "00:00-24:00", 240, "08 00:00-0500, 08 05:00-0400, 08 09:00-0400, 08 13:00-0400, 08 17:00-0400"},
		}},
		{"America/New_York", "autumn: 2026-11-01 02:00-04 becomes 01:00-05", []changeCase{
			{"across the repeat by the hour", "2026-11-01", "00:30-02:30", 60, "01 00:30-0400, 01 01:30-0400, 01 01:30-0500"},
			{"the repeated hour", "2026-11-01", "01:00-02:00", 30, "01 01:00-0400, 01 01:30-0400, 01 01:00-0500, 01 01:30-0500"},
			{"inside the repeated hour", "2026-11-01", "01:15-01:45", 30, "01 01:15-0400, 01 01:45-0400, 01 01:15-0500"},
			{"from in the repeat", "2026-11-01", "01:30-03:00", 30, "01 01:30-0400, 01 01:00-0500, 01 01:30-0500, 01 02:00-0500, 01 02:30-0500"},
			{"to in the repeat", "2026-11-01", "00:00-01:30", 30, "01 00:00-0400, 01 00:30-0400, 01 01:00-0400, 01 01:30-0400, 01 01:00-0500"},
			{"two windows that meet in the repeat: each start once", "2026-11-01", "00:30-01:30 01:30-02:30", 30,
				"01 00:30-0400, 01 01:00-0400, 01 01:30-0400, 01 01:00-0500, 01 01:30-0500, 01 02:00-0500"},
			{"two windows that meet in the repeat, their grids apart", "2026-11-01", "00:40-01:30 01:30-02:10", 40,
				"01 00:40-0400, 01 01:20-0400, 01 01:30-0400, 01 01:10-0500"},
		}},
		{"Europe/London", "spring: 2026-03-29 01:00+00 becomes 02:00+01", []changeCase{
			{"across the gap", "2026-03-29", "00:30-02:30", 30, "29 00:30+0000, 29 02:00+0100"},
			{"from in the gap", "2026-03-29", "01:15-03:00", 30, "29 02:00+0100, 29 02:30+0100"},
			{"to in the gap", "2026-03-29", "00:00-01:30", 30, "29 00:00+0000, 29 00:30+0000"},
		}},
		{"Europe/London", "autumn: 2026-10-25 02:00+01 becomes 01:00+00", []changeCase{
			{"across the repeat", "2026-10-25", "00:30-02:30", 30, "25 00:30+0100, 25 01:00+0100, 25 01:30+0100, 25 01:00+0000, 25 01:30+0000, 25 02:00+0000"},
			{"the repeated hour", "2026-10-25", "01:00-02:00", 60, "25 01:00+0100, 25 01:00+0000"},
		}},
		{"Australia/Lord_Howe", "spring: 2026-10-04 02:00+10:30 becomes 02:30+11", []changeCase{
			{"across the gap", "2026-10-04", "01:30-03:30", 30, "04 01:30+1030, 04 02:30+1100, 04 03:00+1100"},
			{"across the gap by the hour", "2026-10-04", "01:00-04:00", 60, "04 01:00+1030, 04 02:30+1100"},
			{"from in the gap", "2026-10-04", "02:15-03:30", 30, "04 02:30+1100, 04 03:00+1100"},
			{"to in the gap", "2026-10-04", "01:00-02:15", 30, "04 01:00+1030, 04 01:30+1030"},
		}},
		{"Australia/Lord_Howe", "autumn: 2026-04-05 02:00+11 becomes 01:30+10:30", []changeCase{
			{"the repeated half hour", "2026-04-05", "01:30-02:00", 30, "05 01:30+1100, 05 01:30+1030"},
			{"across the repeat", "2026-04-05", "01:00-02:30", 30, "05 01:00+1100, 05 01:30+1100, 05 01:30+1030, 05 02:00+1030"},
			{"from in the repeat", "2026-04-05", "01:45-02:30", 30, "05 01:45+1100, 05 01:45+1030"},
		}},
		{"Africa/Cairo", "spring: 2026-04-24 00:00+02 becomes 01:00+03", []changeCase{
			{"from a midnight that is not", "2026-04-24", "00:00-02:00", 30, "24 01:00+0300, 24 01:30+0300"},
			{"the hour that is not", "2026-04-24", "00:00-01:00", 30, ""},
			{"to a midnight that is not", "2026-04-23", "23:00-24:00", 30, "23 23:00+0200, 23 23:30+0200"},
		}},
		{"Africa/Cairo", "autumn: 2026-10-29 24:00+03 becomes 23:00+02", []changeCase{
			{"the evening of a repeated hour", "2026-10-29", "22:30-24:00", 30, "29 22:30+0300, 29 23:00+0300, 29 23:30+0300, 29 23:00+0200, 29 23:30+0200"},
			{"the repeated hour", "2026-10-29", "23:00-24:00", 60, "29 23:00+0300, 29 23:00+0200"},
			{"to in the repeat", "2026-10-29", "22:30-23:30", 30, "29 22:30+0300, 29 23:00+0300, 29 23:30+0300, 29 23:00+0200"},
			{"the day after", "2026-10-30", "00:00-01:00", 30, "30 00:00+0200, 30 00:30+0200"},
		}},
		{"America/Santiago", "spring: 2026-09-06 00:00-04 becomes 01:00-03", []changeCase{
			{"from in the gap", "2026-09-06", "00:30-02:00", 30, "06 01:00-0300, 06 01:30-0300"},
			{"to a midnight that is not", "2026-09-05", "23:00-24:00", 30, "05 23:00-0400, 05 23:30-0400"},
		}},
		{"America/Santiago", "autumn: 2026-04-04 24:00-03 becomes 23:00-04", []changeCase{
			{"the repeated hour", "2026-04-04", "23:00-24:00", 30, "04 23:00-0300, 04 23:30-0300, 04 23:00-0400, 04 23:30-0400"},
		}},
		{"Asia/Beirut", "spring: 2026-03-29 00:00+02 becomes 01:00+03", []changeCase{
			{"from a midnight that is not", "2026-03-29", "00:00-01:30", 30, "29 01:00+0300"},
		}},
		{"America/Havana", "autumn: 2025-11-02 01:00-04 becomes 00:00-05", []changeCase{
			{"to a midnight that comes twice", "2025-11-01", "23:00-24:00", 30, "01 23:00-0400, 01 23:30-0400, 02 00:00-0400, 02 00:30-0400"},
			{"from a midnight that comes twice", "2025-11-02", "00:00-01:00", 30, "02 00:00-0400, 02 00:30-0400, 02 00:00-0500, 02 00:30-0500"},
		}},
		{"America/St_Johns", "autumn: 2010-11-07 00:01 becomes 2010-11-06 23:01", []changeCase{
			{"the evening that comes back from the next day", "2010-11-06", "23:00-24:00", 30, "06 23:00-0230, 06 23:30-0230, 07 00:00-0230, 06 23:30-0330"},
		}},
		{"Pacific/Apia", "2011-12-30 is skipped", []changeCase{
			{"the day that never was", "2011-12-30", "00:00-24:00", 30, ""},
			{"the evening before it", "2011-12-29", "23:00-24:00", 30, "29 23:00-1000, 29 23:30-1000"},
			{"the morning after it", "2011-12-31", "00:00-01:00", 30, "31 00:00+1400, 31 00:30+1400"},
		}},
		{"America/New_York", "never at the end of a leap year", []changeCase{
			{"to midnight", "2028-12-31", "23:00-24:00", 30, "31 23:00-0500, 31 23:30-0500"},
			{"from midnight", "2029-01-01", "00:00-01:00", 30, "01 00:00-0500, 01 00:30-0500"},
		}},
		{"Asia/Tokyo", "never", []changeCase{
			{"on a day when others change", "2026-03-08", "01:00-03:00", 30, "08 01:00+0900, 08 01:30+0900, 08 02:00+0900, 08 02:30+0900"},
			{"to midnight", "2026-11-01", "23:00-24:00", 30, "01 23:00+0900, 01 23:30+0900"},
		}},
	}
	for _, test := range tests {
		for _, c := range test.cases {
			t.Run(fmt.Sprintf("%s/%s/%s", test.zone, test.change, c.name), func(t *testing.T) { c.run(t, test.zone) })
		}
	}
}

type changeCase struct {
	name, date, windows string
	minutes             int    // duration and interval
	want                string // starts: day of the month, clock, offset
}

func (c changeCase) run(t *testing.T, zoneName string) {
	p := plain()
	p.TimeZone, p.DurationMinutes, p.SlotIntervalMinutes = zoneName, c.minutes, c.minutes
	p.Overrides = []page.Override{{Date: c.date, Windows: windows(c.windows)}}
	now := at(t, c.date+"T00:00:00Z").AddDate(0, 0, -10)
	slots := compile(t, p).Open(availability.Query{Now: now, From: now, To: now.AddDate(0, 0, 20)})
	if got := strings.Join(starts(t, p, "02 15:04-0700", slots), ", "); got != c.want {
		t.Errorf("%s on %s:\n got %s\nwant %s", c.windows, c.date, got, c.want)
	}
}

func TestOpen(t *testing.T) {
	// Tuesday 2026-12-01, 09:00 to 12:00 in Tokyo, is what each case changes.
	const day = "2026-12-01"
	tests := map[string]struct {
		page  func(*page.Page)
		query func(*availability.Query)
		want  string
	}{
		"all of a window's slots": {nil, nil, "09:00 09:30 10:00 10:30 11:00 11:30"},
		"a slot lies wholly inside its window": {func(p *page.Page) { p.DurationMinutes = 50 }, nil,
			"09:00 09:30 10:00 10:30 11:00"},
		"slots step by the interval, whatever they last": {func(p *page.Page) { p.DurationMinutes, p.SlotIntervalMinutes = 15, 45 }, nil,
			"09:00 09:45 10:30 11:15"},
		"a window shorter than a slot has none": {func(p *page.Page) { p.DurationMinutes = 185 }, nil, ""},
		"each window has a grid of its own": {func(p *page.Page) { p.Overrides[0].Windows = windows("09:10-10:10 10:25-11:25") }, nil,
			"09:10 09:40 10:25 10:55"},

		"From is asked for, To is not": {nil, func(q *availability.Query) {
			q.From, q.To = at(t, day+"T09:30:00+09:00"), at(t, day+"T10:30:00+09:00")
		}, "09:30 10:00"},
		"From within a second of a slot": {nil, func(q *availability.Query) {
			q.From, q.To = at(t, day+"T09:30:00.001+09:00"), at(t, day+"T10:30:00.001+09:00")
		}, "10:00 10:30"},
		"no time is asked for": {nil, func(q *availability.Query) { q.To = q.From }, ""},

		"a slot that starts now is open": {nil, func(q *availability.Query) { q.Now = at(t, day+"T11:00:00+09:00") }, "11:00 11:30"},
		"a slot that has just started is not": {nil, func(q *availability.Query) { q.Now = at(t, day+"T11:00:00.000000001+09:00") },
			"11:30"},
		"notice is kept to the minute": {func(p *page.Page) { p.MinNoticeMinutes = 90 },
			func(q *availability.Query) { q.Now = at(t, day+"T09:00:00+09:00") }, "10:30 11:00 11:30"},
		"notice is kept to the second": {func(p *page.Page) { p.MinNoticeMinutes = 90 },
			func(q *availability.Query) { q.Now = at(t, day+"T09:00:01+09:00") }, "11:00 11:30"},

		"the last day of the horizon is open": {func(p *page.Page) { p.HorizonDays = 3 },
			func(q *availability.Query) { q.Now = at(t, "2026-11-28T00:00:00+09:00") }, "09:00 09:30 10:00 10:30 11:00 11:30"},
		"the day after the horizon is not, however late it is": {func(p *page.Page) { p.HorizonDays = 3 },
			func(q *availability.Query) { q.Now = at(t, "2026-11-27T23:59:59+09:00") }, ""},
		"today is counted by the page's clock": {func(p *page.Page) { p.HorizonDays = 3 },
			func(q *availability.Query) { q.Now = at(t, "2026-11-27T15:00:00Z") }, "09:00 09:30 10:00 10:30 11:00 11:30"},

		"a busy time closes what it meets": {nil, busy(t, day+"T10:15:00+09:00", day+"T10:45:00+09:00"), "09:00 09:30 11:00 11:30"},
		"a busy time that touches closes nothing": {nil, busy(t, day+"T08:00:00+09:00", day+"T09:00:00+09:00", day+"T12:00:00+09:00", day+"T13:00:00+09:00"),
			"09:00 09:30 10:00 10:30 11:00 11:30"},
		"a busy time of a slot closes that slot alone":     {nil, busy(t, day+"T10:00:00+09:00", day+"T10:30:00+09:00"), "09:00 09:30 10:30 11:00 11:30"},
		"a busy time within a slot closes that slot alone": {nil, busy(t, day+"T10:05:00+09:00", day+"T10:10:00+09:00"), "09:00 09:30 10:30 11:00 11:30"},
		"a busy second is enough":                          {nil, busy(t, day+"T10:29:59.5+09:00", day+"T10:30:00.5+09:00"), "09:00 09:30 11:00 11:30"},
		"busy times may overlap and come in any order": {nil, busy(t,
			day+"T11:00:00+09:00", day+"T11:30:00+09:00", day+"T09:00:00+09:00", day+"T10:00:00+09:00", day+"T09:10:00+09:00", day+"T09:20:00+09:00"),
			"10:00 10:30 11:30"},
		"a busy time of years closes all": {nil, busy(t, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"), ""},
		"a busy time that ends before it starts is none": {nil, busy(t, day+"T10:30:00+09:00", day+"T10:00:00+09:00"),
			"09:00 09:30 10:00 10:30 11:00 11:30"},
		"the buffer before reaches back": {func(p *page.Page) { p.BufferBeforeMinutes = 15 }, busy(t, day+"T09:00:00+09:00", day+"T09:50:00+09:00"),
			"10:30 11:00 11:30"},
		"the buffer after reaches on": {func(p *page.Page) { p.BufferAfterMinutes = 15 }, busy(t, day+"T11:10:00+09:00", day+"T12:00:00+09:00"),
			"09:00 09:30 10:00"},
		"a buffer may touch": {func(p *page.Page) { p.BufferBeforeMinutes, p.BufferAfterMinutes = 30, 30 },
			busy(t, day+"T08:00:00+09:00", day+"T08:30:00+09:00", day+"T12:30:00+09:00", day+"T13:00:00+09:00"), "09:00 09:30 10:00 10:30 11:00 11:30"},
		"buffers may leave the window": {func(p *page.Page) { p.BufferBeforeMinutes, p.BufferAfterMinutes = 30, 30 },
			busy(t, day+"T08:00:00+09:00", day+"T08:31:00+09:00", day+"T12:29:00+09:00", day+"T13:00:00+09:00"), "09:30 10:00 10:30 11:00"},

		"a date with maxPerDay bookings is full":  {func(p *page.Page) { p.MaxPerDay = 2 }, booked(day, 2), ""},
		"a date with fewer is not":                {func(p *page.Page) { p.MaxPerDay = 2 }, booked(day, 1), "09:00 09:30 10:00 10:30 11:00 11:30"},
		"another date's bookings do not count":    {func(p *page.Page) { p.MaxPerDay = 2 }, booked("2026-11-30", 9), "09:00 09:30 10:00 10:30 11:00 11:30"},
		"without maxPerDay bookings do not count": {nil, booked(day, 100), "09:00 09:30 10:00 10:30 11:00 11:30"},

		"an override replaces the weekday's windows": {func(p *page.Page) { p.Weekly.Tuesday = windows("20:00-21:00") }, nil,
			"09:00 09:30 10:00 10:30 11:00 11:30"},
		"an override without windows closes": {func(p *page.Page) {
			p.Weekly.Tuesday = windows("20:00-21:00")
			p.Overrides = []page.Override{{Date: day}}
		}, nil, ""},
		"a weekday's windows": {func(p *page.Page) {
			p.Weekly.Tuesday, p.Overrides = windows("20:00-21:00"), nil
		}, nil, "20:00 20:30"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := plain()
			p.Overrides = []page.Override{{Date: day, Windows: windows("09:00-12:00")}}
			if test.page != nil {
				test.page(&p)
			}
			q := availability.Query{Now: at(t, "2026-11-20T00:00:00Z"), From: at(t, "2026-11-30T15:00:00Z"), To: at(t, "2026-12-01T15:00:00Z")}
			if test.query != nil {
				test.query(&q)
			}
			got := strings.Join(starts(t, p, "15:04", compile(t, p).Open(q)), " ")
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// busy gives a query busy times, each a start and an end.
func busy(t *testing.T, ends ...string) func(*availability.Query) {
	return func(q *availability.Query) {
		for i := 0; i < len(ends); i += 2 {
			q.Busy = append(q.Busy, calendar.Interval{Start: at(t, ends[i]), End: at(t, ends[i+1])})
		}
	}
}

func booked(date string, n int) func(*availability.Query) {
	return func(q *availability.Query) { q.Booked = map[string]int{date: n} }
}

func TestASlotCountsTowardTheDateThatClocksShowAtItsStart(t *testing.T) {
	tests := map[string]struct {
		zone, date, windows string
		start               string
		want, other         string // the date that it counts toward; one close by
	}{
		"a repeated midnight is the next day's":     {"America/Havana", "2025-11-01", "23:00-24:00", "2025-11-02T04:00:00Z", "2025-11-02", "2025-11-01"},
		"a repeated evening is the day before's":    {"America/St_Johns", "2010-11-07", "00:00-01:00", "2010-11-07T03:00:00Z", "2010-11-06", "2010-11-07"},
		"the hour before midnight comes again":      {"Africa/Cairo", "2026-10-29", "23:00-24:00", "2026-10-29T21:00:00Z", "2026-10-29", "2026-10-30"},
		"there is no midnight, but an hour past it": {"Africa/Cairo", "2026-04-24", "00:00-02:00", "2026-04-23T22:00:00Z", "2026-04-24", "2026-04-23"},
		"an ordinary midnight":                      {"Asia/Tokyo", "2026-12-01", "00:00-01:00", "2026-11-30T15:00:00Z", "2026-12-01", "2026-11-30"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := plain()
			p.TimeZone, p.MaxPerDay = test.zone, 1
			p.Overrides = []page.Override{{Date: test.date, Windows: windows(test.windows)}}
			rules, start := compile(t, p), at(t, test.start)
			if got := rules.LocalDate(start); got != test.want {
				t.Errorf("its local date is %s, want %s", got, test.want)
			}
			for full, want := range map[string]availability.Verdict{test.want: availability.DayFull, test.other: availability.Open} {
				q := availability.Query{Now: start.Add(-time.Hour), From: start, To: start.Add(time.Second), Booked: map[string]int{full: 1}}
				if got := rules.Check(start, q); got != want {
					t.Errorf("with %s full it is %s, want %s", full, got, want)
				}
				if got := len(rules.Open(q)) == 1; got != (want == availability.Open) {
					t.Errorf("with %s full it is among the open slots: %t", full, got)
				}
			}
		})
	}
}

func TestSlotsAreInUTC(t *testing.T) {
	p := plain()
	p.Overrides = []page.Override{{Date: "2026-12-01", Windows: windows("09:00-09:30")}}
	now := at(t, "2026-11-30T09:00:00+09:00")
	want := []availability.Slot{{
		Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		End:   time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, compile(t, p).Open(availability.Query{Now: now, From: now, To: now.AddDate(0, 0, 9)})); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
}

func TestCheckSaysWhyATimeIsClosed(t *testing.T) {
	p := plain()
	p.Overrides = []page.Override{
		{Date: "2026-11-30", Windows: windows("00:00-24:00")}, {Date: "2026-12-01", Windows: windows("09:00-12:00")},
		{Date: "2026-12-04", Windows: windows("00:00-24:00")}, {Date: "2026-12-05", Windows: windows("00:00-24:00")},
	}
	p.MinNoticeMinutes, p.HorizonDays, p.MaxPerDay = 60, 4, 1
	p.BufferAfterMinutes = 15
	q := availability.Query{
		Now:    at(t, "2026-11-30T12:00:00+09:00"),
		Booked: map[string]int{"2026-12-04": 1},
	}
	busy(t, "2026-12-01T10:30:00+09:00", "2026-12-01T11:00:00+09:00", "2026-12-04T08:00:00+09:00", "2026-12-04T09:00:00+09:00")(&q)
	rules := compile(t, p)
	for start, want := range map[string]availability.Verdict{
		"0001-01-01T00:00:00Z":          availability.Past,
		"2026-11-30T11:30:00+09:00":     availability.Past,
		"2026-11-30T11:59:59.999+09:00": availability.Past,
		"2026-11-30T12:00:00+09:00":     availability.ShortNotice,
		"2026-11-30T12:59:59.999+09:00": availability.ShortNotice,
		"2026-11-30T13:00:00+09:00":     availability.Open,
		"2026-12-01T08:30:00+09:00":     availability.OutsideWindows,
		"2026-12-01T12:00:00+09:00":     availability.OutsideWindows,
		"2026-12-02T09:00:00+09:00":     availability.OutsideWindows,
		"2026-12-01T09:00:00+09:00":     availability.Open,
		"2026-12-01T00:00:00Z":          availability.Open,
		"2026-12-01T09:05:00+09:00":     availability.OffGrid,
		"2026-12-01T09:00:01+09:00":     availability.OffGrid,
		"2026-12-01T09:00:00.5+09:00":   availability.OffGrid,
		"2026-12-01T11:45:00+09:00":     availability.OffGrid,
		"2026-12-01T10:00:00+09:00":     availability.Busy, // by its buffer
		"2026-12-01T10:30:00+09:00":     availability.Busy,
		"2026-12-01T11:00:00+09:00":     availability.Open,
		"2026-12-04T08:30:00+09:00":     availability.Busy, // and full
		"2026-12-04T09:00:00+09:00":     availability.DayFull,
		"2026-12-04T23:30:00+09:00":     availability.DayFull,
		"2026-12-05T00:00:00+09:00":     availability.BeyondHorizon,
		"9999-12-31T23:59:59Z":          availability.BeyondHorizon,
	} {
		if got := rules.Check(at(t, start), q); got != want {
			t.Errorf("%s is %s, want %s", start, got, want)
		}
	}
}

func TestCompileRefusesWhatCannotBeARule(t *testing.T) {
	for name, change := range map[string]func(*page.Page){
		"an unknown zone":      func(p *page.Page) { p.TimeZone = "Local" },
		"no duration":          func(p *page.Page) { p.DurationMinutes = 0 },
		"no interval":          func(p *page.Page) { p.SlotIntervalMinutes = 0 },
		"a malformed window":   func(p *page.Page) { p.Weekly.Monday = windows("9-17") },
		"a malformed date":     func(p *page.Page) { p.Overrides = []page.Override{{Date: "soon"}} },
		"a malformed override": func(p *page.Page) { p.Overrides = []page.Override{{Date: "2026-12-01", Windows: windows("9-17")}} },
		"unknown holidays":     func(p *page.Page) { p.Holidays = "US" },
	} {
		p := plain()
		change(&p)
		if _, err := availability.Compile(p); err == nil {
			t.Errorf("%s compiles", name)
		}
		if p.Validate() == nil {
			t.Errorf("%s is valid: Compile and Validate disagree", name)
		}
	}
}
