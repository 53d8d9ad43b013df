package promise_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/seed"
)

// signIn returns the demo host's access token, got as the console gets it.
func (s *system) signIn(t *testing.T) string {
	t.Helper()
	client := &oauth2.Config{
		ClientID: "console", RedirectURL: s.Front + "/console/signed-in", Scopes: []string{"openid", "email", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: s.SignIn + "/authorize", TokenURL: s.SignIn + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), client.RedirectURL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	verifier := oauth2.GenerateVerifier()
	response, err := browser.PostForm(client.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)), url.Values{"person": {seed.Email}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatalf("sign in: status %d leads nowhere", response.StatusCode)
	}
	token, err := client.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

// team is the demo host, who has others told.
type team struct {
	*system
	token string
}

// asHost calls the host's API. Another run of the system is another issuer's.
func (s *team) asHost(t *testing.T, method, path, body string) answer {
	t.Helper()
	a := call(t, method, s.Front+path, body, map[string]string{"Authorization": "Bearer " + s.token})
	if a.Status == http.StatusUnauthorized {
		s.token = s.signIn(t)
		a = call(t, method, s.Front+path, body, map[string]string{"Authorization": "Bearer " + s.token})
	}
	return a
}

// told is what a receiver was sent once.
type told struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Booking struct {
			ID            string            `json:"id"`
			Start         string            `json:"start"`
			Status        string            `json:"status"`
			Reason        string            `json:"reason"`
			JoinURL       string            `json:"joinUrl"`
			PreviousStart string            `json:"previousStart"`
			Guest         map[string]string `json:"guest"`
			Cancellation  *struct {
				By string `json:"by"`
			} `json:"cancellation"`
		} `json:"booking"`
	} `json:"data"`

	header http.Header
	body   string
}

// receiver is somebody's system on this machine.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	all   []told
	serve func(n int, w http.ResponseWriter, r *http.Request) // the nth
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return // cut off: it was not received
		}
		one := told{header: request.Header, body: string(body)}
		_ = json.Unmarshal(body, &one) // what is none shows as empty
		r.mu.Lock()
		r.all = append(r.all, one)
		n, serve := len(r.all), r.serve
		r.mu.Unlock()
		if serve != nil {
			serve(n, w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// begin forgets what was received, and answers so from now on.
func (r *receiver) begin(serve func(n int, w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all, r.serve = nil, serve
}

// hears waits until the receiver was told that many times.
func (r *receiver) hears(t *testing.T, times int) []told {
	t.Helper()
	eventually(t, fmt.Sprintf("the receiver is told %d times", times), func() error {
		if n := len(r.got()); n < times {
			return fmt.Errorf("it was told %d times", n)
		}
		return nil
	})
	return r.got()
}

// signed reports whether the delivery carries a signature by the secret, as Standard
// Webhooks says.
func (d told) signed(secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || d.header.Get("Webhook-Id") != d.ID {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", d.ID, d.header.Get("Webhook-Timestamp"), d.body)
	return slices.Contains(strings.Fields(d.header.Get("Webhook-Signature")), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

type hookMade struct{ ID, Secret string }

func (s *team) hook(t *testing.T, at string) hookMade {
	t.Helper()
	a := s.asHost(t, "POST", "/api/host/hooks", fmt.Sprintf(`{"url":%q}`, at))
	if a.Status != http.StatusCreated {
		t.Fatalf("make a hook: status %d, body %s", a.Status, a.Body)
	}
	var made hookMade
	a.into(t, &made)
	return made
}

type delivery struct {
	ID, Event, Booking, Status string
	Attempts                   []struct {
		Status int
		Error  string
	}
}

// deliveries are the hook's, the latest news first.
func (s *team) deliveries(t *testing.T, h hookMade) []delivery {
	t.Helper()
	var list struct{ Deliveries []delivery }
	s.asHost(t, "GET", "/api/host/hooks/"+h.ID+"/deliveries", "").into(t, &list)
	return list.Deliveries
}

// delivered waits until the hook's latest delivery is that.
func (s *team) delivered(t *testing.T, h hookMade, status string) delivery {
	t.Helper()
	var d delivery
	eventually(t, "the delivery is "+status, func() error {
		all := s.deliveries(t, h)
		if len(all) == 0 || all[0].Status != status {
			return fmt.Errorf("deliveries: %+v", all)
		}
		d = all[0]
		return nil
	})
	return d
}

func TestATeamIsToldWhatBecomesOfBookings(t *testing.T) {
	t.Parallel()
	s := &team{system: start(t, append(hurried, "HOOK_EVERY=500ms")...)}
	r := receive(t)
	h := s.hook(t, r.URL+"/in?key=1")

	t.Run("each turn in its order", func(t *testing.T) {
		b, slot := s.booked(t)
		r.hears(t, 1)
		to := s.another(t, slot)
		if a := s.moveTo(t, b, to.Start); a.Status != http.StatusAccepted {
			t.Fatalf("move: status %d, body %s", a.Status, a.Body)
		}
		r.hears(t, 2)
		s.cancel(t, b)
		r.hears(t, 3)
		s.fail(t, refusal(createMeeting, 0))
		lost := s.book(t, s.open(t).Start)
		if v := s.settled(t, lost); v.Status != "failed" {
			t.Fatalf("it is %s", v.Status)
		}
		s.mend(t)
		all := r.hears(t, 4)
		type turn struct{ Type, Booking, Status, Start, From, Reason, By string }
		var got []turn
		for _, d := range all {
			if !d.signed(h.Secret) {
				t.Errorf("%s is not signed: %v", d.Type, d.header)
			}
			about := d.Data.Booking
			one := turn{Type: d.Type, Booking: about.ID, Status: about.Status, Start: utc(t, about.Start), Reason: about.Reason}
			if about.PreviousStart != "" {
				one.From = utc(t, about.PreviousStart)
			}
			if about.Cancellation != nil {
				one.By = about.Cancellation.By
			}
			if joins := about.JoinURL != ""; joins != (about.Status == "confirmed") {
				t.Errorf("%s with the URL %q", d.Type, about.JoinURL)
			}
			got = append(got, one)
		}
		at, later := utc(t, slot.Start), utc(t, to.Start)
		want := []turn{
			{Type: "booking.confirmed", Booking: b.ID, Status: "confirmed", Start: at},
			{Type: "booking.rescheduled", Booking: b.ID, Status: "confirmed", Start: later, From: at},
			{Type: "booking.cancelled", Booking: b.ID, Status: "cancelled", Start: later, By: "guest"},
			{Type: "booking.failed", Booking: lost.ID, Status: "failed", Start: utc(t, lost.Start), Reason: got[3].Reason},
		}
		if diff := cmp.Diff(want, got); diff != "" || got[3].Reason == "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if all[0].Data.Booking.Guest["email"] != b.guest {
			t.Errorf("the guest: %v", all[0].Data.Booking.Guest)
		}
	})

	t.Run("at last, though it fails at first", func(t *testing.T) {
		r.begin(func(n int, w http.ResponseWriter, _ *http.Request) {
			if n <= 2 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		b, _ := s.booked(t)
		all := r.hears(t, 3)
		d := s.delivered(t, h, "delivered")
		if len(d.Attempts) != 3 || d.Attempts[0].Status != 500 || d.Attempts[1].Status != 500 || d.Attempts[2].Status != 200 || d.Booking != b.ID {
			t.Errorf("the log: %+v", d)
		}
		for _, one := range all {
			if one.ID != d.ID || one.body != all[0].body || !one.signed(h.Secret) {
				t.Errorf("an attempt of %s: %+v", d.ID, one)
			}
		}

		r.begin(nil)
		if a := s.asHost(t, "POST", "/api/host/hooks/"+h.ID+"/deliveries/"+d.ID+"/replay", ""); a.Status != http.StatusAccepted {
			t.Fatalf("replay: status %d, body %s", a.Status, a.Body)
		}
		again := r.hears(t, 1)
		if again[0].ID != d.ID || again[0].body != all[0].body || !again[0].signed(h.Secret) {
			t.Errorf("replayed: %+v", again[0])
		}
	})

	t.Run("though the system dies while it tells", func(t *testing.T) {
		under := make(chan struct{})
		var once sync.Once
		r.begin(func(n int, _ http.ResponseWriter, request *http.Request) {
			if n == 1 {
				once.Do(func() { close(under) })
				<-request.Context().Done()
			}
		})
		b, _ := s.booked(t)
		<-under
		s.kill()
		s.run(t)
		all := r.hears(t, 2)
		if d := s.delivered(t, h, "delivered"); d.Booking != b.ID || all[1].ID != d.ID || all[1].body != all[0].body {
			t.Errorf("delivered: %+v; received: %+v", d, all)
		}
	})

	// What lets the local run reach itself is a setting that no deployment has; here it
	// names where nobody is.
	t.Run("nobody on loopback without the setting", func(t *testing.T) {
		r.begin(nil)
		s.kill()
		s.options = append(slices.Clone(s.options), "HOOK_ALLOWED=192.0.2.0/24")
		s.run(t)
		for address, code := range map[string]string{r.URL: "not_https", "https://127.0.0.1/": "not_public", "https://localhost/": "not_public"} {
			a := s.asHost(t, "POST", "/api/host/hooks", fmt.Sprintf(`{"url":%q}`, address))
			var p problem
			a.into(t, &p)
			if a.Status != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Field != "url" || p.Errors[0].Code != code {
				t.Errorf("%s: status %d, body %s", address, a.Status, a.Body)
			}
		}
		if a := s.asHost(t, "POST", "/api/host/hooks/"+h.ID+"/test", ""); a.Status != http.StatusAccepted {
			t.Fatalf("test: status %d, body %s", a.Status, a.Body)
		}
		d := s.delivered(t, h, "failed")
		if len(d.Attempts) != 1 || d.Attempts[0].Error != "address_refused" || d.Event != "test" || len(r.got()) > 0 {
			t.Errorf("the log: %+v; received: %+v", d, r.got())
		}
	})
}
