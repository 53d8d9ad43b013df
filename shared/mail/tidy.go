package mail

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yakusoku/shared/booking"
)

// maxLine is how many characters of a one-line text are kept, so that no header
// line comes near the 998 octets of RFC 5322, 2.1.1, wherever it can be folded.
const maxLine = 200

// tidy returns b with every text that people typed made safe to place: one line
// where one line is meant, no control characters anywhere. What a text means in
// HTML, iCalendar or a header is those formats' own escaping.
func tidy(b booking.Booking) booking.Booking {
	g, t := &b.Guest, &b.Terms
	for _, s := range []*string{
		&g.Name, &g.Company, &g.Phone, &t.Title, &t.HostName,
		&b.ZoomMeeting.Passcode, &b.CalendarEvent.UID,
	} {
		*s = line(*s)
	}
	g.CoAttendees = slices.Clone(g.CoAttendees)
	for i, address := range g.CoAttendees {
		g.CoAttendees[i] = line(address)
	}
	t.ConfirmationNote = block(t.ConfirmationNote)
	b.Answers = slices.Clone(b.Answers)
	for i, a := range b.Answers {
		b.Answers[i].Label, b.Answers[i].Value = line(a.Label), block(a.Value)
	}
	return b
}

// line makes one line of s: white space and controls become single spaces.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case redirects(r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, valid(s))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxLine {
		return s
	}
	return string([]rune(s)[:maxLine-1]) + "…"
}

// block keeps the lines of s, without trailing white space and without the other
// controls.
func block(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ").Replace(valid(s))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (redirects(r) || unicode.IsControl(r)) {
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(l, unicode.IsSpace)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func valid(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// redirects reports whether r embeds, overrides or isolates a writing direction
// (UAX #9, 2.1 to 2.5). Right-to-left text needs none of them; texts that lie
// about their order do.
func redirects(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// maxAddress is the longest address that a mail path takes (RFC 5321, 4.5.3.1.3).
const maxAddress = 254

// isAddress reports whether s is a bare address that SES can send to: it takes
// ASCII alone (SendEmail, Destination).
func isAddress(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= maxAddress
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// joinURL returns the address to join at, or errJoinURL.
func joinURL(b booking.Booking) (*url.URL, error) {
	u, err := url.Parse(b.ZoomMeeting.JoinURL)
	if err != nil || !isWeb(u) {
		return nil, errJoinURL
	}
	return u, nil
}
