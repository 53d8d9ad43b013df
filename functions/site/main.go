// Command site serves the guest's pages, their assets and the API's
// documentation.
package main

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/site"
	"yakusoku/shared/wiring"
)

// web is the web build; a fresh clone has none yet, and builds all the same.
//
//go:embed all:web/dist
var web embed.FS

func main() { wiring.Run(build) }

func build(ctx context.Context, c wiring.Table, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	dist, err := fs.Sub(web, "web/dist")
	if err != nil {
		return nil, err
	}
	s, err := site.New(dist, &booking.Desk{Ledger: store, Now: time.Now}, time.Now)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.Logged(s.Handler())), nil
}
