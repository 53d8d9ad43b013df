package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// rounds is how often each benchmark takes its turn.
const rounds = 30

// availability measures the open slots of sixty days with a thousand busy times, in turns
// with work of another kind.
func availability(ctx context.Context, root, folder string) ([]Figure, error) {
	binary := filepath.Join(folder, "availability.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, "./shared/availability") // #nosec G204 -- our own
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the benchmarks: %w: %s", err, said)
	}
	measured := map[string][]result{}
	for range rounds {
		run := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.benchtime", "30ms", "-test.benchmem", // #nosec G204 -- our own
			"-test.bench", "^BenchmarkReference$|^BenchmarkOpen60Days1000Busy$/^Tokyo$")
		run.Dir = filepath.Join(root, "shared", "availability")
		said, err := run.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("run the benchmarks: %w: %s", err, said)
		}
		for name, r := range results(said) {
			measured[name] = append(measured[name], r)
		}
	}
	const open, reference = "Open60Days1000Busy/Tokyo", "Reference"
	if len(measured[open]) < rounds || len(measured[reference]) < rounds {
		return nil, fmt.Errorf("only %v was measured", measured)
	}
	// The quickest round of each is the one that was disturbed least.
	least := func(all []result) result {
		return slices.MinFunc(all, func(a, b result) int { return int(a.ns - b.ns) })
	}
	best := least(measured[open])
	return []Figure{
		timed("availability.open", best.ns/1000, "µs", 50),
		ratio("availability.open.ratio", best.ns/least(measured[reference]).ns),
		count("availability.open.allocations", best.allocations, "", 0),
	}, nil
}

// result is one line of a benchmark.
type result struct{ ns, allocations float64 }

var benchmark = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?([\d.]+) allocs/op`)

func results(said []byte) map[string]result {
	all := map[string]result{}
	for _, line := range benchmark.FindAllSubmatch(said, -1) {
		ns, _ := strconv.ParseFloat(string(line[2]), 64) // digits, as matched
		allocations, _ := strconv.ParseFloat(string(line[3]), 64)
		all[string(line[1])] = result{ns, allocations}
	}
	return all
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
