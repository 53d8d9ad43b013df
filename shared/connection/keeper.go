package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// Ledger is where connections are kept.
type Ledger interface {
	// Connection reads the last written state. It returns *Absent.
	Connection(ctx context.Context, host string, p Provider) (Connection, error)
	// Lease takes the right to refresh c until then. It returns *Leased while
	// another has it, and *Stale if c is no longer the stored version.
	Lease(ctx context.Context, c Connection, now, until time.Time) error
	// Unlease gives the right back early.
	Unlease(ctx context.Context, c Connection) error
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
}

const (
	// refreshEarly is how long before its end an access token is renewed.
	refreshEarly = 5 * time.Minute
	// leaseFor outlasts a refresh call, whose end is the HTTP client's time-out
	// or refreshWithin.
	leaseFor      = 20 * time.Second
	refreshWithin = 12 * time.Second
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

// Seal returns c with the token answer's pair, expiry and scopes in it.
func (k *Keeper) Seal(ctx context.Context, c Connection, t *oauth2.Token) (Connection, error) {
	plain, err := json.Marshal(Tokens{Access: t.AccessToken, Refresh: t.RefreshToken})
	if err != nil {
		return Connection{}, fmt.Errorf("encode tokens: %w", err)
	}
	if c.Sealed, err = k.Vault.Seal(ctx, plain, purpose(c)); err != nil {
		return Connection{}, err
	}
	c.ExpiresAt = t.Expiry.UTC()
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
// not the rejected one. Of many callers one refreshes, under a lease in the
// ledger; the others wait for what it stores.
func (k *Keeper) fresh(ctx context.Context, host string, p Provider, rejected string) (Connection, Tokens, error) {
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
		now := k.Now()
		if t.Access != rejected && now.Before(c.ExpiresAt.Add(-refreshEarly)) {
			return c, t, nil
		}
		err = k.Ledger.Lease(ctx, c, now, now.Add(leaseFor))
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
		renewed, pair, err := k.refresh(ctx, c, t)
		if errors.As(err, &stale) {
			continue
		}
		return renewed, pair, err
	}
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(leasePause/2 + rand.N(leasePause)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refresh trades the refresh token for a new pair and stores it. The caller has
// the lease. *Stale means that another pair was stored meanwhile.
func (k *Keeper) refresh(ctx context.Context, c Connection, t Tokens) (Connection, Tokens, error) {
	call, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, k.HTTP), refreshWithin)
	defer cancel()
	token, err := k.OAuth[c.Provider].TokenSource(call, &oauth2.Token{RefreshToken: t.Refresh}).Token()
	if dead(err) {
		return Connection{}, Tokens{}, k.bury(ctx, c)
	}
	if err != nil {
		if err := k.Ledger.Unlease(ctx, c); err != nil {
			slog.WarnContext(ctx, "lease not given back; it ends by itself", "provider", c.Provider, "error", err)
		}
		return Connection{}, Tokens{}, &Unavailable{Provider: c.Provider, Err: wordless(err)}
	}
	// From here the old refresh token may be spent: the new pair is stored even
	// if the caller no longer waits.
	store, cancelStore := context.WithTimeout(context.WithoutCancel(ctx), refreshWithin)
	defer cancelStore()
	c, err = k.Seal(store, c, token)
	if err != nil {
		return Connection{}, Tokens{}, err
	}
	if err := k.Ledger.Renew(store, c); err != nil {
		return Connection{}, Tokens{}, fmt.Errorf("store the renewed grant: %w", err)
	}
	c.Version++
	return c, Tokens{Access: token.AccessToken, Refresh: token.RefreshToken}, nil
}

// dead reports whether the token endpoint ended the grant. Nothing else does:
// not a time-out, not a 5xx, not a 429, not our own client's refusal.
func dead(err error) bool {
	refused := (*oauth2.RetrieveError)(nil)
	return errors.As(err, &refused) && refused.ErrorCode == "invalid_grant"
}

// bury marks the grant dead, unless another pair was stored since it was read:
// then the token that was refused is simply an old one, and *Stale is returned.
func (k *Keeper) bury(ctx context.Context, c Connection) error {
	c.Status = Reauthorize
	if err := k.Ledger.Renew(ctx, c); err != nil {
		return fmt.Errorf("mark the grant dead: %w", err)
	}
	slog.ErrorContext(ctx, "grant is dead; its host must connect again", "host", c.Host, "provider", c.Provider)
	return &Dead{Provider: c.Provider}
}

// wordless drops the body that a token endpoint answered with: it may hold a
// token.
func wordless(err error) error {
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("status %d, error %q", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}
