package mail

import (
	"embed"
	htmltemplate "html/template"
	"strings"
	"sync"
	texttemplate "text/template"
)

//go:embed templates
var templates embed.FS

// layouts are parsed at the first mail, so that functions that send none do not
// wait for them.
var layouts = sync.OnceValues(func() (*layout, error) {
	text, err := texttemplate.ParseFS(templates, "templates/letter.txt")
	if err != nil {
		return nil, err
	}
	html, err := htmltemplate.ParseFS(templates, "templates/letter.html")
	return &layout{text, html}, err
})

type layout struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// render lays the letter out as plain text and as HTML.
func (l letter) render() (text, html string, err error) {
	layout, err := layouts()
	if err != nil {
		return "", "", err
	}
	var t, h strings.Builder
	if err := layout.text.Execute(&t, l); err != nil {
		return "", "", err
	}
	if err := layout.html.Execute(&h, l); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}

// What the layouts ask of a letter.

func (l letter) Lang() string             { return string(l.tag) }
func (l letter) Heading(s string) string  { return l.heading(s) }
func (l letter) Sentence(s string) string { return l.sentence(s) }

// Field is a labelled value in plain text. A value of several lines is set in,
// so that no line of it can pass for one of ours.
func (l letter) Field(label string, value passage) string {
	if len(value.Lines()) == 1 {
		return l.field(label, string(value))
	}
	return strings.TrimRight(l.field(label, ""), " ") + "\n" + value.Indented()
}

// passage is a text of one or more lines.
type passage string

func (p passage) Lines() []string { return strings.Split(string(p), "\n") }

// Indented sets the lines in.
func (p passage) Indented() string {
	lines := p.Lines()
	for i, l := range lines {
		if l != "" {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}
