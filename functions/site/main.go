// Command site serves the guest's pages, the host's console, their assets and the
// API's documentation.
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

type config struct {
	wiring.Table
	wiring.Door
	Origin   string   `env:"PUBLIC_ORIGIN,required,notEmpty"`
	Issuer   string   `env:"SIGN_IN_ISSUER,required,notEmpty"`
	ClientID string   `env:"SIGN_IN_CLIENT_ID,required,notEmpty"`
	Origins  []string `env:"SIGN_IN_ORIGINS,required,notEmpty" envSeparator:" "`
}

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	dist, err := fs.Sub(web, "web/dist")
	if err != nil {
		return nil, err
	}
	s, err := site.New(dist, &booking.Desk{Ledger: store, Now: time.Now, Closed: c.Closed, EmbedIn: c.EmbedAllowed}, site.Console{
		Issuer: c.Issuer, ClientID: c.ClientID, Origin: c.Origin, Origins: c.Origins,
	}, time.Now)
	if err != nil {
		return nil, err
	}
	return httpapi.Lambda(httpapi.Logged(s.Handler())), nil
}
