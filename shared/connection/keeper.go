package connection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/metric"
)

// Ledger is where connections are kept.
type Ledger interface {
	// Connection reads the last written state. It returns *Absent.
	Connection(ctx context.Context, host string, p Provider) (Connection, error)
	// Lease takes the right to refresh c until then. It returns *Leased while
	// another has it, and *Stale if c is no longer the stored version.
	Lease(ctx context.Context, c Connection, now, until time.Time) error
	// Unlease gives the right that ends then back early. Another's stays.
	Unlease(ctx context.Context, c Connection, until time.Time) error
	// Renew stores c, whose Version must be the stored one (*Stale otherwise), and
	// ends its lease. It keeps what the host's record says of the provider true.
	Renew(ctx context.Context, c Connection) error
}

// Vault encrypts tokens at rest.
type Vault interface {
	Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error)
	Unseal(ctx context.Context, sealed []byte, purpose string) ([]byte, error)
}

// Keeper hands out authenticated clients and keeps their grants alive.
type Keeper struct {
	Ledger Ledger
	Vault  Vault
	OAuth  map[Provider]*oauth2.Config
	HTTP   *http.Client // for the token endpoints and beneath every client handed out
	Now    func() time.Time
	// Ends tells, by provider, whether an answer of its API other than a 401 means
	// that the grant does not do: a scope is missing, or the user is gone.
	Ends map[Provider]func(status int, body []byte) bool
	// Go runs what must come to its end even if nobody waits for it any more; nil:
	// as a goroutine like any other.
	Go func(work func())
}

const (
	// refreshEarly is how long before its end an access token is renewed.
	refreshEarly = 5 * time.Minute
	// refreshWithin bounds the refresh call, and then the storing of what it gave.
	refreshWithin = 12 * time.Second
	// leaseFor outlasts both: whoever has the lease may spend the refresh token.
	leaseFor = 2*refreshWithin + 6*time.Second
	// leasePause is the mean time between two looks at a grant that another
	// caller is refreshing.
	leasePause = 150 * time.Millisecond
)

// Client returns an HTTP client that acts for the host at the provider, and the
// connection behind it. It returns *Absent or *Dead. The client renews its grant
// when it is about to end, and once more when a call is answered 401; its calls
// fail with *Dead or *Unavailable, wrapped, if that cannot be done.
func (k *Keeper) Client(ctx context.Context, host string, p Provider) (*http.Client, Connection, error) {
	c, t, err := k.fresh(ctx, host, p, "")
	if err != nil {
		return nil, Connection{}, err
	}
	client := *k.HTTP
	client.Transport = &bearer{keeper: k, next: transport(k.HTTP), host: host, provider: p, access: t.Access}
	return &client, c, nil
}

func transport(c *http.Client) http.RoundTripper {
	if c.Transport != nil {
		return c.Transport
	}
	return http.DefaultTransport
}

// accessLife is taken for an access token whose answer does not say how long it
// lives: every provider's is about an hour.
const accessLife = time.Hour

// Seal returns c with the token answer's pair and expiry in it.
func (k *Keeper) Seal(ctx context.Context, c Connection, t *oauth2.Token) (Connection, error) {
	plain, err := json.Marshal(Tokens{Access: t.AccessToken, Refresh: t.RefreshToken})
	if err != nil {
		return Connection{}, fmt.Errorf("encode tokens: %w", err)
	}
	if c.Sealed, err = k.Vault.Seal(ctx, plain, purpose(c)); err != nil {
		return Connection{}, err
	}
	c.ExpiresAt = t.Expiry.UTC()
	if t.Expiry.IsZero() && k.Now != nil {
		c.ExpiresAt = k.Now().Add(accessLife).UTC()
	}
	if base, ok := t.Extra("api_url").(string); ok && base != "" {
		c.APIBase = base
	}
	return c, nil
}

func (k *Keeper) unseal(ctx context.Context, c Connection) (Tokens, error) {
	plain, err := k.Vault.Unseal(ctx, c.Sealed, purpose(c))
	if err != nil {
		return Tokens{}, err
	}
	var t Tokens
	if err := json.Unmarshal(plain, &t); err != nil {
		return Tokens{}, errors.New("decode tokens: not what was sealed")
	}
	return t, nil
}

// purpose binds a ciphertext to its record.
func purpose(c Connection) string { return "connection/" + c.Host + "/" + string(c.Provider) }

// fresh returns the grant with an access token that is not about to end and is
// not the rejected one.
func (k *Keeper) fresh(ctx context.Context, host string, p Provider, rejected string) (Connection, Tokens, error) {
	return k.such(ctx, host, p, func(c Connection, t Tokens) bool {
		return t.Access != rejected && k.Now().Before(c.ExpiresAt.Add(-refreshEarly))
	})
}

// Prove has the provider confirm the grant by a refresh, unless it did after since. It
// returns *Absent or *Dead, or *Unavailable, which says nothing against the grant.
func (k *Keeper) Prove(ctx context.Context, host string, p Provider, since time.Time) error {
	_, _, err := k.such(ctx, host, p, func(c Connection, _ Tokens) bool { return c.CheckedAt.After(since) })
	return err
}

// such returns the grant as it suits, refreshed if it does not. Of many callers one
// refreshes, under a lease in the ledger; the others wait for what it stores.
func (k *Keeper) such(ctx context.Context, host string, p Provider, suits func(Connection, Tokens) bool) (Connection, Tokens, error) {
	if k.OAuth[p] == nil { // this deployment has no client there (any more)
		return Connection{}, Tokens{}, &Absent{Provider: p}
	}
	for {
		c, err := k.Ledger.Connection(ctx, host, p)
		if err != nil {
			return Connection{}, Tokens{}, err
		}
		if c.Status != Connected {
			return Connection{}, Tokens{}, &Dead{Provider: p}
		}
		t, err := k.unseal(ctx, c)
		if err != nil {
			return Connection{}, Tokens{}, err
		}
		if suits(c, t) {
			return c, t, nil
		}
		now := k.Now()
		until := now.Add(leaseFor)
		err = k.Ledger.Lease(ctx, c, now, until)
		leased, stale := (*Leased)(nil), (*Stale)(nil)
		switch {
		case errors.As(err, &stale):
			continue
		case errors.As(err, &leased):
			if err := pause(ctx); err != nil {
				return Connection{}, Tokens{}, &Unavailable{Provider: p, Err: err}
			}
			continue
		case err != nil:
			return Connection{}, Tokens{}, err
		}
		renewed, pair, err := k.renew(ctx, c, t, until)
		if errors.As(err, &stale) {
			continue
		}
		return renewed, pair, err
	}
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(leasePause/2 + rand.N(leasePause)): // #nosec G404 -- spreads pauses, guards nothing
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renew refreshes for a caller who may leave: what was begun comes to its end.
func (k *Keeper) renew(ctx context.Context, c Connection, t Tokens, until time.Time) (Connection, Tokens, error) {
	type outcome struct {
		c   Connection
		t   Tokens
		err error
	}
	ended := make(chan outcome, 1)
	work := func() {
		c, t, err := k.refresh(context.WithoutCancel(ctx), c, t, until)
		ended <- outcome{c, t, err}
	}
	if k.Go != nil {
		k.Go(work)
	} else {
		go work()
	}
	select {
	case o := <-ended:
		return o.c, o.t, o.err
	case <-ctx.Done():
		return Connection{}, Tokens{}, &Unavailable{Provider: c.Provider, Err: ctx.Err()}
	}
}

// refresh trades the refresh token for a new pair and stores it, under the lease
// that ends then. From the moment the call is sent the old token may be spent: ctx
// does not end. *Stale means that another pair was stored meanwhile.
func (k *Keeper) refresh(ctx context.Context, c Connection, t Tokens, until time.Time) (Connection, Tokens, error) {
	call, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, k.HTTP), refreshWithin)
	defer cancel()
	token, err := k.OAuth[c.Provider].TokenSource(call, &oauth2.Token{RefreshToken: t.Refresh}).Token()
	store, cancelStore := context.WithTimeout(ctx, refreshWithin)
	defer cancelStore()
	if dead(err) {
		return Connection{}, Tokens{}, k.bury(store, c)
	}
	if err != nil {
		if err := k.Ledger.Unlease(store, c, until); err != nil {
			slog.WarnContext(ctx, "lease not given back; it ends by itself", "provider", c.Provider, "error", err)
		}
		return Connection{}, Tokens{}, &Unavailable{Provider: c.Provider, Err: wordless(err)}
	}
	c, err = k.keep(store, c, token)
	if err != nil {
		return Connection{}, Tokens{}, fmt.Errorf("store the renewed grant: %w", err)
	}
	return c, Tokens{Access: token.AccessToken, Refresh: token.RefreshToken}, nil
}

// keepTries is how often the storing of a new pair is begun.
const keepTries = 3

// keep stores a new pair. The old one may be spent: what cannot be stored is lost.
func (k *Keeper) keep(ctx context.Context, c Connection, token *oauth2.Token) (Connection, error) {
	for try := 1; ; try++ {
		renewed, err := k.Seal(ctx, c, token)
		if err == nil {
			renewed.CheckedAt = k.Now().UTC()
			err = k.Ledger.Renew(ctx, renewed)
		}
		if err == nil {
			renewed.Version++
			return renewed, nil
		}
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			return Connection{}, err
		}
		if try == keepTries || pause(ctx) != nil {
			slog.ErrorContext(ctx, "a renewed grant was not stored; its host may have to connect again",
				"host", c.Host, "provider", c.Provider, "error", err)
			return Connection{}, err
		}
	}
}

// dead reports whether the token endpoint ended the grant. Nothing else does:
// not a time-out, not a 5xx, not a 429, not our own client's refusal. Zoom once
// said invalid_request of a dead token, and Microsoft says interaction_required
// where the user must sign in again.
func dead(err error) bool {
	refused := (*oauth2.RetrieveError)(nil)
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.ErrorCode {
	case "invalid_grant", "interaction_required":
		return true
	case "invalid_request":
		return bytes.Contains(refused.Body, []byte("Invalid Token"))
	}
	return false
}

// lapse marks the grant dead whose fresh access token the provider refuses, and
// returns *Dead. Should another pair be stored by now, that one is to be tried:
// replaced is true.
func (k *Keeper) lapse(ctx context.Context, host string, p Provider, access string) (replaced bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshWithin)
	defer cancel()
	c, err := k.Ledger.Connection(ctx, host, p)
	if err != nil {
		return false, err
	}
	t, err := k.unseal(ctx, c)
	if err != nil || c.Status != Connected {
		return false, err
	}
	if t.Access != access {
		return true, nil
	}
	err = k.bury(ctx, c)
	if stale := (*Stale)(nil); errors.As(err, &stale) {
		return true, nil
	}
	return false, err
}

// bury marks the grant dead, unless another pair was stored since it was read:
// then the token that was refused is simply an old one, and *Stale is returned.
func (k *Keeper) bury(ctx context.Context, c Connection) error {
	c.Status, c.LapsedAt, c.Told = Reauthorize, k.Now().UTC(), false
	if err := k.Ledger.Renew(ctx, c); err != nil {
		return fmt.Errorf("mark the grant dead: %w", err)
	}
	slog.WarnContext(ctx, "grant is dead; its host must connect again", "host", c.Host, "provider", c.Provider)
	metric.Record(ctx, metric.Provider, string(c.Provider), metric.Count(metric.DeadGrants, 1))
	came(ctx, string(Reauthorize))
	return &Dead{Provider: c.Provider}
}

// came writes down that a connection came to the state.
func came(ctx context.Context, state string) {
	metric.Record(ctx, metric.State, state, metric.Count(metric.Connections, 1))
}

// wordless drops the body that a token endpoint answered with: it may hold a
// token.
func wordless(err error) error {
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("status %d, error %q", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}
