// Command console serves the host's API: account, connections, booking pages and
// bookings.
package main

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/agenda"
	"yakusoku/shared/apikey"
	"yakusoku/shared/booking"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/identity"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/consents"
	"yakusoku/shared/wiring/machine"
)

type config struct {
	wiring.Table
	Consents consents.Config
	Machine  machine.Config
	Issuer   string `env:"SIGN_IN_ISSUER,required,notEmpty"`
	// PerKey is how often an API key is taken within an hour; 0: any number.
	PerKey int `env:"LIMIT_PER_KEY" envDefault:"1000"`
	// HookAllowed are addresses of webhooks that need not be public.
	HookAllowed []netip.Prefix `env:"HOOK_ALLOWED" envSeparator:" "`
	// EmbedAllowed are the sites that pages may be embedded in; any if left out.
	EmbedAllowed []string `env:"EMBED_ALLOWED" envSeparator:" "`
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	connector, err := c.Consents.Connector(ctx, store, cfg)
	if err != nil {
		return nil, err
	}
	issuer := &identity.Issuer{URL: c.Issuer, HTTP: &http.Client{Timeout: c.Consents.Grants.ProviderTimeout}}
	return httpapi.Lambda(httpapi.Console(httpapi.ConsoleParts{
		Mirror:   store,
		Audits:   store,
		Accounts: &host.Desk{Ledger: store, Issuer: issuer, Links: connector, Now: time.Now},
		Shelf:    store,
		Diary: &booking.Diary{Archive: store, Now: time.Now, Registrar: &booking.Registrar{
			Ledger: store, Sagas: c.Machine.Executions(cfg), Now: time.Now, SettleWithin: c.Machine.SettleWithin,
		}},
		Connector:   connector,
		Connections: store,
		Calendars: &agenda.Agenda{
			Grants:           connector.Keeper,
			GoogleAPIBase:    c.Consents.Google.APIBase,
			MicrosoftAPIBase: c.Consents.Microsoft.APIBase,
		},
		Hooks: &hook.Desk{
			Ledger: store, Vault: connector.Keeper.Vault, Reach: hook.Reach{Allowed: c.HookAllowed}, Now: time.Now,
		},
		Keys:    &apikey.Desk{Ledger: store, PerHour: c.PerKey, Now: time.Now},
		EmbedIn: c.EmbedAllowed,
		Now:     time.Now,
	})), nil
}
