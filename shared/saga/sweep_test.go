package saga

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

// start is one start of a saga.
type start struct {
	ID      string
	Attempt int
	Checked bool
}

type executions struct {
	state  State
	starts []start
}

func (e *executions) Start(_ context.Context, b booking.Booking, checked bool) error {
	e.starts = append(e.starts, start{b.ID, b.Attempt, checked})
	return nil
}

func (e *executions) State(context.Context, booking.Booking) (State, error) { return e.state, nil }

type overdue []string

func (o overdue) Unsettled(context.Context, time.Time, int) ([]string, error) { return o, nil }

const settleWithin = time.Minute

func TestSweepTakesUpWhatDidNotSettle(t *testing.T) {
	later := func(b *booking.Booking) { b.Deadline = due.Add(time.Second) }
	settled := func(b *booking.Booking) { b.Deadline = time.Time{} }
	left := func(attempt int) func(*booking.Booking) {
		return func(b *booking.Booking) {
			b.Fail(booking.ReasonMailFailed)
			b.Mark(booking.Meeting, booking.Done, began)
			b.Attempt = attempt
		}
	}
	next := due.Add(settleWithin)
	tests := []struct {
		name      string
		state     State
		change    func(*booking.Booking)
		meanwhile func(*booking.Booking)
		starts    []start
		deadline  time.Time
	}{
		{"never started", NeverStarted, nil, nil, []start{{"b1", 0, false}}, next},
		{"running", Running, nil, nil, nil, next},
		{"ended", Ended, nil, nil, []start{{"b1", 1, false}}, next},
		{"ended, another sweep is at it", Ended, nil, later, nil, due.Add(time.Second)},
		{"not overdue any more", NeverStarted, later, nil, nil, due.Add(time.Second)},
		{"settled", Ended, settled, nil, nil, time.Time{}},
		{"something left", Ended, left(0), nil, []start{{"b1", 1, false}}, due.Add(2 * settleWithin)},
		{"something left for long", Ended, left(3), nil, []start{{"b1", 4, false}}, due.Add(16 * settleWithin)},
		{"something left for ever", Ended, left(99), nil, []start{{"b1", 100, false}}, due.Add(longestRest)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, e := &ledger{stored: booked(), meanwhile: test.meanwhile}, &executions{state: test.state}
			if test.change != nil {
				test.change(&l.stored)
			}
			s := &Sweep{Ledger: l, Overdue: overdue{"b1"}, Executions: e, Now: func() time.Time { return due }, SettleWithin: settleWithin}
			if err := s.Run(t.Context()); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.starts, e.starts); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.deadline, l.stored.Deadline); diff != "" {
				t.Errorf("deadline (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSweepGoesOnAfterABookingThatItCannotRead(t *testing.T) {
	l, e := &ledger{stored: booked()}, &executions{}
	s := &Sweep{Ledger: l, Overdue: overdue{"gone", "b1"}, Executions: e, Now: func() time.Time { return due }, SettleWithin: settleWithin}
	err := s.Run(t.Context())
	if _, missing := errors.AsType[*booking.NotFound](err); !missing {
		t.Errorf("got %v, want NotFound", err)
	}
	if diff := cmp.Diff([]start{{"b1", 0, false}}, e.starts); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
}
