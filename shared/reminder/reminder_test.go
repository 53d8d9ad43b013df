package reminder_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/mail"
	"yakusoku/shared/reminder"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var ten = time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)

const (
	claim = time.Minute
	day   = 24 * 60
)

func before(minutes int) time.Time { return ten.Add(-time.Duration(minutes) * time.Minute) }

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // refusals are logged
	os.Exit(m.Run())
}

// post keeps which reminder was sent of which booking, as often as it was.
type post struct {
	mu   sync.Mutex
	sent map[string][]int // minutes before, by booking
	asks int
	// answers are the errors of the next calls; none is left: it is sent.
	answers []error
	// What happens before a mail is out, and once it is.
	before, after func()
}

func (p *post) Send(_ context.Context, kind mail.Kind, b booking.Booking) (string, error) {
	if p.before != nil {
		p.before()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks++
	if len(p.answers) > 0 {
		err := p.answers[0]
		p.answers = p.answers[1:]
		return "", err
	}
	if kind != mail.GuestReminder {
		return "", fmt.Errorf("not a reminder but %s", kind)
	}
	if p.sent == nil {
		p.sent = map[string][]int{}
	}
	p.sent[b.ID] = append(p.sent[b.ID], int(b.Start.Sub(b.Reminding.Due)/time.Minute))
	if p.after != nil {
		p.after()
	}
	return fmt.Sprintf("m%d", p.asks), nil
}

// office is a round over the real store.
type office struct {
	*store.Store
	*post
	now time.Time
}

func open(t *testing.T) *office {
	t.Helper()
	return &office{Store: storetest.New(t), post: &post{}, now: before(60)}
}

func (o *office) round() *reminder.Round {
	return &reminder.Round{Bookings: o.Store, Post: o.post, Now: func() time.Time { return o.now }, ClaimFor: claim}
}

func (o *office) run(t *testing.T) error {
	t.Helper()
	return o.round().Run(t.Context())
}

// keep stores a confirmed booking at ten whose guest is reminded a day and an hour
// before. Hosts have one each.
func (o *office) keep(t *testing.T, id string, changes ...func(*booking.Booking)) {
	t.Helper()
	done := booking.Progress{Status: booking.Done}
	b := booking.Booking{
		ID: id, Host: "host-" + id, Page: "intro", Start: ten, End: ten.Add(30 * time.Minute), LocalDate: "2026-12-01",
		Status: booking.Confirmed, CreatedAt: ten.AddDate(0, 0, -7), Terms: booking.Terms{Reminders: []int{day, 60}},
		Steps: map[booking.Step]booking.Progress{booking.Hold: done, booking.Mail: done, booking.Notice: done},
	}
	for _, change := range changes {
		change(&b)
	}
	if err := o.Hold(t.Context(), b, 0, nil); err != nil {
		t.Fatal(err)
	}
}

// change changes a stored booking.
func (o *office) change(t *testing.T, id string, change func(*booking.Booking)) {
	t.Helper()
	b, err := o.Booking(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	change(&b)
	if err := o.Save(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
}

func (o *office) mustHaveSent(t *testing.T, want map[string][]int) {
	t.Helper()
	if diff := cmp.Diff(want, o.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestEachReminderIsSentOnceHoweverOftenAndHoweverManyRoundsRun(t *testing.T) {
	o := open(t)
	const guests, rounds = 20, 6
	first, both := map[string][]int{}, map[string][]int{}
	for i := range guests {
		id := fmt.Sprintf("b%02d", i)
		o.keep(t, id)
		first[id], both[id] = []int{day}, []int{day, 60}
	}
	for _, at := range []struct {
		now  time.Time
		want map[string][]int
	}{{before(day), first}, {before(61), first}, {before(60), both}, {ten.Add(-time.Second), both}, {ten.Add(time.Hour), both}} {
		o.now = at.now
		for range 2 {
			var all sync.WaitGroup
			for range rounds {
				all.Go(func() {
					if err := o.run(t); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		o.mustHaveSent(t, at.want)
	}
	if due, err := o.DueBookings(t.Context(), ten.AddDate(1, 0, 0), 100); err != nil || len(due) > 0 {
		t.Errorf("%v are still due: %v", due, err)
	}
}

// A process that dies leaves what it claimed to another, once the claim has ended.
func TestAReminderWhoseSenderDiedIsSentByAnother(t *testing.T) {
	for name, test := range map[string]struct {
		dies func(*post, func())
		want []int
	}{
		"before it was sent": {func(p *post, die func()) { p.before = die }, []int{60}},
		"after it was sent":  {func(p *post, die func()) { p.after = die }, []int{60, 60}}, // twice is better than never
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			o.keep(t, "b1")
			test.dies(o.post, runtime.Goexit)
			var death sync.WaitGroup
			death.Go(func() { _ = o.run(t) })
			death.Wait()
			o.before, o.after = nil, nil
			dead := len(o.sent["b1"])
			for _, now := range []time.Time{o.now, o.now.Add(claim - time.Millisecond)} {
				o.now = now
				if err := o.run(t); err != nil || len(o.sent["b1"]) != dead {
					t.Errorf("another sent it in the time of the claim: %v, %v", o.sent, err)
				}
			}
			o.now = before(60).Add(claim)
			for range 2 {
				if err := o.run(t); err != nil {
					t.Error(err)
				}
			}
			o.mustHaveSent(t, map[string][]int{"b1": test.want})
		})
	}
}

func TestAReminderFollowsItsBooking(t *testing.T) {
	later := ten.Add(48 * time.Hour)
	begin := func(b *booking.Booking) {
		b.Begin(booking.Move{By: booking.ByGuest, At: before(61), To: booking.Place{Start: later, End: later.Add(30 * time.Minute), LocalDate: "2026-12-03"}})
	}
	arrive := func(b *booking.Booking) { b.Arrive(before(59)) }
	stay := func(b *booking.Booking) {
		b.GiveUpMove(booking.ReasonSlotTaken)
		b.Stay(before(59))
		b.Mark(booking.Mail, booking.Done, before(59))
	}
	cancel := func(b *booking.Booking) {
		b.Cancel(booking.Cancellation{By: booking.ByGuest, At: before(59)})
	}
	tests := []struct {
		name       string
		first      func(*booking.Booking) // before a round at an hour before
		then       func(*booking.Booking) // before one at 59 minutes before
		early, all []int                  // sent before ten, and until an hour before the later time
	}{
		{"it stands", nil, nil, []int{60}, []int{60}},
		{"it is moved", begin, arrive, nil, []int{day, 60}},
		{"it is not moved after all", begin, stay, []int{60}, []int{60}},
		{"it is cancelled", nil, cancel, []int{60}, []int{60}},
		{"it is cancelled in time", cancel, nil, nil, nil},
		{"it is cancelled while it is being moved", begin, cancel, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			o.keep(t, "b1")
			for i, change := range []func(*booking.Booking){test.first, test.then} {
				if change != nil {
					o.change(t, "b1", change)
				}
				o.now = before(60 - i)
				if err := o.run(t); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(test.early, o.sent["b1"]); diff != "" {
				t.Errorf("sent before the first time (-want +got):\n%s", diff)
			}
			for _, minutes := range []int{day, 60, 0} {
				o.now = later.Add(-time.Duration(minutes) * time.Minute)
				if err := o.run(t); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(test.all, o.sent["b1"]); diff != "" {
				t.Errorf("sent in all (-want +got):\n%s", diff)
			}
		})
	}
}

// A booking that changes while its reminder is sent keeps that it was.
func TestAReminderThatWasSentIsKeptWhateverBecomesOfTheBooking(t *testing.T) {
	o := open(t)
	o.keep(t, "b1")
	o.after = func() {
		o.after = nil
		o.change(t, "b1", func(b *booking.Booking) { b.Attempt = 7 })
	}
	for range 2 {
		if err := o.run(t); err != nil {
			t.Error(err)
		}
	}
	o.mustHaveSent(t, map[string][]int{"b1": {60}})
	b, err := o.Booking(t.Context(), "b1")
	want := booking.Reminding{Until: before(60), Due: before(60), MessageID: "m1"}
	if diff := cmp.Diff(want, b.Reminding); err != nil || diff != "" || b.Attempt != 7 {
		t.Errorf("attempt %d, %v, reminding (-want +got):\n%s", b.Attempt, err, diff)
	}
}

func TestARefusedAddressIsTriedOncePerReminder(t *testing.T) {
	o := open(t)
	o.keep(t, "b1")
	o.now = before(day)
	o.answers = []error{&mail.Refused{Err: errors.New("no such mailbox")}}
	for range 3 {
		if err := o.run(t); err != nil {
			t.Error(err)
		}
	}
	b, err := o.Booking(t.Context(), "b1")
	if err != nil || o.asks != 1 || !b.Reminding.Refused {
		t.Errorf("%d attempts, refused %v: %v", o.asks, b.Reminding.Refused, err)
	}
	o.now = before(60)
	if err := o.run(t); err != nil {
		t.Error(err)
	}
	o.mustHaveSent(t, map[string][]int{"b1": {60}})
	if b, err = o.Booking(t.Context(), "b1"); err != nil || b.Reminding.Refused {
		t.Errorf("the mailbox that takes mail again counts as refusing: %v", err)
	}
}

func TestAMailServiceThatTakesNoMoreIsLeftAloneAndTriedAgain(t *testing.T) {
	rate, daily := &mail.RateLimited{Err: errors.New("slower")}, &mail.RateLimited{Daily: true, Err: errors.New("enough")}
	silent := &mail.Unavailable{Err: errors.New("hung up")}
	tests := []struct {
		name    string
		answers []error
		asks    int  // of the first round, of two bookings
		sent    int  // by it
		fails   bool // it does
	}{
		{"too fast", []error{rate}, 3, 2, false},
		{"too fast for long", []error{rate, rate, rate}, 3, 0, true},
		{"the day's limit", []error{daily}, 1, 0, true},
		{"silent", []error{silent}, 1, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			o.keep(t, "b1")
			o.keep(t, "b2")
			o.answers = test.answers
			err := o.run(t)
			if (err != nil) != test.fails || o.asks != test.asks || len(o.sent) != test.sent {
				t.Errorf("after %d calls %d of 2 are sent: %v", o.asks, len(o.sent), err)
			}
			o.now = before(60).Add(claim)
			if err := o.run(t); err != nil {
				t.Error(err)
			}
			o.mustHaveSent(t, map[string][]int{"b1": {60}, "b2": {60}})
		})
	}
}

// Sweep may have been down for long.
func TestNobodyIsRemindedOfWhatHasBegun(t *testing.T) {
	for _, now := range []time.Time{ten, ten.Add(time.Hour)} {
		o := open(t)
		o.keep(t, "b1")
		o.now = now
		if err := o.run(t); err != nil || o.asks != 0 {
			t.Errorf("%d attempts: %v", o.asks, err)
		}
		if due, err := o.DueBookings(t.Context(), now, 1); err != nil || len(due) > 0 {
			t.Errorf("%v is due for ever: %v", due, err)
		}
	}
}

func TestOneRoundSendsAllThatIsDue(t *testing.T) {
	o := open(t)
	const guests = 230
	for i := range guests {
		o.keep(t, fmt.Sprintf("b%03d", i))
	}
	if err := o.run(t); err != nil || len(o.sent) != guests {
		t.Errorf("%d of %d are sent: %v", len(o.sent), guests, err)
	}
	if due, err := o.DueBookings(t.Context(), o.now, 1); err != nil || len(due) > 0 {
		t.Errorf("%v is still due: %v", due, err)
	}
}

// A round that is about to be ended takes up nothing that it may not finish.
func TestARoundTakesUpNothingAtItsEnd(t *testing.T) {
	o := open(t)
	o.keep(t, "b1")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	if err := o.round().Run(ctx); err != nil || o.asks != 0 {
		t.Errorf("%d attempts: %v", o.asks, err)
	}
}

// Bookings for which something else is due, or that are gone, are no obstacle.
func TestWhatElseIsDueIsLeftAlone(t *testing.T) {
	o := open(t)
	o.keep(t, "news", func(b *booking.Booking) {
		b.Terms.Reminders, b.News = nil, []booking.News{{Number: 1, Kind: booking.NewsConfirmed, At: before(day)}}
	})
	o.keep(t, "b1")
	listed := &lagging{office: o, also: "gone"}
	r := o.round()
	r.Bookings = listed
	if err := r.Run(t.Context()); err != nil {
		t.Error(err)
	}
	o.mustHaveSent(t, map[string][]int{"b1": {60}})
	if b, err := o.Booking(t.Context(), "news"); err != nil || b.Version != 0 || len(b.News) != 1 {
		t.Errorf("what is another's to do was touched: version %d, %v", b.Version, err)
	}
}

// lagging lists a booking that is not there any more.
type lagging struct {
	*office
	also string
}

func (l *lagging) DueBookings(ctx context.Context, now time.Time, limit int) ([]string, error) {
	ids, err := l.office.DueBookings(ctx, now, limit)
	return append([]string{l.also}, ids...), err
}
