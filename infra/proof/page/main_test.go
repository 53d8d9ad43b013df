package main

import (
	"strings"
	"testing"
)

func TestThePageNamesWhatWasFoundAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		layout  string
		figures map[string]any
		want    string // part of the page, or of the error
	}{
		"a number":           {`{{figure "a.b"}} cases`, map[string]any{"a.b": 1234567.0}, "1,234,567 cases"},
		"a negative one":     {`{{figure "a.b"}}`, map[string]any{"a.b": -1234.0}, "-1,234"},
		"a small one":        {`{{figure "a.b"}}`, map[string]any{"a.b": 999.0}, "999"},
		"a fraction":         {`{{figure "a.b"}}`, map[string]any{"a.b": 1.5}, "1.5"},
		"a text":             {`{{figure "a.b"}}`, map[string]any{"a.b": "12 ms"}, "12 ms"},
		"a sum":              {`{{sum "a.b" "a.c"}}`, map[string]any{"a.b": 1000.0, "a.c": 24.0}, "1,024"},
		"each of some":       {`{{range list "b" "c"}}{{figure (print "a." .)}};{{end}}`, map[string]any{"a.b": 1.0, "a.c": 2.0}, "1;2;"},
		"one that is not":    {`{{figure "a.b"}}`, nil, "nobody has found a.b"},
		"one that is unused": {`x`, map[string]any{"a.b": 1.0}, "does not name a.b"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := render(c.layout, c.figures)
			got := string(page)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
