// Command oauth takes hosts' browsers back from the provider that they connect.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/httpapi"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/consents"
)

type config struct {
	wiring.Table
	Consents consents.Config
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	connector, err := c.Consents.Connector(ctx, store, cfg)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.OAuth(connector)), nil
}
