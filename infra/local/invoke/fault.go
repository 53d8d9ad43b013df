package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/lambdas"
)

// errCut stands for an answer of Lambda that got lost.
var errCut = errors.New("the connection was cut on demand")

// Faulty runs functions under the rules for "lambda <function> <step>", the step
// being what the payload says. A silence is not waited for: the caller hears at
// once what Lambda would say in the end.
type Faulty struct {
	Functions lambdas.Invoker
	Faults    *fault.Faults
}

// Invoke invokes the function or fails as a rule says. Of a rule of kind error,
// the body is the error's type.
func (f Faulty) Invoke(ctx context.Context, name string, payload []byte) (lambdas.Result, error) {
	rule, ok := f.Faults.Take("lambda "+name+" "+step(payload), string(payload))
	if !ok {
		return f.Functions.Invoke(ctx, name, payload)
	}
	if rule.Kind == fault.Error {
		return failed(rule.Body)
	}
	if rule.Kind == fault.HangBefore {
		return failed("Sandbox.Timedout")
	}
	if rule.Kind == fault.Twice {
		var other sync.WaitGroup
		other.Go(func() { _, _ = f.Functions.Invoke(ctx, name, payload) }) // nobody hears of it
		defer other.Wait()
		return f.Functions.Invoke(ctx, name, payload)
	}
	if _, err := f.Functions.Invoke(ctx, name, payload); err != nil {
		return lambdas.Result{}, err
	}
	switch rule.Kind {
	case fault.HangAfter:
		return failed("Sandbox.Timedout")
	case fault.ResetAfter:
		return lambdas.Result{}, errCut
	default: // an answer that makes no sense ends as one that never came
		return failed("Runtime.ExitError")
	}
}

// step is the saga's step that a payload asks for; "" for other payloads.
func step(payload []byte) string {
	var request struct {
		Step string `json:"step"`
	}
	if json.Unmarshal(payload, &request) != nil {
		return ""
	}
	return request.Step
}

func failed(kind string) (lambdas.Result, error) {
	payload, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": "a fault on demand"})
	if err != nil {
		return lambdas.Result{}, fmt.Errorf("make a failure: %w", err)
	}
	return lambdas.Result{Payload: payload, Failed: true}, nil
}
