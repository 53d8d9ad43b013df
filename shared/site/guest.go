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
	"yakusoku/shared/language"
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

// bookingPage serves a page and its first month of slots in one answer.
func (s *Site) bookingPage(w http.ResponseWriter, r *http.Request) {
	now := s.now()
	// A day more than is inlined, so that the last one is whole in every zone.
	month, err := s.offers.Slots(r.Context(), r.PathValue("host"), r.PathValue("page"), now, now.AddDate(0, 0, daysInlined+1))
	if _, missing := errors.AsType[*booking.PageNotFound](err); missing {
		s.apology(w, r, problem.PageNotFound)
		return
	}
	if err != nil {
		s.fail(w, r, fmt.Errorf("read a booking page: %w", err))
		return
	}
	d := document{
		Language:    languageOf(r, month.Page.Language),
		Title:       month.Page.Title + " – " + month.Host.Name,
		Description: firstLine(month.Page.Description),
		Bundle:      s.assets.guest,
		Body:        month.Offer,
	}
	if !month.Accepting {
		s.closed(w, r, d, month.Offer)
		return
	}
	if d.Data, err = dataOf(month, now); err != nil {
		s.fail(w, r, err)
		return
	}
	d.Scripted = true
	s.show(w, r, http.StatusOK, "page.html", d)
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
func (s *Site) closed(w http.ResponseWriter, r *http.Request, d document, o booking.Offer) {
	why := problem.New(d.Language, problem.NotAccepting)
	d.Private = true
	d.Body = struct {
		booking.Offer
		Problem *problem.Problem
	}{o, why}
	s.show(w, r, why.Status, "closed.html", d)
}

// booking serves the frame of a guest's own booking. It reads nothing: the token
// that shows the booking stays in the browser, and the booking outlives its page.
func (s *Site) booking(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r, language.Japanese)
	s.show(w, r, http.StatusOK, "booking.html", document{
		Language: l, Title: wordsIn(l).Booking, Private: true, Bundle: s.assets.guest, Scripted: true,
	})
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
