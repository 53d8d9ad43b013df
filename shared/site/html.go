package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	"yakusoku/shared/language"
	"yakusoku/shared/problem"
)

//go:embed html
var htmlFiles embed.FS

// templates are parsed when the first page is asked for, not while the function
// starts.
var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(htmlFiles, "html/*.html")
})

// document is one HTML page.
type document struct {
	Language    language.Tag
	Title       string
	Description string
	Private     bool // not for search engines
	Bundle      bundle
	Scripted    bool      // whether the bundle's script is loaded
	Data        *pageData // for the script, if any
	Words       words
	Body        any // for the template
}

// show answers with a page of html/.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, name string, d document) {
	d.Words = wordsIn(d.Language)
	page, err := render(name, d)
	if err != nil {
		slog.ErrorContext(r.Context(), "page not rendered", "page", name, "error", err)
		http.Error(w, problem.New(d.Language, problem.Internal).Detail, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(d.Language))
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Language")
	write(w, r, status, page)
}

func render(name string, d document) ([]byte, error) {
	t, err := templates()
	if err != nil {
		return nil, fmt.Errorf("parse the pages: %w", err)
	}
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, name, d); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return page.Bytes(), nil
}

// apology is a page that says why there is nothing to show.
func (s *Site) apology(w http.ResponseWriter, r *http.Request, code problem.Code) {
	l := languageOf(r, language.Japanese)
	p := problem.New(l, code)
	s.show(w, r, p.Status, "apology.html", document{Language: l, Title: p.Title, Private: true, Bundle: s.assets.guest, Body: p})
}

func (s *Site) landing(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r, language.Japanese)
	said := wordsIn(l)
	s.show(w, r, http.StatusOK, "landing.html", document{Language: l, Title: "Yakusoku", Description: said.Promise, Bundle: s.assets.guest})
}

func (s *Site) apiDocs(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "docs.html", document{Language: language.English, Title: "Yakusoku API", Bundle: s.assets.docs, Scripted: true})
}
