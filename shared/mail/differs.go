package mail

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"yakusoku/shared/booking"
)

var errNoDifference = errors.New("nothing of the booking differs outside")

// differsWords are those of the mail about what its host deleted or moved outside.
type differsWords struct {
	host               opening
	meeting, event     differenceWords
	stands             string // what it means for the booking, and for its guest
	deleted            string // a value
	atZoom, atCalendar string // labels of where it is, or when
	action             string
}

// differenceWords say what happened to one side of a booking, and what can be done.
type differenceWords struct{ gone, moved string }

// hostDiffers tells a host what of a booking they, or somebody for them, deleted or
// moved outside. Nothing is decided yet: the link leads to where it is.
func (c *Composer) hostDiffers(b booking.Booking) (letter, error) {
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	w := l.differs
	l.open(w.host, "", b)
	l.Lead = nil
	for _, side := range []struct {
		step  booking.Step
		words differenceWords
		label string
	}{
		{booking.Meeting, w.meeting, w.atZoom},
		{booking.Event, w.event, w.atCalendar},
	} {
		d, differs := b.Differences[side.step]
		switch {
		case !differs:
			continue
		case d.Gone:
			l.Lead = append(l.Lead, side.words.gone)
			l.Facts = append(l.Facts, fact{side.label, passage(w.deleted)})
			continue
		}
		l.Lead = append(l.Lead, side.words.moved)
		at, err := l.reading(booking.Place{Start: d.Start, End: d.End}, b.Terms.HostTimeZone)
		if err != nil {
			return letter{}, err
		}
		l.Facts = append(l.Facts, fact{side.label, at})
	}
	if len(l.Facts) == 0 {
		return letter{}, errNoDifference
	}
	l.Lead = append(l.Lead, w.stands)
	l.Action = &link{Label: w.action, URL: c.consoleURL(b)}
	return l, nil
}

// found numbers what was found last of a booking's differences: another of which a
// host is told is another mail.
func found(b booking.Booking) string {
	var last time.Time
	for _, d := range b.Differences {
		if d.FoundAt.After(last) {
			last = d.FoundAt
		}
	}
	return strconv.FormatInt(last.UnixMilli(), 10)
}

// consoleURL is where its host sees the booking.
func (c *Composer) consoleURL(b booking.Booking) string {
	return c.origin + "/console/bookings/" + url.PathEscape(b.ID)
}

var japaneseDiffers = differsWords{
	host: opening{
		subject:  func(t topic) string { return "【要確認】" + t.title + " " + t.brief + " " + t.guest + "様" },
		failed:   true,
		stands:   true,
		headline: "Zoomまたはカレンダーが予約と異なっています",
		when:     "予約の日時",
	},
	meeting: differenceWords{
		gone:  "この予約のミーティングが、Zoomで削除されています。ゲストにお知らせしたURLからは参加できません。新しいURLを発行するか、予約をキャンセルできます。",
		moved: "この予約のミーティングの日時が、Zoomで変更されています。新しい日時を予約に取り入れるか、元の日時に戻すか、予約をキャンセルできます。",
	},
	event: differenceWords{
		gone:  "この予約の予定が、カレンダーで削除されています。予定を元に戻すか、予約をキャンセルできます。",
		moved: "この予約の予定の日時が、カレンダーで変更されています。新しい日時を予約に取り入れるか、元の日時に戻すか、予約をキャンセルできます。",
	},
	stands:     "予約はいまも元の日時のままで、ゲストにはまだメールをお送りしていません。",
	deleted:    "削除されています",
	atZoom:     "Zoomのミーティング",
	atCalendar: "カレンダーの予定",
	action:     "予約を開いて対応を選ぶ",
}

var englishDiffers = differsWords{
	host: opening{
		subject:  func(t topic) string { return "Please check: " + t.title + " – " + t.brief + " with " + t.guest },
		failed:   true,
		stands:   true,
		headline: "Zoom or your calendar no longer matches a booking",
		when:     "Time of the booking",
	},
	meeting: differenceWords{
		gone:  "The meeting of this booking has been deleted in Zoom: the link that the guest has leads nowhere. You can issue a new one, or cancel the booking.",
		moved: "The meeting of this booking has been moved in Zoom. You can take the new time over into the booking, put the meeting back, or cancel the booking.",
	},
	event: differenceWords{
		gone:  "The event of this booking has been deleted from your calendar. You can put it back, or cancel the booking.",
		moved: "The event of this booking has been moved in your calendar. You can take the new time over into the booking, put the event back, or cancel the booking.",
	},
	stands:     "The booking still stands at its own time, and nothing has been mailed to the guest.",
	deleted:    "Deleted",
	atZoom:     "Meeting in Zoom",
	atCalendar: "Event in the calendar",
	action:     "Open the booking and choose",
}
