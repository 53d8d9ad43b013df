// Command mail is the saga's step that mails guest and host.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"yakusoku/shared/mail"
	"yakusoku/shared/mail/ses"
	"yakusoku/shared/saga"
	"yakusoku/shared/wiring"
)

type config struct {
	wiring.Table
	wiring.Guests
	wiring.Patience
	Origin           string `env:"PUBLIC_ORIGIN,required,notEmpty"`
	Sender           string `env:"MAIL_SENDER,required,notEmpty"`
	ConfigurationSet string `env:"MAIL_CONFIGURATION_SET"`
}

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
	composer, err := mail.NewComposer(c.Origin, c.Sender, tokens.For)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "PUBLIC_ORIGIN or MAIL_SENDER", Err: err}
	}
	client := sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(c.ProviderTimeout)
	})
	post := &ses.Sender{Composer: composer, SES: client, ConfigurationSet: c.ConfigurationSet}
	mails := &saga.Mails{Ledger: store, Post: post, Now: time.Now}
	return saga.Handler(store, mails.Steps()), nil
}
