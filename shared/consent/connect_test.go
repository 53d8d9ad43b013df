package consent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/connection"
	"yakusoku/shared/consent"
	"yakusoku/shared/host"
	"yakusoku/shared/metric"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
	"yakusoku/shared/vault"
	"yakusoku/shared/zoom"
)

const origin = "http://127.0.0.1:8080"

// scene is a connector over a real table and the providers' simulators.
type scene struct {
	*connection.Connector
	store *store.Store
	zoom  *zoomsim.Simulator
	now   time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{store: storetest.New(t), now: time.Now()}
	clock := func() time.Time { return s.now }
	var err error
	s.zoom, err = zoomsim.New(zoomsim.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	google, err := googlesim.New(googlesim.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	zoomURL, googleURL := serve(t, s.zoom.Handler()), serve(t, google.Handler())
	zoomClient := consent.Zoom{ClientID: zoomsim.DefaultClientID, Secret: zoomsim.DefaultClientSecret, AuthBase: zoomURL, APIBase: zoomURL}
	s.Connector = &connection.Connector{
		Links: s.store, Origin: origin,
		Services: map[connection.Provider]connection.Service{
			connection.Zoom:   zoomClient,
			connection.Google: consent.Google{ClientID: googlesim.DefaultClientID, TokenBase: googleURL},
		},
		Keeper: &connection.Keeper{
			Ledger: s.store, Vault: openVault(t), Now: clock, HTTP: &http.Client{Timeout: 5 * time.Second},
			OAuth: map[connection.Provider]*oauth2.Config{
				connection.Zoom:   connection.ZoomOAuth(zoomClient.ClientID, zoomClient.Secret, zoomURL),
				connection.Google: connection.GoogleOAuth(googlesim.DefaultClientID, googlesim.DefaultClientSecret, googleURL, googleURL),
			},
		},
	}
	for _, handle := range []string{"hanako", "jiro"} {
		h := host.Host{Handle: handle, Subject: handle, Name: handle, Connected: map[string]bool{}}
		if err := s.store.OpenHost(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func openVault(t *testing.T) *vault.Vault {
	t.Helper()
	key, err := vault.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), "file://"+file, aws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// decide answers the provider's consent page, and is where it leads back to.
func decide(t *testing.T, address string, form url.Values) url.Values {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("status %d leads nowhere", res.StatusCode)
	}
	if want := origin + connection.CallbackPath(providerOf(address)); back.Scheme+"://"+back.Host+back.Path != want {
		t.Fatalf("sent back to %s, not to %s", back, want)
	}
	return back.Query()
}

func providerOf(address string) connection.Provider {
	if strings.Contains(address, "/o/oauth2/") {
		return connection.Google
	}
	return connection.Zoom
}

func allow(user string, scopes ...string) url.Values {
	if scopes == nil {
		scopes = slices.Concat(zoomsim.DefaultScopes, googlesim.DefaultScopes)
	}
	return url.Values{"decision": {"allow"}, "user": {user}, "scope": scopes}
}

// begin starts an attempt in a browser of that cookie, or a new one.
func (s *scene) begin(t *testing.T, handle string, p connection.Provider, cookie string) (address, browser string) {
	t.Helper()
	address, browser, err := s.Begin(t.Context(), handle, p, cookie)
	if err != nil {
		t.Fatal(err)
	}
	return address, browser
}

func callback(p connection.Provider, q url.Values, browser string) connection.Callback {
	return connection.Callback{Provider: p, State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Browser: browser}
}

// connect goes the whole way.
func (s *scene) connect(t *testing.T, handle string, p connection.Provider, form url.Values) (connection.Connection, error) {
	t.Helper()
	address, browser := s.begin(t, handle, p, "")
	return s.Finish(t.Context(), callback(p, decide(t, address, form), browser))
}

func (s *scene) mustConnect(t *testing.T, handle string, p connection.Provider, user string) connection.Connection {
	t.Helper()
	c, err := s.connect(t, handle, p, allow(user))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantRefused(t *testing.T, err error, want connection.Refusal) {
	t.Helper()
	refused, ok := errors.AsType[*connection.Refused](err)
	if !ok || refused.Why != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// works asks Zoom for the user with the host's grant.
func (s *scene) works(t *testing.T, handle string) error {
	t.Helper()
	client, c, err := s.Keeper.Client(t.Context(), handle, connection.Zoom)
	if err != nil {
		return err
	}
	user, err := (&zoom.Client{HTTP: client, Base: c.APIBase}).User(t.Context())
	if err == nil && user.ID != c.Account.ID {
		return fmt.Errorf("the grant is %s's", user.Email)
	}
	return err
}

func TestAHostConnectsDisconnectsAndConnectsAgain(t *testing.T) {
	for p, user := range map[connection.Provider]string{connection.Zoom: "hanako@example.com", connection.Google: "hanako@example.com"} {
		t.Run(string(p), func(t *testing.T) {
			s := newScene(t)
			for range 2 {
				c := s.mustConnect(t, "hanako", p, user)
				if c.Account.Email != user || c.Account.ID == "" || len(c.Warnings) != 0 {
					t.Errorf("account %+v, warnings %v", c.Account, c.Warnings)
				}
				client, _, err := s.Keeper.Client(t.Context(), "hanako", p)
				if err != nil || client == nil {
					t.Errorf("no client: %v", err)
				}
				h, err := s.store.Host(t.Context(), "hanako")
				if diff := cmp.Diff(map[string]bool{string(p): true}, h.Connected); err != nil || diff != "" {
					t.Errorf("%v; the host's record (-want +got):\n%s", err, diff)
				}
				for range 2 { // disconnecting twice is quiet
					if err := s.Disconnect(t.Context(), "hanako", p); err != nil {
						t.Fatal(err)
					}
				}
				if _, _, err := s.Keeper.Client(t.Context(), "hanako", p); !connection.Lost(err) {
					t.Errorf("after: %v", err)
				}
				if h, err = s.store.Host(t.Context(), "hanako"); err != nil || len(h.Connected) != 0 {
					t.Errorf("%v; the host's record lists %v", err, h.Connected)
				}
			}
			for _, u := range s.zoom.State().Users {
				if u.Connected {
					t.Errorf("Zoom holds a grant of %s", u.User)
				}
			}
		})
	}
}

func TestEveryRefusalHasItsWord(t *testing.T) {
	without := func(scope string) []string {
		return slices.DeleteFunc(slices.Concat(zoomsim.DefaultScopes, googlesim.DefaultScopes), func(s string) bool { return s == scope })
	}
	for name, c := range map[string]struct {
		provider connection.Provider
		form     url.Values
		want     connection.Refusal
	}{
		"the free plan":         {connection.Zoom, allow("basic@yakusoku.example"), connection.PlanUnsupported},
		"no licence":            {connection.Zoom, allow("unlicensed@yakusoku.example"), connection.PlanUnsupported},
		"declined at Zoom":      {connection.Zoom, url.Values{"decision": {"decline"}, "user": {"a@example.com"}}, connection.AccessDenied},
		"declined at Google":    {connection.Google, url.Values{"decision": {"deny"}, "user": {"a@example.com"}}, connection.AccessDenied},
		"no deleting at Zoom":   {connection.Zoom, allow("a@example.com", without("meeting:delete:meeting")...), connection.ScopeMissing},
		"no calendars unticked": {connection.Google, allow("a@example.com", without("https://www.googleapis.com/auth/calendar.events.owned")...), connection.ScopeMissing},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			_, err := s.connect(t, "hanako", c.provider, c.form)
			wantRefused(t, err, c.want)
			linked, err := s.store.Connections(t.Context(), "hanako")
			if err != nil || len(linked) != 0 {
				t.Errorf("%v; connected: %v", err, linked)
			}
			for _, u := range s.zoom.State().Users {
				if u.Connected {
					t.Errorf("Zoom holds a grant of %s", u.User)
				}
			}
		})
	}
}

func TestABasicAccountIsTakenWhereTheDeploymentAllowsIt(t *testing.T) {
	s := newScene(t)
	service := s.Services[connection.Zoom].(consent.Zoom)
	service.AllowBasic = true
	s.Services[connection.Zoom] = service
	c := s.mustConnect(t, "hanako", connection.Zoom, "basic@yakusoku.example")
	if diff := cmp.Diff([]string{consent.BasicPlan}, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestSummariesThatStartByThemselvesAreNoticed(t *testing.T) {
	s := newScene(t)
	c := s.mustConnect(t, "hanako", connection.Zoom, "summary@yakusoku.example")
	if diff := cmp.Diff([]string{consent.AutoSummary}, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// Zoom keeps one live grant a user: the second host's authorization ends the
// first host's tokens, whose guests must not notice.
func TestOfTwoHostsWithOneZoomAccountTheFirstKeepsItAndWorksOn(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "shared@example.com")
	_, err := s.connect(t, "jiro", connection.Zoom, allow("shared@example.com"))
	wantRefused(t, err, connection.AccountInUse)
	if err := s.works(t, "hanako"); err != nil {
		t.Errorf("the first host: %v", err)
	}
	s.now = s.now.Add(2 * time.Hour) // a refresh later, too
	if err := s.works(t, "hanako"); err != nil {
		t.Errorf("the first host, refreshed: %v", err)
	}
	if _, _, err := s.Keeper.Client(t.Context(), "jiro", connection.Zoom); !connection.Lost(err) {
		t.Errorf("the second host: %v", err)
	}
	if err := s.Disconnect(t.Context(), "hanako", connection.Zoom); err != nil {
		t.Fatal(err)
	}
	s.mustConnect(t, "jiro", connection.Zoom, "shared@example.com")
	if err := s.works(t, "jiro"); err != nil {
		t.Errorf("the second host, once the first had let go: %v", err)
	}
}

// Who lost the account's consent does not get the next one.
func TestAZoomAccountWhoseHostLostItsGrantIsTheNextOnes(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "shared@example.com")
	if _, err := s.zoom.EndGrant("shared@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Fatalf("with a grant that ended: %v", err)
	}
	s.mustConnect(t, "jiro", connection.Zoom, "shared@example.com")
	if err := s.works(t, "jiro"); err != nil {
		t.Errorf("the second host: %v", err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Errorf("the first host: %v", err)
	}
	_, err := s.connect(t, "hanako", connection.Zoom, allow("shared@example.com"))
	wantRefused(t, err, connection.AccountInUse)
}

func TestAConsentThatEndsAnothersGrantIsToldToThem(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "shared@example.com")
	scopes := slices.DeleteFunc(slices.Clone(zoomsim.DefaultScopes), func(scope string) bool { return scope == "meeting:delete:meeting" })
	_, err := s.connect(t, "jiro", connection.Zoom, allow("shared@example.com", scopes...))
	wantRefused(t, err, connection.ScopeMissing)
	c, err := s.store.Connection(t.Context(), "hanako", connection.Zoom)
	if err != nil || c.Status != connection.Reauthorize {
		t.Errorf("the first host: %s, %v", c.Status, err)
	}
	if s.granted(t, "shared@example.com") {
		t.Error("a grant that nobody has lives on at Zoom")
	}
}

func TestAHostWhoIsLeavingConnectsNothing(t *testing.T) {
	s := newScene(t)
	address, browser := s.begin(t, "hanako", connection.Zoom, "")
	if err := s.store.ShutHost(t.Context(), "hanako", s.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Finish(t.Context(), callback(connection.Zoom, decide(t, address, allow("hanako@example.com")), browser))
	if _, unknown := errors.AsType[*host.Unknown](err); !unknown {
		t.Errorf("got %v, want Unknown", err)
	}
	if s.granted(t, "hanako@example.com") {
		t.Error("a grant that nobody has lives on at Zoom")
	}
	if owner, err := s.store.Owner(t.Context(), connection.Zoom, s.zoom.State().Users[0].ID); owner != "" || err != nil {
		t.Errorf("the account is locked to %q, %v", owner, err)
	}
}

func TestAHostMayChangeToAnotherZoomAccount(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "first@example.com")
	s.mustConnect(t, "hanako", connection.Zoom, "second@example.com")
	if err := s.works(t, "hanako"); err != nil {
		t.Error(err)
	}
	if s.granted(t, "first@example.com") {
		t.Error("the first account's grant lives on at Zoom")
	}
	s.mustConnect(t, "jiro", connection.Zoom, "first@example.com") // it was let go
}

// granted reports whether Zoom holds a grant of that user's for us.
func (s *scene) granted(t *testing.T, email string) bool {
	t.Helper()
	for _, u := range s.zoom.State().Users {
		if u.User == email {
			return u.Connected
		}
	}
	t.Fatalf("Zoom knows nobody at %s", email)
	return false
}

func TestARefreshOfAFormerConnectionDoesNotMeetItsSuccessor(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "first@example.com")
	former, err := s.store.Connection(t.Context(), "hanako", connection.Zoom)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Disconnect(t.Context(), "hanako", connection.Zoom); err != nil {
		t.Fatal(err)
	}
	s.mustConnect(t, "hanako", connection.Zoom, "second@example.com")
	err = s.store.Renew(t.Context(), former)
	if _, stale := errors.AsType[*connection.Stale](err); !stale {
		t.Errorf("got %v, want Stale", err)
	}
	if err := s.works(t, "hanako"); err != nil {
		t.Error(err)
	}
}

func TestAnAttemptIsUsedOnceInItsBrowserAndInTime(t *testing.T) {
	type attempt struct {
		s       *scene
		back    url.Values
		browser string
	}
	for name, c := range map[string]struct {
		finish func(t *testing.T, a attempt) error
		want   connection.Refusal
	}{
		"replayed": {func(t *testing.T, a attempt) error {
			if _, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser)); err != nil {
				t.Fatal(err)
			}
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser))
			return err
		}, connection.StateInvalid},
		"in another browser": {func(t *testing.T, a attempt) error {
			_, other := a.s.begin(t, "jiro", connection.Zoom, "")
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, other))
			return err
		}, connection.StateInvalid},
		"without its cookie": {func(t *testing.T, a attempt) error {
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, ""))
			return err
		}, connection.StateInvalid},
		"at another provider's address": {func(t *testing.T, a attempt) error {
			_, err := a.s.Finish(t.Context(), callback(connection.Google, a.back, a.browser))
			return err
		}, connection.StateInvalid},
		"with a state of nobody's": {func(t *testing.T, a attempt) error {
			a.back.Set("state", "made up")
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser))
			return err
		}, connection.StateInvalid},
		"begun at the Marketplace": {func(t *testing.T, a attempt) error {
			a.back.Del("state")
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser))
			return err
		}, connection.StateMissing},
		"too late": {func(t *testing.T, a attempt) error {
			a.s.now = a.s.now.Add(10 * time.Minute)
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser))
			return err
		}, connection.StateExpired},
		"with a code of nobody's": {func(t *testing.T, a attempt) error {
			a.back.Set("code", "made up")
			_, err := a.s.Finish(t.Context(), callback(connection.Zoom, a.back, a.browser))
			return err
		}, connection.ExchangeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			address, browser := s.begin(t, "hanako", connection.Zoom, "")
			wantRefused(t, c.finish(t, attempt{s, decide(t, address, allow("a@example.com")), browser}), c.want)
		})
	}
}

func TestTwoTabsOfOneBrowserMayBothConnect(t *testing.T) {
	s := newScene(t)
	first, browser := s.begin(t, "hanako", connection.Zoom, "")
	second, same := s.begin(t, "hanako", connection.Google, browser)
	if browser != same {
		t.Errorf("the second tab's cookie took the first one's place")
	}
	for _, address := range []string{first, second} {
		p := providerOf(address)
		if _, err := s.Finish(t.Context(), callback(p, decide(t, address, allow("a@example.com")), same)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestZoomIsAskedWithPKCEAndWithoutScopes(t *testing.T) {
	s := newScene(t)
	address, _ := s.begin(t, "hanako", connection.Zoom, "")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Has("scope") {
		t.Errorf("the address asks for %v", q)
	}
}

// told is a post that keeps whom it mailed.
type told []string

func (p *told) Lapsed(_ context.Context, h host.Host, c connection.Connection) error {
	*p = append(*p, h.Handle+" of "+string(c.Provider)+" at "+c.Account.Email)
	return nil
}

// full takes no mail.
type full struct{ told }

func (p *full) Lapsed(ctx context.Context, h host.Host, c connection.Connection) error {
	return errors.Join(p.told.Lapsed(ctx, h, c), &connection.Undeliverable{Err: errors.New("no such mailbox")})
}

func TestAHostWhoTakesNoMailIsTriedOnce(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "hanako@example.com")
	if _, err := s.zoom.EndGrant("hanako@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Fatalf("with a grant that ended: %v", err)
	}
	var mails full
	for range 3 {
		if err := (&connection.Notices{Lapses: s.store, Post: &mails}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(mails.told) != 1 {
		t.Errorf("tried: %v", mails.told)
	}
}

func TestAHostIsToldOnceOfADeadGrantAndMayConnectAgain(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, "hanako@example.com")
	if _, err := s.zoom.EndGrant("hanako@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Fatalf("with a grant that ended: %v", err)
	}
	c, err := s.store.Connection(t.Context(), "hanako", connection.Zoom)
	h, errHost := s.store.Host(t.Context(), "hanako")
	if err := errors.Join(err, errHost); err != nil || c.Status != connection.Reauthorize || h.Connected["zoom"] {
		t.Fatalf("%v; connection %s, listed %v", err, c.Status, h.Connected)
	}
	var mails told
	for range 3 {
		if err := (&connection.Notices{Lapses: s.store, Post: &mails}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(told{"hanako of zoom at hanako@example.com"}, mails); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	s.mustConnect(t, "hanako", connection.Zoom, "hanako@example.com")
	if err := s.works(t, "hanako"); err != nil {
		t.Errorf("connected again: %v", err)
	}
}

func TestTheStatesThatAConnectionComesToAreCounted(t *testing.T) {
	s := newScene(t)
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	metric.Start("Yakusoku/test")
	t.Cleanup(func() {
		slog.SetDefault(before)
		metric.Start("")
	})
	for range 2 { // connecting once more changes nothing
		s.mustConnect(t, "hanako", connection.Zoom, "hanako@example.com")
	}
	if _, err := s.zoom.EndGrant("hanako@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Fatalf("with a grant that ended: %v", err)
	}
	s.mustConnect(t, "hanako", connection.Zoom, "hanako@example.com")
	for range 2 { // and so does disconnecting
		if err := s.Disconnect(t.Context(), "hanako", connection.Zoom); err != nil {
			t.Fatal(err)
		}
	}
	var states []string
	for line := range bytes.Lines(log.Bytes()) {
		var said struct {
			State       string
			Connections int
		}
		if err := json.Unmarshal(line, &said); err != nil {
			t.Fatal(err)
		}
		if said.Connections == 1 {
			states = append(states, said.State)
		}
	}
	if diff := cmp.Diff([]string{"connected", "reauthorize", "connected", "disconnected"}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
