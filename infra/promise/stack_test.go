// Package promise_test holds the whole system, as its real binaries and the real
// engines make it, to its promise: a booking exists everywhere or nowhere.
package promise_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"yakusoku/infra/local/child"
	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/stack"
)

// patience bounds every wait: for a start, for a booking to settle. It is not a
// measure of speed.
const patience = 90 * time.Second

// system is a running local run, as `make run` starts it.
type system struct {
	stack.Addresses
	began   time.Time // UTC
	dir     string
	options []string
	process *child.Process
	glances glances
}

// hurried are settings that make failing quick: short time-outs, short pauses between
// retries, an eager sweep; with the time that a machine takes on which several systems
// run. What is late comes seconds before it counts as absent. Retries last about as
// many times EFFECT_WITHIN as on AWS: what is unanswered twice is waited for twice. The
// mirror rests: it would meet the faults that are meant for others. So do the audit and
// the look at connections.
var hurried = []string{
	"PROVIDER_TIMEOUT=2s", "EFFECT_WITHIN=4s", "RETRY_SCALE=0.1", "SETTLE_WITHIN=8s", "SWEEP_EVERY=2s",
	"MIRROR_EVERY=0s", "AUDIT_EVERY=0s", "HEALTH_EVERY=0s",
}

// start starts the system with an empty folder.
func start(t *testing.T, options ...string) *system {
	t.Helper()
	s := &system{began: time.Now().UTC(), dir: t.TempDir(), options: options}
	s.run(t)
	t.Cleanup(func() {
		s.process.Stop(context.Background())
		if t.Failed() {
			s.showLogs(t)
		}
	})
	return s
}

// run starts the system over the folder that it has.
func (s *system) run(t *testing.T) {
	t.Helper()
	root := root()
	cmd := exec.Command(filepath.Join(root, ".build", "local"))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), append([]string{"LOCAL_DIR=" + s.dir, "PORT=0", "ENV_FILE=" + os.DevNull}, s.options...)...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	ports := filepath.Join(s.dir, "ports.json")
	if err := os.Remove(ports); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var err error
	if s.process, err = child.Start(cmd); err != nil {
		t.Fatalf("%v (run `make build` first)", err)
	}
	eventually(t, "the system is ready", func() error {
		select {
		case <-s.process.Done():
			t.Fatalf("the system ended: %v\n%s", s.process.Err(), &output)
		default:
		}
		content, err := os.ReadFile(ports)
		if err != nil {
			return err
		}
		return json.Unmarshal(content, &s.Addresses)
	})
}

// kill ends the system as a power cut would.
func (s *system) kill() {
	s.process.Kill()
	<-s.process.Done()
}

func (s *system) showLogs(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(s.dir, "log", "*.log"))
	for _, file := range files {
		content, _ := os.ReadFile(file)
		if len(content) > 4000 {
			content = content[len(content)-4000:]
		}
		t.Logf("%s:\n%s", filepath.Base(file), content)
	}
}

// root is the folder of go.mod, seen from this file.
func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..")
}

// eventually polls until check has nothing to say: often at first, and then less, for
// whoever waits takes time from what is waited for.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	end := time.Now().Add(patience)
	for pause := 20 * time.Millisecond; ; pause = min(pause*5/4, 250*time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s: %v", patience, what, err)
		}
		<-time.After(pause)
	}
}

// answer is what the front door said.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("status %d, body %q: %v", a.Status, a.Body, err)
	}
}

// problem is a problem+json, as far as tests read it.
type problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct {
		Field string `json:"field"`
		Code  string `json:"code"`
	} `json:"errors"`
}

func do(ctx context.Context, method, url, body string, header map[string]string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for k, v := range header {
		request.Header.Set(k, v)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	return read(response)
}

func read(response *http.Response) (answer, error) {
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, content}, err
}

func call(t *testing.T, method, url, body string, header map[string]string) answer {
	t.Helper()
	a, err := do(t.Context(), method, url, body, header)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return a
}

type slot struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// slots are the open ones of the demo page, in 40 days. None of them runs out while
// a test goes on.
func (s *system) slots(t *testing.T) []slot {
	t.Helper()
	var month struct {
		Slots []slot `json:"slots"`
	}
	call(t, "GET", fmt.Sprintf("%s/api/pages/demo/intro/slots?from=%s&to=%s&timezone=UTC", s.Front,
		s.began.AddDate(0, 0, 2).Format(time.DateOnly), s.began.AddDate(0, 0, 42).Format(time.DateOnly)), "", nil).into(t, &month)
	return month.Slots
}

// open is a slot in the middle of what is open.
func (s *system) open(t *testing.T) slot {
	t.Helper()
	all := s.slots(t)
	if len(all) < 20 {
		t.Fatalf("only %d open slots", len(all))
	}
	return all[len(all)/2]
}

// someone is a guest's address that nobody else has.
func someone() string { return "guest-" + strings.ToLower(rand.Text()[:12]) + "@example.com" }

// submission is a body that books.
func submission(start, guest string) string {
	return fmt.Sprintf(`{"start":%q,"guest":{"name":"予約 太郎","email":%q,"company":"株式会社見本","timezone":"America/New_York","locale":"ja"},"answers":{"topic":"導入の相談"}}`,
		start, guest)
}

type receipt struct {
	ID     string `json:"id"`
	Token  string `json:"token"`
	Status string `json:"status"`
	Start  string `json:"start"`
	End    string `json:"end"`

	guest string // their address
}

func (s *system) submit(ctx context.Context, key, body string) (answer, error) {
	return do(ctx, "POST", s.Front+"/api/pages/demo/intro/bookings", body, map[string]string{"Idempotency-Key": key})
}

// book submits a booking that must be accepted.
func (s *system) book(t *testing.T, start string) receipt {
	t.Helper()
	guest := someone()
	a, err := s.submit(t.Context(), rand.Text(), submission(start, guest))
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != http.StatusAccepted {
		t.Fatalf("submit: status %d, body %s", a.Status, a.Body)
	}
	r := receipt{guest: guest}
	a.into(t, &r)
	return r
}

// bookAndForget submits a booking and does not wait for the answer, which may
// never come. Its receipt is got by submitting again, as a guest's page does.
func (s *system) bookAndForget(t *testing.T, start string) func(*testing.T) receipt {
	t.Helper()
	guest, key := someone(), rand.Text()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() { _, _ = s.submit(ctx, key, submission(start, guest)) }()
	return func(t *testing.T) receipt {
		t.Helper()
		a, err := s.submit(t.Context(), key, submission(start, guest))
		if err != nil || a.Status != http.StatusAccepted {
			t.Fatalf("submit again: status %d, body %s, error %v", a.Status, a.Body, err)
		}
		r := receipt{guest: guest}
		a.into(t, &r)
		return r
	}
}

type view struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Start    string `json:"start"`
	JoinURL  string `json:"joinUrl"`
	Passcode string `json:"passcode"`
	Reason   string `json:"reason"`
	Steps    []struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	} `json:"steps"`
}

func (v view) step(name string) string {
	for _, s := range v.Steps {
		if s.Name == name {
			return s.Status
		}
	}
	return ""
}

func (s *system) view(t *testing.T, r receipt) view {
	t.Helper()
	var v view
	a := call(t, "GET", s.Front+"/api/bookings/"+r.ID, "", map[string]string{"Authorization": "Bearer " + r.Token})
	if a.Status != http.StatusOK {
		t.Fatalf("read the booking: status %d, body %s", a.Status, a.Body)
	}
	a.into(t, &v)
	return v
}

// settled waits until the booking is confirmed or failed.
func (s *system) settled(t *testing.T, r receipt) view {
	t.Helper()
	var v view
	eventually(t, "the booking settles", func() error {
		if v = s.view(t, r); v.Status == "pending" {
			return fmt.Errorf("it is pending: %+v", v.Steps)
		}
		return nil
	})
	return v
}

// fail puts a fault in force until the test ends.
func (s *system) fail(t *testing.T, rule fault.Rule) {
	t.Helper()
	body, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	if a := call(t, "POST", s.Faults, string(body), nil); a.Status != http.StatusNoContent {
		t.Fatalf("set the fault: status %d, body %s", a.Status, a.Body)
	}
}

func (s *system) mend(t *testing.T) {
	t.Helper()
	call(t, "DELETE", s.Faults, "", nil)
}

// rules are those in force or used up, of all trials.
func (s *system) rules(t *testing.T) []fault.Rule {
	t.Helper()
	return slices.Clone(look[[]fault.Rule](t, s, s.Faults))
}

// hits counts the calls that failed by a rule.
func (s *system) hits(t *testing.T) int {
	t.Helper()
	n := 0
	for _, r := range s.rules(t) {
		n += r.Hits
	}
	return n
}

// landed waits until every late effect has come about.
func (s *system) landed(t *testing.T) {
	t.Helper()
	eventually(t, "what is late has come", func() error {
		for _, r := range s.rules(t) {
			if r.Kind == fault.Late && r.Landed < r.Hits {
				return fmt.Errorf("%s has not", r.Match)
			}
		}
		return nil
	})
}
