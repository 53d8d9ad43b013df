// Package child starts processes that do not outlive this one. It knows nothing
// of what they do.
package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Process is a started child, in a process group of its own: a Ctrl-C typed at
// the terminal reaches this process alone, which then ends its children in order.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait; read once done is closed
}

// spawner starts every child on one thread that never ends: Linux counts the
// death of the thread that forked as the death of the parent.
var spawner = sync.OnceValue(func() chan func() {
	starts := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range starts {
			start()
		}
	}()
	return starts
})

// Start starts cmd. On Linux the kernel kills it when this process dies, however
// that happens.
func Start(cmd *exec.Cmd) (*Process, error) {
	cmd.SysProcAttr = attributes()
	// A grandchild that keeps the output open must not keep Wait from returning.
	cmd.WaitDelay = time.Second
	started := make(chan error)
	spawner() <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the process has ended and its output has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended; nil is exit status 0. It must be called after
// Done only.
func (p *Process) Err() error { return p.err }

// Kill ends the process and all of its group at once.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
}

// Stop asks the process to end and kills it if it has not by the time that ctx
// is done. It returns when the process has ended.
func (p *Process) Stop(ctx context.Context) {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
		<-p.done
	}
}

func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done: // its id may belong to another process by now
		return
	default:
	}
	// No such group: it ended a moment ago, which is what was asked for.
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintf(os.Stderr, "signal %s: %v\n", p.cmd.Path, err)
	}
}
