package zoom_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/zoom"
)

// whoFailed compares errors by their kind and what they decide, not by their
// words.
var whoFailed = cmp.Options{
	cmpopts.IgnoreFields(zoom.Refused{}, "Op"), cmpopts.IgnoreFields(zoom.RateLimited{}, "Op"),
	cmpopts.IgnoreFields(zoom.Unavailable{}, "Op", "Err"), roughly,
}

func TestAUserIsReadAsZoomHasThem(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   zoom.User
		failed error
	}{
		{"in full", 200, `{"id":"u1","account_id":"a1","email":"host@example.com","first_name":"花子","last_name":"約束","display_name":"約束 花子",
			"type":2,"status":"active","timezone":"Asia/Tokyo","language":"ja-JP","pmi":1234567890,"verified":1}`,
			zoom.User{ID: "u1", AccountID: "a1", Email: "host@example.com", Name: "約束 花子", Type: zoom.Licensed, Status: "active", TimeZone: "Asia/Tokyo"}, nil},
		{"with no more than what is certain", 200, `{"id":"u1","type":1,"first_name":"Hana"}`, zoom.User{ID: "u1", Type: zoom.Basic, Name: "Hana"}, nil},
		{"of a type that is new", 200, `{"id":"u1","type":7}`, zoom.User{ID: "u1", Type: 7}, nil},
		{"without an id", 200, `{"type":2}`, zoom.User{}, &zoom.Unavailable{}},
		{"without a type", 200, `{"id":"u1"}`, zoom.User{}, &zoom.Unavailable{}},
		{"as a page", 200, `<html>`, zoom.User{}, &zoom.Unavailable{}},
		{"when they are gone", 404, `{"code":1001,"message":"User does not exist"}`, zoom.User{}, &zoom.Refused{Status: 404, Code: 1001}},
		{"when their grant was replaced", 401, `{"code":4741,"message":"x"}`, zoom.User{}, &zoom.Refused{Status: 401, Code: 4741}},
		{"without the scope", 400, `{"code":4711,"message":"x"}`, zoom.User{}, &zoom.Refused{Status: 400, Code: 4711}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, seen := answering(t, test.status, nil, test.body)
			got, err := c.User(t.Context())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.failed, err, whoFailed); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if seen.Request != "GET /v2/users/me" {
				t.Errorf("asked %s", seen.Request)
			}
		})
	}
}

func TestOnlyAnInactiveOrInvitedUserIsNotActive(t *testing.T) {
	for status, want := range map[string]bool{"": true, "active": true, "inactive": false, "pending": false} {
		if got := (zoom.User{Status: status}).Active(); got != want {
			t.Errorf("%q: active %t, want %t", status, got, want)
		}
	}
}

func TestSettingsAreAHint(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name   string
		status int
		body   string
		want   *bool
		failed error
	}{
		{"summaries start", 200, `{"in_meeting":{"meeting_summary_with_ai_companion":{"enable":true,"auto_enable":true}}}`, &yes, nil},
		{"summaries start, for all that is said", 200, `{"in_meeting":{"meeting_summary_with_ai_companion":{"auto_enable":true}}}`, &yes, nil},
		{"summaries wait", 200, `{"in_meeting":{"meeting_summary_with_ai_companion":{"enable":true,"auto_enable":false}}}`, &no, nil},
		{"there are no summaries", 200, `{"in_meeting":{"meeting_summary_with_ai_companion":{"enable":false,"auto_enable":true}}}`, &no, nil},
		{"not said", 200, `{"in_meeting":{}}`, nil, nil},
		{"nothing said", 200, `{}`, nil, nil},
		{"no scope", 400, `{"code":4711,"message":"x"}`, nil, nil},
		{"not allowed", 400, `{"code":200,"message":"x"}`, nil, nil},
		{"a dead grant", 401, `{"code":124,"message":"x"}`, nil, &zoom.Refused{Status: 401, Code: 124}},
		{"nobody", 404, `{"code":1001,"message":"x"}`, nil, &zoom.Refused{Status: 404, Code: 1001}},
		{"a limit", 429, ``, nil, &zoom.RateLimited{}},
		{"no answer", 503, ``, nil, &zoom.Unavailable{Status: 503}},
		{"a page", 200, `<html>`, nil, &zoom.Unavailable{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, seen := answering(t, test.status, nil, test.body)
			got, err := c.Settings(t.Context())
			if diff := cmp.Diff(zoom.Settings{AutoSummary: test.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.failed, err, whoFailed); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if want := "GET /v2/users/me/settings?custom_query_fields=meeting_summary_with_ai_companion"; seen.Request != want {
				t.Errorf("asked %s", seen.Request)
			}
		})
	}
}

func TestARevocationIsDoneWhenZoomNoLongerKnowsTheToken(t *testing.T) {
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   error
	}{
		{"done", 200, nil, `{"status":"success"}`, nil},
		{"dead before", 400, nil, `{"reason":"Invalid Token!","error":"invalid_grant"}`, nil},
		{"dead before, in OAuth's own word", 401, nil, `{"error":"invalid_token"}`, nil},
		{"dead before, as it used to be said", 400, nil, `{"reason":"Invalid Token!","error":"invalid_request"}`, nil},
		{"a form that is wrong", 400, nil, `{"reason":"Bad Request","error":"invalid_request"}`, &zoom.Unavailable{Status: 400}},
		{"our own secret", 400, nil, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`, &zoom.Refused{Status: 400}},
		{"our own secret, as others say it", 401, map[string]string{"X-Zm-Trackingid": "v=2.0"}, `{"error":"invalid_client"}`, &zoom.Refused{Status: 401, TrackingID: "v=2.0"}},
		{"a limit", 429, map[string]string{"Retry-After": "90"}, ``, &zoom.RateLimited{RetryAfter: 90e9}},
		{"no words", 401, nil, ``, &zoom.Unavailable{Status: 401}},
		{"not success", 200, nil, `{"status":"failed"}`, &zoom.Unavailable{}},
		{"a page", 200, nil, `<html>`, &zoom.Unavailable{}},
		{"a gateway's page", 502, nil, `<html>`, &zoom.Unavailable{Status: 502}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, seen := answering(t, test.status, test.header, test.body)
			err := zoom.Revoke(t.Context(), c.HTTP, c.Base, "id", "secret", "a+token")
			if diff := cmp.Diff(test.want, err, whoFailed); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if seen.Request != "POST /oauth/revoke" || string(seen.body) != "token=a%2Btoken" {
				t.Errorf("asked %s with %s", seen.Request, seen.body)
			}
		})
	}
	c, _ := answering(t, 200, nil, "")
	c.HTTP.Transport = broken{}
	if _, ok := errors.AsType[*zoom.Unavailable](zoom.Revoke(t.Context(), c.HTTP, c.Base, "id", "secret", "token")); !ok {
		t.Error("a connection that ends tells nothing of the grant")
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection reset")
}
