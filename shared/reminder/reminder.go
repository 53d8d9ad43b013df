// Package reminder reminds guests of their bookings by mail. When a reminder is
// due, and whether it is still to be sent, package booking says (remind.go); what
// it says, package mail. This package sees to it that each goes out once, however
// many runs there are and wherever one of them dies.
package reminder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// Bookings are where a round finds what is due, and keeps what it did.
type Bookings interface {
	// DueBookings lists bookings for which something is to be done, the longest overdue
	// first, at most limit. It may lag behind, and lists more than reminders.
	DueBookings(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Booking reads the last written state. It returns *booking.NotFound.
	Booking(ctx context.Context, id string) (booking.Booking, error)
	// Save stores b if its Version is the stored one, and counts it up; *booking.Stale
	// otherwise.
	Save(ctx context.Context, b *booking.Booking) error
}

// Post composes and sends one mail about a booking, and returns the id under which
// the mail service took it.
type Post interface {
	Send(ctx context.Context, kind mail.Kind, b booking.Booking) (string, error)
}

// Round sends the reminders that are due. Each is claimed by a write to its booking
// before it is sent, so that of two rounds at once one sends it; one that died in
// between leaves it to a later round, for twice is better than never.
type Round struct {
	Bookings Bookings
	Post     Post
	Now      func() time.Time
	// ClaimFor is longer than a round takes for one reminder.
	ClaimFor time.Duration
	// Pause is between two attempts where the mail service finds us too fast.
	Pause time.Duration
}

const (
	// batch is how many bookings are listed at once.
	batch = 100
	// attempts at one mail, where the mail service finds us too fast.
	attempts = 3
	// lastStart is how long before its end a run takes up its last reminder.
	lastStart = 20 * time.Second
)

// Run reminds everybody who is to be reminded now. Once the mail service takes no
// more, the others wait for the next run.
func (r *Round) Run(ctx context.Context) error {
	var errs error
	seen := map[string]bool{}
	for {
		ids, err := r.Bookings.DueBookings(ctx, r.Now(), batch)
		if err != nil {
			return errors.Join(errs, err)
		}
		met := len(seen)
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			if ends, bounded := ctx.Deadline(); bounded && time.Until(ends) < lastStart {
				return errs
			}
			if err := r.remind(ctx, id); err != nil {
				errs = errors.Join(errs, fmt.Errorf("remind the guest of booking %s: %w", id, err))
			}
			if exhausted(errs) {
				return errs
			}
		}
		if len(ids) < batch || len(seen) == met {
			return errs
		}
	}
}

// exhausted reports whether the mail service is in no state to take more.
func exhausted(err error) bool {
	limited, unavailable := (*mail.RateLimited)(nil), (*mail.Unavailable)(nil)
	return errors.As(err, &limited) || errors.As(err, &unavailable)
}

// remind sends the reminder of a booking, if one is due.
func (r *Round) remind(ctx context.Context, id string) error {
	b, err := r.Bookings.Booking(ctx, id)
	if missing := (*booking.NotFound)(nil); errors.As(err, &missing) {
		return nil // the index lagged behind
	}
	if err != nil {
		return err
	}
	now := r.Now()
	due, is := b.ToRemind(now)
	if !is {
		return nil
	}
	late := !now.Before(b.Start)
	if late { // nobody is reminded of what has begun
		b.PassReminders(due)
	} else {
		b.ClaimReminder(due, now.Add(r.ClaimFor))
	}
	err = r.Bookings.Save(ctx, &b)
	if stale := (*booking.Stale)(nil); errors.As(err, &stale) {
		return nil // another round has it, or the booking was changed: the next sees
	}
	if err != nil || late {
		return err
	}
	messageID, err := r.send(ctx, b)
	if refused := (*mail.Refused)(nil); errors.As(err, &refused) {
		slog.ErrorContext(ctx, "reminder refused", "booking", b.ID, "error", refused)
	} else if err != nil {
		return err // the claim ends by itself
	}
	return r.record(ctx, b, due, messageID)
}

// send hands the mail over, and waits where that was too fast.
func (r *Round) send(ctx context.Context, b booking.Booking) (messageID string, err error) {
	for attempt := 1; ; attempt++ {
		messageID, err = r.Post.Send(ctx, mail.GuestReminder, b)
		limited := (*mail.RateLimited)(nil)
		if !errors.As(err, &limited) || limited.Daily || attempt == attempts {
			return messageID, err
		}
		select {
		case <-time.After(r.Pause):
		case <-ctx.Done():
			return "", err
		}
	}
}

// record keeps that the reminder is done with, whatever became of the booking
// meanwhile.
func (r *Round) record(ctx context.Context, b booking.Booking, due time.Time, messageID string) error {
	for {
		b.Reminded(due, messageID)
		err := r.Bookings.Save(ctx, &b)
		if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
			return err
		}
		if b, err = r.Bookings.Booking(ctx, b.ID); err != nil {
			return err
		}
	}
}
