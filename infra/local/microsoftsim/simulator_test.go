package microsoftsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
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

	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/microsoftsim"
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

// microsoft is a simulator behind HTTP.
type microsoft struct {
	*microsoftsim.Simulator
	server *httptest.Server
	clock  *clock
}

func start(t *testing.T, state *journal.Journal) microsoft {
	t.Helper()
	clock := &clock{at: now}
	simulator, err := microsoftsim.New(microsoftsim.Config{State: state, Clock: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulator.Handler())
	t.Cleanup(server.Close)
	return microsoft{Simulator: simulator, server: server, clock: clock}
}

// grant connects the host and returns their token.
func (m microsoft) grant(t *testing.T, scopes ...string) microsoftsim.Token {
	t.Helper()
	token, err := m.Grant(host, scopes)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// calendars are the host's: the default one, another, and one to read only.
func (m microsoft) calendars(t *testing.T) []microsoftsim.CalendarState {
	t.Helper()
	for _, a := range m.State().Accounts {
		if a.User == host {
			return a.Calendars
		}
	}
	t.Fatal("the host has no account")
	return nil
}

// reply is what an answer comes down to.
type reply struct {
	Status int
	Header http.Header
	Body   map[string]any
}

// code is Microsoft's word for a refusal.
func (r reply) code() string {
	failure, _ := r.Body["error"].(map[string]any)
	code, _ := failure["code"].(string)
	return code
}

func (r reply) list() []map[string]any {
	values, _ := r.Body["value"].([]any)
	var all []map[string]any
	for _, v := range values {
		all = append(all, v.(map[string]any))
	}
	return all
}

const lasting = `IdType="ImmutableId"`

// call makes a call of the API with an access token.
func (m microsoft) call(t *testing.T, accessToken, verb, path, body string, prefer ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), verb, m.server.URL+"/v1.0/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, p := range prefer {
		request.Header.Add("Prefer", p)
	}
	return send(t, request)
}

// post sends a form.
func (m microsoft) post(t *testing.T, path string, form url.Values) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, request)
}

// admin makes an admin call that must succeed.
func (m microsoft) admin(t *testing.T, path, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer := send(t, request)
	if answer.Status != http.StatusOK {
		t.Fatalf("%s: %d", path, answer.Status)
	}
	return answer
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
	answer := reply{Status: response.StatusCode, Header: response.Header}
	if len(bytes.TrimSpace(content)) > 0 {
		if err := json.Unmarshal(content, &answer.Body); err != nil {
			t.Fatalf("%s answered no JSON: %s", request.URL.Path, content)
		}
	}
	return answer
}

// at10 are the times of an event at ten in Tokyo.
const at10 = `"start":{"dateTime":"2026-12-02T10:00:00","timeZone":"Tokyo Standard Time"},"end":{"dateTime":"2026-12-02T10:30:00","timeZone":"Asia/Tokyo"}`

// our is an extended property's id.
const our = "String {5b0c7a56-1f2e-4d0e-9c5c-7d1e3c6f2a94} Name "

func carrying(name, value string) string {
	return fmt.Sprintf(`"singleValueExtendedProperties":[{"id":%q,"value":%q}]`, our+name, value)
}

func having(name, value string) string {
	return "me/events?$filter=" + url.QueryEscape("singleValueExtendedProperties/any(ep: ep/id eq '"+our+name+"' and ep/value eq '"+value+"')")
}

func TestCallsAreRefusedAsMicrosoftRefusesThemOrLouder(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	calendars := m.calendars(t)
	own := "me/calendars/" + calendars[0].ID
	const span = "?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
	tests := []struct {
		name, verb, path, body string
		status                 int
		code                   string
	}{
		{"an event needs start and end", "POST", "me/events", `{"subject":"x"}`, 400, "ErrorInvalidRequest"},
		{"an unknown property", "POST", "me/events", `{` + at10 + `,"titel":"x"}`, 400, "RequestBodyRead"},
		{"an unknown property inside", "POST", "me/events", `{` + at10 + `,"location":{"name":"x"}}`, 400, "RequestBodyRead"},
		{"a property of the wrong type", "POST", "me/events", `{` + at10 + `,"subject":7}`, 400, "RequestBodyRead"},
		{"what is not JSON", "POST", "me/events", `{`, 400, "BadRequest"},
		{"a word that is none", "POST", "me/events", `{` + at10 + `,"showAs":"opaque"}`, 400, "ErrorInvalidRequest"},
		{"a time with an offset", "POST", "me/events", strings.Replace(`{`+at10+`}`, "10:00:00", "10:00:00+09:00", 1), 400, "ErrorInvalidRequest"},
		{"a zone that is none", "POST", "me/events", strings.Replace(`{`+at10+`}`, "Tokyo Standard Time", "Tokyo", 1), 400, "ErrorInvalidRequest"},
		{"an end before the start", "POST", "me/events", strings.Replace(`{`+at10+`}`, "10:30", "09:30", 1), 400, "ErrorPropertyValidationFailure"},
		{"an all-day event at ten", "POST", "me/events", `{` + at10 + `,"isAllDay":true}`, 400, "ErrorInvalidRequest"},
		{"a malformed extended property", "POST", "me/events", `{` + at10 + `,"singleValueExtendedProperties":[{"id":"booking","value":"x"}]}`, 400, "ErrorInvalidPropertyId"},
		{"a long subject", "POST", "me/events", `{` + at10 + `,"subject":"` + strings.Repeat("題", 256) + `"}`, 400, "ErrorInvalidRequest"},
		{"a calendar to read only", "POST", "me/calendars/" + calendars[2].ID + "/events", `{` + at10 + `}`, 403, "ErrorAccessDenied"},
		{"a calendar that is not there", "POST", "me/calendars/AAMkAGx=/events", `{` + at10 + `}`, 404, "ErrorItemNotFound"},
		{"an id that is none", "POST", "me/calendars/primary/events", `{` + at10 + `}`, 400, "ErrorInvalidIdMalformed"},
		{"an event that is not there", "GET", "me/events/AAMkAGx=", "", 404, "ErrorItemNotFound"},
		{"deleting an event that is not there", "DELETE", "me/events/AAMkAGx=", "", 404, "ErrorItemNotFound"},
		{"a view without its span", "GET", own + "/calendarView", "", 400, "RequestBroker--ParseUri"},
		{"a view that ends before it starts", "GET", own + "/calendarView?startDateTime=2026-12-02T00:00:00Z&endDateTime=2026-12-01T00:00:00Z", "", 400, "ErrorInvalidParameter"},
		{"a view of six years", "GET", own + "/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2032-12-01T00:00:00Z", "", 400, "ErrorCalendarViewRangeTooBig"},
		{"an unknown option", "GET", own + "/calendarView" + span + "&$limit=1", "", 400, "RequestBroker--ParseUri"},
		{"a page above the largest", "GET", own + "/calendarView" + span + "&$top=1001", "", 400, "RequestBroker--ParseUri"},
		{"a property that cannot be selected", "GET", own + "/calendarView" + span + "&$select=start,status", "", 400, "RequestBroker--ParseUri"},
		{"a filter that is not simulated", "GET", "me/events?$filter=" + url.QueryEscape("subject eq 'x'"), "", 400, "RequestBroker--ParseUri"},
		{"a resource that is not simulated", "GET", "me/messages", "", 400, "BadRequest"},
		{"a view", "GET", own + "/calendarView" + span, "", 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := m.call(t, token, test.verb, test.path, test.body)
			if got.Status != test.status || got.code() != test.code {
				t.Errorf("%d %s (%v), want %d %s", got.Status, got.code(), got.Body, test.status, test.code)
			}
		})
	}
	if made := m.State().Inserted; made != 0 {
		t.Errorf("%d refused events were made", made)
	}
}

func TestPreferencesAreKnownOrRefused(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	for prefer, want := range map[string]int{
		`IdType="ImmutableId", outlook.timezone="Tokyo Standard Time"`: 200,
		`outlook.timezone="Asia/Tokyo"`:                                200,
		`outlook.timezone="Tokyo"`:                                     400,
		`IdType="Immutable"`:                                           400,
		`outlook.timzone="UTC"`:                                        400,
		`return=minimal`:                                               400,
	} {
		if got := m.call(t, token, "GET", "me/calendars", "", prefer); got.Status != want {
			t.Errorf("%s: %d, want %d", prefer, got.Status, want)
		}
	}
}

func TestAnEventIsAnsweredInThePreferredZone(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	made := m.call(t, token, "POST", "me/events", `{"subject":"面談",`+at10+`}`)
	if made.Status != http.StatusCreated {
		t.Fatal(made)
	}
	id, _ := made.Body["id"].(string)
	for prefer, want := range map[string]map[string]any{
		`outlook.timezone="UTC"`:                   {"dateTime": "2026-12-02T01:00:00.0000000", "timeZone": "UTC"},
		`outlook.timezone="Pacific Standard Time"`: {"dateTime": "2026-12-01T17:00:00.0000000", "timeZone": "Pacific Standard Time"},
	} {
		got := m.call(t, token, "GET", "me/events/"+id+"?$select=start", "", prefer)
		if diff := cmp.Diff(any(want), got.Body["start"]); diff != "" || got.Body["subject"] != nil {
			t.Errorf("%s (-want +got):\n%s\n%v", prefer, diff, got.Body)
		}
	}
}

func TestALastingIDIsForWhoPrefersIt(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	id, _ := m.call(t, token, "POST", "me/events", `{`+at10+`}`, lasting).Body["id"].(string)
	moving, _ := m.call(t, token, "GET", "me/events/"+id, "", lasting).Body["webLink"].(string)
	if id == "" || strings.Contains(moving, id) {
		t.Fatalf("id %q, link %q", id, moving)
	}
	if got := m.call(t, token, "GET", "me/events/"+id, ""); got.code() != "ErrorItemNotFound" {
		t.Errorf("without the preference: %v", got)
	}
	m.admin(t, "/_move", fmt.Sprintf(`{"id":%q,"calendar":%q}`, id, m.calendars(t)[1].ID))
	if got := m.call(t, token, "GET", "me/events/"+id, "", lasting); got.Status != 200 {
		t.Errorf("after a move: %v", got)
	}
}

func TestATransactionMakesOneEvent(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	body := `{"subject":"面談","transactionId":"t1",` + at10 + `}`
	first := m.call(t, token, "POST", "me/events", body, lasting)
	again := m.call(t, token, "POST", "me/events", body, lasting)
	if diff := cmp.Diff(first.Body, again.Body); diff != "" || again.Status != 201 {
		t.Errorf("repeated: %d (-first +again):\n%s", again.Status, diff)
	}
	other := strings.Replace(body, "面談", "別件", 1)
	if got := m.call(t, token, "POST", "me/events", other); got.Status != 409 || got.code() != "ErrorDuplicateTransactionId" {
		t.Errorf("another event: %v", got)
	}
	id, _ := first.Body["id"].(string)
	m.call(t, token, "PATCH", "me/events/"+id, `{"subject":"別件"}`, lasting)
	if got := m.call(t, token, "POST", "me/events", body); got.code() != "ErrorDuplicateTransactionId" {
		t.Errorf("the event as it was, after a change: %v", got)
	}
	m.call(t, token, "DELETE", "me/events/"+id, "", lasting)
	if got := m.call(t, token, "POST", "me/events", body); got.code() != "ErrorDuplicateTransactionId" {
		t.Errorf("a deleted event's: %v", got)
	}
	if made := m.State().Inserted; made != 1 {
		t.Errorf("%d events were made", made)
	}
	m.admin(t, "/_forget", "")
	if got := m.call(t, token, "POST", "me/events", body); got.Status != 201 {
		t.Errorf("once it is forgotten: %v", got)
	}
}

func TestAChangeReplacesWhatItNames(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	id, _ := m.call(t, token, "POST", "me/events", `{"subject":"面談","showAs":"oof","location":{"displayName":"A"},`+at10+`,`+carrying("booking", "b1")+`}`).Body["id"].(string)
	got := m.call(t, token, "PATCH", "me/events/"+id, `{"location":{"displayName":""},"end":{"dateTime":"2026-12-02T02:00:00","timeZone":"UTC"}}`)
	if got.Status != 200 {
		t.Fatal(got)
	}
	state := m.State().Events[0]
	if state.Subject != "面談" || state.Location != "" || state.ShowAs != "oof" || state.Booking != "b1" ||
		state.Start != "2026-12-02T10:00:00+09:00" || state.End != "2026-12-02T02:00:00Z" {
		t.Errorf("%+v", state)
	}
	for name, body := range map[string]string{
		"a time that is none": `{"end":{"dateTime":"2026-12-01T00:00:00","timeZone":"UTC"}}`,
		"a transaction":       `{"transactionId":"t"}`,
	} {
		if got := m.call(t, token, "PATCH", "me/events/"+id, body); got.Status != 400 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if diff := cmp.Diff(state, m.State().Events[0]); diff != "" {
		t.Errorf("a refused change changed (-before +after):\n%s", diff)
	}
}

func TestAnExtendedPropertyFindsItsEventsAnywhere(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	other := m.calendars(t)[1].ID
	m.call(t, token, "POST", "me/calendars/"+other+"/events", `{"subject":"one",`+at10+`,`+carrying("event", "abc")+`}`)
	m.call(t, token, "POST", "me/events", `{"subject":"two",`+at10+`,`+carrying("Event", "abc")+`}`)
	m.call(t, token, "POST", "me/events", `{"subject":"three",`+at10+`,`+carrying("event", "ab")+`}`)
	for value, want := range map[string]int{"abc": 1, "ABC": 1, "abcd": 0} { // names are case-sensitive, values are not
		if got := m.call(t, token, "GET", having("event", value), "").list(); len(got) != want {
			t.Errorf("%s: %d events, want %d", value, len(got), want)
		}
	}
	foreign, err := m.Grant("taro@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.call(t, foreign.AccessToken, "GET", having("event", "abc"), "").list(); len(got) != 0 {
		t.Errorf("another mailbox's events: %v", got)
	}
}

func TestWhomAnEventNamesExchangeInvites(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	m.call(t, token, "POST", "me/events", `{`+at10+`,"attendees":[{"emailAddress":{"address":"guest@example.com"},"type":"required"}]}`)
	if diff := cmp.Diff([]string{"guest@example.com"}, m.State().Events[0].Invited); diff != "" {
		t.Errorf("invited (-want +got):\n%s", diff)
	}
}

func TestAViewExpandsSeriesInTheirOwnZone(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	add := func(event string) {
		t.Helper()
		if _, err := m.AddEvent(host, "", []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	// Every other Monday and Friday at nine in New York, over its clock change.
	add(`{"subject":"定例","start":{"dateTime":"2026-10-26T09:00:00","timeZone":"Eastern Standard Time"},"end":{"dateTime":"2026-10-26T10:00:00","timeZone":"Eastern Standard Time"},
		"recurrence":{"pattern":{"type":"weekly","interval":2,"daysOfWeek":["monday","friday"]},"range":{"type":"numbered","startDate":"2026-10-26","numberOfOccurrences":4}}}`)
	add(`{"subject":"朝会","start":{"dateTime":"2026-11-08T08:30:00","timeZone":"Asia/Tokyo"},"end":{"dateTime":"2026-11-08T08:45:00","timeZone":"Asia/Tokyo"},
		"recurrence":{"pattern":{"type":"daily","interval":3},"range":{"type":"endDate","startDate":"2026-11-08","endDate":"2026-11-12"}}}`)
	add(`{"subject":"休暇","isAllDay":true,"showAs":"oof","start":{"dateTime":"2026-11-10T00:00:00","timeZone":"Tokyo Standard Time"},"end":{"dateTime":"2026-11-11T00:00:00","timeZone":"Tokyo Standard Time"}}`)
	answer := m.call(t, token, "GET", "me/calendarView?startDateTime=2026-10-26T00:00:00Z&endDateTime=2026-11-30T00:00:00Z&$top=50", "")
	type shown struct{ Subject, Start, End, Type string }
	var got []shown
	for _, e := range answer.list() {
		at := func(name string) string {
			return strings.TrimSuffix(e[name].(map[string]any)["dateTime"].(string), ":00.0000000")
		}
		got = append(got, shown{e["subject"].(string), at("start"), at("end"), e["type"].(string)})
	}
	want := []shown{
		{"定例", "2026-10-26T13:00", "2026-10-26T14:00", "occurrence"},
		{"定例", "2026-10-30T13:00", "2026-10-30T14:00", "occurrence"},
		{"朝会", "2026-11-07T23:30", "2026-11-07T23:45", "occurrence"},
		{"定例", "2026-11-09T14:00", "2026-11-09T15:00", "occurrence"},
		{"休暇", "2026-11-10T00:00", "2026-11-11T00:00", "singleInstance"}, // floating, whatever the zone
		{"朝会", "2026-11-10T23:30", "2026-11-10T23:45", "occurrence"},
		{"定例", "2026-11-13T14:00", "2026-11-13T15:00", "occurrence"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
}

func TestListsComeInPagesOfTenUnlessAsked(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	for n := range 12 {
		at := fmt.Sprintf(`{"dateTime":"2026-12-02T%02d:00:00","timeZone":"UTC"}`, n)
		if _, err := m.AddEvent(host, "", []byte(`{"start":`+at+`,"end":`+at+`}`)); err != nil {
			t.Fatal(err)
		}
	}
	const view = "me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z&$select=start"
	first := m.call(t, token, "GET", view, "")
	next, _ := first.Body["@odata.nextLink"].(string)
	link, ok := strings.CutPrefix(next, m.server.URL+"/v1.0/")
	if len(first.list()) != 10 || !ok {
		t.Fatalf("%d events, next %q", len(first.list()), next)
	}
	second := m.call(t, token, "GET", link, "")
	if len(second.list()) != 2 || second.Body["@odata.nextLink"] != nil {
		t.Errorf("then %d, next %v", len(second.list()), second.Body["@odata.nextLink"])
	}
}

func TestATokenPermitsWhatItsScopesSay(t *testing.T) {
	const view = "me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
	permitted := map[string][]string{
		"User.Read":           {"GET me"},
		"Calendars.ReadBasic": {"GET me/calendars", "GET " + view},
		"Calendars.Read":      {"GET me/calendars", "GET " + view, "GET me/events"},
		"Calendars.ReadWrite": {"GET me/calendars", "GET " + view, "GET me/events", "POST me/events"},
	}
	calls := []string{"GET me", "GET me/calendars", "GET " + view, "GET me/events", "POST me/events"}
	m := start(t, nil)
	for scope, want := range permitted {
		token := m.grant(t, scope).AccessToken
		var got []string
		for _, call := range calls {
			verb, path, _ := strings.Cut(call, " ")
			body := ""
			if verb == "POST" {
				body = `{` + at10 + `}`
			}
			switch answer := m.call(t, token, verb, path, body); answer.Status {
			case 200, 201:
				got = append(got, call)
			case 403:
			default:
				t.Errorf("%s with %s: %v", call, scope, answer)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s permits (-want +got):\n%s", scope, diff)
		}
	}
}

func TestTheTwoKindsOfAccountDiffer(t *testing.T) {
	m := start(t, nil)
	for user, want := range map[string]struct {
		idLength int
		mail     any
		scope    string
	}{
		host:                      {36, host, "openid email https://graph.microsoft.com/User.Read https://graph.microsoft.com/Calendars.ReadWrite"},
		microsoftsim.PersonalUser: {16, nil, "openid email User.Read Calendars.ReadWrite"},
	} {
		token, err := m.Grant(user, nil)
		if err != nil {
			t.Fatal(err)
		}
		me := m.call(t, token.AccessToken, "GET", "me?$select=id,mail,userPrincipalName", "")
		id, _ := me.Body["id"].(string)
		if len(id) != want.idLength || me.Body["mail"] != want.mail || me.Body["userPrincipalName"] != user || token.Scope != want.scope {
			t.Errorf("%s: %v, scope %q", user, me.Body, token.Scope)
		}
	}
	token, err := m.Grant(microsoftsim.NoMailboxUser, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.call(t, token.AccessToken, "GET", "me/calendars", ""); got.Status != 404 || got.code() != "MailboxNotEnabledForRESTAPI" {
		t.Errorf("no mailbox: %v", got)
	}
}

func TestAMailboxTakesFourCallsAtOnce(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	var calls sync.WaitGroup
	var bodies []*io.PipeWriter
	for range 4 { // each waits for the rest of its body
		reader, writer := io.Pipe()
		bodies = append(bodies, writer)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.server.URL+"/v1.0/me/events", reader)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
		calls.Go(func() {
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusCreated {
				t.Errorf("status %d", response.StatusCode)
			}
		})
		if _, err := io.WriteString(writer, `{`); err != nil {
			t.Fatal(err)
		}
	}
	var fifth reply
	for end := time.Now().Add(10 * time.Second); ; {
		fifth = m.call(t, token, "GET", "me/calendars", "")
		if fifth.Status == http.StatusTooManyRequests || time.Now().After(end) {
			break
		}
	}
	if fifth.Status != 429 || fifth.code() != "ApplicationThrottled" || fifth.Header.Get("Retry-After") == "" {
		t.Errorf("the fifth: %v", fifth)
	}
	for _, body := range bodies {
		if _, err := io.WriteString(body, at10+`}`); err != nil {
			t.Error(err)
		}
		_ = body.Close()
	}
	calls.Wait()
	if got := m.call(t, token, "GET", "me/calendars", ""); got.Status != 200 {
		t.Errorf("afterwards: %v", got)
	}
}

func TestThrottlingOnDemand(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	m.admin(t, "/_throttle", `{"user":"`+host+`","times":1,"retryAfter":7}`)
	if got := m.call(t, token, "GET", "me/calendars", ""); got.Status != 429 || got.Header.Get("Retry-After") != "7" {
		t.Errorf("%v", got)
	}
	if got := m.call(t, token, "GET", "me/calendars", ""); got.Status != 200 {
		t.Errorf("%v", got)
	}
}

func TestStateOutlivesTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "microsoft.jsonl")
	state, err := journal.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	m := start(t, state)
	token := m.grant(t)
	body := `{"subject":"面談","transactionId":"t1",` + at10 + `}`
	made := m.call(t, token.AccessToken, "POST", "me/events", body, lasting)
	before := m.State()
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	if state, err = journal.Open(file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	again := start(t, state)
	if diff := cmp.Diff(before, again.State()); diff != "" {
		t.Errorf("state (-before +after):\n%s", diff)
	}
	repeated := again.call(t, token.AccessToken, "POST", "me/events", body, lasting)
	if repeated.Status != 201 || repeated.Body["id"] != made.Body["id"] {
		t.Errorf("a repeat across the restart: %v", repeated)
	}
	if got := again.post(t, "/common/oauth2/v2.0/token", refreshForm(token.RefreshToken)); got.Status != 200 {
		t.Errorf("refresh: %v", got)
	}
}
