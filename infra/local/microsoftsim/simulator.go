// Package microsoftsim stands in for Microsoft during a local run and in tests:
// the sign-in of the identity platform (v2.0) and the calls of Microsoft Graph
// that Yakusoku makes of calendars, for work and personal accounts. It refuses,
// loudly, what Microsoft would refuse and also what Microsoft would overlook: a
// parameter, preference or property that its surface does not have.
package microsoftsim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"yakusoku/infra/local/journal"
)

// The OAuth client that the simulator knows if none is configured.
const (
	DefaultClientID     = "4a1f2b6e-6f4e-4f0b-9d6b-2f1f0c9a7e55"
	DefaultClientSecret = "microsoftsim-client-secret"
)

// Config says what a simulator stands on. The zero Config is ready to use.
type Config struct {
	State        *journal.Journal // nil: state lives as long as the simulator
	Clock        func() time.Time // nil: time.Now
	Log          *slog.Logger     // says what was refused and why; nil: nothing is said
	ClientID     string           // empty: DefaultClientID
	ClientSecret string           // empty: DefaultClientSecret
	RedirectURIs []string         // registered for the client; empty: any is
}

// Simulator is a simulated Microsoft. It is safe for concurrent use.
type Simulator struct {
	config Config

	mu       sync.Mutex
	accounts map[string]*account // by mail address
	events   map[string]*event   // by lasting id; deleted ones included, whose transaction ids stay used
	grants   map[string]*grant   // by refresh token; ended ones included, which say why
	tokens   map[string]*token   // by access token
	codes    map[string]*code    // not journaled: they live for minutes
	underway map[string]int      // calls being served, by mailbox
	throttle map[string]throttle // by mail address; not journaled

	subscriptions map[string]*subscription // by id
}

// New returns a simulator with the state that its journal holds.
func New(config Config) (*Simulator, error) {
	config.ClientID = cmp.Or(config.ClientID, DefaultClientID)
	config.ClientSecret = cmp.Or(config.ClientSecret, DefaultClientSecret)
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Simulator{
		config:   config,
		accounts: make(map[string]*account),
		events:   make(map[string]*event),
		grants:   make(map[string]*grant),
		tokens:   make(map[string]*token),
		codes:    make(map[string]*code),
		underway: make(map[string]int),
		throttle: make(map[string]throttle),

		subscriptions: make(map[string]*subscription),
	}
	if err := s.restore(); err != nil {
		return nil, fmt.Errorf("restore Microsoft's state: %w", err)
	}
	return s, nil
}

// The prefixes of the journal's keys.
const (
	accountPrefix = "account/"
	eventPrefix   = "event/"
	grantPrefix   = "grant/"
	tokenPrefix   = "token/"

	subscriptionPrefix = "subscription/"
)

func (s *Simulator) restore() error {
	journal := s.config.State
	if err := journal.Each(accountPrefix, into(func(a *account) { s.accounts[a.Email] = a })); err != nil {
		return err
	}
	if err := journal.Each(eventPrefix, into(func(e *event) { s.events[e.Lasting] = e })); err != nil {
		return err
	}
	if err := journal.Each(grantPrefix, into(func(g *grant) { s.grants[g.RefreshToken] = g })); err != nil {
		return err
	}
	if err := journal.Each(subscriptionPrefix, into(func(n *subscription) { s.subscriptions[n.ID] = n })); err != nil {
		return err
	}
	return journal.Each(tokenPrefix, into(func(t *token) { s.tokens[t.AccessToken] = t }))
}

// into makes a visit of the journal that reads each value and keeps it.
func into[T any](keep func(*T)) func(string, json.RawMessage) error {
	return func(key string, raw json.RawMessage) error {
		value := new(T)
		if err := json.Unmarshal(raw, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		keep(value)
		return nil
	}
}

// Handler serves Microsoft's hosts at once (sign-in, tokens, Graph), a page for
// people at /, and what tests and the seed need at paths that begin with an
// underscore. Its pages' links are relative, so it may be mounted below any path
// with http.StripPrefix.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", s.showConsent)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/authorize", s.decideConsent)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", s.serveToken)
	for _, m := range methods {
		mux.HandleFunc(m.verb+" "+apiPath+m.path, s.serveMethod(m))
	}
	mux.HandleFunc("/", s.serveUnknown)
	mux.HandleFunc("GET /{$}", s.showCalendars)
	mux.HandleFunc("POST /{$}", s.blockTime)
	mux.HandleFunc("GET /_state", s.serveState)
	mux.HandleFunc("POST /_grant", s.serveGrant)
	mux.HandleFunc("POST /_expire", s.serveExpire)
	mux.HandleFunc("POST /_revoke", s.serveEnd)
	mux.HandleFunc("POST /_events", s.serveAddEvent)
	mux.HandleFunc("POST /_account", s.serveAccount)
	mux.HandleFunc("POST /_throttle", s.serveThrottle)
	mux.HandleFunc("POST /_forget", s.serveForget)
	mux.HandleFunc("POST /_move", s.serveMove)
	mux.HandleFunc("PATCH /_events/{id}", s.serveChangeEvent)
	mux.HandleFunc("DELETE /_events/{id}", s.serveRemoveEvent)
	mux.HandleFunc("GET /_subscriptions", s.serveSubscriptions)
	mux.HandleFunc("POST /_lifecycle", s.serveLifecycle)
	mux.HandleFunc("POST /_lose", s.serveLose)
	return mux
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller has gone: nothing is left to do
}
