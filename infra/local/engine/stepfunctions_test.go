package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/engine"
)

// definition is a small saga: a step that is retried, caught and undone.
const definition = `{
  "StartAt": "Work",
  "TimeoutSeconds": 30,
  "States": {
    "Work": {
      "Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work",
      "TimeoutSeconds": 1,
      "Retry": [
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2, "MaxDelaySeconds": 2, "JitterStrategy": "FULL"}
      ],
      "Catch": [
        {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "Slow"},
        {"ErrorEquals": ["Refused", "Busy"], "ResultPath": "$.error", "Next": "Undo"}
      ],
      "ResultPath": "$.work",
      "End": true
    },
    "Undo": {
      "Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:000000000000:function:undo",
      "TimeoutSeconds": 5,
      "Next": "Failed"
    },
    "Slow": {"Type": "Fail", "Error": "TooSlow", "Cause": "the work took too long"},
    "Failed": {"Type": "Fail", "Error": "Undone", "Cause": "the work was undone"}
  }
}`

// lambda stands in for the Invoke API: each call of work takes the next answer.
type lambda struct {
	mu      sync.Mutex
	answers []string // an error type, "hang", or "" for success
	calls   []string
	inputs  []string
}

func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	input, _ := io.ReadAll(r.Body)
	function := strings.Split(r.URL.Path, "/")[3]
	switch answer := l.next(function, string(input)); answer {
	case "":
		io.WriteString(w, `{"done":true}`)
	case "hang":
		<-r.Context().Done()
	default:
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		json.NewEncoder(w).Encode(map[string]string{"errorType": answer, "errorMessage": "no"})
	}
}

func (l *lambda) next(function, input string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, function)
	l.inputs = append(l.inputs, input)
	if function != "work" || len(l.answers) == 0 {
		return ""
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return answer
}

func (l *lambda) called() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.calls...)
}

const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:saga"

// start runs the real engine over the definition.
func start(t *testing.T, l *lambda) *sfn.Client {
	t.Helper()
	return startOver(t, l, definition)
}

// startOver runs the real engine over one state machine, waits scaled to a
// fiftieth.
func startOver(t *testing.T, l *lambda, definition string) *sfn.Client {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	program := engine.Tools("..").StepFunctions(engine.StateMachines{
		Definitions: map[string]json.RawMessage{"saga": json.RawMessage(definition)},
		Lambda:      server.URL,
		RetryScale:  0.02,
	}, filepath.Join(t.TempDir(), "stepfunctions.json"))
	e, err := engine.Start(t.Context(), program, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(context.Background()) })
	return sfn.New(sfn.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(e.URL.String()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func begin(t *testing.T, client *sfn.Client, name, input string) (*sfn.StartExecutionOutput, error) {
	t.Helper()
	return client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(input),
	})
}

// finish waits for the execution's end.
func finish(t *testing.T, client *sfn.Client, execution *string) *sfn.DescribeExecutionOutput {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		got, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: execution})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != types.ExecutionStatusRunning {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatal("the execution does not end")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestASagaRetriesCatchesAndEndsAsItsDefinitionSays(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		calls   []string
		status  types.ExecutionStatus
		failure string
	}{
		"success":                       {nil, []string{"work"}, types.ExecutionStatusSucceeded, ""},
		"an error that passes":          {[]string{"Busy", "Busy"}, []string{"work", "work", "work"}, types.ExecutionStatusSucceeded, ""},
		"an error that does not pass":   {[]string{"Busy", "Busy", "Busy"}, []string{"work", "work", "work", "undo"}, types.ExecutionStatusFailed, "Undone"},
		"an error that is caught":       {[]string{"Refused"}, []string{"work", "undo"}, types.ExecutionStatusFailed, "Undone"},
		"an error that nothing matches": {[]string{"Strange"}, []string{"work"}, types.ExecutionStatusFailed, "Strange"},
		"a task that is silent":         {[]string{"hang"}, []string{"work"}, types.ExecutionStatusFailed, "TooSlow"},
	} {
		t.Run(name, func(t *testing.T) {
			l := &lambda{answers: c.answers}
			client := start(t, l)
			began, err := begin(t, client, "one", `{"booking":"b1"}`)
			if err != nil {
				t.Fatal(err)
			}
			got := finish(t, client, began.ExecutionArn)
			if got.Status != c.status || aws.ToString(got.Error) != c.failure {
				t.Errorf("%s %q, want %s %q", got.Status, aws.ToString(got.Error), c.status, c.failure)
			}
			if diff := cmp.Diff(c.calls, l.called()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutputAndCaughtErrorsFlowAsInTheService(t *testing.T) {
	l := &lambda{answers: []string{"", "Refused"}}
	client := start(t, l)
	began, err := begin(t, client, "good", `{"booking":"b1"}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(finish(t, client, began.ExecutionArn).Output); got != `{"booking":"b1","work":{"done":true}}` {
		t.Errorf("output %s", got)
	}
	began, err = begin(t, client, "bad", `{"booking":"b2"}`)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, client, began.ExecutionArn)
	var undo struct{ Error struct{ Error, Cause string } }
	if err := json.Unmarshal([]byte(l.inputs[len(l.inputs)-1]), &undo); err != nil {
		t.Fatal(err)
	}
	if undo.Error.Error != "Refused" || strings.TrimSpace(undo.Error.Cause) != `{"errorMessage":"no","errorType":"Refused"}` {
		t.Errorf("undo got %+v", undo.Error)
	}
}

func TestANameStartsOneExecution(t *testing.T) {
	l := &lambda{answers: []string{"hang"}}
	client := start(t, l)
	first, err := begin(t, client, "one", `{"a":1}`)
	if err != nil {
		t.Fatal(err)
	}
	exists := (*types.ExecutionAlreadyExists)(nil)
	t.Run("while it runs, the same input is the same start", func(t *testing.T) {
		again, err := begin(t, client, "one", `{"a":1}`)
		if err != nil {
			t.Fatal(err)
		}
		if *again.ExecutionArn != *first.ExecutionArn || !again.StartDate.Equal(*first.StartDate) {
			t.Errorf("got %s of %s, want the first start", *again.ExecutionArn, again.StartDate)
		}
	})
	t.Run("while it runs, another input is refused", func(t *testing.T) {
		if _, err := begin(t, client, "one", `{"a": 1}`); !errors.As(err, &exists) {
			t.Errorf("error %v, want ExecutionAlreadyExists", err)
		}
	})
	finish(t, client, first.ExecutionArn)
	t.Run("once it has ended, any start is refused", func(t *testing.T) {
		if _, err := begin(t, client, "one", `{"a":1}`); !errors.As(err, &exists) {
			t.Errorf("error %v, want ExecutionAlreadyExists", err)
		}
	})
}

func TestAStoppedExecutionIsAbortedAndCallsNothingMore(t *testing.T) {
	l := &lambda{answers: []string{"hang"}}
	client := start(t, l)
	began, err := begin(t, client, "one", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); len(l.called()) == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if _, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: began.ExecutionArn, Error: aws.String("Enough"), Cause: aws.String("asked to"),
	}); err != nil {
		t.Fatal(err)
	}
	got := finish(t, client, began.ExecutionArn)
	if got.Status != types.ExecutionStatusAborted || aws.ToString(got.Error) != "Enough" || got.StopDate == nil {
		t.Errorf("%s %q stopped at %v, want ABORTED Enough", got.Status, aws.ToString(got.Error), got.StopDate)
	}
	if diff := cmp.Diff([]string{"work"}, l.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestAMachineThatTakesTooLongIsTimedOut(t *testing.T) {
	client := startOver(t, &lambda{answers: []string{"hang"}}, strings.Replace(strings.Replace(definition,
		`"TimeoutSeconds": 30`, `"TimeoutSeconds": 1`, 1), `"TimeoutSeconds": 1,
      "Retry"`, `"TimeoutSeconds": 9,
      "Retry"`, 1))
	began, err := begin(t, client, "one", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, client, began.ExecutionArn); got.Status != types.ExecutionStatusTimedOut {
		t.Errorf("the execution is %s, want TIMED_OUT", got.Status)
	}
}

func TestADefinitionThatIsNotValidDoesNotStart(t *testing.T) {
	program := engine.Tools("..").StepFunctions(engine.StateMachines{
		Definitions: map[string]json.RawMessage{"saga": json.RawMessage(`{"StartAt":"Nowhere","States":{}}`)},
	}, filepath.Join(t.TempDir(), "stepfunctions.json"))
	e, err := engine.Start(t.Context(), program, t.Output())
	if err == nil {
		e.Stop(context.Background())
		t.Fatal("it started")
	}
}

func TestWhatDoesNotExistIsRefusedByName(t *testing.T) {
	client := start(t, &lambda{})
	_, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{
		ExecutionArn: aws.String("arn:aws:states:us-east-1:000000000000:execution:saga:nobody"),
	})
	if missing := (*types.ExecutionDoesNotExist)(nil); !errors.As(err, &missing) {
		t.Errorf("error %v, want ExecutionDoesNotExist", err)
	}
	_, err = client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(machine + "x"), Input: aws.String("{}")})
	if missing := (*types.StateMachineDoesNotExist)(nil); !errors.As(err, &missing) {
		t.Errorf("error %v, want StateMachineDoesNotExist", err)
	}
	if _, err = begin(t, client, "not a name", `{}`); !errors.As(err, new(*types.InvalidName)) {
		t.Errorf("error %v, want InvalidName", err)
	}
	if _, err = begin(t, client, "name", `{`); !errors.As(err, new(*types.InvalidExecutionInput)) {
		t.Errorf("error %v, want InvalidExecutionInput", err)
	}
}
