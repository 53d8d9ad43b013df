package microsoftsim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The surface is the part of Microsoft Graph that is simulated. A test holds its
// properties against Microsoft's own type definitions; what Microsoft has beyond
// it is refused.

const apiPath = "/v1.0/"

const (
	scopeUser  = "User.Read"
	scopeBasic = "Calendars.ReadBasic"
	scopeRead  = "Calendars.Read"
	scopeWrite = "Calendars.ReadWrite"
)

// method is one call of the API.
type method struct {
	id      string
	verb    string
	path    string // below apiPath, as http.ServeMux takes it
	query   map[string]func(string) bool
	body    bool
	mailbox bool     // whether it needs one
	scopes  []string // any one of them permits the call
	serve   func(*Simulator, request) (answer, *refusal)
}

// request is a call that has passed its checks.
type request struct {
	caller     *account
	calendarID string
	eventID    string
	query      url.Values

	subscriptionID string
	body           []byte
	prefer         preferences
	self           string // the call's own address, without its query
}

// answer is what a call answers with.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{http.StatusOK, body} }

var (
	toList  = []string{scopeBasic, scopeRead, scopeWrite}
	toRead  = []string{scopeRead, scopeWrite} // extended properties and bodies are more than basic
	toWrite = []string{scopeWrite}
)

func anyText(text string) bool { return text != "" }

func anInstant(text string) bool { return !instantOf(text).IsZero() }

// number returns a check for whole numbers in a range.
func number(least, most int) func(string) bool {
	return func(text string) bool {
		n, err := strconv.Atoi(text)
		return err == nil && n >= least && n <= most
	}
}

// among returns a check for lists of properties.
func among(properties []string) func(string) bool {
	return func(text string) bool {
		return !slices.ContainsFunc(strings.Split(text, ","), func(name string) bool { return !slices.Contains(properties, name) })
	}
}

// instantOf reads a time of a query: with its offset, or else in UTC. What is
// none is zero.
func instantOf(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Properties that can be selected, which are those that are answered.
var (
	userProperties     = []string{"id", "displayName", "mail", "userPrincipalName"}
	calendarProperties = []string{
		"id", "name", "canEdit", "canShare", "canViewPrivateItems", "isDefaultCalendar", "isRemovable", "owner",
		"allowedOnlineMeetingProviders", "defaultOnlineMeetingProvider",
	}
	eventProperties = []string{
		"id", "createdDateTime", "lastModifiedDateTime", "changeKey", "iCalUId", "transactionId", "subject", "body",
		"bodyPreview", "location", "start", "end", "originalStartTimeZone", "originalEndTimeZone", "isAllDay",
		"isCancelled", "isOrganizer", "showAs", "sensitivity", "importance", "isReminderOn",
		"reminderMinutesBeforeStart", "allowNewTimeProposals", "responseRequested", "hideAttendees", "attendees",
		"organizer", "responseStatus", "recurrence", "seriesMasterId", "type", "webLink",
	}
)

func paging(properties []string, more map[string]func(string) bool) map[string]func(string) bool {
	query := map[string]func(string) bool{"$select": among(properties), "$top": number(1, 1000), "$skip": number(0, 1<<20)}
	for name, check := range more {
		query[name] = check
	}
	return query
}

var methods = func() []method {
	view := paging(eventProperties, map[string]func(string) bool{"startDateTime": anInstant, "endDateTime": anInstant})
	one := map[string]func(string) bool{"$select": among(eventProperties)}
	return []method{
		{
			id: "user", verb: "GET", path: "me",
			query: map[string]func(string) bool{"$select": among(userProperties)}, scopes: []string{scopeUser}, serve: (*Simulator).getUser,
		},
		{
			id: "calendars", verb: "GET", path: "me/calendars", mailbox: true,
			query: paging(calendarProperties, nil), scopes: toList, serve: (*Simulator).listCalendars,
		},
		{
			id: "calendarView", verb: "GET", path: "me/calendarView", mailbox: true,
			query: view, scopes: toList, serve: (*Simulator).viewCalendar,
		},
		{
			id: "calendar's calendarView", verb: "GET", path: "me/calendars/{calendarID}/calendarView", mailbox: true,
			query: view, scopes: toList, serve: (*Simulator).viewCalendar,
		},
		{
			id: "events", verb: "GET", path: "me/events", mailbox: true,
			query: paging(eventProperties, map[string]func(string) bool{"$filter": anyText}), scopes: toRead, serve: (*Simulator).findEvents,
		},
		{
			id: "create event", verb: "POST", path: "me/events", mailbox: true,
			body: true, scopes: toWrite, serve: (*Simulator).createEvent,
		},
		{
			id: "create calendar's event", verb: "POST", path: "me/calendars/{calendarID}/events", mailbox: true,
			body: true, scopes: toWrite, serve: (*Simulator).createEvent,
		},
		{
			id: "event", verb: "GET", path: "me/events/{eventID}", mailbox: true,
			query: one, scopes: toRead, serve: (*Simulator).getEvent,
		},
		{
			id: "update event", verb: "PATCH", path: "me/events/{eventID}", mailbox: true,
			body: true, scopes: toWrite, serve: (*Simulator).updateEvent,
		},
		{
			id: "delete event", verb: "DELETE", path: "me/events/{eventID}", mailbox: true,
			scopes: toWrite, serve: (*Simulator).deleteEvent,
		},
		{
			id: "subscribe", verb: "POST", path: "subscriptions", mailbox: true,
			body: true, scopes: toList, serve: (*Simulator).createSubscription,
		},
		{
			id: "unsubscribe", verb: "DELETE", path: "subscriptions/{subscriptionID}",
			scopes: toList, serve: (*Simulator).deleteSubscription,
		},
	}
}()

// selected returns the entity with the properties that $select names, or all.
func selected(entity map[string]any, query url.Values) map[string]any {
	if !query.Has("$select") {
		return entity
	}
	names := strings.Split(query.Get("$select"), ",")
	chosen := map[string]any{}
	for name, value := range entity {
		if strings.HasPrefix(name, "@") || slices.Contains(names, name) {
			chosen[name] = value
		}
	}
	return chosen
}

// usualPage is the size of a page if none is asked for.
const usualPage = 10

// paged is the answer of a list: the page that $top and $skip ask for, with a
// link to the next.
func paged(all []map[string]any, r request) answer {
	size, from := usualPage, 0
	if r.query.Has("$top") {
		size, _ = strconv.Atoi(r.query.Get("$top")) // checked
	}
	if r.query.Has("$skip") {
		from, _ = strconv.Atoi(r.query.Get("$skip"))
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	page := []map[string]any{}
	for _, entity := range all[from:to] {
		page = append(page, selected(entity, r.query))
	}
	body := map[string]any{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "value": page}
	if to < len(all) {
		next := url.Values{}
		for name, values := range r.query {
			next[name] = values
		}
		next.Set("$skip", strconv.Itoa(to))
		body["@odata.nextLink"] = r.self + "?" + next.Encode()
	}
	return ok(body)
}

func (s *Simulator) getUser(r request) (answer, *refusal) {
	a := r.caller
	user := map[string]any{"id": a.userID(), "displayName": a.name(), "mail": a.Email, "userPrincipalName": a.Email}
	if a.Kind == Personal {
		user["mail"] = nil // of these only the principal name is sure
	}
	return ok(selected(user, r.query)), nil
}

func (s *Simulator) listCalendars(r request) (answer, *refusal) {
	var all []map[string]any
	for _, c := range r.caller.Calendars {
		meetings := []string{"teamsForBusiness"}
		if r.caller.Kind == Personal {
			meetings = []string{}
		}
		all = append(all, map[string]any{
			"id": c.ID, "name": c.Name, "canEdit": c.CanEdit, "canShare": c.CanEdit, "canViewPrivateItems": true,
			"isDefaultCalendar": c.Default, "isRemovable": !c.Default,
			"owner":                         map[string]string{"name": r.caller.name(), "address": r.caller.Email},
			"allowedOnlineMeetingProviders": meetings, "defaultOnlineMeetingProvider": "unknown",
		})
	}
	return paged(all, r), nil
}
