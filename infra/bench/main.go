// Command bench measures what DESIGN §9 sets targets for and shows it as a table, beside
// the targets, the baseline in the repository, and the run before. It fails where
// something that does not depend on the machine has grown: counts, and ratios of what was
// measured in turns. Each run is kept.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yakusoku/infra/printed"
)

// measurement is of figures that are measured together.
type measurement struct {
	name    string
	measure func(ctx context.Context, root, folder string) ([]Figure, error)
}

var measurements = []measurement{
	{"availability", availability},
	{"init", starts},
	{"consumed", consumed},
	{"confirmed", confirmations},
	{"load", load},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	file := set.String("baseline", "infra/bench/baseline.json", "file of what was accepted")
	kept := set.String("kept", ".local/bench", "folder of the runs")
	page := set.String("page", "infra/BENCH.md", "file of the page of what was accepted")
	accept := set.Bool("accept", false, "make this run the baseline, and write the page")
	only := set.String("only", "", "measure these alone, separated by commas")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if *accept && *only != "" {
		return errors.New("only a whole run can be accepted")
	}
	baseline, err := readBaseline(*file)
	if err != nil {
		return err
	}
	before, err := last(*kept)
	if err != nil {
		return err
	}
	at, err := printed.Commit(ctx)
	if err != nil {
		return err
	}
	now := Record{Began: time.Now(), Commit: at, Machine: printed.Machine()}
	for _, m := range measurements {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", m.name)
		figures, err := m.twice(ctx, baseline)
		if err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
		now.Figures = append(now.Figures, figures...)
	}
	if err := table(os.Stdout, now.Figures, baseline, before.Figures); err != nil {
		return err
	}
	stored, err := now.keep(*kept)
	if err != nil {
		return err
	}
	fmt.Printf("\nKept as %s. What has no baseline is the machine's as much as ours.\n", stored)
	if *accept {
		if err := now.profile(ctx); err != nil {
			return fmt.Errorf("profile starts: %w", err)
		}
		return errors.Join(of(now.Figures).write(*file), now.writePage(*page))
	}
	if *only != "" {
		baseline = baseline.of(now.Figures)
	}
	if grown := baseline.regressions(now.Figures); len(grown) > 0 {
		return errors.New("what may not grow has grown:\n  " + strings.Join(grown, "\n  ") +
			"\n(what is meant is accepted by `make bench BENCH=-accept`)")
	}
	return nil
}

// twice measures, and once more if something seems to have grown: what was so once may
// have been the machine's doing. The lesser counts.
func (m measurement) twice(ctx context.Context, baseline Baseline) ([]Figure, error) {
	figures, err := m.once(ctx)
	if err != nil || len(baseline.of(figures).regressions(figures)) == 0 {
		return figures, err
	}
	again, err := m.once(ctx)
	if err != nil {
		return nil, err
	}
	for i, f := range figures {
		if j := slices.IndexFunc(again, func(g Figure) bool { return g.Name == f.Name }); j >= 0 {
			figures[i].Value = min(f.Value, again[j].Value)
		}
	}
	return figures, nil
}

func (m measurement) once(ctx context.Context) (figures []Figure, err error) {
	err = inFolder(func(root, folder string) error {
		figures, err = m.measure(ctx, root, folder)
		return err
	})
	return figures, err
}

// inFolder does what needs the repository's root and an empty folder.
func inFolder(do func(root, folder string) error) error {
	folder, err := os.MkdirTemp("", "yakusoku-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	return do(root, folder)
}

// of is that part of the baseline that is about the figures.
func (b Baseline) of(figures []Figure) Baseline {
	part := Baseline{}
	for _, f := range figures {
		if v, ok := b[f.Name]; ok {
			part[f.Name] = v
		}
	}
	return part
}
