package site_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/zone"
)

// One booking is told to its guest in many places: by the API to the web app, on
// the page without scripts, in mails as text and as HTML, in the invitation. Here
// all of them are read back and held to one clock, zone and edition of the zones.

// truths are spans of half an hour as guests' clocks show them, written down by
// hand. What British Columbia decided in 2026 no earlier edition knows.
var truths = []struct {
	name, zone string
	start      string // the instant
	want       reading
}{
	{"the first to have a day", "Pacific/Kiritimati", "2026-12-01T10:00:00Z", reading{"2026-12-02 00:00 +14:00", "00:30 +14:00"}},
	{"the last to have it, into the next", "Pacific/Pago_Pago", "2026-12-01T10:45:00Z", reading{"2026-11-30 23:45 -11:00", "00:15 -11:00"}},
	{"half an hour back", "Australia/Lord_Howe", "2027-04-03T14:45:00Z", reading{"2027-04-04 01:45 +11:00", "01:45 +10:30"}},
	{"half an hour forward", "Australia/Lord_Howe", "2026-10-03T15:15:00Z", reading{"2026-10-04 01:45 +10:30", "02:45 +11:00"}},
	{"quarters of an hour", "Pacific/Chatham", "2026-12-01T00:00:00Z", reading{"2026-12-01 13:45 +13:45", "14:15 +13:45"}},
	{"quarters, back an hour", "Pacific/Chatham", "2027-04-03T13:45:00Z", reading{"2027-04-04 03:30 +13:45", "03:00 +12:45"}},
	{"summer time for good", "America/Vancouver", "2026-12-01T18:00:00Z", reading{"2026-12-01 11:00 -07:00", "11:30 -07:00"}},
	{"where clocks went back before", "America/Vancouver", "2026-11-01T08:45:00Z", reading{"2026-11-01 01:45 -07:00", "02:15 -07:00"}},
	{"over a gap", "America/New_York", "2027-03-14T06:45:00Z", reading{"2027-03-14 01:45 -05:00", "03:15 -04:00"}},
	{"into an overlap", "America/New_York", "2026-11-01T05:30:00Z", reading{"2026-11-01 01:30 -04:00", "01:00 -05:00"}},
	{"out of an overlap", "America/New_York", "2026-11-01T06:30:00Z", reading{"2026-11-01 01:30 -05:00", "02:00 -05:00"}},
	{"over a gap, off Greenwich's", "Europe/London", "2027-03-28T00:45:00Z", reading{"2027-03-28 00:45 +00:00", "02:15 +01:00"}},
	{"into an overlap, to Greenwich's", "Europe/London", "2026-10-25T00:30:00Z", reading{"2026-10-25 01:30 +01:00", "01:00 +00:00"}},
	{"half an hour behind whole hours", "America/St_Johns", "2026-12-01T15:00:00Z", reading{"2026-12-01 11:30 -03:30", "12:00 -03:30"}},
	{"in Ramadan, when clocks are put back", "Africa/Casablanca", "2027-02-20T12:00:00Z", reading{"2027-02-20 12:00 +00:00", "12:30 +00:00"}},
	{"where clocks are never put", "Asia/Tokyo", "2026-12-01T01:00:00Z", reading{"2026-12-01 10:00 +09:00", "10:30 +09:00"}},
}

// reading is a span as somebody reads it: wall clocks and offsets.
type reading struct{ Start, End string }

// lie is a zone whose clocks none of the truths shows. The machine's database says
// that all zones are this one.
const lie = "Pacific/Marquesas"

// The machine's database lies, so that what asks it rather than package zone shows.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "zoneinfo")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if err := plant(dir); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

func plant(dir string) error {
	archive, err := zip.OpenReader("../zone/zones.zip")
	if err != nil {
		return err
	}
	defer archive.Close()
	data, err := fs.ReadFile(archive, lie)
	if err != nil {
		return err
	}
	for _, truth := range truths {
		path := filepath.Join(dir, filepath.FromSlash(truth.zone))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return os.Setenv("ZONEINFO", dir)
}

func TestPageMailAndInvitationOfABookingTellOneTime(t *testing.T) {
	p := browse(t, nil)
	api := httpapi.Booking(p.desk)
	var stamps []stamped
	for i, truth := range truths {
		machine, err := time.LoadLocation(truth.zone)
		if err != nil {
			t.Fatal(err)
		}
		start := moment(t, truth.start)
		if _, offset := start.In(machine).Zone(); offset != -(9*60+30)*60 {
			t.Fatalf("the machine's %s is %d seconds off: the lie did not take, so this test proves nothing", truth.zone, offset)
		}
		for _, tag := range []language.Tag{language.Japanese, language.English} {
			t.Run(fmt.Sprintf("%s, %s, %s", truth.name, truth.zone, tag), func(t *testing.T) {
				b, token := p.keep(t, fmt.Sprintf("b%d%s", i, tag), truth.zone, tag, start)
				view := viewThrough(t, api, b.ID, token)
				if view.TimeZone != truth.zone {
					t.Errorf("the API says that the guest is in %s", view.TimeZone)
				}
				stamps = append(stamps, stamped{Start: view.Start, End: view.End, Locale: string(tag), want: truth.want, name: t.Name()})
				told := map[string]reading{
					"API":                 {apart(t, view.Start).Format(wall), apart(t, view.End).Format(wall)[len("2006-01-02 "):]},
					"page without script": read(t, p.own(t, b.ID, token, tag), truth.zone, truth.want.Start[:4]),
				}
				instants := map[string][2]time.Time{"API": {apart(t, view.Start), apart(t, view.End)}}
				for _, kind := range []mail.Kind{mail.GuestConfirmed, mail.GuestReminder} {
					m := composed(t, kind, b)
					told[string(kind)+", text"] = read(t, m.Text, truth.zone, "")
					told[string(kind)+", HTML"] = read(t, textOf(m.HTML), truth.zone, "")
					if kind == mail.GuestConfirmed {
						instants["invitation of the mail"] = invited(t, m.Invite)
					}
				}
				instants["invitation to download"] = invited(t, through(t, api, b.ID+"/invite.ics", token))

				for medium, got := range told {
					if diff := cmp.Diff(truth.want, got); diff != "" {
						t.Errorf("%s (-want +got):\n%s", medium, diff)
					}
				}
				for medium, got := range instants {
					if !got[0].Equal(b.Start) || !got[1].Equal(b.End) {
						t.Errorf("%s: %v, want %s and %s", medium, got, b.Start, b.End)
					}
				}
				in, err := zone.Load(truth.zone)
				if err != nil {
					t.Fatal(err)
				}
				ours := reading{b.Start.In(in).Format(wall), b.End.In(in).Format(wall)[len("2006-01-02 "):]}
				if diff := cmp.Diff(truth.want, ours); diff != "" {
					t.Errorf("edition %s of the zones (-want +got):\n%s", zone.Version(), diff)
				}
			})
		}
	}
	shownByTheWebApp(t, stamps)
}

// wall is a clock's time with its offset.
const wall = "2006-01-02 15:04 -07:00"

// keep stores a confirmed booking of half an hour.
func (p *plain) keep(t *testing.T, id, in string, tag language.Tag, start time.Time) (b booking.Booking, token string) {
	t.Helper()
	token = p.desk.Tokens.For(id)
	hash := sha256.Sum256([]byte(token))
	done := booking.Progress{Status: booking.Done, At: start.AddDate(0, 0, -7)}
	b = booking.Booking{
		ID: id, Host: "demo", Page: "intro", Start: start, End: start.Add(30 * time.Minute), LocalDate: start.Format(time.DateOnly),
		Guest: booking.Guest{Name: "山田 太郎", Email: "taro@guest.example", TimeZone: in, Language: tag},
		Terms: booking.Terms{
			Title: "Intro", HostName: "Hanako", HostEmail: "hanako@host.example", HostTimeZone: "Asia/Tokyo", HostLanguage: language.Japanese,
			Reminders: []int{60},
		},
		Status:      booking.Confirmed,
		Steps:       map[booking.Step]booking.Progress{booking.Hold: done, booking.Meeting: done, booking.Event: done, booking.Mail: done, booking.Notice: done},
		ZoomMeeting: booking.ZoomMeeting{ID: 1, JoinURL: "https://zoom.us/j/1"}, CalendarEvent: booking.CalendarEvent{ID: "e", UID: "e@google.com"},
		TokenHash: hash[:], CreatedAt: start.AddDate(0, 0, -7),
	}
	b.ClaimReminder(start.Add(-time.Hour), start)
	// Hosts have one each: nothing is held twice.
	held := b
	held.Host = id
	if err := p.store.Hold(t.Context(), held, 0, nil); err != nil {
		t.Fatal(err)
	}
	return b, token
}

// through asks the API as the guest.
func through(t *testing.T, api http.Handler, path, token string) []byte {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/api/bookings/"+path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d, body %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// view is what the web app gets.
type view struct {
	Start, End, TimeZone string
}

func viewThrough(t *testing.T, api http.Handler, id, token string) view {
	t.Helper()
	var v view
	if err := json.Unmarshal(through(t, api, id, token), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// own is the guest's own page as text, in a browser without scripts.
func (p *plain) own(t *testing.T, id, token string, tag language.Tag) string {
	t.Helper()
	w := p.get(t, "/b/demo/intro/"+id+"?lang="+string(tag), &http.Cookie{Name: "__Secure-booking", Value: token})
	if w.Code != http.StatusOK {
		t.Fatalf("status %d, body %s", w.Code, w.Body)
	}
	return textOf(w.Body.String())
}

func composed(t *testing.T, kind mail.Kind, b booking.Booking) mail.Message {
	t.Helper()
	c, err := mail.NewComposer("https://book.example.com", "Yakusoku <no-reply@example.com>", func(string) string { return "token" })
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Compose(kind, b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var tags = regexp.MustCompile(`(?s)<(head|style|script)\b.*?</(head|style|script)>|<[^>]*>`)

// textOf is what a document shows, on one line.
func textOf(document string) string {
	return oneLine(html.UnescapeString(tags.ReplaceAllString(document, " ")))
}

// oneLine puts single spaces wherever there is white space of any kind.
func oneLine(text string) string { return strings.Join(strings.FieldsFunc(text, unicode.IsSpace), " ") }

// The ways in which spans are written: Japanese and English, of mails, which name
// the year, and of plain pages. The date, start and end come first, then the zone
// and its offsets.
var written = []struct {
	form  *regexp.Regexp
	clock string // of Go
	date  string
}{
	{regexp.MustCompile(`(\d+年\d+月\d+日)\(.\) (\d\d:\d\d)–(?:翌日 )?(\d\d:\d\d)[ （](?:[^/（]+ / )?([A-Za-z_/]+), UTC([±+−\d:]+)(?: → UTC([±+−\d:]+))?`), "15:04", "2006年1月2日"},
	{regexp.MustCompile(`(\w+day, \w+ \d+, \d{4}),? (\d+:\d\d(?: [AP]M)?) ?– ?(\d+:\d\d [AP]M)(?: the next day)? \(?(?:[\w ]+ / )?([A-Za-z_/]+), UTC([±+−\d:]+)(?: → UTC([±+−\d:]+))?`), "3:04 PM", "Monday, January 2, 2006"},
	{regexp.MustCompile(`(\d+月\d+日)\(.\) (\d\d:\d\d) – (\d\d:\d\d) \(([A-Za-z_/]+), UTC([+-][\d:]+)(?: → UTC([+-][\d:]+))?\)`), "15:04", "1月2日"},
	{regexp.MustCompile(`(\w+day, \w+ \d+) (\d+:\d\d [AP]M) – (\d+:\d\d [AP]M) \(([A-Za-z_/]+), UTC([+-][\d:]+)(?: → UTC([+-][\d:]+))?\)`), "3:04 PM", "Monday, January 2"},
}

// read reads the first span in a text as a person would. Year is that of a text
// which does not say.
func read(t *testing.T, text, in, year string) reading {
	t.Helper()
	text = oneLine(text)
	for _, w := range written {
		m := w.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		if m[4] != in {
			t.Errorf("the zone reads %s", m[4])
		}
		from, to := offset(t, m[5]), offset(t, m[5])
		if m[6] != "" {
			to = offset(t, m[6])
		}
		start, end, date := m[2], m[3], m[1]
		if w.clock == "3:04 PM" && !strings.HasSuffix(start, "M") {
			start += end[len(end)-len(" PM"):]
		}
		if !strings.Contains(w.date, "2006") {
			w.date, date = "2006 "+w.date, year+" "+date
		}
		return reading{
			as(t, "2006-01-02 15:04 ", w.date+" "+w.clock, date+" "+start) + from,
			as(t, "15:04 ", w.clock, end) + to,
		}
	}
	t.Fatalf("no time in %q", text)
	return reading{}
}

func as(t *testing.T, form, from, text string) string {
	t.Helper()
	at, err := time.Parse(from, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Format(form)
}

// offset makes "+09:00" of "+9", "−3:30", "±0", nothing and itself.
func offset(t *testing.T, text string) string {
	t.Helper()
	if text == "±0" || text == "" {
		return "+00:00"
	}
	text = strings.Replace(text, "−", "-", 1)
	hours, minutes, _ := strings.Cut(text[1:], ":")
	if minutes == "" {
		minutes = "00"
	}
	return fmt.Sprintf("%s%02s:%s", text[:1], hours, minutes)
}

// invited reads an invitation back by another library than the one that wrote it.
// Its times are instants: it holds no zone that a reader might know otherwise.
func invited(t *testing.T, stream []byte) [2]time.Time {
	t.Helper()
	calendar, err := ics.ParseCalendar(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	if len(calendar.Components) != 1 || len(calendar.Events()) != 1 {
		t.Fatalf("more than an event:\n%s", stream)
	}
	event := calendar.Events()[0]
	for _, property := range []ics.ComponentProperty{ics.ComponentPropertyDtStart, ics.ComponentPropertyDtEnd} {
		if p := event.GetProperty(property); len(p.ICalParameters) > 0 || !strings.HasSuffix(p.Value, "Z") {
			t.Errorf("%s is no time in UTC: %s %v", property, p.Value, p.ICalParameters)
		}
	}
	start, err := event.GetStartAt()
	if err != nil {
		t.Fatal(err)
	}
	end, err := event.GetEndAt()
	if err != nil {
		t.Fatal(err)
	}
	return [2]time.Time{start, end}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	return apart(t, text).UTC()
}

// apart reads a time with the offset that stands in it.
func apart(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// stamped is a span as the API states it, and what is to be shown of it.
type stamped struct {
	Start, End, Locale string

	want reading
	name string
}

// shownByTheWebApp has the web app's own code write the spans, on a machine whose
// clock is in the zone of the lie.
func shownByTheWebApp(t *testing.T, stamps []stamped) {
	t.Helper()
	input, err := json.Marshal(stamps)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/stamp.mjs")
	cmd.Env = append(os.Environ(), "TZ="+lie)
	cmd.Stdin = bytes.NewReader(input)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v (`make test` brings the Node that reads TypeScript)\n%s", err, &complaints)
	}
	var shown []struct{ Date, Start, End, Offsets string }
	if err := json.Unmarshal(out, &shown); err != nil || len(shown) != len(stamps) {
		t.Fatalf("%d of %d are shown: %v", len(shown), len(stamps), err)
	}
	for i, s := range stamps {
		date, clock := "2006年1月2日", "15:04"
		if s.Locale == "en" {
			date, clock = "Monday, January 2, 2006", "3:04 PM"
		}
		said := shown[i]
		if s.Locale == "ja" {
			said.Date = regexp.MustCompile(`^\d+年\d+月\d+日`).FindString(said.Date)
		}
		from, to, changes := strings.Cut(strings.ReplaceAll(said.Offsets, "GMT", ""), " → ")
		if !changes {
			to = from
		}
		got := reading{
			as(t, "2006-01-02 15:04 ", date+" "+clock, oneLine(said.Date+" "+said.Start)) + offset(t, from),
			as(t, "15:04 ", clock, oneLine(said.End)) + offset(t, to),
		}
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("the web app, %s (-want +got):\n%s", s.name, diff)
		}
	}
}
