package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/httpapi"
	"yakusoku/shared/mirror"
)

// bell knows the channels "one" and "two", and cannot answer for "broken". It is
// rung from several sides at once.
type bell struct {
	mu   sync.Mutex
	rung []mirror.Notice
}

func (b *bell) Ring(_ context.Context, n mirror.Notice) error {
	switch n.Token {
	case "one", "two":
		b.mu.Lock()
		defer b.mu.Unlock()
		b.rung = append(b.rung, n)
		slices.SortFunc(b.rung, func(a, b mirror.Notice) int { return strings.Compare(a.Token, b.Token) })
		return nil
	case "broken":
		return errors.New("the table is away")
	}
	return &mirror.Unknown{}
}

func TestNotificationsRingTheirChannel(t *testing.T) {
	google := func(n ...string) (list []mirror.Notice) {
		for _, token := range n {
			list = append(list, mirror.Notice{Provider: "google", Token: token})
		}
		return list
	}
	microsoft := func(token string, reopen bool) mirror.Notice {
		return mirror.Notice{Provider: "microsoft", Token: token, Reopen: reopen}
	}
	header := func(state, token string) map[string]string {
		return map[string]string{"X-Goog-Channel-Id": "c", "X-Goog-Resource-State": state, "X-Goog-Channel-Token": token}
	}
	json := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	const g, m = "/api/webhooks/google", "/api/webhooks/microsoft"
	tests := []struct {
		name   string
		path   string
		header map[string]string
		body   string
		status int
		rung   []mirror.Notice
	}{
		{"Google: changed", g, header("exists", "one"), "", 204, google("one")},
		{"Google: gone", g, header("not_exists", "one"), "", 204, google("one")},
		{"Google: the channel opens", g, header("sync", "one"), "", 204, nil},
		{"Google: a stranger", g, header("exists", "three"), "", 404, nil},
		{"Google: nothing said", g, nil, "", 404, nil},
		{"Google: the table is away", g, header("exists", "broken"), "", 503, nil},
		{"Microsoft: changed", m, json, `{"value":[{"clientState":"one","changeType":"updated"}]}`, 202, []mirror.Notice{microsoft("one", false)}},
		{
			"Microsoft: many at once", m, json,
			`{"value":[{"clientState":"one"},{"clientState":"three"},{"clientState":"one"},{"clientState":"two"}]}`, 202,
			[]mirror.Notice{microsoft("one", false), microsoft("two", false)},
		},
		{"Microsoft: missed", m, json, `{"value":[{"clientState":"one","lifecycleEvent":"missed"}]}`, 202, []mirror.Notice{microsoft("one", false)}},
		{"Microsoft: ended", m, json, `{"value":[{"clientState":"one","lifecycleEvent":"subscriptionRemoved"}]}`, 202, []mirror.Notice{microsoft("one", true)}},
		{"Microsoft: about to end", m, json, `{"value":[{"clientState":"one"},{"clientState":"one","lifecycleEvent":"reauthorizationRequired"}]}`, 202, []mirror.Notice{microsoft("one", true)}},
		{"Microsoft: strangers", m, json, `{"value":[{"clientState":"three"},{}]}`, 404, nil},
		{"Microsoft: the table is away", m, json, `{"value":[{"clientState":"broken"}]}`, 503, nil},
		{"Microsoft: empty", m, json, `{"value":[]}`, 400, nil},
		{"Microsoft: no JSON", m, json, `<html>`, 400, nil},
		{"Microsoft: a form", m, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, `value=1`, 400, nil},
		{"Microsoft: too long", m, json, `{"value":[` + strings.Repeat(`{"clientState":"one"},`, 20_000) + `{}]}`, 400, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := new(bell)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.path, strings.NewReader(test.body))
			for k, v := range test.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			httpapi.Webhooks(b, http.NotFoundHandler()).ServeHTTP(w, r)
			if w.Code != test.status || w.Body.Len() > 0 {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
			if diff := cmp.Diff(test.rung, b.rung); diff != "" {
				t.Errorf("rung (-want +got):\n%s", diff)
			}
		})
	}
}

// slow takes its time over each channel, and knows none.
type slow struct {
	mu        sync.Mutex
	now, most int // at once
}

func (s *slow) Ring(context.Context, mirror.Notice) error {
	count := func(n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now += n
		s.most = max(s.most, s.now)
	}
	count(1)
	defer count(-1)
	<-time.After(10 * time.Millisecond)
	return &mirror.Unknown{}
}

func TestManyNotificationsRingSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notices []string
		for i := range 300 {
			notices = append(notices, fmt.Sprintf(`{"clientState":"made up %d"}`, i))
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/webhooks/microsoft", strings.NewReader(`{"value":[`+strings.Join(notices, ",")+`]}`))
		r.Header.Set("Content-Type", "application/json")
		w, bell, begun := httptest.NewRecorder(), new(slow), time.Now()
		httpapi.Webhooks(bell, http.NotFoundHandler()).ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || bell.most != 16 {
			t.Errorf("status %d, %d at once", w.Code, bell.most)
		}
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("300 notifications took %s", took)
		}
	})
}

func TestMicrosoftSeesThatTheAddressIsOurs(t *testing.T) {
	const token = `Validation: Testing <script>alert(1)</script> + %`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/webhooks/microsoft?validationToken="+url.QueryEscape(token), nil)
	w := httptest.NewRecorder()
	b := new(bell)
	httpapi.Webhooks(b, http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Body.String() != token {
		t.Errorf("status %d, %s, body %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || b.rung != nil {
		t.Errorf("headers %v, rung %v", w.Header(), b.rung)
	}
}

func TestAWebhookTakesNothingButPosts(t *testing.T) {
	for path, want := range map[string]int{"/api/webhooks/google": 405, "/api/webhooks/microsoft?validationToken=x": 405, "/api/webhooks/other": 404} {
		w := httptest.NewRecorder()
		httpapi.Webhooks(new(bell), http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}
