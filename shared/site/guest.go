package site

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

// daysInlined is how many days of slots a page brings along, today included: a
// month's worth, which the store reads in one round trip.
const daysInlined = 31

// pageData is what the page's script starts with: the API's own answers, and the
// dates in the page's zone that the slots cover, both included.
type pageData struct {
	Page  httpapi.Page  `json:"page"`
	Slots httpapi.Slots `json:"slots"`
	From  string        `json:"from"`
	To    string        `json:"to"`
}

// bookingPage serves a page and its first month of slots in one answer; by
// ?date and ?start, what a browser without scripts is led to.
func (s *Site) bookingPage(w http.ResponseWriter, r *http.Request) {
	now := s.now()
	q := r.URL.Query()
	if q.Has("date") || q.Has("start") || q.Has("from") {
		s.plain(w, r)
		return
	}
	// A day more than is inlined, so that the last one is whole in every zone.
	month, err := s.desk.Slots(r.Context(), r.PathValue("host"), r.PathValue("page"), now, now.AddDate(0, 0, daysInlined+1))
	if err != nil {
		refusePage(w, r, s.assets.guest, err)
		return
	}
	d := documentOf(r, month.Offer, s.assets.guest)
	if !month.Accepting {
		closed(w, r, d, month.Offer)
		return
	}
	data, err := dataOf(month, now)
	if err != nil {
		fail(w, r, s.assets.guest, err)
		return
	}
	in, err := zone.Load(month.Page.TimeZone)
	if err != nil {
		fail(w, r, s.assets.guest, err)
		return
	}
	d.Data, d.Scripted, d.Shared = data, true, true
	there := way{Language: d.Language, Zone: in}
	d.Body = plainBody{Offer: month.Offer, picker: picker{
		Zone: there.zoneAt(now), Days: daysOf(month, there), Next: later(month, there, now),
	}}
	show(w, r, http.StatusOK, "page.html", d)
}

// documentOf is what the pages about an offer have in common.
func documentOf(r *http.Request, o booking.Offer, b bundle) document {
	return document{
		Language:    languageOf(r, o.Page.Language),
		Title:       o.Page.Title + " – " + o.Host.Name,
		Description: firstLine(o.Page.Description),
		Bundle:      b,
		Look:        lookOf(o.Page),
	}
}

// refusePage answers a page that cannot be read.
func refusePage(w http.ResponseWriter, r *http.Request, b bundle, err error) {
	if _, missing := errors.AsType[*booking.PageNotFound](err); missing {
		apologize(w, r, b, problem.PageNotFound)
		return
	}
	fail(w, r, b, fmt.Errorf("read a booking page: %w", err))
}

// dataOf leaves out what was read of the day after the last.
func dataOf(month booking.Month, now time.Time) (*pageData, error) {
	in, err := zone.Load(month.Page.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("page %s/%s: %w", month.Page.Host, month.Page.Slug, err)
	}
	today := now.In(in)
	end := time.Date(today.Year(), today.Month(), today.Day()+daysInlined, 0, 0, 0, 0, in)
	slots := month.Slots // sorted
	if i := slices.IndexFunc(slots, func(slot availability.Slot) bool { return !slot.Start.Before(end) }); i >= 0 {
		slots = slots[:i]
	}
	return &pageData{
		Page:  httpapi.PageOf(month.Offer),
		Slots: httpapi.SlotsOf(month.Page, slots, in),
		From:  today.Format(time.DateOnly),
		To:    today.AddDate(0, 0, daysInlined-1).Format(time.DateOnly),
	}, nil
}

// closed says that the page takes no bookings at present.
func closed(w http.ResponseWriter, r *http.Request, d document, o booking.Offer) {
	why := problem.New(d.Language, problem.NotAccepting)
	d.Private = true
	d.Body = struct {
		booking.Offer
		Problem *problem.Problem
	}{o, why}
	// No 5xx: those are failures of ours to whoever counts them, and what stands in front
	// would show the page as it was before.
	show(w, r, http.StatusOK, "closed.html", d)
}

// longestDescription is about what search engines show of one, in characters.
const longestDescription = 150

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if utf8.RuneCountInString(line) <= longestDescription {
		return line
	}
	return string([]rune(line)[:longestDescription-1]) + "…"
}
