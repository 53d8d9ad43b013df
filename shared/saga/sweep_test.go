package saga

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/page"
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
			b.Fail(booking.ReasonMailFailed, began)
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

func TestSweepCallsForSomebodyWhereSomethingIsLeft(t *testing.T) {
	left := map[booking.Step]booking.StepStatus{booking.Meeting: booking.Done, booking.Event: booking.Undone}
	told := map[booking.Step]booking.StepStatus{booking.Meeting: booking.Done, booking.Event: booking.Undone, booking.Mail: booking.Done}
	called := []map[string]any{{
		"level": "ERROR", "msg": "booking needs attention: something is left of it outside", "booking": "b1", "host": "demo",
		"attempt": 3.0, "meeting": "done", "event": "undone", "calendar": "google",
	}}
	tests := []struct {
		name    string
		booking booking.Booking
		state   State
		want    []map[string]any // but for the status
	}{
		{"failed", with(booking.Failed, left), Ended, called},
		{"cancelled, and everybody was told", with(booking.Cancelled, told), Ended, called},
		{"cancelled, and its saga died", with(booking.Cancelled, left), Ended, nil},
		{"failed, and being undone", with(booking.Failed, left), Running, nil},
		{"not yet real", with(booking.Pending, left), Ended, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := logged(t)
			test.booking.Attempt, test.booking.Terms.Write.Provider = 2, page.Google
			l := &ledger{stored: test.booking}
			s := &Sweep{Ledger: l, Overdue: overdue{"b1"}, Executions: &executions{state: test.state}, Now: func() time.Time { return due }, SettleWithin: settleWithin}
			if err := s.Run(t.Context()); err != nil {
				t.Error(err)
			}
			got := log(slog.LevelError)
			for _, line := range got {
				if line["status"] != string(test.booking.Status) {
					t.Errorf("status %v", line["status"])
				}
				delete(line, "status")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("errors logged (-want +got):\n%s", diff)
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
