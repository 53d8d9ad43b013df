package microsoftsim_test

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

	"yakusoku/infra/local/microsoftsim"
	"yakusoku/shared/connection"
)

// client is our client as production makes it.
func (m microsoft) client() *oauth2.Config {
	client := connection.MicrosoftOAuth(microsoftsim.DefaultClientID, microsoftsim.DefaultClientSecret, m.server.URL)
	client.RedirectURL = "http://127.0.0.1:8080/api/oauth/microsoft/callback"
	return client
}

const token = "/common/oauth2/v2.0/token"

func refreshForm(refreshToken string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refreshToken},
		"client_id": {microsoftsim.DefaultClientID}, "client_secret": {microsoftsim.DefaultClientSecret},
	}
}

// answered posts to an authorization's page and returns what it answers: where it
// leads back to, or the page.
func answered(t *testing.T, address string, form url.Values) (url.Values, shown) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept-Language", "en")
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, response)
	if response.StatusCode != http.StatusFound {
		return nil, page
	}
	back, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	return back.Query(), page
}

// decide answers the consent page and returns where it leads back to.
func decide(t *testing.T, address, user, decision string) url.Values {
	t.Helper()
	back, page := answered(t, address, url.Values{"user": {user}, "decision": {decision}})
	if back == nil {
		t.Fatalf("status %d leads nowhere", page.status)
	}
	return back
}

func TestAUserConnectsAndStaysConnected(t *testing.T) {
	m := start(t, nil)
	client := m.client()
	verifier := oauth2.GenerateVerifier()
	address := client.AuthCodeURL("the-state", oauth2.SetAuthURLParam("prompt", "select_account"), oauth2.S256ChallengeOption(verifier))
	back := decide(t, address, host, "accept")
	if back.Get("state") != "the-state" {
		t.Errorf("state %q came back", back.Get("state"))
	}
	first, err := client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, first.Extra("id_token").(string))
	if claims["email"] != host || claims["aud"] != client.ClientID || claims["tid"] == "" || first.RefreshToken == "" {
		t.Errorf("claims: %v", claims)
	}
	if life := first.ExpiresIn; life < 3600 || life > 5400 {
		t.Errorf("the access token lives %d s", life)
	}

	// A code is exchanged once.
	_, err = client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || refused.ErrorCode != "invalid_grant" || !strings.Contains(refused.ErrorDescription, "AADSTS54005") {
		t.Errorf("second exchange: %v", err)
	}

	// Each refresh brings another refresh token, and the old one works on.
	seen := map[any]bool{first.RefreshToken: true}
	for range 2 {
		refreshed := m.post(t, token, refreshForm(first.RefreshToken))
		if refreshed.Status != 200 || seen[refreshed.Body["refresh_token"]] {
			t.Errorf("refresh: %d, a new refresh token: %t", refreshed.Status, !seen[refreshed.Body["refresh_token"]])
		}
		seen[refreshed.Body["refresh_token"]] = true
	}

	// Who has consented is not asked again, unless the client wants it.
	if back, _ := answered(t, address, url.Values{"user": {host}}); back.Get("code") == "" {
		t.Error("asked again")
	}
	asking := client.AuthCodeURL("s", oauth2.SetAuthURLParam("prompt", "consent"))
	if back, page := answered(t, asking, url.Values{"user": {host}}); back != nil || !strings.Contains(page.html, "Permissions requested") {
		t.Errorf("prompt=consent: %v", back)
	}
}

func TestConsentMayBeRefusedByTheUserOrTheTenant(t *testing.T) {
	m := start(t, nil)
	address := m.client().AuthCodeURL("s")
	if back, page := answered(t, address, url.Values{"user": {host}}); back != nil || !strings.Contains(page.html, "Have full access to your calendars") {
		t.Errorf("the consent page: %d %v", page.status, back)
	}
	back := decide(t, address, host, "cancel")
	if back.Get("error") != "access_denied" || back.Get("state") != "s" || !strings.Contains(back.Get("error_description"), "AADSTS65004") {
		t.Errorf("cancelled: %v", back)
	}

	// An administrator must approve: no decision of the user's own gets past.
	for _, decision := range []string{"", "accept"} {
		back, page := answered(t, address, url.Values{"user": {microsoftsim.UnapprovedUser}, "decision": {decision}})
		if back != nil || page.status != http.StatusForbidden || !strings.Contains(page.html, "Need admin approval") {
			t.Errorf("decision %q: %d %v", decision, page.status, back)
		}
	}
	back = decide(t, address, microsoftsim.UnapprovedUser, "cancel")
	if back.Get("error") != "consent_required" || !strings.Contains(back.Get("error_description"), "AADSTS90094") {
		t.Errorf("unapproved: %v", back)
	}
	m.admin(t, "/_account", `{"user":"`+microsoftsim.UnapprovedUser+`","approved":true}`)
	if back := decide(t, address, microsoftsim.UnapprovedUser, "accept"); back.Get("code") == "" {
		t.Errorf("once approved: %v", back)
	}
	silent := get(t, m.client().AuthCodeURL("s", oauth2.SetAuthURLParam("prompt", "none")))
	if silent.back.Get("error") != "login_required" {
		t.Errorf("prompt=none: %d %v", silent.status, silent.back)
	}
}

func TestACodeIsBoundToWhatItWasAskedWith(t *testing.T) {
	m := start(t, nil)
	verifier := oauth2.GenerateVerifier()
	tests := []struct {
		name   string
		change func(url.Values)
		after  time.Duration
		status int
		want   string
		number string
	}{
		{"as asked", func(url.Values) {}, 0, 200, "", ""},
		{"no verifier", func(f url.Values) { f.Del("code_verifier") }, 0, 400, "invalid_grant", "AADSTS50148"},
		{"another verifier", func(f url.Values) { f.Set("code_verifier", oauth2.GenerateVerifier()) }, 0, 400, "invalid_grant", "AADSTS501481"},
		{"another redirect", func(f url.Values) { f.Set("redirect_uri", "http://127.0.0.1:1/") }, 0, 400, "invalid_grant", "AADSTS500112"},
		{"another client", func(f url.Values) { f.Set("client_id", "x") }, 0, 400, "unauthorized_client", "AADSTS700016"},
		{"a wrong secret", func(f url.Values) { f.Set("client_secret", "x") }, 0, 401, "invalid_client", "AADSTS7000215"},
		{"another grant type", func(f url.Values) { f.Set("grant_type", "password") }, 0, 400, "unsupported_grant_type", "AADSTS70003"},
		{"no code", func(f url.Values) { f.Del("code") }, 0, 400, "invalid_request", "AADSTS900144"},
		{"a code that is none", func(f url.Values) { f.Set("code", "x") }, 0, 400, "invalid_grant", "AADSTS9002313"},
		{"an unknown parameter", func(f url.Values) { f.Set("resource", "x") }, 0, 400, "invalid_request", "AADSTS900144"},
		{"more scope", func(f url.Values) { f.Set("scope", "Mail.Read") }, 0, 400, "invalid_scope", "AADSTS70011"},
		{"too late", func(url.Values) {}, 11 * time.Minute, 400, "invalid_grant", "AADSTS70008"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			back := decide(t, m.client().AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), host, "accept")
			m.clock.advance(test.after)
			form := url.Values{
				"grant_type":    {"authorization_code"},
				"code":          {back.Get("code")},
				"redirect_uri":  {m.client().RedirectURL},
				"client_id":     {m.client().ClientID},
				"client_secret": {m.client().ClientSecret},
				"code_verifier": {verifier},
			}
			test.change(form)
			got := m.post(t, token, form)
			word, _ := got.Body["error"].(string)
			description, _ := got.Body["error_description"].(string)
			if got.Status != test.status || word != test.want || !strings.HasPrefix(description, test.number) {
				t.Errorf("%d %s %s, want %d %s %s", got.Status, word, description, test.status, test.want, test.number)
			}
		})
	}
}

func TestTheAuthorizationRefusesAMalformedRequest(t *testing.T) {
	m := start(t, nil)
	good, err := url.Parse(m.client().AuthCodeURL("s"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, parameter, value string
		status                 int
	}{
		{"as x/oauth2 makes it", "state", "s", 200},
		{"a known mode", "response_mode", "query", 200},
		{"an unknown client", "client_id", "x", 400},
		{"an unknown scope", "scope", "Calendar.ReadWrite", 400},
		{"a scope by its whole name", "scope", "https://graph.microsoft.com/Calendars.ReadWrite", 200},
		{"an unknown parameter", "acces_type", "offline", 400},
		{"another response type", "response_type", "token", 400},
		{"an unknown prompt", "prompt", "always", 400},
		{"a redirect that is no address", "redirect_uri", "javascript:alert(1)", 400},
		{"a challenge without its method", "code_challenge", strings.Repeat("x", 43), 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			query := good.Query()
			query.Set(test.parameter, test.value)
			if got := get(t, m.server.URL+good.Path+"?"+query.Encode()); got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
		})
	}
	if got := get(t, m.server.URL+"/elsewhere/oauth2/v2.0/authorize?"+good.RawQuery); got.status != 400 {
		t.Errorf("an unknown tenant: %d", got.status)
	}
}

func TestOnlyRegisteredRedirectsAreFollowed(t *testing.T) {
	m := start(t, nil)
	strict, err := microsoftsim.New(microsoftsim.Config{RedirectURIs: []string{m.client().RedirectURL + "/other"}})
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, strict.Handler())
	address := strings.Replace(m.client().AuthCodeURL("s"), m.server.URL, server, 1)
	if got := get(t, address); got.status != 400 || !strings.Contains(got.html, "AADSTS50011") {
		t.Errorf("status %d", got.status)
	}
}

func TestAnEndpointIsForItsAccounts(t *testing.T) {
	m := start(t, nil)
	for tenant, want := range map[string]map[string]bool{
		"common":        {host: true, microsoftsim.PersonalUser: true},
		"organizations": {host: true, microsoftsim.PersonalUser: false},
		"consumers":     {host: false, microsoftsim.PersonalUser: true},
	} {
		for user, let := range want {
			address := strings.Replace(m.client().AuthCodeURL("s"), "/common/", "/"+tenant+"/", 1)
			back, _ := answered(t, address, url.Values{"user": {user}, "decision": {"accept"}})
			if got := back.Get("code") != ""; got != let {
				t.Errorf("%s at %s: %t, want %t", user, tenant, got, let)
			}
		}
	}
}

func TestAGrantEndsWithTheReasonsNumber(t *testing.T) {
	for _, test := range []struct {
		name, number string
		end          func(*testing.T, microsoft)
	}{
		{"revoked", "AADSTS50173", func(t *testing.T, m microsoft) { m.admin(t, "/_revoke", `{"user":"`+host+`"}`) }},
		{"a second factor is wanted", "AADSTS50076", func(t *testing.T, m microsoft) { m.admin(t, "/_revoke", `{"user":"`+host+`","number":50076}`) }},
		{"unused for 90 days", "AADSTS700082", func(_ *testing.T, m microsoft) { m.clock.advance(90 * 24 * time.Hour) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := start(t, nil)
			granted := m.grant(t)
			test.end(t, m)
			got := m.post(t, token, refreshForm(granted.RefreshToken))
			description, _ := got.Body["error_description"].(string)
			if got.Status != 400 || got.Body["error"] != "invalid_grant" || !strings.HasPrefix(description, test.number+":") {
				t.Errorf("%v", got.Body)
			}
			if got := m.call(t, granted.AccessToken, "GET", "me", ""); got.Status != 401 {
				t.Errorf("the access token: %v", got)
			}
			// Connecting again brings the mailbox back.
			if got := m.call(t, m.grant(t).AccessToken, "GET", "me/calendars", ""); got.Status != 200 {
				t.Errorf("connected again: %v", got)
			}
		})
	}
}

func TestAnAccessTokenEndsByItselfAndOnDemand(t *testing.T) {
	m := start(t, nil)
	granted := m.grant(t)
	m.clock.advance(time.Duration(granted.ExpiresIn)*time.Second - time.Second)
	if got := m.call(t, granted.AccessToken, "GET", "me", ""); got.Status != 200 {
		t.Errorf("before its end: %v", got)
	}
	m.clock.advance(time.Second)
	if got := m.call(t, granted.AccessToken, "GET", "me", ""); got.Status != 401 || got.code() != "InvalidAuthenticationToken" {
		t.Errorf("after its end: %v", got)
	}
	second := m.grant(t)
	m.admin(t, "/_expire", "")
	if got := m.call(t, second.AccessToken, "GET", "me", ""); got.Status != 401 {
		t.Errorf("after /_expire: %v", got)
	}
	if got := m.post(t, token, refreshForm(second.RefreshToken)); got.Status != 200 {
		t.Errorf("refresh: %v", got)
	}
}

func TestWithoutOfflineAccessThereIsNoRefreshToken(t *testing.T) {
	if got := start(t, nil).grant(t, "User.Read"); got.RefreshToken != "" || got.IDToken != "" {
		t.Errorf("%+v", got)
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

func TestTheAdminCallsRefuseWhatTheyDoNotKnow(t *testing.T) {
	m := start(t, nil)
	for path, body := range map[string]string{
		"/_grant":   `{"user":"nobody"}`,
		"/_revoke":  `{"user":"` + host + `","number":1}`,
		"/_account": `{"user":"` + host + `","kind":"school"}`,
		"/_events":  `{"user":"` + host + `","event":{"subject":"x"}}`,
		"/_move":    `{"id":"x","calendar":"y"}`,
		"/_forget":  `-`, // takes no body, and none is read
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		want := http.StatusBadRequest
		if path == "/_forget" {
			want = http.StatusOK
		}
		if response.StatusCode != want {
			t.Errorf("%s %s: %d", path, body, response.StatusCode)
		}
	}
	if diff := cmp.Diff(0, len(m.State().Events)); diff != "" {
		t.Error(diff)
	}
}
