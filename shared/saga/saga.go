// Package saga makes a held booking real, step by step, and undoes what was done
// when a step fails for good (infra/workflows/book.asl.json draws the order).
// Every step may run twice, and may have been killed at any point before: it
// looks at what is recorded, then at what the provider has, then acts.
package saga

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yakusoku/shared/booking"
)

// Ledger is where steps read and record. See booking.Ledger for what each may
// return.
type Ledger interface {
	Booking(ctx context.Context, id string) (booking.Booking, error)
	// Save stores b if its Version is the stored one, and counts it up; *Stale
	// otherwise.
	Save(ctx context.Context, b *booking.Booking) error
	Release(ctx context.Context, b booking.Booking) error
}

// Request is what the state machine hands to a step's function.
type Request struct {
	Step    string `json:"step"`
	Booking string `json:"booking"`
	// Checked says that the calendars were seen to be free after the hold.
	Checked bool `json:"checked"`
	// Error is the name of the error that turned the saga back.
	Error string `json:"error"`
}

// Step is one action on a booking.
type Step func(ctx context.Context, r Request, b booking.Booking) error

// Handler makes a function's Lambda handler of its steps by name. Errors leave
// it typed and bare.
func Handler(ledger Ledger, steps map[string]Step) func(context.Context, Request) error {
	return func(ctx context.Context, r Request) error {
		step, ok := steps[r.Step]
		if !ok {
			return &Refused{Err: fmt.Errorf("no step %q", r.Step)}
		}
		b, err := ledger.Booking(ctx, r.Booking)
		if err != nil {
			return bare(err)
		}
		return bare(step(ctx, r, b))
	}
}

// record applies change to the booking and stores it. If the stored one changed
// since it was read, change is applied to that.
func record(ctx context.Context, l Ledger, b *booking.Booking, change func(*booking.Booking)) error {
	for {
		change(b)
		if b.Finished() {
			b.Deadline = time.Time{}
		}
		err := l.Save(ctx, b)
		if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
			return err
		}
		if *b, err = l.Booking(ctx, b.ID); err != nil {
			return err
		}
	}
}

// proceed refuses to go on with a booking that is not to be made real any more.
func proceed(b booking.Booking, now time.Time) error {
	switch {
	case b.Status == booking.Failed:
		return &BookingClosed{Why: "it failed: " + string(b.Reason)}
	case b.Status == booking.Pending && !now.Before(b.Start):
		return &BookingClosed{Why: "its time has come"}
	}
	return nil
}

// giveUp records that the booking failed, and why, before anything is undone:
// whoever looks at it from here on sees the truth.
func giveUp(ctx context.Context, l Ledger, b *booking.Booking, errorName string) error {
	if b.Status != booking.Pending {
		return nil
	}
	return record(ctx, l, b, func(b *booking.Booking) { b.Fail(reason(errorName, *b)) })
}
