package invoke_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/invoke"
	"yakusoku/infra/local/lambdas"
)

// functions knows "settle" and counts its calls.
type functions struct {
	result lambdas.Result
	err    error

	mu      sync.Mutex
	calls   int
	payload string
}

func (f *functions) Invoke(_ context.Context, name string, payload []byte) (lambdas.Result, error) {
	if name != "settle" {
		return lambdas.Result{}, lambdas.ErrUnknownFunction
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	f.payload = string(payload)
	return f.result, f.err
}

func post(t *testing.T, i lambdas.Invoker, function, payload string) (*http.Response, string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/2015-03-31/functions/"+function+"/invocations", strings.NewReader(payload))
	invoke.Endpoint(i).ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

func TestTheEndpointAnswersAsLambda(t *testing.T) {
	good := lambdas.Result{Payload: []byte(`{"ok":true}`)}
	bad := lambdas.Result{Payload: []byte(`{"errorType":"Refused"}`), Failed: true}
	for name, c := range map[string]struct {
		functions         *functions
		function, payload string
		status            int
		functionError     string
		errorType         string
		body              string // "" for any
	}{
		"an answer":                {&functions{result: good}, "settle", `{"step":"confirm"}`, 200, "", "", `{"ok":true}`},
		"an answer, called by ARN": {&functions{result: good}, lambdas.ARN("settle"), `{}`, 200, "", "", `{"ok":true}`},
		"no payload is {}":         {&functions{result: good}, "settle", ``, 200, "", "", `{"ok":true}`},
		"a failure":                {&functions{result: bad}, "settle", `{}`, 200, "Unhandled", "", `{"errorType":"Refused"}`},
		"an unknown function":      {&functions{}, "nobody", `{}`, 404, "", "ResourceNotFoundException", ""},
		"too many calls":           {&functions{err: lambdas.ErrThrottled}, "settle", `{}`, 429, "", "TooManyRequestsException", ""},
		"no answer":                {&functions{err: errors.New("gone")}, "settle", `{}`, 500, "", "ServiceException", ""},
		"a payload that is none":   {&functions{}, "settle", `{`, 400, "", "InvalidRequestContentException", ""},
		"a payload too large":      {&functions{}, "settle", strings.Repeat(" ", 6<<20+1), 413, "", "RequestTooLargeException", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, body := post(t, c.functions, c.function, c.payload)
			if got.StatusCode != c.status {
				t.Errorf("status %d, want %d", got.StatusCode, c.status)
			}
			if e := got.Header.Get("X-Amz-Function-Error"); e != c.functionError {
				t.Errorf("function error %q, want %q", e, c.functionError)
			}
			if e := got.Header.Get("X-Amzn-ErrorType"); e != c.errorType {
				t.Errorf("error type %q, want %q", e, c.errorType)
			}
			if c.body != "" && body != c.body {
				t.Errorf("body %s, want %s", body, c.body)
			}
		})
	}
}

func TestARuleFailsAStepBeforeOrAfterItsEffect(t *testing.T) {
	for name, c := range map[string]struct {
		rule   fault.Rule
		calls  int
		status int
		body   string // part of it
	}{
		"an error type":             {fault.Rule{Kind: fault.Error, Status: 500, Body: "RateLimited"}, 0, 200, `"errorType":"RateLimited"`},
		"a time-out before":         {fault.Rule{Kind: fault.HangBefore}, 0, 200, "Sandbox.Timedout"},
		"twice":                     {fault.Rule{Kind: fault.Twice}, 2, 200, `{"ok":true}`},
		"a time-out after":          {fault.Rule{Kind: fault.HangAfter}, 1, 200, "Sandbox.Timedout"},
		"a lost answer":             {fault.Rule{Kind: fault.ResetAfter}, 1, 500, ""},
		"an answer without meaning": {fault.Rule{Kind: fault.HTML}, 1, 200, "Runtime.ExitError"},
	} {
		t.Run(name, func(t *testing.T) {
			var faults fault.Faults
			c.rule.Match, c.rule.Times = "lambda settle confirm", 1
			if err := faults.Add(c.rule); err != nil {
				t.Fatal(err)
			}
			f := &functions{result: lambdas.Result{Payload: []byte(`{"ok":true}`)}}
			faulty := invoke.Faulty{Functions: f, Faults: &faults}
			if _, body := post(t, faulty, "settle", `{"step":"release"}`); body != `{"ok":true}` {
				t.Errorf("another step got %s", body)
			}
			got, body := post(t, faulty, "settle", `{"step":"confirm"}`)
			if got.StatusCode != c.status || !strings.Contains(body, c.body) {
				t.Errorf("status %d, body %s; want %d and %s", got.StatusCode, body, c.status, c.body)
			}
			if f.calls-1 != c.calls {
				t.Errorf("%d effects, want %d", f.calls-1, c.calls)
			}
			if _, body := post(t, faulty, "settle", `{"step":"confirm"}`); body != `{"ok":true}` {
				t.Errorf("after its times, the rule still fails: %s", body)
			}
		})
	}
}
