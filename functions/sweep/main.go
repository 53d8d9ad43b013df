// Command sweep runs every minute and looks after what did not settle by itself:
// bookings, and hosts whose connections died. It also hands out what hosts' webhooks
// are to be told, and reminds guests.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/connection"
	"yakusoku/shared/hook"
	"yakusoku/shared/reminder"
	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/machine"
	"yakusoku/shared/wiring/post"
)

type config struct {
	wiring.Table
	wiring.Guests
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
	tokens, err := c.Tokens(ctx, cfg)
	if err != nil {
		return nil, err
	}
	sender, err := c.Post.Sender(tokens, cfg)
	if err != nil {
		return nil, err
	}
	reminders := &reminder.Round{
		Bookings: store, Post: sender, Now: time.Now, ClaimFor: c.Machine.SettleWithin, Pause: time.Second,
	}
	notices := &connection.Notices{Lapses: store, Post: sender}
	outbox := &hook.Outbox{News: store, Origin: c.Post.Origin, Now: time.Now}
	return func(ctx context.Context) error {
		return errors.Join(sweep.Run(ctx), outbox.Run(ctx), reminders.Run(ctx), notices.Run(ctx))
	}, nil
}
