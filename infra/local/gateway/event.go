package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// encodeEvent makes the event of payload format 2.0. claims are those of a token
// that was verified; nil where none was asked for.
//
// See docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
func encodeEvent(r *http.Request, key string, parameters, claims map[string]string, body []byte, id string) ([]byte, error) {
	now := time.Now()
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	event := events.APIGatewayV2HTTPRequest{
		Version:  "2.0",
		RouteKey: key,
		// The HTTP API hands the path on decoded (other front doors of Lambda do
		// not), and the query as it came.
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Headers:               headers(r, source),
		QueryStringParameters: query(r),
		PathParameters:        parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     key,
			AccountID:    "000000000000",
			Stage:        "$default",
			RequestID:    id,
			APIID:        "local",
			DomainName:   r.Host,
			DomainPrefix: "local",
			Time:         now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch:    now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.Path,
				Protocol:  r.Proto,
				SourceIP:  source,
				UserAgent: r.UserAgent(),
			},
		},
	}
	if claims != nil {
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
		}
	}
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			event.Cookies = append(event.Cookies, strings.TrimSpace(cookie))
		}
	}
	event.Body = string(body)
	if len(body) > 0 && isBinary(r.Header, body) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return json.Marshal(event)
}

// headers are lower-cased and comma-joined; cookies travel apart.
func headers(r *http.Request, source string) map[string]string {
	h := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name != "Cookie" {
			h[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	// The real gateway extends what the caller claims; the last entry is its own.
	if claimed := h["x-forwarded-for"]; claimed != "" {
		source = claimed + ", " + source
	}
	h["x-forwarded-for"] = source
	h["x-forwarded-proto"] = "http"
	if r.ContentLength >= 0 && r.Method != http.MethodGet {
		h["content-length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	return h
}

// query joins the values of a repeated parameter with commas.
func query(r *http.Request) map[string]string {
	values := r.URL.Query()
	if len(values) == 0 {
		return nil
	}
	joined := make(map[string]string, len(values))
	for name, v := range values {
		joined[name] = strings.Join(v, ",")
	}
	return joined
}

// isBinary reports whether a body goes in base64: whatever is not plainly text.
func isBinary(h http.Header, body []byte) bool {
	if h.Get("Content-Encoding") != "" || !utf8.Valid(body) {
		return true
	}
	kind := h.Get("Content-Type")
	if kind == "" {
		return false
	}
	media, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return true
	}
	switch media {
	case "application/json", "application/xml", "application/javascript":
		return false
	}
	return !strings.HasPrefix(media, "text/")
}

// writeAnswer turns a function's answer back into HTTP. An answer that is not in
// the gateway's form is a 200 with that answer as its JSON body. Nothing is
// written if there is an error.
func writeAnswer(w http.ResponseWriter, payload []byte) error {
	if !isForm(payload) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(payload) // the caller may have left
		return nil
	}
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(payload, &answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode < 100 || answer.StatusCode > 599 {
		return errors.New("the answer's statusCode is not a status")
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(answer.Body)
		if err != nil {
			return fmt.Errorf("decode the answer's body: %w", err)
		}
		body = decoded
	}
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range answer.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if w.Header().Get("Content-Type") == "" && len(body) > 0 {
		w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	}
	// Its own length counts, whatever the function said.
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
	return nil
}

// isForm reports whether an answer is in the gateway's form.
func isForm(payload []byte) bool {
	var form struct {
		StatusCode *int `json:"statusCode"`
	}
	return json.Unmarshal(payload, &form) == nil && form.StatusCode != nil
}
