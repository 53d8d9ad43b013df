package site_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/site"
)

// ownToken is that of the one booking there is, b1.
const ownToken = "the-guests-own-token"

// counter is a desk of one page and one booking, that counts what it is asked to do.
type counter struct {
	offers
	submitted, cancelled, moved int
}

func (c *counter) View(_ context.Context, id, token string) (booking.Booking, error) {
	if id != "b1" || token != ownToken {
		return booking.Booking{}, &booking.NotFound{}
	}
	start := now.AddDate(0, 0, 7)
	return booking.Booking{
		ID: "b1", Host: "demo", Page: "intro", Status: booking.Confirmed, Start: start, End: start.Add(time.Hour),
		Guest: booking.Guest{Name: hostile, Email: "taro@example.com", TimeZone: "Asia/Tokyo", Language: language.Japanese},
		Terms: booking.Terms{HostName: hostile, Title: hostile, ConfirmationNote: hostile},
	}, nil
}

func (c *counter) OwnSlots(ctx context.Context, id, token string, from, to time.Time) (booking.Month, error) {
	if _, err := c.View(ctx, id, token); err != nil {
		return booking.Month{}, err
	}
	return c.Slots(ctx, "", "", from, to)
}

func (c *counter) Submit(context.Context, booking.Submission) (booking.Receipt, error) {
	if c.submitted++; c.submitted%2 == 0 {
		return booking.Receipt{}, &booking.SlotTaken{}
	}
	return booking.Receipt{ID: "b1", Token: ownToken, Start: now, End: now}, nil
}

func (c *counter) SendCode(context.Context, booking.CodeRequest) error { return nil }

func (c *counter) Cancel(ctx context.Context, id, token string, _ booking.CancelReason, _ string) error {
	_, err := c.View(ctx, id, token)
	if err == nil {
		c.cancelled++
	}
	return err
}

func (c *counter) Reschedule(ctx context.Context, id, token string, _ time.Time) error {
	_, err := c.View(ctx, id, token)
	if err == nil {
		c.moved++
	}
	return err
}

// hostile is what people could write to become more than text.
const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>'</title></script><a href=javascript:alert(3)>`

// everything is a page that asks all that a page can, in hostile words.
func everything() booking.Month {
	month := intro()
	p := &month.Page
	p.Title, p.Description, p.ConfirmationNote = hostile, hostile, hostile
	p.Phone, p.MaxCoAttendees, p.VerifyEmail = page.Optional, 2, true
	p.Consent = page.Consent{Version: "1", Text: hostile}
	for _, kind := range []page.QuestionType{page.Text, page.TextArea, page.Select, page.MultiSelect, page.Checkbox} {
		p.Questions = append(p.Questions, page.Question{ID: string(kind), Label: hostile, Type: kind, Options: []string{hostile, "b"}})
	}
	month.Host.Name = hostile
	month.Slots = append(month.Slots, slotAt(now.AddDate(0, 0, 7)))
	return month
}

// front is the site and the forms before a counter.
func front(t testing.TB) (*counter, http.Handler) {
	t.Helper()
	logger := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(logger) })
	c := &counter{offers: offers{month: everything()}}
	s, err := site.New(web(), c, signIn, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	pages := s.Handler()
	forms, err := site.Forms(c, httpapi.Booking(c), signIn.Origin, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return c, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			forms.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// mustBePage holds an answer to be none of our faults and, whatever people wrote, to be
// of our markup alone.
func mustBePage(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	// A browser takes a backslash for a slash, but not in a query.
	to := w.Header().Get("Location")
	if path, _, _ := strings.Cut(to, "?"); to != "" && (!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`)) {
		t.Errorf("led to %q", to)
	}
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Path, "/b/") {
			t.Errorf("cookie %+v", c)
		}
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return
	}
	for z := html.NewTokenizer(w.Body); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				t.Errorf("no markup: %v", z.Err())
			}
			return
		}
		if kind == html.CommentToken {
			t.Errorf("a comment: %s", z.Token())
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		mustBeOurs(t, z.Token())
	}
}

func mustBeOurs(t *testing.T, tag html.Token) {
	t.Helper()
	attributes := map[string]string{}
	for _, a := range tag.Attr {
		attributes[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" || a.Key == "style" {
			t.Errorf("an attribute that acts: %s", tag)
		}
	}
	switch tag.Data {
	case "script":
		if !strings.HasPrefix(attributes["src"], "/assets/") && attributes["type"] != "application/json" {
			t.Errorf("a script: %s", tag)
		}
	case "img", "iframe", "object", "embed", "svg", "math", "base":
		t.Errorf("not of our markup: %s", tag)
	}
	if tag.Data == "link" && attributes["rel"] == "icon" {
		return // a picture in a data: URL of ours
	}
	for _, name := range []string{"href", "action", "formaction", "src"} {
		to, given := attributes[name]
		to, _, _ = strings.Cut(to, "#") // a fragment leads nowhere, and may be of any text
		u, err := url.Parse(to)
		if given && (err != nil || u.Host != "" || !slices.Contains([]string{"", "mailto"}, u.Scheme)) {
			t.Errorf("leads elsewhere: %s", tag)
		}
	}
}

// FuzzForm posts each plain form with any body, cookie and origin: the desk changes a
// booking for whoever has its token, and comes from our own page; and what was typed
// comes back as text.
func FuzzForm(f *testing.F) {
	form := url.Values{
		"guest.name": {hostile}, "guest.email": {"taro@example.com"}, "guest.company": {hostile}, "guest.phone": {"1"}, "timezone": {"Asia/Tokyo"}, "lang": {"ja"},
		"start": {"2026-12-01T10:00:00+09:00"}, "key": {"0123456789abcdef"}, "shown": {"1"}, "answers.text": {hostile}, "answers.multiselect": {hostile, "b"}, "consent": {"1"}, "website": {""},
	}.Encode()
	for i := range 3 {
		f.Add(i, "b1", form, "application/x-www-form-urlencoded", ownToken, "same-origin")
		f.Add(i, "b1", form+"&code="+url.QueryEscape(hostile), "application/x-www-form-urlencoded", ownToken, "cross-site")
		f.Add(i, hostile, "lang=xx&start=x&reason="+url.QueryEscape(hostile)+"&message="+url.QueryEscape(hostile), "application/x-www-form-urlencoded", "guessed", "none")
		f.Add(i, "b1", "start=2026-12-08T08:30:00%2B09:00&reason=other&message=x&lang=en", "application/x-www-form-urlencoded", ownToken, "")
		f.Add(i, "..", "%zz=%", "application/x-www-form-urlencoded;;", "", "")
		f.Add(i, "//evil.example", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x", "", "")
	}
	c, handler := front(f)
	f.Fuzz(func(t *testing.T, n int, id, body, kind, token, site string) {
		to := []string{"", "/" + id + "/cancel", "/" + id + "/reschedule"}[uint(n)%3]
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.URL = &url.URL{Path: "/b/demo/intro" + to}
		r.Header = http.Header{"Content-Type": {kind}, "Cookie": {"__Secure-booking=" + token}, "Sec-Fetch-Site": {site}}
		*c = counter{offers: c.offers}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		mustBePage(t, w)
		cookie, err := r.Cookie("__Secure-booking")
		if changed := c.cancelled+c.moved > 0; changed && (err != nil || cookie.Value != ownToken || id != "b1" || site == "cross-site" || site == "same-site") {
			t.Errorf("changed by cookie %q from %q", token, site)
		}
		if done := c.submitted == 1 || c.cancelled+c.moved > 0; done && w.Code != http.StatusSeeOther {
			t.Errorf("done, and answered %d", w.Code)
		}
		if own := len(w.Result().Cookies()) > 0; own && c.submitted != 1 {
			t.Error("a token is given to whoever did not book")
		}
	})
}

// FuzzAddress opens any address of the site: it is a page of our markup, and shows a
// booking to whoever has its token.
func FuzzAddress(f *testing.F) {
	for _, path := range []string{"/", "/b/demo/intro", "/b/demo/intro/b1", "/b/demo/intro/b1/cancel", "/b/demo/intro/b1/reschedule", "/console/x", "/assets/guest-1.js", "/embed.js", "/api/docs", "/healthz"} {
		f.Add(path, "", "ja", ownToken)
		f.Add(path, "date=2026-12-08&timezone=Asia/Tokyo&lang=en", "", "guessed")
		f.Add(path, "start=2026-12-08T08:30:00%2B09:00&from=9999-12-31&timezone=x&lang="+url.QueryEscape(hostile), "\xff", "")
	}
	f.Add("/b/demo/intro", "from=-001-01-01&date=%zz", "", "")
	f.Add("//evil.example/..", "", "", "")
	f.Add("/assets/../manifest.json", "", "", "")
	f.Add("/b/demo/intro/"+hostile, "date="+url.QueryEscape(hostile), hostile, hostile)
	_, handler := front(f)
	f.Fuzz(func(t *testing.T, path, query, accept, token string) {
		if strings.ContainsFunc(query, unicode.IsControl) {
			return // no gateway hands it on
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}
		r.Header = http.Header{"Accept-Language": {accept}, "Cookie": {"__Secure-booking=" + token}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		cookie, err := r.Cookie("__Secure-booking")
		if shown := strings.Contains(w.Body.String(), "taro@example.com"); shown && (err != nil || cookie.Value != ownToken) {
			t.Errorf("shown to %q", token)
		}
		mustBePage(t, w)
	})
}
