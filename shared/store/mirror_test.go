package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var (
	work    = page.CalendarRef{Provider: page.Google, ID: "work@example.com"}
	private = page.CalendarRef{Provider: page.Google, ID: "private@example.com"}
	outlook = page.CalendarRef{Provider: page.Microsoft, ID: "AAMk="}
)

func hours(from, to int) calendar.Interval {
	midnight := noon.Truncate(24 * time.Hour)
	return calendar.Interval{Start: midnight.Add(time.Duration(from) * time.Hour), End: midnight.Add(time.Duration(to) * time.Hour)}
}

// copied is what a page that checks the calendars sees in the days around noon.
func copied(t *testing.T, s *store.Store, check ...page.CalendarRef) map[calendar.Interval]int {
	t.Helper()
	p := page.Page{Host: "demo", Slug: "intro"}
	p.Calendars.Check = check
	if err := s.PutPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	snap, err := s.Snapshot(t.Context(), booking.Wanted{Host: "demo", Page: "intro", From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 2)})
	if err != nil {
		t.Fatal(err)
	}
	days, err := s.Days(t.Context(), p, noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 2))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(byStart(snap.Busy), byStart(days.Busy)); diff != "" {
		t.Errorf("guests and host see different busy times (-guests +host):\n%s", diff)
	}
	return byStart(snap.Busy)
}

func byStart(busy []calendar.Interval) map[calendar.Interval]int {
	m := map[calendar.Interval]int{}
	for _, b := range busy {
		m[b]++
	}
	return m
}

func TestAPageSeesTheCalendarsThatItChecks(t *testing.T) {
	s := storetest.New(t)
	from, to := noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 2)
	set := func(ref page.CalendarRef, read time.Time, busy ...calendar.Interval) {
		t.Helper()
		if err := s.SetBusy(t.Context(), mirror.Calendar{Host: "demo", Ref: ref}, busy, from, to, read); err != nil {
			t.Fatal(err)
		}
	}
	set(work, noon, hours(9, 10), hours(10, 11), hours(20, 26)) // neighbours, and one over midnight
	set(private, noon, hours(9, 12))
	set(outlook, noon, hours(13, 14))

	tests := []struct {
		name  string
		check []page.CalendarRef
		want  []calendar.Interval
	}{
		{"none", nil, nil},
		{"one", []page.CalendarRef{work}, []calendar.Interval{hours(9, 11), hours(20, 24), hours(24, 26)}},
		{"of two providers", []page.CalendarRef{private, outlook}, []calendar.Interval{hours(9, 12), hours(13, 14)}},
		{"one never read", []page.CalendarRef{{Provider: page.Google, ID: "other"}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(byStart(test.want), copied(t, s, test.check...)); diff != "" {
				t.Errorf("busy (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("a later reading replaces an earlier one, whichever is written last", func(t *testing.T) {
		set(work, noon.Add(time.Minute), hours(15, 16))
		set(work, noon.Add(30*time.Second), hours(9, 11), hours(20, 26))
		if diff := cmp.Diff(byStart([]calendar.Interval{hours(15, 16)}), copied(t, s, work)); diff != "" {
			t.Errorf("busy (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(byStart([]calendar.Interval{hours(9, 12)}), copied(t, s, private)); diff != "" {
			t.Errorf("another calendar (-want +got):\n%s", diff)
		}
	})
	t.Run("days that were not read stay", func(t *testing.T) {
		err := s.SetBusy(t.Context(), mirror.Calendar{Host: "demo", Ref: work}, nil, noon.AddDate(0, 0, 1), to, noon.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(byStart([]calendar.Interval{hours(15, 16)}), copied(t, s, work)); diff != "" {
			t.Errorf("busy (-want +got):\n%s", diff)
		}
	})
	t.Run("what no page checks any more is removed", func(t *testing.T) {
		if err := s.KeepBusy(t.Context(), "demo", []string{mirror.Name(private)}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(byStart([]calendar.Interval{hours(9, 12)}), copied(t, s, work, private, outlook)); diff != "" {
			t.Errorf("busy (-want +got):\n%s", diff)
		}
	})
}

func TestSecondsAreRoundedToWhatIsSurelyBusy(t *testing.T) {
	s := storetest.New(t)
	odd := calendar.Interval{Start: noon.Add(400 * time.Millisecond), End: noon.Add(time.Minute + time.Nanosecond)}
	err := s.SetBusy(t.Context(), mirror.Calendar{Host: "demo", Ref: work}, []calendar.Interval{odd}, noon, noon.Add(time.Hour), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := []calendar.Interval{{Start: noon, End: noon.Add(time.Minute + time.Second)}}
	if diff := cmp.Diff(byStart(want), copied(t, s, work)); diff != "" {
		t.Errorf("busy (-want +got):\n%s", diff)
	}
}

// take leases the only thing that is due.
func take(t *testing.T, s *store.Store, now time.Time) (mirror.Calendar, mirror.Lease) {
	t.Helper()
	keys, err := s.DueForMirror(t.Context(), now, 10)
	if err != nil || len(keys) != 1 {
		t.Fatalf("due: %v, %v", keys, err)
	}
	c, l, ok, err := s.TakeForMirror(t.Context(), keys[0], now, now.Add(time.Minute))
	if err != nil || !ok {
		t.Fatalf("take %s: %t, %v", keys[0], ok, err)
	}
	return c, l
}

func nothingDue(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	keys, err := s.DueForMirror(t.Context(), now, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if _, _, ok, err := s.TakeForMirror(t.Context(), k, now, now.Add(time.Minute)); ok || err != nil {
			t.Errorf("%s could be taken: %t, %v", k, ok, err)
		}
	}
}

func TestACalendarIsLeasedReturnedAndDueAgain(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	want := mirror.Calendar{Host: "demo", Ref: work, HorizonDays: 60, ConnectedAt: noon.Add(-time.Hour)}
	if err := s.Mirror(ctx, want, noon); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.Add(-time.Millisecond))
	c, l := take(t, s, noon)
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if !l.Rung {
		t.Error("what is new is not read in full")
	}
	nothingDue(t, s, noon.Add(time.Second)) // leased

	state := mirror.State{ReadAt: noon, Digest: []byte{1}, Mark: "m", TokenHash: []byte{2}, Channel: calendar.Channel{ID: "c", Expires: noon}}
	if err := s.KeepState(ctx, l, mirror.State{Mark: "on the way"}); err != nil {
		t.Fatal(err)
	}
	if err := s.ReturnCalendar(ctx, l, state, noon.Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.Add(9*time.Minute))
	c, l = take(t, s, noon.Add(10*time.Minute))
	if diff := cmp.Diff(state, c.State); diff != "" || l.Rung {
		t.Errorf("taken again, rung %t (-want +got):\n%s", l.Rung, diff)
	}
	// Whoever has it dies: it comes up again.
	dead := l
	c, l = take(t, s, noon.Add(12*time.Minute))
	if c.Host != "demo" || l.Rung {
		t.Errorf("after a death: %+v, %+v", c, l)
	}
	// If it was only slow, what it learned comes too late.
	overtaken := (*mirror.Overtaken)(nil)
	if err := s.ReturnCalendar(ctx, dead, mirror.State{Mark: "late"}, noon.Add(time.Hour)); !errors.As(err, &overtaken) {
		t.Errorf("returned late: %v", err)
	}
	if err := s.KeepState(ctx, dead, mirror.State{Mark: "late"}); !errors.As(err, &overtaken) {
		t.Errorf("kept late: %v", err)
	}
	if err := s.ReturnCalendar(ctx, l, state, noon.Add(time.Hour)); err != nil {
		t.Errorf("returned by who has it: %v", err)
	}
}

func TestANotificationDuringAReadingIsNotLost(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	if err := s.Mirror(ctx, mirror.Calendar{Host: "demo", Ref: work}, noon); err != nil {
		t.Fatal(err)
	}
	_, l := take(t, s, noon)
	if err := s.Ring(ctx, l.Key, noon, true); err != nil { // at the same moment, even
		t.Fatal(err)
	}
	nothingDue(t, s, noon.Add(time.Second))
	if err := s.ReturnCalendar(ctx, l, mirror.State{Mark: "m"}, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c, l := take(t, s, noon.Add(2*time.Second))
	if !l.Rung || !l.Reopen || c.State.Mark != "m" {
		t.Errorf("taken: %+v, %+v", c, l)
	}
	if err := s.ReturnCalendar(ctx, l, c.State, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.Add(time.Minute))
}

func TestNothingHoldsBackAPlan(t *testing.T) {
	tests := []struct {
		name string
		do   func(s *store.Store, c mirror.Calendar, failed func() error) error
	}{
		{"made after a failure", func(s *store.Store, c mirror.Calendar, failed func() error) error {
			return errors.Join(failed(), s.Mirror(t.Context(), c, noon))
		}},
		{"made during the reading that fails", func(s *store.Store, c mirror.Calendar, failed func() error) error {
			err := s.Mirror(t.Context(), c, noon)
			if overtaken := (*mirror.Overtaken)(nil); !errors.As(failed(), &overtaken) {
				t.Error("what was read for an earlier plan is kept")
			}
			return err
		}},
		{"rung after it was made", func(s *store.Store, c mirror.Calendar, failed func() error) error {
			return errors.Join(failed(), s.Mirror(t.Context(), c, noon), s.Ring(t.Context(), c.Key(), noon, false))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.New(t)
			c := mirror.Calendar{Host: "demo", Ref: work, HorizonDays: 60}
			if err := s.Mirror(t.Context(), c, noon); err != nil {
				t.Fatal(err)
			}
			_, l := take(t, s, noon)
			later := noon.Add(2 * time.Hour)
			failed := func() error {
				return s.ReturnCalendar(t.Context(), l, mirror.State{Failures: 7, NotBefore: later}, later)
			}
			c.HorizonDays = 90
			if err := test.do(s, c, failed); err != nil {
				t.Fatal(err)
			}
			if got, _ := take(t, s, noon.Add(time.Second)); got.HorizonDays != 90 {
				t.Errorf("taken: %+v", got)
			}
		})
	}
}

func TestAParkedCalendarRestsUntilItIsMirroredAnew(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	c := mirror.Calendar{Host: "demo", Ref: work, HorizonDays: 60, ConnectedAt: noon}
	if err := s.Mirror(ctx, c, noon); err != nil {
		t.Fatal(err)
	}
	_, l := take(t, s, noon)
	if err := s.ReturnCalendar(ctx, l, mirror.State{Failures: 1}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ring(ctx, l.Key, noon, false); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.AddDate(1, 0, 0))
	all, err := s.Mirrored(ctx, "demo")
	if err != nil || len(all) != 1 || !all[0].Parked {
		t.Fatalf("mirrored: %+v, %v", all, err)
	}
	if err := s.Mirror(ctx, c, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	again, _ := take(t, s, noon.Add(time.Hour))
	if again.Parked || again.State.Failures != 1 {
		t.Errorf("taken: %+v", again)
	}
}

func TestWhatIsForgottenIsNotReturned(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	for _, ref := range []page.CalendarRef{work, outlook} {
		c := mirror.Calendar{Host: "demo", Ref: ref}
		err := errors.Join(s.Mirror(ctx, c, noon), s.SetBusy(ctx, c, []calendar.Interval{hours(9, 10)}, noon.AddDate(0, 0, -1), noon, noon))
		if err != nil {
			t.Fatal(err)
		}
	}
	k := mirror.Calendar{Host: "demo", Ref: work}.Key()
	_, l, ok, err := s.TakeForMirror(ctx, k, noon, noon.Add(time.Minute))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for range 2 {
		if err := s.Forget(ctx, "demo", connection.Google); err != nil {
			t.Fatal(err)
		}
	}
	gone := (*mirror.Gone)(nil)
	if err := s.ReturnCalendar(ctx, l, mirror.State{}, noon); !errors.As(err, &gone) {
		t.Errorf("returned: %v", err)
	}
	if err := s.KeepState(ctx, l, mirror.State{}); !errors.As(err, &gone) {
		t.Errorf("kept: %v", err)
	}
	if err := s.Ring(ctx, k, noon, true); err != nil {
		t.Errorf("rung: %v", err)
	}
	all, err := s.Mirrored(ctx, "demo")
	if err != nil || len(all) != 1 || all[0].Ref != outlook {
		t.Errorf("left: %+v, %v", all, err)
	}
	if got := copied(t, s, work); len(got) > 0 {
		t.Errorf("copies are left: %v", got)
	}
	if got := copied(t, s, outlook); len(got) == 0 {
		t.Error("the other provider's copies are gone")
	}
}

func TestAPlanIsDueWhenSomethingChanged(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	nothingDue(t, s, noon)
	for range 2 {
		if err := s.Due(ctx, "demo"); err != nil {
			t.Fatal(err)
		}
	}
	_, l := take(t, s, noon)
	if l.Key != (mirror.Key{Host: "demo"}) {
		t.Errorf("due: %s", l.Key)
	}
	if err := s.Due(ctx, "demo"); err != nil { // while it is made
		t.Fatal(err)
	}
	if err := s.ReturnPlan(ctx, l, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, l = take(t, s, noon)
	if err := s.ReturnPlan(ctx, l, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.Add(time.Minute))
	_, l = take(t, s, noon.Add(time.Hour))
	if err := s.ReturnPlan(ctx, l, time.Time{}); err != nil {
		t.Fatal(err)
	}
	nothingDue(t, s, noon.AddDate(1, 0, 0))
	if err := s.Due(ctx, "demo"); err != nil {
		t.Fatal(err)
	}
	take(t, s, noon)
}

func TestABellIsThatOfTheOpenChannel(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	c := mirror.Calendar{Host: "demo", Ref: work}
	if err := s.Mirror(ctx, c, noon); err != nil {
		t.Fatal(err)
	}
	if _, _, ok, err := s.BellOf(ctx, c.Key()); ok || err != nil {
		t.Errorf("before a channel is open: %t, %v", ok, err)
	}
	_, l := take(t, s, noon)
	if err := s.KeepState(ctx, l, mirror.State{TokenHash: []byte("h")}); err != nil {
		t.Fatal(err)
	}
	provider, hash, ok, err := s.BellOf(ctx, c.Key())
	if err != nil || !ok || provider != page.Google || string(hash) != "h" {
		t.Errorf("bell: %s, %s, %t, %v", provider, hash, ok, err)
	}
	if _, _, ok, err := s.BellOf(ctx, mirror.Key{Host: "demo", Calendar: "other"}); ok || err != nil {
		t.Errorf("another's: %t, %v", ok, err)
	}
}

func TestWhateverChangesWhichCalendarsCountMakesThePlanDue(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	if err := s.PutHost(ctx, host.Host{Handle: "demo", Connected: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	p := page.Page{Host: "demo", Slug: "intro"}
	linked := connection.Connection{Host: "demo", Provider: connection.Google, Status: connection.Connected}
	steps := []struct {
		name string
		do   func() error
	}{
		{"a page is made", func() error { return s.CreatePage(ctx, p) }},
		{"a page is changed", func() error { return s.ReplacePage(ctx, p, 1) }},
		{"a page is deleted", func() error { return s.DeletePage(ctx, "demo", "intro") }},
		{"a provider is connected", func() error { return s.Link(ctx, linked, connection.Account{}) }},
		{"a provider is disconnected", func() error {
			c, err := s.Connection(ctx, "demo", connection.Google)
			if err != nil {
				return err
			}
			return s.Unlink(ctx, c)
		}},
	}
	for _, step := range steps {
		nothingDue(t, s, noon)
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		_, l := take(t, s, noon)
		if l.Key != (mirror.Key{Host: "demo"}) {
			t.Errorf("%s: %s is due", step.name, l.Key)
		}
		if err := s.ReturnPlan(ctx, l, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, refused := range []error{s.ReplacePage(ctx, p, 7), s.Unlink(ctx, linked)} {
		if refused == nil {
			t.Error("a change that comes too late was made")
		}
		nothingDue(t, s, noon)
	}
}

func TestDisconnectingForgetsWhatWasCopied(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	if err := s.PutHost(ctx, host.Host{Handle: "demo", Connected: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	linked := connection.Connection{Host: "demo", Provider: connection.Google, Status: connection.Connected, Version: 1}
	c := mirror.Calendar{Host: "demo", Ref: work}
	err := errors.Join(
		s.PutConnection(ctx, linked), s.Mirror(ctx, c, noon),
		s.SetBusy(ctx, c, []calendar.Interval{hours(9, 10)}, noon.AddDate(0, 0, -1), noon, noon),
		s.Unlink(ctx, linked),
	)
	if err != nil {
		t.Fatal(err)
	}
	left, err := s.Mirrored(ctx, "demo")
	if got := copied(t, s, work); err != nil || len(left) > 0 || len(got) > 0 {
		t.Errorf("left: %v, %v, %v", left, got, err)
	}
}
