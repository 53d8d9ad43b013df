package connection_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
)

// wire is a transport whose token endpoint gives one answer; whatever else is called
// takes every token.
type wire struct {
	status     int
	kind, body string
	shown      []string // to the API
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: w.status, Header: http.Header{"Content-Type": {w.kind}}, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}
	if r.URL.Path == "/api" {
		w.shown = append(w.shown, r.Header.Get("Authorization"))
		answer.StatusCode, answer.Body = http.StatusOK, http.NoBody
	}
	return answer, nil
}

// shelf is a ledger of one connection.
type shelf struct{ c connection.Connection }

func (s *shelf) Connection(context.Context, string, connection.Provider) (connection.Connection, error) {
	return s.c, nil
}

func (s *shelf) Lease(context.Context, connection.Connection, time.Time, time.Time) error { return nil }

func (s *shelf) Unlease(context.Context, connection.Connection, time.Time) error { return nil }

func (s *shelf) Renew(_ context.Context, c connection.Connection) error {
	s.c = c
	s.c.Version++
	return nil
}

// plain is a vault that shows what it keeps.
type plain struct{}

func (plain) Seal(_ context.Context, text []byte, _ string) ([]byte, error)   { return text, nil }
func (plain) Unseal(_ context.Context, text []byte, _ string) ([]byte, error) { return text, nil }

// FuzzRefresh answers the refresh of a grant with anything: there is a new pair, which
// is kept and used; or the grant is dead, by a word of the provider's; or it stays as
// it was. No answer's text gets into an error.
func FuzzRefresh(f *testing.F) {
	const marker = "token-that-no-log-may-hold"
	for _, a := range []struct {
		status     uint16
		kind, body string
	}{
		{200, "application/json", `{"access_token":"a2","refresh_token":"r2","token_type":"bearer","expires_in":3600}`},
		{200, "application/json", `{"access_token":"a2","expires_in":"3600"}`},
		{200, "application/json", `{"access_token":"","refresh_token":"` + marker + `"}`},
		{200, "application/json", `{"access_token":"a2","refresh_token":"","expires_in":-5,"api_url":"https://eu.zoom.example"}`},
		{200, "application/json", `{"access_token":"a2","expires_in":99999999999999999999}`},
		{200, "text/plain", `access_token=a2&refresh_token=r2&expires_in=3600`},
		{200, "text/html", `<html>` + marker}, {200, "application/json", `[`},
		{400, "application/json", `{"error":"invalid_grant","error_description":"` + marker + `"}`},
		{400, "application/json", `{"error":"invalid_request","reason":"Invalid Token!"}`},
		{400, "application/json", `{"error":"invalid_client"}`},
		{200, "application/json", `{"error":"invalid_grant"}`},
		{429, "application/json", ``}, {500, "text/html", marker}, {302, "", ``},
	} {
		f.Add(a.status-100, a.kind, a.body)
	}
	logger := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	f.Cleanup(func() { slog.SetDefault(logger) })
	f.Fuzz(func(t *testing.T, status uint16, kind, body string) {
		now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		w, s := &wire{status: 100 + int(status)%500, kind: kind, body: body}, new(shelf)
		k := &connection.Keeper{
			Ledger: s, Vault: plain{}, HTTP: &http.Client{Transport: w}, Now: func() time.Time { return now },
			OAuth: map[connection.Provider]*oauth2.Config{connection.Zoom: connection.ZoomOAuth("id", "secret", "https://zoom.example")},
		}
		first, err := k.Seal(t.Context(), connection.Connection{Host: "demo", Provider: connection.Zoom, Status: connection.Connected},
			&oauth2.Token{AccessToken: "a1", RefreshToken: "r1", Expiry: now})
		if err != nil {
			t.Fatal(err)
		}
		s.c = first
		client, _, err := k.Client(t.Context(), "demo", connection.Zoom)
		kept := pairIn(t, s.c)
		var (
			dead        *connection.Dead
			unavailable *connection.Unavailable
		)
		switch {
		case err == nil:
			if kept.Access == "" || kept.Refresh == "" || s.c.Status != connection.Connected || s.c.ExpiresAt.IsZero() {
				t.Errorf("kept %+v, %s, until %s", kept, s.c.Status, s.c.ExpiresAt)
			}
			res, err := client.Get("https://zoom.example/api")
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			valid := utf8.ValidString(strings.Join(w.shown, "")) // as tokens are (RFC 6749, A.12), and JSON keeps them
			if len(w.shown) != 1 || valid && w.shown[0] != "Bearer "+kept.Access {
				t.Errorf("kept %q, shown %q", kept.Access, w.shown)
			}
			return
		case errors.As(err, &dead):
			if !strings.Contains(body, "invalid_grant") && !strings.Contains(body, "interaction_required") && !strings.Contains(body, "Invalid Token") && !strings.Contains(body, "\\") && !strings.Contains(body, "%") {
				t.Errorf("no word of the provider's ended the grant: %d %s", w.status, body)
			}
		case errors.As(err, &unavailable):
			if s.c.Status != connection.Connected {
				t.Errorf("trouble ended the grant: %v", err)
			}
		default:
			t.Errorf("decides nothing: %T %v", err, err)
		}
		if kept != (connection.Tokens{Access: "a1", Refresh: "r1"}) {
			t.Errorf("the pair is %+v, and %v", kept, err)
		}
		if strings.Contains(err.Error(), marker) {
			t.Errorf("the error tells too much: %v", err)
		}
	})
}

func pairIn(t *testing.T, c connection.Connection) (pair connection.Tokens) {
	t.Helper()
	if err := json.Unmarshal(c.Sealed, &pair); err != nil {
		t.Fatal(err)
	}
	return pair
}
