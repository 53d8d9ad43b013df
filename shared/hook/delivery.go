package hook

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"time"

	"yakusoku/shared/booking"
)

// Status is where a delivery stands.
type Status string

const (
	Waiting   Status = "waiting"
	Delivered Status = "delivered"
	Failed    Status = "failed"
)

// Delivery is one piece of news on its way to one hook. The body is made when the
// news is handed out, and is the same in every attempt.
type Delivery struct {
	Key
	Kind    booking.NewsKind
	Booking string // its id; empty for a test
	// After is the delivery before it of the same booking to the same hook, which it
	// lets go first.
	After     string
	CreatedAt time.Time // of the news
	// MeetingEnds and Expires say how long the body, which names a guest, is kept.
	MeetingEnds time.Time
	Expires     time.Time
	Body        string

	Status   Status
	Tries    int       // since it was handed out, or replayed
	TryUntil time.Time // no further attempt begins later
	NextAt   time.Time // of a Waiting one
	Attempts []Attempt // the last of them
}

// Key names a delivery. Within a hook, ids are in the order of their news.
type Key struct {
	Host string
	Hook string
	ID   string
}

// Attempt is what came of sending a delivery once. Nothing of the answer is kept
// but its status.
type Attempt struct {
	At     time.Time
	Status int  // of the answer; 0 if there was none
	Word   Word // why there was none, or why nothing was sent
	Millis int
}

// Word says in a word why an attempt had no answer.
type Word string

const (
	TimedOut         Word = "timeout"
	NameNotResolved  Word = "name_not_resolved"
	AddressRefused   Word = "address_refused" // it is not a public one
	ConnectionFailed Word = "connection_failed"
	TLSFailed        Word = "tls_failed"
	RedirectRefused  Word = "redirect_refused"
	SwitchedOff      Word = "hook_off" // nothing was sent
)

const (
	// keptFor is how long a delivery is kept to be looked at and replayed.
	keptFor = 30 * 24 * time.Hour
	// triedFor is how long a delivery is tried.
	triedFor = 3 * 24 * time.Hour
	// attemptsKept are how many attempts a delivery lists.
	attemptsKept = 20
)

// pauses are those before the next attempt, by how many there were; the last is
// repeated.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// longestAsked is the longest pause that a receiver may ask for.
const longestAsked = 6 * time.Hour

// DeliveryID names the delivery of a booking's news to a hook: the same for every
// time that it is handed out, and sorted by when the news was.
func DeliveryID(hook, bookingID string, n booking.News) string {
	sum := sha256.Sum256([]byte(hook + "\n" + bookingID + "\n" + strconv.Itoa(n.Number)))
	return deliveryID(n.At, sum[:10])
}

// deliveryID is as many milliseconds, then what tells deliveries of one time apart;
// as text it sorts likewise.
func deliveryID(at time.Time, rest []byte) string {
	id := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())<<16)[:6]
	return "msg_" + idEncoding.EncodeToString(append(id, rest...))
}

var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// newTestID names a delivery that only tries a hook.
func newTestID(at time.Time) string {
	rest := make([]byte, 10)
	_, _ = rand.Read(rest) // it never fails
	return deliveryID(at, rest)
}

// Keep is until when a delivery of that time may be kept, for a meeting that ends
// then, by a host who keeps guests' data for so many days; 0: no limit of theirs.
func Keep(created, meetingEnds time.Time, retentionDays int) time.Time {
	until := created.Add(keptFor)
	if retentionDays > 0 && !meetingEnds.IsZero() {
		if theirs := meetingEnds.AddDate(0, 0, retentionDays); theirs.Before(until) {
			until = theirs
		}
	}
	return until.UTC()
}

// Restart has a delivery tried anew, with the same id and body.
func (d *Delivery) Restart(now time.Time) {
	d.Status, d.Tries = Waiting, 0
	d.NextAt, d.TryUntil = now.UTC(), earlier(now.Add(triedFor), d.Expires).UTC()
}

// note keeps an attempt.
func (d *Delivery) note(a Attempt) {
	d.Attempts = append(d.Attempts, a)
	if over := len(d.Attempts) - attemptsKept; over > 0 {
		d.Attempts = d.Attempts[over:]
	}
}

// end closes the delivery.
func (d *Delivery) end(s Status) { d.Status, d.NextAt = s, time.Time{} }

// again has the delivery tried again after the pause, or fails it if that is too
// late.
func (d *Delivery) again(now time.Time, pause time.Duration) {
	next := now.Add(pause)
	if next.After(d.TryUntil) {
		d.end(Failed)
		return
	}
	d.NextAt = next.UTC()
}

// pauseAfter is the pause after so many attempts, without its jitter.
func pauseAfter(tries int) time.Duration {
	return pauses[min(max(tries-1, 0), len(pauses)-1)]
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
