package workflow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/promise/workflow"
)

const machine = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F}", "Parameters": {"step": "do", "error.$": "$.failure.Error"},
	"ResultPath": null, "Retry": [{"ErrorEquals": ["Refused"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}],
	"Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failure", "Next": "A"}], "End": true}}}`

func read(t *testing.T, text string) (map[string]workflow.Definition, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "m.asl.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return workflow.Read(folder)
}

func TestAMachineThatNoInterpreterKnowsIsNotRead(t *testing.T) {
	for name, change := range map[string][2]string{
		"a type":               {`"Type": "Task"`, `"Type": "Parallel"`},
		"a field":              {`"End": true`, `"End": true, "OutputPath": "$"`},
		"a result":             {`"ResultPath": null`, `"ResultPath": "$.a"`},
		"a field of a retrier": {`"MaxAttempts": 0`, `"MaxAttempts": 0, "Random": true`},
		"two ends":             {`"End": true`, `"End": true, "Next": "A"`},
		"no end":               {`, "End": true`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(machine, change[0], change[1], 1)
			if changed == machine {
				t.Fatal("nothing changed")
			}
			if _, err := read(t, changed); err == nil {
				t.Error("it was read")
			}
		})
	}
}

func TestAFailureMeetsTheFirstRuleForIt(t *testing.T) {
	all, err := read(t, machine)
	if err != nil {
		t.Fatal(err)
	}
	a := all["m"].States["A"]
	for name, want := range map[string]struct {
		retrier int
		caught  bool
	}{"Refused": {0, true}, "TooSoon": {1, true}, "States.Timeout": {1, false}} {
		f := workflow.Failure{Name: name}
		_, data, caught := a.Caught(f, map[string]any{"booking": "b"})
		if got := a.Retrier(f); got != want.retrier || caught != want.caught {
			t.Errorf("%s: rule %d, caught %v; want %+v", name, got, caught, want)
		}
		if !caught {
			continue
		}
		input, failure := a.Input(data)
		if diff := cmp.Diff(`{"error":"`+name+`","step":"do"}`, string(input)); failure != nil || diff != "" {
			t.Errorf("%s: %v, input (-want +got):\n%s", name, failure, diff)
		}
	}
	if _, failure := a.Input(nil); failure == nil || failure.Name != "States.ParameterPathFailure" {
		t.Errorf("without what it names: %v", failure)
	}
}
