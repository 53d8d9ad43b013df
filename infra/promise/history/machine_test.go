package history_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"yakusoku/infra/function"
	"yakusoku/infra/promise/workflow"
)

// machines is Step Functions, in so far as the sagas use it: it serves its
// wire protocol, and executes the definitions that are deployed.
type machines struct {
	definitions map[string]workflow.Definition
	// invoke runs a function, by its placeholder in the definitions.
	invoke func(function string, input []byte) *workflow.Failure
	chance func(name string) *rand.Rand
	say    func(format string, args ...any)
	// executions by ARN.
	executions map[string]*execution
}

type execution struct {
	name, machine, input string
	status               string // as DescribeExecution has it
	gone                 bool   // the service has forgotten it, or ended it: nothing of it goes on
}

const (
	arnPrefix = "arn:aws:states:us-east-1:000000000000:"
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	timedOut  = "TIMED_OUT"
	aborted   = "ABORTED"
)

func machineARN(name string) string { return arnPrefix + "stateMachine:" + name }

// busy reports whether an execution runs.
func (m *machines) busy() bool {
	for _, e := range m.executions {
		if e.status == running && !e.gone {
			return true
		}
	}
	return false
}

// cut is a power cut at the service: its executions go on, are ended, or were never
// heard of, as those of the local engine.
func (m *machines) cut(r *rand.Rand) {
	how := r.IntN(3)
	for _, arn := range sortedKeys(m.executions) {
		e := m.executions[arn]
		if e.status != running {
			continue
		}
		switch how {
		case 0:
			e.gone, e.status = true, aborted
		case 1:
			e.gone = true
			delete(m.executions, arn)
		}
	}
}

func (m *machines) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err) // it is a buffer
	}
	var asked struct{ StateMachineArn, ExecutionArn, Name, Input string }
	if err := json.Unmarshal(body, &asked); err != nil {
		m.refuse(w, "ValidationException", err.Error())
		return
	}
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "StartExecution":
		m.start(w, asked.StateMachineArn, asked.Name, asked.Input)
	case "DescribeExecution":
		e, ok := m.executions[asked.ExecutionArn]
		if !ok {
			m.refuse(w, "ExecutionDoesNotExist", asked.ExecutionArn)
			return
		}
		m.answer(w, map[string]any{
			"executionArn": asked.ExecutionArn, "stateMachineArn": machineARN(e.machine), "name": e.name, "status": e.status,
			"startDate": time.Now().Unix(),
		})
	default:
		m.refuse(w, "UnknownOperationException", action)
	}
}

// start is idempotent as Step Functions' is: for a running execution of the same
// name and input.
func (m *machines) start(w http.ResponseWriter, machine, name, input string) {
	short := strings.TrimPrefix(machine, machineARN(""))
	if _, ok := m.definitions[short]; !ok {
		m.refuse(w, "StateMachineDoesNotExist", machine)
		return
	}
	arn := arnPrefix + "execution:" + short + ":" + name
	e, ok := m.executions[arn]
	if ok && (e.status != running || e.input != input) {
		m.refuse(w, "ExecutionAlreadyExists", arn)
		return
	}
	if !ok {
		e = &execution{name: name, machine: short, input: input, status: running}
		m.executions[arn] = e
		go m.run(e)
	}
	m.answer(w, map[string]any{"executionArn": arn, "startDate": time.Now().Unix()})
}

func (m *machines) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(v) // into a buffer
}

func (m *machines) refuse(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
}

// run executes from the first state to an end. The time that it takes is the
// history's.
func (m *machines) run(e *execution) {
	d := m.definitions[e.machine]
	var data map[string]any
	if err := json.Unmarshal([]byte(e.input), &data); err != nil {
		panic(err)
	}
	end := time.Now().Add(time.Duration(d.TimeoutSeconds * float64(time.Second)))
	chance := m.chance("execution " + e.machine + " " + e.name)
	// A start is not at once, and no two of them are at one instant.
	time.Sleep(time.Millisecond + time.Duration(chance.Int64N(int64(20*time.Millisecond))))
	for name := d.StartAt; ; {
		s, ok := d.States[name]
		if !ok {
			panic(fmt.Sprintf("%s: there is no state %s", e.machine, name))
		}
		f := m.task(e, name, s, data, chance, end)
		switch {
		case e.gone:
			return
		case time.Now().After(end):
			m.end(e, timedOut, name)
			return
		case f != nil:
			next, with, caught := s.Caught(*f, data)
			if !caught {
				m.end(e, failed, name+" "+f.Name)
				return
			}
			name, data = next, with
		case s.End:
			m.end(e, succeeded, name)
			return
		default:
			name = s.Next
		}
	}
}

func (m *machines) end(e *execution, status, at string) {
	e.status = status
	m.say("execution %s %s %s at %s", e.machine, e.name, status, at)
}

// task runs a state with its retries.
func (m *machines) task(e *execution, name string, s workflow.State, data map[string]any, chance *rand.Rand, end time.Time) *workflow.Failure {
	input, f := s.Input(data)
	if f != nil {
		return f
	}
	tries := make([]int, len(s.Retry))
	for {
		f := m.invoke(s.Resource, input)
		if f == nil || e.gone || time.Now().After(end) {
			return f
		}
		i := s.Retrier(*f)
		if i < 0 || tries[i] >= s.Retry[i].MaxAttempts {
			return f
		}
		r := s.Retry[i]
		pause := r.IntervalSeconds
		for range tries[i] {
			pause *= r.BackoffRate
		}
		if r.MaxDelaySeconds > 0 {
			pause = min(pause, r.MaxDelaySeconds)
		}
		if r.JitterStrategy == "FULL" {
			pause *= chance.Float64()
		}
		tries[i]++
		m.say("%s %s: %s, again in %.1fs", e.name, name, f.Name, pause)
		time.Sleep(time.Duration(pause*float64(time.Second)) + time.Microsecond)
		if e.gone {
			return f
		}
	}
}

// timeouts are the functions', by placeholder.
func timeouts() map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, f := range function.All() {
		all["${"+f.Placeholder()+"}"] = f.Timeout
	}
	return all
}

// typeName is what aws-lambda-go reports an error as.
func typeName(err error) string {
	full := fmt.Sprintf("%T", err)
	return full[strings.LastIndex(full, ".")+1:]
}
