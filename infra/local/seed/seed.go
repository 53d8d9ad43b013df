// Package seed gives a fresh local run something to see: host demo, connected to
// the simulators, with the page intro, and a page for each state that a page can
// be in.
package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/booking"
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
	// ZoomURL and GoogleURL are the simulators'; empty where the real provider is
	// used, which nobody but the host can connect.
	ZoomURL, GoogleURL string
}

// Email is the demo host's address, at home and at both providers.
const Email = "host@example.com"

// Plant stores what is not there yet; what a person changed stays.
func (s Seed) Plant(ctx context.Context) error {
	h := host.Host{
		Handle: "demo", Name: "約束 花子", Email: Email,
		TimeZone: "Asia/Tokyo", Language: language.Japanese,
		Connected: map[string]bool{},
	}
	connected, err := s.connect(ctx, h)
	if err != nil {
		return fmt.Errorf("connect the demo host: %w", err)
	}
	now := time.Now()
	snap, err := s.Store.Snapshot(ctx, booking.Wanted{Host: h.Handle, Page: "intro", From: now, To: now})
	if err == nil && snap.Host.Handle != "" && !connected {
		return nil
	}
	h.Connected["zoom"], h.Connected["google"] = s.ZoomURL != "", s.GoogleURL != ""
	errs := []error{s.Store.PutHost(ctx, h)}
	for _, p := range pages(s.Front) {
		p.Host = h.Handle
		if wrong := p.Validate(); len(wrong) > 0 {
			return fmt.Errorf("page %s breaks %v", p.Slug, wrong)
		}
		errs = append(errs, s.Store.PutPage(ctx, p))
	}
	return errors.Join(errs...)
}

// connect gives the host the grants that it lacks and reports whether it gave
// any.
func (s Seed) connect(ctx context.Context, h host.Host) (bool, error) {
	any := false
	for provider, url := range map[connection.Provider]string{
		connection.Zoom:   s.ZoomURL,
		connection.Google: s.GoogleURL,
	} {
		if url == "" {
			continue
		}
		_, err := s.Store.Connection(ctx, h.Handle, provider)
		if absent := (*connection.Absent)(nil); !errors.As(err, &absent) {
			if err != nil {
				return false, err
			}
			continue
		}
		if err := s.grant(ctx, h, provider, url); err != nil {
			return false, fmt.Errorf("%s: %w", provider, err)
		}
		any = true
	}
	return any, nil
}

// grant takes the tokens that the host's consent would have brought.
func (s Seed) grant(ctx context.Context, h host.Host, p connection.Provider, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/_grant",
		bytes.NewReader([]byte(`{"user":"`+h.Email+`"}`)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator answered %s", response.Status)
	}
	var answer struct {
		oauth2.Token
		ExpiresIn int64  `json:"expires_in"`
		Scope     string `json:"scope"`
		APIURL    string `json:"api_url"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("read the grant: %w", err)
	}
	token := answer.Token
	token.Expiry = time.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)
	keeper := connection.Keeper{Vault: s.Vault}
	c, err := keeper.Seal(ctx, connection.Connection{
		Host: h.Handle, Provider: p, Status: connection.Connected,
		Account:     connection.Account{ID: h.Email, Email: h.Email},
		Scopes:      strings.Fields(answer.Scope),
		APIBase:     answer.APIURL,
		ConnectedAt: time.Now().UTC(),
	}, &token)
	if err != nil {
		return err
	}
	return s.Store.PutConnection(ctx, c)
}
