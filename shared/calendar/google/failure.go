package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Refused says that Google understood the call and will not do it, now or
// later. Nothing was changed.
type Refused struct {
	Op     string
	Status int
	Reason string // Google's word for it, such as "forbidden"; may be empty
}

func (e *Refused) Error() string {
	return fmt.Sprintf("google: %s: refused with %d %s", e.Op, e.Status, e.Reason)
}

// CalendarGone reports whether the calendar to be written to is not there, or
// no longer open to the host.
func (e *Refused) CalendarGone() bool {
	return e.Op == opInsert && e.Status == http.StatusNotFound
}

// ScopeMissing reports whether the host's grant does not cover the call.
func (e *Refused) ScopeMissing() bool {
	return e.Status == http.StatusForbidden && e.Reason == "insufficientPermissions"
}

// Unauthorized reports whether Google does not take the access token, even
// renewed: the host must reconnect.
func (e *Refused) Unauthorized() bool {
	return e.Status == http.StatusUnauthorized
}

// RateLimited says that Google did nothing because too much was asked of it.
type RateLimited struct {
	Op         string
	RetryAfter time.Duration // 0: Google did not say, as is usual
	Daily      bool          // the day's quota or a calendar's limits: soon is too soon
}

func (e *RateLimited) Error() string {
	if e.Daily {
		return fmt.Sprintf("google: %s: quota exceeded", e.Op)
	}
	return fmt.Sprintf("google: %s: rate limited", e.Op)
}

// Pause is how long to leave Google alone; 0: it did not say.
func (e *RateLimited) Pause() time.Duration {
	if e.Daily {
		return max(e.RetryAfter, time.Hour)
	}
	return e.RetryAfter
}

// GrantDead reports whether only the host can make the call possible again.
func (e *Refused) GrantDead() bool { return e.Unauthorized() || e.ScopeMissing() }

// GrantEnded reports whether the API's answer says that the host must connect
// again.
func GrantEnded(status int, body []byte) bool {
	refused, ok := errors.AsType[*Refused](failure("", &http.Response{StatusCode: status}, body))
	return ok && refused.GrantDead()
}

// Unavailable says that there was no answer, or none that makes sense. Whether
// the call had its effect is unknown.
type Unavailable struct {
	Op     string
	Status int // of an answer that is an error; 0: there was none
	Err    error
}

func (e *Unavailable) Error() string {
	return fmt.Sprintf("google: %s: no usable answer: %v", e.Op, e.Err)
}

func (e *Unavailable) Unwrap() error { return e.Err }

// Unreadable says that a calendar's busy times are unknown: it must not be
// taken as free.
type Unreadable struct {
	CalendarID string // not part of the message: it may be a mail address
	Reason     string // Google's word for it, such as "notFound"
}

func (e *Unreadable) Error() string {
	return fmt.Sprintf("google: %s: a calendar cannot be read: %s", opBusy, e.Reason)
}

// CalendarGone reports whether the calendar is not there, or no longer open to
// the host. Otherwise the trouble is Google's and may pass.
func (e *Unreadable) CalendarGone() bool { return e.Reason == "notFound" }

// IDTaken says that an event's id cannot be used: the event that has it was
// deleted (a deleted id stays taken), or is another booking's.
type IDTaken struct {
	EventID string
	Deleted bool
}

func (e *IDTaken) Error() string {
	return fmt.Sprintf("google: %s: id %s is taken (deleted: %t)", opInsert, e.EventID, e.Deleted)
}

var (
	errNotGoogles = errors.New("the answer is not one of the API's")
	errTooLong    = errors.New("the answer is too long")
)

// refusal is the body of an answer that is not a success.
type refusal struct {
	Error *struct {
		Errors []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
	} `json:"error"`
}

// failure tells what an answer other than 2xx means. The status does not
// decide alone: rate limits come as 429 and as 403
// (developers.google.com/workspace/calendar/api/guides/errors).
func failure(op string, response *http.Response, body []byte) error {
	status := response.StatusCode
	if status == http.StatusTooManyRequests {
		return &RateLimited{Op: op, RetryAfter: retryAfter(response.Header), Daily: reason(body) == "quotaExceeded"}
	}
	if status < 400 || status > 499 || status == http.StatusRequestTimeout {
		return &Unavailable{Op: op, Status: status, Err: fmt.Errorf("status %d", status)}
	}
	if !isRefusal(body) {
		return &Unavailable{Op: op, Status: status, Err: fmt.Errorf("status %d: %w", status, errNotGoogles)}
	}
	why := reason(body)
	if status == http.StatusForbidden {
		switch why {
		case "rateLimitExceeded", "userRateLimitExceeded":
			return &RateLimited{Op: op, RetryAfter: retryAfter(response.Header)}
		case "quotaExceeded":
			return &RateLimited{Op: op, RetryAfter: retryAfter(response.Header), Daily: true}
		}
	}
	return &Refused{Op: op, Status: status, Reason: why}
}

// isRefusal reports whether the API itself can have said body, and not
// something on the way to it: nothing at all, or the API's form of an error.
func isRefusal(body []byte) bool {
	var r refusal
	return len(body) == 0 || json.Unmarshal(body, &r) == nil && r.Error != nil
}

// word is what Google's reasons look like. Anything else may hold what must not
// get into an error.
var word = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// reason is the first reason that body gives, or empty.
func reason(body []byte) string {
	var r refusal
	if json.Unmarshal(body, &r) != nil || r.Error == nil || len(r.Error.Errors) == 0 {
		return ""
	}
	return known(r.Error.Errors[0].Reason)
}

func known(reason string) string {
	if !word.MatchString(reason) {
		return ""
	}
	return reason
}

// retryAfter reads the header of that name in both its forms (RFC 9110 §10.2.3).
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil { // more would be none
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
