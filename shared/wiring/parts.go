package wiring

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/oauth2"

	"yakusoku/shared/agenda"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/saga"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
	"yakusoku/shared/vault"
	"yakusoku/shared/zoom"
)

// Table is the configuration of functions that use the store.
type Table struct {
	TableName string `env:"TABLE_NAME,required,notEmpty"`
}

// reachWithin bounds the one call that init makes to the table.
const reachWithin = 2 * time.Second

// Store opens the table, and tells at once if there is none of that name.
func (t Table) Store(ctx context.Context, cfg aws.Config) (*store.Store, error) {
	s := &store.Store{DB: dynamodb.NewFromConfig(cfg), Table: t.TableName}
	within, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	err := s.Reach(within)
	if missing := (*store.UnknownTable)(nil); errors.As(err, &missing) {
		return nil, &Misconfigured{Variable: "TABLE_NAME", Err: err}
	}
	if err != nil {
		slog.Warn("table not reached at init", "error", err)
	}
	return s, nil
}

// Machine is the configuration of functions that start sagas.
type Machine struct {
	StateMachine string `env:"BOOK_STATE_MACHINE,required,notEmpty"`
	// SettleWithin is when sweep looks after a booking that is not settled.
	SettleWithin time.Duration `env:"SETTLE_WITHIN" envDefault:"90s"`
}

// Executions reaches the state machine.
func (m Machine) Executions(cfg aws.Config) *saga.Machine {
	return &saga.Machine{SFN: sfn.NewFromConfig(cfg), ARN: m.StateMachine}
}

// Guests is the configuration of functions that make guests' tokens.
type Guests struct {
	TokenSecret string `env:"GUEST_TOKEN_SECRET,required,notEmpty"`
}

// Tokens reads the secret behind the guests' tokens.
func (g Guests) Tokens(ctx context.Context, cfg aws.Config) (booking.Tokens, error) {
	text, err := secret.Read(ctx, g.TokenSecret, cfg)
	if err != nil {
		return booking.Tokens{}, &Misconfigured{Variable: "GUEST_TOKEN_SECRET", Err: err}
	}
	tokens, err := booking.NewTokens([]byte(text))
	if err != nil {
		return booking.Tokens{}, &Misconfigured{Variable: "GUEST_TOKEN_SECRET", Err: err}
	}
	return tokens, nil
}

// Patience is the configuration of functions that call providers.
type Patience struct {
	// ProviderTimeout bounds one call to a provider; it is well below a step's.
	ProviderTimeout time.Duration `env:"PROVIDER_TIMEOUT" envDefault:"8s"`
}

// Grants is the configuration of functions that act for hosts.
type Grants struct {
	Patience
	VaultKey string `env:"VAULT_KEY,required,notEmpty"`
}

func (g Grants) keeper(ctx context.Context, s *store.Store, cfg aws.Config, p connection.Provider, oauth *oauth2.Config) (*connection.Keeper, error) {
	v, err := vault.Open(ctx, g.VaultKey, cfg)
	if err != nil {
		return nil, &Misconfigured{Variable: "VAULT_KEY", Err: err}
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
func (g Grants) Zoom(ctx context.Context, z Zoom, s *store.Store, cfg aws.Config) (func(context.Context, string) (saga.Zoom, error), error) {
	client, err := secret.ReadClient(ctx, z.Client, cfg)
	if err != nil {
		return nil, &Misconfigured{Variable: "ZOOM_CLIENT", Err: err}
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
func (g Grants) Agenda(ctx context.Context, google Google, s *store.Store, cfg aws.Config) (*agenda.Agenda, error) {
	client, err := secret.ReadClient(ctx, google.Client, cfg)
	if err != nil {
		return nil, &Misconfigured{Variable: "GOOGLE_CLIENT", Err: err}
	}
	keeper, err := g.keeper(ctx, s, cfg, connection.Google, connection.GoogleOAuth(client.ID, client.Secret, google.TokenBase))
	if err != nil {
		return nil, err
	}
	return &agenda.Agenda{Grants: keeper, GoogleAPIBase: google.APIBase}, nil
}
