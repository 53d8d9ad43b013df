// Package workflow reads the state machines as they are deployed, for tests that
// execute them in their own ways.
package workflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Definition is a state machine as infra/workflows writes it. What is not here, no
// interpreter knows, and reading it fails.
type Definition struct {
	Comment        string
	StartAt        string
	TimeoutSeconds float64
	States         map[string]State
}

// State is one of a definition: a Task whose result is dropped.
type State struct {
	Type           string
	Resource       string
	Parameters     map[string]string
	ResultPath     json.RawMessage
	TimeoutSeconds float64
	Retry          []Retrier
	Catch          []Catcher
	Next           string
	End            bool
}

// Retrier says how often a Task is tried again that ended with one of the errors.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds float64
	BackoffRate     float64
	MaxAttempts     int
	MaxDelaySeconds float64
	JitterStrategy  string
}

// Catcher says where to go on after one of the errors.
type Catcher struct {
	ErrorEquals []string
	ResultPath  string
	Next        string
}

// Read reads the machines in the folder, by name.
func Read(folder string) (map[string]Definition, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.asl.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no workflows in %s: %w", folder, err)
	}
	all := map[string]Definition{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var d Definition
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for name, s := range d.States {
			if s.Type != "Task" || string(s.ResultPath) != "null" || s.End == (s.Next != "") {
				return nil, fmt.Errorf("%s: no interpreter knows a state like %s", file, name)
			}
		}
		all[strings.TrimSuffix(filepath.Base(file), ".asl.json")] = d
	}
	return all, nil
}

// Failure is how a Task ends that does not succeed, by the name that the machine
// matches.
type Failure struct{ Name, Cause string }

// Retrier returns the index of the state's first rule for the failure, or -1.
func (s State) Retrier(f Failure) int {
	return slices.IndexFunc(s.Retry, func(r Retrier) bool { return matches(r.ErrorEquals, f.Name) })
}

// Caught is the execution's data after the failure, and the state to go on with;
// ok is false where nothing catches it.
func (s State) Caught(f Failure, data map[string]any) (next string, with map[string]any, ok bool) {
	i := slices.IndexFunc(s.Catch, func(c Catcher) bool { return matches(c.ErrorEquals, f.Name) })
	if i < 0 {
		return "", nil, false
	}
	field, plain := strings.CutPrefix(s.Catch[i].ResultPath, "$.")
	if !plain || strings.Contains(field, ".") {
		panic("no interpreter knows a path like " + s.Catch[i].ResultPath)
	}
	with = maps.Clone(data)
	with[field] = map[string]any{"Error": f.Name, "Cause": f.Cause}
	return s.Catch[i].Next, with, true
}

func matches(names []string, name string) bool {
	return slices.Contains(names, "States.ALL") || slices.Contains(names, name) ||
		slices.Contains(names, "States.TaskFailed") && name != "States.Timeout"
}

// Input is what the state hands to its Task of the execution's data.
func (s State) Input(data map[string]any) ([]byte, *Failure) {
	filled := map[string]any{}
	for name, value := range s.Parameters {
		plain, ok := strings.CutSuffix(name, ".$")
		if !ok {
			filled[name] = value
			continue
		}
		var at any = data
		for _, step := range strings.Split(strings.TrimPrefix(value, "$."), ".") {
			object, _ := at.(map[string]any)
			if at, ok = object[step]; !ok {
				return nil, &Failure{"States.ParameterPathFailure", value}
			}
		}
		filled[plain] = at
	}
	input, err := json.Marshal(filled)
	if err != nil {
		panic(err)
	}
	return input, nil
}
