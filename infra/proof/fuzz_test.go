package proof_test

import (
	"bytes"
	"fmt"
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
	programs := build(t, targets)
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
		t.Run(one.folder()+" "+one.name, func(t *testing.T) {
			t.Parallel() // so many at once as -parallel says, each of which has one worker
			n := one.fuzz(t, programs[one.pkg], long)
			total.Add(int64(n))
			t.Logf("%d executions", n)
		})
	}
}

// build builds each package's targets once, which all that are fuzzed would do anew side
// by side, and returns the programs.
func build(t *testing.T, targets []target) map[string]string {
	t.Helper()
	folder, programs := t.TempDir(), map[string]string{}
	for _, one := range targets {
		if programs[one.pkg] != "" {
			continue
		}
		programs[one.pkg] = filepath.Join(folder, fmt.Sprint(len(programs))+".test")
		cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-fuzz", ".", "-o", programs[one.pkg], one.pkg)
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", one.pkg, err, output)
		}
	}
	return programs
}

// fuzz returns how many inputs were tried.
func (one target) fuzz(t *testing.T, program, long string) int {
	t.Helper()
	// Making what is interesting small is worth little of the time: what fails is kept as
	// it is found.
	cmd := exec.CommandContext(t.Context(), program, "-test.run", "^$", "-test.fuzz", "^"+one.name+"$", "-test.fuzzcachedir", one.found(t),
		"-test.fuzztime", long, "-test.fuzzminimizetime", "10x", "-test.parallel", "1")
	cmd.Dir = filepath.Join("..", "..", one.folder())
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

func (one target) folder() string { return strings.TrimPrefix(one.pkg, "yakusoku/") }

// found is where `go test -fuzz` keeps what it finds interesting, too.
func (one target) found(t *testing.T) string {
	t.Helper()
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(cache)), "fuzz", filepath.FromSlash(one.pkg))
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
