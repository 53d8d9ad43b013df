package lambdas

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxPayload is Lambda's limit of a synchronous request or response.
const maxPayload = 6 << 20

// ServeHTTP serves the Lambda Runtime API to every process, each below a path
// of its own: /{function}/{instance}/2018-06-01/runtime/...
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.api.ServeHTTP(w, r)
}

func (h *Host) runtimeAPI() http.Handler {
	const base = "/{function}/{instance}/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", h.of(h.next))
	mux.HandleFunc("POST "+base+"/invocation/{request}/response", h.of(h.respond))
	mux.HandleFunc("POST "+base+"/invocation/{request}/error", h.of(h.fail))
	mux.HandleFunc("POST "+base+"/init/error", h.of(h.failInit))
	return mux
}

// of finds the process that a request of the Runtime API comes from.
func (h *Host) of(serve func(http.ResponseWriter, *http.Request, *instance)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, ok := h.pool(r.PathValue("function"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		in, ok := p.instance(r.PathValue("instance"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		serve(w, r, in)
	}
}

func (h *Host) next(w http.ResponseWriter, r *http.Request, in *instance) {
	call := in.poll(r.Context().Done())
	if call == nil {
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Lambda-Runtime-Aws-Request-Id", call.id)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", ARN(in.pool.function.Name))
	header.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%024x;Sampled=0", call.deadline.Unix(), call.deadline.UnixNano()))
	_, _ = w.Write(call.payload) // a process that left is seen by its exit
}

func (h *Host) respond(w http.ResponseWriter, r *http.Request, in *instance) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	result := Result{Payload: payload}
	switch {
	case len(payload) > maxPayload:
		result = failure("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).")
	case len(payload) > 0 && !json.Valid(payload):
		result = failure("Runtime.InvalidResponse", "the response is not JSON")
	}
	accept(w, in.answer(r.PathValue("request"), result))
}

func (h *Host) fail(w http.ResponseWriter, r *http.Request, in *instance) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	accept(w, in.answer(r.PathValue("request"), Result{Payload: payload, Failed: true}))
}

func (h *Host) failInit(w http.ResponseWriter, r *http.Request, in *instance) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case in.failed <- payload:
		accept(w, true)
	default:
		accept(w, false)
	}
}

// accept answers a process that told of an invocation's end.
func accept(w http.ResponseWriter, known bool) {
	w.Header().Set("Content-Type", "application/json")
	if !known {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

// ARN is the name by which AWS services know the function.
func ARN(function string) string {
	return "arn:aws:lambda:us-east-1:000000000000:function:" + function
}
