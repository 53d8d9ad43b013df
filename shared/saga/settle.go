package saga

import (
	"context"
	"log/slog"
	"time"

	"yakusoku/shared/booking"
)

// Settlement confirms a booking, or frees what it held.
type Settlement struct {
	Ledger Ledger
	Now    func() time.Time
}

// Steps names the function's steps.
func (s *Settlement) Steps() map[string]Step {
	return map[string]Step{"confirm": s.confirm, "release": s.release}
}

func (s *Settlement) confirm(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Status != booking.Pending {
		return nil
	}
	return record(ctx, s.Ledger, &b, func(b *booking.Booking) { b.Confirm() })
}

// release frees the cells, unless something could not be undone: then they stay
// held, the booking needs attention, and sweep takes it up again.
func (s *Settlement) release(ctx context.Context, r Request, b booking.Booking) error {
	if err := giveUp(ctx, s.Ledger, &b, r.Error); err != nil {
		return err
	}
	if b.Status != booking.Failed || b.Steps[booking.Hold].Status == booking.Undone {
		return nil
	}
	if b.NeedsAttention() {
		slog.ErrorContext(ctx, "booking needs attention: a compensation failed", "booking", b.ID, "attempt", b.Attempt,
			"meeting", b.Steps[booking.Meeting].Status, "event", b.Steps[booking.Event].Status)
		return nil
	}
	b.Mark(booking.Hold, booking.Undone, s.Now())
	if b.Finished() {
		b.Deadline = time.Time{}
	}
	return s.Ledger.Release(ctx, b)
}
