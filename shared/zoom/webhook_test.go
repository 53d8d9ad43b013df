package zoom_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/zoom"
)

// Made with another implementation: openssl dgst -sha256 -hmac secret.
const (
	signedAt   = "1739923528"
	signedBody = `{"event":"meeting.deleted"}`
	signed     = "v0=e20c4dd6129d4fc564b8b86c19f1f270f1a0ff0e1f3e56a963a2f4144624f411"
)

func TestOnlyWhatZoomSignedNotLongAgoIsVerified(t *testing.T) {
	tests := []struct {
		name                         string
		token, stamp, signature, raw string
		off                          time.Duration
		ok                           bool
	}{
		{"as it was signed", "secret", signedAt, signed, signedBody, 0, true},
		{"five minutes later", "secret", signedAt, signed, signedBody, 5 * time.Minute, true},
		{"five minutes before", "secret", signedAt, signed, signedBody, -5 * time.Minute, true},
		{"later", "secret", signedAt, signed, signedBody, 5*time.Minute + time.Second, false},
		{"before", "secret", signedAt, signed, signedBody, -5*time.Minute - time.Second, false},
		{"by another token", "secret2", signedAt, signed, signedBody, 0, false},
		{"with another body", "secret", signedAt, signed, signedBody + " ", 0, false},
		{"with another stamp", "secret", "1739923529", signed, signedBody, 0, false},
		{"in capitals", "secret", signedAt, strings.ToUpper(signed), signedBody, 0, false},
		{"without the version", "secret", signedAt, signed[3:], signedBody, 0, false},
		{"half of it", "secret", signedAt, signed[:20], signedBody, 0, false},
		{"not signed", "secret", signedAt, "", signedBody, 0, false},
		{"without a stamp", "secret", "", zoom.Sign("secret", "", []byte(signedBody)), signedBody, 0, false},
		{"with a date for a stamp", "secret", "2025-02-19", zoom.Sign("secret", "2025-02-19", []byte(signedBody)), signedBody, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := time.Unix(1739923528, 0).Add(test.off)
			err := zoom.Verify(test.token, test.stamp, test.signature, []byte(test.raw), now)
			if unsigned := (*zoom.Unsigned)(nil); test.ok != (err == nil) || err != nil && !errors.As(err, &unsigned) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAChallengeIsAnsweredByTheToken(t *testing.T) {
	want := zoom.Challenged{PlainToken: "qgg8vlvZRS6UYooatFL8Aw", EncryptedToken: "72cef096bfd47c0b8664df30d07721641e4abd7e885ba432204260db477a9a3e"}
	if diff := cmp.Diff(want, zoom.Challenge("secret", "qgg8vlvZRS6UYooatFL8Aw")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEventIsReadInEveryShapeThatZoomSends(t *testing.T) {
	removed := time.Date(2026, 12, 1, 9, 30, 0, 632e6, time.UTC)
	tests := []struct {
		name, body string
		want       zoom.Event // Name empty: it is none
	}{
		{"deleted", `{"event":"meeting.deleted","event_ts":1627906944416,"payload":{"account_id":"a","operator":"o@example.com","operator_id":"op","operation":"all","object":{"uuid":"4444AAAiAAAAAiAiAiiAii==","id":1234567890,"host_id":"u1","type":2}}}`,
			zoom.Event{Name: "meeting.deleted", User: "u1"}},
		{"its id as a string", `{"event":"meeting.deleted","event_ts":1627906944416,"payload":{"object":{"id":"1234567890","host_id":"u1"}}}`,
			zoom.Event{Name: "meeting.deleted", User: "u1"}},
		{"updated, its host not named", `{"event":"meeting.updated","event_ts":1,"payload":{"operator":"o@example.com","operator_id":"u2","scope":"all","object":{"id":94446976353,"start_time":"2026-12-01T10:00:00Z"},"old_object":{"id":94446976353},"time_stamp":1}}`,
			zoom.Event{Name: "meeting.updated", User: "u2"}},
		{"restored", `{"event":"meeting.recovered","event_ts":"1","payload":{"object":{"id":1,"host_id":"u1"}}}`, zoom.Event{Name: "meeting.recovered", User: "u1"}},
		{"erased", `{"event":"meeting.permanently_deleted","payload":{"object":{"id":1,"host_id":"u1"}}}`, zoom.Event{Name: "meeting.permanently_deleted", User: "u1"}},
		{"of nobody", `{"event":"meeting.deleted","payload":{"object":{"id":1}}}`, zoom.Event{}},
		{"of somebody endless", `{"event":"meeting.deleted","payload":{"object":{"id":1,"host_id":"` + strings.Repeat("u", 200) + `"}}}`, zoom.Event{}},
		{"its id as an object", `{"event":"meeting.deleted","payload":{"object":{"id":{},"host_id":"u1"}}}`, zoom.Event{}},
		{"without an object", `{"event":"meeting.deleted","payload":null}`, zoom.Event{}},
		{"without a payload", `{"event":"meeting.deleted"}`, zoom.Event{}},
		{"removed", `{"event":"app_deauthorized","payload":{"account_id":"a","user_id":"u1","signature":"827e","deauthorization_time":"2026-12-01T09:30:00.632Z","client_id":"c","event_ts":"2024-09-08 15:58:40"}}`,
			zoom.Event{Name: "app_deauthorized", User: "u1", At: removed}},
		{"removed, older documents", `{"event":"app_deauthorized","event_ts":1740439732278,"payload":{"user_data_retention":"false","account_id":"a","user_id":"u1","signature":"827e","deauthorization_time":"2026-12-01T18:30:00.632+09:00","client_id":"c"}}`,
			zoom.Event{Name: "app_deauthorized", User: "u1", At: removed}},
		{"removed, at a time in another form", `{"event":"app_deauthorized","payload":{"user_id":"u1","deauthorization_time":"yesterday"}}`, zoom.Event{Name: "app_deauthorized", User: "u1"}},
		{"removed, by nobody", `{"event":"app_deauthorized","payload":{}}`, zoom.Event{}},
		{"a challenge", `{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"p"}}`, zoom.Event{Name: "endpoint.url_validation", PlainToken: "p"}},
		{"another, of any shape", `{"event":"user.created","event_ts":{},"payload":[1]}`, zoom.Event{Name: "user.created"}},
		{"another", `{"event":"meeting.started","event_ts":1,"payload":{"object":{"id":"1","host_id":"u1"}}}`, zoom.Event{Name: "meeting.started"}},
		{"without a name", `{"payload":{}}`, zoom.Event{}},
		{"no JSON", `<html>`, zoom.Event{}},
		{"nothing", ``, zoom.Event{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := zoom.ParseEvent([]byte(test.body))
			if (err != nil) != (test.want.Name == "") {
				t.Fatalf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "u1") {
				t.Errorf("the error quotes the body: %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(zoom.Event{}, "Key"), cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoEventsHaveOneKeyIfTheyAreTheSame(t *testing.T) {
	event := func(name, stamp, uuid, id, user string) string {
		return fmt.Sprintf(`{"event":%q,"event_ts":%s,"payload":{"object":{"uuid":%q,"id":%s,"host_id":%q}}}`, name, stamp, uuid, id, user)
	}
	first := event("meeting.deleted", "1", "a", "7", "u")
	tests := []struct {
		name, body string
		same       bool
	}{
		{"again", first, true},
		{"its numbers as strings", event("meeting.deleted", `"1"`, "a", `"7"`, "u"), true},
		{"another name", event("meeting.updated", "1", "a", "7", "u"), false},
		{"another time", event("meeting.deleted", "2", "a", "7", "u"), false},
		{"another meeting", event("meeting.deleted", "1", "b", "7", "u"), false},
		{"another user", event("meeting.deleted", "1", "a", "7", "v"), false},
		{"cut elsewhere", event("meeting.deleted", "1", "au", "7", ""), false},
	}
	key := func(body string) string {
		e, err := zoom.ParseEvent([]byte(body))
		if err != nil {
			return ""
		}
		return e.Key
	}
	for _, test := range tests {
		if got := key(test.body) == key(first); got != test.same {
			t.Errorf("%s: the same %v", test.name, got)
		}
	}
}
