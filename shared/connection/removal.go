package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yakusoku/shared/host"
	"yakusoku/shared/metric"
)

// Removal is a provider's report that a user removed our app, until everything that
// follows from it is done.
type Removal struct {
	Key      string // of the report
	Provider Provider
	User     string    // the provider's id; empty once their data is deleted
	At       time.Time // when they removed the app; zero if that is not known
	Came     time.Time // when we were told

	// Host is to be told that their connection, made at ConnectedAt, was deleted;
	// empty before it was.
	Host        string
	ConnectedAt time.Time
}

// Removals is where removals are kept until they are settled.
type Removals interface {
	// Removals lists those that are due, the longest overdue first.
	Removals(ctx context.Context, now time.Time, limit int) ([]Removal, error)
	// ConnectionOf returns the connection to the user's account; ok is false if nobody
	// has one.
	ConnectionOf(ctx context.Context, p Provider, user string) (c Connection, ok bool, err error)
	// Remove deletes the connection and all that is stored of its user; of the removal
	// is kept whom to tell. All or nothing. It returns *Stale if the connection changed
	// since it was read, or another was faster.
	Remove(ctx context.Context, c Connection, r Removal) error
	// Settle says that nothing is left to do, unless another did something since the
	// removal was read.
	Settle(ctx context.Context, r Removal) error
	// PostponeRemoval has the removal be due then.
	PostponeRemoval(ctx context.Context, r Removal, until time.Time) error
}

// Hosts knows the hosts.
type Hosts interface {
	// Host returns *host.Unknown.
	Host(ctx context.Context, handle string) (host.Host, error)
}

// Farewell mails hosts whose connection was deleted.
type Farewell interface {
	// Removed tells the host that the connection's user removed our app. It returns
	// *Undeliverable if such a mail will never be taken.
	Removed(ctx context.Context, h host.Host, c Connection) error
}

// Clearance deletes what is stored of users who removed our app at the provider:
// tokens, id and address, what was noted of the account, and the lock on it. Their
// host's pages take no bookings from then on, and the host is told, at least once.
// What stays is the bookings', which belong to their guests too: meeting ids and join
// URLs, and the account's mark, which does not say whose it is. The provider ended the
// grant itself, so nothing is asked of it.
type Clearance struct {
	Ledger Removals
	Keeper *Keeper
	Hosts  Hosts
	Post   Farewell
	Now    func() time.Time
}

const (
	// removalLimit bounds one run; what is left comes with the next.
	removalLimit = 100
	// removalTries is how often a connection that changes all the while is read.
	removalTries = 5
	// doubt is how near a removal and a connection must be for their clocks not to
	// tell which came first.
	doubt = 5 * time.Minute
	// A removal that cannot be followed rests for as long as it has waited already,
	// within these.
	shortestWait, longestWait = time.Minute, 3 * time.Hour
)

// Run follows every removal that is due. One that cannot be followed keeps no other
// waiting.
func (c *Clearance) Run(ctx context.Context) error {
	due, err := c.Ledger.Removals(ctx, c.Now(), removalLimit)
	if err != nil {
		return err
	}
	var errs error
	for _, r := range due {
		if !timeFor(ctx, checkupWithin) {
			break
		}
		if r, err = c.follow(ctx, r); err != nil {
			rest := min(max(c.Now().Sub(r.Came), shortestWait), longestWait)
			errs = errors.Join(errs, fmt.Errorf("follow a removed app at %s: %w", r.Provider, err), c.Ledger.PostponeRemoval(ctx, r, c.Now().Add(rest)))
		}
	}
	return errs
}

// follow does what is left to do, and returns the removal as it stands then.
func (c *Clearance) follow(ctx context.Context, r Removal) (Removal, error) {
	if r.Host == "" {
		removed, err := c.remove(ctx, r)
		if err != nil {
			return r, err
		}
		if removed.Host == "" {
			return r, c.Ledger.Settle(ctx, r)
		}
		r = removed
	}
	return r, c.tell(ctx, r)
}

// remove deletes the connection that the removal ended, if it is still there. A later
// one stays: the user may have come back. Where the clocks do not tell, the provider
// does.
func (c *Clearance) remove(ctx context.Context, r Removal) (Removal, error) {
	for range removalTries {
		found, ok, err := c.Ledger.ConnectionOf(ctx, r.Provider, r.User)
		if err != nil || !ok {
			return r, err
		}
		switch since := r.At.Sub(found.ConnectedAt); {
		case r.At.IsZero() || since.Abs() <= doubt:
			alive, err := c.alive(ctx, found, r)
			if err != nil || alive {
				return r, err
			}
			if found.Status == Connected {
				continue // found dead just now: it was written
			}
		case since < 0:
			return r, nil
		}
		err = c.Ledger.Remove(ctx, found, r)
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			continue
		}
		if err != nil {
			return r, err
		}
		came(ctx, metric.Disconnected)
		slog.InfoContext(ctx, "connection deleted: its user removed our app", "host", found.Host, "provider", found.Provider)
		r.User, r.At, r.Host, r.ConnectedAt = "", time.Time{}, found.Host, found.ConnectedAt
		return r, nil
	}
	return r, errors.New("the connection changes all the while")
}

// alive asks the provider for the grant, unless it confirmed it since we were told of
// the removal.
func (c *Clearance) alive(ctx context.Context, found Connection, r Removal) (bool, error) {
	within, cancel := context.WithTimeout(ctx, checkupWithin)
	defer cancel()
	err := c.Keeper.Prove(within, found.Host, found.Provider, r.Came)
	if dead := (*Dead)(nil); errors.As(err, &dead) {
		return false, nil
	}
	return err == nil, err
}

// tell mails the host. A mail whose record could not be kept goes out again under the
// same Message-ID.
func (c *Clearance) tell(ctx context.Context, r Removal) error {
	h, err := c.Hosts.Host(ctx, r.Host)
	if unknown := (*host.Unknown)(nil); errors.As(err, &unknown) {
		return c.Ledger.Settle(ctx, r) // the account was closed
	}
	if err != nil {
		return err
	}
	err = c.Post.Removed(ctx, h, Connection{Host: r.Host, Provider: r.Provider, ConnectedAt: r.ConnectedAt})
	if undeliverable := (*Undeliverable)(nil); errors.As(err, &undeliverable) {
		slog.WarnContext(ctx, "a host cannot be told of a deleted connection by mail", "host", r.Host, "provider", r.Provider)
	} else if err != nil {
		return err
	}
	return c.Ledger.Settle(ctx, r)
}
