package googlesim_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/googlesim"
)

// client is our client as golang.org/x/oauth2 makes it for Google.
func (g google) client() *oauth2.Config {
	return &oauth2.Config{
		ClientID:     googlesim.DefaultClientID,
		ClientSecret: googlesim.DefaultClientSecret,
		RedirectURL:  "http://127.0.0.1:8080/api/oauth/google/callback",
		Scopes:       googlesim.DefaultScopes,
		Endpoint: oauth2.Endpoint{
			AuthURL:   g.server.URL + "/o/oauth2/v2/auth",
			TokenURL:  g.server.URL + "/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// decide answers the consent page at address and returns where it leads back to.
func decide(t *testing.T, address string, form url.Values) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusFound {
		t.Fatalf("status %d, want 302", response.StatusCode)
	}
	back, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	return back.Query()
}

// allow ticks all of our scopes.
func allow() url.Values {
	return url.Values{"decision": {"allow"}, "user": {host}, "scope": googlesim.DefaultScopes}
}

func TestAUserConnectsAndStaysConnected(t *testing.T) {
	g := start(t, nil)
	client := g.client()
	verifier := oauth2.GenerateVerifier()
	address := client.AuthCodeURL("the-state", oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent"), oauth2.S256ChallengeOption(verifier))
	back := decide(t, address, allow())
	if back.Get("state") != "the-state" {
		t.Errorf("state %q came back", back.Get("state"))
	}

	token, err := client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	wantScope := strings.Replace(strings.Join(googlesim.DefaultScopes, " "), "email", "https://www.googleapis.com/auth/userinfo.email", 1)
	if token.RefreshToken == "" || token.Extra("scope") != wantScope {
		t.Errorf("refresh token given: %t, scope %q, want %q", token.RefreshToken != "", token.Extra("scope"), wantScope)
	}
	claims := claimsOf(t, token.Extra("id_token").(string))
	if claims["email"] != host || claims["sub"] == "" || claims["aud"] != client.ClientID {
		t.Errorf("claims: %v", claims)
	}

	// A code is exchanged once.
	_, err = client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || refused.ErrorCode != "invalid_grant" {
		t.Errorf("second exchange: %v", err)
	}

	refreshed := g.post(t, "/token", refreshForm(token.RefreshToken))
	if refreshed.Status != 200 || refreshed.Body["access_token"] == token.AccessToken {
		t.Errorf("refresh: %v", refreshed.Status)
	}
	if _, given := refreshed.Body["refresh_token"]; given {
		t.Error("a refresh gave a new refresh token, which Google does not")
	}
}

func TestConsentIsGranularAndMayBeDenied(t *testing.T) {
	g := start(t, nil)
	address := g.client().AuthCodeURL("s", oauth2.AccessTypeOffline)
	partly := allow()
	partly["scope"] = []string{"https://www.googleapis.com/auth/calendar.events.owned"}
	back := decide(t, address, partly)
	token, err := g.client().Exchange(t.Context(), back.Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	want := "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/calendar.events.owned"
	if got := token.Extra("scope"); got != want {
		t.Errorf("scope %q, want %q", got, want)
	}

	back = decide(t, address, url.Values{"decision": {"deny"}})
	if diff := cmp.Diff(url.Values{"error": {"access_denied"}, "state": {"s"}}, back); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
}

func TestARefreshTokenComesOnlyWhenItShould(t *testing.T) {
	tests := []struct {
		name    string
		before  bool // whether the user is connected already
		options []oauth2.AuthCodeOption
		want    bool
	}{
		{"not without offline access", false, nil, false},
		{"at the first consent", false, []oauth2.AuthCodeOption{oauth2.AccessTypeOffline}, true},
		{"not at a later one", true, []oauth2.AuthCodeOption{oauth2.AccessTypeOffline}, false},
		{"at a later one that is asked for", true, []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent")}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, nil)
			if test.before {
				g.grant(t)
			}
			back := decide(t, g.client().AuthCodeURL("s", test.options...), allow())
			token, err := g.client().Exchange(t.Context(), back.Get("code"))
			if err != nil {
				t.Fatal(err)
			}
			if got := token.RefreshToken != ""; got != test.want {
				t.Errorf("refresh token given: %t, want %t", got, test.want)
			}
		})
	}
}

func TestACodeIsBoundToWhatItWasAskedWith(t *testing.T) {
	g := start(t, nil)
	verifier := oauth2.GenerateVerifier()
	tests := []struct {
		name   string
		change func(url.Values)
		after  time.Duration
		status int
		want   string
	}{
		{"as asked", func(url.Values) {}, 0, 200, ""},
		{"no verifier", func(f url.Values) { f.Del("code_verifier") }, 0, 400, "invalid_grant"},
		{"another verifier", func(f url.Values) { f.Set("code_verifier", oauth2.GenerateVerifier()) }, 0, 400, "invalid_grant"},
		{"another redirect", func(f url.Values) { f.Set("redirect_uri", "http://127.0.0.1:1/") }, 0, 400, "redirect_uri_mismatch"},
		{"another client", func(f url.Values) { f.Set("client_id", "x") }, 0, 401, "invalid_client"},
		{"a wrong secret", func(f url.Values) { f.Set("client_secret", "x") }, 0, 401, "invalid_client"},
		{"another grant type", func(f url.Values) { f.Set("grant_type", "password") }, 0, 400, "unsupported_grant_type"},
		{"too late", func(url.Values) {}, 11 * time.Minute, 400, "invalid_grant"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			back := decide(t, g.client().AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), allow())
			g.clock.advance(test.after)
			form := url.Values{
				"grant_type":    {"authorization_code"},
				"code":          {back.Get("code")},
				"redirect_uri":  {g.client().RedirectURL},
				"client_id":     {g.client().ClientID},
				"client_secret": {g.client().ClientSecret},
				"code_verifier": {verifier},
			}
			test.change(form)
			got := g.post(t, "/token", form)
			code, _ := got.Body["error"].(string)
			if got.Status != test.status || code != test.want {
				t.Errorf("%d %s, want %d %s", got.Status, code, test.status, test.want)
			}
		})
	}
}

func TestTheConsentPageRefusesAMalformedRequest(t *testing.T) {
	g := start(t, nil)
	good, err := url.Parse(g.client().AuthCodeURL("s"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, parameter, value string
		status                 int
	}{
		{"as x/oauth2 makes it", "state", "s", 200},
		{"an unknown client", "client_id", "x", 400},
		{"an unknown scope", "scope", "https://www.googleapis.com/auth/calender", 400},
		{"an unknown parameter", "acces_type", "offline", 400},
		{"another response type", "response_type", "token", 400},
		{"a redirect that is no address", "redirect_uri", "javascript:alert(1)", 400},
		{"a challenge without its method", "code_challenge", "x", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			query := good.Query()
			query.Set(test.parameter, test.value)
			response := get(t, g.server.URL+good.Path+"?"+query.Encode())
			if response.status != test.status {
				t.Errorf("status %d, want %d", response.status, test.status)
			}
		})
	}
}

func TestRevokingEndsTheWholeGrant(t *testing.T) {
	g := start(t, nil)
	first, second := g.grant(t), g.grant(t)
	if got := g.post(t, "/revoke", url.Values{"token": {first.AccessToken}}); got.Status != 200 {
		t.Fatalf("revoke: %v", got)
	}
	want := reply{Status: 400, Body: map[string]any{
		"error":             "invalid_grant",
		"error_description": "Token has been expired or revoked.",
	}}
	if diff := cmp.Diff(want, g.post(t, "/token", refreshForm(second.RefreshToken))); diff != "" {
		t.Errorf("refresh after revoking (-want +got):\n%s", diff)
	}
	if got := g.call(t, second.AccessToken, "GET", "users/me/calendarList", ""); got.Status != 401 {
		t.Errorf("call after revoking: %v", got)
	}
	if got := g.post(t, "/revoke", url.Values{"token": {first.AccessToken}}); got.Status != 400 {
		t.Errorf("revoking again: %v", got)
	}
}

func TestExpiringEndsAccessTokensOnly(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t)
	if got := g.post(t, "/_expire", nil); got.Status != 200 {
		t.Fatal(got)
	}
	if got := g.call(t, token.AccessToken, "GET", "users/me/calendarList", ""); got.Status != 401 {
		t.Errorf("an expired token was taken: %v", got)
	}
	if got := g.post(t, "/token", refreshForm(token.RefreshToken)); got.Status != 200 {
		t.Errorf("refresh: %v", got)
	}
}

func claimsOf(t *testing.T, idToken string) map[string]any {
	t.Helper()
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		t.Fatalf("an id token has three parts, not %d", len(parts))
	}
	content, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(content, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
