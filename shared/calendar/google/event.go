package google

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"yakusoku/shared/calendar"
)

const (
	opInsert = "insert event"
	opFind   = "find event"
	opUpdate = "update event"
	opDelete = "delete event"
)

// change is the part of an event resource that a booking decides. All of it is
// sent each time: an empty text replaces the one before.
type change struct {
	Summary            string             `json:"summary"`
	Description        string             `json:"description"`
	Location           string             `json:"location"`
	Start              moment             `json:"start"`
	End                moment             `json:"end"`
	ExtendedProperties extendedProperties `json:"extendedProperties"`
}

// resource is a new event. It names no attendees: the guest stands in the
// description, so that Google has nobody to mail.
type resource struct {
	change
	ID           string    `json:"id"`
	Transparency string    `json:"transparency"`
	Reminders    reminders `json:"reminders"`
}

type moment struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

type extendedProperties struct {
	Private private `json:"private"`
}

type private struct {
	Booking string `json:"booking"`
}

type reminders struct {
	UseDefault bool `json:"useDefault"`
}

// held is an event as Google answers it. Of a cancelled one only id and status
// are sure to be there.
type held struct {
	ID                 string             `json:"id"`
	Status             string             `json:"status"`
	ICalUID            string             `json:"iCalUID"`
	HTMLLink           string             `json:"htmlLink"`
	Start              stood              `json:"start"`
	End                stood              `json:"end"`
	ExtendedProperties extendedProperties `json:"extendedProperties"`
}

func (h held) cancelled() bool { return h.Status == "cancelled" }

// stood is a time or, of an event of whole days, a date.
type stood struct {
	DateTime string `json:"dateTime"`
	Date     string `json:"date"`
}

// instant is the time in UTC; zero if it is none.
func (s stood) instant() time.Time {
	at, err := time.Parse(time.RFC3339, s.DateTime)
	if s.Date != "" {
		at, err = time.Parse(time.DateOnly, s.Date)
	}
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// Insert writes e as a new event under the id that e brings. Inserting the same
// event again is no error and writes nothing, as long as the calls come one
// after the other: Google does not promise to notice two at once. An id that
// can no longer be used is *IDTaken; a calendar that is gone is a *Refused that
// says CalendarGone.
func (c *Client) Insert(ctx context.Context, calendarID string, e calendar.Event) (calendar.Written, error) {
	var event held
	err := c.do(ctx, call{
		op:     opInsert,
		method: http.MethodPost,
		path:   eventsPath(calendarID),
		query:  silently(),
		body: resource{
			change:       changeTo(e),
			ID:           e.ID,
			Transparency: "opaque",
			Reminders:    reminders{UseDefault: true},
		},
	}, &event)
	if refused, ok := errors.AsType[*Refused](err); ok && refused.Status == http.StatusConflict {
		return c.inserted(ctx, calendarID, e)
	}
	if err != nil {
		return calendar.Written{}, err
	}
	return written(opInsert, e.ID, event)
}

// inserted looks at what has the id of e, which Google says is taken.
func (c *Client) inserted(ctx context.Context, calendarID string, e calendar.Event) (calendar.Written, error) {
	event, err := c.get(ctx, opInsert, calendarID, e.ID)
	switch {
	case err != nil && isGone(err), err == nil && event.cancelled():
		return calendar.Written{}, &IDTaken{EventID: e.ID, Deleted: true}
	case err != nil:
		return calendar.Written{}, err
	case event.ExtendedProperties.Private.Booking != e.Booking:
		return calendar.Written{}, &IDTaken{EventID: e.ID}
	}
	return written(opInsert, e.ID, event)
}

// Find returns the event of that id and whether the calendar has it. A deleted
// one it does not have.
func (c *Client) Find(ctx context.Context, calendarID, eventID string) (calendar.Written, bool, error) {
	event, err := c.get(ctx, opFind, calendarID, eventID)
	if isGone(err) || err == nil && event.cancelled() {
		return calendar.Written{}, false, nil
	}
	if err != nil {
		return calendar.Written{}, false, err
	}
	found, err := written(opFind, eventID, event)
	return found, err == nil, err
}

// Update makes the event say what e says. Its id stays, and so does what the
// host set beside: reminders, colour, whether it counts as busy.
func (c *Client) Update(ctx context.Context, calendarID, eventID string, e calendar.Event) error {
	var event held
	err := c.do(ctx, call{
		op:     opUpdate,
		method: http.MethodPatch,
		path:   eventPath(calendarID, eventID),
		query:  silently(),
		body:   changeTo(e),
	}, &event)
	if err != nil {
		return err
	}
	_, err = written(opUpdate, eventID, event)
	return err
}

// Delete removes the event. That it was removed before, or never was, is no
// error.
func (c *Client) Delete(ctx context.Context, calendarID, eventID string) error {
	err := c.do(ctx, call{
		op:     opDelete,
		method: http.MethodDelete,
		path:   eventPath(calendarID, eventID),
		query:  silently(),
	}, nil)
	if isGone(err) {
		return nil
	}
	return err
}

func (c *Client) get(ctx context.Context, op, calendarID, eventID string) (held, error) {
	var event held
	err := c.do(ctx, call{op: op, method: http.MethodGet, path: eventPath(calendarID, eventID)}, &event)
	if err == nil && event.ID != eventID {
		err = &Unavailable{Op: op, Err: errNotGoogles}
	}
	return event, err
}

// isGone reports whether Google says that there is no such event.
func isGone(err error) bool {
	refused, ok := errors.AsType[*Refused](err)
	return ok && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone)
}

// written reads a live event from its answer.
func written(op, eventID string, event held) (calendar.Written, error) {
	if event.ID != eventID || event.ICalUID == "" || event.cancelled() {
		return calendar.Written{}, &Unavailable{Op: op, Err: errNotGoogles}
	}
	return calendar.Written{
		ID: event.ID, UID: event.ICalUID, URL: event.HTMLLink,
		Start: event.Start.instant(), End: event.End.instant(), AllDay: event.Start.Date != "",
	}, nil
}

func changeTo(e calendar.Event) change {
	return change{
		Summary:            e.Title,
		Description:        plain(e.Description),
		Location:           e.Location,
		Start:              moment{DateTime: instant(e.Start), TimeZone: e.TimeZone},
		End:                moment{DateTime: instant(e.End), TimeZone: e.TimeZone},
		ExtendedProperties: extendedProperties{Private: private{Booking: e.Booking}},
	}
}

// plain keeps plain text plain. Google shows a description as HTML, and a guest
// must not be able to put a link of their wording into the host's calendar. The
// full-width brackets read the same in every reader; entities would not.
func plain(text string) string {
	return strings.NewReplacer("<", "＜", ">", "＞").Replace(text)
}

// silently asks that nobody be mailed: our own mails say it all.
func silently() url.Values {
	return url.Values{"sendUpdates": {"none"}}
}

func eventsPath(calendarID string) string {
	return "calendars/" + url.PathEscape(calendarID) + "/events"
}

func eventPath(calendarID, eventID string) string {
	return eventsPath(calendarID) + "/" + url.PathEscape(eventID)
}
