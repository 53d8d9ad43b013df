// Command mirror runs every minute and reads the hosts' calendars that are due, so
// that showing open slots calls nobody.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/mirror"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
)

type config struct {
	wiring.Table
	Grants    grants.Config
	Google    grants.Google
	Microsoft grants.Microsoft

	Origin string `env:"PUBLIC_ORIGIN,required,notEmpty"`
	// Period is the mean time between two readings of a calendar that nobody says
	// has changed.
	Period time.Duration `env:"MIRROR_PERIOD" envDefault:"12m"`
	// Spacing is the least time between two readings of one calendar.
	Spacing time.Duration `env:"MIRROR_SPACING" envDefault:"10s"`
}

func main() { wiring.RunOnceFilledIn(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	agenda, err := c.Grants.Agenda(ctx, c.Google, c.Microsoft, store, cfg)
	if err != nil {
		return nil, err
	}
	m := &mirror.Mirror{Ledger: store, Calendars: agenda, Origin: c.Origin, Now: time.Now, Period: c.Period, Spacing: c.Spacing}
	return m.Run, nil
}
