package microsoft

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"yakusoku/shared/calendar"
)

const (
	opInsert = "insert event"
	opFind   = "find event"
	opUpdate = "update event"
	opDelete = "delete event"
)

// The extended properties that our events carry. Their GUID is Yakusoku's own:
// events in hosts' calendars bear it, and another would orphan them.
const (
	properties      = "String {5b0c7a56-1f2e-4d0e-9c5c-7d1e3c6f2a94} Name "
	eventProperty   = properties + "event"   // calendar.Event's ID, by which it is found
	bookingProperty = properties + "booking" // for people who look
)

// subjectLimit is Exchange's, in characters.
const subjectLimit = 255

// change is the part of an event resource that a booking decides. All of it is
// sent each time: an empty text replaces the one before.
type change struct {
	Subject  string   `json:"subject"`
	Body     itemBody `json:"body"`
	Location place    `json:"location"`
	Start    moment   `json:"start"`
	End      moment   `json:"end"`
}

// resource is a new event. It names no attendees, to whom Exchange would send an
// invitation: the guest stands in the body.
type resource struct {
	change
	ShowAs        string     `json:"showAs"`
	TransactionID string     `json:"transactionId"`
	Properties    []property `json:"singleValueExtendedProperties"`
}

type itemBody struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

type place struct {
	DisplayName string `json:"displayName"`
}

type property struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// held is an event as Microsoft answers it.
type held struct {
	ID      string `json:"id"`
	ICalUID string `json:"iCalUId"`
	WebLink string `json:"webLink"`
	viewed
}

const heldFields = "id,iCalUId,webLink,start,end,isAllDay,originalStartTimeZone"

// Insert writes e as a new event. Microsoft names it, and knows a repeated call
// by the transactionId, which is the id that e brings: inserting the same event
// again is no error and writes nothing. How long it remembers is not said, only that
// it is for clients whose answers time out; so an event that may have been written
// before is looked for first, and one that comes late is left to Microsoft
// (learn.microsoft.com/graph/api/resources/event, transactionId). An event that was
// written and is gone is *IDTaken; a calendar that is gone is a *Refused that
// says CalendarGone.
func (c *Client) Insert(ctx context.Context, calendarID string, e calendar.Event) (calendar.Written, error) {
	if e.Repeated {
		found, ok, err := c.search(ctx, opInsert, e.ID)
		if err != nil || ok {
			return found, err
		}
	}
	var event held
	err := c.do(ctx, call{
		op:     opInsert,
		method: http.MethodPost,
		path:   calendarPath(calendarID) + "/events",
		body: resource{
			change:        changeTo(e),
			ShowAs:        "busy",
			TransactionID: e.ID,
			Properties:    []property{{eventProperty, e.ID}, {bookingProperty, e.Booking}},
		},
	}, &event)
	if refused, ok := errors.AsType[*Refused](err); ok && refused.Reason == duplicateTransaction {
		return c.inserted(ctx, e.ID)
	}
	if err != nil {
		return calendar.Written{}, err
	}
	return written(opInsert, event)
}

// inserted looks for what was made under the id, of which Microsoft says that it
// was used. If that cannot be found out, an event may be there: none of the
// errors that say otherwise is returned.
func (c *Client) inserted(ctx context.Context, id string) (calendar.Written, error) {
	found, ok, err := c.search(ctx, opInsert, id)
	if err != nil {
		return calendar.Written{}, &Unavailable{Op: opInsert, Err: errors.New(err.Error())}
	}
	if !ok {
		return calendar.Written{}, &IDTaken{EventID: id}
	}
	return found, nil
}

// Find returns the event and whether the mailbox has it.
func (c *Client) Find(ctx context.Context, _ string, r calendar.Reference) (calendar.Written, bool, error) {
	if r.Held == "" {
		return c.search(ctx, opFind, r.ID)
	}
	var event held
	err := c.do(ctx, call{
		op: opFind, method: http.MethodGet, path: eventPath(r.Held), query: url.Values{"$select": {heldFields}},
	}, &event)
	if isGone(err) {
		return calendar.Written{}, false, nil
	}
	if err != nil {
		return calendar.Written{}, false, err
	}
	found, err := written(opFind, event)
	return found, err == nil, err
}

// search finds the event by the id that we gave it.
func (c *Client) search(ctx context.Context, op, id string) (calendar.Written, bool, error) {
	events, err := c.carrying(ctx, op, id)
	if err != nil || len(events) == 0 {
		return calendar.Written{}, false, err
	}
	found, err := written(op, events[0])
	return found, err == nil, err
}

// carrying lists what carries our id: in any calendar of the mailbox, as the
// host may have moved it.
func (c *Client) carrying(ctx context.Context, op, id string) ([]held, error) {
	return list[held](ctx, c, call{
		op:     op,
		method: http.MethodGet,
		path:   "me/events",
		query: url.Values{
			"$filter": {"singleValueExtendedProperties/any(ep: ep/id eq '" + eventProperty + "' and ep/value eq '" + id + "')"},
			"$select": {heldFields},
		},
	})
}

// Update makes the event that Microsoft holds under that id say what e says. Its
// id stays, and so does what the host set beside: reminder, category, whether it
// counts as busy.
func (c *Client) Update(ctx context.Context, _, eventID string, e calendar.Event) error {
	var event held
	err := c.do(ctx, call{op: opUpdate, method: http.MethodPatch, path: eventPath(eventID), body: changeTo(e)}, &event)
	if err != nil {
		return err
	}
	_, err = written(opUpdate, event)
	return err
}

// Delete removes the event. That it was removed before, or never was, is no
// error.
func (c *Client) Delete(ctx context.Context, _ string, r calendar.Reference) error {
	if r.Held != "" {
		return c.delete(ctx, r.Held)
	}
	events, err := c.carrying(ctx, opDelete, r.ID)
	if err != nil {
		return err
	}
	for _, event := range events {
		if _, err := written(opDelete, event); err != nil {
			return err
		}
		if err := c.delete(ctx, event.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) delete(ctx context.Context, eventID string) error {
	err := c.do(ctx, call{op: opDelete, method: http.MethodDelete, path: eventPath(eventID)}, nil)
	if isGone(err) {
		return nil
	}
	return err
}

// isGone reports whether Microsoft says that there is no such event.
func isGone(err error) bool {
	refused, ok := errors.AsType[*Refused](err)
	return ok && refused.gone()
}

// written reads an event from its answer.
func written(op string, event held) (calendar.Written, error) {
	if event.ID == "" || event.ICalUID == "" {
		return calendar.Written{}, &Unavailable{Op: op, Err: errNotMicrosofts}
	}
	found := calendar.Written{ID: event.ID, UID: event.ICalUID, URL: event.WebLink}
	if at, err := event.span(); err == nil {
		found.Start, found.End = at.Start.UTC(), at.End.UTC()
	}
	return found, nil
}

// changeTo is the same for each try: Microsoft takes a repeat that differs for
// another event. Readers see UTC in their own zone.
func changeTo(e calendar.Event) change {
	subject := []rune(e.Title)
	return change{
		Subject:  string(subject[:min(len(subject), subjectLimit)]),
		Body:     itemBody{ContentType: "text", Content: e.Description},
		Location: place{DisplayName: e.Location},
		Start:    inUTC(e.Start),
		End:      inUTC(e.End),
	}
}

func inUTC(t time.Time) moment {
	return moment{DateTime: t.UTC().Format("2006-01-02T15:04:05"), TimeZone: "UTC"}
}

func eventPath(eventID string) string { return "me/events/" + url.PathEscape(eventID) }
