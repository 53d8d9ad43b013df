package saga

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

// The state machine matches a step's error by the bare name of its Go type
// (aws-lambda-go, lambda/errors.go), so each of these names is part of the
// workflows under infra/workflows, and a test holds the two together.

// Refused says that a provider will not do it, now or later.
type Refused struct{ Err error }

// GrantDead says that the host must connect the provider again.
type GrantDead struct{ Err error }

// DailyLimit says that the provider's limit for the day is used up.
type DailyLimit struct{ Err error }

// RateLimited says that the provider asks to be left alone for longer than a
// step can wait.
type RateLimited struct{ Err error }

// Unavailable says that it is not known whether the step's effect came about; it
// may pass on a retry.
type Unavailable struct{ Err error }

// TooSoon says that an earlier attempt, whose answer was lost, may yet take
// effect: it is neither to be repeated nor to be taken for nothing.
type TooSoon struct{ Left time.Duration }

// CalendarBusy says that the host's calendar filled after the slot was offered.
type CalendarBusy struct{}

// BookingClosed says that the booking is not to be made real any more: it failed,
// or its time has come.
type BookingClosed struct{ Why string }

func (e *Refused) Error() string     { return "refused: " + e.Err.Error() }
func (e *GrantDead) Error() string   { return "the grant is dead: " + e.Err.Error() }
func (e *DailyLimit) Error() string  { return "the daily limit is used up: " + e.Err.Error() }
func (e *RateLimited) Error() string { return "rate limited: " + e.Err.Error() }
func (e *Unavailable) Error() string { return "unavailable: " + e.Err.Error() }
func (e *TooSoon) Error() string {
	return "an earlier attempt may yet take effect, for " + e.Left.String()
}
func (*CalendarBusy) Error() string    { return "the host's calendar is busy" }
func (e *BookingClosed) Error() string { return "the booking is closed: " + e.Why }

// names lists every error name that a step can end with.
func names() []string {
	var all []string
	for _, err := range []error{
		&Refused{}, &GrantDead{}, &DailyLimit{}, &RateLimited{}, &Unavailable{}, &TooSoon{}, &CalendarBusy{}, &BookingClosed{},
	} {
		all = append(all, name(err))
	}
	return all
}

// name is what aws-lambda-go reports an error as: its type without the package.
func name(err error) string {
	full := fmt.Sprintf("%T", err)
	for i := len(full) - 1; i >= 0; i-- {
		if full[i] == '.' {
			return full[i+1:]
		}
	}
	return full
}

// bare turns whatever a step met into the one typed error, unwrapped, that the
// state machine is to see. What no rule knows may pass on a retry.
func bare(err error) error {
	var (
		busy   *CalendarBusy
		closed *BookingClosed
		soon   *TooSoon

		zoomRefused *zoom.Refused
		zoomLimited *zoom.RateLimited

		googleRefused    *google.Refused
		googleLimited    *google.RateLimited
		googleTaken      *google.IDTaken
		googleUnreadable *google.Unreadable

		microsoftRefused *microsoft.Refused
		microsoftLimited *microsoft.RateLimited
		microsoftTaken   *microsoft.IDTaken

		mailRefused *mail.Refused
		mailLimited *mail.RateLimited

		missing *booking.NotFound
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &busy):
		return busy
	case errors.As(err, &closed):
		return closed
	case errors.As(err, &soon):
		return soon
	case connection.Lost(err):
		return &GrantDead{Err: err}
	case errors.As(err, &zoomRefused):
		if zoomRefused.Unauthorized() || zoomRefused.ScopeMissing() {
			return &GrantDead{Err: err}
		}
		return &Refused{Err: err}
	case errors.As(err, &googleRefused):
		if googleRefused.Unauthorized() || googleRefused.ScopeMissing() {
			return &GrantDead{Err: err}
		}
		return &Refused{Err: err}
	case errors.As(err, &microsoftRefused):
		if microsoftRefused.Unauthorized() || microsoftRefused.ScopeMissing() {
			return &GrantDead{Err: err}
		}
		return &Refused{Err: err}
	case errors.As(err, &googleUnreadable) && googleUnreadable.CalendarGone(),
		errors.As(err, &googleTaken), errors.As(err, &microsoftTaken), errors.As(err, &mailRefused), errors.As(err, &missing):
		return &Refused{Err: err}
	case errors.As(err, &zoomLimited):
		return limited(err, zoomLimited.Daily)
	case errors.As(err, &googleLimited):
		return limited(err, googleLimited.Daily)
	case errors.As(err, &microsoftLimited):
		return limited(err, false)
	case errors.As(err, &mailLimited):
		return limited(err, mailLimited.Daily)
	}
	return &Unavailable{Err: err}
}

// heard is what a provider answered, or that it did not: words of ours, numbers
// and codes, nothing that may be about a person.
func heard(err error) string {
	if e, ok := errors.AsType[*zoom.Unavailable](err); ok {
		return unanswered("zoom", e.Op, e.Status, "", err)
	}
	if e, ok := errors.AsType[*google.Unavailable](err); ok {
		return unanswered("google", e.Op, e.Status, "", err)
	}
	if e, ok := errors.AsType[*microsoft.Unavailable](err); ok {
		return unanswered("microsoft", e.Op, e.Status, e.RequestID, err)
	}
	if e, ok := errors.AsType[*connection.Unavailable](err); ok {
		return unanswered(string(e.Provider), "refresh the grant", 0, "", err)
	}
	return cmp.Or(
		text[*zoom.Refused](err), text[*google.Refused](err), text[*google.Unreadable](err), text[*microsoft.Refused](err),
		text[*zoom.RateLimited](err), text[*google.RateLimited](err), text[*microsoft.RateLimited](err),
		text[*connection.Dead](err), text[*connection.Absent](err), text[*connection.OtherAccount](err),
	)
}

// unanswered words what is known of a call without a usable answer. Its cause may
// quote what came instead of one.
func unanswered(provider, op string, status int, requestID string, err error) string {
	said := provider + ": " + op + ": no usable answer"
	if status != 0 {
		said += fmt.Sprintf(", status %d", status)
	}
	if requestID != "" {
		said += ", request " + requestID
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		said += ", timed out"
	}
	return said
}

func text[E error](err error) string {
	if e, ok := errors.AsType[E](err); ok {
		return e.Error()
	}
	return ""
}

// harmless reports whether whoever was called said that nothing was done.
func harmless(err error) bool {
	switch name(bare(err)) {
	case "Refused", "GrantDead", "RateLimited", "DailyLimit":
		return true
	}
	return false
}

func limited(err error, daily bool) error {
	if daily {
		return &DailyLimit{Err: err}
	}
	return &RateLimited{Err: err}
}

// reason says in the guest's terms why a step's error ended the booking, from
// the error's name as the state machine caught it and the step it stopped at.
func reason(name string, b booking.Booking) booking.Reason {
	switch name {
	case "CalendarBusy":
		return booking.ReasonSlotTaken
	case "GrantDead":
		return booking.ReasonHostDisconnected
	case "BookingClosed":
		return booking.ReasonTooLate
	}
	switch {
	case b.Steps[booking.Meeting].Status != booking.Done:
		return booking.ReasonZoomUnavailable
	case b.Steps[booking.Event].Status != booking.Done:
		return booking.ReasonCalendarFailed
	}
	return booking.ReasonMailFailed
}
