// Package ses sends the mails of package mail through Amazon SES, version 2 of
// its API. It tells what SES answers apart; when to try again is its caller's to
// say. It stands beside package mail so that functions which only write mails, or
// only name them, do not start with SES's client.
package ses

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/mail"
)

// API is the part of SES's client that is used.
type API interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Sender writes and sends mails.
type Sender struct {
	Composer         *mail.Composer
	SES              API
	ConfigurationSet string // empty: none
}

const opSend = "send mail"

var errNoID = errors.New("the answer names no message")

// Send writes the mail of that kind about b and hands it to SES, once: SES cannot
// tell a repetition from a second mail, so whether to repeat is decided where
// that is weighed. It returns SES's id of the message, or *mail.Refused,
// *mail.RateLimited or *mail.Unavailable.
func (s *Sender) Send(ctx context.Context, kind mail.Kind, b booking.Booking) (string, error) {
	m, err := s.Composer.Compose(kind, b)
	if err != nil {
		return "", err
	}
	return s.hand(ctx, m, map[string]string{"booking": b.ID, "kind": string(kind)})
}

// SendCode mails a code.
func (s *Sender) SendCode(ctx context.Context, c booking.CodeLetter) error {
	m, err := s.Composer.Code(c)
	if err == nil {
		_, err = s.hand(ctx, m, map[string]string{"kind": string(mail.GuestCode)})
	}
	return err
}

// Lapsed tells a host that a connection is dead. It returns
// *connection.Undeliverable where Send returns *mail.Refused.
func (s *Sender) Lapsed(ctx context.Context, h host.Host, c connection.Connection) error {
	return s.tellOfEnd(ctx, mail.HostReconnect, s.Composer.Lapse, h, c, c.LapsedAt)
}

// Removed tells a host that our app was removed at the provider, and that what was
// kept of the connection is deleted. It errs as Lapsed does.
func (s *Sender) Removed(ctx context.Context, h host.Host, c connection.Connection) error {
	return s.tellOfEnd(ctx, mail.HostRemoved, s.Composer.Removed, h, c, c.ConnectedAt)
}

// tellOfEnd tells a host that a connection ended. The time is one that no other
// connection of theirs to that provider shares.
func (s *Sender) tellOfEnd(
	ctx context.Context, kind mail.Kind, compose func(mail.Lapse) (mail.Message, error), h host.Host, c connection.Connection, at time.Time,
) error {
	id := sha256.Sum256([]byte(c.Host + "\n" + string(c.Provider) + "\n" + at.UTC().Format(time.RFC3339Nano)))
	m, err := compose(mail.Lapse{
		ID: hex.EncodeToString(id[:16]), Host: h.Name, Email: h.Email, Language: h.Language,
		Provider: c.Provider.Name(), Account: c.Account.Email,
	})
	if err == nil {
		_, err = s.hand(ctx, m, map[string]string{"kind": string(kind)})
	}
	if refused := (*mail.Refused)(nil); errors.As(err, &refused) {
		return &connection.Undeliverable{Err: err}
	}
	return err
}

// hand gives a message to SES.
func (s *Sender) hand(ctx context.Context, m mail.Message, tags map[string]string) (string, error) {
	raw, err := m.Bytes()
	if err != nil {
		return "", &mail.Refused{Op: opSend, Err: err}
	}
	out, err := s.SES.SendEmail(ctx, s.input(m, raw, tags), once)
	if err != nil {
		return "", classify(err)
	}
	if aws.ToString(out.MessageId) == "" {
		return "", &mail.Unavailable{Op: opSend, Err: errNoID}
	}
	return *out.MessageId, nil
}

func (s *Sender) input(m mail.Message, raw []byte, tags map[string]string) *sesv2.SendEmailInput {
	in := &sesv2.SendEmailInput{
		Content:     &types.EmailContent{Raw: &types.RawMessage{Data: raw}},
		Destination: &types.Destination{},
		// Tracking would rewrite the links, and take a guest's token to SES's own host.
		ConfigurationOverrides: &types.ConfigurationOverrides{Tracking: &types.TrackingConfigurationOverrides{
			ClickTrackingEnabled: types.FeatureStatusDisabled,
			OpenTrackingEnabled:  types.FeatureStatusDisabled,
		}},
	}
	for _, to := range m.To {
		in.Destination.ToAddresses = append(in.Destination.ToAddresses, to.Address)
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		in.EmailTags = append(in.EmailTags, types.MessageTag{Name: aws.String(name), Value: aws.String(tags[name])})
	}
	if s.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(s.ConfigurationSet)
	}
	return in
}

// once keeps the SDK from repeating the call.
func once(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} }

// classify says what SES's answer means for the mail. What is neither a limit nor
// a refusal leaves open whether the mail was taken.
func classify(err error) error {
	var (
		limit  *types.LimitExceededException
		answer smithy.APIError
		reply  *awshttp.ResponseError
	)
	if !errors.As(err, &answer) || !errors.As(err, &reply) {
		return &mail.Unavailable{Op: opSend, Err: err}
	}
	told := withoutAddresses(answer)
	switch status := reply.HTTPStatusCode(); {
	case errors.As(err, &limit):
		return &mail.RateLimited{Op: opSend, Daily: true, Err: told}
	case status == http.StatusTooManyRequests, throttled(answer):
		return &mail.RateLimited{Op: opSend, Daily: daily(answer), Err: told}
	case rejected(err, status), status == http.StatusBadRequest && answer.ErrorCode() == unnamed:
		return &mail.Refused{Op: opSend, Err: told}
	default:
		return &mail.Unavailable{Op: opSend, Err: told}
	}
}

// unnamed is the SDK's name for an error that has none, as the local mailbox's is.
const unnamed = "UnknownError"

// rejected reports whether SES speaks of this message or its address. What it says
// of our account, our permissions or our sender is repaired without the mail, and
// says nothing against it.
func rejected(err error, status int) bool {
	var (
		message *types.MessageRejected
		request *types.BadRequestException
	)
	return errors.As(err, &message) && !aboutSender(message.ErrorMessage()) || errors.As(err, &request) || status == http.StatusRequestEntityTooLarge
}

// aboutSender tells SES's one error for an address that is not verified: in the
// sandbox it is the recipient's too, and both are our account's affair.
func aboutSender(message string) bool {
	return strings.Contains(strings.ToLower(message), "not verified")
}

func throttled(answer smithy.APIError) bool {
	_, known := retry.DefaultThrottleErrorCodes[answer.ErrorCode()]
	return known
}

// daily tells the two limits on sending apart; SES does so in the message alone
// (Developer Guide, "Errors related to the sending quotas").
func daily(answer smithy.APIError) bool {
	return strings.Contains(strings.ToLower(answer.ErrorMessage()), "daily")
}

// withoutAddresses repeats what SES said, except for whose address it was about.
func withoutAddresses(answer smithy.APIError) error {
	words := strings.Fields(answer.ErrorMessage())
	for i, w := range words {
		if strings.Contains(w, "@") {
			words[i] = "(address)"
		}
	}
	return fmt.Errorf("%s: %s", answer.ErrorCode(), strings.Join(words, " "))
}
