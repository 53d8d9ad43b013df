package model_test

import (
	"fmt"
	"slices"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// wrong is what is not as promised in a state, whatever is still under way.
func (m *model) wrong(s *state) string {
	var holders [2]int8
	for i, b := range s.books {
		if b == nil {
			continue
		}
		if b.Attempt > 8 {
			return fmt.Sprintf("booking %d is taken up again and again", i)
		}
		for _, p := range b.Places() {
			slot := slotOf(p.Start)
			if other := holders[slot]; other != 0 && other != int8(i)+1 {
				return fmt.Sprintf("slot %d is booked twice", slot)
			}
			holders[slot] = int8(i) + 1
		}
		if broken := wrongWith(s, int8(i), *b); broken != "" {
			return fmt.Sprintf("booking %d %s: %s", i, brief(b), broken)
		}
	}
	if holders != s.cells {
		return fmt.Sprintf("slots are held by %v, and claimed by %v", s.cells, holders)
	}
	return ""
}

func wrongWith(s *state, i int8, b booking.Booking) string {
	meetings, events := outside(s, i)
	switch b.Status {
	case booking.Confirmed:
		known := map[int64]bool{b.ZoomMeeting.ID: true}
		if b.Move != nil && b.Move.Former != nil {
			known[b.Move.Former.ID] = true
		}
		live := false
		for _, t := range meetings {
			live = live || known[t.id]
		}
		switch {
		case !live:
			return "its URL leads nowhere"
		case len(events) == 0:
			return "it is not in the calendar"
		case b.Steps[booking.Mail].Status == booking.Skipped: // its host hears that it is for them to tell the guest
		case b.Move != nil && b.Move.Outcome == booking.CameAbout && b.Move.News():
			if !s.wasTold(i, slotOf(b.Start), mail.GuestMoved) {
				return "it moved, and its guest was not told"
			}
		case !s.wasTold(i, 0, mail.GuestConfirmed):
			return "its guest was not told"
		}
	case booking.Failed:
		if b.Steps[booking.Hold].Status != booking.Undone {
			return ""
		}
		coming := false
		for _, l := range s.late {
			known := l.call.op == opEventInsert && slices.Contains(s.taken, uint8(l.call.id)) // nothing comes of it
			coming = coming || l.call.book == i && (l.call.op == opZoomCreate || l.call.op == opEventInsert && !known)
		}
		if len(meetings)+len(events) > 0 || coming {
			return "its slot is free, and something of it is outside, or may yet be"
		}
	}
	return ""
}

// outside is what there is of a booking at Zoom and in the calendar.
func outside(s *state, i int8) (meetings []meeting, events []event) {
	for _, t := range s.meetings {
		if t.book == i {
			meetings = append(meetings, t)
		}
	}
	for _, v := range s.events {
		if int8(v.key/16) == i {
			events = append(events, v)
		}
	}
	return meetings, events
}

// unrest is what is not as promised where nothing goes on by itself.
func (m *model) unrest(s *state) string {
	for i, b := range s.books {
		if b == nil {
			continue
		}
		if broken := unsettled(s, int8(i), *b); broken != "" {
			return fmt.Sprintf("at rest, booking %d %s: %s", i, brief(b), broken)
		}
	}
	return ""
}

func unsettled(s *state, i int8, b booking.Booking) string {
	meetings, events := outside(s, i)
	switch {
	case !b.Deadline.IsZero(), !b.Finished() && !b.TurnedAway():
		return "nobody looks after what is left of it"
	case b.Status != booking.Confirmed:
		if len(meetings)+len(events) > 0 {
			return fmt.Sprintf("%d meetings and %d events are left of it", len(meetings), len(events))
		}
	case len(meetings) != 1 || meetings[0].id != b.ZoomMeeting.ID:
		return fmt.Sprintf("its meeting is %d, and there are %v", b.ZoomMeeting.ID, meetings)
	case len(events) != 1 || events[0].key != eventKeys[b.CalendarEvent.ID]:
		return fmt.Sprintf("its event is %d, and there are %v", eventKeys[b.CalendarEvent.ID], events)
	case meetings[0].slot != slotOf(b.Start), events[0].slot != slotOf(b.Start):
		return fmt.Sprintf("it is at %d, its meeting at %d and its event at %d", slotOf(b.Start), meetings[0].slot, events[0].slot)
	case events[0].url != b.ZoomMeeting.ID:
		return "its event has another URL"
	}
	guest, host := news(s, i, b)
	switch {
	case guest != "" && b.Steps[booking.Mail].Status != booking.Skipped && !s.wasTold(i, slotOf(b.Start), guest):
		return "its guest was not sent " + string(guest)
	case host != "" && b.Steps[booking.Notice].Status != booking.Skipped && !s.wasTold(i, slotOf(b.Start), host):
		return "its host was not sent " + string(host)
	case b.TurnedAway() && s.told[i] != [2]uint16{}:
		return "it was turned away, and a mail went out"
	}
	return ""
}

// news are the mails that say how a booking stands.
func news(s *state, i int8, b booking.Booking) (guest, host mail.Kind) {
	switch {
	case b.TurnedAway():
		return "", ""
	case b.Status == booking.Failed:
		return mail.GuestFailed, mail.HostFailed
	case b.Status == booking.Cancelled:
		return mail.GuestCancelled, mail.HostCancelled
	case b.Move == nil:
		return mail.GuestConfirmed, mail.HostConfirmed
	case b.Move.Outcome == booking.CameAbout && !b.Move.News():
		return "", ""
	case b.Move.Outcome == booking.CameAbout:
		return mail.GuestMoved, mail.HostMoved
	case b.Move.By == booking.ByGuest || s.wasTold(i, slotOf(b.Move.To.Start), mail.GuestMoved):
		return mail.GuestStayed, mail.HostStayed
	}
	return "", mail.HostStayed
}
