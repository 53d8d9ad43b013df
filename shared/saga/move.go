package saga

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/zoom"
)

// The steps of a move take a confirmed booking to its new place outside, and, if it
// is given up, back to where it stood.

// underWay reports whether the move is to be gone on with; one that came about is
// done with. It refuses one that is to be undone, and one whose time has come
// before its guest was told.
func underWay(b booking.Booking, now time.Time) (bool, error) {
	switch {
	case b.Status != booking.Confirmed || b.Move == nil:
		return false, &BookingClosed{Why: fmt.Sprintf("it is %s", b.Status)}
	case b.Move.Outcome == booking.CameAbout:
		return false, nil
	case b.Move.Outcome != booking.UnderWay:
		return false, &BookingClosed{Why: fmt.Sprintf("its move is %s %s", b.Move.Outcome, b.Move.Reason)}
	case !now.Before(b.Move.To.Start):
		return false, &BookingClosed{Why: "its new time has come"}
	}
	return true, nil
}

// stillMoves refuses a booking whose move has ended, be it that another has begun since:
// what a run of a step did for the one says nothing of the other.
func stillMoves(b booking.Booking, plan int) error {
	if b.Status != booking.Confirmed || !b.Moving() || b.Plan() != plan {
		return &BookingClosed{Why: "its move has ended"}
	}
	return nil
}

// giveUpMove records that the move is given up, and why, before anything is undone.
// It reports whether there is a move to undo: one that came about stays.
func giveUpMove(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, errorName string) (bool, error) {
	if b.Status != booking.Confirmed || !b.Moving() {
		return false, nil
	}
	if b.Move.Outcome == booking.UnderWay {
		plan := b.Plan()
		err := record(ctx, l, now, b, func(b *booking.Booking) error {
			if err := stillMoves(*b, plan); err != nil {
				return err
			}
			b.GiveUpMove(moveReason(errorName, *b.Move))
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// moveReason says in the guest's terms why a step's error ended the move.
func moveReason(name string, m booking.Move) booking.Reason {
	switch {
	case name == "CalendarBusy":
		return booking.ReasonSlotTaken
	case name == "GrantDead":
		return booking.ReasonHostDisconnected
	case name == "BookingClosed":
		return booking.ReasonTooLate
	case m.Steps[booking.Meeting].Status != booking.Done:
		return booking.ReasonZoomUnavailable
	case m.Steps[booking.Event].Status != booking.Done:
		return booking.ReasonCalendarFailed
	}
	return booking.ReasonMailFailed
}

// beginMove is begin for a step of a move, with whatever else is to be known before
// the attempt.
func beginMove(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step, known func(*booking.Move)) error {
	seen, plan := b.Move.Steps[s], b.Plan()
	return record(ctx, l, now, b, func(b *booking.Booking) error {
		if err := stillMoves(*b, plan); err != nil {
			return err
		}
		if b.Move.Outcome != booking.UnderWay {
			return &BookingClosed{Why: "its move is given up"}
		}
		if !b.Move.Steps[s].Same(seen) {
			return &booking.Stale{}
		}
		if known != nil {
			b.Amend(known)
		}
		b.MarkMove(s, booking.Started, now)
		return nil
	})
}

// takeBackMove is takeBack for a step of a move.
func takeBackMove(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step, before booking.Progress, err error) error {
	if before.Status != booking.Waiting || b.Move.Steps[s].Status != booking.Started || !harmless(err) {
		return err
	}
	return errors.Join(err, markMove(ctx, l, now, b, s, booking.Waiting, nil))
}

// markMove records how far a step of the move has come, and what it made. It refuses
// where another run of the step has taken it further meanwhile, or back: what is
// recorded of that stands.
func markMove(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step, status booking.StepStatus, made func(*booking.Booking)) error {
	at := now
	if status == booking.Waiting {
		at = time.Time{}
	}
	own, plan := b.Move.Steps[s], b.Plan()
	return record(ctx, l, now, b, func(b *booking.Booking) error {
		if err := stillMoves(*b, plan); err != nil {
			return err
		}
		if status != booking.Undone && !b.Move.Steps[s].Same(own) {
			return &booking.Stale{}
		}
		if made != nil {
			made(b)
		}
		b.MarkMove(s, status, at)
		return nil
	})
}

// move moves the meeting, which keeps its URL. Where it is gone, the app may not
// update meetings, or the host has connected another account since, another is made;
// the former one is deleted once the move has come about.
func (m *Meetings) move(ctx context.Context, _ Request, b booking.Booking) error {
	if ahead, err := underWay(b, m.Now()); err != nil || !ahead {
		return err
	}
	if b.Move.Steps[booking.Meeting].Status == booking.Done {
		return nil
	}
	z, err := m.Zoom(ctx, b.Host)
	if err != nil {
		return err
	}
	if b.Move.Replacement == 0 {
		moved, err := m.update(ctx, z, &b)
		if err != nil || moved {
			return err
		}
	}
	return m.replace(ctx, z, b)
}

// update moves the meeting, or reports that another must be made.
func (m *Meetings) update(ctx context.Context, z Zoom, b *booking.Booking) (bool, error) {
	before := b.Move.Steps[booking.Meeting]
	if before.Status == booking.Waiting {
		if err := m.Patience.quiet(before, m.Now()); err != nil { // of the move before
			return false, err
		}
	}
	_, err := patient(ctx, func() (none, error) {
		if err := reaches(z, b.ZoomMeeting); err != nil {
			return none{}, err
		}
		if err := beginMove(ctx, m.Ledger, m.Now(), b, booking.Meeting, nil); err != nil {
			return none{}, err
		}
		return none{}, z.Update(ctx, b.ZoomMeeting.ID, changeTo(b.Moved()))
	})
	if refused, ok := errors.AsType[*zoom.Refused](err); elsewhere(err) || ok && (refused.NoMeeting() || refused.MayNotUpdate()) {
		return false, markMove(ctx, m.Ledger, m.Now(), b, booking.Meeting, booking.Waiting, func(b *booking.Booking) {
			former := b.ZoomMeeting
			b.Meetings++
			b.Amend(func(m *booking.Move) { m.Replacement, m.Former = b.Meetings, &former })
		})
	}
	if err != nil {
		err = fmt.Errorf("move the meeting: %w", err)
		return false, takeBackMove(ctx, m.Ledger, m.Now(), b, booking.Meeting, before, err)
	}
	return true, markMove(ctx, m.Ledger, m.Now(), b, booking.Meeting, booking.Done, nil)
}

// replace makes the meeting that takes the former one's place, as create does.
func (m *Meetings) replace(ctx context.Context, z Zoom, b booking.Booking) error {
	before := b.Move.Steps[booking.Meeting]
	var made zoom.Meeting
	var err error
	if before.Status == booking.Started {
		if made, err = m.adopt(ctx, z, b, b.Move.Replacement, before); err != nil {
			return err
		}
	}
	if made.ID == 0 {
		made, err = patient(ctx, func() (zoom.Meeting, error) {
			if err := beginMove(ctx, m.Ledger, m.Now(), &b, booking.Meeting, nil); err != nil {
				return zoom.Meeting{}, err
			}
			return z.Create(ctx, newMeeting(b.Moved(), b.Move.Replacement))
		})
		if err != nil {
			err = fmt.Errorf("make a meeting in the former one's place: %w", err)
			return takeBackMove(ctx, m.Ledger, m.Now(), &b, booking.Meeting, before, err)
		}
	}
	return markMove(ctx, m.Ledger, m.Now(), &b, booking.Meeting, booking.Done, func(b *booking.Booking) {
		b.ZoomMeeting = booking.ZoomMeeting{
			ID: made.ID, Number: b.Move.Replacement, Account: z.Account(), JoinURL: made.JoinURL, Passcode: made.Passcode,
		}
	})
}

// restore undoes move, whether or not its answer was ever seen: the meeting is
// moved back, or the one in its place deleted.
func (m *Meetings) restore(ctx context.Context, r Request, b booking.Booking) error {
	undo, err := giveUpMove(ctx, m.Ledger, m.Now(), &b, r.Error)
	if err != nil || !undo {
		return err
	}
	progress := b.Move.Steps[booking.Meeting]
	if progress.Status == booking.Undone || progress.Status == booking.Waiting {
		return nil
	}
	z, err := m.Zoom(ctx, b.Host)
	if err != nil {
		return err
	}
	if b.Move.Replacement == 0 {
		err = m.moveBack(ctx, z, &b, progress)
	} else {
		err = m.unmake(ctx, z, b, progress)
	}
	if err != nil {
		return err
	}
	return markMove(ctx, m.Ledger, m.Now(), &b, booking.Meeting, booking.Undone, func(b *booking.Booking) {
		if b.Move.Former != nil {
			b.ZoomMeeting = *b.Move.Former
			b.Amend(func(m *booking.Move) { m.Former = nil })
		}
	})
}

// tryBack records that a change back is about to be tried: should its answer be
// lost, a later move waits for it.
func tryBack(ctx context.Context, l Ledger, now time.Time, b *booking.Booking, s booking.Step) error {
	plan := b.Plan()
	return record(ctx, l, now, b, func(b *booking.Booking) error {
		if err := stillMoves(*b, plan); err != nil {
			return err
		}
		b.TryBack(s, now)
		return nil
	})
}

// moveBack waits for a move whose answer was lost: it would come after what undoes
// it.
func (m *Meetings) moveBack(ctx context.Context, z Zoom, b *booking.Booking, progress booking.Progress) error {
	if err := m.Patience.quiet(progress, m.Now()); err != nil {
		return err
	}
	if err := reaches(z, b.ZoomMeeting); err != nil {
		return err
	}
	if err := tryBack(ctx, m.Ledger, m.Now(), b, booking.Meeting); err != nil {
		return err
	}
	_, err := patient(ctx, func() (none, error) { return none{}, z.Update(ctx, b.ZoomMeeting.ID, changeTo(*b)) })
	if refused, ok := errors.AsType[*zoom.Refused](err); ok && (refused.NoMeeting() || refused.MayNotUpdate()) {
		return nil // it was not moved, or is nowhere
	}
	if err != nil {
		return fmt.Errorf("move the meeting back: %w", err)
	}
	return nil
}

// unmake deletes what was made in the former meeting's place.
func (m *Meetings) unmake(ctx context.Context, z Zoom, b booking.Booking, progress booking.Progress) error {
	found, err := find(ctx, z, reference(b, b.Move.Replacement))
	if err != nil {
		return err
	}
	if len(found) == 0 && progress.Status == booking.Started {
		if err := m.Patience.settled(progress, m.Now()); err != nil {
			return err
		}
	}
	var made []int64
	for _, f := range found {
		made = append(made, f.ID)
	}
	if b.ZoomMeeting.Number == b.Move.Replacement {
		if err := reaches(z, b.ZoomMeeting); err != nil {
			return err
		}
		made = append(made, b.ZoomMeeting.ID)
	}
	for _, id := range made {
		if err := remove(ctx, z, id); err != nil {
			return err
		}
	}
	return nil
}

// tidy deletes the meeting in whose place another was made, once the move has come
// about. One in an account that the host has left is left to them: everybody has
// another URL, and should they connect it again, an audit finds the meeting.
func (m *Meetings) tidy(ctx context.Context, _ Request, b booking.Booking) error {
	if b.Status != booking.Confirmed || b.Moving() || b.Move == nil || b.Move.Former == nil {
		return nil
	}
	z, err := m.Zoom(ctx, b.Host)
	if err != nil {
		return err
	}
	former := b.Move.Former.ID
	if err := reaches(z, *b.Move.Former); err != nil {
		slog.WarnContext(ctx, "a former meeting is left in an account that is not connected any more", "booking", b.ID)
	} else if err := remove(ctx, z, former); err != nil {
		return err
	}
	return record(ctx, m.Ledger, m.Now(), &b, func(b *booking.Booking) error {
		if b.Move != nil && b.Move.Former != nil && b.Move.Former.ID == former {
			b.Amend(func(m *booking.Move) { m.Former = nil })
		}
		return nil
	})
}

func remove(ctx context.Context, z Zoom, id int64) error {
	_, err := patient(ctx, func() (none, error) { return none{}, z.Delete(ctx, id) })
	if err != nil {
		return fmt.Errorf("delete the meeting: %w", err)
	}
	return nil
}

func changeTo(b booking.Booking) zoom.Change {
	n := newMeeting(b, 0)
	return zoom.Change{Start: n.Start, DurationMinutes: n.DurationMinutes, TimeZone: n.TimeZone, Settings: n.Settings}
}

// move makes the event say where the booking will be. Where the host has deleted
// it, another is written, under another id: a deleted one's stays taken. So it is
// where the host has connected another account since: what is in the former one is
// out of reach.
func (e *Events) move(ctx context.Context, r Request, b booking.Booking) error {
	if ahead, err := underWay(b, e.Now()); err != nil || !ahead {
		return err
	}
	before := b.Move.Steps[booking.Event]
	if before.Status == booking.Done {
		return nil
	}
	if !r.Checked {
		if err := e.checkMove(ctx, b); err != nil {
			return err
		}
	}
	if !b.Move.NewEvent {
		there, err := e.find(ctx, b, eventReference(b))
		if err != nil && !elsewhere(err) {
			return err
		}
		if there {
			return e.update(ctx, b, before)
		}
	}
	written, err := patient(ctx, func() (calendar.Written, error) {
		err := beginMove(ctx, e.Ledger, e.Now(), &b, booking.Event, func(m *booking.Move) {
			m.NewEvent, m.FormerEvent = true, b.CalendarEvent
		})
		if err != nil {
			return calendar.Written{}, err
		}
		event := entry(b.Moved(), b.Move.Revision)
		event.Repeated = before.Status == booking.Started
		return e.Agenda.Insert(ctx, b.Host, b.Terms.Write, event)
	})
	if err != nil {
		err = fmt.Errorf("write the event anew: %w", err)
		return takeBackMove(ctx, e.Ledger, e.Now(), &b, booking.Event, before, err)
	}
	return markMove(ctx, e.Ledger, e.Now(), &b, booking.Event, booking.Done, func(b *booking.Booking) {
		e := &b.CalendarEvent // its UID stays
		e.ID, e.URL, e.Account, e.Revision = written.ID, written.URL, written.Account, b.Move.Revision
	})
}

// elsewhere reports whether what was asked for is in an account that is not connected
// any more.
func elsewhere(err error) bool {
	_, is := errors.AsType[*connection.OtherAccount](err)
	return is
}

func (e *Events) update(ctx context.Context, b booking.Booking, before booking.Progress) error {
	if before.Status == booking.Waiting {
		if err := e.Patience.quiet(before, e.Now()); err != nil { // of the move before
			return err
		}
	}
	_, err := patient(ctx, func() (none, error) {
		if err := beginMove(ctx, e.Ledger, e.Now(), &b, booking.Event, nil); err != nil {
			return none{}, err
		}
		return none{}, e.Agenda.Update(ctx, b.Host, b.Terms.Write, b.CalendarEvent.ID, entry(b.Moved(), b.CalendarEvent.Revision))
	})
	if err != nil {
		err = fmt.Errorf("move the event: %w", err)
		return takeBackMove(ctx, e.Ledger, e.Now(), &b, booking.Event, before, err)
	}
	return markMove(ctx, e.Ledger, e.Now(), &b, booking.Event, booking.Done, nil)
}

// checkMove makes up for a rescheduling that could not see the calendars. A host's own
// asks nobody: what is in their calendar is theirs to weigh.
func (e *Events) checkMove(ctx context.Context, b booking.Booking) error {
	if b.Move.By == booking.ByHost {
		return nil
	}
	from, to := b.Moved().Claim()
	busy, err := patient(ctx, func() ([]calendar.Interval, error) {
		return e.Agenda.Busy(ctx, b.Host, b.Terms.Check, from, to)
	})
	if err != nil {
		return fmt.Errorf("check the calendars: %w", err)
	}
	// After an attempt whose answer was lost the event may stand there by now.
	if b.Move.Steps[booking.Event].Status == booking.Waiting && b.Obstructs(busy, b.Move.To) {
		return &CalendarBusy{}
	}
	return nil
}

// restore undoes move: the event says again where the booking stands, or the new
// one is taken out.
func (e *Events) restore(ctx context.Context, r Request, b booking.Booking) error {
	undo, err := giveUpMove(ctx, e.Ledger, e.Now(), &b, r.Error)
	if err != nil || !undo {
		return err
	}
	progress := b.Move.Steps[booking.Event]
	if progress.Status == booking.Waiting || progress.Status == booking.Undone {
		return nil
	}
	if err := e.Patience.quiet(progress, e.Now()); err != nil {
		return err
	}
	if b.Move.NewEvent {
		references := eventReferences(b)
		err = e.remove(ctx, b, references[len(references)-1])
	} else {
		err = e.putBack(ctx, &b)
	}
	if err != nil {
		return err
	}
	return markMove(ctx, e.Ledger, e.Now(), &b, booking.Event, booking.Undone, func(b *booking.Booking) {
		if b.Move.NewEvent {
			b.CalendarEvent = b.Move.FormerEvent
		}
	})
}

// putBack makes the event say where the booking stands, unless the host has
// deleted it.
func (e *Events) putBack(ctx context.Context, b *booking.Booking) error {
	there, err := e.find(ctx, *b, eventReference(*b))
	if err != nil || !there {
		return err
	}
	if err := tryBack(ctx, e.Ledger, e.Now(), b, booking.Event); err != nil {
		return err
	}
	_, err = patient(ctx, func() (none, error) {
		return none{}, e.Agenda.Update(ctx, b.Host, b.Terms.Write, b.CalendarEvent.ID, entry(before(*b), b.CalendarEvent.Revision))
	})
	if err != nil {
		return fmt.Errorf("move the event back: %w", err)
	}
	return nil
}

// before is the booking with the meeting that it had before its move.
func before(b booking.Booking) booking.Booking {
	if b.Move.Former != nil {
		b.ZoomMeeting = *b.Move.Former
	}
	return b
}
