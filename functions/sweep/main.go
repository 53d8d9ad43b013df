// Command sweep runs every minute and looks after bookings that are not settled
// in time.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/machine"
)

type config struct {
	wiring.Table
	Machine machine.Config
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
		Executions:   c.Machine.Executions(cfg),
		Now:          time.Now,
		SettleWithin: c.Machine.SettleWithin,
	}
	return sweep.Run, nil
}
