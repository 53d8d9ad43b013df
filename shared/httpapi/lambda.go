package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// Lambda is the handler as API Gateway's HTTP API calls it (payload 2.0).
func Lambda(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	adapter := httpadapter.NewV2(joined(h))
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		e.RawQueryString = escaped(e.RawQueryString)
		// The path comes decoded; the adapter parses it as one that is not.
		e.RawPath = (&url.URL{Path: e.RawPath}).EscapedPath()
		return adapter.ProxyWithContext(ctx, e)
	}
}

// escaped is a query without what ends one, and what is in no URL: the adapter would fail
// at it, and log what was sent.
func escaped(query string) string {
	var clean strings.Builder
	for _, c := range []byte(query) {
		if c < ' ' || c == 0x7f || c == '#' {
			fmt.Fprintf(&clean, "%%%02X", c)
			continue
		}
		clean.WriteByte(c)
	}
	return clean.String()
}

// joined makes each header one value again: API Gateway joins repeated headers by
// commas, and the adapter splits at every comma, those within a value too.
func joined(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if name != "Cookie" && len(values) > 1 {
				r.Header[name] = []string{strings.Join(values, ", ")}
			}
		}
		h.ServeHTTP(w, r)
	})
}
