package microsoftsim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

const (
	// refreshLife is how long a refresh token lives. Each refresh brings another.
	refreshLife = 90 * 24 * time.Hour
	// An access token lives for a time between these, which is told.
	shortestAccess = 60 * time.Minute
	longestAccess  = 90 * time.Minute
)

// DefaultScopes are what Yakusoku asks for: the least that covers its calls.
var DefaultScopes = []string{"openid", "email", "offline_access", scopeUser, scopeWrite}

// graphPrefix may stand before a scope of Graph.
const graphPrefix = "https://graph.microsoft.com/"

// knownScopes can be asked for.
var knownScopes = []string{"openid", "email", "profile", "offline_access", scopeUser, scopeBasic, scopeRead, scopeWrite}

// normal returns the scopes without Graph's prefix, each once.
func normal(scopes []string) []string {
	var short []string
	for _, scope := range scopes {
		if scope = strings.TrimPrefix(scope, graphPrefix); !slices.Contains(short, scope) {
			short = append(short, scope)
		}
	}
	return short
}

// grant is what a refresh token stands for. A user's grants live side by side.
type grant struct {
	RefreshToken string    `json:"refreshToken"`
	User         string    `json:"user"`
	Scopes       []string  `json:"scopes"`
	Issued       time.Time `json:"issued"`
	Ended        int       `json:"ended,omitempty"` // by which AADSTS number; 0: it lives
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
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	ExpiresIn    int    `json:"expires_in"`
	ExtExpiresIn int    `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
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
	if a, err = s.allow(a, normal(scopes)); err != nil {
		return Token{}, err
	}
	return s.issue(a, normal(scopes))
}

// allow keeps that the user has consented to the scopes.
func (s *Simulator) allow(a *account, scopes []string) (*account, error) {
	allowed := *a
	allowed.Consented = normal(slices.Concat(a.Consented, scopes))
	return s.keepAccount(allowed)
}

// issue makes an access token, a refresh token if offline_access is among the
// scopes, and an id token if openid is.
func (s *Simulator) issue(a *account, scopes []string) (Token, error) {
	now := s.config.Clock()
	if err := s.forget(func(t *token) bool { return !now.Before(t.Expires) }); err != nil {
		return Token{}, err
	}
	life, err := accessLife()
	if err != nil {
		return Token{}, err
	}
	t := &token{AccessToken: "EwB4A8l6" + rand.Text() + rand.Text(), User: a.Email, Scopes: scopes, Expires: now.Add(life)}
	if err := s.config.State.Put(tokenPrefix+t.AccessToken, t); err != nil {
		return Token{}, err
	}
	s.tokens[t.AccessToken] = t
	answer := Token{
		TokenType: "Bearer", Scope: a.answered(scopes), AccessToken: t.AccessToken,
		ExpiresIn: int(life / time.Second), ExtExpiresIn: int(life / time.Second),
	}
	if slices.Contains(scopes, "openid") {
		if answer.IDToken, err = s.idToken(a, now, t.Expires); err != nil {
			return Token{}, err
		}
	}
	if !slices.Contains(scopes, "offline_access") {
		return answer, nil
	}
	g := &grant{RefreshToken: "M.C5" + rand.Text() + rand.Text(), User: a.Email, Scopes: scopes, Issued: now}
	answer.RefreshToken = g.RefreshToken
	return answer, s.keepGrant(g)
}

func (s *Simulator) keepGrant(g *grant) error {
	if err := s.config.State.Put(grantPrefix+g.RefreshToken, g); err != nil {
		return err
	}
	s.grants[g.RefreshToken] = g
	return nil
}

func accessLife() (time.Duration, error) {
	spread, err := rand.Int(rand.Reader, big.NewInt(int64(longestAccess-shortestAccess)/int64(time.Second)))
	if err != nil {
		return 0, err
	}
	return shortestAccess + time.Duration(spread.Int64())*time.Second, nil
}

// answered is how the token answer names the scopes: never offline_access, and
// Graph's with its prefix or without.
func (a *account) answered(scopes []string) string {
	var named []string
	for _, scope := range scopes {
		switch {
		case scope == "offline_access":
		case a.Kind == Work && strings.Contains(scope, "."):
			named = append(named, graphPrefix+scope)
		default:
			named = append(named, scope)
		}
	}
	return strings.Join(named, " ")
}

// idToken says who the user is. It is not signed: our client has it from the
// token endpoint itself, and then need not check a signature (OpenID Connect
// Core §3.1.3.7).
func (s *Simulator) idToken(a *account, now, expires time.Time) (string, error) {
	pairwise := sha256.Sum256([]byte(s.config.ClientID + "/" + a.Email))
	header := `{"alg":"none","typ":"JWT"}`
	claims, err := json.Marshal(map[string]any{
		"ver":                "2.0",
		"iss":                "https://login.microsoftonline.com/" + a.tenant() + "/v2.0",
		"aud":                s.config.ClientID,
		"sub":                base64.RawURLEncoding.EncodeToString(pairwise[:]),
		"oid":                a.userID(),
		"tid":                a.tenant(),
		"email":              a.Email,
		"preferred_username": a.Email,
		"name":               a.name(),
		"iat":                now.Unix(),
		"nbf":                now.Unix(),
		"exp":                expires.Unix(),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode(claims) + ".", nil
}

// ExpireAccess ends the life of the user's access tokens, or with no user of
// everybody's. Refresh tokens live on.
func (s *Simulator) ExpireAccess(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(func(t *token) bool { return user == "" || t.User == strings.ToLower(user) })
}

// EndGrant ends all that the user allowed, as when they revoke it in their
// account or their administrator does. Refreshing then fails with that AADSTS
// number, or 50173 if it is 0. It reports whether there was anything to end.
func (s *Simulator) EndGrant(user string, number int) (bool, error) {
	if number == 0 {
		number = revokedNumber
	}
	if _, ok := deadGrants[number]; !ok {
		return false, fmt.Errorf("AADSTS%d is none of those that end a grant", number)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	email := strings.ToLower(user)
	ended := false
	for _, g := range s.grants {
		if g.User != email || g.Ended != 0 {
			continue
		}
		dead := *g
		dead.Ended = number
		if err := s.keepGrant(&dead); err != nil {
			return ended, err
		}
		ended = true
	}
	for _, n := range s.sortedSubscriptions() {
		if n.User != email {
			continue
		}
		if err := s.dropSubscription(n); err != nil { // nobody may hear of these changes any more
			return ended, err
		}
	}
	if a, ok := s.accounts[email]; ok {
		forgotten := *a
		forgotten.Consented = nil
		if _, err := s.keepAccount(forgotten); err != nil {
			return ended, err
		}
	}
	return ended, s.forget(func(t *token) bool { return t.User == email })
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

// granted returns the scopes of the user's living grants.
func (s *Simulator) granted(email string) []string {
	var scopes []string
	for _, g := range s.grants {
		if g.User == email && g.Ended == 0 {
			scopes = append(scopes, g.Scopes...)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
