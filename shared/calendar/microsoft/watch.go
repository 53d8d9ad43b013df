package microsoft

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"yakusoku/shared/calendar"
)

const (
	opWatch   = "subscribe to calendar"
	opUnwatch = "end subscription"
)

// subscriptionLife is below the longest of a subscription to Outlook's events,
// 4230 minutes (graph/api/resources/subscription; newer pages allow more).
const subscriptionLife = 4200 * time.Minute

// subscription is the resource of that name.
type subscription struct {
	ID                 string `json:"id,omitempty"`
	ChangeType         string `json:"changeType"`
	Resource           string `json:"resource"`
	NotificationURL    string `json:"notificationUrl"`
	LifecycleURL       string `json:"lifecycleNotificationUrl"`
	ExpirationDateTime string `json:"expirationDateTime"`
	ClientState        string `json:"clientState"`
}

// Watch has Microsoft call ask's address, with its token, whenever an event of the
// calendar changes, and when the subscription is about to end. While it is made,
// Microsoft asks the address to prove that it is ours.
//
// There is no Changes here to go with it: the delta of a view is for the default
// calendar alone and takes no $select (graph/api/event-delta), so that we would be
// sent what every event says, to learn less than Busy asks.
func (c *Client) Watch(ctx context.Context, calendarID string, ask calendar.Channel) (calendar.Channel, error) {
	var made subscription
	err := c.do(ctx, call{
		op: opWatch, method: http.MethodPost, path: "subscriptions",
		body: subscription{
			ChangeType: "created,updated,deleted", Resource: calendarPath(calendarID) + "/events",
			NotificationURL: ask.Address, LifecycleURL: ask.Address, ClientState: ask.Token,
			ExpirationDateTime: instant(time.Now().Add(subscriptionLife)),
		},
	}, &made)
	if err != nil {
		return calendar.Channel{}, err
	}
	expires, err := time.Parse(time.RFC3339, made.ExpirationDateTime)
	if made.ID == "" || err != nil {
		return calendar.Channel{}, &Unavailable{Op: opWatch, Err: errNotMicrosofts}
	}
	ask.ID, ask.Expires = made.ID, expires.UTC()
	return ask, nil
}

// Unwatch ends a subscription. One that has ended is no error.
func (c *Client) Unwatch(ctx context.Context, watched calendar.Channel) error {
	err := c.do(ctx, call{op: opUnwatch, method: http.MethodDelete, path: "subscriptions/" + url.PathEscape(watched.ID)}, nil)
	if isGone(err) {
		return nil
	}
	return err
}

// Pause is how long to leave Microsoft alone; 0: it did not say.
func (e *RateLimited) Pause() time.Duration { return e.RetryAfter }

// Pause is how long to leave Microsoft alone; 0: it did not say.
func (e *Unavailable) Pause() time.Duration { return e.RetryAfter }

// GrantDead reports whether only the host can make the call possible again.
func (e *Refused) GrantDead() bool { return e.Unauthorized() || e.ScopeMissing() }
