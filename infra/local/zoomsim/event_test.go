package zoomsim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/zoom"
)

const secretToken = "secret-token"

// listener is our endpoint as it ought to be, unless it is told to answer otherwise.
type listener struct {
	mu     sync.Mutex
	events []zoom.Event
	bodies []string
	forged int
	answer func(n int, w http.ResponseWriter) bool // of the n-th event; false: as it ought to
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if zoom.Verify(secretToken, r.Header.Get("x-zm-request-timestamp"), r.Header.Get("x-zm-signature"), body, time.Now()) != nil {
		l.forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	e, err := zoom.ParseEvent(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if e.Name == zoom.URLValidation {
		_ = json.NewEncoder(w).Encode(zoom.Challenge(secretToken, e.PlainToken))
		return
	}
	l.events, l.bodies = append(l.events, e), append(l.bodies, string(body))
	if l.answer == nil || !l.answer(len(l.events), w) {
		w.WriteHeader(http.StatusNoContent)
	}
}

func (l *listener) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, e := range l.events {
		names = append(names, e.Name)
	}
	slices.Sort(names) // Zoom does not keep the order
	return names
}

// hasten makes the pauses short, as many as Zoom's.
var hasten = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}

func listen(t *testing.T, l *listener) zoomsim.Endpoint {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	return zoomsim.Endpoint{URL: server.URL, SecretToken: secretToken}
}

// settled waits until nothing is on its way, and returns what became of it.
func settled(t *testing.T, sim *zoomsim.Simulator) []zoomsim.Delivery {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; <-time.After(time.Millisecond) {
		if d := sim.Deliveries(); d.Waiting == 0 {
			return d.Done
		}
		if time.Now().After(end) {
			t.Fatalf("still under way: %+v", sim.Deliveries())
		}
	}
}

func TestOurEndpointIsToldOfEverythingThatHappens(t *testing.T) {
	l := new(listener)
	s := set(t, zoomsim.Config{Endpoint: listen(t, l), Pauses: hasten})
	first, second := s.create(t, "ref-1"), s.create(t, "ref-2")
	change := zoom.Change{Start: start.Add(time.Hour), DurationMinutes: 30}
	err := errors.Join(s.client.Update(t.Context(), first.ID, change), s.client.Delete(t.Context(), first.ID))
	if err != nil {
		t.Fatal(err)
	}
	later := start.Add(2 * time.Hour)
	if moved, err := s.sim.ChangeMeeting(second.ID, zoomsim.HostMeeting{Start: later, Duration: 45}); err != nil || !moved.Start.Equal(later) || moved.Duration != 45 {
		t.Errorf("moved to %+v, error %v", moved, err)
	}
	if got, err := s.client.Get(t.Context(), second.ID); err != nil || !got.Start.Equal(later) || got.DurationMinutes != 45 {
		t.Errorf("its client sees %+v, error %v", got, err)
	}
	if err := s.sim.DeleteMeeting(second.ID); err != nil {
		t.Error(err)
	}
	if err := s.sim.DeleteMeeting(second.ID); err == nil {
		t.Error("a meeting was deleted twice")
	}
	if ended, err := s.sim.RemoveApp("Host@example.com"); err != nil || !ended {
		t.Errorf("removed %v, error %v", ended, err)
	}
	for _, d := range settled(t, s.sim) {
		if d.Wrong != "" || d.Tries != 1 || d.Status != http.StatusNoContent {
			t.Errorf("%+v", d)
		}
	}
	want := []string{
		"app_deauthorized", "meeting.created", "meeting.created", "meeting.deleted", "meeting.deleted",
		"meeting.updated", "meeting.updated",
	}
	if diff := cmp.Diff(want, l.names()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	for i, e := range l.events {
		if e.Name != "meeting.created" && e.User != zoomsim.UserID("host@example.com") {
			t.Errorf("%s is of %q", e.Name, e.User)
		}
		if e.Name == "app_deauthorized" && e.At.IsZero() {
			t.Error("nobody says when the app was removed")
		}
		if strings.HasPrefix(e.Name, "meeting.") && !strings.Contains(l.bodies[i], fmt.Sprintf(`"id":%d`, first.ID)) && !strings.Contains(l.bodies[i], fmt.Sprintf(`"id":%d`, second.ID)) {
			t.Errorf("its id is no number: %s", l.bodies[i])
		}
	}
}

func TestEndingAGrantIsToldOnlyIfTheUserOrOurClientDoesIt(t *testing.T) {
	tests := []struct {
		name string
		end  func(s setting) error
		want []string
	}{
		{"the user, on the page", func(s setting) error {
			browse(t, s.url+"/", map[string][]string{"action": {"revoke"}, "user": {"host@example.com"}})
			return nil
		}, []string{"app_deauthorized"}},
		{"our client", func(s setting) error {
			return zoom.Revoke(t.Context(), http.DefaultClient, s.url, zoomsim.DefaultClientID, zoomsim.DefaultClientSecret, s.grant.AccessToken)
		}, []string{"app_deauthorized"}},
		{"nobody", func(s setting) error { _, err := s.sim.EndGrant("host@example.com"); return err }, nil},
		{"who has none", func(s setting) error { _, err := s.sim.RemoveApp("other@example.com"); return err }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := new(listener)
			s := set(t, zoomsim.Config{Endpoint: listen(t, l), Pauses: hasten})
			if err := test.end(s); err != nil {
				t.Fatal(err)
			}
			settled(t, s.sim)
			if diff := cmp.Diff(test.want, l.names()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEventIsSentAgainAsZoomDoes(t *testing.T) {
	status := func(codes ...int) func(int, http.ResponseWriter) bool {
		return func(n int, w http.ResponseWriter) bool {
			if n > len(codes) {
				return false
			}
			w.WriteHeader(codes[n-1])
			return true
		}
	}
	hangUp := func(n int, _ http.ResponseWriter) bool {
		if n == 1 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	tests := []struct {
		name   string
		answer func(int, http.ResponseWriter) bool
		want   zoomsim.Delivery // Wrong: whether anything is
	}{
		{"204", status(204), zoomsim.Delivery{Tries: 1, Status: 204}},
		{"200", status(200), zoomsim.Delivery{Tries: 1, Status: 200}},
		{"unavailable, then taken", status(503, 500), zoomsim.Delivery{Tries: 3, Status: 204}},
		{"no answer, then taken", hangUp, zoomsim.Delivery{Tries: 2, Status: 204}},
		{"unavailable for long", status(503, 503, 503, 503, 503), zoomsim.Delivery{Tries: 4, Status: 503, Wrong: "x"}},
		{"refused", status(401), zoomsim.Delivery{Tries: 1, Status: 401, Wrong: "x"}},
		{"sent elsewhere", status(302), zoomsim.Delivery{Tries: 1, Status: 302, Wrong: "x"}},
		{"taken, in words that Zoom does not take", status(202), zoomsim.Delivery{Tries: 1, Status: 202, Wrong: "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &listener{answer: test.answer}
			s := set(t, zoomsim.Config{Endpoint: listen(t, l), Pauses: hasten})
			if _, err := s.sim.RemoveApp("host@example.com"); err != nil {
				t.Fatal(err)
			}
			got := settled(t, s.sim)
			if len(got) != 1 {
				t.Fatalf("sent %+v", got)
			}
			if got[0].Wrong != "" {
				got[0].Wrong = "x"
			}
			test.want.Event = "app_deauthorized"
			if diff := cmp.Diff(test.want, got[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An endpoint that does not know the secret token is told nothing.
func TestAnEndpointMustShowThatItKnowsTheToken(t *testing.T) {
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter, plain string)
		ok     bool
	}{
		{"it does", func(w http.ResponseWriter, plain string) {
			_ = json.NewEncoder(w).Encode(zoom.Challenge(secretToken, plain))
		}, true},
		{"it has another", func(w http.ResponseWriter, plain string) {
			_ = json.NewEncoder(w).Encode(zoom.Challenge("another", plain))
		}, false},
		{"it repeats", func(w http.ResponseWriter, plain string) {
			_ = json.NewEncoder(w).Encode(map[string]string{"plainToken": plain, "encryptedToken": plain})
		}, false},
		{"it says nothing", func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusNoContent) }, false},
		{"it is away", func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusServiceUnavailable) }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			told := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				e, err := zoom.ParseEvent(body)
				if err == nil && e.Name == zoom.URLValidation {
					test.answer(w, e.PlainToken)
					return
				}
				told++
			}))
			defer server.Close()
			s := set(t, zoomsim.Config{Pauses: hasten})
			err := s.sim.SetEndpoint(zoomsim.Endpoint{URL: server.URL, SecretToken: secretToken})
			if (err == nil) != test.ok {
				t.Errorf("set: %v", err)
			}
			first := set(t, zoomsim.Config{Pauses: hasten, Endpoint: zoomsim.Endpoint{URL: server.URL, SecretToken: secretToken}})
			if _, err := first.sim.RemoveApp("host@example.com"); err != nil {
				t.Fatal(err)
			}
			settled(t, first.sim)
			if (told == 1) != test.ok {
				t.Errorf("it was told %d times", told)
			}
		})
	}
}

func TestATestSendsWhatItWants(t *testing.T) {
	l := new(listener)
	z := open(t, zoomsim.Config{Endpoint: listen(t, l)})
	z.now = time.Now()
	const event = `{"event":"meeting.deleted","event_ts":1,"payload":{"object":{"id":"7","host_id":"u1"}}}`
	for body, want := range map[string]string{
		`{"event":` + event + `}`:                `{"statuses":[204]}`,
		`{"event":` + event + `,"times":2}`:      `{"statuses":[204,204]}`,
		`{"event":` + event + `,"forge":true}`:   `{"statuses":[401]}`,
		`{"event":` + event + `,"age":301}`:      `{"statuses":[401]}`,
		`{"event":` + event + `,"age":-1}`:       `{"statuses":[204]}`,
		`{"event":{"event":"meeting.deleted"}}`:  `{"statuses":[400]}`,
		`{"event":{"event":"something else"}}`:   `{"statuses":[204]}`,
		`{"event":` + event + `,"unknown":"me"}`: "",
	} {
		status, got := z.admin(t, "/_events", body)
		if want == "" && status != http.StatusBadRequest || want != "" && strings.TrimSpace(got) != want {
			t.Errorf("%s: status %d, %s", body, status, got)
		}
	}
	for _, body := range l.bodies {
		if body != event && body != `{"event":"something else"}` {
			t.Errorf("sent %s", body)
		}
	}
}

// Zoom does not end with a run of ours.
func TestAnEventOutlivesTheSimulator(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zoom.jsonl")
	first, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l := new(listener)
	to := listen(t, l)
	pausing := []time.Duration{time.Hour}
	s := set(t, zoomsim.Config{State: first, Pauses: pausing, Endpoint: zoomsim.Endpoint{URL: "http://127.0.0.1:1", SecretToken: secretToken}})
	if _, err := s.sim.RemoveApp("host@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	sim, err := zoomsim.New(zoomsim.Config{State: second, Pauses: hasten, Endpoint: to})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, sim)
	if diff := cmp.Diff([]string{"app_deauthorized"}, l.names()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestThePageDoesWhatAHostMayWithAMeeting(t *testing.T) {
	s := set(t, zoomsim.Config{})
	made := s.create(t, "ref-1")
	act := func(status int, form map[string][]string) {
		t.Helper()
		form["meeting"] = []string{fmt.Sprint(made.ID)}
		if got := browse(t, s.url+"/", form); got.status != status {
			t.Errorf("%v: status %d, %s", form, got.status, got.page)
		}
	}
	later := start.Add(26 * time.Hour)
	act(http.StatusBadRequest, map[string][]string{"action": {"move"}, "start": {"soon"}})
	act(http.StatusSeeOther, map[string][]string{"action": {"move"}, "start": {later.Format("2006-01-02T15:04")}})
	if got, err := s.client.Get(t.Context(), made.ID); err != nil || !got.Start.Equal(later) {
		t.Errorf("moved to %+v, error %v", got, err)
	}
	act(http.StatusSeeOther, map[string][]string{"action": {"delete"}})
	act(http.StatusBadRequest, map[string][]string{"action": {"delete"}})
	if state := s.sim.State(); !state.Meetings[0].Deleted {
		t.Errorf("%+v", state.Meetings)
	}
}
