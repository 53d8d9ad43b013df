package main

import (
	"math"

	"yakusoku/infra/meter"
)

// Model turns what was measured into what is paid for.
type Model struct {
	Assumptions
	List
	Sheet      meter.Sheet
	Inits      map[string]meter.Init
	Deployment Deployment
}

// of is what one doing uses, with its share of processes' starts.
func (m Model) of(d meter.Doing) Usage {
	amounts := m.Sheet.Doings[d].Amounts
	return m.usage(d, amounts).plus(m.Cold, m.starts(amounts, m.Inits))
}

// booking is a booking from its submission until it stands everywhere and its guest
// knows: what DESIGN §9 sets the target for.
func (m Model) booking() Usage {
	return m.of(meter.Book).plus(1, m.of(meter.After)).plus(m.Follows, m.of(meter.Follow))
}

// view is one opening of the booking page.
func (m Model) view() Usage {
	u := m.of(meter.View).plus(m.Months, m.of(meter.Month))
	parts := m.Fresh * float64(len(m.Sheet.Page)-1)
	for id, amount := range m.of(meter.Fetch) {
		share := 1.0
		if m.Edge && !atEdge[id] {
			share = m.Missed // the rest never comes to us
		}
		u[id] += parts * share * amount
	}
	return u
}

// atEdge are used by whatever is asked for, wherever it is found.
var atEdge = map[ID]bool{"cloudfront.request": true, "cloudfront.gb": true, "waf.request": true}

// cancellation and move are changes of plans, with the minutes after them.
func (m Model) cancellation() Usage {
	return m.of(meter.Cancel).plus(1, m.of(meter.After)).plus(m.Follows, m.of(meter.Follow))
}

func (m Model) move() Usage {
	return m.of(meter.Move).plus(1, m.of(meter.After)).plus(m.Follows, m.of(meter.Follow))
}

// around is all that a booking brings with it on average, itself included.
func (m Model) around() Usage {
	u := m.booking().plus(m.Views, m.view()).plus(m.Remind, m.of(meter.Remind))
	u = u.plus(m.Moved, m.move()).plus(m.Cancelled, m.cancellation())
	return u.plus(m.KeptMonths*m.BookingKB/(1<<20), Usage{"dynamodb.gb-month": 1})
}

// Periods in minutes, as the functions have them unless told otherwise: of reading a
// calendar, of auditing a host, and of an access token's life.
const (
	mirrorPeriod = 12
	auditPeriod  = 6 * 60
	tokenLife    = 60
)

// host is a month of one host, whose calendar is read all the time.
func (m Model) host() Usage {
	u := Usage{}.plus(m.Minutes/mirrorPeriod, m.of(meter.Mirror)).plus(m.Minutes/auditPeriod, m.of(meter.Audit))
	// The calendar's grant is renewed as often as it ends, Zoom's for each audit.
	return u.plus(m.Minutes/tokenLife+m.Minutes/auditPeriod, m.of(meter.Renew))
}

// idle is a month in which nothing happens. The functions that run every minute stay
// warm: they start a few times a day.
func (m Model) idle() Usage {
	u := m.Deployment.Month.plus(m.Minutes, m.usage(meter.Minute, m.Sheet.Doings[meter.Minute].Amounts))
	u["events.schedule"] = m.Minutes * m.Sheet.Doings[meter.Minute].Amounts.Sum(meter.Invocations)
	u["metrics.series"] = float64(m.Sheet.Series)
	return u
}

// hosts is how many there are for so many bookings.
func (m Model) hosts(bookings float64) float64 { return math.Ceil(bookings / m.BookingsOfHost) }

// freeUsers is how many may sign in at Cognito in a month before any is paid for.
const freeUsers = 10_000

// month is one with so many bookings.
func (m Model) month(bookings float64) Usage {
	u := m.idle().plus(bookings, m.around()).plus(m.hosts(bookings), m.host())
	u["cognito.user"] = max(0, m.SignedIn*m.hosts(bookings)-freeUsers)
	return u
}
