package microsoft

import (
	"context"
	"net/http"
	"net/url"
)

const opCalendars = "list calendars"

// Calendar is one of a host's calendars.
type Calendar struct {
	ID      string
	Name    string // as the host sees it
	Default bool   // where Outlook puts what names no calendar
	CanEdit bool
}

type listedCalendar struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	IsDefault bool   `json:"isDefaultCalendar"`
	CanEdit   bool   `json:"canEdit"`
}

// Calendars returns the host's calendars, in Microsoft's order: their own and
// those that others share with them.
func (c *Client) Calendars(ctx context.Context) ([]Calendar, error) {
	listed, err := list[listedCalendar](ctx, c, call{
		op:     opCalendars,
		method: http.MethodGet,
		path:   "me/calendars",
		query:  url.Values{"$select": {"id,name,isDefaultCalendar,canEdit"}, "$top": {"100"}},
	})
	if err != nil {
		return nil, err
	}
	calendars := make([]Calendar, 0, len(listed))
	for _, entry := range listed {
		if entry.ID == "" {
			return nil, &Unavailable{Op: opCalendars, Err: errNotMicrosofts}
		}
		calendars = append(calendars, Calendar{ID: entry.ID, Name: entry.Name, Default: entry.IsDefault, CanEdit: entry.CanEdit})
	}
	return calendars, nil
}

func calendarPath(id string) string { return "me/calendars/" + url.PathEscape(id) }
