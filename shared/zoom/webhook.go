package zoom

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The headers of a webhook (developers.zoom.us/docs/api/webhooks).
const (
	SignatureHeader = "X-Zm-Signature"
	TimestampHeader = "X-Zm-Request-Timestamp"
)

// tolerance is how far a webhook's time stamp may lie from our clock. Zoom names no
// limit; five minutes let a slow delivery and a clock that is off pass, and end what
// somebody who copied a request can do with it. What is sent again within them is
// dropped as a duplicate.
const tolerance = 5 * time.Minute

// Unsigned says that a webhook is not Zoom's, or is an old one.
type Unsigned struct{ Why string }

func (e *Unsigned) Error() string { return "not signed by Zoom: " + e.Why }

// Verify looks whether a webhook comes from Zoom, by the app's secret token: the
// headers as they came and the body to the byte. It returns *Unsigned.
func Verify(secretToken, timestamp, signature string, body []byte, now time.Time) error {
	if !hmac.Equal([]byte(signature), []byte(Sign(secretToken, timestamp, body))) {
		return &Unsigned{Why: "the signature is another"}
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return &Unsigned{Why: "the time stamp is none"}
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > tolerance {
		return &Unsigned{Why: "the time stamp is too old, or lies ahead"}
	}
	return nil
}

// Sign returns the signature that a webhook carries.
func Sign(secretToken, timestamp string, body []byte) string {
	return "v0=" + digest(secretToken, []byte("v0:"+timestamp+":"), body)
}

// Challenged is the answer by which an endpoint shows that it knows the secret token.
type Challenged struct {
	PlainToken     string `json:"plainToken"`
	EncryptedToken string `json:"encryptedToken"`
}

// Challenge answers the event URLValidation.
func Challenge(secretToken, plainToken string) Challenged {
	return Challenged{PlainToken: plainToken, EncryptedToken: digest(secretToken, []byte(plainToken))}
}

func digest(secretToken string, parts ...[]byte) string {
	mac := hmac.New(sha256.New, []byte(secretToken))
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// The events that are read; what else there is, is no concern of ours.
const (
	URLValidation   = "endpoint.url_validation"
	AppDeauthorized = "app_deauthorized"
	MeetingUpdated  = "meeting.updated"
	MeetingDeleted  = "meeting.deleted"
	MeetingErased   = "meeting.permanently_deleted"
	MeetingRestored = "meeting.recovered"
)

var meetingEvents = []string{MeetingUpdated, MeetingDeleted, MeetingErased, MeetingRestored}

// Event is what Zoom tells.
type Event struct {
	Name string
	// Key tells the event from every other, however often it is sent.
	Key string
	// User is the id of the user whom it concerns. Of a meeting that was updated
	// Zoom may name who did it alone: that is its host, or an admin of theirs.
	User string
	// At is when the user removed the app; zero if that is not said as documented.
	At time.Time
	// PlainToken is a URL validation's.
	PlainToken string
}

// OfMeeting reports whether the event says that a meeting is not as it was.
func (e Event) OfMeeting() bool { return slices.Contains(meetingEvents, e.Name) }

// userLimit bounds a user's id, which has 22 characters.
const userLimit = 128

var errNoEvent = errors.New("zoom: not an event")

// ParseEvent reads a webhook's body. Of an event that is not read, it returns the
// name alone.
func ParseEvent(body []byte) (Event, error) {
	var frame struct {
		Event   string
		Stamp   json.RawMessage `json:"event_ts"`
		Payload json.RawMessage
	}
	if err := json.Unmarshal(body, &frame); err != nil || frame.Event == "" {
		return Event{}, errNoEvent
	}
	e := Event{Name: frame.Event}
	if e.Name != URLValidation && e.Name != AppDeauthorized && !e.OfMeeting() {
		return e, nil
	}
	var said struct {
		PlainToken string
		UserID     string `json:"user_id"`
		OperatorID string `json:"operator_id"`
		Instance   string `json:"signature"` // of a deauthorization: names this one
		At         loose  `json:"deauthorization_time"`
		Stamp      loose  `json:"event_ts"` // where a deauthorization has it
		Object     struct {
			ID     loose // a number or a string, by the event
			UUID   string
			HostID string `json:"host_id"`
		}
	}
	if err := json.Unmarshal(frame.Payload, &said); err != nil {
		return Event{}, errNoEvent // the decoder's words may quote the body
	}
	if frame.Stamp != nil && json.Unmarshal(frame.Stamp, &said.Stamp) != nil {
		return Event{}, errNoEvent
	}
	e.PlainToken = said.PlainToken
	e.At, _ = time.Parse(time.RFC3339, string(said.At)) // of another form: not said
	e.User = cmp.Or(said.UserID, said.Object.HostID, said.OperatorID)
	if e.Name != URLValidation && (e.User == "" || len(e.User) > userLimit) {
		return Event{}, errNoEvent
	}
	e.Key = key(e.Name, string(said.Stamp), cmp.Or(said.Object.UUID, string(said.Object.ID), said.Instance), e.User)
	return e, nil
}

// key hashes what tells events apart: it is to hold nothing of a user's.
func key(parts ...string) string {
	hash := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(hash, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// loose is what Zoom writes as a number in one event and as a string in another.
type loose string

func (l *loose) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(l))
	}
	var n json.Number
	err := json.Unmarshal(text, &n) // null leaves it empty
	*l = loose(n)
	return err
}
