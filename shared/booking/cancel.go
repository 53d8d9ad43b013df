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
	Message string // to the other side; may be empty
	At      time.Time
}

// NotCancellable says that there is nothing to cancel: the booking is not
// confirmed, or its meeting is over.
type NotCancellable struct{}

func (*NotCancellable) Error() string { return "the booking cannot be cancelled" }

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
	b.Status, b.Cancellation = Cancelled, &c
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

// Cancel frees the booking's slot and starts what takes it away everywhere else.
// Once more is no error. It returns *NotCancellable.
func (r *Registrar) Cancel(ctx context.Context, b Booking, by Party, message string) error {
	for {
		now := r.Now().UTC()
		switch {
		case b.Status == Cancelled:
			return nil
		case !b.CanCancel(now):
			return &NotCancellable{}
		}
		was := b
		b.Cancel(Cancellation{By: by, Message: message, At: now})
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
// a wrong token as for a wrong id, or *NotCancellable.
func (d *Desk) Cancel(ctx context.Context, id, token, message string) error {
	b, err := d.View(ctx, id, token)
	if err != nil {
		return err
	}
	return d.registrar().Cancel(ctx, b, ByGuest, message)
}

func (d *Desk) registrar() *Registrar {
	return &Registrar{Ledger: d.Ledger, Sagas: d.Sagas, Now: d.Now, SettleWithin: d.SettleWithin}
}
