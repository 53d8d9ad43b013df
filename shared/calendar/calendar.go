// Package calendar is a host's calendar in our words, whichever provider keeps
// it. The packages below it speak to one provider each.
package calendar

import "time"

// Interval is a half-open span of time: what ends at 10:00 does not meet what
// starts at 10:00.
type Interval struct {
	Start, End time.Time
}

// Meets reports whether the two intervals share an instant.
func (i Interval) Meets(o Interval) bool {
	return i.Start.Before(o.End) && o.Start.Before(i.End)
}

// Event is an appointment as we write it into a calendar.
type Event struct {
	ID          string // chosen by us, [0-9a-v], made of booking and revision
	Booking     string // the booking's id, carried by the event so that it is found again
	Title       string
	Description string // plain text
	Location    string
	Start, End  time.Time
	TimeZone    string // IANA name, for display
	// Repeated says that an earlier try may have come about without our knowing.
	// A provider that chooses the ids itself is then asked before it is told.
	Repeated bool
}

// Reference is what an event of ours is found by.
type Reference struct {
	ID   string // chosen by us, as in Event
	Held string // the provider's own id, once it is recorded; empty before
	// Account is the provider's id of the account that it was written in; empty if
	// that is not recorded. In another it is not to be found, and not gone either.
	Account string
}

// Written is an event as the provider holds it.
type Written struct {
	ID      string
	UID     string // iCalUID
	URL     string // where its host sees it; empty if the provider does not say
	Account string // the provider's id of whose calendar it is in
	// Start and End are where it stands, UTC; zero where the provider does not say.
	Start, End time.Time
	// AllDay says that it has dates and no times: Start and End are the dates'
	// midnights in UTC, whichever zone's days they are.
	AllDay bool
}
