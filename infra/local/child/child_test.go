//go:build linux

package child_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"yakusoku/infra/local/child"
)

// role makes the test binary play a parent that starts one child, names it, and
// waits to be killed.
const role = "CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(role) == "" {
		os.Exit(m.Run())
	}
	sleeper := exec.Command("sleep", "60")
	if _, err := child.Start(sleeper); err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(sleeper.Process.Pid) + "\n")
	select {}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestAChildDoesNotOutliveAParentThatIsKilled(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), role+"=1")
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if gone(pid) {
		t.Fatal("the child was gone before its parent")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	for deadline := time.Now().Add(5 * time.Second); !gone(pid) && !zombie(pid); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("child %d is still there", pid)
		}
	}
}

// zombie reports whether the process has ended and only waits to be reaped, as
// it may for long where process 1 reaps nothing.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestStopAsksBeforeItKills(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   string // how it ended
	}{
		"a process that listens":  {`trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`, "exit status 7"},
		"a process that does not": {`trap '' TERM; echo ready; while :; do sleep 0.01; done`, "signal: killed"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", c.script)
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdout = writer
			p, err := child.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			p.Stop(ctx)
			if p.Err() == nil || p.Err().Error() != c.want {
				t.Errorf("it ended with %v, want %s", p.Err(), c.want)
			}
		})
	}
}
