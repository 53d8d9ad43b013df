package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"

	"golang.org/x/sync/errgroup"

	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

const (
	googleWebhookPath    = "/api/webhooks/google"
	microsoftWebhookPath = "/api/webhooks/microsoft"
	zoomWebhookPath      = "/api/webhooks/zoom"
)

// Bell takes notifications that a calendar changed. It returns *mirror.Unknown.
type Bell interface {
	Ring(ctx context.Context, n mirror.Notice) error
}

// Webhooks serves providers' notifications. They are no operations of the API:
// what they look like, and which answers they understand, the providers say. Who
// does not name an open channel is told nothing but that there is none. Zoom's are
// taken by a handler of their own, so that no other function links Zoom's client.
func Webhooks(bell Bell, zoom http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+googleWebhookPath, func(w http.ResponseWriter, r *http.Request) {
		takeGoogles(w, r, bell)
	})
	mux.HandleFunc("POST "+microsoftWebhookPath, func(w http.ResponseWriter, r *http.Request) {
		takeMicrosofts(w, r, bell)
	})
	mux.Handle("POST "+zoomWebhookPath, zoom)
	return Logged(sealed(guard(mux)))
}

// takeGoogles takes a notification of a channel (Calendar API, guides/push): all is
// in the headers. Google repeats what is answered 500, 502, 503 or 504.
func takeGoogles(w http.ResponseWriter, r *http.Request, bell Bell) {
	if r.Header.Get("X-Goog-Resource-State") == "sync" {
		w.WriteHeader(http.StatusNoContent) // the channel is open: nothing changed yet
		return
	}
	err := bell.Ring(r.Context(), mirror.Notice{Provider: page.Google, Token: r.Header.Get("X-Goog-Channel-Token")})
	answerNotice(w, r, err, http.StatusNoContent)
}

// answerNotice answers a provider: with taken, quietly that there is no such
// channel, or that it should come again.
func answerNotice(w http.ResponseWriter, r *http.Request, err error, taken int) {
	unknown := (*mirror.Unknown)(nil)
	switch {
	case err == nil:
		w.WriteHeader(taken)
	case errors.As(err, &unknown):
		w.WriteHeader(http.StatusNotFound)
	default:
		slog.ErrorContext(r.Context(), "notification not taken", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

const (
	// noticesLimit bounds a collection of notifications, in bytes: Microsoft says
	// nothing of it, and one notification without data has about 700.
	noticesLimit = 256 << 10
	// mostNotices bounds the channels that one request rings.
	mostNotices = 200
	// ringsAtOnce bounds how many are rung side by side: Graph waits a few seconds.
	ringsAtOnce = 16
	// validationLimit bounds the token that opens a subscription.
	validationLimit = 2048
)

// microsoftNotices is a changeNotificationCollection. Of lifecycle notifications,
// "missed" says no more than that something changed; the others, that the
// subscription is over or about to be.
type microsoftNotices struct {
	Value []struct {
		ClientState    string `json:"clientState"`
		LifecycleEvent string `json:"lifecycleEvent"`
	} `json:"value"`
}

// takeMicrosofts takes notifications of subscriptions, and answers the request by
// which Graph sees, before it makes one, that the address is ours
// (learn.microsoft.com/graph/change-notifications-delivery-webhooks).
func takeMicrosofts(w http.ResponseWriter, r *http.Request, bell Bell) {
	if q := r.URL.Query(); q.Has("validationToken") {
		echo(w, q.Get("validationToken"))
		return
	}
	var notices microsoftNotices
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, noticesLimit))
	if err != nil || kind != "application/json" || json.Unmarshal(body, &notices) != nil || len(notices.Value) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answerNotice(w, r, ringAll(r.Context(), bell, notices), http.StatusAccepted)
}

// ringAll rings each channel once. It returns *mirror.Unknown if none of them is
// open: what one request brings together belongs to several subscriptions.
func ringAll(ctx context.Context, bell Bell, notices microsoftNotices) error {
	var all []mirror.Notice
	at := map[string]int{}
	for _, v := range notices.Value {
		i, ok := at[v.ClientState]
		if !ok && len(all) < mostNotices {
			i = len(all)
			at[v.ClientState] = i
			all = append(all, mirror.Notice{Provider: page.Microsoft, Token: v.ClientState})
			ok = true
		}
		if ok && v.LifecycleEvent != "" && v.LifecycleEvent != "missed" {
			all[i].Reopen = true
		}
	}
	answers := make([]error, len(all))
	var rings errgroup.Group
	rings.SetLimit(ringsAtOnce)
	for i, n := range all {
		rings.Go(func() error {
			answers[i] = bell.Ring(ctx, n)
			return nil
		})
	}
	_ = rings.Wait()
	var errs error = &mirror.Unknown{}
	for _, err := range answers {
		unknown := (*mirror.Unknown)(nil)
		switch {
		case err == nil && errors.As(errs, &unknown):
			errs = nil
		case err != nil && !errors.As(err, &unknown):
			return err // Graph repeats them all; ringing twice does no harm
		}
	}
	return errs
}

// echo answers a validation: the token as plain text, whatever it says.
func echo(w http.ResponseWriter, token string) {
	if token == "" || len(token) > validationLimit {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, token) // #nosec G705 -- as plain text, in a sandbox; the caller may have left
}
