package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yakusoku/shared/httpapi"
)

// Nothing that the API says is a page, whatever somebody had it say: an error, a guest's
// own words, what a provider sent.
func TestNoAnswerOfTheAPIIsTakenForAPage(t *testing.T) {
	guests := httpapi.Booking(&bookings{})
	for name, c := range map[string]struct {
		serve        http.Handler
		method, path string
	}{
		"a page":             {httpapi.BookingPage(&pages{}), "GET", "/api/pages/demo/intro"},
		"a booking":          {guests, "GET", "/api/bookings/b1"},
		"a refusal":          {guests, "POST", submitPath},
		"no such path":       {guests, "GET", "/<script>alert(1)</script>"},
		"a host's":           {httpapi.Console(httpapi.ConsoleParts{}), "GET", "/api/host/profile"},
		"a way back":         {httpapi.OAuth(returns{}), "GET", "/api/oauth/zoom/callback?code=c"},
		"a notification's":   {httpapi.Webhooks(new(bell), http.NotFoundHandler()), "POST", "/api/webhooks/google"},
		"a validation's":     {httpapi.Webhooks(new(bell), http.NotFoundHandler()), "POST", "/api/webhooks/microsoft?validationToken=%3Cscript%3E"},
		"a method's":         {guests, "TRACE", "/api/bookings/b1"},
		"an event of Zoom's": {httpapi.Webhooks(new(bell), http.NotFoundHandler()), "POST", "/api/webhooks/zoom"},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c.serve.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			for header, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
				"Referrer-Policy": "no-referrer", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
			} {
				if got := w.Header().Get(header); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %q", header, got)
				}
			}
			if shared := w.Header().Get("Access-Control-Allow-Origin"); shared != "" {
				t.Errorf("open to %s", shared)
			}
			if kind := w.Header().Get("Content-Type"); w.Code != http.StatusFound && strings.Contains(kind, "html") {
				t.Errorf("status %d is %s: %s", w.Code, kind, w.Body)
			}
		})
	}
}

// A few kilobytes could become gigabytes: what is compressed stays what it is, which is
// no JSON.
func TestACompressedBodyIsNotInflated(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(good + strings.Repeat(" ", 100<<20))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil || packed.Len() > 128<<10 {
		t.Fatalf("%d bytes, %v", packed.Len(), err)
	}
	desk := &bookings{}
	answer := post(httpapi.Booking(desk), packed.String(), "Content-Encoding", "gzip")
	if answer.Code != http.StatusBadRequest || len(desk.submitted) > 0 {
		t.Errorf("status %d, submitted %d: %s", answer.Code, len(desk.submitted), answer.Body)
	}
}

// The authorizer in front takes both kinds of Cognito's tokens for the console's client.
func TestAnIDTokenOpensNothing(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	for use, want := range map[string]int{"access": http.StatusOK, "id": http.StatusUnauthorized} {
		e := sent("GET", "/api/host/profile", "", "", map[string]string{"authorization": "Bearer hanako"})
		e.RequestContext.Authorizer = signedIn(map[string]string{"sub": "hanako", "token_use": use})
		if out, err := o.serve(t.Context(), e); err != nil || out.StatusCode != want {
			t.Errorf("a token of use %q: %d %s %v", use, out.StatusCode, out.Body, err)
		}
	}
}
