package lambdas

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// pool holds one function's processes and hands them to its calls. A process is
// idle, busy, or settling: it has answered but does not poll yet, and may still
// end instead (as after a panic).
type pool struct {
	function Function
	config   Config

	mu        sync.Mutex
	closed    bool
	serial    int
	instances map[string]*instance
	idle      []*instance // the last one used comes last
	settling  int
	waiting   []chan claim
}

// claim is a process for a call, or the reason why there is none.
type claim struct {
	instance *instance
	err      error
}

var errClosing = errors.New("the local run is closing")

// run carries out one invocation, unless too many wait already.
func (p *pool) run(payload []byte) (Result, error) {
	in, err := p.acquire()
	if errors.Is(err, ErrThrottled) {
		return Result{}, err
	}
	if err != nil {
		return failure("Runtime.InvalidEntrypoint", err.Error()), nil
	}
	return in.invoke(payload), nil
}

// acquire returns a process that serves no other call: the one that was busy
// last, else one about to settle, else a new one, else the first to come free.
func (p *pool) acquire() (*instance, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		in := p.idle[n-1]
		p.idle = p.idle[:n-1]
		in.expiry.Stop()
		p.mu.Unlock()
		return in, nil
	}
	if p.settling <= len(p.waiting) && len(p.instances) < p.config.MaxProcesses {
		in, err := p.spawn()
		p.mu.Unlock()
		return in, err
	}
	if most := p.config.MaxWaiting; most > 0 && len(p.waiting) >= most {
		p.mu.Unlock()
		return nil, fmt.Errorf("%d calls of %s wait: %w", most, p.function.Name, ErrThrottled)
	}
	turn := make(chan claim, 1)
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	got := <-turn
	return got.instance, got.err
}

// spawn starts a process. The caller holds mu.
func (p *pool) spawn() (*instance, error) {
	if p.closed {
		return nil, errClosing
	}
	p.serial++
	in := newInstance(p, fmt.Sprint(p.serial))
	if err := in.start(); err != nil {
		return nil, err
	}
	p.instances[in.id] = in
	go func() {
		<-in.process.Done()
		p.remove(in)
	}()
	return in, nil
}

// settle notes that the process has answered and should poll again soon.
func (p *pool) settle(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in.settling = true
	p.settling++
}

// release takes back a process that polls again.
func (p *pool) release(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.instances[in.id] != in || slices.Contains(p.idle, in) {
		return
	}
	p.unsettle(in)
	if len(p.waiting) > 0 {
		p.next() <- claim{instance: in}
		return
	}
	p.idle = append(p.idle, in)
	in.expiry.Reset(p.config.Idle)
}

// remove forgets a process that has ended, and starts another for who waits.
func (p *pool) remove(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsettle(in)
	delete(p.instances, in.id)
	p.idle = slices.DeleteFunc(p.idle, func(i *instance) bool { return i == in })
	if len(p.waiting) > 0 {
		fresh, err := p.spawn()
		p.next() <- claim{fresh, err}
	}
}

// expire ends a process that has been idle for long.
func (p *pool) expire(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, in)
	if i < 0 { // taken for a call meanwhile
		return
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	in.process.Kill()
}

func (p *pool) unsettle(in *instance) {
	if in.settling {
		in.settling = false
		p.settling--
	}
}

// next takes the call that has waited longest.
func (p *pool) next() chan claim {
	turn := p.waiting[0]
	p.waiting = p.waiting[1:]
	return turn
}

func (p *pool) instance(id string) (*instance, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in, ok := p.instances[id]
	return in, ok
}

// close ends every process and waits for the last one.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	var alive []*instance
	for _, in := range p.instances {
		alive = append(alive, in)
	}
	for len(p.waiting) > 0 {
		p.next() <- claim{err: errClosing}
	}
	p.mu.Unlock()
	for _, in := range alive {
		in.process.Kill()
		<-in.process.Done()
	}
}
