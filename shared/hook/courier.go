package hook

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Queue is where deliveries wait.
type Queue interface {
	// DueDeliveries lists what is due, the longest overdue first. It may lag behind.
	DueDeliveries(ctx context.Context, now time.Time) ([]Key, error)
	// TakeDelivery leases what is due; ok is false if it is not, or is gone.
	TakeDelivery(ctx context.Context, k Key, now, until time.Time) (d Delivery, ok bool, err error)
	// ReturnDelivery stores what became of it and ends the lease that ends then,
	// unless it is another's by now, or the delivery is gone.
	ReturnDelivery(ctx context.Context, d Delivery, until time.Time) error
	// PutOff has what is due, and not leased, wait until then.
	PutOff(ctx context.Context, k Key, now, until time.Time) error
	// DropDelivery forgets one; one that is gone is no error.
	DropDelivery(ctx context.Context, k Key) error
	// Delivery reads one. It returns *DeliveryNotFound.
	Delivery(ctx context.Context, k Key) (Delivery, error)

	// Hook reads a hook. It returns *NotFound.
	Hook(ctx context.Context, host, id string) (Hook, error)
	// ChangeHook changes a hook by what is stored then. It returns *NotFound.
	ChangeHook(ctx context.Context, host, id string, change func(*Hook) error) (Hook, error)
}

// Unsealer opens what a Sealer sealed for the same purpose.
type Unsealer interface {
	Unseal(ctx context.Context, sealed []byte, purpose string) ([]byte, error)
}

// Poster sends a delivery once. Its error is ours to mend: what the receiver does
// is an Outcome.
type Poster interface {
	Post(ctx context.Context, address, id, body string, at time.Time, secrets []string) (Outcome, error)
}

// Courier delivers: each delivery at least once, those of a booking to a hook in
// their order as far as that may wait.
type Courier struct {
	Queue  Queue
	Vault  Unsealer
	Poster Poster
	Now    func() time.Time
}

const (
	// lanesAtOnce bounds the hooks that are served side by side. A host has a few
	// hooks at most, and so a few lanes.
	lanesAtOnce = 32
	// laneLimit is what one look at what is due does for one hook, so that a long
	// queue keeps nobody else's waiting.
	laneLimit = 20
	// leaseFor outlasts an attempt, with what is read before and written after it.
	leaseFor = 30 * time.Second
	// orderFor is how long a delivery lets the one before it go first. Later the news
	// is worth more than its order.
	orderFor = time.Hour
	// failingFor is how long nothing is delivered before a delivery that fails for good
	// ends its hook: its last pause may have been too long to wait for.
	failingFor = triedFor - 2*longestAsked
	// longestPutOff is the longest that a hook's deliveries wait for one that had no
	// answer.
	longestPutOff = time.Hour
)

// Run delivers what is due until nothing is, or the time is nearly over. What a
// receiver does is no error of the run.
func (c *Courier) Run(ctx context.Context) error {
	for {
		keys, err := c.Queue.DueDeliveries(ctx, c.Now())
		if err != nil {
			return err
		}
		done, err := c.runLanes(ctx, keys)
		if err != nil || done == 0 || !timeLeft(ctx) {
			return err
		}
	}
}

// timeLeft reports whether one more attempt can be made.
func timeLeft(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > sendLimit+sendLimit/4)
}

// runLanes serves the hooks side by side, each delivery of one after the other,
// and counts what was done.
func (c *Courier) runLanes(ctx context.Context, keys []Key) (int, error) {
	lanes := map[Key][]Key{}
	var order []Key
	for _, k := range keys {
		of := Key{Host: k.Host, Hook: k.Hook}
		if lanes[of] == nil {
			order = append(order, of)
		}
		lanes[of] = append(lanes[of], k)
	}
	done := make([]int, len(order))
	failed := make([]error, len(order))
	var all errgroup.Group // no context: one hook's trouble stops nobody
	all.SetLimit(lanesAtOnce)
	for i, of := range order {
		all.Go(func() error {
			done[i], failed[i] = c.runLane(ctx, of, lanes[of])
			return nil
		})
	}
	_ = all.Wait() // each has left its error
	n := 0
	for _, d := range done {
		n += d
	}
	return n, errors.Join(failed...)
}

// runLane works on one hook's deliveries in the order of their news. Once one has no
// answer, the others are spared the same.
func (c *Courier) runLane(ctx context.Context, of Key, keys []Key) (int, error) {
	if !timeLeft(ctx) {
		return 0, nil
	}
	h, err := c.Queue.Hook(ctx, of.Host, of.Hook)
	if gone := (*NotFound)(nil); errors.As(err, &gone) {
		for _, k := range keys {
			if err := c.Queue.DropDelivery(ctx, k); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.ID, b.ID) })
	lane := &lane{Courier: c, hook: h}
	n := 0
	for i, k := range keys[:min(len(keys), laneLimit)] {
		if !timeLeft(ctx) {
			break
		}
		now := c.Now()
		d, ok, err := c.Queue.TakeDelivery(ctx, k, now, now.Add(leaseFor))
		if err != nil {
			return n, err
		}
		if !ok {
			continue
		}
		n++
		answered, err := lane.deliver(ctx, &d)
		if err == nil {
			err = c.Queue.ReturnDelivery(ctx, d, now.Add(leaseFor))
		}
		if err != nil {
			return n, err // the lease ends by itself
		}
		if !answered {
			return n, c.putOff(ctx, keys[i+1:], d)
		}
	}
	return n, nil
}

// putOff has the deliveries wait about as long as the one that had no answer.
func (c *Courier) putOff(ctx context.Context, keys []Key, d Delivery) error {
	now := c.Now()
	until := earlier(now.Add(longestPutOff), now.Add(pauseAfter(d.Tries)))
	for _, k := range keys {
		if err := c.Queue.PutOff(ctx, k, now, until); err != nil {
			return err
		}
	}
	return nil
}

// lane is what is known of a hook while its deliveries are made.
type lane struct {
	*Courier
	hook    Hook
	secrets []string // unsealed once
}

// deliver makes an attempt, unless it is not its turn, and says in the delivery
// what is to become of it. It reports whether the receiver is there.
func (l *lane) deliver(ctx context.Context, d *Delivery) (answered bool, err error) {
	now := l.Now()
	if !l.hook.Active && d.Kind != Test {
		d.note(Attempt{At: now.UTC(), Word: SwitchedOff})
		d.end(Failed)
		return true, nil
	}
	if next, err := l.turn(ctx, *d, now); err != nil || next.After(now) {
		d.NextAt = next
		return true, err
	}
	if l.secrets == nil {
		if l.secrets, err = l.unseal(ctx, now); err != nil {
			return false, err
		}
	}
	within, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	out, err := l.Poster.Post(within, l.hook.URL, d.ID, d.Body, now, l.secrets)
	if err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, ctx.Err() // we gave up, not the receiver
	}
	d.Tries++
	d.note(Attempt{At: now.UTC(), Status: out.Status, Word: out.Word, Millis: int(l.Now().Sub(now).Milliseconds())})
	slog.InfoContext(ctx, "delivery tried", "host", d.Host, "hook", d.Hook, "delivery", d.ID, "kind", d.Kind,
		"status", out.Status, "error", string(out.Word), "tries", d.Tries)
	return out.Word == "" && out.Status != http.StatusTooManyRequests && out.Status != http.StatusServiceUnavailable,
		l.judge(ctx, d, out)
}

// turn is when the delivery may go, if not now: the one before it of the same
// booking goes first.
func (l *lane) turn(ctx context.Context, d Delivery, now time.Time) (time.Time, error) {
	latest := d.CreatedAt.Add(orderFor)
	if d.After == "" || !now.Before(latest) {
		return now, nil
	}
	before, err := l.Queue.Delivery(ctx, Key{Host: d.Host, Hook: d.Hook, ID: d.After})
	if gone := (*DeliveryNotFound)(nil); errors.As(err, &gone) {
		return now, nil
	}
	if err != nil || before.Status != Waiting {
		return now, err
	}
	next := before.NextAt
	if !next.After(now) {
		next = now.Add(pauses[0]) // it is under way
	}
	return earlier(next, latest), nil
}

// judge says what becomes of the delivery, and of the hook, after an attempt.
func (l *lane) judge(ctx context.Context, d *Delivery, out Outcome) error {
	now := l.Now()
	delivered := out.Status >= 200 && out.Status < 300
	switch {
	case delivered:
		d.end(Delivered)
	case out.Status == http.StatusGone, d.Kind == Test:
		d.end(Failed)
	default:
		d.again(now, max(jittered(pauseAfter(d.Tries)), min(out.RetryAfter, longestAsked)))
	}
	if d.Kind == Test {
		return nil
	}
	was := l.hook.FailingSince
	switch {
	case out.Status == http.StatusGone:
		return l.change(ctx, func(h *Hook) { h.SwitchOff(Gone, now) })
	case delivered && !was.IsZero():
		return l.change(ctx, func(h *Hook) { h.FailingSince = time.Time{} })
	case !delivered && was.IsZero():
		return l.change(ctx, func(h *Hook) { h.FailingSince = now.UTC() })
	case d.Status == Failed && now.Sub(was) >= failingFor:
		return l.change(ctx, func(h *Hook) { h.SwitchOff(Failing, now) })
	}
	return nil
}

// change changes the hook, of which a host may have made something else meanwhile.
func (l *lane) change(ctx context.Context, to func(*Hook)) error {
	h, err := l.Queue.ChangeHook(ctx, l.hook.Host, l.hook.ID, func(h *Hook) error {
		to(h)
		return nil
	})
	if gone := (*NotFound)(nil); errors.As(err, &gone) {
		return nil // the delivery goes with it
	}
	if err != nil {
		return err
	}
	if l.hook.Active && !h.Active {
		slog.WarnContext(ctx, "hook switched off", "host", h.Host, "hook", h.ID, "why", h.Off.why())
	}
	l.hook = h
	return nil
}

func (o *Off) why() OffReason {
	if o == nil {
		return ""
	}
	return o.Why
}

func (l *lane) unseal(ctx context.Context, now time.Time) ([]string, error) {
	var all []string
	for _, s := range l.hook.signing(now) {
		plain, err := l.Vault.Unseal(ctx, s.Sealed, purpose(l.hook.Host, l.hook.ID))
		if err != nil {
			return nil, err
		}
		all = append(all, string(plain))
	}
	return all, nil
}

// jittered spreads what failed together.
func jittered(d time.Duration) time.Duration {
	return d*9/10 + rand.N(d/5+1) // #nosec G404 -- spreads pauses, guards nothing
}
