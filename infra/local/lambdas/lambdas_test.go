package lambdas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yakusoku/infra/local/lambdas"
)

var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "lambdas")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "bootstrap")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/tester")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// log is a sink that a test may read while processes write.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// host serves a Host that runs the tester under the name "tester".
func host(t *testing.T, c lambdas.Config, change func(*lambdas.Function)) *lambdas.Host {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.Address = l.Addr().String()
	h := lambdas.New(c)
	f := lambdas.Function{
		Name: "tester", Binary: binary, Timeout: 10 * time.Second, MemoryMB: 128,
		Environment: []string{"GREETING=hello"},
	}
	if change != nil {
		change(&f)
	}
	h.Add(f)
	server := &http.Server{Handler: h}
	go server.Serve(l)
	t.Cleanup(func() {
		h.Close()
		server.Close()
	})
	return h
}

type answer struct {
	Process        int
	RequestID, ARN string
	Seconds        int
	Greeting, Home string
	ErrorType      string `json:"errorType"`
	ErrorMessage   string `json:"errorMessage"`
	failed         bool
}

func invoke(t *testing.T, h *lambdas.Host, payload string) answer {
	t.Helper()
	result, err := h.Invoke(t.Context(), "tester", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	a := answer{failed: result.Failed}
	if err := json.Unmarshal(result.Payload, &a); err != nil {
		t.Fatalf("answer %q: %v", result.Payload, err)
	}
	return a
}

// eventually polls until check holds.
func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !check() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestAFunctionGetsItsEventItsContextAndItsEnvironmentOnly(t *testing.T) {
	t.Setenv("HOME", "/somewhere")
	h := host(t, lambdas.Config{}, nil)
	got := invoke(t, h, `{}`)
	if got.RequestID == "" || got.Process == 0 {
		t.Errorf("no request id or process in %+v", got)
	}
	if want := lambdas.ARN("tester"); got.ARN != want {
		t.Errorf("ARN %q, want %q", got.ARN, want)
	}
	if got.Seconds != 10 {
		t.Errorf("%d seconds left, want 10", got.Seconds)
	}
	if got.Greeting != "hello" || got.Home != "" {
		t.Errorf("GREETING=%q HOME=%q, want hello and nothing", got.Greeting, got.Home)
	}
}

func TestCallsInSequenceShareOneProcess(t *testing.T) {
	h := host(t, lambdas.Config{}, nil)
	first := invoke(t, h, `{}`)
	for range 50 {
		next := invoke(t, h, `{}`)
		if next.Process != first.Process {
			t.Fatalf("process %d, want %d again", next.Process, first.Process)
		}
		if next.RequestID == first.RequestID {
			t.Fatal("two calls share a request id")
		}
	}
}

func TestCallsAtOnceHaveAProcessEach(t *testing.T) {
	const calls = 8
	h := host(t, lambdas.Config{}, nil)
	gate := filepath.Join(t.TempDir(), "open")
	got := make(chan answer, calls)
	for range calls {
		go func() { got <- invoke(t, h, `{"do":"gate","file":"`+gate+`"}`) }()
	}
	eventually(t, "as many processes as calls run", func() bool { return h.Processes("tester") == calls })
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	processes := make(map[int]bool)
	for range calls {
		processes[(<-got).Process] = true
	}
	if len(processes) != calls {
		t.Errorf("%d processes served %d calls", len(processes), calls)
	}
}

func TestCallsOverTheLimitWaitForAProcess(t *testing.T) {
	const calls = 9
	h := host(t, lambdas.Config{MaxProcesses: 2}, nil)
	processes := make(map[int]bool)
	got := make(chan answer, calls)
	for range calls {
		go func() { got <- invoke(t, h, `{}`) }()
	}
	for range calls {
		processes[(<-got).Process] = true
	}
	if len(processes) > 2 {
		t.Errorf("%d processes, want at most 2", len(processes))
	}
}

func TestCallsOverAllThatMayWaitAreThrottled(t *testing.T) {
	const calls = 9
	h := host(t, lambdas.Config{MaxProcesses: 1, MaxWaiting: 2}, func(f *lambdas.Function) { f.Timeout = 300 * time.Millisecond })
	got := make(chan error, calls)
	for range calls {
		go func() {
			_, err := h.Invoke(t.Context(), "tester", []byte(`{"do":"hang"}`))
			got <- err
		}()
	}
	throttled := 0
	for range calls {
		switch err := <-got; {
		case errors.Is(err, lambdas.ErrThrottled):
			throttled++
		case err != nil:
			t.Error(err)
		}
	}
	if throttled == 0 || throttled > calls-3 {
		t.Errorf("%d of %d are throttled", throttled, calls)
	}
}

func TestAnIdleProcessIsEnded(t *testing.T) {
	h := host(t, lambdas.Config{Idle: 20 * time.Millisecond}, nil)
	first := invoke(t, h, `{}`)
	eventually(t, "the process has ended", func() bool { return h.Processes("tester") == 0 })
	if again := invoke(t, h, `{}`); again.failed || again.Process == first.Process {
		t.Errorf("got %+v, want an answer of a new process", again)
	}
}

func TestFailuresAreToldAsLambdaTellsThem(t *testing.T) {
	for name, c := range map[string]struct {
		payload string
		change  func(*lambdas.Function)
		kind    string
		message string // part of it
	}{
		"an error goes by its type's name": {payload: `{"do":"fail"}`, kind: "SlotTaken", message: "somebody was faster"},
		"a panic is told before the end":   {payload: `{"do":"panic"}`, kind: "string", message: "at the disco"},
		"an exit names its status":         {payload: `{"do":"exit"}`, kind: "Runtime.ExitError", message: "exit status 3: leaving early"},
		"a call that takes too long is ended": {
			payload: `{"do":"hang"}`, kind: "Sandbox.Timedout", message: "Task timed out after 0.30 seconds",
			change: func(f *lambdas.Function) { f.Timeout = 300 * time.Millisecond },
		},
		"an init that fails shows its last line": {
			payload: `{}`, kind: "Runtime.ExitError", message: "GREETING is not set",
			change: func(f *lambdas.Function) { f.Environment = nil },
		},
		"a binary that is not there is named": {
			payload: `{}`, kind: "Runtime.InvalidEntrypoint", message: "/nowhere/bootstrap",
			change: func(f *lambdas.Function) { f.Binary = "/nowhere/bootstrap" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := host(t, lambdas.Config{}, c.change)
			got := invoke(t, h, c.payload)
			if !got.failed || got.ErrorType != c.kind || !strings.Contains(got.ErrorMessage, c.message) {
				t.Errorf("got %+v, want %s with %q", got, c.kind, c.message)
			}
		})
	}
}

func TestAFunctionServesAgainAfterEveryKindOfFailure(t *testing.T) {
	h := host(t, lambdas.Config{}, func(f *lambdas.Function) { f.Timeout = 2 * time.Second })
	for _, do := range []string{"fail", "panic", "exit", "hang"} {
		if got := invoke(t, h, `{"do":"`+do+`"}`); !got.failed {
			t.Errorf("%s: no failure", do)
		}
		if got := invoke(t, h, `{}`); got.failed {
			t.Errorf("after %s: %+v", do, got)
		}
	}
}

func TestACallerWhoLeavesDoesNotStopTheFunction(t *testing.T) {
	h := host(t, lambdas.Config{}, nil)
	gate := filepath.Join(t.TempDir(), "open")
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := h.Invoke(ctx, "tester", []byte(`{"do":"gate","file":"`+gate+`"}`))
		left <- err
	}()
	eventually(t, "the process runs", func() bool { return h.Processes("tester") == 1 })
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the caller's own", err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the same process serves the next call", func() bool {
		return !invoke(t, h, `{}`).failed && h.Processes("tester") <= 2
	})
}

func TestAnUnknownFunctionIsAnErrorOfItsOwn(t *testing.T) {
	_, err := host(t, lambdas.Config{}, nil).Invoke(t.Context(), "nobody", nil)
	if !errors.Is(err, lambdas.ErrUnknownFunction) {
		t.Errorf("error %v, want ErrUnknownFunction", err)
	}
}

func TestOutputGoesToTheLogByLines(t *testing.T) {
	var sink log
	h := host(t, lambdas.Config{}, func(f *lambdas.Function) { f.Log = &sink })
	invoke(t, h, `{"do":"log"}`)
	eventually(t, "both lines are logged", func() bool {
		return strings.Contains(sink.String(), "a line\n") && strings.Contains(sink.String(), "another line\n")
	})
}

func TestCloseEndsEveryProcess(t *testing.T) {
	h := host(t, lambdas.Config{}, nil)
	got := invoke(t, h, `{}`)
	h.Close()
	if err := syscall.Kill(got.Process, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", got.Process, err)
	}
	if again := invoke(t, h, `{}`); !again.failed {
		t.Error("a closed host still runs functions")
	}
}
