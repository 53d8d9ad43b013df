package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"yakusoku/shared/host"
)

// Lapses are the connections whose hosts have not been told that they are dead.
type Lapses interface {
	// Lapsed lists them, the oldest first, at most limit.
	Lapsed(ctx context.Context, limit int) ([]Connection, error)
	// Host returns the host of that handle.
	Host(ctx context.Context, handle string) (host.Host, error)
	// Renew stores the successor of the version that c carries. It returns *Stale.
	Renew(ctx context.Context, c Connection) error
}

// Post mails hosts.
type Post interface {
	// Lapsed returns *Undeliverable if such a mail will never be taken.
	Lapsed(ctx context.Context, h host.Host, c Connection) error
}

// Undeliverable says that a host's address takes no mail.
type Undeliverable struct{ Err error }

func (e *Undeliverable) Error() string { return "undeliverable: " + e.Err.Error() }
func (e *Undeliverable) Unwrap() error { return e.Err }

// Notices tell hosts of connections that died. A host is told at least once: a
// mail whose record could not be kept goes out again under the same Message-ID.
type Notices struct {
	Lapses Lapses
	Post   Post
}

// noticeLimit bounds one run; what is left comes with the next.
const noticeLimit = 100

// Run tells every host that has not been told. One who cannot be told does not
// keep the others waiting.
func (n *Notices) Run(ctx context.Context) error {
	all, err := n.Lapses.Lapsed(ctx, noticeLimit)
	if err != nil {
		return err
	}
	var errs error
	for _, c := range all {
		if err := n.tell(ctx, c); err != nil {
			errs = errors.Join(errs, fmt.Errorf("tell %s of the dead grant at %s: %w", c.Host, c.Provider, err))
		}
	}
	return errs
}

func (n *Notices) tell(ctx context.Context, c Connection) error {
	h, err := n.Lapses.Host(ctx, c.Host)
	if err != nil {
		return err
	}
	err = n.Post.Lapsed(ctx, h, c)
	if undeliverable := (*Undeliverable)(nil); errors.As(err, &undeliverable) {
		slog.WarnContext(ctx, "a host cannot be told of a dead grant by mail", "host", c.Host, "provider", c.Provider)
	} else if err != nil {
		return err
	}
	c.Told = true
	err = n.Lapses.Renew(ctx, c)
	if stale := (*Stale)(nil); errors.As(err, &stale) {
		return nil // connected again, or gone
	}
	return err
}
