// Command settle is the saga's step that confirms a booking or frees its hold.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
)

func main() { wiring.Run(build) }

func build(ctx context.Context, c wiring.Table, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	settlement := &saga.Settlement{Ledger: store, Now: time.Now}
	return saga.Handler("settle", store, settlement.Steps()), nil
}
