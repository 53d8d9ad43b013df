package meter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"yakusoku/infra/local/child"
	"yakusoku/infra/local/engine"
	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/stack"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/store"
)

// patience bounds every wait; it is no measure.
const patience = 90 * time.Second

// calm are settings under which nothing happens that nobody asked for: functions with
// a schedule run when they are called, with the periods that they have on AWS. Each
// function has one process, so that what one call makes is not paid for by another.
var calm = []string{
	"SWEEP_EVERY=0s", "MIRROR_EVERY=0s", "AUDIT_EVERY=0s", "HEALTH_EVERY=0s", "HOOK_EVERY=0s",
	"AUDIT_PERIOD=6h", "MIRROR_SPACING=1ms", "AUDIT_SPACING=1ms",
	"LIMIT_PER_ADDRESS=1000000", "LIMIT_PER_EMAIL=1000000", "LIMIT_PER_PAGE=1000000",
	"MAX_PROCESSES=1", "METRIC_NAMESPACE=Yakusoku/meter", "PORT=0", "ENV_FILE=" + os.DevNull,
}

// Run is a local run under the meter.
type Run struct {
	stack.Addresses
	// Store is a metered run's table; what is asked of it so is not metered.
	Store *store.Store

	binaries string
	folder   string
	database *database
	server   *http.Server
	engine   *engine.Engine
	process  *child.Process
	seen     processes
	totals   Amounts // at the last reading
	sent     int64   // bytes that guests got
}

// Start starts the binaries that `make build` left under root, with an empty folder for
// what they keep, in which options are settings as of the environment of `make run`.
func Start(ctx context.Context, root, folder string, options ...string) (*Run, error) {
	return start(ctx, root, folder, true, options)
}

// StartBare is Start without a meter before the database, whose time would count.
func StartBare(ctx context.Context, root, folder string, options ...string) (*Run, error) {
	return start(ctx, root, folder, false, options)
}

func start(ctx context.Context, root, folder string, metered bool, options []string) (*Run, error) {
	root, err := filepath.Abs(root) // as the system names a process' program
	if err != nil {
		return nil, err
	}
	r := &Run{folder: folder, binaries: filepath.Join(root, ".build"), seen: processes{}}
	if metered {
		var door string
		door, err = r.openDatabase(ctx, engine.Tools(filepath.Join(root, "infra", "local")))
		options = append([]string{"AWS_ENDPOINT_URL_DYNAMODB=" + door}, options...)
	}
	if err == nil {
		err = r.startLocal(ctx, root, options)
	}
	if err == nil && metered {
		_, err = r.Read(ctx) // from here on calls are listed
	}
	if err != nil {
		r.Stop()
		return nil, fmt.Errorf("start a run: %w", err)
	}
	return r, nil
}

// openDatabase starts an engine, and returns the address of the meter's door to it.
func (r *Run) openDatabase(ctx context.Context, tools engine.Tools) (string, error) {
	var err error
	if r.engine, err = engine.Start(ctx, tools.DynamoDB(filepath.Join(r.folder, "metered.db")), io.Discard); err != nil {
		return "", err
	}
	r.database = &database{engine: r.engine.URL.String(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	r.Store = &store.Store{Table: "yakusoku-local", DB: dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(r.engine.URL.String()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})}
	door, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	r.server = &http.Server{Handler: r.database, ReadHeaderTimeout: patience}
	go func() { _ = r.server.Serve(door) }() // until Stop
	return "http://" + door.Addr().String(), nil
}

func (r *Run) startLocal(ctx context.Context, root string, options []string) error {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(r.binaries, "local")) // #nosec G204 -- our own
	cmd.Dir = root
	cmd.Env = slices.Concat(os.Environ(), []string{"LOCAL_DIR=" + r.folder}, calm, options)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	var err error
	if r.process, err = child.Start(cmd); err != nil {
		return fmt.Errorf("%w (run `make build` first)", err)
	}
	return Eventually(ctx, func() error {
		select {
		case <-r.process.Done():
			return fmt.Errorf("it ended: %s", &said)
		default:
		}
		content, err := os.ReadFile(filepath.Join(r.folder, "ports.json"))
		if err != nil {
			return err
		}
		return json.Unmarshal(content, &r.Addresses)
	})
}

// Stop ends everything that was started.
func (r *Run) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if r.process != nil {
		r.process.Stop(ctx)
	}
	if r.server != nil {
		_ = r.server.Close() // nobody is left to ask it
	}
	if r.engine != nil {
		r.engine.Stop(ctx)
	}
}

// Eventually polls until check has nothing to say.
func Eventually(ctx context.Context, check func() error) error {
	end := time.Now().Add(patience)
	for pause := 10 * time.Millisecond; ; pause = min(pause*5/4, 100*time.Millisecond) {
		err := check()
		if err == nil || errors.Is(err, context.Canceled) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %s: %w", patience, err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Reading is what there was since the last reading.
type Reading struct {
	Amounts Amounts
	Trips   []Trip // those of functions
}

// listing are rules that no call is failed by, and that list what they are for: every
// call to a service over HTTP, and every call of a function but those of the front door.
var listing = []fault.Rule{
	{Match: "* * /**", Kind: fault.HangBefore, After: 1 << 30},
	{Match: "lambda * *", Kind: fault.HangBefore, After: 1 << 30},
}

// Read reads the meter.
func (r *Run) Read(ctx context.Context) (Reading, error) {
	totals, err := r.readTotals()
	if err != nil {
		return Reading{}, err
	}
	now := Reading{Amounts: totals.Minus(r.totals)}
	r.totals = totals
	if err := r.readCalls(ctx, now.Amounts); err != nil {
		return Reading{}, err
	}
	for _, t := range r.database.take() {
		if t.Function == "" {
			continue // the run's own
		}
		now.Trips = append(now.Trips, t)
		now.Amounts.add(Trips, t.Function, 1)
		now.Amounts.add(ReadUnits, t.Function, t.Reads)
		now.Amounts.add(WriteUnits, t.Function, t.Writes)
		now.Amounts.add(VaultCalls, t.Function, float64(t.vaultCalls))
	}
	return now, nil
}

// readCalls counts the calls that were listed, and begins the lists anew.
func (r *Run) readCalls(ctx context.Context, a Amounts) error {
	var rules []fault.Rule
	if err := r.ask(ctx, http.MethodGet, r.Faults, nil, &rules); err != nil {
		return err
	}
	for _, rule := range rules {
		for _, call := range rule.Met {
			service, rest, _ := strings.Cut(call, " ")
			switch {
			case service == "lambda":
				function, _, _ := strings.Cut(rest, " ")
				a.add(Invocations, function, 1)
			case service == "dynamodb": // it is metered at its door
			case service == "ses" && !strings.HasSuffix(rest, "/outbound-emails"):
			case strings.Contains(rest, " /_"): // a simulator's own door, which is ours
			default:
				a.add(Calls, service, 1)
			}
		}
	}
	if err := r.ask(ctx, http.MethodDelete, r.Faults, nil, nil); err != nil {
		return err
	}
	for _, rule := range listing {
		if err := r.ask(ctx, http.MethodPost, r.Faults, rule, nil); err != nil {
			return err
		}
	}
	return nil
}

// readTotals reads what only grows.
func (r *Run) readTotals() (Amounts, error) {
	a := Amounts{}
	if err := r.seen.look(r.binaries); err != nil {
		return nil, err
	}
	for function, took := range r.seen.computed() {
		a.add(Processor, function, float64(took.Microseconds())/1000)
	}
	a.add(SentBytes, "", float64(r.sent))
	return a, r.readLogs(a)
}

// routes are the functions behind the front door's routes, by the routes' keys.
var routes = func() map[string]string {
	all := map[string]string{}
	for _, route := range httpapi.Routes() {
		all[route.Method+" "+route.Path] = string(route.Function)
	}
	return all
}()

// readLogs counts what the run's parts have written down.
func (r *Run) readLogs(a Amounts) error {
	files, err := filepath.Glob(filepath.Join(r.folder, "log", "*.log"))
	if err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file) // #nosec G304 -- as globbed in the run's folder
		if err != nil {
			return fmt.Errorf("read a log: %w", err)
		}
		switch name := strings.TrimSuffix(filepath.Base(file), ".log"); name {
		case "access":
			for line := range bytes.Lines(content) {
				var request struct{ Route string }
				if json.Unmarshal(line, &request) == nil && routes[request.Route] != "" {
					a.add(Requests, request.Route, 1)
					a.add(Invocations, routes[request.Route], 1)
				}
			}
		case "stepfunctions":
			a.add(Transitions, "", float64(transitions(content)))
		default:
			a.add(LogBytes, name, float64(len(content)))
			a.add(LogLines, name, float64(bytes.Count(content, []byte("\n"))))
		}
	}
	return nil
}

// transitions counts those of a log of executions: into each state, once more for each
// retry, and out of the last one.
func transitions(log []byte) (n int) {
	for line := range bytes.Lines(log) {
		var event struct{ Event string }
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		switch event.Event {
		case "StateEntered", "StateRetried", "ExecutionSucceeded":
			n++
		}
	}
	return n
}

// underWay counts the executions of the log that have not ended.
func underWay(log []byte) (n int) {
	for line := range bytes.Lines(log) {
		var event struct{ Event string }
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		switch event.Event {
		case "ExecutionStarted":
			n++
		case "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimeout":
			n--
		}
	}
	return n
}

// Series are the metrics that functions have written so far, a name under a dimension's
// value each, of those that a deployment is charged for.
func (r *Run) Series() (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(r.folder, "log", "*.log"))
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, file := range files {
		content, err := os.ReadFile(file) // #nosec G304 -- as globbed in the run's folder
		if err != nil {
			return nil, fmt.Errorf("read a log: %w", err)
		}
		for line := range bytes.Lines(content) {
			var values map[string]any
			var written struct {
				AWS struct {
					CloudWatchMetrics []struct {
						Dimensions [][]string
						Metrics    []struct{ Name string }
					}
				} `json:"_aws"`
			}
			if json.Unmarshal(line, &written) != nil || json.Unmarshal(line, &values) != nil {
				continue
			}
			for _, m := range written.AWS.CloudWatchMetrics {
				for _, metric := range m.Metrics {
					for _, dimensions := range m.Dimensions {
						name := metric.Name
						for _, d := range dimensions {
							name += fmt.Sprintf(" %s=%v", d, values[d])
						}
						all[name] = true
					}
				}
			}
		}
	}
	return all, nil
}

// rest is for how long nothing is asked of the database when nothing goes on any more.
const rest = 150 * time.Millisecond

// Quiet waits until every saga has ended and nothing else goes on: notifications of
// providers arrive a moment later. Who waits does not look often, since looking takes
// the time of what is waited for.
func (r *Run) Quiet(ctx context.Context) error {
	return Eventually(ctx, func() error {
		log, err := os.ReadFile(filepath.Join(r.folder, "log", "stepfunctions.log"))
		if err != nil {
			return err
		}
		if n := underWay(log); n > 0 {
			return fmt.Errorf("%d sagas are under way", n)
		}
		if since := time.Since(r.database.last()); since < rest {
			return fmt.Errorf("the database was asked %s ago", since)
		}
		return nil
	})
}

// Measure does something once, so that every process that it needs is there, and then
// n times more, and returns what one takes on average. The trips are the last one's.
// What prepares each time does not count.
func (r *Run) Measure(ctx context.Context, n int, prepare, do func(context.Context) error) (Reading, error) {
	var all Reading
	for i := range n + 1 {
		if _, err := r.reading(ctx, prepare); err != nil {
			return Reading{}, fmt.Errorf("prepare: %w", err)
		}
		one, err := r.reading(ctx, do)
		if err != nil {
			return Reading{}, err
		}
		if i > 0 {
			all = Reading{all.Amounts.Plus(one.Amounts), one.Trips}
		}
	}
	all.Amounts = all.Amounts.Times(1 / float64(n))
	return all, nil
}

// reading is what doing something takes, with all that follows from it.
func (r *Run) reading(ctx context.Context, do func(context.Context) error) (Reading, error) {
	if err := do(ctx); err != nil {
		return Reading{}, err
	}
	if err := r.Quiet(ctx); err != nil {
		return Reading{}, err
	}
	return r.Read(ctx)
}
