package httpapi

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/apikey"
	"yakusoku/shared/host"
	"yakusoku/shared/zone"
)

// hostPrefix begins what a host's session opens, keyedPrefix what a key does: the
// gateway's authorizer stands before the first, and lets no key through; nothing of
// AWS's before the second, where the function asks for the key itself.
const (
	hostPrefix  = "/api/host/"
	keyedPrefix = "/api/v1/"
)

// hostKey names the security scheme of what takes keys.
const hostKey = "apiKey"

// keyed is the path under which keys have what stands at a host's path.
func keyed(path string) string { return keyedPrefix + strings.TrimPrefix(path, hostPrefix) }

// openToKeys are the scopes of what keys have, by the method and path of hosts.
func openToKeys() map[string]apikey.Scope {
	scopes := map[string]apikey.Scope{}
	for _, r := range Routes() {
		if r.Auth && r.Scope != "" {
			scopes[r.Method+" "+r.Path] = r.Scope
		}
	}
	return scopes
}

// withKeys is the API in which each operation that the table of routes opens to keys
// stands a second time, under keyedPrefix, with the same handler.
func (c *console) withKeys(api huma.API) huma.API {
	both, scopes := huma.NewGroup(api), openToKeys()
	both.UseModifier(func(op *huma.Operation, next func(*huma.Operation)) {
		next(op)
		if scope, open := scopes[op.Method+" "+op.Path]; open {
			next(forKeys(*op, scope))
		}
	})
	both.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		asks := ctx.Operation().Security[0][hostKey]
		if len(asks) == 0 {
			next(ctx)
			return
		}
		h, err := c.holder(ctx.Context(), ctx.Header("Authorization"), apikey.Scope(asks[0]), ctx.Operation().OperationID)
		if err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err) // it says so itself
			return
		}
		next(asked{huma.WithValue(ctx, holderKey{}, h)})
	})
	return both
}

// forKeys is a host's operation as keys have it.
func forKeys(op huma.Operation, scope apikey.Scope) *huma.Operation {
	op.OperationID, op.Path, op.Tags = "v1-"+op.OperationID, keyed(op.Path), []string{keyedTag}
	op.Security = []map[string][]string{{hostKey: {string(scope)}}}
	op.Description = strings.TrimSpace(op.Description + "\n\nScope: `" + string(scope) + "`")
	op.Responses = maps.Clone(op.Responses)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests} {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: maps.Clone(op.Responses["401"].Content),
		}
	}
	return &op
}

// keyedTag groups what takes keys in the document.
const keyedTag = "Open API"

// holderKey is where a context holds the host whose key was shown.
type holderKey struct{}

// holder returns the host whose key is shown, for one use of it. It returns
// *apikey.NotGood, *apikey.RateLimited or *apikey.ScopeMissing.
func (c *console) holder(ctx context.Context, authorization string, scope apikey.Scope, operation string) (host.Host, error) {
	scheme, secret, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return host.Host{}, &apikey.NotGood{}
	}
	k, err := c.Keys.Recognize(ctx, secret)
	if err != nil {
		return host.Host{}, err
	}
	h, err := c.Accounts.ByHandle(ctx, k.Host)
	if is[*host.Unknown](err) { // the account was closed just now
		return host.Host{}, &apikey.NotGood{}
	}
	if err != nil {
		return host.Host{}, err
	}
	in, err := zone.Load(h.TimeZone)
	if err != nil {
		return host.Host{}, err
	}
	slog.InfoContext(ctx, "key shown", "host", k.Host, "key", k.ID, "operation", operation)
	return h, c.Keys.Use(ctx, k, scope, c.Now().In(in).Format(time.DateOnly))
}

// asked is a request that was made with a key: its answer leads to what keys have.
type asked struct{ humaContext }

type humaContext huma.Context // embedded, it must not hide its method Context

func (a asked) SetHeader(name, value string) {
	if name == "Location" && strings.HasPrefix(value, hostPrefix) {
		value = keyed(value)
	}
	a.humaContext.SetHeader(name, value)
}
