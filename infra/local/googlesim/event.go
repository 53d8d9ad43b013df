package googlesim

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// event is an event as it is kept. Fields is what clients wrote, in the shape
// of newEvent; the rest is Google's own.
type event struct {
	User      string         `json:"user"`
	Calendar  string         `json:"calendar"`
	ID        string         `json:"id"`
	ByHost    bool           `json:"byHost,omitempty"` // put there by hand, not by a client
	Fields    map[string]any `json:"fields"`
	Cancelled bool           `json:"cancelled,omitempty"`
	Sequence  int            `json:"sequence"`
	Created   time.Time      `json:"created"`
	Updated   time.Time      `json:"updated"`
	Version   int            `json:"version"` // of the simulator, when it changed last
}

// eventKey is what an event is found by.
type eventKey struct {
	User, Calendar, ID string
}

func (e *event) key() eventKey { return eventKey{e.User, e.Calendar, e.ID} }

func (e *event) journalKey() string {
	return eventPrefix + e.User + "/" + e.Calendar + "/" + e.ID
}

func (e *event) iCalUID() string { return e.ID + "@google.com" }

func (e *event) status() string {
	if e.Cancelled {
		return "cancelled"
	}
	return cmp.Or(e.text("status"), "confirmed")
}

// blocks reports whether the event counts as busy: a tentative one does, one that
// the host declined or marked as free does not.
func (e *event) blocks() bool {
	return !e.Cancelled && e.Fields["transparency"] != "transparent" && !e.declined()
}

func (e *event) declined() bool {
	attendees, _ := e.Fields["attendees"].([]any)
	for _, v := range attendees {
		a, _ := v.(map[string]any)
		if (a["self"] == true || a["email"] == e.User) && a["responseStatus"] == "declined" {
			return true
		}
	}
	return false
}

// text is a field's text, or empty.
func (e *event) text(field string) string {
	value, _ := e.Fields[field].(string)
	return value
}

// property is a private extended property, or empty.
func (e *event) property(name string) string {
	extended, _ := e.Fields["extendedProperties"].(map[string]any)
	private, _ := extended["private"].(map[string]any)
	value, _ := private[name].(string)
	return value
}

// allDay reports whether the event is of dates, not of times.
func (e *event) allDay() bool {
	start, _ := e.Fields["start"].(map[string]any)
	return start["date"] != nil
}

// span is when the event is, a date being taken in zone, the calendar's.
func (e *event) span(zone *time.Location) span {
	return span{momentOf(e.Fields["start"], zone), momentOf(e.Fields["end"], zone)}
}

// momentOf reads a start or an end that checkTimes has let through.
func momentOf(v any, zone *time.Location) time.Time {
	m, _ := v.(map[string]any)
	if date, ok := m["date"].(string); ok {
		t, _ := time.ParseInLocation(time.DateOnly, date, zone)
		return t
	}
	return instantOf(m["dateTime"])
}

// location is the calendar's time zone.
func (c calendar) location() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// resource is the event as Google answers it.
func (e *event) resource(c calendar) map[string]any {
	resource := maps.Clone(e.Fields)
	owner := map[string]any{"email": c.ID, "self": true}
	maps.Copy(resource, map[string]any{
		"kind":      "calendar#event",
		"etag":      fmt.Sprintf(`"%d"`, e.Updated.UnixMilli()*2),
		"id":        e.ID,
		"status":    e.status(),
		"htmlLink":  "https://www.google.com/calendar/event?eid=" + e.ID,
		"created":   e.Created.UTC().Format("2006-01-02T15:04:05.000Z"),
		"updated":   e.Updated.UTC().Format("2006-01-02T15:04:05.000Z"),
		"creator":   owner,
		"organizer": owner,
		"iCalUID":   e.iCalUID(),
		"sequence":  e.Sequence,
		"eventType": "default",
	})
	for _, end := range []string{"start", "end"} {
		resource[end] = answeredMoment(e.Fields[end], c)
	}
	return resource
}

// answeredMoment is a start or an end as Google answers it: in the time zone
// that the client named, or else the calendar's.
func answeredMoment(v any, c calendar) map[string]any {
	m, _ := v.(map[string]any)
	if m["date"] != nil {
		return m
	}
	name, _ := m["timeZone"].(string)
	name = cmp.Or(name, c.TimeZone)
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	return map[string]any{
		"dateTime": instantOf(m["dateTime"]).In(zone).Format(time.RFC3339),
		"timeZone": name,
	}
}

// checkTimes returns why an event of these fields can have no place in a
// calendar, or nil.
func checkTimes(fields map[string]any) *refusal {
	start, _ := fields["start"].(map[string]any)
	end, _ := fields["end"].(map[string]any)
	for _, m := range []map[string]any{start, end} {
		if (m["date"] != nil) == (m["dateTime"] != nil) {
			return invalid("start and end need a date or a dateTime each, and not both")
		}
		name, _ := m["timeZone"].(string)
		if _, err := time.LoadLocation(name); err != nil {
			return invalid("a timeZone is not an IANA time zone")
		}
	}
	if (start["date"] != nil) != (end["date"] != nil) {
		return invalid("start and end must both be dates or both be times")
	}
	from, to := momentOf(start, time.UTC), momentOf(end, time.UTC)
	if to.Before(from) || start["date"] != nil && to.Equal(from) {
		return emptyRange
	}
	if rules := (&event{Fields: fields}).recurrence(); len(rules) > 0 {
		if _, err := rrule.StrSliceToRRuleSet(rules); err != nil {
			return invalid("recurrence: %s", err)
		}
	}
	return nil
}

func (s *Simulator) insertEvent(r request) (answer, *refusal) {
	c, refused := writableCalendar(r)
	if refused != nil {
		return answer{}, refused
	}
	e, refused := s.addEvent(r.caller, c, r.body, false)
	if refused != nil {
		return answer{}, refused
	}
	return answer{e.resource(c)}, nil
}

// addEvent keeps a new event of fields that are in the shape of newEvent.
func (s *Simulator) addEvent(a *account, c calendar, fields map[string]any, byHost bool) (*event, *refusal) {
	if refused := checkTimes(fields); refused != nil {
		return nil, refused
	}
	id, _ := fields["id"].(string)
	now := s.config.Clock()
	e := &event{
		User:     a.Email,
		Calendar: c.ID,
		ID:       cmp.Or(id, strings.ToLower(rand.Text()[:20])),
		ByHost:   byHost,
		Fields:   merged(map[string]any{}, fields),
		Created:  now,
		Updated:  now,
	}
	delete(e.Fields, "id")
	if _, taken := s.events[e.key()]; taken {
		return nil, duplicate
	}
	if refused := s.saveEvent(e); refused != nil {
		return nil, refused
	}
	return e, nil
}

func (s *Simulator) getEvent(r request) (answer, *refusal) {
	c, e, refused := s.event(r)
	if refused != nil {
		return answer{}, refused
	}
	return answer{e.resource(c)}, nil
}

func (s *Simulator) patchEvent(r request) (answer, *refusal) {
	c, refused := writableCalendar(r)
	if refused != nil {
		return answer{}, refused
	}
	_, e, refused := s.event(r)
	if refused != nil {
		return answer{}, refused
	}
	if e.Cancelled {
		return answer{}, forbidden
	}
	changed, refused := s.changeEvent(e, r.body)
	if refused != nil {
		return answer{}, refused
	}
	return answer{changed.resource(c)}, nil
}

// changeEvent keeps the event with those fields changed.
func (s *Simulator) changeEvent(e *event, fields map[string]any) (*event, *refusal) {
	changed := *e
	changed.Fields = merged(e.Fields, fields)
	changed.Sequence++
	changed.Updated = s.config.Clock()
	if refused := checkTimes(changed.Fields); refused != nil {
		return nil, refused
	}
	return &changed, s.saveEvent(&changed)
}

func (s *Simulator) deleteEvent(r request) (answer, *refusal) {
	if _, refused := writableCalendar(r); refused != nil {
		return answer{}, refused
	}
	_, e, refused := s.event(r)
	if refused != nil {
		return answer{}, refused
	}
	if e.Cancelled {
		return answer{}, gone
	}
	cancelled := *e
	cancelled.Cancelled = true
	cancelled.Updated = s.config.Clock()
	return answer{}, s.saveEvent(&cancelled)
}

func (s *Simulator) listEvents(r request) (answer, *refusal) {
	c, ok := r.caller.calendar(r.calendarID)
	if !ok {
		return answer{}, notFound
	}
	since, refused := s.since(r.query)
	if refused != nil {
		return answer{}, refused
	}
	var found []*event
	for key, e := range s.events {
		if key.User == r.caller.Email && key.Calendar == c.ID && e.Version > since && matches(e, r, c.location()) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, byCreation)
	var items []map[string]any
	for _, e := range found {
		items = append(items, e.resource(c))
	}
	page, next, refused := paged(items, r.query, 250, 2500)
	if refused != nil {
		return answer{}, refused
	}
	listed := list("calendar#events", page, next)
	if token := s.nextSyncToken(r.query); next == "" && token != "" {
		listed["nextSyncToken"] = token
	}
	body, refused := partial(r.query.Get("fields"), listed)
	return answer{body}, refused
}

// matches reports whether events.list, asked as in r, gives the event. timeMin
// bounds events' ends, timeMax their starts; both exclude.
func matches(e *event, r request, zone *time.Location) bool {
	at := e.span(zone)
	showDeleted := r.query.Get("showDeleted") == "true" || r.query.Has("syncToken")
	switch {
	case e.Cancelled && !showDeleted:
		return false
	case r.query.Has("iCalUID") && r.query.Get("iCalUID") != e.iCalUID():
		return false
	case r.query.Has("timeMin") && !at.end.After(instantOf(r.query.Get("timeMin"))):
		return false
	case r.query.Has("timeMax") && !at.start.Before(instantOf(r.query.Get("timeMax"))):
		return false
	}
	for _, wanted := range r.query["privateExtendedProperty"] {
		name, value, _ := strings.Cut(wanted, "=")
		if e.property(name) != value {
			return false
		}
	}
	return true
}

func byCreation(a, b *event) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
}

// event finds the event that a call is about, deleted or not.
func (s *Simulator) event(r request) (calendar, *event, *refusal) {
	c, ok := r.caller.calendar(r.calendarID)
	if !ok {
		return calendar{}, nil, notFound
	}
	e, ok := s.events[eventKey{r.caller.Email, c.ID, r.eventID}]
	if !ok {
		return calendar{}, nil, notFound
	}
	return c, e, nil
}

// writableCalendar finds the calendar that a call wants to write to.
func writableCalendar(r request) (calendar, *refusal) {
	c, ok := r.caller.calendar(r.calendarID)
	if !ok {
		return calendar{}, notFound
	}
	if !c.writable() {
		return calendar{}, readOnly
	}
	return c, nil
}

func (s *Simulator) saveEvent(e *event) *refusal {
	e.Version = s.version + 1
	if err := s.config.State.Put(e.journalKey(), e); err != nil {
		return unsaved(err)
	}
	s.version = e.Version
	s.events[e.key()] = e
	if err := s.notify(e.User, e.Calendar); err != nil {
		return unsaved(err)
	}
	return nil
}

// merged returns base changed by patch, as PATCH does: objects field by field,
// all else whole, and null takes away (RFC 7396). It leaves both as they are.
func merged(base, patch map[string]any) map[string]any {
	result := maps.Clone(base)
	if result == nil {
		result = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(result, name)
		case map[string]any:
			inner, _ := result[name].(map[string]any)
			result[name] = merged(inner, value)
		default:
			result[name] = value
		}
	}
	return result
}
