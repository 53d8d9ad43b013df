package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/host"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
)

// pages is one page in memory.
type pages struct {
	offer    booking.Offer
	slots    []availability.Slot
	from, to time.Time // as asked for
}

func (p *pages) Page(context.Context, string, string) (booking.Offer, error) { return p.offer, nil }

func (p *pages) Slots(_ context.Context, _, _ string, from, to time.Time) (booking.Month, error) {
	p.from, p.to = from, to
	return booking.Month{Offer: p.offer, Slots: p.slots}, nil
}

// bookings answers every call alike.
type bookings struct {
	receipt   booking.Receipt
	booking   booking.Booking
	err       error
	panics    any
	submitted []booking.Submission
	codes     []booking.CodeRequest
	cancelled []string
	moved     []string
	month     booking.Month
}

func (b *bookings) Reschedule(_ context.Context, id, token string, start time.Time) error {
	b.moved = append(b.moved, id+" "+token+" "+start.UTC().Format(time.RFC3339))
	return b.err
}

func (b *bookings) OwnSlots(_ context.Context, _, _ string, _, _ time.Time) (booking.Month, error) {
	return b.month, b.err
}

func (b *bookings) SendCode(_ context.Context, r booking.CodeRequest) error {
	b.codes = append(b.codes, r)
	return b.err
}

func (b *bookings) Cancel(_ context.Context, id, token string, _ booking.CancelReason, message string) error {
	b.cancelled = append(b.cancelled, id+" "+token+" "+message)
	return b.err
}

func (b *bookings) Submit(_ context.Context, s booking.Submission) (booking.Receipt, error) {
	b.submitted = append(b.submitted, s)
	if b.panics != nil {
		panic(b.panics)
	}
	return b.receipt, b.err
}

func (b *bookings) View(context.Context, string, string) (booking.Booking, error) {
	return b.booking, b.err
}

const (
	submitPath = "/api/pages/demo/intro/bookings"
	good       = `{"start":"2026-12-01T10:00:00+09:00","guest":{"name":" 山田 太郎 ","email":"taro@example.com",` +
		`"timezone":"Asia/Tokyo","locale":"ja"},"answers":{"topic":"導入","days":["火","水"],"agreed":true}}`
)

var ten = time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC) // in Tokyo

func TestTheCommittedDocumentIsTheOneThatTheOperationsMake(t *testing.T) {
	made, err := httpapi.Document()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(made), string(httpapi.OpenAPI)); diff != "" {
		t.Errorf("run go generate ./shared/httpapi (-made +committed):\n%s", diff)
	}
}

func TestTheDocumentIsOpenAPI31AndHasEveryRouteOfTheAPI(t *testing.T) {
	var document struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(httpapi.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1.") {
		t.Errorf("openapi is %q", document.OpenAPI)
	}
	var routes, operations []string
	for _, r := range httpapi.Routes() {
		// Where providers send browsers back to, and notifications, is for nobody's
		// program.
		own := []httpapi.Function{httpapi.SiteFunction, httpapi.OAuthFunction, httpapi.WebhookFunction}
		if strings.HasPrefix(r.Path, "/api/") && !slices.Contains(own, r.Function) && r.Method != http.MethodHead {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	for path, methods := range document.Paths {
		for method := range methods {
			operations = append(operations, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(operations)
	if diff := cmp.Diff(routes, operations); diff != "" {
		t.Errorf("operations (-routes +document):\n%s", diff)
	}
}

func TestAnErrorOfADeskIsAProblemInTheCallersLanguage(t *testing.T) {
	const inner = "table arn:aws:4711 is on fire"
	tests := []struct {
		name   string
		err    error
		status int
		code   problem.Code
		fields []problem.Field
	}{
		{"slot taken", &booking.SlotTaken{}, 409, problem.SlotTaken, nil},
		{"slot taken, and not released", errors.Join(errors.New(inner), &booking.SlotTaken{}), 409, problem.SlotTaken, nil},
		{"slot not open", &booking.SlotNotOpen{Verdict: availability.Busy}, 422, problem.SlotNotOpen,
			[]problem.Field{{Field: "start", Code: problem.NotOpen}}},
		{"too many", &booking.RateLimited{Until: time.Now().Add(time.Minute)}, 429, problem.RateLimited, nil},
		{"key reused", &booking.KeyReused{}, 409, problem.KeyReused, nil},
		{"not reschedulable", &booking.NotMovable{}, 409, problem.NotReschedulable, nil},
		{"being changed", &booking.Changing{}, 409, problem.BookingChanging, nil},
		{"not accepting", &booking.NotAccepting{}, 503, problem.NotAccepting, nil},
		{"page not found", fmt.Errorf("read: %w", &booking.PageNotFound{}), 404, problem.PageNotFound, nil},
		{"booking not found", &booking.NotFound{}, 404, problem.BookingNotFound, nil},
		{"invalid parts", &booking.Invalid{Fields: []booking.FieldProblem{
			{Field: "answers.a", Code: booking.Missing}, {Field: "answers.b", Code: booking.Unknown}, {Field: "answers.c", Code: booking.WrongType},
			{Field: "answers.d", Code: booking.TooLong}, {Field: "answers.e", Code: booking.NoOption}, {Field: "code", Code: booking.WrongCode},
			{Field: "consent", Code: booking.ConsentChanged}, {Field: "guest.coAttendees", Code: booking.TooMany},
		}}, 422, problem.ValidationFailed, []problem.Field{
			{Field: "answers.a", Code: problem.Required}, {Field: "answers.b", Code: problem.Unknown}, {Field: "answers.c", Code: problem.WrongType},
			{Field: "answers.d", Code: problem.TooLong}, {Field: "answers.e", Code: problem.NotAnOption}, {Field: "code", Code: problem.WrongCode},
			{Field: "consent", Code: problem.ConsentChanged}, {Field: "guest.coAttendees", Code: problem.TooMany},
		}},
		{"any other", errors.New(inner), 500, problem.Internal, nil},
	}
	for _, test := range tests {
		for _, l := range []language.Tag{language.Japanese, language.English} {
			t.Run(test.name+" in "+string(l), func(t *testing.T) {
				desk := httpapi.Booking(&bookings{err: test.err})
				for _, answer := range []*httptest.ResponseRecorder{
					post(desk, good, "Accept-Language", string(l)),
					ask(desk, "GET", "/api/bookings/b1", "", "Accept-Language", string(l), "Authorization", "Bearer t"),
				} {
					mustBeProblem(t, answer, l, test.status, test.code, slices.Clone(test.fields)...)
					if strings.Contains(answer.Body.String(), "4711") {
						t.Errorf("the body tells the error: %s", answer.Body)
					}
				}
			})
		}
	}
}

func TestWhatNoOperationTakesIsAProblem(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		code         problem.Code
		allow        string
	}{
		{"GET", "/", 404, problem.NotFound, ""},
		{"GET", "/api/bookings/", 404, problem.NotFound, ""},
		{"POST", "/api/nothing", 404, problem.NotFound, ""},
		{"GET", submitPath, 405, problem.MethodNotAllowed, "POST"},
		{"DELETE", "/api/bookings/b1", 405, problem.MethodNotAllowed, "GET, HEAD"},
		{"PUT", "/api/bookings/b1/invite.ics", 405, problem.MethodNotAllowed, "GET, HEAD"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			answer := ask(httpapi.Booking(&bookings{}), test.method, test.path, "", "Accept-Language", "ja")
			mustBeProblem(t, answer, language.Japanese, test.status, test.code)
			if got := answer.Header().Get("Allow"); got != test.allow {
				t.Errorf("Allow: %q, want %q", got, test.allow)
			}
		})
	}
	answer := ask(httpapi.BookingPage(&pages{}), "POST", "/api/pages/demo/intro", "")
	mustBeProblem(t, answer, language.English, 405, problem.MethodNotAllowed)
}

func TestBodiesAreJSONHoweverThatIsWritten(t *testing.T) {
	for kind, want := range map[string]int{
		"application/json": 202, "Application/JSON; charset=UTF-8": 202,
		"": 415, "text/plain": 415, "application/merge-patch+json": 415,
	} {
		r := httptest.NewRequest("POST", submitPath, strings.NewReader(good))
		r.Header.Set("Idempotency-Key", "0123456789abcdef")
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		w := httptest.NewRecorder()
		httpapi.Booking(&bookings{}).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: status %d, want %d", kind, w.Code, want)
		}
	}
}

// A page may ask twenty questions, each to be answered in 2,000 letters of three
// bytes.
func TestASubmissionMayBeAsLongAsAPageLetsItBe(t *testing.T) {
	var answers []string
	for i := range 20 {
		answers = append(answers, fmt.Sprintf(`"q%d":"%s"`, i, strings.Repeat("あ", 2000)))
	}
	long := strings.Replace(good, `"topic":"導入"`, strings.Join(answers, ","), 1)
	padded := func(n int) string { return good + strings.Repeat(" ", n-len(good)) }
	tests := map[string]struct {
		body string
		want int
	}{
		"twenty long answers": {long, 202},
		"the limit":           {padded(128 << 10), 202},
		"a byte more":         {padded(128<<10 + 1), 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if answer := post(httpapi.Booking(&bookings{}), test.body); answer.Code != test.want {
				t.Errorf("%d bytes: status %d, want %d: %.200s", len(test.body), answer.Code, test.want, answer.Body)
			}
		})
	}
}

func TestWhatTakesGETTakesHEAD(t *testing.T) {
	known := map[httpapi.Route]bool{}
	for _, r := range httpapi.Routes() {
		known[r] = true
	}
	for r := range known {
		head := r
		head.Method = http.MethodHead
		if r.Method == http.MethodGet && !known[head] {
			t.Errorf("no HEAD %s", r.Path)
		}
	}
	desk := &bookings{booking: booking.Booking{Guest: booking.Guest{TimeZone: "Asia/Tokyo"}}}
	answer := ask(httpapi.Booking(desk), "HEAD", "/api/bookings/b1", "", "Authorization", "Bearer t")
	if answer.Code != 200 {
		t.Errorf("HEAD of a booking: status %d", answer.Code)
	}
}

// Who is mailed a code chose the address; nothing of ours failed.
func TestACodeThatCannotBeMailedIsTheGuestsToMend(t *testing.T) {
	const inner = "550 5.1.1"
	tests := map[string]struct {
		err    error
		status int
		code   problem.Code
		fields []problem.Field
	}{
		"the address": {&mail.Refused{Op: "send", Err: errors.New(inner)}, 422, problem.ValidationFailed, []problem.Field{{Field: "email", Code: problem.BadEmail}}},
		"too many":    {&mail.RateLimited{Op: "send", Err: errors.New(inner)}, 429, problem.RateLimited, nil},
		"our side":    {&mail.Unavailable{Op: "send", Err: errors.New(inner)}, 500, problem.Internal, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			logged := capture(t)
			answer := ask(httpapi.Booking(&bookings{err: test.err}), "POST", codesPath, `{"email":"taro@example.com","locale":"en"}`, "Content-Type", "application/json")
			mustBeProblem(t, answer, language.English, test.status, test.code, test.fields...)
			if failed := strings.Contains(logged.String(), `"ERROR"`); failed != (test.status == 500) {
				t.Errorf("logged:\n%s", logged)
			}
		})
	}
}

func TestWhatCannotBeSeenOrTurnsTextAroundIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new, field string }{
		"a name of nothing":        {`" 山田 太郎 "`, `"\u200b\u2060"`, "guest.name"},
		"a name of fillers":        {`" 山田 太郎 "`, `"\u3164 \u2800\ufe0f"`, "guest.name"},
		"a name that turns text":   {`" 山田 太郎 "`, `"山田\u202eexe"`, "guest.name"},
		"a company that does":      {`"name":" 山田 太郎 "`, `"name":"山田","company":"\u2066株"`, "guest.company"},
		"an answer with a return":  {`"導入"`, `"導\r入"`, "answers.topic"},
		"an answer with a NUL":     {`"導入"`, `"導\u0000入"`, "answers.topic"},
		"an answer with an escape": {`"導入"`, `"\u001b[31m"`, "answers.topic"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := post(httpapi.Booking(&bookings{}), strings.Replace(good, c.old, c.new, 1))
			if answer.Code != 422 || !strings.Contains(answer.Body.String(), `"field":"`+c.field+`"`) {
				t.Errorf("status %d, %s", answer.Code, answer.Body)
			}
		})
	}
	lines := strings.Replace(good, `"導入"`, `"一行目\r\n\t二行目"`, 1)
	if answer := post(httpapi.Booking(&bookings{}), lines); answer.Code != 202 {
		t.Errorf("several lines: status %d, %s", answer.Code, answer.Body)
	}
}

func TestAPanicIsAProblemAndItsValueIsNotLogged(t *testing.T) {
	logged := capture(t)
	answer := post(httpapi.Booking(&bookings{panics: "taro@example.com"}), good)
	mustBeProblem(t, answer, language.English, 500, problem.Internal)
	if text := logged.String(); !strings.Contains(text, "panic") || strings.Contains(text, "taro@") {
		t.Errorf("logged:\n%s", text)
	}
}

func TestASubmissionReachesTheDeskAndIsAnsweredInTheGuestsZone(t *testing.T) {
	desk := &bookings{receipt: booking.Receipt{ID: "b1", Token: "t", Start: ten, End: ten.Add(30 * time.Minute)}}
	answer := post(httpapi.Booking(desk), good)
	want := map[string]any{"id": "b1", "token": "t", "status": "pending",
		"start": "2026-12-01T10:00:00+09:00", "end": "2026-12-01T10:30:00+09:00"}
	if diff := cmp.Diff(want, mustDecode[map[string]any](t, answer)); answer.Code != 202 || diff != "" {
		t.Errorf("status %d (-want +got):\n%s", answer.Code, diff)
	}
	headers := map[string]string{"Location": "/api/bookings/b1", "Cache-Control": "no-store"}
	for name, want := range headers {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	submitted := []booking.Submission{{
		Host: "demo", Page: "intro", Key: key, Start: ten,
		Guest:   booking.Guest{Name: "山田 太郎", Email: "taro@example.com", TimeZone: "Asia/Tokyo", Language: language.Japanese},
		Answers: map[string]any{"topic": "導入", "days": []string{"火", "水"}, "agreed": true},
		Address: sender,
	}}
	if diff := cmp.Diff(submitted, desk.submitted); diff != "" {
		t.Errorf("submitted (-want +got):\n%s", diff)
	}
}

// sender is where httptest's requests come from.
const sender = "192.0.2.1:1234"

func TestWhatIsOptionalReachesTheDeskToo(t *testing.T) {
	desk := &bookings{}
	post(httpapi.Booking(desk), strings.NewReplacer(`"locale":"ja"`, `"locale":"ja","coAttendees":["a@example.com"]`,
		`"answers":`, `"consent":"2","code":"123456","fillSeconds":2.5,"answers":`).Replace(good))
	filledIn := 2500 * time.Millisecond
	want := booking.Submission{Consent: "2", Code: "123456", FilledIn: &filledIn, Guest: booking.Guest{CoAttendees: []string{"a@example.com"}}}
	got := desk.submitted[0]
	if diff := cmp.Diff(want, booking.Submission{Consent: got.Consent, Code: got.Code, FilledIn: got.FilledIn,
		Guest: booking.Guest{CoAttendees: got.Guest.CoAttendees}}); diff != "" {
		t.Errorf("submitted (-want +got):\n%s", diff)
	}
}

func TestARobotIsToldWhatGaveItAway(t *testing.T) {
	answer := post(httpapi.Booking(&bookings{}), strings.Replace(good, `"answers"`, `"website":"http://spam.example","answers"`, 1))
	mustBeProblem(t, answer, language.English, 422, problem.ValidationFailed, problem.Field{Field: "website", Code: problem.LeaveEmpty})
}

func TestWhoAsksTooOftenIsToldWhenToAskAgain(t *testing.T) {
	desk := httpapi.Booking(&bookings{err: &booking.RateLimited{Until: time.Now().Add(time.Hour)}})
	for path, body := range map[string]string{submitPath: good, codesPath: `{"email":"taro@example.com","locale":"ja"}`} {
		answer := ask(desk, "POST", path, body, "Content-Type", "application/json", "Idempotency-Key", key)
		mustBeProblem(t, answer, language.English, 429, problem.RateLimited)
		if seconds, err := strconv.Atoi(answer.Header().Get("Retry-After")); err != nil || seconds < 3590 || seconds > 3600 {
			t.Errorf("%s: Retry-After: %q", path, answer.Header().Get("Retry-After"))
		}
	}
}

const codesPath = "/api/pages/demo/intro/codes"

func TestACodeIsAskedForByMailAddress(t *testing.T) {
	desk := &bookings{}
	answer := ask(httpapi.Booking(desk), "POST", codesPath, `{"email":"taro@example.com","locale":"ja"}`, "Content-Type", "application/json")
	if diff := cmp.Diff(`{"validSeconds":600}`, strings.TrimSpace(answer.Body.String())); answer.Code != 202 || diff != "" {
		t.Errorf("status %d (-want +got):\n%s", answer.Code, diff)
	}
	want := []booking.CodeRequest{{Host: "demo", Page: "intro", Email: "taro@example.com", Language: language.Japanese, Address: sender}}
	if diff := cmp.Diff(want, desk.codes); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	answer = ask(httpapi.Booking(&bookings{}), "POST", codesPath, `{"email":"taro","locale":"ja"}`, "Content-Type", "application/json")
	mustBeProblem(t, answer, language.English, 422, problem.ValidationFailed, problem.Field{Field: "email", Code: problem.BadEmail})
}

// shown is of a booking's view what depends on its state.
type shown struct {
	Status       booking.Status `json:"status"`
	Start        string         `json:"start"`
	End          string         `json:"end"`
	JoinURL      string         `json:"joinUrl"`
	Passcode     string         `json:"passcode"`
	Note         string         `json:"note"`
	Reason       booking.Reason `json:"reason"`
	ReasonDetail string         `json:"reasonDetail"`
	Steps        []shownStep    `json:"steps"`
}

type shownStep struct {
	Name   booking.Step       `json:"name"`
	Status booking.StepStatus `json:"status"`
	At     string             `json:"at"`
}

func TestAGuestSeesTheWayToJoinOnceConfirmedAndTheReasonOnceFailed(t *testing.T) {
	const start, end = "2026-11-30T20:00:00-05:00", "2026-11-30T20:30:00-05:00"
	steps := []shownStep{
		{booking.Hold, booking.Done, "2026-11-29T20:00:00-05:00"},
		{booking.Meeting, booking.Started, "2026-11-29T20:00:01-05:00"},
		{booking.Event, booking.Waiting, ""},
		{booking.Mail, booking.Waiting, ""},
	}
	tests := []struct {
		status booking.Status
		accept string
		want   shown
	}{
		{booking.Pending, "en", shown{}},
		{booking.Cancelled, "en", shown{}},
		{booking.Confirmed, "en", shown{JoinURL: "https://zoom.example/j/1", Passcode: "123456", Note: "資料をご用意ください"}},
		{booking.Failed, "en", shown{Reason: booking.ReasonSlotTaken,
			ReasonDetail: "The host's calendar filled up at this time. Please choose another time."}},
		{booking.Failed, "ja", shown{Reason: booking.ReasonSlotTaken,
			ReasonDetail: "この時間にホストの予定が入りました。別の日時をお選びください。"}},
	}
	for _, test := range tests {
		t.Run(string(test.status)+" in "+test.accept, func(t *testing.T) {
			b := stored(test.status, booking.ReasonSlotTaken)
			test.want.Status, test.want.Start, test.want.End, test.want.Steps = test.status, start, end, steps
			if diff := cmp.Diff(test.want, mustView(t, b, test.accept)); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSlotsAreWrittenInTheZoneAskedFor(t *testing.T) {
	slots := []availability.Slot{{Start: ten, End: ten.Add(30 * time.Minute)}}
	tests := []struct {
		name, query string
		slots       []availability.Slot
		want        string
		from, to    string
	}{
		{"the zone asked for", "from=2026-11-30&to=2026-11-30&timezone=America/New_York", slots,
			`{"timezone":"America/New_York","durationMinutes":30,"slots":[{"start":"2026-11-30T20:00:00-05:00","end":"2026-11-30T20:30:00-05:00"}]}`,
			"2026-11-30T05:00:00Z", "2026-12-01T05:00:00Z"},
		{"the page's zone if none is, from the same read", "from=2026-12-01&to=2026-12-02", append(slots,
			availability.Slot{Start: ten.AddDate(0, 0, 2), End: ten.AddDate(0, 0, 2).Add(30 * time.Minute)}),
			`{"timezone":"Asia/Tokyo","durationMinutes":30,"slots":[{"start":"2026-12-01T10:00:00+09:00","end":"2026-12-01T10:30:00+09:00"}]}`,
			"2026-11-30T09:00:00Z", "2026-12-03T15:00:00Z"},
		{"none, on a day of 25 hours", "from=2026-11-01&to=2026-11-01&timezone=America/New_York", nil,
			`{"timezone":"America/New_York","durationMinutes":30,"slots":[]}`,
			"2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := &pages{slots: test.slots, offer: booking.Offer{
				Host: host.Host{Name: "約束 花子"}, Page: page.Page{TimeZone: "Asia/Tokyo", DurationMinutes: 30}, Accepting: true}}
			answer := ask(httpapi.BookingPage(p), "GET", "/api/pages/demo/intro/slots?"+test.query, "")
			if diff := cmp.Diff(test.want, strings.TrimSpace(answer.Body.String())); answer.Code != 200 || diff != "" {
				t.Errorf("status %d (-want +got):\n%s", answer.Code, diff)
			}
			span := []string{p.from.UTC().Format(time.RFC3339), p.to.UTC().Format(time.RFC3339)}
			if diff := cmp.Diff([]string{test.from, test.to}, span); diff != "" {
				t.Errorf("span asked for (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOwnSlotsSayWhetherAndUntilWhenThereAreSome(t *testing.T) {
	slots := []availability.Slot{{Start: ten, End: ten.Add(45 * time.Minute)}}
	offer := booking.Offer{Page: page.Page{TimeZone: "Asia/Tokyo", DurationMinutes: 45}, Accepting: true, LastDate: "2027-01-30"}
	for name, test := range map[string]struct {
		month booking.Month
		want  string
	}{
		"some": {booking.Month{Offer: offer, Slots: slots}, `{"timezone":"America/New_York","durationMinutes":45,` +
			`"slots":[{"start":"2026-11-30T20:00:00-05:00","end":"2026-11-30T20:45:00-05:00"}],"accepting":true,"lastDate":"2027-01-30"}`},
		"none, as the page takes nothing": {booking.Month{}, `{"timezone":"America/New_York","durationMinutes":0,"slots":[],"accepting":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			answer := ask(httpapi.Booking(&bookings{month: test.month}), "GET",
				"/api/bookings/b1/slots?from=2026-11-30&to=2026-11-30&timezone=America/New_York", "", "Authorization", "Bearer token")
			if diff := cmp.Diff(test.want, strings.TrimSpace(answer.Body.String())); answer.Code != 200 || diff != "" {
				t.Errorf("status %d (-want +got):\n%s", answer.Code, diff)
			}
			if kept := answer.Header().Get("Cache-Control"); kept != "no-store" {
				t.Errorf("Cache-Control %q", kept)
			}
		})
	}
}

func TestALogHoldsNothingOfABadSubmission(t *testing.T) {
	tests := []struct {
		name, from, to string
		err            error
	}{
		{"a mail address with a name in it", `"taro@example.com"`, `"山田 <taro@example.com>"`, nil},
		{"a name that is too long", `" 山田 太郎 "`, `"` + strings.Repeat("山田", 80) + `"`, nil},
		{"a mail address as a name of a field", `"guest":{`, `"guest":{"taro@example.com":"山田",`, nil},
		{"a body cut short", `}}`, ``, nil},
		{"a refusal of the desk", "", "", &booking.SlotTaken{}},
		{"a failure of the desk", "", "", errors.New("on fire")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			logged := capture(t)
			answer := post(httpapi.Booking(&bookings{err: test.err}), strings.Replace(good, test.from, test.to, 1))
			if answer.Code < 400 {
				t.Errorf("status %d", answer.Code)
			}
			text := logged.String()
			if !strings.Contains(text, "POST") {
				t.Fatalf("the log shows nothing: %s", text)
			}
			for _, personal := range []string{"山田", "taro", key} {
				if strings.Contains(text, personal) {
					t.Errorf("the log holds %q:\n%s", personal, text)
				}
			}
		})
	}
}

func TestEveryProblemHasWordsInBothLanguages(t *testing.T) {
	for _, code := range constants(t, "../problem/problem.go", "Code") {
		ja, en := problem.New(language.Japanese, problem.Code(code)), problem.New(language.English, problem.Code(code))
		if string(ja.Code) != code || ja.Status != en.Status || ja.Status < 400 {
			t.Errorf("%s: code %s, status %d and %d", code, ja.Code, ja.Status, en.Status)
		}
		mustBeWords(t, code+" title", ja.Title, en.Title)
		mustBeWords(t, code+" detail", ja.Detail, en.Detail)
	}
	for _, code := range constants(t, "../problem/problem.go", "FieldCode") {
		words := func(l language.Tag) string {
			return problem.New(l, problem.ValidationFailed, problem.Field{Code: problem.FieldCode(code)}).Errors[0].Detail
		}
		mustBeWords(t, code, words(language.Japanese), words(language.English))
	}
}

func TestEveryReasonOfAFailureHasWordsInBothLanguages(t *testing.T) {
	for _, reason := range constants(t, "../booking/booking.go", "Reason") {
		if booking.Reason(reason) == booking.ReasonNone {
			continue
		}
		b := stored(booking.Failed, booking.Reason(reason))
		mustBeWords(t, reason, mustView(t, b, "ja").ReasonDetail, mustView(t, b, "en").ReasonDetail)
	}
}

// stored is a booking with everything in it that a guest may or may not see.
func stored(status booking.Status, reason booking.Reason) booking.Booking {
	return booking.Booking{
		ID: "b1", Status: status, Reason: reason, Start: ten, End: ten.Add(30 * time.Minute),
		Guest: booking.Guest{Name: "山田 太郎", Email: "taro@example.com", TimeZone: "America/New_York"},
		Terms: booking.Terms{Title: "初回相談", HostName: "約束 花子", HostTimeZone: "Asia/Tokyo", ConfirmationNote: "資料をご用意ください"},
		Steps: map[booking.Step]booking.Progress{
			booking.Hold:    {Status: booking.Done, At: ten.AddDate(0, 0, -1)},
			booking.Meeting: {Status: booking.Started, At: ten.AddDate(0, 0, -1).Add(time.Second)},
			booking.Event:   {Status: booking.Waiting},
			booking.Mail:    {Status: booking.Waiting},
			booking.Notice:  {Status: booking.Waiting},
		},
		ZoomMeeting: booking.ZoomMeeting{ID: 1, JoinURL: "https://zoom.example/j/1", Passcode: "123456"},
	}
}

func mustView(t *testing.T, b booking.Booking, accept string) shown {
	t.Helper()
	answer := ask(httpapi.Booking(&bookings{booking: b}), "GET", "/api/bookings/b1", "",
		"Authorization", "Bearer t", "Accept-Language", accept)
	if answer.Code != http.StatusOK || answer.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, headers %v, body %s", answer.Code, answer.Header(), answer.Body)
	}
	return mustDecode[shown](t, answer)
}

const key = "0123456789abcdef"

func post(h http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	return ask(h, "POST", submitPath, body, append(headers, "Idempotency-Key", key, "Content-Type", "application/json")...)
}

func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

func mustDecode[T any](t testing.TB, answer *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
		t.Fatalf("status %d, body %q: %v", answer.Code, answer.Body, err)
	}
	return v
}

func mustBeProblem(t *testing.T, answer *httptest.ResponseRecorder, l language.Tag, status int, code problem.Code, fields ...problem.Field) {
	t.Helper()
	if answer.Code != status {
		t.Errorf("status %d, want %d", answer.Code, status)
	}
	headers := map[string]string{
		"Content-Type": "application/problem+json", "Content-Language": string(l), "Cache-Control": "no-store"}
	for name, want := range headers {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if diff := cmp.Diff(*problem.New(l, code, fields...), mustDecode[problem.Problem](t, answer)); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

// mustBeWords holds a text to be there in both languages, each in its own script.
func mustBeWords(t *testing.T, name, ja, en string) {
	t.Helper()
	isASCII := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }
	if ja == "" || isASCII(ja) || en == "" || !isASCII(en) {
		t.Errorf("%s: ja %q, en %q", name, ja, en)
	}
}

// capture collects what is logged until the test ends.
func capture(t *testing.T) *bytes.Buffer {
	t.Helper()
	var logged bytes.Buffer
	logTo(t, &logged)
	return &logged
}

func logTo(t testing.TB, w io.Writer) {
	t.Helper()
	logger, writer, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(writer) // SetDefault redirects package log too
		log.SetFlags(flags)
	})
	slog.SetDefault(slog.New(slog.NewJSONHandler(w, nil)))
}

// constants are the values of a file's constants of that type, so that none is
// forgotten here.
func constants(t *testing.T, file, name string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typ, isName := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if isName && isLiteral && typ.Name == name {
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	if len(values) < 2 {
		t.Fatalf("%s has no constants of type %s", file, name)
	}
	return values
}
