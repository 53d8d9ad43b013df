package site

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// ownCookie holds the token of one booking, at that booking's own address, for a
// browser without scripts, which cannot read it from the link.
const ownCookie = "booking"

// keepOwn is how long that browser can come back without the link in its mail.
const keepOwn = 24 * time.Hour

// ownData is what the script of a guest's own booking starts with.
type ownData struct {
	Token  string       `json:"token,omitempty"`  // where the browser has it in a cookie
	Locale language.Tag `json:"locale,omitempty"` // of the page: the language of what its host wrote
}

// ownBody is a booking as a browser without scripts shows it.
type ownBody struct {
	Shown *httpapi.BookingView
	When  string
	Back  string // to the booking page
}

// booking serves a guest's own booking. Its token stays in the browser, so what
// is read here is the page that it was made on, for its look; the booking
// outlives that page.
func (s *Site) booking(w http.ResponseWriter, r *http.Request) {
	host, slug, id := r.PathValue("host"), r.PathValue("page"), r.PathValue("booking")
	offer, err := s.desk.Page(r.Context(), host, slug)
	if err != nil {
		slog.InfoContext(r.Context(), "a booking is shown without its page", "error", err)
	}
	data := ownData{Locale: offer.Page.Language}
	l := languageOf(r, cmp.Or(offer.Page.Language, language.Japanese))
	d := document{
		Language: l, Title: wordsIn(l).Booking, Private: true, Bundle: s.assets.guest, Scripted: true,
		Look: lookOf(offer.Page),
	}
	body := ownBody{Back: pagePath(host, slug)}
	if cookie, err := r.Cookie(ownCookie); err == nil {
		b, err := s.desk.View(r.Context(), id, cookie.Value)
		if err == nil {
			data.Token = cookie.Value
			err = body.fill(b, l)
		}
		if err != nil {
			slog.WarnContext(r.Context(), "booking not shown without a script", "error", err)
		}
		if b.Status == booking.Pending {
			d.Refresh = 3
		}
	}
	d.Data, d.Body = data, body
	show(w, r, http.StatusOK, "booking.html", d)
}

func (o *ownBody) fill(b booking.Booking, l language.Tag) error {
	shown, err := httpapi.ViewOf(b, l)
	if err != nil {
		return err
	}
	in, err := zone.Load(b.Guest.TimeZone)
	if err != nil {
		return err
	}
	o.Shown, o.When = &shown, way{Language: l, Zone: in}.span(b.Start, b.End)
	return nil
}

// toOwn leads a browser without scripts to the booking that it has just made.
func toOwn(w http.ResponseWriter, r *http.Request, id, token string) {
	path := pagePath(r.PathValue("host"), r.PathValue("page")) + "/" + id
	http.SetCookie(w, &http.Cookie{
		Name: ownCookie, Value: token, Path: path, MaxAge: int(keepOwn / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
		// The local run is the one place without TLS.
		Secure: r.Header.Get("X-Forwarded-Proto") != "http",
	})
	http.Redirect(w, r, path+"?lang="+string(languageOf(r, language.Japanese)), http.StatusSeeOther)
}
