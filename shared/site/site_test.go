package site_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/host"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/site"
)

// now is 08:30 on the first of December in Tokyo.
var now = time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)

// web is a web build of two bundles.
func web() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json": {Data: []byte(`{
			"src/main.tsx": {"file": "assets/guest-1.js", "css": ["assets/guest-2.css"]},
			"src/docs.ts": {"file": "assets/docs-3.js", "css": ["assets/docs-4.css"]},
			"src/console/main.tsx": {"file": "assets/console-5.js", "css": ["assets/console-6.css"]}}`)},
		"assets/guest-1.js":    {Data: []byte("plain")},
		"assets/guest-1.js.br": {Data: []byte("brotli")},
		"assets/guest-1.js.gz": {Data: []byte("gzip")},
		"assets/guest-2.css":   {Data: []byte("style")},
		"embed.js":             {Data: []byte("embed")},
		"embed.js.br":          {Data: []byte("embed in brotli")},
		"embed.js.gz":          {Data: []byte("embed in gzip")},
	}
}

// signIn is where hosts sign in.
var signIn = site.Console{
	Issuer: "https://issuer.example/pool", ClientID: "console", Origin: "https://book.example.com",
	Origins: []string{"https://issuer.example", "https://sign-in.example"},
}

// offers answers with one month, or an error.
type offers struct {
	month    booking.Month
	err      error
	from, to time.Time
}

func (o *offers) Slots(_ context.Context, _, _ string, from, to time.Time) (booking.Month, error) {
	o.from, o.to = from, to
	return o.month, o.err
}

func (o *offers) Page(context.Context, string, string) (booking.Offer, error) {
	return o.month.Offer, o.err
}

func (o *offers) View(context.Context, string, string) (booking.Booking, error) {
	return booking.Booking{}, &booking.NotFound{}
}

func (o *offers) OwnSlots(context.Context, string, string, time.Time, time.Time) (booking.Month, error) {
	return booking.Month{}, &booking.NotFound{}
}

func slotAt(start time.Time) availability.Slot {
	return availability.Slot{Start: start, End: start.Add(30 * time.Minute)}
}

func intro() booking.Month {
	return booking.Month{
		Offer: booking.Offer{
			Host: host.Host{Handle: "demo", Name: "山田 花子"}, LastDate: "2027-01-30",
			Page: page.Page{
				Host: "demo", Slug: "intro", Title: "初回相談", Description: "はじめての方へ\n二行目", Published: true,
				TimeZone: "Asia/Tokyo", Language: language.Japanese, DurationMinutes: 30,
				Format: page.Web, Platform: page.ZoomPlatform,
			},
			Accepting: true,
		},
		Slots: []availability.Slot{slotAt(time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC))},
	}
}

func serve(t *testing.T, o *offers, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	s, err := site.New(web(), o, signIn, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

var inlinedData = regexp.MustCompile(`<script type="application/json" id="page-data">(.*)</script>`)

type pageData struct {
	Page     httpapi.Page
	Slots    httpapi.Slots
	From, To string
}

func dataIn(t *testing.T, html string) pageData {
	t.Helper()
	found := inlinedData.FindStringSubmatch(html)
	if found == nil {
		t.Fatalf("no data in the page:\n%s", html)
	}
	var d pageData
	if err := json.Unmarshal([]byte(found[1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestABookingPageBringsItsFirstMonth(t *testing.T) {
	tokyo := time.FixedZone("", 9*60*60)
	o := &offers{month: intro()}
	beyond := time.Date(2027, 1, 1, 0, 0, 0, 0, tokyo)
	last := beyond.Add(-30 * time.Minute)
	o.month.Slots = append(o.month.Slots, slotAt(last.UTC()), slotAt(beyond.UTC()))

	got := serve(t, o, "/b/demo/intro", nil)

	if got.Code != http.StatusOK {
		t.Fatalf("status %d", got.Code)
	}
	d := dataIn(t, got.Body.String())
	if diff := cmp.Diff([]string{"2026-12-01", "2026-12-31"}, []string{d.From, d.To}); diff != "" {
		t.Errorf("dates covered (-want +got):\n%s", diff)
	}
	var starts []string
	for _, slot := range d.Slots.Slots {
		starts = append(starts, slot.Start.Format(time.RFC3339))
	}
	if diff := cmp.Diff([]string{"2026-12-01T10:00:00+09:00", "2026-12-31T23:30:00+09:00"}, starts); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(httpapi.PageOf(o.month.Offer), d.Page); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if o.from != now || o.to.Before(beyond) {
		t.Errorf("read from %v to %v, which does not cover the dates told", o.from, o.to)
	}
}

func TestWhatAHostWroteStaysText(t *testing.T) {
	o := &offers{month: intro()}
	hostile := `</script><script>alert(1)</script><!--"'`
	o.month.Page.Title, o.month.Page.Description, o.month.Host.Name = hostile, hostile, hostile

	html := serve(t, o, "/b/demo/intro", nil).Body.String()

	if strings.Contains(html, "<script>alert") || strings.Contains(html, "<!--") {
		t.Errorf("the host's text is markup:\n%s", html)
	}
	if got := dataIn(t, html).Page.Title; got != hostile {
		t.Errorf("title %q, want it unchanged", got)
	}
}

// The first paint waits for nothing but the page itself.
func TestThePagesStyleComesWithIt(t *testing.T) {
	got := serve(t, &offers{month: intro()}, "/b/demo/intro", nil)
	mustPermit(t, got, "style")
	if html := got.Body.String(); strings.Contains(html, "<link rel=\"stylesheet\"") {
		t.Errorf("another style is loaded:\n%s", html)
	}
}

// mustPermit holds the page to have the inline style, and its policy to permit it.
func mustPermit(t *testing.T, got *httptest.ResponseRecorder, style string) {
	t.Helper()
	sum := sha256.Sum256([]byte(style))
	hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, hash) {
		t.Errorf("the policy does not permit %s: %s", style, csp)
	}
	if html := got.Body.String(); !strings.Contains(html, "<style>"+style+"</style>") {
		t.Errorf("no style %s in:\n%s", style, html)
	}
}

func TestAPageShowsWhoseItIs(t *testing.T) {
	o := &offers{month: intro()}
	logo := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	o.month.Page.Brand = page.Brand{AccentColor: "#1f4e85", Logo: logo}
	for _, path := range []string{"/b/demo/intro", "/b/demo/intro/abc", "/b/demo/intro?date=2026-12-01"} {
		got := serve(t, o, path, nil)
		style := regexp.MustCompile(`<style>(:root{--accent:#1f4e85;[^<]*)</style>`).FindStringSubmatch(got.Body.String())
		if style == nil {
			t.Fatalf("%s has no accent:\n%s", path, got.Body)
		}
		mustPermit(t, got, style[1])
		if !strings.Contains(html.UnescapeString(got.Body.String()), `src="`+logo+`"`) {
			t.Errorf("%s has no logo:\n%s", path, got.Body)
		}
	}

	o.month.Page.Brand.AccentColor = "red}</style><script>alert(1)</script>"
	if html := serve(t, o, "/b/demo/intro", nil).Body.String(); strings.Contains(html, "<script>alert") {
		t.Errorf("a colour is markup:\n%s", html)
	}
}

func TestAPageIsFramedWhereItsHostAllowsIt(t *testing.T) {
	o := &offers{month: intro()}
	for _, test := range []struct {
		origins []string
		want    string
	}{
		{nil, "frame-ancestors 'none'"},
		{[]string{"https://a.example", "http://localhost:3000"}, "frame-ancestors https://a.example http://localhost:3000"},
		{[]string{"*"}, "frame-ancestors 'none'"},
	} {
		o.month.Page.EmbedOrigins = test.origins
		for _, path := range []string{"/b/demo/intro", "/b/demo/intro/abc"} {
			if csp := serve(t, o, path, nil).Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, test.want) {
				t.Errorf("%s for %v: %s", path, test.origins, csp)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	tests := map[string]struct {
		path, accept string
		want         string
	}{
		"is the browser's":                      {"/b/demo/intro", "en-US,en;q=0.9,ja;q=0.5", "en"},
		"is the one chosen by the switch":       {"/b/demo/intro?lang=ja", "en-US", "ja"},
		"is not one that we do not speak":       {"/b/demo/intro?lang=fr", "en", "en"},
		"is the page's where nobody says":       {"/b/demo/intro", "", "ja"},
		"of an apology is the browser's too":    {"/nowhere", "en", "en"},
		"of one's own booking is the browser's": {"/b/demo/intro/abc", "ja", "ja"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if test.accept != "" {
				header.Set("Accept-Language", test.accept)
			}
			got := serve(t, &offers{month: intro()}, test.path, header)
			if !strings.Contains(got.Body.String(), `<html lang="`+test.want+`">`) {
				t.Errorf("not in %s:\n%s", test.want, got.Body)
			}
			if l := got.Header().Get("Content-Language"); l != test.want {
				t.Errorf("Content-Language %q, want %q", l, test.want)
			}
		})
	}
}

func TestPagesThatCannotBeBooked(t *testing.T) {
	closed := intro()
	closed.Accepting = false
	tests := map[string]struct {
		offers offers
		status int
		says   string
	}{
		"unknown or unpublished": {offers{err: &booking.PageNotFound{}}, http.StatusNotFound, "予約ページが見つかりません"},
		"not accepting":          {offers{month: closed}, http.StatusOK, "現在予約を受け付けていません"},
		"unreadable":             {offers{err: errors.New("the table is away")}, http.StatusInternalServerError, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := serve(t, &test.offers, "/b/demo/intro", http.Header{"Accept-Language": {"ja"}})
			if got.Code != test.status {
				t.Errorf("status %d, want %d", got.Code, test.status)
			}
			html := got.Body.String()
			if !strings.Contains(html, test.says) || !strings.Contains(html, "<style>style</style>") {
				t.Errorf("not a designed page that says %q:\n%s", test.says, html)
			}
			if strings.Contains(html, "away") || strings.Contains(html, "<script") {
				t.Errorf("says or does more than it should:\n%s", html)
			}
		})
	}
}

// What the host wrote is read out in its own language.
func TestAGuestsOwnBookingKnowsThePagesLanguage(t *testing.T) {
	html := serve(t, &offers{month: intro()}, "/b/demo/intro/abc?lang=en", nil).Body.String()
	if found := inlinedData.FindStringSubmatch(html); found == nil || found[1] != `{"locale":"ja"}` {
		t.Errorf("not told in:\n%s", html)
	}
}

func TestAGuestsOwnBookingNeedsNoPage(t *testing.T) {
	got := serve(t, &offers{err: &booking.PageNotFound{}}, "/b/demo/intro/abc", nil)
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "/assets/guest-1.js") {
		t.Errorf("status %d:\n%s", got.Code, got.Body)
	}
}

func TestEveryRouteOfTheTableIsServed(t *testing.T) {
	fill := strings.NewReplacer("{host}", "demo", "{page}", "intro", "{booking}", "abc", "{proxy+}", "guest-1.js")
	for _, route := range httpapi.Routes() {
		if route.Function != httpapi.SiteFunction {
			continue
		}
		t.Run(route.Path, func(t *testing.T) {
			got := serve(t, &offers{month: intro()}, fill.Replace(route.Path), nil)
			if got.Code != http.StatusOK {
				t.Fatalf("status %d", got.Code)
			}
			for name, want := range map[string]string{
				"Content-Security-Policy":   "default-src 'none'; script-src 'self'; style-src 'self'",
				"X-Content-Type-Options":    "nosniff",
				"Referrer-Policy":           "no-referrer",
				"Strict-Transport-Security": "max-age=",
			} {
				if value := got.Header().Get(name); !strings.HasPrefix(value, want) {
					t.Errorf("%s is %q, want %q", name, value, want)
				}
			}
		})
	}
}

// What is everybody's may be kept by what stands in front, for seconds; what holds a
// form with a key of its own, or is somebody's booking, is kept by nobody else.
func TestAPageIsKeptByOthersOnlyIfItIsEverybodys(t *testing.T) {
	closed := intro()
	closed.Accepting = false
	const everybodys, own = "public, max-age=0, s-maxage=5", "private, no-cache"
	tests := []struct {
		path   string
		offers offers
		want   string
	}{
		{"/", offers{}, everybodys},
		{"/api/docs", offers{}, everybodys},
		{"/b/demo/intro", offers{month: intro()}, everybodys},
		{"/b/demo/intro", offers{month: closed}, own},
		{"/b/demo/intro", offers{err: &booking.PageNotFound{}}, own},
		{"/b/demo/intro?date=2026-12-01", offers{month: intro()}, own},
		{"/b/demo/intro?start=2026-12-01T01:00:00Z", offers{month: intro()}, own},
		{"/b/demo/intro/abc", offers{month: intro()}, own},
		{"/console/pages", offers{}, own},
		{"/nowhere", offers{}, own},
		{"/assets/nothing.js", offers{}, own},
	}
	for _, test := range tests {
		if got := serve(t, &test.offers, test.path, nil).Header().Get("Cache-Control"); got != test.want {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
}

func TestAssets(t *testing.T) {
	tests := map[string]struct {
		path, accept string
		status       int
		body, coding string
	}{
		"in brotli where it is taken":                 {"/assets/guest-1.js", "gzip, br", http.StatusOK, "brotli", "br"},
		"in gzip where that is taken":                 {"/assets/guest-1.js", "gzip;q=0.5, br;q=0", http.StatusOK, "gzip", "gzip"},
		"plain where nothing is taken":                {"/assets/guest-1.js", "", http.StatusOK, "plain", ""},
		"plain where there is no other form":          {"/assets/guest-2.css", "br, gzip", http.StatusOK, "style", ""},
		"the style of this build by its lasting name": {"/assets/guest.css", "", http.StatusOK, "style", ""},
		"not those of another build":                  {"/assets/guest-9.js", "br", http.StatusNotFound, "", ""},
		"not a compressed form by its name":           {"/assets/guest-1.js.br", "br", http.StatusNotFound, "", ""},
		"not what lies outside":                       {"/assets/..%2Fmanifest.js", "", http.StatusNotFound, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := serve(t, &offers{}, test.path, http.Header{"Accept-Encoding": {test.accept}})
			if got.Code != test.status {
				t.Fatalf("status %d, want %d", got.Code, test.status)
			}
			if test.status != http.StatusOK {
				return
			}
			if got.Body.String() != test.body || got.Header().Get("Content-Encoding") != test.coding {
				t.Errorf("%q in %q, want %q in %q", got.Body, got.Header().Get("Content-Encoding"), test.body, test.coding)
			}
			keep := "public, max-age=31536000, immutable"
			if test.path == "/assets/guest.css" {
				keep = "public, max-age=300"
			}
			if c := got.Header().Get("Cache-Control"); c != keep {
				t.Errorf("Cache-Control %q, want %q", c, keep)
			}
		})
	}
}

func TestPagesAreCompressed(t *testing.T) {
	got := serve(t, &offers{month: intro()}, "/b/demo/intro", http.Header{"Accept-Encoding": {"gzip"}})
	if got.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("headers %v", got.Header())
	}
	z, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	html, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dataIn(t, string(html))
}

func TestTheOpenAPIDocumentIsTheContracts(t *testing.T) {
	got := serve(t, &offers{}, "/api/openapi.json", nil)
	if !bytes.Equal(got.Body.Bytes(), httpapi.OpenAPI) {
		t.Error("another document")
	}
}

func TestABuildWithoutTheWebAppSaysSo(t *testing.T) {
	_, err := site.New(fstest.MapFS{}, &offers{}, signIn, time.Now)
	if _, ok := errors.AsType[*site.NotBuilt](err); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v", err)
	}
	if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "npm run build") {
		t.Errorf("not one line that says what to do: %v", err)
	}
}
