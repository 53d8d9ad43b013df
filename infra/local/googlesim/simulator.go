// Package googlesim stands in for Google during a local run and in tests: its
// sign-in (OAuth) and the calls of the Calendar API that Yakusoku makes. It
// refuses, loudly, what Google would refuse and also what Google would overlook:
// a parameter or field that its surface does not have. Quotas and faults are not
// its business; who wants one puts it in front of the handler.
package googlesim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // calendars have time zones, and the machine may have none

	"yakusoku/infra/local/journal"
)

// The OAuth client that the simulator knows if none is configured.
const (
	DefaultClientID     = "yakusoku-local.apps.googleusercontent.com"
	DefaultClientSecret = "googlesim-client-secret"
)

// Config says what a simulator stands on. The zero Config is ready to use.
type Config struct {
	State        *journal.Journal // nil: state lives as long as the simulator
	Clock        func() time.Time // nil: time.Now
	Log          *slog.Logger     // says what was refused and why; nil: nothing is said
	ClientID     string           // empty: DefaultClientID
	ClientSecret string           // empty: DefaultClientSecret
	RedirectURIs []string         // registered for the client; empty: any is
	ChannelLife  time.Duration    // the longest of a channel for notifications; 0: Google's
}

// Simulator is a simulated Google. It is safe for concurrent use.
type Simulator struct {
	config Config

	mu       sync.Mutex
	accounts map[string]*account // by mail address
	events   map[eventKey]*event // deleted ones included: their ids stay taken
	grants   map[string]*grant   // by refresh token
	tokens   map[string]*token   // by access token
	codes    map[string]*code    // not journaled: they live for minutes
	channels map[string]*channel // by id

	version    int            // counts the changes of events
	oldestSync int            // the version from which changes can be told
	calls      map[string]int // of the API, by method; since the start
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
		events:   make(map[eventKey]*event),
		grants:   make(map[string]*grant),
		tokens:   make(map[string]*token),
		codes:    make(map[string]*code),
		channels: make(map[string]*channel),
		calls:    make(map[string]int),
	}
	if err := s.restore(); err != nil {
		return nil, fmt.Errorf("restore Google's state: %w", err)
	}
	return s, nil
}

// The prefixes of the journal's keys.
const (
	accountPrefix = "account/"
	eventPrefix   = "event/"
	grantPrefix   = "grant/"
	tokenPrefix   = "token/"
	channelPrefix = "channel/"
)

func (s *Simulator) restore() error {
	journal := s.config.State
	if err := journal.Each(accountPrefix, into(func(a *account) { s.accounts[a.Email] = a })); err != nil {
		return err
	}
	if err := journal.Each(eventPrefix, into(func(e *event) {
		s.events[e.key()] = e
		s.version = max(s.version, e.Version)
	})); err != nil {
		return err
	}
	if err := journal.Each(channelPrefix, into(func(c *channel) { s.channels[c.ID] = c })); err != nil {
		return err
	}
	if err := journal.Each(grantPrefix, into(func(g *grant) { s.grants[g.RefreshToken] = g })); err != nil {
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

// Handler serves Google's hosts at once (sign-in, tokens, API), a page for
// people at /, and what tests and the seed need at paths that begin with an
// underscore. All its links are relative, so it may be mounted below any path
// with http.StripPrefix.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /o/oauth2/v2/auth", s.showConsent)
	mux.HandleFunc("POST /o/oauth2/v2/auth", s.decideConsent)
	mux.HandleFunc("POST /token", s.serveToken)
	mux.HandleFunc("POST /revoke", s.serveRevoke)
	for _, m := range methods {
		mux.HandleFunc(m.verb+" "+apiPath+m.path, s.serveMethod(m))
	}
	mux.HandleFunc("GET /{$}", s.showCalendars)
	mux.HandleFunc("POST /{$}", s.blockTime)
	mux.HandleFunc("GET /_state", s.serveState)
	mux.HandleFunc("POST /_grant", s.serveGrant)
	mux.HandleFunc("POST /_expire", s.serveExpire)
	mux.HandleFunc("POST /_revoke", s.serveEnd)
	mux.HandleFunc("POST /_events", s.serveAddEvent)
	mux.HandleFunc("PATCH /_events/{id}", s.serveChangeEvent)
	mux.HandleFunc("DELETE /_events/{id}", s.serveRemoveEvent)
	mux.HandleFunc("GET /_calls", s.serveCalls)
	mux.HandleFunc("POST /_lose", s.serveLose)
	mux.HandleFunc("POST /_spend", s.serveSpend)
	return mux
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller has gone: nothing is left to do
}
