package zoomhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/connection"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/mirror"
	"yakusoku/shared/secret"
	"yakusoku/shared/zoom"
	"yakusoku/shared/zoomhook"
)

var ten = time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC) // in Tokyo

const zoomToken = "the-secret-token"

// reports keeps what it is told, and cannot for the user "broken".
type reports struct{ noted []connection.Report }

func (r *reports) Note(_ context.Context, n connection.Report) error {
	if n.User == "broken" {
		return errors.New("the table is away")
	}
	n.Key = "" // package zoom's
	r.noted = append(r.noted, n)
	return nil
}

// bell hears every notification.
type bell struct{}

func (bell) Ring(context.Context, mirror.Notice) error { return nil }

// logTo has what is logged written to w until the test ends.
func logTo(t testing.TB, w io.Writer) {
	t.Helper()
	logger, writer, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(writer) // SetDefault redirects package log too
		log.SetFlags(flags)
	})
	slog.SetDefault(slog.New(slog.NewJSONHandler(w, nil)))
}

// zoomEvents is the handler at ten o'clock.
func zoomEvents(r *reports) http.Handler {
	return httpapi.Webhooks(nil, zoomhook.Handler{
		SecretToken: func(context.Context) (string, error) { return zoomToken, nil }, Reports: r, Now: func() time.Time { return ten },
	})
}

// fromZoom is a request as Zoom makes it.
func fromZoom(t testing.TB, body string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/webhooks/zoom", strings.NewReader(body))
	stamp := strconv.FormatInt(ten.Unix(), 10)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("x-zm-request-timestamp", stamp)
	r.Header.Set("x-zm-signature", zoom.Sign(zoomToken, stamp, []byte(body)))
	return r
}

func TestWhatZoomTellsIsNoted(t *testing.T) {
	changed := []connection.Report{{Provider: "zoom", User: "u1", Came: ten}}
	removed := func(at time.Time) []connection.Report {
		return []connection.Report{{Provider: "zoom", User: "u1", Came: ten, Removed: true, RemovedAt: at}}
	}
	const deleted = `{"event":"meeting.deleted","event_ts":1,"payload":{"object":{"id":7,"uuid":"m","host_id":"u1"}}}`
	tests := []struct {
		name   string
		body   string
		spoil  func(*http.Request)
		status int
		noted  []connection.Report
	}{
		{"a meeting is deleted", deleted, nil, 204, changed},
		{"its id as a string", strings.Replace(deleted, `7`, `"7"`, 1), nil, 204, changed},
		{"a meeting is updated", `{"event":"meeting.updated","event_ts":1,"payload":{"operator_id":"u1","object":{"id":7},"old_object":{}}}`, nil, 204, changed},
		{"the app is removed", `{"event":"app_deauthorized","payload":{"user_id":"u1","deauthorization_time":"2026-12-01T00:59:00Z"}}`, nil, 204, removed(time.Date(2026, 12, 1, 0, 59, 0, 0, time.UTC))},
		{"the app is removed, nobody knows when", `{"event":"app_deauthorized","payload":{"user_id":"u1"}}`, nil, 204, removed(time.Time{})},
		{"a meeting is made", `{"event":"meeting.created","event_ts":1,"payload":{"object":{"id":7,"host_id":"u1"}}}`, nil, 204, nil},
		{"something else", `{"event":"recording.completed","payload":[]}`, nil, 204, nil},
		{"the table is away", strings.Replace(deleted, "u1", "broken", 1), nil, 503, nil},
		{"nothing is said", `{}`, nil, 400, nil},
		{"no JSON", `<html>`, nil, 400, nil},
		{"a challenge without a token", `{"event":"endpoint.url_validation","payload":{}}`, nil, 400, nil},
		{"too long", `{"event":"meeting.deleted"` + strings.Repeat(" ", 256<<10) + `}`, nil, 413, nil},

		{"a body that was changed", deleted, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(deleted, "u1", "u2", 1)))
		}, 401, nil},
		{"a space more", deleted, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(deleted + " ")) }, 401, nil},
		{"no signature", deleted, func(r *http.Request) { r.Header.Del("x-zm-signature") }, 401, nil},
		{"no time stamp", deleted, func(r *http.Request) { r.Header.Del("x-zm-request-timestamp") }, 401, nil},
		{"another's signature", deleted, func(r *http.Request) {
			r.Header.Set("x-zm-signature", zoom.Sign("another token", r.Header.Get("x-zm-request-timestamp"), []byte(deleted)))
		}, 401, nil},
		{"another time stamp", deleted, func(r *http.Request) {
			r.Header.Set("x-zm-request-timestamp", strconv.FormatInt(ten.Unix()+1, 10))
		}, 401, nil},
		{"an old one", deleted, func(r *http.Request) {
			stamp := strconv.FormatInt(ten.Add(-301*time.Second).Unix(), 10)
			r.Header.Set("x-zm-request-timestamp", stamp)
			r.Header.Set("x-zm-signature", zoom.Sign(zoomToken, stamp, []byte(deleted)))
		}, 401, nil},
		{"a challenge that is not signed", `{"event":"endpoint.url_validation","payload":{"plainToken":"p"}}`, func(r *http.Request) { r.Header.Del("x-zm-signature") }, 401, nil},
		{"a removal that is not signed", `{"event":"app_deauthorized","payload":{"user_id":"u1"}}`, func(r *http.Request) { r.Header.Set("x-zm-signature", "v0=00") }, 401, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var lines bytes.Buffer
			logTo(t, &lines)
			r, w, kept := fromZoom(t, test.body), httptest.NewRecorder(), new(reports)
			if test.spoil != nil {
				test.spoil(r)
			}
			zoomEvents(kept).ServeHTTP(w, r)
			if w.Code != test.status || w.Body.Len() > 0 {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
			if diff := cmp.Diff(test.noted, kept.noted); diff != "" {
				t.Errorf("noted (-want +got):\n%s", diff)
			}
			want := 1 // that there was a request
			if test.status >= 400 && test.status != 413 && !strings.HasPrefix(test.name, "a challenge without") {
				want = 2
			}
			if got := strings.Count(lines.String(), "\n"); got != want || strings.Contains(lines.String(), "u1") || strings.Contains(lines.String(), "host_id") {
				t.Errorf("%d lines of log, want %d:\n%s", got, want, &lines)
			}
		})
	}
}

func TestZoomSeesThatTheEndpointIsOurs(t *testing.T) {
	w, kept := httptest.NewRecorder(), new(reports)
	zoomEvents(kept).ServeHTTP(w, fromZoom(t, `{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}`))
	var got zoom.Challenged
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(zoom.Challenge(zoomToken, "qgg8vlvZRS6UYooatFL8Aw"), got); diff != "" || w.Code != http.StatusOK {
		t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
	}
	if w.Header().Get("Content-Type") != "application/json" || kept.noted != nil {
		t.Errorf("%s, noted %v", w.Header().Get("Content-Type"), kept.noted)
	}
}

// The function serves other providers too, and Zoom comes again.
func TestUntilTheSecretTokenIsFilledInTheLogSaysSo(t *testing.T) {
	var lines bytes.Buffer
	logTo(t, &lines)
	none := &secret.Token{Now: time.Now}
	kept := new(reports)
	h := httpapi.Webhooks(bell{}, zoomhook.Handler{SecretToken: none.Get, Reports: kept, Now: time.Now})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, fromZoom(t, `{"event":"meeting.deleted","payload":{"object":{"host_id":"u1"}}}`))
	if w.Code != http.StatusServiceUnavailable || kept.noted != nil || !strings.Contains(lines.String(), "ZOOM_WEBHOOK_SECRET") || !strings.Contains(lines.String(), "Secret Token") {
		t.Errorf("status %d, noted %v, log %s", w.Code, kept.noted, &lines)
	}
	w = httptest.NewRecorder()
	google := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/webhooks/google", nil)
	google.Header.Set("X-Goog-Channel-Token", "one")
	if h.ServeHTTP(w, google); w.Code != http.StatusNoContent {
		t.Errorf("Google's notification: status %d", w.Code)
	}
}

// API Gateway may hand a body over in base64; what Zoom signed is what is in it.
func TestABodyIsVerifiedAsItCameThroughTheGateway(t *testing.T) {
	const body = `{"event":"meeting.deleted","event_ts":1,"payload":{"object":{"id":7,"topic":"初回相談 🎉","host_id":"u1"}}}`
	r := fromZoom(t, body)
	for _, encoded := range []bool{false, true} {
		kept := new(reports)
		e := events.APIGatewayV2HTTPRequest{
			Version: "2.0", RawPath: "/api/webhooks/zoom", Body: body, IsBase64Encoded: encoded,
			Headers: map[string]string{
				"content-type":           "application/json; charset=utf-8",
				"x-zm-request-timestamp": r.Header.Get("x-zm-request-timestamp"), "x-zm-signature": r.Header.Get("x-zm-signature"),
			},
		}
		e.RequestContext.HTTP.Method = http.MethodPost
		if encoded {
			e.Body = base64.StdEncoding.EncodeToString([]byte(body))
		}
		answer, err := httpapi.Lambda(zoomEvents(kept))(t.Context(), e)
		if err != nil || answer.StatusCode != http.StatusNoContent || len(kept.noted) != 1 {
			t.Errorf("base64 %v: status %d, noted %v, error %v", encoded, answer.StatusCode, kept.noted, err)
		}
	}
}

// junk is a body that resembles an event more or less, as its number says.
func junk(n uint64) string {
	random := rand.New(rand.NewPCG(n, 0))
	body := []byte(`{"event":"meeting.deleted","event_ts":1,"payload":{"user_id":"u","plainToken":"p","object":{"id":7,"uuid":"m","host_id":"u1"}}}`)
	if random.IntN(2) == 0 {
		body = bytes.Replace(body, []byte("meeting.deleted"), []byte([]string{"app_deauthorized", "endpoint.url_validation", "meeting.started"}[random.IntN(3)]), 1)
	}
	for range 1 + random.IntN(8) {
		at := random.IntN(len(body))
		switch random.IntN(4) {
		case 0:
			body[at] = byte(random.IntN(256))
		case 1:
			body = body[:at+1]
		case 2:
			body = append(body, body[at:]...)
		default:
			body = append(append(append([]byte{}, body[:at]...), "{}[]\":,\x000null"[random.IntN(13)]), body[at:]...)
		}
	}
	return string(body)
}

func TestJunkIsRefusedOrQuietlyTaken(t *testing.T) {
	logTo(t, io.Discard)
	for n := range uint64(1000) {
		takesAnything(t, fmt.Sprint("junk ", n), junk(n))
	}
}

// takesAnything holds the handler to its answers, whatever is sent: unsigned it is
// refused, signed it is no reason to fail.
func takesAnything(t *testing.T, name, body string) {
	t.Helper()
	kept, w := new(reports), httptest.NewRecorder()
	r := fromZoom(t, body)
	r.Header.Set("x-zm-signature", zoom.Sign("another token", r.Header.Get("x-zm-request-timestamp"), []byte(body)))
	if zoomEvents(kept).ServeHTTP(w, r); w.Code != http.StatusUnauthorized || kept.noted != nil {
		t.Errorf("%s, unsigned: status %d, noted %v", name, w.Code, kept.noted)
	}
	w = httptest.NewRecorder()
	zoomEvents(kept).ServeHTTP(w, fromZoom(t, body))
	switch {
	case w.Code != 200 && w.Code != 204 && w.Code != 400:
		t.Errorf("%s: status %d to %q", name, w.Code, body)
	case len(kept.noted) > 0 && (w.Code != 204 || kept.noted[0].User == ""):
		t.Errorf("%s: status %d, noted %v of %q", name, w.Code, kept.noted, body)
	case w.Code == 200 && !strings.Contains(w.Body.String(), "encryptedToken"):
		t.Errorf("%s: answered %q", name, w.Body)
	}
}

// FuzzZoomEvent sends any body, signed and unsigned.
func FuzzZoomEvent(f *testing.F) {
	for _, body := range []string{
		`{"event":"meeting.deleted","event_ts":1,"payload":{"object":{"id":7,"uuid":"m","host_id":"u1"}}}`,
		`{"event":"meeting.updated","event_ts":"1","payload":{"operator_id":"u1","object":{"id":"7"}}}`,
		`{"event":"app_deauthorized","payload":{"user_id":"u1","deauthorization_time":"2026-12-01T00:59:00Z","event_ts":"x"}}`,
		`{"event":"endpoint.url_validation","payload":{"plainToken":"\u0000<script>"}}`,
		`{"event":"meeting.deleted","event":7}`, `{"EVENT":"meeting.deleted","payload":"{}"}`,
		"", "null", "[]", `"x"`, "\xff\x00", strings.Repeat("[", 9000), junk(1), junk(2),
	} {
		f.Add(body)
	}
	logTo(f, io.Discard)
	f.Fuzz(func(t *testing.T, body string) { takesAnything(t, "fuzz", body) })
}
