package googlesim

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// accessLife is how long an access token lives. Google says 3599 seconds of it.
const accessLife = time.Hour

// DefaultScopes are what Yakusoku asks for: the least that covers its calls.
var DefaultScopes = []string{
	"openid",
	"email",
	scopeOwned,
	scopeListReadonly,
	scopeEventsBusy,
}

// knownScopes can be asked for. Google answers the short names of two of them
// with the long ones.
var knownScopes = append([]string{"openid", "email", "profile", scopePrefix + "userinfo.email", scopePrefix + "userinfo.profile"},
	calendarScopes()...)

var longScopes = map[string]string{
	"email":   scopePrefix + "userinfo.email",
	"profile": scopePrefix + "userinfo.profile",
}

func calendarScopes() []string {
	var scopes []string
	for _, m := range methods {
		scopes = append(scopes, m.scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// isCalendarScope reports whether a user may untick the scope.
func isCalendarScope(scope string) bool {
	return strings.HasPrefix(scope, scopeFull)
}

// grant is what a user allowed our client, as a refresh token stands for it.
type grant struct {
	RefreshToken string    `json:"refreshToken"`
	User         string    `json:"user"`
	Scopes       []string  `json:"scopes"`
	Issued       time.Time `json:"issued"`
}

// token is a live access token.
type token struct {
	AccessToken string    `json:"accessToken"`
	User        string    `json:"user"`
	Scopes      []string  `json:"scopes"`
	Expires     time.Time `json:"expires"`
}

// Token is the token endpoint's answer.
type Token struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
	TokenType    string `json:"token_type"`
	IDToken      string `json:"id_token,omitempty"`
}

// Grant lets the user allow our client the scopes, with no browser: the answer
// is that of a code exchange. No scopes are DefaultScopes.
func (s *Simulator) Grant(user string, scopes []string) (Token, error) {
	if len(scopes) == 0 {
		scopes = DefaultScopes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(user)
	if err != nil {
		return Token{}, err
	}
	return s.issueBoth(a, scopes)
}

// issueBoth makes a grant and its first access token.
func (s *Simulator) issueBoth(a *account, scopes []string) (Token, error) {
	g := &grant{RefreshToken: "1//" + rand.Text(), User: a.Email, Scopes: longForms(scopes), Issued: s.config.Clock()}
	if err := s.config.State.Put(grantPrefix+g.RefreshToken, g); err != nil {
		return Token{}, err
	}
	s.grants[g.RefreshToken] = g
	answer, err := s.issueAccess(a, g.Scopes)
	answer.RefreshToken = g.RefreshToken
	return answer, err
}

// issueAccess makes an access token.
func (s *Simulator) issueAccess(a *account, scopes []string) (Token, error) {
	now := s.config.Clock()
	if err := s.forget(func(t *token) bool { return !now.Before(t.Expires) }); err != nil {
		return Token{}, err
	}
	t := &token{AccessToken: "ya29." + rand.Text(), User: a.Email, Scopes: longForms(scopes), Expires: now.Add(accessLife)}
	if err := s.config.State.Put(tokenPrefix+t.AccessToken, t); err != nil {
		return Token{}, err
	}
	s.tokens[t.AccessToken] = t
	answer := Token{
		AccessToken: t.AccessToken,
		ExpiresIn:   int(accessLife/time.Second) - 1,
		Scope:       strings.Join(t.Scopes, " "),
		TokenType:   "Bearer",
	}
	if !slices.Contains(t.Scopes, "openid") {
		return answer, nil
	}
	var err error
	answer.IDToken, err = s.idToken(a, now)
	return answer, err
}

// idToken says who the user is. It is not signed: our client has it from the
// token endpoint itself, and then need not check a signature (OpenID Connect
// Core §3.1.3.7).
func (s *Simulator) idToken(a *account, now time.Time) (string, error) {
	header := `{"alg":"none","typ":"JWT"}`
	claims, err := json.Marshal(map[string]any{
		"iss":            "https://accounts.google.com",
		"aud":            s.config.ClientID,
		"azp":            s.config.ClientID,
		"sub":            a.Subject,
		"email":          a.Email,
		"email_verified": true,
		"iat":            now.Unix(),
		"exp":            now.Add(accessLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode(claims) + ".", nil
}

// longForms returns the scopes under the names that Google answers, each once.
func longForms(scopes []string) []string {
	var long []string
	for _, scope := range scopes {
		if form, ok := longScopes[scope]; ok {
			scope = form
		}
		if !slices.Contains(long, scope) {
			long = append(long, scope)
		}
	}
	return long
}

// ExpireAccess ends the life of every access token. Refresh tokens live on.
func (s *Simulator) ExpireAccess() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(func(*token) bool { return true })
}

// EndGrant ends all that the user allowed, as when they revoke it in their
// Google account. It reports whether there was anything to end.
func (s *Simulator) EndGrant(user string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endGrant(strings.ToLower(user))
}

func (s *Simulator) endGrant(email string) (bool, error) {
	ended := false
	for refreshToken, g := range s.grants {
		if g.User != email {
			continue
		}
		if err := s.config.State.Delete(grantPrefix + refreshToken); err != nil {
			return ended, err
		}
		delete(s.grants, refreshToken)
		ended = true
	}
	for _, c := range s.sortedChannels() {
		if c.User != email {
			continue
		}
		if err := s.dropChannel(c); err != nil { // nobody may hear of these changes any more
			return ended, err
		}
	}
	err := s.forget(func(t *token) bool {
		ended = ended || t.User == email
		return t.User == email
	})
	return ended, err
}

// forget drops the access tokens that which picks.
func (s *Simulator) forget(which func(*token) bool) error {
	for accessToken, t := range s.tokens {
		if !which(t) {
			continue
		}
		if err := s.config.State.Delete(tokenPrefix + accessToken); err != nil {
			return fmt.Errorf("forget an access token: %w", err)
		}
		delete(s.tokens, accessToken)
	}
	return nil
}

// granted returns the scopes that the user has allowed so far.
func (s *Simulator) granted(email string) []string {
	var scopes []string
	for _, g := range s.grants {
		if g.User == email {
			scopes = append(scopes, g.Scopes...)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
