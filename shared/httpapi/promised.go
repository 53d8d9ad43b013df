package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Promised is the part of a document that its callers may build on (CHANGELOG.md):
// all but the console's own API, which changes with the console.
func Promised(document []byte) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(document, &all); err != nil {
		return nil, err
	}
	var paths map[string]json.RawMessage
	if err := json.Unmarshal(all["paths"], &paths); err != nil {
		return nil, err
	}
	maps.DeleteFunc(paths, func(path string, _ json.RawMessage) bool { return strings.HasPrefix(path, hostPrefix) })
	text, err := json.MarshalIndent(map[string]any{
		"paths": paths, "webhooks": all["webhooks"], "components": all["components"],
	}, "", " ")
	return append(text, '\n'), err
}

// What a deprecated operation says of itself in the document, beside "deprecated":
// the day since when it is, and the day after which it may be gone.
const (
	deprecatedSince = "x-deprecated-since"
	sunset          = "x-sunset"
)

// tellOfSunset has each answer of a deprecated operation say so (RFC 9745 and 8594),
// as nobody reads a document again whose program works.
func tellOfSunset(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	if since, ok := dayOf(op, deprecatedSince); ok && op.Deprecated {
		ctx.SetHeader("Deprecation", "@"+strconv.FormatInt(since.Unix(), 10))
	}
	if until, ok := dayOf(op, sunset); ok && op.Deprecated {
		ctx.SetHeader("Sunset", until.Format(http.TimeFormat))
	}
	next(ctx)
}

func dayOf(op *huma.Operation, extension string) (time.Time, bool) {
	day, _ := op.Extensions[extension].(string)
	at, err := time.Parse(time.DateOnly, day)
	return at, err == nil
}
