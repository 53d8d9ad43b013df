package httpapi

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"time"

	"yakusoku/shared/language"
	"yakusoku/shared/problem"
)

// guard answers what no operation does with a problem too, and writes one line
// of log a request, without anything that a guest sent.
func guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		_, pattern := mux.Handler(r)
		defer func() {
			if p := recover(); p != nil {
				slog.ErrorContext(r.Context(), "panic", "route", pattern, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
				WriteProblem(seen, r, problem.Internal)
			}
			slog.InfoContext(r.Context(), "request", "method", r.Method, "route", pattern,
				"status", seen.status, "ms", time.Since(begun).Milliseconds())
		}()
		if pattern == "" {
			refuse(seen, r, mux)
			return
		}
		mux.ServeHTTP(seen, r)
	})
}

// refuse tells an unknown path from a method that its path does not take.
func refuse(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, r)
	code := problem.NotFound
	if answer.Code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", answer.Header().Get("Allow"))
		code = problem.MethodNotAllowed
	}
	WriteProblem(w, r, code)
}

// WriteProblem answers with a problem, in the language that the request asks
// for.
func WriteProblem(w http.ResponseWriter, r *http.Request, code problem.Code) {
	l := language.Match(r.Header.Get("Accept-Language"))
	p := problem.New(l, code)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Content-Language", string(l))
	w.Header().Set("Cache-Control", private)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller may have left
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
