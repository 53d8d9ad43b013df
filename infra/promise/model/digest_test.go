package model_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"yakusoku/shared/booking"
)

// TestWhatStepsReadTellsStatesApart: were a field left out of a digest that a step goes
// by, states would be taken for walked through that were not. A field that is new is
// named here, as one or the other.
func TestWhatStepsReadTellsStatesApart(t *testing.T) {
	// What is written, and what only mails, pages, hooks, reminders and the audit read,
	// or what does not change after the booking was made.
	leftOut := map[string][]string{
		"Booking": {
			"ID", "Host", "Page", "End", "BufferBeforeMinutes", "BufferAfterMinutes", "LocalDate", "CountsTowardDay", "Guest", "Answers",
			"Consent", "Terms", "Reason", "Cancellation", "Differences", "News", "NewsCount", "Told", "MessageIDs", "Reminding", "TokenHash",
			"Fingerprint", "CreatedAt",
			"Version", // only whether what a process read is the last, which its log tells
		},
		"Move":          {"Message", "At", "Reason", "EndedAt"},
		"ZoomMeeting":   {"Account", "JoinURL", "Passcode"},
		"CalendarEvent": {"UID", "URL", "Account"},
	}
	fresh := began.Add(instant)
	move := func(change func(*booking.Move)) func(*booking.Booking) {
		return func(b *booking.Booking) { b.Amend(change) }
	}
	step := func(change func(*booking.Progress)) func(*booking.Booking) {
		return func(b *booking.Booking) {
			p := b.Steps[booking.Mail]
			change(&p)
			b.Steps = maps.Clone(b.Steps)
			b.Steps[booking.Mail] = p
		}
	}
	moveStep := func(change func(*booking.Progress)) func(*booking.Booking) {
		return move(func(m *booking.Move) {
			p := m.Steps[booking.Event]
			change(&p)
			m.Steps[booking.Event] = p
		})
	}
	told := map[string]map[string]func(*booking.Booking){
		"Booking": {
			"Revision":      func(b *booking.Booking) { b.Revision++ },
			"Attempt":       func(b *booking.Booking) { b.Attempt++ },
			"Start":         func(b *booking.Booking) { b.Start = slots[1] },
			"Status":        func(b *booking.Booking) { b.Status = booking.Cancelled },
			"Steps":         step(func(p *booking.Progress) { p.Status = booking.Skipped }),
			"Move":          func(b *booking.Booking) { b.Move = nil },
			"ZoomMeeting":   func(b *booking.Booking) { b.ZoomMeeting.ID++ },
			"CalendarEvent": func(b *booking.Booking) { b.CalendarEvent.ID = "" },
			"Meetings":      func(b *booking.Booking) { b.Meetings++ },
			"Deadline":      func(b *booking.Booking) { b.Deadline = fresh },
		},
		"Progress": {
			"Status": moveStep(func(p *booking.Progress) { p.Status = booking.Done }),
			"At":     moveStep(func(p *booking.Progress) { p.At = fresh }),
			"Unsure": moveStep(func(p *booking.Progress) { p.Unsure = fresh }),
		},
		"Move": {
			"By":          move(func(m *booking.Move) { m.By = booking.ByHost }),
			"From":        move(func(m *booking.Move) { m.From.Start = slots[1] }),
			"To":          move(func(m *booking.Move) { m.To.Start = slots[0] }),
			"Revision":    move(func(m *booking.Move) { m.Revision++ }),
			"Steps":       moveStep(func(p *booking.Progress) { p.Status = booking.Undone }),
			"Back":        func(b *booking.Booking) { b.TryBack(booking.Meeting, fresh) },
			"Outcome":     move(func(m *booking.Move) { m.Outcome = booking.Abandoned }),
			"Replacement": move(func(m *booking.Move) { m.Replacement++ }),
			"Former":      move(func(m *booking.Move) { m.Former = &booking.ZoomMeeting{ID: 7} }),
			"NewEvent":    move(func(m *booking.Move) { m.NewEvent = true }),
			"FormerEvent": move(func(m *booking.Move) { m.NewEvent, m.FormerEvent.Revision = true, 3 }),
		},
		"ZoomMeeting": {
			"ID":     func(b *booking.Booking) { b.ZoomMeeting.ID += 256 },
			"Number": func(b *booking.Booking) { b.ZoomMeeting.Number++ },
		},
		"CalendarEvent": {
			"ID":       func(b *booking.Booking) { b.CalendarEvent.ID = "" },
			"Revision": func(b *booking.Booking) { b.CalendarEvent.Revision++ },
		},
	}
	for _, kind := range []any{booking.Booking{}, booking.Progress{}, booking.Move{}, booking.ZoomMeeting{}, booking.CalendarEvent{}} {
		of := reflect.TypeOf(kind)
		for i := range of.NumField() {
			field := of.Field(i).Name
			change, tells := told[of.Name()][field]
			if out := slices.Contains(leftOut[of.Name()], field); out == tells {
				t.Errorf("%s.%s: is it told apart, or left out?", of.Name(), field)
			}
			if tells && digestWith(func(*booking.Booking) {}) == digestWith(change) {
				t.Errorf("%s.%s tells no states apart", of.Name(), field)
			}
		}
	}
}

// digestWith is that of a state whose booking moves, and was changed so.
func digestWith(change func(*booking.Booking)) digest {
	b := booking.Booking{
		ID: ids[0], Start: slots[0], End: slots[0].Add(30 * time.Minute), Status: booking.Confirmed,
		Steps:       map[booking.Step]booking.Progress{booking.Hold: {Status: booking.Done}},
		ZoomMeeting: booking.ZoomMeeting{ID: 101}, CalendarEvent: booking.CalendarEvent{ID: eventIDs[0]},
	}
	b.Begin(booking.Move{By: booking.ByGuest, To: booking.Place{Start: slots[1]}})
	change(&b)
	s := &state{books: [2]*booking.Booking{&b}}
	return s.digest(&encoder{fresh: map[slotKey][]time.Time{}})
}
