package mail

import (
	"bytes"
	"fmt"

	gomail "github.com/wneessen/go-mail"
)

const headerAutoSubmitted gomail.Header = "Auto-Submitted"

// Bytes is the message as it goes over the wire, dated now. Its parts are
// alternatives, the invitation last: only there does Gmail keep the guest's
// calendar in step with it. One that is aside is a file beside them.
//
// go-mail writes the MIME: it encodes and folds headers by RFC 2047 and RFC 5322.
func (m Message) Bytes() ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	msg.SetMessageIDWithValue(m.ID)
	msg.FromMailAddress(&m.From)
	for _, to := range m.To {
		msg.AddToMailAddress(&to)
	}
	if m.ReplyTo.Address != "" {
		msg.ReplyToMailAddress(&m.ReplyTo)
	}
	msg.Subject(m.Subject)
	msg.SetGenHeader(gomail.HeaderContentLang, string(m.Language))
	msg.SetGenHeader(headerAutoSubmitted, "auto-generated") // RFC 3834, 5

	readable := gomail.WithPartEncoding(gomail.EncodingQP)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text, readable)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML, readable)
	// The method must be the calendar's own: Outlook refuses the two if they differ.
	calendar := gomail.ContentType("text/calendar; method=" + m.Method)
	switch {
	case m.Invite == nil:
	case m.Aside:
		err := msg.AttachReader("invite.ics", bytes.NewReader(m.Invite), gomail.WithFileContentType(calendar+"; charset=UTF-8"))
		if err != nil {
			return nil, fmt.Errorf("attach the invitation: %w", err)
		}
	default:
		msg.AddAlternativeString(calendar, string(m.Invite))
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write MIME: %w", err)
	}
	return out.Bytes(), nil
}
