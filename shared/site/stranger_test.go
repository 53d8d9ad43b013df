package site_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/httpapi"
)

// The routes come from the table, so that one cannot be forgotten here.
func TestNoGuestReachesAnothersBooking(t *testing.T) {
	hers := confirmed(t, nil)
	api := httpapi.Booking(hers.desk)
	his := hers.post(t, typed(hers.follow(t, hers.follow(t, hers.get(t, "/b/demo/intro"), `12月10日\(木\)`), "09:00"),
		map[string]string{"guest.name": "次郎", "guest.email": "jiro@example.com"}))
	if his.Code != http.StatusSeeOther {
		t.Fatalf("his is not booked: %d %s", his.Code, his.Body)
	}
	token := his.Result().Cookies()[0].Value
	id := hers.path[strings.LastIndex(hers.path, "/")+1:]
	before := hers.booking(t)
	bodies := map[string]string{"cancel": `{"reason":"other"}`, "reschedule": `{"start":"2026-12-15T09:00:00+09:00"}`}
	forms := map[string]string{"cancel": "reason=other&lang=ja", "reschedule": "start=2026-12-15T09:00:00%2B09:00&lang=ja"}
	n := 0
	for _, route := range httpapi.Routes() {
		ofBooking := strings.Contains(route.Path, "/bookings/{id}") || strings.Contains(route.Path, "{booking}")
		if route.Auth || !ofBooking {
			continue
		}
		n++
		t.Run(route.Method+" "+route.Path, func(t *testing.T) {
			path := strings.NewReplacer("{id}", id, "{host}", "demo", "{page}", "intro", "{booking}", id).Replace(route.Path)
			last := path[strings.LastIndex(path, "/")+1:]
			if last == "slots" {
				path += "?from=2026-12-01&to=2026-12-20&timezone=UTC"
			}
			for name, shown := range map[string]string{"his token": token, "none": "", "her id": id, "hers, cut": hers.cookie.Value[:42], "hers, and more": hers.cookie.Value + "A"} {
				body, kind, serve := bodies[last], "application/json", api
				if !strings.HasPrefix(route.Path, "/api/") {
					body, kind, serve = forms[last], "application/x-www-form-urlencoded", hers.front
				}
				if route.Method != http.MethodPost {
					body = ""
				}
				r := httptest.NewRequest(route.Method, path, strings.NewReader(body))
				r.Header = http.Header{"Content-Type": {kind}, "Sec-Fetch-Site": {"same-origin"}}
				if shown != "" {
					r.Header.Set("Authorization", "Bearer "+shown)
					r.AddCookie(&http.Cookie{Name: hers.cookie.Name, Value: shown})
				}
				w := httptest.NewRecorder()
				serve.ServeHTTP(w, r)
				shell := !strings.HasPrefix(route.Path, "/api/") && route.Method != http.MethodPost // which a script fills
				if refused := slices.Contains([]int{http.StatusUnauthorized, http.StatusNotFound}, w.Code); !refused && (!shell || w.Code != http.StatusOK) {
					t.Errorf("%s: status %d: %s", name, w.Code, w.Body)
				}
				for _, secret := range []string{"太郎", "taro@example.com", "zoom.example", hers.cookie.Value} {
					if strings.Contains(w.Body.String(), secret) {
						t.Errorf("%s: %s is told: %s", name, secret, w.Body)
					}
				}
			}
			if diff := cmp.Diff(before, hers.booking(t)); diff != "" {
				t.Errorf("what is hers changed:\n%s", diff)
			}
		})
	}
	if n < 13 {
		t.Errorf("only %d routes", n)
	}
	// The same with her own, so that the test can fail.
	if own := hers.see(t, ""); own.Code != http.StatusOK || !strings.Contains(own.Body.String(), "zoom.example") || own.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("shown to her: %d, %s:\n%s", own.Code, own.Header().Get("Cache-Control"), own.Body)
	}
}
