// Command webhook takes providers' notifications.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/httpapi"
	"yakusoku/shared/mirror"
	"yakusoku/shared/secret"
	"yakusoku/shared/wiring"
	"yakusoku/shared/zoomhook"
)

type config struct {
	wiring.Table
	// ZoomSecret is where the token is kept by which Zoom signs. It may be filled in
	// later: the other providers' notifications do not wait for it.
	ZoomSecret string `env:"ZOOM_WEBHOOK_SECRET"`
}

func main() { wiring.Run(build) }

func build(ctx context.Context, c config, cfg aws.Config) (any, error) {
	store, err := c.Store(ctx, cfg)
	if err != nil {
		return nil, err
	}
	token := &secret.Token{Ref: c.ZoomSecret, AWS: cfg, Now: time.Now}
	return httpapi.Lambda(httpapi.Webhooks(
		&mirror.Bell{Bells: store, Audits: store, Now: time.Now},
		zoomhook.Handler{SecretToken: token.Get, Reports: store, Now: time.Now},
	)), nil
}
