package googlesim

import (
	"maps"
	"net/url"
	"regexp"
)

// The surface is the part of the Calendar API that is simulated. A test holds
// it against Google's discovery document: what stands here, Google has too, with
// the same types, ranges, and scopes. What Google has beyond it is refused.

const apiPath = "/calendar/v3/"

// method is one call of the API. Its path names its parts as the discovery
// document does, which is also how http.ServeMux takes them.
type method struct {
	id     string
	verb   string
	path   string // below apiPath
	query  map[string]shape
	body   *shape   // nil: there is none
	scopes []string // any one of them permits the call
	serve  func(*Simulator, request) (answer, *refusal)
}

// request is a call that has passed its checks.
type request struct {
	caller     *account
	calendarID string
	eventID    string
	query      url.Values
	body       map[string]any
}

// answer is what a call answers with: a JSON body, or nothing if it is nil.
type answer struct {
	body any
}

const scopePrefix = "https://www.googleapis.com/auth/"

const (
	scopeFull          = scopePrefix + "calendar"
	scopeAppCreated    = scopePrefix + "calendar.app.created"
	scopeList          = scopePrefix + "calendar.calendarlist"
	scopeListReadonly  = scopePrefix + "calendar.calendarlist.readonly"
	scopeEvents        = scopePrefix + "calendar.events"
	scopeEventsBusy    = scopePrefix + "calendar.events.freebusy"
	scopeOwned         = scopePrefix + "calendar.events.owned"
	scopeOwnedReadonly = scopePrefix + "calendar.events.owned.readonly"
	scopePublic        = scopePrefix + "calendar.events.public.readonly"
	scopeReadEvents    = scopePrefix + "calendar.events.readonly"
	scopeBusy          = scopePrefix + "calendar.freebusy"
	scopeReadonly      = scopePrefix + "calendar.readonly"

	scopeAccess         = scopePrefix + "calendar.acls"
	scopeAccessReadonly = scopePrefix + "calendar.acls.readonly"
	scopeSettings       = scopePrefix + "calendar.settings"
	scopeSettingsRead   = scopePrefix + "calendar.settings.readonly"
)

var (
	scopesToList  = []string{scopeFull, scopeList, scopeListReadonly, scopeReadonly}
	scopesToQuery = []string{scopeFull, scopeEventsBusy, scopeBusy, scopeReadonly}
	scopesToRead  = []string{scopeFull, scopeAppCreated, scopeEvents, scopeEventsBusy, scopeOwned,
		scopeOwnedReadonly, scopePublic, scopeReadEvents, scopeReadonly}
	scopesToWrite = []string{scopeFull, scopeAppCreated, scopeEvents, scopeOwned}
	scopesToStop  = []string{scopeFull, scopeAccess, scopeAccessReadonly, scopeAppCreated, scopeList, scopeListReadonly,
		scopeEvents, scopeEventsBusy, scopeOwned, scopeOwnedReadonly, scopePublic, scopeReadEvents, scopeReadonly,
		scopeSettings, scopeSettingsRead}
)

var (
	anyText     = shape{kind: "string"}
	anyBoolean  = shape{kind: "boolean"}
	anInstant   = shape{kind: "string", format: "date-time"}
	sendUpdates = shape{kind: "string", enum: []string{"all", "externalOnly", "none"}}
	properties  = shape{kind: "object", each: &anyText}
)

// idPattern is what a client may choose as an event's id: 5 to 1024 characters,
// in two parts since package regexp counts to 1000.
var idPattern = regexp.MustCompile(`^[0-9a-v]{5,1000}[0-9a-v]{0,24}$`)

var moment = shape{kind: "object", fields: map[string]shape{
	"date":     {kind: "string", format: "date"},
	"dateTime": anInstant,
	"timeZone": anyText,
}}

var reminder = shape{
	kind: "object",
	fields: map[string]shape{
		"method":  {kind: "string", enum: []string{"email", "popup"}},
		"minutes": {kind: "integer", format: "int32", min: bound(0), max: bound(40320)},
	},
	required: []string{"method", "minutes"},
}

// patchedEvent is an Event resource as a change to an event sends it.
var patchedEvent = shape{kind: "object", fields: map[string]shape{
	"summary":     anyText,
	"description": anyText,
	"location":    anyText,
	"start":       moment,
	"end":         moment,
	"transparency": {kind: "string", enum: []string{
		"opaque", "transparent"}},
	"visibility": {kind: "string", enum: []string{
		"default", "public", "private", "confidential"}},
	"reminders": {kind: "object", fields: map[string]shape{
		"useDefault": anyBoolean,
		"overrides":  {kind: "array", each: &reminder, most: 5},
	}},
	"extendedProperties": {kind: "object", fields: map[string]shape{
		"private": properties,
		"shared":  properties,
	}},
	"source": {kind: "object", fields: map[string]shape{
		"title": anyText,
		"url":   anyText,
	}},
	"guestsCanInviteOthers": anyBoolean,
}}

// newEvent is an Event resource as an insert sends it.
var newEvent = withField(patchedEvent, "id", shape{kind: "string", pattern: idPattern}, "start", "end")

// hostsEvent is what a host may make by hand: more than our client ever asks for.
var hostsEvent = withField(withField(withField(newEvent,
	"status", shape{kind: "string", enum: []string{"confirmed", "tentative"}}),
	"recurrence", shape{kind: "array", each: &anyText}),
	"attendees", shape{kind: "array", each: &shape{
		kind: "object",
		fields: map[string]shape{
			"email": anyText,
			"self":  anyBoolean,
			"responseStatus": {kind: "string", enum: []string{
				"needsAction", "declined", "tentative", "accepted"}},
		},
		required: []string{"email"},
	}}, "start", "end")

// openedChannel is a Channel resource as watch takes it, endedChannel as stop does.
var (
	openedChannel = shape{
		kind: "object",
		fields: map[string]shape{
			"id":      {kind: "string", pattern: channelIDs},
			"type":    anyText,
			"address": anyText,
			"token":   {kind: "string", pattern: regexp.MustCompile(`^.{0,256}$`)},
			"params":  properties,
		},
		required: []string{"id", "type", "address"},
	}
	endedChannel = shape{
		kind:     "object",
		fields:   map[string]shape{"id": anyText, "resourceId": anyText},
		required: []string{"id", "resourceId"},
	}
)

var busyQuestion = shape{
	kind: "object",
	fields: map[string]shape{
		"timeMin":  anInstant,
		"timeMax":  anInstant,
		"timeZone": anyText,
		"items": {kind: "array", each: &shape{
			kind:     "object",
			fields:   map[string]shape{"id": anyText},
			required: []string{"id"},
		}},
	},
	required: []string{"timeMin", "timeMax"},
}

// withField returns the object's shape with one field more, and with what it
// then requires.
func withField(object shape, name string, field shape, required ...string) shape {
	object.fields = maps.Clone(object.fields)
	object.fields[name] = field
	object.required = required
	return object
}

var methods = []method{
	{
		id: "calendar.calendarList.list", verb: "GET", path: "users/me/calendarList",
		query: map[string]shape{
			"maxResults": {kind: "integer", format: "int32", min: bound(1)},
			"minAccessRole": {kind: "string", enum: []string{
				"freeBusyReader", "owner", "reader", "writer", "writerWithoutPrivateAccess"}},
			"pageToken": anyText,
		},
		scopes: scopesToList, serve: (*Simulator).listCalendars,
	},
	{
		id: "calendar.freebusy.query", verb: "POST", path: "freeBusy",
		body: &busyQuestion, scopes: scopesToQuery, serve: (*Simulator).queryBusy,
	},
	{
		id: "calendar.events.insert", verb: "POST", path: "calendars/{calendarId}/events",
		query: map[string]shape{"sendUpdates": sendUpdates},
		body:  &newEvent, scopes: scopesToWrite, serve: (*Simulator).insertEvent,
	},
	{
		id: "calendar.events.get", verb: "GET", path: "calendars/{calendarId}/events/{eventId}",
		scopes: scopesToRead, serve: (*Simulator).getEvent,
	},
	{
		id: "calendar.events.patch", verb: "PATCH", path: "calendars/{calendarId}/events/{eventId}",
		query: map[string]shape{"sendUpdates": sendUpdates},
		body:  &patchedEvent, scopes: scopesToWrite, serve: (*Simulator).patchEvent,
	},
	{
		id: "calendar.events.delete", verb: "DELETE", path: "calendars/{calendarId}/events/{eventId}",
		query:  map[string]shape{"sendUpdates": sendUpdates},
		scopes: scopesToWrite, serve: (*Simulator).deleteEvent,
	},
	{
		id: "calendar.events.list", verb: "GET", path: "calendars/{calendarId}/events",
		query: map[string]shape{
			"iCalUID":                 anyText,
			"maxResults":              {kind: "integer", format: "int32", min: bound(1)},
			"pageToken":               anyText,
			"privateExtendedProperty": {kind: "string", repeated: true},
			"fields":                  anyText,
			"showDeleted":             anyBoolean,
			"singleEvents":            anyBoolean,
			"syncToken":               anyText,
			"timeMin":                 anInstant,
			"timeMax":                 anInstant,
		},
		scopes: scopesToRead, serve: (*Simulator).listEvents,
	},
	{
		id: "calendar.events.watch", verb: "POST", path: "calendars/{calendarId}/events/watch",
		body: &openedChannel, scopes: scopesToRead, serve: (*Simulator).watchEvents,
	},
	{
		id: "calendar.channels.stop", verb: "POST", path: "channels/stop",
		body: &endedChannel, scopes: scopesToStop, serve: (*Simulator).stopChannel,
	},
}
