package history_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"yakusoku/infra/promise/inbox"
	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// mailsOf are the mails about a booking to the guest or to the host, in the order
// in which they arrived; to both if the party is empty.
func (s *story) mailsOf(id string, to booking.Party) []letter {
	var all []letter
	for _, l := range s.post.letters {
		if l.Kind == string(mail.HostDiffers) {
			continue // it says what stands outside, and nothing of how the booking stands
		}
		if l.Booking == id && (to == "" || strings.HasPrefix(l.Kind, string(to)+"_")) {
			all = append(all, l)
		}
	}
	return all
}

func kinds(letters []letter) []string {
	var all []string
	for _, l := range letters {
		all = append(all, l.Kind)
	}
	return all
}

// compareMails: the last that each side was told is how the booking stands, and the
// guest's calendar, which read each invitation, says the same.
func (s *story) compareMails(k *known, b booking.Booking) error {
	guests, hosts := s.mailsOf(b.ID, booking.ByGuest), s.mailsOf(b.ID, booking.ByHost)
	if b.TurnedAway() {
		if len(guests)+len(hosts) > 0 {
			return fmt.Errorf("%s was turned away, and mails went out: %v %v", k, kinds(guests), kinds(hosts))
		}
		return nil
	}
	var errs []error
	if s.post.unsure == 0 { // else a mail may have come twice, or late
		errs = append(errs, lastTells(k, b, booking.ByGuest, booking.Mail, guests), lastTells(k, b, booking.ByHost, booking.Notice, hosts))
		if s.calm {
			errs = append(errs, once(k, guests), once(k, hosts))
		}
	}
	errs = append(errs, s.compareCalendar(k, b, guests), hostHears(k, b, hosts))
	return errors.Join(errs...)
}

// hostHears: where no mail reaches the guest, who may have been told otherwise before,
// the host is asked to tell them.
func hostHears(k *known, b booking.Booking, letters []letter) error {
	if b.Steps[booking.Mail].Status != booking.Skipped || b.Steps[booking.Notice].Status == booking.Skipped {
		return nil
	}
	for _, l := range letters {
		text, err := l.Text()
		if err != nil {
			return err
		}
		if strings.Contains(text, "ほかの方法でお知らせください") {
			return nil
		}
	}
	return fmt.Errorf("%s is %s, no mail reaches its guest, and its host does not hear of it: %v", k, b.Status, kinds(letters))
}

// telling are the mails that may be a side's last, by how the booking stands.
func telling(b booking.Booking, to booking.Party) []mail.Kind {
	switch b.Status {
	case booking.Failed:
		return []mail.Kind{mail.Kind(to + "_failed")}
	case booking.Cancelled:
		return []mail.Kind{mail.Kind(to + "_cancelled")}
	}
	switch {
	case b.Move == nil:
		return []mail.Kind{mail.Kind(to + "_confirmed")}
	case b.Move.Outcome == booking.CameAbout && b.Move.News():
		return []mail.Kind{mail.Kind(to + "_moved")}
	case b.Move.Outcome == booking.Stayed && (to == booking.ByHost || b.Move.By == booking.ByGuest):
		return []mail.Kind{mail.Kind(to + "_stayed")}
	}
	// What was done concerned nobody but the host's calendar, or what was tried did
	// not reach the guest: what was told before stands.
	return []mail.Kind{mail.Kind(to + "_confirmed"), mail.Kind(to + "_moved"), mail.Kind(to + "_stayed")}
}

func lastTells(k *known, b booking.Booking, to booking.Party, s booking.Step, letters []letter) error {
	if b.Steps[s].Status == booking.Skipped {
		return nil // their address takes no mail
	}
	if len(letters) == 0 {
		return fmt.Errorf("%s is %s, and the %s was told nothing", k, b.Status, to)
	}
	last := letters[len(letters)-1]
	if want := telling(b, to); !slices.Contains(want, mail.Kind(last.Kind)) {
		return fmt.Errorf("%s is %s, move %+v, and the %s was told %v; want the last to be of %v", k, b.Status, b.Move, to, kinds(letters), want)
	}
	return nil
}

// once: where nothing went wrong, nobody was told twice. Each move is told of.
func once(k *known, letters []letter) error {
	for i, l := range letters {
		if i > 0 && l.Kind == letters[i-1].Kind && !strings.HasSuffix(l.Kind, "_moved") && !strings.HasSuffix(l.Kind, "_stayed") {
			return fmt.Errorf("%s: one was told twice: %v", k, kinds(letters))
		}
	}
	return nil
}

// compareCalendar lets a calendar of the guest's read the invitations.
func (s *story) compareCalendar(k *known, b booking.Booking, letters []letter) error {
	var calendar inbox.Calendar
	for _, l := range letters {
		i, ok, err := l.Invitation()
		if err == nil && ok {
			err = calendar.Take(i, s.post.unsure == 0)
		}
		if err != nil {
			return fmt.Errorf("%s: the %s: %w", k, l.Kind, err)
		}
	}
	kept, skipped := calendar.Kept, b.Steps[booking.Mail].Status == booking.Skipped
	switch {
	case kept == nil && (b.Status == booking.Failed || skipped):
		return nil
	case kept == nil:
		return fmt.Errorf("%s is %s, and its guest got no invitation", k, b.Status)
	case b.Status == booking.Cancelled && !kept.Withdrawn() && !skipped:
		return fmt.Errorf("%s is cancelled, and its guest's calendar has %+v", k, kept)
	case b.Status == booking.Confirmed && !skipped && (kept.Withdrawn() || !kept.Start.Equal(b.Start) || !kept.End.Equal(b.End) || kept.URL != b.ZoomMeeting.JoinURL):
		return fmt.Errorf("%s is at %s, %s, and its guest's calendar has %+v", k, short(b.Start), b.ZoomMeeting.JoinURL, kept)
	}
	return nil
}
