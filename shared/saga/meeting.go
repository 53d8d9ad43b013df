package saga

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/zoom"
)

// Zoom is what the meeting step asks of a host's Zoom account.
type Zoom interface {
	// Account is the mark of whose it is (connection.Account).
	Account() string
	Create(ctx context.Context, m zoom.NewMeeting) (zoom.Meeting, error)
	// Find returns the meetings that carry one of the references, the oldest first.
	Find(ctx context.Context, references ...string) ([]zoom.Meeting, error)
	Update(ctx context.Context, id int64, change zoom.Change) error
	// Delete is done when there is no such meeting any more.
	Delete(ctx context.Context, id int64) error
}

// Meetings makes and unmakes a booking's Zoom meeting.
type Meetings struct {
	Ledger Ledger
	// Zoom acts for a host; an error for which connection.Lost is true means that
	// the host must reconnect.
	Zoom     func(ctx context.Context, host string) (Zoom, error)
	Patience Patience
	Now      func() time.Time
}

// Steps names the function's steps.
func (m *Meetings) Steps() map[string]Step {
	return map[string]Step{"create": m.create, "delete": m.delete, "move": m.move, "restore": m.restore, "tidy": m.tidy}
}

// create has no idempotency of Zoom's to lean on: once a create may have been
// sent, the meeting is looked for by the reference that it carries, for as long
// as it may yet appear.
func (m *Meetings) create(ctx context.Context, _ Request, b booking.Booking) error {
	if err := proceed(b, m.Now()); err != nil {
		return err
	}
	before := b.Steps[booking.Meeting]
	if before.Status == booking.Done {
		return nil
	}
	z, err := m.Zoom(ctx, b.Host)
	if err != nil {
		return err
	}
	var made zoom.Meeting
	if before.Status == booking.Started {
		made, err = m.adopt(ctx, z, b, 0, before)
		if err != nil {
			return err
		}
	}
	if made.ID == 0 {
		made, err = patient(ctx, func() (zoom.Meeting, error) {
			if err := begin(ctx, m.Ledger, m.Now(), &b, booking.Meeting); err != nil {
				return zoom.Meeting{}, err
			}
			return z.Create(ctx, newMeeting(b, 0))
		})
		if err != nil {
			err = fmt.Errorf("create the meeting: %w", err)
			return takeBack(ctx, m.Ledger, m.Now(), &b, booking.Meeting, before, err)
		}
	}
	return record(ctx, m.Ledger, m.Now(), &b, func(b *booking.Booking) error {
		b.ZoomMeeting = booking.ZoomMeeting{ID: made.ID, Account: z.Account(), JoinURL: made.JoinURL, Passcode: made.Passcode}
		b.Mark(booking.Meeting, booking.Done, m.Now())
		return nil
	})
}

// adopt returns the meeting of that number that an earlier, unanswered create made,
// or none once none is to come any more. Should there be more, the oldest stays.
func (m *Meetings) adopt(ctx context.Context, z Zoom, b booking.Booking, number int, last booking.Progress) (zoom.Meeting, error) {
	found, err := find(ctx, z, reference(b, number))
	if err != nil {
		return zoom.Meeting{}, err
	}
	if len(found) == 0 {
		return zoom.Meeting{}, m.Patience.settled(last, m.Now())
	}
	for _, extra := range found[1:] {
		if err := z.Delete(ctx, extra.ID); err != nil {
			return zoom.Meeting{}, fmt.Errorf("delete a doubled meeting: %w", err)
		}
	}
	return found[0], nil
}

// find looks for every meeting that carries one of the references.
func find(ctx context.Context, z Zoom, references ...string) ([]zoom.Meeting, error) {
	found, err := patient(ctx, func() ([]zoom.Meeting, error) { return z.Find(ctx, references...) })
	if err != nil {
		return nil, fmt.Errorf("look for the meeting: %w", err)
	}
	return found, nil
}

// delete undoes create, whether or not its answer was ever seen: beside the
// meeting that is known there may be one that came late.
func (m *Meetings) delete(ctx context.Context, r Request, b booking.Booking) error {
	undo, err := giveUp(ctx, m.Ledger, m.Now(), &b, r.Error)
	if err != nil || !undo {
		return err
	}
	progress := b.Steps[booking.Meeting]
	if progress.Status == booking.Waiting || progress.Status == booking.Undone {
		return nil
	}
	z, err := m.Zoom(ctx, b.Host)
	if err != nil {
		return err
	}
	if progress.Status == booking.Started {
		// The last one is unsure. Another that is there, because it was to be replaced,
		// says nothing of it.
		made, err := find(ctx, z, reference(b, b.Meetings))
		if err != nil {
			return err
		}
		if len(made) == 0 {
			if err := m.Patience.settled(progress, m.Now()); err != nil {
				return err
			}
		}
	}
	found, err := find(ctx, z, references(b)...)
	if err != nil {
		return err
	}
	all, left := ids(z, b, found)
	for _, id := range all {
		if err := remove(ctx, z, id); err != nil {
			return err
		}
	}
	if left != nil {
		return left
	}
	return mark(ctx, m.Ledger, m.Now(), &b, booking.Meeting, booking.Undone)
}

// ids are those of the meetings found, and the known ones': the host may have moved
// one. With them comes an error if one is out of reach: that the account which is
// connected now does not know it says nothing of it.
func ids(z Zoom, b booking.Booking, found []zoom.Meeting) (all []int64, left error) {
	for _, f := range found {
		all = append(all, f.ID)
	}
	known := []booking.ZoomMeeting{b.ZoomMeeting}
	if b.Move != nil && b.Move.Former != nil {
		known = append(known, *b.Move.Former)
	}
	for _, m := range known {
		if m.ID == 0 || slices.Contains(all, m.ID) {
			continue
		}
		if err := reaches(z, m); err != nil {
			left = err
			continue
		}
		all = append(all, m.ID)
	}
	return all, left
}

// reaches returns *connection.OtherAccount if the meeting is in another account than
// the one that is connected.
func reaches(z Zoom, m booking.ZoomMeeting) error {
	return connection.Reaches(connection.Zoom, z.Account(), m.Account)
}

// reference is the word by which a meeting is found again: the first one's, or that
// of one that was made in its place.
func reference(b booking.Booking, number int) string {
	return booking.MeetingReference(b.ID, number)
}

// references are those of every meeting that may have been made for the booking.
func references(b booking.Booking) []string {
	var all []string
	for number := range b.Meetings + 1 {
		all = append(all, reference(b, number))
	}
	return all
}

func newMeeting(b booking.Booking, number int) zoom.NewMeeting {
	n := zoom.NewMeeting{
		Topic:           topic(b),
		Agenda:          zoom.Agenda(reference(b, number), b.Terms.Description),
		Start:           b.Start,
		DurationMinutes: int(b.End.Sub(b.Start) / time.Minute),
		TimeZone:        b.Terms.HostTimeZone,
		Settings:        zoom.MeetingSettings{WaitingRoom: &b.Terms.Zoom.WaitingRoom},
	}
	if b.Terms.Zoom.Passcode {
		n.Passcode = passcode()
	}
	if s := b.Terms.Zoom.AutoSummary; s == page.SummaryOn || s == page.SummaryOff {
		on := s == page.SummaryOn
		n.Settings.AutoSummary = &on
	}
	return n
}

// passcode has 35 bits of chance in Zoom's at most 10 characters, letters of both
// cases and digits. An account whose rule asks for more gets one of Zoom's.
func passcode() string {
	chance := rand.Text()[:7]
	return strings.ToLower(chance[:3]) + chance[3:] + "Aa7"
}

// topic is seen by both sides: what it is about, and with whom.
func topic(b booking.Booking) string {
	if b.Terms.HostLanguage == language.Japanese {
		return fmt.Sprintf("%s(%s様)", b.Terms.Title, b.Guest.Name)
	}
	return fmt.Sprintf("%s (%s)", b.Terms.Title, b.Guest.Name)
}
