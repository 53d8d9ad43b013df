// Command meeting is the saga's step that makes and deletes Zoom meetings.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
)

type config struct {
	wiring.Table
	Grants   grants.Config
	Zoom     grants.Zoom
	Patience saga.Patience
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	zoom, err := c.Grants.Zoom(ctx, c.Zoom, store, cfg)
	if err != nil {
		return nil, err
	}
	meetings := &saga.Meetings{Ledger: store, Zoom: zoom, Patience: c.Patience, Now: time.Now}
	return saga.Handler("meeting", store, meetings.Steps()), nil
}
