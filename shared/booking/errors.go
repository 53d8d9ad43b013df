package booking

import "yakusoku/shared/availability"

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

// AnswerCode says what is wrong with one answer.
type AnswerCode string

const (
	AnswerMissing AnswerCode = "required"
	AnswerUnknown AnswerCode = "unknown_question"
	AnswerType    AnswerCode = "wrong_type"
	AnswerTooLong AnswerCode = "too_long"
	AnswerOption  AnswerCode = "unknown_option"
)

// FieldProblem names one answer, by its question's id, and what is wrong with it.
type FieldProblem struct {
	Field string
	Code  AnswerCode
}

// InvalidAnswers says which answers do not fit the page's questions.
type InvalidAnswers struct{ Fields []FieldProblem }

func (*InvalidAnswers) Error() string { return "answers do not fit the page's questions" }
