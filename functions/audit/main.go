// Command audit runs every minute and compares hosts' bookings to come with what
// stands of them at Zoom and in the hosts' calendars.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/audit"
	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
	"yakusoku/shared/wiring/post"
)

type config struct {
	wiring.Table
	Grants    grants.Config
	Zoom      grants.Zoom
	Google    grants.Google
	Microsoft grants.Microsoft
	Post      post.Config
	Patience  saga.Patience

	// Period is the mean time between two audits of a host of whose bookings nobody
	// says that something changed.
	Period time.Duration `env:"AUDIT_PERIOD" envDefault:"6h"`
	// Spacing is the least time between two audits of one host.
	Spacing time.Duration `env:"AUDIT_SPACING" envDefault:"1m"`
}

func main() { wiring.RunOnceFilledIn(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	accounts, err := c.Grants.ZoomAccounts(ctx, c.Zoom, store, cfg)
	if err != nil {
		return nil, err
	}
	agenda, err := c.Grants.Agenda(ctx, c.Google, c.Microsoft, store, cfg)
	if err != nil {
		return nil, err
	}
	sender, err := c.Post.Notices(cfg)
	if err != nil {
		return nil, err
	}
	auditor := &audit.Auditor{
		Ledger: store,
		Zoom:   func(ctx context.Context, host string) (audit.Zoom, error) { return accounts(ctx, host) },
		Events: func(ctx context.Context, host, provider string) (audit.Events, error) {
			return agenda.Account(ctx, host, provider)
		},
		Post: sender, Now: time.Now, Period: c.Period, Spacing: c.Spacing, EffectWithin: c.Patience.EffectWithin,
	}
	return auditor.Run, nil
}
