package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/infra/local/lambdas"
	"yakusoku/shared/httpapi"
)

// stub answers every call alike and keeps the last event.
type stub struct {
	result   lambdas.Result
	err      error
	function string
	event    events.APIGatewayV2HTTPRequest
}

func (s *stub) Invoke(ctx context.Context, function string, payload []byte) (lambdas.Result, error) {
	s.function = function
	if err := json.Unmarshal(payload, &s.event); err != nil {
		return lambdas.Result{}, err
	}
	return s.result, s.err
}

var routes = []httpapi.Route{
	{Method: "GET", Path: "/", Function: "home"},
	{Method: "GET", Path: "/b/{host}/{page}", Function: "page"},
	{Method: "POST", Path: "/b/{host}/{page}", Function: "submit"},
	{Method: "GET", Path: "/b/{host}/settings", Function: "settings"},
	{Method: "GET", Path: "/assets/{proxy+}", Function: "assets"},
	{Method: "GET", Path: "/private", Function: "private", Auth: true},
}

func serve(t *testing.T, s *stub, r *http.Request) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	New(routes, s, Issuer{}, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func ok() *stub {
	return &stub{result: lambdas.Result{Payload: []byte(`{"statusCode":200}`)}}
}

func TestARequestGoesToTheMostSpecificRoute(t *testing.T) {
	for _, c := range []struct{ method, path, function string }{
		{"GET", "/", "home"},
		{"GET", "/b/demo/intro", "page"},
		{"POST", "/b/demo/intro", "submit"},
		{"GET", "/b/demo/settings", "settings"},
		{"GET", "/assets/a/b.js", "assets"},
		{"GET", "/b/demo", ""},
		{"GET", "/b/demo/", ""},
		{"GET", "/b/demo/intro/more", ""},
		{"GET", "/assets/", ""},
		{"PUT", "/b/demo/intro", ""},
		{"HEAD", "/b/demo/intro", ""},
		{"GET", "//b/demo/intro", ""},
	} {
		s := ok()
		r := httptest.NewRequest(c.method, "/", nil)
		r.URL = &url.URL{Path: c.path}
		got := serve(t, s, r)
		if s.function != c.function {
			t.Errorf("%s %s went to %q, want %q", c.method, c.path, s.function, c.function)
		}
		if c.function == "" && (got.StatusCode != http.StatusNotFound || body(t, got) != `{"message":"Not Found"}`) {
			t.Errorf("%s %s: status %d, want the gateway's 404", c.method, c.path, got.StatusCode)
		}
	}
}

func TestWhoMayReadAPageMayAskForItsHead(t *testing.T) {
	for _, path := range []string{"/healthz", "/b/demo/intro", "/api/pages/demo/intro", "/assets/app.js"} {
		whole, head := ok(), ok()
		for method, s := range map[string]*stub{http.MethodGet: whole, http.MethodHead: head} {
			w := httptest.NewRecorder()
			New(httpapi.Routes(), s, Issuer{}, slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != http.StatusOK || s.event.RequestContext.HTTP.Method != method {
				t.Errorf("%s %s: status %d, asked with %q", method, path, w.Code, s.event.RequestContext.HTTP.Method)
			}
		}
		if head.function != whole.function {
			t.Errorf("%s: the head comes from %q, the whole from %q", path, head.function, whole.function)
		}
	}
}

func TestTheEventIsThatOfPayloadFormat2(t *testing.T) {
	s := ok()
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080/b/de%20mo/intro?a=1&a=2&q=%E3%81%82", strings.NewReader(`{"x":1}`))
	r.RemoteAddr = "127.0.0.1:5555"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "tester")
	r.Header.Add("X-Twice", "one")
	r.Header.Add("X-Twice", "two")
	r.Header.Set("Cookie", "a=1; b=2")
	serve(t, s, r)
	want := events.APIGatewayV2HTTPRequest{
		Version:        "2.0",
		RouteKey:       "POST /b/{host}/{page}",
		RawPath:        "/b/de mo/intro",
		RawQueryString: "a=1&a=2&q=%E3%81%82",
		Cookies:        []string{"a=1", "b=2"},
		Headers: map[string]string{
			"host": "127.0.0.1:8080", "content-type": "application/json", "user-agent": "tester", "x-twice": "one,two",
			"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "content-length": "7",
		},
		QueryStringParameters: map[string]string{"a": "1,2", "q": "あ"},
		PathParameters:        map[string]string{"host": "de mo", "page": "intro"},
		Body:                  `{"x":1}`,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /b/{host}/{page}", AccountID: "000000000000", Stage: "$default", APIID: "local",
			DomainName: "127.0.0.1:8080", DomainPrefix: "local",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: "POST", Path: "/b/de mo/intro", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "tester",
			},
		},
	}
	varies := cmpopts.IgnoreFields(events.APIGatewayV2HTTPRequestContext{}, "RequestID", "Time", "TimeEpoch")
	if diff := cmp.Diff(want, s.event, varies); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if s.event.RequestContext.RequestID == "" || s.event.RequestContext.TimeEpoch == 0 {
		t.Error("no request id or time")
	}
}

func TestABodyThatIsNotPlainTextGoesInBase64(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		base64     bool
	}{
		{"application/json; charset=utf-8", `{}`, false},
		{"text/plain", "hello", false},
		{"", "hello", false},
		{"application/x-www-form-urlencoded", "a=1", true},
		{"image/png", "\x89PNG", true},
		{"application/json", "\xff\xfe", true},
		{"text/plain", "", false},
	} {
		s := ok()
		r := httptest.NewRequest("POST", "/b/demo/intro", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		serve(t, s, r)
		if s.event.IsBase64Encoded != c.base64 {
			t.Errorf("%q as %q: base64 %v, want %v", c.body, c.kind, s.event.IsBase64Encoded, c.base64)
		}
	}
}

func TestAnAnswerBecomesHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		payload string
		status  int
		body    string
		header  http.Header
	}{
		"status, headers, cookies and body": {
			payload: `{"statusCode":202,"headers":{"location":"/x","content-type":"application/json"},"cookies":["a=1","b=2"],"body":"{}"}`,
			status:  202, body: "{}",
			header: http.Header{"Location": {"/x"}, "Content-Type": {"application/json"}, "Set-Cookie": {"a=1", "b=2"}},
		},
		"base64 is decoded": {
			payload: `{"statusCode":200,"headers":{"content-type":"image/png"},"body":"iVBORw==","isBase64Encoded":true}`,
			status:  200, body: "\x89PNG", header: http.Header{"Content-Type": {"image/png"}},
		},
		"another form is a JSON body": {
			payload: `{"hello":"world"}`,
			status:  200, body: `{"hello":"world"}`, header: http.Header{"Content-Type": {"application/json"}},
		},
		"no content": {payload: `{"statusCode":204}`, status: 204, header: http.Header{}},
		"a status that is none": {
			payload: `{"statusCode":42}`,
			status:  500, body: `{"message":"Internal Server Error"}`, header: http.Header{"Content-Type": {"application/json"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, &stub{result: lambdas.Result{Payload: []byte(c.payload)}}, httptest.NewRequest("GET", "/", nil))
			if got.StatusCode != c.status {
				t.Errorf("status %d, want %d", got.StatusCode, c.status)
			}
			if diff := cmp.Diff(c.body, body(t, got)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			got.Header.Del("Content-Length")
			if diff := cmp.Diff(c.header, got.Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheGatewayRefusesInItsOwnWords(t *testing.T) {
	large := strings.Repeat("x", maxRequest+1)
	for name, c := range map[string]struct {
		stub    *stub
		request *http.Request
		status  int
		message string
	}{
		"a body over the limit": {ok(), httptest.NewRequest("POST", "/b/demo/intro", strings.NewReader(large)), 413, "Request Entity Too Large"},
		"a body that is over the limit as an event": {
			ok(), httptest.NewRequest("POST", "/b/demo/intro", strings.NewReader(large[:maxRequest])), 413, "Request Entity Too Large",
		},
		"a function that fails": {
			&stub{result: lambdas.Result{Failed: true, Payload: []byte(`{"errorType":"x"}`)}}, httptest.NewRequest("GET", "/", nil),
			500, "Internal Server Error",
		},
		"a function that cannot be reached": {
			&stub{err: errors.New("gone")}, httptest.NewRequest("GET", "/", nil), 500, "Internal Server Error",
		},
		"a route that wants a signed-in host": {ok(), httptest.NewRequest("GET", "/private", nil), 401, "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			got := serve(t, c.stub, c.request)
			if want := `{"message":"` + c.message + `"}`; got.StatusCode != c.status || body(t, got) != want {
				t.Errorf("status %d, want %d %s", got.StatusCode, c.status, want)
			}
		})
	}
}

func TestHeadersOverTheLimitAreRefused(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Large", strings.Repeat("x", maxHeaders))
	if got := serve(t, ok(), r); got.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d, want 431", got.StatusCode)
	}
}

func TestAFunctionThatIsBusyTurnsAwayForAWhile(t *testing.T) {
	got := serve(t, &stub{err: fmt.Errorf("9 calls wait: %w", lambdas.ErrThrottled)}, httptest.NewRequest("GET", "/", nil))
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "1" || body(t, got) != `{"message":"Too Many Requests"}` {
		t.Errorf("status %d, %v", got.StatusCode, got.Header)
	}
}

// silent never answers.
type silent struct{}

func (silent) Invoke(ctx context.Context, _ string, _ []byte) (lambdas.Result, error) {
	<-ctx.Done()
	return lambdas.Result{}, ctx.Err()
}

func TestAFunctionThatIsSilentForTooLongIsA503(t *testing.T) {
	g := New(routes, silent{}, Issuer{}, slog.New(slog.DiscardHandler))
	g.limit = 10 * time.Millisecond
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := w.Result(); got.StatusCode != http.StatusServiceUnavailable || body(t, got) != `{"message":"Service Unavailable"}` {
		t.Errorf("status %d, want the gateway's 503", got.StatusCode)
	}
}
