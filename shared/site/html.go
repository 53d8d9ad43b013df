package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	"yakusoku/shared/brand"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
)

//go:embed html
var htmlFiles embed.FS

// templates are parsed when the first page is asked for, not while the function
// starts.
var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"input": func(w words, f any) map[string]any { return map[string]any{"Words": w, "Field": f} },
	}).ParseFS(htmlFiles, "html/*.html")
})

// document is one HTML page.
type document struct {
	Language    language.Tag
	Title       string
	Description string
	Private     bool // not for search engines
	Kept        bool // by a token: no browser keeps a copy
	Shared      bool // the same for everybody of a language: what stands in front keeps it for seconds
	Bundle      bundle
	Scripted    bool     // whether the bundle's script is loaded
	Data        any      // for the script, if any
	DataID      string   // of the element that holds it; "page-data" if left out
	Calls       []string // origins that the script calls besides ours
	Look        look
	Refresh     int // seconds after which a browser without scripts asks again; 0: never
	Words       words
	Body        any // for the template
}

// look is how a page shows whose it is, and who may show the page.
type look struct {
	Accent       template.CSS
	Logo         template.URL
	EmbedOrigins []string
}

// lookOf is a page's look. Its settings were validated when they were stored, and
// are once more, as they go into markup unescaped.
func lookOf(p page.Page) look {
	var l look
	if len(p.ValidateLook()) > 0 {
		return l
	}
	if p.Brand.AccentColor != "" {
		c := brand.Palette(p.Brand.AccentColor)
		l.Accent = template.CSS(fmt.Sprintf(":root{--accent:%s;--on-accent:%s;--wash:%s}"+ // #nosec G203 -- colours that were computed
			"@media (prefers-color-scheme:dark){:root{--accent:%s;--on-accent:%s;--wash:%s}}",
			c.Accent, c.OnAccent, c.Wash, c.AccentDark, c.OnAccentDark, c.WashDark))
	}
	l.Logo = template.URL(p.Brand.Logo) // #nosec G203 -- an image, validated above
	l.EmbedOrigins = p.EmbedOrigins
	return l
}

// styles are the inline ones, as they stand in the page.
func (d document) styles() []string {
	var all []string
	for _, s := range []template.CSS{d.Bundle.Inline, d.Look.Accent} {
		if s != "" {
			all = append(all, string(s))
		}
	}
	return all
}

// show answers with a page of html/.
func show(w http.ResponseWriter, r *http.Request, status int, name string, d document) {
	d.Words = wordsIn(d.Language)
	content, err := render(name, d)
	if err != nil {
		slog.ErrorContext(r.Context(), "page not rendered", "page", name, "error", err)
		http.Error(w, problem.New(d.Language, problem.Internal).Detail, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(d.Language))
	h.Set("Content-Security-Policy", policy(d.styles(), d.Calls, d.Look.EmbedOrigins))
	h.Set("Cache-Control", d.keep())
	h.Add("Vary", "Accept-Language")
	write(w, r, status, content)
}

// keep is how long who may keep the page. Browsers ask for each anew: who comes back
// to a page wants its open times as they are.
func (d document) keep() string {
	switch {
	case d.Kept:
		return "no-store"
	case d.Shared:
		return "public, max-age=0, s-maxage=5"
	}
	return "private, no-cache"
}

func render(name string, d document) ([]byte, error) {
	t, err := templates()
	if err != nil {
		return nil, fmt.Errorf("parse the pages: %w", err)
	}
	var content bytes.Buffer
	if err := t.ExecuteTemplate(&content, name, d); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return content.Bytes(), nil
}

// apologize answers with a page that says why there is nothing to show.
func apologize(w http.ResponseWriter, r *http.Request, b bundle, code problem.Code) {
	l := languageOf(r, "")
	p := problem.New(l, code)
	show(w, r, p.Status, "apology.html", document{Language: l, Title: p.Title, Private: true, Bundle: b, Body: p})
}

func (s *Site) landing(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r, "")
	said := wordsIn(l)
	show(w, r, http.StatusOK, "landing.html", document{Language: l, Title: "Yakusoku", Description: said.Promise, Bundle: s.assets.guest, Shared: true})
}

func (s *Site) apiDocs(w http.ResponseWriter, r *http.Request) {
	show(w, r, http.StatusOK, "docs.html", document{Language: language.English, Title: "Yakusoku API", Bundle: s.assets.docs, Scripted: true, Shared: true})
}
