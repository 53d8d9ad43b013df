package microsoftsim

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
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
	expires     time.Time
	spent       bool
}

// tokenError is the token endpoint's way to refuse: a number behind AADSTS says
// what it is (learn.microsoft.com/entra/identity-platform/reference-error-codes).
type tokenError struct {
	status int
	word   string
	number int
	text   string
}

// deadGrants are the numbers by which a refresh token is dead for good.
var deadGrants = map[int]string{
	50076:  "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
	50158:  "External security challenge was not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.",
	50173:  "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
	65001:  "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
	70000:  "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.",
	70008:  "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
	700082: "The refresh token has expired due to inactivity.",
}

const (
	revokedNumber  = 50173
	invalidNumber  = 70000
	inactiveNumber = 700082
)

func deadGrant(number int) *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_grant", number, deadGrants[number]}
}

var (
	unknownClient = &tokenError{http.StatusBadRequest, "unauthorized_client", 700016, "Application with the identifier was not found in the directory."}
	wrongSecret   = &tokenError{http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided."}
	expiredCode   = &tokenError{http.StatusBadRequest, "invalid_grant", 70008, deadGrants[70008]}
	malformedCode = &tokenError{http.StatusBadRequest, "invalid_grant", 9002313, "Invalid request. Request is malformed or invalid."}
	spentCode     = &tokenError{http.StatusBadRequest, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."}
	wrongRedirect = &tokenError{http.StatusBadRequest, "invalid_grant", 500112, "The reply address does not match the reply address provided when requesting Authorization code."}
	noVerifier    = &tokenError{http.StatusBadRequest, "invalid_grant", 50148, "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE."}
	badVerifier   = &tokenError{http.StatusBadRequest, "invalid_grant", 501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."}
	badGrantType  = &tokenError{http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type."}
	wrongScope    = &tokenError{http.StatusBadRequest, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid."}
	wrongTenant   = &tokenError{http.StatusBadRequest, "invalid_grant", 70002, "The account is not one of the tenant that the endpoint names."}
)

func malformed(why string) *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_request", 900144, why}
}

func internal(err error) *tokenError {
	return &tokenError{http.StatusInternalServerError, "server_error", 90033, err.Error()}
}

func (e *tokenError) description() string { return fmt.Sprintf("AADSTS%d: %s", e.number, e.text) }

func (e *tokenError) write(w http.ResponseWriter, now time.Time) {
	writeJSON(w, e.status, map[string]any{
		"error":             e.word,
		"error_description": e.description() + " Timestamp: " + now.UTC().Format("2006-01-02 15:04:05Z"),
		"error_codes":       []int{e.number},
		"timestamp":         now.UTC().Format("2006-01-02 15:04:05Z"),
		"trace_id":          newGUID(),
		"correlation_id":    newGUID(),
		"error_uri":         fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", e.number),
	})
}

// newGUID is a random one.
func newGUID() string {
	sum := sha256.Sum256([]byte(rand.Text()))
	return guidOf(sum[:])
}

func (s *Simulator) serveToken(w http.ResponseWriter, r *http.Request) {
	answer, refused := s.token(r)
	w.Header().Set("Cache-Control", "no-store, no-cache")
	if refused != nil {
		s.config.Log.Warn("token refused", "status", refused.status, "error", refused.word, "description", refused.description())
		refused.write(w, s.config.Clock())
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// grantTypes are what the token endpoint serves, with the parameters of each
// beside grant_type and the client's.
var grantTypes = map[string]struct {
	required, optional []string
	serve              func(s *Simulator, tenant string, form url.Values) (Token, *tokenError)
}{
	"authorization_code": {[]string{"code", "redirect_uri"}, []string{"code_verifier", "scope"}, (*Simulator).exchange},
	"refresh_token":      {[]string{"refresh_token"}, []string{"scope", "redirect_uri"}, (*Simulator).refresh},
}

func (s *Simulator) token(r *http.Request) (Token, *tokenError) {
	form, refused := readForm(r)
	if refused != nil {
		return Token{}, refused
	}
	kind, ok := grantTypes[form.Get("grant_type")]
	if !ok {
		return Token{}, badGrantType
	}
	for _, name := range kind.required {
		if form.Get(name) == "" {
			return Token{}, malformed("The request body must contain the following parameter: '" + name + "'.")
		}
	}
	for name := range form {
		known := slices.Concat(kind.required, kind.optional, []string{"grant_type", "client_id", "client_secret"})
		if !slices.Contains(known, name) {
			return Token{}, malformed("The parameter '" + name + "' is not one that is known here.")
		}
	}
	if form.Get("client_id") != s.config.ClientID {
		return Token{}, unknownClient
	}
	if form.Get("client_secret") != s.config.ClientSecret {
		return Token{}, wrongSecret
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return kind.serve(s, r.PathValue("tenant"), form)
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
func (s *Simulator) exchange(tenant string, form url.Values) (Token, *tokenError) {
	c, ok := s.codes[form.Get("code")]
	if !ok {
		return Token{}, malformedCode
	}
	spent := c.spent
	c.spent = true
	switch {
	case spent:
		return Token{}, spentCode
	case !s.config.Clock().Before(c.expires):
		return Token{}, expiredCode
	case form.Get("redirect_uri") != c.redirectURI:
		return Token{}, wrongRedirect
	case form.Has("code_verifier") != (c.challenge != ""):
		return Token{}, noVerifier
	case c.challenge != "" && !answers(form.Get("code_verifier"), c.challenge):
		return Token{}, badVerifier
	}
	return s.answer(tenant, s.accounts[c.user], c.scopes, form)
}

// answers reports whether the verifier is the challenge's (RFC 7636 §4.6, S256).
func answers(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	computed := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(computed), []byte(challenge)) == 1
}

// refresh gives a new pair each time. The refresh token that was used stays
// valid, for its own 90 days
// (learn.microsoft.com/entra/identity-platform/refresh-tokens).
func (s *Simulator) refresh(tenant string, form url.Values) (Token, *tokenError) {
	g, ok := s.grants[form.Get("refresh_token")]
	switch {
	case !ok:
		return Token{}, deadGrant(invalidNumber)
	case g.Ended != 0:
		return Token{}, deadGrant(g.Ended)
	case !s.config.Clock().Before(g.Issued.Add(refreshLife)):
		return Token{}, deadGrant(inactiveNumber)
	}
	return s.answer(tenant, s.accounts[g.User], g.Scopes, form)
}

func (s *Simulator) answer(tenant string, a *account, scopes []string, form url.Values) (Token, *tokenError) {
	if !a.in(tenant) {
		return Token{}, wrongTenant
	}
	if form.Has("scope") {
		asked := normal(strings.Fields(form.Get("scope")))
		for _, scope := range asked {
			if !slices.Contains(scopes, scope) {
				return Token{}, wrongScope
			}
		}
		scopes = asked
	}
	answer, err := s.issue(a, scopes)
	if err != nil {
		return Token{}, internal(err)
	}
	return answer, nil
}

// in reports whether an endpoint of the tenant is for the account.
func (a *account) in(tenant string) bool {
	switch tenant {
	case "common":
		return true
	case "organizations":
		return a.Kind == Work
	case "consumers":
		return a.Kind == Personal
	}
	return tenant == a.tenant()
}
