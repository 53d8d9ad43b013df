package booking

import (
	"time"

	"yakusoku/shared/availability"
)

// PageNotFound says that no published page stands at that host and slug.
type PageNotFound struct{}

func (*PageNotFound) Error() string { return "no such booking page" }

// NotFound says that no booking has that id, or that the token is not its own.
// The two look alike from outside.
type NotFound struct{}

func (*NotFound) Error() string { return "no such booking" }

// NotAccepting says that the page takes no bookings now: a connection that it
// needs is missing or must be renewed by its host.
type NotAccepting struct{}

func (*NotAccepting) Error() string { return "the page is not accepting bookings" }

// SlotTaken says that the slot was open by the page's rules and is no longer
// free.
type SlotTaken struct{}

func (*SlotTaken) Error() string { return "the slot is taken" }

// SlotNotOpen says that the page never offered this start.
type SlotNotOpen struct{ Verdict availability.Verdict }

func (e *SlotNotOpen) Error() string { return "the start is not an open slot: " + string(e.Verdict) }

// KeyReused says that the Idempotency-Key belongs to another submission.
type KeyReused struct{}

func (*KeyReused) Error() string { return "the idempotency key was used for another submission" }

// Repeated says that the booking to be held exists already.
type Repeated struct{ Booking Booking }

func (*Repeated) Error() string { return "the booking exists already" }

// Stale says that the record changed since it was read.
type Stale struct{}

func (*Stale) Error() string { return "the booking changed meanwhile" }

// FieldCode says what is wrong with one part of a submission.
type FieldCode string

const (
	Missing        FieldCode = "required"
	Unknown        FieldCode = "unknown_question"
	WrongType      FieldCode = "wrong_type"
	TooLong        FieldCode = "too_long"
	TooMany        FieldCode = "too_many"
	NoOption       FieldCode = "unknown_option"
	ConsentChanged FieldCode = "consent_changed" // to another version than the guest agreed to
	WrongCode      FieldCode = "wrong_code"
)

// FieldProblem names a part of a submission, by its path in the API, and what is
// wrong with it.
type FieldProblem struct {
	Field string
	Code  FieldCode
}

// Invalid says which parts of a submission do not fit what the page asks for.
type Invalid struct{ Fields []FieldProblem }

func (*Invalid) Error() string { return "the submission does not fit what its page asks for" }

// RateLimited says that too much was asked for, and when to ask again.
type RateLimited struct{ Until time.Time }

func (*RateLimited) Error() string { return "too many requests" }

// BadCursor says that a cursor is none that a search gave.
type BadCursor struct{}

func (*BadCursor) Error() string { return "not a cursor" }
