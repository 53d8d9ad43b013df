package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Tools is the folder of package.json, where `npm ci` was run.
type Tools string

// platform is this machine in Node's words.
func platform() string {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return runtime.GOOS + "-" + arch
}

func (t Tools) module(path ...string) string {
	return filepath.Join(append([]string{string(t), "node_modules"}, path...)...)
}

// DynamoDB is Dynoxide, keeping its tables in the file at database.
func (t Tools) DynamoDB(database string) Program {
	return Program{
		Name: "dynamodb",
		Command: func(port int) (*exec.Cmd, error) {
			binary := t.module("@dynoxide", platform(), "dynoxide")
			if _, err := os.Stat(binary); err != nil {
				return nil, fmt.Errorf("there is no Dynoxide for %s in %s: install it there (npm install --no-save @dynoxide/%s), "+
					"or name another DynamoDB by AWS_ENDPOINT_URL_DYNAMODB", platform(), t, platform())
			}
			return exec.Command(binary, "serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--db-path", database), nil
		},
	}
}

// SES is aws-ses-v2-local: the SESv2 API and a mailbox to look at, in memory.
func (t Tools) SES() Program {
	return Program{
		Name:   "ses",
		Health: "/health-check",
		Command: func(port int) (*exec.Cmd, error) {
			return t.node(t.module("aws-ses-v2-local", "dist", "cli.js"), "--host", "127.0.0.1", "--port", strconv.Itoa(port))
		},
	}
}

// StateMachines says what Step Functions runs and how.
type StateMachines struct {
	Definitions map[string]json.RawMessage // ASL by name, without placeholders
	Lambda      string                     // base URL of the Invoke API
	RetryScale  float64                    // waits between retries are multiplied by it; 0: as written
}

// StepFunctions is stepfunctions.mjs, which reads its configuration from file.
func (t Tools) StepFunctions(s StateMachines, file string) Program {
	return Program{
		Name: "stepfunctions",
		Command: func(port int) (*exec.Cmd, error) {
			scale := s.RetryScale
			if scale == 0 {
				scale = 1
			}
			config, err := json.Marshal(map[string]any{
				"port": port, "lambda": s.Lambda, "retryScale": scale, "stateMachines": s.Definitions,
			})
			if err != nil {
				return nil, fmt.Errorf("configure Step Functions: %w", err)
			}
			if err := os.WriteFile(file, config, 0o600); err != nil {
				return nil, fmt.Errorf("configure Step Functions: %w", err)
			}
			return t.node(filepath.Join(string(t), "engine", "stepfunctions.mjs"), file)
		},
	}
}

// SignIn says whom hosts sign in at, and for which console.
type SignIn struct {
	Issuer   string   `json:"issuer"` // the address that the engine is reached under
	ClientID string   `json:"clientId"`
	Origin   string   `json:"origin"` // the console's
	State    string   `json:"state"`  // file of what outlives a run
	People   []string `json:"people"` // addresses that are offered
}

// SignInProvider is signin.mjs, which reads its configuration from file.
func (t Tools) SignInProvider(s SignIn, file string) Program {
	return Program{
		Name:   "signin",
		Health: "/healthz",
		Command: func(port int) (*exec.Cmd, error) {
			config, err := json.Marshal(struct {
				SignIn
				Port int `json:"port"`
			}{s, port})
			if err != nil {
				return nil, fmt.Errorf("configure the sign-in: %w", err)
			}
			if err := os.WriteFile(file, config, 0o600); err != nil {
				return nil, fmt.Errorf("configure the sign-in: %w", err)
			}
			return t.node(filepath.Join(string(t), "engine", "signin.mjs"), file)
		},
	}
}

// oldestNode is what aws-local-stepfunctions needs.
const oldestNode = 22

// node runs a script by npm's own Node where it is installed, else by the
// machine's, if that is new enough.
func (t Tools) node(script string, arguments ...string) (*exec.Cmd, error) {
	if _, err := os.Stat(t.module()); err != nil {
		return nil, fmt.Errorf("the tools are not installed: run `npm ci` in %s, or `make run`", t)
	}
	binary := t.module("node-"+platform(), "bin", "node")
	if _, err := os.Stat(binary); err != nil {
		if binary, err = systemNode(); err != nil {
			return nil, err
		}
	}
	return exec.Command(binary, append([]string{script}, arguments...)...), nil
}

func systemNode() (string, error) {
	wanted := fmt.Sprintf("Node %d or newer is needed", oldestNode)
	binary, err := exec.LookPath("node")
	if err != nil {
		return "", errors.New(wanted + ", and there is none")
	}
	version, err := exec.Command(binary, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s, and `node --version` fails: %w", wanted, err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(version)), "v"), ".")
	if number, err := strconv.Atoi(major); err != nil || number < oldestNode {
		return "", fmt.Errorf("%s: this machine's is %s", wanted, strings.TrimSpace(string(version)))
	}
	return binary, nil
}
