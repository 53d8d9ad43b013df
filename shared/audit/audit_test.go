package audit_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	diffs "github.com/google/go-cmp/cmp"

	"yakusoku/shared/audit"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/mail"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
	"yakusoku/shared/zoom"
)

var (
	noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	ten  = time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) // the first booking's start
)

const (
	period       = 6 * time.Hour
	spacing      = time.Minute
	effectWithin = 30 * time.Second
	half         = 30 * time.Minute
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// outside is what stands at Zoom and in the host's calendars, and who is mailed.
type outside struct {
	meetings map[int64]zoom.Meeting
	lagging  map[int64]zoom.Meeting // as the list still has it
	events   map[string]calendar.Written
	accounts map[string]string // connected, by provider
	fail     map[string]error  // by call: "open zoom", "list", "get", "delete", "open google", "find", "send"
	asked    map[string]int    // by call
	mails    []booking.Booking
	during   func(call string)
}

func (o *outside) ask(call string) error {
	o.asked[call]++
	if o.during != nil {
		o.during(call)
	}
	return o.fail[call]
}

type zoomOf struct{ *outside }

func (z zoomOf) Account() string { return z.accounts["zoom"] }

func (z zoomOf) List(context.Context) ([]zoom.Meeting, error) {
	if err := z.ask("list"); err != nil {
		return nil, err
	}
	listed := maps.Clone(z.meetings)
	maps.Copy(listed, z.lagging)
	all := slices.SortedFunc(maps.Values(listed), func(a, b zoom.Meeting) int { return cmp.Compare(a.ID, b.ID) })
	for i := range all {
		all[i].Source = "" // which the list does not say
	}
	return all, nil
}

func (z zoomOf) Get(_ context.Context, id int64) (zoom.Meeting, error) {
	if err := z.ask("get"); err != nil {
		return zoom.Meeting{}, err
	}
	m, there := z.meetings[id]
	if !there {
		return m, &zoom.Refused{Op: "read the meeting", Status: 404, Code: 3001}
	}
	return m, nil
}

func (z zoomOf) Delete(_ context.Context, id int64) error {
	delete(z.meetings, id)
	return z.ask("delete")
}

type eventsOf struct{ *outside }

func (e eventsOf) Find(_ context.Context, _ string, r calendar.Reference) (calendar.Written, bool, error) {
	if err := connection.Reaches(connection.Google, e.accounts["google"], r.Account); err != nil {
		return calendar.Written{}, false, err
	}
	w, there := e.events[cmp.Or(r.Held, r.ID)]
	return w, there, e.ask("find")
}

func (e eventsOf) Delete(_ context.Context, _ string, r calendar.Reference) error {
	delete(e.events, cmp.Or(r.Held, r.ID))
	return e.ask("take out")
}

func (o *outside) Send(_ context.Context, kind mail.Kind, b booking.Booking) (string, error) {
	if kind != mail.HostDiffers {
		return "", fmt.Errorf("a mail %s", kind)
	}
	if err := o.ask("send"); err != nil {
		return "", err
	}
	o.mails = append(o.mails, b)
	return "m", nil
}

// system is an auditor over the real store, at a time that the test sets.
type system struct {
	*audit.Auditor
	*outside
	store *store.Store
	at    time.Time
}

func start(t *testing.T) *system {
	t.Helper()
	s := &system{store: storetest.New(t), at: noon, outside: &outside{
		meetings: map[int64]zoom.Meeting{}, lagging: map[int64]zoom.Meeting{}, events: map[string]calendar.Written{},
		accounts: map[string]string{}, fail: map[string]error{}, asked: map[string]int{},
	}}
	s.Auditor = &audit.Auditor{
		Ledger: s.store, Post: s.outside, Now: func() time.Time { return s.at },
		Zoom: func(context.Context, string) (audit.Zoom, error) { return zoomOf{s.outside}, s.ask("open zoom") },
		Events: func(_ context.Context, _, provider string) (audit.Events, error) {
			return eventsOf{s.outside}, s.ask("open " + provider)
		},
		Period: period, Spacing: spacing, EffectWithin: effectWithin,
	}
	if err := s.store.PutHost(t.Context(), host.Host{Handle: "demo", Connected: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	s.due(t)
	return s
}

func (s *system) due(t *testing.T) {
	t.Helper()
	if err := s.store.AuditDue(t.Context(), "demo", s.at); err != nil {
		t.Fatal(err)
	}
}

// run audits who is due now.
func (s *system) run(t *testing.T) {
	t.Helper()
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// again audits the host once more, as soon as may be.
func (s *system) again(t *testing.T) {
	t.Helper()
	s.at = s.at.Add(spacing)
	s.due(t)
	s.run(t)
}

// rests is how long nobody is due from now on, to the minute.
func (s *system) rests(t *testing.T) time.Duration {
	t.Helper()
	for rest := time.Duration(0); rest <= 8*time.Hour; rest += time.Minute {
		due, err := s.store.DueForAudit(t.Context(), s.at.Add(rest), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(due) > 0 {
			return rest
		}
	}
	return -1
}

// audited is when all had last been compared; zero: never.
func (s *system) audited(t *testing.T) time.Time {
	t.Helper()
	at, err := s.store.Audited(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// confirmed is a settled booking n hours after ten, and of which everything stands
// outside.
func confirmed(n int) booking.Booking {
	start := ten.Add(time.Duration(n) * time.Hour)
	done := booking.Progress{Status: booking.Done, At: noon.Add(-time.Hour)}
	return booking.Booking{
		ID: fmt.Sprintf("b%d", n), Host: "demo", Page: "intro", Status: booking.Confirmed, Start: start, End: start.Add(half),
		LocalDate: start.Format(time.DateOnly),
		Steps: map[booking.Step]booking.Progress{
			booking.Hold: done, booking.Meeting: done, booking.Event: done, booking.Mail: done, booking.Notice: done,
		},
		Terms:         booking.Terms{HostTimeZone: "Asia/Tokyo", Write: page.CalendarRef{Provider: page.Google, ID: "primary"}},
		ZoomMeeting:   booking.ZoomMeeting{ID: int64(100 + n)},
		CalendarEvent: booking.CalendarEvent{ID: "e" + strconv.Itoa(n), UID: "u"},
		CreatedAt:     noon.Add(-time.Hour),
	}
}

// add stores a booking, with what stands of it outside.
func (s *system) add(t *testing.T, b booking.Booking) booking.Booking {
	t.Helper()
	if err := s.store.Hold(t.Context(), b, 0, nil); err != nil {
		t.Fatal(err)
	}
	s.meetings[b.ZoomMeeting.ID] = meetingOf(b, b.ZoomMeeting.ID)
	s.events[b.CalendarEvent.ID] = calendar.Written{ID: b.CalendarEvent.ID, UID: "u", Start: b.Start, End: b.End}
	return b
}

func meetingOf(b booking.Booking, id int64) zoom.Meeting {
	return zoom.Meeting{
		ID: id, Agenda: zoom.Agenda(booking.MeetingReference(b.ID, 0), "相談"), Start: b.Start,
		DurationMinutes: int(b.End.Sub(b.Start) / time.Minute), CreatedAt: noon.Add(-time.Hour), Source: "open_api",
	}
}

func (s *system) read(t *testing.T, id string) booking.Booking {
	t.Helper()
	b, err := s.store.Booking(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// moveMeeting, and the like, are the host's doing.
func (s *system) moveMeeting(id int64, by time.Duration, minutes int) {
	m := s.meetings[id]
	m.Start, m.DurationMinutes = m.Start.Add(by), minutes
	s.meetings[id] = m
}

func (s *system) moveEvent(id string, by time.Duration) {
	w := s.events[id]
	w.Start, w.End = w.Start.Add(by), w.End.Add(by)
	s.events[id] = w
}

func TestWhatAHostDoesOutsideIsFoundToldOnceAndMended(t *testing.T) {
	at := func(from time.Time, long time.Duration) *booking.Difference {
		return &booking.Difference{Start: from, End: from.Add(long)}
	}
	gone := &booking.Difference{Gone: true}
	tests := []struct {
		name           string
		do             func(*system)
		meeting, event *booking.Difference
	}{
		{"nothing", func(*system) {}, nil, nil},
		{"the meeting is deleted", func(s *system) { delete(s.meetings, 100) }, gone, nil},
		{"the meeting is moved", func(s *system) { s.moveMeeting(100, time.Hour, 30) }, at(ten.Add(time.Hour), half), nil},
		{"the meeting is made longer", func(s *system) { s.moveMeeting(100, 0, 60) }, at(ten, time.Hour), nil},
		{"the meeting is moved by seconds", func(s *system) { s.moveMeeting(100, 20*time.Second, 30) }, nil, nil},
		{"the event is deleted", func(s *system) { delete(s.events, "e0") }, nil, gone},
		{"the event is moved", func(s *system) { s.moveEvent("e0", -time.Hour) }, nil, at(ten.Add(-time.Hour), half)},
		{"the event is made one of a whole day", func(s *system) {
			day := time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC)
			s.events["e0"] = calendar.Written{ID: "e0", UID: "u", Start: day, End: day.AddDate(0, 0, 1), AllDay: true}
		}, nil, at(time.Date(2026, 12, 3, 15, 0, 0, 0, time.UTC), 24*time.Hour)},
		{"both", func(s *system) { delete(s.meetings, 100); s.moveEvent("e0", time.Hour) }, gone, at(ten.Add(time.Hour), half)},
		{"the meeting has no time any more", func(s *system) {
			m := s.meetings[100]
			m.Start, m.DurationMinutes = time.Time{}, 0
			s.meetings[100] = m
		}, nil, nil},
		{"Zoom's list lags behind", func(s *system) {
			s.lagging[100] = zoom.Meeting{ID: 100, Start: ten.Add(-time.Hour), DurationMinutes: 30}
		}, nil, nil},
		{"the calendar says no time", func(s *system) { s.events["e0"] = calendar.Written{ID: "e0", UID: "u"} }, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			b := s.add(t, confirmed(0))
			meeting, event := s.meetings[100], s.events["e0"]
			tt.do(s)
			s.run(t)
			want := map[booking.Step]booking.Difference{}
			for step, d := range map[booking.Step]*booking.Difference{booking.Meeting: tt.meeting, booking.Event: tt.event} {
				if d != nil {
					d.FoundAt, d.Told = noon, true
					want[step] = *d
				}
			}
			found := s.read(t, b.ID).Differences
			if found == nil {
				found = map[booking.Step]booking.Difference{}
			}
			if diff := diffs.Diff(want, found); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			mails := min(len(want), 1)
			if len(s.mails) != mails {
				t.Errorf("%d mails", len(s.mails))
			}
			if !s.audited(t).Equal(noon) {
				t.Errorf("audited at %v", s.audited(t))
			}
			s.again(t)
			if len(s.mails) != mails {
				t.Errorf("%d mails after the next audit", len(s.mails))
			}
			s.meetings[100], s.events["e0"] = meeting, event // mended outside
			s.again(t)
			if left := s.read(t, b.ID).Differences; len(left) > 0 || len(s.mails) != mails {
				t.Errorf("once it is mended: %v, %d mails", left, len(s.mails))
			}
		})
	}
}

func TestAnotherFindingIsAnotherMail(t *testing.T) {
	s := start(t)
	s.add(t, confirmed(0))
	s.moveMeeting(100, time.Hour, 30)
	s.run(t)
	s.moveMeeting(100, time.Hour, 30)
	s.again(t)
	delete(s.events, "e0")
	s.again(t)
	if len(s.mails) != 3 || len(s.mails[2].Differences) != 2 {
		t.Errorf("%d mails: %+v", len(s.mails), s.mails)
	}
}

// A booking on which something is under way is not looked at, and comes up again soon.
func TestABookingInFluxIsLeftToTheNextTime(t *testing.T) {
	tests := map[string]struct {
		change func(*booking.Booking)
		soon   bool
	}{
		"its host is still to be mailed": {func(b *booking.Booking) { b.Deadline = noon.Add(time.Minute) }, true},
		"it is being moved": {func(b *booking.Booking) {
			b.Begin(booking.Move{By: booking.ByHost, To: booking.Place{Start: ten.Add(time.Hour), End: ten.Add(time.Hour + half), LocalDate: "2026-12-03"}})
			b.Deadline = noon.Add(time.Minute)
		}, true},
		"it was confirmed a moment ago": {func(b *booking.Booking) { b.Mark(booking.Notice, booking.Done, noon.Add(-time.Second)) }, true},
		"it is not confirmed":           {func(b *booking.Booking) { b.Status, b.Deadline = booking.Pending, noon.Add(time.Minute) }, false},
		"it is cancelled": {func(b *booking.Booking) {
			b.Status = booking.Cancelled
			b.Mark(booking.Meeting, booking.Undone, noon)
		}, false},
		"it has begun": {func(b *booking.Booking) { b.Start, b.End = noon.Add(-time.Minute), noon.Add(time.Hour) }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			b := confirmed(0)
			tt.change(&b)
			b = s.add(t, b)
			delete(s.meetings, 100)
			delete(s.events, "e0")
			s.run(t)
			if got := s.read(t, b.ID); len(got.Differences) > 0 || len(s.mails) > 0 {
				t.Errorf("found %v, %d mails", got.Differences, len(s.mails))
			}
			if rest := s.rests(t); tt.soon != (rest < 5*time.Minute) {
				t.Errorf("due again after %v", rest)
			}
		})
	}
}

// However often that was met: what was done a moment ago is looked at when it has had
// its time.
func TestABookingThatIsYoungIsLookedAtAsSoonAsItIsNot(t *testing.T) {
	s := start(t)
	b := confirmed(0)
	b.Mark(booking.Notice, booking.Done, noon)
	s.add(t, b)
	s.Spacing = time.Second
	delete(s.events, "e0")
	for range 10 {
		s.run(t)
		s.at = s.at.Add(time.Second)
		s.due(t)
	}
	s.run(t)
	if rest := s.rests(t); rest > time.Minute || len(s.mails) > 0 {
		t.Errorf("due again after %v, %d mails", rest, len(s.mails))
	}
	s.at = s.at.Add(effectWithin)
	s.run(t)
	if !s.read(t, b.ID).Differences[booking.Event].Gone {
		t.Error("it was not found")
	}
}

// What was found of a booking that changed while it was looked at may be its own doing.
func TestABookingThatChangesMeanwhileKeepsWhatItWas(t *testing.T) {
	s := start(t)
	b := s.add(t, confirmed(0))
	delete(s.meetings, 100)
	s.during = func(call string) {
		if call == "get" {
			s.during = nil
			b.ZoomMeeting.ID = 200 // another was made in its place
			s.meetings[200] = meetingOf(b, 200)
			if err := s.store.Save(t.Context(), &b); err != nil {
				t.Error(err)
			}
		}
	}
	s.run(t)
	if got := s.read(t, b.ID); len(got.Differences) > 0 || got.ZoomMeeting.ID != 200 || len(s.mails) > 0 {
		t.Errorf("found %v of %d, %d mails", got.Differences, got.ZoomMeeting.ID, len(s.mails))
	}
	if rest := s.rests(t); rest > 5*time.Minute {
		t.Errorf("due again after %v", rest)
	}
}

// A provider that cannot be asked makes no difference and hides none of another's.
func TestAProviderThatCannotBeAskedMakesNoDifference(t *testing.T) {
	limited := &zoom.RateLimited{Op: "list", RetryAfter: 40 * time.Minute}
	down := errors.New("no answer")
	tests := []struct {
		name           string
		call           string
		err            error
		meeting, event bool // found
		rest           [2]time.Duration
		audited        bool
	}{
		{"Zoom is not connected", "open zoom", &connection.Absent{Provider: connection.Zoom}, false, true, [2]time.Duration{period * 9 / 10, period * 11 / 10}, true},
		{"the grant at Zoom is dead", "open zoom", &connection.Dead{Provider: connection.Zoom}, false, true, [2]time.Duration{period * 9 / 10, period * 11 / 10}, true},
		{"Zoom refuses the token", "list", &zoom.Refused{Status: 401, Code: 124}, false, true, [2]time.Duration{period * 9 / 10, period * 11 / 10}, true},
		{"Zoom does not answer", "list", down, false, true, [2]time.Duration{0, 2 * time.Minute}, false},
		{"Zoom does not answer for one", "get", down, false, true, [2]time.Duration{0, 2 * time.Minute}, false},
		{"Zoom asks to be left alone", "list", limited, false, true, [2]time.Duration{40 * time.Minute, 40 * time.Minute}, false},
		{"Zoom's day is used up", "list", &zoom.RateLimited{Op: "list", Daily: true}, false, true, [2]time.Duration{time.Hour, time.Hour}, false},
		{"the calendar is not connected", "open google", &connection.Absent{Provider: connection.Google}, true, false, [2]time.Duration{period * 9 / 10, period * 11 / 10}, true},
		{"the calendar does not answer", "find", down, true, false, [2]time.Duration{0, 2 * time.Minute}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			b := s.add(t, confirmed(0))
			delete(s.meetings, 100)
			delete(s.events, "e0")
			s.fail[tt.call] = tt.err
			s.run(t)
			got := s.read(t, b.ID).Differences
			if got[booking.Meeting].Gone != tt.meeting || got[booking.Event].Gone != tt.event || len(s.mails) != 1 {
				t.Errorf("found %v, %d mails", got, len(s.mails))
			}
			if rest := s.rests(t); rest < tt.rest[0] || rest > tt.rest[1]+time.Minute {
				t.Errorf("due again after %v", rest)
			}
			if is := !s.audited(t).IsZero(); is != tt.audited {
				t.Errorf("audited: %t", is)
			}
			s.at = s.at.Add(s.rests(t))
			delete(s.fail, tt.call)
			s.run(t)
			if got := s.read(t, b.ID).Differences; len(got) != 2 || len(s.mails) != 2 {
				t.Errorf("once it can be asked: %v, %d mails", got, len(s.mails))
			}
		})
	}
}

func TestFailuresAreMetAgainEverMoreSeldom(t *testing.T) {
	s := start(t)
	s.add(t, confirmed(0))
	s.fail["list"] = errors.New("no answer")
	var rests []time.Duration
	for range 10 {
		s.run(t)
		rest := s.rests(t)
		rests = append(rests, rest)
		s.at = s.at.Add(rest)
	}
	if rests[0] > 2*time.Minute || rests[4] < 10*time.Minute || rests[9] > 3*time.Hour || rests[9] < time.Hour {
		t.Errorf("rests %v", rests)
	}
	s.again(t) // somebody says that something changed: no later than a minute
	if s.asked["list"] != 11 {
		t.Errorf("asked %d times", s.asked["list"])
	}
}

// Of what was made in another account than the one connected, this one knows nothing.
func TestWhatIsInAnotherAccountIsNotLookedAt(t *testing.T) {
	s := start(t)
	b := confirmed(0)
	b.ZoomMeeting.Account, b.CalendarEvent.Account = "before", "before"
	s.add(t, b)
	s.meetings, s.events = map[int64]zoom.Meeting{}, map[string]calendar.Written{}
	s.accounts["zoom"], s.accounts["google"] = "after", "after"
	s.run(t)
	if got := s.read(t, b.ID).Differences; len(got) > 0 || len(s.mails) > 0 {
		t.Errorf("found %v, %d mails", got, len(s.mails))
	}
	s.accounts["zoom"], s.accounts["google"] = "before", "before"
	s.again(t)
	if got := s.read(t, b.ID).Differences; len(got) != 2 || len(s.mails) != 1 {
		t.Errorf("in their own: found %v, %d mails", got, len(s.mails))
	}
}

// A meeting that carries our word and that its booking does not hold is taken away:
// never one that may be somebody's.
func TestAMeetingThatNoBookingHoldsIsTakenAway(t *testing.T) {
	cancelled := func(b *booking.Booking) {
		b.Status = booking.Cancelled
		for _, s := range []booking.Step{booking.Hold, booking.Meeting, booking.Event} {
			b.Mark(s, booking.Undone, noon.Add(-time.Hour))
		}
	}
	tests := []struct {
		name    string
		booking func(*booking.Booking)
		meeting func(*zoom.Meeting)
		gone    bool
	}{
		{"of a cancelled booking", cancelled, nil, true},
		{"of a failed booking", func(b *booking.Booking) { cancelled(b); b.Status = booking.Failed }, nil, true},
		{"of one that holds another", nil, nil, true},
		{"of one that holds this one", func(b *booking.Booking) { b.ZoomMeeting.ID = 7 }, nil, false},
		{"of a cancelled one of which something is left", func(b *booking.Booking) { cancelled(b); b.Deadline = noon.Add(time.Hour) }, nil, false},
		{"of one that is not confirmed yet", func(b *booking.Booking) { b.Status, b.Deadline = booking.Pending, noon.Add(time.Hour) }, nil, false},
		{"of one that is being moved", func(b *booking.Booking) {
			b.Begin(booking.Move{To: b.Place()})
			b.Deadline = noon.Add(time.Hour)
		}, nil, false},
		{"of another host's", func(b *booking.Booking) { b.Host = "other" }, nil, false},
		{"of a booking that is not known here", func(b *booking.Booking) { b.ID = "elsewhere" }, nil, false},
		{"made a moment ago", cancelled, func(m *zoom.Meeting) { m.CreatedAt = noon.Add(-time.Second) }, false},
		{"that its host made, as a copy of ours", cancelled, func(m *zoom.Meeting) { m.Source = "web_portal" }, false},
		{"whose source Zoom does not say", cancelled, func(m *zoom.Meeting) { m.Source = "" }, true},
		{"that is over", cancelled, func(m *zoom.Meeting) { m.Start = noon.Add(-time.Hour) }, false},
		{"that carries no word of ours", cancelled, func(m *zoom.Meeting) { m.Agenda = "朝会 " + m.Agenda }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			b := confirmed(0)
			orphan := meetingOf(b, 7)
			if tt.booking != nil {
				tt.booking(&b)
			}
			if tt.meeting != nil {
				tt.meeting(&orphan)
			}
			s.add(t, b)
			s.meetings[7] = orphan
			s.run(t)
			if _, there := s.meetings[7]; there == tt.gone {
				t.Errorf("it is there: %t", there)
			}
		})
	}
}

// What an index says may be old: a meeting is taken away by what is written last.
func TestAnOrphanIsTakenAwayByWhatIsWrittenLast(t *testing.T) {
	s := start(t)
	b := s.add(t, confirmed(0))
	s.meetings[7] = meetingOf(b, 7)
	s.during = func(call string) {
		if call == "list" {
			b.ZoomMeeting.ID = 7
			if err := s.store.Save(t.Context(), &b); err != nil {
				t.Error(err)
			}
		}
	}
	s.run(t)
	if _, there := s.meetings[7]; !there {
		t.Error("the booking's meeting is gone")
	}
}

func TestASecondEventOfABookingIsTakenOut(t *testing.T) {
	spare := calendar.EventID("b0", 1)
	move := booking.Move{Revision: 1, NewEvent: true, Outcome: booking.Stayed, EndedAt: noon.Add(-time.Hour)}
	tests := map[string]struct {
		change func(*booking.Booking)
		second string
	}{
		"a new one, of a move that was given up": {func(b *booking.Booking) { b.Move = &move }, spare},
		"the former one, which its host has brought back": {func(b *booking.Booking) {
			m := move
			m.Outcome, m.FormerEvent = booking.CameAbout, booking.CalendarEvent{ID: "former"}
			b.Move, b.CalendarEvent.Revision = &m, 1
		}, "former"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			b := confirmed(0)
			tt.change(&b)
			s.add(t, b)
			s.events[tt.second] = calendar.Written{ID: tt.second, Start: ten, End: ten.Add(half)}
			s.run(t)
			if _, there := s.events[tt.second]; there || len(s.events) != 1 {
				t.Errorf("events: %v", s.events)
			}
		})
	}
}

func TestAHostIsToldAtLeastOnce(t *testing.T) {
	s := start(t)
	b := s.add(t, confirmed(0))
	delete(s.meetings, 100)
	s.fail["send"] = &mail.Unavailable{Err: errors.New("no answer")}
	s.run(t)
	if got := s.read(t, b.ID); !got.MeetingGone() || !got.Untold() {
		t.Errorf("found %+v", got.Differences)
	}
	if rest := s.rests(t); rest > 2*time.Minute {
		t.Errorf("due again after %v", rest)
	}
	delete(s.fail, "send")
	s.again(t)
	s.again(t)
	if got := s.read(t, b.ID); got.Untold() || len(s.mails) != 1 {
		t.Errorf("told: %+v, %d mails", got.Differences, len(s.mails))
	}
	// An address that takes no mail is not tried for ever.
	delete(s.events, "e0")
	s.fail["send"] = &mail.Refused{Err: errors.New("no such address")}
	s.again(t)
	sent := s.asked["send"]
	s.again(t)
	if s.read(t, b.ID).Untold() || s.asked["send"] != sent {
		t.Errorf("refused: tried %d times, then %d", sent, s.asked["send"])
	}
}

// A host with many bookings keeps nobody waiting: theirs take several runs. What
// changes meanwhile is looked at by another audit.
func TestManyBookingsTakeSeveralRuns(t *testing.T) {
	s := start(t)
	const many = 200
	for n := range many {
		s.add(t, confirmed(n))
	}
	delete(s.meetings, 100)
	delete(s.events, "e199")
	runs := 0
	for s.audited(t).IsZero() && runs < 10 {
		if runs == 1 {
			s.moveEvent("e0", time.Hour) // which this audit has looked at already
			s.due(t)
		}
		s.run(t)
		if runs++; s.asked["find"] > 100*runs {
			t.Errorf("%d events were asked for in %d runs", s.asked["find"], runs)
		}
		rest := s.rests(t)
		if rest > spacing {
			t.Errorf("due again after %v", rest)
		}
		s.at = s.at.Add(rest)
	}
	if runs != 3 || s.asked["find"] != many || s.asked["list"] != 3 {
		t.Errorf("%d runs, %d events and %d lists asked for", runs, s.asked["find"], s.asked["list"])
	}
	if !s.read(t, "b0").MeetingGone() || !s.read(t, "b199").Differences[booking.Event].Gone {
		t.Error("the first or the last was not compared")
	}
	for range 3 {
		s.run(t)
		s.at = s.at.Add(spacing)
	}
	if d := s.read(t, "b0").Differences[booking.Event]; !d.Start.Equal(ten.Add(time.Hour)) {
		t.Errorf("what changed meanwhile: %+v", d)
	}
}

func TestAHostIsAuditedFromTimeToTimeAndNoMoreThanOnceAMinute(t *testing.T) {
	s := start(t)
	s.add(t, confirmed(0))
	for range 5 { // somebody says so all the time
		s.due(t)
		s.run(t)
		s.at = s.at.Add(spacing / 6)
	}
	if n := s.asked["list"]; n != 1 {
		t.Errorf("audited %d times within a minute", n)
	}
	s.at = s.at.Add(spacing)
	s.run(t) // what was said then
	s.run(t)
	if n := s.asked["list"]; n != 2 {
		t.Errorf("audited %d times in two minutes", n)
	}
	if rest := s.rests(t); rest < period*9/10-time.Minute || rest > period*11/10 {
		t.Errorf("the next audit is after %v", rest)
	}
}

// One host has no booking and is audited all the same: one that is made later is not
// missed, and an orphan may be there.
func TestAHostWithoutBookingsIsNotForgotten(t *testing.T) {
	s := start(t)
	s.run(t)
	if rest := s.rests(t); rest < period*9/10-time.Minute || rest > period*11/10 || s.asked["find"] > 0 {
		t.Errorf("the next audit is after %v", rest)
	}
}

func TestAHostWhoClosedTheirAccountIsNotAudited(t *testing.T) {
	s := start(t)
	if err := s.store.AuditDue(t.Context(), "nobody", s.at); err != nil {
		t.Fatal(err)
	}
	s.run(t)
	s.at = s.at.AddDate(0, 0, 1)
	if due, err := s.store.DueForAudit(t.Context(), s.at, 10); err != nil || !slices.Equal(due, []string{"demo"}) {
		t.Errorf("due: %v, %v", due, err)
	}
}

// An auditor that was killed loses nothing: its lease ends by itself.
func TestAnAuditThatWasCutOffIsBegunAnew(t *testing.T) {
	s := start(t)
	b := s.add(t, confirmed(0))
	delete(s.meetings, 100)
	if _, _, ok, err := s.store.TakeForAudit(t.Context(), "demo", s.at, s.at.Add(time.Minute)); !ok || err != nil {
		t.Fatal(ok, err)
	}
	s.run(t)
	if s.asked["list"] > 0 {
		t.Error("two are at it")
	}
	s.at = s.at.Add(time.Minute)
	s.run(t)
	if !s.read(t, b.ID).MeetingGone() {
		t.Error("nobody went on")
	}
}
