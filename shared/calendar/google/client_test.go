package google_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
)

// These tests put odd answers before the client. Its normal life is tested
// against the simulator, in package googlesim.

// secret stands in what must never get into an error.
const secret = "hanako@example.com"

var from = time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC)

var event = calendar.Event{
	ID:       "28gfsd214gdrodvm3cn0itt9k0",
	Booking:  "bk_1",
	Title:    "with " + secret,
	Start:    from,
	End:      from.Add(time.Hour),
	TimeZone: "Asia/Tokyo",
}

// serving returns a client of a server that answers all with handler.
func serving(t *testing.T, handler http.HandlerFunc) *google.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &google.Client{HTTP: server.Client(), Base: server.URL}
}

// answering returns a client to which all is answered the same.
func answering(t *testing.T, status int, body string) *google.Client {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// operation is one of the client's calls, known to change or find something.
type operation struct {
	name string
	do   func(context.Context, *google.Client) error
}

var operations = []operation{
	{"busy", func(ctx context.Context, c *google.Client) error {
		_, err := c.Busy(ctx, []string{secret}, from, from.Add(time.Hour))
		return err
	}},
	{"insert", func(ctx context.Context, c *google.Client) error {
		_, err := c.Insert(ctx, secret, event)
		return err
	}},
	{"find", func(ctx context.Context, c *google.Client) error {
		_, _, err := c.Find(ctx, secret, event.ID)
		return err
	}},
	{"update", func(ctx context.Context, c *google.Client) error {
		return c.Update(ctx, secret, event.ID, event)
	}},
	{"delete", func(ctx context.Context, c *google.Client) error {
		return c.Delete(ctx, secret, event.ID)
	}},
	{"calendars", func(ctx context.Context, c *google.Client) error {
		_, err := c.Calendars(ctx)
		return err
	}},
}

// refusal is an error body as Google writes it, with a message that must not
// get around.
func refusal(status int, reason string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"%s","errors":[{"domain":"global","reason":"%s","message":"%s"}]}}`,
		status, secret, reason, secret)
}

func TestStatusAndReasonDecideWhatAFailureIs(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   string // the kind of error, as kind names it
	}{
		{"bad request", 400, refusal(400, "invalid"), "refused 400 invalid"},
		{"stale token", 401, refusal(401, "authError"), "refused 401 authError unauthorized"},
		{"no access", 403, refusal(403, "forbidden"), "refused 403 forbidden"},
		{"missing scope", 403, refusal(403, "insufficientPermissions"), "refused 403 insufficientPermissions scope"},
		{"API not enabled", 403, refusal(403, "accessNotConfigured"), "refused 403 accessNotConfigured"},
		{"rate limit as 403", 403, refusal(403, "rateLimitExceeded"), "limited"},
		{"user's rate limit as 403", 403, refusal(403, "userRateLimitExceeded"), "limited"},
		{"quota", 403, refusal(403, "quotaExceeded"), "limited daily"},
		{"rate limit as 429", 429, refusal(429, "rateLimitExceeded"), "limited"},
		{"quota as 429", 429, refusal(429, "quotaExceeded"), "limited daily"},
		{"rate limit without a body", 429, "", "limited"},
		{"refusal without a body", 403, "", "refused 403 "},
		{"refusal that gives no reason", 403, `{"error":{"code":403}}`, "refused 403 "},
		{"a reason that is none", 403, refusal(403, "see "+secret), "refused 403 "},
		{"precondition", 412, refusal(412, "conditionNotMet"), "refused 412 conditionNotMet"},
		{"a proxy's page", 403, "<html>" + secret, "unavailable"},
		{"another API's error", 400, `{"error":"invalid_grant"}`, "unavailable"},
		{"timeout", 408, "", "unavailable"},
		{"server error", 500, refusal(500, "backendError"), "unavailable"},
		{"server away", 503, "<html>" + secret, "unavailable"},
		{"success that is a page", 200, "<html>" + secret, "unavailable"},
		{"success that is cut off", 200, `{"id":"28gfsd214gdrodvm3`, "unavailable"},
		{"success that says nothing", 200, `{}`, "unavailable"},
		{"success with another form", 200, `{"id":7,"items":{},"calendars":[]}`, "unavailable"},
		{"success without an answer", 202, "", "unavailable"},
	}
	for _, test := range tests {
		lost := strings.HasSuffix(test.want, " unauthorized") || strings.HasSuffix(test.want, " scope")
		if ended := google.GrantEnded(test.status, []byte(test.body)); ended != lost {
			t.Errorf("%s: ends the grant: %t", test.name, ended)
		}
		for _, operation := range operations {
			if operation.name == "calendars" && test.body == "{}" {
				continue // an empty list is an answer
			}
			t.Run(test.name+" on "+operation.name, func(t *testing.T) {
				err := operation.do(t.Context(), answering(t, test.status, test.body))
				if got := kind(err); got != test.want {
					t.Errorf("%s (%v), want %s", got, err, test.want)
				}
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error tells too much: %v", err)
				}
			})
		}
	}
}

// kind names an error's type and what it says of itself.
func kind(err error) string {
	if refused, ok := errors.AsType[*google.Refused](err); ok {
		text := fmt.Sprintf("refused %d %s", refused.Status, refused.Reason)
		if refused.Unauthorized() {
			text += " unauthorized"
		}
		if refused.ScopeMissing() {
			text += " scope"
		}
		return text
	}
	if limited, ok := errors.AsType[*google.RateLimited](err); ok {
		if limited.Daily {
			return "limited daily"
		}
		return "limited"
	}
	if _, ok := errors.AsType[*google.Unavailable](err); ok {
		return "unavailable"
	}
	return fmt.Sprintf("%T", err)
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	tests := []struct {
		name, header string
		least, most  time.Duration
	}{
		{"seconds", "7", 7 * time.Second, 7 * time.Second},
		{"a date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), 59 * time.Minute, time.Hour},
		{"a date gone by", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 0, 0},
		{"below zero", "-7", 0, 0},
		{"nonsense", "soon", 0, 0},
		{"nothing", "", 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.header)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			limited, ok := errors.AsType[*google.RateLimited](client.Delete(t.Context(), "primary", event.ID))
			if !ok || limited.RetryAfter < test.least || limited.RetryAfter > test.most {
				t.Errorf("%+v, want %v to %v", limited, test.least, test.most)
			}
		})
	}
}

func TestSilenceAndResetsAreUnavailable(t *testing.T) {
	silent := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client gave up
		<-r.Context().Done()
	})
	silent.HTTP.Timeout = 20 * time.Millisecond
	reset := serving(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	cut := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"id":"`)
	})
	endless := serving(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	for name, client := range map[string]*google.Client{"silence": silent, "reset": reset, "cut off": cut, "endless": endless} {
		for _, operation := range operations {
			t.Run(name+" on "+operation.name, func(t *testing.T) {
				err := operation.do(t.Context(), client)
				if got := kind(err); got != "unavailable" {
					t.Errorf("%s: %v", got, err)
				}
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error tells too much: %v", err)
				}
			})
		}
	}
}

// dead is what a token source says of a grant that has ended.
type dead struct{}

func (*dead) Error() string { return "the grant has ended" }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestATransportsErrorsAreFoundInTheClients(t *testing.T) {
	client := &google.Client{Base: "https://google.invalid", HTTP: &http.Client{
		Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, &dead{} }),
	}}
	for _, operation := range operations {
		t.Run(operation.name, func(t *testing.T) {
			err := operation.do(t.Context(), client)
			if _, ok := errors.AsType[*dead](err); !ok {
				t.Errorf("%T: %v", err, err)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestARequestCanBeRepeatedByTheTransport(t *testing.T) {
	client := &google.Client{Base: "https://google.invalid", HTTP: &http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Body != nil && r.GetBody == nil {
				t.Errorf("%s %s has a body that is read once", r.Method, r.URL.Path)
			}
			return nil, &dead{}
		}),
	}}
	for _, operation := range operations {
		_ = operation.do(t.Context(), client)
	}
}

func TestWhatIsNotThereIsNoErrorToFindAndDelete(t *testing.T) {
	for _, status := range []int{404, 410} {
		for name, body := range map[string]string{"with": refusal(status, "notFound"), "without": ""} {
			t.Run(fmt.Sprintf("%d %s a body", status, name), func(t *testing.T) {
				client := answering(t, status, body)
				if err := client.Delete(t.Context(), "primary", event.ID); err != nil {
					t.Errorf("delete: %v", err)
				}
				if _, found, err := client.Find(t.Context(), "primary", event.ID); found || err != nil {
					t.Errorf("find: %t, %v", found, err)
				}
			})
		}
	}
	// A page that is not Google's says nothing about the event.
	client := answering(t, 404, "<html>")
	if err := client.Delete(t.Context(), "primary", event.ID); kind(err) != "unavailable" {
		t.Errorf("delete: %v", err)
	}
}

func TestOnlyAnInsertsNotFoundMeansTheCalendar(t *testing.T) {
	client := answering(t, 404, refusal(404, "notFound"))
	_, inserted := client.Insert(t.Context(), "primary", event)
	updated := client.Update(t.Context(), "primary", event.ID, event)
	for name, test := range map[string]struct {
		err  error
		want bool
	}{"insert": {inserted, true}, "update": {updated, false}} {
		refused, ok := errors.AsType[*google.Refused](test.err)
		if !ok || refused.CalendarGone() != test.want {
			t.Errorf("%s: %v, want %t", name, test.err, test.want)
		}
	}
}

func TestWhatHoldsATakenIDDecides(t *testing.T) {
	const mine = `"id":"28gfsd214gdrodvm3cn0itt9k0","iCalUID":"u@google.com","extendedProperties":{"private":{"booking":"bk_1"}}`
	tests := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"our event", 200, `{` + mine + `,"status":"confirmed"}`, "<nil>"},
		{"our event, cancelled", 200, `{` + mine + `,"status":"cancelled"}`, "*google.IDTaken"},
		{"a cancelled event of which nothing else is left", 200, `{"id":"28gfsd214gdrodvm3cn0itt9k0","status":"cancelled"}`, "*google.IDTaken"},
		{"an event deleted long ago", 404, refusal(404, "notFound"), "*google.IDTaken"},
		{"an event that is not ours", 200, `{"id":"28gfsd214gdrodvm3cn0itt9k0","iCalUID":"u","status":"confirmed"}`, "*google.IDTaken"},
		{"another event", 200, `{"id":"zzzzz"}`, "unavailable"},
		{"no answer", 503, "", "unavailable"},
		{"a limit", 429, "", "limited"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					w.WriteHeader(http.StatusConflict)
					_, _ = io.WriteString(w, refusal(409, "duplicate"))
					return
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			written, err := client.Insert(t.Context(), "primary", event)
			if got := kind(err); got != test.want {
				t.Fatalf("%s (%v), want %s", got, err, test.want)
			}
			if err == nil && written.UID != "u@google.com" {
				t.Errorf("UID %q", written.UID)
			}
		})
	}
}

func TestAnEventIsSentAsGoogleDocumentsIt(t *testing.T) {
	var sent struct {
		Target string
		Body   map[string]any
	}
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Target = r.Method + " " + r.RequestURI
		sent.Body = nil
		if err := json.NewDecoder(r.Body).Decode(&sent.Body); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"id":"28gfsd214gdrodvm3cn0itt9k0","iCalUID":"u@google.com"}`)
	})
	zone := time.FixedZone("JST", 9*60*60)
	local := event
	local.Start, local.End = event.Start.In(zone), event.End.In(zone)
	change := map[string]any{
		"summary":            event.Title,
		"description":        "",
		"location":           "",
		"start":              map[string]any{"dateTime": "2026-12-02T01:00:00Z", "timeZone": "Asia/Tokyo"},
		"end":                map[string]any{"dateTime": "2026-12-02T02:00:00Z", "timeZone": "Asia/Tokyo"},
		"extendedProperties": map[string]any{"private": map[string]any{"booking": "bk_1"}},
	}
	if err := client.Update(t.Context(), "a/b#c@group.calendar.google.com", event.ID, local); err != nil {
		t.Fatal(err)
	}
	wantTarget := "PATCH /calendar/v3/calendars/a%2Fb%23c@group.calendar.google.com/events/28gfsd214gdrodvm3cn0itt9k0?sendUpdates=none"
	if sent.Target != wantTarget {
		t.Errorf("sent %s, want %s", sent.Target, wantTarget)
	}
	if diff := cmp.Diff(change, sent.Body); diff != "" {
		t.Errorf("change (-want +got):\n%s", diff)
	}

	if _, err := client.Insert(t.Context(), "primary", local); err != nil {
		t.Fatal(err)
	}
	change["id"] = event.ID
	change["transparency"] = "opaque"
	change["reminders"] = map[string]any{"useDefault": true}
	if want := "POST /calendar/v3/calendars/primary/events?sendUpdates=none"; sent.Target != want {
		t.Errorf("sent %s, want %s", sent.Target, want)
	}
	if diff := cmp.Diff(change, sent.Body); diff != "" {
		t.Errorf("new event (-want +got):\n%s", diff)
	}
}

func TestBusyQuestionsStayWithinGooglesLimits(t *testing.T) {
	type question struct {
		TimeMin, TimeMax time.Time
		Items            []struct{ ID string }
	}
	var asked []question
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		var q question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		asked = append(asked, q)
		calendars := map[string]any{}
		for _, item := range q.Items {
			calendars[item.ID] = map[string]any{"busy": []any{}}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"calendars": calendars})
	})
	var ids []string
	for n := range 60 {
		ids = append(ids, fmt.Sprintf("c%d", n))
	}
	const day = 24 * time.Hour
	to := from.Add(200 * day)
	if _, err := client.Busy(t.Context(), ids, from, to); err != nil {
		t.Fatal(err)
	}
	type part struct {
		Calendars int
		From, To  time.Time
	}
	var got []part
	for _, q := range asked {
		got = append(got, part{len(q.Items), q.TimeMin, q.TimeMax})
	}
	want := []part{
		{50, from, from.Add(90 * day)}, {50, from.Add(90 * day), from.Add(180 * day)}, {50, from.Add(180 * day), to},
		{10, from, from.Add(90 * day)}, {10, from.Add(90 * day), from.Add(180 * day)}, {10, from.Add(180 * day), to},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
}

func TestBusyTimesThatAreUnsureAreAnError(t *testing.T) {
	tests := []struct {
		name, calendar, want string
	}{
		{"a calendar that is not found", `"primary":{"errors":[{"domain":"global","reason":"notFound"}],"busy":[]}`, "*google.Unreadable"},
		{"trouble at Google", `"primary":{"errors":[{"domain":"global","reason":"internalError"}]}`, "*google.Unreadable"},
		{"a calendar that is not in the answer", `"other":{"busy":[]}`, "unavailable"},
		{"a time that has no start", `"primary":{"busy":[{"end":"2026-12-02T02:00:00Z"}]}`, "unavailable"},
		{"a time that has no end", `"primary":{"busy":[{"start":"2026-12-02T02:00:00Z"}]}`, "unavailable"},
		{"a time that is none", `"primary":{"busy":[{"start":"` + secret + `","end":"x"}]}`, "unavailable"},
		{"a free calendar", `"primary":{"busy":[]}`, "<nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := answering(t, 200, `{"calendars":{`+test.calendar+`}}`)
			_, err := client.Busy(t.Context(), []string{"primary"}, from, from.Add(time.Hour))
			if got := kind(err); got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestTheCalendarListIsReadToItsEnd(t *testing.T) {
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageToken") == "" {
			_, _ = io.WriteString(w, `{"items":[{"id":"a","summary":"A","summaryOverride":"Mine","accessRole":"owner","primary":true,"timeZone":"Asia/Tokyo"}],"nextPageToken":"2"}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"id":"b","summary":"B","accessRole":"writer"}]}`)
	})
	got, err := client.Calendars(t.Context())
	want := []google.Calendar{
		{ID: "a", Name: "Mine", Primary: true, TimeZone: "Asia/Tokyo", Owned: true},
		{ID: "b", Name: "B"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; calendars (-want +got):\n%s", err, diff)
	}
	endless := answering(t, 200, `{"items":[],"nextPageToken":"again"}`)
	if _, err := endless.Calendars(t.Context()); kind(err) != "unavailable" {
		t.Errorf("a list without end: %v", err)
	}
}
