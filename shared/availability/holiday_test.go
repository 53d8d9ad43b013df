package availability_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/availability"
	"yakusoku/shared/page"
)

// officialHolidays are 国民の祝日・休日 as the Cabinet Office announced them (to 2027),
// and after that by the law and the expected equinoxes.
var officialHolidays = map[string]string{
	"2024": "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23 10-14 11-03 11-04 11-23",
	"2025": "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24",
	"2026": "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
	"2027": "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
	"2028": "01-01 01-10 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-22 10-09 11-03 11-23",
	"2029": "01-01 01-08 02-11 02-12 02-23 03-20 04-29 04-30 05-03 05-04 05-05 07-16 08-11 09-17 09-23 09-24 10-08 11-03 11-23",
	"2030": "01-01 01-14 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23 10-14 11-03 11-04 11-23",
	"2031": "01-01 01-13 02-11 02-23 02-24 03-21 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24",
	"2032": "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-21 09-22 10-11 11-03 11-23",
}

// everyDay is a page with one slot a day, at noon.
func everyDay() page.Page {
	p := plain()
	p.HorizonDays = 365
	noon := windows("12:00-12:30")
	p.Weekly = page.Weekly{Monday: noon, Tuesday: noon, Wednesday: noon, Thursday: noon, Friday: noon, Saturday: noon, Sunday: noon}
	return p
}

// closedDays lists the days of a year without a slot.
func closedDays(t *testing.T, p page.Page, year string) []string {
	t.Helper()
	location := time.FixedZone("JST", 9*60*60)
	first, err := time.ParseInLocation("2006", year, location)
	if err != nil {
		t.Fatal(err)
	}
	end := first.AddDate(1, 0, 0)
	open := map[string]bool{}
	for _, s := range compile(t, p).Open(availability.Query{Now: first, From: first, To: end}) {
		open[s.Start.In(location).Format("01-02")] = true
	}
	var closed []string
	for d := first; d.Before(end); d = d.AddDate(0, 0, 1) {
		if date := d.Format("01-02"); !open[date] {
			closed = append(closed, date)
		}
	}
	return closed
}

func TestHolidaysAreTheOfficialOnes(t *testing.T) {
	p := everyDay()
	p.Holidays = page.NationalHolidaysOfJapan
	for year, want := range officialHolidays {
		t.Run(year, func(t *testing.T) {
			if diff := cmp.Diff(strings.Fields(want), closedDays(t, p, year)); diff != "" {
				t.Errorf("holidays (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutHolidaysNoDayIsClosed(t *testing.T) {
	if closed := closedDays(t, everyDay(), "2026"); closed != nil {
		t.Errorf("closed on %s", closed)
	}
}

func TestAnOverrideOpensAHoliday(t *testing.T) {
	p := everyDay()
	p.Holidays = page.NationalHolidaysOfJapan
	p.Overrides = []page.Override{{Date: "2026-09-22", Windows: windows("12:00-12:30")}, {Date: "2026-09-24"}}
	got := strings.Join(closedDays(t, p, "2026"), " ")
	if want := "09-21 09-23 09-24"; !strings.Contains(got, want) {
		t.Errorf("closed on %s, want %s among them", got, want)
	}
}

func TestHolidaysAreComputedSafelySideBySide(t *testing.T) {
	p := everyDay()
	p.Holidays = page.NationalHolidaysOfJapan
	rules := compile(t, p)
	var queries sync.WaitGroup
	for year := range 10 {
		for range 2 {
			queries.Go(func() {
				now := time.Date(2040+year, 1, 1, 0, 0, 0, 0, time.UTC)
				rules.Open(availability.Query{Now: now, From: now, To: now.AddDate(1, 0, 0)})
			})
		}
	}
	queries.Wait()
}
