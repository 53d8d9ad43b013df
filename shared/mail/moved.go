package mail

import (
	"errors"
	netmail "net/mail"

	"yakusoku/shared/booking"
	"yakusoku/shared/zone"
)

var errNotMoved = errors.New("the booking was not moved")

// movedWords are those of the mails about a change of plan.
type movedWords struct {
	guest, host, attendees opening
	sameTime               opening // to a guest whose booking only got another Zoom URL
	guestStayed            opening
	hostStayed             opening

	byHost, byGuest func(name string) string // who moved it, to the other side
	byYou           string
	newURL          string // the former one is of no use
	former, wanted  string // labels of a time
	// reasons say why a move did not come about; ReasonNone stands for one that has
	// no words.
	reasons     map[booking.Reason]string
	stands      string // after a reason
	crossed     string // to a guest who may have been told of the move
	integration string // the label of the link
}

func (c *Composer) guestMoved(b booking.Booking) (letter, error) {
	l, err := c.toGuestOfMove(b)
	if err != nil {
		return letter{}, err
	}
	w := l.moved
	o := w.guest
	if !b.Move.Elsewhere() {
		o = w.sameTime
	}
	l.open(o, w.byYou, b)
	if b.Move.By == booking.ByHost {
		l.Lead = nil
		if b.Move.Elsewhere() {
			l.Lead = []string{w.byHost(b.Terms.HostName)}
		}
		l.Parts = said(b.Move.Message, l.words)
	}
	if b.Move.Replacement != 0 {
		l.Lead = append(l.Lead, w.newURL)
	}
	if err := l.was(w.former, b, b.Guest.TimeZone); err != nil {
		return letter{}, err
	}
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	l.Parts = append(l.Parts, note(b, l.words)...)
	if l.Manage, err = c.manage(b, l.words, planned(b)); err != nil {
		return letter{}, err
	}
	l.Invite, err = invite(b)
	l.Method = requested
	return l, err
}

// attendeesMoved tells those whom the guest brings.
func (c *Composer) attendeesMoved(b booking.Booking) (letter, error) {
	l, err := c.toGuestOfMove(b)
	if err != nil {
		return letter{}, err
	}
	l.To, l.Greeting = nil, l.attendeesGreeting
	for _, address := range b.Guest.CoAttendees {
		l.To = append(l.To, netmail.Address{Address: address})
	}
	l.Footer = []string{l.attendeesWhy(b.Guest.Name), l.automatic}
	l.repliesTo(b.Guest.Name, b.Guest.Email)
	w := l.moved
	o := w.attendees
	if !b.Move.Elsewhere() {
		o = w.sameTime
	}
	l.open(o, "", b)
	l.Lead = nil
	if b.Move.Replacement != 0 {
		l.Lead = []string{w.newURL}
	}
	if err := l.was(w.former, b, b.Guest.TimeZone); err != nil {
		return letter{}, err
	}
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	l.Invite, err = invite(b)
	l.Method = requested
	return l, err
}

func (c *Composer) hostMoved(b booking.Booking) (letter, error) {
	if b.Move == nil {
		return letter{}, errNotMoved
	}
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	w := l.moved
	o := w.host
	if !b.Move.Elsewhere() {
		o = w.sameTime
	}
	l.open(o, w.byYou, b)
	if b.Move.By == booking.ByGuest {
		l.Lead = []string{w.byGuest(b.Guest.Name)}
	}
	if b.Move.Replacement != 0 {
		l.Lead = append(l.Lead, w.newURL)
	}
	if err := l.was(w.former, b, b.Terms.HostTimeZone); err != nil {
		return letter{}, err
	}
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	l.Invite, err = invite(b)
	l.Method, l.Aside = requested, true
	return l, err
}

// guestStayed brings what stands as an invitation too: the guest's calendar may
// have the plan that did not come about.
func (c *Composer) guestStayed(b booking.Booking) (letter, error) {
	l, err := c.toGuestOfMove(b)
	if err != nil {
		return letter{}, err
	}
	w := l.moved
	l.open(w.guestStayed, w.why(b.Move.Reason), b)
	l.Lead = append(l.Lead, w.stands, w.crossed)
	if err := l.wanted(b, b.Guest.TimeZone); err != nil {
		return letter{}, err
	}
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	if l.Manage, err = c.manage(b, l.words, planned(b)); err != nil {
		return letter{}, err
	}
	l.Invite, err = invite(b)
	l.Method = requested
	return l, err
}

func (c *Composer) hostStayed(b booking.Booking) (letter, error) {
	if b.Move == nil {
		return letter{}, errNotMoved
	}
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	w := l.moved
	l.open(w.hostStayed, w.why(b.Move.Reason), b)
	l.Lead = append(l.Lead, w.stands)
	if err := l.wanted(b, b.Terms.HostTimeZone); err != nil {
		return letter{}, err
	}
	switch b.Move.Reason {
	case booking.ReasonHostDisconnected, booking.ReasonZoomUnavailable, booking.ReasonCalendarFailed:
		l.Action = &link{Label: w.integration, URL: c.integrationsURL()}
	default:
		l.Action, err = meeting(b, l.words)
	}
	return l, err
}

func (c *Composer) toGuestOfMove(b booking.Booking) (letter, error) {
	if b.Move == nil {
		return letter{}, errNotMoved
	}
	return toGuest(b, wordsIn(b.Guest.Language))
}

func (w movedWords) why(r booking.Reason) string {
	if text, ok := w.reasons[r]; ok {
		return text
	}
	return w.reasons[booking.ReasonNone]
}

// was adds the time at which the booking stood before, unless it is the same.
func (l *letter) was(label string, b booking.Booking, in string) error {
	if !b.Move.Elsewhere() {
		return nil
	}
	return l.at(label, b.Move.From, in)
}

// wanted adds the time to which the booking was to be moved.
func (l *letter) wanted(b booking.Booking, in string) error {
	if !b.Move.Elsewhere() {
		return nil
	}
	return l.at(l.moved.wanted, b.Move.To, in)
}

// at adds a time of the booking's that is not its own.
func (l *letter) at(label string, p booking.Place, in string) error {
	line, err := l.reading(p, in)
	if err != nil {
		return err
	}
	l.Facts = append([]fact{{label, line}}, l.Facts...)
	return nil
}

// reading is a place as it is read in one zone.
func (l *letter) reading(p booking.Place, in string) (passage, error) {
	zone, err := zone.Load(in)
	if err != nil {
		return "", err
	}
	return l.when(p.Start.In(zone), p.End.In(zone)).Line, nil
}

var japaneseMoved = movedWords{
	guest: opening{
		subject:  func(t topic) string { return "【日時変更】" + t.title + " " + t.brief },
		headline: "ご予約の日時が変わりました",
		when:     "変更後の日時",
	},
	host: opening{
		subject:  func(t topic) string { return "【日時変更】" + t.title + " " + t.brief + " " + t.guest + "様" },
		headline: "予約の日時が変わりました",
		when:     "変更後の日時",
	},
	attendees: opening{
		subject:  func(t topic) string { return "【日時変更】" + t.title + " " + t.brief },
		headline: "ミーティングの日時が変わりました",
		when:     "変更後の日時",
	},
	sameTime: opening{
		subject:  func(t topic) string { return "【URL変更】" + t.title + " " + t.brief },
		headline: "ZoomのURLが変わりました",
		when:     "日時（変更ありません）",
	},
	guestStayed: opening{
		subject:  func(t topic) string { return "【日時変更不成立】" + t.title + " " + t.brief },
		failed:   true,
		stands:   true,
		headline: "日時を変更できませんでした",
		when:     "ご予約の日時",
	},
	hostStayed: opening{
		subject: func(t topic) string {
			return "【日時変更不成立】" + t.title + " " + t.brief + " " + t.guest + "様"
		},
		failed:   true,
		stands:   true,
		headline: "予約の日時を変更できませんでした",
		when:     "予約の日時",
	},
	byHost:  func(name string) string { return name + "様のご都合により、日時が変更されました。" },
	byGuest: func(name string) string { return name + "様が日時を変更しました。" },
	byYou:   "日時の変更を承りました。",
	newURL:  "ZoomのURLが新しくなりました。以前のURLはお使いいただけません。",
	former:  "変更前の日時",
	wanted:  "ご希望だった日時",
	reasons: map[booking.Reason]string{
		booking.ReasonNone:             "お手続きを最後まで進められませんでした。",
		booking.ReasonSlotTaken:        "お手続きの間に、その時間に別の予定が入りました。",
		booking.ReasonZoomUnavailable:  "Zoomのミーティングを変更できませんでした。",
		booking.ReasonCalendarFailed:   "カレンダーの予定を変更できませんでした。",
		booking.ReasonMailFailed:       "変更のお知らせをお送りできませんでした。",
		booking.ReasonHostDisconnected: "Zoomまたはカレンダーとの接続が切れています。",
		booking.ReasonTooLate:          "お手続きが終わる前に、その時間になりました。",
	},
	stands:      "予約は、元の日時のままです。",
	crossed:     "行き違いで変更のお知らせが届いている場合も、下の日時にお越しください。",
	integration: "外部連携を開く",
}

var englishMoved = movedWords{
	guest: opening{
		subject:  func(t topic) string { return "New time: " + t.title + " – " + t.brief },
		headline: "Your booking has a new time",
		when:     "New time",
	},
	host: opening{
		subject:  func(t topic) string { return "New time: " + t.title + " – " + t.brief + " with " + t.guest },
		headline: "A booking has a new time",
		when:     "New time",
	},
	attendees: opening{
		subject:  func(t topic) string { return "New time: " + t.title + " – " + t.brief },
		headline: "The meeting has a new time",
		when:     "New time",
	},
	sameTime: opening{
		subject:  func(t topic) string { return "New Zoom link: " + t.title + " – " + t.brief },
		headline: "The Zoom link has changed",
		when:     "Time (unchanged)",
	},
	guestStayed: opening{
		subject:  func(t topic) string { return "Not rescheduled: " + t.title + " – " + t.brief },
		failed:   true,
		stands:   true,
		headline: "Your booking could not be rescheduled",
		when:     "Time of the booking",
	},
	hostStayed: opening{
		subject:  func(t topic) string { return "Not rescheduled: " + t.title + " – " + t.brief + " with " + t.guest },
		failed:   true,
		stands:   true,
		headline: "A booking could not be rescheduled",
		when:     "Time of the booking",
	},
	byHost:  func(name string) string { return name + " has moved your booking to another time." },
	byGuest: func(name string) string { return name + " has moved their booking to another time." },
	byYou:   "Your change of time has been received.",
	newURL:  "There is a new Zoom link. The previous one can no longer be used.",
	former:  "Previous time",
	wanted:  "Requested time",
	reasons: map[booking.Reason]string{
		booking.ReasonNone:             "The change could not be completed.",
		booking.ReasonSlotTaken:        "Something else was booked at that time meanwhile.",
		booking.ReasonZoomUnavailable:  "The Zoom meeting could not be changed.",
		booking.ReasonCalendarFailed:   "The calendar event could not be changed.",
		booking.ReasonMailFailed:       "The notice of the change could not be sent.",
		booking.ReasonHostDisconnected: "The connection to Zoom or the calendar is broken.",
		booking.ReasonTooLate:          "The requested time came before the change was completed.",
	},
	stands:      "The booking stands at its original time.",
	crossed:     "If a notice of the change has reached you all the same, please come at the time below.",
	integration: "Open integrations",
}
