// Package post builds what sends mail. It stands apart from package wiring so that
// only functions which mail link SES's client and the mails' templates.
package post

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
	"yakusoku/shared/mail/ses"
	"yakusoku/shared/wiring"
)

// Config is the configuration of functions that mail.
type Config struct {
	wiring.Patience
	Origin           string `env:"PUBLIC_ORIGIN,required,notEmpty"`
	From             string `env:"MAIL_SENDER,required,notEmpty"`
	ConfigurationSet string `env:"MAIL_CONFIGURATION_SET"`
}

// Notices writes mails that hold no guest's token, and hands them to SES.
func (c Config) Notices(cfg aws.Config) (*ses.Sender, error) {
	return c.sender(func(string) string { return "" }, cfg)
}

// Sender writes mails and hands them to SES.
func (c Config) Sender(tokens booking.Tokens, cfg aws.Config) (*ses.Sender, error) {
	return c.sender(tokens.For, cfg)
}

func (c Config) sender(token func(bookingID string) string, cfg aws.Config) (*ses.Sender, error) {
	composer, err := mail.NewComposer(c.Origin, c.From, token)
	if err != nil {
		return nil, &wiring.Misconfigured{Variable: "PUBLIC_ORIGIN or MAIL_SENDER", Err: err}
	}
	client := sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(c.ProviderTimeout)
	})
	return &ses.Sender{Composer: composer, SES: client, ConfigurationSet: c.ConfigurationSet}, nil
}
