package function_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
)

// root is the repository, seen from this package.
var root = filepath.Join("..", "..")

func TestEveryFunctionIsListedOnce(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, main := range mains {
		want = append(want, filepath.Base(filepath.Dir(main)))
	}
	for _, f := range function.All() {
		got = append(got, f.Name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions (-folders +list):\n%s", diff)
	}
}

var unset = regexp.MustCompile(`([A-Z_]+): not set`)

func TestAFunctionAsksInOneLineForWhatItsEntryRequires(t *testing.T) {
	for _, f := range function.All() {
		t.Run(f.Name, func(t *testing.T) {
			binary, err := filepath.Abs(filepath.Join(root, ".build", f.Name, "bootstrap"))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), binary)
			cmd.Env = []string{"AWS_REGION=us-east-1"}
			output, err := cmd.CombinedOutput()
			if !errors.As(err, new(*exec.ExitError)) {
				t.Fatalf("it ended with %v (run `make build` first)", err)
			}
			if lines := strings.Count(string(output), "\n"); lines != 1 {
				t.Errorf("it said %d lines:\n%s", lines, output)
			}
			var got []string
			for _, match := range unset.FindAllStringSubmatch(string(output), -1) {
				got = append(got, match[1])
			}
			want := slices.Sorted(slices.Values(f.Requires))
			if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("required variables (-entry +function):\n%s", diff)
			}
		})
	}
}

// definition is what this test needs of a state machine.
type definition struct {
	States map[string]struct {
		Type           string
		Resource       string
		TimeoutSeconds int
	}
}

func TestEveryTaskOutlastsTheFunctionThatItCalls(t *testing.T) {
	byPlaceholder := make(map[string]function.Function)
	for _, f := range function.All() {
		byPlaceholder["${"+f.Placeholder()+"}"] = f
	}
	files, err := filepath.Glob(filepath.Join(root, "infra", "workflows", "*.asl.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there is no state machine")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d definition
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for name, state := range d.States {
			if state.Type != "Task" {
				continue
			}
			f, ok := byPlaceholder[state.Resource]
			if !ok {
				t.Errorf("%s: %s calls %s, which is no function", filepath.Base(file), name, state.Resource)
				continue
			}
			if limit := time.Duration(state.TimeoutSeconds) * time.Second; limit <= f.Timeout {
				t.Errorf("%s: %s ends after %s, before %s does after %s", filepath.Base(file), name, limit, f.Name, f.Timeout)
			}
		}
	}
}
