package booking

import (
	"context"
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
// of the cancellation.
func (b *Booking) Cancel(c Cancellation) {
	b.Status, b.Cancellation = Cancelled, &c
	b.Attempt = 0 // of another saga
	b.Mark(Hold, Undone, c.At)
	for _, s := range []Step{Mail, Notice, Attendees} {
		if b.Steps[s].Status != "" {
			b.Mark(s, Waiting, time.Time{})
		}
	}
}

// Canceller is where cancellations are made.
type Canceller interface {
	// Booking reads the last written state. It returns *NotFound.
	Booking(ctx context.Context, id string) (Booking, error)
	// Release stores the booking, whose Version must be the stored one (*Stale
	// otherwise), and frees its cells and its place in the day.
	Release(ctx context.Context, b Booking) error
}

// Registrar cancels bookings.
type Registrar struct {
	Ledger Canceller
	Sagas  Sagas
	Now    func() time.Time
	// SettleWithin is how long the saga may take before sweep looks after it.
	SettleWithin time.Duration
}
