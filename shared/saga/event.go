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
	Find(ctx context.Context, host string, in page.CalendarRef, eventID string) (calendar.Written, bool, error)
	// Insert is safe to repeat under the event's id.
	Insert(ctx context.Context, host string, in page.CalendarRef, e calendar.Event) (calendar.Written, error)
	// Delete is done when there is no such event any more.
	Delete(ctx context.Context, host string, in page.CalendarRef, eventID string) error
}

// Events writes a booking into the host's calendar and takes it out.
type Events struct {
	Ledger Ledger
	Agenda Agenda
	Now    func() time.Time
}

// Steps names the function's steps.
func (e *Events) Steps() map[string]Step {
	return map[string]Step{"create": e.create, "delete": e.delete}
}

func (e *Events) create(ctx context.Context, r Request, b booking.Booking) error {
	if err := proceed(b, e.Now()); err != nil {
		return err
	}
	if b.Steps[booking.Event].Status == booking.Done {
		return nil
	}
	if !r.Checked {
		if err := e.check(ctx, b); err != nil {
			return err
		}
	}
	if b.Steps[booking.Event].Status != booking.Started {
		if err := e.mark(ctx, &b, booking.Started); err != nil {
			return err
		}
	}
	written, err := patient(ctx, func() (calendar.Written, error) {
		return e.Agenda.Insert(ctx, b.Host, b.Terms.Write, entry(b))
	})
	if err != nil {
		return fmt.Errorf("insert the event: %w", err)
	}
	return record(ctx, e.Ledger, &b, func(b *booking.Booking) {
		b.CalendarEvent = booking.CalendarEvent{ID: written.ID, UID: written.UID}
		b.Mark(booking.Event, booking.Done, e.Now())
	})
}

// check makes up for a submission that could not see the calendars. The booking's
// own event, from an attempt whose answer was lost, is not in its way.
func (e *Events) check(ctx context.Context, b booking.Booking) error {
	if b.Steps[booking.Event].Status == booking.Started {
		_, own, err := e.Agenda.Find(ctx, b.Host, b.Terms.Write, eventID(b))
		if err != nil {
			return fmt.Errorf("look for the event: %w", err)
		}
		if own {
			return nil
		}
	}
	from, to := b.Claim()
	busy, err := patient(ctx, func() ([]calendar.Interval, error) {
		return e.Agenda.Busy(ctx, b.Host, b.Terms.Check, from, to)
	})
	if err != nil {
		return fmt.Errorf("check the calendars: %w", err)
	}
	if slices.ContainsFunc(busy, calendar.Interval{Start: from, End: to}.Meets) {
		return &CalendarBusy{}
	}
	return nil
}

func (e *Events) delete(ctx context.Context, r Request, b booking.Booking) error {
	if err := giveUp(ctx, e.Ledger, &b, r.Error); err != nil {
		return err
	}
	if status := b.Steps[booking.Event].Status; status == booking.Waiting || status == booking.Undone {
		return nil
	}
	_, err := patient(ctx, func() (none, error) {
		return none{}, e.Agenda.Delete(ctx, b.Host, b.Terms.Write, eventID(b))
	})
	if err != nil {
		return fmt.Errorf("delete the event: %w", err)
	}
	return e.mark(ctx, &b, booking.Undone)
}

func (e *Events) mark(ctx context.Context, b *booking.Booking, s booking.StepStatus) error {
	return record(ctx, e.Ledger, b, func(b *booking.Booking) { b.Mark(booking.Event, s, e.Now()) })
}

func eventID(b booking.Booking) string { return calendar.EventID(b.ID, b.Revision) }

// entry is the booking as it stands in the host's calendar.
func entry(b booking.Booking) calendar.Event {
	return calendar.Event{
		ID:          eventID(b),
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
