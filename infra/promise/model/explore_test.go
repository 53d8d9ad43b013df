package model_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// found is what an exploration found.
type found struct {
	states, transitions, rests int
	// broken says what is not as promised; empty: nothing. trace leads there.
	broken string
	trace  []string
	// full says that the exploration ended, rather than at its limit.
	full bool
}

func (f found) String() string {
	return fmt.Sprintf("%s, after %d states\n  %s", f.broken, f.states, strings.Join(f.trace, "\n  "))
}

// explorer walks through all states that there are, the nearest first.
type explorer struct {
	*model
	limit  int
	known  map[digest]int32
	parent []int32
	what   []string // led there from its parent
	ahead  []*state // by number, from next on; forgotten once walked through
	fated  []int32  // where the states lead by themselves, state by state
	from   []int32  // where in fated those of a state begin
	texts  map[string]string
}

// explore walks through all states of the model, and looks at each. A run may end only
// where all is well, and it ends: once nothing goes wrong any more, and nobody asks for
// anything, no state comes up twice.
func explore(m *model, limit int) found {
	x := &explorer{model: m, limit: limit, known: map[digest]int32{}, texts: map[string]string{}}
	e := &encoder{fresh: map[slotKey][]time.Time{}}
	var f found
	x.meet(m.start(), e, -1, func() string { return "at first" })
	for n := 0; n < len(x.parent); n++ {
		if len(x.parent) > limit {
			f.states = n
			return f
		}
		s := x.ahead[n]
		x.ahead[n] = nil
		x.from = append(x.from, int32(len(x.fated)))
		f.states++
		if broken := m.wrong(s); broken != "" {
			return x.breaks(f, broken, int32(n), "")
		}
		ways := m.ways(s)
		leads := false
		for _, w := range ways {
			f.transitions++
			if m.violation != "" {
				return x.breaks(f, m.violation, int32(n), w.what())
			}
			to := x.meet(w.to, e, int32(n), w.what)
			if w.fated {
				leads = true
				x.fated = append(x.fated, to)
			}
		}
		if !leads {
			f.rests++
			if broken := m.unrest(s); broken != "" {
				return x.breaks(f, broken, int32(n), "")
			}
		}
	}
	x.from = append(x.from, int32(len(x.fated)))
	if n := x.circle(); n >= 0 {
		return x.breaks(f, "it never settles, though nothing goes wrong any more", n, "and so on")
	}
	f.full = true
	return f
}

// meet numbers a state, and keeps one that is new to be walked through.
func (x *explorer) meet(s *state, e *encoder, parent int32, what func() string) int32 {
	d := s.digest(e)
	if n, ok := x.known[d]; ok {
		return n
	}
	n := int32(len(x.parent))
	x.known[d] = n
	x.parent = append(x.parent, parent)
	text := what()
	if same, ok := x.texts[text]; ok {
		text = same
	} else {
		x.texts[text] = text
	}
	x.what = append(x.what, text)
	x.ahead = append(x.ahead, s)
	return n
}

func (x *explorer) breaks(f found, broken string, at int32, last string) found {
	f.broken = broken
	if last != "" {
		f.trace = append(f.trace, last)
	}
	for n := at; n >= 0; n = x.parent[n] {
		f.trace = append(f.trace, x.what[n])
	}
	slices.Reverse(f.trace)
	return f
}

// circle returns a state that leads back to itself by itself, or -1.
func (x *explorer) circle() int32 {
	const (
		unseen = iota
		open
		done
	)
	seen := make([]byte, len(x.parent))
	next := slices.Clone(x.from)
	var path []int32
	for n := range x.parent {
		if seen[n] != unseen {
			continue
		}
		path = append(path[:0], int32(n))
		seen[n] = open
		for len(path) > 0 {
			at := path[len(path)-1]
			if next[at] == x.from[at+1] {
				seen[at] = done
				path = path[:len(path)-1]
				continue
			}
			to := x.fated[next[at]]
			next[at]++
			switch seen[to] {
			case open:
				return to
			case unseen:
				seen[to] = open
				path = append(path, to)
			}
		}
	}
	return -1
}
