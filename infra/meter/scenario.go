package meter

import (
	"context"
	"fmt"
	"time"

	"yakusoku/infra/function"
	"yakusoku/infra/local/seed"
	"yakusoku/shared/connection"
)

// Doing is something that people, or time, have a deployment do.
type Doing string

// Doings that are measured.
const (
	View   Doing = "view"   // a guest opens the booking page, whose parts the browser has
	Fetch  Doing = "fetch"  // a browser fetches the page's script
	Month  Doing = "month"  // a guest looks at the times of another month
	Book   Doing = "book"   // a guest submits, and the booking becomes real; with what providers then notify
	After  Doing = "after"  // the minute after: what the booking has every-minute functions do
	Follow Doing = "follow" // a guest's page reads the booking once
	Move   Doing = "move"   // a guest moves the booking, and it is moved everywhere
	Cancel Doing = "cancel" // a guest cancels, and nothing is left anywhere
	Remind Doing = "remind" // a guest is reminded
	Audit  Doing = "audit"  // a host's bookings are compared with Zoom and the calendar
	Renew  Doing = "renew"  // a host's grant at a provider is renewed
	Mirror Doing = "mirror" // a calendar is read, in which nothing has changed
	Minute Doing = "minute" // a minute in which nothing happens
)

// Sheet is what was measured of a deployment.
type Sheet struct {
	Doings map[Doing]Reading
	Page   []Part             // the booking page, and what a browser fetches of it by itself
	Series int                // of metrics that were written meanwhile
	Peaks  map[string]float64 // megabytes that a process of each function has held
}

// bookings is how many a host has ahead of them while the others are measured.
const bookings = 20

// scenario is a run on which the doings are done one after the other.
type scenario struct {
	*Run
	slots    []Slot
	receipts []Receipt
	script   string
}

// MeasureAll measures every doing, each as a mean of several.
func (r *Run) MeasureAll(ctx context.Context, told func(Doing)) (Sheet, error) {
	s := &scenario{Run: r}
	page, err := r.Look(ctx)
	if err != nil {
		return Sheet{}, err
	}
	s.script = page[1].Path
	if s.slots, err = r.Slots(ctx); err != nil {
		return Sheet{}, err
	}
	for range 3 { // what a new run has to do is done
		if err := s.minute(ctx); err != nil {
			return Sheet{}, err
		}
	}
	all := map[Doing]Reading{}
	for _, d := range []struct {
		doing   Doing
		times   int
		prepare func(context.Context) error
		do      func(context.Context) error
	}{
		{Minute, 20, nothing, s.minute},
		{View, 20, nothing, s.View},
		{Fetch, 20, nothing, func(ctx context.Context) error { return s.Fetch(ctx, s.script) }},
		{Month, 20, nothing, func(ctx context.Context) error { _, err := s.Slots(ctx); return err }},
		{Book, bookings, nothing, s.book},
		{After, 10, s.book, s.minute},
		{Follow, 20, nothing, func(ctx context.Context) error { return s.Follow(ctx, s.receipts[0]) }},
		{Remind, 10, s.due, func(ctx context.Context) error { return s.Invoke(ctx, function.Sweep) }},
		{Audit, 10, s.auditDue, func(ctx context.Context) error { return s.Invoke(ctx, function.Audit) }},
		{Mirror, 10, s.mirrorDue, func(ctx context.Context) error { return s.Invoke(ctx, function.Mirror) }},
		{Renew, 10, s.renewalDue, func(ctx context.Context) error { return s.Invoke(ctx, function.Health) }},
		{Move, 10, s.book, s.move},
		{Cancel, 10, nothing, s.cancel},
	} {
		told(d.doing)
		if all[d.doing], err = r.Measure(ctx, d.times, d.prepare, d.do); err != nil {
			return Sheet{}, fmt.Errorf("measure %q: %w", d.doing, err)
		}
	}
	// What happens in a minute all the same is no consequence of anything.
	idle := all[Minute].Amounts
	all[After] = Reading{all[After].Amounts.Minus(idle), all[After].Trips}
	for doing, name := range map[Doing]string{Remind: function.Sweep, Audit: function.Audit, Mirror: function.Mirror, Renew: function.Health} {
		all[doing] = Reading{all[doing].Amounts.Minus(idle.by(name)), all[doing].Trips}
	}
	series, err := r.Series()
	return Sheet{all, page, len(series), r.seen.peaks()}, err
}

// by are the amounts of one function.
func (a Amounts) by(function string) Amounts {
	its := Amounts{}
	for q, amount := range a {
		if q.By == function {
			its[q] = amount
		}
	}
	return its
}

func nothing(context.Context) error { return nil }

// minute calls every function that has a schedule, as often as a minute does.
func (s *scenario) minute(ctx context.Context) error {
	for _, f := range function.All() {
		if f.Every == 0 {
			continue
		}
		for range int(time.Minute / f.Every) {
			if err := s.Invoke(ctx, f.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// free takes a time that nobody has.
func (s *scenario) free() string {
	start := s.slots[0].Start
	s.slots = s.slots[1:]
	return start
}

func (s *scenario) book(ctx context.Context) error {
	b, err := s.Book(ctx, s.free())
	s.receipts = append(s.receipts, b)
	return err
}

func (s *scenario) move(ctx context.Context) error {
	return s.Move(ctx, s.receipts[len(s.receipts)-1], s.free())
}

func (s *scenario) cancel(ctx context.Context) error {
	b := s.receipts[0]
	s.receipts = s.receipts[1:]
	return s.Cancel(ctx, b)
}

// due has a booking be made long ago, and its guest be reminded now.
func (s *scenario) due(ctx context.Context) error {
	if err := s.book(ctx); err != nil {
		return err
	}
	if err := s.Quiet(ctx); err != nil {
		return err
	}
	if err := s.minute(ctx); err != nil {
		return err
	}
	b, err := s.Store.Booking(ctx, s.receipts[len(s.receipts)-1].ID)
	if err != nil {
		return err
	}
	b.CreatedAt = b.CreatedAt.Add(-time.Hour)
	b.Terms.Reminders = []int{int(time.Until(b.Start)/time.Minute) + 1}
	return s.Store.Save(ctx, &b)
}

func (s *scenario) auditDue(ctx context.Context) error {
	return s.Store.AuditDue(ctx, seed.Handle, time.Now())
}

// mirrorDue has every calendar of the host be read, as its period does.
func (s *scenario) mirrorDue(ctx context.Context) error {
	if err := s.minute(ctx); err != nil { // what bookings have changed is read
		return err
	}
	calendars, err := s.Store.Mirrored(ctx, seed.Handle)
	if err != nil {
		return err
	}
	for _, c := range calendars {
		if err := s.Store.Ring(ctx, c.Key(), time.Now(), false); err != nil {
			return err
		}
	}
	return nil
}

// renewalDue has Zoom's grant be one that nobody needed for days.
func (s *scenario) renewalDue(ctx context.Context) error {
	c, err := s.Store.Connection(ctx, seed.Handle, connection.Zoom)
	if err != nil {
		return err
	}
	c.CheckedAt = c.CheckedAt.AddDate(0, 0, -3)
	return s.Store.Renew(ctx, c)
}
