package model_test

import (
	"maps"
	"slices"
	"testing"

	"yakusoku/infra/promise/workflow"
	"yakusoku/infra/proof"
)

// machines are definitions that a mutant changes.
type machines map[string]workflow.Definition

// change replaces a state of a machine.
func (m machines) change(machine, name string, change func(*workflow.State)) {
	d := m[machine]
	d.States = maps.Clone(d.States)
	s, ok := d.States[name]
	if !ok {
		panic(machine + " has no " + name)
	}
	s.Catch, s.Retry = slices.Clone(s.Catch), slices.Clone(s.Retry)
	change(&s)
	d.States[name] = s
	m[machine] = d
}

// leads makes a state lead elsewhere: on, and where something is caught.
func leads(to string) func(*workflow.State) {
	return func(s *workflow.State) {
		s.Next, s.End = to, to == ""
		if s.End {
			s.Catch = nil
		}
		for i := range s.Catch {
			s.Catch[i].Next = to
		}
	}
}

// goesOn makes a state lead elsewhere if its task succeeds.
func goesOn(to string) func(*workflow.State) {
	return func(s *workflow.State) { s.Next, s.End = to, to == "" }
}

// catches makes a state lead elsewhere if its task fails.
func catches(to string) func(*workflow.State) {
	return func(s *workflow.State) { s.Catch[0].Next = to }
}

func catchesNothing(s *workflow.State) { s.Catch = nil }

// does gives a state another's task.
func does(step string) func(*workflow.State) {
	return func(s *workflow.State) {
		s.Parameters = maps.Clone(s.Parameters)
		s.Parameters["step"] = step
	}
}

// TestAMistakeIsFound makes one mistake at a time, in a state machine or in what steps
// do and are told, and explores until something is not as promised.
func TestAMistakeIsFound(t *testing.T) {
	mutants := []struct {
		name   string
		in     string // the scenario that shows it
		change func(machines)
		bend   bend
	}{
		{name: "nothing deletes the meeting of a booking that failed", in: "a booking", change: func(m machines) { m.change("book", "DeleteEvent", leads("ReleaseHold")) }},
		{name: "nothing deletes the event of a booking that failed", in: "a booking", change: func(m machines) {
			m.change("book", "CreateMeeting", catches("DeleteMeeting"))
			m.change("book", "InsertEvent", catches("DeleteMeeting"))
			m.change("book", "MailGuest", catches("DeleteMeeting"))
		}},
		{name: "a failed booking keeps its slot", in: "a booking", change: func(m machines) { m.change("book", "DeleteMeeting", leads("MailFailure")) }},
		{name: "nobody is told that a booking failed", in: "a booking", change: func(m machines) { m.change("book", "ReleaseHold", goesOn("")) }},
		{name: "the host is not told of a booking", in: "a booking", change: func(m machines) { m.change("book", "Confirm", goesOn("")) }},
		{name: "the guest is told before there is an event", in: "a booking", change: func(m machines) {
			m.change("book", "CreateMeeting", goesOn("MailGuest"))
			m.change("book", "MailGuest", goesOn("InsertEvent"))
			m.change("book", "InsertEvent", goesOn("Confirm"))
		}},
		{name: "a booking has no event", in: "a booking", change: func(m machines) { m.change("book", "CreateMeeting", goesOn("MailGuest")) }},
		{name: "a booking has no meeting", in: "a booking", change: func(m machines) { m.change("book", "CreateMeeting", does("tidy")) }},
		{name: "a booking is confirmed whose guest could not be told", in: "a booking", change: func(m machines) { m.change("book", "MailGuest", catches("Confirm")) }},
		{name: "a booking goes on without its meeting", in: "a booking", change: func(m machines) { m.change("book", "CreateMeeting", catches("InsertEvent")) }},
		{name: "a booking goes on without its event", in: "a booking", change: func(m machines) { m.change("book", "InsertEvent", catches("MailGuest")) }},
		{name: "a meeting that cannot be made ends the execution", in: "no meeting can be made", change: func(m machines) { m.change("book", "CreateMeeting", catchesNothing) }},
		{name: "an event that cannot be written ends the execution", in: "no event can be written", change: func(m machines) { m.change("book", "InsertEvent", catchesNothing) }},
		{name: "a guest who cannot be told ends the execution", in: "no mail can be sent", change: func(m machines) { m.change("book", "MailGuest", catchesNothing) }},
		{name: "what failed is undone from the wrong end", in: "a booking", change: func(m machines) {
			m.change("book", "InsertEvent", catches("ReleaseHold"))
			m.change("book", "CreateMeeting", catches("ReleaseHold"))
		}},
		{name: "a closed booking is tried again", in: "a booking", change: func(m machines) {
			m.change("book", "CreateMeeting", func(s *workflow.State) { s.Retry = s.Retry[1:] })
		}},
		{name: "a state leads nowhere", in: "a booking", change: func(m machines) { m.change("book", "InsertEvent", goesOn("Nowhere")) }},

		{name: "nothing deletes the meeting of a cancelled booking", in: "a cancellation", change: func(m machines) { m.change("cancel", "DeleteEvent", leads("MailCancellation")) }},
		{name: "nothing deletes the event of a cancelled booking", in: "a cancellation", change: func(m machines) {
			d := m["cancel"]
			d.StartAt = "DeleteMeeting"
			m["cancel"] = d
		}},
		{name: "nobody is told of a cancellation", in: "a cancellation", change: func(m machines) { m.change("cancel", "DeleteMeeting", leads("")) }},
		{name: "a cancellation tells that the booking failed", in: "a cancellation", change: func(m machines) { m.change("cancel", "MailCancellation", does("failure")) }},

		{name: "a move leaves the meeting where it was", in: "a move", change: func(m machines) {
			d := m["move"]
			d.StartAt = "MoveEvent"
			m["move"] = d
		}},
		{name: "a move that ended leaves the former meeting", in: "a move to another meeting", change: func(m machines) { m.change("move", "MailGuest", goesOn("MailHost")) }},
		{name: "the host is not told of a move", in: "a move", change: func(m machines) { m.change("move", "DeleteFormerMeeting", leads("")) }},
		{name: "a move goes on without its event", in: "no event can be moved", change: func(m machines) { m.change("move", "MoveEvent", catches("MailGuest")) }},
		{name: "nothing takes the event back", in: "a move", change: func(m machines) {
			for _, from := range []string{"MoveMeeting", "MoveEvent", "MailGuest"} {
				m.change("move", from, catches("RestoreMeeting"))
			}
		}},
		{name: "nothing takes the meeting back", in: "a move", change: func(m machines) { m.change("move", "RestoreEvent", leads("Stay")) }},
		{name: "a move that was given up does not end", in: "a move", change: func(m machines) { m.change("move", "RestoreMeeting", leads("MailStay")) }},
		{name: "nobody is told that a move was given up", in: "a move", change: func(m machines) { m.change("move", "Stay", goesOn("")) }},
		{name: "an event that cannot be moved ends the execution", in: "no event can be moved", change: func(m machines) { m.change("move", "MoveEvent", catchesNothing) }},

		{name: "a meeting is made without a look for one", in: "a booking", bend: bend{blind: true}},
		{name: "that a step begins is not recorded", in: "a booking", bend: bend{unbegun: true}},
		{name: "nobody waits for what may yet come", in: "a booking", bend: bend{hasty: true}},
		{name: "the calendar is not told that a try is repeated", in: "a booking and its loss", bend: bend{unsaid: true}},
		{name: "the last write wins", in: "a booking and its loss", bend: bend{lastWins: true}},
		{name: "a failed booking's slot is free at once", in: "a booking", bend: bend{freesEarly: true}},
		{name: "a hold does not look whether the slot is free", in: "two guests for one slot", bend: bend{holdsAnyway: true}},
		{name: "sweep does not look after what could not be undone", in: "a booking", bend: bend{forgetsFailed: true}},
		{name: "an execution of another attempt has the same name", in: "a booking", bend: bend{oneName: true}},
	}
	definitions := deployed(t)
	caught := 0
	for _, mutant := range mutants {
		t.Run(mutant.name, func(t *testing.T) {
			changed := machines(maps.Clone(definitions))
			if mutant.change != nil {
				mutant.change(changed)
			}
			i := slices.IndexFunc(scenarios, func(sc scenario) bool { return sc.name == mutant.in })
			f := explore(newModel(scenarios[i], mutant.bend, changed), *limitFlag)
			if f.broken == "" {
				t.Fatalf("it is not found in %d states", f.states)
			}
			t.Logf("found among %d states: %s", f.states, f.broken)
			caught++
		})
	}
	if !testing.Short() {
		proof.Figure(t, "model.mutations", caught)
	}
}
