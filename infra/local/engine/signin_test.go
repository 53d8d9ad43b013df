package engine_test

import (
	"context"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/engine"
	"yakusoku/infra/local/seed"
)

const consoleOrigin = "http://127.0.0.1:8080"

// signIn is a running sign-in provider behind a lasting address, a browser, and
// the console's client.
type signIn struct {
	folder  string
	address string
	engine  *engine.Engine
	lead    *url.URL
	browser *http.Client
	client  *oauth2.Config
	oidc    *oidc.Provider
}

func startSignIn(t *testing.T) *signIn {
	t.Helper()
	s := &signIn{folder: t.TempDir()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = "http://" + l.Addr().String()
	door := &http.Server{Handler: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(s.lead) }}}
	go func() { _ = door.Serve(l) }()
	t.Cleanup(func() { _ = door.Close() })
	s.start(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), consoleOrigin) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	if s.oidc, err = oidc.NewProvider(t.Context(), s.address); err != nil {
		t.Fatal(err)
	}
	endpoint := s.oidc.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	s.client = &oauth2.Config{
		ClientID: "console", Endpoint: endpoint, RedirectURL: consoleOrigin + "/console/signed-in", Scopes: []string{"openid", "email", "profile"},
	}
	return s
}

func (s *signIn) start(t *testing.T) {
	t.Helper()
	p := engine.Tools("..").SignInProvider(engine.SignIn{
		Issuer: s.address, ClientID: "console", Origin: consoleOrigin,
		State: filepath.Join(s.folder, "state.json"), People: []string{seed.Email},
	}, filepath.Join(s.folder, "signin.json"))
	var err error
	if s.engine, err = engine.Start(t.Context(), p, t.Output()); err != nil {
		t.Fatal(err)
	}
	s.lead = s.engine.URL
	t.Cleanup(func() { s.engine.Stop(context.Background()) })
}

// enter asks for a code, as whom if the session does not say, and is where the
// browser is sent back to.
func (s *signIn) enter(t *testing.T, verifier, person string) url.Values {
	t.Helper()
	address := s.client.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), oidc.Nonce("the-nonce"))
	res, err := s.browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode == http.StatusOK { // the page that asks
		if res, err = s.browser.PostForm(address, url.Values{"person": {person}}); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	back, err := res.Location()
	if err != nil {
		t.Fatalf("status %d leads nowhere", res.StatusCode)
	}
	return back.Query()
}

func (s *signIn) userinfo(t *testing.T, token *oauth2.Token) (*oidc.UserInfo, error) {
	t.Helper()
	return s.oidc.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
}

func TestWhoSignsInIsKnownEverywhereAndAfterARestart(t *testing.T) {
	s := startSignIn(t)
	verifier := oauth2.GenerateVerifier()
	back := s.enter(t, verifier, "Hanako@Example.com")
	if back.Get("state") != "the-state" {
		t.Errorf("state %q", back.Get("state"))
	}
	token, err := s.client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code worked twice")
	}
	idToken, _ := token.Extra("id_token").(string)
	verified, err := s.oidc.Verifier(&oidc.Config{ClientID: "console"}).Verify(t.Context(), idToken)
	if err != nil {
		t.Fatal(err)
	}
	if verified.Subject != seed.Subject("hanako@example.com") || verified.Nonce != "the-nonce" {
		t.Errorf("subject %q, nonce %q", verified.Subject, verified.Nonce)
	}
	var access struct {
		Audience string `json:"aud"`
		Client   string `json:"client_id"`
		Scope    string `json:"scope"`
	}
	accessToken, err := s.oidc.Verifier(&oidc.Config{ClientID: "console"}).Verify(t.Context(), token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if err := accessToken.Claims(&access); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"console", "console", "openid email profile"}, []string{access.Audience, access.Client, access.Scope}); diff != "" {
		t.Errorf("access token (-want +got):\n%s", diff)
	}

	s.engine.Stop(t.Context())
	s.start(t)
	info, err := s.userinfo(t, token)
	if err != nil || info.Email != "hanako@example.com" || !info.EmailVerified || info.Subject != verified.Subject {
		t.Errorf("user %+v, error %v", info, err)
	}
	next, err := s.client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil || next.RefreshToken == token.RefreshToken {
		t.Fatalf("refreshed: %v", err)
	}
	if _, err := s.client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token(); err == nil {
		t.Error("a refresh token worked twice")
	}
}

func TestASessionLastsUntilItIsEnded(t *testing.T) {
	s := startSignIn(t)
	verifier := oauth2.GenerateVerifier()
	token, err := s.client.Exchange(t.Context(), s.enter(t, verifier, seed.Email).Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if code := s.enter(t, verifier, "").Get("code"); code == "" {
		t.Error("who is signed in was asked again")
	}
	end := s.address + "/endsession?" + url.Values{"post_logout_redirect_uri": {consoleOrigin + "/console/signed-out"}, "state": {"x"}}.Encode()
	res, err := s.browser.Get(end)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if back, err := res.Location(); err != nil || back.Path != "/console/signed-out" || back.Query().Get("state") != "x" {
		t.Errorf("sent to %v: %v", back, err)
	}
	next, err := s.client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		t.Fatalf("the refresh token went with its session, which Cognito does not do: %v", err)
	}
	res, err = s.browser.PostForm(s.address+"/revoke", url.Values{"client_id": {s.client.ClientID}, "token": {next.RefreshToken}})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("revoked: %v", err)
	}
	res.Body.Close()
	if _, err := s.client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: next.RefreshToken}).Token(); err == nil {
		t.Error("a refresh token worked after it was taken back")
	}
	if res, err = s.browser.Get(s.client.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("who signed out is let in: %v", err)
	}
	res.Body.Close()
}

func TestASignInThatIsNotTheConsolesLeadsNowhere(t *testing.T) {
	s := startSignIn(t)
	for name, change := range map[string]func(url.Values){
		"another client":           func(q url.Values) { q.Set("client_id", "other") },
		"another redirect URI":     func(q url.Values) { q.Set("redirect_uri", "https://evil.example/") },
		"no code":                  func(q url.Values) { q.Set("response_type", "token") },
		"no PKCE":                  func(q url.Values) { q.Del("code_challenge") },
		"PKCE in the open":         func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"no openid":                func(q url.Values) { q.Set("scope", "email") },
		"a redirect URI that goes": func(q url.Values) { q.Set("redirect_uri", consoleOrigin+"/console/signed-in/../x") },
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(s.client.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			change(q)
			u.RawQuery = q.Encode()
			for _, send := range []func() (*http.Response, error){
				func() (*http.Response, error) { return s.browser.Get(u.String()) },
				func() (*http.Response, error) {
					return s.browser.PostForm(u.String(), url.Values{"person": {seed.Email}})
				},
			} {
				res, err := send()
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
					t.Errorf("status %d, sent to %q", res.StatusCode, res.Header.Get("Location"))
				}
			}
		})
	}
	verifier := oauth2.GenerateVerifier()
	code := s.enter(t, verifier, seed.Email).Get("code")
	if _, err := s.client.Exchange(t.Context(), code, oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
		t.Error("a code was given away for another verifier")
	}
	if _, err := s.client.Exchange(t.Context(), s.enter(t, verifier, "").Get("code")); err == nil {
		t.Error("a code was given away without a verifier")
	}
}
