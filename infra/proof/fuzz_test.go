package proof_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"yakusoku/infra/proof"
)

// fuzzTime is the variable that says for how long each target is fuzzed; without it
// none is, beyond its kept corpus, which every test run tries.
const fuzzTime = "FUZZ_TIME"

// target is a fuzz target of a package.
type target struct{ pkg, name string }

// executions is in each line of progress of `go test -fuzz`; the last says all.
var executions = regexp.MustCompile(`execs: (\d+)`)

func TestNothingIsFoundByFuzzingEveryDecoder(t *testing.T) {
	long := os.Getenv(fuzzTime)
	if long == "" {
		t.Skip("make fuzz")
	}
	targets := list(t)
	var total atomic.Int64
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		proof.Figure(t, "fuzz.targets", len(targets))
		proof.Figure(t, "fuzz.executions", int(total.Load()))
		proof.Figure(t, "fuzz.each", long)
	})
	for _, one := range targets {
		t.Run(strings.TrimPrefix(one.pkg, "yakusoku/")+" "+one.name, func(t *testing.T) {
			t.Parallel() // so many at once as -parallel says, each of which has one worker
			n := one.fuzz(t, long)
			total.Add(int64(n))
			t.Logf("%d executions", n)
		})
	}
}

// fuzz returns how many inputs were tried.
func (one target) fuzz(t *testing.T, long string) int {
	t.Helper()
	// Making what is interesting small is worth little of the time: what fails is kept as
	// it is found.
	cmd := exec.CommandContext(t.Context(), "go", "test", one.pkg, "-run", "^$", "-fuzz", "^"+one.name+"$",
		"-fuzztime", long, "-fuzzminimizetime", "10x", "-parallel", "1")
	output, err := cmd.CombinedOutput()
	all := executions.FindAllSubmatch(output, -1)
	if err != nil && !cutShort(output) || len(all) == 0 {
		t.Fatalf("%v\n%s", err, output)
	}
	n, err := strconv.Atoi(string(all[len(all)-1][1]))
	if err != nil || n == 0 {
		t.Fatalf("nothing was tried: %v\n%s", err, output)
	}
	return n
}

// cutShort reports whether all that failed is that the time was over while a worker was
// at it: until Go 1.27 that may be told as an error (go.dev/issue/75804). What fails
// leaves its input behind.
func cutShort(output []byte) bool {
	return bytes.Contains(output, []byte("\n    context deadline exceeded\n")) && !bytes.Contains(output, []byte("Failing input written to"))
}

// list is every target of the module.
func list(t *testing.T) (targets []target) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-list", "^Fuzz"}, packages(t)...)...)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the targets: %v\n%s", err, output)
	}
	var names []string
	for line := range bytes.Lines(output) {
		fields := strings.Fields(string(line))
		switch {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			names = append(names, fields[0])
		case len(fields) > 1 && fields[0] == "ok":
			for _, name := range names {
				targets = append(targets, target{fields[1], name})
			}
			names = nil
		}
	}
	if len(targets) == 0 || len(names) > 0 {
		t.Fatalf("%d targets, and %v of no package:\n%s", len(targets), names, output)
	}
	return targets
}

// packages are those whose tests declare a target: to list those of the others would
// run what they need before a test.
func packages(t *testing.T) (all []string) {
	t.Helper()
	walk(t, func(path string) error {
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		if pkg := "./" + filepath.Dir(path); err == nil && bytes.Contains(content, []byte("\nfunc Fuzz")) && !slices.Contains(all, pkg) {
			all = append(all, pkg)
		}
		return err
	})
	if len(all) == 0 {
		t.Fatal("no package has a target")
	}
	return all
}
