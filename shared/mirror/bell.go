package mirror

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"
)

// Unknown says that a notification comes from no channel that is open.
type Unknown struct{}

func (*Unknown) Error() string { return "no such channel" }

// Bells is where it is kept which channels are open.
type Bells interface {
	// BellOf returns the calendar's provider and the hash of its channel's token; ok
	// is false if there is no such calendar, or none is open.
	BellOf(ctx context.Context, k Key) (provider string, tokenHash []byte, ok bool, err error)
	// Ring makes the calendar due, not before its state's NotBefore. One that is
	// parked, or gone, stays so.
	Ring(ctx context.Context, k Key, now time.Time, reopen bool) error
}

// Audits compare hosts' bookings with what stands outside.
type Audits interface {
	// AuditDue has the host's bookings compared at that time or sooner.
	AuditDue(ctx context.Context, host string, at time.Time) error
}

// Bell takes the providers' notifications.
type Bell struct {
	Bells  Bells
	Audits Audits
	Now    func() time.Time
}

// Notice is a notification: that something changed, never what.
type Notice struct {
	Provider string
	Token    string // as it was given to the channel
	Reopen   bool   // the provider ended the channel, or is about to
}

// Ring makes the calendar of the notice's channel due as soon as may be, and has its
// host's bookings audited: what changed may be the event of one. It returns *Unknown.
func (b *Bell) Ring(ctx context.Context, n Notice) error {
	k, ok := keyOf(n.Token)
	if !ok {
		return &Unknown{}
	}
	provider, want, ok, err := b.Bells.BellOf(ctx, k)
	if err != nil {
		return err
	}
	if same := subtle.ConstantTimeCompare(want, hash(n.Token)) == 1; !ok || !same || provider != n.Provider {
		return &Unknown{}
	}
	now := b.Now()
	if err := b.Bells.Ring(ctx, k, now, n.Reopen); err != nil {
		return err
	}
	return b.Audits.AuditDue(ctx, k.Host, now)
}

// maxToken is Microsoft's limit on a subscription's clientState; Google takes 256
// characters.
const maxToken = 128

// keyOf reads whose channel a token belongs to. The rest of it is the secret.
func keyOf(token string) (Key, bool) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return Key{}, false
	}
	return Key{Host: parts[0], Calendar: parts[1]}, true
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
