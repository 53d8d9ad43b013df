package mirror_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	diffs "github.com/google/go-cmp/cmp"

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
	noon    = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	work    = page.CalendarRef{Provider: page.Google, ID: "work"}
	private = page.CalendarRef{Provider: page.Google, ID: "private"}
	outlook = page.CalendarRef{Provider: page.Microsoft, ID: "outlook"}
)

const period = 10 * time.Minute

// provider stands for the providers: what their calendars hold, and what was asked
// of them.
type provider struct {
	mu       sync.Mutex
	busy     map[string][]calendar.Interval // by calendar id
	version  map[string]int                 // of the calendar
	fail     map[string]error               // by "what id", or by provider for opening
	asked    []string
	spans    map[string]string // of the last reading
	channels map[string]calendar.Channel
	opened   int
	life     time.Duration
	now      func() time.Time
	during   func() // a reading
}

func (p *provider) Open(_ context.Context, host, name string) (mirror.Source, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fail[name]; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *provider) note(what, id string) error {
	p.asked = append(p.asked, what+" "+id)
	return p.fail[what+" "+id]
}

func (p *provider) Busy(_ context.Context, ids []string, from, to time.Time) ([]calendar.Interval, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.during != nil {
		p.during()
	}
	var all []calendar.Interval
	for _, id := range ids {
		if err := p.note("busy", id); err != nil {
			return nil, err
		}
		p.spans[id] = from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		all = append(all, p.busy[id]...)
	}
	return all, nil
}

func (p *provider) Changes(_ context.Context, id, mark string, _ time.Time) (bool, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.note("changes", id); err != nil {
		return false, "", err
	}
	next := fmt.Sprint("mark ", p.version[id])
	return mark != "" && mark != next, next, nil
}

func (p *provider) Watch(_ context.Context, id string, ask calendar.Channel) (calendar.Channel, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.note("watch", id); err != nil {
		return calendar.Channel{}, err
	}
	p.opened++
	ask.ID, ask.Expires = fmt.Sprintf("%s-%d", id, p.opened), p.now().Add(p.life)
	p.channels[ask.ID] = ask
	return ask, nil
}

func (p *provider) Unwatch(_ context.Context, c calendar.Channel) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.channels, c.ID)
	return p.note("unwatch", c.ID[:strings.LastIndex(c.ID, "-")])
}

// put makes the calendar hold what is given, and nothing else.
func (p *provider) put(id string, busy ...calendar.Interval) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[id] = busy
	p.version[id]++
}

// fails has a call fail from now on; nil mends it.
func (p *provider) fails(call string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail[call] = err
}

// token is that of the calendar's open channel.
func (p *provider) token(t *testing.T, id string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var tokens []string
	for name, c := range p.channels {
		if strings.HasPrefix(name, id+"-") {
			tokens = append(tokens, c.Token)
		}
	}
	if len(tokens) != 1 {
		t.Fatalf("%d channels of %s are open", len(tokens), id)
	}
	return tokens[0]
}

// system is a mirror over the real store, at a time that the test sets.
type system struct {
	*mirror.Mirror
	store     *store.Store
	provider  *provider
	bell      *mirror.Bell
	mu        sync.Mutex
	at        time.Time
	connected time.Time
}

func (s *system) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *system) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// start gives host demo connections to both providers, and a page that checks the
// calendars.
func start(t *testing.T, check ...page.CalendarRef) *system {
	t.Helper()
	s := &system{store: storetest.New(t), at: noon, connected: noon.Add(-time.Hour)}
	s.provider = &provider{
		busy: map[string][]calendar.Interval{}, version: map[string]int{}, fail: map[string]error{}, spans: map[string]string{},
		channels: map[string]calendar.Channel{}, life: 7 * 24 * time.Hour, now: s.now,
	}
	s.Mirror = &mirror.Mirror{
		Ledger: s.store, Calendars: s.provider, Origin: "https://book.example.com", Now: s.now, Period: period,
	}
	s.bell = &mirror.Bell{Bells: s.store, Audits: s.store, Now: s.now}
	if err := s.store.PutHost(t.Context(), host.Host{Handle: "demo", Connected: map[string]bool{}}); err != nil {
		t.Fatal(err)
	}
	s.connect(t, connection.Google)
	s.connect(t, connection.Microsoft)
	s.publish(t, "intro", 60, check...)
	return s
}

func (s *system) connect(t *testing.T, p connection.Provider) {
	t.Helper()
	err := errors.Join(s.store.PutConnection(t.Context(), connection.Connection{
		Host: "demo", Provider: p, Status: connection.Connected, ConnectedAt: s.connected,
	}), s.store.Due(t.Context(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
}

// publish stores a page as the console does.
func (s *system) publish(t *testing.T, slug string, horizonDays int, check ...page.CalendarRef) {
	t.Helper()
	p := page.Page{Host: "demo", Slug: slug, HorizonDays: horizonDays}
	p.Calendars.Check = check
	if err := errors.Join(s.store.PutPage(t.Context(), p), s.store.Due(t.Context(), "demo")); err != nil {
		t.Fatal(err)
	}
}

// run runs the mirror and returns what it asked of the providers, in order.
func (s *system) run(t *testing.T) []string {
	t.Helper()
	s.provider.mu.Lock()
	s.provider.asked = nil
	s.provider.mu.Unlock()
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	return slices.Clone(s.provider.asked)
}

// seen are the starts of the busy times that guests of the page are kept from.
func (s *system) seen(t *testing.T, slug string) []string {
	t.Helper()
	snap, err := s.store.Snapshot(t.Context(), booking.Wanted{Host: "demo", Page: slug, From: s.now().AddDate(0, 0, -1), To: s.now().AddDate(0, 0, 61)})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(snap.Busy, func(a, b calendar.Interval) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	list := []string{}
	for _, b := range snap.Busy {
		list = append(list, b.Start.Format("01-02 15:04")+b.End.Format("-15:04"))
	}
	return list
}

func (s *system) sees(t *testing.T, slug string, want ...string) {
	t.Helper()
	if diff := diffs.Diff(append([]string{}, want...), s.seen(t, slug)); diff != "" {
		t.Errorf("busy on %s (-want +got):\n%s", slug, diff)
	}
}

func (s *system) ring(t *testing.T, id string) {
	t.Helper()
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: s.provider.token(t, id)}); err != nil {
		t.Fatal(err)
	}
}

func asked(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := diffs.Diff(want, got); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// meeting is from noon, in days and hours from now on.
func meeting(days, fromHour int) calendar.Interval {
	start := noon.AddDate(0, 0, days).Add(time.Duration(fromHour) * time.Hour)
	return calendar.Interval{Start: start, End: start.Add(time.Hour)}
}

func TestACalendarIsCopiedOnceItIsCheckedAndThenWhenItChanged(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(1, 0))
	// Read, watched, and read once more: what changed before the channel was open was
	// told to nobody.
	asked(t, s.run(t), "changes work", "busy work", "watch work", "changes work", "busy work")
	s.sees(t, "intro", "12-02 12:00-13:00")
	asked(t, s.run(t))

	s.provider.put("work", meeting(1, 0), meeting(2, 1))
	s.ring(t, "work")
	asked(t, s.run(t), "busy work")
	s.sees(t, "intro", "12-02 12:00-13:00", "12-03 13:00-14:00")

	s.provider.put("work")
	s.ring(t, "work")
	s.run(t)
	s.sees(t, "intro")
}

func TestAMissedNotificationIsMadeUpForWithinThePeriod(t *testing.T) {
	s := start(t, work)
	s.run(t)
	s.provider.put("work", meeting(1, 0))
	s.advance(period * 8 / 10)
	asked(t, s.run(t))
	s.advance(period * 4 / 10)
	asked(t, s.run(t), "changes work", "busy work")
	s.sees(t, "intro", "12-02 12:00-13:00")
}

func TestAProvidersWordThatNothingChangedSparesAReadingForAnHour(t *testing.T) {
	s := start(t, work)
	s.run(t)
	s.provider.put("work", meeting(1, 0))
	s.advance(2 * period)
	asked(t, s.run(t), "changes work", "busy work") // something new
	s.advance(2 * period)
	asked(t, s.run(t), "changes work", "busy work") // so once more, whatever the provider says
	s.advance(2 * period)
	asked(t, s.run(t), "changes work")
	s.advance(50 * time.Minute)
	asked(t, s.run(t), "busy work") // more than an hour
	s.advance(2 * period)
	asked(t, s.run(t), "changes work")

	s.provider.fails("changes work", &calendar.MarkSpent{})
	s.advance(2 * period)
	asked(t, s.run(t), "changes work", "busy work")
	s.provider.fails("changes work", nil)
	s.advance(2 * period)
	asked(t, s.run(t), "changes work", "busy work") // a new mark says nothing of the past
	s.advance(2 * period)
	asked(t, s.run(t), "changes work")
}

func TestEachPageIsKeptFromItsOwnCalendars(t *testing.T) {
	s := start(t, work, outlook)
	s.publish(t, "home", 10, private)
	s.provider.put("work", meeting(1, 0))
	s.provider.put("private", meeting(2, 0))
	s.provider.put("outlook", meeting(3, 0))
	s.run(t)
	s.sees(t, "intro", "12-02 12:00-13:00", "12-04 12:00-13:00")
	s.sees(t, "home", "12-03 12:00-13:00")
	want := map[string]string{"work": "2026-11-30 2027-02-01", "outlook": "2026-11-30 2027-02-01", "private": "2026-11-30 2026-12-13"}
	if diff := diffs.Diff(want, s.provider.spans); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}

	t.Run("a page that looks further has its calendars read as far", func(t *testing.T) {
		s.publish(t, "home", 90, private)
		asked(t, s.run(t), "busy private")
		if got := s.provider.spans["private"]; got != "2026-11-30 2027-03-03" {
			t.Errorf("read %s", got)
		}
	})
	t.Run("what no page checks is forgotten", func(t *testing.T) {
		s.publish(t, "home", 90)
		s.publish(t, "intro", 60, work)
		asked(t, sorted(s.run(t)), "unwatch outlook", "unwatch private")
		if n := len(s.provider.channels); n != 1 {
			t.Errorf("%d channels are open", n)
		}
		s.publish(t, "home", 90, private) // and its copy with it
		s.provider.fails("busy private", errors.New("away"))
		s.run(t)
		s.sees(t, "home")
	})
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func TestTheCopyMovesOnWithTheDays(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(62, 0))
	s.run(t)
	s.sees(t, "intro")
	s.advance(3 * 24 * time.Hour)
	s.run(t)
	s.sees(t, "intro", "02-01 12:00-13:00")
}

func TestOneCalendarsTroubleIsNoOthers(t *testing.T) {
	s := start(t, work, private, outlook)
	s.provider.put("private", meeting(1, 0))
	s.provider.put("outlook", meeting(2, 0))
	s.provider.fails("busy work", errors.New("the provider is away"))
	s.run(t)
	s.sees(t, "intro", "12-02 12:00-13:00", "12-03 12:00-13:00")

	// It is tried again, less and less often.
	tries := 0
	for range 6 * 60 {
		s.advance(time.Minute)
		for _, call := range s.run(t) {
			if call == "busy work" {
				tries++
			}
		}
	}
	if tries < 6 || tries > 11 { // after about 1, 3, 7, 15, 31, 63, 127 and 247 minutes
		t.Errorf("tried %d times in six hours", tries)
	}
	s.provider.fails("busy work", nil)
	s.provider.put("work", meeting(3, 0))
	s.advance(3 * time.Hour)
	s.run(t)
	s.sees(t, "intro", "12-02 12:00-13:00", "12-03 12:00-13:00", "12-04 12:00-13:00")
	s.advance(2 * period)
	if got := s.run(t); !slices.Contains(got, "changes work") {
		t.Errorf("once it works again it is read by the period; asked %v", got)
	}
}

func TestWhatWasCopiedStaysWhileItCannotBeRead(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(1, 0))
	s.run(t)
	s.provider.fails("busy work", errors.New("not found"))
	s.ring(t, "work")
	s.run(t)
	s.sees(t, "intro", "12-02 12:00-13:00")
}

func TestACopyThatGrowsOldIsReported(t *testing.T) {
	s := start(t, work)
	s.run(t)
	s.provider.fails("busy work", errors.New("the provider is away"))
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	defer slog.SetDefault(before)
	s.ring(t, "work")
	s.run(t)
	if log.Len() > 0 {
		t.Errorf("a first failure is an error: %s", &log)
	}
	for range 12 {
		s.advance(10 * time.Minute)
		s.run(t)
	}
	if !strings.Contains(log.String(), "mirror is stale") || strings.Contains(log.String(), work.ID+" ") {
		t.Errorf("logged: %s", &log)
	}
}

// limited is a provider's word to be left alone.
type limited struct{ time.Duration }

func (l limited) Error() string        { return "rate limited" }
func (l limited) Pause() time.Duration { return l.Duration }

func TestAProviderIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	s := start(t, work)
	s.provider.fails("busy work", fmt.Errorf("read: %w", limited{30 * time.Minute}))
	asked(t, s.run(t), "changes work", "busy work")
	s.advance(29 * time.Minute)
	asked(t, s.run(t))
	s.advance(time.Minute)
	asked(t, s.run(t), "busy work")
}

func TestADeadGrantParksItsCalendarsUntilTheHostConnectsAgain(t *testing.T) {
	s := start(t, work, outlook)
	s.provider.put("work", meeting(1, 0))
	s.run(t)
	token := s.provider.token(t, "work")
	s.provider.fails(page.Google, &connection.Dead{Provider: connection.Google})
	s.provider.put("outlook", meeting(2, 0))
	s.advance(2 * period)
	s.run(t)
	s.sees(t, "intro", "12-02 12:00-13:00", "12-03 12:00-13:00")

	// Neither time nor a late notification wakes it.
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: token}); err != nil {
		t.Fatal(err)
	}
	s.provider.fails(page.Google, nil)
	s.advance(2 * time.Hour)
	for _, call := range s.run(t) {
		if strings.HasSuffix(call, " work") {
			t.Errorf("asked %s", call)
		}
	}

	// The grant is a new one, maybe another account's: nothing is taken over.
	s.connected = s.now()
	s.provider.put("work", meeting(3, 0))
	s.connect(t, connection.Google)
	asked(t, s.run(t), "changes work", "busy work", "watch work", "changes work", "busy work")
	s.sees(t, "intro", "12-03 12:00-13:00", "12-04 12:00-13:00")
}

// refused says that the provider does not take the token any more.
type refused struct{}

func (refused) Error() string   { return "401" }
func (refused) GrantDead() bool { return true }

// Only what is recorded parks: a connection that counts as working wakes nobody.
func TestAGrantThatTheCalendarRefusesIsTriedUntilItCountsAsDead(t *testing.T) {
	s := start(t, work)
	s.provider.fails("busy work", refused{})
	s.run(t)
	s.advance(2 * time.Minute)
	asked(t, s.run(t), "busy work")
	s.provider.during = func() { // the refusal is recorded
		s.provider.fail[page.Google] = &connection.Dead{Provider: connection.Google}
	}
	s.advance(5 * time.Minute)
	asked(t, s.run(t), "busy work")
	s.provider.during = nil
	s.provider.fails(page.Google, nil)
	s.advance(10 * time.Hour)
	asked(t, s.run(t))
}

func TestHoweverOftenItRingsACalendarIsReadNowAndThen(t *testing.T) {
	s := start(t, work)
	s.Spacing = 10 * time.Second
	s.run(t)
	s.advance(time.Minute)
	rung := 0
	s.provider.during = func() {
		if rung++; rung > 20 {
			t.Fatal("the reading never ends")
		}
		k := mirror.Key{Host: "demo", Calendar: mirror.Name(work)}
		if err := s.store.Ring(t.Context(), k, s.now(), false); err != nil {
			t.Error(err)
		}
	}
	s.ring(t, "work")
	asked(t, s.run(t), "busy work")
	s.provider.during = nil
	s.ring(t, "work")
	s.advance(9 * time.Second)
	asked(t, s.run(t))
	s.advance(time.Second)
	asked(t, s.run(t), "busy work")
}

func TestNoNotificationShortensThePauseThatAProviderAsksFor(t *testing.T) {
	s := start(t, work)
	s.run(t)
	s.provider.fails("busy work", fmt.Errorf("read: %w", limited{time.Hour}))
	s.advance(time.Minute)
	s.ring(t, "work")
	asked(t, s.run(t), "busy work")
	for range 20 {
		s.advance(time.Minute)
		s.ring(t, "work")
		asked(t, s.run(t))
	}
	s.provider.fails("busy work", nil)
	s.advance(40 * time.Minute)
	asked(t, s.run(t), "busy work")
}

func TestAChannelThatCannotBeReopenedNowIsReopenedLater(t *testing.T) {
	s := start(t, outlook)
	s.run(t)
	s.provider.fails("watch outlook", errors.New("away"))
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Microsoft, Token: s.provider.token(t, "outlook"), Reopen: true}); err != nil {
		t.Fatal(err)
	}
	s.run(t)
	s.provider.fails("watch outlook", nil)
	s.advance(2 * time.Hour)
	if got := s.run(t); !slices.Contains(got, "watch outlook") {
		t.Errorf("asked %v", got)
	}
}

func TestAChannelIsReopenedThoughTheReadingFails(t *testing.T) {
	s := start(t, outlook)
	s.run(t)
	s.provider.fails("busy outlook", errors.New("away"))
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Microsoft, Token: s.provider.token(t, "outlook"), Reopen: true}); err != nil {
		t.Fatal(err)
	}
	asked(t, s.run(t), "busy outlook")
	s.provider.fails("busy outlook", nil)
	s.advance(2 * time.Hour)
	if got := s.run(t); !slices.Contains(got, "watch outlook") {
		t.Errorf("asked %v", got)
	}
}

func TestHoweverOftenAChannelEndsItIsReopenedNowAndThen(t *testing.T) {
	s := start(t, outlook)
	s.Spacing = 10 * time.Second
	s.run(t)
	s.advance(time.Minute)
	k := mirror.Key{Host: "demo", Calendar: mirror.Name(outlook)}
	end := func() {
		if err := s.store.Ring(t.Context(), k, s.now(), true); err != nil {
			t.Error(err)
		}
	}
	readings := 0
	s.provider.during = func() {
		if readings++; readings > 20 {
			t.Fatal("the reading never ends")
		}
		end()
	}
	end()
	if got := s.run(t); readings != 1 {
		t.Errorf("asked %v", got)
	}
}

// missing is what a provider says of a calendar that is not there.
type missing struct{}

func (missing) Error() string      { return "404" }
func (missing) CalendarGone() bool { return true }

func TestACalendarThatIsNotThereIsKnownUntilItIsBack(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	defer slog.SetDefault(before)
	s := start(t, work)
	s.provider.fails("busy work", missing{})
	s.run(t)
	is := func(want bool) {
		t.Helper()
		all, err := s.store.Mirrored(t.Context(), "demo")
		if err != nil || len(all) != 1 || all[0].State.Missing != want {
			t.Errorf("mirrored: %+v, %v; want missing: %v", all, err, want)
		}
	}
	is(true)
	s.provider.fails("busy work", errors.New("away")) // which says nothing of the calendar
	s.advance(3 * time.Hour)
	s.run(t)
	is(true)
	s.provider.fails("busy work", nil)
	s.advance(3 * time.Hour)
	s.run(t)
	is(false)
	if log.Len() > 0 {
		t.Errorf("what its host did is an alarm:\n%s", &log)
	}
}

func TestADisconnectedCalendarIsForgotten(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(1, 0))
	s.run(t)
	s.provider.fails(page.Google, &connection.Absent{Provider: connection.Google})
	s.advance(2 * period)
	s.run(t)
	s.sees(t, "intro")
	left, err := s.store.Mirrored(t.Context(), "demo")
	if err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
}

func TestWhatIsForgottenWhileItIsReadLeavesNothing(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(1, 0))
	s.provider.during = func() {
		if err := s.store.Forget(context.Background(), "demo", connection.Google); err != nil {
			t.Error(err)
		}
	}
	s.run(t)
	s.sees(t, "intro")
	left, err := s.store.Mirrored(t.Context(), "demo")
	if err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
}

func TestAProviderThatIsNotConnectedIsNotAsked(t *testing.T) {
	s := start(t, work)
	c, err := s.store.Connection(t.Context(), "demo", connection.Google)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Unlink(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	asked(t, s.run(t))
	s.connect(t, connection.Google)
	if got := s.run(t); !slices.Contains(got, "busy work") {
		t.Errorf("once connected, asked %v", got)
	}
}

func TestAChannelHasItsSuccessorBeforeItEnds(t *testing.T) {
	s := start(t, work)
	s.run(t)
	first := s.provider.token(t, "work")
	s.advance(6*24*time.Hour - time.Minute)
	if got := s.run(t); slices.Contains(got, "watch work") {
		t.Errorf("six days before the end, asked %v", got)
	}
	s.advance(period * 2)
	got := s.run(t)
	if !slices.Contains(got, "watch work") || !slices.Contains(got, "unwatch work") {
		t.Errorf("on the last day, asked %v", got)
	}
	second := s.provider.token(t, "work")
	unknown := (*mirror.Unknown)(nil)
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: first}); !errors.As(err, &unknown) {
		t.Errorf("the first channel's token: %v", err)
	}
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: second}); err != nil {
		t.Errorf("the second's: %v", err)
	}
}

func TestAChannelThatItsProviderEndedIsOpenedAnew(t *testing.T) {
	s := start(t, outlook)
	s.run(t)
	token := s.provider.token(t, "outlook")
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Microsoft, Token: token, Reopen: true}); err != nil {
		t.Fatal(err)
	}
	asked(t, s.run(t), "busy outlook", "watch outlook", "unwatch outlook", "changes outlook")
	if s.provider.token(t, "outlook") == token {
		t.Error("the channel is the old one")
	}
}

func TestACalendarThatCannotBeWatchedIsReadByThePeriod(t *testing.T) {
	s := start(t, work)
	s.provider.fails("watch work", errors.New("not supported"))
	asked(t, s.run(t), "changes work", "busy work", "watch work")
	s.provider.put("work", meeting(1, 0))
	s.advance(2 * period)
	asked(t, s.run(t), "changes work", "busy work")
	s.sees(t, "intro", "12-02 12:00-13:00")
	s.advance(time.Hour)
	if got := s.run(t); !slices.Contains(got, "watch work") {
		t.Errorf("after an hour, asked %v", got)
	}
}

func TestAShortLivedChannelIsNotSucceededAtEveryReading(t *testing.T) {
	s := start(t, work)
	s.provider.life = time.Hour
	s.run(t)
	watched := 0
	for range 60 {
		s.advance(3 * time.Minute)
		for _, call := range s.run(t) {
			if call == "watch work" {
				watched++
			}
		}
	}
	if watched < 2 || watched > 3 {
		t.Errorf("watched %d times in three hours", watched)
	}
}

func TestOnlyAnOpenChannelRings(t *testing.T) {
	s := start(t, work)
	s.run(t)
	token := s.provider.token(t, "work")
	if len(token) > 128 {
		t.Errorf("the token has %d characters", len(token))
	}
	parts := strings.Split(token, ".")
	tests := []struct {
		name   string
		notice mirror.Notice
	}{
		{"no token", mirror.Notice{Provider: page.Google}},
		{"no form", mirror.Notice{Provider: page.Google, Token: "x"}},
		{"empty parts", mirror.Notice{Provider: page.Google, Token: ".."}},
		{"the plan", mirror.Notice{Provider: page.Google, Token: parts[0] + ".." + parts[2]}},
		{"another secret", mirror.Notice{Provider: page.Google, Token: token[:len(token)-1] + "_"}},
		{"another calendar", mirror.Notice{Provider: page.Google, Token: parts[0] + ".other." + parts[2]}},
		{"another host", mirror.Notice{Provider: page.Google, Token: "other." + parts[1] + "." + parts[2]}},
		{"another provider", mirror.Notice{Provider: page.Microsoft, Token: token}},
		{"too long", mirror.Notice{Provider: page.Google, Token: token + strings.Repeat("x", 128)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			unknown := (*mirror.Unknown)(nil)
			if err := s.bell.Ring(t.Context(), test.notice); !errors.As(err, &unknown) {
				t.Errorf("rung: %v", err)
			}
			asked(t, s.run(t))
		})
	}
}

func TestARunThatHasNoTimeLeftTakesNothing(t *testing.T) {
	s := start(t, work)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	asked(t, s.run(t), "changes work", "busy work", "watch work", "changes work", "busy work")
}

func TestTwoRunsAtOnceDoNotDoTheSameWorkTwice(t *testing.T) {
	s := start(t, work)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			if err := s.Run(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	if got := len(s.provider.channels); got != 1 {
		t.Errorf("%d channels are open", got)
	}
}

// What changes in a calendar may be the event of a booking: whoever hears of it has
// the host's bookings audited.
func TestAChangedCalendarHasItsHostsBookingsAudited(t *testing.T) {
	s := start(t, work)
	s.provider.put("work", meeting(1, 0))
	audits := func(what string, want bool) {
		t.Helper()
		due, err := s.store.DueForAudit(t.Context(), s.now(), 10)
		if err != nil || len(due) > 0 != want {
			t.Fatalf("%s: due %v, %v", what, due, err)
		}
		if want {
			if err := s.store.ForgetAudit(t.Context(), "demo"); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.run(t)
	audits("at first", true)
	s.advance(2 * period)
	s.run(t)
	audits("nothing changed", false)
	s.provider.put("work", meeting(2, 0))
	s.advance(2 * period)
	s.run(t)
	audits("found by the period", true)
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: s.provider.token(t, "work")}); err != nil {
		t.Fatal(err)
	}
	audits("told by the provider", true)
	if err := s.bell.Ring(t.Context(), mirror.Notice{Provider: page.Google, Token: "demo.x.y"}); err == nil {
		t.Error("a stranger was heard")
	}
	audits("told by a stranger", false)
}
