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
	return map[string]Step{
		"guest": m.guest, "moving": m.moving,
		"host": yield(m.host), "failure": yield(m.failure), "cancelled": yield(m.cancelled),
		"moved": yield(m.moved), "stayed": yield(m.stayed),
	}
}

// guest is the saga's pivot: a refused address fails the booking, and that the
// mail is out confirms it, in one write.
func (m *Mails) guest(ctx context.Context, _ Request, b booking.Booking) error {
	if err := proceed(b, m.Now()); err != nil {
		return err
	}
	before, same := b.Steps[booking.Mail], unchanged(b, booking.Pending, booking.Confirmed)
	err := m.send(ctx, &b, booking.Mail, mail.GuestConfirmed, same)
	if mayKnow(before, err) {
		refused(ctx, b, mail.GuestConfirmed, err)
		return m.end(ctx, &b, booking.Mail, mail.GuestConfirmed, same, booking.Skipped, "")
	}
	return takeBack(ctx, m.Ledger, m.Now(), &b, booking.Mail, before, err)
}

// mayKnow reports whether the pivot's mail is refused after an attempt whose answer
// never came. Its guest may rely on what that said, and what would take it back may be
// refused too: so it is gone on with, and the host is told that mail does not reach
// them.
func mayKnow(before booking.Progress, err error) bool {
	_, is := errors.AsType[*mail.Refused](err)
	return is && before.Status == booking.Started
}

// host's mail cannot fail a confirmed booking, nor can that to whom the guest
// brings. The host's is the last: with it, nothing is left to do.
func (m *Mails) host(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Move != nil { // which begins once all were told: what is to be told now is its outcome
		return &BookingClosed{Why: "it was moved meanwhile"}
	}
	if len(b.Guest.CoAttendees) > 0 {
		if err := m.sendOrSkip(ctx, &b, booking.Attendees, mail.AttendeesConfirmed, booking.Confirmed); err != nil {
			return err
		}
	}
	return m.sendOrSkip(ctx, &b, booking.Notice, mail.HostConfirmed, booking.Confirmed)
}

// failure tells both, each as far as their address allows.
func (m *Mails) failure(ctx context.Context, _ Request, b booking.Booking) error {
	if b.TurnedAway() {
		return nil
	}
	return m.both(ctx, b, mail.GuestFailed, mail.HostFailed, booking.Failed)
}

// cancelled tells both, and those whom the guest would have brought.
func (m *Mails) cancelled(ctx context.Context, _ Request, b booking.Booking) error {
	var attendees error
	if s := b.Steps[booking.Attendees].Status; s == booking.Waiting || s == booking.Started {
		attendees = m.sendOrSkip(ctx, &b, booking.Attendees, mail.AttendeesCancelled, booking.Cancelled)
	}
	return errors.Join(attendees, m.both(ctx, b, mail.GuestCancelled, mail.HostCancelled, booking.Cancelled))
}

// moving tells the guest where the booking will be. As with guest, that this mail
// is out makes it so, and frees the former place, in one write.
func (m *Mails) moving(ctx context.Context, _ Request, b booking.Booking) error {
	if ahead, err := underWay(b, m.Now()); err != nil || !ahead {
		return err
	}
	if !b.Move.IsDone() {
		return nil // it is another than the one that this run is about, which has ended: its own run is at it
	}
	plan, told := b.Plan(), booking.Done
	var id string
	if b.Move.News() {
		before := b.Move.Steps[booking.Mail]
		if err := beginMove(ctx, m.Ledger, m.Now(), &b, booking.Mail, nil); err != nil {
			return err
		}
		var err error
		id, err = m.Post.Send(ctx, mail.GuestMoved, b.Moved())
		switch {
		case mayKnow(before, err):
			refused(ctx, b, mail.GuestMoved, err)
			told = booking.Skipped
		case err != nil:
			err = fmt.Errorf("send %s: %w", mail.GuestMoved, err)
			return takeBackMove(ctx, m.Ledger, m.Now(), &b, booking.Mail, before, err)
		}
	}
	for {
		was := b
		if id != "" {
			b.Sent(booking.Mail, id)
		}
		if b.Move.News() {
			b.Mark(booking.Mail, told, m.Now())
		}
		b.MarkMove(booking.Mail, told, m.Now())
		b.Arrive(m.Now())
		b.Watch(m.Now()) // nobody else may have to be told
		err := m.Ledger.Release(ctx, was, b)
		if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
			return err
		}
		if b, err = m.Ledger.Booking(ctx, b.ID); err != nil {
			return err
		}
		if b.Plan() != plan {
			return nil
		}
		if ahead, err := underWay(b, m.Now()); err != nil || !ahead {
			return err
		}
	}
}

// moved tells the others of a move that came about.
func (m *Mails) moved(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Move == nil || b.Move.Outcome != booking.CameAbout {
		return &BookingClosed{Why: "its move did not come about"}
	}
	var attendees error
	if s := b.Steps[booking.Attendees].Status; s == booking.Waiting || s == booking.Started {
		attendees = m.sendOrSkip(ctx, &b, booking.Attendees, mail.AttendeesMoved, booking.Confirmed)
	}
	return errors.Join(attendees, m.sendOrSkip(ctx, &b, booking.Notice, mail.HostMoved, booking.Confirmed))
}

// stayed tells whoever may expect otherwise that a move did not come about.
func (m *Mails) stayed(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Move == nil || b.Move.Outcome != booking.Stayed {
		return nil
	}
	return m.both(ctx, b, mail.GuestStayed, mail.HostStayed, booking.Confirmed)
}

// both tells the guest, and then the host, who so hears if no mail reached the guest.
func (m *Mails) both(ctx context.Context, b booking.Booking, guest, host mail.Kind, of booking.Status) error {
	if err := m.sendOrSkip(ctx, &b, booking.Mail, guest, of); err != nil {
		return err
	}
	return m.sendOrSkip(ctx, &b, booking.Notice, host, of)
}

func (m *Mails) sendOrSkip(ctx context.Context, b *booking.Booking, s booking.Step, kind mail.Kind, of booking.Status) error {
	same := unchanged(*b, of)
	err := m.send(ctx, b, s, kind, same)
	if _, is := errors.AsType[*mail.Refused](err); !is {
		return err
	}
	refused(ctx, *b, kind, err)
	return m.end(ctx, b, s, kind, same, booking.Skipped, "")
}

func refused(ctx context.Context, b booking.Booking, kind mail.Kind, err error) {
	slog.ErrorContext(ctx, "mail refused; the booking goes on without it", "booking", b.ID, "mail", kind, "error", err)
}

// unchanged refuses a booking that has none of the statuses, or another plan than b:
// one step's record is of the mails of one plan after the other's.
func unchanged(b booking.Booking, of ...booking.Status) func(booking.Booking) error {
	plan := b.Plan()
	return func(is booking.Booking) error {
		if is.Plan() != plan {
			return &BookingClosed{Why: "its plan changed meanwhile"}
		}
		return only(is, of...)
	}
}

// errTold says that another run of the step sent its mail since this one looked: to
// begin anew would leave a booking with which all was done unsettled, and unwatched.
var errTold = errors.New("somebody else sent it")

// send sends the mail of a booking that is the same before and after: a mail that says
// otherwise than the booking does not count as sent. Each attempt is recorded before
// it is made, so that none is taken back that another is at.
func (m *Mails) send(ctx context.Context, b *booking.Booking, s booking.Step, kind mail.Kind, same func(booking.Booking) error) error {
	if err := same(*b); err != nil {
		return err
	}
	seen := b.Steps[s]
	if seen.Status.Over() {
		return nil
	}
	err := record(ctx, m.Ledger, m.Now(), b, func(b *booking.Booking) error {
		if err := same(*b); err != nil {
			return err
		}
		switch is := b.Steps[s]; {
		case is.Status.Over():
			return errTold
		case !is.Same(seen):
			return &booking.Stale{} // somebody else is at it
		}
		b.Mark(s, booking.Started, m.Now())
		return nil
	})
	if errors.Is(err, errTold) {
		return nil
	}
	if err != nil {
		return err
	}
	id, err := m.Post.Send(ctx, kind, *b)
	if err != nil {
		return fmt.Errorf("send %s: %w", kind, err)
	}
	return m.end(ctx, b, s, kind, same, booking.Done, id)
}

// end records that the mail is sent, or skipped unless another run sent it; with the
// pivot's the booking is confirmed.
func (m *Mails) end(ctx context.Context, b *booking.Booking, s booking.Step, kind mail.Kind, same func(booking.Booking) error, status booking.StepStatus, id string) error {
	return record(ctx, m.Ledger, m.Now(), b, func(b *booking.Booking) error {
		if err := same(*b); err != nil {
			return err
		}
		if b.Steps[s].Status == booking.Done {
			return nil
		}
		if id != "" {
			b.Sent(s, id)
		}
		b.Mark(s, status, m.Now())
		if kind == mail.GuestConfirmed {
			b.Confirm(m.Now())
		}
		return nil
	})
}
