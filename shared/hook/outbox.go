package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"yakusoku/shared/booking"
	"yakusoku/shared/metric"
)

// News is where bookings keep what their hosts' hooks are to be told.
type News interface {
	// DueBookings lists bookings for which something is to be done, the longest
	// overdue first. It may lag behind.
	DueBookings(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Booking reads a booking as last written. It returns *booking.NotFound.
	Booking(ctx context.Context, id string) (booking.Booking, error)
	// Hooks lists a host's hooks.
	Hooks(ctx context.Context, host string) ([]Hook, error)
	// HandOut stores the booking, whose Version must be the stored one
	// (*booking.Stale otherwise), and the deliveries: all or nothing.
	HandOut(ctx context.Context, b booking.Booking, deliveries []Delivery) error
}

// Outbox hands the bookings' news out: each piece becomes one delivery for each
// hook that wants it, in the write by which the booking loses it.
type Outbox struct {
	News   News
	Origin string // ours, for links into the console
	Now    func() time.Time
}

const (
	// dueAtOnce is how many bookings one look at what is due finds: so many that those
	// which wait for something else hide none.
	dueAtOnce = 500
	// bookingsAtOnce are worked on side by side.
	bookingsAtOnce = 8
	// One transaction takes a hundred writes, and four megabytes.
	writesAtOnce = 90
	bytesAtOnce  = 2 << 20
	// outboxReserve is the time that is left to others in the same run.
	outboxReserve = 10 * time.Second
)

// Run hands out what there is, until nothing is or the time is nearly over. A
// booking whose news cannot be handed out keeps no other's waiting.
func (o *Outbox) Run(ctx context.Context) error {
	for {
		ids, err := o.News.DueBookings(ctx, o.Now(), dueAtOnce)
		if err != nil {
			return err
		}
		var done atomic.Int64
		failed := make([]error, len(ids))
		var all errgroup.Group
		all.SetLimit(bookingsAtOnce)
		for i, id := range ids {
			all.Go(func() error {
				handed, err := o.handOut(ctx, id)
				if err != nil {
					failed[i] = fmt.Errorf("hand out the news of booking %s: %w", id, err)
				}
				if handed {
					done.Add(1)
				}
				return nil
			})
		}
		_ = all.Wait() // each has left its error
		if err := errors.Join(failed...); err != nil || done.Load() == 0 || !roomFor(ctx, outboxReserve) {
			return err
		}
	}
}

func roomFor(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > d)
}

// handOut hands all of one booking's news out and reports whether there was any.
func (o *Outbox) handOut(ctx context.Context, id string) (bool, error) {
	b, err := o.News.Booking(ctx, id)
	if gone := (*booking.NotFound)(nil); errors.As(err, &gone) || err == nil && len(b.News) == 0 {
		return false, nil // the index lagged behind, or it is due for something else
	}
	if err != nil {
		return false, err
	}
	hooks, err := o.News.Hooks(ctx, b.Host)
	if err != nil {
		return false, err
	}
	for len(b.News) > 0 {
		waiting := b.News
		deliveries, err := o.next(&b, hooks)
		if err != nil {
			return false, err
		}
		err = o.News.HandOut(ctx, b, deliveries)
		if stale := (*booking.Stale)(nil); errors.As(err, &stale) {
			return false, nil // a step or another run is at it
		}
		if err != nil {
			return false, err
		}
		b.Version++
		for _, n := range waiting[:len(waiting)-len(b.News)] {
			metric.Record(ctx, metric.Outcome, string(n.Kind), metric.Count(metric.Bookings, 1))
		}
		for _, d := range deliveries {
			slog.InfoContext(ctx, "news handed out", "booking", b.ID, "host", b.Host, "hook", d.Hook, "delivery", d.ID, "kind", d.Kind)
		}
	}
	return true, nil
}

// next takes as much of the booking's news as one transaction holds, and makes the
// deliveries of it.
func (o *Outbox) next(b *booking.Booking, hooks []Hook) ([]Delivery, error) {
	told := map[string]string{}
	for _, h := range hooks {
		if last, ok := b.Told[h.ID]; ok {
			told[h.ID] = last // those of hooks that are gone are forgotten
		}
	}
	var all []Delivery
	taken, size := 0, 0
	for _, n := range b.News {
		var own []Delivery
		bytes := 0
		for _, h := range hooks {
			if !h.Wants(n.Kind) {
				continue
			}
			d, err := o.delivery(*b, n, h)
			if err != nil {
				return nil, err
			}
			own, bytes = append(own, d), bytes+len(d.Body)
		}
		if taken > 0 && (len(all)+len(own) > writesAtOnce || size+bytes > bytesAtOnce) {
			break
		}
		for i := range own {
			own[i].After = told[own[i].Hook]
			told[own[i].Hook] = own[i].ID
		}
		all, size, taken = append(all, own...), size+bytes, taken+1
	}
	b.News = b.News[taken:]
	if len(b.News) == 0 {
		b.News = nil
	}
	if !maps.Equal(told, b.Told) {
		b.Told = told
	}
	return all, nil
}

// delivery is one piece of a booking's news to one hook.
func (o *Outbox) delivery(b booking.Booking, n booking.News, h Hook) (Delivery, error) {
	now := o.Now()
	d := Delivery{
		Key:  Key{Host: b.Host, Hook: h.ID, ID: DeliveryID(h.ID, b.ID, n)},
		Kind: n.Kind, Booking: b.ID, CreatedAt: n.At.UTC(),
		MeetingEnds: b.End.UTC(), Expires: Keep(now, b.End, b.Terms.RetentionDays),
	}
	d.Restart(now)
	var err error
	d.Body, err = compose(h.Format, d.ID, tell(b, n), o.Origin)
	return d, err
}
