// Package saga makes a held booking real, step by step, and undoes what was done
// when a step fails for good, or when the booking is cancelled (infra/workflows
// draws the orders).
// Every step may run twice, and may have been killed at any point before: it
// looks at what is recorded, then at what the provider has, then acts.
package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/metric"
)

// Ledger is where steps read and record. See booking.Ledger for what each may
// return.
type Ledger interface {
	Booking(ctx context.Context, id string) (booking.Booking, error)
	// Save stores b if its Version is the stored one, and counts it up; *Stale
	// otherwise.
	Save(ctx context.Context, b *booking.Booking) error
	Release(ctx context.Context, was, is booking.Booking) error
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

// Handler makes the Lambda handler of the function of that name, of its steps by
// theirs. Errors leave it typed and bare, and are logged by name, with what is known
// to be about nobody: what a provider said in words of its own may be about a person.
func Handler(function string, ledger Ledger, steps map[string]Step) func(context.Context, Request) error {
	return func(ctx context.Context, r Request) error {
		begun := time.Now()
		saga, met := run(ctx, ledger, steps[r.Step], r)
		err := bare(met)
		measured := []metric.Value{metric.Time(metric.StepTime, time.Since(begun))}
		if err != nil {
			measured = append(measured, metric.Count(metric.StepFailures, 1))
			slog.WarnContext(ctx, "step failed", "booking", r.Booking, "execution", saga, "step", r.Step, "error", name(err), "heard", heard(met))
		}
		metric.Record(ctx, metric.Step, function+"."+r.Step, measured...)
		return err
	}
}

// run runs a step, and names the execution that the booking is in.
func run(ctx context.Context, ledger Ledger, step Step, r Request) (saga string, err error) {
	if step == nil {
		return "", &Refused{Err: fmt.Errorf("no step %q", r.Step)}
	}
	b, err := ledger.Booking(ctx, r.Booking)
	if err != nil {
		return "", err
	}
	return execution(b), step(ctx, r, b)
}

// yield makes a step give way to who closed the booking, or changed its plan, meanwhile:
// what is left to do is their saga's, and that one has met nothing to call somebody for.
func yield(step Step) Step {
	return func(ctx context.Context, r Request, b booking.Booking) error {
		err := step(ctx, r, b)
		if closed, ok := errors.AsType[*BookingClosed](err); ok {
			slog.InfoContext(ctx, "saga ends before its time", "booking", r.Booking, "step", r.Step, "why", closed.Why)
			return nil
		}
		return err
	}
}

// record applies change to the booking and stores it, unless change refuses. If
// the stored one changed since it was read, change is applied to that. Where it cannot
// be read again, b is as it was.
func record(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, change func(*booking.Booking) error) error {
	for {
		if err := change(b); err != nil {
			return err
		}
		b.Watch(now)
		err := l.Save(ctx, b)
		if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
			return err
		}
		fresh, err := l.Booking(ctx, b.ID)
		if err != nil {
			return err
		}
		*b = fresh
	}
}

// begin records, before each attempt, that the step's effect may exist from here
// on. It refuses if the booking was closed meanwhile, or if somebody else is at
// the step.
func begin(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step) error {
	seen := b.Steps[s]
	return record(ctx, l, now, b, func(b *booking.Booking) error {
		if err := open(*b); err != nil {
			return err
		}
		if !b.Steps[s].Same(seen) {
			return &booking.Stale{}
		}
		b.Mark(s, booking.Started, now)
		return nil
	})
}

// takeBack returns the error of an attempt. Where nothing was done before it and
// it did nothing either, there is nothing to undo, and that is recorded.
func takeBack(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step, before booking.Progress, err error) error {
	if before.Status != booking.Waiting || b.Steps[s].Status != booking.Started || !harmless(err) {
		return err
	}
	own := b.Steps[s]
	return errors.Join(err, record(ctx, l, now, b, func(b *booking.Booking) error {
		if !b.Steps[s].Same(own) {
			return &booking.Stale{} // somebody else is at the step, and may do what this attempt did not
		}
		b.Mark(s, booking.Waiting, time.Time{})
		return nil
	}))
}

// mark records how far the step has come.
func mark(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step, status booking.StepStatus) error {
	return record(ctx, l, now, b, func(b *booking.Booking) error {
		b.Mark(s, status, now)
		return nil
	})
}

// open refuses a booking that is not to be made real any more.
func open(b booking.Booking) error {
	return only(b, booking.Pending, booking.Confirmed)
}

// only refuses a booking that has none of the statuses.
func only(b booking.Booking, statuses ...booking.Status) error {
	if slices.Contains(statuses, b.Status) {
		return nil
	}
	return &BookingClosed{Why: fmt.Sprintf("it is %s %s", b.Status, b.Reason)}
}

// proceed refuses to go on with a booking that is closed, or whose time has come
// before its guest was told.
func proceed(b booking.Booking, now time.Time) error {
	if b.Status == booking.Pending && !now.Before(b.Start) {
		return &BookingClosed{Why: "its time has come"}
	}
	return open(b)
}

// giveUp records that the booking failed, and why, before anything is undone:
// whoever looks at it from here on sees the truth. It reports whether there is a
// booking to undo: one that is confirmed stays, whatever turned the saga back. A
// cancelled one is undone without anything having failed, and only that one is: a
// machine that was started by hand for another takes nothing away.
func giveUp(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, errorName string) (bool, error) {
	if b.Status == booking.Pending && errorName != "" {
		err := record(ctx, l, now, b, func(b *booking.Booking) error {
			b.Fail(reason(errorName, *b), now)
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	return b.Status == booking.Failed || b.Status == booking.Cancelled, nil
}
