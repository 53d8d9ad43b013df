package saga

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/page"
)

// Agenda is what the event step asks of a host's calendars.
type Agenda interface {
	Busy(ctx context.Context, host string, in []page.CalendarRef, from, to time.Time) ([]calendar.Interval, error)
	Find(ctx context.Context, host string, in page.CalendarRef, r calendar.Reference) (calendar.Written, bool, error)
	// Insert is safe to repeat under the event's id, if the repeat says that it is
	// one.
	Insert(ctx context.Context, host string, in page.CalendarRef, e calendar.Event) (calendar.Written, error)
	// Update makes the event that the provider holds under that id say what e says.
	Update(ctx context.Context, host string, in page.CalendarRef, id string, e calendar.Event) error
	// Delete is done when there is no such event any more.
	Delete(ctx context.Context, host string, in page.CalendarRef, r calendar.Reference) error
}

// Events writes a booking into the host's calendar and takes it out.
type Events struct {
	Ledger   Ledger
	Agenda   Agenda
	Patience Patience
	Now      func() time.Time
}

// Steps names the function's steps.
func (e *Events) Steps() map[string]Step {
	return map[string]Step{"create": e.create, "delete": e.delete, "move": e.move, "restore": e.restore}
}

func (e *Events) create(ctx context.Context, r Request, b booking.Booking) error {
	if err := proceed(b, e.Now()); err != nil {
		return err
	}
	before := b.Steps[booking.Event]
	if before.Status == booking.Done {
		return nil
	}
	if !r.Checked {
		if err := e.check(ctx, b); err != nil {
			return err
		}
	}
	written, err := patient(ctx, func() (calendar.Written, error) {
		if err := begin(ctx, e.Ledger, e.Now(), &b, booking.Event); err != nil {
			return calendar.Written{}, err
		}
		event := entry(b, 0)
		event.Repeated = before.Status == booking.Started
		return e.Agenda.Insert(ctx, b.Host, b.Terms.Write, event)
	})
	if err != nil {
		err = fmt.Errorf("insert the event: %w", err)
		return takeBack(ctx, e.Ledger, e.Now(), &b, booking.Event, before, err)
	}
	return record(ctx, e.Ledger, e.Now(), &b, func(b *booking.Booking) error {
		b.CalendarEvent = booking.CalendarEvent{ID: written.ID, UID: written.UID, URL: written.URL, Account: written.Account}
		b.Mark(booking.Event, booking.Done, e.Now())
		return nil
	})
}

// check makes up for a submission that could not see the calendars. The booking's
// own event, from an attempt whose answer was lost, is not in its way.
func (e *Events) check(ctx context.Context, b booking.Booking) error {
	from, to := b.Claim()
	busy, err := patient(ctx, func() ([]calendar.Interval, error) {
		return e.Agenda.Busy(ctx, b.Host, b.Terms.Check, from, to)
	})
	if err != nil {
		return fmt.Errorf("check the calendars: %w", err)
	}
	if !slices.ContainsFunc(busy, calendar.Interval{Start: from, End: to}.Meets) {
		return nil
	}
	// Looked for last: it may have come late.
	if b.Steps[booking.Event].Status == booking.Started {
		own, err := e.find(ctx, b, eventReference(b))
		if err != nil || own {
			return err
		}
	}
	return &CalendarBusy{}
}

func (e *Events) find(ctx context.Context, b booking.Booking, r calendar.Reference) (bool, error) {
	_, found, err := e.Agenda.Find(ctx, b.Host, b.Terms.Write, r)
	if err != nil {
		return false, fmt.Errorf("look for the event: %w", err)
	}
	return found, nil
}

// delete takes the event out. One whose insert was not answered must be there, or
// be given the time to come: what comes after its deletion would stay.
func (e *Events) delete(ctx context.Context, r Request, b booking.Booking) error {
	undo, err := giveUp(ctx, e.Ledger, e.Now(), &b, r.Error)
	if err != nil || !undo {
		return err
	}
	progress := b.Steps[booking.Event]
	if progress.Status == booking.Waiting || progress.Status == booking.Undone {
		return nil
	}
	if err := e.Patience.settled(progress, e.Now()); err != nil && progress.Status == booking.Started {
		references := eventReferences(b)
		there, problem := e.find(ctx, b, references[len(references)-1])
		if problem != nil {
			return problem
		}
		if !there {
			return err
		}
	}
	for _, r := range eventReferences(b) {
		if err := e.remove(ctx, b, r); err != nil {
			return err
		}
	}
	return mark(ctx, e.Ledger, e.Now(), &b, booking.Event, booking.Undone)
}

func (e *Events) remove(ctx context.Context, b booking.Booking, r calendar.Reference) error {
	_, err := patient(ctx, func() (none, error) { return none{}, e.Agenda.Delete(ctx, b.Host, b.Terms.Write, r) })
	if err != nil {
		return fmt.Errorf("delete the event: %w", err)
	}
	return nil
}

// eventReferences are those of every event that may stand for the booking: beside
// the known one, one that a move began to write.
func eventReferences(b booking.Booking) []calendar.Reference {
	all := []calendar.Reference{eventReference(b)}
	if b.Move != nil && b.Move.NewEvent && b.CalendarEvent.Revision != b.Move.Revision {
		all = append(all, calendar.Reference{ID: calendar.EventID(b.ID, b.Move.Revision)})
	}
	return all
}

func eventReference(b booking.Booking) calendar.Reference {
	e := b.CalendarEvent
	return calendar.Reference{ID: calendar.EventID(b.ID, e.Revision), Held: e.ID, Account: e.Account}
}

// entry is the booking as it stands in the host's calendar, written under that
// revision of its plan.
func entry(b booking.Booking, revision int) calendar.Event {
	return calendar.Event{
		ID:          calendar.EventID(b.ID, revision),
		Booking:     b.ID,
		Title:       topic(b),
		Description: description(b),
		Location:    b.ZoomMeeting.JoinURL,
		Start:       b.Start,
		End:         b.End,
		TimeZone:    b.Terms.HostTimeZone,
	}
}

func description(b booking.Booking) string {
	words := wordsIn(b.Terms.HostLanguage)
	lines := []string{"Zoom: " + b.ZoomMeeting.JoinURL}
	if b.ZoomMeeting.Passcode != "" {
		lines = append(lines, words.passcode+b.ZoomMeeting.Passcode)
	}
	lines = append(lines, "", words.guest+b.Guest.Name, words.email+b.Guest.Email)
	if b.Guest.Company != "" {
		lines = append(lines, words.company+b.Guest.Company)
	}
	if b.Guest.Phone != "" {
		lines = append(lines, words.phone+b.Guest.Phone)
	}
	if others := b.Guest.CoAttendees; len(others) > 0 {
		lines = append(lines, words.coAttendees+strings.Join(others, ", "))
	}
	for _, a := range b.Answers {
		lines = append(lines, "", a.Label, a.Value)
	}
	return strings.Join(lines, "\n")
}
