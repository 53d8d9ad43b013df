// Command sweep runs every minute and looks after what did not settle by itself:
// bookings, and hosts whose connections died.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/connection"
	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/machine"
	"yakusoku/shared/wiring/post"
)

type config struct {
	wiring.Table
	Machine machine.Config
	Post    post.Config
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
	sender, err := c.Post.Notices(cfg)
	if err != nil {
		return nil, err
	}
	notices := &connection.Notices{Lapses: store, Post: sender}
	return func(ctx context.Context) error {
		return errors.Join(sweep.Run(ctx), notices.Run(ctx))
	}, nil
}
