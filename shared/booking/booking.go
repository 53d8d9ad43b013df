// Package booking holds a booking's life: what it is, which states and steps it
// goes through, how it is submitted and what its guest may see of it. The saga
// that makes it real is package saga's.
package booking

import (
	"time"

	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

// Status is where a booking stands. It starts as Pending and is settled once it
// is anything else.
type Status string

const (
	Pending   Status = "pending"
	Confirmed Status = "confirmed"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Step is one part of making a booking real, in the order in which it happens.
type Step string

const (
	Hold    Step = "hold"    // 枠の確保
	Meeting Step = "meeting" // Zoom URLの発行
	Event   Step = "event"   // カレンダー登録
	Mail    Step = "mail"    // 確認メール: the guest's, or the news that it failed
	Notice  Step = "notice"  // the host's mail; not shown to guests

	Attendees Step = "attendees" // the mail to whom the guest brings; not shown either
)

// StepStatus is how far a step has come.
type StepStatus string

const (
	Waiting StepStatus = "waiting"
	Started StepStatus = "started" // its effect may exist: look before acting again
	Done    StepStatus = "done"
	Undone  StepStatus = "undone" // compensated: its effect is known to be gone
	Skipped StepStatus = "failed" // refused for good, where the booking goes on without it
)

// Over reports whether the step is not tried again.
func (s StepStatus) Over() bool { return s == Done || s == Skipped }

// Progress is one step's record.
type Progress struct {
	Status StepStatus
	At     time.Time // of the last change; zero while waiting
	// Unsure is when an attempt was begun whose answer never came, though a later one
	// may have been answered: its effect may yet come about, and undo a later change.
	Unsure time.Time
}

// Same reports whether p is the record q: nobody began the step, or ended it, in
// between.
func (p Progress) Same(q Progress) bool { return p.Status == q.Status && p.At.Equal(q.At) }

// Reason says why a booking failed, in a word that pages and mails explain.
type Reason string

const (
	ReasonNone             Reason = ""
	ReasonSlotTaken        Reason = "slot_taken"        // the host's calendar filled meanwhile
	ReasonZoomUnavailable  Reason = "zoom_unavailable"  // Zoom did not answer in time, or refused
	ReasonCalendarFailed   Reason = "calendar_failed"   // a calendar could not be checked, or the event not written
	ReasonMailFailed       Reason = "mail_failed"       // the guest could not be mailed
	ReasonHostDisconnected Reason = "host_disconnected" // a grant is dead: the host must reconnect
	ReasonTooLate          Reason = "too_late"          // the time had come before all was done
)

// Guest is who books.
type Guest struct {
	Name     string
	Email    string
	Company  string
	Phone    string
	TimeZone string // IANA name
	Language language.Tag
	// CoAttendees are the mail addresses of those whom the guest brings. They are
	// told once the booking is confirmed.
	CoAttendees []string
}

// Consent is what a guest agreed to, as the page said it then.
type Consent struct {
	Version string
	Text    string
	URL     string
	At      time.Time
}

// Answer is the guest's answer to one question, with the label as asked.
type Answer struct {
	ID    string
	Label string
	Value string
}

// Terms are what the page and the host said when the guest booked. A booking
// keeps to them whatever its page says later.
type Terms struct {
	Title            string
	Description      string
	HostName         string
	HostEmail        string
	HostTimeZone     string // the page's zone
	HostLanguage     language.Tag
	Format           page.Format
	Platform         page.Platform
	Zoom             page.Zoom
	Write            page.CalendarRef
	Check            []page.CalendarRef
	ConfirmationNote string
	Reminders        []int  // minutes before the start at which guests are reminded
	ChangeNotice     int    // minutes before the start until which guests may cancel or move; 0: until it
	AccentColor      string // of the host's page, "#rrggbb"; empty for Yakusoku's own
	RetentionDays    int    // after the end, for which the record is kept; 0: no limit
}

// Booking is a guest's appointment with a host. Its id is derived from the page
// and the guest's Idempotency-Key, so that a repeated submission finds it again.
type Booking struct {
	ID       string
	Host     string // handle
	Page     string // slug
	Revision int    // of the plan: 0 as booked, +1 for each reschedule
	Attempt  int    // of the saga, for this revision
	Version  int    // of the record, for optimistic writes

	Start, End          time.Time // UTC
	BufferBeforeMinutes int
	BufferAfterMinutes  int
	LocalDate           string // start's date in the page's zone, as maxPerDay counts it
	CountsTowardDay     bool   // whether it took a place of maxPerDay

	Guest   Guest
	Answers []Answer
	Consent *Consent // nil where the page asked for none
	Terms   Terms

	Status Status
	Reason Reason // of a failure
	// Cancellation is how a Cancelled booking came to be so; nil for any other.
	Cancellation *Cancellation
	Steps        map[Step]Progress
	// Move is the last change of the plan; nil if there was none.
	Move *Move
	// Differences are what stands outside otherwise than here, of Meeting and Event,
	// as far as it was looked at.
	Differences map[Step]Difference
	// News is what was not handed out yet to those whom the host wants told.
	News      []News
	NewsCount int // of all news that there ever was
	// Told is the last that each of its host's hooks was told, as a delivery's id.
	Told map[string]string

	ZoomMeeting   ZoomMeeting
	CalendarEvent CalendarEvent
	Meetings      int // the highest number of a meeting that was made, or may have been

	MessageIDs map[Step]string // of the mails sent, as the mail service named them
	Reminding  Reminding

	TokenHash   []byte // SHA-256 of the guest's token
	Fingerprint []byte // SHA-256 of the submission, to tell a repeat from a reuse
	CreatedAt   time.Time
	// Deadline is when sweep looks after an unsettled booking; zero once nothing
	// is left to do or undo.
	Deadline time.Time
}

// ZoomMeeting is what the meeting step made.
type ZoomMeeting struct {
	ID       int64
	Number   int    // among the meetings made for the booking: 0 as booked
	Account  string // the mark of the account that it is in; empty if that was not recorded
	JoinURL  string
	Passcode string
}

// CalendarEvent is what the event step made.
type CalendarEvent struct {
	ID  string
	UID string // the first one's iCalUID: the one UID that our mails carry too
	URL string // where its host sees it; empty if the provider does not say
	// Account is the provider's id of whose calendar it is in; empty if that was not
	// recorded.
	Account string
	// Revision is that of the plan under which the event was written, from which its
	// id is made.
	Revision int
}
