package httpapi

import (
	"context"
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
		// The path comes decoded; the adapter parses it as one that is not.
		e.RawPath = (&url.URL{Path: e.RawPath}).EscapedPath()
		return adapter.ProxyWithContext(ctx, e)
	}
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
