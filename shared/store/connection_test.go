package store_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var zoomGrant = connection.Connection{Host: "demo", Provider: connection.Zoom, Status: connection.Connected, Sealed: []byte("first")}

func TestARenewedGrantIsStoredAndItsHostListsIt(t *testing.T) {
	put := map[string]func(*store.Store) error{
		"a host that was put": func(s *store.Store) error { return s.PutHost(t.Context(), host.Host{Handle: "demo"}) },
		"an account just made": func(s *store.Store) error {
			return s.OpenHost(t.Context(), host.Host{Handle: "demo", Subject: "hanako"})
		},
		"a host with something": func(s *store.Store) error {
			return s.PutHost(t.Context(), host.Host{Handle: "demo", Connected: map[string]bool{"google": true}})
		},
	}
	for name, put := range put {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			if err := errors.Join(put(s), s.PutConnection(t.Context(), zoomGrant)); err != nil {
				t.Fatal(err)
			}
			// DynamoDB sets nothing within what is NULL; the local engine does.
			if connected := hostRecord(t, s)["Connected"]; !isMap(connected) {
				t.Errorf("Connected is stored as %T", connected)
			}
			renewed := zoomGrant
			renewed.Sealed = []byte("second")
			if err := s.Renew(t.Context(), renewed); err != nil {
				t.Fatal(err)
			}
			stored, err := s.Connection(t.Context(), "demo", connection.Zoom)
			h, errHost := s.Host(t.Context(), "demo")
			if err := errors.Join(err, errHost); err != nil || string(stored.Sealed) != "second" || !h.Connected["zoom"] {
				t.Errorf("error %v, stored %q, listed %v", err, stored.Sealed, h.Connected)
			}
		})
	}
}

// hostRecord is the host's as the table has it.
func hostRecord(t *testing.T, s *store.Store) map[string]types.AttributeValue {
	t.Helper()
	out, err := s.DB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.Table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "HOST#demo"}, "sk": &types.AttributeValueMemberS{Value: "HOST"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	data, _ := out.Item["data"].(*types.AttributeValueMemberM)
	if data == nil {
		t.Fatalf("stored: %v", out.Item)
	}
	return data.Value
}

func isMap(v types.AttributeValue) bool {
	_, ok := v.(*types.AttributeValueMemberM)
	return ok
}

// Whoever is told Stale reads again and tries again: only another version is worth
// that.
func TestAGrantWithoutItsHostIsNoStaleOne(t *testing.T) {
	s := storetest.New(t)
	if err := s.PutConnection(t.Context(), zoomGrant); err != nil {
		t.Fatal(err)
	}
	err := s.Renew(t.Context(), zoomGrant)
	if stale := (*connection.Stale)(nil); err == nil || errors.As(err, &stale) {
		t.Errorf("without its host: %v", err)
	}
	if err := s.PutHost(t.Context(), host.Host{Handle: "demo"}); err != nil {
		t.Fatal(err)
	}
	later := zoomGrant
	later.Version = 7
	err = s.Renew(t.Context(), later)
	if stale := (*connection.Stale)(nil); !errors.As(err, &stale) {
		t.Errorf("of another version: %v, want Stale", err)
	}
}

// A transaction in flight on one item may be what made another's condition fail.
func TestAConflictBesideAFailedConditionDecidesNothing(t *testing.T) {
	const failed, conflict, none = `{"Code":"ConditionalCheckFailed"}`, `{"Code":"TransactionConflict"}`, `{"Code":"None"}`
	type answers []string // cancellation reasons, in turn; then all goes well
	tests := map[string]struct {
		answers answers
		stale   bool
	}{
		"a conflict, then none":             {answers{conflict + "," + none}, false},
		"a conflict after a failed one":     {answers{failed + "," + conflict}, false},
		"a conflict before a failed one":    {answers{conflict + "," + failed}, false},
		"a conflict, then a failed one":     {answers{failed + "," + conflict, failed + "," + none}, true},
		"a failed one, and no conflict yet": {answers{failed + "," + none}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				asked++
				if asked > len(test.answers) {
					_, _ = io.WriteString(w, `{}`)
					return
				}
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[`+test.answers[asked-1]+`]}`)
			}))
			defer server.Close()
			s := &store.Store{Table: "t", DB: dynamodb.New(dynamodb.Options{
				BaseEndpoint: aws.String(server.URL), Region: "us-east-1",
				Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
			})}
			err := s.Renew(t.Context(), zoomGrant)
			stale := (*connection.Stale)(nil)
			if diff := cmp.Diff(test.stale, errors.As(err, &stale)); diff != "" || !test.stale && err != nil {
				t.Errorf("got %v after %d tries", err, asked)
			}
		})
	}
}
