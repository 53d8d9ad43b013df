package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
)

// Checkups is where it is kept which connections are to be looked at.
type Checkups interface {
	// DueForCheckup lists those, the longest overdue first. It may lag behind.
	DueForCheckup(ctx context.Context, now time.Time, limit int) ([]Key, error)
	// Connection reads the last written state. It returns *Absent.
	Connection(ctx context.Context, host string, p Provider) (Connection, error)
	// Postpone has the connection be due then, unless it changed since it was read.
	Postpone(ctx context.Context, c Connection, until time.Time) error
}

// Checkup has providers confirm the grants that nobody needed for about a day: one
// that died is found, and its host told, before a guest meets it.
type Checkup struct {
	Ledger Checkups
	Keeper *Keeper
	Now    func() time.Time
}

const (
	// checkupBatch is how many connections one look at what is due finds.
	checkupBatch = 100
	// checkupsAtOnce bounds the providers' calls that are under way.
	checkupsAtOnce = 8
	// checkupWithin bounds one checkup; the refresh itself comes to its end.
	checkupWithin = 15 * time.Second
	// A provider that cannot be asked is asked again after as long as it was to be
	// asked already, within these.
	shortestRest, longestRest = 5 * time.Minute, 6 * time.Hour
)

// Run looks at what is due until nothing is, or the time is nearly over. One
// connection's trouble keeps no other waiting.
func (c *Checkup) Run(ctx context.Context) error {
	for {
		due, err := c.Ledger.DueForCheckup(ctx, c.Now(), checkupBatch)
		if err != nil {
			return err
		}
		done, err := c.runAll(ctx, due)
		if err != nil || done == 0 || !timeFor(ctx, checkupWithin) {
			return err
		}
	}
}

// timeFor reports whether there is time for one more piece of work.
func timeFor(ctx context.Context, within time.Duration) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > within+within/4)
}

// runAll looks at the connections, and counts those that are not due any more.
func (c *Checkup) runAll(ctx context.Context, due []Key) (int, error) {
	done, errs := make([]int, len(due)), make([]error, len(due))
	var all errgroup.Group // no context: one's trouble stops nobody
	all.SetLimit(checkupsAtOnce)
	for i, k := range due {
		all.Go(func() error {
			if timeFor(ctx, checkupWithin) {
				done[i], errs[i] = c.run(ctx, k)
			}
			return nil
		})
	}
	_ = all.Wait()
	n := 0
	for _, d := range done {
		n += d
	}
	return n, errors.Join(errs...)
}

func (c *Checkup) run(ctx context.Context, k Key) (int, error) {
	found, err := c.Ledger.Connection(ctx, k.Host, k.Provider)
	absent, dead, unavailable := (*Absent)(nil), (*Dead)(nil), (*Unavailable)(nil)
	switch {
	case errors.As(err, &absent):
		return 0, nil // the list lags behind
	case err != nil:
		return 0, err
	case found.Status != Connected || found.NextCheckup().After(c.Now()):
		return 0, nil // found dead, or confirmed, since it was listed
	}
	within, cancel := context.WithTimeout(ctx, checkupWithin)
	defer cancel()
	err = c.Keeper.Prove(within, k.Host, k.Provider, found.CheckedAt)
	if err == nil || errors.As(err, &dead) {
		return 1, nil // Renew said when it is due next: a dead one, never
	}
	rest := min(max(c.Now().Sub(found.NextCheckup()), shortestRest), longestRest)
	postponed := c.Ledger.Postpone(ctx, found, c.Now().Add(rest))
	if errors.As(err, &unavailable) || errors.As(err, &absent) { // absent: no client of ours is there
		slog.WarnContext(ctx, "grant not confirmed", "host", k.Host, "provider", k.Provider, "error", err, "again_in", rest.String())
		err = nil
	}
	if err = errors.Join(err, postponed); err != nil {
		return 0, fmt.Errorf("look at %s's connection to %s: %w", k.Host, k.Provider, err)
	}
	return 1, nil
}
