package consent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc" // reads id tokens, kept by CoreOS; Apache-2.0
	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
)

// Google is a host's Google account.
type Google struct {
	ClientID  string
	TokenBase string // https://oauth2.googleapis.com
}

// Options ask for a refresh token: Google gives one only to offline access, and
// reliably only where consent is shown.
func (Google) Options() []oauth2.AuthCodeOption {
	return []oauth2.AuthCodeOption{
		oauth2.AccessTypeOffline,
		oauth2.SetAuthURLParam("prompt", "consent"),
	}
}

const googleScope = "https://www.googleapis.com/auth/"

// Missing looks for the calendars' scopes: a user may untick each.
func (Google) Missing(granted []string) string {
	return missing(granted,
		googleScope+"calendar.events.owned",
		googleScope+"calendar.calendarlist.readonly",
		googleScope+"calendar.events.freebusy",
	)
}

// Identify reads the id token. It came from Google's own token endpoint, over
// TLS, so its signature need not be checked (OpenID Connect Core, 3.1.3.7).
func (g Google) Identify(ctx context.Context, _ *http.Client, _ string, t *oauth2.Token) (connection.Account, []string, error) {
	raw, _ := t.Extra("id_token").(string)
	verifier := oidc.NewVerifier("https://accounts.google.com", nil, &oidc.Config{
		ClientID: g.ClientID, InsecureSkipSignatureCheck: true,
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil || token.Subject == "" { // which the library does not ask for
		return connection.Account{}, nil, &connection.Refused{Why: connection.ExchangeFailed, Err: errors.New("the id token is not one for us")}
	}
	var claims struct {
		Email string `json:"email"`
	}
	if err := token.Claims(&claims); err != nil {
		return connection.Account{}, nil, &connection.Refused{Why: connection.ExchangeFailed, Err: errors.New("the id token cannot be read")}
	}
	return connection.Account{ID: token.Subject, Email: claims.Email}, nil, nil
}

// Revoke ends the grant (developers.google.com/identity/protocols/oauth2/web-server).
func (g Google) Revoke(ctx context.Context, client *http.Client, t connection.Tokens) error {
	return post(ctx, client, g.TokenBase+"/revoke", url.Values{"token": {t.Refresh}})
}

func post(ctx context.Context, client *http.Client, address string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("revoke the grant: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection is used again
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("revoke the grant: status %d", res.StatusCode)
	}
	return nil
}
