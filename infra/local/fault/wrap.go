package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"
)

// longestHang bounds a silence towards a caller that never gives up.
const longestHang = 30 * time.Second

// Wrap returns next under the rules for the service.
func (f *Faults) Wrap(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // its caller has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rule, ok, landed := f.take(service+" "+r.Method+" "+r.URL.Path, r.URL.RequestURI()+"\n"+string(body))
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		rule.fail(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			landed()
		}))
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
	case Late:
		rule.comeLate(r, next)
	case ResetAfter:
		effect(r, next)
		panic(http.ErrAbortHandler)
	case Malformed:
		spoil(w, effect(r, next), []byte(`{"id": }`))
	case Truncated:
		answer := effect(r, next)
		whole := answer.Body.Bytes()
		spoil(w, answer, whole[:len(whole)/2])
	case Cut:
		answer := effect(r, next)
		whole := answer.Body.Bytes()
		answer.Header().Set("Content-Length", strconv.Itoa(len(whole)+1)) // more than there ever is
		head(w, answer)
		_, _ = w.Write(whole[:len(whole)/2])
		_ = http.NewResponseController(w).Flush() // the caller may have left
		panic(http.ErrAbortHandler)
	case Drip:
		drip(w, r, effect(r, next))
	case Retyped:
		answer := effect(r, next)
		spoil(w, answer, retyped(answer.Body.Bytes()))
	case HTML:
		answer := effect(r, next)
		answer.Header().Set("Content-Type", "text/html")
		spoil(w, answer, []byte("<!doctype html><title>Gateway</title><p>Please try again."))
	}
}

// comeLate lets the call happen after its caller has given up.
func (rule Rule) comeLate(r *http.Request, next http.Handler) {
	late := r.Clone(context.WithoutCancel(r.Context()))
	await(r)
	<-time.After(time.Duration(rule.Seconds * float64(time.Second)))
	effect(late, next)
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

// effect lets the call happen and keeps its answer back.
func effect(r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	return answer
}

// drip sends the answer so slowly that its end does not come.
func drip(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
	answer.Header().Del("Content-Length")
	head(w, answer)
	out := http.NewResponseController(w)
	for _, b := range append(answer.Body.Bytes(), bytes.Repeat([]byte(" "), 1<<10)...) {
		if _, err := w.Write([]byte{b}); err != nil || out.Flush() != nil {
			break
		}
		select {
		case <-r.Context().Done():
		case <-time.After(longestHang / (1 << 10)):
			continue
		}
		break
	}
	panic(http.ErrAbortHandler)
}

// retyped is the JSON with every number as a text, and every text as a number.
func retyped(body []byte) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return body // there was none
	}
	var turn func(any) any
	turn = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			for k, v := range value {
				value[k] = turn(v)
			}
		case []any:
			for i, v := range value {
				value[i] = turn(v)
			}
		case json.Number:
			return value.String()
		case string:
			return len(value)
		}
		return value
	}
	text, err := json.Marshal(turn(value))
	if err != nil { // it was JSON
		panic(err)
	}
	return text
}

// spoil sends the answer with another body.
func spoil(w http.ResponseWriter, answer *httptest.ResponseRecorder, body []byte) {
	answer.Header().Del("Content-Length")
	head(w, answer)
	_, _ = w.Write(body) // the caller may have left
}

// head sends all of the answer but its body. Where it has none, its status changes: a
// body behind a 204 would not be sent.
func head(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	if answer.Code == http.StatusNoContent {
		answer.Code = http.StatusOK
	}
	w.WriteHeader(answer.Code)
}
