package google_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
)

func init() {
	operations = append(operations,
		operation{"watch", func(ctx context.Context, c *google.Client) error {
			_, err := c.Watch(ctx, secret, calendar.Channel{Address: "https://yakusoku.example/", Token: secret})
			return err
		}},
		operation{"unwatch", func(ctx context.Context, c *google.Client) error {
			return c.Unwatch(ctx, calendar.Channel{ID: "id", Resource: "resource"})
		}},
		operation{"changes", func(ctx context.Context, c *google.Client) error {
			_, _, err := c.Changes(ctx, secret, "mark", from)
			return err
		}},
	)
}

func TestAChannelIsThatWhichWasAskedFor(t *testing.T) {
	for name, body := range map[string]string{
		"another id":    `{"id":"another","resourceId":"r","expiration":"1764547200000"}`,
		"no resource":   `{"id":"ID","expiration":"1764547200000"}`,
		"no expiration": `{"id":"ID","resourceId":"r"}`,
	} {
		t.Run(name, func(t *testing.T) {
			client := &google.Client{Base: "https://google.invalid", HTTP: &http.Client{Transport: echoing(body)}}
			_, err := client.Watch(t.Context(), "primary", calendar.Channel{})
			if kind(err) != "unavailable" {
				t.Errorf("opened: %v", err)
			}
		})
	}
	t.Run("as it should be", func(t *testing.T) {
		client := &google.Client{Base: "https://google.invalid", HTTP: &http.Client{
			Transport: echoing(`{"id":"ID","resourceId":"r","expiration":"1764547200000"}`),
		}}
		made, err := client.Watch(t.Context(), "primary", calendar.Channel{Token: "t"})
		if err != nil || made.Resource != "r" || made.Token != "t" || !made.Expires.Equal(time.UnixMilli(1764547200000)) {
			t.Errorf("opened %+v, %v", made, err)
		}
	})
}

func TestAChannelThatHasEndedIsNoErrorToEnd(t *testing.T) {
	for _, status := range []int{404, 410} {
		if err := answering(t, status, refusal(status, "notFound")).Unwatch(t.Context(), calendar.Channel{ID: "id"}); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestOnlyAMarkCanBeSpent(t *testing.T) {
	client := answering(t, 410, refusal(410, "fullSyncRequired"))
	_, _, err := client.Changes(t.Context(), "primary", "mark", from)
	if spent := (*calendar.MarkSpent)(nil); !errors.As(err, &spent) {
		t.Errorf("with a mark: %v", err)
	}
	if _, _, err = client.Changes(t.Context(), "primary", "", from); kind(err) != "refused 410 fullSyncRequired" {
		t.Errorf("without: %v", err)
	}
}

func TestChangesAreFollowedOverPages(t *testing.T) {
	asked := 0
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch q := r.URL.Query(); {
		case q.Get("syncToken") != "mark" || q.Has("timeMin"):
			t.Errorf("asked %s", r.URL.RawQuery)
		case q.Get("pageToken") == "":
			_, _ = io.WriteString(w, `{"items":[{"id":"a"}],"nextPageToken":"two"}`)
		default:
			_, _ = io.WriteString(w, `{"items":[],"nextSyncToken":"next"}`)
		}
	})
	changed, next, err := client.Changes(t.Context(), "primary", "mark", from)
	if err != nil || !changed || next != "next" || asked != 2 {
		t.Errorf("changed %t, next %q, %d pages, %v", changed, next, asked, err)
	}
}

func TestAListWithoutAnEndGivesNoMark(t *testing.T) {
	for name, body := range map[string]string{"endless": `{"nextPageToken":"more"}`, "cut short": `{"items":[]}`} {
		_, mark, err := answering(t, 200, body).Changes(t.Context(), "primary", "", from)
		if kind(err) != "unavailable" || mark != "" {
			t.Errorf("%s: %q, %v", name, mark, err)
		}
	}
}

func TestHowLongToWaitAndWhomToAsk(t *testing.T) {
	for want, limited := range map[time.Duration]google.RateLimited{
		0: {}, time.Minute: {RetryAfter: time.Minute}, time.Hour: {Daily: true}, 3 * time.Hour: {Daily: true, RetryAfter: 3 * time.Hour},
	} {
		if got := limited.Pause(); got != want {
			t.Errorf("%+v: %s", limited, got)
		}
	}
	for want, refused := range map[bool]google.Refused{
		true: {Status: 401}, false: {Status: 403, Reason: "forbidden"},
	} {
		if got := refused.GrantDead(); got != want {
			t.Errorf("%+v: %t", refused, got)
		}
	}
}

// echoing answers with the body, ID in it replaced by the request's id.
func echoing(body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		var asked struct {
			ID string `json:"id"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			return nil, err
		}
		answer := io.NopCloser(strings.NewReader(strings.ReplaceAll(body, "ID", asked.ID)))
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: answer, Request: r}, nil
	}
}
