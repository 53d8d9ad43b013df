package availability

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2/jp"
)

// yearDays marks days of a year, by their number from 1.
type yearDays [367]bool

var national struct {
	sync.Mutex
	years map[int]*yearDays
}

// nationalHolidayOfJapan reports whether the date is one of 国民の祝日, a substitute
// for one (振替休日) or a day between two (国民の休日). The dates are rickar/cal's: it
// has the substitutes and the equinoxes, and the days between up to 2032.
func nationalHolidayOfJapan(d day) bool {
	date := d.date()
	return yearOf(date.Year())[date.YearDay()]
}

// yearOf computes a year once. Under the lock, as one of the library's functions
// writes to its holiday.
func yearOf(year int) *yearDays {
	national.Lock()
	defer national.Unlock()
	if days := national.years[year]; days != nil {
		return days
	}
	days := new(yearDays)
	for _, holiday := range jp.Holidays {
		actual, observed := holiday.Calc(year)
		for _, date := range []time.Time{actual, observed} {
			if date.Year() == year {
				days[date.YearDay()] = true
			}
		}
	}
	if national.years == nil {
		national.years = map[int]*yearDays{}
	}
	national.years[year] = days
	return days
}
