// Command booking takes submissions, from scripts and from plain forms, and shows
// guests their bookings.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/secret"
	"yakusoku/shared/site"
	"yakusoku/shared/wiring"
	"yakusoku/shared/wiring/grants"
	"yakusoku/shared/wiring/machine"
	"yakusoku/shared/wiring/post"
)

type config struct {
	wiring.Table
	wiring.Door
	Machine machine.Config
	wiring.Guests
	Grants    grants.Config
	Google    grants.Google
	Microsoft grants.Microsoft
	Post      post.Config

	// ViewerProof is where it is kept how CloudFront is known; empty without CloudFront.
	ViewerProof string `env:"VIEWER_PROOF"`

	// Bookings that are taken within an hour; 0: no limit.
	PerAddress int `env:"LIMIT_PER_ADDRESS"`
	PerEmail   int `env:"LIMIT_PER_EMAIL"`
	PerPage    int `env:"LIMIT_PER_PAGE"`
}

// checkWithin bounds the look into the host's calendars at submission.
const checkWithin = 2 * time.Second

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
	agenda, err := c.Grants.Agenda(ctx, c.Google, c.Microsoft, store, cfg)
	if err != nil {
		return nil, err
	}
	sender, err := c.Post.Sender(tokens, cfg)
	if err != nil {
		return nil, err
	}
	desk := &booking.Desk{
		Ledger:       store,
		Calendars:    agenda,
		Sagas:        c.Machine.Executions(cfg),
		Codes:        sender,
		Tokens:       tokens,
		Limits:       booking.Limits{PerAddress: c.PerAddress, PerEmail: c.PerEmail, PerPage: c.PerPage},
		Now:          time.Now,
		Closed:       c.Closed,
		EmbedIn:      c.EmbedAllowed,
		SettleWithin: c.Machine.SettleWithin,
		CheckWithin:  checkWithin,
	}
	api := httpapi.Booking(desk)
	mux := http.NewServeMux()
	mux.Handle("/", api)
	forms, err := site.Forms(desk, api, c.Post.Origin, time.Now)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "PUBLIC_ORIGIN", Err: err}
	}
	mux.Handle("/b/", forms)
	proof, err := c.proof(ctx, cfg)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "VIEWER_PROOF", Err: err}
	}
	return httpapi.Lambda(httpapi.FromViewer(mux, proof)), nil
}

func (c config) proof(ctx context.Context, cfg aws.Config) (string, error) {
	if c.ViewerProof == "" {
		return "", nil
	}
	return secret.Read(ctx, c.ViewerProof, cfg)
}
