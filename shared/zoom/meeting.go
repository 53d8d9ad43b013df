package zoom

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NewMeeting is a scheduled meeting to be made.
type NewMeeting struct {
	Topic           string // cut to 200 characters
	Agenda          string // as Agenda makes it; cut to 2,000 characters
	Start           time.Time
	DurationMinutes int
	TimeZone        string // IANA name, for display
	Passcode        string // at most 10 characters; empty: as the host's account has it
	Settings        MeetingSettings
}

// MeetingSettings are left as the host's account has them where they are nil.
type MeetingSettings struct {
	WaitingRoom *bool
	AutoSummary *bool // whether a meeting summary starts by itself
}

// Change is what an update sets. Zoom's schema resets an omitted summary
// setting, so it is sent again.
type Change struct {
	Start           time.Time
	DurationMinutes int
	TimeZone        string
	Settings        MeetingSettings
}

// Meeting is a meeting as Zoom holds it. Its start URL is left out: whoever has
// that enters as the host.
type Meeting struct {
	ID              int64
	UUID            string
	JoinURL         string
	Passcode        string
	Topic           string
	Agenda          string    // in lists its first 250 characters
	Start           time.Time // zero where Zoom does not say, as of a recurring one without times
	DurationMinutes int
	CreatedAt       time.Time
	// Source is where it was made, as Zoom calls it; empty where it does not say, as
	// in lists.
	Source string
}

// ByAnother reports whether the meeting is known to have been made otherwise than by
// an app: by its host, at Zoom.
func (m Meeting) ByAnother() bool { return m.Source != "" && m.Source != "open_api" }

const opUpdate = "update the meeting"

const (
	topicLimit  = 200
	agendaLimit = 2000
)

// Agenda puts a reference before the text: lists show an agenda's first 250
// characters. The reference holds no white space.
func Agenda(reference, text string) string {
	return reference + "\n\n" + text
}

// Reference is what Agenda put before the meeting's text, or its first word.
func (m Meeting) Reference() string {
	words := strings.Fields(m.Agenda)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// Wire forms. A scheduled meeting is type 2; without registration approval_type
// is 2 too.
type (
	meetingBody struct {
		Topic     string       `json:"topic,omitempty"`
		Agenda    string       `json:"agenda,omitempty"`
		Type      int          `json:"type,omitempty"`
		StartTime string       `json:"start_time"`
		Duration  int          `json:"duration"`
		TimeZone  string       `json:"timezone,omitempty"`
		Password  string       `json:"password,omitempty"`
		Settings  settingsBody `json:"settings"`
	}
	settingsBody struct {
		UsePMI       *bool `json:"use_pmi,omitempty"`
		ApprovalType int   `json:"approval_type,omitempty"`
		WaitingRoom  *bool `json:"waiting_room,omitempty"`
		AutoSummary  *bool `json:"auto_start_meeting_summary,omitempty"`
	}
	meetingAnswer struct {
		ID        number  `json:"id"`
		UUID      string  `json:"uuid"`
		JoinURL   string  `json:"join_url"`
		Password  string  `json:"password"`
		Topic     string  `json:"topic"`
		Agenda    string  `json:"agenda"`
		StartTime instant `json:"start_time"`
		Duration  int     `json:"duration"`
		CreatedAt instant `json:"created_at"`
		Source    string  `json:"creation_source"`
	}
	meetingList struct {
		NextPageToken string           `json:"next_page_token"`
		Meetings      *[]meetingAnswer `json:"meetings"` // absent: not a list at all
	}
)

// number is an id that Zoom writes as a JSON number here and as a string there.
type number int64

func (n *number) UnmarshalJSON(text []byte) error {
	id, err := strconv.ParseInt(string(bytes.Trim(text, `"`)), 10, 64)
	*n = number(id)
	return err
}

// instant is a time that is zero where Zoom leaves it out or empty: one odd entry
// must not hide the rest of a list.
type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(text []byte) error {
	if i.Time.UnmarshalJSON(text) != nil {
		i.Time = time.Time{}
	}
	return nil
}

func (a meetingAnswer) meeting() Meeting {
	return Meeting{
		ID: int64(a.ID), UUID: a.UUID, JoinURL: a.JoinURL, Passcode: a.Password,
		Topic: a.Topic, Agenda: a.Agenda, Start: a.StartTime.Time, DurationMinutes: a.Duration,
		CreatedAt: a.CreatedAt.Time, Source: a.Source,
	}
}

// Create makes a meeting. Zoom has no idempotency: after an *Unavailable, look
// with Find before creating again. A passcode that breaks a rule of the account's
// is left to Zoom to make.
func (c *Client) Create(ctx context.Context, m NewMeeting) (Meeting, error) {
	made, err := c.create(ctx, m)
	refused := (*Refused)(nil)
	if m.Passcode != "" && errors.As(err, &refused) && refused.mayMean("password") {
		m.Passcode = ""
		return c.create(ctx, m)
	}
	return made, err
}

func (c *Client) create(ctx context.Context, m NewMeeting) (Meeting, error) {
	body := meetingBody{
		Topic: cut(m.Topic, topicLimit), Agenda: cut(m.Agenda, agendaLimit), Type: 2,
		StartTime: utc(m.Start), Duration: m.DurationMinutes, TimeZone: m.TimeZone,
		Password: m.Passcode,
		Settings: settingsBody{
			UsePMI: new(bool), ApprovalType: 2,
			WaitingRoom: m.Settings.WaitingRoom, AutoSummary: m.Settings.AutoSummary,
		},
	}
	var made meetingAnswer
	op := "create the meeting"
	if err := c.do(ctx, call{op: op, method: http.MethodPost, path: "users/me/meetings", body: body}, &made); err != nil {
		return Meeting{}, err
	}
	if made.ID == 0 || made.JoinURL == "" {
		return Meeting{}, &Unavailable{Op: op, Err: errNotZooms}
	}
	return made.meeting(), nil
}

// Get reads a meeting.
func (c *Client) Get(ctx context.Context, id int64) (Meeting, error) {
	var found meetingAnswer
	op := "read the meeting"
	if err := c.do(ctx, call{op: op, method: http.MethodGet, path: path(id)}, &found); err != nil {
		return Meeting{}, err
	}
	if found.ID == 0 {
		return Meeting{}, &Unavailable{Op: op, Err: errNotZooms}
	}
	return found.meeting(), nil
}

// Update moves a meeting. Safe to repeat.
func (c *Client) Update(ctx context.Context, id int64, change Change) error {
	return c.do(ctx, call{op: opUpdate, method: http.MethodPatch, path: path(id), body: meetingBody{
		StartTime: utc(change.Start), Duration: change.DurationMinutes, TimeZone: change.TimeZone,
		Settings: settingsBody{WaitingRoom: change.Settings.WaitingRoom, AutoSummary: change.Settings.AutoSummary},
	}}, nil)
}

// Delete takes a meeting away without Zoom mailing anybody. One that is gone
// already is no error.
func (c *Client) Delete(ctx context.Context, id int64) error {
	err := c.do(ctx, call{
		op: "delete the meeting", method: http.MethodDelete, path: path(id),
		query: url.Values{"schedule_for_reminder": {"false"}, "cancel_meeting_reminder": {"false"}},
	}, nil)
	if refused, ok := errors.AsType[*Refused](err); ok && refused.NoMeeting() {
		return nil
	}
	return err
}

// maxPages bounds the list: 300 meetings a page.
const maxPages = 100

// Find returns the meetings whose agenda starts with one of the references, the
// oldest first, wherever their host moved them.
func (c *Client) Find(ctx context.Context, references ...string) ([]Meeting, error) {
	all, err := c.List(ctx)
	return slices.DeleteFunc(all, func(m Meeting) bool { return !slices.Contains(references, m.Reference()) }), err
}

// List returns all of the user's scheduled meetings, the oldest first: the narrower
// lists reach six months at most.
func (c *Client) List(ctx context.Context) ([]Meeting, error) {
	query := url.Values{"type": {"scheduled"}, "page_size": {"300"}}
	var found []meetingAnswer
	const op = "list the meetings"
	for range maxPages {
		var page meetingList
		if err := c.do(ctx, call{op: op, method: http.MethodGet, path: "users/me/meetings", query: query}, &page); err != nil {
			return nil, err
		}
		if page.Meetings == nil { // taken as an empty list, it would lead to a second meeting
			return nil, &Unavailable{Op: op, Err: errNotZooms}
		}
		found = append(found, *page.Meetings...)
		if page.NextPageToken == "" {
			return byAge(found), nil
		}
		query.Set("next_page_token", page.NextPageToken)
	}
	return nil, &Unavailable{Op: op, Err: fmt.Errorf("more than %d pages: %w", maxPages, errNotZooms)}
}

func byAge(found []meetingAnswer) []Meeting {
	slices.SortFunc(found, func(a, b meetingAnswer) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	var meetings []Meeting
	for _, m := range found {
		meetings = append(meetings, m.meeting())
	}
	return meetings
}

func path(id int64) string { return "meetings/" + strconv.FormatInt(id, 10) }

// utc is the one of Zoom's two forms that leaves no doubt.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// cut shortens text to at most limit characters.
func cut(text string, limit int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), limit)])
}
