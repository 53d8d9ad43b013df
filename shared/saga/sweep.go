package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/metric"
)

// Executions starts sagas and tells how they stand.
type Executions interface {
	Start(ctx context.Context, b booking.Booking, checked bool) error
	State(ctx context.Context, b booking.Booking) (State, error)
}

// Overdue lists the bookings whose deadline has passed, the oldest first.
type Overdue interface {
	Unsettled(ctx context.Context, now time.Time, limit int) ([]string, error)
}

// Sweep looks after bookings that are not settled in time: it starts sagas that
// never started, and starts again those that ended without settling. The steps
// find for themselves whether to go on or to undo.
type Sweep struct {
	Ledger     Ledger
	Overdue    Overdue
	Executions Executions
	Now        func() time.Time
	// SettleWithin is the time given to a saga before it is looked at again.
	SettleWithin time.Duration
}

const (
	// sweepLimit bounds one run; what is left comes with the next.
	sweepLimit = 100
	// longestRest is the longest time between two attempts at a booking whose
	// compensation keeps failing.
	longestRest = 6 * time.Hour
)

// Run takes up every overdue booking once. One that fails does not keep the
// others waiting.
func (s *Sweep) Run(ctx context.Context) error {
	ids, err := s.Overdue.Unsettled(ctx, s.Now(), sweepLimit)
	if err != nil {
		return err
	}
	var errs error
	for _, id := range ids {
		if err := s.takeUp(ctx, id); err != nil {
			errs = errors.Join(errs, fmt.Errorf("booking %s: %w", id, err))
		}
	}
	return errs
}

func (s *Sweep) takeUp(ctx context.Context, id string) error {
	b, err := s.Ledger.Booking(ctx, id)
	if err != nil {
		return err
	}
	if b.Deadline.IsZero() || b.Deadline.After(s.Now()) {
		return nil // the index lagged behind
	}
	state, err := s.Executions.State(ctx, b)
	if err != nil {
		return err
	}
	// The new deadline is written first: two sweeps at once do not both go on, and
	// a start that fails comes up again.
	if state == Ended {
		b.Attempt++
	}
	b.Deadline = s.Now().Add(s.rest(b))
	err = s.Ledger.Save(ctx, &b)
	if stale := (*booking.Stale)(nil); errors.As(err, &stale) {
		return nil // a step or another sweep is at it
	}
	if err != nil || state == Running {
		return err
	}
	if b.NeedsAttention() {
		attention(ctx, b)
	}
	slog.InfoContext(ctx, "saga taken up", "booking", b.ID, "attempt", b.Attempt, "status", b.Status)
	return s.Executions.Start(ctx, b, false)
}

// attention asks for somebody's, who may have to take away by hand what is left
// outside.
func attention(ctx context.Context, b booking.Booking) {
	slog.ErrorContext(ctx, "booking needs attention: something is left of it outside", "booking", b.ID, "host", b.Host,
		"status", b.Status, "attempt", b.Attempt, "meeting", b.Steps[booking.Meeting].Status, "event", b.Steps[booking.Event].Status,
		"calendar", b.Terms.Write.Provider)
	metric.Record(ctx, metric.Outcome, metric.NeedsAttention, metric.Count(metric.Bookings, 1))
}

// rest grows with the attempts at what could not be undone, and stays short
// otherwise.
func (s *Sweep) rest(b booking.Booking) time.Duration {
	if !b.NeedsAttention() {
		return s.SettleWithin
	}
	return min(s.SettleWithin<<min(b.Attempt, 10), longestRest)
}
