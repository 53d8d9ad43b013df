package microsoftsim

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// fields are what a client may write of an event.
type fields struct {
	Subject                       string      `json:"subject,omitempty"`
	Body                          *itemBody   `json:"body,omitempty"`
	Location                      *place      `json:"location,omitempty"`
	Start                         *moment     `json:"start,omitempty"`
	End                           *moment     `json:"end,omitempty"`
	IsAllDay                      bool        `json:"isAllDay,omitempty"`
	ShowAs                        string      `json:"showAs,omitempty"`
	Sensitivity                   string      `json:"sensitivity,omitempty"`
	Importance                    string      `json:"importance,omitempty"`
	IsReminderOn                  *bool       `json:"isReminderOn,omitempty"`
	ReminderMinutesBeforeStart    *int        `json:"reminderMinutesBeforeStart,omitempty"`
	AllowNewTimeProposals         *bool       `json:"allowNewTimeProposals,omitempty"`
	ResponseRequested             *bool       `json:"responseRequested,omitempty"`
	HideAttendees                 *bool       `json:"hideAttendees,omitempty"`
	Attendees                     []attendee  `json:"attendees,omitempty"`
	Recurrence                    *recurrence `json:"recurrence,omitempty"`
	TransactionID                 string      `json:"transactionId,omitempty"`
	SingleValueExtendedProperties []property  `json:"singleValueExtendedProperties,omitempty"`
}

type itemBody struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

type place struct {
	DisplayName string `json:"displayName"`
}

// moment is a wall clock's time in a named zone.
type moment struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

type attendee struct {
	EmailAddress emailAddress `json:"emailAddress"`
	Type         string       `json:"type,omitempty"`
}

type emailAddress struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
}

type property struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// words that a property may be, the first being what it is unless it is said.
var (
	bodyTypes     = []string{"html", "text"}
	statuses      = []string{"busy", "free", "tentative", "oof", "workingElsewhere", "unknown"}
	sensitivities = []string{"normal", "personal", "private", "confidential"}
	importances   = []string{"normal", "low", "high"}
	attendeeTypes = []string{"required", "optional", "resource"}
	responses     = []string{"none", "organizer", "tentativelyAccepted", "accepted", "declined", "notResponded"}
)

// propertyID is how an extended property is named: its type, our namespace, and
// its name or number there.
var propertyID = regexp.MustCompile(`^(String|Integer|Boolean|SystemTime) \{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\} (Name \S+|Id 0x[0-9a-fA-F]+)$`)

// check returns what is wrong with the fields of an event, or nil.
func (f fields) check() *refusal {
	enums := []struct {
		name, value string
		words       []string
	}{
		{"showAs", f.ShowAs, statuses}, {"sensitivity", f.Sensitivity, sensitivities}, {"importance", f.Importance, importances},
	}
	if f.Body != nil {
		enums = append(enums, struct {
			name, value string
			words       []string
		}{"body.contentType", f.Body.ContentType, bodyTypes})
	}
	for _, enum := range enums {
		if enum.value != "" && !slices.Contains(enum.words, enum.value) {
			return invalid("%s must be one of %v", enum.name, enum.words)
		}
	}
	for _, a := range f.Attendees {
		if a.Type != "" && !slices.Contains(attendeeTypes, a.Type) || !strings.Contains(a.EmailAddress.Address, "@") {
			return invalid("an attendee needs an address, and a type of %v", attendeeTypes)
		}
	}
	for _, p := range f.SingleValueExtendedProperties {
		if !propertyID.MatchString(p.ID) {
			return &refusal{status: http.StatusBadRequest, code: "ErrorInvalidPropertyId", message: "PropertyId values may only be in one of the following formats: 'MapiPropertyType namespaceGuid Name propertyName', …"}
		}
	}
	if utf8.RuneCountInString(f.Subject) > 255 {
		return invalid("the subject is longer than 255 characters")
	}
	if f.Recurrence != nil {
		if refused := f.Recurrence.check(); refused != nil {
			return refused
		}
	}
	return f.checkTimes()
}

func (f fields) checkTimes() *refusal {
	if f.Start == nil || f.End == nil {
		return invalid("start and end are required")
	}
	start, err := f.Start.read()
	if err != nil {
		return invalid("start: %s", err)
	}
	end, err := f.End.read()
	if err != nil {
		return invalid("end: %s", err)
	}
	if f.IsAllDay {
		if !isMidnight(start) || !isMidnight(end) || f.Start.TimeZone != f.End.TimeZone || !start.Before(end) {
			return &refusal{status: http.StatusBadRequest, code: "ErrorInvalidRequest",
				message: "The Event.Start property for an all-day event needs to be set to midnight, and so does its end, in the same time zone."}
		}
	}
	if end.Before(start) {
		return &refusal{status: http.StatusBadRequest, code: "ErrorPropertyValidationFailure", message: "At least one property failed validation."}
	}
	return nil
}

// read is when the moment is. Its time has no offset: the zone has it.
func (m moment) read() (time.Time, error) {
	in, err := location(m.TimeZone)
	if err != nil {
		return time.Time{}, errors.New("the timeZone is not one of Windows' or IANA's")
	}
	t, err := time.ParseInLocation("2006-01-02T15:04:05", m.DateTime, in)
	if err != nil {
		return time.Time{}, errors.New("the dateTime must be a time without an offset, such as 2026-12-01T10:00:00")
	}
	return t, nil
}

func isMidnight(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }

// event is an event as it is kept.
type event struct {
	User     string `json:"user"`
	Calendar string `json:"calendar"`
	Lasting  string `json:"lasting"` // the id for who prefers one that stays
	ID       string `json:"id"`      // the other, which a move changes
	ByHost   bool   `json:"byHost,omitempty"`
	Fields   fields `json:"fields"`
	// Request is the digest of what made it, by which a repeat is told.
	Request   string    `json:"request,omitempty"`
	Cancelled bool      `json:"cancelled,omitempty"` // by its organizer
	Response  string    `json:"response"`            // the user's, to its organizer
	Deleted   bool      `json:"deleted,omitempty"`
	Invited   []string  `json:"invited,omitempty"` // whom Exchange has written to
	Change    int       `json:"change"`
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
}

func (e *event) iCalUID() string {
	sum := sha256.Sum256([]byte(e.Lasting))
	return "040000008200E00074C5B7101A82E008" + strings.ToUpper(hex.EncodeToString(sum[:12]))
}

// property is an extended property's value, by the end of its id.
func (e *event) property(name string) string {
	for _, p := range e.Fields.SingleValueExtendedProperties {
		if strings.HasSuffix(p.ID, " Name "+name) {
			return p.Value
		}
	}
	return ""
}

// newID makes an event's id, with what ids of Exchange have that must be escaped
// or survive it.
func newID(prefix string) string { return prefix + rand.Text() + "-" + rand.Text() + "_AAA=" }

const (
	lastingPrefix = "AAkALg"
	movingPrefix  = "AAMkAG"
)

// decode reads an event resource over the fields that are there: objects are
// merged, lists replaced.
func decode(content []byte, into *fields) *refusal {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &refusal{status: http.StatusBadRequest, code: "RequestBodyRead", message: strings.TrimPrefix(err.Error(), "json: ")}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &refusal{status: http.StatusBadRequest, code: "RequestBodyRead", message: "more than one value"}
	}
	return nil
}

func (s *Simulator) createEvent(r request) (answer, *refusal) {
	c, ok := r.caller.calendar(r.calendarID)
	if !ok {
		return answer{}, unknownID(r.calendarID)
	}
	if !c.CanEdit {
		return answer{}, accessDenied
	}
	var f fields
	if refused := decode(r.body, &f); refused != nil {
		return answer{}, refused
	}
	if refused := f.check(); refused != nil {
		return answer{}, refused
	}
	digest, err := digestOf(c.ID, f)
	if err != nil {
		return answer{}, unsaved(err)
	}
	if made, ok := s.transaction(r.caller.Email, f.TransactionID); ok {
		// What is documented is that a repeat makes nothing new; one that differs
		// is refused (github.com/alcionai/corso/issues/2490), and so, to be safe
		// against either, is one whose event is gone.
		if made.Deleted || made.Request != digest {
			return answer{}, duplicate
		}
		return answer{http.StatusCreated, made.resource(r.prefer)}, nil
	}
	e, refused := s.addEvent(&event{User: r.caller.Email, Calendar: c.ID, Fields: f, Request: digest, Response: "organizer"})
	if refused != nil {
		return answer{}, refused
	}
	return answer{http.StatusCreated, e.resource(r.prefer)}, nil
}

// digestOf stands for a request to make an event.
func digestOf(calendarID string, f fields) (string, error) {
	content, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(calendarID), content...))
	return hex.EncodeToString(sum[:]), nil
}

// transaction finds what was made under the id.
func (s *Simulator) transaction(user, id string) (*event, bool) {
	for _, e := range s.events {
		if id != "" && e.User == user && e.Fields.TransactionID == id && e.Request != "" {
			return e, true
		}
	}
	return nil, false
}

// addEvent keeps a new event, and has Exchange invite whom it names.
func (s *Simulator) addEvent(e *event) (*event, *refusal) {
	now := s.config.Clock()
	e.Lasting, e.ID = newID(lastingPrefix), newID(movingPrefix)
	e.Created, e.Updated = now, now
	for _, a := range e.Fields.Attendees {
		e.Invited = append(e.Invited, a.EmailAddress.Address)
	}
	return e, s.saveEvent(e)
}

func (s *Simulator) saveEvent(e *event) *refusal {
	if err := s.config.State.Put(eventPrefix+e.Lasting, e); err != nil {
		return unsaved(err)
	}
	before := s.events[e.Lasting]
	s.events[e.Lasting] = e
	if err := s.notify(before, e); err != nil {
		return unsaved(err)
	}
	return nil
}

// unknownID is the answer to an id that leads to nothing.
func unknownID(id string) *refusal {
	if !strings.HasPrefix(id, lastingPrefix) && !strings.HasPrefix(id, movingPrefix) {
		return malformedID
	}
	return itemNotFound
}

// event finds the event that a call is about. A lasting id is known to those who
// prefer them.
func (s *Simulator) event(r request) (*event, *refusal) {
	for _, e := range s.events {
		if e.User == r.caller.Email && !e.Deleted && (e.ID == r.eventID || r.prefer.lasting && e.Lasting == r.eventID) {
			return e, nil
		}
	}
	return nil, unknownID(r.eventID)
}

func (s *Simulator) getEvent(r request) (answer, *refusal) {
	e, refused := s.event(r)
	if refused != nil {
		return answer{}, refused
	}
	return ok(selected(e.resource(r.prefer), r.query)), nil
}

func (s *Simulator) updateEvent(r request) (answer, *refusal) {
	e, refused := s.writableEvent(r)
	if refused != nil {
		return answer{}, refused
	}
	changed, refused := s.changeEvent(e, r.body)
	if refused != nil {
		return answer{}, refused
	}
	return ok(changed.resource(r.prefer)), nil
}

// changeEvent keeps the event with what the resource says changed.
func (s *Simulator) changeEvent(e *event, resource []byte) (*event, *refusal) {
	changed := *e
	changed.Fields = e.Fields.copied()
	if refused := decode(resource, &changed.Fields); refused != nil {
		return nil, refused
	}
	if changed.Fields.TransactionID != e.Fields.TransactionID {
		return nil, invalid("transactionId is set when an event is made, and stays")
	}
	if refused := changed.Fields.check(); refused != nil {
		return nil, refused
	}
	if e.Request != "" { // from here a repeat of what made it is for a different event
		changed.Request += "+"
	}
	changed.Change++
	changed.Updated = s.config.Clock()
	for _, a := range changed.Fields.Attendees {
		changed.Invited = append(slices.Clone(changed.Invited), a.EmailAddress.Address)
	}
	return &changed, s.saveEvent(&changed)
}

// copied shares nothing with f that decoding would write to.
func (f fields) copied() fields {
	f.Body, f.Location, f.Start, f.End = pointee(f.Body), pointee(f.Location), pointee(f.Start), pointee(f.End)
	f.IsReminderOn, f.ReminderMinutesBeforeStart = pointee(f.IsReminderOn), pointee(f.ReminderMinutesBeforeStart)
	f.AllowNewTimeProposals, f.ResponseRequested = pointee(f.AllowNewTimeProposals), pointee(f.ResponseRequested)
	f.HideAttendees, f.Recurrence = pointee(f.HideAttendees), pointee(f.Recurrence)
	f.Attendees = slices.Clone(f.Attendees)
	f.SingleValueExtendedProperties = slices.Clone(f.SingleValueExtendedProperties)
	return f
}

func pointee[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func (s *Simulator) deleteEvent(r request) (answer, *refusal) {
	e, refused := s.writableEvent(r)
	if refused != nil {
		return answer{}, refused
	}
	gone := *e
	gone.Deleted = true
	gone.Updated = s.config.Clock()
	return answer{status: http.StatusNoContent}, s.saveEvent(&gone)
}

// writableEvent finds an event that the caller may change.
func (s *Simulator) writableEvent(r request) (*event, *refusal) {
	e, refused := s.event(r)
	if refused != nil {
		return nil, refused
	}
	if c, ok := r.caller.calendar(e.Calendar); !ok || !c.CanEdit {
		return nil, accessDenied
	}
	return e, nil
}

// filterPattern is the one filter that is simulated: events that carry an
// extended property of a value.
var filterPattern = regexp.MustCompile(`^singleValueExtendedProperties/[aA]ny\((\w+): ?(\w+)/id eq '([^']*)' and (\w+)/value eq '([^']*)'\)$`)

// findEvents lists the mailbox's events. A filter on an extended property looks
// into every calendar, its name being case-sensitive and its value not
// (learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get).
func (s *Simulator) findEvents(r request) (answer, *refusal) {
	matches := func(*event) bool { return true }
	if r.query.Has("$filter") {
		match := filterPattern.FindStringSubmatch(r.query.Get("$filter"))
		if match == nil || match[1] != match[2] || match[1] != match[4] {
			return answer{}, unparsed("the filter is none that is simulated: %s", r.query.Get("$filter"))
		}
		if !propertyID.MatchString(match[3]) {
			return answer{}, unparsed("the filter names a property that cannot be")
		}
		matches = func(e *event) bool {
			return slices.ContainsFunc(e.Fields.SingleValueExtendedProperties, func(p property) bool {
				return p.ID == match[3] && strings.EqualFold(p.Value, match[5])
			})
		}
	}
	var found []map[string]any
	for _, e := range s.sortedEvents() {
		if e.User == r.caller.Email && !e.Deleted && matches(e) {
			found = append(found, e.resource(r.prefer))
		}
	}
	return paged(found, r), nil
}

func byCreation(a, b *event) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Lasting, b.Lasting))
}

// resource is the event as Microsoft answers it.
func (e *event) resource(p preferences) map[string]any {
	f := e.Fields
	id := e.ID
	if p.lasting {
		id = e.Lasting
	}
	me := map[string]any{"emailAddress": emailAddress{Address: e.User}}
	kind := "singleInstance"
	if f.Recurrence != nil {
		kind = "seriesMaster"
	}
	body := cmp.Or(f.Body, &itemBody{ContentType: "html"})
	preview := []rune(body.Content)
	key := fmt.Sprintf("%s%04d", e.ID[len(movingPrefix):len(movingPrefix)+12], e.Change)
	return map[string]any{
		"@odata.etag":          `W/"` + key + `"`,
		"id":                   id,
		"createdDateTime":      e.Created.UTC().Format("2006-01-02T15:04:05.0000000Z"),
		"lastModifiedDateTime": e.Updated.UTC().Format("2006-01-02T15:04:05.0000000Z"),
		"changeKey":            key,
		"iCalUId":              e.iCalUID(),
		"transactionId":        nullable(f.TransactionID),
		"subject":              f.Subject,
		"body":                 body,
		"bodyPreview":          string(preview[:min(len(preview), 255)]),
		"location":             cmp.Or(f.Location, &place{}),
		"start":                f.answered(*f.Start, p), "end": f.answered(*f.End, p),
		"originalStartTimeZone": f.Start.TimeZone, "originalEndTimeZone": f.End.TimeZone,
		"isAllDay":                   f.IsAllDay,
		"isCancelled":                e.Cancelled,
		"isOrganizer":                e.Response == "organizer",
		"showAs":                     cmp.Or(f.ShowAs, statuses[0]),
		"sensitivity":                cmp.Or(f.Sensitivity, sensitivities[0]),
		"importance":                 cmp.Or(f.Importance, importances[0]),
		"isReminderOn":               f.IsReminderOn == nil || *f.IsReminderOn,
		"reminderMinutesBeforeStart": *cmp.Or(f.ReminderMinutesBeforeStart, pointee(&usualReminder)),
		"allowNewTimeProposals":      f.AllowNewTimeProposals == nil || *f.AllowNewTimeProposals,
		"responseRequested":          f.ResponseRequested == nil || *f.ResponseRequested,
		"hideAttendees":              f.HideAttendees != nil && *f.HideAttendees,
		"attendees":                  append([]attendee{}, f.Attendees...),
		"organizer":                  me,
		"responseStatus":             map[string]string{"response": e.Response, "time": "0001-01-01T00:00:00Z"},
		"recurrence":                 f.Recurrence,
		"seriesMasterId":             nil,
		"type":                       kind,
		"webLink":                    "https://outlook.office365.com/owa/?itemid=" + url.QueryEscape(e.ID) + "&exvsurl=1&path=/calendar/item",
	}
}

// usualReminder is in minutes.
var usualReminder = 15

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

const answeredLayout = "2006-01-02T15:04:05.0000000"

// answered is a moment as Microsoft answers it: in the zone that is preferred. An
// all-day event stays from midnight to midnight whatever that is
// (microsoftgraph/microsoft-graph-docs#1802).
func (f fields) answered(m moment, p preferences) moment {
	t, _ := m.read() // checked
	if !f.IsAllDay {
		t = t.In(p.zone)
	}
	return moment{DateTime: t.Format(answeredLayout), TimeZone: p.name}
}
