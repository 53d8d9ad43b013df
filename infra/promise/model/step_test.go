package model_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"yakusoku/infra/promise/workflow"
	"yakusoku/shared/booking"
	"yakusoku/shared/saga"
)

// request is something that a guest or the host asks for, once and at any time.
type request struct {
	role role
	book int8
	to   int8
	// when is from which state of the booking on it may be asked for. A request that
	// is refused changes nothing.
	when booking.Status
}

// scenario is what may happen in a model, and how often.
type scenario struct {
	name     string
	small    bool // enough for a short run
	requests []request

	faults, crashes, nudges int8

	// mayUpdate says that Zoom lets the app move meetings; forgets, that the calendar
	// forgets with time which ids it was given.
	mayUpdate, forgets bool
	// made says that the first booking is confirmed and at rest at the start.
	made bool
	// refuses is a kind of call that a provider refuses from the start and for good.
	refuses op
}

// bend changes how something behaves: a mistake that the model has to find.
type bend struct {
	blind         bool // what is there is not found before it is made
	unbegun       bool // that a step begins is not recorded before it acts
	hasty         bool // nobody waits for effects that may come
	unsaid        bool // the calendar is not told that a try is repeated
	lastWins      bool // a save does not look at the version
	freesEarly    bool // what a failed booking holds is free at once
	holdsAnyway   bool // a hold does not look at the cells
	oneName       bool // executions of all attempts have one name
	forgetsFailed bool // sweep does not look after what is given up
}

// model makes the states that follow a state.
type model struct {
	scenario
	bend
	definitions map[string]workflow.Definition
	stage       *stage
	violation   string          // found while making the last states
	entered     map[string]bool // the states of machines that an execution came to; may be nil
}

// way is what leads from a state to another.
type way struct {
	to    *state
	what  func() string
	fated bool // it comes without any fault, request or impatience
}

// start is the first state.
func (m *model) start() *state {
	s := &state{}
	if m.made {
		calm := *m
		calm.scenario = scenario{requests: []request{{role: asSubmission}}}
		for ways := calm.ways(s); len(ways) > 0; ways = calm.ways(s) {
			s = ways[0].to
		}
		s.asked = 0
		s.at += int64(effectWithin / instant)
		s.epoch = s.at
	}
	s.faults, s.crashes, s.nudges = m.faults, m.crashes, m.nudges
	return s
}

// ways are all that lead on from s.
func (m *model) ways(s *state) []way {
	var all []way
	add := func(to *state, fated bool, what func() string) {
		if to != nil {
			all = append(all, way{to, what, fated})
		}
	}
	for i, p := range s.procs {
		m.answers(s, i, p, add)
	}
	for i, r := range s.runs {
		if r.standing == ended {
			continue
		}
		if s.crashes > 0 {
			m.losses(s, i, r, add)
		}
	}
	for i, l := range s.late {
		c := s.clone()
		c.late = slices.Delete(c.late, i, i+1)
		m.do(c, l.call)
		add(c, true, func() string { return "late: " + l.call.String() })
	}
	if w := m.wait(s); w != nil {
		add(w, true, func() string { return "time passes" })
	}
	for i, r := range m.requests {
		if s.asked&(1<<i) == 0 && m.mayAsk(s, r) {
			c := s.clone()
			c.asked |= 1 << i
			p := process{role: r.role, book: r.book, to: r.to, of: -1}
			m.begin(c, p)
			last := len(c.procs) - 1
			if last < 0 || c.procs[last].next.op == opBusy {
				add(c, false, func() string { return p.String() })
				continue
			}
			// It has read, and writes if that is unchanged: as good as at once.
			m.answers(c, last, c.procs[last], func(to *state, _ bool, what func() string) { add(to, false, what) })
		}
	}
	for book, b := range s.books {
		if b == nil || b.Deadline.IsZero() || m.forgetsFailed && b.NeedsAttention() {
			continue
		}
		m.sweeps(s, int8(book), *b, add)
	}
	return all
}

// sweeps lets sweep find a booking. It comes by itself where nothing goes on: at the
// deadline, which for the first time may be at once or after whatever may come has
// come, and later always is after that. While something goes on, it comes as a nudge.
func (m *model) sweeps(s *state, book int8, b booking.Booking, add func(*state, bool, func() string)) {
	if slices.ContainsFunc(s.procs, func(p process) bool { return p.role == asSweep && p.book == book }) {
		return
	}
	find := func(c *state, fated bool) {
		m.begin(c, process{role: asSweep, book: book, of: -1})
		add(c, fated, func() string { return fmt.Sprintf("sweep finds booking %d", book) })
	}
	calm := m.calm(s, book)
	if calm && len(s.late) == 0 {
		c := s.clone()
		m.pass(c)
		find(c, true)
	}
	if calm && b.Attempt == 0 || !calm && s.nudges > 0 {
		c := s.clone()
		if !calm {
			c.nudges--
		}
		find(c, calm)
	}
}

// calm reports whether nothing goes on by itself.
func (m *model) calm(s *state, book int8) bool {
	return len(s.procs) == 0 && !slices.ContainsFunc(s.runs, func(r execution) bool {
		return r.standing != ended && strings.HasPrefix(r.name, ids[book])
	})
}

func (m *model) mayAsk(s *state, r request) bool {
	b := s.books[r.book]
	switch {
	case r.role == asSubmission:
		return b == nil || b.Status == booking.Pending // later it finds its receipt
	case b == nil || b.Status != r.when:
		return false
	case r.role == asGuestMove || r.role == asHostMove:
		return b.Deadline.IsZero() // *Changing otherwise
	}
	return true
}

// begin lets a process start, up to the first thing that anybody sees of it. What
// a person or sweep begins by reading is read at once: it begins at any time.
func (m *model) begin(s *state, p process) {
	p.born = s.at
	next, ended, _ := m.stage.play(p)
	if ended {
		return
	}
	p.next = next
	s.procs = append(s.procs, p)
	if p.role != asTask && next.op == opRead {
		m.settle(s, len(s.procs)-1, m.do(s, next))
	}
}

// settle gives a process its answer and lets it go on. If it ends, it says so, and
// how.
func (m *model) settle(s *state, i int, a answer) (ended bool, failure string) {
	p := s.procs[i]
	learn := func(a answer) (err error) {
		a.at = s.at
		p.log = append(slices.Clip(p.log), a)
		p.next, ended, err = m.stage.play(p)
		return err
	}
	err := learn(a)
	if !ended && a.outcome == stale && p.next.op == opRead {
		err = learn(m.do(s, p.next)) // the save that failed changed nothing: it might as well have come now
	}
	if !ended {
		s.procs[i] = p
		return false, ""
	}
	s.procs = slices.Delete(s.procs, i, i+1)
	return true, name(err)
}

// name is what a task's error is called by.
func name(err error) string {
	if err == nil {
		return ""
	}
	full := fmt.Sprintf("%T", err)
	return full[strings.LastIndexByte(full, '.')+1:]
}

// finish takes an execution on from a task that ended, and where it failed and may
// be tried again, tries it.
func (m *model) finish(s *state, i int8, failure string) {
	r := &s.runs[i]
	at := m.definitions[r.machine].States[r.at]
	switch {
	case failure == "" && at.End:
		r.standing = ended
	case failure == "":
		m.enter(s, i, at.Next)
	case retried(at, failure) && failure == "TooSoon":
		r.standing = resting // it is tried again until it is not too soon
	case retried(at, failure):
		m.enter(s, i, r.at)
	default:
		m.giveUp(s, i, failure)
	}
}

func retried(at workflow.State, failure string) bool {
	n := at.Retrier(workflow.Failure{Name: failure})
	return n >= 0 && at.Retry[n].MaxAttempts > 0
}

// outlasts reports whether the state is tried again until whatever may come about has,
// by far: with full jitter, its pauses are half as long as they may be.
func outlasts(at workflow.State, failure string) bool {
	r := at.Retry[at.Retrier(workflow.Failure{Name: failure})]
	return failure == "TooSoon" && float64(r.MaxAttempts)*r.IntervalSeconds/2 > 2*effectWithin.Seconds()
}

// giveUp takes an execution to where the failure is caught, if anywhere.
func (m *model) giveUp(s *state, i int8, failure string) {
	r := &s.runs[i]
	next, data, ok := m.definitions[r.machine].States[r.at].Caught(workflow.Failure{Name: failure}, r.data)
	if !ok {
		r.standing = ended
		return
	}
	r.data, r.dataKey = data, keyed(data)
	m.enter(s, i, next)
}

func keyed(data map[string]any) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// enter begins the task of a state.
func (m *model) enter(s *state, i int8, name string) {
	r := &s.runs[i]
	at, ok := m.definitions[r.machine].States[name]
	if !ok {
		m.violation = fmt.Sprintf("%s goes to %q, which does not exist", r.machine, name)
		r.standing = ended
		return
	}
	r.at, r.standing = name, running
	if m.entered != nil {
		m.entered[r.machine+"."+name] = true
	}
	input, failure := at.Input(r.data)
	if failure != nil {
		m.giveUp(s, i, failure.Name)
		return
	}
	var request saga.Request
	if err := json.Unmarshal(input, &request); err != nil {
		panic(err)
	}
	m.begin(s, process{role: asTask, book: indexOf(request.Booking), state: r.machine + "." + name, of: i, input: string(input), function: at.Resource, request: request})
}

// losses are what becomes of an execution by no fault of a task: it is ended, it was
// never heard of, or it does not wait for the task any more, which goes on.
func (m *model) losses(s *state, i int, r execution, add func(*state, bool, func() string)) {
	leave := func() *state {
		c := s.clone()
		c.crashes--
		for n := range c.procs {
			if c.procs[n].of == int8(i) {
				c.procs[n].of = -1
			}
		}
		return c
	}
	c := leave()
	c.runs[i].standing = ended
	add(c, false, func() string { return fmt.Sprintf("%s is ended at %s", r.run, r.at) })
	c = leave()
	c.runs[i].standing = ended
	c.procs = slices.DeleteFunc(c.procs, func(p process) bool { return p.state == r.machine+"."+r.at && p.of < 0 })
	add(c, false, func() string { return fmt.Sprintf("%s is ended at %s, with its task", r.run, r.at) })
	c = leave()
	c.runs = slices.Delete(c.runs, i, i+1)
	for n := range c.procs {
		if c.procs[n].of > int8(i) {
			c.procs[n].of--
		}
	}
	add(c, false, func() string { return fmt.Sprintf("%s is forgotten at %s", r.run, r.at) })
	if r.standing == running {
		m.outlives(leave(), int8(i), "States.Timeout", false, add, func() string { return fmt.Sprintf("%s waits no longer at %s", r.run, r.at) })
	}
}

// outlives makes the states that follow the end of a task: where it failed and may be
// tried again, it is, or, as if it had been for long enough, given up.
func (m *model) outlives(c *state, i int8, failure string, fated bool, add func(*state, bool, func() string), what func() string) {
	if i < 0 {
		add(c, fated, what)
		return
	}
	at := m.definitions[c.runs[i].machine].States[c.runs[i].at]
	if failure != "" && retried(at, failure) && !outlasts(at, failure) {
		other := c.clone()
		m.giveUp(other, i, failure)
		add(other, false, func() string { return what() + "; " + failure + ", given up" })
	}
	m.finish(c, i, failure)
	add(c, fated, func() string {
		if failure != "" {
			return what() + "; " + failure
		}
		return what()
	})
}

// wait lets pass the time in which effects may still come: all have, and no process
// lasts as long.
func (m *model) wait(s *state) *state {
	if len(s.procs) > 0 || len(s.late) > 0 {
		return nil
	}
	rests := slices.ContainsFunc(s.runs, func(r execution) bool { return r.standing == resting })
	if !rests {
		return nil
	}
	c := s.clone()
	m.pass(c)
	for i := range c.runs {
		if c.runs[i].standing == resting {
			m.enter(c, int8(i), c.runs[i].at)
		}
	}
	return c
}

// pass lets that time pass.
func (m *model) pass(c *state) {
	c.at += int64(effectWithin / instant)
	c.epoch = c.at
	if m.forgets {
		c.taken = nil
	}
}

// answers are all ways in which the call that a process is about to make may end.
func (m *model) answers(s *state, i int, p process, add func(*state, bool, func() string)) {
	end := func(o outcome, died bool) {
		c := s.clone()
		a, ok := m.act(c, p.next, o)
		if !ok {
			return
		}
		what := func() string {
			text := fmt.Sprintf("%s: %s", p, p.next)
			if p.book > 0 {
				text = fmt.Sprintf("(booking %d) %s", p.book, text)
			}
			if a.outcome != okay {
				text += " (" + outcomeNames[a.outcome] + ")"
			}
			if a.booking != nil && p.next.op == opRead {
				text += " " + brief(a.booking)
			}
			if died {
				text += ", and dies"
			}
			return text
		}
		if died {
			c.crashes--
			c.procs = slices.Delete(c.procs, i, i+1)
			m.outlives(c, p.of, "Lambda.Unknown", false, add, what)
			return
		}
		if o != okay {
			c.faults--
		}
		if ended, failure := m.settle(c, i, a); ended {
			m.outlives(c, p.of, failure, o == okay, add, what)
		} else {
			add(c, o == okay, what)
		}
	}
	end(okay, false)
	if s.crashes > 0 {
		end(okay, true)
	}
	if s.faults > 0 {
		for _, o := range faultsOf[p.next.op] {
			end(o, false)
		}
	}
}

// faultsOf are what may go wrong with a call.
var faultsOf = map[op][]outcome{
	opSave: {unavailable, lost}, opRelease: {unavailable, lost}, opClaim: {unavailable, lost}, opHold: {unavailable, lost},
	opStart:      {unavailable, lost},
	opZoomCreate: {refused, limited, unavailable, lost, late}, opZoomUpdate: {refused, limited, unavailable, lost, late},
	opZoomDelete: {refused, limited, unavailable, lost, late}, opZoomFind: {refused, unavailable},
	opBusy: {busy, refused, unavailable}, opEventFind: {refused, unavailable},
	opEventInsert: {refused, limited, unavailable, lost, late}, opEventUpdate: {refused, limited, unavailable, lost, late},
	opEventDelete: {refused, limited, unavailable, lost, late},
	opSend:        {refused, limited, unavailable, lost},
}

// act makes the call come about in s, as far as its outcome says, and tells what the
// process learns; ok is false where it cannot end like that.
func (m *model) act(s *state, c call, o outcome) (answer, bool) {
	switch o {
	case refused, limited, unavailable, busy:
		return answer{outcome: o}, true
	case late:
		s.late = append(s.late, effect{c})
		return answer{outcome: o}, true
	}
	if c.op == m.refuses && c.op != opRead {
		return answer{outcome: refused}, o == okay
	}
	a := m.do(s, c)
	if o == lost {
		return answer{outcome: lost}, a.outcome == okay // what did nothing has nothing to be lost
	}
	return a, true
}

func (m *model) do(s *state, c call) answer {
	switch c.op {
	case opRead:
		return answer{booking: s.books[c.book]}
	case opSave, opRelease, opClaim, opHold:
		return m.write(s, c)
	case opStart, opState:
		return m.execute(s, c)
	case opZoomCreate, opZoomFind, opZoomUpdate, opZoomDelete:
		return m.meet(s, c)
	case opSend:
		s.tell(c.book, c.slot, c.kind)
		return answer{}
	}
	return m.note(s, c)
}

// write is a transaction of the store's, all or nothing.
func (m *model) write(s *state, c call) answer {
	stored := s.books[c.book]
	is := *c.is
	switch {
	case c.op == opHold:
		if stored != nil {
			return answer{outcome: repeatedHold, booking: stored}
		}
		is.Version = 1
	case is.Version != stored.Version && !m.lastWins:
		return answer{outcome: stale}
	default:
		is.Version = stored.Version + 1
	}
	if m.unbegun && begins(stored, &is) {
		is.Version--
		return answer{}
	}
	was := c.was
	if c.op == opSave {
		was = c.is
	}
	more, less := places(&is, was), places(was, &is)
	if c.op == opSave && m.freesEarly && is.Status == booking.Failed {
		less = places(&is, nil)
		is.Mark(booking.Hold, booking.Undone, began)
	}
	for _, slot := range more {
		if s.cells[slot] != 0 && !m.holdsAnyway {
			return answer{outcome: slotTaken}
		}
	}
	for _, slot := range less {
		if s.cells[slot] != c.book+1 {
			m.violation = fmt.Sprintf("booking %d frees slot %d, which is not its own", c.book, slot)
			return answer{outcome: stale}
		}
		s.cells[slot] = 0
	}
	for _, slot := range more {
		s.cells[slot] = c.book + 1
	}
	s.books[c.book] = &is
	return answer{}
}

// begins reports whether a step is recorded as begun.
func begins(was, is *booking.Booking) bool {
	if was == nil {
		return false
	}
	for _, step := range []booking.Step{booking.Meeting, booking.Event} {
		if is.Steps[step].Status == booking.Started {
			return true
		}
		if is.Move != nil && is.Move.Steps[step].Status == booking.Started {
			return true
		}
	}
	return false
}

// places are those that a booking holds and another state of it does not.
func places(b, other *booking.Booking) []int8 {
	var all []int8
	for _, p := range placesOf(b) {
		if slot := slotOf(p.Start); !slices.ContainsFunc(placesOf(other), func(o booking.Place) bool { return o.Start.Equal(p.Start) }) && !slices.Contains(all, slot) {
			all = append(all, slot)
		}
	}
	return all
}

func placesOf(b *booking.Booking) []booking.Place {
	if b == nil {
		return nil
	}
	return b.Places()
}

func (m *model) execute(s *state, c call) answer {
	i := slices.IndexFunc(s.runs, func(r execution) bool {
		same := r.name == c.run.name || m.oneName && attemptless(r.name) == attemptless(c.run.name)
		return r.machine == c.run.machine && same
	})
	switch {
	case c.op == opState && i < 0:
		return answer{state: saga.NeverStarted}
	case c.op == opState && s.runs[i].standing != ended:
		return answer{state: saga.Running}
	case c.op == opState:
		return answer{state: saga.Ended}
	case i >= 0: // it exists already
		return answer{}
	}
	d, ok := m.definitions[c.run.machine]
	if !ok {
		panic("no machine " + c.run.machine)
	}
	data := map[string]any{}
	if err := json.Unmarshal([]byte(c.run.input), &data); err != nil {
		panic(err)
	}
	s.runs = append(s.runs, execution{run: c.run, data: data, dataKey: keyed(data)})
	m.enter(s, int8(len(s.runs)-1), d.StartAt)
	return answer{}
}

func attemptless(name string) string { return name[:strings.LastIndexByte(name, '-')] }

// meet is Zoom, which knows nothing of calls that are repeated.
func (m *model) meet(s *state, c call) answer {
	at := slices.IndexFunc(s.meetings, func(t meeting) bool { return t.id == c.id })
	switch c.op {
	case opZoomCreate:
		s.made[c.book]++
		id := 100*int64(c.book+1) + int64(s.made[c.book])
		s.meetings = append(s.meetings, meeting{id: id, book: c.book, number: c.numbers[0], slot: c.slot})
		return answer{found: []int64{id}}
	case opZoomFind:
		var a answer
		for _, t := range s.meetings {
			if t.book == c.book && slices.Contains(c.numbers, t.number) && !m.blind {
				a.found = append(a.found, t.id)
			}
		}
		return a
	case opZoomUpdate:
		switch {
		case !m.mayUpdate:
			return answer{outcome: mayNotUpdate}
		case at < 0:
			return answer{outcome: noMeeting}
		}
		s.meetings[at].slot = c.slot
	case opZoomDelete:
		if at >= 0 {
			s.meetings = slices.Delete(s.meetings, at, at+1)
		}
	}
	return answer{}
}

// note is the calendar. One knows an id for good; one that forgets knows it for as
// long as an answer may be waited for, and after that looks only if it is asked to.
func (m *model) note(s *state, c call) answer {
	key := uint8(c.id)
	at := slices.IndexFunc(s.events, func(v event) bool { return v.key == key })
	switch c.op {
	case opBusy:
		return answer{yes: slices.ContainsFunc(s.events, func(v event) bool { return v.slot == c.slot })}
	case opEventFind:
		return answer{yes: at >= 0 && !m.blind}
	case opEventInsert:
		known := slices.Contains(s.taken, key)
		repeated := c.repeated && !m.unsaid
		switch {
		case at >= 0 && (known || repeated):
			return answer{}
		case known:
			return answer{outcome: idTaken}
		}
		s.taken = append(s.taken, key)
		s.events = append(s.events, event{key: key, slot: c.slot, url: c.url})
	case opEventUpdate:
		if at < 0 {
			return answer{outcome: refused}
		}
		s.events[at].slot, s.events[at].url = c.slot, c.url
	case opEventDelete:
		if at >= 0 {
			s.events = slices.Delete(s.events, at, at+1)
		}
	}
	return answer{}
}
