// Package zoomhook takes what Zoom tells of its users and their meetings: it knows
// which events are of concern, and what is answered to whom. What follows from an
// event, others know; the request does not wait for it.
package zoomhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"yakusoku/shared/connection"
	"yakusoku/shared/secret"
	"yakusoku/shared/zoom"
)

const (
	// bodyLimit bounds an event, in bytes; Zoom's have a few thousand.
	bodyLimit = 256 << 10
	// answerWithin bounds what is done for an event: Zoom waits for three seconds, and
	// comes again after minutes.
	answerWithin = 2 * time.Second
	// plainTokenLimit bounds the token of a URL validation.
	plainTokenLimit = 1024
)

// Reports is where providers' reports are kept, with what follows from them.
type Reports interface {
	// Note keeps a report and makes due what follows from it, all or nothing. What was
	// noted before, or is about nobody's account, is no error and changes nothing.
	Note(ctx context.Context, r connection.Report) error
}

// Handler takes Zoom's events.
type Handler struct {
	// SecretToken is the Zoom app's. It returns *secret.Empty until there is one.
	SecretToken func(ctx context.Context) (string, error)
	Reports     Reports
	Now         func() time.Time
}

// ServeHTTP answers as Zoom understands it (developers.zoom.us/docs/api/webhooks):
// what is answered with 5xx comes again, anything else does not.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	token, err := h.SecretToken(ctx)
	if err != nil {
		empty := (*secret.Empty)(nil)
		if errors.As(err, &empty) {
			slog.ErrorContext(ctx, "Zoom's events are not taken: fill in the secret that ZOOM_WEBHOOK_SECRET names with the Secret Token of the Zoom app", "error", err)
		} else {
			slog.ErrorContext(ctx, "Zoom's events are not taken: their secret cannot be read", "error", err)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		status := http.StatusBadRequest
		if long := (*http.MaxBytesError)(nil); errors.As(err, &long) {
			status = http.StatusRequestEntityTooLarge
		}
		w.WriteHeader(status)
		return
	}
	err = zoom.Verify(token, r.Header.Get(zoom.TimestampHeader), r.Header.Get(zoom.SignatureHeader), body, h.Now())
	if err != nil {
		slog.WarnContext(ctx, "an event is refused", "error", err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	event, err := zoom.ParseEvent(body)
	switch {
	case err != nil:
		slog.WarnContext(ctx, "an event of Zoom's is not understood", "bytes", len(body))
		w.WriteHeader(http.StatusBadRequest)
	case event.Name == zoom.URLValidation:
		challenged(w, token, event.PlainToken)
	default:
		h.take(ctx, w, event)
	}
}

func (h Handler) take(ctx context.Context, w http.ResponseWriter, event zoom.Event) {
	removed := event.Name == zoom.AppDeauthorized
	if removed || event.OfMeeting() {
		err := h.Reports.Note(ctx, connection.Report{
			Key: event.Key, Provider: connection.Zoom, User: event.User, Came: h.Now(), Removed: removed, RemovedAt: event.At,
		})
		if err != nil {
			slog.ErrorContext(ctx, "an event is not taken", "event", event.Name, "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// challenged shows Zoom that the endpoint knows the secret token.
func challenged(w http.ResponseWriter, token, plain string) {
	if plain == "" || len(plain) > plainTokenLimit {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = json.NewEncoder(w).Encode(zoom.Challenge(token, plain)) // the caller may have left
}
