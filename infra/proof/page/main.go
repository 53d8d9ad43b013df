// Command page writes infra/PROOF.md: what is promised, how that is shown, and the
// figures of the last `make prove`. Every figure that the page names must have been
// found, and every one that was found must be named.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"text/template"
	"time"

	"yakusoku/infra/printed"
	"yakusoku/infra/proof"
)

//go:embed PROOF.md.tmpl
var layout string

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: page FIGURES PAGE")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "the page of proofs:", err)
		os.Exit(1)
	}
}

func write(folder, page string) error {
	figures, err := proof.Figures(folder)
	if err != nil {
		return err
	}
	text, err := render(layout, figures)
	if err != nil {
		return err
	}
	return os.WriteFile(page, text, 0o644) //nolint:gosec // a page of the repository, for everybody to read
}

// render fills the layout in. What the machine was is a figure too.
func render(layout string, figures map[string]any) ([]byte, error) {
	unused := maps.Clone(figures)
	var missing []string
	find := func(name string) any {
		value, ok := figures[name]
		if !ok {
			missing = append(missing, name)
		}
		delete(unused, name)
		return value
	}
	functions := template.FuncMap{
		"figure": func(name string) string { return shown(find(name)) },
		"sum": func(names ...string) string {
			total := 0.0
			for _, name := range names {
				n, _ := find(name).(float64)
				total += n
			}
			return shown(total)
		},
		"list":    func(all ...string) []string { return all },
		"machine": printed.Machine,
		"today":   func() string { return time.Now().UTC().Format(time.DateOnly) },
		"commit":  func() (string, error) { return printed.Commit(context.Background()) },
	}
	t, err := template.New("page").Funcs(functions).Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, nil); err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("nobody has found %s", strings.Join(missing, ", "))
	}
	if len(unused) > 0 {
		return nil, fmt.Errorf("the page does not name %s", strings.Join(slices.Sorted(maps.Keys(unused)), ", "))
	}
	return out.Bytes(), nil
}

// shown is the value as people read it: 12,345.
func shown(value any) string {
	n, ok := value.(float64)
	if !ok || n != math.Trunc(n) {
		return fmt.Sprint(value)
	}
	return printed.Whole(n)
}
