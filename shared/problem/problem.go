// Package problem words errors for people, as RFC 9457 problem details in
// Japanese and English. It knows what can be told and what to do about it; which
// error means which problem is its callers' to say.
package problem

import (
	"yakusoku/shared/language"
)

// Code names a problem. It is stable: programs decide on it.
type Code string

const (
	MalformedJSON        Code = "malformed_json"
	BodyTooLarge         Code = "body_too_large"
	UnsupportedMediaType Code = "unsupported_media_type"
	ValidationFailed     Code = "validation_failed"
	SlotNotOpen          Code = "slot_not_open"
	SlotTaken            Code = "slot_taken"
	RateLimited          Code = "rate_limited"
	KeyReused            Code = "idempotency_key_reused"
	NotAccepting         Code = "not_accepting"
	PageNotFound         Code = "page_not_found"
	BookingNotFound      Code = "booking_not_found"
	NotConfirmed         Code = "not_confirmed"
	NotCancellable       Code = "not_cancellable"
	NotReschedulable     Code = "not_reschedulable"
	BookingChanging      Code = "booking_changing"
	TooLateToChange      Code = "too_late_to_change"
	Unauthorized         Code = "unauthorized"
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	Internal             Code = "internal"

	SignedOut            Code = "signed_out"
	ProfileMissing       Code = "profile_missing"
	HandleTaken          Code = "handle_taken"
	EmailUnverified      Code = "email_unverified"
	BookingsAhead        Code = "bookings_ahead"
	BookingsUnsettled    Code = "bookings_unsettled"
	SlugTaken            Code = "slug_taken"
	TooManyPages         Code = "too_many_pages"
	PageChanged          Code = "page_changed"
	PreconditionRequired Code = "precondition_required"
	ProviderNotSetUp     Code = "provider_not_set_up"
	NothingToRetry       Code = "nothing_to_retry"
	TooManyHooks         Code = "too_many_hooks"
	HookNotFound         Code = "hook_not_found"
	DeliveryNotFound     Code = "delivery_not_found"
	KeyInvalid           Code = "key_invalid"
	KeyScopeMissing      Code = "key_scope_missing"
	KeyRateLimited       Code = "key_rate_limited"
	TooManyKeys          Code = "key_limit"
	KeyNotFound          Code = "key_not_found"
)

// FieldCode says what is wrong with one field.
type FieldCode string

const (
	Required    FieldCode = "required"
	Unknown     FieldCode = "unknown"
	WrongType   FieldCode = "wrong_type"
	WrongFormat FieldCode = "wrong_format"
	TooShort    FieldCode = "too_short"
	TooLong     FieldCode = "too_long"
	OutOfRange  FieldCode = "out_of_range"
	NotAnOption FieldCode = "not_an_option"
	ControlChar FieldCode = "control_character"
	BadEmail    FieldCode = "not_an_email_address"
	BadTimeZone FieldCode = "not_a_time_zone"
	NotOpen     FieldCode = "not_open"
	TooMany     FieldCode = "too_many"
	LeaveEmpty  FieldCode = "leave_empty"
	NotAllowed  FieldCode = "not_allowed" // by who runs the deployment

	NotInFives     FieldCode = "not_in_fives"
	Duplicate      FieldCode = "duplicate"
	EndsBeforeFrom FieldCode = "ends_before_from"
	Overlaps       FieldCode = "overlaps"
	ClaimTooLong   FieldCode = "claim_too_long"
	Immutable      FieldCode = "immutable"
	Reserved       FieldCode = "reserved"
	NotTheSame     FieldCode = "not_the_same"

	ConsentChanged FieldCode = "consent_changed"
	WrongCode      FieldCode = "wrong_code"

	NotHTTPS       FieldCode = "not_https"
	HasCredentials FieldCode = "has_credentials"
	NotPublic      FieldCode = "not_public"

	ScopeMissing FieldCode = "scope_missing"
)

// Field is what is wrong with one field. It never holds the value: that is
// somebody's name or address.
type Field struct {
	Field  string    `json:"field" doc:"Path of the field, such as guest.email" example:"guest.email"`
	Code   FieldCode `json:"code" doc:"What is wrong, for programs" example:"required"`
	Detail string    `json:"detail" doc:"What is wrong, for people"`

	// The bounds, of a number that is out of range or a text or list that is too
	// long.
	Min int `json:"min,omitempty" doc:"The least that is taken"`
	Max int `json:"max,omitempty" doc:"The most that is taken"`
}

// Problem is a problem document.
type Problem struct {
	Type   string  `json:"type" format:"uri-reference" doc:"A lasting name of this kind of problem" example:"/problems/slot_taken"`
	Title  string  `json:"title" doc:"The kind of problem, for people"`
	Status int     `json:"status" doc:"The HTTP status" example:"409"`
	Detail string  `json:"detail" doc:"What happened and what to do, for people"`
	Code   Code    `json:"code" doc:"The kind of problem, for programs" example:"slot_taken"`
	Errors []Field `json:"errors,omitempty" doc:"What is wrong with each field"`
}

// New words a problem.
func New(l language.Tag, code Code, fields ...Field) *Problem {
	entry, ok := problems[code]
	if !ok {
		code, entry = Internal, problems[Internal]
	}
	said := entry.in(l)
	for i := range fields {
		fields[i].Detail = fields[i].words(l)
	}
	return &Problem{
		Type:   "/problems/" + string(code),
		Title:  said.title,
		Status: entry.status,
		Detail: said.detail,
		Code:   code,
		Errors: fields,
	}
}

func (p *Problem) Error() string { return string(p.Code) }

// GetStatus is the HTTP status to answer with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }
