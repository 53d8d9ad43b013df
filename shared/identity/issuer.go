// Package identity asks the OpenID provider that hosts sign in at about them.
// Their access tokens are verified in front of the functions (API Gateway).
package identity

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc" // discovery and userinfo, kept by CoreOS; Apache-2.0
	"golang.org/x/oauth2"
)

// Issuer is an OpenID provider.
type Issuer struct {
	URL  string // its issuer identifier
	HTTP *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

// Email returns the address of whom the access token was given to, and whether
// the issuer vouches for it (OpenID Connect Core, 5.3).
func (i *Issuer) Email(ctx context.Context, accessToken string) (address string, verified bool, err error) {
	ctx = oidc.ClientContext(ctx, i.HTTP)
	p, err := i.discovered(ctx)
	if err != nil {
		return "", false, err
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: accessToken, TokenType: "Bearer"}))
	if err != nil {
		return "", false, fmt.Errorf("ask for the user: %w", err)
	}
	return info.Email, info.EmailVerified, nil
}

// discovered reads the issuer's configuration once; a failure is not kept.
func (i *Issuer) discovered(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	p, err := oidc.NewProvider(ctx, i.URL)
	if err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	i.provider = p
	return p, nil
}
