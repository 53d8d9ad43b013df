package httpapi

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"yakusoku/shared/language"
	"yakusoku/shared/metric"
	"yakusoku/shared/problem"
)

// Measured are the routes whose time guests feel most, by method and pattern.
func Measured() []string {
	return []string{http.MethodGet + " " + slotsPath, http.MethodPost + " " + bookingsPath}
}

// Logged writes one line of log a request, without anything that its sender
// wrote, and answers a panic with a problem.
func Logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if p := recover(); p != nil {
				slog.ErrorContext(r.Context(), "panic", "route", r.Pattern, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
				WriteProblem(seen, r, problem.Internal)
			}
			took := time.Since(begun)
			slog.InfoContext(r.Context(), "request", "method", r.Method, "route", r.Pattern,
				"status", seen.status, "ms", took.Milliseconds())
			if slices.Contains(Measured(), r.Pattern) {
				metric.Record(r.Context(), metric.Route, r.Pattern, metric.Time(metric.RequestTime, took))
			}
		}()
		h.ServeHTTP(seen, r)
	})
}

// sealed says of an answer that it is no page: no browser that is led to it shows it as
// one, runs anything in it, frames it, or tells others its address.
func sealed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

// guard answers what no operation takes with a problem too.
func guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refuse(w, r, mux)
	})
}

// inJSON refuses bodies that are not JSON.
func inJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isJSON(r) {
			WriteProblem(w, r, problem.UnsupportedMediaType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isJSON reports whether the request has no body, or says that it is JSON. Media
// types are named in any case (RFC 9110, 8.3.1); huma wants them in small letters.
func isJSON(r *http.Request) bool {
	if r.ContentLength == 0 {
		return true
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Header.Set("Content-Type", media)
	return err == nil && media == "application/json"
}

// refuse tells an unknown path from a method that its path does not take.
func refuse(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	plain := silence{header: http.Header{}}
	mux.ServeHTTP(&plain, r)
	code := problem.NotFound
	if plain.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", plain.header.Get("Allow"))
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

// silence takes an answer that nobody is to read.
type silence struct {
	header http.Header
	status int
}

func (s *silence) Header() http.Header         { return s.header }
func (s *silence) Write(b []byte) (int, error) { return len(b), nil }
func (s *silence) WriteHeader(status int)      { s.status = status }
