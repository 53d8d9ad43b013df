package booking

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Party is a side of a booking.
type Party string

const (
	ByGuest Party = "guest"
	ByHost  Party = "host"
)

// Cancellation is how a booking came to be cancelled.
type Cancellation struct {
	By      Party
	Reason  CancelReason
	Message string // to the other side; may be empty
	At      time.Time
}

// CancelReason is why a booking was cancelled, in a word that mails explain; it may
// be left out.
type CancelReason string

const (
	NoCancelReason CancelReason = ""
	Conflict       CancelReason = "conflict"   // something else came up
	NotNeeded      CancelReason = "not_needed" // the matter is settled
	OtherReason    CancelReason = "other"
)

// NotCancellable says that there is nothing to cancel: the booking is not
// confirmed, or its meeting is over.
type NotCancellable struct{}

func (*NotCancellable) Error() string { return "the booking cannot be cancelled" }

// TooLateToChange says that guests may change their booking only until then.
type TooLateToChange struct{ Until time.Time }

func (*TooLateToChange) Error() string { return "it is too late for the guest to change the booking" }

// ChangeUntil is until when the guest may cancel or move the booking, as its page
// said when it was booked; zero: as long as anybody may.
func (b Booking) ChangeUntil() time.Time {
	if b.Terms.ChangeNotice == 0 {
		return time.Time{}
	}
	return b.Start.Add(-time.Duration(b.Terms.ChangeNotice) * time.Minute)
}

// guestMayChange returns *TooLateToChange once the guest's time to change is over.
func (b Booking) guestMayChange(now time.Time) error {
	if until := b.ChangeUntil(); !until.IsZero() && !now.Before(until) {
		return &TooLateToChange{Until: until}
	}
	return nil
}

// GuestCanCancel reports whether the guest can cancel the booking at that time.
func (b Booking) GuestCanCancel(now time.Time) bool {
	return b.CanCancel(now) && b.guestMayChange(now) == nil
}

// GuestCanMove reports whether the guest can move the booking at that time.
func (b Booking) GuestCanMove(now time.Time) bool {
	return b.CanMove(now) && b.guestMayChange(now) == nil
}

// CanCancel reports whether the booking is one that can be cancelled at that time.
func (b Booking) CanCancel(now time.Time) bool {
	return b.Status == Confirmed && b.End.After(now)
}

// Cancel makes a confirmed booking a cancelled one: its slot is free, and what
// exists outside is to be taken away. The mails that now are to be sent are those
// of the cancellation, to those who were told of the booking.
func (b *Booking) Cancel(c Cancellation) {
	if b.Moving() {
		b.abandon()
	}
	b.Status, b.Cancellation, b.Differences = Cancelled, &c, nil
	b.tell(NewsCancelled, c.At)
	b.Attempt = 0 // of another saga
	b.Mark(Hold, Undone, c.At)
	b.Mark(Mail, Waiting, time.Time{})
	b.Mark(Notice, Waiting, time.Time{})
	if len(b.Guest.CoAttendees) > 0 && b.Steps[Attendees].Status == Done {
		b.Mark(Attendees, Waiting, time.Time{})
	}
}

// Changes is where bookings that are made are changed.
type Changes interface {
	// Booking reads the last written state. It returns *NotFound.
	Booking(ctx context.Context, id string) (Booking, error)
	// Claim stores the booking as it is, whose Version must be that of what it was
	// (*Stale otherwise), and claims what it holds beyond that, a place in its day if
	// it counts and one of each quota: all or nothing. It returns *SlotTaken or
	// *RateLimited.
	Claim(ctx context.Context, was, is Booking, maxPerDay int, quotas []Quota) error
	// Release stores the booking as it is, whose Version must be that of what it was
	// (*Stale otherwise), and frees what it held and holds no more.
	Release(ctx context.Context, was, is Booking) error
}

// Registrar changes bookings that are made: it cancels and moves them.
type Registrar struct {
	Ledger Changes
	Sagas  Sagas
	Now    func() time.Time
	// SettleWithin is how long the saga may take before sweep looks after it.
	SettleWithin time.Duration
}

// Cancel frees the booking's slot and starts what takes it away everywhere else;
// when that is, the Registrar says. Once more is no error. It returns
// *NotCancellable.
func (r *Registrar) Cancel(ctx context.Context, b Booking, c Cancellation) error {
	for {
		now := r.Now().UTC()
		switch {
		case b.Status == Cancelled:
			return nil
		case !b.CanCancel(now):
			return &NotCancellable{}
		}
		was := b
		c.At = now
		b.Cancel(c)
		b.Deadline = now.Add(r.SettleWithin)
		err := r.Ledger.Release(ctx, was, b)
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			if b, err = r.Ledger.Booking(ctx, b.ID); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		b.Version++
		if err := r.Sagas.Start(ctx, b, false); err != nil {
			slog.ErrorContext(ctx, "cancellation not started; sweep will start it", "booking", b.ID, "error", err)
		}
		return nil
	}
}

// Cancel cancels the booking for whoever holds its token. It returns *NotFound for
// a wrong token as for a wrong id, *NotCancellable or *TooLateToChange.
func (d *Desk) Cancel(ctx context.Context, id, token string, reason CancelReason, message string) error {
	b, err := d.View(ctx, id, token)
	if err != nil {
		return err
	}
	if b.CanCancel(d.Now()) {
		if err := b.guestMayChange(d.Now()); err != nil {
			return err
		}
	}
	return d.registrar().Cancel(ctx, b, Cancellation{By: ByGuest, Reason: reason, Message: message})
}

func (d *Desk) registrar() *Registrar {
	return &Registrar{Ledger: d.Ledger, Sagas: d.Sagas, Now: d.Now, SettleWithin: d.SettleWithin}
}
