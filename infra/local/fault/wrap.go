package fault

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"time"
)

// longestHang bounds a silence towards a caller that never gives up.
const longestHang = 30 * time.Second

// Wrap returns next under the rules for the service.
func (f *Faults) Wrap(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rule, ok, landed := f.take(service + " " + r.Method + " " + r.URL.Path)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		if rule.Kind == Late {
			rule.comeLate(r, next, landed)
		}
		rule.fail(w, r, next)
	})
}

func (rule Rule) fail(w http.ResponseWriter, r *http.Request, next http.Handler) {
	switch rule.Kind {
	case Error:
		rule.answer(w)
	case HangBefore:
		hang(r)
	case HangAfter:
		effect(r, next)
		hang(r)
	case ResetAfter:
		effect(r, next)
		panic(http.ErrAbortHandler)
	case Malformed:
		spoil(w, effect(r, next), []byte(`{"id": }`))
	case Truncated:
		answer := effect(r, next)
		whole := answer.Body.Bytes()
		spoil(w, answer, whole[:len(whole)/2])
	case HTML:
		answer := effect(r, next)
		answer.Header().Set("Content-Type", "text/html")
		spoil(w, answer, []byte("<!doctype html><title>Gateway</title><p>Please try again."))
	}
}

// comeLate lets the call happen after its caller has given up.
func (rule Rule) comeLate(r *http.Request, next http.Handler, landed func()) {
	late := hold(r)
	await(r)
	<-time.After(time.Duration(rule.Seconds * float64(time.Second)))
	effect(late, next)
	landed()
	panic(http.ErrAbortHandler)
}

func (rule Rule) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	for k, v := range rule.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(rule.Status)
	_, _ = w.Write([]byte(rule.Body)) // the caller may have left
}

// hang returns when the caller has given up; then nobody reads an answer.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the server notices the caller's leaving only then
	await(r)
	panic(http.ErrAbortHandler)
}

// await returns when the caller has given up.
func await(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-time.After(longestHang):
	}
}

// hold is the request in a form that outlives its caller.
func hold(r *http.Request) *http.Request {
	body, _ := io.ReadAll(r.Body) // what is cut off is refused like any bad request
	late := r.Clone(context.WithoutCancel(r.Context()))
	late.Body = io.NopCloser(bytes.NewReader(body))
	return late
}

// effect lets the call happen and keeps its answer back.
func effect(r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	return answer
}

// spoil sends the answer with another body. Where the answer has none, its status
// changes too: a body behind a 204 would not be sent.
func spoil(w http.ResponseWriter, answer *httptest.ResponseRecorder, body []byte) {
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	if answer.Code == http.StatusNoContent {
		answer.Code = http.StatusOK
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // the caller may have left
}
