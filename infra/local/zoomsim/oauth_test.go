package zoomsim_test

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/connection"
	"yakusoku/shared/zoom"
)

const (
	guestHost = "someone@example.com" // an address that nobody has seeded
	callback  = "http://127.0.0.1:8080/api/oauth/zoom/callback"
)

// zoomSite is a simulator that is served, and the clock that it goes by.
type zoomSite struct {
	sim *zoomsim.Simulator
	url string
	now time.Time
}

func open(t *testing.T, c zoomsim.Config) *zoomSite {
	t.Helper()
	z := &zoomSite{now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	c.Clock = func() time.Time { return z.now }
	var err error
	if z.sim, err = zoomsim.New(c); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(z.sim.Handler())
	t.Cleanup(server.Close)
	z.url = server.URL
	return z
}

// client is our client as it is in production.
func (z *zoomSite) client() *oauth2.Config {
	c := connection.ZoomOAuth(zoomsim.DefaultClientID, zoomsim.DefaultClientSecret, z.url)
	c.RedirectURL = callback
	return c
}

// api is our client of the API with an access token.
func (z *zoomSite) api(access string) *zoom.Client {
	return &zoom.Client{HTTP: &http.Client{Transport: &bearer{access}}, Base: z.url}
}

// answer is what a browser gets.
type answer struct {
	status   int
	location *url.URL // where it is sent to; nil: nowhere
	page     string
}

// browse asks for the address, with a form if there is one, as a Japanese browser
// that follows nothing.
func browse(t *testing.T, address string, form url.Values) answer {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", "ja")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := answer{status: response.StatusCode, page: string(content)}
	if response.Header.Get("Location") != "" {
		if got.location, err = response.Location(); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// allow is the consent form with everything ticked.
func allow(user string) url.Values {
	return url.Values{"decision": {"allow"}, "user": {user}, "scope": zoomsim.DefaultScopes}
}

// code lets the user allow what the address asks for.
func code(t *testing.T, address, user string) string {
	t.Helper()
	got := browse(t, address, allow(user))
	if got.status != http.StatusFound || got.location.Query().Get("code") == "" {
		t.Fatalf("status %d, location %v", got.status, got.location)
	}
	return got.location.Query().Get("code")
}

func TestAUserConnectsAndStaysConnected(t *testing.T) {
	z := open(t, zoomsim.Config{})
	client, verifier := z.client(), oauth2.GenerateVerifier()
	address := client.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier))

	if got := browse(t, address, nil); got.status != http.StatusOK || !strings.Contains(got.page, "demo@yakusoku.example") || !strings.Contains(got.page, `name="viewport"`) {
		t.Errorf("sign-in: status %d, %s", got.status, got.page)
	}
	consent := browse(t, address, url.Values{"decision": {"continue"}, "user": {"Someone@Example.com"}})
	if consent.status != http.StatusOK || !strings.Contains(consent.page, "ミーティングの作成") || !strings.Contains(consent.page, guestHost) {
		t.Errorf("consent: status %d, %s", consent.status, consent.page)
	}
	back := browse(t, address, allow(guestHost))
	if back.status != http.StatusFound || !strings.HasPrefix(back.location.String(), callback+"?") || back.location.Query().Get("state") != "the-state" {
		t.Fatalf("status %d, location %v", back.status, back.location)
	}
	token, err := client.Exchange(t.Context(), back.location.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if token.TokenType != "bearer" || token.ExpiresIn != 3600 || token.Extra("api_url") != z.url || token.Extra("scope") != strings.Join(zoomsim.DefaultScopes, " ") {
		t.Errorf("the answer is of type %q, lives %d s, at %v, scope %v", token.TokenType, token.ExpiresIn, token.Extra("api_url"), token.Extra("scope"))
	}
	if user, err := z.api(token.AccessToken).User(t.Context()); err != nil || user.Email != guestHost {
		t.Errorf("user %+v, error %v", user, err)
	}

	z.now = z.now.Add(time.Hour)
	refused, ok := errors.AsType[*zoom.Refused](second(z.api(token.AccessToken).User(t.Context())))
	if !ok || refused.Code != 124 {
		t.Errorf("an hour later: %v", refused)
	}
	next, err := client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil || next.RefreshToken == token.RefreshToken || next.RefreshToken == "" {
		t.Fatalf("no next pair: %v", err)
	}
	if _, err := z.api(next.AccessToken).User(t.Context()); err != nil {
		t.Error(err)
	}
	wantGrant(t, z, token.RefreshToken, "invalid_grant")
	z.now = z.now.AddDate(0, 0, 90)
	wantGrant(t, z, next.RefreshToken, "invalid_grant")
}

func second[T any](_ T, err error) error { return err }

// wantGrant uses the refresh token and wants the error, or none.
func wantGrant(t *testing.T, z *zoomSite, refresh, want string) {
	t.Helper()
	_, err := z.client().TokenSource(t.Context(), &oauth2.Token{RefreshToken: refresh}).Token()
	wantOAuth(t, err, want)
}

func wantOAuth(t *testing.T, err error, want string) {
	t.Helper()
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (!ok || refused.ErrorCode != want || refused.Response.StatusCode != http.StatusBadRequest):
		t.Errorf("got %v, want 400 %s", err, want)
	}
}

func TestAnAuthorizationThatZoomWouldNotTakeLeadsNowhere(t *testing.T) {
	challenge := oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier())
	tests := []struct {
		name   string
		change func(url.Values)
		says   string
	}{
		{"with scope", func(q url.Values) { q.Set("scope", "user:read:user") }, "scope"},
		{"with an empty scope", func(q url.Values) { q.Set("scope", "") }, "scope"},
		{"with what Zoom does not know", func(q url.Values) { q.Set("prompt", "consent") }, "prompt"},
		{"with a state twice", func(q url.Values) { q.Add("state", "another") }, "state"},
		{"without a client", func(q url.Values) { q.Del("client_id") }, "4702"},
		{"of another client", func(q url.Values) { q.Set("client_id", "another") }, "4702"},
		{"without a redirect URI", func(q url.Values) { q.Del("redirect_uri") }, "4709"},
		{"with half a redirect URI", func(q url.Values) { q.Set("redirect_uri", "/api/oauth/zoom/callback") }, "4709"},
		{"with a redirect URI that is none of the web's", func(q url.Values) { q.Set("redirect_uri", "javascript://x/%0aalert(1)") }, "4709"},
		{"with a fragment in the redirect URI", func(q url.Values) { q.Set("redirect_uri", callback+"#x") }, "4709"},
		{"without a response type", func(q url.Values) { q.Del("response_type") }, "response_type"},
		{"for a token", func(q url.Values) { q.Set("response_type", "token") }, "response_type"},
		{"with a challenge of no method", func(q url.Values) { q.Del("code_challenge_method") }, "code_challenge"},
		{"with a method of no challenge", func(q url.Values) { q.Del("code_challenge") }, "code_challenge"},
		{"with a challenge in the open", func(q url.Values) { q.Set("code_challenge_method", "plain") }, "S256"},
		{"with a challenge that is no SHA-256", func(q url.Values) { q.Set("code_challenge", "short") }, "code_challenge"},
	}
	z := open(t, zoomsim.Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			query := url.Values{
				"response_type": {"code"}, "client_id": {zoomsim.DefaultClientID}, "redirect_uri": {callback}, "state": {"the-state"},
				"code_challenge": {challenge}, "code_challenge_method": {"S256"},
			}
			test.change(query)
			address := z.url + "/oauth/authorize?" + query.Encode()
			for _, form := range []url.Values{nil, allow(guestHost)} {
				got := browse(t, address, form)
				if got.status != http.StatusBadRequest || got.location != nil || !strings.Contains(got.page, test.says) {
					t.Errorf("status %d, location %v, %s", got.status, got.location, got.page)
				}
			}
		})
	}
}

func TestAClientIsAnsweredWhereItIsRegisteredAndNowhereElse(t *testing.T) {
	z := open(t, zoomsim.Config{RedirectURIs: []string{"https://book.example.com/api/oauth/zoom/callback", callback}})
	for uri, want := range map[string]int{
		callback: http.StatusOK,
		"https://book.example.com/api/oauth/zoom/callback": http.StatusOK,
		callback + "/":      http.StatusBadRequest,
		callback + "?next=": http.StatusBadRequest,
		"http://localhost:8080/api/oauth/zoom/callback":    http.StatusBadRequest,
		"https://BOOK.example.com/api/oauth/zoom/callback": http.StatusBadRequest,
		"https://evil.example.com/api/oauth/zoom/callback": http.StatusBadRequest,
	} {
		client := z.client()
		client.RedirectURL = uri
		if got := browse(t, client.AuthCodeURL("s"), nil); got.status != want {
			t.Errorf("%s: status %d, want %d", uri, got.status, want)
		}
	}
}

func TestWhoDeclinesIsSentBackWithThat(t *testing.T) {
	z := open(t, zoomsim.Config{})
	got := browse(t, z.client().AuthCodeURL("the-state"), url.Values{"decision": {"decline"}, "user": {guestHost}})
	want := url.Values{"error": {"access_denied"}, "state": {"the-state"}}
	if got.location == nil || !cmp.Equal(want, got.location.Query()) {
		t.Errorf("sent to %v", got.location)
	}
}

func TestWhoIsNobodyIsAskedAgain(t *testing.T) {
	z := open(t, zoomsim.Config{})
	for _, user := range []string{"", "nobody", "a@b c"} {
		if got := browse(t, z.client().AuthCodeURL("s"), allow(user)); got.status != http.StatusBadRequest || got.location != nil || !strings.Contains(got.page, "サインイン") {
			t.Errorf("%q: status %d, location %v", user, got.status, got.location)
		}
	}
}

func TestAnAccountWhoseAdminHasNotApprovedLeadsNowhereUntilTheyHave(t *testing.T) {
	const user = "unapproved@yakusoku.example"
	z := open(t, zoomsim.Config{})
	address := z.client().AuthCodeURL("s")
	wait := func(decision, says string) {
		t.Helper()
		got := browse(t, address, url.Values{"decision": {decision}, "user": {user}, "scope": zoomsim.DefaultScopes})
		if got.location != nil || !strings.Contains(got.page, "アプリを承認できません") || !strings.Contains(got.page, says) {
			t.Errorf("%s: location %v, %s", decision, got.location, got.page)
		}
	}
	wait("continue", "事前に承認をとるためのリクエスト")
	wait("allow", "事前に承認をとるためのリクエスト")
	wait("decline", "事前に承認をとるためのリクエスト")
	wait("request", "リクエスト済み")
	wait("continue", "リクエスト済み")
	if home := browse(t, z.url+"/", nil); !strings.Contains(home.page, `value="approve"`) {
		t.Error("the request does not reach the admin")
	}
	if got := browse(t, z.url+"/", url.Values{"action": {"approve"}, "user": {user}}); got.status != http.StatusSeeOther {
		t.Fatalf("approval: status %d, %s", got.status, got.page)
	}
	code(t, address, user)
}

func TestWhoIsInactiveCannotSignIn(t *testing.T) {
	z := open(t, zoomsim.Config{})
	for _, decision := range []string{"continue", "allow", "decline", "request"} {
		got := browse(t, z.client().AuthCodeURL("s"), url.Values{"decision": {decision}, "user": {"inactive@yakusoku.example"}})
		if got.status != http.StatusForbidden || got.location != nil {
			t.Errorf("%s: status %d, location %v", decision, got.status, got.location)
		}
	}
}

var addURI = regexp.MustCompile(`name="redirect_uri" value="([^"]*)"`)

func TestFromTheMarketplaceACodeComesWithoutState(t *testing.T) {
	z := open(t, zoomsim.Config{})
	browse(t, z.client().AuthCodeURL("s"), nil) // who has named its redirect URI
	found := addURI.FindStringSubmatch(browse(t, z.url+"/", nil).page)
	if found == nil || html.UnescapeString(found[1]) != callback {
		t.Fatalf("the page would lead to %v", found)
	}
	address := z.url + "/oauth/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {zoomsim.DefaultClientID}, "redirect_uri": {callback},
	}.Encode()
	back := browse(t, address, allow(guestHost)).location.Query()
	if back.Get("code") == "" || len(back) != 1 {
		t.Errorf("sent back with %v", back)
	}
}

func TestWhatIsUntickedIsNotAllowed(t *testing.T) {
	z := open(t, zoomsim.Config{})
	back := browse(t, z.client().AuthCodeURL("s"), url.Values{
		"decision": {"allow"}, "user": {guestHost}, "scope": {"meeting:read:meeting", "made:up:scope"},
	})
	token, err := z.client().Exchange(t.Context(), back.location.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("user:read:user meeting:write:meeting meeting:read:meeting", token.Extra("scope")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	client := z.api(token.AccessToken)
	made, err := client.Create(t.Context(), zoom.NewMeeting{Topic: "a", Start: z.now.AddDate(0, 0, 1), DurationMinutes: 30})
	if err != nil {
		t.Fatal(err)
	}
	if refused, ok := errors.AsType[*zoom.Refused](client.Delete(t.Context(), made.ID)); !ok || !refused.ScopeMissing() || refused.Status != 400 {
		t.Errorf("deleted without the scope: %v", refused)
	}
	next, err := z.client().TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil || next.Extra("scope") != token.Extra("scope") {
		t.Errorf("refreshed to scope %v, error %v", next.Extra("scope"), err)
	}
}

// post makes a call to the token endpoints, and returns the error that it names.
func (z *zoomSite) post(t *testing.T, path string, form url.Values, change func(*http.Request)) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, z.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(zoomsim.DefaultClientID, zoomsim.DefaultClientSecret)
	if change != nil {
		change(request)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var said struct{ Error, Reason string }
	read(t, response.Body, &said)
	if (response.StatusCode == http.StatusOK) != (said.Error == "") || said.Error != "" && (said.Reason == "" || response.StatusCode != http.StatusBadRequest) {
		t.Errorf("status %d, %+v", response.StatusCode, said)
	}
	return said.Error
}

func TestACodeIsExchangedOnceAndOnlyByWhomItWasMadeFor(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*http.Request)
		form    func(url.Values)
		late    time.Duration
		want    string
		thereby string // the error of a right exchange afterwards
	}{
		{name: "as it should be", thereby: "invalid_grant"},
		{name: "just in time", late: 5*time.Minute - time.Second, thereby: "invalid_grant"},
		{name: "too late", late: 5 * time.Minute, want: "invalid_grant", thereby: "invalid_grant"},
		{name: "a code that nobody gave", form: func(f url.Values) { f.Set("code", "made-up") }, want: "invalid_grant"},
		{name: "no code", form: func(f url.Values) { f.Del("code") }, want: "invalid_request"},
		{name: "another verifier", form: func(f url.Values) { f.Set("code_verifier", oauth2.GenerateVerifier()) }, want: "invalid_grant", thereby: "invalid_grant"},
		{name: "no verifier", form: func(f url.Values) { f.Del("code_verifier") }, want: "invalid_grant", thereby: "invalid_grant"},
		{name: "another redirect URI", form: func(f url.Values) { f.Set("redirect_uri", callback+"/") }, want: "invalid_request", thereby: "invalid_grant"},
		{name: "a redirect URI in other letters", form: func(f url.Values) { f.Set("redirect_uri", strings.Replace(callback, "http", "HTTP", 1)) }, want: "invalid_request", thereby: "invalid_grant"},
		{name: "no redirect URI", form: func(f url.Values) { f.Del("redirect_uri") }, want: "invalid_request"},
		{name: "no grant type", form: func(f url.Values) { f.Del("grant_type") }, want: "unsupported_grant_type"},
		{name: "another grant type", form: func(f url.Values) { f.Set("grant_type", "password") }, want: "unsupported_grant_type"},
		{name: "a code twice", form: func(f url.Values) { f.Add("code", "made-up") }, want: "invalid_request"},
		{name: "more than it takes", form: func(f url.Values) { f.Set("scope", "user:read:user") }, want: "invalid_request"},
		{name: "parameters in the address", change: func(r *http.Request) { r.URL.RawQuery = "grant_type=authorization_code" }, want: "invalid_request"},
		{name: "another secret", change: func(r *http.Request) { r.SetBasicAuth(zoomsim.DefaultClientID, "wrong") }, want: "invalid_client"},
		{name: "another client", change: func(r *http.Request) { r.SetBasicAuth("wrong", zoomsim.DefaultClientSecret) }, want: "invalid_client"},
		{name: "no client", change: func(r *http.Request) { r.Header.Del("Authorization") }, want: "invalid_client"},
		{name: "a client in the body", change: func(r *http.Request) { r.Header.Del("Authorization") },
			form: func(f url.Values) {
				f.Set("client_id", zoomsim.DefaultClientID)
				f.Set("client_secret", zoomsim.DefaultClientSecret)
			}, want: "invalid_client"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			z := open(t, zoomsim.Config{})
			verifier := oauth2.GenerateVerifier()
			form := url.Values{
				"grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code_verifier": {verifier},
				"code": {code(t, z.client().AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), guestHost)},
			}
			right := url.Values{}
			for name, values := range form {
				right[name] = append([]string{}, values...)
			}
			if test.form != nil {
				test.form(form)
			}
			z.now = z.now.Add(test.late)
			if got := z.post(t, "/oauth/token", form, test.change); got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
			if got := z.post(t, "/oauth/token", right, nil); got != test.thereby {
				t.Errorf("a right exchange afterwards: error %q, want %q", got, test.thereby)
			}
		})
	}
}

func TestAVerifierNeedsItsChallenge(t *testing.T) {
	z := open(t, zoomsim.Config{})
	given := code(t, z.client().AuthCodeURL("s"), guestHost)
	_, err := z.client().Exchange(t.Context(), given, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantOAuth(t, err, "invalid_grant")
}

// connect goes the whole way of a user.
func (z *zoomSite) connect(t *testing.T, user string) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	given := code(t, z.client().AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), user)
	token, err := z.client().Exchange(t.Context(), given, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (z *zoomSite) wantCall(t *testing.T, access string, status, code int) {
	t.Helper()
	_, err := z.api(access).User(t.Context())
	if code == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if refused, ok := errors.AsType[*zoom.Refused](err); !ok || refused.Status != status || refused.Code != code {
		t.Errorf("got %v, want %d code %d", err, status, code)
	}
}

func TestOneUserHasOneLiveGrant(t *testing.T) {
	z := open(t, zoomsim.Config{})
	other := z.connect(t, "other@example.com")
	first := z.connect(t, guestHost)
	renewed, err := z.client().TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
	if err != nil {
		t.Fatal(err)
	}
	second := z.connect(t, guestHost)
	z.wantCall(t, first.AccessToken, http.StatusUnauthorized, 4741)
	z.wantCall(t, renewed.AccessToken, http.StatusUnauthorized, 4741)
	z.wantCall(t, second.AccessToken, 0, 0)
	z.wantCall(t, other.AccessToken, 0, 0)
	wantGrant(t, z, renewed.RefreshToken, "invalid_grant")

	// Who disconnects with a token that was replaced does not end its successor.
	if got := z.post(t, "/oauth/revoke", url.Values{"token": {renewed.AccessToken}}, nil); got != "invalid_grant" {
		t.Errorf("a replaced token is revoked: %q", got)
	}
	z.wantCall(t, second.AccessToken, 0, 0)
	wantGrant(t, z, second.RefreshToken, "")
	wantGrant(t, z, other.RefreshToken, "")
}

func TestARevokedGrantIsDead(t *testing.T) {
	z := open(t, zoomsim.Config{})
	other, token := z.connect(t, "other@example.com"), z.connect(t, guestHost)
	revoke := url.Values{"token": {token.AccessToken}}
	for name, test := range map[string]struct {
		form   url.Values
		change func(*http.Request)
		want   string
	}{
		"another secret":       {revoke, func(r *http.Request) { r.SetBasicAuth(zoomsim.DefaultClientID, "wrong") }, "invalid_client"},
		"in the address":       {url.Values{}, func(r *http.Request) { r.URL.RawQuery = revoke.Encode() }, "invalid_request"},
		"nothing":              {url.Values{}, nil, "invalid_request"},
		"the refresh token":    {url.Values{"token": {token.RefreshToken}}, nil, "invalid_grant"},
		"a token of no grant":  {url.Values{"token": {"made-up"}}, nil, "invalid_grant"},
		"more than is allowed": {url.Values{"token": {token.AccessToken}, "token_type_hint": {"access_token"}}, nil, "invalid_request"},
	} {
		if got := z.post(t, "/oauth/revoke", test.form, test.change); got != test.want {
			t.Errorf("%s: error %q, want %q", name, got, test.want)
		}
	}
	z.wantCall(t, token.AccessToken, 0, 0)
	for range 2 {
		if err := zoom.Revoke(t.Context(), http.DefaultClient, z.url, zoomsim.DefaultClientID, zoomsim.DefaultClientSecret, token.AccessToken); err != nil {
			t.Error(err)
		}
	}
	z.wantCall(t, token.AccessToken, http.StatusUnauthorized, 124)
	wantGrant(t, z, token.RefreshToken, "invalid_grant")
	z.wantCall(t, other.AccessToken, 0, 0)
	wantGrant(t, z, other.RefreshToken, "")

	err := zoom.Revoke(t.Context(), http.DefaultClient, z.url, zoomsim.DefaultClientID, "wrong", other.AccessToken)
	if _, ok := errors.AsType[*zoom.Refused](err); !ok {
		t.Errorf("with another secret: %v", err)
	}
}

func TestAUserWhoIsDeactivatedLosesTheirGrant(t *testing.T) {
	z := open(t, zoomsim.Config{})
	token, inactive := z.connect(t, guestHost), zoomsim.Inactive
	pending := code(t, z.client().AuthCodeURL("s"), guestHost)
	if _, err := z.sim.ChangeUser(zoomsim.UserChange{User: guestHost, Status: &inactive}); err != nil {
		t.Fatal(err)
	}
	z.wantCall(t, token.AccessToken, http.StatusNotFound, 1001)
	wantGrant(t, z, token.RefreshToken, "invalid_grant")
	wantOAuth(t, second(z.client().Exchange(t.Context(), pending)), "invalid_grant")
}

func TestAccountsAndGrantsOutliveTheSimulator(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zoom.jsonl")
	start := func() (*zoomSite, *journal.Journal) {
		j, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return open(t, zoomsim.Config{State: j}), j
	}
	z, state := start()
	replaced := z.connect(t, guestHost)
	token := z.connect(t, guestHost)
	yes, basic := true, zoomsim.Basic
	for _, change := range []zoomsim.UserChange{
		{User: guestHost, Type: &basic},
		{User: "unapproved@yakusoku.example", Approved: &yes},
	} {
		if _, err := z.sim.ChangeUser(change); err != nil {
			t.Fatal(err)
		}
	}
	before, page := z.sim.State(), addURI.FindString(browse(t, z.url+"/", nil).page)
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	z, _ = start()
	if diff := cmp.Diff(before, z.sim.State()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if after := addURI.FindString(browse(t, z.url+"/", nil).page); after != page {
		t.Errorf("Add led to %s, now to %s", page, after)
	}
	z.wantCall(t, token.AccessToken, 0, 0)
	z.wantCall(t, replaced.AccessToken, http.StatusUnauthorized, 4741)
	wantGrant(t, z, replaced.RefreshToken, "invalid_grant")
	wantGrant(t, z, token.RefreshToken, "")
}

// A local run that was there before users had plans finds them licensed.
func TestAnOlderJournalIsReadAsItWasMeant(t *testing.T) {
	state, err := journal.Open(filepath.Join(t.TempDir(), "zoom.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]any{
		"user/" + guestHost: map[string]any{"id": "OLD", "email": guestHost},
		"grant/refresh.1":   map[string]any{"refreshToken": "refresh.1", "user": guestHost, "scopes": zoomsim.DefaultScopes},
	} {
		if err := state.Put(key, value); err != nil {
			t.Fatal(err)
		}
	}
	z := open(t, zoomsim.Config{State: state})
	token, err := z.client().TokenSource(t.Context(), &oauth2.Token{RefreshToken: "refresh.1"}).Token()
	if err != nil {
		t.Fatal(err)
	}
	user, err := z.api(token.AccessToken).User(t.Context())
	if err != nil || user.ID != "OLD" || user.Type != zoom.Licensed || !user.Active() || user.AccountID == "" {
		t.Errorf("user %+v, error %v", user, err)
	}
}
