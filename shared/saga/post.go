package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// Post composes and sends one mail about a booking, and returns the id under
// which the mail service took it.
type Post interface {
	Send(ctx context.Context, kind mail.Kind, b booking.Booking) (string, error)
}

// Mails tells everybody how it ended. The mail service has no idempotency:
// a mail whose answer was lost is sent again, for twice is better than never.
type Mails struct {
	Ledger Ledger
	Post   Post
	Now    func() time.Time
}

// Steps names the function's steps.
func (m *Mails) Steps() map[string]Step {
	return map[string]Step{"guest": m.guest, "host": m.host, "failure": m.failure}
}

// guest is the saga's pivot: a refused address fails the booking.
func (m *Mails) guest(ctx context.Context, _ Request, b booking.Booking) error {
	if err := proceed(b, m.Now()); err != nil {
		return err
	}
	return m.send(ctx, &b, booking.Mail, mail.GuestConfirmed)
}

// host's mail cannot fail a confirmed booking, nor can that to whom the guest
// brings. The host's is the last: with it, nothing is left to do.
func (m *Mails) host(ctx context.Context, _ Request, b booking.Booking) error {
	if len(b.Guest.CoAttendees) > 0 {
		if err := m.sendOrSkip(ctx, &b, booking.Attendees, mail.AttendeesConfirmed); err != nil {
			return err
		}
	}
	return m.sendOrSkip(ctx, &b, booking.Notice, mail.HostConfirmed)
}

// failure tells both, each as far as their address allows.
func (m *Mails) failure(ctx context.Context, _ Request, b booking.Booking) error {
	return errors.Join(
		m.sendOrSkip(ctx, &b, booking.Mail, mail.GuestFailed),
		m.sendOrSkip(ctx, &b, booking.Notice, mail.HostFailed),
	)
}

func (m *Mails) sendOrSkip(ctx context.Context, b *booking.Booking, s booking.Step, kind mail.Kind) error {
	err := m.send(ctx, b, s, kind)
	if refused := (*mail.Refused)(nil); errors.As(err, &refused) {
		slog.ErrorContext(ctx, "mail refused; the booking goes on without it", "booking", b.ID, "mail", kind, "error", refused)
		return record(ctx, m.Ledger, b, func(b *booking.Booking) { b.Mark(s, booking.Skipped, m.Now()) })
	}
	return err
}

func (m *Mails) send(ctx context.Context, b *booking.Booking, s booking.Step, kind mail.Kind) error {
	switch b.Steps[s].Status {
	case booking.Done, booking.Skipped:
		return nil
	case booking.Started:
	default:
		if err := record(ctx, m.Ledger, b, func(b *booking.Booking) { b.Mark(s, booking.Started, m.Now()) }); err != nil {
			return err
		}
	}
	id, err := m.Post.Send(ctx, kind, *b)
	if err != nil {
		return fmt.Errorf("send %s: %w", kind, err)
	}
	return record(ctx, m.Ledger, b, func(b *booking.Booking) {
		b.Sent(s, id)
		b.Mark(s, booking.Done, m.Now())
	})
}
