// Command webhook takes providers' notifications.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/httpapi"
	"yakusoku/shared/mirror"
	"yakusoku/shared/wiring"
)

func main() { wiring.Run(build) }

func build(ctx context.Context, c wiring.Table, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.Webhooks(&mirror.Bell{Bells: store, Now: time.Now})), nil
}
