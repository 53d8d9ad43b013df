package consent_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"yakusoku/infra/local/microsoftsim"
	"yakusoku/shared/connection"
	"yakusoku/shared/consent"
)

// outlook is a scene whose hosts can connect Microsoft.
type outlook struct {
	*scene
	microsoft *microsoftsim.Simulator
}

func newOutlook(t *testing.T) outlook {
	t.Helper()
	s := outlook{scene: newScene(t)}
	var err error
	s.microsoft, err = microsoftsim.New(microsoftsim.Config{
		Clock: s.Keeper.Now, RedirectURIs: []string{origin + connection.CallbackPath(connection.Microsoft)},
	})
	if err != nil {
		t.Fatal(err)
	}
	base := serve(t, s.microsoft.Handler())
	s.Services[connection.Microsoft] = consent.Microsoft{APIBase: base}
	s.Keeper.OAuth[connection.Microsoft] = connection.MicrosoftOAuth(microsoftsim.DefaultClientID, microsoftsim.DefaultClientSecret, base)
	return s
}

// connect goes the whole way.
func (s outlook) connect(t *testing.T, user, decision string) (connection.Connection, error) {
	t.Helper()
	address, browser := s.begin(t, "hanako", connection.Microsoft, "")
	form := url.Values{"user": {user}, "decision": {decision}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("status %d leads nowhere", res.StatusCode)
	}
	return s.Finish(t.Context(), callback(connection.Microsoft, back.Query(), browser))
}

func TestAHostConnectsEitherKindOfMicrosoftAccount(t *testing.T) {
	for _, user := range []string{"hanako@example.com", microsoftsim.PersonalUser} {
		t.Run(user, func(t *testing.T) {
			s := newOutlook(t)
			c, err := s.connect(t, user, "accept")
			if err != nil {
				t.Fatal(err)
			}
			if c.Account.Email != user || c.Account.ID == "" {
				t.Errorf("account %+v", c.Account)
			}
			// The grant is renewed, by a new refresh token each time.
			for range 3 {
				client, _, err := s.Keeper.Client(t.Context(), "hanako", connection.Microsoft)
				if err != nil {
					t.Fatal(err)
				}
				if got := status(t, client, s.Services[connection.Microsoft].(consent.Microsoft).APIBase); got != http.StatusOK {
					t.Errorf("status %d", got)
				}
				s.now = s.now.Add(60 * 24 * time.Hour)
			}
			if _, err := s.microsoft.EndGrant(user, 50173); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Keeper.Client(t.Context(), "hanako", connection.Microsoft); !connection.Lost(err) {
				t.Errorf("once it is revoked: %v", err)
			}
		})
	}
}

// status is that of a call of Graph.
func status(t *testing.T, client *http.Client, base string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1.0/me/calendars", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestMicrosoftsRefusalsHaveTheirWords(t *testing.T) {
	for name, test := range map[string]struct {
		user string
		want connection.Refusal
	}{
		"the host cancels":              {"hanako@example.com", connection.AccessDenied},
		"an administrator must approve": {microsoftsim.UnapprovedUser, connection.MicrosoftApproval},
	} {
		t.Run(name, func(t *testing.T) {
			s := newOutlook(t)
			_, err := s.connect(t, test.user, "cancel")
			wantRefused(t, err, test.want)
			linked, err := s.store.Connections(t.Context(), "hanako")
			if err != nil || len(linked) != 0 {
				t.Errorf("%v; connected: %v", err, linked)
			}
		})
	}
}
