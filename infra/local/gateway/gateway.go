// Package gateway stands in for API Gateway's HTTP API: it finds the route of a
// request, makes the event that a function gets (payload format 2.0), and turns
// the function's answer back into HTTP. It adds nothing that the real one does
// not, and refuses what the real one refuses.
package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"yakusoku/infra/local/lambdas"
	"yakusoku/shared/httpapi"
)

// The limits of an HTTP API and of Lambda behind it.
const (
	maxRequest  = 6 << 20 // Lambda's; the HTTP API's own 10 MB is never reached
	maxHeaders  = 10240   // request line and headers
	answerLimit = 30 * time.Second
)

// Gateway serves the routes.
type Gateway struct {
	routes    []route
	functions lambdas.Invoker
	authorize authorizer
	log       *slog.Logger
	limit     time.Duration
}

// New returns a gateway over the routes, whose Auth routes are for whom the issuer
// gave a token. One line about each request goes to
// log, without what identifies a guest: the route, not the path.
func New(routes []httpapi.Route, functions lambdas.Invoker, issuer Issuer, log *slog.Logger) *Gateway {
	g := &Gateway{functions: functions, authorize: authorizer{Issuer: issuer}, log: log, limit: answerLimit}
	for _, r := range routes {
		g.routes = append(g.routes, compile(r))
	}
	return g
}

// ServeHTTP answers as an HTTP API on its $default stage does.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	seen := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
	key := g.serve(seen, r)
	g.log.Info("request", "route", key, "status", seen.status, "took", time.Since(started).Round(10*time.Microsecond).String())
}

// serve answers the request and returns its route's key, "" if it has none.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) string {
	found, parameters, ok := match(g.routes, r.Method, r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return ""
	}
	var claims map[string]string
	if found.Auth {
		var err error
		if claims, err = g.authorize.claims(r); err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer`)
			refuse(w, http.StatusUnauthorized, "Unauthorized")
			return found.key
		}
	}
	if headerSize(r) > maxHeaders {
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return found.key
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return found.key
	}
	payload, err := encodeEvent(r, found.key, parameters, claims, body, uuid.NewString())
	if err != nil || len(payload) > maxRequest {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return found.key
	}
	g.answer(w, r, found, payload)
	return found.key
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, found route, payload []byte) {
	// A guest who leaves does not end the call: the real gateway goes on too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), g.limit)
	defer cancel()
	result, err := g.functions.Invoke(ctx, string(found.Function), payload)
	switch {
	case ctx.Err() != nil:
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case errors.Is(err, lambdas.ErrThrottled):
		// As a stage over its rate says it; API Gateway does not say until when.
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "Too Many Requests")
	case err != nil || result.Failed:
		g.log.Error("function failed", "function", found.Function, "error", err, "answer", string(result.Payload))
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		if err := writeAnswer(w, result.Payload); err != nil {
			g.log.Error("function answered nonsense", "function", found.Function, "error", err)
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
		}
	}
}

// refuse answers in the gateway's own words.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+message+`"}`) // the caller may have left
}

func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// statusRecorder remembers the status for the log.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
