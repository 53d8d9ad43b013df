package google

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yakusoku/shared/calendar"
)

const (
	opWatch   = "watch calendar"
	opUnwatch = "stop watching"
)

// channel is a Channel resource. Expiration is Unix milliseconds, as text.
type channel struct {
	ID         string `json:"id"`
	ResourceID string `json:"resourceId,omitempty"`
	Type       string `json:"type,omitempty"`
	Address    string `json:"address,omitempty"`
	Token      string `json:"token,omitempty"`
	Expiration string `json:"expiration,omitempty"`
}

// Watch has Google call ask's address, with its token, whenever an event of the
// calendar changes. Some calendars cannot be watched: that is a *Refused.
func (c *Client) Watch(ctx context.Context, calendarID string, ask calendar.Channel) (calendar.Channel, error) {
	id := rand.Text()
	var made channel
	err := c.do(ctx, call{
		op: opWatch, method: http.MethodPost, path: eventsPath(calendarID) + "/watch",
		body: channel{ID: id, Type: "web_hook", Address: ask.Address, Token: ask.Token},
	}, &made)
	if err != nil {
		return calendar.Channel{}, err
	}
	expires, err := strconv.ParseInt(made.Expiration, 10, 64)
	if made.ID != id || made.ResourceID == "" || err != nil {
		return calendar.Channel{}, &Unavailable{Op: opWatch, Err: errNotGoogles}
	}
	ask.ID, ask.Resource, ask.Expires = id, made.ResourceID, time.UnixMilli(expires).UTC()
	return ask, nil
}

// Unwatch ends a channel. One that has ended is no error.
func (c *Client) Unwatch(ctx context.Context, watched calendar.Channel) error {
	err := c.do(ctx, call{
		op: opUnwatch, method: http.MethodPost, path: "channels/stop",
		body: channel{ID: watched.ID, ResourceID: watched.Resource},
	}, nil)
	if isGone(err) {
		return nil
	}
	return err
}

const opChanges = "list changes"

// maxChangePages bounds a list, at 2,500 events a page: a calendar with more is
// asked for its busy times each time.
const maxChangePages = 20

// changePage asks for no more of an event than that it is there.
type changePage struct {
	Items []struct {
		ID string `json:"id"`
	} `json:"items"`
	NextPageToken string `json:"nextPageToken"`
	NextSyncToken string `json:"nextSyncToken"`
}

// Changes reports whether events of the calendar changed since the mark was given
// out, and the next mark. Without a mark it gives the first one. A mark that
// Google no longer knows is *calendar.MarkSpent.
func (c *Client) Changes(ctx context.Context, calendarID, mark string, from time.Time) (bool, string, error) {
	query := url.Values{"maxResults": {"2500"}, "fields": {"items(id),nextPageToken,nextSyncToken"}}
	if mark == "" {
		query.Set("timeMin", instant(from)) // years of history tell nothing
	} else {
		query.Set("syncToken", mark)
	}
	changed := false
	for range maxChangePages {
		var page changePage
		err := c.do(ctx, call{op: opChanges, method: http.MethodGet, path: eventsPath(calendarID), query: query}, &page)
		if mark != "" && isGone(err) {
			return false, "", &calendar.MarkSpent{}
		}
		if err != nil {
			return false, "", err
		}
		changed = changed || len(page.Items) > 0
		if page.NextSyncToken != "" {
			return changed, page.NextSyncToken, nil
		}
		if page.NextPageToken == "" {
			return false, "", &Unavailable{Op: opChanges, Err: errNotGoogles}
		}
		query.Set("pageToken", page.NextPageToken)
	}
	return false, "", &Unavailable{Op: opChanges, Err: errTooLong}
}
