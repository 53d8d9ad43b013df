package site_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheConsoleIsOneShellAtEveryAddressOfIt(t *testing.T) {
	for _, path := range []string{"/console", "/console/", "/console/integrations?connected=zoom", "/console/pages/intro"} {
		w := serve(t, &offers{}, path, http.Header{"Accept-Language": {"en"}})
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: %d, %s", path, w.Code, w.Header().Get("Cache-Control"))
		}
		for _, part := range []string{
			`<html lang="en">`, `src="/assets/console-5.js"`, `href="/assets/console-6.css"`, `noindex`,
			`id="config">{"issuer":"https://issuer.example/pool","clientId":"console","origin":"https://book.example.com"}<`,
		} {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s", path, part)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		for _, part := range []string{"script-src 'self';", "connect-src 'self' https://issuer.example https://sign-in.example;", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: %q lacks %q", path, policy, part)
			}
		}
	}
	if guest := serve(t, &offers{month: intro()}, "/b/demo/intro", nil); strings.Contains(guest.Body.String(), "console") || strings.Contains(guest.Header().Get("Content-Security-Policy"), "issuer") {
		t.Error("guests load or may call what is the console's")
	}
}
