package availability_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/calendar"
	"yakusoku/shared/page"
)

// crowd is a query for sixty days with n busy times of a quarter to two hours, in
// no order.
func crowd(n int) availability.Query {
	now := time.Date(2026, 10, 1, 3, 4, 5, 0, time.UTC) // clocks change meanwhile in most zones that do
	q := availability.Query{Now: now, From: now, To: now.AddDate(0, 0, 60), Booked: map[string]int{"2026-10-20": 9}}
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		start := now.Add(time.Duration(random.IntN(60*24*60)) * time.Minute)
		q.Busy = append(q.Busy, calendar.Interval{Start: start, End: start.Add(time.Duration(15+random.IntN(105)) * time.Minute)})
	}
	return q
}

// office is a page as most are: weekdays, two windows, holidays, buffers, a limit.
func office(zoneName string) page.Page {
	p := plain()
	week := windows("09:00-12:00 13:00-18:00")
	p.Weekly = page.Weekly{Monday: week, Tuesday: week, Wednesday: week, Thursday: week, Friday: week}
	p.TimeZone, p.Holidays = zoneName, page.NationalHolidaysOfJapan
	p.BufferBeforeMinutes, p.BufferAfterMinutes = 5, 10
	p.MinNoticeMinutes, p.MaxPerDay = 60, 8
	p.Overrides = []page.Override{{Date: "2026-11-04"}, {Date: "2026-11-07", Windows: windows("10:00-12:00")}}
	return p
}

// roundTheClock is a page with as many slots as there can be.
func roundTheClock(intervalMinutes int) page.Page {
	p := office("Asia/Tokyo")
	all := windows("00:00-24:00")
	p.Weekly = page.Weekly{Monday: all, Tuesday: all, Wednesday: all, Thursday: all, Friday: all, Saturday: all, Sunday: all}
	p.SlotIntervalMinutes = intervalMinutes
	return p
}

func BenchmarkOpen60Days1000Busy(b *testing.B) {
	for _, bench := range []struct {
		name string
		page page.Page
	}{{"Tokyo", office("Asia/Tokyo")}, {"NewYork", office("America/New_York")}, {"RoundTheClockByFives", roundTheClock(5)}} {
		b.Run(bench.name, func(b *testing.B) {
			rules, q := compile(b, bench.page), crowd(1000)
			b.ReportAllocs()
			var slots int
			for b.Loop() {
				slots = len(rules.Open(q))
			}
			b.ReportMetric(float64(slots), "slots")
		})
	}
}

// BenchmarkReference is work that no change of ours touches, against which the others
// are compared: the machine cancels out. It sorts a thousand numbers.
func BenchmarkReference(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var numbers, sorted [1000]int64
	for i := range numbers {
		numbers[i] = random.Int64()
	}
	for b.Loop() {
		sorted = numbers
		slices.Sort(sorted[:])
	}
}

func BenchmarkCheck1000Busy(b *testing.B) {
	rules, q := compile(b, office("America/New_York")), crowd(1000)
	start := time.Date(2026, 11, 12, 15, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		rules.Check(start, q)
	}
}

func BenchmarkCompile(b *testing.B) {
	p := office("America/New_York")
	b.ReportAllocs()
	for b.Loop() {
		compile(b, p)
	}
}

func TestAllocationsDoNotGrow(t *testing.T) {
	type load struct{ interval, busy int }
	allocations := func(l load) (float64, int) {
		rules, q := compile(t, roundTheClock(l.interval)), crowd(l.busy)
		return testing.AllocsPerRun(20, func() { rules.Open(q) }), len(rules.Open(q))
	}
	few, fewSlots := allocations(load{interval: 240, busy: 10})
	for _, l := range []load{{interval: 5, busy: 10}, {interval: 240, busy: 1000}, {interval: 5, busy: 1000}} {
		t.Run(fmt.Sprintf("slots every %d minutes, %d busy times", l.interval, l.busy), func(t *testing.T) {
			got, slots := allocations(l)
			if got != few {
				t.Errorf("%v allocations for %d slots, %v for %d", got, slots, few, fewSlots)
			}
		})
	}
	if few > 8 {
		t.Errorf("%v allocations, want no more than 8", few)
	}
}
