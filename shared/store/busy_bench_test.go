package store

import (
	"testing"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// BenchmarkBusyCopies reads what a guest's month, at its longest, has of copies: two
// calendars that the page checks, and one that it does not.
func BenchmarkBusyCopies(b *testing.B) {
	check := []page.CalendarRef{{Provider: page.Google, ID: "work"}, {Provider: page.Microsoft, ID: "outlook"}}
	all := append(check, page.CalendarRef{Provider: page.Google, ID: "private"})
	start := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	var items []item
	for d := range 62 {
		at := dayOf(start.AddDate(0, 0, d))
		it := busyKey("demo", at).item()
		var busy []calendar.Interval
		for hour := range 8 {
			from := at.start().Add(time.Duration(hour) * 2 * time.Hour)
			busy = append(busy, calendar.Interval{Start: from, End: from.Add(time.Hour)})
		}
		for _, ref := range all {
			it[busyAttribute+mirror.Name(ref)] = copyAttribute(dayText(busy, at), start)
		}
		items = append(items, it)
	}
	b.ReportAllocs()
	for b.Loop() {
		busy, err := appendBusy(nil, items, check)
		if err != nil || len(busy) != 62*8*2 {
			b.Fatal(len(busy), err)
		}
	}
}
