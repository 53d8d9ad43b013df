package booking

import (
	"maps"
	"time"
)

// Place is where a booking stands in its host's days.
type Place struct {
	Start, End time.Time // UTC
	LocalDate  string    // start's date in the page's zone
}

// Outcome is how a move stands.
type Outcome string

const (
	UnderWay  Outcome = "under_way"
	GivenUp   Outcome = "given_up"  // what it did is being undone
	CameAbout Outcome = "done"      // the booking stands at its new place
	Stayed    Outcome = "failed"    // undone: the booking stands where it stood
	Abandoned Outcome = "abandoned" // the booking was cancelled meanwhile
)

// Move is a change of a confirmed booking's plan: to another time, or, at the same
// time, to what was lost of it outside. Until it has come about the booking stands
// where it stood, and holds both places.
type Move struct {
	By       Party
	Message  string // of a host, to the guest; may be empty
	From, To Place
	Revision int // of the plan that it makes, and of the saga
	At       time.Time
	Steps    map[Step]Progress  // Meeting, Event and Mail, the guest's
	Back     map[Step]time.Time // when a step's undoing was last tried
	Outcome  Outcome
	Reason   Reason // why it was given up

	// Replacement numbers the meeting that is made because the one there was cannot
	// be moved; 0: none. Former is the one there was, until it is known to be gone.
	Replacement int
	Former      *ZoomMeeting
	// NewEvent says that an event is written anew, as the one there was is gone.
	// FormerEvent is what was known of that.
	NewEvent    bool
	FormerEvent CalendarEvent
	// EndedAt is when it came about, or was undone.
	EndedAt time.Time
}

// Moving reports whether a move is under way, or being undone.
func (b Booking) Moving() bool {
	return b.Move != nil && (b.Move.Outcome == UnderWay || b.Move.Outcome == GivenUp)
}

// Place is where the booking stands.
func (b Booking) Place() Place { return Place{b.Start, b.End, b.LocalDate} }

// Places are all that the booking holds: one, two while it is being moved, none
// once its hold is undone.
func (b Booking) Places() []Place {
	switch {
	case b.Steps[Hold].Status == Undone:
		return nil
	case b.Moving():
		return []Place{b.Place(), b.Move.To}
	}
	return []Place{b.Place()}
}

func (b Booking) claimAt(p Place) (from, to time.Time) {
	return p.Start.Add(-time.Duration(b.BufferBeforeMinutes) * time.Minute),
		p.End.Add(time.Duration(b.BufferAfterMinutes) * time.Minute)
}

// Claims are the spans of time that the booking holds.
func (b Booking) Claims() []Claim {
	var all []Claim
	for _, p := range b.Places() {
		from, to := b.claimAt(p)
		all = append(all, Claim{From: from, To: to, LocalDate: p.LocalDate})
	}
	return all
}

// Claim is a span that a booking holds, and the date of its place.
type Claim struct {
	From, To  time.Time
	LocalDate string
}

// CanMove reports whether the booking is one that can be moved at that time, now or
// once what is under way has ended.
func (b Booking) CanMove(now time.Time) bool {
	return b.Status == Confirmed && b.Start.After(now)
}

// Begin begins a move: what it names by, to where and why is kept, the rest
// follows from the booking.
func (b *Booking) Begin(m Move) {
	m.From, m.Revision, m.Outcome = b.Place(), b.Revision+1, UnderWay
	m.Steps = map[Step]Progress{
		Meeting: {Status: Waiting, Unsure: b.unsure(Meeting)}, Event: {Status: Waiting, Unsure: b.unsure(Event)}, Mail: {Status: Waiting},
	}
	b.Move, b.Attempt = &m, 0
}

// unsure is when the last change of that step was tried that may yet come about.
func (b Booking) unsure(s Step) time.Time {
	if b.Move == nil {
		return time.Time{}
	}
	tried := b.Move.Steps[s].Unsure
	if back := b.Move.Back[s]; back.After(tried) {
		return back
	}
	return tried
}

// Amend changes the booking's move.
func (b *Booking) Amend(change func(*Move)) {
	m := *b.Move
	m.Steps, m.Back = maps.Clone(m.Steps), maps.Clone(m.Back)
	change(&m)
	b.Move = &m
}

// MarkMove records how far a step of the move has come.
func (b *Booking) MarkMove(s Step, status StepStatus, at time.Time) {
	b.Amend(func(m *Move) {
		is := Progress{Status: status, At: at.UTC(), Unsure: m.Steps[s].Unsure}
		if was := m.Steps[s]; was.Status == Started && status == Started {
			is.Unsure = was.At
		}
		m.Steps[s] = is
	})
}

// TryBack records when what a step of the move did is about to be undone.
func (b *Booking) TryBack(s Step, at time.Time) {
	b.Amend(func(m *Move) {
		if m.Back == nil {
			m.Back = map[Step]time.Time{}
		}
		m.Back[s] = at.UTC()
	})
}

// GiveUpMove turns the move back. The first reason stands.
func (b *Booking) GiveUpMove(reason Reason) {
	if b.Moving() && b.Move.Outcome == UnderWay {
		b.Amend(func(m *Move) { m.Outcome, m.Reason = GivenUp, reason })
	}
}

// Moved is the booking as it will be once its move has come about.
func (b Booking) Moved() Booking {
	b.Start, b.End, b.LocalDate, b.Revision = b.Move.To.Start, b.Move.To.End, b.Move.To.LocalDate, b.Move.Revision
	return b
}

// Arrive ends a move that came about: the guest knows. The host, and whom the
// guest brings, are still to be told.
func (b *Booking) Arrive(now time.Time) {
	*b = b.Moved()
	b.Amend(func(m *Move) { m.Outcome, m.EndedAt = CameAbout, now.UTC() })
	b.Differences = nil // both sides were written anew
	if b.Move.Elsewhere() {
		b.PassReminders(now)
	}
	if !b.Move.News() {
		return
	}
	b.tell(NewsRescheduled, now)
	b.Mark(Notice, Waiting, time.Time{})
	if len(b.Guest.CoAttendees) > 0 && b.Steps[Attendees].Status == Done {
		b.Mark(Attendees, Waiting, time.Time{})
	}
}

// Stay ends a move that was undone. Whoever may have been told of it, or asked for
// it, is still to be told that it did not come about: the guest's calendar may have
// the plan of the move's revision, so that what stands is one of a later.
func (b *Booking) Stay(now time.Time) {
	told := b.Move.By == ByGuest || b.Move.Steps[Mail].Status != Waiting
	b.Revision = b.Move.Revision + 1
	b.Amend(func(m *Move) {
		m.Outcome, m.EndedAt = Stayed, now.UTC()
		m.Former = nil // it is the booking's again, or still
	})
	if told {
		b.Mark(Mail, Waiting, time.Time{})
	}
	b.Mark(Notice, Waiting, time.Time{})
}

// abandon leaves what a move did to the cancellation: what it may have made is as
// unsure as if it had been made for the booking. The guest's calendar may have the
// plan of the move's revision, over which the withdrawal is to prevail.
func (b *Booking) abandon() {
	if p := b.Move.Steps[Meeting]; b.Move.Replacement != 0 && p.Status == Started {
		b.Mark(Meeting, Started, p.At)
	}
	if p := b.Move.Steps[Event]; b.Move.NewEvent && p.Status == Started {
		b.Mark(Event, Started, p.At)
	}
	if b.Move.Steps[Mail].Status != Waiting {
		b.Revision = b.Move.Revision
	}
	b.Amend(func(m *Move) { m.Outcome = Abandoned })
}

// IsBack reports whether everything that a given-up move did is undone.
func (m Move) IsBack() bool {
	for _, s := range []Step{Meeting, Event} {
		if status := m.Steps[s].Status; status != Waiting && status != Undone {
			return false
		}
	}
	return true
}

// IsDone reports whether everything outside is where the move takes it.
func (m Move) IsDone() bool {
	return m.Steps[Meeting].Status == Done && m.Steps[Event].Status == Done
}

// News reports whether the move changes anything for those who come: the time, or the
// meeting's URL.
func (m Move) News() bool { return m.Elsewhere() || m.Replacement != 0 }

// Elsewhere reports whether the move is to another time, rather than to what was
// lost at the same.
func (m Move) Elsewhere() bool { return !m.To.Start.Equal(m.From.Start) }

// Plan numbers what the present saga is about: a plan of the booking's, or a move's.
func (b Booking) Plan() int {
	if b.Move != nil && b.Status == Confirmed {
		return b.Move.Revision
	}
	return b.Revision
}
