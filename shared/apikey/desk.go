package apikey

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"yakusoku/shared/booking"
)

// Ledger is where keys are kept.
type Ledger interface {
	// Keys lists a host's keys, the oldest first.
	Keys(ctx context.Context, host string) ([]Key, error)
	// KeyByHash returns *NotFound.
	KeyByHash(ctx context.Context, hash string) (Key, error)
	// AddKey stores a new one. It returns *TooMany, or *host.Unknown if the host is
	// leaving.
	AddKey(ctx context.Context, k Key, now time.Time) error
	// RemoveKey removes one. It returns *NotFound.
	RemoveKey(ctx context.Context, host, id string) error
	// MarkUsed stores the day of a key's last use, if there still is the key.
	MarkUsed(ctx context.Context, host, id, day string) error
	// Count takes one of the quota. It returns *booking.RateLimited if none is left.
	Count(ctx context.Context, q booking.Quota) error
}

// Desk is where hosts make and revoke keys, and where keys are shown.
type Desk struct {
	Ledger  Ledger
	PerHour int // how often a key is taken within an hour; 0: any number
	Now     func() time.Time
}

// List lists the host's keys, the oldest first.
func (d *Desk) List(ctx context.Context, host string) ([]Key, error) {
	return d.Ledger.Keys(ctx, host)
}

// Create makes a key and returns its secret, which is shown this once. It returns
// *Invalid or *TooMany.
func (d *Desk) Create(ctx context.Context, host string, s Settings) (Key, string, error) {
	if wrong := s.check(); len(wrong) > 0 {
		return Key{}, "", &Invalid{Fields: wrong}
	}
	now, secret := d.Now(), newSecret()
	k := Key{
		ID: newID(), Host: host, Name: strings.TrimSpace(s.Name), Scopes: s.ordered(),
		Hash: hashOf(secret), Ending: ending(secret), CreatedAt: now.UTC(), ExpiresAt: s.ends(now),
	}
	if err := d.Ledger.AddKey(ctx, k, now); err != nil {
		return Key{}, "", err
	}
	slog.InfoContext(ctx, "key made", "host", host, "key", k.ID, "scopes", k.Scopes)
	return k, secret, nil
}

// Revoke ends a key: the next call with it is refused. It returns *NotFound.
func (d *Desk) Revoke(ctx context.Context, host, id string) error {
	if err := d.Ledger.RemoveKey(ctx, host, id); err != nil {
		return err
	}
	slog.InfoContext(ctx, "key revoked", "host", host, "key", id)
	return nil
}

// Recognize returns the key whose secret this is, or *NotGood.
func (d *Desk) Recognize(ctx context.Context, secret string) (Key, error) {
	if !form.MatchString(secret) {
		return Key{}, &NotGood{}
	}
	hash := hashOf(secret)
	k, err := d.Ledger.KeyByHash(ctx, hash)
	if none := (*NotFound)(nil); errors.As(err, &none) {
		return Key{}, &NotGood{}
	}
	if err != nil {
		return Key{}, err
	}
	if !same(k.Hash, hash) || k.Expired(d.Now()) {
		return Key{}, &NotGood{}
	}
	return k, nil
}

// Use counts one use of a key that was recognized, on that day where its host is,
// and says whether it may be used for this. It returns *RateLimited or
// *ScopeMissing.
func (d *Desk) Use(ctx context.Context, k Key, s Scope, day string) error {
	if d.PerHour > 0 {
		err := d.Ledger.Count(ctx, booking.Quota{Subject: k.ID, Hour: d.Now().UTC().Truncate(time.Hour), Most: d.PerHour})
		if limited := (*booking.RateLimited)(nil); errors.As(err, &limited) {
			return &RateLimited{Until: limited.Until}
		}
		if err != nil {
			return err
		}
	}
	if k.UsedOn != day {
		if err := d.Ledger.MarkUsed(ctx, k.Host, k.ID, day); err != nil {
			slog.WarnContext(ctx, "a key's use was not noted", "host", k.Host, "key", k.ID, "error", err)
		}
	}
	if !k.May(s) {
		return &ScopeMissing{Scope: s}
	}
	return nil
}
