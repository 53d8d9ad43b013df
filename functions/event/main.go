// Command event is the saga's step that writes and deletes calendar events.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/agenda"
	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
)

type config struct {
	wiring.Table
	Grants    grants.Config
	Google    grants.Google
	Microsoft grants.Microsoft
	Patience  saga.Patience
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	calendars, err := c.Grants.Agenda(ctx, c.Google, c.Microsoft, store, cfg)
	if err != nil {
		return nil, err
	}
	ringing := agenda.Ringing{Agenda: calendars, Bells: store, Now: time.Now}
	events := &saga.Events{Ledger: store, Agenda: ringing, Patience: c.Patience, Now: time.Now}
	return saga.Handler("event", store, events.Steps()), nil
}
