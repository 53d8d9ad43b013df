package zoom_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/zoom"
)

// answering returns a client of a server that gives one answer, and what it was
// asked.
func answering(t *testing.T, status int, header map[string]string, body string) (*zoom.Client, *asked) {
	t.Helper()
	seen := &asked{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Request = r.Method + " " + r.URL.RequestURI()
		seen.body, _ = io.ReadAll(r.Body)
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return &zoom.Client{HTTP: &http.Client{Timeout: time.Second}, Base: server.URL}, seen
}

type asked struct {
	Request string
	body    []byte
}

const secretTopic = "a topic that no log may hold"

func create(c *zoom.Client, t *testing.T) (zoom.Meeting, error) {
	return c.Create(t.Context(), zoom.NewMeeting{Topic: secretTopic, Start: time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("", 9*3600)), DurationMinutes: 30})
}

func TestEachAnswerBecomesTheErrorThatDecides(t *testing.T) {
	soon := time.Now().Add(90 * time.Second).UTC()
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   error
	}{
		{"a wrong field", 400, nil, `{"code":300,"message":"` + secretTopic + `","errors":[{"field":"settings.use_pmi","message":"x"}]}`,
			&zoom.Refused{Status: 400, Code: 300, Fields: []string{"settings.use_pmi"}}},
		{"a wrong field of the old kind", 300, nil, `{"code":300,"message":"x"}`, &zoom.Refused{Status: 300, Code: 300}},
		{"a tracking id", 400, map[string]string{"X-Zm-Trackingid": "v=2.0"}, `{"code":3161,"message":"x"}`,
			&zoom.Refused{Status: 400, Code: 3161, TrackingID: "v=2.0"}},
		{"a dead token", 401, nil, `{"code":124,"message":"x"}`, &zoom.Refused{Status: 401, Code: 124}},
		{"a dead token without words", 401, nil, ``, &zoom.Refused{Status: 401}},
		{"no scope", 400, nil, `{"code":4711,"message":"x"}`, &zoom.Refused{Status: 400, Code: 4711}},
		{"a limit without words", 429, nil, ``, &zoom.RateLimited{}},
		{"a limit in seconds", 429, map[string]string{"Retry-After": "90"}, `{"code":429}`, &zoom.RateLimited{RetryAfter: 90 * time.Second}},
		{"a limit as Zoom writes it", 429, map[string]string{"Retry-After": soon.Format(time.RFC3339)}, `{"code":429}`, &zoom.RateLimited{RetryAfter: 90 * time.Second}},
		{"a limit as HTTP writes it", 429, map[string]string{"Retry-After": soon.Format(http.TimeFormat)}, `{"code":429}`, &zoom.RateLimited{RetryAfter: 90 * time.Second}},
		{"the day's limit by its words", 429, nil, `{"code":429,"message":"You have exceeded the daily rate limit of (100). You may resume at GMT 00:00:00."}`, &zoom.RateLimited{Daily: true}},
		{"the day's limit by its header", 429, map[string]string{"X-RateLimit-Type": "Daily-limit"}, ``, &zoom.RateLimited{Daily: true}},
		{"an error as XML", 400, nil, `<error><code>300</code></error>`, &zoom.Unavailable{Status: 400}},
		{"a gateway's page", 502, nil, `<html>`, &zoom.Unavailable{Status: 502}},
		{"no meeting in an answer that says success", 201, nil, `{}`, &zoom.Unavailable{}},
		{"half an answer", 201, nil, `{"id":1,"join_url":"https`, &zoom.Unavailable{}},
		{"a page that says success", 200, nil, `<html>`, &zoom.Unavailable{}},
		{"an answer without end", 201, nil, strings.Repeat(" ", 5<<20), &zoom.Unavailable{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := answering(t, test.status, test.header, test.body)
			_, err := create(c, t)
			if diff := cmp.Diff(test.want, err, cmpopts.IgnoreFields(zoom.Refused{}, "Op"), cmpopts.IgnoreFields(zoom.RateLimited{}, "Op"),
				cmpopts.IgnoreFields(zoom.Unavailable{}, "Op", "Err"), roughly); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), secretTopic) || strings.Contains(err.Error(), c.Base) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// roughly takes durations that a clock decides.
var roughly = cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() < 5*time.Second })

func TestAConnectionThatEndsLeavesTheOutcomeOpen(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	_, err := create(&zoom.Client{HTTP: http.DefaultClient, Base: server.URL}, t)
	if _, ok := errors.AsType[*zoom.Unavailable](err); !ok {
		t.Errorf("got %v, want Unavailable", err)
	}
}

func TestACreateIsSentAsZoomWantsIt(t *testing.T) {
	yes := true
	tests := []struct {
		name    string
		meeting zoom.NewMeeting
		want    map[string]any
	}{
		{"everything set", zoom.NewMeeting{
			Topic: strings.Repeat("題", 250), Agenda: zoom.Agenda("ref-1", "話すこと"), DurationMinutes: 30, TimeZone: "Asia/Tokyo", Passcode: "abc123",
			Settings: zoom.MeetingSettings{WaitingRoom: &yes, AutoSummary: &yes},
		}, map[string]any{
			"topic": strings.Repeat("題", 200), "agenda": "ref-1\n\n話すこと", "type": 2.0, "start_time": "2026-12-01T01:00:00Z",
			"duration": 30.0, "timezone": "Asia/Tokyo", "password": "abc123",
			"settings": map[string]any{"use_pmi": false, "approval_type": 2.0, "waiting_room": true, "auto_start_meeting_summary": true},
		}},
		{"as the account has it", zoom.NewMeeting{Topic: "a", DurationMinutes: 5}, map[string]any{
			"topic": "a", "type": 2.0, "start_time": "2026-12-01T01:00:00Z", "duration": 5.0,
			"settings": map[string]any{"use_pmi": false, "approval_type": 2.0},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, seen := answering(t, 201, nil, `{"id":"84999999999","join_url":"https://us05web.zoom.us/j/84999999999"}`)
			test.meeting.Start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("", 9*3600))
			made, err := c.Create(t.Context(), test.meeting)
			if err != nil || made.ID != 84999999999 {
				t.Fatalf("made %+v, error %v", made, err)
			}
			var got map[string]any
			if err := json.Unmarshal(seen.body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || seen.Request != "POST /v2/users/me/meetings" {
				t.Errorf("%s (-want +got):\n%s", seen.Request, diff)
			}
		})
	}
}

// A rule of the account's for passcodes is Zoom's to keep.
func TestAPasscodeThatZoomDoesNotTakeIsLeftToZoom(t *testing.T) {
	tests := map[string]struct {
		refusal string
		asked   []string // passcodes, in turn; empty: none
	}{
		"refused by name":   {`{"code":300,"message":"Validation Failed.","errors":[{"field":"password","message":"too weak"}]}`, []string{"abc123", ""}},
		"refused by words":  {`{"code":300,"message":"The passcode is too weak."}`, []string{"abc123", ""}},
		"another field":     {`{"code":300,"message":"Validation Failed.","errors":[{"field":"topic","message":"x"}]}`, []string{"abc123"}},
		"no field at all":   {`{"code":3161,"message":"x"}`, []string{"abc123"}},
		"not Zoom's answer": {`<html>`, []string{"abc123"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var sent struct{ Password string }
				_ = json.NewDecoder(r.Body).Decode(&sent)
				asked = append(asked, sent.Password)
				if sent.Password != "" {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, test.refusal)
					return
				}
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"id":91234567890,"join_url":"https://zoom.us/j/91234567890","password":"8#kQ"}`)
			}))
			defer server.Close()
			c := &zoom.Client{HTTP: server.Client(), Base: server.URL}
			made, err := c.Create(t.Context(), zoom.NewMeeting{Topic: "a", Start: time.Now(), DurationMinutes: 30, Passcode: "abc123"})
			if diff := cmp.Diff(test.asked, asked); diff != "" {
				t.Errorf("asked with (-want +got):\n%s", diff)
			}
			if left := len(test.asked) == 2; left != (err == nil) || left && made.Passcode != "8#kQ" {
				t.Errorf("made %+v, error %v", made, err)
			}
		})
	}
}

func TestWhichAnswersEndTheGrant(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   bool
	}{
		{400, `{"code":4711,"message":"Invalid access token, does not contain scopes."}`, true},
		{400, `{"code":4711,"message":"Invalid access token, does not contain scopes:[meeting:update:meeting]."}`, false},
		{404, `{"code":1001,"message":"User does not exist"}`, true},
		{401, `{"code":124,"message":"Access token is expired."}`, true},
		{400, `{"code":300,"message":"Validation Failed."}`, false},
		{404, `{"code":3001,"message":"Meeting does not exist."}`, false},
		{429, `{"code":4711}`, false},
		{400, `<html>4711</html>`, false},
	}
	for _, test := range tests {
		if got := zoom.GrantEnded(test.status, []byte(test.body)); got != test.want {
			t.Errorf("%d %s: %t", test.status, test.body, got)
		}
	}
}

// An answer that is no list says nothing of what exists: taken as an empty one it
// would lead to a second meeting.
func TestOnlyAListSaysThatThereIsNoMeeting(t *testing.T) {
	tests := []struct {
		body  string
		found int // -1: unknown
	}{
		{`{"meetings":[]}`, 0},
		{`{}`, -1},
		{`null`, -1},
		{`{"status":"maintenance"}`, -1},
		{`{"meetings":[{"id":1,"agenda":"other","start_time":""},{"id":2,"agenda":"ref text","start_time":"2026-12-01T01:00:00Z"}]}`, 1},
		{`{"meetings":[{"id":2,"agenda":"ref","start_time":""},{"id":3,"agenda":"ref","start_time":"2027-01-01T01:00:00Z"}]}`, 2}, // moved by its host
		{`{"meetings":[{"id":2,"agenda":"reference","start_time":"2026-12-01T01:00:00Z"}]}`, 0},
	}
	for _, test := range tests {
		c, _ := answering(t, 200, nil, test.body)
		found, err := c.Find(t.Context(), "ref")
		_, unknown := errors.AsType[*zoom.Unavailable](err)
		if unknown != (test.found < 0) || !unknown && len(found) != test.found {
			t.Errorf("%s: found %v, error %v", test.body, found, err)
		}
	}
}

func TestADeleteIsDoneWhenThereIsNoMeeting(t *testing.T) {
	tests := []struct {
		status int
		body   string
		done   bool
	}{
		{204, ``, true},
		{404, `{"code":3001,"message":"Meeting does not exist: 1."}`, true},
		{404, `<html>`, false},
		{404, `{"code":1001,"message":"User does not exist"}`, false},
		{400, `{"code":3018,"message":"x"}`, false},
		{200, `{}`, false},
	}
	for _, test := range tests {
		c, seen := answering(t, test.status, nil, test.body)
		err := c.Delete(t.Context(), 84999999999)
		if (err == nil) != test.done {
			t.Errorf("%d %s: %v", test.status, test.body, err)
		}
		if want := "DELETE /v2/meetings/84999999999?cancel_meeting_reminder=false&schedule_for_reminder=false"; seen.Request != want {
			t.Errorf("asked %s", seen.Request)
		}
	}
}
