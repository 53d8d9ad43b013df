package connection

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/metric"
)

// Refusal says why a host could not connect, in a word that the console explains.
type Refusal string

const (
	PlanUnsupported     Refusal = "zoom_plan_unsupported"
	AccountInUse        Refusal = "zoom_account_in_use"    // connected to another host
	ZoomApproval        Refusal = "zoom_approval_required" // an administrator must pre-approve the app
	MicrosoftApproval   Refusal = "microsoft_approval_required"
	AccessDenied        Refusal = "access_denied"
	StateInvalid        Refusal = "state_invalid" // unknown, used already, or another browser's
	StateExpired        Refusal = "state_expired"
	StateMissing        Refusal = "state_missing" // begun at the provider, not here
	ScopeMissing        Refusal = "scope_missing"
	ExchangeFailed      Refusal = "exchange_failed"
	ProviderUnavailable Refusal = "provider_unavailable"
)

// Refused says that a connection was not made.
type Refused struct {
	Why Refusal
	Err error // for the log; it holds no tokens and no codes
}

func (e *Refused) Error() string {
	if e.Err == nil {
		return string(e.Why)
	}
	return string(e.Why) + ": " + e.Err.Error()
}

func (e *Refused) Unwrap() error { return e.Err }

// Unsupported says that this deployment has no OAuth client for the provider.
type Unsupported struct{ Provider Provider }

func (e *Unsupported) Error() string { return fmt.Sprintf("%s is not set up here", e.Provider) }

// InUse says that the account at the provider is connected to another host.
type InUse struct{ By string }

func (e *InUse) Error() string { return "the account is connected to another host" }

// Attempt is a connection being made: from the click to the provider's answer.
type Attempt struct {
	State    string
	Host     string
	Provider Provider
	Browser  []byte // SHA-256 of the cookie of the browser that began it
	Sealed   []byte // the PKCE verifier, encrypted
	Ends     time.Time
}

// attemptLife bounds the time that a host may spend at the provider.
const attemptLife = 10 * time.Minute

// Links is where connections are made and ended.
type Links interface {
	Ledger
	// Connections lists a host's.
	Connections(ctx context.Context, host string) ([]Connection, error)
	// Begin keeps an attempt until it is taken or has ended.
	Begin(ctx context.Context, a Attempt) error
	// Take removes and returns the attempt of that state if that browser began it:
	// once, however many ask. ok is false if there is none.
	Take(ctx context.Context, state string, browser []byte) (a Attempt, ok bool, err error)
	// Link stores the successor of the version that c carries (0: none is stored),
	// the host's right to the account where the provider gives one live grant a
	// user, and lists the provider in the host's record: all or nothing. It
	// returns *InUse or *Stale, or *host.Unknown for a host who is leaving.
	Link(ctx context.Context, c Connection, replaced Account) error
	// AwakeHost has everything tried again at once that waits for the host's providers.
	AwakeHost(ctx context.Context, host string, now time.Time) error
	// Owner returns the host who has the right to the account; empty if nobody has,
	// or several may.
	Owner(ctx context.Context, p Provider, account string) (host string, err error)
	// Evict takes the right to the account from a host whose connection is former,
	// the zero one for none. It returns *Stale if that is not how things are.
	Evict(ctx context.Context, owner string, p Provider, account string, former Connection) error
	// Unlink removes c and what Link stored with it. It returns *Stale.
	Unlink(ctx context.Context, c Connection) error
}

// Service is a provider's side of connecting.
type Service interface {
	// Options are what the authorization request says besides the usual.
	Options() []oauth2.AuthCodeOption
	// Missing returns a scope that is needed and was not granted; empty if none is.
	Missing(granted []string) string
	// Identify says whose grant it is and what the host should know of the account,
	// in words for Connection.Warnings. It returns *Refused for an account that
	// cannot be used.
	Identify(ctx context.Context, client *http.Client, apiBase string, t *oauth2.Token) (Account, []string, error)
	// Revoke ends the grant at the provider.
	Revoke(ctx context.Context, client *http.Client, t Tokens) error
}

// Connector makes and ends connections, as RFC 9700 asks: a state is used once
// and bound to its browser and host, PKCE beside the client's secret, exact
// redirect URIs.
type Connector struct {
	Links    Links
	Keeper   *Keeper
	Services map[Provider]Service
	Origin   string // ours, for the redirect URI
}

// CallbackPath is where a provider sends the browser back to.
func CallbackPath(p Provider) string { return "/api/oauth/" + string(p) + "/callback" }

func (c *Connector) oauth(p Provider) (*oauth2.Config, Service, error) {
	config, service := c.Keeper.OAuth[p], c.Services[p]
	if config == nil || service == nil {
		return nil, nil, &Unsupported{Provider: p}
	}
	own := *config
	own.RedirectURL = c.Origin + CallbackPath(p)
	return &own, service, nil
}

// Available reports whether hosts of this deployment can connect the provider.
func (c *Connector) Available(p Provider) bool {
	_, _, err := c.oauth(p)
	return err == nil
}

// Begin returns the provider's address to send the host's browser to, and the
// cookie value that binds the attempt to the browser: the one it has, or a new
// one. It returns *Unsupported.
func (c *Connector) Begin(ctx context.Context, host string, p Provider, cookie string) (authorizeURL, browser string, err error) {
	config, service, err := c.oauth(p)
	if err != nil {
		return "", "", err
	}
	if len(cookie) != len(rand.Text()) {
		cookie = rand.Text()
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	sealed, err := c.Keeper.Vault.Seal(ctx, []byte(verifier), attemptPurpose(state))
	if err != nil {
		return "", "", err
	}
	err = c.Links.Begin(ctx, Attempt{
		State: state, Host: host, Provider: p, Browser: fingerprint(cookie), Sealed: sealed,
		Ends: c.Keeper.Now().Add(attemptLife).UTC(),
	})
	if err != nil {
		return "", "", err
	}
	options := append(service.Options(), oauth2.S256ChallengeOption(verifier))
	return config.AuthCodeURL(state, options...), cookie, nil
}

func attemptPurpose(state string) string { return "attempt/" + state }

func fingerprint(cookie string) []byte {
	sum := sha256.Sum256([]byte(cookie))
	return sum[:]
}

// Callback is what the provider sent the browser back with.
type Callback struct {
	Provider Provider
	State    string
	Code     string
	Error    string // RFC 6749, 4.1.2.1
	Browser  string // the cookie; empty if there is none
}

// Finish makes the connection that the attempt began, and returns it. It returns
// *Refused for everything that the host can do something about.
func (c *Connector) Finish(ctx context.Context, cb Callback) (Connection, error) {
	config, service, err := c.oauth(cb.Provider)
	if err != nil {
		return Connection{}, err
	}
	a, err := c.take(ctx, cb)
	if err != nil {
		return Connection{}, err
	}
	t, err := c.exchange(ctx, config, a, cb.Code)
	if err != nil {
		return Connection{}, err
	}
	fresh, err := c.describe(ctx, service, a, t)
	if err == nil {
		err = c.link(ctx, service, fresh)
	}
	if refused := (*Refused)(nil); errors.As(err, &refused) && refused.Why == AccountInUse {
		return Connection{}, err // the other host has the grant now
	}
	if err != nil {
		c.drop(ctx, service, fresh, t)
		return Connection{}, err
	}
	if err := c.Links.AwakeHost(ctx, fresh.Host, c.Keeper.Now()); err != nil {
		slog.WarnContext(ctx, "what waits for a connection was not awakened; it wakes by itself", "host", fresh.Host, "error", err)
	}
	return fresh, nil
}

// take finds the attempt and holds the answer to it.
func (c *Connector) take(ctx context.Context, cb Callback) (Attempt, error) {
	if cb.State == "" && cb.Error == "" {
		return Attempt{}, &Refused{Why: StateMissing}
	}
	a, ok, err := c.Links.Take(ctx, cb.State, fingerprint(cb.Browser))
	switch {
	case err != nil:
		return Attempt{}, err
	case !ok || a.Provider != cb.Provider || subtle.ConstantTimeCompare(a.Browser, fingerprint(cb.Browser)) != 1:
		return Attempt{}, &Refused{Why: StateInvalid}
	case !c.Keeper.Now().Before(a.Ends):
		return Attempt{}, &Refused{Why: StateExpired}
	case cb.Error != "":
		return Attempt{}, &Refused{Why: refusalOf(cb), Err: errors.New("the provider answered " + word(cb.Error))}
	case cb.Code == "":
		return Attempt{}, &Refused{Why: ExchangeFailed, Err: errors.New("the provider sent no code")}
	}
	return a, nil
}

func refusalOf(cb Callback) Refusal {
	switch {
	case cb.Error == "access_denied":
		return AccessDenied
	case cb.Provider == Microsoft && (cb.Error == "consent_required" || cb.Error == "interaction_required"):
		return MicrosoftApproval
	case cb.Error == "temporarily_unavailable", cb.Error == "server_error":
		return ProviderUnavailable
	}
	return ExchangeFailed
}

// word keeps an error code that came in a URL fit for the log.
func word(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, code[:min(len(code), 40)])
}

func (c *Connector) exchange(ctx context.Context, config *oauth2.Config, a Attempt, code string) (*oauth2.Token, error) {
	verifier, err := c.Keeper.Vault.Unseal(ctx, a.Sealed, attemptPurpose(a.State))
	if err != nil {
		return nil, err
	}
	call := context.WithValue(ctx, oauth2.HTTPClient, c.Keeper.HTTP)
	t, err := config.Exchange(call, code, oauth2.VerifierOption(string(verifier)))
	answered := (*oauth2.RetrieveError)(nil)
	switch {
	case err == nil && t.RefreshToken == "":
		return nil, &Refused{Why: ExchangeFailed, Err: errors.New("no refresh token came with the grant")}
	case err == nil:
		return t, nil
	case errors.As(err, &answered) && answered.Response.StatusCode < http.StatusInternalServerError && answered.Response.StatusCode != http.StatusTooManyRequests:
		return nil, &Refused{Why: ExchangeFailed, Err: wordless(err)}
	}
	return nil, &Refused{Why: ProviderUnavailable, Err: wordless(err)}
}

// describe makes the connection's record, as far as that can be told of a grant
// that is refused.
func (c *Connector) describe(ctx context.Context, service Service, a Attempt, t *oauth2.Token) (Connection, error) {
	scope, _ := t.Extra("scope").(string)
	fresh := Connection{
		Host: a.Host, Provider: a.Provider, Status: Connected,
		Scopes: strings.Fields(scope), ConnectedAt: c.Keeper.Now().UTC(), CheckedAt: c.Keeper.Now().UTC(),
	}
	fresh, err := c.Keeper.Seal(ctx, fresh, t)
	if err != nil {
		return Connection{}, err
	}
	client := *c.Keeper.HTTP
	client.Transport = &oauth2.Transport{Source: oauth2.StaticTokenSource(t), Base: transport(c.Keeper.HTTP)}
	fresh.Account, fresh.Warnings, err = service.Identify(ctx, &client, fresh.APIBase, t)
	if missing := service.Missing(fresh.Scopes); missing != "" {
		return fresh, &Refused{Why: ScopeMissing, Err: errors.New("not granted: " + missing)}
	}
	return fresh, err
}

// drop ends a grant that was just given and is of no use, unless the host's present
// one hangs on it. Where a provider keeps one live grant a user, the account's
// owner has lost theirs by it: that is recorded at once, before guests find out.
func (c *Connector) drop(ctx context.Context, service Service, fresh Connection, t *oauth2.Token) {
	if _, err := c.Links.Connection(ctx, fresh.Host, fresh.Provider); err == nil {
		return // the provider may hold both for one
	}
	owner, err := c.Links.Owner(ctx, fresh.Provider, fresh.Account.ID)
	if err == nil && owner != "" {
		var theirs Connection
		if theirs, err = c.Links.Connection(ctx, owner, fresh.Provider); err == nil && theirs.Status == Connected {
			err = c.Keeper.bury(ctx, theirs)
		}
	}
	if err != nil && !Lost(err) {
		slog.WarnContext(ctx, "the owner of an account was not marked", "provider", fresh.Provider, "error", err)
	}
	if err := service.Revoke(ctx, c.Keeper.HTTP, Tokens{Access: t.AccessToken, Refresh: t.RefreshToken}); err != nil {
		slog.WarnContext(ctx, "an unused grant was not revoked", "provider", fresh.Provider, "error", err)
	}
}

// link stores the connection in the place of the host's former one.
func (c *Connector) link(ctx context.Context, service Service, fresh Connection) error {
	for {
		former, err := c.Links.Connection(ctx, fresh.Host, fresh.Provider)
		if absent := (*Absent)(nil); err != nil && !errors.As(err, &absent) {
			return err
		}
		fresh.Version = former.Version
		err = c.Links.Link(ctx, fresh, former.Account)
		inUse, stale := (*InUse)(nil), (*Stale)(nil)
		switch {
		case errors.As(err, &stale):
			continue
		case errors.As(err, &inUse):
			handed, err := c.hand(ctx, fresh, inUse.By)
			if errors.As(err, &stale) || err == nil && !handed {
				continue // the right to the account is free now, or about to be
			}
			return errors.Join(err, &Refused{Why: AccountInUse})
		case err != nil:
			return err
		}
		if former.Status != Connected {
			came(ctx, string(Connected))
		}
		if former.Status == Connected && former.Account.ID != fresh.Account.ID {
			c.leave(ctx, service, former)
		}
		return nil
	}
}

// leave ends the grant of an account in whose place another was connected.
func (c *Connector) leave(ctx context.Context, service Service, former Connection) {
	pair, err := c.Keeper.unseal(ctx, former)
	if err == nil {
		// Zoom ends a grant by its access token, which must be alive.
		call := context.WithValue(ctx, oauth2.HTTPClient, c.Keeper.HTTP)
		token := &oauth2.Token{AccessToken: pair.Access, RefreshToken: pair.Refresh, Expiry: former.ExpiresAt}
		if token, err = c.Keeper.OAuth[former.Provider].TokenSource(call, token).Token(); err == nil {
			err = service.Revoke(ctx, c.Keeper.HTTP, Tokens{Access: token.AccessToken, Refresh: token.RefreshToken})
		}
	}
	if err != nil {
		slog.WarnContext(ctx, "the grant of a replaced account was not revoked", "host", former.Host, "provider", former.Provider, "error", wordless(err))
	}
}

// hand gives the pair to the connection that has the account. The provider keeps
// one live grant a user: this one ended the other's, which would fail its guests.
// An owner whose connection does not work any more gets nothing: they lose their
// right to the account, and handed is false.
func (c *Connector) hand(ctx context.Context, fresh Connection, owner string) (handed bool, err error) {
	pair, err := c.Keeper.unseal(ctx, fresh)
	if err != nil {
		return false, err
	}
	for {
		theirs, err := c.Links.Connection(ctx, owner, fresh.Provider)
		if absent := (*Absent)(nil); err != nil && !errors.As(err, &absent) {
			return false, fmt.Errorf("hand the grant to the host who has the account: %w", err)
		}
		if theirs.Status != Connected || theirs.Account.ID != fresh.Account.ID {
			return false, c.Links.Evict(ctx, owner, fresh.Provider, fresh.Account.ID, theirs)
		}
		theirs.Scopes, theirs.APIBase = fresh.Scopes, fresh.APIBase
		theirs, err = c.Keeper.Seal(ctx, theirs, &oauth2.Token{AccessToken: pair.Access, RefreshToken: pair.Refresh, Expiry: fresh.ExpiresAt})
		if err != nil {
			return false, err
		}
		err = c.Links.Renew(ctx, theirs)
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			continue
		}
		return err == nil, err
	}
}

// Disconnect ends the host's grant at the provider, as far as it answers, and
// forgets it. What is not connected is no error.
func (c *Connector) Disconnect(ctx context.Context, host string, p Provider) error {
	for {
		stored, err := c.Links.Connection(ctx, host, p)
		if absent := (*Absent)(nil); errors.As(err, &absent) {
			return nil
		}
		if err != nil {
			return err
		}
		err = c.Links.Unlink(ctx, c.revoke(ctx, stored))
		if stale := (*Stale)(nil); errors.As(err, &stale) {
			continue
		}
		if err == nil {
			came(ctx, metric.Disconnected)
		}
		return err
	}
}

// DisconnectAll ends all of the host's connections.
func (c *Connector) DisconnectAll(ctx context.Context, host string) error {
	all, err := c.Links.Connections(ctx, host)
	if err != nil {
		return err
	}
	for _, stored := range all {
		if err := c.Disconnect(ctx, host, stored.Provider); err != nil {
			return fmt.Errorf("disconnect %s: %w", stored.Provider, err)
		}
	}
	return nil
}

// revoke ends the grant at the provider and returns the connection as it is
// stored then.
func (c *Connector) revoke(ctx context.Context, stored Connection) Connection {
	service := c.Services[stored.Provider]
	if service == nil || stored.Status != Connected {
		return stored
	}
	// Zoom ends a grant by its access token, which must be alive.
	renewed, pair, err := c.Keeper.fresh(ctx, stored.Host, stored.Provider, "")
	if err == nil {
		stored = renewed
		err = service.Revoke(ctx, c.Keeper.HTTP, pair)
	}
	if err != nil {
		slog.WarnContext(ctx, "grant forgotten without its provider's word", "host", stored.Host, "provider", stored.Provider, "error", wordless(err))
	}
	return stored
}
