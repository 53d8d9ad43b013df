package microsoft_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/microsoft"
)

func init() {
	operations = append(operations,
		operation{"watch", func(ctx context.Context, c *microsoft.Client) error {
			_, err := c.Watch(ctx, "calendar", calendar.Channel{Address: "https://yakusoku.example/", Token: secret})
			return err
		}},
		operation{"unwatch", func(ctx context.Context, c *microsoft.Client) error {
			return c.Unwatch(ctx, calendar.Channel{ID: "id"})
		}},
	)
}

func TestASubscriptionIsAskedForAsMicrosoftHasIt(t *testing.T) {
	var got map[string]string
	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"s","expirationDateTime":"2026-12-03T01:02:03.1234567Z"}`))
	})
	made, err := client.Watch(t.Context(), "AAMk/+=", calendar.Channel{Address: "https://yakusoku.example/api", Token: "t"})
	want := calendar.Channel{
		ID: "s", Address: "https://yakusoku.example/api", Token: "t", Expires: time.Date(2026, 12, 3, 1, 2, 3, 123456700, time.UTC),
	}
	if diff := cmp.Diff(want, made); diff != "" || err != nil {
		t.Errorf("made (-want +got), %v:\n%s", err, diff)
	}
	ends, err := time.Parse(time.RFC3339, got["expirationDateTime"])
	if life := time.Until(ends); err != nil || life > 4230*time.Minute || life < 2*24*time.Hour {
		t.Errorf("asked for %s, %v", life, err)
	}
	delete(got, "expirationDateTime")
	asked := map[string]string{
		"changeType": "created,updated,deleted", "resource": "me/calendars/AAMk%2F+=/events", "clientState": "t",
		"notificationUrl": "https://yakusoku.example/api", "lifecycleNotificationUrl": "https://yakusoku.example/api",
	}
	if diff := cmp.Diff(asked, got); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestASubscriptionThatIsNoneIsUnavailable(t *testing.T) {
	for name, body := range map[string]string{"no id": `{"expirationDateTime":"2026-12-03T01:02:03Z"}`, "no end": `{"id":"s"}`} {
		if _, err := answering(t, http.StatusCreated, body).Watch(t.Context(), "c", calendar.Channel{}); kind(err) != "unavailable" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASubscriptionThatHasEndedIsNoErrorToEnd(t *testing.T) {
	client := answering(t, http.StatusNotFound, `{"error":{"code":"ResourceNotFound","message":"x"}}`)
	if err := client.Unwatch(t.Context(), calendar.Channel{ID: "id"}); err != nil {
		t.Error(err)
	}
}
