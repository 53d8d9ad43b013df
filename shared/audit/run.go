package audit

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/host"
)

// Auditor audits the hosts whose turn it is.
type Auditor struct {
	Ledger Ledger
	// Zoom and Events act for a host. An error for which connection.Lost is true means
	// that the host must reconnect.
	Zoom   func(ctx context.Context, host string) (Zoom, error)
	Events func(ctx context.Context, host, provider string) (Events, error)
	Post   Post
	Now    func() time.Time
	// Period is the mean time between two audits of a host of whose bookings nobody says
	// that something changed.
	Period time.Duration
	// Spacing is the least time between two runs for one host, whoever asks for them.
	Spacing time.Duration
	// EffectWithin is how long after a step of a booking's what it did outside may still
	// be on its way.
	EffectWithin time.Duration
}

const (
	// batch is how many hosts one look at what is due finds.
	batch = 100
	// hostsAtOnce bounds the hosts that are worked on side by side. What is asked for one
	// host comes one after the other: providers limit calls at once.
	hostsAtOnce = 8
	// hostLimit bounds the work on one host; leaseFor outlasts it and the function.
	hostLimit = 20 * time.Second
	leaseFor  = time.Minute
	// bookingsAtOnce is after how many bookings of a host the others get their turn.
	bookingsAtOnce = 90
	// firstRetry grows twofold with each failure, up to lastRetry.
	firstRetry = time.Minute
	lastRetry  = 2 * time.Hour
)

// Run takes up what is due until nothing is, or the time is nearly over. A host
// whose providers cannot be asked keeps no other waiting, and is no error of the run.
func (a *Auditor) Run(ctx context.Context) error {
	for {
		hosts, err := a.Ledger.DueForAudit(ctx, a.Now(), batch)
		if err != nil {
			return err
		}
		done, err := a.runAll(ctx, hosts)
		if err != nil || done == 0 || !timeLeft(ctx) {
			return err
		}
	}
}

// timeLeft reports whether one more host can be worked on.
func timeLeft(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > hostLimit+hostLimit/4)
}

// runAll works on the hosts side by side, and counts for how many something was done.
func (a *Auditor) runAll(ctx context.Context, hosts []string) (int, error) {
	did := make([]bool, len(hosts))
	errs := make([]error, len(hosts))
	var all errgroup.Group // no context: one host's trouble stops nobody
	all.SetLimit(hostsAtOnce)
	for i, handle := range hosts {
		all.Go(func() error {
			if timeLeft(ctx) {
				did[i], errs[i] = a.audit(ctx, handle)
			}
			return nil
		})
	}
	_ = all.Wait()
	n := 0
	for _, d := range did {
		if d {
			n++
		}
	}
	return n, errors.Join(errs...)
}

// audit goes on with one host's audit, if it is due. Its error is the ledger's.
func (a *Auditor) audit(ctx context.Context, handle string) (bool, error) {
	now := a.Now()
	state, lease, ok, err := a.Ledger.TakeForAudit(ctx, handle, now, now.Add(leaseFor))
	if err != nil || !ok {
		return false, err
	}
	unknown := (*host.Unknown)(nil)
	if _, err := a.Ledger.Host(ctx, handle); errors.As(err, &unknown) {
		return true, a.Ledger.ForgetAudit(ctx, handle)
	} else if err != nil {
		return true, err // the lease ends by itself, and the audit is due still
	}
	outside, cancel := context.WithTimeout(ctx, hostLimit)
	r := &run{Auditor: a, host: handle, state: state}
	failure := r.look(ctx, outside, lease.Rings)
	cancel()
	next, notBefore := r.next(ctx, lease, failure)
	err = a.Ledger.ReturnAudit(ctx, lease, r.state, next.UTC(), notBefore.UTC())
	if overtaken := (*turn.Overtaken)(nil); errors.As(err, &overtaken) {
		err = nil
	}
	return true, errors.Join(failure, err)
}

// next says when the host's turn is again: soon where something is left to look at,
// later the more often something could not be asked. However often somebody says that
// something changed, it is not before the second.
func (r *run) next(ctx context.Context, l turn.Lease, failure error) (next, notBefore time.Time) {
	now, s := r.Now(), &r.state
	notBefore = now.Add(max(r.Spacing, r.pause))
	s.Broken = s.Broken || r.broken || failure != nil
	if !r.over && failure == nil {
		return notBefore, notBefore
	}
	s.Cursor = ""
	if s.Broken {
		s.Failures++
		s.Broken = false
		slog.WarnContext(ctx, "bookings not compared with all that stands outside", "host", r.host, "failures", s.Failures)
		return later(notBefore, now.Add(backoff(s.Failures))), notBefore
	}
	s.At, s.Failures = now.UTC(), 0
	next = now.Add(jittered(r.Period))
	if r.inFlux {
		s.InFlux++
		next = earlier(next, later(notBefore, now.Add(backoff(s.InFlux))))
	} else {
		s.InFlux = 0
	}
	if r.young {
		next = earlier(next, later(notBefore, now.Add(r.EffectWithin)))
	}
	if l.Rings != s.Rings { // since it began: what it had looked at by then may have changed
		next = notBefore
	}
	return next, notBefore
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// jittered spreads what began together.
func jittered(d time.Duration) time.Duration {
	return d*9/10 + rand.N(d/5+1) // #nosec G404 -- spreads pauses, guards nothing
}

func backoff(failures int) time.Duration {
	return jittered(min(firstRetry<<min(failures-1, 10), lastRetry))
}

// pause is how long a provider asks to be left alone.
func pause(err error) time.Duration {
	if asks := (interface{ Pause() time.Duration })(nil); errors.As(err, &asks) {
		return min(asks.Pause(), lastRetry)
	}
	return 0
}
