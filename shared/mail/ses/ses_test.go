package ses

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
)

func sample() booking.Booking {
	start := time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)
	return booking.Booking{
		ID: "mfzwizltoq3gk5dpnzsxe4dboi", Host: "demo", Page: "intro",
		Start: start, End: start.Add(30 * time.Minute),
		Guest:       booking.Guest{Name: "山田 太郎", Email: "taro@guest.example", TimeZone: "Asia/Tokyo", Language: language.Japanese},
		Terms:       booking.Terms{Title: "初回相談", HostName: "佐藤 花子", HostEmail: "hanako@host.example", HostTimeZone: "Asia/Tokyo"},
		ZoomMeeting: booking.ZoomMeeting{JoinURL: "https://zoom.example/j/1"},
	}
}

// service is SES at its wire: it counts what it gets and answers as told.
type service struct {
	answer http.HandlerFunc
	calls  atomic.Int32
	path   string
	body   request
}

type request struct {
	ConfigurationSetName   string
	ConfigurationOverrides struct {
		Tracking struct{ ClickTrackingEnabled, OpenTrackingEnabled string }
	}
	Content     struct{ Raw struct{ Data []byte } }
	Destination struct{ ToAddresses []string }
	EmailTags   []struct{ Name, Value string }
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	s.path = r.URL.Path
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &s.body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	s.answer(w, r)
}

func start(t *testing.T, answer http.HandlerFunc) (*service, *Sender) {
	t.Helper()
	s := &service{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	composer, err := mail.NewComposer("https://book.example.com", "Yakusoku <no-reply@example.com>", func(string) string { return "token" })
	if err != nil {
		t.Fatal(err)
	}
	client := sesv2.New(sesv2.Options{
		BaseEndpoint: aws.String(server.URL),
		Region:       "ap-northeast-1",
		Credentials:  credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient:   server.Client(),
	})
	return s, &Sender{Composer: composer, SES: client}
}

func sent(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"MessageId":"0106-abc"}`) }

func refusal(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", code)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"message": message})
	}
}

func TestAMailIsHandedOverWhole(t *testing.T) {
	s, sender := start(t, sent)
	sender.ConfigurationSet = "yakusoku"
	id, err := sender.Send(context.Background(), mail.GuestConfirmed, sample())
	if err != nil || id != "0106-abc" {
		t.Fatalf("%q, %v", id, err)
	}
	got := s.body
	raw, err := netmail.ReadMessage(strings.NewReader(string(got.Content.Raw.Data)))
	if err != nil || !strings.Contains(raw.Header.Get("To"), "<taro@guest.example>") {
		t.Errorf("not the guest's mail: %v, %v", raw, err)
	}
	got.Content.Raw.Data = nil
	var want request
	want.ConfigurationSetName = "yakusoku"
	want.ConfigurationOverrides.Tracking.ClickTrackingEnabled = "DISABLED"
	want.ConfigurationOverrides.Tracking.OpenTrackingEnabled = "DISABLED"
	want.Destination.ToAddresses = []string{"taro@guest.example"}
	want.EmailTags = []struct{ Name, Value string }{{"booking", sample().ID}, {"kind", "guest_confirmed"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.path != "/v2/email/outbound-emails" {
		t.Errorf("sent to %s", s.path)
	}
}

func TestAnswersAreToldApartAfterOneAttempt(t *testing.T) {
	const refused, limited, exhausted, unknown = "refused", "rate limited", "daily limit", "unavailable"
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"rejected":            {refusal(400, "MessageRejected", "Invalid domain name"), refused},
		"our sender":          {refusal(400, "MessageRejected", "Email address is not verified."), unknown},
		"bad request":         {refusal(400, "BadRequestException", "Missing final '@domain'"), refused},
		"unverified domain":   {refusal(400, "MailFromDomainNotVerifiedException", ""), unknown},
		"suspended":           {refusal(400, "AccountSuspendedException", ""), unknown},
		"paused":              {refusal(400, "SendingPausedException", ""), unknown},
		"no such set":         {refusal(404, "NotFoundException", "Configuration set does not exist"), unknown},
		"not allowed":         {refusal(403, "AccessDeniedException", "not authorized"), unknown},
		"local mailbox":       {refusal(400, "", "Bad Request Exception"), refused},
		"rate":                {refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded."), limited},
		"rate, as a 400":      {refusal(400, "ThrottlingException", "Maximum sending rate exceeded."), limited},
		"rate, without words": {refusal(429, "", ""), limited},
		"daily":               {refusal(429, "TooManyRequestsException", "Daily message quota exceeded."), exhausted},
		"limit":               {refusal(400, "LimitExceededException", ""), exhausted},
		"server error":        {refusal(500, "InternalServiceErrorException", ""), unknown},
		"unavailable":         {refusal(503, "ServiceUnavailable", ""), unknown},
		"request timeout":     {refusal(408, "RequestTimeoutException", ""), unknown},
		"gateway page": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(502)
			io.WriteString(w, "<html>")
		}, unknown},
		"malformed": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"MessageId":`) }, unknown},
		"page":      {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, unknown},
		"no id":     {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }, unknown},
		"reset":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, sender := start(t, test.answer)
			id, err := sender.Send(context.Background(), mail.GuestConfirmed, sample())
			if got := kindOf(err); got != test.want || id != "" {
				t.Errorf("%q, %s: %v; want %s", id, got, err, test.want)
			}
			if n := s.calls.Load(); n != 1 {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

func kindOf(err error) string {
	var (
		refused     *mail.Refused
		limited     *mail.RateLimited
		unavailable *mail.Unavailable
	)
	switch {
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &limited) && limited.Daily:
		return "daily limit"
	case errors.As(err, &limited):
		return "rate limited"
	case errors.As(err, &unavailable):
		return "unavailable"
	}
	return "untyped"
}

func TestSilenceIsUnavailable(t *testing.T) {
	ctx, giveUp := context.WithCancel(context.Background())
	_, sender := start(t, func(_ http.ResponseWriter, r *http.Request) {
		giveUp()
		<-r.Context().Done()
	})
	_, err := sender.Send(ctx, mail.HostConfirmed, sample())
	if kindOf(err) != "unavailable" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsTellNobodysAddress(t *testing.T) {
	_, sender := start(t, refusal(400, "MessageRejected",
		"Email address is not verified. The following identities failed the check in region AP-NORTHEAST-1: taro@guest.example, <no-reply@example.com>"))
	_, err := sender.Send(context.Background(), mail.GuestConfirmed, sample())
	if err == nil || strings.Contains(err.Error(), "@") || !strings.Contains(err.Error(), "MessageRejected: Email address is not verified.") {
		t.Errorf("got %v", err)
	}
}

func TestAnAddressThatMailCannotReachMakesNoCall(t *testing.T) {
	s, sender := start(t, sent)
	b := sample()
	b.Guest.Email = "taro@guest.example\r\nBcc: victim@evil.example"
	_, err := sender.Send(context.Background(), mail.GuestConfirmed, b)
	if n := s.calls.Load(); kindOf(err) != "refused" || n != 0 {
		t.Errorf("%v after %d calls", err, n)
	}
}

func TestAHostIsToldOfAConnectionThatEnded(t *testing.T) {
	h := host.Host{Name: "佐藤 花子", Email: "hanako@host.example", Language: language.Japanese}
	c := connection.Connection{Host: "demo", Provider: connection.Zoom, ConnectedAt: time.Unix(1, 0), LapsedAt: time.Unix(2, 0)}
	for kind, tell := range map[mail.Kind]func(*Sender, host.Host) error{
		mail.HostReconnect: func(s *Sender, h host.Host) error { return s.Lapsed(t.Context(), h, c) },
		mail.HostRemoved:   func(s *Sender, h host.Host) error { return s.Removed(t.Context(), h, c) },
	} {
		s, sender := start(t, sent)
		if err := tell(sender, h); err != nil {
			t.Error(err)
		}
		if got := s.body.EmailTags; len(got) != 1 || got[0].Value != string(kind) {
			t.Errorf("%s goes out as %v", kind, got)
		}
		h.Email = "hanako"
		if err := tell(sender, h); !isUndeliverable(err) || s.calls.Load() != 1 {
			t.Errorf("%s to nobody: %v after %d calls", kind, err, s.calls.Load())
		}
		h.Email = "hanako@host.example"
	}
}

func isUndeliverable(err error) bool {
	_, is := errors.AsType[*connection.Undeliverable](err)
	return is
}
