package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

const (
	ownBookingsPath = "/api/host/bookings"
	ownBookingPath  = "/api/host/bookings/{id}"
	retryPath       = "/api/host/bookings/{id}/retry"
	ownCancelPath   = "/api/host/bookings/{id}/cancel"
)

// GuestRow is who booked. The rest of it is told with the booking alone.
type GuestRow struct {
	Name        string       `json:"name"`
	Email       string       `json:"email"`
	Company     string       `json:"company,omitempty"`
	Phone       string       `json:"phone,omitempty"`
	TimeZone    string       `json:"timezone,omitempty"`
	Language    language.Tag `json:"locale,omitempty" enum:"ja,en"`
	CoAttendees []string     `json:"coAttendees,omitempty"`
}

// BookingRow is a booking in its host's list, in the host's time zone.
type BookingRow struct {
	ID             string         `json:"id"`
	Page           string         `json:"page" doc:"Slug"`
	Title          string         `json:"title"`
	Start          time.Time      `json:"start"`
	End            time.Time      `json:"end"`
	Status         booking.Status `json:"status" enum:"pending,confirmed,failed,cancelled"`
	Reason         booking.Reason `json:"reason,omitempty" doc:"Why it failed, for programs"`
	Guest          GuestRow       `json:"guest"`
	NeedsAttention bool           `json:"needsAttention" doc:"Something of it could not be undone yet"`
	Differs        bool           `json:"differs" doc:"Its host deleted or moved the meeting or the event elsewhere"`
}

// BookingList is a page of a host's bookings.
type BookingList struct {
	Bookings []BookingRow `json:"bookings" nullable:"false"`
	Cursor   string       `json:"cursor,omitempty" doc:"Of the next page, if there is one"`
}

// BookingDetail is a booking as its host sees it.
type BookingDetail struct {
	BookingRow
	Moves
	TimeZone      string          `json:"timezone" doc:"The host's"`
	Answers       []AnswerRow     `json:"answers" nullable:"false"`
	Consent       *ConsentGiven   `json:"consent,omitempty"`
	Steps         []HostStep      `json:"steps" nullable:"false"`
	JoinURL       string          `json:"joinUrl,omitempty"`
	Passcode      string          `json:"passcode,omitempty"`
	ZoomMeetingID string          `json:"zoomMeetingId,omitempty"`
	Calendar      *CalendarOfHost `json:"calendar,omitempty" doc:"Where the event was written"`
	ReasonText    string          `json:"reasonText,omitempty" doc:"Why it failed, for people"`
	Cancellation  *Cancellation   `json:"cancellation,omitempty"`
	Differences   []Difference    `json:"differences" nullable:"false" doc:"What stands outside otherwise than here"`
	Left          []Leftover      `json:"left" nullable:"false" doc:"What could not be taken away yet; it is, once the connection works again"`
	CalendarURL   string          `json:"calendarUrl,omitempty" doc:"Of the event, for its host"`
	ZoomURL       string          `json:"zoomUrl,omitempty" doc:"Of the meeting, for its host"`
	CanCancel     bool            `json:"canCancel"`
	CanReschedule bool            `json:"canReschedule"`
	CanRetry      bool            `json:"canRetry"`
	CreatedAt     time.Time       `json:"createdAt"`
}

// AnswerRow is a guest's answer, under the question as it was asked.
type AnswerRow struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// ConsentGiven is what a guest agreed to.
type ConsentGiven struct {
	Text    string    `json:"text"`
	URL     string    `json:"url,omitempty"`
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

// Cancellation is how a booking came to be cancelled.
type Cancellation struct {
	By      booking.Party        `json:"by" enum:"guest,host"`
	Reason  booking.CancelReason `json:"reason,omitempty" enum:"conflict,not_needed,other"`
	Message string               `json:"message,omitempty"`
	At      time.Time            `json:"at"`
}

// Difference is something of a booking that its host deleted or moved elsewhere.
type Difference struct {
	What    booking.Step `json:"what" enum:"meeting,event"`
	Gone    bool         `json:"gone" doc:"It was deleted; otherwise it stands at another time"`
	Start   *time.Time   `json:"start,omitempty" doc:"Where it stands instead"`
	End     *time.Time   `json:"end,omitempty"`
	FoundAt time.Time    `json:"foundAt"`
}

// Leftover is something of a booking that is off and could not be taken away.
type Leftover struct {
	What booking.Step `json:"what" enum:"meeting,event"`
	URL  string       `json:"url,omitempty" doc:"Where its host can take it away"`
}

// CalendarOfHost names a calendar.
type CalendarOfHost struct {
	Provider string `json:"provider"`
	ID       string `json:"id"`
}

// HostStep is how far one step has come.
type HostStep struct {
	Name   booking.Step       `json:"name" enum:"hold,meeting,event,mail,notice,attendees"`
	Status booking.StepStatus `json:"status" enum:"waiting,started,done,undone,failed"`
	At     *time.Time         `json:"at,omitempty" doc:"Of the last change"`
}

type searchInput struct {
	When   string `query:"when" enum:"upcoming,past" default:"upcoming" doc:"upcoming: the next first. past: the last first."`
	Status string `query:"status" enum:"pending,confirmed,failed,cancelled"`
	Page   string `query:"page" maxLength:"64" doc:"Slug"`
	Text   string `query:"q" maxLength:"100" doc:"In the guest's name, address or company, or the title"`
	From   string `query:"from" format:"date" doc:"First day, in the host's zone"`
	To     string `query:"to" format:"date" doc:"Last day"`
	Cursor string `query:"cursor" maxLength:"300"`

	Concern string `query:"concern" enum:"attention,differs" doc:"attention: something of it could not be undone yet. differs: something of it was deleted or moved outside."`
}

// OwnedBooking names a booking of the host's.
type OwnedBooking struct {
	ID             string `path:"id" maxLength:"64"`
	AcceptLanguage string `header:"Accept-Language"`
}

func (c *console) registerDiary(api huma.API) {
	const tag = "Host's bookings"
	huma.Register(api, hosts("list-bookings", http.MethodGet, ownBookingsPath, tag, "The host's bookings"), c.bookings)
	huma.Register(api, hosts("get-own-booking", http.MethodGet, ownBookingPath, tag, "One of the host's bookings"), c.booking)
	cancel := hosts("cancel-own-booking", http.MethodPost, ownCancelPath, tag, "Cancel a booking", 400, 409, 413, 415)
	cancel.DefaultStatus = http.StatusAccepted
	cancel.Description = "Its slot is free at once; the meeting, the event and the mails follow. Once more is no error."
	huma.Register(api, cancel, c.cancel)
	c.registerReschedule(api)
	retry := hosts("retry-booking", http.MethodPost, retryPath, tag, "Try again what is left of a booking", 409)
	retry.DefaultStatus = http.StatusAccepted
	huma.Register(api, retry, func(ctx context.Context, in *OwnedBooking) (*nothing, error) {
		h, err := c.me(ctx)
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, c.Diary.Retry(ctx, h.Handle, in.ID)
	})
}

// CancelRequest is the body that cancels a booking.
type CancelRequest struct {
	Reason  booking.CancelReason `json:"reason,omitempty" enum:"conflict,not_needed,other" doc:"Why: conflict, something else came up; not_needed, the matter is settled"`
	Message string               `json:"message,omitempty" maxLength:"1000" doc:"To the other side, in the mail"`
}

type ownCancelInput struct {
	OwnedBooking
	Body CancelRequest
}

// Resolve holds the message to what a schema cannot say.
func (in *ownCancelInput) Resolve(huma.Context) []error { return in.Body.check() }

func (r CancelRequest) check() []error {
	if strings.ContainsFunc(r.Message, disturbsText) {
		return []error{invalid("message", problem.ControlChar)}
	}
	return nil
}

func (c *console) cancel(ctx context.Context, in *ownCancelInput) (*nothing, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	return &nothing{CacheControl: private}, c.Diary.Cancel(ctx, h.Handle, in.ID, in.Body.Reason, in.Body.Message)
}

func (c *console) bookings(ctx context.Context, in *searchInput) (*answer[BookingList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	q := booking.Search{
		Host: h.Handle, Status: booking.Status(in.Status), Page: in.Page, Text: in.Text, Cursor: in.Cursor,
		Concern: booking.Concern(in.Concern),
	}
	if q, err = between(q, in, c.Now(), location); err != nil {
		return nil, err
	}
	found, err := c.Diary.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	list := BookingList{Bookings: []BookingRow{}, Cursor: found.Cursor}
	for _, b := range found.Bookings {
		list.Bookings = append(list.Bookings, rowOf(b, location))
	}
	return answered(list), nil
}

// underWay is how long after its start a booking counts as one to come.
const underWay = time.Hour

// between bounds the search by the days and the side of now that are asked for.
func between(q booking.Search, in *searchInput, now time.Time, location *time.Location) (booking.Search, error) {
	q.From, q.To = now.Add(-underWay), now.AddDate(10, 0, 0)
	if in.When == "past" {
		q.From, q.To, q.Backwards = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), now.Add(-underWay), true
	}
	if in.From != "" {
		day, err := time.ParseInLocation(time.DateOnly, in.From, location)
		if err != nil {
			return q, invalid("from", problem.WrongFormat)
		}
		q.From = later(q.From, day)
	}
	if in.To != "" {
		day, err := time.ParseInLocation(time.DateOnly, in.To, location)
		if err != nil {
			return q, invalid("to", problem.WrongFormat)
		}
		if end := day.AddDate(0, 0, 1); end.Before(q.To) {
			q.To = end
		}
	}
	// An index takes no span that ends before it begins.
	q.To = later(q.To, q.From.Add(time.Second))
	return q, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (c *console) booking(ctx context.Context, in *OwnedBooking) (*answer[BookingDetail], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	b, err := c.Diary.Booking(ctx, h.Handle, in.ID)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	return answered(detailOf(b, location, language.Match(in.AcceptLanguage), c.Now())), nil
}

func detailOf(b booking.Booking, in *time.Location, l language.Tag, now time.Time) BookingDetail {
	d := BookingDetail{
		BookingRow: rowOf(b, in), TimeZone: in.String(),
		Answers: []AnswerRow{}, Steps: []HostStep{}, Differences: differencesOf(b, in), Left: leftOf(b), CalendarURL: b.CalendarEvent.URL,
		CanRetry: b.CanRetry(), CanCancel: b.CanCancel(now), CanReschedule: b.CanMove(now),
		Moves: movesOf(b, in, l), CreatedAt: b.CreatedAt.In(in),
	}
	d.Guest.Phone, d.Guest.TimeZone, d.Guest.Language = b.Guest.Phone, b.Guest.TimeZone, b.Guest.Language
	d.Guest.CoAttendees = b.Guest.CoAttendees
	for _, a := range b.Answers {
		d.Answers = append(d.Answers, AnswerRow{Label: a.Label, Value: a.Value})
	}
	if given := b.Consent; given != nil {
		d.Consent = &ConsentGiven{Text: given.Text, URL: given.URL, Version: given.Version, At: given.At.In(in)}
	}
	for _, step := range []booking.Step{booking.Hold, booking.Meeting, booking.Event, booking.Mail, booking.Notice, booking.Attendees} {
		p, there := b.Steps[step]
		if !there {
			continue
		}
		s := HostStep{Name: step, Status: p.Status}
		if !p.At.IsZero() {
			at := p.At.In(in)
			s.At = &at
		}
		d.Steps = append(d.Steps, s)
	}
	if b.ZoomMeeting.ID != 0 {
		d.JoinURL, d.Passcode = b.ZoomMeeting.JoinURL, b.ZoomMeeting.Passcode
		d.ZoomMeetingID = strconv.FormatInt(b.ZoomMeeting.ID, 10)
		d.ZoomURL = zoomURL(b)
	}
	if b.CalendarEvent.ID != "" {
		d.Calendar = &CalendarOfHost{Provider: b.Terms.Write.Provider, ID: b.Terms.Write.ID}
	}
	if was := b.Cancellation; was != nil {
		d.Cancellation = &Cancellation{By: was.By, Reason: was.Reason, Message: was.Message, At: was.At.In(in)}
	}
	if b.Status == booking.Failed {
		d.ReasonText = hostReasonIn(l, b.Reason)
	}
	return d
}

// zoomURL is where a meeting's host sees it at Zoom.
func zoomURL(b booking.Booking) string {
	return "https://zoom.us/meeting/" + strconv.FormatInt(b.ZoomMeeting.ID, 10)
}

func differencesOf(b booking.Booking, in *time.Location) []Difference {
	all := []Difference{}
	for _, step := range []booking.Step{booking.Meeting, booking.Event} {
		is, differs := b.Differences[step]
		if !differs {
			continue
		}
		d := Difference{What: step, Gone: is.Gone, FoundAt: is.FoundAt.In(in)}
		if !is.Gone {
			start, end := is.Start.In(in), is.End.In(in)
			d.Start, d.End = &start, &end
		}
		all = append(all, d)
	}
	return all
}

// leftOf are the parts of a booking that is off which are not known to be gone.
func leftOf(b booking.Booking) []Leftover {
	all := []Leftover{}
	for step, address := range map[booking.Step]string{booking.Meeting: zoomURL(b), booking.Event: b.CalendarEvent.URL} {
		status := b.Steps[step].Status
		if b.NeedsAttention() && !b.Moving() && (status == booking.Started || status == booking.Done) {
			if step == booking.Meeting && b.ZoomMeeting.ID == 0 {
				address = ""
			}
			all = append(all, Leftover{What: step, URL: address})
		}
	}
	slices.SortFunc(all, func(a, b Leftover) int { return strings.Compare(string(b.What), string(a.What)) })
	return all
}
