package saga

import (
	"context"
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
	return map[string]Step{"confirm": yield(s.confirm), "release": s.release, "stay": s.stay}
}

// confirm finds done what the guest's mail did, and stops a saga whose booking was
// closed meanwhile.
func (s *Settlement) confirm(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Status == booking.Confirmed {
		return nil
	}
	return record(ctx, s.Ledger, s.Now(), &b, func(b *booking.Booking) error {
		if err := open(*b); err != nil {
			return err
		}
		b.Confirm(s.Now())
		return nil
	})
}

// release frees the cells, unless something could not be undone: then they stay
// held, the booking needs attention, and sweep takes it up again.
func (s *Settlement) release(ctx context.Context, r Request, b booking.Booking) error {
	undo, err := giveUp(ctx, s.Ledger, s.Now(), &b, r.Error)
	if err != nil || !undo {
		return err
	}
	if b.NeedsAttention() {
		attention(ctx, b)
		if !b.Deadline.IsZero() {
			return nil
		}
		return record(ctx, s.Ledger, s.Now(), &b, func(*booking.Booking) error { return nil }) // for its deadline
	}
	if b.Steps[booking.Hold].Status == booking.Undone {
		return nil
	}
	was := b
	b.Mark(booking.Hold, booking.Undone, s.Now())
	b.Watch(s.Now())
	return s.Ledger.Release(ctx, was, b)
}

// stay ends a move that was given up, and frees the place that it would have been
// to, unless something stands there yet: then both stay held, the booking needs
// attention, and sweep takes it up again.
func (s *Settlement) stay(ctx context.Context, r Request, b booking.Booking) error {
	back, err := giveUpMove(ctx, s.Ledger, s.Now(), &b, r.Error)
	if err != nil || !back {
		return err
	}
	if !b.Move.IsBack() {
		attention(ctx, b)
		return nil
	}
	was := b
	b.Stay(s.Now())
	b.Watch(s.Now())
	return s.Ledger.Release(ctx, was, b)
}
