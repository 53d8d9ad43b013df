package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc" // discovery, key sets and signatures, kept by CoreOS; Apache-2.0
)

// Issuer is whose tokens Auth routes take, and for which client.
type Issuer struct {
	URL      string
	Audience string
}

// authorizer verifies access tokens as the HTTP API's JWT authorizer does: an RSA
// signature by one of the issuer's keys, iss, aud or in its place client_id, exp,
// nbf and iat.
//
// See docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html.
type authorizer struct {
	Issuer

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
}

var errNoToken = errors.New("no bearer token")

// claims returns the claims of the request's token, as texts: that is how they
// stand in the event.
func (a *authorizer) claims(r *http.Request) (map[string]string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, errNoToken
	}
	v, err := a.discovered()
	if err != nil {
		return nil, err
	}
	verified, err := v.Verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := verified.Claims(&all); err != nil {
		return nil, err
	}
	claims := make(map[string]string, len(all))
	for name, value := range all {
		claims[name] = claimText(value)
	}
	return claims, a.check(verified, claims)
}

// check holds the token to what go-oidc leaves open.
func (a *authorizer) check(verified *oidc.IDToken, claims map[string]string) error {
	forUs := len(verified.Audience) == 0 && claims["client_id"] == a.Audience
	for _, audience := range verified.Audience {
		forUs = forUs || audience == a.Audience
	}
	switch {
	case !forUs:
		return errors.New("the token is for another client")
	case verified.IssuedAt.After(time.Now()):
		return errors.New("the token is from the future")
	}
	return nil
}

// claimText is a claim as the event has it: lists in brackets, all else as it is
// written.
func claimText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return "[" + strings.Join(list, " ") + "]"
	}
	return string(value)
}

// discovered reads the issuer's configuration with the first token.
func (a *authorizer) discovered() (*oidc.IDTokenVerifier, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.verifier != nil {
		return a.verifier, nil
	}
	// The key set lives on and fetches keys later, so no request's context will do.
	provider, err := oidc.NewProvider(context.Background(), a.URL)
	if err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	a.verifier = provider.Verifier(&oidc.Config{SkipClientIDCheck: true, SupportedSigningAlgs: []string{oidc.RS256, oidc.RS384, oidc.RS512}})
	return a.verifier, nil
}
