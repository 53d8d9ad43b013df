package promise_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/seed"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
)

// abreast is how many bookings are tried at a time: most of their time is waiting.
const abreast = 8

// desk is a running system and how calls to the calendar of its demo page are named.
type desk struct {
	*system
	insertEvent, findEvent, updateEvent, deleteEvent string
}

// desks starts a system for each provider of calendars.
var desks = map[string]func(t *testing.T, options ...string) desk{
	"Google": func(t *testing.T, options ...string) desk {
		return desk{start(t, options...), insertEvent, findEvent, updateEvent, deleteEvent}
	},
	"Outlook": func(t *testing.T, options ...string) desk {
		return desk{startOutlook(t, options...).system, insertOutlook, findOutlook, updateOutlook, deleteOutlook}
	},
}

// atEachDesk runs the test at each provider of calendars, and returns how many cases
// it had there.
func atEachDesk(t *testing.T, run func(*testing.T, desk) int, options ...string) int {
	t.Helper()
	return ofEach(t, desks, func(t *testing.T, open func(*testing.T, ...string) desk) int { return run(t, open(t, options...)) })
}

// ofEach runs a test of each, all side by side, and returns how many cases they had.
func ofEach[V any](t *testing.T, all map[string]V, run func(*testing.T, V) int) int {
	t.Helper()
	var cases atomic.Int64
	t.Run("of each", func(t *testing.T) { // ends when those in it have
		for name, v := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cases.Add(int64(run(t, v)))
			})
		}
	})
	return int(cases.Load())
}

// sample is all of the cases; of every few one, if the test shall be short.
func sample[T any](all []T) []T {
	if !testing.Short() {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += 4 {
		some = append(some, all[i])
	}
	return some
}

// trial is a booking at from, which may be moved to a later slot. Both are its own.
type trial struct {
	desk
	receipt
	key      string // of its submission
	from, to slot
	ids      []string // of booking, meeting and event, as far as they are known
}

// pairs are slots for as many trials at a time as there are, none of them next to
// another: of two on a day, one for the earlier of each pair.
func (s *system) pairs(t *testing.T) [][2]slot {
	t.Helper()
	days := map[string][]slot{}
	for _, o := range s.slots(t) {
		days[o.Start[:10]] = append(days[o.Start[:10]], o)
	}
	var spread []slot
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if of := days[day]; len(of) >= 14 {
			spread = append(spread, of[2], of[11])
		}
	}
	half := len(spread) / 2
	pairs := make([][2]slot, half)
	for i := range pairs {
		pairs[i] = [2]slot{spread[i], spread[half+i]}
	}
	if half < 2*abreast {
		t.Fatalf("only %d pairs of slots", half)
	}
	return pairs
}

// tryEach runs n trials, each with a pair of slots, several side by side; at the end,
// nothing may stand outside. Names tell trials apart.
func (d desk) tryEach(t *testing.T, n int, name func(int) string, run func(*testing.T, *trial, int)) {
	t.Helper()
	free := d.pairs(t)
	pairs := make(chan [2]slot, len(free))
	for _, pair := range free {
		pairs <- pair
	}
	for from := 0; from < n; from += batch {
		sideBySide(t, min(batch, n-from), func(i int) string { return name(from + i) }, func(t *testing.T, i int) {
			select {
			case pair := <-pairs:
				run(t, d.planned(pair), from+i)
				pairs <- pair // those of a trial that ended early stay taken
			default:
				t.Fatal("too many trials have kept their slots")
			}
		})
		call(t, "POST", d.Mailbox+"/clear-store", "", nil)
	}
	d.holdsNothing(t)
}

// batch is after how many trials the mails are thrown away: all are read each time.
const batch = 5 * abreast

// sideBySide runs n tests, several at a time.
func sideBySide(t *testing.T, n int, name func(int) string, run func(*testing.T, int)) {
	t.Helper()
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var all sync.WaitGroup
	for range abreast {
		all.Go(func() {
			for i := range next {
				t.Run(name(i), func(t *testing.T) { run(t, i) })
			}
		})
	}
	all.Wait()
}

// planned is a trial that is not booked yet. Of its booking, what is derived from the
// submission is known.
func (d desk) planned(pair [2]slot) *trial {
	tr := &trial{desk: d, receipt: receipt{guest: someone()}, key: rand.Text(), from: pair[0], to: pair[1]}
	id := booking.ID(seed.Handle, "intro", tr.key)
	tr.ids = []string{id, calendar.EventID(id, 0)}
	return tr
}

// submit submits it, and returns the answer's status; 0 for none.
func (tr *trial) submit(ctx context.Context) int {
	a, err := tr.desk.submit(ctx, tr.key, submission(tr.from.Start, tr.guest))
	if err != nil || a.Status == http.StatusAccepted && json.Unmarshal(a.Body, &tr.receipt) != nil {
		return 0
	}
	return a.Status
}

// stand books it, and waits until it stands everywhere.
func (tr *trial) stand(t *testing.T) {
	t.Helper()
	if status := tr.submit(t.Context()); status != http.StatusAccepted {
		t.Fatalf("submit: status %d", status)
	}
	tr.rests(t, tr.receipt)
	tr.knows(t)
}

// knows learns the ids that calls about the booking hold.
func (tr *trial) knows(t *testing.T) {
	t.Helper()
	b, err := tr.books().Booking(t.Context(), tr.ID)
	if err != nil {
		t.Fatal(err)
	}
	if b.ZoomMeeting.ID == 0 || b.CalendarEvent.ID == "" {
		t.Fatalf("it was not booked: %s %s", b.Status, b.Reason)
	}
	tr.ids = []string{tr.ID, strconv.FormatInt(b.ZoomMeeting.ID, 10), b.CalendarEvent.ID}
}

// rests waits until nothing is left to do for the booking.
func (s *system) rests(t *testing.T, r receipt) {
	t.Helper()
	eventually(t, "nothing is left to do", func() error {
		b, err := s.books().Booking(t.Context(), r.ID)
		if err == nil && !b.Deadline.IsZero() {
			err = fmt.Errorf("sweep looks after it at %s: %+v", b.Deadline, b.Steps)
		}
		return err
	})
}

// meets puts rules in force for the calls about this booking alone.
func (tr *trial) meets(t *testing.T, rules ...fault.Rule) {
	t.Helper()
	for _, r := range rules {
		r.Holding = tr.ids
		tr.fail(t, r)
	}
}

// own are the booking's rules.
func (tr *trial) own(t *testing.T) []fault.Rule {
	t.Helper()
	return slices.DeleteFunc(tr.rules(t), func(r fault.Rule) bool { return !slices.Equal(r.Holding, tr.ids) })
}

// met holds the trial to its faults: one that was not met shows nothing. It returns
// when what comes late has come.
func (tr *trial) met(t *testing.T) {
	t.Helper()
	for _, r := range tr.own(t) {
		if r.Hits == 0 {
			t.Errorf("%s was not met: the test shows nothing", nameOf(r))
		}
	}
	eventually(t, "what is late has come", func() error {
		for _, r := range tr.own(t) {
			if r.Kind == fault.Late && r.Landed < r.Hits {
				return fmt.Errorf("%s has not", r.Match)
			}
		}
		return nil
	})
}

// holdsNothing expects that no meeting and no event stands for any booking.
func (s *system) holdsNothing(t *testing.T) {
	t.Helper()
	for _, m := range s.allMeetings(t) {
		if !m.Deleted {
			t.Errorf("a meeting is left: %+v", m)
		}
	}
	for _, e := range s.googleState(t).Events {
		if e.Booking != "" && e.Status != "cancelled" {
			t.Errorf("an event is left at Google: %+v", e)
		}
	}
	for _, e := range s.microsoftState(t).Events {
		if e.Booking != "" && !e.Deleted {
			t.Errorf("an event is left at Microsoft: %+v", e)
		}
	}
}

func nameOf(rules ...fault.Rule) string {
	if len(rules) == 0 {
		return "nothing"
	}
	var names []string
	for _, r := range rules {
		name := r.Match + " " + string(r.Kind)
		if r.Kind == fault.Error {
			name += " " + strconv.Itoa(r.Status)
		}
		for _, v := range r.Header {
			name += " " + v
		}
		if r.After > 0 {
			name += fmt.Sprint(" after ", r.After)
		}
		names = append(names, name+fmt.Sprint("×", r.Times))
	}
	return strings.Join(names, ", ")
}

// passing are the faults of a call that pass: it is answered in the end.
func passing(match string) [][]fault.Rule {
	all := [][]fault.Rule{
		{unavailable(match)},
		{limited(match, "1")},
		{limited(match, "")},
		{fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusBadGateway, Times: 1, Body: "<html>Bad Gateway</html>"}},
		{fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusInternalServerError, Times: 1}},
		{once(match, fault.HangBefore)},
	}
	if match != sendMail {
		all = append(all, []fault.Rule{{ // an access token that ended early
			Match: match, Kind: fault.Error, Status: http.StatusUnauthorized, Times: 1, Body: `{"code":124,"message":"Access token is expired.","error":{"code":"InvalidAuthenticationToken"}}`,
		}})
	}
	for _, r := range unanswering(match) {
		all = append(all, []fault.Rule{r})
	}
	return all
}

// insisting is passing, for what is asked again until it is answered though its effect
// came about.
func insisting(match string) [][]fault.Rule {
	return append(passing(match), []fault.Rule{once(match, fault.HangAfter), unavailable(match)})
}

// unanswering are the faults whose effect comes about, and whose caller does not know.
func unanswering(match string) []fault.Rule {
	all := []fault.Rule{late(match)}
	for _, k := range []fault.Kind{fault.HangAfter, fault.ResetAfter, fault.Malformed, fault.Truncated, fault.Cut, fault.Drip, fault.Retyped, fault.HTML} {
		all = append(all, once(match, k))
	}
	return all
}

// failing are the ways of a function itself: it dies, does not answer, or is delivered
// twice at once. Mails are not: one that is begun may have to be sent again, so that
// two might go out.
func failing(step string) [][]fault.Rule {
	match := "lambda " + step
	all := [][]fault.Rule{
		{{Match: match, Kind: fault.Error, Status: http.StatusOK, Times: 2, Body: `{"errorType":"Runtime.ExitError","errorMessage":"exit status 2"}`}},
		{once(match, fault.HangBefore)},
		{once(match, fault.HangAfter)},
		{once(match, fault.ResetAfter)},
	}
	if !strings.HasPrefix(step, "mail ") {
		all = append(all, []fault.Rule{once(match, fault.Twice)})
	}
	return all
}
