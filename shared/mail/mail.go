// Package mail is what Yakusoku says to guests and hosts by mail: the words in
// each language, the layout, the invitation and the MIME message. It knows
// bookings; it does not know when a mail is due, nor how one is sent: that is
// package saga's and package ses's.
package mail

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

// Kind is one of the mails about a booking.
type Kind string

const (
	GuestConfirmed     Kind = "guest_confirmed"
	HostConfirmed      Kind = "host_confirmed"
	AttendeesConfirmed Kind = "attendees_confirmed" // to whom the guest brings
	GuestFailed        Kind = "guest_failed"
	HostFailed         Kind = "host_failed"
	GuestCancelled     Kind = "guest_cancelled"
	HostCancelled      Kind = "host_cancelled"
	AttendeesCancelled Kind = "attendees_cancelled"
	GuestMoved         Kind = "guest_moved"
	HostMoved          Kind = "host_moved"
	AttendeesMoved     Kind = "attendees_moved"
	GuestReminder      Kind = "guest_reminder"
	GuestStayed        Kind = "guest_stayed" // a move did not come about
	HostStayed         Kind = "host_stayed"
	HostDiffers        Kind = "host_differs" // something was deleted or moved outside
)

// compositions says how each kind is written.
var compositions = map[Kind]func(*Composer, booking.Booking) (letter, error){
	GuestConfirmed:     (*Composer).guestConfirmed,
	HostConfirmed:      (*Composer).hostConfirmed,
	AttendeesConfirmed: (*Composer).attendeesConfirmed,
	GuestFailed:        (*Composer).guestFailed,
	HostFailed:         (*Composer).hostFailed,
	GuestCancelled:     (*Composer).guestCancelled,
	HostCancelled:      (*Composer).hostCancelled,
	AttendeesCancelled: (*Composer).attendeesCancelled,
	GuestMoved:         (*Composer).guestMoved,
	HostMoved:          (*Composer).hostMoved,
	AttendeesMoved:     (*Composer).attendeesMoved,
	GuestReminder:      (*Composer).guestReminder,
	GuestStayed:        (*Composer).guestStayed,
	HostStayed:         (*Composer).hostStayed,
	HostDiffers:        (*Composer).hostDiffers,
}

// Composer writes the mails of one deployment. It is safe for concurrent use.
type Composer struct {
	origin string
	from   netmail.Address
	token  func(bookingID string) string
}

// NewComposer takes the origin that links start with, such as
// https://book.example.com; the sender, such as "Yakusoku <no-reply@example.com>";
// and what gives a guest the token of their booking.
func NewComposer(origin, sender string, token func(bookingID string) string) (*Composer, error) {
	u, err := url.Parse(origin)
	if err != nil || !isWeb(u) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("origin %q is not like https://book.example.com", origin)
	}
	from, err := netmail.ParseAddress(sender)
	if err != nil || !isAddress(from.Address) {
		return nil, fmt.Errorf("sender %q is not like Yakusoku <no-reply@example.com>", sender)
	}
	return &Composer{origin: u.Scheme + "://" + u.Host, from: *from, token: token}, nil
}

// Message is one mail, written and not yet sent.
type Message struct {
	ID       string // Message-ID, without brackets: a mail sent twice keeps it
	Language language.Tag
	From     netmail.Address
	To       []netmail.Address
	ReplyTo  netmail.Address // no Address: nobody to reply to
	Subject  string
	Text     string
	HTML     string
	Invite   []byte // iCalendar; nil in mails that change nobody's calendar
	Method   string // the calendar's own
	Aside    bool   // the invitation is a file to keep, not what the mail is about
}

// Compose writes one mail about b. The same booking gives the same message. It
// returns *Refused if the booking cannot be put into such a mail, which no
// repetition changes.
func (c *Composer) Compose(kind Kind, b booking.Booking) (Message, error) {
	compose, ok := compositions[kind]
	if !ok {
		return Message{}, &Refused{Op: "compose " + string(kind), Err: errKind}
	}
	l, err := compose(c, tidy(b))
	if err != nil {
		return Message{}, &Refused{Op: "compose " + string(kind), Err: err}
	}
	switch kind {
	case HostConfirmed, HostFailed, HostCancelled, HostMoved, HostStayed: // the guest was to be told of the same
		if b.Steps[booking.Mail].Status == booking.Skipped {
			l.Lead = append(l.Lead, l.unreached)
		}
	}
	return c.message(kind, c.messageID(kind, b), l)
}

// message lays the letter out.
func (c *Composer) message(kind Kind, id string, l letter) (Message, error) {
	var text, html string
	err := errRecipient
	if reachable(l.To) {
		text, html, err = l.render()
	}
	if err != nil {
		return Message{}, &Refused{Op: "compose " + string(kind), Err: err}
	}
	return Message{
		ID:       id,
		Language: l.tag,
		From:     c.from,
		To:       l.To,
		ReplyTo:  l.ReplyTo,
		Subject:  l.Subject,
		Text:     text,
		HTML:     html,
		Invite:   l.Invite,
		Method:   l.Method,
		Aside:    l.Aside,
	}, nil
}

// reachable reports whether there is somebody to mail, and mail can reach them.
func reachable(to []netmail.Address) bool {
	return len(to) > 0 && !slices.ContainsFunc(to, func(a netmail.Address) bool { return !isAddress(a.Address) })
}

func (c *Composer) messageID(kind Kind, b booking.Booking) string {
	id := fmt.Sprintf("%s.%d.%s", b.ID, b.Revision, kind)
	switch kind {
	case HostDiffers:
		id += "." + found(b)
	case GuestReminder:
		id += "." + minutesBefore(b)
	}
	return id + "@" + c.domain()
}

// domain is that of the sender, in which Message-IDs are ours to give.
func (c *Composer) domain() string {
	return c.from.Address[strings.LastIndex(c.from.Address, "@")+1:]
}

// pageURL is where the guest booked.
func (c *Composer) pageURL(b booking.Booking) string {
	return c.origin + "/b/" + url.PathEscape(b.Host) + "/" + url.PathEscape(b.Page)
}

// manageURL is the guest's own page of their booking. Whoever has it may act as
// the guest, so it goes to nobody else.
func (c *Composer) manageURL(b booking.Booking) string {
	return c.pageURL(b) + "/" + url.PathEscape(b.ID) + "#" + url.PathEscape(c.token(b.ID))
}

// integrationsURL is where a host mends a connection.
func (c *Composer) integrationsURL() string { return c.origin + "/console/integrations" }
