package google

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
)

const opCalendars = "list calendars"

// maxPages bounds a calendar list, at 250 calendars a page.
const maxPages = 20

// Calendar is one entry of a host's calendar list.
type Calendar struct {
	ID       string
	Name     string // as the host sees it
	Primary  bool
	TimeZone string // IANA name
	// Owned reports whether the host owns the calendar. Our scope
	// (calendar.events.owned) lets us write to no other.
	Owned bool
}

type calendarPage struct {
	Items []struct {
		ID              string `json:"id"`
		Summary         string `json:"summary"`
		SummaryOverride string `json:"summaryOverride"`
		Primary         bool   `json:"primary"`
		TimeZone        string `json:"timeZone"`
		AccessRole      string `json:"accessRole"`
	} `json:"items"`
	NextPageToken string `json:"nextPageToken"`
}

// Calendars returns the host's calendar list, in Google's order: what they own
// and what they subscribe to.
func (c *Client) Calendars(ctx context.Context) ([]Calendar, error) {
	var calendars []Calendar
	query := url.Values{"maxResults": {"250"}}
	for range maxPages {
		var page calendarPage
		err := c.do(ctx, call{op: opCalendars, method: http.MethodGet, path: "users/me/calendarList", query: query}, &page)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Items {
			if entry.ID == "" {
				return nil, &Unavailable{Op: opCalendars, Err: errNotGoogles}
			}
			calendars = append(calendars, Calendar{
				ID:       entry.ID,
				Name:     cmp.Or(entry.SummaryOverride, entry.Summary),
				Primary:  entry.Primary,
				TimeZone: entry.TimeZone,
				Owned:    entry.AccessRole == "owner",
			})
		}
		if page.NextPageToken == "" {
			return calendars, nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
	return nil, &Unavailable{Op: opCalendars, Err: fmt.Errorf("more than %d pages: %w", maxPages, errNotGoogles)}
}
