package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

// received is a message as the standard library reads it back.
type received struct {
	header netmail.Header
	media  string
	parts  []receivedPart
}

type receivedPart struct {
	media  string
	params map[string]string
	file   string // its name, if it is one
	body   string
}

func receive(t *testing.T, raw []byte) received {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	return received{m.Header, media, receiveParts(t, media, m.Body, params["boundary"])}
}

// receiveParts are the parts of a multipart, those within one of its parts too.
func receiveParts(t *testing.T, media string, body io.Reader, boundary string) (all []receivedPart) {
	t.Helper()
	if media != "multipart/alternative" && media != "multipart/mixed" {
		t.Fatalf("a part is %s", media)
	}
	for parts := multipart.NewReader(body, boundary); ; {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		media, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if within := params["boundary"]; within != "" {
			all = append(all, receiveParts(t, media, p, within)...)
		} else {
			all = append(all, receivePart(t, p))
		}
	}
}

func receivePart(t *testing.T, p *multipart.Part) receivedPart {
	t.Helper()
	var body io.Reader
	switch encoding := p.Header.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(p)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, p)
	default:
		t.Fatalf("encoding %q", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	media, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	return receivedPart{media: media, params: params, file: p.FileName(), body: string(content)}
}

func wire(t *testing.T, kind Kind, b booking.Booking) (Message, []byte) {
	t.Helper()
	m, err := composer(t).Compose(kind, b)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return m, raw
}

func decoded(t *testing.T, value string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var bookings = map[string]func() booking.Booking{"plain": sample, "abroad": abroad, "hostile": hostile, "long": long}

// in is the booking in the state that the mail is about.
func in(kind Kind, b booking.Booking) booking.Booking {
	switch kind {
	case GuestCancelled, HostCancelled, AttendeesCancelled:
		return cancelled(b, booking.ByHost, b.Terms.ConfirmationNote)
	case GuestMoved, HostMoved, AttendeesMoved:
		return moved(b, booking.ByHost, b.Terms.ConfirmationNote)
	case GuestStayed, HostStayed:
		return stayed(b, booking.ReasonSlotTaken)
	case GuestReminder:
		return reminding(b, 60)
	case HostDiffers:
		return differing(b, meetingGone)
	}
	return b
}

func TestTheWireSaysWhatTheMessageSays(t *testing.T) {
	for name, b := range bookings {
		for kind := range compositions {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				m, raw := wire(t, kind, in(kind, accompanied(b())))
				got := receive(t, raw)

				names := []string{
					"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id",
					"Mime-Version", "Reply-To", "Subject", "To",
				}
				var have []string
				for key, values := range got.header {
					have = append(have, key)
					if len(values) != 1 {
						t.Errorf("%s stands %d times", key, len(values))
					}
				}
				slices.Sort(have)
				if diff := cmp.Diff(names, have); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(m.Subject, decoded(t, got.header.Get("Subject"))); diff != "" {
					t.Errorf("subject (-want +got):\n%s", diff)
				}
				for header, want := range map[string][]netmail.Address{"From": {m.From}, "To": m.To, "Reply-To": {m.ReplyTo}} {
					list, err := got.header.AddressList(header)
					if err != nil {
						t.Fatalf("%s: %v", header, err)
					}
					var read []netmail.Address
					for _, address := range list {
						read = append(read, *address)
					}
					if diff := cmp.Diff(want, read); diff != "" {
						t.Errorf("%s (-want +got):\n%s", header, diff)
					}
				}
				if date, err := got.header.Date(); err != nil || time.Since(date) > time.Hour || time.Until(date) > time.Minute {
					t.Errorf("dated %v: %v", date, err)
				}
				if id := got.header.Get("Message-Id"); !strings.HasPrefix(id, fmt.Sprintf("<%s.%d.%s", sample().ID, in(kind, sample()).Revision, kind)) || !strings.HasSuffix(id, "@mail.example.com>") {
					t.Errorf("Message-ID %s", id)
				}
				if got.header.Get("Auto-Submitted") != "auto-generated" || got.header.Get("Content-Language") != string(m.Language) {
					t.Errorf("headers %v", got.header)
				}
				checkParts(t, m, got)
				checkLines(t, raw)
			})
		}
	}
}

func checkParts(t *testing.T, m Message, r received) {
	t.Helper()
	type content struct{ Media, File, Body string }
	want, media := []content{{"text/plain", "", m.Text}, {"text/html", "", m.HTML}}, "multipart/alternative"
	switch {
	case m.Aside:
		want, media = append(want, content{"text/calendar", "invite.ics", string(m.Invite)}), "multipart/mixed"
	case m.Invite != nil:
		want = append(want, content{"text/calendar", "", string(m.Invite)})
	}
	if r.media != media {
		t.Errorf("the mail is %s, want %s", r.media, media)
	}
	var got []content
	for _, p := range r.parts {
		body := p.body
		if p.media != "text/calendar" {
			body = strings.ReplaceAll(body, "\r\n", "\n")
		}
		got = append(got, content{p.media, p.file, body})
		if !strings.EqualFold(p.params["charset"], "UTF-8") {
			t.Errorf("%s in %q", p.media, p.params["charset"])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	for l := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(l) > 998 {
			t.Errorf("a line has %d octets", len(l))
		}
		if i := bytes.IndexFunc(l, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }); i >= 0 {
			t.Errorf("%q is not plain ASCII", l)
		}
	}
}

func TestGoMailKeepsLineBreaksOutOfHeaders(t *testing.T) {
	const name = "Taro\r\nBcc: victim@evil.example\r\n\r\nbody"
	m := Message{
		ID:      "id@mail.example.com",
		From:    netmail.Address{Name: name, Address: "no-reply@mail.example.com"},
		To:      []netmail.Address{{Name: name, Address: "taro@guest.example"}},
		ReplyTo: netmail.Address{Name: name, Address: "hanako@host.example"},
		Subject: name,
	}
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got := receive(t, raw); got.header.Get("Bcc") != "" || decoded(t, got.header.Get("Subject")) != name {
		t.Errorf("headers %v", got.header)
	}
}

func TestTextHTMLAndInvitationStateTheSameInstant(t *testing.T) {
	overClockChange := abroad()
	overClockChange.Start = time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC)
	overClockChange.End = overClockChange.Start.Add(time.Hour)
	for name, b := range map[string]booking.Booking{"ja": sample(), "en": abroad(), "clock change": overClockChange, "hostile": hostile()} {
		t.Run(name, func(t *testing.T) {
			_, raw := wire(t, GuestConfirmed, b)
			parts := receive(t, raw).parts
			event := readBack(t, parts[2].body)
			start, err := event.GetStartAt()
			if err != nil {
				t.Fatal(err)
			}
			tags := regexp.MustCompile(`<[^>]*>`)
			body := parts[1].body[strings.Index(parts[1].body, "<h1"):]
			for medium, said := range map[string]time.Time{
				"booking": b.Start, "text": instant(t, parts[0].body), "HTML": instant(t, html.UnescapeString(tags.ReplaceAllString(body, ""))),
			} {
				if !said.Equal(start) {
					t.Errorf("the %s says %v, the invitation %v", medium, said, start)
				}
			}
		})
	}
}

var (
	japaneseTime = regexp.MustCompile(`(?s)(\d+年\d+月\d+日)\(.\)\s*(\d\d:\d\d)–.*?UTC([+−]\d+)`)
	englishTime  = regexp.MustCompile(`(?s)(\w+day, \w+ \d+, \d{4}),?\s*(\d+:\d\d).*?([AP]M).*?UTC([+−]\d+)`)
)

// instant reads the first time in a text as a person would.
func instant(t *testing.T, text string) time.Time {
	t.Helper()
	layout, value := "", ""
	if m := japaneseTime.FindStringSubmatch(text); m != nil {
		layout, value = "2006年1月2日 15:04 -07", m[1]+" "+m[2]+" "+offsetOf(m[3])
	} else if m := englishTime.FindStringSubmatch(text); m != nil {
		layout, value = "Monday, January 2, 2006 3:04 PM -07", m[1]+" "+m[2]+" "+m[3]+" "+offsetOf(m[4])
	}
	at, err := time.Parse(layout, value)
	if err != nil || layout == "" {
		t.Fatalf("no time in %q: %v", text, err)
	}
	return at
}

func offsetOf(s string) string {
	s = strings.Replace(s, "−", "-", 1)
	if len(s) == 2 {
		s = s[:1] + "0" + s[1:]
	}
	return s
}

// readBack reads an invitation with another library than the one that wrote it.
func readBack(t *testing.T, stream string) *ics.VEvent {
	t.Helper()
	calendar, err := ics.ParseCalendar(strings.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	events := calendar.Events()
	if len(events) != 1 || len(calendar.Components) != 1 {
		t.Fatalf("%d components, %d events", len(calendar.Components), len(events))
	}
	return events[0]
}

func TestAnInvitationReadsBackAsTheBooking(t *testing.T) {
	b := sample()
	b.Revision = 2
	b.Terms.Title = "初回相談; 見積り, 日程\\納期"
	b.Terms.HostName = `佐藤, 花子; "はな"`
	_, raw := wire(t, GuestConfirmed, b)
	part := receive(t, raw).parts[2]
	event := readBack(t, part.body)

	text := func(p ics.ComponentProperty) string { return event.GetProperty(p).Value }
	got := map[string]string{
		"UID":         event.Id(),
		"DTSTAMP":     text(ics.ComponentPropertyDtstamp),
		"DTSTART":     text(ics.ComponentPropertyDtStart),
		"DTEND":       text(ics.ComponentPropertyDtEnd),
		"SEQUENCE":    text(ics.ComponentPropertySequence),
		"SUMMARY":     text(ics.ComponentPropertySummary),
		"DESCRIPTION": text(ics.ComponentPropertyDescription),
		"LOCATION":    text(ics.ComponentPropertyLocation),
		"URL":         text(ics.ComponentPropertyUrl),
		"STATUS":      text(ics.ComponentPropertyStatus),
		"ORGANIZER":   text(ics.ComponentPropertyOrganizer),
		"CN":          event.GetProperty(ics.ComponentPropertyOrganizer).ICalParameters["CN"][0],
		"ATTENDEE":    text(ics.ComponentPropertyAttendee),
		"PARTSTAT":    event.GetProperty(ics.ComponentPropertyAttendee).ICalParameters["PARTSTAT"][0],
		"RSVP":        event.GetProperty(ics.ComponentPropertyAttendee).ICalParameters["RSVP"][0],
	}
	want := map[string]string{
		"UID":         "2v3c9tq@google.com",
		"DTSTAMP":     "20261123T040506Z",
		"DTSTART":     "20261201T010000Z",
		"DTEND":       "20261201T013000Z",
		"SEQUENCE":    "2",
		"SUMMARY":     "初回相談; 見積り, 日程\\納期（佐藤, 花子; \"はな\"様）",
		"DESCRIPTION": "Zoom：" + b.ZoomMeeting.JoinURL + "\nパスコード：a7Kx2q\n\n" + b.Terms.ConfirmationNote,
		"LOCATION":    b.ZoomMeeting.JoinURL,
		"URL":         b.ZoomMeeting.JoinURL,
		"STATUS":      "CONFIRMED",
		"ORGANIZER":   "mailto:hanako@host.example",
		"CN":          "佐藤, 花子; 'はな'",
		"ATTENDEE":    "mailto:taro@guest.example",
		"PARTSTAT":    "ACCEPTED",
		"RSVP":        "FALSE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(part.body, "\r\nMETHOD:"+part.params["method"]+"\r\n") {
		t.Errorf("the part says method=%s:\n%s", part.params["method"], part.body)
	}
}

func TestInvitationsKeepToTheirLinesAndToTheirProperties(t *testing.T) {
	for name, b := range bookings {
		t.Run(name, func(t *testing.T) {
			stream, err := Invite(b())
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for l := range strings.SplitSeq(strings.TrimSuffix(string(stream), "\r\n"), "\r\n") {
				if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n\x00\x1b") {
					t.Errorf("%d octets, or broken: %q", len(l), l)
				}
				if !strings.HasPrefix(l, " ") {
					names = append(names, l[:strings.IndexAny(l, ":;")])
				}
			}
			want := strings.Fields(`BEGIN CALSCALE METHOD PRODID VERSION
				BEGIN ATTENDEE DESCRIPTION DTEND DTSTAMP DTSTART LOCATION ORGANIZER SEQUENCE STATUS SUMMARY TRANSP UID URL END END`)
			if diff := cmp.Diff(want, names); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
			readBack(t, string(stream))
		})
	}
}

func TestAWithdrawalIsOfTheSameEventAndLater(t *testing.T) {
	b := accompanied(sample())
	b.Revision = 2
	asked, _ := wire(t, GuestConfirmed, b)
	for _, kind := range []Kind{GuestCancelled, AttendeesCancelled, HostCancelled} {
		m, raw := wire(t, kind, in(kind, b))
		parts := receive(t, raw).parts
		calendar := parts[len(parts)-1]
		was, is := readBack(t, string(asked.Invite)), readBack(t, string(m.Invite))
		got := []string{
			calendar.params["method"], is.Id(),
			is.GetProperty(ics.ComponentPropertySequence).Value, was.GetProperty(ics.ComponentPropertySequence).Value,
			is.GetProperty(ics.ComponentPropertyStatus).Value, is.GetProperty(ics.ComponentPropertyDtStart).Value,
		}
		want := []string{"CANCEL", was.Id(), "3", "2", "CANCELLED", was.GetProperty(ics.ComponentPropertyDtStart).Value}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		if !strings.Contains(calendar.body, "\r\nMETHOD:CANCEL\r\n") {
			t.Errorf("%s: the calendar is of another method:\n%s", kind, calendar.body)
		}
	}
}

func TestTheSameBookingGivesTheSameBytes(t *testing.T) {
	boundary := regexp.MustCompile(`boundary=(\S+)`)
	comparable := func() string {
		_, raw := wire(t, GuestConfirmed, hostile())
		mark := boundary.FindSubmatch(raw)[1]
		raw = bytes.ReplaceAll(raw, mark, []byte("BOUNDARY"))
		return regexp.MustCompile(`(?m)^Date: .*$`).ReplaceAllString(string(raw), "")
	}
	if diff := cmp.Diff(comparable(), comparable()); diff != "" {
		t.Error(diff)
	}

	m, _ := wire(t, GuestConfirmed, sample())
	download, err := Invite(sample())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(m.Invite), string(download)); diff != "" {
		t.Errorf("the download differs from the mail:\n%s", diff)
	}
}

func TestABookingWithoutACalendarEventHasAUIDOfItsOwn(t *testing.T) {
	b := sample()
	b.CalendarEvent = booking.CalendarEvent{}
	stream, err := Invite(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := readBack(t, string(stream)).Id(); got != b.ID+"@yakusoku" {
		t.Errorf("UID %s", got)
	}
}

func TestHostilePeopleCannotWriteHTML(t *testing.T) {
	for kind := range compositions {
		m, _ := wire(t, kind, in(kind, accompanied(hostile())))
		for _, bad := range []string{"<script", "\x00", "\u202e", `href="https://evil`} {
			if strings.Contains(m.HTML, bad) {
				t.Errorf("%s: the HTML holds %q", kind, bad)
			}
		}
	}
}
