// Package invoke is Lambda's Invoke API for who calls functions by wire: the
// local Step Functions and the tests. How functions run is package lambdas'.
package invoke

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"yakusoku/infra/local/lambdas"
)

// maxPayload is Lambda's limit of a synchronous request.
const maxPayload = 6 << 20

// Endpoint serves the Invoke API, for calls that wait for their answer.
//
// See docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
func Endpoint(functions lambdas.Invoker) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{function}/invocations", func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", "the payload is over 6 MB")
			return
		}
		if len(payload) == 0 {
			payload = []byte("{}")
		}
		if !json.Valid(payload) {
			refuse(w, http.StatusBadRequest, "InvalidRequestContentException", "the payload is not JSON")
			return
		}
		result, err := functions.Invoke(r.Context(), name(r.PathValue("function")), payload)
		switch {
		case errors.Is(err, lambdas.ErrUnknownFunction):
			refuse(w, http.StatusNotFound, "ResourceNotFoundException", err.Error())
		case errors.Is(err, lambdas.ErrThrottled):
			refuse(w, http.StatusTooManyRequests, "TooManyRequestsException", err.Error())
		case err != nil:
			refuse(w, http.StatusInternalServerError, "ServiceException", err.Error())
		default:
			write(w, result)
		}
	})
	return mux
}

// name is the function's own name, whether it was called by that or by its ARN.
func name(function string) string {
	return function[strings.LastIndexByte(function, ':')+1:]
}

func write(w http.ResponseWriter, result lambdas.Result) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if result.Failed {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	_, _ = w.Write(result.Payload) // the caller may have left
}

// refuse answers with an error of the service itself.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": message}) // the caller may have left
}
