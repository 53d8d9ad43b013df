package microsoft

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Refused says that Microsoft understood the call and will not do it, now or
// later. Nothing was changed.
type Refused struct {
	Op        string
	Status    int
	Reason    string // Microsoft's code for it, such as "ErrorItemNotFound"; may be empty
	RequestID string // what Microsoft's support asks for; may be empty
}

func (e *Refused) Error() string {
	return fmt.Sprintf("microsoft: %s: refused with %d %s (request %s)", e.Op, e.Status, e.Reason, e.RequestID)
}

// CalendarGone reports whether the calendar that was named is not there, or no
// longer open to the host.
func (e *Refused) CalendarGone() bool {
	if e.Op != opInsert && e.Op != opBusy {
		return false
	}
	closed := e.Status == http.StatusForbidden && e.Reason == "ErrorAccessDenied"
	return e.gone() || closed || e.Reason == "ErrorInvalidIdMalformed"
}

// gone reports whether what the call named is not there. A mailbox that is not
// there may be on its way to another server, with all that is in it.
func (e *Refused) gone() bool {
	return (e.Status == http.StatusNotFound || e.Status == http.StatusGone) && !strings.HasPrefix(e.Reason, "Mailbox")
}

// ScopeMissing reports whether the host's grant does not cover the call. Of a
// call that names a calendar or an event the same code may mean the host's own
// rights to it.
func (e *Refused) ScopeMissing() bool {
	if e.Status != http.StatusForbidden {
		return false
	}
	return e.Reason == "Authorization_RequestDenied" || e.Reason == "ErrorAccessDenied" && e.Op == opCalendars
}

// Unauthorized reports whether Microsoft does not take the access token, even
// renewed: the host must reconnect.
func (e *Refused) Unauthorized() bool {
	return e.Status == http.StatusUnauthorized
}

// GrantEnded reports whether the API's answer, to whatever call, says that the host
// must connect again.
func GrantEnded(status int, body []byte) bool {
	refused, ok := errors.AsType[*Refused](failure("", &http.Response{StatusCode: status}, body))
	return ok && (refused.Unauthorized() || refused.ScopeMissing())
}

// RateLimited says that Microsoft did nothing because too much was asked of it,
// by us or of this mailbox.
type RateLimited struct {
	Op         string
	RetryAfter time.Duration // 0: Microsoft did not say
}

func (e *RateLimited) Error() string {
	return fmt.Sprintf("microsoft: %s: rate limited", e.Op)
}

// Unavailable says that there was no answer, or none that makes sense. Whether
// the call had its effect is unknown.
type Unavailable struct {
	Op         string
	Status     int           // of an answer that is an error; 0: there was none
	RequestID  string        // what Microsoft's support asks for; may be empty
	RetryAfter time.Duration // 0: Microsoft did not say
	Err        error
}

func (e *Unavailable) Error() string {
	return fmt.Sprintf("microsoft: %s: no usable answer: %v", e.Op, e.Err)
}

func (e *Unavailable) Unwrap() error { return e.Err }

// IDTaken says that an event's id cannot be used: the event that was made under
// it is gone.
type IDTaken struct{ EventID string }

func (e *IDTaken) Error() string {
	return fmt.Sprintf("microsoft: %s: id %s is taken", opInsert, e.EventID)
}

var (
	errNotMicrosofts = errors.New("the answer is not one of the API's")
	errTooLong       = errors.New("the answer is too long")
)

// duplicateTransaction is how Microsoft says that a transactionId was used for
// an event that is, or is now, another.
const duplicateTransaction = "ErrorDuplicateTransactionId"

// refusal is the body of an answer that is not a success.
type refusal struct {
	Error *struct {
		Code string `json:"code"`
	} `json:"error"`
}

// failure tells what an answer other than 2xx means
// (learn.microsoft.com/graph/errors).
func failure(op string, response *http.Response, body []byte) error {
	status, after := response.StatusCode, retryAfter(response.Header)
	if status == http.StatusTooManyRequests {
		return &RateLimited{Op: op, RetryAfter: after}
	}
	id := requestID(response.Header)
	if status < 400 || status > 499 || status == http.StatusRequestTimeout {
		return &Unavailable{Op: op, Status: status, RequestID: id, RetryAfter: after, Err: fmt.Errorf("status %d %s (request %s)", status, code(body), id)}
	}
	if !isRefusal(body) {
		return &Unavailable{Op: op, Status: status, RequestID: id, Err: fmt.Errorf("status %d: %w", status, errNotMicrosofts)}
	}
	why := code(body)
	// Something else wrote to the mailbox at that moment: it passes.
	if (status == http.StatusConflict || status == http.StatusPreconditionFailed) && why != duplicateTransaction {
		return &Unavailable{Op: op, Status: status, RequestID: id, RetryAfter: after, Err: fmt.Errorf("status %d %s (request %s)", status, why, id)}
	}
	return &Refused{Op: op, Status: status, Reason: why, RequestID: id}
}

// isRefusal reports whether the API itself can have said body, and not
// something on the way to it: nothing at all, or the API's form of an error.
func isRefusal(body []byte) bool {
	var r refusal
	return len(body) == 0 || json.Unmarshal(body, &r) == nil && r.Error != nil
}

var (
	// word is what Microsoft's codes look like. Anything else may hold what must
	// not get into an error.
	word = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,59}$`)
	guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// code is the code that body gives, or empty.
func code(body []byte) string {
	var r refusal
	if json.Unmarshal(body, &r) != nil || r.Error == nil || !word.MatchString(r.Error.Code) {
		return ""
	}
	return r.Error.Code
}

func requestID(header http.Header) string {
	id := header.Get("Request-Id")
	if !guid.MatchString(id) {
		return ""
	}
	return id
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
