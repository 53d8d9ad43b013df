package mail

import (
	"errors"
	"strconv"
	"time"

	"yakusoku/shared/booking"
)

var errNoReminder = errors.New("no reminder of the booking is due")

// reminderWords are those of the mail that reminds a guest.
type reminderWords struct {
	guest   opening
	meeting string // how to join
	gone    string // in its place, while there is nothing to join
}

// guestReminder brings what the guest needs to come, or to say in time that they
// do not. It is no invitation: nothing in their calendar changes.
func (c *Composer) guestReminder(b booking.Booking) (letter, error) {
	if b.Reminding.Due.IsZero() {
		return letter{}, errNoReminder
	}
	l, err := toGuest(b, wordsIn(b.Guest.Language))
	if err != nil {
		return letter{}, err
	}
	w := l.reminder
	if b.MeetingGone() {
		l.open(w.guest, w.gone, b)
	} else {
		l.open(w.guest, w.meeting, b)
		if l.Action, err = meeting(b, l.words); err != nil {
			return letter{}, err
		}
	}
	l.Parts = note(b, l.words)
	l.Manage, err = c.manage(b, l.words, b.Reminding.Due)
	return l, err
}

// minutesBefore tells the reminders of a plan apart.
func minutesBefore(b booking.Booking) string {
	return strconv.Itoa(int(b.Start.Sub(b.Reminding.Due) / time.Minute))
}

var japaneseReminder = reminderWords{
	guest: opening{
		subject:  func(t topic) string { return "【リマインダー】" + t.title + " " + t.brief },
		headline: "ご予約のお時間が近づいています",
		when:     "日時",
	},
	meeting: "お時間になりましたら、下のリンクからZoomにご参加ください。",
	gone:    "お送りしていたZoomのURLは、お使いいただけなくなりました。ホストが新しいURLを用意し、改めてメールでお知らせします。",
}

var englishReminder = reminderWords{
	guest: opening{
		subject:  func(t topic) string { return "Reminder: " + t.title + " – " + t.brief },
		headline: "Your meeting is coming up",
		when:     "When",
	},
	meeting: "When it’s time, join on Zoom with the link below.",
	gone:    "The Zoom link that you were sent no longer works. Your host is setting up a new one, which you will get by mail.",
}
