// Package inbox reads mails as those do who get them: a mail reader, and a calendar
// that follows the invitations. It reads with other libraries than wrote them, and is
// for tests alone.
package inbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical" // the other iCalendar library: mails write with emersion/go-ical
)

// Letter is a mail as it was handed to SES.
type Letter struct {
	Kind, Booking string // as its tags say
	To            []string
	Raw           []byte
}

// Read reads the body of a request to send a mail.
func Read(body io.Reader) (Letter, error) {
	var asked struct {
		Content     struct{ Raw struct{ Data []byte } }
		Destination struct{ ToAddresses []string }
		EmailTags   []struct{ Name, Value string }
	}
	if err := json.NewDecoder(body).Decode(&asked); err != nil {
		return Letter{}, fmt.Errorf("read a mail: %w", err)
	}
	l := Letter{To: asked.Destination.ToAddresses, Raw: asked.Content.Raw.Data}
	for _, tag := range asked.EmailTags {
		switch tag.Name {
		case "kind":
			l.Kind = tag.Value
		case "booking":
			l.Booking = tag.Value
		}
	}
	return l, nil
}

// Invitation is what a mail says to its reader's calendar.
type Invitation struct {
	Method     string // of the MIME part and of the stream
	Status     string
	UID        string
	Sequence   int
	Stamp      time.Time
	Start, End time.Time
	URL        string
	Organizer  string
	Attendees  string
}

// Withdrawn reports whether the event is taken out.
func (i Invitation) Withdrawn() bool { return i.Method == "CANCEL" }

// Invitation is what the mail brings; ok is false if it brings none.
func (l Letter) Invitation() (i Invitation, ok bool, err error) {
	m, err := netmail.ReadMessage(bytes.NewReader(l.Raw))
	if err != nil {
		return i, false, err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return i, false, err
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return i, false, nil
		}
		if err != nil {
			return i, false, err
		}
		media, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			return i, false, err
		}
		if media != "text/calendar" {
			continue
		}
		if encoding := p.Header.Get("Content-Transfer-Encoding"); encoding != "base64" {
			return i, false, fmt.Errorf("the invitation is in %q", encoding)
		}
		stream, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil {
			return i, false, err
		}
		if i, err = ReadInvitation(stream); err == nil && i.Method != params["method"] {
			err = fmt.Errorf("the stream is of method %s, its part says %s", i.Method, params["method"])
		}
		return i, err == nil, err
	}
}

// Text is what the mail says to who reads plain text.
func (l Letter) Text() (string, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(l.Raw))
	if err != nil {
		return "", err
	}
	return firstText(m.Header.Get("Content-Type"), m.Body)
}

// firstText is the first plain text of a body; parts in quoted-printable are decoded
// by their reader.
func firstText(contentType string, body io.Reader) (string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return "", err
	case media == "text/plain":
		text, err := io.ReadAll(body)
		return string(text), err
	case !strings.HasPrefix(media, "multipart/"):
		return "", errors.New("the mail has no plain text")
	}
	p, err := multipart.NewReader(body, params["boundary"]).NextPart()
	if err != nil {
		return "", err
	}
	return firstText(p.Header.Get("Content-Type"), p)
}

// ReadInvitation reads an iCalendar stream of one event.
func ReadInvitation(stream []byte) (Invitation, error) {
	var i Invitation
	c, err := ics.ParseCalendar(bytes.NewReader(stream))
	if err != nil {
		return i, err
	}
	if len(c.Events()) != 1 || len(c.Components) != 1 {
		return i, fmt.Errorf("%d events of %d components", len(c.Events()), len(c.Components))
	}
	for _, p := range c.CalendarProperties {
		if p.IANAToken == string(ics.PropertyMethod) {
			i.Method = p.Value
		}
	}
	e := c.Events()[0]
	text := func(p ics.ComponentProperty) string {
		if has := e.GetProperty(p); has != nil {
			return has.Value
		}
		return ""
	}
	i.Status, i.UID, i.URL = text(ics.ComponentPropertyStatus), e.Id(), text(ics.ComponentPropertyUrl)
	i.Organizer = text(ics.ComponentPropertyOrganizer)
	for _, a := range e.Attendees() {
		i.Attendees += a.Value + " "
	}
	var errs [4]error
	i.Sequence, errs[0] = strconv.Atoi(text(ics.ComponentPropertySequence))
	i.Stamp, errs[1] = e.GetDtStampTime()
	i.Start, errs[2] = e.GetStartAt()
	i.End, errs[3] = e.GetEndAt()
	if (i.Status == "CANCELLED") != i.Withdrawn() {
		return i, fmt.Errorf("method %s, status %s", i.Method, i.Status)
	}
	return i, errors.Join(errs[:]...)
}

// Calendar keeps the one event of a booking by what its mails say, as RFC 5546 has
// it: what has the highest sequence stands.
type Calendar struct {
	Kept *Invitation // nil: nothing came yet
	last *Invitation
}

// Take reads the next invitation. It returns why a calendar may not follow it: it is
// of another event, of other people, goes back, or says otherwise under a sequence
// that was used. Of invitations whose order on the way is not sure, none goes back.
func (c *Calendar) Take(i Invitation, ordered bool) error {
	defer func() {
		c.last = &i
		if c.Kept == nil || i.Sequence >= c.Kept.Sequence {
			c.Kept = &i
		}
	}()
	was, kept := c.last, c.Kept
	switch {
	case kept == nil:
		return nil
	case i.UID != kept.UID:
		return fmt.Errorf("the UID was %s and is %s", kept.UID, i.UID)
	case i.Organizer != kept.Organizer || i.Attendees != kept.Attendees:
		return fmt.Errorf("it was of %s and %s, and is of %s and %s", kept.Organizer, kept.Attendees, i.Organizer, i.Attendees)
	case ordered && i.Sequence < was.Sequence, ordered && i.Stamp.Before(was.Stamp):
		return fmt.Errorf("it goes back from %+v to %+v", *was, i)
	case i.Sequence == kept.Sequence && !i.same(*kept):
		return fmt.Errorf("it says otherwise under the same sequence: first %+v, then %+v", *kept, i)
	}
	return nil
}

func (i Invitation) same(o Invitation) bool {
	return i.Method == o.Method && i.Start.Equal(o.Start) && i.End.Equal(o.End) && i.URL == o.URL
}
