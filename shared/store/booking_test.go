package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// draft is a pending booking of half an hour.
func draft(id string, start time.Time) booking.Booking {
	return booking.Booking{
		ID: id, Host: "demo", Page: "intro",
		Start: start, End: start.Add(30 * time.Minute),
		LocalDate: start.Format(time.DateOnly),
		Status:    booking.Pending,
		Steps: map[booking.Step]booking.Progress{
			booking.Hold:    {Status: booking.Done, At: noon},
			booking.Meeting: {Status: booking.Waiting},
		},
		Guest:       booking.Guest{Name: "山田 太郎", Email: "taro@example.com"},
		Answers:     []booking.Answer{{ID: "topic", Label: "ご相談内容", Value: "導入"}},
		Terms:       booking.Terms{Title: "初回相談", Zoom: page.Zoom{WaitingRoom: true}},
		TokenHash:   []byte{1, 2},
		Fingerprint: []byte{3},
		CreatedAt:   noon,
		Deadline:    noon.Add(time.Minute),
	}
}

func TestABookingIsReadAsItWasHeld(t *testing.T) {
	s := storetest.New(t)
	want := draft("b1", noon)
	mustHold(t, s, want)
	got, err := s.Booking(t.Context(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	_, err = s.Booking(t.Context(), "b2")
	if missing := (*booking.NotFound)(nil); !errors.As(err, &missing) {
		t.Errorf("an unknown id: got %v, want NotFound", err)
	}
}

func TestASecondHoldIsRefusedWhereverItMeetsTheFirst(t *testing.T) {
	tests := []struct {
		name   string
		change func(*booking.Booking)
		free   bool
	}{
		{"the same slot", func(b *booking.Booking) {}, false},
		{"one cell before its end", func(b *booking.Booking) { b.Start = noon.Add(25 * time.Minute) }, false},
		{"right after it", func(b *booking.Booking) { b.Start = noon.Add(30 * time.Minute) }, true},
		{"right before it", func(b *booking.Booking) { b.Start = noon.Add(-30 * time.Minute) }, true},
		{"after it with a buffer before", func(b *booking.Booking) {
			b.Start = noon.Add(30 * time.Minute)
			b.BufferBeforeMinutes = 5
		}, false},
		{"another page of the same host", func(b *booking.Booking) { b.Page = "other" }, false},
		{"another host", func(b *booking.Booking) { b.Host = "else" }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.New(t)
			mustHold(t, s, draft("first", noon))
			second := draft("second", noon)
			test.change(&second)
			second.End = second.Start.Add(30 * time.Minute)
			err := s.Hold(t.Context(), second, 0, nil)
			if test.free {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if taken := (*booking.SlotTaken)(nil); !errors.As(err, &taken) {
				t.Fatalf("got %v, want SlotTaken", err)
			}
			_, err = s.Booking(t.Context(), "second")
			if missing := (*booking.NotFound)(nil); !errors.As(err, &missing) {
				t.Errorf("the refused booking was stored: %v", err)
			}
		})
	}
}

func TestAHoldAcrossMidnightHoldsBothDays(t *testing.T) {
	s := storetest.New(t)
	late := draft("late", time.Date(2026, 12, 1, 23, 45, 0, 0, time.UTC))
	mustHold(t, s, late)
	for _, start := range []time.Time{late.Start, late.Start.Add(15 * time.Minute)} {
		other := draft("other", start)
		other.End = start.Add(5 * time.Minute)
		err := s.Hold(t.Context(), other, 0, nil)
		if taken := (*booking.SlotTaken)(nil); !errors.As(err, &taken) {
			t.Errorf("%s: got %v, want SlotTaken", start, err)
		}
	}
}

func TestOfManyGuestsAtOnceOneHoldsTheSlot(t *testing.T) {
	s := storetest.New(t)
	results := make([]error, 40)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = s.Hold(t.Context(), draft(fmt.Sprint("b", i), noon), 0, nil) })
	}
	all.Wait()
	held := 0
	for _, err := range results {
		taken := (*booking.SlotTaken)(nil)
		switch {
		case err == nil:
			held++
		case !errors.As(err, &taken):
			t.Errorf("neither held nor taken: %v", err)
		}
	}
	if held != 1 {
		t.Errorf("%d of %d held the slot", held, len(results))
	}
}

func TestAHostWhoIsLeavingIsNotBooked(t *testing.T) {
	s := storetest.New(t)
	first := draft("first", noon)
	mustHold(t, s, first)
	if err := s.ShutHost(t.Context(), first.Host, first.CreatedAt.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.BookingsAhead(t.Context(), first.Host, noon); n != 1 || err != nil {
		t.Errorf("%d bookings ahead, %v; want the one held before", n, err)
	}
	second := draft("second", noon.Add(time.Hour))
	err := s.Hold(t.Context(), second, 0, nil)
	if _, ok := errors.AsType[*booking.NotAccepting](err); !ok {
		t.Errorf("shut: got %v, want NotAccepting", err)
	}
	second.CreatedAt = first.CreatedAt.Add(time.Minute)
	mustHold(t, s, second) // the closing was cut off
	if err := s.ShutHost(t.Context(), first.Host, second.CreatedAt.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Reopen(t.Context(), first.Host); err != nil {
		t.Fatal(err)
	}
	mustHold(t, s, draft("third", noon.Add(2*time.Hour)))
}

func TestARepeatedHoldFindsTheFirst(t *testing.T) {
	s := storetest.New(t)
	first := draft("same", noon)
	mustHold(t, s, first)
	err := s.Hold(t.Context(), draft("same", noon.Add(time.Hour)), 0, nil)
	repeated := (*booking.Repeated)(nil)
	if !errors.As(err, &repeated) {
		t.Fatalf("got %v, want Repeated", err)
	}
	if diff := cmp.Diff(first, repeated.Booking); diff != "" {
		t.Errorf("the stored booking (-want +got):\n%s", diff)
	}
}

func TestADayTakesNoMoreThanItsLimit(t *testing.T) {
	s := storetest.New(t)
	at := func(i int) booking.Booking {
		b := draft(fmt.Sprint("b", i), noon.Add(time.Duration(i)*time.Hour))
		b.CountsTowardDay = true
		return b
	}
	for i := range 2 {
		if err := s.Hold(t.Context(), at(i), 2, nil); err != nil {
			t.Fatal(err)
		}
	}
	taken := (*booking.SlotTaken)(nil)
	if err := s.Hold(t.Context(), at(2), 2, nil); !errors.As(err, &taken) {
		t.Fatalf("third booking: got %v, want SlotTaken", err)
	}
	mustRelease(t, s, at(0))
	if err := s.Hold(t.Context(), at(3), 2, nil); err != nil {
		t.Errorf("after a release: %v", err)
	}
}

func TestReleaseFreesTheCellsOnce(t *testing.T) {
	s := storetest.New(t)
	b := draft("b1", noon)
	mustHold(t, s, b)
	b.Status = booking.Failed
	mustRelease(t, s, b)
	mustHold(t, s, draft("b2", noon))

	stale := (*booking.Stale)(nil)
	if err := s.Release(t.Context(), b, b); !errors.As(err, &stale) {
		t.Errorf("second release: got %v, want Stale", err)
	}
	if err := s.Hold(t.Context(), draft("b3", noon), 0, nil); err == nil {
		t.Error("the second release freed another booking's cells")
	}
}

func TestAWriteOfAnOldVersionIsRefused(t *testing.T) {
	s := storetest.New(t)
	mustHold(t, s, draft("b1", noon))
	one, two := mustRead(t, s, "b1"), mustRead(t, s, "b1")
	one.Status = booking.Confirmed
	if err := s.Save(t.Context(), &one); err != nil {
		t.Fatal(err)
	}
	two.Status = booking.Failed
	stale := (*booking.Stale)(nil)
	if err := s.Save(t.Context(), &two); !errors.As(err, &stale) {
		t.Errorf("got %v, want Stale", err)
	}
	if got := mustRead(t, s, "b1").Status; got != booking.Confirmed {
		t.Errorf("status is %s", got)
	}
}

func TestUnsettledListsWhatIsOverdueUntilNothingIsLeftToDo(t *testing.T) {
	s := storetest.New(t)
	for i := range 3 {
		b := draft(fmt.Sprint("b", i), noon.Add(time.Duration(i)*time.Hour))
		b.Deadline = noon.Add(time.Duration(i) * time.Minute)
		mustHold(t, s, b)
	}
	done := mustRead(t, s, "b0")
	done.Deadline = time.Time{}
	if err := s.Save(t.Context(), &done); err != nil {
		t.Fatal(err)
	}
	got, err := s.Unsettled(t.Context(), noon.Add(time.Minute), 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b1"}, got); diff != "" {
		t.Errorf("overdue (-want +got):\n%s", diff)
	}
}

func TestASnapshotShowsPageBusyTimesCountsAndTheRepeat(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	h := host.Host{Handle: "demo", Name: "約束 花子", Email: "host@example.com", Connected: map[string]bool{"zoom": true}}
	p := page.Page{Host: "demo", Slug: "intro", Title: "初回相談", MaxPerDay: 5,
		Weekly: page.Weekly{Monday: []page.Window{{From: "09:00", To: "12:00"}}}}
	if err := errors.Join(s.PutHost(ctx, h), s.PutPage(ctx, p)); err != nil {
		t.Fatal(err)
	}
	b := draft("b1", noon)
	b.BufferAfterMinutes, b.CountsTowardDay = 15, true
	mustHold(t, s, b)

	got, err := s.Snapshot(ctx, booking.Wanted{Host: "demo", Page: "intro", From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Booking: "b1"})
	if err != nil {
		t.Fatal(err)
	}
	want := booking.Snapshot{
		Host: h, Page: p,
		Busy:   []calendar.Interval{{Start: noon, End: noon.Add(45 * time.Minute)}},
		Booked: map[string]int{"2026-12-01": 1},
		Repeat: &b,
		Used:   map[string]int{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	_, err = s.Snapshot(ctx, booking.Wanted{Host: "demo", Page: "none", From: noon, To: noon})
	if missing := (*booking.PageNotFound)(nil); !errors.As(err, &missing) {
		t.Errorf("an unknown page: got %v, want PageNotFound", err)
	}
}

func TestTheLongestSnapshotIsRead(t *testing.T) {
	s := storetest.New(t)
	p := page.Page{Host: "demo", Slug: "intro"}
	if err := s.PutPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for day := range 62 {
		mustHold(t, s, draft(fmt.Sprint("b", day), noon.AddDate(0, 0, day)))
	}
	snap, err := s.Snapshot(t.Context(), booking.Wanted{Host: "demo", Page: "intro", From: noon.Add(-12 * time.Hour), To: noon.AddDate(0, 0, 63)})
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Busy) != 62 {
		t.Errorf("%d busy times, want 62", len(snap.Busy))
	}
}

func TestTheLongestClaimFitsTheLimitsOfAnExpression(t *testing.T) {
	s := storetest.New(t)
	b := draft("long", noon)
	b.End = b.Start.Add(11 * time.Hour)
	mustHold(t, s, b)
	mustRelease(t, s, b)
}

func TestReachTellsAMissingTable(t *testing.T) {
	s := storetest.New(t)
	if err := s.Reach(t.Context()); err != nil {
		t.Errorf("a table that exists: %v", err)
	}
	s.Table = "missing"
	unknown := (*store.UnknownTable)(nil)
	if err := s.Reach(t.Context()); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a table that does not: %v", err)
	}
}

func mustHold(t *testing.T, s *store.Store, b booking.Booking) {
	t.Helper()
	if err := s.Hold(context.WithoutCancel(t.Context()), b, 0, nil); err != nil {
		t.Fatalf("hold %s: %v", b.ID, err)
	}
}

func mustRelease(t *testing.T, s *store.Store, b booking.Booking) {
	t.Helper()
	was := b
	b.Mark(booking.Hold, booking.Undone, b.CreatedAt)
	if err := s.Release(t.Context(), was, b); err != nil {
		t.Fatalf("release %s: %v", b.ID, err)
	}
}

func mustRead(t *testing.T, s *store.Store, id string) booking.Booking {
	t.Helper()
	b, err := s.Booking(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
