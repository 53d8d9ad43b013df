package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
)

func TestADeprecatedOperationSaysSoInEachAnswer(t *testing.T) {
	mux := http.NewServeMux()
	api := newAPI(mux)
	for path, deprecated := range map[string]bool{"/old": true, "/new": false} {
		op := huma.Operation{OperationID: path[1:], Method: http.MethodGet, Path: path, Deprecated: deprecated}
		if deprecated {
			op.Extensions = map[string]any{deprecatedSince: "2027-02-01", sunset: "2028-02-01"}
		}
		huma.Register(api, op, func(context.Context, *struct{}) (*struct{}, error) { return nil, errNoSuchThing })
	}
	got := map[string][2]string{}
	for _, path := range []string{"/old", "/new"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		got[path] = [2]string{w.Header().Get("Deprecation"), w.Header().Get("Sunset")}
	}
	want := map[string][2]string{"/old": {"@1801440000", "Tue, 01 Feb 2028 00:00:00 GMT"}, "/new": {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Deprecation and Sunset (-want +got):\n%s", diff)
	}
}
