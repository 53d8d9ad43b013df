package zoom

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Refused says that Zoom understood the call and will not do it, now or later.
// Zoom's message is left out: it may repeat what it was sent.
type Refused struct {
	Op         string
	Status     int
	Code       int      // of Zoom's own table; 0: none
	Fields     []string // the fields that it names as wrong
	TrackingID string   // what Zoom's support asks for
	OnlyUpdate bool     // what it names as missing is the scope for updating meetings
}

func (e *Refused) Error() string {
	text := fmt.Sprintf("zoom: %s: refused with %d, code %d", e.Op, e.Status, e.Code)
	if len(e.Fields) > 0 {
		text += ", fields " + strings.Join(e.Fields, " ")
	}
	if e.TrackingID != "" {
		text += ", tracking id " + e.TrackingID
	}
	return text
}

// Zoom's codes that decide something (developers.zoom.us/docs/api/meetings).
const (
	codeToken       = 124
	codeWrongField  = 300
	codeNoUser      = 1001
	codeNoMeeting   = 3001
	codeNotAllowed  = 3161
	codeNoScope     = 4711
	codeNoScopeDocs = 4700 // as another page of Zoom's has it
)

// Unauthorized reports whether Zoom does not take the access token, even
// renewed: the host must reconnect.
func (e *Refused) Unauthorized() bool {
	return e.Status == http.StatusUnauthorized || e.Code == codeToken || e.Code == codeNoUser
}

// ScopeMissing reports whether the host's grant does not cover the call, and the
// host must give another.
func (e *Refused) ScopeMissing() bool {
	return e.noScope() && !e.MayNotUpdate()
}

// MayNotUpdate reports whether the app may not update meetings: a deployment may do
// without that scope, and then no host can mend it.
func (e *Refused) MayNotUpdate() bool {
	return e.noScope() && (e.Op == opUpdate || e.OnlyUpdate)
}

func (e *Refused) noScope() bool { return e.Code == codeNoScope || e.Code == codeNoScopeDocs }

// mayMean reports whether Zoom names the field as wrong, or calls a field wrong
// without naming it.
func (e *Refused) mayMean(field string) bool {
	return slices.Contains(e.Fields, field) || e.Code == codeWrongField && len(e.Fields) == 0
}

// GrantEnded reports whether the API's answer says that the host must connect
// again.
func GrantEnded(status int, body []byte) bool {
	refused, ok := errors.AsType[*Refused](failure("", &http.Response{StatusCode: status}, body))
	return ok && refused.GrantDead()
}

// GrantDead reports whether only the host can make the call possible again.
func (e *Refused) GrantDead() bool { return e.Unauthorized() || e.ScopeMissing() }

// MayNotSchedule reports whether the host's account is not allowed to schedule
// meetings.
func (e *Refused) MayNotSchedule() bool { return e.Code == codeNotAllowed }

// NoMeeting reports whether the meeting does not exist, or no longer.
func (e *Refused) NoMeeting() bool {
	return e.Status == http.StatusNotFound && e.Code == codeNoMeeting
}

// RateLimited says that Zoom did nothing because too much was asked of it.
type RateLimited struct {
	Op         string
	RetryAfter time.Duration // 0: Zoom did not say
	Daily      bool          // the day's limit: there is more at 00:00 UTC
}

func (e *RateLimited) Error() string {
	if e.Daily {
		return fmt.Sprintf("zoom: %s: the day's limit is used up", e.Op)
	}
	return fmt.Sprintf("zoom: %s: rate limited", e.Op)
}

// Pause is how long to leave Zoom alone; 0: it did not say.
func (e *RateLimited) Pause() time.Duration {
	if e.Daily {
		return max(e.RetryAfter, time.Hour)
	}
	return e.RetryAfter
}

// Unavailable says that there was no answer, or none that makes sense. Whether
// the call had its effect is unknown.
type Unavailable struct {
	Op     string
	Status int // of an answer that is an error; 0: there was none
	Err    error
}

func (e *Unavailable) Error() string {
	return fmt.Sprintf("zoom: %s: no usable answer: %v", e.Op, e.Err)
}

func (e *Unavailable) Unwrap() error { return e.Err }

var errNotZooms = errors.New("the answer is not one of the API's")

// refusal is the body of an answer that is not a success.
type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Errors  []struct {
		Field string `json:"field"`
	} `json:"errors"`
}

// failure tells what an answer other than 2xx means. Zoom's older answers use
// the HTTP status 300 for a wrong field. What is not Zoom's own JSON came from
// something in between, and may pass.
func failure(op string, response *http.Response, body []byte) error {
	var said refusal
	readable := json.Unmarshal(body, &said) == nil && said.Code != 0
	status := response.StatusCode
	switch {
	case status == http.StatusTooManyRequests:
		return &RateLimited{Op: op, RetryAfter: retryAfter(response.Header, time.Now()), Daily: daily(response.Header, said.Message)}
	case status >= 500 || status == http.StatusRequestTimeout || !readable && status != http.StatusUnauthorized:
		return &Unavailable{Op: op, Status: status, Err: fmt.Errorf("status %d", status)}
	}
	refused := &Refused{
		Op: op, Status: status, Code: said.Code, TrackingID: response.Header.Get("X-Zm-Trackingid"),
		OnlyUpdate: strings.Contains(said.Message, "meeting:update"),
	}
	for _, e := range said.Errors {
		if isFieldName(e.Field) {
			refused.Fields = append(refused.Fields, e.Field)
		}
	}
	return refused
}

// isFieldName keeps everything that is not a plain name out of our logs.
func isFieldName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_."
	return s != "" && len(s) <= 60 && strings.Trim(s, letters) == ""
}

// daily tells the limit of 100 creates and updates per host and day from the
// per-second ones: by its words, since one captured answer of Zoom's had neither
// Retry-After nor a telling header (devforum.zoom.us 18928).
func daily(h http.Header, message string) bool {
	message = strings.ToLower(message)
	return h.Get("X-Ratelimit-Type") == "Daily-limit" ||
		strings.Contains(message, "daily") || strings.Contains(message, "gmt 00:00")
}

// retryAfter reads both forms that are seen: seconds, and Zoom's date-time. No
// header, or one that is past, is 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil { // more would be none
		return time.Duration(seconds) * time.Second
	}
	for _, layout := range []string{time.RFC3339, http.TimeFormat} {
		if at, err := time.Parse(layout, text); err == nil {
			return max(0, at.Sub(now))
		}
	}
	return 0
}
