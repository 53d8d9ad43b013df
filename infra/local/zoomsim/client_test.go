package zoomsim_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/zoom"
)

// bearer signs requests with whatever token it holds.
type bearer struct{ token string }

func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

type setting struct {
	sim    *zoomsim.Simulator
	url    string
	grant  zoomsim.Token
	client *zoom.Client
}

func set(t *testing.T, c zoomsim.Config, scopes ...string) setting {
	t.Helper()
	sim, err := zoomsim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	grant, err := sim.Grant("host@example.com", scopes, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return setting{sim, server.URL, grant, &zoom.Client{
		HTTP: &http.Client{Transport: &bearer{grant.AccessToken}}, Base: grant.APIURL,
	}}
}

var start = time.Now().AddDate(0, 0, 7).UTC().Truncate(time.Minute)

func (s setting) create(t *testing.T, reference string) zoom.Meeting {
	t.Helper()
	m, err := s.client.Create(t.Context(), zoom.NewMeeting{
		Topic: "初回相談", Agenda: zoom.Agenda(reference, strings.Repeat("長", 1900)), Start: start, DurationMinutes: 30, TimeZone: "Asia/Tokyo", Passcode: "abc123",
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAMeetingLivesFromCreateToDelete(t *testing.T) {
	s := set(t, zoomsim.Config{})
	made := s.create(t, "ref-1")
	got, err := s.client.Get(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("read back (-made +got):\n%s", diff)
	}
	later := start.Add(time.Hour)
	if err := s.client.Update(t.Context(), made.ID, zoom.Change{Start: later, DurationMinutes: 60}); err != nil {
		t.Fatal(err)
	}
	if got, err = s.client.Get(t.Context(), made.ID); err != nil || !got.Start.Equal(later) || got.DurationMinutes != 60 || got.JoinURL != made.JoinURL {
		t.Errorf("after the update %+v, error %v", got, err)
	}
	for range 2 {
		if err := s.client.Delete(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.client.Get(t.Context(), made.ID); err == nil {
		t.Error("a deleted meeting is still there")
	}
}

func TestFindKnowsAMeetingByItsWholeReference(t *testing.T) {
	s := set(t, zoomsim.Config{})
	want := s.create(t, "ref-1").ID
	s.create(t, "ref-10")
	gone := s.create(t, "ref-1")
	if err := s.client.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for i := range 320 { // more than a page
		s.create(t, fmt.Sprint("other-", i))
	}
	second := s.create(t, "ref-1").ID
	if err := s.client.Update(t.Context(), second, zoom.Change{Start: start.Add(time.Hour), DurationMinutes: 30}); err != nil {
		t.Fatal(err)
	}
	found, err := s.client.Find(t.Context(), "ref-1")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, m := range found {
		ids = append(ids, m.ID)
	}
	if diff := cmp.Diff([]int64{want, second}, ids); diff != "" {
		t.Errorf("the oldest first (-want +got):\n%s", diff)
	}
	if found, err := s.client.Find(t.Context(), "ref-2"); err != nil || len(found) > 0 {
		t.Errorf("of another reference: %v, error %v", found, err)
	}
}

// A passcode of ours may break a rule that the account has; one of Zoom's does not.
func TestEveryAccountGivesAPasscodeByItsRule(t *testing.T) {
	const ours = "abcDEFG7"
	tests := map[string]struct {
		rule zoomsim.PasscodeRule
		want string // a pattern of the whole
	}{
		"no rule":            {zoomsim.PasscodeRule{}, "^" + ours + "$"},
		"a rule that is met": {zoomsim.PasscodeRule{Length: 8, Letter: true, Number: true, BothCases: true}, "^" + ours + "$"},
		"digits alone":       {zoomsim.PasscodeRule{NumericOnly: true}, `^\d{6,10}$`},
		"a special one":      {zoomsim.PasscodeRule{Special: true, Length: 8}, `^[A-Za-z0-9]*[@_*-][A-Za-z0-9]*$`},
		"ten characters":     {zoomsim.PasscodeRule{Length: 10}, `^.{10}$`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := set(t, zoomsim.Config{})
			if _, err := s.sim.ChangeUser(zoomsim.UserChange{User: "host@example.com", Passcodes: &test.rule}); err != nil {
				t.Fatal(err)
			}
			made, err := s.client.Create(t.Context(), zoom.NewMeeting{Topic: "初回相談", Start: start, DurationMinutes: 30, Passcode: ours})
			if err != nil || !regexp.MustCompile(test.want).MatchString(made.Passcode) {
				t.Errorf("passcode %q, error %v", made.Passcode, err)
			}
		})
	}
}

func TestWhoMayNotIsRefused(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name   string
		scopes []string
		spoil  func(*zoomsim.Simulator) error
		is     func(*zoom.Refused) bool
	}{
		{"without the scope", []string{"meeting:read:meeting"}, func(*zoomsim.Simulator) error { return nil }, (*zoom.Refused).ScopeMissing},
		{"with a token that is expired", nil, func(*zoomsim.Simulator) error { now = now.Add(2 * time.Hour); return nil }, (*zoom.Refused).Unauthorized},
		{"after the app was removed", nil, func(s *zoomsim.Simulator) error { _, err := s.EndGrant("host@example.com"); return err }, (*zoom.Refused).Unauthorized},
		{"after another authorization", nil, func(s *zoomsim.Simulator) error { _, err := s.Grant("host@example.com", nil, ""); return err }, (*zoom.Refused).Unauthorized},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := set(t, zoomsim.Config{Clock: func() time.Time { return now }}, test.scopes...)
			if err := test.spoil(s.sim); err != nil {
				t.Fatal(err)
			}
			_, err := s.client.Create(t.Context(), zoom.NewMeeting{Start: start, DurationMinutes: 30})
			if refused, ok := errors.AsType[*zoom.Refused](err); !ok || !test.is(refused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTheDaysLimitIsToldApart(t *testing.T) {
	s := set(t, zoomsim.Config{DailyLimit: 1})
	s.create(t, "ref-1")
	_, err := s.client.Create(t.Context(), zoom.NewMeeting{Start: start, DurationMinutes: 30})
	if limited, ok := errors.AsType[*zoom.RateLimited](err); !ok || !limited.Daily {
		t.Errorf("got %v", err)
	}
}

func TestABodyThatZoomWouldNotTakeIsRefusedByItsField(t *testing.T) {
	s := set(t, zoomsim.Config{})
	for body, field := range map[string]string{
		`{"price":1}`:                                  "price",
		`{"duration":"30"}`:                            "duration",
		`{"duration":0}`:                               "duration",
		`{"settings":{"vip":true}}`:                    "vip",
		`{"password":"far too long a word"}`:           "password",
		`{"start_time":"2026-12-01 10:00"}`:            "start_time",
		`{"timezone":"Mars"}`:                          "timezone",
		`{"topic":"` + strings.Repeat("a", 201) + `"}`: "topic",
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/v2/users/me/meetings", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := s.client.HTTP.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), `"field":"`+field+`"`) {
			t.Errorf("%s: status %d, %s", body, response.StatusCode, answer)
		}
	}
}

func TestARefreshEndsTheTokenThatItUsed(t *testing.T) {
	s := set(t, zoomsim.Config{})
	refresh := func(token string) (int, string) {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
		request, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/oauth/token", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(zoomsim.DefaultClientID, zoomsim.DefaultClientSecret)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	if status, body := refresh(s.grant.RefreshToken); status != http.StatusOK || strings.Contains(body, s.grant.RefreshToken) {
		t.Errorf("first refresh: status %d, %s", status, body)
	}
	if status, body := refresh(s.grant.RefreshToken); status != http.StatusBadRequest || !strings.Contains(body, "invalid_grant") {
		t.Errorf("second refresh: status %d, %s", status, body)
	}
}

func TestStateOutlivesTheSimulator(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zoom.jsonl")
	open := func() *journal.Journal {
		j, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	first := open()
	s := set(t, zoomsim.Config{State: first})
	made := s.create(t, "ref-1")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	sim, err := zoomsim.New(zoomsim.Config{State: open()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	s.client.Base = server.URL
	if got, err := s.client.Get(t.Context(), made.ID); err != nil || got.JoinURL != made.JoinURL {
		t.Errorf("after a restart %+v, error %v", got, err)
	}
	response, err := http.Get(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if page, _ := io.ReadAll(response.Body); !strings.Contains(string(page), "初回相談") {
		t.Errorf("the page shows no meeting: %s", page)
	}
}

func TestWhatAHostDoesAtZoomIsSeenThere(t *testing.T) {
	s := set(t, zoomsim.Config{})
	made := s.create(t, "ref-1")
	if made.ByAnother() {
		t.Error("what we made counts as the host's")
	}
	later := start.Add(2 * time.Hour)
	if _, err := s.sim.ChangeMeeting(made.ID, zoomsim.HostMeeting{Start: later, Duration: 45}); err != nil {
		t.Fatal(err)
	}
	own, err := s.sim.AddMeeting(zoomsim.HostMeeting{User: "host@example.com", Topic: "朝会", Agenda: made.Agenda})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.client.List(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if moved := all[0]; moved.ID != made.ID || !moved.Start.Equal(later) || moved.DurationMinutes != 45 || moved.Reference() != "ref-1" {
		t.Errorf("moved: %+v", moved)
	}
	if got, err := s.client.Get(t.Context(), own.ID); err != nil || !got.ByAnother() || got.Reference() != "ref-1" {
		t.Errorf("the host's own: %+v, %v", got, err)
	}
	if err := s.sim.DeleteMeeting(made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.client.Get(t.Context(), made.ID)
	if refused := (*zoom.Refused)(nil); !errors.As(err, &refused) || !refused.NoMeeting() {
		t.Errorf("once deleted: %v", err)
	}
}
