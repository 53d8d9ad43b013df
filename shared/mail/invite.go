package mail

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"yakusoku/shared/booking"
)

// An invitation is a REQUEST rather than a PUBLISH (RFC 5546, 3.2): only that can later
// be moved or withdrawn in the guest's calendar under the same UID. The
// organizer of record is the host, whose calendar holds the event of that UID.
// Nobody is invited twice: the provider is told to mail nobody, the host gets no
// invitation to their own meeting, and the guest, who chose the time, stands as
// accepted and is asked for no reply. What changes later is beside the host's mail as
// a file, for a calendar that we do not reach.
const (
	requested = "REQUEST"
	withdrawn = "CANCEL"
)

// Invite makes the invitation of a confirmed booking, as an iCalendar stream: the
// text/calendar part of the guest's mail and the .ics download, byte for byte.
// It depends on nothing but b. It returns *Refused if b lacks what an invitation
// needs: the meeting and two addresses.
//
// Before the calendar event is written b has no UID of the provider's, and the
// one made here would not last: do not ask sooner.
func Invite(b booking.Booking) ([]byte, error) {
	ics, err := invite(tidy(b))
	if err != nil {
		return nil, &Refused{Op: "write invitation", Err: err}
	}
	return ics, nil
}

func invite(b booking.Booking) ([]byte, error) {
	join, err := joinURL(b)
	if err != nil {
		return nil, err
	}
	w := wordsIn(b.Guest.Language)
	event, err := eventOf(b, w, b.Revision, planned(b))
	if err != nil {
		return nil, err
	}
	p := event.Props
	p.SetText(ical.PropDescription, description(b, w, join))
	p.SetText(ical.PropLocation, join.String())
	p.SetURI(ical.PropURL, join)
	p.SetText(ical.PropTransparency, "OPAQUE")
	event.SetStatus(ical.EventConfirmed)
	return stream(event, requested)
}

// planned is when the booking's plan became what it is.
func planned(b booking.Booking) time.Time {
	switch {
	case b.Move == nil:
		return b.CreatedAt
	case b.Move.Outcome == booking.Stayed:
		return b.Move.EndedAt
	}
	return b.Move.At
}

// withdrawal takes a cancelled booking out of its guest's calendar: the same UID,
// and a sequence higher than any before (RFC 5546, 3.2.5).
func withdrawal(b booking.Booking) ([]byte, error) {
	event, err := eventOf(b, wordsIn(b.Guest.Language), b.Revision+1, b.Cancellation.At)
	if err != nil {
		return nil, err
	}
	event.SetStatus(ical.EventCancelled)
	return stream(event, withdrawn)
}

// eventOf is what an invitation and its withdrawal have in common.
func eventOf(b booking.Booking, w *words, sequence int, stamp time.Time) (*ical.Event, error) {
	switch {
	case !isAddress(b.Terms.HostEmail):
		return nil, errOrganizer
	case !isAddress(b.Guest.Email):
		return nil, errRecipient
	}
	event := ical.NewEvent()
	p := event.Props
	p.SetText(ical.PropUID, uid(b))
	p.SetDateTime(ical.PropDateTimeStamp, whole(stamp))
	p.SetDateTime(ical.PropDateTimeStart, whole(b.Start))
	p.SetDateTime(ical.PropDateTimeEnd, whole(b.End))
	p.Set(&ical.Prop{Name: ical.PropSequence, Value: strconv.Itoa(sequence)})
	p.SetText(ical.PropSummary, w.invited(b.Terms.Title, b.Terms.HostName))
	p.Set(person(ical.PropOrganizer, b.Terms.HostName, b.Terms.HostEmail, nil))
	p.Add(attendee(b.Guest.Name, b.Guest.Email, "ACCEPTED"))
	for _, address := range b.Guest.CoAttendees {
		if !isAddress(address) {
			return nil, errRecipient
		}
		p.Add(attendee(address, address, "NEEDS-ACTION"))
	}
	return event, nil
}

// stream is the event as an iCalendar stream of that method.
func stream(event *ical.Event, method string) ([]byte, error) {
	calendar := ical.NewCalendar()
	calendar.Props.SetText(ical.PropProductID, "-//Yakusoku//Yakusoku//EN")
	calendar.Props.SetText(ical.PropVersion, "2.0")
	calendar.Props.SetText(ical.PropCalendarScale, "GREGORIAN")
	calendar.Props.SetText(ical.PropMethod, method)
	calendar.Children = append(calendar.Children, event.Component)

	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(calendar); err != nil {
		return nil, fmt.Errorf("encode iCalendar: %w", err)
	}
	return fold(out.Bytes()), nil
}

// uid is the one lasting identity of the event: the calendar provider's.
func uid(b booking.Booking) string {
	if b.CalendarEvent.UID != "" {
		return b.CalendarEvent.UID
	}
	return b.ID + "@yakusoku"
}

// whole is t in UTC to the second, the precision of iCalendar.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func description(b booking.Booking, w *words, join *url.URL) string {
	lines := []string{w.field("Zoom", join.String())}
	if b.ZoomMeeting.Passcode != "" {
		lines = append(lines, w.field(w.passcode, b.ZoomMeeting.Passcode))
	}
	if b.Terms.ConfirmationNote != "" {
		lines = append(lines, "", b.Terms.ConfirmationNote)
	}
	return strings.Join(lines, "\n")
}

func attendee(name, address, participation string) *ical.Prop {
	return person(ical.PropAttendee, name, address, ical.Params{
		ical.ParamCalendarUserType:    {"INDIVIDUAL"},
		ical.ParamRole:                {"REQ-PARTICIPANT"},
		ical.ParamParticipationStatus: {participation},
		ical.ParamRSVP:                {"FALSE"},
	})
}

// person is an organizer or attendee. A name cannot hold double quotes there
// (RFC 5545, 3.2).
func person(property, name, address string, params ical.Params) *ical.Prop {
	p := ical.NewProp(property)
	for key, values := range params {
		p.Params[key] = values
	}
	p.Params.Set(ical.ParamCommonName, strings.ReplaceAll(name, `"`, "'"))
	p.Value = "mailto:" + url.PathEscape(address)
	return p
}

// maxContentLine is how many octets a line may have without its break (RFC 5545,
// 3.1).
const maxContentLine = 75

// fold breaks content lines that are too long between two characters. go-ical
// escapes values and quotes parameters as it must, but leaves lines whole.
func fold(stream []byte) []byte {
	folded := make([]byte, 0, len(stream)+len(stream)/16)
	length := 0
	for len(stream) > 0 {
		_, size := utf8.DecodeRune(stream)
		switch {
		case stream[0] == '\r' || stream[0] == '\n':
			length = 0
		case length+size > maxContentLine:
			folded = append(folded, "\r\n "...)
			length = 1 + size
		default:
			length += size
		}
		folded = append(folded, stream[:size]...)
		stream = stream[size:]
	}
	return folded
}
