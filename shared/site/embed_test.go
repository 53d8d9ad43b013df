package site

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOtherSitesLoadTheEmbedScript(t *testing.T) {
	s := &Site{assets: assets{files: fstest.MapFS{
		"embed.js":    {Data: []byte("plain")},
		"embed.js.br": {Data: []byte("brotli")},
		"embed.js.gz": {Data: []byte("gzip")},
	}}}
	tests := map[string]struct{ accept, body, coding string }{
		"in brotli where it is taken":  {"gzip, deflate, br", "brotli", "br"},
		"in gzip where that is taken":  {"gzip", "gzip", "gzip"},
		"plain where nothing is taken": {"", "plain", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := embedScriptFrom(s, test.accept)
			if got.Code != http.StatusOK || got.Body.String() != test.body {
				t.Fatalf("status %d, %q, want %q", got.Code, got.Body, test.body)
			}
			for name, want := range map[string]string{
				"Content-Type":                 "text/javascript; charset=utf-8",
				"Content-Encoding":             test.coding,
				"Cache-Control":                "public, max-age=3600",
				"Cross-Origin-Resource-Policy": "cross-origin",
				"Vary":                         "Accept-Encoding",
			} {
				if value := got.Header().Get(name); value != want {
					t.Errorf("%s is %q, want %q", name, value, want)
				}
			}
		})
	}
}

func TestAnEmbedScriptThatIsMissingIsOurFault(t *testing.T) {
	got := embedScriptFrom(&Site{assets: assets{files: fstest.MapFS{}}}, "br")
	if got.Code != http.StatusInternalServerError {
		t.Errorf("status %d", got.Code)
	}
	if c := got.Header().Get("Cache-Control"); c == "public, max-age=3600" {
		t.Error("other sites would keep the failure")
	}
}

func embedScriptFrom(s *Site, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/embed.js", nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestFrameAncestors(t *testing.T) {
	tests := map[string]struct {
		origins []string
		want    string
	}{
		"none where no site is listed": {nil, "frame-ancestors 'none'"},
		"none where the list is empty": {[]string{}, "frame-ancestors 'none'"},
		"those listed, and no others": {
			[]string{"https://www.example.com", "http://localhost:3000"},
			"frame-ancestors https://www.example.com http://localhost:3000",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, frameAncestors(test.origins)); diff != "" {
				t.Errorf("directive (-want +got):\n%s", diff)
			}
		})
	}
}
