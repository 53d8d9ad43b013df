package connection_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
	"yakusoku/shared/vault"
)

// provider is a token endpoint that rotates as Zoom's does, and an API that
// takes the newest access token only.
type provider struct {
	mu        sync.Mutex
	refreshes int
	current   int // number of the newest pair
	fail      func(w http.ResponseWriter) bool
	refused   bool   // whatever token the API is shown
	arriving  func() // happens once, before the API looks at the second call
	calls     int    // of the API
	says      string // what the API refuses every call with; empty: it does not
	graceful  bool   // the refresh token before the newest is still taken
	bodies    []string
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == "/api" {
		body, _ := io.ReadAll(r.Body)
		if p.calls++; p.calls == 2 && p.arriving != nil {
			p.arriving()
		}
		if p.refused || r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", p.current) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if p.says != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, p.says)
			return
		}
		p.bodies = append(p.bodies, string(body))
		return
	}
	if p.fail != nil && p.fail(w) {
		return
	}
	p.refreshes++
	w.Header().Set("Content-Type", "application/json")
	given := r.FormValue("refresh_token")
	if given != fmt.Sprintf("refresh-%d", p.current) && (!p.graceful || given != fmt.Sprintf("refresh-%d", p.current-1)) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"reason":"Invalid Token!","error":"invalid_grant"}`)
		return
	}
	p.current++
	fmt.Fprintf(w, `{"access_token":"access-%d","refresh_token":"refresh-%d","token_type":"bearer","expires_in":3600}`, p.current, p.current)
}

type setting struct {
	provider *provider
	url      string
	store    *store.Store
	keeper   *connection.Keeper
}

// set connects host demo with pair number 1, whose access token ends in life.
func set(t *testing.T, life time.Duration) setting {
	t.Helper()
	p := &provider{current: 1}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	s := storetest.New(t)
	k := &connection.Keeper{
		Ledger: s,
		Vault:  newVault(t),
		OAuth: map[connection.Provider]*oauth2.Config{
			connection.Zoom: connection.ZoomOAuth("id", "secret", server.URL),
		},
		HTTP: &http.Client{Timeout: time.Second},
		Now:  time.Now,
	}
	c, err := k.Seal(t.Context(), connection.Connection{
		Host: "demo", Provider: connection.Zoom, Status: connection.Connected,
	}, pair(1, life))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		s.PutHost(t.Context(), host.Host{Handle: "demo", Connected: map[string]bool{"zoom": true, "google": true}}),
		s.PutConnection(t.Context(), c),
	)
	if err != nil {
		t.Fatal(err)
	}
	return setting{provider: p, url: server.URL, store: s, keeper: k}
}

func pair(n int, life time.Duration) *oauth2.Token {
	return &oauth2.Token{
		AccessToken:  fmt.Sprint("access-", n),
		RefreshToken: fmt.Sprint("refresh-", n),
		Expiry:       time.Now().Add(life),
	}
}

func newVault(t *testing.T) *vault.Vault {
	t.Helper()
	key, err := vault.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), "file://"+path, aws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// call posts a body with the host's grant and returns the status.
func (s setting) call(ctx context.Context) (int, error) {
	client, _, err := s.keeper.Client(ctx, "demo", connection.Zoom)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api", strings.NewReader("body"))
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func (s setting) mustCall(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // or it waits for a lease for ever
	defer cancel()
	if status, err := s.call(ctx); err != nil || status != http.StatusOK {
		t.Fatalf("the call: status %d, error %v", status, err)
	}
}

func TestAFreshTokenIsUsedAsItIs(t *testing.T) {
	s := set(t, time.Hour)
	s.mustCall(t)
	if s.provider.refreshes != 0 {
		t.Errorf("%d refreshes", s.provider.refreshes)
	}
}

func TestATokenAboutToEndIsRefreshedAndTheNewPairKept(t *testing.T) {
	s := set(t, time.Minute)
	s.mustCall(t)
	s.mustCall(t)
	if s.provider.refreshes != 1 {
		t.Errorf("%d refreshes for two calls, want 1", s.provider.refreshes)
	}
}

func TestManyCallersMakeOneRefresh(t *testing.T) {
	s := set(t, -time.Hour)
	failures := make([]error, 50)
	var all sync.WaitGroup
	for i := range failures {
		all.Go(func() { _, failures[i] = s.call(t.Context()) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	if s.provider.refreshes != 1 || len(s.provider.bodies) != 50 {
		t.Errorf("%d refreshes and %d calls answered, want 1 and 50", s.provider.refreshes, len(s.provider.bodies))
	}
	s.stale(t)
	s.mustCall(t) // the pair that was stored is the newest
	if s.provider.refreshes != 2 {
		t.Errorf("%d refreshes, want another one", s.provider.refreshes)
	}
}

func TestARefusedTokenIsRenewedAndTheRequestRepeatedWhole(t *testing.T) {
	s := set(t, time.Hour)
	s.provider.current = 2 // somebody rotated: pair 1 is refused at the API
	renewed, err := s.keeper.Seal(t.Context(), s.stored(t), pair(2, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	client, _, err := s.keeper.Client(t.Context(), "demo", connection.Zoom)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Renew(t.Context(), renewed); err != nil {
		t.Fatal(err)
	}
	response, err := client.Post(s.url+"/api", "text/plain", strings.NewReader("whole"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || s.provider.bodies[0] != "whole" || s.provider.refreshes != 0 {
		t.Errorf("status %d, bodies %q, refreshes %d", response.StatusCode, s.provider.bodies, s.provider.refreshes)
	}
}

func TestADeadGrantIsMarkedAndItsHostNoLongerListed(t *testing.T) {
	s := set(t, -time.Hour)
	s.provider.current = 7 // the stored refresh token is unknown to the provider
	for range 2 {
		_, err := s.call(t.Context())
		if dead := (*connection.Dead)(nil); !errors.As(err, &dead) {
			t.Fatalf("got %v, want Dead", err)
		}
	}
	if got := s.stored(t).Status; got != connection.Reauthorize {
		t.Errorf("status %q", got)
	}
	if s.provider.refreshes != 1 {
		t.Errorf("a dead grant was tried %d times", s.provider.refreshes)
	}
	if err := s.store.PutPage(t.Context(), pageOf("demo")); err != nil {
		t.Fatal(err)
	}
	snap, err := s.store.Snapshot(t.Context(), booking.Wanted{Host: "demo", Page: "intro", From: time.Now(), To: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if snap.Host.Connected["zoom"] || !snap.Host.Connected["google"] {
		t.Errorf("connected: %v", snap.Host.Connected)
	}
}

func TestTroubleAtTheTokenEndpointNeverEndsAGrant(t *testing.T) {
	answer := func(status int, body string) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	tests := map[string]func(http.ResponseWriter) bool{
		"500":            answer(500, "<html>"),
		"429":            answer(429, `{"error":"rate"}`),
		"invalid_client": answer(400, `{"error":"invalid_client"}`),
		"not JSON":       answer(200, "<html>"),
		"silence":        func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			s := set(t, -time.Hour)
			s.provider.fail = fail
			_, err := s.call(t.Context())
			if unavailable := (*connection.Unavailable)(nil); !errors.As(err, &unavailable) {
				t.Fatalf("got %v, want Unavailable", err)
			}
			s.provider.fail = nil
			s.mustCall(t) // at once: the lease was given back
		})
	}
}

// A caller who leaves must not take the new pair with them: the old one is spent.
func TestACallerWhoLeavesDuringARefreshLosesNothing(t *testing.T) {
	s := set(t, -time.Hour)
	ctx, leave := context.WithCancel(t.Context())
	s.provider.fail = func(http.ResponseWriter) bool { leave(); return false }
	if _, err := s.call(ctx); err == nil {
		t.Error("a caller who left was answered")
	}
	s.provider.fail = nil
	s.mustCall(t)
	if s.provider.refreshes != 1 || s.stored(t).Status != connection.Connected {
		t.Errorf("%d refreshes, status %s", s.provider.refreshes, s.stored(t).Status)
	}
}

func TestACallerWhoLeavesDuringTroubleGivesTheLeaseBack(t *testing.T) {
	s := set(t, -time.Hour)
	ctx, leave := context.WithCancel(t.Context())
	s.provider.fail = func(w http.ResponseWriter) bool {
		leave()
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	if _, err := s.call(ctx); err == nil {
		t.Error("trouble was no error")
	}
	s.provider.fail = nil
	s.mustCall(t) // at once
}

// crash is a ledger that loses what a refresh gave, as a process that dies between
// the two does.
type crash struct{ *store.Store }

func (crash) Renew(context.Context, connection.Connection) error { return errors.New("killed") }

func TestACrashBetweenRefreshAndSaveIsShownNotHidden(t *testing.T) {
	tests := map[string]struct {
		graceful bool
		want     connection.Status
	}{
		"the stored refresh token is spent": {false, connection.Reauthorize},
		"it is still taken":                 {true, connection.Connected},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := set(t, -time.Hour)
			s.provider.graceful = test.graceful
			now := time.Now()
			s.keeper.Now = func() time.Time { return now }
			dying := *s.keeper
			dying.Ledger = crash{s.store}
			if _, _, err := dying.Client(t.Context(), "demo", connection.Zoom); err == nil {
				t.Fatal("a pair that was not stored was handed out")
			}
			now = now.Add(time.Minute) // the dead process's lease has ended
			_, err := s.call(t.Context())
			if got := s.stored(t).Status; got != test.want || connection.Lost(err) != (test.want == connection.Reauthorize) {
				t.Errorf("error %v, status %s, want %s", err, got, test.want)
			}
		})
	}
}

// lame fails some times at storing.
type lame struct {
	connection.Ledger
	fails int
}

func (l *lame) Renew(ctx context.Context, c connection.Connection) error {
	if l.fails--; l.fails >= 0 {
		return errors.New("throttled")
	}
	return l.Ledger.Renew(ctx, c)
}

func TestANewPairIsStoredThoughTheFirstTriesFail(t *testing.T) {
	s := set(t, -time.Hour)
	s.keeper.Ledger = &lame{s.store, 2}
	s.mustCall(t)
	if s.provider.refreshes != 1 {
		t.Errorf("%d refreshes", s.provider.refreshes)
	}
}

// The caller's time is not the grant's: whoever leaves is let go at once, and the
// next finds the new pair.
func TestACallerIsNotKeptBeyondTheirTime(t *testing.T) {
	s := set(t, -time.Hour)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	s.provider.fail = func(http.ResponseWriter) bool {
		leave()
		<-left // no answer while the caller is there
		return false
	}
	_, err := s.call(ctx)
	close(left)
	if unavailable := (*connection.Unavailable)(nil); !errors.As(err, &unavailable) {
		t.Errorf("got %v, want Unavailable", err)
	}
	s.mustCall(t)
	if s.provider.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", s.provider.refreshes)
	}
}

// The process is frozen when its answer is out: what runs on is told to whoever
// can keep it awake.
func TestWhatRunsOnIsHandedOver(t *testing.T) {
	s := set(t, -time.Hour)
	var work []func()
	s.keeper.Go = func(w func()) { work = append(work, w) }
	ctx, leave := context.WithCancel(t.Context())
	s.keeper.Ledger = leaving{s.store, leave}
	if _, err := s.call(ctx); err == nil || len(work) != 1 {
		t.Fatalf("error %v, handed over %d", err, len(work))
	}
	work[0]()
	s.keeper.Ledger = s.store
	s.mustCall(t)
	if s.provider.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", s.provider.refreshes)
	}
}

// leaving is a ledger whose caller's time is up when they have the lease.
type leaving struct {
	*store.Store
	leave func()
}

func (l leaving) Lease(ctx context.Context, c connection.Connection, now, until time.Time) error {
	defer l.leave()
	return l.Store.Lease(ctx, c, now, until)
}

func TestALeaseThatRanOutIsTakenOver(t *testing.T) {
	s := set(t, -time.Hour)
	now := time.Now()
	s.keeper.Now = func() time.Time { return now }
	if err := s.store.Lease(t.Context(), s.stored(t), now, now.Add(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	s.keeper.Ledger = waiting{s.store, cancel}
	if _, err := s.call(gone); err == nil || s.provider.refreshes != 0 {
		t.Errorf("under another's lease: error %v, %d refreshes", err, s.provider.refreshes)
	}
	s.keeper.Ledger = s.store
	now = now.Add(31 * time.Second)
	s.mustCall(t)
	if s.provider.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", s.provider.refreshes)
	}
}

// waiting is a ledger whose caller's time is up when they were refused the lease.
type waiting struct {
	*store.Store
	leave func()
}

func (w waiting) Lease(ctx context.Context, c connection.Connection, now, until time.Time) error {
	err := w.Store.Lease(ctx, c, now, until)
	if leased := (*connection.Leased)(nil); errors.As(err, &leased) {
		w.leave()
	}
	return err
}

func TestOneWhoOversleptDoesNotFreeAnothersLease(t *testing.T) {
	s := set(t, -time.Hour)
	c, now := s.stored(t), time.Now()
	first, second := now.Add(time.Second), now.Add(time.Minute)
	err := errors.Join(
		s.store.Lease(t.Context(), c, now, first),
		s.store.Lease(t.Context(), c, first.Add(time.Second), second),
		s.store.Unlease(t.Context(), c, first),
	)
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.Lease(t.Context(), c, first.Add(time.Second), second)
	if leased := (*connection.Leased)(nil); !errors.As(err, &leased) {
		t.Errorf("the second lease is gone: %v", err)
	}
	if err := s.store.Unlease(t.Context(), c, second); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Lease(t.Context(), c, first, second); err != nil {
		t.Errorf("given back, and still leased: %v", err)
	}
}

func TestEveryWordForADeadGrantEndsIt(t *testing.T) {
	for _, body := range []string{
		`{"reason":"Invalid Token!","error":"invalid_grant"}`,
		`{"reason":"Invalid Token!","error":"invalid_request"}`,
		`{"error":"interaction_required","error_description":"AADSTS50076"}`,
	} {
		s := set(t, -time.Hour)
		s.provider.fail = func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
			return true
		}
		if _, err := s.call(t.Context()); !connection.Lost(err) || s.stored(t).Status != connection.Reauthorize {
			t.Errorf("%s: %v, status %s", body, err, s.stored(t).Status)
		}
	}
}

func TestAFreshTokenThatIsRefusedEndsTheGrant(t *testing.T) {
	s := set(t, time.Hour)
	s.provider.refused = true
	if status, err := s.call(t.Context()); err != nil || status != http.StatusUnauthorized {
		t.Errorf("status %d, error %v", status, err)
	}
	if s.provider.refreshes != 1 || s.stored(t).Status != connection.Reauthorize {
		t.Errorf("%d refreshes, status %s", s.provider.refreshes, s.stored(t).Status)
	}
}

// At Zoom a new consent ends what was given before it, a pair that was just renewed
// too.
func TestAHostWhoConnectsWhileTheirGrantIsRenewedFailsNoCall(t *testing.T) {
	s := set(t, time.Hour)
	s.provider.current = 2 // what is stored is refused, and its refresh token too
	s.provider.graceful = true
	s.provider.arriving = func() {
		s.provider.current = 4
		c, err := s.keeper.Seal(t.Context(), s.stored(t), pair(4, time.Hour))
		if err == nil {
			err = s.store.Renew(t.Context(), c)
		}
		if err != nil {
			t.Error(err)
		}
	}
	status, err := s.call(t.Context())
	if err != nil || status != http.StatusOK {
		t.Errorf("status %d, error %v", status, err)
	}
	if s.provider.refreshes != 1 || s.provider.calls != 3 || s.stored(t).Status != connection.Connected {
		t.Errorf("%d refreshes, %d calls, status %s", s.provider.refreshes, s.provider.calls, s.stored(t).Status)
	}
}

func TestAnAnswerThatEndsTheGrantIsMarkedAndStillTheCallers(t *testing.T) {
	for _, test := range []struct {
		says string
		want connection.Status
	}{
		{"the scope is missing", connection.Reauthorize},
		{"the field is wrong", connection.Connected},
	} {
		s := set(t, time.Hour)
		s.provider.says = test.says
		s.keeper.Ends = map[connection.Provider]func(int, []byte) bool{
			connection.Zoom: func(status int, body []byte) bool {
				return status == http.StatusBadRequest && string(body) == "the scope is missing"
			},
		}
		client, _, err := s.keeper.Client(t.Context(), "demo", connection.Zoom)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Post(s.url+"/api", "text/plain", strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil || string(body) != test.says {
			t.Errorf("the caller read %q, error %v", body, err)
		}
		if got := s.stored(t).Status; got != test.want {
			t.Errorf("%s: status %s, want %s", test.says, got, test.want)
		}
	}
}

func TestATokenOfUnstatedLifeIsNotRenewedAtEachCall(t *testing.T) {
	s := set(t, time.Hour)
	endless := pair(1, 0)
	endless.Expiry = time.Time{}
	c, err := s.keeper.Seal(t.Context(), s.stored(t), endless)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Renew(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.mustCall(t)
	if s.provider.refreshes != 0 {
		t.Errorf("%d refreshes", s.provider.refreshes)
	}
}

func TestTokensAreUnreadableAtRestAndBoundToTheirHost(t *testing.T) {
	s := set(t, time.Hour)
	c := s.stored(t)
	if bytes.Contains(c.Sealed, []byte("access-1")) || bytes.Contains(c.Sealed, []byte("refresh-1")) {
		t.Error("a token stands in clear")
	}
	c.Host = "other"
	if err := s.store.PutConnection(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.keeper.Client(t.Context(), "other", connection.Zoom); err == nil {
		t.Error("another host's record opened the tokens")
	}
}

// stale makes the stored access token one that has ended.
func (s setting) stale(t *testing.T) {
	t.Helper()
	c := s.stored(t)
	c.ExpiresAt = time.Now().Add(-time.Hour)
	if err := s.store.Renew(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func (s setting) stored(t *testing.T) connection.Connection {
	t.Helper()
	c, err := s.store.Connection(t.Context(), "demo", connection.Zoom)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pageOf(handle string) page.Page { return page.Page{Host: handle, Slug: "intro"} }
