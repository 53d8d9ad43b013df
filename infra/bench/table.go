package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table shows the figures beside their targets, the baseline, and the run before.
func table(w io.Writer, figures []Figure, baseline Baseline, before []Figure) error {
	earlier := map[string]float64{}
	for _, f := range before {
		earlier[f.Name] = f.Value
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "figure\tvalue\t\ttarget\t\tbaseline\tchange\tlast run\t")
	group := ""
	for _, f := range figures {
		if of, _, _ := strings.Cut(f.Name, "."); of != group {
			group = of
			fmt.Fprintln(out, "\t\t\t\t\t\t\t\t")
		}
		target, was, change, lately := "", "", "", ""
		if f.Target > 0 {
			target = "≤ " + shown(f.Target)
		}
		if by, ok := baseline.grown(f); ok {
			was, change = shown(baseline[f.Name]), fmt.Sprintf("%+.0f %%", 100*by)
		}
		if v, ok := earlier[f.Name]; ok {
			lately = shown(v)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", f.Name, shown(f.Value), f.Unit, target, f.met(), was, change, lately)
	}
	return out.Flush()
}
