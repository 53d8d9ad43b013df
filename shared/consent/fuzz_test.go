package consent_test

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/consent"
)

// books keep one attempt and what is linked.
type books struct {
	connection.Links
	attempt *connection.Attempt
	linked  []connection.Connection
}

func (b *books) Begin(_ context.Context, a connection.Attempt) error {
	b.attempt = &a
	return nil
}

func (b *books) Take(_ context.Context, state string, browser []byte) (connection.Attempt, bool, error) {
	if b.attempt == nil || b.attempt.State != state || subtle.ConstantTimeCompare(b.attempt.Browser, browser) != 1 {
		return connection.Attempt{}, false, nil
	}
	a := *b.attempt
	b.attempt = nil
	return a, true, nil
}

func (b *books) Connection(_ context.Context, _ string, p connection.Provider) (connection.Connection, error) {
	return connection.Connection{}, &connection.Absent{Provider: p}
}

func (b *books) Link(_ context.Context, c connection.Connection, _ connection.Account) error {
	b.linked = append(b.linked, c)
	return nil
}

func (b *books) AwakeHost(context.Context, string, time.Time) error { return nil }

func (b *books) Owner(context.Context, connection.Provider, string) (string, error) { return "", nil }

// open is a vault that shows what it keeps.
type open struct{}

func (open) Seal(_ context.Context, text []byte, _ string) ([]byte, error)   { return text, nil }
func (open) Unseal(_ context.Context, text []byte, _ string) ([]byte, error) { return text, nil }

// wire is a transport that answers for the token endpoints with one text, and for the
// APIs with another.
type wire struct {
	status     int
	token, api string
	exchanged  int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := w.status, w.api
	if strings.HasSuffix(r.URL.Path, "/token") {
		w.exchanged++
		status, body = http.StatusOK, w.token
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// FuzzCallback sends a browser back from a provider with any query and cookie, and has
// the provider answer anything: a connection is made of the attempt that was begun, in
// the browser that began it, once, and of an account that somebody has; or it is
// refused, and a word of ours says why.
func FuzzCallback(f *testing.F) {
	const (
		right  = 7 // the state, the cookie and the provider are those of the attempt
		marker = "no-log-may-hold-this"
		scopes = "user:read:user meeting:write:meeting meeting:delete:meeting meeting:read:list_meetings User.Read Calendars.ReadWrite " +
			"https://www.googleapis.com/auth/calendar.events.owned https://www.googleapis.com/auth/calendar.calendarlist.readonly https://www.googleapis.com/auth/calendar.events.freebusy"
		grant = `{"access_token":"a","refresh_token":"r","expires_in":3600,"scope":"` + scopes + `"`
		user  = `{"id":"u1","type":2,"email":"hanako@example.com","mail":"hanako@example.com"}`
	)
	idToken := func(claims string) string {
		part := base64.RawURLEncoding.EncodeToString
		return `,"id_token":"` + part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("unsigned")) + `"`
	}
	const claims = `{"iss":"https://accounts.google.com","aud":"id","exp":4102444800,"email":"hanako@example.com"`
	for _, p := range []uint8{0, 1, 2} {
		f.Add(p, uint8(right), "", "code", "", uint16(100), grant+idToken(claims+`,"sub":"u1"}`)+"}", user)
		f.Add(p, uint8(right), "", "code", "", uint16(100), grant+idToken(claims+`}`)+"}", user)
		f.Add(p, uint8(right), "", "code", "", uint16(100), grant+`}`, `{"id":"","type":2}`)
		f.Add(p, uint8(right), "", "", "access_denied", uint16(100), grant+`}`, user)
		f.Add(p, uint8(right), "", "", "", uint16(100), grant+`}`, user)
		f.Add(p, uint8(right), "", "code", "", uint16(100), `{"access_token":"a","refresh_token":""}`, user)
		f.Add(p, uint8(right), "", "code", "", uint16(100), `{"error":"invalid_grant","error_description":"`+marker+`"}`, user)
		f.Add(p, uint8(right), "", marker, marker, uint16(302), `<html>`+marker, `<html>`+marker)
		f.Add(p, uint8(right-1), "guessed", "code", "", uint16(100), grant+`}`, user)
		f.Add(p, uint8(right-2), "guessed", "code", "", uint16(100), grant+`}`, user)
		f.Add(p, uint8(right-4), "guessed", "code", "", uint16(100), grant+`}`, user)
		f.Add(p, uint8(0), "", "code", "", uint16(100), grant+`}`, user)
	}
	logger := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	f.Cleanup(func() { slog.SetDefault(logger) })
	providers := []connection.Provider{connection.Zoom, connection.Google, connection.Microsoft}
	f.Fuzz(func(t *testing.T, which, knows uint8, guess, code, problem string, status uint16, token, api string) {
		w, b := &wire{status: 100 + int(status)%500, token: token, api: api}, new(books)
		began := providers[int(which)%len(providers)]
		const base = "https://provider.example"
		c := &connection.Connector{
			Links: b, Origin: origin,
			Services: map[connection.Provider]connection.Service{
				connection.Zoom:      consent.Zoom{ClientID: "id", Secret: "secret", AuthBase: base, APIBase: base},
				connection.Google:    consent.Google{ClientID: "id", TokenBase: base},
				connection.Microsoft: consent.Microsoft{APIBase: base},
			},
			Keeper: &connection.Keeper{
				Vault: open{}, Now: time.Now, HTTP: &http.Client{Transport: w},
				OAuth: map[connection.Provider]*oauth2.Config{
					connection.Zoom:      connection.ZoomOAuth("id", "secret", base),
					connection.Google:    connection.GoogleOAuth("id", "secret", base, base),
					connection.Microsoft: connection.MicrosoftOAuth("id", "secret", base),
				},
			},
		}
		_, cookie, err := c.Begin(t.Context(), "hanako", began, guess)
		if err != nil {
			t.Fatal(err)
		}
		back := connection.Callback{Provider: began, State: b.attempt.State, Code: code, Error: problem, Browser: cookie}
		if knows&1 == 0 {
			back.State = guess
		}
		if knows&2 == 0 {
			back.Browser = guess
		}
		if knows&4 == 0 {
			back.Provider = providers[(int(which)+1)%len(providers)]
		}
		mine := back.State == b.attempt.State && sha256.Sum256([]byte(back.Browser)) == sha256.Sum256([]byte(cookie)) && back.Provider == began
		made, err := c.Finish(t.Context(), back)
		if err == nil {
			if !mine || code == "" || problem != "" || w.exchanged != 1 || len(b.linked) != 1 {
				t.Errorf("connected: mine %t, code %q, error %q, linked %d times", mine, code, problem, len(b.linked))
			}
			if made.Account.ID == "" || made.Host != "hanako" || made.Provider != began || made.Status != connection.Connected {
				t.Errorf("connected: %+v", made)
			}
			if !strings.Contains(string(made.Sealed), `"Access":"`) || strings.Contains(string(made.Sealed), `:""`) {
				t.Errorf("half a pair: %s", made.Sealed)
			}
			_, err = c.Finish(t.Context(), back)
		} else if len(b.linked) > 0 {
			t.Errorf("linked, and %v", err)
		}
		refused := (*connection.Refused)(nil)
		if !errors.As(err, &refused) || refused.Why == "" {
			t.Fatalf("decides nothing: %T %v", err, err)
		}
		if strings.Contains(err.Error(), marker) {
			t.Errorf("the error tells too much: %v", err)
		}
		if !mine && w.exchanged > 0 {
			t.Error("a code was exchanged that nobody here asked for")
		}
	})
}
