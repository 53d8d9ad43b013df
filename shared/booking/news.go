package booking

import (
	"slices"
	"time"
)

// NewsKind is what became of a booking.
type NewsKind string

const (
	NewsConfirmed   NewsKind = "booking.confirmed"
	NewsFailed      NewsKind = "booking.failed"
	NewsCancelled   NewsKind = "booking.cancelled"
	NewsRescheduled NewsKind = "booking.rescheduled" // its time, or the meeting's URL, is another
)

// News is what became of a booking, for the systems that its host wants told. It is
// part of the record, so that it is written if and only if the change is; it stays
// there until it is handed out.
type News struct {
	Number int // among the booking's own, from 1
	Kind   NewsKind
	At     time.Time
	// The plan as it was then: the booking may have gone on before it is handed out.
	Start, End time.Time
	From       time.Time // where it stood before it was rescheduled
	JoinURL    string    // of a booking that stands
}

// tell keeps the news of what the booking has just become.
func (b *Booking) tell(kind NewsKind, at time.Time) {
	b.NewsCount++
	n := News{Number: b.NewsCount, Kind: kind, At: at.UTC(), Start: b.Start, End: b.End}
	if kind == NewsRescheduled {
		n.From = b.Move.From.Start
	}
	if b.Status == Confirmed {
		n.JoinURL = b.ZoomMeeting.JoinURL
	}
	b.News = append(slices.Clone(b.News), n)
}

// Due is when something is to be done about the booking that is no saga's to do;
// zero: nothing is.
func (b Booking) Due() time.Time {
	due := b.nextReminder()
	if len(b.News) > 0 && (due.IsZero() || b.News[0].At.Before(due)) {
		due = b.News[0].At
	}
	return due
}
