// Package grants wires functions that act for hosts at their providers. It stands
// apart from package wiring so that the others do not start with OAuth, the vault
// and the providers' clients.
package grants

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"

	"yakusoku/shared/agenda"
	"yakusoku/shared/connection"
	"yakusoku/shared/saga"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
	"yakusoku/shared/vault"
	"yakusoku/shared/wiring"
	"yakusoku/shared/zoom"
)

// Config is the configuration of functions that act for hosts.
type Config struct {
	wiring.Patience
	VaultKey string `env:"VAULT_KEY,required,notEmpty"`
}

func (g Config) keeper(ctx context.Context, s *store.Store, cfg aws.Config, p connection.Provider, oauth *oauth2.Config) (*connection.Keeper, error) {
	v, err := vault.Open(ctx, g.VaultKey, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "VAULT_KEY", Err: err}
	}
	return &connection.Keeper{
		Ledger: s,
		Vault:  v,
		OAuth:  map[connection.Provider]*oauth2.Config{p: oauth},
		HTTP:   &http.Client{Timeout: g.ProviderTimeout},
		Now:    time.Now,
	}, nil
}

// Zoom is the configuration of functions that act in hosts' Zoom accounts.
type Zoom struct {
	Client   string `env:"ZOOM_CLIENT,required,notEmpty"`
	AuthBase string `env:"ZOOM_AUTH_BASE" envDefault:"https://zoom.us"`
	// APIBase is for every account; without it each is asked where its token
	// answer says.
	APIBase string `env:"ZOOM_API_BASE"`
}

// zoomAPIBase is where an account is asked whose token answer does not say.
const zoomAPIBase = "https://api.zoom.us"

// Zoom gives Zoom clients by host.
func (g Config) Zoom(ctx context.Context, z Zoom, s *store.Store, cfg aws.Config) (func(context.Context, string) (saga.Zoom, error), error) {
	client, err := secret.ReadClient(ctx, z.Client, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "ZOOM_CLIENT", Err: err}
	}
	keeper, err := g.keeper(ctx, s, cfg, connection.Zoom, connection.ZoomOAuth(client.ID, client.Secret, z.AuthBase))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, host string) (saga.Zoom, error) {
		http, c, err := keeper.Client(ctx, host, connection.Zoom)
		if err != nil {
			return nil, err
		}
		return &zoom.Client{HTTP: http, Base: cmp.Or(z.APIBase, c.APIBase, zoomAPIBase)}, nil
	}, nil
}

// Google is the configuration of functions that act in hosts' Google calendars.
type Google struct {
	Client    string `env:"GOOGLE_CLIENT,required,notEmpty"`
	TokenBase string `env:"GOOGLE_TOKEN_BASE" envDefault:"https://oauth2.googleapis.com"`
	APIBase   string `env:"GOOGLE_API_BASE" envDefault:"https://www.googleapis.com"`
}

// Agenda gives the hosts' calendars.
func (g Config) Agenda(ctx context.Context, google Google, s *store.Store, cfg aws.Config) (*agenda.Agenda, error) {
	client, err := secret.ReadClient(ctx, google.Client, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "GOOGLE_CLIENT", Err: err}
	}
	keeper, err := g.keeper(ctx, s, cfg, connection.Google, connection.GoogleOAuth(client.ID, client.Secret, google.TokenBase))
	if err != nil {
		return nil, err
	}
	return &agenda.Agenda{Grants: keeper, GoogleAPIBase: google.APIBase}, nil
}
