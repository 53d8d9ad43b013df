// Package engine starts the programs that stand in for AWS services, each on a
// loopback port of its own, and says when they are ready. It knows how each is
// called, not what is done with it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"time"

	"yakusoku/infra/local/child"
)

// Program is an engine that can be started on a port.
type Program struct {
	Name    string
	Command func(port int) (*exec.Cmd, error)
	Health  string // path that answers 2xx or 4xx once the engine serves
}

// Engine is a running program.
type Engine struct {
	Program Program
	URL     *url.URL
	process *child.Process
}

const (
	readyLimit = 20 * time.Second
	attempts   = 3 // another program may take a free port before ours binds it
)

// Start starts the program and returns once it serves. Its output goes to log.
func Start(ctx context.Context, p Program, log io.Writer) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	var problem error
	for range attempts {
		e, err := startOnce(ctx, p, log)
		if err == nil {
			return e, nil
		}
		problem = err
		if !errors.Is(err, errEnded) {
			break
		}
	}
	return nil, fmt.Errorf("start %s: %w", p.Name, problem)
}

var errEnded = errors.New("it ended before it was ready (see its log)")

func startOnce(ctx context.Context, p Program, log io.Writer) (*Engine, error) {
	port, claim, err := claimPort(ctx)
	if err != nil {
		return nil, err
	}
	defer claim.Close() // the program has the port by then, or has ended
	cmd, err := p.Command(port)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	process, err := child.Start(cmd)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		Program: p,
		URL:     &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))},
		process: process,
	}
	if err := e.awaitReady(ctx); err != nil {
		process.Kill()
		return nil, err
	}
	return e, nil
}

// Done is closed when the program has ended.
func (e *Engine) Done() <-chan struct{} { return e.process.Done() }

// Stop ends the program; it is killed when ctx is done.
func (e *Engine) Stop(ctx context.Context) { e.process.Stop(ctx) }

func (e *Engine) awaitReady(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if e.serves(ctx) {
			return nil
		}
		select {
		case <-e.process.Done():
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("it does not answer at %s: %w", e.URL, ctx.Err())
		case <-tick.C:
		}
	}
}

func (e *Engine) serves(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL.JoinPath(e.Program.Health).String(), nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode < http.StatusInternalServerError
}

// Ports of programs lie below those that systems give to outgoing connections (from
// 32768 on Linux, from 49152 elsewhere): one of those may be taken between its being
// found free and the program's binding it, and another program would answer there.
const (
	firstPort = 20000
	lastPort  = 32000
)

// claimPort finds a port that nobody listens at. Until the claim is closed no other
// local run chooses it, which would take the other's program for its own: each binds
// the port for UDP first, which no program does.
func claimPort(ctx context.Context) (int, net.PacketConn, error) {
	config := new(net.ListenConfig)
	var problem error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		claim, err := config.ListenPacket(ctx, "udp", address)
		if err != nil {
			problem = err
			continue
		}
		l, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			err = l.Close()
		}
		if err == nil {
			return port, claim, nil
		}
		problem = errors.Join(err, claim.Close())
	}
	return 0, nil, fmt.Errorf("find a free port: %w", problem)
}
