// Package deployment makes an AWS account on this machine, and deploys to it as one
// deploys to AWS: by `cdk bootstrap`, `cdk deploy`, and what the README has people do
// afterwards. The account is MiniStack, which emulates AWS without Docker; what it lacks
// of ours is in emulator.py. It is for tests alone.
package deployment

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"yakusoku/infra/local/engine"
)

// Region is where the stack is deployed; EdgeRegion is where AWS wants what stands in
// front of every region.
const (
	Region     = "ap-northeast-1"
	EdgeRegion = "us-east-1"
)

// Number is the account's.
const Number = "000000000000"

// Account is an emulated AWS account. Every call of a function is held against the
// policies of its role; who deploys is the account's root.
type Account struct {
	URL string

	root, dir string
	emulator  *engine.Engine
	log       *os.File
	outside   *Outside
	proxy     *proxy
}

// Program is the Python that has MiniStack, under the repository's root.
func Program(root string) string { return filepath.Join(root, ".local", "venv", "bin", "python3") }

// Open starts an account that is empty. root is the repository's, dir keeps what a run
// writes. The functions find outside in the internet's place.
func Open(ctx context.Context, root, dir string, outside *Outside) (*Account, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	a := &Account{root: root, dir: dir, outside: outside}
	if err := a.open(ctx); err != nil {
		a.Close(ctx)
		return nil, err
	}
	return a, nil
}

func (a *Account) open(ctx context.Context) error {
	if err := os.MkdirAll(a.temporary(), 0o700); err != nil {
		return fmt.Errorf("make %s: %w", a.dir, err)
	}
	var err error
	if a.proxy, err = openProxy(ctx, filepath.Join(a.dir, "outside.pem"), a.outside, signInHost); err != nil {
		return err
	}
	if a.log, err = os.Create(a.logFile()); err != nil {
		return fmt.Errorf("open the emulator's log: %w", err)
	}
	if a.emulator, err = engine.Start(ctx, engine.Program{Name: "MiniStack", Command: a.command, Health: "/_ministack/health"}, a.log); err != nil {
		return err
	}
	a.URL = a.emulator.URL.String()
	return a.outside.lead(a.URL, signInHost, signInHost) // it says its own address by that
}

func (a *Account) temporary() string { return filepath.Join(a.dir, "tmp") }

func (a *Account) logFile() string { return filepath.Join(a.dir, "emulator.log") }

// command starts the emulator with no more in its environment than it needs: every
// function inherits it.
func (a *Account) command(port int) (*exec.Cmd, error) {
	cmd := exec.Command(Program(a.root), filepath.Join(a.root, "infra", "promise", "deployment", "emulator.py")) //nolint:noctx // it lives until Close
	cmd.Dir = a.dir
	cmd.Env = append(rootEnvironment(),
		"PATH="+os.Getenv("PATH"),
		"TMPDIR="+a.temporary(),
		"BIND_HOST=127.0.0.1",
		"GATEWAY_PORT="+strconv.Itoa(port),
		// It hands this on, so that functions call it in AWS's place.
		"AWS_ENDPOINT_URL=http://127.0.0.1:"+strconv.Itoa(port),
		"AUTH=true",
		// These listen at every address of the machine.
		"IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
		// What functions call outside of AWS.
		"HTTPS_PROXY="+a.proxy.url, "SSL_CERT_FILE="+a.proxy.certificate,
	)
	return cmd, nil
}

// rootEnvironment has the root's credentials, and nobody else's that this machine may know.
func rootEnvironment() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + rootKey, "AWS_SECRET_ACCESS_KEY=" + rootKey,
		"AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// rootKey is what MiniStack takes for the root's access key.
const rootKey = "test"

// Close ends everything.
func (a *Account) Close(ctx context.Context) {
	if a.emulator != nil {
		a.emulator.Stop(ctx)
	}
	if a.proxy != nil {
		a.proxy.close()
	}
	if a.log != nil {
		_ = a.log.Close() // nowhere left to say so
	}
	_ = os.RemoveAll(a.temporary()) // a copy of every program
}

// Given are the types of resources that the emulator only took note of: they are in the
// template, and nothing shows here that AWS would make them.
func (a *Account) Given() ([]string, error) { return a.told("taken as given: ") }

// Denied are the calls that a role's policies did not allow.
func (a *Account) Denied() ([]string, error) { return a.told("denied: ") }

// told is what emulator.py says under the mark, each once.
func (a *Account) told(mark string) ([]string, error) {
	log, err := os.ReadFile(a.logFile())
	if err != nil {
		return nil, fmt.Errorf("read the emulator's log: %w", err)
	}
	var all []string
	for line := range strings.Lines(string(log)) {
		if _, what, found := strings.Cut(line, mark); found {
			all = append(all, strings.TrimSpace(what))
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// ShowLogs writes the end of what the emulator and CDK said.
func (a *Account) ShowLogs(w io.Writer) {
	for _, file := range []string{a.logFile(), a.cdkLog()} {
		content, _ := os.ReadFile(file)
		const most = 3000
		_, _ = fmt.Fprintf(w, "%s:\n%s\n", filepath.Base(file), content[max(0, len(content)-most):])
	}
}
