package promise_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

// glances are readings of all that stands somewhere outside, which dozens of trials ask
// for several times a second: who asks while another's is under way shares the next one.
type glances struct {
	mu sync.Mutex
	of map[string]*glance // by what is read
}

// glance is where one thing is read, once at a time.
type glance struct {
	turn sync.Mutex
	mu   sync.Mutex
	next *reading // that has not begun
}

type reading struct {
	done  chan struct{}
	value any
	err   error
}

// look reads what is at the address, after the call. Others may have the same value: it
// is not to be changed.
func look[T any](t *testing.T, s *system, address string) T {
	t.Helper()
	r := s.glances.at(fmt.Sprintf("%T at %s", *new(T), address)).join(func() (any, error) {
		var v T
		a, err := do(context.Background(), "GET", address, "", nil) // more than one test's
		if err == nil {
			err = json.Unmarshal(a.Body, &v)
		}
		return v, err
	})
	if r.err != nil {
		t.Fatalf("GET %s: %v", address, r.err)
	}
	return r.value.(T)
}

func (g *glances) at(what string) *glance {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = map[string]*glance{}
	}
	if g.of[what] == nil {
		g.of[what] = &glance{}
	}
	return g.of[what]
}

// join waits for the next reading, which begins when the one under way has ended.
func (g *glance) join(read func() (any, error)) *reading {
	g.mu.Lock()
	r := g.next
	if r == nil {
		r = &reading{done: make(chan struct{})}
		g.next = r
		go func() {
			g.turn.Lock()
			defer g.turn.Unlock()
			g.mu.Lock()
			g.next = nil
			g.mu.Unlock()
			r.value, r.err = read()
			close(r.done)
		}()
	}
	g.mu.Unlock()
	<-r.done
	return r
}
