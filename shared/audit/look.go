package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/zone"
	"yakusoku/shared/zoom"
)

// run is one run of a host's audit.
type run struct {
	*Auditor
	host  string
	state turn.State

	zoom     Zoom // nil: not to be asked
	asked    bool // whether it was opened
	meetings map[int64][]zoom.Meeting
	events   map[string]Events // by provider; nil: not to be asked
	known    map[string]booking.Booking

	over   bool // nothing is left to look at
	broken bool // something could not be asked
	inFlux bool // something was under way
	young  bool // something was done a moment ago
	pause  time.Duration
}

// ahead is how far ahead bookings are looked for: no page opens more days than
// page.Page.HorizonDays allows.
const ahead = 366 * 24 * time.Hour

// look goes on with the audit where it stands. A booking is always read before what
// stands of it outside: what is found then is kept only if the booking is still the
// same. The error is the ledger's.
//
// What is asked outside has an end of its own, outside: what was learned is kept even
// then.
func (r *run) look(ctx, outside context.Context, rings int) error {
	r.events, r.known = map[string]Events{}, map[string]booking.Booking{}
	begins := r.state.Cursor == ""
	if begins {
		r.state.Rings = rings
	}
	for looked := 0; looked < bookingsAtOnce; {
		now := r.Now()
		found, err := r.Ledger.HostBookings(ctx, booking.Search{
			Host: r.host, From: now, To: now.Add(ahead), Status: booking.Confirmed, Cursor: r.state.Cursor,
		})
		if bad := (*booking.BadCursor)(nil); errors.As(err, &bad) { // its place has passed: nothing is left before now
			r.state.Cursor = ""
			continue
		}
		if err != nil {
			return err
		}
		for _, b := range found.Bookings {
			r.known[b.ID] = b
		}
		r.openZoom(outside)
		if begins {
			begins = false
			if err := r.tidy(ctx, outside); err != nil {
				return err
			}
		}
		for _, b := range found.Bookings {
			if outside.Err() != nil { // these are looked at again, in a while if it gets no further
				r.over = looked == 0
				r.broken = r.broken || r.over
				return nil
			}
			if err := r.compare(ctx, outside, b); err != nil {
				return err
			}
		}
		looked += max(1, len(found.Bookings))
		if r.state.Cursor = found.Cursor; found.Cursor == "" {
			r.over = true
			return nil
		}
	}
	return nil
}

// down keeps in mind that a provider cannot be asked now. Where its host must
// reconnect, that is no failure: connecting makes the audit due.
func (r *run) down(ctx context.Context, provider string, err error) {
	dead := (interface{ GrantDead() bool })(nil)
	if connection.Lost(err) || errors.As(err, &dead) && dead.GrantDead() {
		slog.InfoContext(ctx, "not audited until its host reconnects", "host", r.host, "provider", provider, "error", err)
		return
	}
	slog.InfoContext(ctx, "not audited now", "host", r.host, "provider", provider, "error", err)
	r.broken = true
	r.pause = max(r.pause, pause(err))
}

// openZoom lists the host's meetings at Zoom, once in a run.
func (r *run) openZoom(ctx context.Context) {
	if r.asked {
		return
	}
	r.asked = true
	z, err := r.Zoom(ctx, r.host)
	if err != nil {
		r.down(ctx, "zoom", err)
		return
	}
	all, err := z.List(ctx)
	if err != nil {
		r.down(ctx, "zoom", err)
		return
	}
	r.zoom, r.meetings = z, map[int64][]zoom.Meeting{}
	for _, m := range all {
		r.meetings[m.ID] = append(r.meetings[m.ID], m)
	}
}

// zoomDown has Zoom not asked again in this run.
func (r *run) zoomDown(ctx context.Context, err error) {
	r.down(ctx, "zoom", err)
	r.zoom = nil
}

func (r *run) openEvents(ctx context.Context, provider string) Events {
	events, asked := r.events[provider]
	if asked {
		return events
	}
	events, err := r.Events(ctx, r.host, provider)
	if err != nil {
		r.down(ctx, provider, err)
		events = nil
	}
	r.events[provider] = events
	return events
}

// compare looks at what stands of a booking outside, and keeps what differs. What was
// written of it moments ago may not be seen yet by those who were told.
func (r *run) compare(ctx, outside context.Context, b booking.Booking) error {
	now := r.Now()
	switch {
	case b.Status != booking.Confirmed || !b.Start.After(now):
		return nil
	case !b.Settled():
		r.inFlux = true
		return nil
	case now.Sub(b.LastStep()) < r.EffectWithin:
		r.young = true
		return nil
	}
	var looked []booking.Step
	found := map[booking.Step]booking.Difference{}
	note := func(s booking.Step, d *booking.Difference, ok bool) {
		if !ok {
			return
		}
		looked = append(looked, s)
		if d != nil {
			d.FoundAt = now.UTC()
			found[s] = *d
		}
	}
	d, ok := r.meeting(outside, b)
	note(booking.Meeting, d, ok)
	d, ok = r.event(outside, b)
	note(booking.Event, d, ok)
	if b.Compared(looked, found) {
		err := r.Ledger.Save(ctx, &b)
		if stale := (*booking.Stale)(nil); errors.As(err, &stale) {
			r.young = true
			return nil
		}
		if err != nil {
			return err
		}
		slog.InfoContext(ctx, "what stands outside of a booking was compared", "booking", b.ID, "host", r.host, "differences", len(b.Differences))
	}
	if b.Untold() {
		return r.tell(ctx, outside, b)
	}
	return nil
}

// meeting compares the booking's meeting; ok is false if it could not be looked at.
// The list is only a hint, which may lag behind: what differs by it is asked for.
func (r *run) meeting(ctx context.Context, b booking.Booking) (d *booking.Difference, ok bool) {
	id := b.ZoomMeeting.ID
	if r.zoom == nil || id == 0 || b.Steps[booking.Meeting].Status != booking.Done ||
		connection.Reaches(connection.Zoom, r.zoom.Account(), b.ZoomMeeting.Account) != nil {
		return nil, false
	}
	for _, m := range r.meetings[id] {
		if meets(m, b) {
			return nil, true
		}
	}
	m, err := r.zoom.Get(ctx, id)
	refused := (*zoom.Refused)(nil)
	switch {
	case errors.As(err, &refused) && refused.NoMeeting():
		return &booking.Difference{Gone: true}, true
	case err != nil:
		r.zoomDown(ctx, err)
		return nil, false
	case meets(m, b):
		return nil, true
	}
	start := m.Start.UTC()
	return &booking.Difference{Start: start, End: start.Add(time.Duration(m.DurationMinutes) * time.Minute)}, true
}

// meets reports whether the meeting stands where the booking does, to the minute. One
// without a time, as a recurring one may be, can be joined at any.
func meets(m zoom.Meeting, b booking.Booking) bool {
	return m.Start.IsZero() || sameMinute(m.Start, b.Start) && time.Duration(m.DurationMinutes)*time.Minute == b.End.Sub(b.Start)
}

func sameMinute(a, b time.Time) bool {
	return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute))
}

// event compares the booking's event; ok is false if it could not be looked at.
func (r *run) event(ctx context.Context, b booking.Booking) (d *booking.Difference, ok bool) {
	if b.CalendarEvent.ID == "" || b.Steps[booking.Event].Status != booking.Done {
		return nil, false
	}
	events := r.openEvents(ctx, b.Terms.Write.Provider)
	if events == nil {
		return nil, false
	}
	w, there, err := events.Find(ctx, b.Terms.Write.ID, referenceOf(b.ID, b.CalendarEvent))
	if err == nil {
		err = r.single(ctx, events, b)
	}
	other := (*connection.OtherAccount)(nil)
	switch {
	case errors.As(err, &other):
		return nil, false // it stands in an account that cannot be asked
	case err != nil:
		r.down(ctx, b.Terms.Write.Provider, err)
		r.events[b.Terms.Write.Provider] = nil
		return nil, false
	case !there:
		return &booking.Difference{Gone: true}, true
	}
	start, end, err := stands(w, b.Terms.HostTimeZone)
	if err != nil || start.IsZero() || sameMinute(start, b.Start) && sameMinute(end, b.End) {
		return nil, err == nil
	}
	return &booking.Difference{Start: start, End: end}, true
}

func referenceOf(id string, e booking.CalendarEvent) calendar.Reference {
	return calendar.Reference{ID: calendar.EventID(id, e.Revision), Held: e.ID, Account: e.Account}
}

// stands is when the event is; of one of whole days, those of its host's zone.
func stands(w calendar.Written, timeZone string) (start, end time.Time, err error) {
	if !w.AllDay {
		return w.Start, w.End, nil
	}
	in, err := zone.Load(timeZone)
	if err != nil {
		return start, end, err
	}
	local := func(day time.Time) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, in).UTC()
	}
	return local(w.Start), local(w.End), nil
}

// single takes out the booking's other event that a move may have left: a new one that
// was given up, or the former one, which its host has brought back since.
func (r *run) single(ctx context.Context, events Events, b booking.Booking) error {
	m := b.Move
	if m == nil || !m.NewEvent {
		return nil
	}
	spare := m.FormerEvent
	if b.CalendarEvent.Revision != m.Revision {
		spare = booking.CalendarEvent{Revision: m.Revision}
	}
	reference := referenceOf(b.ID, spare)
	_, there, err := events.Find(ctx, b.Terms.Write.ID, reference)
	if other := (*connection.OtherAccount)(nil); errors.As(err, &other) {
		return nil
	}
	if err != nil || !there {
		return err
	}
	slog.WarnContext(ctx, "a second event of a booking is taken out", "booking", b.ID, "host", r.host)
	return events.Delete(ctx, b.Terms.Write.ID, reference)
}

// tell mails the host what differs: at least once, and no more of what is known to
// have gone out.
func (r *run) tell(ctx, outside context.Context, b booking.Booking) error {
	_, err := r.Post.Send(outside, mail.HostDiffers, b)
	refused := (*mail.Refused)(nil)
	if errors.As(err, &refused) {
		slog.ErrorContext(ctx, "mail refused; its host is not told what differs", "booking", b.ID, "error", refused)
	} else if err != nil {
		slog.WarnContext(ctx, "its host is not told yet what differs", "booking", b.ID, "error", err)
		r.broken = true
		r.pause = max(r.pause, pause(err))
		return nil
	}
	told := b.Differences
	for {
		b.Tell(told)
		err := r.Ledger.Save(ctx, &b)
		if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
			return err
		}
		if b, err = r.Ledger.Booking(ctx, b.ID); err != nil || !b.Untold() {
			return err
		}
	}
}

// orphansAtOnce bounds what one run takes away.
const orphansAtOnce = 20

// tidy deletes meetings to come that carry one of our references and that their
// booking does not hold (any more): what came of a call whose answer was lost, after
// everybody had given up waiting for it. Of a booking that is not known here nothing
// is: another deployment may know it.
func (r *run) tidy(ctx, outside context.Context) error {
	suspects := map[string][]zoom.Meeting{}
	var unknown []string
	now := r.Now()
	for _, entries := range r.meetings {
		m := entries[0]
		id, _, ours := booking.OfMeetingReference(m.Reference())
		if !ours || m.Start.Before(now) {
			continue
		}
		if _, known := r.known[id]; !known && suspects[id] == nil {
			unknown = append(unknown, id)
		}
		suspects[id] = append(suspects[id], m)
	}
	read, err := r.Ledger.Bookings(ctx, unknown)
	if err != nil {
		return err
	}
	for _, b := range read {
		r.known[b.ID] = b
	}
	taken := 0
	for id, meetings := range suspects {
		for _, m := range meetings {
			b, known := r.known[id]
			if !known || !r.orphaned(m, b) {
				continue
			}
			if taken++; taken > orphansAtOnce {
				r.young = true // the next audit goes on
				return nil
			}
			if err := r.take(ctx, outside, m, id); err != nil {
				return err
			}
			if r.zoom == nil {
				return nil
			}
		}
	}
	return nil
}

// orphaned reports whether nothing that is under way for the booking, and nothing that
// it holds, is the meeting.
func (r *run) orphaned(m zoom.Meeting, b booking.Booking) bool {
	switch {
	case b.Host != r.host, b.Status == booking.Confirmed && b.ZoomMeeting.ID == m.ID:
		return false
	case b.Status == booking.Pending, b.Moving(), !b.Deadline.IsZero():
		return false // its saga's, or sweep's
	}
	young := r.Now().Sub(m.CreatedAt) < r.EffectWithin
	r.young = r.young || young
	return !young
}

// take deletes an orphan, if the booking as last written says so too, and the meeting
// was not made by its host: a copy of ours carries what ours does.
func (r *run) take(ctx, outside context.Context, m zoom.Meeting, id string) error {
	b, err := r.Ledger.Booking(ctx, id)
	if gone := (*booking.NotFound)(nil); errors.As(err, &gone) || err == nil && !r.orphaned(m, b) {
		return nil
	}
	if err != nil {
		return err
	}
	is, err := r.zoom.Get(outside, m.ID)
	if refused := (*zoom.Refused)(nil); errors.As(err, &refused) && refused.NoMeeting() {
		return nil
	}
	if err == nil && (is.ByAnother() || is.Reference() != m.Reference()) {
		return nil
	}
	if err == nil {
		err = r.zoom.Delete(outside, m.ID)
	}
	if err != nil {
		r.zoomDown(ctx, fmt.Errorf("take an orphan away: %w", err))
		return nil
	}
	slog.WarnContext(ctx, "a meeting that no booking holds was deleted", "booking", id, "host", r.host)
	return nil
}
