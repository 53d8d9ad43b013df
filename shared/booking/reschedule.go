package booking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// NotMovable says that there is nothing to move: the booking is not confirmed, its
// time has come, or its page is gone.
type NotMovable struct{}

func (*NotMovable) Error() string { return "the booking cannot be moved" }

// Changing says that another change of the booking is under way.
type Changing struct{}

func (*Changing) Error() string { return "the booking is being changed" }

// movesPerHour bounds how often a guest may move one booking: each time, both sides
// get a mail.
const movesPerHour = 10

// Reschedule moves the booking to another open slot for whoever holds its token.
// Once more is no error. It returns *NotFound, *NotMovable, *Changing,
// *NotAccepting, *SlotNotOpen, *SlotTaken, *RateLimited or *TooLateToChange.
func (d *Desk) Reschedule(ctx context.Context, id, token string, start time.Time) error {
	b, err := d.View(ctx, id, token)
	if err != nil {
		return err
	}
	if b.CanMove(d.Now()) && !b.Moving() && b.Start.Equal(start) {
		return nil // though others are still being told so
	}
	if done, err := b.movableTo(start, d.Now()); done || err != nil {
		return err
	}
	if err := b.guestMayChange(d.Now()); err != nil {
		return err
	}
	limit := d.quota("moves of booking", b.ID, movesPerHour)
	snap, err := d.snapshot(ctx, b, start.Add(-margin), start.Add(margin), limit)
	if err != nil {
		return err
	}
	rules, err := rulesFor(b, snap.Page)
	if err != nil {
		return err
	}
	to := placeOf(b, rules, start)
	switch v := rules.Check(to.Start, b.query(snap, d.Now())); v {
	case availability.Open:
	case availability.Busy, availability.DayFull:
		return &SlotTaken{}
	default:
		return &SlotNotOpen{Verdict: v}
	}
	checked, err := d.checkMove(ctx, b, to)
	if err != nil {
		return err
	}
	return d.registrar().move(ctx, b, Move{By: ByGuest, To: to}, movement{
		maxPerDay: snap.Page.MaxPerDay, quotas: limit, checked: checked,
	})
}

// OwnSlots returns the open slots in [from, to) to which the booking can be moved
// by whoever holds its token. Its own time is no obstacle. It returns *NotFound,
// *NotMovable or *TooLateToChange.
func (d *Desk) OwnSlots(ctx context.Context, id, token string, from, to time.Time) (Month, error) {
	b, err := d.View(ctx, id, token)
	if err != nil {
		return Month{}, err
	}
	if !b.CanMove(d.Now()) {
		return Month{}, &NotMovable{}
	}
	if err := b.guestMayChange(d.Now()); err != nil {
		return Month{}, err
	}
	snap, err := d.snapshot(ctx, b, from.Add(-margin), to.Add(margin), nil)
	snap.Page.DurationMinutes = int(b.End.Sub(b.Start) / time.Minute) // as long as it is
	if accepting := (*NotAccepting)(nil); errors.As(err, &accepting) {
		return Month{Offer: Offer{Host: snap.Host, Page: snap.Page}}, nil
	}
	if err != nil {
		return Month{}, err
	}
	rules, err := rulesFor(b, snap.Page)
	if err != nil {
		return Month{}, err
	}
	q := b.query(snap, d.Now())
	q.From, q.To = from, to
	in, err := zone.Load(snap.Page.TimeZone)
	if err != nil {
		return Month{}, fmt.Errorf("page %s/%s: %w", b.Host, b.Page, err)
	}
	return Month{
		Offer: Offer{
			Host: snap.Host, Page: snap.Page, Accepting: true,
			LastDate: d.Now().In(in).AddDate(0, 0, snap.Page.HorizonDays).Format(time.DateOnly),
		},
		Slots: rules.Open(q),
	}, nil
}

// movableTo reports whether nothing is left to be done for a booking to stand at
// that time.
func (b Booking) movableTo(start, now time.Time) (done bool, err error) {
	switch {
	case !b.CanMove(now):
		return false, &NotMovable{}
	case b.Moving() && b.Move.Outcome == UnderWay && b.Move.To.Start.Equal(start):
		return true, nil
	case !b.Deadline.IsZero():
		return false, &Changing{}
	}
	return b.Start.Equal(start), nil
}

// snapshot reads the booking's page and its days. A page that is gone offers
// nothing (*NotMovable), one that takes no bookings moves none (*NotAccepting, with
// what was read).
func (d *Desk) snapshot(ctx context.Context, b Booking, from, to time.Time, quotas []Quota) (Snapshot, error) {
	snap, err := d.Ledger.Snapshot(ctx, Wanted{Host: b.Host, Page: b.Page, From: from, To: to, Quotas: quotas})
	if missing := (*PageNotFound)(nil); errors.As(err, &missing) {
		return Snapshot{}, &NotMovable{}
	}
	if err != nil {
		return Snapshot{}, err
	}
	if !d.accepting(snap.Host, snap.Page) {
		return snap, &NotAccepting{}
	}
	return snap, nil
}

// rulesFor are the page's as it is now, for a meeting as long as the booking's and
// with its buffers.
func rulesFor(b Booking, p page.Page) (*availability.Rules, error) {
	p.DurationMinutes = int(b.End.Sub(b.Start) / time.Minute)
	p.BufferBeforeMinutes, p.BufferAfterMinutes = b.BufferBeforeMinutes, b.BufferAfterMinutes
	rules, err := availability.Compile(p)
	if err != nil {
		return nil, fmt.Errorf("page %s/%s: %w", b.Host, b.Page, err)
	}
	return rules, nil
}

func placeOf(b Booking, rules *availability.Rules, start time.Time) Place {
	start = start.UTC()
	return Place{Start: start, End: start.Add(b.End.Sub(b.Start)), LocalDate: rules.LocalDate(start)}
}

// query looks at the days as if the booking were not there: neither what it holds
// nor its event, which the host's calendar counts as busy, is in its own way.
func (b Booking) query(snap Snapshot, now time.Time) availability.Query {
	q := availability.Query{Now: now, Busy: snap.Busy, Booked: snap.Booked}
	for _, c := range b.Claims() {
		q.Busy = without(q.Busy, calendar.Interval{Start: c.From, End: c.To})
	}
	q.Busy = without(q.Busy, b.ownEvent())
	if b.CountsTowardDay && q.Booked[b.LocalDate] > 0 {
		q.Booked[b.LocalDate]--
	}
	return q
}

// ownEvent is where the booking's event stands in the host's calendar, as far as is
// known: nowhere, if they deleted it there, which is a span that nothing meets.
func (b Booking) ownEvent() calendar.Interval {
	d, differs := b.Differences[Event]
	if !differs {
		return calendar.Interval{Start: b.Start, End: b.End}
	}
	return calendar.Interval{Start: d.Start, End: d.End}
}

// without cuts a span out of busy times.
func without(busy []calendar.Interval, own calendar.Interval) []calendar.Interval {
	var rest []calendar.Interval
	for _, i := range busy {
		if !i.Meets(own) {
			rest = append(rest, i)
			continue
		}
		if i.Start.Before(own.Start) {
			rest = append(rest, calendar.Interval{Start: i.Start, End: own.Start})
		}
		if own.End.Before(i.End) {
			rest = append(rest, calendar.Interval{Start: own.End, End: i.End})
		}
	}
	return rest
}

// Obstructs reports whether busy times of the host's calendars meet the place to
// which the booking moves. Its own event is among them where it stands now, be that
// where its host moved it to.
func (b Booking) Obstructs(busy []calendar.Interval, to Place) bool {
	from, until := b.claimAt(to)
	return slices.ContainsFunc(
		without(busy, b.ownEvent()), calendar.Interval{Start: from, End: until}.Meets,
	)
}

// checkMove looks, once, whether the host's calendars are free at the new place.
// It returns *SlotTaken if not, and *NotAccepting where the host must reconnect; a
// calendar that cannot tell is asked again by the saga.
func (d *Desk) checkMove(ctx context.Context, b Booking, to Place) (checked bool, err error) {
	from, until := b.claimAt(to)
	within, cancel := context.WithTimeout(ctx, d.CheckWithin)
	defer cancel()
	busy, err := d.Calendars.Busy(within, b.Host, b.Terms.Check, from, until)
	switch {
	case connection.Lost(err):
		return false, &NotAccepting{}
	case err != nil:
		slog.WarnContext(ctx, "calendars not checked at rescheduling", "booking", b.ID, "error", err)
		return false, nil
	case b.Obstructs(busy, to):
		return false, &SlotTaken{}
	}
	return true, nil
}

// Move moves one of the host's bookings to any time that no other booking holds, or,
// where it stands already, makes anew what was lost of it outside. Their calendars
// are their own: they are not asked. It returns *NotFound, *NotMovable, *Changing,
// *SlotTaken, or *SlotNotOpen for a time that is past.
func (d *Diary) Move(ctx context.Context, host, id string, start time.Time, message string) error {
	b, err := d.Booking(ctx, host, id)
	if err != nil {
		return err
	}
	// Once more to where it stands is not nothing: what was lost there is made anew.
	if done, err := b.movableTo(start, d.Now()); err != nil || done && b.Moving() {
		return err
	}
	if !start.After(d.Now()) {
		return &SlotNotOpen{Verdict: availability.Past}
	}
	in, err := zone.Load(b.Terms.HostTimeZone)
	if err != nil {
		return err
	}
	start = start.UTC()
	to := Place{Start: start, End: start.Add(b.End.Sub(b.Start)), LocalDate: start.In(in).Format(time.DateOnly)}
	return d.Registrar.move(ctx, b, Move{By: ByHost, Message: message, To: to}, movement{
		maxPerDay: math.MaxInt32, checked: true,
	})
}

// movement is how a move is made.
type movement struct {
	maxPerDay int
	quotas    []Quota
	checked   bool // the calendars were seen to be free
}

// move holds the new place and starts what moves the booking everywhere else.
func (r *Registrar) move(ctx context.Context, b Booking, m Move, how movement) error {
	for {
		now := r.Now().UTC()
		was := b
		m.At = now
		b.Begin(m)
		b.Deadline = now.Add(r.SettleWithin)
		err := r.Ledger.Claim(ctx, was, b, how.maxPerDay, how.quotas)
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			if b, err = r.Ledger.Booking(ctx, b.ID); err != nil {
				return err
			}
			if done, err := b.movableTo(m.To.Start, now); err != nil || done && (m.By == ByGuest || b.Moving()) {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		b.Version++
		if err := r.Sagas.Start(ctx, b, how.checked); err != nil {
			slog.ErrorContext(ctx, "move not started; sweep will start it", "booking", b.ID, "error", err)
		}
		return nil
	}
}
