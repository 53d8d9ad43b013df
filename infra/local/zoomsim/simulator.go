// Package zoomsim stands in for Zoom during a local run and in tests: its sign-in
// (OAuth) and the calls of the User and Meeting APIs that Yakusoku makes. It
// refuses, loudly, what Zoom would refuse and also what Zoom would overlook, such
// as a field that it does not know. Faults are not its business; who wants one
// puts it in front of the handler.
package zoomsim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // meetings have time zones, and the machine may have none

	"yakusoku/infra/local/journal"
)

// The OAuth client that the simulator knows if none is configured.
const (
	DefaultClientID     = "zoomsim-client-id"
	DefaultClientSecret = "zoomsim-client-secret"
)

// Config says what a simulator stands on. The zero Config is ready to use.
type Config struct {
	State        *journal.Journal // nil: state lives as long as the simulator
	Clock        func() time.Time // nil: time.Now
	Log          *slog.Logger     // says what was refused and why; nil: nothing is said
	ClientID     string           // empty: DefaultClientID
	ClientSecret string           // empty: DefaultClientSecret
	RedirectURIs []string         // registered for the client; empty: any is
	Endpoint     Endpoint         // where our client is told what happens; zero: nowhere
	// Pauses are those before an event that was not taken is sent again; nil: Zoom's,
	// made short.
	Pauses []time.Duration
	// DailyLimit is how many creates and updates a user may make in a UTC day;
	// 0: none is counted. Zoom's is 100.
	DailyLimit int
}

// Simulator is a simulated Zoom. It is safe for concurrent use.
type Simulator struct {
	config Config

	mu       sync.Mutex
	users    map[string]*user // by mail address
	meetings map[int64]*meeting
	grants   map[string]*grant // by refresh token
	tokens   map[string]*token // by access token
	codes    map[string]*code  // not journaled: they live for minutes
	spent    map[string]int    // creates and updates by user and UTC day
	// redirectURI is where the Marketplace's "Add" leads: the registered URI, or
	// the last that our client named.
	redirectURI string

	endpoint Endpoint
	waiting  int // events that are not taken yet
	done     []Delivery
	senders  chan struct{} // held while an event is under way

	proving sync.Mutex
	proved  Endpoint // has shown that it knows its secret token
}

// New returns a simulator with the state that its journal holds.
func New(config Config) (*Simulator, error) {
	config.ClientID = cmp.Or(config.ClientID, DefaultClientID)
	config.ClientSecret = cmp.Or(config.ClientSecret, DefaultClientSecret)
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Pauses == nil {
		config.Pauses = usualPauses
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Simulator{
		config:   config,
		users:    make(map[string]*user),
		meetings: make(map[int64]*meeting),
		grants:   make(map[string]*grant),
		tokens:   make(map[string]*token),
		codes:    make(map[string]*code),
		spent:    make(map[string]int),
		endpoint: config.Endpoint,
		senders:  make(chan struct{}, sendersAtOnce),
	}
	if err := s.restore(); err != nil {
		return nil, fmt.Errorf("restore Zoom's state: %w", err)
	}
	if err := s.seed(); err != nil {
		return nil, fmt.Errorf("open Zoom's accounts: %w", err)
	}
	if len(config.RedirectURIs) > 0 {
		s.redirectURI = config.RedirectURIs[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.resume(); err != nil {
		return nil, fmt.Errorf("restore Zoom's events: %w", err)
	}
	return s, nil
}

// The prefixes of the journal's keys.
const (
	userPrefix    = "user/"
	meetingPrefix = "meeting/"
	grantPrefix   = "grant/"
	tokenPrefix   = "token/"
	eventPrefix   = "event/"
	redirectKey   = "redirect"
)

func (s *Simulator) restore() error {
	journal := s.config.State
	if err := journal.Each(userPrefix, into(func(u *user) { u.complete(); s.users[u.Email] = u })); err != nil {
		return err
	}
	if err := journal.Each(meetingPrefix, into(func(m *meeting) { s.meetings[m.ID] = m })); err != nil {
		return err
	}
	if err := journal.Each(grantPrefix, into(func(g *grant) { s.grants[g.RefreshToken] = g })); err != nil {
		return err
	}
	if err := journal.Each(redirectKey, into(func(uri *string) { s.redirectURI = *uri })); err != nil {
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

// Handler serves Zoom's hosts at once (sign-in, tokens, API), a page for people at
// /, and what tests and the seed need at paths that begin with an underscore. All
// its links are relative, so it may be mounted below any path with
// http.StripPrefix.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/authorize", s.showSignIn)
	mux.HandleFunc("POST /oauth/authorize", s.decideConsent)
	mux.HandleFunc("POST /oauth/token", s.serveToken)
	mux.HandleFunc("POST /oauth/revoke", s.serveRevoke)
	for _, c := range calls {
		mux.HandleFunc(c.verb+" /v2"+c.path, s.serveCall(c))
	}
	mux.HandleFunc("GET /{$}", s.showHome)
	mux.HandleFunc("POST /{$}", s.act)
	mux.HandleFunc("GET /_state", s.serveState)
	mux.HandleFunc("POST /_meetings", s.serveAddMeeting)
	mux.HandleFunc("PATCH /_meetings/{id}", s.serveChangeMeeting)
	mux.HandleFunc("DELETE /_meetings/{id}", s.serveDeleteMeeting)
	mux.HandleFunc("POST /_user", s.serveUser)
	mux.HandleFunc("POST /_grant", s.serveGrant)
	mux.HandleFunc("POST /_expire", s.serveExpire)
	mux.HandleFunc("POST /_revoke", s.serveEnd)
	mux.HandleFunc("POST /_endpoint", s.serveEndpoint)
	mux.HandleFunc("GET /_events", s.serveDeliveries)
	mux.HandleFunc("POST /_events", s.serveSend)
	return mux
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller has gone: nothing is left to do
}
