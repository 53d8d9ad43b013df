// Command hook runs every minute and delivers to hosts' webhooks what is due.
package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/hook"
	"yakusoku/shared/vault"
	"yakusoku/shared/wiring"
)

type config struct {
	wiring.Table
	VaultKey string `env:"VAULT_KEY,required,notEmpty"`
	// Allowed are addresses that need not be public.
	Allowed []netip.Prefix `env:"HOOK_ALLOWED" envSeparator:" "`
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(ctx, c.VaultKey, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "VAULT_KEY", Err: err}
	}
	courier := &hook.Courier{
		Queue: store, Vault: v, Poster: hook.NewSender(hook.Reach{Allowed: c.Allowed}), Now: time.Now,
	}
	return courier.Run, nil
}
