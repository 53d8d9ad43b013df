package booking

import (
	"slices"
	"time"
)

// Reminding is how far a booking's guest has been reminded.
//
// A reminder is due so many minutes before the start, as the page said when it was
// booked. Minutes are time that passes, whatever clocks do meanwhile: one of 1440
// comes 24 hours before, which the guest's clock shows an hour earlier or later
// than the meeting's if it is put forward or back in between.
//
// It is the guest alone who is reminded. Those whom they bring have the invitation
// in their calendars, never asked for mail of ours, and hear of every change.
type Reminding struct {
	// Until is up to when reminders are dealt with: what was due by then was sent, or
	// is not sent any more.
	Until time.Time
	// Due is when the one was due that was taken up last; Claimed is until when whoever
	// took it up has it to themselves. Zero: nobody has.
	Due, Claimed time.Time
	MessageID    string // of the last one sent, as the mail service named it
	Refused      bool   // the last one was not taken, and never will be
}

// reminders are when the guest is still to be reminded, in order: of a booking that
// stands, and of which they know where. Nobody is reminded for a time that was past
// when they booked, or when the booking came to its place.
func (b Booking) reminders() []time.Time {
	if b.Status != Confirmed || b.Moving() || !b.Steps[Mail].Status.Over() {
		return nil
	}
	since := b.CreatedAt
	if b.Reminding.Until.After(since) {
		since = b.Reminding.Until
	}
	var all []time.Time
	for _, minutes := range b.Terms.Reminders {
		if due := b.Start.Add(-time.Duration(minutes) * time.Minute); due.After(since) && due.Before(b.Start) {
			all = append(all, due)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// nextReminder is when there is something to be done about a reminder; zero: there
// is nothing.
func (b Booking) nextReminder() time.Time {
	all := b.reminders()
	switch {
	case len(all) == 0:
		return time.Time{}
	case b.Reminding.Claimed.After(all[0]):
		return b.Reminding.Claimed
	}
	return all[0]
}

// ToRemind returns when the reminder was due that is to be dealt with at that time.
// Of several that are overdue it is the last, and the others are dealt with too.
func (b Booking) ToRemind(now time.Time) (due time.Time, is bool) {
	if b.Reminding.Claimed.After(now) {
		return time.Time{}, false
	}
	for _, r := range b.reminders() {
		if !r.After(now) {
			due, is = r, true
		}
	}
	return due, is
}

// ClaimReminder takes up the reminder that was due then, until that time: who dies
// over it leaves it to another.
func (b *Booking) ClaimReminder(due, until time.Time) {
	b.Reminding.Due, b.Reminding.Claimed = due.UTC(), until.UTC()
}

// Reminded ends the reminder that was due then: it was sent, under that id, or, if
// that is empty, was refused.
func (b *Booking) Reminded(due time.Time, messageID string) {
	b.PassReminders(due)
	b.Reminding.Refused = messageID == ""
	if messageID != "" {
		b.Reminding.MessageID = messageID
	}
}

// PassReminders leaves out what was due until then.
func (b *Booking) PassReminders(until time.Time) {
	if until.After(b.Reminding.Until) {
		b.Reminding.Until = until.UTC()
	}
	b.Reminding.Claimed = time.Time{}
}
