package promise_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/fault"
	"yakusoku/shared/booking"
	"yakusoku/shared/zone"
)

// alter changes a stored booking, as time does: none of these tests waits a day.
func (s *system) alter(t *testing.T, r receipt, how func(*booking.Booking)) {
	t.Helper()
	eventually(t, "the booking is altered", func() error {
		b, err := s.books().Booking(t.Context(), r.ID)
		if err != nil {
			return err
		}
		how(&b)
		return s.books().Save(t.Context(), &b)
	})
}

// remindNow makes the booking one that was made, or moved, long ago, and of which a
// reminder fell due within the last minute.
func (s *system) remindNow(t *testing.T, r receipt) {
	t.Helper()
	s.alter(t, r, func(b *booking.Booking) {
		b.CreatedAt = b.CreatedAt.Add(-time.Hour)
		if !b.Reminding.Until.IsZero() {
			b.Reminding.Until = b.Reminding.Until.Add(-time.Hour)
		}
		b.Terms.Reminders = []int{int(time.Until(b.Start)/time.Minute) + 1}
	})
}

// sweep runs sweep several times at once, besides the schedule, and waits for the end.
func (s *system) sweep(t *testing.T, times int) {
	t.Helper()
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			a, err := do(t.Context(), "POST", s.Lambda+"/2015-03-31/functions/sweep/invocations", "{}", nil)
			if err == nil && (a.Status != http.StatusOK || a.Header.Get("X-Amz-Function-Error") != "") {
				err = fmt.Errorf("status %d, body %s", a.Status, a.Body)
			}
			if err != nil {
				t.Errorf("sweep: %v", err)
			}
		})
	}
	all.Wait()
}

// restless is a sweep that runs all the time.
var restless = []string{"SWEEP_EVERY=100ms", "MIRROR_EVERY=0s"}

func TestAGuestIsRemindedOnceHoweverOftenSweepRuns(t *testing.T) {
	t.Parallel()
	s := start(t, restless...)
	r, slot := s.booked(t)
	b, err := s.books().Booking(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1440, 60}, b.Terms.Reminders); diff != "" {
		t.Errorf("reminders of the page (-want +got):\n%s", diff)
	}
	s.sweep(t, 2)
	s.becomes(t, r, everywhere) // nobody is reminded days before

	s.remindNow(t, r)
	for range 3 {
		s.sweep(t, 3)
	}
	once := everywhere
	once.GuestMails = []string{confirmed, reminded}
	s.becomes(t, r, once)

	toGuest, _ := s.letters(t, r)
	l, v := toGuest[len(toGuest)-1], s.view(t, r)
	for _, want := range []string{
		v.JoinURL, v.Passcode, "/b/demo/intro/" + r.ID + "#" + r.Token, "日時：" + inWords(t, slot.Start, "America/New_York"),
		"ホスト側の時刻：" + inWords(t, slot.Start, "Asia/Tokyo"),
	} {
		if !strings.Contains(l.Body.Text, want) {
			t.Errorf("the reminder lacks %q:\n%s", want, l.Body.Text)
		}
	}
	if len(l.Attachments) > 0 {
		t.Errorf("the reminder changes calendars: %+v", l.Attachments)
	}
}

// inWords is the beginning of a time as Japanese mails state it.
func inWords(t *testing.T, at, in string) string {
	t.Helper()
	there, err := zone.Load(in)
	if err != nil {
		t.Fatal(err)
	}
	start := parse(t, at).In(there)
	return start.Format("2006年1月2日") + "(" + string([]rune("日月火水木金土")[start.Weekday()]) + start.Format(") 15:04–")
}

func TestNobodyIsRemindedOfWhatIsCancelled(t *testing.T) {
	t.Parallel()
	s := start(t, restless...)
	r, _ := s.booked(t)
	s.cancel(t, r)
	gone := world{GuestMails: []string{confirmed, cancelled}, HostMails: []string{confirmed, cancelled}}
	s.becomes(t, r, gone)
	s.remindNow(t, r)
	for range 2 {
		s.sweep(t, 2)
	}
	s.becomes(t, r, gone)
}

func TestAReminderMovesWithItsBooking(t *testing.T) {
	t.Parallel()
	s := start(t, restless...)
	r, from := s.booked(t)
	to := s.another(t, from)
	// One is due now for the new time, which is not the booking's yet.
	soon := int(time.Until(parse(t, to.Start))/time.Minute) + 1
	s.alter(t, r, func(b *booking.Booking) { b.Terms.Reminders = []int{soon} })
	s.sweep(t, 2)
	s.becomes(t, r, everywhere)

	if a := s.moveTo(t, r, to.Start); a.Status != http.StatusAccepted {
		t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
	}
	s.stands(t, r, at(to.Start, confirmed, moved))
	s.sweep(t, 2)
	s.stands(t, r, at(to.Start, confirmed, moved)) // its time was past when the booking came there

	s.remindNow(t, r)
	for range 2 {
		s.sweep(t, 2)
	}
	want := at(to.Start, confirmed, moved)
	want.GuestMails = []string{confirmed, moved, reminded}
	s.stands(t, r, want)
	toGuest, _ := s.letters(t, r)
	if text := toGuest[2].Body.Text; !strings.Contains(text, inWords(t, to.Start, "America/New_York")) || strings.Contains(text, inWords(t, from.Start, "America/New_York")) {
		t.Errorf("the reminder is not of %s:\n%s", to.Start, text)
	}
}

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Whatever dies over a reminder, the guest gets it.
func TestAfterAKillAReminderIsSent(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	for k, mails := range map[fault.Kind][]string{
		fault.HangBefore: {confirmed, reminded},
		fault.HangAfter:  {confirmed, reminded, reminded}, // mail has no idempotency
	} {
		t.Run(string(k), func(t *testing.T) {
			r, _ := s.booked(t)
			s.fail(t, fault.Rule{Match: sendMail, Kind: k})
			s.remindNow(t, r)
			want := everywhere
			want.GuestMails = mails
			if k == fault.HangAfter {
				once := everywhere
				once.GuestMails = mails[:2]
				s.becomes(t, r, once)
			}
			s.killAtFault(t)
			s.run(t)
			s.becomes(t, r, want)
			s.sweep(t, 2)
			s.becomes(t, r, want)
		})
	}
}

// Mail that is refused is not tried again, mail that is only delayed is.
func TestARefusedReminderIsNotRepeatedAndADelayedOneIs(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	for name, test := range map[string]struct {
		fault   fault.Rule
		mails   []string
		refused bool
	}{
		"refused":     {refusal(sendMail, 1), []string{confirmed}, true},
		"unavailable": {unavailable(sendMail), []string{confirmed, reminded}, false},
		"too fast":    {limited(sendMail, "1"), []string{confirmed, reminded}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := s.booked(t)
			s.fail(t, test.fault)
			s.remindNow(t, r)
			eventually(t, "the reminder is dealt with", func() error {
				b, err := s.books().Booking(t.Context(), r.ID)
				if err == nil && (b.Reminding.Until.IsZero() || b.Reminding.Refused != test.refused) {
					err = errors.New("it is not yet")
				}
				return err
			})
			if s.hits(t) == 0 {
				t.Error("no fault was met: the test shows nothing")
			}
			s.mend(t)
			s.sweep(t, 2)
			want := everywhere
			want.GuestMails = test.mails
			s.becomes(t, r, want)
		})
	}
}
