package breaking_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/httpapi"
	"yakusoku/shared/httpapi/breaking"
)

// released is what was promised by the last release: `go run ./generate -release`.
//
//go:embed released.json
var released []byte

// What was released stays (CHANGELOG.md): a program that worked with it works on.
func TestNothingThatWasReleasedIsBroken(t *testing.T) {
	now, err := httpapi.Promised(httpapi.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaking.Find(parsed(t, released), parsed(t, now), time.Now()) {
		t.Error(b)
	}
	if len(released) > 200<<10 {
		t.Errorf("the released document has %d bytes", len(released))
	}
}

func TestWhatBreaksAProgramIsFound(t *testing.T) {
	const base = `{"components": {"schemas": {
		"Page": {"type": "object", "required": ["slug"], "properties": {
			"slug": {"type": "string", "maxLength": 64}, "format": {"type": "string", "enum": ["web", "phone"]},
			"parts": {"type": "array", "items": {"$ref": "#/components/schemas/Page"}}, "at": {"type": "string", "format": "date"}}},
		"News": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}},
		"webhooks": {"booking": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/News"}}}}}}},
		"paths": {"/api/v1/pages/{page}": {
			"get": {"security": [{"apiKey": ["pages:read"]}], "parameters": [
				{"in": "path", "name": "page", "required": true, "schema": {"type": "string"}},
				{"in": "query", "name": "from", "schema": {"type": "string"}}],
				"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}, "404": {}}},
			"put": {"security": [{"apiKey": ["pages:write"]}],
				"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}},
				"responses": {"204": {}}}}}}`
	const page, get, put = "components/schemas/Page/", "paths/~api~v1~pages~{page}/get/", "paths/~api~v1~pages~{page}/put/"
	for name, c := range map[string]struct {
		at    string // what is changed; the last part of it may be new
		to    any    // nil: it is taken away
		wants []string
	}{
		"nothing":                       {"info", "other", nil},
		"an operation more":             {"paths/~api~v1~more", map[string]any{"get": map[string]any{}}, nil},
		"an answer's status more":       {get + "responses/409", map[string]any{}, nil},
		"a property more":               {page + "properties/title", map[string]any{"type": "string"}, nil},
		"an option more":                {page + "properties/format/enum", []any{"web", "phone", "visit"}, nil},
		"room for more":                 {page + "properties/slug/maxLength", 100.0, nil},
		"a parameter more":              {get + "parameters/2", map[string]any{"in": "query", "name": "to", "schema": map[string]any{"type": "string"}}, nil},
		"no path":                       {"paths/~api~v1~pages~{page}", nil, []string{"GET /api/v1/pages/{page} is gone", "PUT /api/v1/pages/{page} is gone"}},
		"no operation":                  {"paths/~api~v1~pages~{page}/put", nil, []string{"PUT /api/v1/pages/{page} is gone"}},
		"another scope":                 {get + "security", []any{map[string]any{"apiKey": []any{"pages:write"}}}, []string{"GET /api/v1/pages/{page} asks for other rights"}},
		"no such parameter":             {get + "parameters/1", nil, []string{"GET /api/v1/pages/{page} query from is gone"}},
		"a parameter that is asked for": {get + "parameters/1/required", true, []string{"GET /api/v1/pages/{page} query from is required now"}},
		"a parameter more, asked for": {get + "parameters/2", map[string]any{"in": "header", "name": "If-Match", "required": true},
			[]string{"GET /api/v1/pages/{page} header If-Match is required now"}},
		"a parameter of another type": {get + "parameters/1/schema/type", "integer", []string{"GET /api/v1/pages/{page} query from is of another type"}},
		"another success":             {put + "responses", map[string]any{"200": map[string]any{}}, []string{"PUT /api/v1/pages/{page} answers 204 no more"}},
		"no property": {page + "properties/format", nil, []string{
			"GET /api/v1/pages/{page} answer.format is gone", "PUT /api/v1/pages/{page} body.format is gone"}},
		"no option": {page + "properties/format/enum", []any{"web"}, []string{
			"GET /api/v1/pages/{page} answer.format lacks the option phone", "PUT /api/v1/pages/{page} body.format lacks the option phone"}},
		"another type": {page + "properties/slug/type", "integer", []string{
			"GET /api/v1/pages/{page} answer.slug is of another type", "PUT /api/v1/pages/{page} body.slug is of another type"}},
		"null as well": {page + "properties/slug/type", []any{"string", "null"}, []string{"GET /api/v1/pages/{page} answer.slug is of another type"}},
		"another form": {page + "properties/at/format", "date-time", []string{
			"GET /api/v1/pages/{page} answer.at has another form", "PUT /api/v1/pages/{page} body.at has another form"}},
		"other items": {page + "properties/parts/items", map[string]any{"type": "string"}, []string{
			"GET /api/v1/pages/{page} answer.parts[] is of another type", "PUT /api/v1/pages/{page} body.parts[] is of another type"}},
		"asked for from now on":       {page + "required", []any{"slug", "format"}, []string{"PUT /api/v1/pages/{page} body.format is required now"}},
		"not sure any more":           {page + "required", []any{}, []string{"GET /api/v1/pages/{page} answer.slug may be left out now"}},
		"room for less":               {page + "properties/slug/maxLength", 32.0, []string{"PUT /api/v1/pages/{page} body.slug has a narrower maxLength"}},
		"a limit where none was":      {page + "properties/at/minLength", 10.0, []string{"PUT /api/v1/pages/{page} body.at has a narrower minLength"}},
		"a pattern":                   {page + "properties/slug/pattern", "^a", []string{"PUT /api/v1/pages/{page} body.slug has another pattern"}},
		"a deprecation without a day": {put + "deprecated", true, []string{"PUT /api/v1/pages/{page} is to go sooner than in a year"}},
		"nothing is sent any more":    {put + "requestBody", nil, []string{"PUT /api/v1/pages/{page} body is gone"}},
		"less news":                   {"components/schemas/News/properties/id", nil, []string{"webhook booking news.id is gone"}},
		"no news":                     {"webhooks/booking", nil, []string{"webhook booking is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := parsed(t, []byte(base))
			change(now, strings.Split(c.at, "/"), c.to)
			got := breaking.Find(parsed(t, []byte(base)), now, time.Now())
			if diff := cmp.Diff(c.wants, got); diff != "" {
				t.Errorf("breaks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsDeprecatedStaysForAYear(t *testing.T) {
	released := parsed(t, []byte(`{"paths": {"/api/v1/old": {"get": {}}}}`))
	for ends, want := range map[string][]string{
		"2028-01-31": {"GET /api/v1/old is to go sooner than in a year"},
		"2028-02-01": nil,
	} {
		now := parsed(t, []byte(`{"paths": {"/api/v1/old": {"get": {"deprecated": true, "x-deprecated-since": "2027-02-01", "x-sunset": "`+ends+`"}}}}`))
		if diff := cmp.Diff(want, breaking.Find(released, now, time.Now())); diff != "" {
			t.Errorf("until %s (-want +got):\n%s", ends, diff)
		}
	}
}

// What was announced in a release, and whose day is over, may go.
func TestADeprecatedOperationMayGoAfterItsSunset(t *testing.T) {
	base := func(op string) map[string]any {
		return parsed(t, []byte(`{"paths": {"/api/v1/old": {"get": {`+op+`}}}}`))
	}
	none := parsed(t, []byte(`{"paths": {}}`))
	today := time.Date(2028, 2, 2, 0, 0, 0, 0, time.UTC)
	got := map[string]bool{}
	for name, op := range map[string]string{
		"never announced": ``, "announced without a day": `"deprecated": true`,
		"before its day": `"deprecated": true, "x-sunset": "2028-02-03"`, "after it": `"deprecated": true, "x-sunset": "2028-02-01"`,
	} {
		got[name] = len(breaking.Find(base(op), none, today)) == 0
	}
	want := map[string]bool{"never announced": false, "announced without a day": false, "before its day": false, "after it": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("may go (-want +got):\n%s", diff)
	}
}

func parsed(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// change sets what stands there, or takes it away. In a part of the way, ~ stands
// for a slash.
func change(in any, way []string, to any) any {
	name := strings.ReplaceAll(way[0], "~", "/")
	switch in := in.(type) {
	case map[string]any:
		switch {
		case len(way) > 1:
			in[name] = change(in[name], way[1:], to)
		case to == nil:
			delete(in, name)
		default:
			in[name] = to
		}
		return in
	case []any:
		n := int(name[0] - '0')
		switch {
		case len(way) > 1:
			in[n] = change(in[n], way[1:], to)
		case to == nil:
			return slices.Delete(in, n, n+1)
		default:
			return append(in, to)
		}
		return in
	}
	panic(fmt.Sprintf("no %v in %v", way, in))
}
