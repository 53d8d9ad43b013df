package zoomsim

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// accessLife is how long an access token lives.
	accessLife = time.Hour
	// refreshLife is how long a refresh token may be used. Whether it starts
	// again with each refresh is not documented; here it does.
	refreshLife = 90 * 24 * time.Hour
)

// DefaultScopes are what Yakusoku's Marketplace app asks for.
var DefaultScopes = []string{
	"user:read:user", "user:read:settings",
	"meeting:write:meeting", "meeting:read:meeting", "meeting:update:meeting", "meeting:delete:meeting",
	"meeting:read:list_meetings",
}

// grant is what a user allowed our client. Its refresh token works once: each
// refresh hands out the next.
type grant struct {
	RefreshToken string    `json:"refreshToken"`
	User         string    `json:"user"`
	Scopes       []string  `json:"scopes"`
	Expires      time.Time `json:"expires"`
}

// token is an access token.
type token struct {
	AccessToken string    `json:"accessToken"`
	User        string    `json:"user"`
	Scopes      []string  `json:"scopes"`
	Expires     time.Time `json:"expires"`
	Replaced    bool      `json:"replaced"` // the user has authorized our client once more since
}

// Token is the token endpoint's answer.
type Token struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	APIURL       string `json:"api_url"`
}

// Grant lets the user allow our client the scopes, with no browser: the answer is
// that of a code exchange. No scopes are DefaultScopes.
func (s *Simulator) Grant(email string, scopes []string, apiURL string) (Token, error) {
	if len(scopes) == 0 {
		scopes = DefaultScopes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.userOf(email)
	if err != nil {
		return Token{}, err
	}
	return s.authorize(u, scopes, apiURL)
}

// authorize makes the user's grant. One user has one: the tokens of the one
// before are replaced.
func (s *Simulator) authorize(u *user, scopes []string, apiURL string) (Token, error) {
	if _, err := s.endRefresh(u.Email); err != nil {
		return Token{}, err
	}
	for _, t := range s.tokens {
		if t.User != u.Email || t.Replaced {
			continue
		}
		replaced := *t
		replaced.Replaced = true
		if err := s.keepToken(&replaced); err != nil {
			return Token{}, err
		}
	}
	return s.issue(u.Email, scopes, apiURL)
}

// issue makes a new pair.
func (s *Simulator) issue(email string, scopes []string, apiURL string) (Token, error) {
	now := s.config.Clock()
	if err := s.forget(func(t *token) bool { return !now.Before(t.Expires) }); err != nil {
		return Token{}, err
	}
	g := &grant{RefreshToken: "refresh." + rand.Text(), User: email, Scopes: scopes, Expires: now.Add(refreshLife)}
	t := &token{AccessToken: "access." + rand.Text(), User: email, Scopes: scopes, Expires: now.Add(accessLife)}
	if err := s.config.State.Put(grantPrefix+g.RefreshToken, g); err != nil {
		return Token{}, err
	}
	s.grants[g.RefreshToken] = g
	if err := s.keepToken(t); err != nil {
		return Token{}, err
	}
	return Token{
		AccessToken: t.AccessToken, TokenType: "bearer", RefreshToken: g.RefreshToken,
		ExpiresIn: int(accessLife / time.Second), Scope: strings.Join(scopes, " "), APIURL: apiURL,
	}, nil
}

func (s *Simulator) keepToken(t *token) error {
	if err := s.config.State.Put(tokenPrefix+t.AccessToken, t); err != nil {
		return err
	}
	s.tokens[t.AccessToken] = t
	return nil
}

// RemoveApp ends all that the user allowed, because they remove the app, and tells
// our client so. It reports whether there was anything to end.
func (s *Simulator) RemoveApp(email string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removeApp(strings.ToLower(email))
}

func (s *Simulator) removeApp(email string) (bool, error) {
	ended, err := s.endGrant(email)
	if err == nil && ended {
		err = s.tellOfRemoval(s.users[email])
	}
	return ended, err
}

// EndGrant ends all that the user allowed, and tells nobody. It reports whether
// there was anything to end.
func (s *Simulator) EndGrant(email string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endGrant(strings.ToLower(email))
}

func (s *Simulator) endGrant(email string) (bool, error) {
	ended, err := s.endRefresh(email)
	if err != nil {
		return ended, err
	}
	return ended, s.forget(func(t *token) bool { return t.User == email })
}

func (s *Simulator) endRefresh(email string) (bool, error) {
	ended := false
	for refresh, g := range s.grants {
		if g.User != email {
			continue
		}
		if err := s.config.State.Delete(grantPrefix + refresh); err != nil {
			return ended, err
		}
		delete(s.grants, refresh)
		ended = true
	}
	return ended, nil
}

// ExpireAccess ends the life of the user's access tokens, or of everybody's if
// none is named. Refresh tokens live on.
func (s *Simulator) ExpireAccess(email string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	email = strings.ToLower(email)
	return s.forget(func(t *token) bool { return email == "" || t.User == email })
}

// forget drops the access tokens that which picks.
func (s *Simulator) forget(which func(*token) bool) error {
	for access, t := range s.tokens {
		if !which(t) {
			continue
		}
		if err := s.config.State.Delete(tokenPrefix + access); err != nil {
			return err
		}
		delete(s.tokens, access)
	}
	return nil
}

// granted returns the scopes that the user allows now.
func (s *Simulator) granted(email string) []string {
	for _, g := range s.grants {
		if g.User == email {
			return g.Scopes
		}
	}
	return nil
}

// caller tells who calls, and refuses a token that is dead or lacks the scope.
func (s *Simulator) caller(r *http.Request, scope string) (*user, *refusal) {
	scheme, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	t, ok := s.tokens[access]
	switch {
	case scheme != "Bearer" || !ok || !s.config.Clock().Before(t.Expires):
		return nil, &refusal{status: http.StatusUnauthorized, Code: 124, Message: "Access token is expired."}
	case t.Replaced:
		return nil, &refusal{status: http.StatusUnauthorized, Code: 4741, Message: "The token was replaced by a newer authorization."}
	}
	u := s.users[t.User]
	switch {
	case u.Status == Inactive: // undocumented: to us they are gone
		return nil, &refusal{status: http.StatusNotFound, Code: 1001, Message: "User does not exist: " + u.ID + "."}
	case !slices.Contains(t.Scopes, scope):
		return nil, &refusal{status: http.StatusBadRequest, Code: 4711,
			Message: "Invalid access token, does not contain scopes:[" + scope + "]."}
	}
	return u, nil
}
