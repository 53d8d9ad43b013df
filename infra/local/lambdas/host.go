// Package lambdas runs the functions' deployed binaries as Lambda does: each
// process polls the Lambda Runtime API, serves one invocation at a time, is kept
// for the next one, and is ended when it oversteps its time. It knows nothing of
// who invokes or why.
//
// The protocol is docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
package lambdas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Function is what the host runs: a binary and its limits.
type Function struct {
	Name        string
	Binary      string // path of the bootstrap
	Timeout     time.Duration
	MemoryMB    int
	Environment []string // "NAME=value"; nothing is inherited
	Log         io.Writer
}

// Result is what an invocation came to. Failed says that Payload is an error
// object with errorType and errorMessage.
type Result struct {
	Payload []byte
	Failed  bool
}

// Invoker carries out invocations, as Host does.
type Invoker interface {
	Invoke(ctx context.Context, name string, payload []byte) (Result, error)
}

// ErrUnknownFunction says that no function has the name.
var ErrUnknownFunction = errors.New("unknown function")

// ErrThrottled says that the function has as many calls as it may.
var ErrThrottled = errors.New("too many calls at once")

const (
	defaultMaxProcesses = 256
	defaultIdle         = time.Minute
	initLimit           = 10 * time.Second // Lambda's own
)

// Config says where and how much a Host runs.
type Config struct {
	// Address is where the Host will be served: host:port, without a path.
	Address string
	// MaxProcesses limits each function's processes; further calls wait for one.
	// Zero: 256.
	MaxProcesses int
	// MaxWaiting is how many may wait; more are throttled. Zero: any number.
	MaxWaiting int
	// Idle is how long a process is kept without work. Zero: a minute.
	Idle time.Duration
}

// Host runs functions. It is the http.Handler of their Runtime API.
type Host struct {
	config Config
	api    http.Handler

	mu    sync.Mutex
	pools map[string]*pool
}

// New returns a Host without functions.
func New(c Config) *Host {
	if c.MaxProcesses == 0 {
		c.MaxProcesses = defaultMaxProcesses
	}
	if c.Idle == 0 {
		c.Idle = defaultIdle
	}
	h := &Host{config: c, pools: make(map[string]*pool)}
	h.api = h.runtimeAPI()
	return h
}

// Add makes the host run f, in place of one of the same name.
func (h *Host) Add(f Function) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pools[f.Name] = &pool{function: f, config: h.config, instances: make(map[string]*instance)}
}

// Invoke runs the function once and waits for its answer. A failure of the
// function is a Result; an error says that there is no answer: an unknown name
// (ErrUnknownFunction, ErrThrottled), or ctx's end, which does not stop the function.
func (h *Host) Invoke(ctx context.Context, name string, payload []byte) (Result, error) {
	p, ok := h.pool(name)
	if !ok {
		return Result{}, fmt.Errorf("invoke %q: %w", name, ErrUnknownFunction)
	}
	type outcome struct {
		result Result
		err    error
	}
	answer := make(chan outcome, 1)
	go func() {
		result, err := p.run(payload)
		answer <- outcome{result, err}
	}()
	select {
	case got := <-answer:
		return got.result, got.err
	case <-ctx.Done():
		return Result{}, fmt.Errorf("invoke %s: %w", name, ctx.Err())
	}
}

// Processes returns how many processes of the function are alive.
func (h *Host) Processes(name string) int {
	p, ok := h.pool(name)
	if !ok {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.instances)
}

// Close ends every process. Invocations under way fail.
func (h *Host) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.pools {
		p.close()
	}
}

func (h *Host) pool(name string) (*pool, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.pools[name]
	return p, ok
}
