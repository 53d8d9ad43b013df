// Package stack puts the local run together: engines in the place of AWS
// services, simulators in that of the vendors, the functions' binaries, and a
// front door; everything on loopback. It knows how they fit; what each does is
// its own package's.
package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"yakusoku/infra/function"
	"yakusoku/infra/local/engine"
	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/gateway"
	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/lambdas"
	"yakusoku/infra/local/mailbox"
	"yakusoku/infra/local/seed"
	"yakusoku/shared/consent"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/secret"
	"yakusoku/shared/store"
	"yakusoku/shared/vault"
)

// Simulator makes a vendor's stand-in that keeps its state in the journal and
// knows the one OAuth client.
type Simulator func(state *journal.Journal, client secret.Client, log *slog.Logger) (http.Handler, error)

// Events is where a simulator tells of what happens in it.
type Events struct {
	URL         string // of our webhook
	SecretToken string // signs what is sent there
}

// Config is what the local run is made of.
type Config struct {
	Settings Settings
	Root     string // of the repository
	Binaries string // folder of <function>/bootstrap

	Functions []function.Function
	Routes    []httpapi.Route
	Faults    *fault.Faults
	Zoom      func(Events) Simulator
	Google    Simulator
	Microsoft Simulator
	Log       *slog.Logger
}

// Addresses are where the parts of a running stack are found, as base URLs.
type Addresses struct {
	Front         string `json:"front"`
	Mailbox       string `json:"mailbox"`       // the mails to look at, and SES
	Zoom          string `json:"zoom"`          // empty if real
	Google        string `json:"google"`        // empty if real
	Microsoft     string `json:"microsoft"`     // empty if real
	SignIn        string `json:"signIn"`        // the hosts' issuer
	Faults        string `json:"faults"`        // the rules: GET, POST, DELETE
	DynamoDB      string `json:"dynamodb"`      // through the faults
	StepFunctions string `json:"stepfunctions"` // through the faults
	Lambda        string `json:"lambda"`        // Lambda's Invoke
}

// addressFile tells other processes where the parts are, while they run.
const addressFile = "ports.json"

// Stack is a running local run.
type Stack struct {
	Addresses Addresses

	config    Config
	settings  Settings
	log       *slog.Logger
	lock      *os.File
	keys      *keys
	functions *lambdas.Host

	mu       sync.Mutex
	engines  []*engine.Engine
	servers  []*http.Server
	journals []*journal.Journal
	logs     map[string]io.WriteCloser
	cancel   context.CancelFunc
	failed   chan error // takes one
	stopping sync.Once

	schedules sync.WaitGroup
}

// Start starts everything and returns when the front door serves. What it
// started is stopped again if it fails.
func Start(ctx context.Context, c Config) (*Stack, error) {
	s := &Stack{
		config: c, settings: c.Settings, log: c.Log,
		logs:   make(map[string]io.WriteCloser),
		failed: make(chan error, 1),
	}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	if err := s.occupy(); err != nil {
		return err
	}
	var err error
	if s.keys, err = openKeys(s.path("secrets"), s.settings); err != nil {
		return err
	}
	front, err := s.listenFront(ctx)
	if err != nil {
		return err
	}
	if err := s.serveFunctions(ctx); err != nil {
		return err
	}
	if err := s.serveFaults(ctx); err != nil {
		return err
	}
	starts, startContext := errgroup.WithContext(ctx)
	for _, start := range []func(context.Context) error{
		s.startDynamoDB, s.startSES, s.startStepFunctions, s.startZoom, s.startGoogle, s.startMicrosoft, s.startSignIn,
	} {
		starts.Go(func() error { return start(startContext) })
	}
	if err := starts.Wait(); err != nil {
		return err
	}
	if err := s.addFunctions(s.config.Functions); err != nil {
		return err
	}
	if err := s.seed(ctx); err != nil {
		return err
	}
	access, err := s.openLog("access")
	if err != nil {
		return err
	}
	s.serve(front, gateway.New(s.config.Routes, s.functions, gateway.Issuer{URL: s.Addresses.SignIn, Audience: signInClient}, slog.New(slog.NewJSONHandler(access, nil))))
	s.startSchedules()
	return s.publish()
}

// Failed yields the error of a part that ended by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

const stopLimit = 5 * time.Second

// Stop ends everything. It may be called more than once, and on a stack that is
// half started.
func (s *Stack) Stop() { s.stopping.Do(s.stop) }

func (s *Stack) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if s.lock != nil {
		// Another run's file is not ours to remove; the lock says that it is ours.
		_ = os.Remove(s.path(addressFile))
	}
	if s.cancel != nil {
		s.cancel()
		s.schedules.Wait()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions != nil {
		s.functions.Close()
	}
	for _, server := range s.servers {
		_ = server.Close() // what is under way has nobody left to answer it
	}
	var ending sync.WaitGroup
	for _, e := range s.engines {
		ending.Go(func() { e.Stop(ctx) })
	}
	ending.Wait()
	s.close()
}

// close gives back the files.
func (s *Stack) close() {
	for _, j := range s.journals {
		if err := j.Close(); err != nil {
			s.log.Error("close a simulator's state", "error", err)
		}
	}
	for _, log := range s.logs {
		_ = log.Close() // nowhere left to say so
	}
	if s.lock != nil {
		_ = s.lock.Close() // which frees it
	}
}

// occupy makes the folder and claims it: two runs over one database would each
// undo what the other does.
func (s *Stack) occupy() error {
	if err := os.MkdirAll(s.path("log"), 0o700); err != nil {
		return fmt.Errorf("make %s: %w", s.settings.Dir, err)
	}
	file, err := os.OpenFile(s.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("claim %s: %w", s.settings.Dir, err)
	}
	if err := lockFile(file); err != nil {
		return errors.Join(fmt.Errorf("another run uses %s (LOCAL_DIR names another folder): %w", s.settings.Dir, err), file.Close())
	}
	s.lock = file
	// A run that was killed leaves its addresses behind.
	if err := os.Remove(s.path(addressFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("claim %s: %w", s.settings.Dir, err)
	}
	return nil
}

func (s *Stack) startDynamoDB(ctx context.Context) error {
	url := s.settings.DynamoDB
	if url == "" {
		e, err := s.run(ctx, s.tools().DynamoDB(s.path("dynamodb.db")))
		if err != nil {
			return err
		}
		url = e.URL.String()
	}
	if err := createTable(ctx, dynamoDB(url), s.settings.Table); err != nil {
		return err
	}
	proxy, err := forward(url)
	if err != nil {
		return err
	}
	s.Addresses.DynamoDB, err = s.open(ctx, anyPort, byOperation(s.config.Faults, "dynamodb", proxy))
	return err
}

func (s *Stack) startSES(ctx context.Context) error {
	e, err := s.run(ctx, s.tools().SES())
	if err != nil {
		return err
	}
	box, err := mailbox.New(s.path("mailbox"), e.URL)
	if err != nil {
		return err
	}
	if err := box.Replay(ctx); err != nil {
		return err
	}
	s.Addresses.Mailbox, err = s.open(ctx, mailboxPort, s.config.Faults.Wrap("ses", box))
	return err
}

func (s *Stack) startStepFunctions(ctx context.Context) error {
	definitions, err := stateMachines(filepath.Join(s.config.Root, "infra", "workflows"), s.config.Functions)
	if err != nil {
		return err
	}
	e, err := s.run(ctx, s.tools().StepFunctions(engine.StateMachines{
		Definitions: definitions, Lambda: s.Addresses.Lambda, RetryScale: s.settings.RetryScale,
	}, s.path("stepfunctions.json")))
	if err != nil {
		return err
	}
	proxy, err := forward(e.URL.String())
	if err != nil {
		return err
	}
	s.Addresses.StepFunctions, err = s.open(ctx, anyPort, byOperation(s.config.Faults, "stepfunctions", proxy))
	return err
}

// startSignIn opens a door of its own before the engine is started: its issuer is
// the address that browsers see, and part of every token.
func (s *Stack) startSignIn(ctx context.Context) error {
	door := new(doorkeeper)
	issuer, err := s.open(ctx, signInPort, s.config.Faults.Wrap("signin", door))
	if err != nil {
		return err
	}
	e, err := s.run(ctx, s.tools().SignInProvider(engine.SignIn{
		Issuer: issuer, ClientID: signInClient, Origin: s.Addresses.Front,
		State: s.path("signin.state.json"), People: []string{seed.Email},
	}, s.path("signin.json")))
	if err != nil {
		return err
	}
	s.Addresses.SignIn = issuer
	return door.lead(e.URL.String())
}

// signInClient is the console's client id at the local issuer.
const signInClient = "console"

func (s *Stack) startZoom(ctx context.Context) error {
	if s.settings.ZoomClientID != "" {
		return nil
	}
	events := Events{URL: s.Addresses.Front + "/api/webhooks/zoom", SecretToken: s.keys.zoomToken}
	handler, err := s.simulate("zoom", s.config.Zoom(events), s.keys.zoom)
	if err != nil {
		return err
	}
	s.Addresses.Zoom, err = s.open(ctx, zoomPort, handler)
	return err
}

func (s *Stack) startGoogle(ctx context.Context) error {
	if s.settings.GoogleClientID != "" {
		return nil
	}
	handler, err := s.simulate("google", s.config.Google, s.keys.google)
	if err != nil {
		return err
	}
	s.Addresses.Google, err = s.open(ctx, googlePort, handler)
	return err
}

func (s *Stack) startMicrosoft(ctx context.Context) error {
	if s.settings.MicrosoftClientID != "" || s.config.Microsoft == nil {
		return nil
	}
	handler, err := s.simulate("microsoft", s.config.Microsoft, s.keys.microsoft)
	if err != nil {
		return err
	}
	s.Addresses.Microsoft, err = s.open(ctx, microsoftPort, handler)
	return err
}

func (s *Stack) simulate(name string, simulator Simulator, client secret.Client) (http.Handler, error) {
	state, err := journal.Open(s.path(name + ".jsonl"))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.journals = append(s.journals, state)
	s.mu.Unlock()
	log, err := s.openLog(name)
	if err != nil {
		return nil, err
	}
	handler, err := simulator(state, client, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		return nil, err
	}
	return s.config.Faults.Wrap(name, handler), nil
}

// seed plants the demo host, where it is not there yet.
func (s *Stack) seed(ctx context.Context) error {
	key, err := vault.Open(ctx, s.keys.vaultKey, aws.Config{})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	demo := seed.Seed{
		Front:   s.Addresses.Front,
		Store:   &store.Store{DB: dynamoDB(s.Addresses.DynamoDB), Table: s.settings.Table},
		Vault:   key,
		Subject: seed.Subject(seed.Email),
		Zoom:    seed.Simulated{URL: s.Addresses.Zoom, Service: consent.Zoom{APIBase: s.Addresses.Zoom}},
		Google:  seed.Simulated{URL: s.Addresses.Google, Service: consent.Google{ClientID: s.keys.google.ID}},
	}
	if err := demo.Plant(ctx); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// startSchedules invokes every scheduled function at once and then on its
// schedule. On AWS that is EventBridge's work.
func (s *Stack) startSchedules() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	for _, f := range s.config.Functions {
		if f.Every > 0 {
			s.schedules.Go(func() { s.repeat(ctx, f) })
		}
	}
}

func (s *Stack) repeat(ctx context.Context, f function.Function) {
	minute := s.settings.SweepEvery // what one is here
	switch f.Name {
	case function.Mirror:
		minute = s.settings.MirrorEvery
	case function.Audit:
		minute = s.settings.AuditEvery
	case function.Health:
		minute = s.settings.HealthEvery
	case function.Hook:
		minute = s.settings.HookEvery
	}
	if minute <= 0 {
		return
	}
	tick := time.NewTicker(time.Duration(f.Every.Minutes() * float64(minute)))
	defer tick.Stop()
	for {
		result, err := s.functions.Invoke(ctx, f.Name, []byte("{}"))
		if ctx.Err() == nil && (err != nil || result.Failed) {
			s.log.Error("scheduled function failed", "function", f.Name, "error", err, "answer", string(result.Payload))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// publish tells other processes that the stack is ready, and where.
func (s *Stack) publish() error {
	content, err := json.MarshalIndent(s.Addresses, "", "  ")
	if err != nil {
		return fmt.Errorf("publish the addresses: %w", err)
	}
	if err := writeFile(s.path(addressFile), content); err != nil {
		return fmt.Errorf("publish the addresses: %w", err)
	}
	return nil
}

// run starts an engine and watches it.
func (s *Stack) run(ctx context.Context, p engine.Program) (*engine.Engine, error) {
	log, err := s.openLog(p.Name)
	if err != nil {
		return nil, err
	}
	e, err := engine.Start(ctx, p, log)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.engines = append(s.engines, e)
	s.mu.Unlock()
	go func() {
		<-e.Done()
		select {
		case s.failed <- fmt.Errorf("%s has ended (see %s)", p.Name, s.path("log", p.Name+".log")):
		default: // stopping, or another was first
		}
	}()
	return e, nil
}

func (s *Stack) tools() engine.Tools {
	return engine.Tools(filepath.Join(s.config.Root, "infra", "local"))
}

func (s *Stack) path(parts ...string) string {
	return filepath.Join(append([]string{s.settings.Dir}, parts...)...)
}

// openLog returns the log of a part, opened once.
func (s *Stack) openLog(name string) (io.Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if log, ok := s.logs[name]; ok {
		return log, nil
	}
	log, err := os.OpenFile(s.path("log", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	s.logs[name] = log
	return log, nil
}
