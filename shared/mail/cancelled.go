package mail

import (
	"errors"
	netmail "net/mail"

	"yakusoku/shared/booking"
)

var errNotCancelled = errors.New("the booking is not cancelled")

// cancelledWords are those of the mails about a cancellation.
type cancelledWords struct {
	guest, host, attendees opening
	byHost, byGuest        func(name string) string // who cancelled, to the other side
	byYou                  string
	taken                  string // what was done about it, to who is invited
	leftovers              string // to a host: what could not be taken away yet
	again, messageOf       string
	reason                 string // the label of why
	reasons                map[booking.CancelReason]string
}

func (c *Composer) guestCancelled(b booking.Booking) (letter, error) {
	if b.Cancellation == nil {
		return letter{}, errNotCancelled
	}
	l, err := toGuest(b, wordsIn(b.Guest.Language))
	if err != nil {
		return letter{}, err
	}
	w := l.cancelled
	l.open(w.guest, w.byYou, b)
	if b.Cancellation.By == booking.ByHost {
		l.Lead = []string{w.byHost(b.Terms.HostName)}
		l.Parts = said(b.Cancellation.Message, l.words)
	}
	l.Facts = append(l.Facts, why(b.Cancellation.Reason, l.words)...)
	l.Lead = append(l.Lead, w.taken)
	l.Action = &link{Label: w.again, URL: c.pageURL(b)}
	l.Invite, err = withdrawal(b)
	l.Method = withdrawn
	return l, err
}

// attendeesCancelled tells those whom the guest would have brought.
func (c *Composer) attendeesCancelled(b booking.Booking) (letter, error) {
	if b.Cancellation == nil {
		return letter{}, errNotCancelled
	}
	l, err := toGuest(b, wordsIn(b.Guest.Language))
	if err != nil {
		return letter{}, err
	}
	l.To, l.Greeting = nil, l.attendeesGreeting
	for _, address := range b.Guest.CoAttendees {
		l.To = append(l.To, netmail.Address{Address: address})
	}
	l.Footer = []string{l.attendeesWhy(b.Guest.Name), l.automatic}
	l.repliesTo(b.Guest.Name, b.Guest.Email)
	w := l.cancelled
	l.open(w.attendees, w.taken, b)
	l.Invite, err = withdrawal(b)
	l.Method = withdrawn
	return l, err
}

func (c *Composer) hostCancelled(b booking.Booking) (letter, error) {
	if b.Cancellation == nil {
		return letter{}, errNotCancelled
	}
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	w := l.cancelled
	l.open(w.host, w.byYou, b)
	if b.Cancellation.By == booking.ByGuest {
		l.Lead = []string{w.byGuest(b.Guest.Name)}
		l.Parts = append(said(b.Cancellation.Message, l.words), l.Parts...)
	}
	l.Facts = append(l.Facts, why(b.Cancellation.Reason, l.words)...)
	if !b.Clean() {
		l.Lead = append(l.Lead, w.leftovers)
		l.Action = &link{Label: adviceFor(l.hostAdvice, booking.ReasonHostDisconnected).action, URL: c.integrationsURL()}
	}
	l.Invite, err = withdrawal(b)
	l.Method, l.Aside = withdrawn, true
	return l, err
}

// why is the reason that was given; no fact if none was.
func why(reason booking.CancelReason, w *words) []fact {
	text := w.cancelled.reasons[reason]
	if text == "" {
		return nil
	}
	return []fact{{w.cancelled.reason, passage(text)}}
}

// said is what the one side says to the other; no part if nothing.
func said(message string, w *words) []part {
	text := block(message)
	if text == "" {
		return nil
	}
	return []part{{Heading: w.cancelled.messageOf, Text: passage(text)}}
}

var japaneseCancelled = cancelledWords{
	guest: opening{
		subject:  func(t topic) string { return "【キャンセル】" + t.title + " " + t.brief },
		failed:   true,
		headline: "ご予約はキャンセルされました",
		when:     "キャンセルされた日時",
	},
	host: opening{
		subject:  func(t topic) string { return "【キャンセル】" + t.title + " " + t.brief + " " + t.guest + "様" },
		failed:   true,
		headline: "予約がキャンセルされました",
		when:     "キャンセルされた日時",
	},
	attendees: opening{
		subject:  func(t topic) string { return "【キャンセル】" + t.title + " " + t.brief },
		failed:   true,
		headline: "ミーティングは中止になりました",
		when:     "中止になった日時",
	},
	byHost: func(name string) string {
		return name + "様のご都合により、ご予約がキャンセルされました。"
	},
	byGuest:   func(name string) string { return name + "様が予約をキャンセルしました。" },
	byYou:     "キャンセルを承りました。",
	taken:     "Zoomのミーティングは使用できなくなり、カレンダーの予定も取り消されます。",
	leftovers: "Zoomまたはカレンダーとの接続が切れているため、取り消せていないものがあります。接続し直すと、自動で取り消します。",
	again:     "別の日時を予約する",
	messageOf: "メッセージ",
	reason:    "理由",
	reasons: map[booking.CancelReason]string{
		booking.Conflict:    "都合がつかなくなったため",
		booking.NotNeeded:   "必要がなくなったため",
		booking.OtherReason: "その他",
	},
}

var englishCancelled = cancelledWords{
	guest: opening{
		subject:  func(t topic) string { return "Cancelled: " + t.title + " – " + t.brief },
		failed:   true,
		headline: "Your booking is cancelled",
		when:     "Cancelled time",
	},
	host: opening{
		subject:  func(t topic) string { return "Cancelled: " + t.title + " – " + t.brief + " with " + t.guest },
		failed:   true,
		headline: "A booking was cancelled",
		when:     "Cancelled time",
	},
	attendees: opening{
		subject:  func(t topic) string { return "Cancelled: " + t.title + " – " + t.brief },
		failed:   true,
		headline: "The meeting will not take place",
		when:     "Cancelled time",
	},
	byHost:    func(name string) string { return name + " has cancelled your booking." },
	byGuest:   func(name string) string { return name + " has cancelled their booking." },
	byYou:     "Your cancellation has been received.",
	taken:     "The Zoom meeting can no longer be used, and the calendar event is withdrawn.",
	leftovers: "Zoom or the calendar is disconnected, so not everything could be taken away yet. Once you reconnect it, that happens by itself.",
	again:     "Book another time",
	messageOf: "Message",
	reason:    "Reason",
	reasons: map[booking.CancelReason]string{
		booking.Conflict:    "Something else came up",
		booking.NotNeeded:   "It is no longer needed",
		booking.OtherReason: "Other",
	},
}
