package meter

import (
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
	"sync"
	"syscall"
	"time"

	"yakusoku/infra/function"
	"yakusoku/shared/vault"
)

// Init is what a function's start took: from its execution to its first question for
// work.
type Init struct {
	Took      time.Duration // on the wall's clock
	Processor time.Duration // until it was ended, right after
	Peak      float64       // megabytes of memory that it held
}

// Names of functions that do nothing, each with a part more of what ours have, so that
// what a start is made of can be told. Their programs are in testdata.
const (
	Hello  = "hello"  // the least that can be, to which others are compared
	Client = "client" // with a client of DynamoDB
	Store  = "store"  // wired as ours are, with one call to the table
)

// Starts starts every function's binary under root, and those that do nothing, in turns,
// and returns the starts of each by its name. They meet an AWS that answers at once.
func Starts(ctx context.Context, root, folder string, turns int) (map[string][]Init, error) {
	s, err := newStarter(ctx, root, folder)
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := map[string][]Init{}
	turn := func(name, binary string, f function.Function) error {
		took, err := s.start(ctx, binary, f)
		if err != nil {
			return fmt.Errorf("start %s: %w", name, err)
		}
		all[name] = append(all[name], took)
		return nil
	}
	for range turns + 1 {
		for _, f := range function.All() {
			// The least one takes its turn beside each, so that both meet the same machine.
			err := errors.Join(
				turn(f.Name, filepath.Join(root, ".build", f.Name, "bootstrap"), f),
				turn(Hello, filepath.Join(folder, Hello+".bin"), f),
			)
			if err != nil {
				return nil, err
			}
		}
		some := function.All()[0]
		if err := errors.Join(turn(Client, filepath.Join(folder, Client+".bin"), some), turn(Store, filepath.Join(folder, Store+".bin"), some)); err != nil {
			return nil, err
		}
	}
	for name := range all { // the first of each read its file from the disk
		all[name] = all[name][1:]
	}
	return all, nil
}

// buildIdle builds the functions that do nothing.
func buildIdle(ctx context.Context, root, folder string) error {
	for _, name := range []string{Hello, Client, Store} {
		build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", filepath.Join(folder, name+".bin"), "./infra/meter/testdata/"+name) // #nosec G204 -- our own
		build.Dir = root
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", name, err, said)
		}
	}
	return nil
}

// Median is the one in the middle by time on the wall's clock.
func Median(all []Init) Init {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Init) int { return int(a.Took - b.Took) })
	return sorted[len(sorted)/2]
}

// starter is what a starting function meets: the Runtime API, and an AWS in which the
// table is there and empty.
type starter struct {
	values  map[string]string // of variables
	address string
	server  *http.Server

	mu     sync.Mutex
	polled chan struct{} // closed at the first question for work
}

// newStarter builds the functions that do nothing, too.
func newStarter(ctx context.Context, root, folder string) (*starter, error) {
	if err := buildIdle(ctx, root, folder); err != nil {
		return nil, err
	}
	s := &starter{}
	door, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.address = door.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		close(s.polled)
		s.mu.Unlock()
		<-r.Context().Done() // there is no work
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	})
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	go func() { _ = s.server.Serve(door) }() // until close
	if s.values, err = values(folder, s.address); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *starter) close() { _ = s.server.Close() } // nobody is left to ask it

// values are those of every variable that a function may require.
func values(folder, address string) (map[string]string, error) {
	key, err := vault.NewKey()
	if err != nil {
		return nil, err
	}
	client, err := json.Marshal(map[string]string{"id": "id", "secret": "secret"})
	if err != nil {
		return nil, err
	}
	kept := map[string][]byte{"vault": key, "client": client, "guest": []byte("0123456789abcdef0123456789abcdef"), "token": []byte(`{"token":"t"}`)}
	for name, content := range kept {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	file := func(name string) string { return "file://" + filepath.Join(folder, name) }
	here := "http://" + address
	return map[string]string{
		function.TableName: "table", function.PublicOrigin: here, function.MailSender: "Yakusoku <no-reply@example.com>",
		function.GuestTokenSecret: file("guest"), function.VaultKey: file("vault"),
		function.ZoomClient: file("client"), function.GoogleClient: file("client"), function.MicrosoftClient: file("client"),
		function.ZoomWebhookSecret: file("token"),
		function.BookStateMachine:  "arn:aws:states:us-east-1:000000000000:stateMachine:book", function.CancelStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:cancel",
		function.MoveStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:move",
		function.SignInIssuer:     here, function.SignInClientID: "console", function.SignInOrigins: here,
	}, nil
}

// start starts a binary as f, and ends it once it asks for work.
func (s *starter) start(ctx context.Context, binary string, f function.Function, more ...func(*exec.Cmd)) (Init, error) {
	polled := make(chan struct{})
	s.mu.Lock()
	s.polled = polled
	s.mu.Unlock()
	cmd := exec.CommandContext(ctx, binary) // #nosec G204 -- our own
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + s.address, "AWS_LAMBDA_FUNCTION_NAME=" + f.Name, "AWS_LAMBDA_LOG_FORMAT=JSON",
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL=http://" + s.address, "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	for _, name := range f.Environment() {
		if value := s.values[name]; value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	for _, change := range more {
		change(cmd)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return Init{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-polled:
	case err := <-ended:
		return Init{}, fmt.Errorf("it ended before it asked for work: %w", err)
	case <-time.After(patience):
		_ = cmd.Process.Kill() // it says nothing, and is not waited for
		return Init{}, fmt.Errorf("it did not ask for work within %s", patience)
	}
	took := time.Since(began)
	if err := cmd.Process.Kill(); err != nil {
		return Init{}, err
	}
	if err := <-ended; err == nil {
		return Init{}, errors.New("it ended by itself")
	}
	i := Init{Took: took, Processor: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		i.Peak = float64(usage.Maxrss) / 1024
	}
	return i, nil
}
