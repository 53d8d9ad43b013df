package booking

import (
	"maps"
	"time"
)

// Claim is the span that the booking holds: its slot widened by its buffers.
func (b Booking) Claim() (from, to time.Time) {
	return b.claimAt(b.Place())
}

// Mark records how far a step has come.
func (b *Booking) Mark(s Step, status StepStatus, at time.Time) {
	steps := maps.Clone(b.Steps)
	steps[s] = Progress{Status: status, At: at.UTC()}
	b.Steps = steps
}

// Confirm makes a pending booking the guest's. What is left to do is the host's
// mail.
func (b *Booking) Confirm(now time.Time) {
	if b.Status == Confirmed {
		return
	}
	b.Status = Confirmed
	b.tell(NewsConfirmed, now)
}

// Fail gives a pending booking up; the mails that now are to be sent are those of
// the failure. The first reason stands.
func (b *Booking) Fail(reason Reason, now time.Time) {
	if b.Status != Pending {
		return
	}
	b.Status, b.Reason = Failed, reason
	b.Mark(Mail, Waiting, time.Time{})
	b.Mark(Notice, Waiting, time.Time{})
	b.tell(NewsFailed, now)
}

// KeptUntil is when the record may be forgotten: as long after the meeting as its
// host keeps guests' data, and never while something is left to do. Zero: never.
func (b Booking) KeptUntil() time.Time {
	if b.Terms.RetentionDays == 0 || !b.Deadline.IsZero() {
		return time.Time{}
	}
	return b.End.AddDate(0, 0, b.Terms.RetentionDays)
}

// Finished reports whether nothing is left to do or undo for the booking.
func (b Booking) Finished() bool {
	switch {
	case b.Status == Pending, b.Moving(), b.Status == Confirmed && b.Move != nil && b.Move.Former != nil:
		return false
	case b.Status == Failed && (b.Steps[Hold].Status != Undone || !b.Clean()), b.Status == Cancelled && !b.Clean():
		return false
	}
	return b.Steps[Mail].Status.Over() && b.Steps[Notice].Status.Over()
}

// Watch keeps the deadline to what is left: none once that is nothing, and at once
// for what turns up outside after the booking was let go.
func (b *Booking) Watch(now time.Time) {
	switch {
	case b.Finished():
		b.Deadline = time.Time{}
	case b.NeedsAttention() && b.Deadline.IsZero():
		b.Deadline = now.UTC()
	}
}

// Clean reports whether nothing of a failed or cancelled booking is left outside.
func (b Booking) Clean() bool {
	return b.gone(Meeting) && b.gone(Event)
}

func (b Booking) gone(s Step) bool {
	status := b.Steps[s].Status
	return status == Waiting || status == Undone
}

// NeedsAttention reports whether a booking has something left that could not be
// taken away when it failed, or until everybody was told that it is cancelled, or
// stands elsewhere outside since a move was given up.
func (b Booking) NeedsAttention() bool {
	switch b.Status {
	case Failed:
		return !b.Clean()
	case Cancelled:
		return !b.Clean() && b.Steps[Mail].Status.Over()
	}
	return b.Moving() && b.Move.Outcome == GivenUp && !b.Move.IsBack()
}

// TurnedAway reports whether the guest was told at submission that the booking is
// none: no mail is due to anybody.
func (b Booking) TurnedAway() bool {
	return b.Status == Failed && b.Steps[Hold].Status == Undone && b.Steps[Mail].Status == Waiting && b.Deadline.IsZero()
}

// Sent records the id under which the mail service took the step's mail.
func (b *Booking) Sent(s Step, messageID string) {
	ids := maps.Clone(b.MessageIDs)
	if ids == nil {
		ids = map[Step]string{}
	}
	ids[s] = messageID
	b.MessageIDs = ids
}
