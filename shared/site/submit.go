package site

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
)

// formLimit bounds a form, in bytes: percent-encoding makes of a Japanese letter
// three times what JSON does.
const formLimit = 512 << 10

// Forms takes the plain form, in front of the API that it becomes a request to:
// what a form may say is held to the same rules as what a script may.
// They are sent from pages at origin, whatever name a request has for us behind what
// stands in front.
func Forms(desk Desk, api http.Handler, origin string, now func() time.Time) (http.Handler, error) {
	f := &forms{desk: desk, api: api, now: now, elsewhere: http.NewCrossOriginProtection()}
	if err := f.elsewhere.AddTrustedOrigin(origin); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /b/{host}/{page}", f.submit)
	mux.HandleFunc("POST /b/{host}/{page}/{booking}/cancel", f.change(toCancel))
	mux.HandleFunc("POST /b/{host}/{page}/{booking}/reschedule", f.change(toReschedule))
	return secured(httpapi.Logged(mux)), nil
}

type forms struct {
	desk Desk
	api  http.Handler
	now  func() time.Time
	// elsewhere tells what other sites' pages send.
	elsewhere *http.CrossOriginProtection
}

func (f *forms) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	if err := r.ParseForm(); err != nil {
		apologize(w, r, plainBundle, problem.BodyTooLarge)
		return
	}
	typed := r.PostForm
	r.URL.RawQuery = url.Values{"lang": {typed.Get("lang")}}.Encode()
	offer, err := f.desk.Page(r.Context(), r.PathValue("host"), r.PathValue("page"))
	if err != nil {
		refusePage(w, r, plainBundle, err)
		return
	}
	d := documentOf(r, offer, plainBundle)
	in, err := wayOf(d.Language, typed.Get("timezone"), offer.Page.TimeZone)
	if err != nil {
		fail(w, r, plainBundle, err)
		return
	}
	start, err := time.Parse(time.RFC3339, typed.Get("start"))
	if err != nil {
		http.Redirect(w, r, pagePath(offer.Page.Host, offer.Page.Slug), http.StatusSeeOther)
		return
	}
	var receipt struct{ ID, Token string }
	refused := f.ask(r, offerPath(r)+"/bookings", http.Header{"Idempotency-Key": {typed.Get("key")}}, in.Language, f.submission(offer.Page, in, typed), &receipt)
	if refused == nil {
		toOwn(w, r, receipt.ID, receipt.Token)
		return
	}
	made := newForm(offer, in, start, f.now())
	made.fill(typed)
	if offer.Page.VerifyEmail {
		refused = f.verify(r, made, in, typed, refused)
	}
	made.explain(refused)
	if refused.Code == problem.SlotTaken || refused.Code == problem.SlotNotOpen {
		f.offerOthers(r, made, in, start)
	}
	d.Private = true
	d.Body = plainBody{Offer: offer, picker: picker{Back: made.Action}, Form: made}
	show(w, r, refused.Status, "plain.html", d)
}

// verify sends the code that the page asks for, once everything else is right,
// and asks for it.
func (f *forms) verify(r *http.Request, made *form, in way, typed url.Values, refused *problem.Problem) *problem.Problem {
	w := wordsIn(in.Language)
	onlyCode := len(refused.Errors) == 1 && refused.Errors[0].Field == codeName
	if typed.Has(codeName) {
		made.askCode(w)
		return refused
	}
	if !onlyCode {
		return refused
	}
	email := typed.Get(emailField)
	if failed := f.ask(r, offerPath(r)+"/codes", nil, in.Language, map[string]any{"email": email, "locale": in.Language}, nil); failed != nil {
		return failed
	}
	made.askCode(w)
	return &problem.Problem{Status: http.StatusOK, Detail: w.CodeSent(email)}
}

// offerOthers lets the guest choose another start without typing all again.
func (f *forms) offerOthers(r *http.Request, made *form, in way, gone time.Time) {
	from := gone.AddDate(0, 0, -daysInlined/4)
	month, err := f.desk.Slots(r.Context(), r.PathValue("host"), r.PathValue("page"), from, from.AddDate(0, 0, daysInlined))
	if err == nil && len(month.Slots) > 0 {
		made.taken(made.Alert, month, in, gone)
	}
}

// submission is the form as the API takes it. What was left empty is left out.
func (f *forms) submission(p page.Page, in way, typed url.Values) map[string]any {
	guest := map[string]any{"timezone": in.Zone.String(), "locale": in.Language}
	for _, name := range []string{nameField, emailField, companyField, phoneField} {
		if value := typed.Get(name); value != "" || name == nameField || name == emailField {
			guest[strings.TrimPrefix(name, "guest.")] = value
		}
	}
	if others := strings.Fields(strings.ReplaceAll(typed.Get(coAttendeesField), ",", " ")); len(others) > 0 {
		guest["coAttendees"] = others
	}
	answers := map[string]any{}
	for _, q := range p.Questions {
		given := typed[answerPrefix+q.ID]
		switch {
		case len(given) == 0:
		case q.Type == page.MultiSelect:
			answers[q.ID] = given
		case q.Type == page.Checkbox:
			answers[q.ID] = true
		default:
			answers[q.ID] = strings.ReplaceAll(given[0], "\r\n", "\n")
		}
	}
	body := map[string]any{
		"start": typed.Get("start"), "guest": guest, "answers": answers,
		"fillSeconds": fillSeconds(typed.Get("shown"), f.now()),
	}
	for _, name := range []string{consentName, codeName, trapName} {
		if value := typed.Get(name); value != "" {
			body[name] = value
		}
	}
	return body
}

// offerPath is the API's path of the page that a form is of.
func offerPath(r *http.Request) string {
	return "/api/pages/" + url.PathEscape(r.PathValue("host")) + "/" + url.PathEscape(r.PathValue("page"))
}

// ask makes a request to the API, as this guest, and reads its answer. It returns
// the problem if there is one.
func (f *forms) ask(r *http.Request, path string, more http.Header, l language.Tag, body map[string]any, answer any) *problem.Problem {
	content, err := json.Marshal(body)
	if err != nil {
		return problem.New(l, problem.Internal)
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, path, bytes.NewReader(content)) // #nosec G704 -- served by the handler below: it goes nowhere
	if err != nil {
		return problem.New(l, problem.NotFound)
	}
	request.RemoteAddr = r.RemoteAddr
	request.Header = http.Header{
		"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(content))}, "Accept-Language": {string(l)},
	}
	maps.Copy(request.Header, more)
	got := answerBuffer{header: http.Header{}, status: http.StatusOK}
	f.api.ServeHTTP(&got, request)
	if got.status >= http.StatusBadRequest {
		refused := problem.New(l, problem.Internal)
		_ = json.Unmarshal(got.body.Bytes(), refused) // the API's errors are problems
		return refused
	}
	if answer != nil && json.Unmarshal(got.body.Bytes(), answer) != nil {
		return problem.New(l, problem.Internal)
	}
	return nil
}

// answerBuffer keeps an answer for its one reader.
type answerBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answerBuffer) Header() http.Header         { return a.header }
func (a *answerBuffer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answerBuffer) WriteHeader(status int)      { a.status = status }

var _ Desk = (*booking.Desk)(nil)
