package hook_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var noon = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC) // in Tokyo

// team is a host with hooks over a real table, and a receiver that does as it is
// told.
type team struct {
	*store.Store
	mu      sync.Mutex
	now     time.Time
	answers func(n int, id string) hook.Outcome // to the nth post
	posts   []posted
	booked  int
}

type posted struct {
	At      time.Duration // since noon
	Address string
	ID      string
	Body    string
	Secrets int
}

func newTeam(t *testing.T) *team {
	t.Helper()
	return &team{Store: storetest.New(t), now: noon, answers: func(int, string) hook.Outcome { return hook.Outcome{Status: 200} }}
}

func (m *team) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// at moves the clock.
func (m *team) at(sinceNoon time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = noon.Add(sinceNoon)
}

func (m *team) Post(_ context.Context, address, id, body string, at time.Time, secrets []string) (hook.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posts = append(m.posts, posted{at.Sub(noon), address, id, body, len(secrets)})
	return m.answers(len(m.posts), id), nil
}

func (m *team) Seal(_ context.Context, plain []byte, purpose string) ([]byte, error) {
	return append([]byte(purpose+"|"), plain...), nil
}

func (m *team) Unseal(_ context.Context, sealed []byte, purpose string) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(sealed), purpose+"|")
	if !ok {
		return nil, errors.New("sealed for another")
	}
	return []byte(plain), nil
}

func (m *team) desk() *hook.Desk { return &hook.Desk{Ledger: m, Vault: m, Now: m.clock} }

func (m *team) hook(t *testing.T, address string, kinds ...booking.NewsKind) hook.Hook {
	t.Helper()
	h, _, err := m.desk().Create(t.Context(), "demo", hook.Settings{URL: address, Format: hook.JSON, Kinds: kinds, Active: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// news stores a booking that has that news.
func (m *team) news(t *testing.T, id string, kinds ...booking.NewsKind) booking.Booking {
	t.Helper()
	start := noon.AddDate(0, 0, 3).Add(time.Duration(m.booked) * time.Hour)
	m.booked++
	b := booking.Booking{
		ID: id, Host: "demo", Page: "intro", Status: booking.Confirmed, Start: start, End: start.Add(30 * time.Minute),
		Guest: booking.Guest{Name: "山田 太郎", Email: "taro@example.com"},
		Terms: booking.Terms{Title: "初回相談", HostTimeZone: "Asia/Tokyo", HostLanguage: language.Japanese},
	}
	for i, kind := range kinds {
		b.News = append(b.News, booking.News{Number: i + 1, Kind: kind, At: noon.Add(time.Duration(i) * time.Second), Start: b.Start, End: b.End})
	}
	b.NewsCount = len(kinds)
	if err := m.Hold(t.Context(), b, 0, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

func (m *team) handOut(t *testing.T) {
	t.Helper()
	if err := (&hook.Outbox{News: m, Origin: "https://book.example.com", Now: m.clock}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (m *team) courier() *hook.Courier {
	return &hook.Courier{Queue: m, Vault: m, Poster: m, Now: m.clock}
}

func (m *team) deliver(t *testing.T) {
	t.Helper()
	if err := m.courier().Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// log is what became of a hook's deliveries, the oldest first.
func (m *team) log(t *testing.T, h hook.Hook) []hook.Delivery {
	t.Helper()
	var list []hook.Delivery
	for cursor := ""; ; {
		some, next, err := m.Deliveries(t.Context(), h.Host, h.ID, cursor, 200)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, some...)
		if cursor = next; cursor == "" {
			break
		}
	}
	slices.Reverse(list)
	return list
}

func (m *team) ids() []string {
	var ids []string
	for _, p := range m.posts {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestNewsIsHandedOutToThoseWhoWantItOnce(t *testing.T) {
	m := newTeam(t)
	all, some := m.hook(t, "https://all.example"), m.hook(t, "https://some.example", booking.NewsCancelled)
	off := m.hook(t, "https://off.example")
	if _, err := m.desk().Change(t.Context(), "demo", off.ID, hook.Settings{URL: off.URL, Active: false}); err != nil {
		t.Fatal(err)
	}
	b := m.news(t, "b1", booking.NewsConfirmed, booking.NewsRescheduled, booking.NewsCancelled)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() { m.handOut(t) })
	}
	runs.Wait()
	m.handOut(t)
	got, first := m.log(t, all), m.log(t, some)
	if len(got) != 3 || len(first) != 1 || len(m.log(t, off)) != 0 {
		t.Fatalf("handed out: %d, %d, %d", len(got), len(first), len(m.log(t, off)))
	}
	for i, n := range b.News {
		d := got[i]
		if d.ID != hook.DeliveryID(all.ID, "b1", n) || d.Kind != n.Kind || d.Status != hook.Waiting || !d.CreatedAt.Equal(n.At) || d.Booking != "b1" {
			t.Errorf("delivery %d: %+v", i, d)
		}
		if i > 0 && d.After != got[i-1].ID {
			t.Errorf("delivery %d goes after %q", i, d.After)
		}
	}
	if first[0].After != "" {
		t.Errorf("the first to a hook goes after %q", first[0].After)
	}
	now, err := m.Booking(t.Context(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	b.News, b.Version, b.Told = nil, 1, map[string]string{all.ID: got[2].ID, some.ID: first[0].ID}
	if diff := cmp.Diff(b, now); diff != "" {
		t.Errorf("the booking (-want +got):\n%s", diff)
	}
	// What comes later goes after what was handed out before.
	now.News = []booking.News{{Number: 4, Kind: booking.NewsRescheduled, At: noon.Add(time.Hour), Start: b.Start, End: b.End}}
	if err := m.Save(t.Context(), &now); err != nil {
		t.Fatal(err)
	}
	m.at(time.Hour)
	m.handOut(t)
	if later := m.log(t, all); len(later) != 4 || later[3].After != got[2].ID {
		t.Errorf("later: %+v", later)
	}
}

// More than one transaction takes is handed out in several.
func TestMuchNewsIsHandedOutToo(t *testing.T) {
	for name, answer := range map[string]string{"many": "", "large": strings.Repeat("長い回答", 10_000)} {
		t.Run(name, func(t *testing.T) {
			m := newTeam(t)
			var hooks []hook.Hook
			for i := range hook.MostHooks {
				hooks = append(hooks, m.hook(t, fmt.Sprintf("https://%d.example", i)))
			}
			b := m.news(t, "b1", slices.Repeat([]booking.NewsKind{booking.NewsRescheduled}, 30)...)
			b.Answers = []booking.Answer{{ID: "topic", Label: "ご相談内容", Value: answer}}
			if err := m.Save(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			m.at(time.Minute)
			m.handOut(t)
			for _, h := range hooks {
				got := m.log(t, h)
				if len(got) != 30 || got[29].After != got[28].ID {
					t.Errorf("%d deliveries", len(got))
				}
			}
		})
	}
}

// lossy stores what it is given and says that it did not, once.
type lossy struct {
	*team
	lost bool
}

func (l *lossy) HandOut(ctx context.Context, b booking.Booking, d []hook.Delivery) error {
	err := l.Store.HandOut(ctx, b, d)
	if err == nil && !l.lost {
		l.lost = true
		return errors.New("the answer was lost")
	}
	return err
}

func TestAHandOutWhoseAnswerWasLostIsNotMadeAgain(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.news(t, "b2", booking.NewsFailed)
	l := &lossy{team: m}
	run := (&hook.Outbox{News: l, Now: m.clock}).Run
	if err := run(t.Context()); err == nil || !strings.Contains(err.Error(), "the answer was lost") {
		t.Errorf("the first run: %v", err)
	}
	m.deliver(t)
	if err := run(t.Context()); err != nil {
		t.Error(err)
	}
	m.deliver(t)
	if got := m.log(t, h); len(m.posts) != 2 || len(got) != 2 || got[0].Status != hook.Delivered || got[1].Status != hook.Delivered {
		t.Errorf("posts: %+v, deliveries: %+v", m.posts, got)
	}
}

func TestABodyIsKeptNoLongerThanItsGuestsData(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		retention int
		want      time.Duration // after noon; the meeting is on the third day
	}{
		"for as long as the account is": {0, 30 * day},
		"a year":                        {365, 30 * day},
		"a week after the meeting":      {7, 10*day + 30*time.Minute},
	} {
		if got := hook.Keep(noon, noon.Add(3*day+30*time.Minute), c.retention); got != noon.Add(c.want) {
			t.Errorf("%s: %v", name, got.Sub(noon))
		}
	}
	m := newTeam(t)
	if err := m.OpenHost(t.Context(), host.Host{Handle: "demo", Subject: "demo"}); err != nil {
		t.Fatal(err)
	}
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	for _, step := range []struct {
		retention int
		want      time.Duration
	}{{365, 30 * day}, {7, 10*day + 30*time.Minute}, {30, 10*day + 30*time.Minute}} {
		if err := m.ChangeHost(t.Context(), host.Host{Handle: "demo", RetentionDays: step.retention}); err != nil {
			t.Fatal(err)
		}
		if got := m.log(t, h)[0].Expires.Sub(noon); got != step.want {
			t.Errorf("with %d days: %v, want %v", step.retention, got, step.want)
		}
	}
}

func TestADeliveryIsMadeOnceHoweverManyRunsThereAre(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	for i := range 10 {
		m.news(t, fmt.Sprint("b", i), booking.NewsConfirmed)
	}
	m.handOut(t)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() { m.deliver(t) })
	}
	runs.Wait()
	ids := m.ids()
	slices.Sort(ids)
	if len(ids) != 10 || len(slices.Compact(ids)) != 10 {
		t.Errorf("%d posts", len(m.posts))
	}
	for _, d := range m.log(t, h) {
		if d.Status != hook.Delivered || len(d.Attempts) != 1 || d.Attempts[0].Status != 200 || !strings.Contains(d.Body, `"id":"`+d.ID+`"`) {
			t.Errorf("%+v", d)
		}
	}
	if p := m.posts[0]; p.Address != "https://receiver.example" || p.Secrets != 1 {
		t.Errorf("posted %+v", p)
	}
}

// forgetful is a table that cannot be written to after a post.
type forgetful struct{ *team }

func (f forgetful) ReturnDelivery(context.Context, hook.Delivery, time.Time) error {
	return errors.New("the process was killed")
}

func TestADeliveryOfARunThatDiedIsMadeAgain(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	if err := (&hook.Courier{Queue: forgetful{m}, Vault: m, Poster: m, Now: m.clock}).Run(t.Context()); err == nil {
		t.Fatal("the run did not die")
	}
	m.at(29 * time.Second)
	m.deliver(t)
	if len(m.posts) != 1 {
		t.Fatalf("%d posts while the lease lasts", len(m.posts))
	}
	m.at(30 * time.Second)
	m.deliver(t)
	if len(m.posts) != 2 || m.posts[0].ID != m.posts[1].ID || m.posts[0].Body != m.posts[1].Body {
		t.Errorf("posts: %+v", m.posts)
	}
	if d := m.log(t, h)[0]; d.Status != hook.Delivered {
		t.Errorf("it is %s", d.Status)
	}
}

// A run that was thought dead comes back with what it knew, which counts no more.
func TestARunThatWasOvertakenChangesNothing(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	slow := posting(func() hook.Outcome {
		m.at(31 * time.Second)
		m.deliver(t)
		return hook.Outcome{Status: 500}
	})
	if err := (&hook.Courier{Queue: m, Vault: m, Poster: slow, Now: m.clock}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := m.log(t, h)[0]; len(m.posts) != 1 || d.Status != hook.Delivered || len(d.Attempts) != 1 || d.Attempts[0].Status != 200 {
		t.Errorf("%d posts, %+v", len(m.posts), d)
	}
}

type posting func() hook.Outcome

func (p posting) Post(context.Context, string, string, string, time.Time, []string) (hook.Outcome, error) {
	return p(), nil
}

// step runs the courier each time that the delivery is due, until it is not, and
// says when it was tried.
func (m *team) step(t *testing.T, h hook.Hook) []time.Duration {
	t.Helper()
	for range 100 {
		m.deliver(t)
		d := m.log(t, h)[0]
		if d.Status != hook.Waiting {
			break
		}
		m.at(d.NextAt.Sub(noon))
	}
	var at []time.Duration
	for _, p := range m.posts {
		at = append(at, p.At)
	}
	return at
}

// about reports whether the pauses are those, give or take a tenth.
func about(t *testing.T, at []time.Duration, pauses ...time.Duration) {
	t.Helper()
	if len(at) != len(pauses)+1 {
		t.Errorf("%d attempts: %v", len(at), at)
		return
	}
	for i, want := range pauses {
		if got := at[i+1] - at[i]; got < want*9/10-time.Millisecond || got > want*11/10+time.Millisecond {
			t.Errorf("pause %d is %v, want about %v", i+1, got, want)
		}
	}
}

func TestWhatFailsIsTriedAgainForThreeDaysAndThenTheHookIsOff(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	m.answers = func(int, string) hook.Outcome { return hook.Outcome{Status: 500} }
	at := m.step(t, h)
	if n := len(at); n < 15 || n > 18 || at[n-1] > 72*time.Hour || at[n-1] < 64*time.Hour {
		t.Fatalf("%d attempts, the last after %v", n, at[n-1])
	}
	about(t, at[:8], 5*time.Second, 30*time.Second, 2*time.Minute, 10*time.Minute, time.Hour, 3*time.Hour, 6*time.Hour)
	d := m.log(t, h)[0]
	if d.Status != hook.Failed || len(d.Attempts) != len(at) || d.Attempts[0].Status != 500 {
		t.Errorf("in the end: %+v", d)
	}
	after, err := m.Hook(t.Context(), "demo", h.ID)
	if err != nil || after.Active || after.Off == nil || after.Off.Why != hook.Failing {
		t.Errorf("the hook: %+v, %v", after, err)
	}
	// Switched on again, it starts anew, and the delivery can be replayed.
	if _, err := m.desk().Change(t.Context(), "demo", h.ID, hook.Settings{URL: h.URL, Active: true}); err != nil {
		t.Fatal(err)
	}
	if err := m.desk().Replay(t.Context(), "demo", h.ID, d.ID); err != nil {
		t.Fatal(err)
	}
	m.answers = func(int, string) hook.Outcome { return hook.Outcome{Status: 200} }
	m.deliver(t)
	again := m.log(t, h)[0]
	last := m.posts[len(m.posts)-1]
	if again.Status != hook.Delivered || last.ID != d.ID || last.Body != d.Body || len(again.Attempts) != len(at)+1 {
		t.Errorf("replayed: %+v", again)
	}
	if on, err := m.Hook(t.Context(), "demo", h.ID); err != nil || !on.Active || on.Off != nil || !on.FailingSince.IsZero() {
		t.Errorf("the hook: %+v, %v", on, err)
	}
}

func TestAReceiverMayAskForALongerPauseUpToALimit(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	m.answers = func(n int, _ string) hook.Outcome {
		return []hook.Outcome{
			{Status: 503, RetryAfter: 20 * time.Minute},
			{Status: 429, RetryAfter: 100 * time.Hour},
			{Word: hook.TimedOut},
			{Status: 202},
		}[n-1]
	}
	about(t, m.step(t, h), 20*time.Minute, 6*time.Hour, 2*time.Minute)
	if d := m.log(t, h)[0]; d.Status != hook.Delivered || d.Attempts[2].Word != hook.TimedOut {
		t.Errorf("%+v", d)
	}
}

func TestAReceiverThatIsGoneSwitchesItsHookOff(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.news(t, "b2", booking.NewsConfirmed)
	m.handOut(t)
	m.answers = func(int, string) hook.Outcome { return hook.Outcome{Status: 410} }
	m.deliver(t)
	after, err := m.Hook(t.Context(), "demo", h.ID)
	if err != nil || after.Active || after.Off == nil || after.Off.Why != hook.Gone || !after.Off.At.Equal(noon) {
		t.Errorf("the hook: %+v, %v", after, err)
	}
	got := m.log(t, h)
	if len(m.posts) != 1 || got[0].Status != hook.Failed || got[1].Status != hook.Failed || got[0].Attempts[0].Status+got[1].Attempts[0].Status != 410 {
		t.Errorf("%d posts, deliveries: %+v", len(m.posts), got)
	}
	for _, d := range got {
		if a := d.Attempts[0]; a.Status == 0 && a.Word != hook.SwitchedOff {
			t.Errorf("what was not sent says %q", a.Word)
		}
	}
	m.news(t, "b3", booking.NewsConfirmed)
	m.handOut(t)
	if len(m.log(t, h)) != 2 {
		t.Error("news was handed out to a hook that is off")
	}
}

func TestDeliveriesOfAHookThatIsDeletedAreDropped(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	b := m.news(t, "b1", booking.NewsConfirmed)
	if err := m.desk().Remove(t.Context(), "demo", h.ID); err != nil {
		t.Fatal(err)
	}
	// Handed out by a run that had read the hook before.
	d := hook.Delivery{Key: hook.Key{Host: "demo", Hook: h.ID, ID: hook.DeliveryID(h.ID, "b1", b.News[0])}, CreatedAt: noon, Expires: noon.AddDate(0, 0, 30)}
	d.Restart(noon)
	b.News = nil
	if err := m.HandOut(t.Context(), b, []hook.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	m.deliver(t)
	_, err := m.Delivery(t.Context(), d.Key)
	if gone := (*hook.DeliveryNotFound)(nil); !errors.As(err, &gone) || len(m.posts) > 0 {
		t.Errorf("after: %v, %d posts", err, len(m.posts))
	}
}

// A hook that is deleted while it is being told does not come back.
func TestADeliveryUnderWayDoesNotReturnToAHookThatIsDeleted(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	m.answers = func(int, string) hook.Outcome {
		if err := m.RemoveHook(t.Context(), "demo", h.ID); err != nil {
			t.Error(err)
		}
		return hook.Outcome{Status: 500}
	}
	m.deliver(t)
	if got := m.log(t, h); len(got) > 0 {
		t.Errorf("left: %+v", got)
	}
	if hooks, err := m.Hooks(t.Context(), "demo"); err != nil || len(hooks) > 0 {
		t.Errorf("hooks: %+v, %v", hooks, err)
	}
}

func TestABookingsDeliveriesKeepTheirOrderForAnHour(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	first := m.news(t, "b1", booking.NewsConfirmed, booking.NewsCancelled)
	m.handOut(t)
	id := func(i int) string { return hook.DeliveryID(h.ID, "b1", first.News[i]) }
	refused := 0
	m.answers = func(_ int, got string) hook.Outcome {
		if got == id(0) && refused > 0 {
			refused--
			return hook.Outcome{Status: 500}
		}
		return hook.Outcome{Status: 200}
	}
	refused = 2
	for range 10 {
		m.deliver(t)
		m.at(m.clock().Sub(noon) + 30*time.Second)
	}
	if diff := cmp.Diff([]string{id(0), id(0), id(0), id(1)}, m.ids()); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	if d := m.log(t, h)[1]; len(d.Attempts) != 1 {
		t.Errorf("waiting counts as an attempt: %+v", d.Attempts)
	}

	m.posts, refused = nil, 1000
	for i := range first.News {
		if err := m.desk().Replay(t.Context(), "demo", h.ID, id(i)); err != nil {
			t.Fatal(err)
		}
	}
	m.deliver(t)
	if n := len(m.posts); n != 1 {
		t.Fatalf("%d posts", n)
	}
	m.at(time.Hour + time.Second) // of the news
	m.deliver(t)
	if got := m.ids(); !slices.Contains(got, id(1)) {
		t.Errorf("after an hour: %v", got)
	}
}

// A receiver that is not there is tried once in a run, and holds up nobody else's.
func TestAReceiverThatIsNotThereHoldsUpNobodyElses(t *testing.T) {
	m := newTeam(t)
	dead, alive := m.hook(t, "https://dead.example"), m.hook(t, "https://alive.example")
	for i := range 30 {
		m.news(t, fmt.Sprint("b", i), booking.NewsConfirmed)
	}
	m.handOut(t)
	m.answers = func(n int, _ string) hook.Outcome {
		if m.posts[n-1].Address == dead.URL {
			return hook.Outcome{Word: hook.TimedOut}
		}
		return hook.Outcome{Status: 200}
	}
	m.deliver(t)
	count := map[string]int{}
	for _, p := range m.posts {
		count[p.Address]++
	}
	if count[dead.URL] != 1 || count[alive.URL] != 30 {
		t.Errorf("posts: %v", count)
	}
	for _, d := range m.log(t, dead) {
		if d.Status != hook.Waiting || !d.NextAt.After(noon) {
			t.Errorf("%+v", d)
		}
	}
	m.answers = func(int, string) hook.Outcome { return hook.Outcome{Status: 200} }
	m.at(10 * time.Second)
	m.deliver(t)
	for _, d := range m.log(t, dead) {
		if d.Status != hook.Delivered {
			t.Errorf("once it is there: %+v", d)
		}
	}
}

func TestATestIsSentOnceToAHookThatIsOffToo(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	if _, err := m.desk().Change(t.Context(), "demo", h.ID, hook.Settings{URL: h.URL}); err != nil {
		t.Fatal(err)
	}
	of := host.Host{Handle: "demo", Language: language.English, TimeZone: "Europe/Berlin"}
	if err := m.desk().Test(t.Context(), of, h.ID); err != nil {
		t.Fatal(err)
	}
	m.answers = func(int, string) hook.Outcome { return hook.Outcome{Status: 404} }
	m.deliver(t)
	m.at(48 * time.Hour)
	m.deliver(t)
	d := m.log(t, h)[0]
	if len(m.posts) != 1 || d.Status != hook.Failed || !strings.Contains(m.posts[0].Body, `"type":"test"`) {
		t.Errorf("posts: %+v; %+v", m.posts, d)
	}
	if after, err := m.Hook(t.Context(), "demo", h.ID); err != nil || !after.FailingSince.IsZero() {
		t.Errorf("the hook: %+v, %v", after, err)
	}
}

func TestAFormerSecretSignsForADay(t *testing.T) {
	m := newTeam(t)
	h := m.hook(t, "https://receiver.example")
	for range 3 {
		if _, err := m.desk().Rotate(t.Context(), "demo", h.ID); err != nil {
			t.Fatal(err)
		}
	}
	m.news(t, "b1", booking.NewsConfirmed)
	m.handOut(t)
	m.deliver(t)
	m.at(24 * time.Hour)
	m.news(t, "b2", booking.NewsConfirmed)
	m.handOut(t)
	m.deliver(t)
	if len(m.posts) != 2 || m.posts[0].Secrets != 2 || m.posts[1].Secrets != 1 {
		t.Errorf("posts: %+v", m.posts)
	}
}
