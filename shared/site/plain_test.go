package site_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/host"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/site"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

// plain is a browser without scripts, in front of a real desk.
type plain struct {
	front http.Handler
	desk  *booking.Desk
	store *store.Store
	codes []booking.CodeLetter
}

func (p *plain) Busy(context.Context, string, []page.CalendarRef, time.Time, time.Time) ([]calendar.Interval, error) {
	return nil, nil
}
func (p *plain) Start(context.Context, booking.Booking, bool) error { return nil }
func (p *plain) SendCode(_ context.Context, l booking.CodeLetter) error {
	p.codes = append(p.codes, l)
	return nil
}

func browse(t *testing.T, change func(*page.Page)) *plain {
	t.Helper()
	set := page.Defaults()
	set.Host, set.Slug, set.Title = "demo", "intro", "初回相談"
	set.Weekly = page.Weekly{Tuesday: []page.Window{{From: "09:00", To: "11:00"}}, Thursday: []page.Window{{From: "09:00", To: "10:00"}}}
	if change != nil {
		change(&set)
	}
	p := &plain{store: storetest.New(t)}
	err := errors.Join(p.store.PutPage(t.Context(), set), p.store.PutHost(t.Context(), host.Host{
		Handle: "demo", Name: "約束 花子", Email: "host@example.com", TimeZone: "Asia/Tokyo", Language: language.Japanese,
		Connected: map[string]bool{"zoom": true, "google": true},
	}))
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := booking.NewTokens([]byte(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	p.desk = &booking.Desk{Ledger: p.store, Calendars: p, Sagas: p, Codes: p, Tokens: tokens,
		Now: func() time.Time { return now }, SettleWithin: time.Minute, CheckWithin: time.Minute}
	s, err := site.New(web(), p.desk, signIn, p.desk.Now)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.Handler())
	// A person takes their time.
	forms, err := site.Forms(p.desk, httpapi.Booking(p.desk), signIn.Origin, func() time.Time { return now.Add(time.Minute) })
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("POST /b/", forms)
	p.front = mux
	return p
}

func (p *plain) get(t *testing.T, path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	p.front.ServeHTTP(w, r)
	return w
}

func (p *plain) post(t *testing.T, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return p.send(t, "/b/demo/intro", form, nil)
}

// send posts a form to another place.
func (p *plain) send(t *testing.T, path string, form url.Values, header http.Header, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	maps.Copy(r.Header, header)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	p.front.ServeHTTP(w, r)
	return w
}

// follow goes on by the link of that label.
func (p *plain) follow(t *testing.T, from *httptest.ResponseRecorder, label string) *httptest.ResponseRecorder {
	t.Helper()
	found := regexp.MustCompile(`<a [^>]*href="([^"]*)">` + label + `</a>`).FindStringSubmatch(from.Body.String())
	if found == nil {
		t.Fatalf("no link %s in:\n%s", label, from.Body)
	}
	return p.get(t, "/b/demo/intro"+html.UnescapeString(found[1]))
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// typed is the form of a page, with its hidden fields and what is typed.
func typed(from *httptest.ResponseRecorder, fields map[string]string) url.Values {
	form := url.Values{"website": {""}}
	for _, field := range hidden.FindAllStringSubmatch(from.Body.String(), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	for name, value := range fields {
		form.Set(name, value)
	}
	return form
}

var guest = map[string]string{"guest.name": "山田 <太郎>", "guest.email": "taro@example.com"}

// form walks to the form for Tuesday, 10:00.
func (p *plain) form(t *testing.T) *httptest.ResponseRecorder {
	t.Helper()
	return p.follow(t, p.follow(t, p.get(t, "/b/demo/intro"), `12月8日\(火\)`), "10:00")
}

func says(t *testing.T, got *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if got.Code != status {
		t.Errorf("status %d, want %d", got.Code, status)
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(got.Body.String()), text) {
			t.Errorf("does not say %q:\n%s", text, got.Body)
		}
	}
}

func TestABrowserWithoutScriptsBooks(t *testing.T) {
	p := browse(t, nil)
	form := p.form(t)
	says(t, form, http.StatusOK, "12月8日(火) 10:00 – 10:30 (Asia/Tokyo, UTC+09:00)", `<html lang="ja">`)

	done := p.post(t, typed(form, guest))
	if done.Code != http.StatusSeeOther || strings.Contains(done.Header().Get("Location"), "#") {
		t.Fatalf("status %d to %s:\n%s", done.Code, done.Header().Get("Location"), done.Body)
	}
	cookie := done.Result().Cookies()[0]
	want := http.Cookie{Name: "__Secure-booking", Path: strings.TrimSuffix(done.Header().Get("Location"), "?lang=ja"), MaxAge: 86400,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if diff := cmp.Diff(want, http.Cookie{Name: cookie.Name, Path: cookie.Path, MaxAge: cookie.MaxAge,
		Secure: cookie.Secure, HttpOnly: cookie.HttpOnly, SameSite: cookie.SameSite}); diff != "" {
		t.Errorf("cookie (-want +got):\n%s", diff)
	}
	own := p.get(t, done.Header().Get("Location"), cookie)
	says(t, own, http.StatusOK, "予約の手続きをしています", "12月8日(火) 10:00", `<noscript><meta http-equiv="refresh" content="3"></noscript>`)

	// Sent twice it is the same booking; without the cookie nothing is shown.
	if again := p.post(t, typed(form, guest)); again.Header().Get("Location") != done.Header().Get("Location") {
		t.Errorf("sent again: status %d to %s", again.Code, again.Header().Get("Location"))
	}
	if stranger := p.get(t, done.Header().Get("Location")); strings.Contains(stranger.Body.String(), "10:00") {
		t.Errorf("shown to everybody:\n%s", stranger.Body)
	}
}

func TestAPlainFormKeepsWhatWasTyped(t *testing.T) {
	p := browse(t, func(set *page.Page) {
		set.Phone, set.MaxCoAttendees = page.Needed, 2
		set.Consent = page.Consent{Text: "同意します", Version: "2"}
		set.Questions = []page.Question{
			{ID: "size", Label: "人数", Type: page.Select, Options: []string{"1名", "2名"}},
			{ID: "days", Label: "曜日", Type: page.MultiSelect, Required: true, Options: []string{"火", "水"}},
			{ID: "news", Label: "案内を受け取る", Type: page.Checkbox},
			{ID: "more", Label: "補足", Type: page.TextArea},
		}
	})
	form := p.form(t)
	fields := map[string]string{"guest.name": "山田 <太郎>", "guest.email": "taro", "guest.coAttendees": "a@example.com\r\nb",
		"answers.size": "2名", "answers.news": "yes", "answers.more": "<b>一\r\n二"}
	got := p.post(t, typed(form, fields))
	says(t, got, http.StatusUnprocessableEntity,
		`value="山田 <太郎>"`, `value="taro"`, `<option value="2名" selected>2名</option>`, "><b>一", "a@example.com",
		"メールアドレスの形式が正しくありません。", `id="guest.email-error"`, `id="guest.coAttendees-error"`)
	if strings.Contains(got.Body.String(), "<b>一") {
		t.Errorf("what was typed is markup:\n%s", got.Body)
	}

	fields["guest.email"], fields["guest.coAttendees"] = "taro@example.com", "a@example.com"
	got = p.post(t, typed(got, fields))
	says(t, got, http.StatusUnprocessableEntity, `id="guest.phone-error"`, `id="consent-error"`, `id="answers.days-error"`)

	fields["guest.phone"], fields["consent"], fields["answers.days"] = "03-1234-5678", "2", "水"
	if got = p.post(t, typed(got, fields)); got.Code != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", got.Code, got.Body)
	}
	id := got.Header().Get("Location")
	b, err := p.store.Booking(t.Context(), strings.TrimSuffix(id[strings.LastIndex(id, "/")+1:], "?lang=ja"))
	answers := []booking.Answer{{ID: "size", Label: "人数", Value: "2名"}, {ID: "days", Label: "曜日", Value: "水"},
		{ID: "news", Label: "案内を受け取る", Value: "✓"}, {ID: "more", Label: "補足", Value: "<b>一\n二"}}
	if diff := cmp.Diff(answers, b.Answers); err != nil || diff != "" {
		t.Errorf("answers: %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"a@example.com"}, b.Guest.CoAttendees); diff != "" {
		t.Errorf("co-attendees (-want +got):\n%s", diff)
	}
}

func TestATimeThatIsGoneIsChosenAgainInTheForm(t *testing.T) {
	p := browse(t, nil)
	first, second := p.form(t), p.form(t)
	if got := p.post(t, typed(first, guest)); got.Code != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", got.Code, got.Body)
	}
	got := p.post(t, typed(second, guest))
	says(t, got, http.StatusConflict, "ほかの予約が先に入りました", `value="山田 <太郎>"`, "12月8日(火) 10:30 – 11:00")
	if got = p.post(t, typed(got, map[string]string{"guest.name": "山田", "guest.email": "taro@example.com",
		"start": "2026-12-08T10:30:00+09:00"})); got.Code != http.StatusSeeOther {
		t.Errorf("status %d:\n%s", got.Code, got.Body)
	}
}

func TestACodeIsAskedForOnceAllElseIsRight(t *testing.T) {
	p := browse(t, func(set *page.Page) { set.VerifyEmail = true })
	form := p.form(t)
	got := p.post(t, typed(form, map[string]string{"guest.name": "山田", "guest.email": "taro"}))
	says(t, got, http.StatusUnprocessableEntity, `id="guest.email-error"`)
	if len(p.codes) != 0 {
		t.Fatalf("sent %v", p.codes)
	}
	got = p.post(t, typed(got, guest))
	says(t, got, http.StatusOK, "確認コードをお送りしました", `autocomplete="one-time-code"`)
	fields := map[string]string{"guest.name": "山田", "guest.email": "taro@example.com", "code": "000"}
	got = p.post(t, typed(got, fields))
	says(t, got, http.StatusUnprocessableEntity, "確認コードが正しくないか", `value=""`)
	fields["code"] = p.codes[0].Code
	if got = p.post(t, typed(got, fields)); got.Code != http.StatusSeeOther || len(p.codes) != 1 {
		t.Errorf("status %d after %d codes:\n%s", got.Code, len(p.codes), got.Body)
	}
}

func TestAPlainFormToldOfRobotsAndOddities(t *testing.T) {
	p := browse(t, nil)
	form := p.form(t)
	with := func(name, value string) url.Values {
		v := typed(form, guest)
		v.Set(name, value)
		return v
	}
	says(t, p.post(t, with("website", "http://spam.example")), http.StatusUnprocessableEntity, "この欄は空のままにしてください")
	says(t, p.post(t, with("shown", "9999999999999")), http.StatusTooManyRequests, "しばらく時間をおいて", "山田 <太郎>")
	says(t, p.post(t, with("guest.name", strings.Repeat("あ", 60_000))), http.StatusRequestEntityTooLarge, "大きすぎます")
	if got := p.post(t, with("start", "tomorrow")); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/b/demo/intro" {
		t.Errorf("status %d to %s", got.Code, got.Header().Get("Location"))
	}
	says(t, p.post(t, with("timezone", "Mars/Olympus")), http.StatusSeeOther)
}

func TestDaysAndTimesAreInTheZoneChosen(t *testing.T) {
	p := browse(t, nil)
	says(t, p.get(t, "/b/demo/intro?from=&timezone=Pacific/Honolulu&lang=en"), http.StatusOK,
		"Monday, December 7", "timezone=Pacific%2FHonolulu", "Pacific/Honolulu, UTC-10:00")
	times := p.get(t, "/b/demo/intro?date=2026-12-07&timezone=Pacific/Honolulu&lang=en")
	says(t, times, http.StatusOK, "2:00 PM", "<option selected>Pacific/Honolulu</option>")
	says(t, p.get(t, "/b/demo/intro?date=2026-12-09"), http.StatusOK, "この日に空きはありません")
	says(t, p.get(t, "/b/demo/intro?from=2027-01-10"), http.StatusOK, "1月12日(火)")
	says(t, p.get(t, "/b/demo/intro?start=2026-12-09T10:00:00%2B09:00"), http.StatusOK, "予約できなくなりました", "12月8日(火) 10:30")
}

// A page may ask twenty questions, each to be answered in 2,000 letters, of which a
// form makes nine bytes each.
func TestAPlainFormMayBeAsLongAsAPageLetsItBe(t *testing.T) {
	p := browse(t, func(set *page.Page) {
		for i := range 20 {
			set.Questions = append(set.Questions, page.Question{ID: fmt.Sprint("q", i), Label: "質問", Type: page.TextArea})
		}
	})
	fields := maps.Clone(guest)
	for i := range 20 {
		fields[fmt.Sprint("answers.q", i)] = strings.Repeat("あ", 2000)
	}
	form := typed(p.form(t), fields)
	if got := p.post(t, form); got.Code != http.StatusSeeOther {
		t.Errorf("%d bytes: status %d:\n%.2000s", len(form.Encode()), got.Code, got.Body)
	}
	form.Set("answers.q0", strings.Repeat("あ", 512<<10/9))
	says(t, p.post(t, form), http.StatusRequestEntityTooLarge)
}
