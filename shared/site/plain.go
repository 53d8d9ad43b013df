package site

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// A browser without scripts books on plain pages: days (in the page's own
// noscript), a day's times (?date), and a form (?start) that package site's Forms
// takes.

// way is how times are written and linked: the language and zone of this guest.
type way struct {
	Language language.Tag
	Zone     *time.Location
	Chosen   bool // whether the zone is the guest's choice, and not the page's
}

// plainBody is a page about an offer; of its parts, those that are due.
type plainBody struct {
	booking.Offer
	picker
	Form *form
}

// picker leads to an open time: by its day, then among the day's times.
type picker struct {
	Zone  string // named, with its offset
	Zones []choice
	Date  string // of the times: kept when the zone is changed
	Day   string // the same, in words
	Days  []link
	Times []link
	Next  template.URL // to later days, if there are any
	Back  string       // to the days
}

// link leads on from a plain page.
type link struct {
	Href  template.URL
	Label string
	Note  string
}

// choice is one option of a list.
type choice struct {
	Value, Label string
	Chosen       bool
}

func pagePath(host, slug string) string {
	return "/b/" + url.PathEscape(host) + "/" + url.PathEscape(slug)
}

// plain serves a day's times or the form for one of them.
func (s *Site) plain(w http.ResponseWriter, r *http.Request) {
	host, slug, q := r.PathValue("host"), r.PathValue("page"), r.URL.Query()
	from := s.now()
	start, err := time.Parse(time.RFC3339, q.Get("start"))
	chosen := err == nil
	if first := dateIn(cmp.Or(q.Get("date"), q.Get("from")), time.UTC); chosen {
		from = start.AddDate(0, 0, -1)
	} else if first.After(from) {
		from = first.AddDate(0, 0, -1)
	}
	month, err := s.desk.Slots(r.Context(), host, slug, from, from.AddDate(0, 0, daysInlined+2))
	if err != nil {
		refusePage(w, r, s.assets.guest, err)
		return
	}
	d := documentOf(r, month.Offer, s.assets.guest)
	d.Private = true
	if !month.Accepting {
		closed(w, r, d, month.Offer)
		return
	}
	in, err := wayOf(d.Language, q.Get("timezone"), month.Page.TimeZone)
	if err != nil {
		fail(w, r, s.assets.guest, err)
		return
	}
	b := plainBody{Offer: month.Offer, picker: picker{Zone: in.zoneAt(from), Date: q.Get("date"), Back: pagePath(host, slug)}}
	switch date := dateIn(q.Get("date"), in.Zone); {
	case chosen && isOpen(month, start):
		b.Form = newForm(month.Offer, in, start, s.now())
	case chosen:
		b.Form = newForm(month.Offer, in, start, s.now())
		b.Form.taken(wordsIn(d.Language).NotOpen, month, in, start)
	case !date.IsZero():
		b.Times, b.Zones = timesOf(month, in, date), in.zones()
		b.Day = in.date(date)
	default:
		b.Days, b.Zones, b.Next = daysOf(month, in), in.zones(), later(month, in, from)
	}
	d.Body = b
	show(w, r, http.StatusOK, "plain.html", d)
}

// wayOf takes the guest's zone if it is one, else the page's.
func wayOf(l language.Tag, asked, otherwise string) (way, error) {
	if in, err := zone.Load(asked); err == nil {
		return way{Language: l, Zone: in, Chosen: true}, nil
	}
	in, err := zone.Load(otherwise)
	return way{Language: l, Zone: in}, err
}

// dateIn is the start of a date; zero if there is none.
func dateIn(date string, in *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, date, in)
	if err != nil {
		return time.Time{}
	}
	return t
}

func isOpen(month booking.Month, start time.Time) bool {
	for _, s := range month.Slots {
		if s.Start.Equal(start) {
			return true
		}
	}
	return false
}

// daysOf links each day that has open slots.
func daysOf(month booking.Month, in way) (days []link) {
	last := ""
	for _, s := range month.Slots {
		start := s.Start.In(in.Zone)
		if date := start.Format(time.DateOnly); date != last {
			last = date
			days = append(days, link{Href: in.href("date", date), Label: in.date(start)})
		}
	}
	return days
}

// later leads to the days after those that were read; empty if there are none.
func later(month booking.Month, in way, from time.Time) template.URL {
	next := from.AddDate(0, 0, daysInlined).In(in.Zone).Format(time.DateOnly)
	if next > month.LastDate {
		return ""
	}
	return in.href("from", next)
}

func timesOf(month booking.Month, in way, date time.Time) []link {
	var times []link
	for _, s := range onDate(month.Slots, in, date) {
		times = append(times, link{Href: in.href("start", s.Start.In(in.Zone).Format(time.RFC3339)), Label: in.clock(s.Start)})
	}
	return times
}

func onDate(slots []availability.Slot, in way, date time.Time) []availability.Slot {
	var found []availability.Slot
	for _, s := range slots {
		if s.Start.In(in.Zone).Format(time.DateOnly) == date.Format(time.DateOnly) {
			found = append(found, s)
		}
	}
	return found
}

// href leads to this page again, asked for one thing more.
func (in way) href(name, value string) template.URL {
	q := url.Values{name: {value}, "lang": {string(in.Language)}}
	if in.Chosen {
		q.Set("timezone", in.Zone.String())
	}
	return template.URL("?" + q.Encode()) // #nosec G203 -- encoded by net/url
}

func (in way) zones() []choice {
	var all []choice
	for _, name := range zone.Names() {
		all = append(all, choice{Value: name, Label: name, Chosen: name == in.Zone.String()})
	}
	return all
}

func (in way) date(t time.Time) string {
	t = t.In(in.Zone)
	if in.Language == language.Japanese {
		return t.Format("1月2日") + "(" + string([]rune("日月火水木金土")[t.Weekday()]) + ")"
	}
	return t.Format("Monday, January 2")
}

func (in way) clock(t time.Time) string {
	if in.Language == language.Japanese {
		return t.In(in.Zone).Format("15:04")
	}
	return t.In(in.Zone).Format("3:04 PM")
}

func (in way) moment(t time.Time) string { return in.date(t) + " " + in.clock(t) }

func (in way) span(start, end time.Time) string {
	zone := in.zoneAt(start)
	if after := in.offset(end); after != in.offset(start) { // clocks are put meanwhile
		zone += " → " + after
	}
	return fmt.Sprintf("%s %s – %s (%s)", in.date(start), in.clock(start), in.clock(end), zone)
}

func (in way) zoneAt(t time.Time) string {
	return in.Zone.String() + ", " + in.offset(t)
}

func (in way) offset(t time.Time) string { return t.In(in.Zone).Format("UTC-07:00") }
