package booking_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/zone"
)

const day = 24 * 60 // minutes

// reminded is a confirmed booking at ten, made a week before, whose guest is
// reminded a day and an hour before.
func reminded() booking.Booking {
	b := at(booking.Confirmed, done, done, done, done, done)
	b.Start, b.End = ten, ten.Add(30*time.Minute)
	b.CreatedAt = ten.AddDate(0, 0, -7)
	b.Terms.Reminders = []int{60, day}
	return b
}

func before(minutes int) time.Time { return ten.Add(-time.Duration(minutes) * time.Minute) }

// move moves the booking, from the one time to the other, to a start.
func move(b *booking.Booking, began, ended, start time.Time) {
	b.Begin(booking.Move{By: booking.ByGuest, At: began, To: booking.Place{Start: start, End: start.Add(30 * time.Minute)}})
	b.Arrive(ended)
	b.News = nil
}

func stay(b *booking.Booking, began, ended, start time.Time) {
	b.Begin(booking.Move{By: booking.ByGuest, At: began, To: booking.Place{Start: start, End: start.Add(30 * time.Minute)}})
	b.GiveUpMove(booking.ReasonSlotTaken)
	b.Stay(ended)
	b.Mark(booking.Mail, booking.Done, ended)
}

func TestAReminderIsDueOnceAndOnlyWhileItHelps(t *testing.T) {
	tests := []struct {
		name   string
		change func(*booking.Booking)
		now    time.Time
		due    time.Time // of what is to be sent; zero: nothing
		next   time.Time // of what is to be done at all, at whatever time; zero: nothing
	}{
		{"long before", func(*booking.Booking) {}, before(day + 1), time.Time{}, before(day)},
		{"on the instant", func(*booking.Booking) {}, before(day), before(day), before(day)},
		{"sent", func(b *booking.Booking) { b.Reminded(before(day), "m") }, before(61), time.Time{}, before(60)},
		{"refused", func(b *booking.Booking) { b.Reminded(before(day), "") }, before(61), time.Time{}, before(60)},
		{"of two that are overdue, the last", func(*booking.Booking) {}, before(30), before(60), before(day)},
		{"both are done with the last", func(b *booking.Booking) { b.Reminded(before(60), "m") }, before(30), time.Time{}, time.Time{}},
		{"none for the start itself", func(b *booking.Booking) { b.Terms.Reminders = []int{0} }, ten, time.Time{}, time.Time{}},
		{"the page has none", func(b *booking.Booking) { b.Terms.Reminders = nil }, before(30), time.Time{}, time.Time{}},

		{"booked after its time", func(b *booking.Booking) { b.CreatedAt = before(day - 1) }, before(day - 2), time.Time{}, before(60)},
		{"booked on the instant", func(b *booking.Booking) { b.CreatedAt = before(day) }, before(day - 1), time.Time{}, before(60)},
		{"booked after all of them", func(b *booking.Booking) { b.CreatedAt = before(59) }, before(30), time.Time{}, time.Time{}},

		{"being made", func(b *booking.Booking) { b.Status = booking.Pending }, before(30), time.Time{}, time.Time{}},
		{"failed", func(b *booking.Booking) { b.Status = booking.Failed }, before(30), time.Time{}, time.Time{}},
		{"cancelled", func(b *booking.Booking) {
			b.Cancel(booking.Cancellation{By: booking.ByGuest, At: before(day + 1)})
			b.News = nil
		}, before(30), time.Time{}, time.Time{}},

		{"another has it", func(b *booking.Booking) { b.ClaimReminder(before(day), before(day-2)) }, before(day - 1), time.Time{}, before(day - 2)},
		{"another had it, and died", func(b *booking.Booking) { b.ClaimReminder(before(day), before(day-2)) }, before(day - 2), before(day), before(day - 2)},
		{"another had it, and died until the next was due", func(b *booking.Booking) { b.ClaimReminder(before(day), before(day-2)) }, before(60), before(60), before(day - 2)},

		{"is being moved", func(b *booking.Booking) {
			b.Begin(booking.Move{By: booking.ByGuest, At: before(day + 1), To: booking.Place{Start: ten.Add(time.Hour)}})
		}, before(30), time.Time{}, time.Time{}},
		{"a move is being undone", func(b *booking.Booking) {
			b.Begin(booking.Move{By: booking.ByGuest, At: before(day + 1), To: booking.Place{Start: ten.Add(time.Hour)}})
			b.GiveUpMove(booking.ReasonSlotTaken)
		}, before(30), time.Time{}, time.Time{}},
		{"stayed, and the guest knows nothing of it yet", func(b *booking.Booking) {
			stay(b, before(day+1), before(day-1), ten.Add(time.Hour))
			b.Mark(booking.Mail, booking.Waiting, time.Time{})
		}, before(day - 1), time.Time{}, time.Time{}},
		{"fell due in a move that did not come about", func(b *booking.Booking) {
			stay(b, before(day+1), before(day-1), ten.Add(time.Hour))
		}, before(day - 1), before(day), before(day)},
		{"moved to a later time", func(b *booking.Booking) {
			b.Reminded(before(day), "m")
			move(b, before(120), before(119), ten.Add(48*time.Hour))
		}, before(60), time.Time{}, before(day).Add(48 * time.Hour)},
		{"moved to an earlier time", func(b *booking.Booking) {
			move(b, before(2*day), before(2*day-1), ten.Add(-time.Hour))
		}, before(day), before(day + 60), before(day + 60)},
		{"moved after the reminder's time", func(b *booking.Booking) {
			move(b, before(2*day), before(2*day-1), before(2*day).Add(2*time.Hour))
		}, before(2*day - 2), time.Time{}, before(2 * day).Add(time.Hour)},
		{"moved there and back", func(b *booking.Booking) {
			move(b, before(120), before(119), ten.Add(48*time.Hour))
			move(b, before(118), before(117), ten)
		}, before(60), before(60), before(60)},
		{"moved, then not moved again", func(b *booking.Booking) {
			move(b, before(120), before(119), ten.Add(20*time.Hour))
			stay(b, before(118), before(117), ten.Add(48*time.Hour))
		}, before(60), time.Time{}, before(60).Add(20 * time.Hour)},
		{"another URL, and the same time", func(b *booking.Booking) {
			b.Reminded(before(day), "m")
			b.Begin(booking.Move{By: booking.ByHost, At: before(62), To: b.Place()})
			b.Amend(func(m *booking.Move) { m.Replacement = 1 })
			b.Arrive(before(58))
			b.News = nil
		}, before(58), before(60), before(60)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := reminded()
			test.change(&b)
			due, is := b.ToRemind(test.now)
			if !due.Equal(test.due) || is == test.due.IsZero() {
				t.Errorf("to be sent at %s: %s, %v; want %s", test.now, due, is, test.due)
			}
			if next := b.Due(); !next.Equal(test.next) {
				t.Errorf("due %s, want %s", next, test.next)
			}
		})
	}
}

func TestOfNewsAndAReminderTheFirstIsDue(t *testing.T) {
	b := reminded()
	for _, at := range []time.Time{before(day + 1), before(day - 1)} {
		b.News = []booking.News{{At: at}}
		want := before(day)
		if at.Before(want) {
			want = at
		}
		if got := b.Due(); !got.Equal(want) {
			t.Errorf("due %s with news of %s, want %s", got, at, want)
		}
	}
}

// The minutes before a meeting pass however clocks are put meanwhile: what the
// guest reads on theirs differs by as much.
func TestRemindersComeInTimeAcrossClockChanges(t *testing.T) {
	tests := []struct {
		name, zone, start, created string
		reminders                  []int
		want                       []string // in the guest's zone
	}{
		{
			"New York, back an hour on the meeting's day", "America/New_York", "2026-11-01T10:00:00-05:00", "2026-10-20T09:00:00-04:00", []int{day, 60},
			[]string{"2026-10-31T11:00:00-04:00", "2026-11-01T09:00:00-05:00"},
		},
		{
			"New York, the hour that comes twice, its first time", "America/New_York", "2026-11-01T01:30:00-04:00", "2026-10-20T09:00:00-04:00", []int{day, 60},
			[]string{"2026-10-31T01:30:00-04:00", "2026-11-01T00:30:00-04:00"},
		},
		{
			"New York, the hour that comes twice, its second time", "America/New_York", "2026-11-01T01:30:00-05:00", "2026-10-20T09:00:00-04:00", []int{day, 60},
			[]string{"2026-10-31T02:30:00-04:00", "2026-11-01T01:30:00-04:00"},
		},
		{
			"New York, forward an hour", "America/New_York", "2027-03-14T03:00:00-04:00", "2027-03-01T09:00:00-05:00", []int{day, 60},
			[]string{"2027-03-13T02:00:00-05:00", "2027-03-14T01:00:00-05:00"},
		},
		{
			"London, back an hour between booking and meeting", "Europe/London", "2026-10-26T09:00:00Z", "2026-10-23T09:00:00+01:00", []int{2 * day, day},
			[]string{"2026-10-24T10:00:00+01:00", "2026-10-25T09:00:00Z"},
		},
		{
			"London, forward an hour, booked between the reminders", "Europe/London", "2027-03-28T09:00:00+01:00", "2027-03-27T09:00:00Z", []int{day, 60},
			[]string{"2027-03-28T08:00:00+01:00"},
		},
		{
			"Tokyo, whose clocks are never put", "Asia/Tokyo", "2026-11-02T00:00:00+09:00", "2026-10-20T09:00:00+09:00", []int{day, 60},
			[]string{"2026-11-01T00:00:00+09:00", "2026-11-01T23:00:00+09:00"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, err := zone.Load(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			b := reminded()
			b.Start, b.CreatedAt, b.Terms.Reminders = instant(t, test.start), instant(t, test.created), test.reminders
			if got := b.Start.In(in).Format(time.RFC3339); got != test.start {
				t.Fatalf("%s is %s there", test.start, got)
			}
			var got []string
			for !b.Due().IsZero() {
				due, is := b.ToRemind(b.Due())
				if !is || len(got) > len(test.want) {
					t.Fatalf("at %s there is no reminder, or no end: %v", b.Due(), got)
				}
				got = append(got, due.In(in).Format(time.RFC3339))
				b.Reminded(due, "m")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("reminders (-want +got):\n%s", diff)
			}
		})
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}
