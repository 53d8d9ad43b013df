package model_test

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
)

// state is all that there is at an instant. What it points to is never changed.
type state struct {
	books    [2]*booking.Booking
	cells    [2]int8 // who holds the slot, by number from 1; 0: nobody
	meetings []meeting
	events   []event
	taken    []uint8 // the keys that were used for an event, as the calendar remembers
	late     []effect
	told     [2][2]uint16 // the mails that went out, by the slot that they name
	made     [2]int8      // meetings, ever
	runs     []execution
	procs    []process

	at, epoch int64 // instants: now, and since when nothing is on its way from before

	faults, crashes, nudges int8 // that may still come
	asked                   uint8
}

// meeting is a live one at Zoom.
type meeting struct {
	id           int64
	book, number int8
	slot         int8
}

// event is a live one in the calendar.
type event struct {
	key  uint8 // whose and of which revision
	slot int8
	url  int64
}

// effect is one that comes although its answer was given up.
type effect struct{ call call }

// standing is how an execution stands.
type standing uint8

const (
	running standing = iota
	resting          // until an effect that may come has come
	ended
)

// execution is one of a state machine.
type execution struct {
	run
	standing standing
	at       string // its state
	data     map[string]any
	dataKey  string
}

// kinds number the mails.
var kinds = []mail.Kind{
	mail.GuestConfirmed, mail.HostConfirmed, mail.GuestFailed, mail.HostFailed, mail.GuestCancelled, mail.HostCancelled,
	mail.GuestMoved, mail.HostMoved, mail.GuestStayed, mail.HostStayed,
}

func (s *state) tell(book, slot int8, kind mail.Kind) {
	i := slices.Index(kinds, kind)
	if i < 0 {
		panic("no mail " + string(kind))
	}
	s.told[book][slot] |= 1 << i
}

// wasTold reports whether the mail went out, naming the slot.
func (s *state) wasTold(book, slot int8, kind mail.Kind) bool {
	return s.told[book][slot]&(1<<slices.Index(kinds, kind)) != 0
}

// clone may be changed without s.
func (s *state) clone() *state {
	c := *s
	c.meetings, c.events, c.taken, c.late = slices.Clone(s.meetings), slices.Clone(s.events), slices.Clone(s.taken), slices.Clone(s.late)
	c.runs, c.procs = slices.Clone(s.runs), slices.Clone(s.procs)
	c.at++
	return &c
}

// digest is the same for states that nothing tells apart from here on. Of times
// only matters whether effects of then may still come, and, between what a process
// has read and what is stored, whether they are the same; of versions, whether
// another has come.
type digest [16]byte

type encoder struct {
	b     []byte
	s     *state
	fresh map[slotKey][]time.Time // as they appear
}

type slotKey struct {
	book, step int8
	of         byte
}

func (s *state) digest(e *encoder) digest {
	e.b, e.s = e.b[:0], s
	clear(e.fresh)
	e.add(byte(s.cells[0]), byte(s.cells[1]), byte(s.faults), byte(s.crashes), byte(s.nudges), s.asked, byte(s.made[0]), byte(s.made[1]))
	for _, told := range s.told {
		for _, mails := range told {
			e.b = binary.LittleEndian.AppendUint16(e.b, mails)
		}
	}
	for _, b := range s.books {
		e.booking(b)
	}
	e.list(len(s.meetings))
	for _, m := range s.meetings {
		e.add(byte(m.id), byte(m.id>>8), byte(m.number), byte(m.slot))
	}
	slices.SortStableFunc(s.events, func(a, b event) int { return int(a.key) - int(b.key) })
	e.list(len(s.events))
	for _, v := range s.events {
		e.add(v.key, byte(v.slot), byte(v.url), byte(v.url>>8))
	}
	slices.Sort(s.taken)
	s.taken = slices.Compact(s.taken)
	e.list(len(s.taken))
	e.add(s.taken...)
	e.list(len(s.late))
	for _, l := range s.late {
		e.call(l.call)
	}
	e.list(len(s.runs))
	for _, r := range s.runs {
		e.text(r.machine)
		e.text(r.name)
		e.add(byte(r.standing))
		if r.standing != ended {
			e.text(r.at)
			e.text(r.dataKey)
		}
	}
	e.list(len(s.procs))
	for _, p := range s.procs {
		e.add(byte(p.role), byte(p.book), byte(p.to), byte(p.of))
		e.text(p.state)
		e.text(p.input)
		e.list(len(p.log))
		for _, a := range p.log {
			e.answer(p.book, a)
		}
	}
	sum := sha256.Sum256(e.b)
	return digest(sum[:16])
}

func (e *encoder) add(b ...byte) { e.b = append(e.b, b...) }
func (e *encoder) list(n int)    { e.b = append(e.b, 0xfe, byte(n)) }
func (e *encoder) text(t string) { e.b = append(append(e.b, t...), 0xff) }

func (e *encoder) call(c call) {
	e.add(byte(c.op), byte(c.book), byte(c.id), byte(c.id>>8), byte(c.slot), byte(c.url), byte(c.url>>8))
	e.list(len(c.numbers))
	for _, n := range c.numbers {
		e.add(byte(n))
	}
}

func (e *encoder) answer(book int8, a answer) {
	yes := byte(0)
	if a.yes {
		yes = 1
	}
	e.add(byte(a.outcome), yes, byte(a.state))
	for _, id := range a.found {
		e.add(byte(id), byte(id>>8))
	}
	e.booking(a.booking)
	if a.booking != nil {
		e.add(byte(e.s.books[book].Version - a.booking.Version))
	}
	e.add(0xfd)
}

// moment tells old times from fresh ones, and fresh ones of one step from each other.
func (e *encoder) moment(k slotKey, t time.Time) {
	switch {
	case t.IsZero():
		e.add(0)
	case t.Before(began.Add(time.Duration(e.s.epoch) * instant)):
		e.add(1)
	default:
		known := e.fresh[k]
		i := slices.IndexFunc(known, t.Equal)
		if i < 0 {
			i = len(known)
			e.fresh[k] = append(known, t)
		}
		e.add(byte(2 + i))
	}
}

func (e *encoder) recent(t time.Time) {
	switch {
	case t.IsZero():
		e.add(0)
	case t.Before(began.Add(time.Duration(e.s.epoch) * instant)):
		e.add(1)
	default:
		e.add(2)
	}
}

func (e *encoder) booking(b *booking.Booking) {
	if b == nil {
		e.add(0xfc)
		return
	}
	e.text(string(b.Status))
	e.add(byte(b.Revision), byte(b.Attempt), byte(slotOf(b.Start)), byte(b.Meetings))
	if b.Deadline.IsZero() {
		e.add(0)
	} else {
		e.add(1)
	}
	book := indexOf(b.ID)
	for i, step := range allSteps {
		p := b.Steps[step]
		e.status(p.Status)
		e.moment(slotKey{book, int8(i), 'b'}, p.At)
	}
	e.meeting(&b.ZoomMeeting)
	e.event(b.CalendarEvent)
	m := b.Move
	if m == nil {
		e.add(0xfb)
		return
	}
	e.text(string(m.By))
	e.text(string(m.Outcome))
	e.add(byte(slotOf(m.From.Start)), byte(slotOf(m.To.Start)), byte(m.Revision), byte(m.Replacement))
	for i, step := range moveSteps {
		p := m.Steps[step]
		e.status(p.Status)
		e.moment(slotKey{book, int8(i), 'm'}, p.At)
		e.recent(p.Unsure)
		e.recent(m.Back[step])
	}
	if m.Former != nil {
		e.meeting(m.Former)
	} else {
		e.add(0xfa)
	}
	if m.NewEvent {
		e.add(1)
		e.event(m.FormerEvent)
	}
}

func (e *encoder) status(s booking.StepStatus) { e.text(string(s)) }

func (e *encoder) meeting(m *booking.ZoomMeeting) { e.add(byte(m.ID), byte(m.ID>>8), byte(m.Number)) }

func (e *encoder) event(v booking.CalendarEvent) {
	known := byte(0)
	if v.ID != "" {
		known = 1
	}
	e.add(known, byte(v.Revision))
}
