// Package wiring builds, from its environment and once, what a function needs:
// configuration, AWS clients, the store, the hosts' grants. It decides nothing
// about bookings.
package wiring

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/caarlos0/env/v11"

	"yakusoku/shared/language"
	"yakusoku/shared/metric"
	"yakusoku/shared/secret"
)

// Misconfigured names the variable that is missing or wrong.
type Misconfigured struct {
	Variable string
	Err      error
}

func (e *Misconfigured) Error() string { return e.Variable + ": " + e.Err.Error() }

func (e *Misconfigured) Unwrap() error { return e.Err }

// Run is a function's main: it reads the configuration C from the environment,
// builds the handler once and serves. What is wrong with the configuration ends
// the process with one line that names the variable.
func Run[C any](build func(ctx context.Context, c C, cfg aws.Config) (handler any, err error)) {
	collectLess()
	slog.SetDefault(slog.New(lambdacontext.NewLogHandler())) // adds the request's id
	metric.Start(os.Getenv(metric.Variable))
	language.Prefer(language.Tag(os.Getenv(language.Variable)))
	handler, err := prepare(context.Background(), build)
	if err != nil {
		slog.Error("init failed: " + err.Error())
		os.Exit(1)
	}
	lambda.Start(unhurried{lambda.NewHandler(handler)})
}

// RunOnceFilledIn is Run for what is called every minute, whether or not a deployment's
// secrets are filled in yet: until then there is nothing to do, and no failure.
func RunOnceFilledIn[C any](build func(ctx context.Context, c C, cfg aws.Config) (handler any, err error)) {
	Run(func(ctx context.Context, c C, cfg aws.Config) (any, error) {
		handler, err := build(ctx, c, cfg)
		if !unfilled(err) {
			return handler, err
		}
		return &waiting{build: func(ctx context.Context) (any, error) { return build(ctx, c, cfg) }}, nil
	})
}

func unfilled(err error) bool {
	_, is := errors.AsType[*secret.Empty](err)
	return is
}

// waiting looks at each call whether what it waits for is filled in.
type waiting struct {
	build   func(context.Context) (any, error)
	handler lambda.Handler
}

// Invoke is called for one call at a time.
func (w *waiting) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if w.handler == nil {
		handler, err := w.build(ctx)
		if unfilled(err) {
			slog.InfoContext(ctx, "nothing to do yet: "+err.Error())
			return []byte("null"), nil
		}
		if err != nil {
			return nil, err
		}
		w.handler = lambda.NewHandler(handler)
	}
	return w.handler.Invoke(ctx, payload)
}

// collectLess has garbage be collected less often than usual: what a function needs at
// its start, and for a call, is a few megabytes of those that it has and that are paid
// for. It comes near its memory only where it would have without.
func collectLess() {
	debug.SetGCPercent(400)
	if mb, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil {
		debug.SetMemoryLimit(int64(mb) << 20 * 3 / 4)
	}
}

// unfinished is held, to be shared, by work that its caller need not wait for.
var unfinished sync.RWMutex

// Go runs work that must come to its end, whether or not its caller has the time.
// The answer of the invocation waits for it: once that is out, Lambda freezes the
// process, and an answer on its way to the work may be lost.
func Go(work func()) {
	unfinished.RLock()
	go func() {
		defer unfinished.RUnlock()
		work()
	}()
}

// unhurried is a handler that answers when nothing is unfinished.
type unhurried struct{ lambda.Handler }

func (u unhurried) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	defer finish()
	return u.Handler.Invoke(ctx, payload)
}

func finish() {
	unfinished.Lock()
	defer unfinished.Unlock()
}

func prepare[C any](ctx context.Context, build func(context.Context, C, aws.Config) (any, error)) (any, error) {
	c, err := env.ParseAs[C]()
	if err != nil {
		return nil, oneLine(err)
	}
	return build(ctx, c, fromEnvironment())
}

// oneLine words the parser's errors by variable.
func oneLine(err error) error {
	all := env.AggregateError{}
	if !errors.As(err, &all) {
		return err
	}
	var lines []string
	for _, e := range all.Errors {
		unset, empty := env.VarIsNotSetError{}, env.EmptyVarError{}
		switch {
		case errors.As(e, &unset):
			lines = append(lines, unset.Key+": not set")
		case errors.As(e, &empty):
			lines = append(lines, empty.Key+": empty")
		default:
			lines = append(lines, e.Error())
		}
	}
	return errors.New(strings.Join(lines, "; "))
}
