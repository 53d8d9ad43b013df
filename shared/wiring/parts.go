package wiring

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"yakusoku/shared/booking"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
)

// Table is the configuration of functions that use the store.
type Table struct {
	TableName string `env:"TABLE_NAME,required,notEmpty"`
}

// reachWithin bounds the one call that init makes to the table.
const reachWithin = 2 * time.Second

// Store opens the table, and tells at once if there is none of that name.
func (t Table) Store(ctx context.Context, cfg aws.Config) (*store.Store, error) {
	s := &store.Store{DB: dynamodb.NewFromConfig(cfg), Table: t.TableName}
	within, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	err := s.Reach(within)
	if missing := (*store.UnknownTable)(nil); errors.As(err, &missing) {
		return nil, &Misconfigured{Variable: "TABLE_NAME", Err: err}
	}
	if err != nil {
		slog.Warn("table not reached at init", "error", err)
	}
	return s, nil
}

// Guests is the configuration of functions that make guests' tokens.
type Guests struct {
	TokenSecret string `env:"GUEST_TOKEN_SECRET,required,notEmpty"`
}

// Tokens reads the secret behind the guests' tokens.
func (g Guests) Tokens(ctx context.Context, cfg aws.Config) (booking.Tokens, error) {
	text, err := secret.Read(ctx, g.TokenSecret, cfg)
	if err != nil {
		return booking.Tokens{}, &Misconfigured{Variable: "GUEST_TOKEN_SECRET", Err: err}
	}
	tokens, err := booking.NewTokens([]byte(text))
	if err != nil {
		return booking.Tokens{}, &Misconfigured{Variable: "GUEST_TOKEN_SECRET", Err: err}
	}
	return tokens, nil
}

// Door is the configuration of functions that offer or take bookings.
type Door struct {
	// Closed is a deployment that takes none: it has nobody to send mails.
	Closed bool `env:"BOOKINGS_CLOSED"`
	// EmbedAllowed are the sites that pages may be embedded in; any if left out.
	EmbedAllowed []string `env:"EMBED_ALLOWED" envSeparator:" "`
}

// Patience is the configuration of functions that call providers.
type Patience struct {
	// ProviderTimeout bounds one call to a provider; it is well below a step's.
	ProviderTimeout time.Duration `env:"PROVIDER_TIMEOUT" envDefault:"8s"`
}
