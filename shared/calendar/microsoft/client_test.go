package microsoft_test

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
	"yakusoku/shared/calendar/microsoft"
)

// These tests put odd answers before the client. Its normal life is tested
// against the simulator, in package microsoftsim.

// secret stands in what must never get into an error.
const secret = "hanako@example.com"

const requestID = "f3a4c1de-0b5e-4f0a-9f3a-0d9a2b7c4e11"

var from = time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC)

var event = calendar.Event{
	ID:      "28gfsd214gdrodvm3cn0itt9k0",
	Booking: "bk_1",
	Title:   "with " + secret,
	Start:   from,
	End:     from.Add(time.Hour),
}

// known is a reference to an event whose id at Microsoft is recorded, unknown one
// whose is not.
var (
	known   = calendar.Reference{ID: event.ID, Held: "AAk="}
	unknown = calendar.Reference{ID: event.ID}
)

// serving returns a client of a server that answers all with handler.
func serving(t *testing.T, handler http.HandlerFunc) *microsoft.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &microsoft.Client{HTTP: server.Client(), Base: server.URL}
}

// answering returns a client to which all is answered the same.
func answering(t *testing.T, status int, body string) *microsoft.Client {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("request-id", requestID)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// operation is one of the client's calls, known to change or find something.
type operation struct {
	name string
	do   func(context.Context, *microsoft.Client) error
}

var operations = []operation{
	{"busy", func(ctx context.Context, c *microsoft.Client) error {
		_, err := c.Busy(ctx, []string{secret}, from, from.Add(time.Hour))
		return err
	}},
	{"insert", func(ctx context.Context, c *microsoft.Client) error {
		_, err := c.Insert(ctx, secret, event)
		return err
	}},
	{"insert again", func(ctx context.Context, c *microsoft.Client) error {
		again := event
		again.Repeated = true
		_, err := c.Insert(ctx, secret, again)
		return err
	}},
	{"find", func(ctx context.Context, c *microsoft.Client) error {
		_, _, err := c.Find(ctx, secret, known)
		return err
	}},
	{"search", func(ctx context.Context, c *microsoft.Client) error {
		_, _, err := c.Find(ctx, secret, unknown)
		return err
	}},
	{"update", func(ctx context.Context, c *microsoft.Client) error {
		return c.Update(ctx, secret, secret, event)
	}},
	{"delete", func(ctx context.Context, c *microsoft.Client) error {
		return c.Delete(ctx, secret, known)
	}},
	{"search and delete", func(ctx context.Context, c *microsoft.Client) error {
		return c.Delete(ctx, secret, unknown)
	}},
	{"calendars", func(ctx context.Context, c *microsoft.Client) error {
		_, err := c.Calendars(ctx)
		return err
	}},
}

// refusal is an error body as Microsoft writes it, with a message that must not
// get around.
func refusal(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"date":"2026-12-02T01:00:00","request-id":%q,"client-request-id":%q}}}`,
		code, secret, requestID, requestID)
}

func TestStatusAndCodeDecideWhatAFailureIs(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   string // the kind of error, as kind names it
	}{
		{"bad request", 400, refusal("ErrorInvalidRequest"), "refused 400 ErrorInvalidRequest"},
		{"stale token", 401, refusal("InvalidAuthenticationToken"), "refused 401 InvalidAuthenticationToken unauthorized"},
		{"no privileges", 403, refusal("Authorization_RequestDenied"), "refused 403 Authorization_RequestDenied scope"},
		{"refusal without a body", 403, "", "refused 403 "},
		{"refusal that gives no code", 403, `{"error":{}}`, "refused 403 "},
		{"a code that is none", 403, refusal("see " + secret), "refused 403 "},
		{"the mailbox is elsewhere", 404, refusal("MailboxNotEnabledForRESTAPI"), "refused 404 MailboxNotEnabledForRESTAPI"},
		{"rate limit", 429, refusal("ApplicationThrottled"), "limited"},
		{"rate limit without a body", 429, "", "limited"},
		{"another writer", 409, refusal("ErrorConcurrentItemSave"), "unavailable"},
		{"another writer's change", 412, refusal("ErrorIrresolvableConflict"), "unavailable"},
		{"a proxy's page", 403, "<html>" + secret, "unavailable"},
		{"another API's error", 400, `{"error":"invalid_grant"}`, "unavailable"},
		{"timeout", 408, "", "unavailable"},
		{"server error", 500, refusal("ErrorInternalServerError"), "unavailable"},
		{"server away", 503, "<html>" + secret, "unavailable"},
		{"redirect", 304, "", "unavailable"},
		{"success that is a page", 200, "<html>" + secret, "unavailable"},
		{"success that is cut off", 200, `{"id":"28gfsd214gdrodvm3`, "unavailable"},
		{"success that says nothing", 200, `{}`, "unavailable"},
		{"success with another form", 200, `{"id":7,"value":{}}`, "unavailable"},
		{"success without an answer", 202, "", "unavailable"},
	}
	for _, test := range tests {
		for _, operation := range operations {
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
	if refused, ok := errors.AsType[*microsoft.Refused](err); ok {
		text := fmt.Sprintf("refused %d %s", refused.Status, refused.Reason)
		if refused.Unauthorized() {
			text += " unauthorized"
		}
		if refused.ScopeMissing() {
			text += " scope"
		}
		return text
	}
	if _, ok := errors.AsType[*microsoft.RateLimited](err); ok {
		return "limited"
	}
	if _, ok := errors.AsType[*microsoft.Unavailable](err); ok {
		return "unavailable"
	}
	return fmt.Sprintf("%T", err)
}

func TestARefusalNamesTheRequest(t *testing.T) {
	for _, status := range []int{403, 409, 503} {
		err := answering(t, status, refusal("ErrorAccessDenied")).Delete(t.Context(), "c", known)
		if !strings.Contains(fmt.Sprint(err), requestID) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestAccessDeniedToAListIsAMissingScope(t *testing.T) {
	client := answering(t, 403, refusal("ErrorAccessDenied"))
	_, list := client.Calendars(t.Context())
	_, insert := client.Insert(t.Context(), "read-only", event)
	for name, test := range map[string]struct {
		err  error
		want bool
	}{"list": {list, true}, "insert": {insert, false}} {
		refused, ok := errors.AsType[*microsoft.Refused](test.err)
		if !ok || refused.ScopeMissing() != test.want {
			t.Errorf("%s: %v, want %t", name, test.err, test.want)
		}
	}
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
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(test.name, " with ", status), func(t *testing.T) {
				client := serving(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", test.header)
					w.WriteHeader(status)
				})
				err := client.Delete(t.Context(), "c", known)
				var got time.Duration
				if limited, ok := errors.AsType[*microsoft.RateLimited](err); ok {
					got = limited.RetryAfter
				} else if away, ok := errors.AsType[*microsoft.Unavailable](err); ok {
					got = away.RetryAfter
				} else {
					t.Fatal(err)
				}
				if got < test.least || got > test.most {
					t.Errorf("%v, want %v to %v", got, test.least, test.most)
				}
			})
		}
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
	for name, client := range map[string]*microsoft.Client{"silence": silent, "reset": reset, "cut off": cut, "endless": endless} {
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
	client := &microsoft.Client{Base: "https://microsoft.invalid", HTTP: &http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Body != nil && r.GetBody == nil {
				t.Errorf("%s %s has a body that is read once", r.Method, r.URL.Path)
			}
			return nil, &dead{}
		}),
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

func TestWhatIsNotThereIsNoErrorToFindAndDelete(t *testing.T) {
	for name, body := range map[string]string{"with": refusal("ErrorItemNotFound"), "without": ""} {
		t.Run(name+" a body", func(t *testing.T) {
			client := answering(t, 404, body)
			if err := client.Delete(t.Context(), "c", known); err != nil {
				t.Errorf("delete: %v", err)
			}
			if _, found, err := client.Find(t.Context(), "c", known); found || err != nil {
				t.Errorf("find: %t, %v", found, err)
			}
		})
	}
	t.Run("nothing carries our id", func(t *testing.T) {
		client := answering(t, 200, `{"value":[]}`)
		if err := client.Delete(t.Context(), "c", unknown); err != nil {
			t.Errorf("delete: %v", err)
		}
		if _, found, err := client.Find(t.Context(), "c", unknown); found || err != nil {
			t.Errorf("find: %t, %v", found, err)
		}
	})
	// What is not Microsoft's says nothing about the event, nor does a mailbox
	// that is away.
	for _, body := range []string{"<html>", refusal("MailboxNotEnabledForRESTAPI")} {
		if err := answering(t, 404, body).Delete(t.Context(), "c", known); err == nil {
			t.Errorf("%s passes for the event being gone", body)
		}
	}
}

func TestOnlyACalendarThatWasNamedCanBeGone(t *testing.T) {
	for answer, want := range map[struct {
		status int
		code   string
	}]bool{
		{404, "ErrorItemNotFound"}:           true,
		{404, "MailboxNotEnabledForRESTAPI"}: false,
		{403, "ErrorAccessDenied"}:           true, // its owner shares it no more
		{403, "Authorization_RequestDenied"}: false,
	} {
		client := answering(t, answer.status, refusal(answer.code))
		_, inserted := client.Insert(t.Context(), "c", event)
		_, read := client.Busy(t.Context(), []string{"c"}, from, from.Add(time.Hour))
		for name, test := range map[string]struct {
			err  error
			want bool
		}{
			"insert": {inserted, want}, "busy": {read, want},
			"update": {client.Update(t.Context(), "c", "e", event), false},
		} {
			refused, ok := errors.AsType[*microsoft.Refused](test.err)
			if !ok || refused.CalendarGone() != test.want {
				t.Errorf("%s: %v, want %t", name, test.err, test.want)
			}
		}
	}
}

func TestAUsedTransactionLeadsToItsEvent(t *testing.T) {
	tests := []struct {
		name   string
		status int // of the search
		body   string
		want   string
	}{
		{"our event is there", 200, `{"value":[{"id":"AAk=","iCalUId":"040"}]}`, "<nil>"},
		{"our event is gone", 200, `{"value":[]}`, "*microsoft.IDTaken"},
		{"no answer", 503, "", "unavailable"},
		// Whoever says that nothing was done does not speak of the first call.
		{"a limit", 429, "", "unavailable"},
		{"a refusal", 403, refusal("ErrorAccessDenied"), "unavailable"},
	}
	for _, test := range tests {
		for _, refused := range []int{400, 409} { // which of the two is not documented
			t.Run(fmt.Sprint(test.name, " after ", refused), func(t *testing.T) {
				client := serving(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						w.WriteHeader(refused)
						_, _ = io.WriteString(w, refusal("ErrorDuplicateTransactionId"))
						return
					}
					w.WriteHeader(test.status)
					_, _ = io.WriteString(w, test.body)
				})
				written, err := client.Insert(t.Context(), "c", event)
				if got := kind(err); got != test.want {
					t.Fatalf("%s (%v), want %s", got, err, test.want)
				}
				if err == nil && written != (calendar.Written{ID: "AAk=", UID: "040"}) {
					t.Errorf("written: %+v", written)
				}
			})
		}
	}
}

// sent is a request as the server saw it.
type sent struct {
	Target string
	Prefer string
	Body   map[string]any
}

// recording answers as handler does and keeps what it was sent.
func recording(t *testing.T, answer string) (*microsoft.Client, *[]sent) {
	t.Helper()
	var all []sent
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		request := sent{Target: r.Method + " " + r.RequestURI, Prefer: r.Header.Get("Prefer")}
		content, _ := io.ReadAll(r.Body)
		if len(content) > 0 {
			if err := json.Unmarshal(content, &request.Body); err != nil {
				t.Error(err)
			}
		}
		all = append(all, request)
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, answer)
	})
	return client, &all
}

const preferences = `IdType="ImmutableId", outlook.timezone="UTC"`

func TestAnEventIsSentAsMicrosoftDocumentsIt(t *testing.T) {
	client, requests := recording(t, `{"id":"AAk=","iCalUId":"040"}`)
	zone := time.FixedZone("JST", 9*60*60)
	local := event
	local.Description, local.Location = "Zoom: https://zoom.us/j/1", "https://zoom.us/j/1"
	local.Start, local.End = event.Start.In(zone), event.End.In(zone)
	if _, err := client.Insert(t.Context(), "AAMk/x+y=", local); err != nil {
		t.Fatal(err)
	}
	if err := client.Update(t.Context(), "AAMk", "AAk/x=", local); err != nil {
		t.Fatal(err)
	}
	change := func(more map[string]any) map[string]any {
		body := map[string]any{
			"subject":  event.Title,
			"body":     map[string]any{"contentType": "text", "content": "Zoom: https://zoom.us/j/1"},
			"location": map[string]any{"displayName": "https://zoom.us/j/1"},
			"start":    map[string]any{"dateTime": "2026-12-02T01:00:00", "timeZone": "UTC"},
			"end":      map[string]any{"dateTime": "2026-12-02T02:00:00", "timeZone": "UTC"},
		}
		for name, value := range more {
			body[name] = value
		}
		return body
	}
	const named = "String {5b0c7a56-1f2e-4d0e-9c5c-7d1e3c6f2a94} Name "
	want := []sent{
		{"POST /v1.0/me/calendars/AAMk%2Fx+y=/events", preferences, change(map[string]any{
			"showAs":        "busy",
			"transactionId": event.ID,
			"singleValueExtendedProperties": []any{
				map[string]any{"id": named + "event", "value": event.ID},
				map[string]any{"id": named + "booking", "value": event.Booking},
			},
		})},
		{"PATCH /v1.0/me/events/AAk%2Fx=", preferences, change(nil)},
	}
	if diff := cmp.Diff(want, *requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestASubjectIsCutToWhatExchangeTakes(t *testing.T) {
	client, requests := recording(t, `{"id":"AAk=","iCalUId":"040"}`)
	long := event
	long.Title = strings.Repeat("題", 300)
	if _, err := client.Insert(t.Context(), "c", long); err != nil {
		t.Fatal(err)
	}
	if got := (*requests)[0].Body["subject"]; got != strings.Repeat("題", 255) {
		t.Errorf("%d bytes", len(got.(string)))
	}
}

// fields are those that are read of an event.
const fields = "id%2CiCalUId%2CwebLink%2Cstart%2Cend%2CisAllDay%2CoriginalStartTimeZone"

// Our id is sought in the whole mailbox, in a form that survives URLs.
const search = "GET /v1.0/me/events?%24filter=singleValueExtendedProperties%2Fany%28ep%3A%20ep%2Fid%20eq%20%27" +
	"String%20%7B5b0c7a56-1f2e-4d0e-9c5c-7d1e3c6f2a94%7D%20Name%20event%27%20and%20ep%2Fvalue%20eq%20%27" +
	"28gfsd214gdrodvm3cn0itt9k0%27%29&%24select=" + fields

func TestWhereAnIDIsNotRecordedOursIsSought(t *testing.T) {
	tests := []struct {
		name string
		do   func(context.Context, *microsoft.Client) error
		want []string
	}{
		{"find", func(ctx context.Context, c *microsoft.Client) error {
			_, _, err := c.Find(ctx, "c", unknown)
			return err
		}, []string{search}},
		{"insert what may be there", operations[2].do, []string{search}},
		// Should there ever be two, none is left behind.
		{"delete", func(ctx context.Context, c *microsoft.Client) error {
			return c.Delete(ctx, "c", unknown)
		}, []string{search, "DELETE /v1.0/me/events/one", "DELETE /v1.0/me/events/two"}},
		{"find a recorded one", func(ctx context.Context, c *microsoft.Client) error {
			_, _, err := c.Find(ctx, "c", known)
			_ = err // the answer is a list's
			return nil
		}, []string{"GET /v1.0/me/events/AAk=?%24select=" + fields}},
		{"delete a recorded one", func(ctx context.Context, c *microsoft.Client) error {
			return c.Delete(ctx, "c", known)
		}, []string{"DELETE /v1.0/me/events/AAk="}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, requests := recording(t, `{"value":[{"id":"one","iCalUId":"1"},{"id":"two","iCalUId":"2"}]}`)
			if err := test.do(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, request := range *requests {
				got = append(got, request.Target)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAViewIsReadToItsEndAndOnlyAtMicrosoft(t *testing.T) {
	busy := func(hour int) string {
		return fmt.Sprintf(`{"start":{"dateTime":"2026-12-02T%02d:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T%02d:30:00.0000000","timeZone":"UTC"},"showAs":"busy"}`, hour, hour)
	}
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("$skip") == "" {
			// The link's origin is not where the token goes.
			_, _ = fmt.Fprintf(w, `{"value":[%s],"@odata.nextLink":"https://elsewhere.invalid/v1.0/me/calendars/a/calendarView?startDateTime=x&$skip=1"}`, busy(1))
			return
		}
		if r.URL.Query().Get("startDateTime") != "x" {
			t.Errorf("the link was not followed as it is: %s", r.RequestURI)
		}
		_, _ = fmt.Fprintf(w, `{"value":[%s]}`, busy(3))
	})
	got, err := client.Busy(t.Context(), []string{"a"}, from, from.Add(4*time.Hour))
	want := []calendar.Interval{
		{Start: from, End: from.Add(30 * time.Minute)},
		{Start: from.Add(2 * time.Hour), End: from.Add(150 * time.Minute)},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; busy (-want +got):\n%s", err, diff)
	}
	for name, next := range map[string]string{"without end": "https://graph.microsoft.com/v1.0/me/calendars?$skip=1", "elsewhere": "https://graph.microsoft.com/beta/me", "nonsense": "::"} {
		client := answering(t, 200, `{"value":[],"@odata.nextLink":"`+next+`"}`)
		if _, err := client.Calendars(t.Context()); kind(err) != "unavailable" {
			t.Errorf("a list %s: %v", name, err)
		}
	}
}

func TestWhatBlocksAHost(t *testing.T) {
	const at = `"start":{"dateTime":"2026-12-02T01:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T02:00:00.0000000","timeZone":"UTC"}`
	tests := []struct {
		name, event string
		want        bool
	}{
		{"busy", at + `,"showAs":"busy"`, true},
		{"tentative", at + `,"showAs":"tentative"`, true},
		{"out of office", at + `,"showAs":"oof"`, true},
		{"unknown", at + `,"showAs":"unknown"`, true},
		{"a word that is new", at + `,"showAs":"presenting"`, true},
		{"free", at + `,"showAs":"free"`, false},
		{"working elsewhere", at + `,"showAs":"workingElsewhere"`, false},
		{"cancelled", at + `,"showAs":"busy","isCancelled":true`, false},
		{"declined", at + `,"showAs":"busy","responseStatus":{"response":"declined"}`, false},
		{"not answered yet", at + `,"showAs":"tentative","responseStatus":{"response":"notResponded"}`, true},
		{"accepted", at + `,"showAs":"busy","responseStatus":{"response":"accepted"}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			busy, err := answering(t, 200, `{"value":[{`+test.event+`}]}`).Busy(t.Context(), []string{"c"}, from, from.Add(time.Hour))
			if err != nil || len(busy) > 0 != test.want {
				t.Errorf("%v, %v; want %t", busy, err, test.want)
			}
		})
	}
}

func TestAnAllDayEventIsItsZonesDays(t *testing.T) {
	day := func(in, first, next string) string {
		return fmt.Sprintf(`{"value":[{"start":{"dateTime":"%sT00:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"%sT00:00:00.0000000","timeZone":"UTC"},`+
			`"showAs":"oof","isAllDay":true,"originalStartTimeZone":%q}]}`, first, next, in)
	}
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	tests := []struct {
		name, answer string
		from, to     string // empty: free
	}{
		{"in Tokyo, by Windows' name", day("Tokyo Standard Time", "2026-12-02", "2026-12-03"), "2026-12-01 15:00", "2026-12-02 15:00"},
		{"in Tokyo, by IANA's name", day("Asia/Tokyo", "2026-12-02", "2026-12-03"), "2026-12-01 15:00", "2026-12-02 15:00"},
		{"in Los Angeles", day("Pacific Standard Time", "2026-12-01", "2026-12-02"), "2026-12-01 08:00", "2026-12-02 08:00"},
		{"in UTC", day("UTC", "2026-12-02", "2026-12-03"), "2026-12-02 00:00", "2026-12-03 00:00"},
		{"several", day("Tokyo Standard Time", "2026-12-01", "2026-12-04"), "2026-11-30 15:00", "2026-12-03 15:00"},
		{"in a zone of the host's own", day("tzone://Microsoft/Custom", "2026-12-02", "2026-12-03"), "2026-12-01 10:00", "2026-12-03 12:00"},
		{"next to what was asked", day("Tokyo Standard Time", "2026-12-03", "2026-12-04"), "", ""},
		// What is not at midnight was converted after all.
		{"converted", `{"value":[{"start":{"dateTime":"2026-12-01T15:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T15:00:00","timeZone":"UTC"},"showAs":"oof","isAllDay":true,"originalStartTimeZone":"Tokyo Standard Time"}]}`,
			"2026-12-01 15:00", "2026-12-02 15:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := answering(t, 200, test.answer).Busy(t.Context(), []string{"c"}, from, from.Add(time.Hour))
			var want []calendar.Interval
			if test.from != "" {
				want = []calendar.Interval{{Start: utc(test.from), End: utc(test.to)}}
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v; busy (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestAnAllDayEventBeginsAtTheChangeThatSkipsMidnight(t *testing.T) {
	// In Santiago clocks go from 24:00 of 5 September 2026 to 1:00.
	client := answering(t, 200, `{"value":[{"start":{"dateTime":"2026-09-06T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-09-07T00:00:00","timeZone":"UTC"},"showAs":"busy","isAllDay":true,"originalStartTimeZone":"Pacific SA Standard Time"}]}`)
	noon := time.Date(2026, 9, 6, 12, 0, 0, 0, time.UTC)
	got, err := client.Busy(t.Context(), []string{"c"}, noon, noon.Add(time.Hour))
	want := []calendar.Interval{{Start: time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC), End: time.Date(2026, 9, 7, 3, 0, 0, 0, time.UTC)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; busy (-want +got):\n%s", err, diff)
	}
}

func TestBusyTimesThatAreUnsureAreAnError(t *testing.T) {
	tests := []struct {
		name, answer, want string
	}{
		{"a time in another zone", `{"value":[{"start":{"dateTime":"2026-12-02T01:00:00","timeZone":"Tokyo Standard Time"},"end":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"}}]}`, "unavailable"},
		{"no start", `{"value":[{"end":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"}}]}`, "unavailable"},
		{"no end", `{"value":[{"start":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"}}]}`, "unavailable"},
		{"an end before the start", `{"value":[{"start":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T01:00:00","timeZone":"UTC"}}]}`, "unavailable"},
		{"a time that is none", `{"value":[{"start":{"dateTime":"` + secret + `","timeZone":"UTC"}}]}`, "unavailable"},
		{"no list", `{"values":[]}`, "unavailable"},
		{"a free calendar", `{"value":[]}`, "<nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := answering(t, 200, test.answer).Busy(t.Context(), []string{"c"}, from, from.Add(time.Hour))
			if got := kind(err); got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	t.Run("one calendar of two", func(t *testing.T) {
		client := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "gone") {
				w.WriteHeader(404)
				_, _ = io.WriteString(w, refusal("ErrorItemNotFound"))
				return
			}
			_, _ = io.WriteString(w, `{"value":[]}`)
		})
		_, err := client.Busy(t.Context(), []string{"c", "gone"}, from, from.Add(time.Hour))
		if refused, ok := errors.AsType[*microsoft.Refused](err); !ok || !refused.CalendarGone() {
			t.Errorf("error: %v", err)
		}
	})
}
