// Command health runs every minute and looks after hosts' connections: grants that
// nobody needed for a day are proved, and what is stored of users who removed our app
// is deleted.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/connection"
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
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	keeper, err := c.Grants.Every(ctx, c.Zoom, c.Google, c.Microsoft, store, cfg)
	if err != nil {
		return nil, err
	}
	sender, err := c.Post.Notices(cfg)
	if err != nil {
		return nil, err
	}
	clearance := &connection.Clearance{Ledger: store, Keeper: keeper, Hosts: store, Post: sender, Now: time.Now}
	checkup := &connection.Checkup{Ledger: store, Keeper: keeper, Now: time.Now}
	return func(ctx context.Context) error {
		return errors.Join(clearance.Run(ctx), checkup.Run(ctx))
	}, nil
}
