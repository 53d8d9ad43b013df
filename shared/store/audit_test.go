package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

// dueFor lists the hosts whose audit is due then.
func dueFor(t *testing.T, s *store.Store, at time.Time) []string {
	t.Helper()
	hosts, err := s.DueForAudit(t.Context(), at, 10)
	if err != nil {
		t.Fatal(err)
	}
	return hosts
}

func TestAnAuditIsDueAtTheEarliestTimeThatAnybodyAskedFor(t *testing.T) {
	tests := []struct {
		name  string
		asked []time.Duration // from noon, one after the other
		want  time.Duration
	}{
		{"once", []time.Duration{time.Hour}, time.Hour},
		{"sooner", []time.Duration{time.Hour, time.Minute}, time.Minute},
		{"later is no delay", []time.Duration{time.Minute, time.Hour}, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := storetest.New(t)
			for _, d := range tt.asked {
				if err := s.AuditDue(t.Context(), "demo", noon.Add(d)); err != nil {
					t.Fatal(err)
				}
			}
			if early := dueFor(t, s, noon.Add(tt.want-time.Millisecond)); len(early) > 0 {
				t.Errorf("due before %v: %v", tt.want, early)
			}
			if due := dueFor(t, s, noon.Add(tt.want)); !slices.Equal(due, []string{"demo"}) {
				t.Errorf("due after %v: %v", tt.want, due)
			}
		})
	}
}

func TestAnAuditIsLeasedReturnedAndDueAgain(t *testing.T) {
	s := storetest.New(t)
	take := func(at time.Time) (turn.State, turn.Lease, bool) {
		t.Helper()
		state, lease, ok, err := s.TakeForAudit(t.Context(), "demo", at, at.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return state, lease, ok
	}
	due := func(at time.Time) {
		t.Helper()
		if err := s.AuditDue(t.Context(), "demo", at); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, ok := take(noon); ok {
		t.Error("nobody asked for one")
	}
	due(noon)
	_, lease, ok := take(noon)
	if _, _, twice := take(noon); !ok || twice {
		t.Errorf("leased %t, and again %t", ok, twice)
	}
	learned := turn.State{At: noon, Cursor: "c", Rings: 1, Failures: 2}
	if err := s.ReturnAudit(t.Context(), lease, learned, noon.Add(6*time.Hour), noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	overtaken := (*turn.Overtaken)(nil)
	if err := s.ReturnAudit(t.Context(), lease, turn.State{}, noon, noon); !errors.As(err, &overtaken) {
		t.Errorf("returned twice: %v", err)
	}
	if at, err := s.Audited(t.Context(), "demo"); err != nil || !at.Equal(noon) {
		t.Errorf("audited %v, %v", at, err)
	}

	due(noon.Add(time.Second)) // too soon
	if _, _, ok := take(noon.Add(2 * time.Second)); ok {
		t.Error("taken before it may be")
	}
	if early, then := dueFor(t, s, noon.Add(59*time.Second)), dueFor(t, s, noon.Add(time.Minute)); len(early) > 0 || len(then) != 1 {
		t.Errorf("due before it may be: %v; then: %v", early, then)
	}
	state, lease, ok := take(noon.Add(time.Minute))
	if diff := cmp.Diff(learned, state); diff != "" || !ok || lease.Rings != 2 {
		t.Errorf("taken %t as number %d (-want +got):\n%s", ok, lease.Rings, diff)
	}

	due(noon.Add(61 * time.Second)) // while it goes on
	if err := s.ReturnAudit(t.Context(), lease, state, noon.Add(6*time.Hour), noon.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if then := dueFor(t, s, noon.Add(2*time.Minute)); len(then) != 1 {
		t.Error("what was asked for while it went on is lost")
	}
	if _, _, ok := take(noon.Add(2 * time.Minute)); !ok {
		t.Error("not taken")
	}
	if _, _, ok := take(noon.Add(3 * time.Minute)); !ok {
		t.Error("a lease that has ended keeps others away")
	}
	if err := s.ForgetAudit(t.Context(), "demo"); err != nil || len(dueFor(t, s, noon.AddDate(1, 0, 0))) > 0 {
		t.Errorf("still due, %v", err)
	}
}

// Who connects has everything tried again that waited for it, and compared.
func TestWhatWaitsForAHostIsAwakenedWhenTheyConnect(t *testing.T) {
	s := storetest.New(t)
	if err := s.PutHost(t.Context(), host.Host{Handle: "demo", Connected: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	later := noon.Add(5 * time.Hour)
	waiting := func(id, handle string, deadline time.Time) {
		t.Helper()
		b := booking.Booking{
			ID: id, Host: handle, Page: "intro", Status: booking.Cancelled, Start: noon, End: noon.Add(time.Hour), Deadline: deadline,
			Steps: map[booking.Step]booking.Progress{booking.Hold: {Status: booking.Undone}},
		}
		if err := s.Hold(t.Context(), b, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	waiting("b1", "demo", later)
	waiting("b2", "demo", noon.Add(-time.Minute))
	waiting("b3", "other", later)
	waiting("b4", "demo", time.Time{})
	c := connection.Connection{Host: "demo", Provider: connection.Zoom, Status: connection.Connected, ConnectedAt: noon, Account: connection.Account{ID: "z"}}
	if err := errors.Join(s.Link(t.Context(), c, connection.Account{}), s.AwakeHost(t.Context(), "demo", noon)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]time.Time{"b1": noon, "b2": noon.Add(-time.Minute), "b3": later, "b4": {}} {
		if b, err := s.Booking(t.Context(), id); err != nil || !b.Deadline.Equal(want) {
			t.Errorf("%s waits until %v, %v", id, b.Deadline, err)
		}
	}
	if due := dueFor(t, s, noon); !slices.Equal(due, []string{"demo"}) {
		t.Errorf("due: %v", due)
	}
}
