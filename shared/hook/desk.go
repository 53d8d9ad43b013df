package hook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/host"
)

// Ledger is where a host's hooks and their deliveries are kept.
type Ledger interface {
	// Hooks lists a host's hooks, the oldest first.
	Hooks(ctx context.Context, host string) ([]Hook, error)
	// AddHook stores a new one. It returns *TooMany, or *host.Unknown if the host is
	// leaving.
	AddHook(ctx context.Context, h Hook, now time.Time) error
	// ChangeHook changes one by what is stored then. It returns *NotFound.
	ChangeHook(ctx context.Context, host, id string, change func(*Hook) error) (Hook, error)
	// RemoveHook removes one with its deliveries. It returns *NotFound.
	RemoveHook(ctx context.Context, host, id string) error

	// AddDelivery stores a new delivery.
	AddDelivery(ctx context.Context, d Delivery) error
	// Deliveries lists a hook's deliveries, the latest news first, and where the list
	// goes on, if it does. It returns *BadCursor.
	Deliveries(ctx context.Context, host, hook, cursor string, limit int) (list []Delivery, next string, err error)
	// Replay has a delivery tried anew, unless it is being tried. It returns
	// *DeliveryNotFound.
	Replay(ctx context.Context, k Key, now time.Time) error
}

// Sealer encrypts what must not be readable at rest.
type Sealer interface {
	Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error)
}

// Desk is where a host makes and changes their hooks.
type Desk struct {
	Ledger Ledger
	Vault  Sealer
	Reach  Reach
	Now    func() time.Time
}

// Listed is a hook with the last that it was told.
type Listed struct {
	Hook
	Last *Delivery // nil if there is none
}

// List lists the host's hooks.
func (d *Desk) List(ctx context.Context, host string) ([]Listed, error) {
	hooks, err := d.Ledger.Hooks(ctx, host)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, len(hooks))
	for i, h := range hooks {
		if list[i], err = d.listed(ctx, h); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (d *Desk) listed(ctx context.Context, h Hook) (Listed, error) {
	last, _, err := d.Ledger.Deliveries(ctx, h.Host, h.ID, "", 1)
	if err != nil || len(last) == 0 {
		return Listed{Hook: h}, err
	}
	return Listed{Hook: h, Last: &last[0]}, nil
}

// Create makes a hook and returns its secret, which is shown this once. It returns
// *Invalid or *TooMany.
func (d *Desk) Create(ctx context.Context, host string, s Settings) (Hook, string, error) {
	if wrong := s.check(d.Reach); len(wrong) > 0 {
		return Hook{}, "", &Invalid{Fields: wrong}
	}
	now := d.Now()
	h := Hook{
		ID: newHookID(), Host: host, URL: s.URL, Format: s.Format, Kinds: ordered(s), Active: s.Active, CreatedAt: now.UTC(),
	}
	secret, sealed, err := d.secret(ctx, h)
	if err != nil {
		return Hook{}, "", err
	}
	h.rotate(sealed, now)
	return h, secret, d.Ledger.AddHook(ctx, h, now)
}

// Change stores other settings of a hook. Its format stays what it was: news that
// waits is written in it. It returns *Invalid or *NotFound.
func (d *Desk) Change(ctx context.Context, host, id string, s Settings) (Listed, error) {
	h, err := d.Ledger.ChangeHook(ctx, host, id, func(h *Hook) error {
		if s.Format == "" {
			s.Format = h.Format
		}
		wrong := s.check(d.Reach)
		if len(wrong) == 0 && s.Format != h.Format {
			wrong = []Field{{Name: "format", Code: Immutable}}
		}
		if len(wrong) > 0 {
			return &Invalid{Fields: wrong}
		}
		if s.Active && !h.Active || s.URL != h.URL {
			h.FailingSince = time.Time{}
		}
		if s.Active {
			h.Off = nil
		}
		h.URL, h.Kinds, h.Active = s.URL, ordered(s), s.Active
		return nil
	})
	if err != nil {
		return Listed{}, err
	}
	return d.listed(ctx, h)
}

// ordered are the settings' kinds in the order in which they are shown.
func ordered(s Settings) []booking.NewsKind {
	return slices.DeleteFunc(slices.Clone(Kinds), func(k booking.NewsKind) bool { return !slices.Contains(s.Kinds, k) })
}

// Remove removes a hook and what it was told. It returns *NotFound.
func (d *Desk) Remove(ctx context.Context, host, id string) error {
	return d.Ledger.RemoveHook(ctx, host, id)
}

// Rotate gives a hook another secret and returns it, which is shown this once. The
// former signs too for a day. It returns *NotFound.
func (d *Desk) Rotate(ctx context.Context, host, id string) (string, error) {
	if _, err := d.hook(ctx, host, id); err != nil {
		return "", err
	}
	secret, sealed, err := d.secret(ctx, Hook{Host: host, ID: id})
	if err != nil {
		return "", err
	}
	_, err = d.Ledger.ChangeHook(ctx, host, id, func(h *Hook) error {
		h.rotate(sealed, d.Now())
		return nil
	})
	return secret, err
}

// Test sends the hook the news of a booking that there is not, once. It returns
// *NotFound.
func (d *Desk) Test(ctx context.Context, of host.Host, id string) error {
	h, err := d.hook(ctx, of.Handle, id)
	if err != nil {
		return err
	}
	now := d.Now()
	t := Delivery{
		Key:  Key{Host: h.Host, Hook: h.ID, ID: newTestID(now)},
		Kind: Test, CreatedAt: now.UTC(), Expires: Keep(now, time.Time{}, 0),
	}
	t.Restart(now)
	if t.Body, err = compose(h.Format, t.ID, sample(of.Language, of.TimeZone, now), ""); err != nil {
		return err
	}
	return d.Ledger.AddDelivery(ctx, t)
}

// listLimit is how many deliveries one page of the log has.
const listLimit = 30

// Deliveries lists what the hook was told, the latest first. It returns *NotFound or
// *BadCursor.
func (d *Desk) Deliveries(ctx context.Context, host, id, cursor string) ([]Delivery, string, error) {
	if _, err := d.hook(ctx, host, id); err != nil {
		return nil, "", err
	}
	return d.Ledger.Deliveries(ctx, host, id, cursor, listLimit)
}

// Replay has a delivery made again, with the same id and body. It returns *NotFound
// or *DeliveryNotFound.
func (d *Desk) Replay(ctx context.Context, host, id, delivery string) error {
	if _, err := d.hook(ctx, host, id); err != nil {
		return err
	}
	return d.Ledger.Replay(ctx, Key{Host: host, Hook: id, ID: delivery}, d.Now())
}

func (d *Desk) hook(ctx context.Context, host, id string) (Hook, error) {
	hooks, err := d.Ledger.Hooks(ctx, host)
	if err != nil {
		return Hook{}, err
	}
	i := slices.IndexFunc(hooks, func(h Hook) bool { return h.ID == id })
	if i < 0 {
		return Hook{}, &NotFound{}
	}
	return hooks[i], nil
}

// secretBytes are as many as Standard Webhooks asks for: 24 to 64.
const secretBytes = 32

// secret makes a signing secret, and seals it for the hook.
func (d *Desk) secret(ctx context.Context, h Hook) (plain string, sealed []byte, err error) {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // it never fails
	plain = "whsec_" + base64.StdEncoding.EncodeToString(key)
	sealed, err = d.Vault.Seal(ctx, []byte(plain), purpose(h.Host, h.ID))
	return plain, sealed, err
}

func newHookID() string { return "hook_" + strings.ToLower(rand.Text()[:16]) }
