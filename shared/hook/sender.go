package hook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go" // the signature, as receivers verify it
)

const (
	// sendLimit bounds an attempt, redirects and all.
	sendLimit = 10 * time.Second
	// mostRedirects are followed.
	mostRedirects = 3
	// drained is what is read of an answer, so that its sender is not cut off.
	drained = 16 << 10
)

// Sender posts deliveries, to where its Reach goes and nowhere else.
type Sender struct{ client *http.Client }

// NewSender returns a Sender.
func NewSender(reach Reach) *Sender { return newSender(reach, nil, nil) }

func newSender(reach Reach, resolver *net.Resolver, roots *x509.CertPool) *Sender {
	// The guardian is asked with the address of every connection, right before it is
	// opened: what a name meant before, or means to another, does not count.
	dialer := &net.Dialer{Timeout: sendLimit, Resolver: resolver, Control: reach.guardian().Safe}
	return &Sender{client: &http.Client{
		Timeout: sendLimit,
		Transport: &http.Transport{
			Proxy:                  nil, // the environment's would dial for us
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			DisableKeepAlives:      true, // the next delivery resolves anew, and is checked anew
			MaxResponseHeaderBytes: drained,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if code := r.Response.StatusCode; code != http.StatusTemporaryRedirect && code != http.StatusPermanentRedirect {
				return http.ErrUseLastResponse // another would turn the POST into a GET
			}
			if len(via) > mostRedirects || reach.Check(r.URL.String()) != "" {
				return errRedirect
			}
			return nil
		},
	}}
}

var errRedirect = errors.New("a redirect that is not followed")

// Outcome is what came of posting.
type Outcome struct {
	Status     int
	Word       Word
	RetryAfter time.Duration // that the receiver asks for
}

// Post sends the body once, signed with each secret ("whsec_…").
func (s *Sender) Post(ctx context.Context, address, id, body string, at time.Time, secrets []string) (Outcome, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return Outcome{}, errAddress // the library's error repeats it
	}
	signature, err := sign(id, body, at, secrets)
	if err != nil {
		return Outcome{}, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Yakusoku-Hook/1")
	r.Header.Set(webhooks.HeaderWebhookID, id)
	r.Header.Set(webhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	r.Header.Set(webhooks.HeaderWebhookSignature, signature)
	answer, err := s.client.Do(r)
	if err != nil {
		return Outcome{Word: word(err)}, nil
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, drained) // the status has said it all
	if answer.StatusCode == 0 {                       // "000" is none, and would be shown as nothing
		return Outcome{Word: ConnectionFailed}, nil
	}
	return Outcome{Status: answer.StatusCode, RetryAfter: retryAfter(answer.Header.Get("Retry-After"), at)}, nil
}

var (
	errAddress = errors.New("the hook's address is none")
	errSecret  = errors.New("the hook's secret is none")
)

// sign makes the signatures of Standard Webhooks, one for each secret.
func sign(id, body string, at time.Time, secrets []string) (string, error) {
	var all []string
	for _, secret := range secrets {
		w, err := webhooks.NewWebhook(secret)
		if err != nil {
			return "", errSecret // the library's error may repeat it
		}
		one, err := w.Sign(id, at, []byte(body))
		if err != nil {
			return "", errSecret
		}
		all = append(all, one)
	}
	return strings.Join(all, " "), nil
}

// word classes why there was no answer. The error itself holds the address, and is
// not kept.
func word(err error) Word {
	var (
		name        *net.DNSError
		timeout     net.Error
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
	)
	switch {
	case errors.Is(err, errRedirect):
		return RedirectRefused
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return AddressRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.As(err, &name):
		return NameNotResolved
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return TLSFailed
	}
	return ConnectionFailed
}

// retryAfter reads how long a receiver asks to be left alone (RFC 9110, 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
