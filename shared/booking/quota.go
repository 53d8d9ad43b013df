package booking

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"time"
)

// Limits bound the bookings that are taken within an hour; 0 stands for no
// limit. Many guests may share one network address, so its limit is no small one.
type Limits struct {
	PerAddress int
	PerEmail   int
	PerPage    int
}

// Quota is how often something may happen within an hour.
type Quota struct {
	Subject string // what is counted, in a form that does not say who it is
	Hour    time.Time
	Most    int
}

// Ends is when the quota begins anew.
func (q Quota) Ends() time.Time { return q.Hour.Add(time.Hour) }

// quotas are those that a submission takes from: its guest's own, and those that
// many guests share.
func (d *Desk) quotas(s Submission) (own, shared []Quota) {
	shared = append(d.quota("booking by address", network(s.Address), d.Limits.PerAddress),
		d.quota("booking by page", s.Host+"/"+s.Page, d.Limits.PerPage)...)
	return d.quota("booking by email", mailbox(s.Guest.Email), d.Limits.PerEmail), shared
}

// quota is the present hour's of that kind and subject; none if there is no limit.
func (d *Desk) quota(kind, of string, most int) []Quota {
	if most == 0 || of == "" {
		return nil
	}
	return []Quota{{Subject: d.Tokens.pseudonym(kind, of), Hour: d.Now().UTC().Truncate(time.Hour), Most: most}}
}

// network is the part of an address that one customer has: an IPv6 network of 64
// bits is a single line's.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// mailbox is the address in the one way in which it is counted.
func mailbox(email string) string { return strings.ToLower(email) }

// quickest is less time than a person takes to fill in the form.
const quickest = 2 * time.Second

// admit keeps away what comes too fast or too often, and who cannot show that
// the address is theirs. It comes last, so that only what would be booked counts.
func (d *Desk) admit(ctx context.Context, s Submission, snap Snapshot, quotas []Quota) error {
	if s.FilledIn != nil && *s.FilledIn < quickest {
		return &RateLimited{Until: d.Now().Add(quickest - *s.FilledIn)}
	}
	for _, q := range quotas {
		if snap.Used[q.Subject] >= q.Most {
			return &RateLimited{Until: q.Ends()}
		}
	}
	if snap.Page.VerifyEmail {
		return d.checkCode(ctx, s)
	}
	return nil
}

// count takes from quotas that many guests share: outside the transaction of the
// hold, where all of them would wait for each other. So a rush may go a little
// over. The channel is closed when it is done.
func (d *Desk) count(ctx context.Context, quotas []Quota) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, q := range quotas {
			err := d.Ledger.Count(ctx, q)
			if limited := (*RateLimited)(nil); err != nil && !errors.As(err, &limited) {
				slog.WarnContext(ctx, "booking not counted", "error", err)
			}
		}
	}()
	return done
}
