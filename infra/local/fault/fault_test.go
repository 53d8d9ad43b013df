package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/fault"
)

func TestEachKindFailsInItsOwnWay(t *testing.T) {
	type seen struct {
		Status int
		Body   string
		Effect bool // whether the call came about
		Lost   bool // whether the caller got no answer
		Torn   bool // whether the answer did not end
		Late   bool // whether the caller was gone before the call came about
	}
	tests := []struct {
		rule fault.Rule
		want seen
	}{
		{fault.Rule{Kind: fault.Error, Status: 503, Body: `{}`}, seen{Status: 503, Body: `{}`}},
		{fault.Rule{Kind: fault.HangBefore}, seen{Lost: true}},
		{fault.Rule{Kind: fault.HangAfter}, seen{Lost: true, Effect: true}},
		{fault.Rule{Kind: fault.Late, Seconds: 0.01}, seen{Lost: true, Effect: true, Late: true}},
		{fault.Rule{Kind: fault.ResetAfter}, seen{Lost: true, Effect: true}},
		{fault.Rule{Kind: fault.Malformed}, seen{Status: 201, Body: `{"id": }`, Effect: true}},
		{fault.Rule{Kind: fault.Truncated}, seen{Status: 201, Body: `{"ok`, Effect: true}},
		{fault.Rule{Kind: fault.Cut}, seen{Status: 201, Body: `{"ok`, Effect: true, Torn: true}},
		{fault.Rule{Kind: fault.Drip}, seen{Status: 201, Body: `{"ok`, Effect: true, Torn: true}},
		{fault.Rule{Kind: fault.Retyped}, seen{Status: 201, Body: `{"ok":"1"}`, Effect: true}},
		{fault.Rule{Kind: fault.HTML}, seen{Status: 201, Body: "<!doctype html><title>Gateway</title><p>Please try again.", Effect: true}},
	}
	for _, test := range tests {
		t.Run(string(test.rule.Kind), func(t *testing.T) {
			var got seen
			var faults fault.Faults
			test.rule.Match = "svc POST /a/*"
			if err := faults.Add(test.rule); err != nil {
				t.Fatal(err)
			}
			var caller context.Context
			wrapped := faults.Wrap("svc", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got.Effect, got.Late = string(body) == "x", caller.Err() != nil
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"ok":1}`)
			}))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				caller = r.Context()
				wrapped.ServeHTTP(w, r)
			}))
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/a/b", strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				got.Lost = true
			} else {
				body, err := io.ReadAll(response.Body)
				got.Status, got.Body, got.Torn = response.StatusCode, string(body), err != nil
				if test.rule.Kind == fault.Drip { // which comes as far as it comes
					got.Body = got.Body[:min(len(got.Body), len(test.want.Body))]
				}
				_ = response.Body.Close()
			}
			server.Close() // waits for the handler, whose effect is read below
			if landed := faults.Rules()[0].Landed; (landed == 1) != test.want.Effect {
				t.Errorf("%d effects counted", landed)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARuleEndsAfterItsTimesAndMatchesOnlyItsCall(t *testing.T) {
	var faults fault.Faults
	if err := faults.Add(fault.Rule{Match: "zoom POST /v2/users/*/meetings", Kind: fault.Error, Status: 500, Times: 2}); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		call string
		hit  bool
	}{
		{"zoom GET /v2/users/me/meetings", false},
		{"google POST /v2/users/me/meetings", false},
		{"zoom POST /v2/users/me/meetings", true},
		{"zoom POST /v2/users/me/meetings", true},
		{"zoom POST /v2/users/me/meetings", false},
	} {
		if _, hit := faults.Take(step.call, ""); hit != step.hit {
			t.Errorf("call %d, %s: hit is %v", i, step.call, hit)
		}
	}
	if hits := faults.Rules()[0].Hits; hits != 2 {
		t.Errorf("%d hits counted", hits)
	}
}

func TestARuleIsForTheCallsThatHoldItsText(t *testing.T) {
	var faults fault.Faults
	rule := fault.Rule{Match: "* * /**", Holding: []string{"b1", "m1"}, After: 1, Times: 1, Kind: fault.HangBefore}
	if err := faults.Add(rule); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		call, content string
		hit           bool
	}{
		{"zoom DELETE /v2/meetings/m2", "/v2/meetings/m2\n", false},
		{"lambda meeting delete", `{"booking":"b1"}`, false}, // has no path
		{"zoom DELETE /v2/meetings/m1", "/v2/meetings/m1\n", false},
		{"dynamodb POST /PutItem", "/PutItem\n{\"b2\"}", false},
		{"dynamodb POST /PutItem", "/PutItem\n{\"b1\"}", true},
		{"dynamodb POST /PutItem", "/PutItem\n{\"b1\"}", false},
	} {
		if _, hit := faults.Take(step.call, step.content); hit != step.hit {
			t.Errorf("call %d, %s: hit is %v", i, step.call, hit)
		}
	}
	if diff := cmp.Diff([]string{"zoom DELETE /v2/meetings/m1", "dynamodb POST /PutItem"}, faults.Rules()[0].Met); diff != "" {
		t.Errorf("met (-want +got):\n%s", diff)
	}
}

func TestARuleLooksIntoPathAndBody(t *testing.T) {
	for _, c := range []struct {
		target, body string
		status       int
	}{
		{"/a/b1", "", 503}, {"/a/x?of=b1", "", 503}, {"/a/x", "of b1", 503}, {"/a/x", "of b2", 201},
	} {
		var faults fault.Faults
		if err := faults.Add(fault.Rule{Match: "svc POST /a/*", Holding: []string{"b1"}, Kind: fault.Error, Status: 503}); err != nil {
			t.Fatal(err)
		}
		got := httptest.NewRecorder()
		faults.Wrap("svc", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.Copy(w, r.Body)
		})).ServeHTTP(got, httptest.NewRequest("POST", c.target, strings.NewReader(c.body)))
		if got.Code != c.status || c.status == 201 && got.Body.String() != c.body {
			t.Errorf("%s %q: status %d, body %q", c.target, c.body, got.Code, got.Body)
		}
	}
}

func TestRulesAreGivenByHTTP(t *testing.T) {
	var faults fault.Faults
	do := func(method, body string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		faults.ServeHTTP(answer, httptest.NewRequest(method, "/_faults", strings.NewReader(body)))
		return answer
	}
	for _, bad := range []string{`{`, `{"match":"[","kind":"error","status":500}`, `{"match":"a","kind":"none"}`,
		`{"match":"a","kind":"error"}`, `{"match":"zoom GET /","kind":"twice"}`, `{"match":"a","kind":"html","when":1}`} {
		if got := do("POST", bad).Code; got != http.StatusBadRequest {
			t.Errorf("%s: status %d", bad, got)
		}
	}
	if got := do("POST", `{"match":"zoom GET /","kind":"html"}`).Code; got != http.StatusNoContent {
		t.Errorf("a good rule: status %d", got)
	}
	if got := do("GET", "").Body.String(); !strings.Contains(got, "zoom GET /") {
		t.Errorf("the list is %s", got)
	}
	do("DELETE", "")
	if got := faults.Rules(); len(got) != 0 {
		t.Errorf("after DELETE: %v", got)
	}
}
