// Package turn is whose turn it is to be audited: what is known of a host's audits,
// and the right to go on with one. It stands apart from package audit so that who only
// keeps that, or asks for an audit, needs no client of Zoom's and no mails.
package turn

import "time"

// State is what is known of a host's audits. One that has more bookings than are
// looked at at once takes several runs.
type State struct {
	At       time.Time // when everything that can be reached had been compared; zero: never
	Cursor   string    // of the bookings, how far the present audit has come; empty: it begins
	Rings    int       // how often it had been made due when the present audit began
	Broken   bool      // something could not be asked in the present audit
	Failures int       // of audits, since the last that went well
	InFlux   int       // audits in a row that met bookings on which something was under way
}

// Lease is the right to audit a host's bookings.
type Lease struct {
	Host  string // handle
	Until time.Time
	Rings int // how often the audit was made due, ever
}

// Overtaken says that the lease has ended: another may have what was leased.
type Overtaken struct{}

func (*Overtaken) Error() string { return "the lease has ended" }
