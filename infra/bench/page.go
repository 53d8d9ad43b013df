package main

import (
	"bytes"
	_ "embed"
	"os"
	"text/template"
	"time"

	"yakusoku/infra/meter"
)

//go:embed BENCH.md.tmpl
var layout string

// writePage writes what was accepted for people to read.
func (r Record) writePage(file string) error {
	text, err := r.render()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644) //nolint:gosec // a page of the repository, for everybody to read
}

func (r Record) render() ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"shown": shown, "met": Figure.met,
		"ms":   func(d time.Duration) string { return shown(milliseconds(d)) },
		"most": func(all []meter.Package) []meter.Package { return all[:min(4, len(all))] },
		"rest": func(p meter.Profile) time.Duration { return p.Took - p.Initialized() },
	}).Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		Record
		Today string
	}{r, r.Began.UTC().Format(time.DateOnly)})
	return out.Bytes(), err
}
