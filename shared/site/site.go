// Package site knows the pages that people open in a browser: the guest's
// booking pages, with and without a script, the API's documentation, and the
// assets that they load. What a page offers, what may be booked, and every word
// about why not, come from elsewhere; once loaded, a page talks to the API alone.
package site

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/language"
	"yakusoku/shared/problem"
)

// Desk shows what there is. Its errors are package booking's.
type Desk interface {
	// Page returns a published page.
	Page(ctx context.Context, host, slug string) (booking.Offer, error)
	// Slots returns a published page and its open slots that start in [from, to),
	// from one read.
	Slots(ctx context.Context, host, slug string, from, to time.Time) (booking.Month, error)
	// View returns a booking to whoever holds its token.
	View(ctx context.Context, id, token string) (booking.Booking, error)
	// OwnSlots returns the open slots in [from, to) to which a booking can be moved
	// by whoever holds its token.
	OwnSlots(ctx context.Context, id, token string, from, to time.Time) (booking.Month, error)
}

// Site serves the pages.
type Site struct {
	desk   Desk
	assets assets
	host   Console
	now    func() time.Time
}

// New returns the site over the web build (functions/site/web/dist). It returns
// *NotBuilt if that is not there.
func New(web fs.FS, desk Desk, console Console, now func() time.Time) (*Site, error) {
	a, err := readAssets(web)
	if err != nil {
		return nil, err
	}
	return &Site{desk: desk, assets: a, host: console, now: now}, nil
}

// Handler serves the routes of package httpapi's Site function.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /b/{host}/{page}", s.bookingPage)
	mux.HandleFunc("GET /b/{host}/{page}/{booking}", s.own(noChange))
	mux.HandleFunc("GET /b/{host}/{page}/{booking}/cancel", s.own(toCancel))
	mux.HandleFunc("GET /b/{host}/{page}/{booking}/reschedule", s.own(toReschedule))
	mux.HandleFunc("GET /assets/{file...}", s.asset)
	mux.HandleFunc("GET /embed.js", s.embed)
	mux.HandleFunc("GET /console", s.console)
	mux.HandleFunc("GET /console/{path...}", s.console)
	mux.HandleFunc("GET /api/openapi.json", openAPI)
	mux.HandleFunc("GET /api/docs", s.apiDocs)
	mux.HandleFunc("GET /healthz", health)
	mux.HandleFunc("GET /{$}", s.landing)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		apologize(w, r, s.assets.guest, problem.NotFound)
	})
	return secured(mux)
}

// languageOf is the language to answer in: chosen on the page, else the
// browser's, else the page's, else the deployment's.
func languageOf(r *http.Request, pages language.Tag) language.Tag {
	switch chosen := language.Tag(r.URL.Query().Get("lang")); chosen {
	case language.Japanese, language.English:
		return chosen
	}
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		return language.Match(accept)
	}
	return cmp.Or(pages, language.Otherwise(language.Japanese))
}

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(`{"status":"ok"}`)) // the caller may have left
}

func openAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	write(w, r, http.StatusOK, httpapi.OpenAPI)
}

// fail answers an error that nobody foresaw.
func fail(w http.ResponseWriter, r *http.Request, b bundle, err error) {
	slog.ErrorContext(r.Context(), "page not served", "route", r.Pattern, "error", err)
	apologize(w, r, b, problem.Internal)
}
