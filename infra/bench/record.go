package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"yakusoku/infra/meter"
)

// Record is one run of the benchmarks, as it is kept.
type Record struct {
	Began   time.Time
	Commit  string
	Machine string
	Figures []Figure
	// Profiles are of starts, for the page.
	Profiles []meter.Profile `json:",omitempty"`
}

// keep writes the record into the folder, named by its time.
func (r Record) keep(folder string) (string, error) {
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	file := filepath.Join(folder, r.Began.UTC().Format("20060102T150405Z")+".json")
	return file, os.WriteFile(file, append(content, '\n'), 0o600)
}

// last is the record that was kept last; an empty one if there is none.
func last(folder string) (Record, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		return Record{}, err
	}
	var r Record
	return r, read(slices.Max(files), &r)
}

// readBaseline reads the baseline; there is none before the first is accepted.
func readBaseline(file string) (Baseline, error) {
	b := Baseline{}
	err := read(file, &b)
	if errors.Is(err, fs.ErrNotExist) {
		return Baseline{}, nil
	}
	return b, err
}

func (b Baseline) write(file string) error {
	content, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o644) //nolint:gosec // it is committed, for everybody to read
}

func read(file string, into any) error {
	content, err := os.ReadFile(file) // #nosec G304 -- named by who calls
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}
