package zoomsim

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"
)

// accessLife is how long an access token lives.
const accessLife = time.Hour

// DefaultScopes are what Yakusoku's Marketplace app asks for.
var DefaultScopes = []string{
	"user:read:user", "user:read:settings",
	"meeting:write:meeting", "meeting:read:meeting", "meeting:update:meeting", "meeting:delete:meeting",
	"meeting:read:list_meetings",
}

// user is somebody with a Zoom account.
type user struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// grant is what a user allowed our client. Its refresh token works once: each
// refresh hands out the next.
type grant struct {
	RefreshToken string   `json:"refreshToken"`
	User         string   `json:"user"`
	Scopes       []string `json:"scopes"`
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
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	APIURL       string `json:"api_url"`
}

// tokenError is the token endpoint's way to refuse.
type tokenError struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

var (
	wrongClient  = &tokenError{"Invalid client_id or client_secret", "invalid_client"}
	invalidToken = &tokenError{"Invalid Token!", "invalid_grant"}
	badGrantType = &tokenError{"Bad Request", "unsupported_grant_type"}
	badForm      = &tokenError{"Bad Request", "invalid_request"}
)

// Grant lets the user allow our client the scopes, with no browser. What they
// allowed before ends: one user has one live grant. No scopes are DefaultScopes.
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
	if _, err := s.endGrant(u.Email); err != nil {
		return Token{}, err
	}
	return s.issue(u.Email, scopes, apiURL)
}

// userOf finds the user of that address, or makes one.
func (s *Simulator) userOf(email string) (*user, error) {
	email = strings.ToLower(email)
	if u, ok := s.users[email]; ok {
		return u, nil
	}
	u := &user{ID: rand.Text()[:22], Email: email}
	if err := s.config.State.Put(userPrefix+email, u); err != nil {
		return nil, err
	}
	s.users[email] = u
	return u, nil
}

// issue makes a new pair.
func (s *Simulator) issue(email string, scopes []string, apiURL string) (Token, error) {
	g := &grant{RefreshToken: "refresh." + rand.Text(), User: email, Scopes: scopes}
	t := &token{AccessToken: "access." + rand.Text(), User: email, Scopes: scopes, Expires: s.config.Clock().Add(accessLife)}
	if err := s.config.State.Put(grantPrefix+g.RefreshToken, g); err != nil {
		return Token{}, err
	}
	if err := s.config.State.Put(tokenPrefix+t.AccessToken, t); err != nil {
		return Token{}, err
	}
	s.grants[g.RefreshToken], s.tokens[t.AccessToken] = g, t
	return Token{
		AccessToken: t.AccessToken, TokenType: "bearer", RefreshToken: g.RefreshToken,
		ExpiresIn: int(accessLife / time.Second), Scope: strings.Join(scopes, " "), APIURL: apiURL,
	}, nil
}

func (s *Simulator) serveToken(w http.ResponseWriter, r *http.Request) {
	answer, refused, err := s.refresh(r)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case refused != nil:
		s.config.Log.Warn("token refused", "error", refused.Error, "reason", refused.Reason)
		writeJSON(w, http.StatusBadRequest, refused)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// refresh hands out the next pair and ends the refresh token that was used.
func (s *Simulator) refresh(r *http.Request) (Token, *tokenError, error) {
	id, secret, ok := r.BasicAuth()
	if !ok || id != s.config.ClientID || secret != s.config.ClientSecret {
		return Token{}, wrongClient, nil
	}
	if err := r.ParseForm(); err != nil || r.URL.RawQuery != "" {
		return Token{}, badForm, nil
	}
	if r.PostForm.Get("grant_type") != "refresh_token" {
		return Token{}, badGrantType, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[r.PostForm.Get("refresh_token")]
	if !ok {
		return Token{}, invalidToken, nil
	}
	if err := s.config.State.Delete(grantPrefix + g.RefreshToken); err != nil {
		return Token{}, nil, err
	}
	delete(s.grants, g.RefreshToken)
	answer, err := s.issue(g.User, g.Scopes, base(r))
	return answer, nil, err
}

// base is where the request came to: the simulator's own address.
func base(r *http.Request) string { return "http://" + r.Host }

func (s *Simulator) serveRevoke(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok || id != s.config.ClientID || secret != s.config.ClientSecret {
		writeJSON(w, http.StatusBadRequest, wrongClient)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[r.PostFormValue("token")]
	if !ok {
		writeJSON(w, http.StatusBadRequest, invalidToken)
		return
	}
	if _, err := s.endGrant(t.User); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "success"})
}

// EndGrant ends all that the user allowed, as when they remove the app. It
// reports whether there was anything to end.
func (s *Simulator) EndGrant(email string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endGrant(strings.ToLower(email))
}

func (s *Simulator) endGrant(email string) (bool, error) {
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
	return ended, s.forget(func(t *token) bool { return t.User == email })
}

// ExpireAccess ends the life of every access token. Refresh tokens live on.
func (s *Simulator) ExpireAccess() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(func(*token) bool { return true })
}

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

// caller tells who calls, and refuses a token that is dead or lacks the scope.
func (s *Simulator) caller(r *http.Request, scope string) (string, *refusal) {
	scheme, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	t, ok := s.tokens[access]
	if scheme != "Bearer" || !ok || !s.config.Clock().Before(t.Expires) {
		return "", &refusal{status: http.StatusUnauthorized, Code: 124, Message: "Access token is expired."}
	}
	if !slices.Contains(t.Scopes, scope) {
		return "", &refusal{status: http.StatusBadRequest, Code: 4711,
			Message: "Invalid access token, does not contain scopes:[" + scope + "]."}
	}
	return t.User, nil
}
