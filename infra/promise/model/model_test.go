// Package model_test checks the sagas exhaustively within bounds: from a first state
// it walks through every state that faults, deaths, and people at any moment can lead
// to, and holds each against what is promised.
//
// What is real: the state machines, read as they are deployed; and the code of every
// step, of submission, change, cancellation and sweep. A process of theirs runs until
// it asks for something outside itself, and stands there until the model answers;
// where it stands is kept as what it was answered, and it is run again from its start
// to go on. So nothing between the model and the code can drift apart.
//
// What is abstract: the store is its transactions, without day sheets beyond two
// slots; Zoom and the calendar are a list of what is live, at the interface that the
// steps use, one behind which the clients' own tests stand; a search sees what is
// there. Time has two lengths: an instant, and one after which no effect of before may
// come. A task that may be tried again is, or it has been for as long as its machine
// says: how often is not counted. The time of a booking does not come, the host
// changes nothing by hand, connects no other account, and no mail is late.
package model_test

import (
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"yakusoku/infra/promise/workflow"
	"yakusoku/infra/proof"
	"yakusoku/shared/booking"
)

var limitFlag = flag.Int("states", 2_000_000, "the most states that one scenario may have")

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // steps log each of their errors
	debug.SetGCPercent(300)
	os.Exit(m.Run())
}

func deployed(t testing.TB) map[string]workflow.Definition {
	t.Helper()
	definitions, err := workflow.Read(filepath.Join("..", "..", "workflows"))
	if err != nil {
		t.Fatal(err)
	}
	return definitions
}

func newModel(sc scenario, b bend, definitions map[string]workflow.Definition) *model {
	patience := effectWithin
	if b.hasty {
		patience = 0
	}
	return &model{scenario: sc, bend: b, definitions: definitions, stage: newStage(patience)}
}

// What people may ask for. A rival is another guest who wants a slot.
var (
	submit     = request{role: asSubmission}
	rival      = request{role: asSubmission, book: 1}
	cancel     = request{role: asCancellation, when: booking.Confirmed}
	move       = request{role: asGuestMove, to: 1, when: booking.Confirmed}
	moveByHost = request{role: asHostMove, to: 1, when: booking.Confirmed}
	moveBack   = request{role: asHostMove, to: 0, when: booking.Confirmed}
)

// scenarios are those that are explored. The small ones come first, and are the ones
// of a short run.
var scenarios = []scenario{
	{name: "a booking", small: true, requests: []request{submit}, faults: 2},
	{name: "a booking, in a calendar that forgets", small: true, requests: []request{submit}, faults: 2, forgets: true},
	{name: "a booking and its loss", small: true, requests: []request{submit}, crashes: 1, forgets: true},
	{name: "a booking and an early sweep", small: true, requests: []request{submit}, faults: 1, nudges: 1},
	{name: "a booking submitted twice", small: true, requests: []request{submit, submit}, faults: 1},
	{name: "two guests for one slot", small: true, requests: []request{submit, rival}, faults: 1},
	{name: "a booking, cancelled at once", small: true, requests: []request{submit, cancel}, faults: 1},
	{name: "a booking, moved at once", small: true, requests: []request{submit, move}, faults: 1, mayUpdate: true},
	{name: "a cancellation", small: true, requests: []request{cancel}, made: true, faults: 2},
	{name: "a cancellation and its loss", small: true, requests: []request{cancel}, made: true, crashes: 1},
	{name: "a move", small: true, requests: []request{move}, made: true, faults: 1, mayUpdate: true},
	{name: "a move to another meeting", small: true, requests: []request{moveByHost}, made: true, faults: 1, forgets: true},
	{name: "a move and its loss", small: true, requests: []request{move}, made: true, crashes: 1, mayUpdate: true},
	{name: "a move to another meeting and its loss", small: true, requests: []request{moveByHost}, made: true, crashes: 1},
	{name: "a move and a rival for both slots", small: true, requests: []request{move, rival}, made: true, mayUpdate: true},
	{name: "a cancellation and a rival for the slot", small: true, requests: []request{cancel, rival}, made: true, mayUpdate: true},
	{name: "no meeting can be made", small: true, requests: []request{submit}, refuses: opZoomCreate},
	{name: "no event can be written", small: true, requests: []request{submit}, refuses: opEventInsert},
	{name: "no mail can be sent", small: true, requests: []request{submit}, refuses: opSend},
	{name: "no meeting can be moved", small: true, requests: []request{move}, made: true, mayUpdate: true, refuses: opZoomUpdate},
	{name: "no event can be moved", small: true, requests: []request{move}, made: true, mayUpdate: true, refuses: opEventUpdate},

	{name: "a booking, three faults", requests: []request{submit}, faults: 3},
	{name: "a booking, a fault and its loss", requests: []request{submit}, faults: 1, crashes: 1},
	{name: "a booking submitted twice, two faults", requests: []request{submit, submit}, faults: 2},
	{name: "two guests for one slot, two faults", requests: []request{submit, rival}, faults: 2},
	{name: "a booking, cancelled at once, two faults", requests: []request{submit, cancel}, faults: 2},
	{name: "a booking, moved at once, two faults", requests: []request{submit, move}, faults: 2, mayUpdate: true},
	{name: "a cancellation, three faults", requests: []request{cancel}, made: true, faults: 3, forgets: true},
	{name: "a cancellation, a fault and its loss", requests: []request{cancel}, made: true, faults: 1, crashes: 1},
	{name: "a move, three faults", requests: []request{move}, made: true, faults: 3, mayUpdate: true},
	{name: "a move to another meeting, three faults", requests: []request{moveByHost}, made: true, faults: 3, forgets: true},
	{name: "a move, a fault and its loss", requests: []request{move}, made: true, faults: 1, crashes: 1, mayUpdate: true},
	{name: "a move to another meeting, a fault and its loss", requests: []request{move}, made: true, faults: 1, crashes: 1},
	{name: "a move and an early sweep", requests: []request{move}, made: true, faults: 1, nudges: 1, mayUpdate: true},
	{name: "a move, and a cancellation", requests: []request{move, cancel}, made: true, faults: 1, mayUpdate: true},
	{name: "a move to another meeting, and a cancellation", requests: []request{moveByHost, cancel}, made: true, faults: 1, forgets: true},
	{name: "a move there and back", requests: []request{move, moveBack}, made: true, faults: 1, mayUpdate: true},
	{name: "a move and a rival for both slots, two faults", requests: []request{move, rival}, made: true, faults: 2, mayUpdate: true},
}

// TestWhateverGoesWrongABookingIsEverywhereOrNowhere explores every scenario to its end.
func TestWhateverGoesWrongABookingIsEverywhereOrNowhere(t *testing.T) {
	definitions := deployed(t)
	var all found
	entered := map[string]bool{}
	whole := true // rather than what -run names
	for _, sc := range scenarios {
		if testing.Short() && !sc.small {
			continue
		}
		ran := false
		t.Run(sc.name, func(t *testing.T) {
			ran = true
			m := newModel(sc, bend{}, definitions)
			m.entered = entered
			f := explore(m, *limitFlag)
			t.Logf("%d states, %d transitions, %d at rest", f.states, f.transitions, f.rests)
			switch {
			case f.broken != "":
				t.Error(f)
			case !f.full:
				t.Errorf("it has more than %d states", *limitFlag)
			}
			all.states += f.states
			all.transitions += f.transitions
			all.rests += f.rests
		})
		whole = whole && ran
	}
	if !whole || t.Failed() {
		return
	}
	for machine, d := range definitions {
		for name := range d.States {
			if !entered[machine+"."+name] {
				t.Errorf("no scenario comes to %s of %s", name, machine)
			}
		}
	}
	if !testing.Short() {
		proof.Figure(t, "model.states", all.states)
		proof.Figure(t, "model.transitions", all.transitions)
		proof.Figure(t, "model.rests", all.rests)
		proof.Figure(t, "model.scenarios", len(scenarios))
		proof.Figure(t, "model.bound", "for one booking, cancellation or move: three faults, or one and the loss of a process or execution; one or two where several compete; at every place")
	}
}
