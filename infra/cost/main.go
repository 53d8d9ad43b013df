// Command cost writes infra/COST.md and its short form in README.md: what bookings cost
// on AWS, computed from what package meter measures of the built binaries, from the
// templates of `cdk synth`, and from a price list. What is neither measured nor listed
// is a flag, and on the page.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"yakusoku/infra/meter"
	"yakusoku/infra/printed"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "the page of costs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	set := flag.NewFlagSet("cost", flag.ContinueOnError)
	templates := set.String("templates", ".build/cost", "folder of what `cdk synth` wrote")
	pageFile := set.String("page", "infra/COST.md", "file of the page")
	readme := set.String("readme", "README.md", "file that has the page's short form")
	rules := set.Int("planned-rules", 4, "rules of a web ACL to count, with CloudFront, if the templates have neither yet; 0: none")
	turns := set.Int("turns", 20, "starts of each function")
	m := Model{Assumptions: usual()}
	m.flags(set)
	if err := set.Parse(arguments); err != nil {
		return err
	}
	var err error
	if m.List, err = readList(priceFile); err != nil {
		return err
	}
	if m.Deployment, err = readDeployment(*templates); err != nil {
		return err
	}
	planned := !m.Deployment.Edge && *rules > 0
	if planned {
		m.Deployment.Month["waf.acl"], m.Deployment.Month["waf.rule"] = 1, float64(*rules)
	}
	m.Edge = m.Deployment.Edge || planned
	if err := m.measure(ctx, *turns); err != nil {
		return err
	}
	at, err := printed.Commit(ctx)
	if err != nil {
		return err
	}
	if err := m.tight(); err != nil {
		return err
	}
	p, err := fill(m, planned, at)
	if err != nil {
		return err
	}
	text, err := render(p)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*pageFile, text, 0o644); err != nil { //nolint:gosec // a page of the repository, for everybody to read
		return err
	}
	fmt.Println(p.Verdict)
	return replaceShort(*readme, p.Short)
}

// measure fills in what is measured.
func (m *Model) measure(ctx context.Context, turns int) error {
	folder, err := os.MkdirTemp("", "yakusoku-cost-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	starts, err := meter.Starts(ctx, ".", folder, turns)
	if err != nil {
		return err
	}
	m.Inits = map[string]meter.Init{}
	for name, all := range starts {
		m.Inits[name] = meter.Median(all)
	}
	r, err := meter.Start(ctx, ".", folder)
	if err != nil {
		return err
	}
	defer r.Stop()
	m.Sheet, err = r.MeasureAll(ctx, func(d meter.Doing) { fmt.Println("measuring:", d) })
	return err
}

// Between these in README.md stands the page's short form.
const (
	opening = "<!-- what `make cost` writes -->\n"
	closing = "<!-- so far -->\n"
)

func replaceShort(file, short string) error {
	content, err := os.ReadFile(file) // #nosec G304 -- named by who calls
	if err != nil {
		return err
	}
	before, rest, opened := bytes.Cut(content, []byte(opening))
	_, after, closed := bytes.Cut(rest, []byte(closing))
	if !opened || !closed {
		return errors.New(file + " has no place for the short form")
	}
	whole := bytes.Join([][]byte{before, []byte(opening), []byte(short), []byte(closing), after}, nil)
	return os.WriteFile(file, whole, 0o644) //nolint:gosec // a page of the repository, for everybody to read
}
