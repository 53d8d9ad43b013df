package googlesim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// codeLife is how long an authorization code may be exchanged.
const codeLife = 10 * time.Minute

// code is an authorization code: one consent, to be exchanged once.
type code struct {
	user        string
	scopes      []string
	redirectURI string
	challenge   string // PKCE, S256; empty: none
	refreshable bool   // whether a refresh token comes with it
	expires     time.Time
}

// tokenError is the token endpoint's way to refuse (RFC 6749 §5.2).
type tokenError struct {
	status      int
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

var (
	deadGrant      = &tokenError{http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked."}
	badCode        = &tokenError{http.StatusBadRequest, "invalid_grant", "Malformed auth code."}
	badVerifier    = &tokenError{http.StatusBadRequest, "invalid_grant", "Invalid code verifier."}
	noVerifier     = &tokenError{http.StatusBadRequest, "invalid_grant", "Missing code verifier."}
	unknownClient  = &tokenError{http.StatusUnauthorized, "invalid_client", "The OAuth client was not found."}
	wrongSecret    = &tokenError{http.StatusUnauthorized, "invalid_client", "Unauthorized"}
	wrongRedirect  = &tokenError{http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request"}
	wrongGrantType = &tokenError{http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type"}
	badToken       = &tokenError{http.StatusBadRequest, "invalid_token", "Token expired or revoked"}
)

func (e *tokenError) write(w http.ResponseWriter) { writeJSON(w, e.status, e) }

func malformed(why string) *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_request", why}
}

func internal(err error) *tokenError {
	return &tokenError{http.StatusInternalServerError, "internal_failure", err.Error()}
}

func (s *Simulator) serveToken(w http.ResponseWriter, r *http.Request) {
	answer, refused := s.token(r)
	if refused != nil {
		s.config.Log.Warn("token refused", "status", refused.status, "error", refused.Error,
			"description", refused.Description)
		refused.write(w)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, answer)
}

func (s *Simulator) token(r *http.Request) (Token, *tokenError) {
	form, refused := readForm(r)
	if refused != nil {
		return Token{}, refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if form.Get("client_id") != s.config.ClientID {
		return Token{}, unknownClient
	}
	if form.Get("client_secret") != s.config.ClientSecret {
		return Token{}, wrongSecret
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return s.exchange(form)
	case "refresh_token":
		return s.refresh(form)
	}
	return Token{}, wrongGrantType
}

// readForm reads what the body alone says: a secret in a URL would be logged.
func readForm(r *http.Request) (url.Values, *tokenError) {
	if r.URL.RawQuery != "" {
		return nil, malformed("parameters belong in the body")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		return nil, malformed("the form cannot be read")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, malformed("parameter " + name + " is repeated")
		}
	}
	return r.PostForm, nil
}

// exchange turns a code into tokens. The code is spent by the first try,
// whatever comes of it.
func (s *Simulator) exchange(form url.Values) (Token, *tokenError) {
	c, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	switch {
	case !ok || !s.config.Clock().Before(c.expires):
		return Token{}, badCode
	case form.Get("redirect_uri") != c.redirectURI:
		return Token{}, wrongRedirect
	case c.challenge != "" && form.Get("code_verifier") == "":
		return Token{}, noVerifier
	case c.challenge != "" && !answers(form.Get("code_verifier"), c.challenge):
		return Token{}, badVerifier
	}
	a, err := s.accountOf(c.user)
	if err != nil {
		return Token{}, internal(err)
	}
	issue := s.issueAccess
	if c.refreshable {
		issue = s.issueBoth
	}
	answer, err := issue(a, c.scopes)
	if err != nil {
		return Token{}, internal(err)
	}
	return answer, nil
}

// answers reports whether the verifier is the challenge's (RFC 7636 §4.6, S256).
func answers(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	computed := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) == 1
}

// refresh gives a new access token and, as Google does, no new refresh token.
func (s *Simulator) refresh(form url.Values) (Token, *tokenError) {
	g, ok := s.grants[form.Get("refresh_token")]
	if !ok {
		return Token{}, deadGrant
	}
	scopes := g.Scopes
	if form.Has("scope") {
		scopes = longForms(strings.Fields(form.Get("scope")))
		for _, scope := range scopes {
			if !slices.Contains(g.Scopes, scope) {
				return Token{}, &tokenError{http.StatusBadRequest, "invalid_scope", "Bad Request"}
			}
		}
	}
	answer, err := s.issueAccess(s.accounts[g.User], scopes)
	if err != nil {
		return Token{}, internal(err)
	}
	return answer, nil
}

// serveRevoke ends the whole grant of the user that the token stands for.
func (s *Simulator) serveRevoke(w http.ResponseWriter, r *http.Request) {
	form, refused := readForm(r)
	if refused != nil {
		refused.write(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.userOf(form.Get("token"))
	if !ok {
		badToken.write(w)
		return
	}
	if _, err := s.endGrant(user); err != nil {
		internal(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{})
}

// userOf tells whose an access or refresh token is.
func (s *Simulator) userOf(text string) (string, bool) {
	if g, ok := s.grants[text]; ok {
		return g.User, true
	}
	if t, ok := s.tokens[text]; ok {
		return t.User, true
	}
	return "", false
}
