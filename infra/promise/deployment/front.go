package deployment

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Front leads the origin that guests and hosts know to the deployed API, and returns it
// with a handler that does the same for whoever has another address of it.
func (a *Account) Front(ctx context.Context) (origin string, front http.Handler, err error) {
	host, err := a.api(ctx)
	if err != nil {
		return "", nil, err
	}
	if origin, err = a.Output(ctx, "Origin"); err != nil {
		return "", nil, err
	}
	known, err := url.Parse(origin)
	if err != nil {
		return "", nil, fmt.Errorf("read the origin: %w", err)
	}
	name, _, _ := strings.Cut(host, ":")
	if err := a.outside.lead(a.URL, host, name, known.Hostname()); err != nil {
		return "", nil, err
	}
	return origin, &httputil.ReverseProxy{
		Transport: a.outside,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(known) },
	}, nil
}
