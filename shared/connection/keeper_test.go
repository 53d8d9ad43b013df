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
	refused   bool // whatever token the API is shown
	bodies    []string
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == "/api" {
		body, _ := io.ReadAll(r.Body)
		if p.refused || r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", p.current) {
			w.WriteHeader(http.StatusUnauthorized)
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
	if r.FormValue("refresh_token") != fmt.Sprintf("refresh-%d", p.current) {
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
	if status, err := s.call(t.Context()); err != nil || status != http.StatusOK {
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
	s := set(t, -time.Hour)
	now := time.Now()
	s.keeper.Now = func() time.Time { return now }
	dying := *s.keeper
	dying.Ledger = crash{s.store}
	if _, _, err := dying.Client(t.Context(), "demo", connection.Zoom); err == nil {
		t.Fatal("a pair that was not stored was handed out")
	}
	now = now.Add(time.Minute) // the dead process's lease has ended
	_, err := s.call(t.Context())
	if dead := (*connection.Dead)(nil); !errors.As(err, &dead) || s.stored(t).Status != connection.Reauthorize {
		t.Errorf("got %v, status %s: want the host to be asked to connect again", err, s.stored(t).Status)
	}
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

func (s setting) stored(t *testing.T) connection.Connection {
	t.Helper()
	c, err := s.store.Connection(t.Context(), "demo", connection.Zoom)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pageOf(handle string) page.Page { return page.Page{Host: handle, Slug: "intro"} }
