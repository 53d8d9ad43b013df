// Command store is the least function that is wired as ours are, and has the store: it
// asks the table for something before it asks for work.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/wiring"
)

func main() {
	wiring.Run(func(ctx context.Context, c wiring.Table, cfg aws.Config) (any, error) {
		s, err := c.Store(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error { return s.Due(ctx, "") }, nil
	})
}
