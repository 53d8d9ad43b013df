package zoom

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// UserType is what a user is licensed for, as Zoom counts it.
type UserType int

// Zoom's user types (developers.zoom.us/docs/api/users).
const (
	Basic      UserType = 1 // meetings end after 40 minutes
	Licensed   UserType = 2
	Unassigned UserType = 4 // and without Meetings Basic: no meetings
	None       UserType = 99
)

// User is whose grant it is.
type User struct {
	ID        string // lasting, unlike the address
	AccountID string // of the company that they belong to
	Email     string
	Name      string // as others see it; may be empty
	Type      UserType
	Status    string // active, inactive or pending; may be empty
	TimeZone  string // IANA name; may be empty
}

// Active reports whether Zoom says nothing against the user's being one.
func (u User) Active() bool { return u.Status == "" || u.Status == "active" }

type userAnswer struct {
	ID          string   `json:"id"`
	AccountID   string   `json:"account_id"`
	Email       string   `json:"email"`
	FirstName   string   `json:"first_name"`
	LastName    string   `json:"last_name"`
	DisplayName string   `json:"display_name"`
	Type        UserType `json:"type"`
	Status      string   `json:"status"`
	TimeZone    string   `json:"timezone"`
}

// User says whose grant it is.
func (c *Client) User(ctx context.Context) (User, error) {
	var found userAnswer
	op := "read the user"
	if err := c.do(ctx, call{op: op, method: http.MethodGet, path: "users/me"}, &found); err != nil {
		return User{}, err
	}
	if found.ID == "" || found.Type == 0 { // without a type, who is licensed would pass for who is not
		return User{}, &Unavailable{Op: op, Err: errNotZooms}
	}
	return User{
		ID: found.ID, AccountID: found.AccountID, Email: found.Email,
		Name: cmp.Or(found.DisplayName, strings.TrimSpace(found.FirstName+" "+found.LastName)),
		Type: found.Type, Status: found.Status, TimeZone: found.TimeZone,
	}, nil
}

// Settings are those of the user that decide something for us, as a hint: whether
// an admin has locked one does not show, and the truth is in a meeting that was
// made. What Zoom does not say is nil.
type Settings struct {
	AutoSummary *bool // whether meetings are summarized without being asked
}

// summarySetting is the one setting that is asked for.
const summarySetting = "meeting_summary_with_ai_companion"

type settingsAnswer struct {
	InMeeting struct {
		Summary struct {
			Enable     *bool `json:"enable"`
			AutoEnable *bool `json:"auto_enable"`
		} `json:"meeting_summary_with_ai_companion"`
	} `json:"in_meeting"`
}

// Settings reads the user's settings. To be refused them is no error but a hint
// that is missing, as when the grant does not cover them: an error is only that
// the grant is dead (*Refused, Unauthorized), *RateLimited or *Unavailable.
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	var found settingsAnswer
	err := c.do(ctx, call{
		op: "read the settings", method: http.MethodGet, path: "users/me/settings",
		query: url.Values{"custom_query_fields": {summarySetting}},
	}, &found)
	if refused, ok := errors.AsType[*Refused](err); ok && !refused.Unauthorized() {
		return Settings{}, nil
	}
	if err != nil {
		return Settings{}, err
	}
	summary := found.InMeeting.Summary
	if summary.AutoEnable == nil {
		return Settings{}, nil
	}
	starts := *summary.AutoEnable && (summary.Enable == nil || *summary.Enable)
	return Settings{AutoSummary: &starts}, nil
}
