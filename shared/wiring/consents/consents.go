// Package consents wires functions that make and end hosts' connections. It
// stands apart from package grants, whose functions only use them: an OpenID
// library comes with it.
package consents

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/consent"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
)

// Config is the configuration of functions that connect providers.
type Config struct {
	Grants grants.Config
	Zoom   grants.Zoom
	Google grants.Google
	// A deployment may have no Microsoft client.
	Microsoft grants.Microsoft

	Origin     string `env:"PUBLIC_ORIGIN,required,notEmpty"`
	AllowBasic bool   `env:"ALLOW_BASIC_ZOOM"`
}

// Connector makes the hosts' connector. A provider whose client is not filled in
// yet cannot be connected; the others can.
func (c Config) Connector(ctx context.Context, s *store.Store, cfg aws.Config) (*connection.Connector, error) {
	keeper, err := c.Grants.Keeper(ctx, s, cfg, map[connection.Provider]*oauth2.Config{})
	if err != nil {
		return nil, err
	}
	made := &connection.Connector{
		Links: s, Origin: c.Origin,
		Services: map[connection.Provider]connection.Service{},
		Keeper:   keeper,
	}
	add := func(p connection.Provider, variable, ref string, with func(secret.Client) (*oauth2.Config, connection.Service)) error {
		if ref == "" {
			return nil
		}
		client, err := secret.ReadClient(ctx, ref, cfg)
		if empty := (*secret.Empty)(nil); errors.As(err, &empty) {
			return nil
		}
		if err != nil {
			return &wiring.Misconfigured{Variable: variable, Err: err}
		}
		made.Keeper.OAuth[p], made.Services[p] = with(client)
		return nil
	}
	err = cmp.Or(
		add(connection.Zoom, "ZOOM_CLIENT", c.Zoom.Client, func(k secret.Client) (*oauth2.Config, connection.Service) {
			return connection.ZoomOAuth(k.ID, k.Secret, c.Zoom.AuthBase), consent.Zoom{
				ClientID: k.ID, Secret: k.Secret, AuthBase: c.Zoom.AuthBase, APIBase: c.Zoom.APIBase, AllowBasic: c.AllowBasic,
			}
		}),
		add(connection.Google, "GOOGLE_CLIENT", c.Google.Client, func(k secret.Client) (*oauth2.Config, connection.Service) {
			return connection.GoogleOAuth(k.ID, k.Secret, c.Google.AuthBase, c.Google.TokenBase), consent.Google{
				ClientID: k.ID, TokenBase: c.Google.TokenBase,
			}
		}),
		add(connection.Microsoft, "MICROSOFT_CLIENT", c.Microsoft.Client, func(k secret.Client) (*oauth2.Config, connection.Service) {
			return connection.MicrosoftOAuth(k.ID, k.Secret, c.Microsoft.AuthBase), consent.Microsoft{APIBase: c.Microsoft.APIBase}
		}),
	)
	return made, err
}
