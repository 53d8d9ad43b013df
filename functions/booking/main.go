// Command booking takes submissions and shows guests their bookings.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
	"yakusoku/shared/wiring/machine"
)

type config struct {
	wiring.Table
	Machine machine.Config
	wiring.Guests
	Grants grants.Config
	Google grants.Google
}

// checkWithin bounds the look into the host's calendars at submission.
const checkWithin = 2 * time.Second

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	tokens, err := c.Tokens(ctx, cfg)
	if err != nil {
		return nil, err
	}
	agenda, err := c.Grants.Agenda(ctx, c.Google, store, cfg)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.Booking(&booking.Desk{
		Ledger:       store,
		Calendars:    agenda,
		Sagas:        c.Machine.Executions(cfg),
		Tokens:       tokens,
		Now:          time.Now,
		SettleWithin: c.Machine.SettleWithin,
		CheckWithin:  checkWithin,
	})), nil
}
