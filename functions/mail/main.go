// Command mail is the saga's step that mails guest and host.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/post"
)

type config struct {
	wiring.Table
	wiring.Guests
	Post post.Config
}

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
	sender, err := c.Post.Sender(tokens, cfg)
	if err != nil {
		return nil, err
	}
	mails := &saga.Mails{Ledger: store, Post: sender, Now: time.Now}
	return saga.Handler("mail", store, mails.Steps()), nil
}
