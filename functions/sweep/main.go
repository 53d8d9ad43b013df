// Command sweep runs every minute and looks after bookings that are not settled
// in time.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
)

type config struct {
	wiring.Table
	wiring.Machine
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	sweep := &saga.Sweep{
		Ledger:       store,
		Overdue:      store,
		Executions:   c.Executions(cfg),
		Now:          time.Now,
		SettleWithin: c.SettleWithin,
	}
	return sweep.Run, nil
}
