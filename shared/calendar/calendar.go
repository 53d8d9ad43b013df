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
}

// Written is an event as the provider holds it.
type Written struct {
	ID  string
	UID string // iCalUID
}
