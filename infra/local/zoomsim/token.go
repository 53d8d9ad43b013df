package zoomsim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// codeLife is how long an authorization code may be exchanged.
const codeLife = 5 * time.Minute

// code is an authorization code: one consent, to be exchanged once.
type code struct {
	user        string
	scopes      []string
	redirectURI string
	challenge   string // PKCE, S256; empty: none
	expires     time.Time
}

// tokenError is the token endpoint's way to refuse.
type tokenError struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

var (
	wrongClient   = &tokenError{"Invalid client_id or client_secret", "invalid_client"}
	invalidToken  = &tokenError{"Invalid Token!", "invalid_grant"}
	invalidCode   = &tokenError{"Invalid authorization code", "invalid_grant"}
	wrongVerifier = &tokenError{"Invalid authorization code: code_verifier does not match its code_challenge", "invalid_grant"}
	wrongRedirect = &tokenError{"Redirect URI mismatch.", "invalid_request"}
	badGrantType  = &tokenError{"Bad Request", "unsupported_grant_type"}
	badForm       = &tokenError{"Bad Request", "invalid_request"}
)

// grantTypes are what the token endpoint serves, with the parameters of each
// beside grant_type. The client's id and secret are in the header alone.
var grantTypes = map[string]struct {
	required, optional []string
	serve              func(s *Simulator, form url.Values, apiURL string) (Token, *tokenError, error)
}{
	"authorization_code": {[]string{"code", "redirect_uri"}, []string{"code_verifier"}, (*Simulator).exchange},
	"refresh_token":      {[]string{"refresh_token"}, nil, (*Simulator).refresh},
}

func (s *Simulator) serveToken(w http.ResponseWriter, r *http.Request) {
	answer, refused, err := s.token(r)
	s.answerToken(w, answer, refused, err)
}

// answerToken answers as the endpoints below /oauth do.
func (s *Simulator) answerToken(w http.ResponseWriter, answer any, refused *tokenError, err error) {
	w.Header().Set("Cache-Control", "no-store")
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

func (s *Simulator) token(r *http.Request) (Token, *tokenError, error) {
	form, refused := s.clientForm(r)
	if refused != nil {
		return Token{}, refused, nil
	}
	kind, ok := grantTypes[form.Get("grant_type")]
	if !ok {
		return Token{}, badGrantType, nil
	}
	for _, name := range kind.required {
		if form.Get(name) == "" {
			return Token{}, badForm, nil
		}
	}
	for name := range form {
		if name != "grant_type" && !slices.Contains(kind.required, name) && !slices.Contains(kind.optional, name) {
			return Token{}, badForm, nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return kind.serve(s, form, base(r))
}

// clientForm checks that our client calls, and reads what the body alone says: a
// secret in a URL would be logged.
func (s *Simulator) clientForm(r *http.Request) (url.Values, *tokenError) {
	id, secret, ok := r.BasicAuth()
	if !ok || id != s.config.ClientID || secret != s.config.ClientSecret {
		return nil, wrongClient
	}
	r.Body = http.MaxBytesReader(nil, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil || r.URL.RawQuery != "" {
		return nil, badForm
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return nil, badForm
		}
	}
	return r.PostForm, nil
}

// exchange turns a code into the user's grant. The code is spent by the first
// try, whatever comes of it.
func (s *Simulator) exchange(form url.Values, apiURL string) (Token, *tokenError, error) {
	c, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	switch {
	case !ok || !s.config.Clock().Before(c.expires):
		return Token{}, invalidCode, nil
	case form.Get("redirect_uri") != c.redirectURI:
		return Token{}, wrongRedirect, nil
	// A verifier without a challenge is refused too: somebody took the challenge
	// out of the address (RFC 9700 §4.8).
	case form.Has("code_verifier") != (c.challenge != ""), c.challenge != "" && !answers(form.Get("code_verifier"), c.challenge):
		return Token{}, wrongVerifier, nil
	}
	u := s.users[c.user]
	if u.Status == Inactive {
		return Token{}, invalidCode, nil
	}
	answer, err := s.authorize(u, c.scopes, apiURL)
	return answer, nil, err
}

// answers reports whether the verifier is the challenge's (RFC 7636 §4.6, S256).
func answers(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	computed := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) == 1
}

// refresh hands out the next pair and ends the refresh token that was used.
func (s *Simulator) refresh(form url.Values, apiURL string) (Token, *tokenError, error) {
	g, ok := s.grants[form.Get("refresh_token")]
	// A grant of a journal from before tokens ended has no end.
	if !ok || s.users[g.User].Status == Inactive || !g.Expires.IsZero() && !s.config.Clock().Before(g.Expires) {
		return Token{}, invalidToken, nil
	}
	if err := s.config.State.Delete(grantPrefix + g.RefreshToken); err != nil {
		return Token{}, nil, err
	}
	delete(s.grants, g.RefreshToken)
	answer, err := s.issue(g.User, g.Scopes, apiURL)
	return answer, nil, err
}

// base is where the request came to: the simulator's own address.
func base(r *http.Request) string { return "http://" + r.Host }

func (s *Simulator) serveRevoke(w http.ResponseWriter, r *http.Request) {
	refused, err := s.revoke(r)
	s.answerToken(w, map[string]string{"status": "success"}, refused, err)
}

// revoke ends the grant that a live access token stands for, of which our client is
// told as if the user had removed it.
func (s *Simulator) revoke(r *http.Request) (*tokenError, error) {
	form, refused := s.clientForm(r)
	if refused != nil {
		return refused, nil
	}
	if len(form) != 1 || form.Get("token") == "" {
		return badForm, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[form.Get("token")]
	if !ok || t.Replaced || !s.config.Clock().Before(t.Expires) {
		return invalidToken, nil
	}
	_, err := s.removeApp(t.User)
	return nil, err
}
