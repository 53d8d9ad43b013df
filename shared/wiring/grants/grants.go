// Package grants wires functions that act for hosts at their providers. It stands
// apart from package wiring so that the others do not start with OAuth, the vault
// and the providers' clients.
package grants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"
	"golang.org/x/sync/errgroup"

	"yakusoku/shared/agenda"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/saga"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
	"yakusoku/shared/trace"
	"yakusoku/shared/vault"
	"yakusoku/shared/wiring"
	"yakusoku/shared/zoom"
)

// Config is the configuration of functions that act for hosts.
type Config struct {
	wiring.Patience
	VaultKey string `env:"VAULT_KEY,required,notEmpty"`
}

var errNoCalendars = fmt.Errorf("neither this nor MICROSOFT_CLIENT: %w", &secret.Empty{})

// Keeper keeps the grants of the providers for which there is a client.
func (g Config) Keeper(ctx context.Context, s *store.Store, cfg aws.Config, oauth map[connection.Provider]*oauth2.Config) (*connection.Keeper, error) {
	v, err := vault.Open(ctx, g.VaultKey, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "VAULT_KEY", Err: err}
	}
	return &connection.Keeper{
		Ledger: s,
		Vault:  v,
		OAuth:  oauth,
		HTTP:   &http.Client{Timeout: g.ProviderTimeout, CheckRedirect: stay, Transport: trace.Transport(http.DefaultTransport)},
		Now:    time.Now,
		Go:     wiring.Go,
		Ends: map[connection.Provider]func(int, []byte) bool{
			connection.Zoom:      zoom.GrantEnded,
			connection.Google:    google.GrantEnded,
			connection.Microsoft: microsoft.GrantEnded,
		},
	}, nil
}

// stay takes a redirect for the answer. No provider's API redirects, and to follow one
// would show a host's token, or a client's secret, to whoever is named there.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Zoom is the configuration of functions that act in hosts' Zoom accounts.
type Zoom struct {
	Client   string `env:"ZOOM_CLIENT,required,notEmpty"`
	AuthBase string `env:"ZOOM_AUTH_BASE" envDefault:"https://zoom.us"`
	// APIBase is for every account; without it each is asked where its token
	// answer says.
	APIBase string `env:"ZOOM_API_BASE"`
}

// ZoomAccount is one host's account at Zoom.
type ZoomAccount struct {
	*zoom.Client
	mark string
}

// Account tells it from others, without naming its user: Zoom wants those forgotten
// who remove our app.
func (a ZoomAccount) Account() string { return a.mark }

// Zoom gives the hosts' Zoom accounts to the saga.
func (g Config) Zoom(ctx context.Context, z Zoom, s *store.Store, cfg aws.Config) (func(context.Context, string) (saga.Zoom, error), error) {
	accounts, err := g.ZoomAccounts(ctx, z, s, cfg)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, host string) (saga.Zoom, error) { return accounts(ctx, host) }, nil
}

// ZoomAccounts gives Zoom clients by host. They return errors for which
// connection.Lost is true where the host must reconnect.
func (g Config) ZoomAccounts(ctx context.Context, z Zoom, s *store.Store, cfg aws.Config) (func(context.Context, string) (ZoomAccount, error), error) {
	client, err := secret.ReadClient(ctx, z.Client, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "ZOOM_CLIENT", Err: err}
	}
	keeper, err := g.Keeper(ctx, s, cfg, map[connection.Provider]*oauth2.Config{
		connection.Zoom: connection.ZoomOAuth(client.ID, client.Secret, z.AuthBase),
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, host string) (ZoomAccount, error) {
		http, c, err := keeper.Client(ctx, host, connection.Zoom)
		if err != nil {
			return ZoomAccount{}, err
		}
		return ZoomAccount{&zoom.Client{HTTP: http, Base: cmp.Or(z.APIBase, c.APIBase, zoom.DefaultBase)}, c.Account.Mark()}, nil
	}, nil
}

// Google is the configuration of functions that act in hosts' Google calendars.
// Its client may be left out where there is one at Microsoft.
type Google struct {
	Client    string `env:"GOOGLE_CLIENT,required,notEmpty"`
	AuthBase  string `env:"GOOGLE_AUTH_BASE" envDefault:"https://accounts.google.com"`
	TokenBase string `env:"GOOGLE_TOKEN_BASE" envDefault:"https://oauth2.googleapis.com"`
	APIBase   string `env:"GOOGLE_API_BASE" envDefault:"https://www.googleapis.com"`
}

// Microsoft is the configuration of functions that act in hosts' calendars at
// Microsoft. Its client may be left out where there is one at Google.
type Microsoft struct {
	Client   string `env:"MICROSOFT_CLIENT"`
	AuthBase string `env:"MICROSOFT_AUTH_BASE" envDefault:"https://login.microsoftonline.com"`
	APIBase  string `env:"MICROSOFT_API_BASE" envDefault:"https://graph.microsoft.com"`
}

// readClient reads the client that variable names, or nil if there is none: none
// is named, or its secret is not filled in yet.
func readClient(ctx context.Context, variable, ref string, cfg aws.Config) (*secret.Client, error) {
	if ref == "" {
		return nil, nil
	}
	client, err := secret.ReadClient(ctx, ref, cfg)
	if empty := (*secret.Empty)(nil); errors.As(err, &empty) {
		return nil, nil
	}
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: variable, Err: err}
	}
	return &client, nil
}

// Agenda gives the hosts' calendars. The two clients' secrets are read side by
// side: a start waits for them.
func (g Config) Agenda(ctx context.Context, google Google, microsoft Microsoft, s *store.Store, cfg aws.Config) (*agenda.Agenda, error) {
	var atGoogle, atMicrosoft *secret.Client
	reads, readContext := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		atGoogle, err = readClient(readContext, "GOOGLE_CLIENT", google.Client, cfg)
		return err
	})
	reads.Go(func() (err error) {
		atMicrosoft, err = readClient(readContext, "MICROSOFT_CLIENT", microsoft.Client, cfg)
		return err
	})
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	oauth := map[connection.Provider]*oauth2.Config{}
	if atGoogle != nil {
		oauth[connection.Google] = connection.GoogleOAuth(atGoogle.ID, atGoogle.Secret, google.AuthBase, google.TokenBase)
	}
	if atMicrosoft != nil {
		oauth[connection.Microsoft] = connection.MicrosoftOAuth(atMicrosoft.ID, atMicrosoft.Secret, microsoft.AuthBase)
	}
	if len(oauth) == 0 {
		return nil, &wiring.Misconfigured{Variable: "GOOGLE_CLIENT", Err: errNoCalendars}
	}
	keeper, err := g.Keeper(ctx, s, cfg, oauth)
	if err != nil {
		return nil, err
	}
	return &agenda.Agenda{Grants: keeper, GoogleAPIBase: google.APIBase, MicrosoftAPIBase: microsoft.APIBase}, nil
}

// Every keeps the grants of all providers for which there is a client. The clients'
// secrets are read side by side.
func (g Config) Every(ctx context.Context, z Zoom, google Google, microsoft Microsoft, s *store.Store, cfg aws.Config) (*connection.Keeper, error) {
	var atZoom, atGoogle, atMicrosoft *secret.Client
	reads, readContext := errgroup.WithContext(ctx)
	for _, r := range []struct {
		variable, ref string
		into          **secret.Client
	}{{"ZOOM_CLIENT", z.Client, &atZoom}, {"GOOGLE_CLIENT", google.Client, &atGoogle}, {"MICROSOFT_CLIENT", microsoft.Client, &atMicrosoft}} {
		reads.Go(func() (err error) {
			*r.into, err = readClient(readContext, r.variable, r.ref, cfg)
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	oauth := map[connection.Provider]*oauth2.Config{}
	if atZoom != nil {
		oauth[connection.Zoom] = connection.ZoomOAuth(atZoom.ID, atZoom.Secret, z.AuthBase)
	}
	if atGoogle != nil {
		oauth[connection.Google] = connection.GoogleOAuth(atGoogle.ID, atGoogle.Secret, google.AuthBase, google.TokenBase)
	}
	if atMicrosoft != nil {
		oauth[connection.Microsoft] = connection.MicrosoftOAuth(atMicrosoft.ID, atMicrosoft.Secret, microsoft.AuthBase)
	}
	return g.Keeper(ctx, s, cfg, oauth)
}
