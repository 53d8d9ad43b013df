package site

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
)

// ownCookie holds the token of one booking, at that booking's own address, for a
// browser without scripts, which cannot read it from the link. Its prefix makes browsers
// refuse it from an origin without TLS (RFC 6265bis, 4.1.3.1).
const ownCookie = "__Secure-booking"

// keepOwn is how long that browser can come back without the link in its mail.
const keepOwn = 24 * time.Hour

// ownData is what the script of a guest's own booking starts with.
type ownData struct {
	Token  string       `json:"token,omitempty"`  // where the browser has it in a cookie
	Locale language.Tag `json:"locale,omitempty"` // of the page: the language of what its host wrote
}

// ownBody is a booking as a browser without scripts shows it, and what of it is to
// be changed.
type ownBody struct {
	picker
	Alert    string
	Shown    *httpapi.BookingView
	When     string
	Before   string // where it stood, if it was moved
	To       string // where it is to stand, while it is moved
	NotMoved string // why the guest's own move did not come about
	Until    string // to when the guest may change it
	Over     bool   // whether that is past
	Own      string // its own page
	Offer    string // the booking page
	Language language.Tag
	Cancel   *cancelForm
	Move     *moveForm
	Choose   bool // the picker is of times to move it to
}

// own serves a guest's own booking, or a change of it. Its token stays in the
// browser, so what is read here is the page that it was made on, for its look; the
// booking outlives that page.
func (s *Site) own(what change) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, slug, id := r.PathValue("host"), r.PathValue("page"), r.PathValue("booking")
		offer, err := s.desk.Page(r.Context(), host, slug)
		if err != nil {
			slog.InfoContext(r.Context(), "a booking is shown without its page", "error", err)
		}
		data := ownData{Locale: offer.Page.Language}
		d := ownDocument(r, offer, s.assets.guest)
		d.Scripted = true
		body := newOwnBody(r, d.Language)
		if cookie, err := r.Cookie(ownCookie); err == nil {
			b, err := s.desk.View(r.Context(), id, cookie.Value)
			if err == nil {
				data.Token, d.Kept = cookie.Value, true
				err = body.fill(b, s.now())
			}
			if err == nil {
				err = body.offer(r.Context(), s.desk, b, asked{what: what, token: cookie.Value, query: r.URL.Query()}, s.now())
			}
			if err != nil {
				slog.WarnContext(r.Context(), "booking not shown without a script", "error", err)
			}
			if b.Status == booking.Pending || b.Moving() {
				d.Refresh = 3
			}
		}
		d.Data, d.Body = data, body
		show(w, r, http.StatusOK, "booking.html", d)
	}
}

func ownDocument(r *http.Request, offer booking.Offer, b bundle) document {
	l := languageOf(r, offer.Page.Language)
	return document{Language: l, Title: wordsIn(l).Booking, Private: true, Bundle: b, Look: lookOf(offer.Page)}
}

func newOwnBody(r *http.Request, l language.Tag) *ownBody {
	offer := pagePath(r.PathValue("host"), r.PathValue("page"))
	return &ownBody{Offer: offer, Own: offer + "/" + url.PathEscape(r.PathValue("booking")), Language: l}
}

func (o *ownBody) fill(b booking.Booking, now time.Time) error {
	shown, err := httpapi.ViewOf(b, o.Language, now)
	if err != nil {
		return err
	}
	in, err := wayOf(o.Language, "", b.Guest.TimeZone)
	if err != nil {
		return err
	}
	o.Shown, o.When = &shown, in.span(b.Start, b.End)
	if until := b.ChangeUntil(); !until.IsZero() && b.Status == booking.Confirmed && now.Before(b.End) {
		o.Until, o.Over = in.moment(until), !shown.CanCancel && !shown.CanReschedule
	}
	switch m := b.Move; {
	case shown.Move != nil:
		o.To = in.span(m.To.Start, m.To.End)
	case shown.Moved != nil && m.Elsewhere():
		o.Before = in.span(m.From.Start, m.From.End)
	case shown.MoveFailed != nil && m.By == booking.ByGuest:
		o.NotMoved = shown.MoveFailed.ReasonDetail
	}
	return nil
}

// toOwn leads a browser without scripts to the booking that it has just made.
func toOwn(w http.ResponseWriter, r *http.Request, id, token string) {
	path := pagePath(r.PathValue("host"), r.PathValue("page")) + "/" + id
	http.SetCookie(w, &http.Cookie{
		Name: ownCookie, Value: token, Path: path, MaxAge: int(keepOwn / time.Second),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, // browsers trust the local run's address
	})
	http.Redirect(w, r, path+"?lang="+string(languageOf(r, "")), http.StatusSeeOther) // #nosec G710 -- a path of ours, each part escaped
}
