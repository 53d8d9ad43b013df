package hook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// told is a piece of news as it is told: of the plan as it was then, not of what
// became of the booking since.
type told struct {
	kind     booking.NewsKind
	at       time.Time
	booking  booking.Booking // for what does not change
	start    time.Time
	end      time.Time
	from     time.Time // of a booking that was moved
	joinURL  string
	language language.Tag
}

func tell(b booking.Booking, n booking.News) told {
	return told{
		kind: n.Kind, at: n.At, booking: b, start: n.Start, end: n.End, from: n.From, joinURL: n.JoinURL,
		language: b.Terms.HostLanguage,
	}
}

// status is the booking's by this news.
func (t told) status() booking.Status {
	switch t.kind {
	case booking.NewsFailed:
		return booking.Failed
	case booking.NewsCancelled:
		return booking.Cancelled
	}
	return booking.Confirmed
}

// cancellation is how the booking came to be cancelled, if that is the news.
func (t told) cancellation() *booking.Cancellation {
	if t.kind == booking.NewsCancelled {
		return t.booking.Cancellation
	}
	return nil
}

// reason is why the booking failed, if that is the news.
func (t told) reason() booking.Reason {
	if t.kind == booking.NewsFailed {
		return t.booking.Reason
	}
	return booking.ReasonNone
}

// Event is the body of a delivery of format json.
type Event struct {
	ID        string           `json:"id" doc:"The same in every attempt, and the webhook-id" example:"msg_06bo8i1c00abcdefghijklmnop"`
	Type      booking.NewsKind `json:"type" enum:"booking.confirmed,booking.failed,booking.cancelled,booking.rescheduled,test"`
	CreatedAt time.Time        `json:"createdAt" doc:"When it happened"`
	Data      EventData        `json:"data"`
}

// EventData is what an event is about.
type EventData struct {
	Booking EventBooking `json:"booking"`
}

// EventBooking is a booking as the event left it, in its page's time zone.
type EventBooking struct {
	ID            string             `json:"id"`
	Page          string             `json:"page" doc:"Slug"`
	Title         string             `json:"title"`
	Start         time.Time          `json:"start"`
	End           time.Time          `json:"end"`
	TimeZone      string             `json:"timezone" example:"Asia/Tokyo"`
	Status        booking.Status     `json:"status" enum:"confirmed,failed,cancelled"`
	Reason        booking.Reason     `json:"reason,omitempty" doc:"Why it failed"`
	Guest         EventGuest         `json:"guest"`
	Answers       []EventAnswer      `json:"answers" nullable:"false"`
	JoinURL       string             `json:"joinUrl,omitempty"`
	Cancellation  *EventCancellation `json:"cancellation,omitempty"`
	PreviousStart *time.Time         `json:"previousStart,omitempty" doc:"Of one that was rescheduled; the same as start if the meeting's URL alone is another"`
}

// EventGuest is who booked.
type EventGuest struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Company string `json:"company,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

// EventAnswer is a guest's answer to one question.
type EventAnswer struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// EventCancellation is how a booking came to be cancelled.
type EventCancellation struct {
	By      booking.Party        `json:"by" enum:"guest,host"`
	Reason  booking.CancelReason `json:"reason,omitempty" enum:"conflict,not_needed,other"`
	Message string               `json:"message,omitempty" doc:"To the other side"`
	At      time.Time            `json:"at"`
}

// compose writes the body of a delivery.
func compose(f Format, id string, t told, origin string) (string, error) {
	in, err := zone.Load(t.booking.Terms.HostTimeZone)
	if err != nil {
		return "", err
	}
	switch f {
	case JSON:
		return encode(eventOf(id, t, in))
	case Slack:
		return encode(slackOf(noticeOf(t, in, origin)))
	case GoogleChat:
		return encode(chatOf(noticeOf(t, in, origin)))
	}
	return "", fmt.Errorf("no format %q", f)
}

func encode(v any) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // it is no page: what means something to its reader is escaped by its format
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(out.Bytes())), nil
}

func eventOf(id string, t told, in *time.Location) Event {
	b := t.booking
	e := EventBooking{
		ID: b.ID, Page: b.Page, Title: b.Terms.Title, Start: t.start.In(in), End: t.end.In(in), TimeZone: in.String(),
		Status: t.status(), Reason: t.reason(), JoinURL: t.joinURL, Answers: []EventAnswer{},
		Guest: EventGuest{Name: b.Guest.Name, Email: b.Guest.Email, Company: b.Guest.Company, Phone: b.Guest.Phone},
	}
	for _, a := range b.Answers {
		e.Answers = append(e.Answers, EventAnswer{ID: a.ID, Label: a.Label, Value: a.Value})
	}
	if c := t.cancellation(); c != nil {
		e.Cancellation = &EventCancellation{By: c.By, Reason: c.Reason, Message: c.Message, At: c.At.In(in)}
	}
	if t.kind == booking.NewsRescheduled {
		from := t.from.In(in)
		e.PreviousStart = &from
	}
	return Event{ID: id, Type: t.kind, CreatedAt: t.at.UTC(), Data: EventData{Booking: e}}
}

// sample is what a hook is tried with: the news of a booking that there is not.
func sample(l language.Tag, timeZone string, now time.Time) told {
	start := now.UTC().AddDate(0, 0, 1).Truncate(time.Hour)
	b := booking.Booking{
		ID: "test", Page: "intro", Status: booking.Confirmed,
		Guest: booking.Guest{Email: "taro@example.com"},
		Terms: booking.Terms{HostLanguage: l, HostTimeZone: timeZone},
	}
	w := wordsOf(l)
	b.Terms.Title, b.Guest.Name, b.Guest.Company = w.sampleTitle, w.sampleName, w.sampleCompany
	return tell(b, booking.News{Kind: Test, At: now, Start: start, End: start.Add(30 * time.Minute)})
}
