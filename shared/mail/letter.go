package mail

import (
	netmail "net/mail"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/brand"
	"yakusoku/shared/zone"
)

// letter is one mail before it is laid out: its words in their order, free of
// HTML and of MIME.
type letter struct {
	*words
	To        []netmail.Address
	ReplyTo   netmail.Address
	Subject   string
	Preheader string // what a mailbox shows beside the subject

	Colours  brand.Colours
	Failed   bool
	Struck   bool // the time is none to come at
	Greeting string
	Headline string
	Lead     []string

	Title  string
	Host   *fact  // whose page it is; nil in mails to the host
	Code   string // that shows whose address it is
	Times  *times
	Facts  []fact // beside the time
	Action *link
	Parts  []part
	Manage *link // the guest's own way to the booking
	Footer []string

	Invite []byte
	Method string
	Aside  bool
}

// link is a link, and what one should know to follow it.
type link struct {
	Label, URL string
	Facts      []fact
}

// part is a headed group of facts, or a text.
type part struct {
	Heading string
	Facts   []fact
	Text    passage
}

type fact struct {
	Label string
	Value passage
}

func (c *Composer) guestConfirmed(b booking.Booking) (letter, error) {
	l, err := toGuest(b, wordsIn(b.Guest.Language))
	if err != nil {
		return letter{}, err
	}
	l.open(l.guestConfirmed, l.guestConfirmed.lead, b)
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	l.Facts = append(l.Facts, coAttendees(b, l.words)...)
	l.Parts = append(l.Parts, note(b, l.words)...)
	l.Parts = append(l.Parts, answers(b, l.words)...)
	if l.Manage, err = c.manage(b, l.words, b.CreatedAt); err != nil {
		return letter{}, err
	}
	l.Invite, err = invite(b)
	l.Method = requested
	return l, err
}

// attendeesConfirmed tells those whom the guest brings what they need to join. It
// has no link to the booking, which is the guest's alone.
func (c *Composer) attendeesConfirmed(b booking.Booking) (letter, error) {
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
	l.open(l.attendeesConfirmed, l.attendeesLead(b.Guest.Name), b)
	if l.Action, err = meeting(b, l.words); err != nil {
		return letter{}, err
	}
	l.Parts = note(b, l.words)
	l.Invite, err = invite(b)
	l.Method = requested
	return l, err
}

func (c *Composer) hostConfirmed(b booking.Booking) (letter, error) {
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	l.open(l.hostConfirmed, l.hostConfirmed.lead, b)
	l.Action, err = meeting(b, l.words)
	return l, err
}

func (c *Composer) guestFailed(b booking.Booking) (letter, error) {
	l, err := toGuest(b, wordsIn(b.Guest.Language))
	if err != nil {
		return letter{}, err
	}
	advice := adviceFor(l.guestAdvice, b.Reason)
	l.open(l.guestFailed, advice.lead, b)
	l.Action = &link{Label: advice.action, URL: c.pageURL(b)}
	switch b.Reason {
	case booking.ReasonMailFailed, booking.ReasonTooLate:
		l.Lead = append(l.Lead, l.mayHaveConfirmed)
	default:
		l.Lead = append(l.Lead, l.nothingToDo)
	}
	return l, nil
}

func (c *Composer) hostFailed(b booking.Booking) (letter, error) {
	l, err := toHost(b, wordsIn(b.Terms.HostLanguage))
	if err != nil {
		return letter{}, err
	}
	advice := adviceFor(l.hostAdvice, b.Reason)
	if b.Reason == booking.ReasonHostDisconnected {
		l.open(l.reconnect, advice.lead, b)
	} else {
		l.open(l.hostFailed, advice.lead, b)
	}
	l.Action = &link{Label: advice.action, URL: c.remedyURL(b)}
	if b.NeedsAttention() {
		l.Lead = append(l.Lead, l.somethingLeft)
	} else {
		l.Lead = append(l.Lead, l.nothingLeft)
	}
	return l, nil
}

// remedyURL is where a host can do something about why a booking failed.
func (c *Composer) remedyURL(b booking.Booking) string {
	switch b.Reason {
	case booking.ReasonHostDisconnected, booking.ReasonZoomUnavailable, booking.ReasonCalendarFailed:
		return c.integrationsURL()
	}
	return c.pageURL(b)
}

// toGuest begins a mail in the guest's words and time.
func toGuest(b booking.Booking, w *words) (letter, error) {
	l := letter{
		words:    w,
		To:       []netmail.Address{{Name: b.Guest.Name, Address: b.Guest.Email}},
		Colours:  brand.Palette(b.Terms.AccentColor),
		Greeting: w.greeting(b.Guest.Name),
		Title:    b.Terms.Title,
		Host:     &fact{w.host, passage(b.Terms.HostName)},
		Footer:   []string{w.automatic},
	}
	l.repliesTo(b.Terms.HostName, b.Terms.HostEmail)
	var err error
	l.Times, err = read(b, w, b.Guest.TimeZone, b.Terms.HostTimeZone, w.hostClock)
	return l, err
}

// toHost begins a mail in the host's words and the page's time, with all that
// the guest told.
func toHost(b booking.Booking, w *words) (letter, error) {
	l := letter{
		words:    w,
		To:       []netmail.Address{{Name: b.Terms.HostName, Address: b.Terms.HostEmail}},
		Colours:  brand.Palette(b.Terms.AccentColor),
		Greeting: w.greeting(b.Terms.HostName),
		Title:    b.Terms.Title,
		Parts:    append([]part{guest(b, w)}, answers(b, w)...),
		Footer:   []string{w.automatic},
	}
	l.repliesTo(b.Guest.Name, b.Guest.Email)
	var err error
	l.Times, err = read(b, w, b.Terms.HostTimeZone, b.Guest.TimeZone, w.guestClock)
	return l, err
}

// repliesTo leads replies to the other side, if mail can reach it: a guest's
// mistyped address must not keep the host from hearing of it.
func (l *letter) repliesTo(name, address string) {
	if !isAddress(address) {
		return
	}
	l.ReplyTo = netmail.Address{Name: name, Address: address}
	l.Footer = append(l.Footer, l.replyTo(name))
}

// open says what the mail is about.
func (l *letter) open(o opening, lead string, b booking.Booking) {
	l.Subject = o.subject(topic{title: b.Terms.Title, brief: l.Times.Own.Brief, guest: b.Guest.Name})
	l.Failed, l.Struck = o.failed, o.failed && !o.stands
	l.Headline, l.Times.Label = o.headline, o.when
	l.Lead = []string{lead}
	l.Preheader = string(l.Times.Own.Line)
}

// meeting is the way into the Zoom meeting.
func meeting(b booking.Booking, w *words) (*link, error) {
	u, err := joinURL(b)
	if err != nil {
		return nil, err
	}
	l := &link{Label: w.join, URL: u.String()}
	if b.ZoomMeeting.Passcode != "" {
		l.Facts = []fact{{w.passcode, passage(b.ZoomMeeting.Passcode)}}
	}
	return l, nil
}

// manage is the guest's own way to the booking, and until when they may change it,
// if that is sooner than the start. At is when they are told.
func (c *Composer) manage(b booking.Booking, w *words, at time.Time) (*link, error) {
	l := &link{Label: w.manage, URL: c.manageURL(b)}
	until := b.ChangeUntil()
	if until.IsZero() {
		return l, nil
	}
	in, err := zone.Load(b.Guest.TimeZone)
	if err != nil {
		return nil, err
	}
	text := w.instant(until.In(in))
	if !at.Before(until) {
		text += "\n" + passage(w.changeClosed)
	}
	l.Facts = []fact{{w.changeUntil, text}}
	return l, nil
}

// guest is who booked.
func guest(b booking.Booking, w *words) part {
	p := part{Heading: w.guest}
	for _, f := range []fact{
		{w.name, passage(b.Guest.Name)},
		{w.company, passage(b.Guest.Company)},
		{w.email, passage(line(b.Guest.Email))},
		{w.phone, passage(b.Guest.Phone)},
	} {
		if f.Value != "" {
			p.Facts = append(p.Facts, f)
		}
	}
	p.Facts = append(p.Facts, coAttendees(b, w)...)
	return p
}

// coAttendees are whom the guest brings; no fact if nobody.
func coAttendees(b booking.Booking, w *words) []fact {
	if len(b.Guest.CoAttendees) == 0 {
		return nil
	}
	return []fact{{w.coAttendees, passage(strings.Join(b.Guest.CoAttendees, "\n"))}}
}

// note is what the host says to who comes; no part if nothing.
func note(b booking.Booking, w *words) []part {
	if b.Terms.ConfirmationNote == "" {
		return nil
	}
	return []part{{Heading: w.note, Text: passage(b.Terms.ConfirmationNote)}}
}

// answers are what the guest answered; no part if nothing was.
func answers(b booking.Booking, w *words) []part {
	p := part{Heading: w.answers}
	for _, a := range b.Answers {
		if a.Value != "" {
			p.Facts = append(p.Facts, fact{a.Label, passage(a.Value)})
		}
	}
	if p.Facts == nil {
		return nil
	}
	return []part{p}
}
