// Package seed gives a fresh local run something to see: host demo, connected to
// the simulators, with the page intro, and a page for each state that a page can
// be in.
package seed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/store"
)

// Seed plants the demo host.
type Seed struct {
	Store *store.Store
	Vault connection.Vault
	Front string // origin of the front door
	// Subject is the demo host's at the sign-in provider.
	Subject      string
	Zoom, Google Simulated
}

// Simulated is a provider's simulator. Its URL is empty where the real one is
// used, which nobody but a host can connect.
type Simulated struct {
	URL     string
	Service connection.Service
}

// Email is the demo host's address, at home and at both providers.
const Email = "demo@yakusoku.example"

// Handle is the demo host's.
const Handle = "demo"

// Plant stores the demo host, unless it was planted before: what a person changed
// stays. The way to sign in to it comes last, so that a planting that was cut off
// is done again.
func (s Seed) Plant(ctx context.Context) error {
	_, err := s.Store.HostBySubject(ctx, s.Subject)
	if err == nil {
		return s.Store.Due(ctx, Handle) // what an earlier version planted has no mirror
	}
	if unknown := (*host.Unknown)(nil); !errors.As(err, &unknown) {
		return err
	}
	h := host.Host{
		Handle: Handle, Subject: s.Subject, Name: "約束 花子", Email: Email,
		TimeZone: "Asia/Tokyo", Language: language.Japanese,
		Connected: map[string]bool{}, CreatedAt: time.Now().UTC(),
	}
	if err := s.Store.PutHost(ctx, h); err != nil {
		return err
	}
	for p, simulated := range map[connection.Provider]Simulated{connection.Zoom: s.Zoom, connection.Google: s.Google} {
		if simulated.URL == "" {
			continue
		}
		if err := s.connect(ctx, h, p, simulated); err != nil {
			return fmt.Errorf("connect the demo host to %s: %w", p, err)
		}
	}
	for _, p := range pages(s.Front) {
		p.Host = h.Handle
		if wrong := p.Validate(); len(wrong) > 0 {
			return fmt.Errorf("page %s breaks %v", p.Slug, wrong)
		}
		if err := s.Store.PutPage(ctx, p); err != nil {
			return err
		}
	}
	if err := s.Store.Due(ctx, h.Handle); err != nil {
		return err
	}
	return s.Store.PutSignIn(ctx, h)
}

// connect takes the tokens that the host's consent would have brought, and makes
// the connection that the console would have made of them.
func (s Seed) connect(ctx context.Context, h host.Host, p connection.Provider, at Simulated) error {
	t, err := grant(ctx, h.Email, at.URL)
	if err != nil {
		return err
	}
	keeper := connection.Keeper{Vault: s.Vault}
	scope, _ := t.Extra("scope").(string)
	c, err := keeper.Seal(ctx, connection.Connection{
		Host: h.Handle, Provider: p, Status: connection.Connected, Scopes: strings.Fields(scope),
		ConnectedAt: time.Now().UTC(), CheckedAt: time.Now().UTC(),
	}, t)
	if err != nil {
		return err
	}
	client := oauth2.NewClient(ctx, oauth2.StaticTokenSource(t))
	c.Account, c.Warnings, err = at.Service.Identify(ctx, client, c.APIBase, t)
	if err != nil {
		return err
	}
	former, err := s.Store.Connection(ctx, h.Handle, p)
	if absent := (*connection.Absent)(nil); err != nil && !errors.As(err, &absent) {
		return err
	}
	c.Version = former.Version
	return s.Store.Link(ctx, c, former.Account)
}

// grant asks a simulator for the answer of a code exchange.
func grant(ctx context.Context, user, url string) (*oauth2.Token, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/_grant", strings.NewReader(`{"user":"`+user+`"}`))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the simulator answered %s", response.Status)
	}
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the grant: %w", err)
	}
	word := func(name string) string {
		text, _ := answer[name].(string)
		return text
	}
	seconds, _ := answer["expires_in"].(float64)
	t := &oauth2.Token{
		AccessToken: word("access_token"), RefreshToken: word("refresh_token"), TokenType: "Bearer",
		Expiry: time.Now().Add(time.Duration(seconds) * time.Second),
	}
	return t.WithExtra(answer), nil
}
