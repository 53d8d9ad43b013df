package googlesim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/journal"
)

const host = "hanako@example.com"

// now is when all tests of this package take place.
var now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// google is a simulator behind HTTP.
type google struct {
	*googlesim.Simulator
	server *httptest.Server
	clock  *clock
}

func start(t *testing.T, state *journal.Journal) google {
	t.Helper()
	clock := &clock{at: now}
	simulator, err := googlesim.New(googlesim.Config{State: state, Clock: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulator.Handler())
	t.Cleanup(server.Close)
	return google{Simulator: simulator, server: server, clock: clock}
}

// grant connects the host and returns their token.
func (g google) grant(t *testing.T, scopes ...string) googlesim.Token {
	t.Helper()
	token, err := g.Grant(host, scopes)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reply is what an answer comes down to.
type reply struct {
	Status int
	Body   map[string]any
}

// reason is Google's word for a refusal.
func (r reply) reason() string {
	failure, _ := r.Body["error"].(map[string]any)
	details, _ := failure["errors"].([]any)
	if len(details) == 0 {
		return ""
	}
	reason, _ := details[0].(map[string]any)["reason"].(string)
	return reason
}

// call makes a call of the API with an access token.
func (g google) call(t *testing.T, accessToken, verb, path, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), verb, g.server.URL+"/calendar/v3/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return send(t, request)
}

// post sends a form.
func (g google) post(t *testing.T, path string, form url.Values) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, request)
}

func send(t *testing.T, request *http.Request) reply {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := reply{Status: response.StatusCode}
	if len(bytes.TrimSpace(content)) > 0 {
		if err := json.Unmarshal(content, &answer.Body); err != nil {
			t.Fatalf("%s answered no JSON: %s", request.URL.Path, content)
		}
	}
	return answer
}

const at10 = `"start":{"dateTime":"2026-12-02T10:00:00+09:00","timeZone":"Asia/Tokyo"},"end":{"dateTime":"2026-12-02T10:30:00+09:00","timeZone":"Asia/Tokyo"}`

func TestCallsAreRefusedAsGoogleRefusesThemOrLouder(t *testing.T) {
	const events = "calendars/primary/events"
	tests := []struct {
		name, verb, path, body string
		status                 int
		reason                 string
	}{
		{"an insert needs start and end", "POST", events, `{"summary":"x"}`, 400, "invalid"},
		{"an unknown field is refused", "POST", events, `{` + at10 + `,"titel":"x"}`, 400, "invalid"},
		{"an unknown field inside is refused", "POST", events, `{` + at10 + `,"reminders":{"default":true}}`, 400, "invalid"},
		{"a field of the wrong type is refused", "POST", events, `{` + at10 + `,"summary":7}`, 400, "invalid"},
		{"a time without offset is refused", "POST", events, `{"start":{"dateTime":"2026-12-02T10:00:00"},"end":{"dateTime":"2026-12-02T11:00:00"}}`, 400, "invalid"},
		{"a time zone that is none is refused", "POST", events, strings.Replace(`{`+at10+`}`, "Asia/Tokyo", "Tokyo Standard Time", 1), 400, "invalid"},
		{"an end before its start is refused", "POST", events, `{"start":{"date":"2026-12-03"},"end":{"date":"2026-12-02"}}`, 400, "timeRangeEmpty"},
		{"a date does not end at a time", "POST", events, `{"start":{"date":"2026-12-02"},"end":{"dateTime":"2026-12-02T11:00:00Z"}}`, 400, "invalid"},
		{"an id has a charset", "POST", events, `{` + at10 + `,"id":"xyz-123"}`, 400, "invalid"},
		{"an id has a least length", "POST", events, `{` + at10 + `,"id":"abcd"}`, 400, "invalid"},
		{"attendees are not among our fields", "POST", events, `{` + at10 + `,"attendees":[]}`, 400, "invalid"},
		{"a body must be JSON", "POST", events, `nonsense`, 400, "invalid"},
		{"an unknown parameter is refused", "POST", events + "?sendupdates=none", `{` + at10 + `}`, 400, "invalid"},
		{"a parameter has its values", "POST", events + "?sendUpdates=nobody", `{` + at10 + `}`, 400, "invalid"},
		{"a parameter is given once", "POST", events + "?sendUpdates=none&sendUpdates=none", `{` + at10 + `}`, 400, "invalid"},
		{"a parameter has its range", "GET", events + "?maxResults=0", "", 400, "invalid"},
		{"a get takes no body", "GET", events + "/abcde", "{}", 400, "invalid"},
		{"a calendar that is not there is not found", "POST", "calendars/other@example.com/events", `{` + at10 + `}`, 404, "notFound"},
		{"an event that is not there is not found", "DELETE", events + "/abcde", "", 404, "notFound"},
		{"a calendar to read only is not written to", "POST", "calendars/ja.japanese%23holiday@group.v.calendar.google.com/events", `{` + at10 + `}`, 403, "requiredAccessLevel"},
		{"a query of busy times needs its span", "POST", "freeBusy", `{"items":[]}`, 400, "invalid"},
		{"an empty span is refused", "POST", "freeBusy", `{"timeMin":"2026-12-02T00:00:00Z","timeMax":"2026-12-02T00:00:00Z","items":[]}`, 400, "timeRangeEmpty"},
		{"a span above 90 days is refused", "POST", "freeBusy", `{"timeMin":"2026-12-02T00:00:00Z","timeMax":"2027-03-03T00:00:00Z","items":[]}`, 400, "timeRangeTooLong"},
	}
	g := start(t, nil)
	token := g.grant(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := g.call(t, token.AccessToken, test.verb, test.path, test.body)
			if got.Status != test.status || got.reason() != test.reason {
				t.Errorf("%d %s, want %d %s: %v", got.Status, got.reason(), test.status, test.reason, got.Body)
			}
		})
	}
	if state := g.State(); len(state.Events) != 0 {
		t.Errorf("a refused call left %v", state.Events)
	}
}

func TestACallNeedsALiveTokenOfTheRightScope(t *testing.T) {
	const prefix = "https://www.googleapis.com/auth/"
	g := start(t, nil)
	busy := `{"timeMin":"2026-12-02T00:00:00Z","timeMax":"2026-12-03T00:00:00Z","items":[{"id":"primary"}]}`

	eventsOnly := g.grant(t, prefix+"calendar.events")
	if got := g.call(t, eventsOnly.AccessToken, "POST", "freeBusy", busy); got.Status != 403 || got.reason() != "insufficientPermissions" {
		t.Errorf("calendar.events must not allow freeBusy: %v", got)
	}
	all := g.grant(t)
	if got := g.call(t, all.AccessToken, "POST", "freeBusy", busy); got.Status != 200 {
		t.Errorf("the default scopes must allow freeBusy: %v", got)
	}
	if got := g.call(t, "ya29.unknown", "POST", "freeBusy", busy); got.Status != 401 || got.reason() != "authError" {
		t.Errorf("unknown token: %v", got)
	}
	g.clock.advance(time.Hour)
	if got := g.call(t, all.AccessToken, "POST", "freeBusy", busy); got.Status != 401 {
		t.Errorf("an hour later: %v", got)
	}
}

func TestADeletedIDStaysTaken(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	const event = `{"id":"abcde01234","summary":"相談",` + at10 + `}`
	const path = "calendars/primary/events"
	steps := []struct {
		does, verb, path, body string
		status                 int
		reason                 string
	}{
		{"insert", "POST", path, event, 200, ""},
		{"insert again", "POST", path, event, 409, "duplicate"},
		{"change", "PATCH", path + "/abcde01234", `{"summary":"面談"}`, 200, ""},
		{"delete", "DELETE", path + "/abcde01234?sendUpdates=none", "", 204, ""},
		{"delete again", "DELETE", path + "/abcde01234", "", 410, "deleted"},
		{"insert once more", "POST", path, event, 409, "duplicate"},
		{"change what is deleted", "PATCH", path + "/abcde01234", `{"summary":"x"}`, 403, "forbidden"},
	}
	for _, step := range steps {
		got := g.call(t, token, step.verb, step.path, step.body)
		if got.Status != step.status || got.reason() != step.reason {
			t.Fatalf("%s: %d %s, want %d %s", step.does, got.Status, got.reason(), step.status, step.reason)
		}
	}
	got := g.call(t, token, "GET", path+"/abcde01234", "")
	if got.Status != 200 || got.Body["status"] != "cancelled" || got.Body["summary"] != "面談" {
		t.Errorf("get what is deleted: %v", got)
	}
	state := g.State()
	if state.Inserted != 1 || len(state.Events) != 1 || state.Events[0].Live() {
		t.Errorf("state: %+v", state)
	}
}

func TestAPatchChangesWhatItNames(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	const path = "calendars/primary/events"
	g.call(t, token, "POST", path, `{"id":"abcde","summary":"a","location":"b","extendedProperties":{"private":{"booking":"bk_1","x":"y"}},`+at10+`}`)
	got := g.call(t, token, "PATCH", path+"/abcde", `{"summary":"c","location":null,"extendedProperties":{"private":{"x":"z"}}}`)
	want := map[string]any{
		"summary":            "c",
		"extendedProperties": map[string]any{"private": map[string]any{"booking": "bk_1", "x": "z"}},
		"start":              map[string]any{"dateTime": "2026-12-02T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
		"sequence":           1.0,
		"iCalUID":            "abcde@google.com",
	}
	shown := map[string]any{}
	for field := range want {
		shown[field] = got.Body[field]
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("after the patch (-want +got):\n%s", diff)
	}
	if _, there := got.Body["location"]; there {
		t.Error("a null did not take the location away")
	}
}

func TestFreeBusyCountsWhatBlocks(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	add := func(event string) {
		t.Helper()
		if got := g.call(t, token, "POST", "calendars/primary/events", event); got.Status != 200 {
			t.Fatal(got)
		}
	}
	add(`{"summary":"opaque",` + at10 + `}`)
	add(`{"summary":"touches it","start":{"dateTime":"2026-12-02T01:30:00Z"},"end":{"dateTime":"2026-12-02T02:00:00Z"}}`)
	add(`{"summary":"transparent","transparency":"transparent","start":{"dateTime":"2026-12-02T05:00:00Z"},"end":{"dateTime":"2026-12-02T06:00:00Z"}}`)
	add(`{"id":"deleted0","start":{"dateTime":"2026-12-02T07:00:00Z"},"end":{"dateTime":"2026-12-02T08:00:00Z"}}`)
	if got := g.call(t, token, "DELETE", "calendars/primary/events/deleted0", ""); got.Status != 204 {
		t.Fatal(got)
	}
	add(`{"summary":"all day","start":{"date":"2026-12-04"},"end":{"date":"2026-12-05"}}`)

	got := g.call(t, token, "POST", "freeBusy",
		`{"timeMin":"2026-12-02T00:00:00Z","timeMax":"2026-12-04T00:00:00Z","items":[{"id":"primary"},{"id":"nobody@example.com"}]}`)
	want := map[string]any{
		"primary": map[string]any{"busy": []any{
			map[string]any{"start": "2026-12-02T01:00:00Z", "end": "2026-12-02T02:00:00Z"},
			// The fourth of December begins at 15:00 of the third in Tokyo's calendar; the query ends first.
			map[string]any{"start": "2026-12-03T15:00:00Z", "end": "2026-12-04T00:00:00Z"},
		}},
		"nobody@example.com": map[string]any{
			"busy":   []any{},
			"errors": []any{map[string]any{"domain": "global", "reason": "notFound"}},
		},
	}
	if diff := cmp.Diff(want, got.Body["calendars"]); diff != "" {
		t.Errorf("calendars (-want +got):\n%s", diff)
	}
}

func TestEventsAreListedByWhatTheyAre(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	const path = "calendars/primary/events"
	for _, event := range []string{
		`{"id":"first","extendedProperties":{"private":{"booking":"bk_1"}},` + at10 + `}`,
		`{"id":"later","extendedProperties":{"private":{"booking":"bk_2"}},"start":{"date":"2026-12-05"},"end":{"date":"2026-12-06"}}`,
		`{"id":"gone0","extendedProperties":{"private":{"booking":"bk_1"}},` + at10 + `}`,
	} {
		if got := g.call(t, token, "POST", path, event); got.Status != 200 {
			t.Fatal(got)
		}
		g.clock.advance(time.Second)
	}
	g.call(t, token, "DELETE", path+"/gone0", "")
	tests := []struct {
		name, query string
		want        []string
	}{
		{"all that live", "", []string{"first", "later"}},
		{"deleted ones too", "?showDeleted=true", []string{"first", "later", "gone0"}},
		{"a booking's", "?privateExtendedProperty=booking%3Dbk_1", []string{"first"}},
		{"a booking's, deleted ones too", "?privateExtendedProperty=booking%3Dbk_1&showDeleted=true", []string{"first", "gone0"}},
		{"one of that UID", "?iCalUID=later@google.com", []string{"later"}},
		{"what ends after timeMin", "?timeMin=2026-12-02T01:30:00Z", []string{"later"}},
		{"what starts before timeMax", "?timeMax=2026-12-04T15:00:00Z", []string{"first"}},
		{"a page", "?maxResults=1", []string{"first"}},
		{"the page after it", "?maxResults=1&pageToken=1", []string{"later"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := g.call(t, token, "GET", path+test.query, "")
			var ids []string
			for _, item := range got.Body["items"].([]any) {
				ids = append(ids, item.(map[string]any)["id"].(string))
			}
			if diff := cmp.Diff(test.want, ids); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStateSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "google.jsonl")
	before := start(t, openJournal(t, path))
	token := before.grant(t)
	before.call(t, token.AccessToken, "POST", "calendars/primary/events", `{"id":"alive","summary":"x",`+at10+`}`)
	before.call(t, token.AccessToken, "POST", "calendars/primary/events", `{"id":"dead0",`+at10+`}`)
	before.call(t, token.AccessToken, "DELETE", "calendars/primary/events/dead0", "")

	after := start(t, openJournal(t, path)) // the first journal was never closed
	if diff := cmp.Diff(before.State(), after.State()); diff != "" {
		t.Errorf("state (-before +after):\n%s", diff)
	}
	if got := after.call(t, token.AccessToken, "GET", "calendars/primary/events/alive", ""); got.Status != 200 {
		t.Errorf("the access token did not survive: %v", got)
	}
	if got := after.call(t, token.AccessToken, "POST", "calendars/primary/events", `{"id":"dead0",`+at10+`}`); got.Status != 409 {
		t.Errorf("a deleted id was free again: %v", got)
	}
	if got := after.post(t, "/token", refreshForm(token.RefreshToken)); got.Status != 200 {
		t.Errorf("the refresh token did not survive: %v", got)
	}
}

func TestClientsAtOnceInsertAnIDOnce(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			g.call(t, token, "POST", "calendars/primary/events", `{"id":"onlionce",`+at10+`}`)
		})
	}
	clients.Wait()
	if state := g.State(); state.Inserted != 1 {
		t.Errorf("inserted %d times", state.Inserted)
	}
}

func openJournal(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func refreshForm(refreshToken string) url.Values {
	return url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {refreshToken},
		"client_id":     {googlesim.DefaultClientID},
		"client_secret": {googlesim.DefaultClientSecret},
	}
}
