package lambdas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"yakusoku/infra/local/child"
)

// instance is one process of a function.
type instance struct {
	id      string
	pool    *pool
	process *child.Process
	output  *output
	expiry  *time.Timer // of an idle process

	first  sync.Once
	ready  chan struct{}    // closed at the first poll
	calls  chan *invocation // to the poll that waits
	failed chan []byte      // what the process said of its failed init

	settling bool // guarded by pool.mu

	mu      sync.Mutex
	current *invocation
}

// invocation is one call on its way through a process.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan Result // takes one
}

func newInstance(p *pool, id string) *instance {
	in := &instance{
		id:     id,
		pool:   p,
		output: &output{to: p.function.Log},
		ready:  make(chan struct{}),
		calls:  make(chan *invocation),
		failed: make(chan []byte, 1),
	}
	in.expiry = time.AfterFunc(p.config.Idle, func() { p.expire(in) })
	in.expiry.Stop()
	return in
}

func (in *instance) start() error {
	f := in.pool.function
	binary, err := filepath.Abs(f.Binary)
	if err != nil {
		return fmt.Errorf("find %s: %w", f.Name, err)
	}
	cmd := exec.Command(binary)
	cmd.Dir = filepath.Dir(binary)
	cmd.Stdout, cmd.Stderr = in.output, in.output
	cmd.Env = append([]string{
		// aws-lambda-go puts a scheme before and a path behind this, so that one
		// server tells its processes apart by a prefix.
		"AWS_LAMBDA_RUNTIME_API=" + in.pool.config.Address + "/" + f.Name + "/" + in.id,
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME=" + in.id,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"LAMBDA_TASK_ROOT=" + cmd.Dir,
		"_HANDLER=bootstrap",
		"TZ=:UTC",
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin",
	}, f.Environment...)
	in.process, err = child.Start(cmd)
	return err
}

// invoke carries out one call on a process that the caller has acquired.
func (in *instance) invoke(payload []byte) Result {
	if result, ok := in.awaitInit(); !ok {
		return result
	}
	timeout := in.pool.function.Timeout
	call := &invocation{
		id:       uuid.NewString(),
		payload:  payload,
		deadline: time.Now().Add(timeout),
		answer:   make(chan Result, 1),
	}
	overtime := time.NewTimer(timeout)
	defer overtime.Stop()
	select {
	case in.calls <- call:
	case <-in.process.Done():
		return in.exited(call.id)
	}
	select {
	case result := <-call.answer:
		return result
	case <-in.process.Done():
		// A panic is told of before the process ends: that answer counts.
		select {
		case result := <-call.answer:
			return result
		default:
			return in.exited(call.id)
		}
	case <-overtime.C:
		in.process.Kill()
		return failure("Sandbox.Timedout", fmt.Sprintf(
			"RequestId: %s Error: Task timed out after %.2f seconds", call.id, timeout.Seconds()))
	}
}

// awaitInit waits for the first poll. The result counts if there is none.
func (in *instance) awaitInit() (Result, bool) {
	limit := time.NewTimer(initLimit)
	defer limit.Stop()
	select {
	case <-in.ready:
		return Result{}, true
	case body := <-in.failed:
		return Result{Payload: body, Failed: true}, false
	case <-in.process.Done():
		select {
		case body := <-in.failed:
			return Result{Payload: body, Failed: true}, false
		default:
			return in.exited("init"), false
		}
	case <-limit.C:
		in.process.Kill()
		return failure("Sandbox.Timedout", fmt.Sprintf(
			"%s did not poll within %s of its start: %s", in.pool.function.Name, initLimit, in.output.last())), false
	}
}

// exited tells of a process that ended without an answer. Lambda names only the
// exit status; the last line logged says what to mend, so it is added.
func (in *instance) exited(request string) Result {
	status := "exit status 0"
	if err := in.process.Err(); err != nil {
		status = err.Error()
	}
	return failure("Runtime.ExitError", fmt.Sprintf(
		"RequestId: %s Error: Runtime exited with error: %s: %s", request, status, in.output.last()))
}

// poll is called when the process asks for work. It returns nil if the process
// or its connection ends first.
func (in *instance) poll(gone <-chan struct{}) *invocation {
	again := true
	in.first.Do(func() {
		again = false
		close(in.ready)
	})
	if again {
		in.pool.release(in)
	}
	select {
	case call := <-in.calls:
		in.mu.Lock()
		in.current = call
		in.mu.Unlock()
		return call
	case <-gone:
		return nil
	}
}

// answer delivers a result to the call that it is for, and reports whether that
// call still waits.
func (in *instance) answer(request string, result Result) bool {
	in.mu.Lock()
	call := in.current
	if call == nil || call.id != request {
		in.mu.Unlock()
		return false
	}
	in.current = nil
	in.mu.Unlock()
	in.pool.settle(in)
	call.answer <- result
	return true
}

// failure is the error object that Lambda makes itself.
func failure(kind, message string) Result {
	payload, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	if err != nil { // two strings always marshal
		panic(err)
	}
	return Result{Payload: payload, Failed: true}
}

// output passes a process' log on by whole lines, so that the lines of several
// processes do not mix, and remembers the last one.
type output struct {
	to io.Writer

	mu      sync.Mutex
	partial []byte
	line    string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, p...)
	end := bytes.LastIndexByte(o.partial, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	whole := o.partial[:end]
	if last := lastLine(whole); last != "" {
		o.line = last
	}
	// The process must not block or die because its log cannot be kept.
	if o.to != nil {
		_, _ = o.to.Write(whole)
	}
	o.partial = append([]byte(nil), o.partial[end:]...)
	return len(p), nil
}

func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if last := lastLine(o.partial); last != "" {
		return last
	}
	return o.line
}

func lastLine(text []byte) string {
	text = bytes.TrimSpace(text)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}
