// Command bookingpage shows booking pages and their open slots.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/wiring"
)

func main() { wiring.Run(build) }

type config struct {
	wiring.Table
	wiring.Door
}

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.BookingPage(&booking.Desk{Ledger: store, Now: time.Now, Closed: c.Closed, EmbedIn: c.EmbedAllowed})), nil
}
