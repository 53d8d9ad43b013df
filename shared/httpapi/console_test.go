package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/apikey"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

// monday is 2026-11-30, 09:00 in Tokyo.
var monday = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// office is the host's API over a real table, with stand-ins for whom it calls.
type office struct {
	store *store.Store
	serve func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)
	ended []connection.Provider // disconnected
	begun []string              // sagas, by booking and status
	fails error                 // of ending connections
	at    string                // the domain of everybody's address
	now   time.Time
}

func (o *office) Start(_ context.Context, b booking.Booking, _ bool) error {
	o.begun = append(o.begun, b.ID+" "+string(b.Status))
	return nil
}

// perHour is how often a key is taken there.
const perHour = 40

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{at: "example.com", store: storetest.New(t), now: monday}
	o.serve = httpapi.Lambda(httpapi.Console(httpapi.ConsoleParts{
		Mirror:   o.store,
		Audits:   o.store,
		Accounts: &host.Desk{Ledger: o.store, Issuer: o, Links: o, Now: func() time.Time { return monday }},
		Shelf:    o.store,
		Diary: &booking.Diary{Archive: o.store, Now: func() time.Time { return monday }, Registrar: &booking.Registrar{
			Ledger: o.store, Sagas: o, Now: func() time.Time { return monday }, SettleWithin: time.Minute,
		}},
		Connector:   o,
		Connections: o.store,
		Calendars:   o,
		Hooks:       &hook.Desk{Ledger: o.store, Vault: o, Now: func() time.Time { return monday }},
		Keys:        &apikey.Desk{Ledger: o.store, PerHour: perHour, Now: func() time.Time { return o.now }},
		EmbedIn:     page.Sites{"https://*.example.com"},
		Now:         func() time.Time { return o.now },
	}))
	return o
}

func (o *office) Email(_ context.Context, accessToken string) (string, bool, error) {
	return accessToken + "@" + o.at, accessToken != "unverified", nil
}

func (o *office) DisconnectAll(context.Context, string) error { return o.fails }

func (o *office) Available(p connection.Provider) bool { return p != connection.Microsoft }

func (o *office) Begin(_ context.Context, handle string, p connection.Provider, cookie string) (string, string, error) {
	if p == connection.Microsoft {
		return "", "", &connection.Unsupported{Provider: p}
	}
	return "https://provider.example/authorize?host=" + handle, "browser", nil
}

func (o *office) Disconnect(_ context.Context, _ string, p connection.Provider) error {
	o.ended = append(o.ended, p)
	return o.fails
}

func (o *office) List(_ context.Context, handle string) ([]calendar.Calendar, []calendar.Unlisted, error) {
	return []calendar.Calendar{{Provider: "google", ID: handle, Name: "仕事", Primary: true, Writable: true}},
		[]calendar.Unlisted{{Provider: "microsoft", Err: &connection.Dead{Provider: connection.Microsoft}}}, nil
}

// reply is an answer of the API.
type reply struct {
	Status int
	Header map[string]string
	Text   string
}

// as sends a request of whom the authorizer let through; nobody if subject is
// empty. Header are pairs.
func (o *office) as(t testing.TB, subject, method, path string, body any, header ...string) reply {
	t.Helper()
	if subject == "" {
		return o.send(t, nil, method, path, body, header...)
	}
	header = append([]string{"Authorization", "Bearer " + subject}, header...)
	return o.send(t, signedIn(map[string]string{"sub": subject}), method, path, body, header...)
}

// send sends a request of which the authorizer says that.
func (o *office) send(t testing.TB, said *events.APIGatewayV2HTTPRequestContextAuthorizerDescription, method, path string, body any, header ...string) reply {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: u.Path, RawQueryString: u.RawQuery, Headers: map[string]string{"accept-language": "en"}}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, u.Path
	e.RequestContext.Authorizer = said
	for i := 0; i < len(header); i += 2 {
		e.Headers[strings.ToLower(header[i])] = header[i+1]
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		e.Body, e.Headers["content-type"] = string(text), "application/json"
	}
	out, err := o.serve(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{Status: out.StatusCode, Text: out.Body, Header: map[string]string{}}
	for name, values := range out.MultiValueHeaders {
		r.Header[http.CanonicalHeaderKey(name)] = strings.Join(values, ", ")
	}
	for name, value := range out.Headers {
		r.Header[http.CanonicalHeaderKey(name)] = value
	}
	r.Header["Set-Cookie"] = strings.Join(out.Cookies, ", ")
	return r
}

func (r reply) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Text), v); err != nil {
		t.Fatalf("%v in %d %s", err, r.Status, r.Text)
	}
}

func (r reply) code(t *testing.T) string {
	t.Helper()
	var p struct{ Code string }
	r.into(t, &p)
	return p.Code
}

func (r reply) fields(t *testing.T) map[string]string {
	t.Helper()
	var p struct {
		Errors []struct{ Field, Code string }
	}
	r.into(t, &p)
	fields := map[string]string{}
	for _, e := range p.Errors {
		fields[e.Field] = e.Code
	}
	return fields
}

func (o *office) open(t testing.TB, handle string) {
	t.Helper()
	r := o.as(t, handle, "PUT", "/api/host/profile", map[string]any{"handle": handle, "name": "約束 花子", "timezone": "Asia/Tokyo", "locale": "ja"})
	if r.Status != http.StatusCreated {
		t.Fatalf("open the account: %d %s", r.Status, r.Text)
	}
}

var introduction = map[string]any{"slug": "intro", "title": "初回相談", "holidays": ""}

func (o *office) page(t testing.TB, handle string) {
	t.Helper()
	if r := o.as(t, handle, "POST", "/api/host/pages", introduction); r.Status != http.StatusCreated {
		t.Fatalf("make a page: %d %s", r.Status, r.Text)
	}
}

// booked stores a booking of the host's, at an hour of that many days from monday.
func (o *office) booked(t *testing.T, handle, id string, day int, change func(*booking.Booking)) booking.Booking {
	t.Helper()
	start := monday.AddDate(0, 0, day).Add(time.Hour)
	b := booking.Booking{
		ID: id, Host: handle, Page: "intro", Start: start, End: start.Add(30 * time.Minute),
		LocalDate: start.Format(time.DateOnly), Status: booking.Confirmed, CreatedAt: monday,
		Guest:       booking.Guest{Name: "山田 太郎", Email: "taro@example.com", TimeZone: "Asia/Tokyo", Language: language.Japanese},
		Answers:     []booking.Answer{{ID: "topic", Label: "ご相談内容", Value: "導入"}},
		Terms:       booking.Terms{Title: "初回相談", Platform: page.ZoomPlatform, Write: page.CalendarRef{Provider: "google", ID: "primary"}},
		ZoomMeeting: booking.ZoomMeeting{ID: 91234567890, JoinURL: "https://zoom.us/j/91234567890"},
		Steps: map[booking.Step]booking.Progress{
			booking.Hold: {Status: booking.Done, At: monday}, booking.Meeting: {Status: booking.Done, At: monday},
			booking.Event: {Status: booking.Done, At: monday}, booking.Mail: {Status: booking.Done, At: monday},
			booking.Notice: {Status: booking.Done, At: monday},
		},
	}
	if change != nil {
		change(&b)
	}
	if err := o.store.Hold(t.Context(), b, 0, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAFirstSignInOpensAnAccountOnce(t *testing.T) {
	o := newOffice(t)
	if r := o.as(t, "hanako", "GET", "/api/host/profile", nil); r.Status != http.StatusNotFound || r.code(t) != "profile_missing" {
		t.Errorf("before: %d %s", r.Status, r.Text)
	}
	o.open(t, "hanako")
	var profile map[string]any
	o.as(t, "hanako", "GET", "/api/host/profile", nil).into(t, &profile)
	want := map[string]any{"handle": "hanako", "name": "約束 花子", "email": "hanako@example.com", "timezone": "Asia/Tokyo", "locale": "ja", "retentionDays": 0.0}
	if diff := cmp.Diff(want, profile); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	o.at = "new.example.com" // since moved, as the sign-in provider knows
	changed := o.as(t, "hanako", "PUT", "/api/host/profile", map[string]any{"name": "Hanako", "timezone": "Europe/Berlin", "locale": "en", "retentionDays": 90})
	if changed.Status != http.StatusOK {
		t.Errorf("a change: %d %s", changed.Status, changed.Text)
	}
	o.as(t, "hanako", "GET", "/api/host/profile", nil).into(t, &profile)
	want["name"], want["timezone"], want["locale"], want["retentionDays"] = "Hanako", "Europe/Berlin", "en", 90.0
	want["email"] = "hanako@new.example.com"
	if diff := cmp.Diff(want, profile); diff != "" {
		t.Errorf("changed profile (-want +got):\n%s", diff)
	}
}

func TestAProfileThatIsWrongIsToldFieldByField(t *testing.T) {
	o := newOffice(t)
	o.open(t, "taken")
	good := func(change map[string]any) map[string]any {
		body := map[string]any{"handle": "jiro", "name": "次郎", "timezone": "Asia/Tokyo", "locale": "ja"}
		for k, v := range change {
			body[k] = v
		}
		return body
	}
	for name, c := range map[string]struct {
		subject string
		body    map[string]any
		status  int
		code    string
		fields  map[string]string
	}{
		"no handle":            {"jiro", good(map[string]any{"handle": ""}), 422, "validation_failed", map[string]string{"handle": "required"}},
		"a handle with a dot":  {"jiro", good(map[string]any{"handle": "ji.ro"}), 422, "validation_failed", map[string]string{"handle": "wrong_format"}},
		"a handle of ours":     {"jiro", good(map[string]any{"handle": "console"}), 422, "validation_failed", map[string]string{"handle": "reserved"}},
		"an invisible name":    {"jiro", good(map[string]any{"name": "\u200b"}), 422, "validation_failed", map[string]string{"name": "required"}},
		"no zone of the world": {"jiro", good(map[string]any{"timezone": "Asia/Atlantis"}), 422, "validation_failed", map[string]string{"timezone": "not_a_time_zone"}},
		"a handle in use":      {"jiro", good(map[string]any{"handle": "taken"}), 409, "handle_taken", map[string]string{}},
		"an unverified mail":   {"unverified", good(nil), 409, "email_unverified", map[string]string{}},
		"another handle later": {"taken", good(map[string]any{"handle": "other"}), 422, "validation_failed", map[string]string{"handle": "immutable"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := o.as(t, c.subject, "PUT", "/api/host/profile", c.body)
			if r.Status != c.status || r.code(t) != c.code {
				t.Errorf("%d %s", r.Status, r.Text)
			}
			if diff := cmp.Diff(c.fields, r.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPageIsMadeReadChangedAndDeleted(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.as(t, "hanako", "POST", "/api/host/pages", introduction)
	if made.Status != http.StatusCreated || made.Header["Location"] != "/api/host/pages/intro" || made.Header["Etag"] != `"1"` {
		t.Fatalf("made: %d %v %s", made.Status, made.Header, made.Text)
	}
	var settings map[string]any
	read := o.as(t, "hanako", "GET", "/api/host/pages/intro", nil)
	read.into(t, &settings)
	if settings["title"] != "初回相談" || settings["durationMinutes"] != 30.0 || read.Header["Etag"] != `"1"` {
		t.Errorf("read: %v %v", read.Header, settings)
	}
	if again := o.as(t, "hanako", "POST", "/api/host/pages", introduction); again.Status != http.StatusConflict || again.code(t) != "slug_taken" {
		t.Errorf("made again: %d %s", again.Status, again.Text)
	}
	settings["title"] = "二回目"
	put := func(etag string) reply {
		return o.as(t, "hanako", "PUT", "/api/host/pages/intro", settings, "If-Match", etag)
	}
	if r := o.as(t, "hanako", "PUT", "/api/host/pages/intro", settings); r.Status != http.StatusPreconditionRequired {
		t.Errorf("without If-Match: %d %s", r.Status, r.Text)
	}
	if r := put(`"1"`); r.Status != http.StatusOK || r.Header["Etag"] != `"2"` {
		t.Errorf("changed: %d %v %s", r.Status, r.Header, r.Text)
	}
	settings["title"] = "別のタブ"
	if r := put(`"1"`); r.Status != http.StatusPreconditionFailed || r.code(t) != "page_changed" {
		t.Errorf("a second tab: %d %s", r.Status, r.Text)
	}
	o.as(t, "hanako", "GET", "/api/host/pages/intro", nil).into(t, &settings)
	if settings["title"] != "二回目" {
		t.Errorf("the later save changed the page: %v", settings["title"])
	}
	settings["slug"] = "other"
	if r := put(`"2"`); r.Status != http.StatusUnprocessableEntity || r.fields(t)["slug"] != "immutable" {
		t.Errorf("another slug: %d %s", r.Status, r.Text)
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNoContent} {
		if r := o.as(t, "hanako", "DELETE", "/api/host/pages/intro", nil); r.Status != want {
			t.Errorf("deleted: %d %s", r.Status, r.Text)
		}
	}
	if r := o.as(t, "hanako", "GET", "/api/host/pages/intro", nil); r.Status != http.StatusNotFound {
		t.Errorf("read after: %d %s", r.Status, r.Text)
	}
}

func TestAPageSaysWhatItsHostMustMendUntilItIsMended(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.page(t, "hanako")
	work := page.CalendarRef{Provider: page.Google, ID: "primary"}
	says := func(step string, accepting bool, problems ...string) {
		t.Helper()
		var list httpapi.PageList
		o.as(t, "hanako", "GET", "/api/host/pages", nil).into(t, &list)
		if len(list.Pages) != 1 || list.Pages[0].Accepting != accepting {
			t.Errorf("%s: %+v", step, list)
			return
		}
		if diff := cmp.Diff(append([]string{}, problems...), list.Pages[0].Problems); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", step, diff)
		}
	}
	connect := func(p connection.Provider) {
		t.Helper()
		if err := o.store.Link(t.Context(), connection.Connection{Host: "hanako", Provider: p, Status: connection.Connected}, connection.Account{}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(at time.Time, s mirror.State) {
		t.Helper()
		c := mirror.Calendar{Host: "hanako", Ref: work}
		if err := o.store.Mirror(t.Context(), c, at); err != nil {
			t.Fatal(err)
		}
		_, lease, ok, err := o.store.TakeForMirror(t.Context(), c.Key(), at, at.Add(time.Minute))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := o.store.ReturnCalendar(t.Context(), lease, s, at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	says("nothing is connected", false, "zoom_disconnected", "calendar_disconnected")
	connect(connection.Google)
	says("without Zoom", false, "zoom_disconnected")
	connect(connection.Zoom)
	says("everything is connected", true)
	read(monday, mirror.State{Missing: true, Failures: 1})
	says("the calendar is not there", false, "calendar_missing")
	read(monday.Add(time.Hour), mirror.State{Failures: 0})
	says("the calendar is back", true)
	read(monday.Add(2*time.Hour), mirror.State{Missing: true, Failures: 1})
	p, _, err := o.store.Page(t.Context(), "hanako", "intro")
	if err != nil {
		t.Fatal(err)
	}
	p.Calendars.Check = []page.CalendarRef{{Provider: page.Google, ID: "another"}}
	if err := o.store.PutPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	says("another calendar is chosen", true)
}

func TestSettingsThatBreakARuleChangeNothing(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	with := func(name string, value any) map[string]any {
		body := map[string]any{"slug": "intro", "title": "初回相談"}
		body[name] = value
		return body
	}
	for name, c := range map[string]struct {
		body   map[string]any
		fields map[string]string
	}{
		"hours that end first":                   {with("weekly", map[string]any{"mon": []any{map[string]any{"from": "18:00", "to": "09:00"}}}), map[string]string{"weekly.mon[0].to": "ends_before_from"}},
		"a setting that is not one":              {with("colour", "red"), map[string]string{"colour": "unknown"}},
		"a number as a text":                     {with("durationMinutes", "30"), map[string]string{"durationMinutes": "wrong_type"}},
		"a duration of seven":                    {with("durationMinutes", 7), map[string]string{"durationMinutes": "not_in_fives"}},
		"no title":                               {map[string]any{"slug": "intro"}, map[string]string{"title": "required"}},
		"a site that the company does not allow": {with("embedOrigins", []string{"https://www.example.com", "https://example.org"}), map[string]string{"embedOrigins[1]": "not_allowed"}},
		"options without a question":             {with("questions", []any{map[string]any{"id": "a", "label": "A", "type": "text", "required": false, "options": []any{"x"}}}), map[string]string{"questions[0].options": "leave_empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := o.as(t, "hanako", "POST", "/api/host/pages", c.body)
			if r.Status != http.StatusUnprocessableEntity {
				t.Errorf("%d %s", r.Status, r.Text)
			}
			if diff := cmp.Diff(c.fields, r.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	var list httpapi.PageList
	o.as(t, "hanako", "GET", "/api/host/pages", nil).into(t, &list)
	if len(list.Pages) != 0 {
		t.Errorf("pages: %v", list.Pages)
	}
}

func TestThePreviewSaysWhyATimeIsClosed(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.booked(t, "hanako", "held", 1, nil) // Tuesday 10:00 in Tokyo
	ask := func(date string, settings map[string]any) httpapi.Previewed {
		t.Helper()
		body := map[string]any{"title": "下書き", "slug": "draft"}
		for k, v := range settings {
			body[k] = v
		}
		r := o.as(t, "hanako", "POST", "/api/host/preview", map[string]any{"page": body, "from": "2026-11-30", "to": "2026-12-06", "date": date})
		if r.Status != http.StatusOK {
			t.Fatalf("%d %s", r.Status, r.Text)
		}
		var p httpapi.Previewed
		r.into(t, &p)
		return p
	}
	hours := []any{map[string]any{"from": "09:00", "to": "11:00"}}
	week := map[string]any{"mon": hours, "tue": hours}
	type seen struct {
		Closed  string
		Reasons []string
	}
	for name, c := range map[string]struct {
		date     string
		settings map[string]any
		want     seen
	}{
		"too soon today":        {"2026-11-30", map[string]any{"weekly": week}, seen{Reasons: []string{"too_soon", "too_soon", "", ""}}},
		"a booking":             {"2026-12-01", map[string]any{"weekly": week}, seen{Reasons: []string{"", "", "booked", ""}}},
		"a booking and buffers": {"2026-12-01", map[string]any{"weekly": week, "bufferAfterMinutes": 30}, seen{Reasons: []string{"", "booked", "booked", ""}}},
		"no hours":              {"2026-12-02", map[string]any{"weekly": week}, seen{Closed: "no_windows", Reasons: []string{}}},
		"a holiday":             {"2027-01-11", map[string]any{"weekly": week}, seen{Closed: "holiday", Reasons: []string{}}},
		"an override":           {"2026-12-01", map[string]any{"weekly": week, "overrides": []any{map[string]any{"date": "2026-12-01", "windows": []any{}}}}, seen{Closed: "override", Reasons: []string{}}},
		"too far":               {"2026-12-01", map[string]any{"weekly": week, "horizonDays": 1, "minNoticeMinutes": 0}, seen{Reasons: []string{"", "", "booked", ""}}},
		"beyond the horizon":    {"2026-12-08", map[string]any{"weekly": week, "horizonDays": 1}, seen{Reasons: []string{"beyond_horizon", "beyond_horizon", "beyond_horizon", "beyond_horizon"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ask(c.date, c.settings)
			got := seen{Closed: p.Day.Closed, Reasons: []string{}}
			for _, s := range p.Day.Slots {
				if s.Open != (s.Reason == "") {
					t.Errorf("open is %v for %q", s.Open, s.Reason)
				}
				got.Reasons = append(got.Reasons, s.Reason)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBookingsAreListedSearchedAndPaged(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	for i := range 35 {
		o.booked(t, "hanako", fmt.Sprintf("b%02d", i), i+1, func(b *booking.Booking) {
			if i%10 == 0 {
				b.Guest.Name, b.Guest.Company = "鈴木 花", "Example株式会社"
			}
		})
	}
	o.booked(t, "hanako", "past", -3, nil)
	ids := func(query string) (all []string, pages int) {
		t.Helper()
		for cursor := ""; ; {
			var list httpapi.BookingList
			r := o.as(t, "hanako", "GET", "/api/host/bookings?"+query+"&cursor="+cursor, nil)
			r.into(t, &list)
			if r.Status != http.StatusOK {
				t.Fatalf("%d %s", r.Status, r.Text)
			}
			pages++
			for _, b := range list.Bookings {
				all = append(all, b.ID)
			}
			if cursor = list.Cursor; cursor == "" {
				return all, pages
			}
		}
	}
	every, pages := ids("when=upcoming")
	if len(every) != 35 || every[0] != "b00" || every[34] != "b34" || pages != 2 {
		t.Errorf("upcoming on %d pages: %v", pages, every)
	}
	for query, want := range map[string][]string{
		"when=past":                           {"past"},
		"q=" + url.QueryEscape("example株"):    {"b00", "b10", "b20", "b30"},
		"from=2026-12-02&to=2026-12-03":       {"b01", "b02"},
		"status=failed":                       nil,
		"page=other":                          nil,
		"when=upcoming&q=TARO@&to=2026-12-02": {"b00", "b01"},
	} {
		if got, _ := ids(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if r := o.as(t, "hanako", "GET", "/api/host/bookings?cursor=nonsense", nil); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a cursor of nobody's: %d %s", r.Status, r.Text)
	}
	var detail httpapi.BookingDetail
	o.as(t, "hanako", "GET", "/api/host/bookings/b00", nil).into(t, &detail)
	if detail.ZoomMeetingID != "91234567890" || len(detail.Steps) != 5 || detail.Answers[0].Value != "導入" || detail.Guest.TimeZone != "Asia/Tokyo" || detail.CanRetry {
		t.Errorf("detail: %+v", detail)
	}
	if r := o.as(t, "hanako", "POST", "/api/host/bookings/b00/retry", nil); r.Status != http.StatusConflict || r.code(t) != "nothing_to_retry" {
		t.Errorf("retry: %d %s", r.Status, r.Text)
	}
}

func TestWhateverNeedsAttentionIsCountedHoweverOldItIs(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.open(t, "jiro")
	left := func(b *booking.Booking) {
		b.Status, b.Deadline = booking.Cancelled, monday
		b.Mark(booking.Meeting, booking.Done, monday)
	}
	o.booked(t, "hanako", "ahead", 3, left)
	o.booked(t, "hanako", "long ago", -200, left)
	o.booked(t, "hanako", "under way", 4, func(b *booking.Booking) { b.Status, b.Deadline = booking.Pending, monday })
	o.booked(t, "hanako", "well", 5, nil)
	o.booked(t, "jiro", "another's", 3, left)
	for who, want := range map[string]int{"hanako": 2, "jiro": 1} {
		var s httpapi.Summary
		o.as(t, who, "GET", "/api/host/summary", nil).into(t, &s)
		if s.NeedsAttention != want {
			t.Errorf("%s: %d need attention, want %d", who, s.NeedsAttention, want)
		}
	}
}

func TestAHostCancelsABookingAndItsSlotIsFree(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.booked(t, "hanako", "ahead", 2, nil)
	o.booked(t, "hanako", "past", -2, nil)
	o.booked(t, "hanako", "failed", 3, func(b *booking.Booking) { b.Status = booking.Failed })
	cancel := func(id string) reply {
		return o.as(t, "hanako", "POST", "/api/host/bookings/"+id+"/cancel", map[string]any{"message": "急用のため"})
	}
	for range 2 { // once more is quiet
		if r := cancel("ahead"); r.Status != http.StatusAccepted {
			t.Fatalf("%d %s", r.Status, r.Text)
		}
	}
	if diff := cmp.Diff([]string{"ahead cancelled"}, o.begun); diff != "" {
		t.Errorf("sagas (-want +got):\n%s", diff)
	}
	b, err := o.store.Booking(t.Context(), "ahead")
	if err != nil || b.Status != booking.Cancelled || b.Cancellation.Message != "急用のため" || b.Cancellation.By != booking.ByHost || b.Deadline.IsZero() {
		t.Errorf("stored %+v: %v", b, err)
	}
	o.booked(t, "hanako", "next", 2, nil) // the same time
	for _, id := range []string{"past", "failed"} {
		if r := cancel(id); r.Status != http.StatusConflict || r.code(t) != "not_cancellable" {
			t.Errorf("%s: %d %s", id, r.Status, r.Text)
		}
	}
	if r := o.as(t, "hanako", "POST", "/api/host/bookings/next/cancel", map[string]any{"message": "a\u001bb"}); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a control character: %d %s", r.Status, r.Text)
	}
}

func TestConnectingBindsTheAttemptToTheBrowser(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	r := o.as(t, "hanako", "POST", "/api/host/connections/zoom", nil)
	cookie := r.Header["Set-Cookie"]
	for _, part := range []string{"__Host-connect=browser", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"} {
		if r.Status != http.StatusOK || !strings.Contains(cookie, part) {
			t.Errorf("%d, %q lacks %q", r.Status, cookie, part)
		}
	}
	for path, want := range map[string]int{"microsoft": http.StatusServiceUnavailable, "myspace": http.StatusNotFound} {
		if r := o.as(t, "hanako", "POST", "/api/host/connections/"+path, nil); r.Status != want {
			t.Errorf("%s: %d %s", path, r.Status, r.Text)
		}
	}
	var list httpapi.ConnectionList
	o.as(t, "hanako", "GET", "/api/host/connections", nil).into(t, &list)
	want := httpapi.ConnectionList{Connections: []httpapi.Connection{
		{Provider: "zoom", Available: true, Status: "disconnected", Warnings: []string{}},
		{Provider: "google", Available: true, Status: "disconnected", Warnings: []string{}},
		{Provider: "microsoft", Available: false, Status: "disconnected", Warnings: []string{}},
	}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
}

func TestAnAccountIsClosedWithEverythingInIt(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.page(t, "hanako")
	b := o.booked(t, "hanako", "ahead", 2, nil)
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanak", nil); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("mistyped: %d %s", r.Status, r.Text)
	}
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanako", nil); r.Status != http.StatusConflict || r.code(t) != "bookings_ahead" {
		t.Errorf("with a booking ahead: %d %s", r.Status, r.Text)
	}
	exported := o.as(t, "hanako", "GET", "/api/host/export", nil)
	for _, part := range []string{"taro@example.com", `"slug": "intro"`, `"handle": "hanako"`} {
		if !strings.Contains(exported.Text, part) {
			t.Errorf("the export lacks %s", part)
		}
	}
	if r := o.as(t, "hanako", "POST", "/api/host/bookings/ahead/cancel", map[string]any{}); r.Status != http.StatusAccepted {
		t.Fatalf("cancelled: %d %s", r.Status, r.Text)
	}
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanako", nil); r.Status != http.StatusConflict || r.code(t) != "bookings_unsettled" {
		t.Errorf("while its guest is still to be told: %d %s", r.Status, r.Text)
	}
	b, err := o.store.Booking(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Mark(booking.Mail, booking.Done, time.Now())
	if err := o.store.Save(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanako", nil); r.Status != http.StatusNoContent {
		t.Fatalf("closed: %d %s", r.Status, r.Text)
	}
	if r := o.as(t, "hanako", "GET", "/api/host/profile", nil); r.code(t) != "profile_missing" {
		t.Errorf("after: %d %s", r.Status, r.Text)
	}
	if _, err := o.store.Booking(t.Context(), "ahead"); err == nil {
		t.Error("the booking is there")
	}
	if r := o.as(t, "jiro", "PUT", "/api/host/profile", map[string]any{"handle": "hanako", "name": "次郎", "timezone": "Asia/Tokyo", "locale": "ja"}); r.Status != http.StatusConflict {
		t.Errorf("the handle was given to another: %d %s", r.Status, r.Text)
	}
}

// The operations come from the document, so that one cannot be forgotten here.
func TestWhatFailsForAHostIsLoggedWithWhoseItIs(t *testing.T) {
	for path, want := range map[string]string{
		"/api/host/connections/google":    "end hanako's connection to google: the key is away",
		"/api/host/profile?handle=hanako": "close the account of hanako: the key is away",
	} {
		t.Run(path, func(t *testing.T) {
			o := newOffice(t)
			o.open(t, "hanako")
			o.fails = errors.New("the key is away")
			log := capture(t)
			if r := o.as(t, "hanako", "DELETE", path, nil); r.Status != http.StatusInternalServerError {
				t.Errorf("%d %s", r.Status, r.Text)
			}
			var line struct{ Level, Msg, Error string }
			if err := json.NewDecoder(log).Decode(&line); err != nil || line.Level != "ERROR" || line.Error != want {
				t.Errorf("logged %+v, %v; want %s", line, err, want)
			}
		})
	}
}

func TestNoHostReachesWhatIsAnothers(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.page(t, "hanako")
	o.booked(t, "hanako", "hers", 2, nil)
	if err := o.store.AddHook(t.Context(), hook.Hook{ID: "hers", Host: "hanako", URL: "https://hanako.example"}, monday); err != nil {
		t.Fatal(err)
	}
	told := o.delivered(t, "hanako", "hers", 1)
	if err := o.store.AddKey(t.Context(), apikey.Key{ID: "hers", Host: "hanako", Name: "CRM", Hash: "hers"}, monday); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Security    []map[string]any
		} `json:"paths"`
	}
	if err := json.Unmarshal(httpapi.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]any{
		"put-profile": map[string]any{"handle": "hanako", "name": "Mallory", "timezone": "Asia/Tokyo", "locale": "en"},
		"create-page": introduction, "put-settings": introduction,
		"create-hook": map[string]any{"url": "https://mallory.example"}, "change-hook": map[string]any{"url": "https://mallory.example"},
		"cancel-own-booking": map[string]any{}, "reschedule-own-booking": map[string]any{"start": "2026-12-01T10:00:00+09:00"},
		"create-key": map[string]any{"name": "Mallory", "scopes": []string{"bookings:read"}},
		"preview":    map[string]any{"page": introduction, "from": "2026-12-01", "to": "2026-12-03", "date": "2026-12-02"},
	}
	queries := map[string]string{"delete-profile": "?handle=hanako"}
	n := 0
	for path, methods := range document.Paths {
		for method, operation := range methods {
			if !strings.HasPrefix(path, "/api/host/") {
				continue
			}
			n++
			t.Run(operation.OperationID, func(t *testing.T) {
				if len(operation.Security) != 1 || operation.Security[0]["hostToken"] == nil {
					t.Errorf("security: %v", operation.Security)
				}
				method := strings.ToUpper(method)
				filled := strings.NewReplacer("{page}", "intro", "{id}", "hers", "{provider}", "zoom", "{hook}", "hers", "{key}", "hers", "{delivery}", told.ID).Replace(path) + queries[operation.OperationID]
				body := bodies[operation.OperationID]
				if r := o.as(t, "", method, filled, body, "If-Match", `"1"`); r.Status != http.StatusUnauthorized || r.code(t) != "signed_out" {
					t.Errorf("nobody: %d %s", r.Status, r.Text)
				}
				if r := o.as(t, "stranger", method, filled, body, "If-Match", `"1"`); operation.OperationID != "put-profile" && (r.Status != http.StatusNotFound || r.code(t) != "profile_missing") {
					t.Errorf("somebody without an account: %d %s", r.Status, r.Text)
				}
				mallory := "mallory-" + operation.OperationID // each has an account of their own
				o.open(t, mallory)
				before := o.everything(t)
				r := o.as(t, mallory, method, filled, body, "If-Match", `"1"`)
				if strings.Contains(filled, "/hers") || strings.Contains(path, "{page}") && method != http.MethodDelete {
					if r.Status != http.StatusNotFound {
						t.Errorf("another's: %d %s", r.Status, r.Text)
					}
				}
				for _, secret := range []string{"taro@example.com", "hanako@example.com", "91234567890", "hanako.example"} {
					if strings.Contains(r.Text, secret) {
						t.Errorf("%s is told: %s", secret, r.Text)
					}
				}
				if diff := cmp.Diff(before, o.everything(t)); diff != "" {
					t.Errorf("what is hers changed:\n%s", diff)
				}
			})
		}
	}
	auth := 0
	for _, r := range httpapi.Routes() {
		if strings.HasPrefix(r.Path, "/api/host/") {
			if r.Method != http.MethodHead { // each comes with its GET
				auth++
			}
			if !r.Auth {
				t.Errorf("%s %s is open to all", r.Method, r.Path)
			}
		} else if r.Auth {
			t.Errorf("%s %s asks for a host", r.Method, r.Path)
		}
	}
	if n != auth {
		t.Errorf("%d operations for %d routes", n, auth)
	}
}

// everything is what is hanako's.
func (o *office) everything(t *testing.T) (all struct {
	Host     host.Host
	Pages    []page.Page
	Bookings []booking.Booking
	Hooks    []hook.Hook
	Told     []hook.Delivery
	Keys     []apikey.Key
}) {
	t.Helper()
	var err error
	if all.Host, err = o.store.Host(t.Context(), "hanako"); err != nil {
		t.Fatal(err)
	}
	if all.Pages, err = o.store.Pages(t.Context(), "hanako"); err != nil {
		t.Fatal(err)
	}
	found, err := o.store.HostBookings(t.Context(), booking.Search{Host: "hanako", From: monday.AddDate(-1, 0, 0), To: monday.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	all.Bookings = found.Bookings
	if all.Hooks, err = o.store.Hooks(t.Context(), "hanako"); err != nil {
		t.Fatal(err)
	}
	if all.Told, _, err = o.store.Deliveries(t.Context(), "hanako", "hers", "", 100); err != nil {
		t.Fatal(err)
	}
	if all.Keys, err = o.store.Keys(t.Context(), "hanako"); err != nil {
		t.Fatal(err)
	}
	return all
}
