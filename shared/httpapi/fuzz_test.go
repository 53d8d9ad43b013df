package httpapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// FuzzSubmission sends any body: it is refused in JSON, or it reaches the desk.
func FuzzSubmission(f *testing.F) {
	f.Add(good)
	for _, change := range [][2]string{
		{`"answers"`, `"price"`},
		{`"topic":"導入"`, `"topic":null`},
		{`["火","水"]`, `[["火"],2]`},
		{`2026-12-01T10:00:00+09:00`, `9999-12-31T23:59:59-09:00`},
		{`2026-12-01T10:00:00+09:00`, `0000-01-01T00:00:00+09:00`},
		{`Asia/Tokyo`, `../etc/passwd`},
		{`taro@`, "\xff\\u0000@"},
	} {
		f.Add(strings.Replace(good, change[0], change[1], 1))
	}
	for _, body := range []string{"", "null", "[]", `"x"`, `{"start":`, "\x00", strings.Repeat("[", 9000)} {
		f.Add(body)
	}
	logTo(f, io.Discard)
	f.Fuzz(func(t *testing.T, body string) {
		desk := &bookings{receipt: booking.Receipt{ID: "b1", Token: "t", Start: ten, End: ten}}
		answer := post(httpapi.Booking(desk), body)
		if answer.Code >= 500 {
			t.Errorf("status %d", answer.Code)
		}
		mustDecode[map[string]any](t, answer)
		if accepted, reached := answer.Code == 202, len(desk.submitted) == 1; accepted != reached {
			t.Errorf("status %d, but the desk was called %d times", answer.Code, len(desk.submitted))
		}
	})
}

// routesOf are those of the functions, without HEAD.
func routesOf(functions ...httpapi.Function) (routes []httpapi.Route) {
	for _, r := range httpapi.Routes() {
		if slices.Contains(functions, r.Function) && strings.HasPrefix(r.Path, "/api/") && r.Method != http.MethodHead {
			routes = append(routes, r)
		}
	}
	return routes
}

// filled is the route's path with the segment in each of its places, as the gateway
// hands it on: decoded.
func filled(path, segment string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = segment
		}
	}
	return strings.Join(parts, "/")
}

// sent is a request as the gateway makes an event of it.
func sent(method, path, query, body string, header map[string]string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, RawQueryString: query, Headers: header, Body: body}
	e.RequestContext.DomainName, e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = "book.example.com", method, path
	return e
}

// signedIn is what the authorizer says of a token that it let through.
func signedIn(claims map[string]string) *events.APIGatewayV2HTTPRequestContextAuthorizerDescription {
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
	}
}

// mustAnswer holds an answer to be none of our faults, and what is no success to be a
// problem document.
func mustAnswer(t *testing.T, what string, out events.APIGatewayV2HTTPResponse, err error) {
	t.Helper()
	if err != nil || out.StatusCode >= 500 {
		t.Fatalf("%s: status %d, error %v: %s", what, out.StatusCode, err, out.Body)
	}
	if out.StatusCode < 400 {
		return
	}
	var p struct {
		Code   string
		Status int
		Errors []struct{ Field, Code string }
	}
	kind := out.MultiValueHeaders["Content-Type"]
	if kind == nil {
		kind = []string{out.Headers["Content-Type"]}
	}
	if json.Unmarshal([]byte(out.Body), &p) != nil || p.Code == "" || p.Status != out.StatusCode || kind[0] != "application/problem+json" {
		t.Errorf("%s: status %d, %s: %s", what, out.StatusCode, kind, out.Body)
	}
	for _, e := range p.Errors {
		if e.Code == "" {
			t.Errorf("%s: a field is wrong, and nobody knows why: %s", what, out.Body)
		}
	}
}

// unlogged stands in what no log may hold.
const unlogged = "no-log-may-hold-this"

// FuzzGuestCall calls each route of the guests' API with any path, query, header and
// body: it answers, nothing of ours fails, nothing that was sent is logged, and the
// desk is asked with what the guest showed and nothing else.
func FuzzGuestCall(f *testing.F) {
	routes := routesOf(httpapi.BookingFunction, httpapi.BookingPageFunction)
	for i := range routes {
		f.Add(i, "b1", "", "Bearer "+unlogged, `{}`)
		f.Add(i, "demo", "from=2026-12-01&to=2026-12-31&timezone=Asia/Tokyo", "bearer t", good)
		f.Add(i, unlogged+"/..", "from="+unlogged+"&from=x", "Basic dDp0", `{"start":"2026-12-01T10:00:00+09:00"}`)
		f.Add(i, "\x00\xff", "from=%zz&a=\x7f", "Bearer t, Bearer u", `{"reason":"`+unlogged+`","message":"\u0000"}`)
		f.Add(i, "", ";", "", `{"email":"taro@example.com","locale":"ja"}`)
	}
	var log bytes.Buffer
	logTo(f, &log)
	f.Fuzz(func(t *testing.T, n int, segment, query, authorization, body string) {
		log.Reset()
		r := routes[uint(n)%uint(len(routes))]
		desk := &bookings{booking: booking.Booking{Guest: booking.Guest{TimeZone: "Asia/Tokyo", Language: language.Japanese}}}
		serve := httpapi.Lambda(httpapi.Booking(desk))
		if r.Function == httpapi.BookingPageFunction {
			serve = httpapi.Lambda(httpapi.BookingPage(&pages{offer: booking.Offer{Page: page.Page{TimeZone: "Asia/Tokyo"}}}))
		}
		out, err := serve(t.Context(), sent(r.Method, filled(r.Path, segment), query, body, map[string]string{
			"authorization": authorization, "content-type": "application/json", "idempotency-key": key,
		}))
		mustAnswer(t, r.Method+" "+r.Path, out, err)
		for _, asked := range append(desk.cancelled, desk.moved...) {
			scheme, token, _ := strings.Cut(authorization, " ")
			// The gateway joins what came twice by commas, and the adapter puts a space
			// behind each.
			if said := strings.ReplaceAll(asked, " ", ""); !strings.EqualFold(scheme, "bearer") || !strings.HasPrefix(said, strings.ReplaceAll(segment+token, " ", "")) {
				t.Errorf("asked with %q for %q by %q", asked, segment, authorization)
			}
		}
		if reached := len(desk.cancelled)+len(desk.moved)+len(desk.submitted)+len(desk.codes) > 0; reached && out.StatusCode >= 300 {
			t.Errorf("done, and answered %d", out.StatusCode)
		}
		if strings.Contains(log.String(), unlogged) {
			t.Errorf("logged:\n%s", &log)
		}
	})
}

// FuzzHostCall calls each route of the hosts' API, but the one that closes an account,
// with any path, query and body, over a real table. Nothing of ours fails; settings that are taken
// are read back, and taken again, as the same; and nobody else is touched.
func FuzzHostCall(f *testing.F) {
	routes := slices.DeleteFunc(routesOf(httpapi.ConsoleFunction), func(r httpapi.Route) bool {
		return r.Method == http.MethodDelete && strings.HasSuffix(r.Path, "/profile")
	})
	settings := `{"slug":"intro","title":"初回相談","weekly":{"mon":[{"from":"09:00","to":"24:00"}]},"overrides":[{"date":"2026-12-29","windows":[]}],` +
		`"questions":[{"id":"topic","label":"<b>","type":"select","options":["a"]}],"calendars":{"check":[{"provider":"google","id":"primary"}]}}`
	for i := range routes {
		f.Add(i, "intro", "", `"1"`, settings)
		f.Add(i, "zoom", "from=2026-12-01&to=2026-12-31&cursor=e30", `*`, `{"url":"https://receiver.example","events":["booking.failed"]}`)
		f.Add(i, "x/../y", "cursor=%00&status=all&search=%F0", `W/"1"`, `{"name":"花子","timezone":"Asia/Tokyo","locale":"ja"}`)
		f.Add(i, "msg_00000000000000000000000000", "cursor=msg_00000000000000000000000000", ``, `{"page":`+settings+`,"from":"2026-12-01","to":"2026-12-03","date":"2026-12-02"}`)
		f.Add(i, "\x00", "q=\x01", `"-1"`, `{"start":"9999-12-31T23:59:59-23:59","reason":"other","message":"\u202e"}`)
	}
	logTo(f, io.Discard)
	o := newOffice(f)
	for _, handle := range []string{"hanako", "jiro"} {
		o.open(f, handle)
		o.page(f, handle)
	}
	others := func(t testing.TB) (all []string) {
		for _, path := range []string{"/api/host/profile", "/api/host/pages", "/api/host/pages/intro", "/api/host/bookings?from=2026-01-01&to=2026-02-01", "/api/host/hooks"} {
			r := o.as(t, "jiro", "GET", path, nil)
			all = append(all, r.Text)
		}
		return all
	}
	before := others(f)
	f.Fuzz(func(t *testing.T, n int, segment, query, match, body string) {
		r := routes[uint(n)%uint(len(routes))]
		path := filled(r.Path, segment)
		header := map[string]string{"authorization": "Bearer hanako", "content-type": "application/json", "if-match": match}
		ask := func(method, path, query, body string) events.APIGatewayV2HTTPResponse {
			t.Helper()
			e := sent(method, path, query, body, header)
			e.RequestContext.Authorizer = signedIn(map[string]string{"sub": "hanako"})
			out, err := o.serve(t.Context(), e)
			mustAnswer(t, method+" "+path+"?"+query, out, err)
			return out
		}
		out := ask(r.Method, path, query, body)
		if diff := cmp.Diff(before, others(t)); diff != "" {
			t.Errorf("%s %s changed what is another's:\n%s", r.Method, path, diff)
		}
		if !strings.HasPrefix(r.Path, "/api/host/pages") || r.Method == http.MethodGet || out.StatusCode >= 300 || strings.HasSuffix(r.Path, "/preview") || r.Method == http.MethodDelete {
			return
		}
		var made struct{ Slug string }
		if err := json.Unmarshal([]byte(out.Body), &made); err != nil || made.Slug == "" {
			t.Fatalf("%s: %s", r.Path, out.Body)
		}
		own := "/api/host/pages/" + made.Slug
		read := ask("GET", own, "", "")
		header["if-match"] = etag(read)
		if again := ask("PUT", own, "", read.Body); again.StatusCode != http.StatusOK {
			t.Fatalf("what was read is not taken again: %d %s", again.StatusCode, again.Body)
		}
		if diff := cmp.Diff(read.Body, ask("GET", own, "", "").Body); diff != "" {
			t.Errorf("taken again as another:\n%s", diff)
		}
		if made.Slug != "intro" {
			ask("DELETE", own, "", "")
		}
	})
}

func etag(out events.APIGatewayV2HTTPResponse) string {
	for name, value := range out.Headers {
		if strings.EqualFold(name, "etag") {
			return value
		}
	}
	for name, values := range out.MultiValueHeaders {
		if strings.EqualFold(name, "etag") {
			return values[0]
		}
	}
	return ""
}

// FuzzEvent puts any request through the adapter of API Gateway's events: the handler
// sees the path, the query, the headers and the body that were sent, one of each, and
// no header says where the body ends but its own length.
func FuzzEvent(f *testing.F) {
	f.Add("/api/bookings/b1", "a=1&a=2", "X-Thing", "a,b", "booking=t", []byte(`{}`), false)
	f.Add("/a b/%2e%2e/?#;", "", "Content-Length", "0", "", []byte("smuggled"), true)
	f.Add("//evil.example/", "x", "Transfer-Encoding", "chunked", "a=b; c=d", []byte("0\r\n\r\nGET / HTTP/1.1"), false)
	f.Add("/", "%zz;%", "Host", "evil.example", "", []byte(nil), false)
	f.Add("/\xff\x00", "\x7f", "X-Http-Method-Override", "DELETE", "", []byte{0xff}, true)
	f.Add("/", "a b", "Connection", "close, upgrade", "", []byte(nil), false)
	f.Fuzz(func(t *testing.T, path, query, name, value, cookie string, body []byte, inBase64 bool) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		var seen *http.Request
		var got []byte
		serve := httpapi.Lambda(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = r
			got, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusNoContent)
		}))
		e := sent("POST", path, query, string(body), map[string]string{strings.ToLower(name): value, "content-type": "a/b; c=\"d,e\""})
		e.Cookies = []string{cookie}
		if e.IsBase64Encoded = inBase64; inBase64 {
			e.Body = base64.StdEncoding.EncodeToString(body)
		}
		out, err := serve(t.Context(), e)
		if err != nil {
			t.Fatalf("the adapter fails: %v", err)
		}
		if seen == nil || out.StatusCode != http.StatusNoContent {
			t.Fatalf("status %d", out.StatusCode)
		}
		if seen.URL.Path != path || seen.Method != "POST" || seen.URL.Host != "book.example.com" {
			t.Errorf("sent POST %q, seen %s %q at %s", path, seen.Method, seen.URL.Path, seen.URL.Host)
		}
		if odd := strings.ContainsAny(query, "#\x7f") || strings.ContainsFunc(query, unicode.IsControl); !odd && seen.URL.RawQuery != query {
			t.Errorf("sent ?%q, seen ?%q", query, seen.URL.RawQuery)
		}
		if sent, err := url.QueryUnescape(query); err == nil {
			if got, err := url.QueryUnescape(seen.URL.RawQuery); err != nil || got != sent {
				t.Errorf("sent ?%q, seen ?%q", sent, got)
			}
		}
		if !bytes.Equal(got, body) || seen.ContentLength != int64(len(body)) || seen.TransferEncoding != nil {
			t.Errorf("sent %q, seen %q of length %d", body, got, seen.ContentLength)
		}
		if kind := seen.Header.Values("Content-Type"); name != "content-type" && !strings.EqualFold(name, "content-type") && (len(kind) != 1 || kind[0] != `a/b; c="d,e"`) {
			t.Errorf("content type %q", kind)
		}
		for header, values := range seen.Header {
			if header != "Cookie" && len(values) != 1 {
				t.Errorf("%s came %d times", header, len(values))
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, ", ", ","), " ", "") }
		if name := http.CanonicalHeaderKey(strings.ToLower(name)); name != "Cookie" && name != "Content-Type" && bare(seen.Header.Get(name)) != bare(value) {
			t.Errorf("%s: sent %q, seen %q", name, value, seen.Header.Get(name))
		}
	})
}

// FuzzNotification sends webhooks of calendars anything: a channel rings that was named
// by its own token, and what is said back is the token of a validation, as a text that
// no browser takes for a page.
func FuzzNotification(f *testing.F) {
	f.Add(true, "one", "exists", "", "", "")
	f.Add(true, "one", "sync", "", "", "")
	f.Add(true, "One", "", "", "", "")
	f.Add(false, "", "", "", "application/json", `{"value":[{"clientState":"one"},{"clientState":"three","lifecycleEvent":"missed"}]}`)
	f.Add(false, "", "", "", "application/json", `{"value":[{"clientState":["one"]}],"VALUE":[{"CLIENTSTATE":"two"}]}`)
	f.Add(false, "", "", "validationToken=%3Cscript%3E", "text/plain", "")
	f.Add(false, "", "", "validationToken=", "application/json", "null")
	f.Add(false, "", "", "validationtoken=x;%zz", "application/json;;", "\xff")
	var log bytes.Buffer
	logTo(f, &log)
	f.Fuzz(func(t *testing.T, google bool, token, state, query, kind, body string) {
		path := "/api/webhooks/microsoft"
		if google {
			path = "/api/webhooks/google"
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header = http.Header{"X-Goog-Channel-Token": {token}, "X-Goog-Resource-State": {state}, "Content-Type": {kind}}
		b, w := new(bell), httptest.NewRecorder()
		httpapi.Webhooks(b, http.NotFoundHandler()).ServeHTTP(w, r)
		proof := r.URL.Query().Get("validationToken")
		switch {
		case w.Code == 503 && (token == "broken" || strings.Contains(body, "broken") || strings.Contains(body, `\u`)):
		case !slices.Contains([]int{200, 202, 204, 400, 404}, w.Code):
			t.Errorf("status %d", w.Code)
		case w.Code == 200 && (google || proof == "" || w.Body.String() != proof || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff"):
			t.Errorf("said %q to %q: %v", w.Body, query, w.Header())
		case w.Code != 200 && w.Body.Len() > 0:
			t.Errorf("status %d says %q", w.Code, w.Body)
		}
		for _, n := range b.rung {
			if named := google && n == (mirror.Notice{Provider: "google", Token: token}) || !google && (strings.Contains(body, n.Token) || strings.Contains(body, `\u`)); !named {
				t.Errorf("rung %+v", n)
			}
			if w.Code != 204 && w.Code != 202 && w.Code != 503 {
				t.Errorf("rung, and answered %d", w.Code)
			}
		}
	})
}

// returns is where browsers come back from providers; it refuses what it is told to.
type returns struct{ err error }

func (r returns) Finish(context.Context, connection.Callback) (connection.Connection, error) {
	return connection.Connection{}, r.err
}

// FuzzReturn sends browsers back from providers with any query and cookie: they are led
// to the console, which is told no more than a provider and a word of ours.
func FuzzReturn(f *testing.F) {
	for i := range 4 {
		f.Add(i, "zoom", "code=c&state=s", "c")
		f.Add(i, "google", "error=https://evil.example%0d%0aSet-Cookie:a=b", "")
		f.Add(i, "//evil.example", "state=%zz", "\r\n")
		f.Add(i, "microsoft/..", "\x00", "\x00")
	}
	logTo(f, io.Discard)
	f.Fuzz(func(t *testing.T, n int, provider, query, cookie string) {
		errs := []error{nil, &connection.Refused{Why: connection.StateInvalid}, &connection.Unsupported{Provider: "zoom"}, errors.New("on fire")}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/oauth/zoom/callback", nil)
		r.URL = &url.URL{Path: "/api/oauth/" + provider + "/callback", RawQuery: query}
		r.Header["Cookie"] = []string{"__Host-connect=" + cookie}
		w := httptest.NewRecorder()
		httpapi.OAuth(returns{errs[uint(n)%4]}).ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if w.Code != http.StatusFound {
			if w.Code != http.StatusNotFound && w.Code != http.StatusTemporaryRedirect && w.Code != http.StatusMovedPermanently || strings.HasPrefix(to, "//") || to != "" && to[0] != '/' {
				t.Errorf("status %d, to %q", w.Code, to)
			}
			return
		}
		back, err := url.Parse(to)
		if err != nil || back.Host != "" || back.Path != "/console/integrations" {
			t.Fatalf("led to %q", to)
		}
		for name, values := range back.Query() {
			if !slices.Contains([]string{"connected", "error", "provider"}, name) || len(values) != 1 || strings.ContainsFunc(values[0], func(r rune) bool { return r != '_' && !unicode.IsLower(r) }) {
				t.Errorf("led to %q", to)
			}
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("sets %q", w.Header().Get("Set-Cookie"))
		}
	})
}
