package deployment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Architecture is this machine's in Lambda's words: the emulator runs the functions
// itself.
func Architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// Synthesize writes the app's templates to a folder, for this account and the stage.
func (a *Account) Synthesize(ctx context.Context, assembly, stage string) error {
	return a.cdk(ctx, a.root, "synth", "--quiet", "--output", assembly,
		"--build", "true", // the functions are built: cdk.json's command builds them for AWS
		"-c", "stage="+stage, "-c", "sender=Yakusoku <no-reply@example.com>", "-c", "architecture="+Architecture())
}

// Bootstrap makes what CDK needs of an account, once.
func (a *Account) Bootstrap(ctx context.Context) error {
	// In a folder without a cdk.json: no app is asked which account it is for.
	return a.cdk(ctx, a.dir, "bootstrap", "aws://"+Number+"/"+Region, "aws://"+Number+"/"+EdgeRegion)
}

// Deploy deploys every stack of an assembly.
func (a *Account) Deploy(ctx context.Context, assembly string) error {
	return a.cdk(ctx, a.dir, "deploy", "--all", "--app", assembly, "--require-approval", "never", "--progress", "events")
}

func (a *Account) cdkLog() string { return filepath.Join(a.dir, "cdk.log") }

// cdkWithin bounds one command; the first compiles the app and CDK's bindings.
const cdkWithin = 5 * time.Minute

func (a *Account) cdk(ctx context.Context, dir string, arguments ...string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, cdkWithin)
	defer cancel()
	log, err := os.OpenFile(a.cdkLog(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open CDK's log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd := exec.CommandContext(ctx, filepath.Join(a.root, "infra", "local", "node_modules", ".bin", "cdk"), arguments...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), append(rootEnvironment(), "AWS_ENDPOINT_URL="+a.URL, "CI=true",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1")...)
	cmd.WaitDelay = time.Second // of a grandchild that keeps the log open
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cdk %s (see %s): %w", arguments[0], a.cdkLog(), err)
	}
	return nil
}
