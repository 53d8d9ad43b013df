package googlesim

import (
	"net/url"
	"slices"
	"strconv"
)

// accessRoles are in rising order.
var accessRoles = []string{"freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"}

func (s *Simulator) listCalendars(r request) (answer, *refusal) {
	var entries []map[string]any
	for _, c := range r.caller.Calendars {
		if least := r.query.Get("minAccessRole"); slices.Index(accessRoles, c.AccessRole) < slices.Index(accessRoles, least) {
			continue
		}
		entries = append(entries, c.entry())
	}
	page, next, refused := paged(entries, r.query, 100, 250)
	if refused != nil {
		return answer{}, refused
	}
	return answer{list("calendar#calendarList", page, next)}, nil
}

func (c calendar) entry() map[string]any {
	entry := map[string]any{
		"kind":             "calendar#calendarListEntry",
		"id":               c.ID,
		"summary":          c.Summary,
		"timeZone":         c.TimeZone,
		"accessRole":       c.AccessRole,
		"selected":         true,
		"defaultReminders": []any{},
		"conferenceProperties": map[string]any{
			"allowedConferenceSolutionTypes": []string{"hangoutsMeet"},
		},
	}
	if c.Primary {
		entry["primary"] = true
	}
	return entry
}

// paged cuts out the page that maxResults and pageToken ask for, with the token
// of the next one, which is empty on the last. A page token is where to go on.
// usual is the size of a page if none is asked for; it is never above most.
func paged(all []map[string]any, query url.Values, usual, most int) ([]map[string]any, string, *refusal) {
	size := usual
	if query.Has("maxResults") {
		asked, _ := strconv.Atoi(query.Get("maxResults")) // the shape has checked it
		size = min(asked, most)
	}
	from := 0
	if query.Has("pageToken") {
		var err error
		if from, err = strconv.Atoi(query.Get("pageToken")); err != nil || from < 0 || from > len(all) {
			return nil, "", invalid("parameter pageToken is none that was given out")
		}
	}
	to := min(from+size, len(all))
	if to == len(all) {
		return all[from:], "", nil
	}
	return all[from:to], strconv.Itoa(to), nil
}

// list is the body that a list call answers with.
func list(kind string, items []map[string]any, next string) map[string]any {
	if items == nil {
		items = []map[string]any{}
	}
	body := map[string]any{"kind": kind, "items": items}
	if next != "" {
		body["nextPageToken"] = next
	}
	return body
}
