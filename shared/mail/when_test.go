package mail

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

func TestTimesAreReadInANamedZone(t *testing.T) {
	tests := []struct {
		name, start, minutes, zone, ja, en string
	}{
		{"Japan", "2026-12-01T01:00:00Z", "30m", "Asia/Tokyo",
			"2026年12月1日(火) 10:00–10:30（日本時間 / Asia/Tokyo, UTC+9）",
			"Tuesday, December 1, 2026, 10:00–10:30 AM (Japan time / Asia/Tokyo, UTC+9)"},
		{"across noon", "2026-12-01T02:45:00Z", "30m", "Asia/Tokyo",
			"2026年12月1日(火) 11:45–12:15（日本時間 / Asia/Tokyo, UTC+9）",
			"Tuesday, December 1, 2026, 11:45 AM – 12:15 PM (Japan time / Asia/Tokyo, UTC+9)"},
		{"across midnight", "2026-12-31T14:30:00Z", "60m", "Asia/Tokyo",
			"2026年12月31日(木) 23:30–翌日 00:30（日本時間 / Asia/Tokyo, UTC+9）",
			"Thursday, December 31, 2026, 11:30 PM – 12:30 AM the next day (Japan time / Asia/Tokyo, UTC+9)"},
		{"half hours west, without a spoken name", "2026-12-01T12:00:00Z", "30m", "America/St_Johns",
			"2026年12月1日(火) 08:30–09:00（America/St_Johns, UTC−3:30）",
			"Tuesday, December 1, 2026, 8:30–9:00 AM (America/St_Johns, UTC−3:30)"},
		{"summer", "2026-07-01T12:00:00Z", "30m", "America/New_York",
			"2026年7月1日(水) 08:00–08:30（米国東部時間 / America/New_York, UTC−4）",
			"Wednesday, July 1, 2026, 8:00–8:30 AM (US Eastern time / America/New_York, UTC−4)"},
		{"over the end of summer time", "2026-11-01T05:30:00Z", "60m", "America/New_York",
			"2026年11月1日(日) 01:30–01:30（米国東部時間 / America/New_York, UTC−4 → UTC−5）",
			"Sunday, November 1, 2026, 1:30–1:30 AM (US Eastern time / America/New_York, UTC−4 → UTC−5)"},
		{"no offset", "2026-12-01T12:00:00Z", "30m", "Europe/London",
			"2026年12月1日(火) 12:00–12:30（英国時間 / Europe/London, UTC±0）",
			"Tuesday, December 1, 2026, 12:00–12:30 PM (UK time / Europe/London, UTC±0)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start, err := time.Parse(time.RFC3339, test.start)
			if err != nil {
				t.Fatal(err)
			}
			length, err := time.ParseDuration(test.minutes)
			if err != nil {
				t.Fatal(err)
			}
			b := booking.Booking{Start: start, End: start.Add(length)}
			for want, w := range map[string]*words{test.ja: &japanese, test.en: &english} {
				got, err := read(b, w, test.zone, test.zone, "")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(got.Own.Line)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestTheOtherSidesTimeIsToldWhereItDiffers(t *testing.T) {
	at := func(month time.Month) booking.Booking {
		start := time.Date(2026, month, 1, 12, 0, 0, 0, time.UTC)
		return booking.Booking{Start: start, End: start.Add(time.Hour)}
	}
	tests := []struct {
		name, reader, other string
		month               time.Month
		want                bool
	}{
		{"the same zone", "Asia/Tokyo", "Asia/Tokyo", time.December, false},
		{"another name, the same clock", "Asia/Tokyo", "Asia/Seoul", time.December, false},
		{"another clock", "Asia/Tokyo", "America/New_York", time.December, true},
		{"the same clock in winter", "America/Phoenix", "America/Denver", time.December, false},
		{"another in summer", "America/Phoenix", "America/Denver", time.July, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(at(test.month), &english, test.reader, test.other, "")
			if err != nil {
				t.Fatal(err)
			}
			if (got.Other != nil) != test.want {
				t.Errorf("other: %v, want %v", got.Other, test.want)
			}
		})
	}
}

func TestNamedZonesExist(t *testing.T) {
	for name := range zoneNames {
		b := sample()
		if _, err := read(b, &japanese, name, name, ""); err != nil {
			t.Error(err)
		}
		for _, w := range []*words{&japanese, &english} {
			if zoneNames[name][w.tag] == "" {
				t.Errorf("%s has no name in %s", name, w.tag)
			}
		}
	}
}
