package booking_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

var (
	now = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC) // Monday, 9:00 in Tokyo
	ten = time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)  // Tuesday, 10:00 in Tokyo
)

// calendars is the vendors' border.
type calendars struct {
	busy []calendar.Interval
	err  error
}

func (c *calendars) Busy(context.Context, string, []page.CalendarRef, time.Time, time.Time) ([]calendar.Interval, error) {
	return c.busy, c.err
}

// started is one call of Sagas.
type started struct {
	ID      string
	Checked bool
}

type sagas struct {
	mu     sync.Mutex
	starts []started
	err    error
}

func (s *sagas) Start(_ context.Context, b booking.Booking, checked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starts = append(s.starts, started{b.ID, checked})
	return s.err
}

// office is a desk over a real ledger.
type office struct {
	*booking.Desk
	store     *store.Store
	calendars *calendars
	sagas     *sagas
}

// open plants the host and the page, each changed if the test asks, and opens.
func open(t *testing.T, changes ...func(*host.Host, *page.Page)) office {
	t.Helper()
	h := host.Host{Handle: "demo", Name: "約束 花子", Email: "host@example.com", TimeZone: "Asia/Tokyo",
		Language: language.Japanese, Connected: map[string]bool{"zoom": true, "google": true}}
	p := page.Page{Host: "demo", Slug: "intro", Title: "初回相談", Published: true, TimeZone: "Asia/Tokyo",
		DurationMinutes: 30, SlotIntervalMinutes: 30, BufferAfterMinutes: 15, HorizonDays: 30,
		Weekly: page.Weekly{Tuesday: []page.Window{{From: "09:00", To: "17:00"}}},
		Format: page.Web, Platform: page.ZoomPlatform,
		Calendars: page.Calendars{
			Write: page.CalendarRef{Provider: page.Google, ID: "primary"},
			Check: []page.CalendarRef{{Provider: page.Google, ID: "primary"}},
		}}
	for _, change := range changes {
		change(&h, &p)
	}
	s := storetest.New(t)
	if err := errors.Join(s.PutHost(t.Context(), h), s.PutPage(t.Context(), p)); err != nil {
		t.Fatal(err)
	}
	o := office{store: s, calendars: &calendars{}, sagas: &sagas{}}
	o.Desk = &booking.Desk{
		Ledger: s, Calendars: o.calendars, Sagas: o.sagas, Tokens: tokens(t),
		Now: func() time.Time { return now }, SettleWithin: time.Minute, CheckWithin: time.Minute,
	}
	return o
}

func tokens(t *testing.T) booking.Tokens {
	t.Helper()
	made, err := booking.NewTokens([]byte(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func ask(key string) booking.Submission {
	return booking.Submission{Host: "demo", Page: "intro", Key: key, Start: ten,
		Guest:   booking.Guest{Name: "山田 太郎", Email: "taro@example.com", TimeZone: "Asia/Tokyo", Language: language.Japanese},
		Answers: map[string]any{}}
}

func TestTheSameSubmissionIsOneBooking(t *testing.T) {
	o := open(t)
	first, err := o.Submit(t.Context(), ask("k1"))
	if err != nil {
		t.Fatal(err)
	}
	id := booking.ID("demo", "intro", "k1")
	want := booking.Receipt{ID: id, Token: tokens(t).For(id), Start: ten, End: ten.Add(30 * time.Minute)}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	again := ask("k1")
	again.Start = ten.In(time.FixedZone("", 9*60*60)) // the same instant
	repeated, err := o.Submit(t.Context(), again)
	if diff := cmp.Diff(first, repeated); err != nil || diff != "" {
		t.Errorf("repeat: %v (-first +repeated):\n%s", err, diff)
	}
	// One hold, buffer included.
	mustBeHeld(t, o, calendar.Interval{Start: ten, End: ten.Add(45 * time.Minute)})
	mustBe[*booking.SlotTaken](t, o, ask("k2"))
}

// A repeat leaves a booking alone that its first submission may still give up. A
// saga that may not have begun after that is started again.
func TestARepeatStartsTheSagaOnceTheFirstSubmissionIsOver(t *testing.T) {
	id := booking.ID("demo", "intro", "k1")
	for after, want := range map[time.Duration][]started{
		0:                         {{id, true}},
		time.Minute - time.Second: {{id, true}},
		time.Minute:               {{id, true}, {id, false}},
	} {
		t.Run(after.String(), func(t *testing.T) {
			o := open(t)
			mustSubmit(t, o, ask("k1"))
			o.Now = func() time.Time { return now.Add(after) }
			mustSubmit(t, o, ask("k1"))
			if diff := cmp.Diff(want, o.sagas.starts); diff != "" {
				t.Errorf("sagas (-want +got):\n%s", diff)
			}
		})
	}
}

// lagging is a ledger whose snapshots do not show the last booking yet, though
// they show what it took.
type lagging struct{ *store.Store }

func (l lagging) Snapshot(ctx context.Context, w booking.Wanted) (booking.Snapshot, error) {
	snap, err := l.Store.Snapshot(ctx, w)
	snap.Repeat = nil
	return snap, err
}

func TestARepeatIsNotRefusedForWhatItTookItself(t *testing.T) {
	tests := []struct {
		name   string
		change func(*host.Host, *page.Page)
		limits booking.Limits
		other  booking.Submission // of another guest, who is refused
		want   error
	}{
		{"its cells", func(*host.Host, *page.Page) {}, booking.Limits{}, other("k2", ten), &booking.SlotTaken{}},
		{"its place in the day", func(_ *host.Host, p *page.Page) { p.MaxPerDay = 1 }, booking.Limits{}, other("k2", ten.Add(time.Hour)), &booking.SlotTaken{}},
		{"its quota", func(*host.Host, *page.Page) {}, booking.Limits{PerPage: 1}, other("k2", ten.Add(time.Hour)), &booking.RateLimited{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t, test.change)
			o.Limits, o.Ledger = test.limits, lagging{o.store}
			first := mustSubmit(t, o, ask("k1"))
			if diff := cmp.Diff(first, mustSubmit(t, o, ask("k1"))); diff != "" {
				t.Errorf("repeat (-first +repeated):\n%s", diff)
			}
			changed := ask("k1")
			changed.Guest.Name = "別人"
			mustBe[*booking.KeyReused](t, o, changed)
			if _, err := o.Submit(t.Context(), test.other); fmt.Sprintf("%T", err) != fmt.Sprintf("%T", test.want) {
				t.Errorf("another guest: got %v, want %T", err, test.want)
			}
		})
	}
}

func other(key string, start time.Time) booking.Submission {
	s := ask(key)
	s.Guest.Email, s.Start = "jiro@example.com", start
	return s
}

// stuck is a ledger whose releases go as the test says.
type stuck struct {
	*store.Store
	release func(context.Context, *store.Store, booking.Booking, booking.Booking) error
}

func (s stuck) Release(ctx context.Context, was, is booking.Booking) error {
	return s.release(ctx, s.Store, was, is)
}

// A guest who was told that a booking is none must not get it later.
func TestAHoldThatIsNotFreedIsNotRefused(t *testing.T) {
	tests := []struct {
		name    string
		release func(ctx context.Context, s *store.Store, was, is booking.Booking) error
		want    string
		status  booking.Status
	}{
		{"the release fails", func(context.Context, *store.Store, booking.Booking, booking.Booking) error {
			return errors.New("throttled")
		}, "a failure", booking.Pending},
		{"a saga began meanwhile", func(ctx context.Context, s *store.Store, was, is booking.Booking) error {
			begun, err := s.Booking(ctx, is.ID)
			begun.Mark(booking.Meeting, booking.Started, now)
			return errors.Join(err, s.Save(ctx, &begun), s.Release(ctx, was, is))
		}, "the receipt", booking.Pending},
		{"the release is done and its answer lost", func(ctx context.Context, s *store.Store, was, is booking.Booking) error {
			return errors.Join(s.Release(ctx, was, is), s.Release(ctx, was, is))
		}, "taken", booking.Failed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			o.calendars.busy = []calendar.Interval{{Start: ten, End: ten.Add(time.Hour)}}
			o.Ledger = stuck{o.store, test.release}
			_, err := o.Submit(t.Context(), ask("k1"))
			got := "a failure"
			if _, taken := errors.AsType[*booking.SlotTaken](err); taken {
				got = "taken"
			} else if err == nil {
				got = "the receipt"
			}
			b, problem := o.store.Booking(t.Context(), booking.ID("demo", "intro", "k1"))
			if got != test.want || problem != nil || b.Status != test.status {
				t.Errorf("got %s (%v), stored as %s (%v); want %s and %s", got, err, b.Status, problem, test.want, test.status)
			}
			if o.sagas.starts != nil {
				t.Errorf("sagas: %v", o.sagas.starts)
			}
		})
	}
}

// A saga that turned back before its first step did anything took the slot from
// nobody: its guest has a receipt, and will have a mail.
func TestARepeatOfABookingThatItsSagaGaveUpGetsTheReceipt(t *testing.T) {
	o := open(t)
	first := mustSubmit(t, o, ask("k1"))
	b, err := o.store.Booking(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	was := b
	b.Fail(booking.ReasonZoomUnavailable, now)
	b.Mark(booking.Hold, booking.Undone, now)
	if err := o.store.Release(t.Context(), was, b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, mustSubmit(t, o, ask("k1"))); diff != "" {
		t.Errorf("repeat (-first +repeated):\n%s", diff)
	}
}

func TestTheSameSubmissionManyTimesAtOnceIsOneBooking(t *testing.T) {
	o := open(t)
	receipts, errs := make([]booking.Receipt, 8), make([]error, 8)
	var all sync.WaitGroup
	for i := range receipts {
		all.Go(func() { receipts[i], errs[i] = o.Submit(t.Context(), ask("k1")) })
	}
	all.Wait()
	for i := range receipts {
		if diff := cmp.Diff(receipts[0], receipts[i]); errs[i] != nil || diff != "" {
			t.Errorf("%d: %v (-first +this):\n%s", i, errs[i], diff)
		}
	}
	mustBeHeld(t, o, calendar.Interval{Start: ten, End: ten.Add(45 * time.Minute)})
}

func TestAKeyIsNotUsedForAnotherSubmission(t *testing.T) {
	o := open(t)
	mustSubmit(t, o, ask("k1"))
	tests := []struct {
		name   string
		change func(*booking.Submission)
	}{
		{"another start", func(s *booking.Submission) { s.Start = ten.Add(time.Hour) }},
		{"another guest", func(s *booking.Submission) { s.Guest.Email = "jiro@example.com" }},
		{"another answer", func(s *booking.Submission) { s.Answers = map[string]any{"topic": "x"} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other := ask("k1")
			test.change(&other)
			mustBe[*booking.KeyReused](t, o, other)
		})
	}
}

func TestAPageThatIsNotOpenToGuestsTakesNoBooking(t *testing.T) {
	t.Run("not published", func(t *testing.T) {
		o := open(t, func(_ *host.Host, p *page.Page) { p.Published = false })
		mustBe[*booking.PageNotFound](t, o, ask("k1"))
		mustBeHeld(t, o)
	})
	t.Run("of a host who is not connected", func(t *testing.T) {
		o := open(t, func(h *host.Host, _ *page.Page) { h.Connected = nil })
		mustBe[*booking.NotAccepting](t, o, ask("k1"))
		mustBeHeld(t, o)
	})
}

func TestAPageIsEmbeddedWhereTheDeploymentStillAllowsIt(t *testing.T) {
	o := open(t, func(_ *host.Host, p *page.Page) {
		p.EmbedOrigins = []string{"https://www.example.com", "https://example.org"}
	})
	o.EmbedIn = page.Sites{"https://*.example.com"}
	offer, err := o.Page(t.Context(), "demo", "intro")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"https://www.example.com"}, offer.Page.EmbedOrigins); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
}

// A booking whose mails cannot go is none.
func TestAClosedDeskTakesNoBookingAndMovesNone(t *testing.T) {
	o := open(t)
	before, err := o.Submit(t.Context(), ask("k0"))
	if err != nil {
		t.Fatal(err)
	}
	o.Closed = true
	s := ask("k1")
	s.Start = ten.Add(2 * time.Hour)
	mustBe[*booking.NotAccepting](t, o, s)
	mustBeHeld(t, o, calendar.Interval{Start: ten, End: ten.Add(45 * time.Minute)}) // the first one's
	month, err := o.Slots(t.Context(), "demo", "intro", now, now.AddDate(0, 0, 7))
	if err != nil || month.Accepting || len(month.Slots) > 0 {
		t.Errorf("offered all the same: accepting %v, %d slots, %v", month.Accepting, len(month.Slots), err)
	}
	b, err := o.store.Booking(t.Context(), before.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Confirm(now)
	b.Deadline = time.Time{}
	if err := o.store.Save(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	refused := (*booking.NotAccepting)(nil)
	if err := o.Reschedule(t.Context(), before.ID, before.Token, s.Start); !errors.As(err, &refused) {
		t.Errorf("a booking is moved: %v", err)
	}
	coded := open(t, func(_ *host.Host, p *page.Page) { p.VerifyEmail = true })
	coded.Closed = true
	if err := coded.SendCode(t.Context(), booking.CodeRequest{Host: "demo", Page: "intro", Email: "taro@example.com"}); !errors.As(err, &refused) {
		t.Errorf("a code is mailed: %v", err)
	}
}

func TestAStartThatIsNotOfferedIsNotOpen(t *testing.T) {
	tests := []struct {
		name  string
		start time.Time
		want  availability.Verdict
	}{
		{"before now", now.Add(-time.Hour), availability.Past},
		{"another weekday", ten.AddDate(0, 0, 1), availability.OutsideWindows},
		{"between two slots", ten.Add(time.Minute), availability.OffGrid},
		{"after the horizon", ten.AddDate(1, 0, 0), availability.BeyondHorizon},
		{"in UTC's year 10000", time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -9*60*60)), availability.BeyondHorizon},
		{"before the year 0", time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 9*60*60)), availability.Past},
	}
	o := open(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := ask("k1")
			s.Start = test.start
			if got := mustBe[*booking.SlotNotOpen](t, o, s); got != nil && got.Verdict != test.want {
				t.Errorf("verdict %s, want %s", got.Verdict, test.want)
			}
		})
	}
}

// What the live calendars say after the hold decides whether it stays.
func TestAHoldThatTheCalendarsRefuseIsFreed(t *testing.T) {
	tests := []struct {
		name      string
		calendars calendars
		want      error
	}{
		{"a busy time in the buffer", calendars{busy: []calendar.Interval{{Start: ten.Add(40 * time.Minute), End: ten.Add(time.Hour)}}}, &booking.SlotTaken{}},
		{"a dead grant", calendars{err: fmt.Errorf("list busy: %w", &connection.Dead{Provider: connection.Google})}, &booking.NotAccepting{}},
		{"no grant", calendars{err: &connection.Absent{Provider: connection.Google}}, &booking.NotAccepting{}},
		{"a calendar that is not there", calendars{err: fmt.Errorf("list busy: %w", &google.Unreadable{CalendarID: "team", Reason: "notFound"})}, &booking.NotAccepting{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			*o.calendars = test.calendars
			for range 2 { // a repeat with the same key is told the same
				_, err := o.Submit(t.Context(), ask("k1"))
				if fmt.Sprintf("%T", err) != fmt.Sprintf("%T", test.want) {
					t.Errorf("got %v, want %T", err, test.want)
				}
			}
			if o.sagas.starts != nil {
				t.Errorf("sagas: %v", o.sagas.starts)
			}
			mustBeHeld(t, o)
			*o.calendars = calendars{}
			mustSubmit(t, o, ask("k2"))
			mustBe[*booking.SlotTaken](t, o, ask("k3"))
		})
	}
}

func TestWhatEndsWhereTheClaimStartsDoesNotMeetIt(t *testing.T) {
	o := open(t)
	o.calendars.busy = []calendar.Interval{
		{Start: ten.Add(-time.Hour), End: ten}, {Start: ten.Add(45 * time.Minute), End: ten.Add(time.Hour)}}
	mustSubmit(t, o, ask("k1"))
}

func TestACalendarThatCannotTellRefusesNobody(t *testing.T) {
	o := open(t)
	o.calendars.err = context.DeadlineExceeded
	got := mustSubmit(t, o, ask("k1"))
	if diff := cmp.Diff([]started{{got.ID, false}}, o.sagas.starts); diff != "" {
		t.Errorf("sagas (-want +got):\n%s", diff)
	}
}

func TestABookingWhoseSagaDidNotStartIsLeftToSweep(t *testing.T) {
	o := open(t)
	o.sagas.err = errors.New("throttled")
	got := mustSubmit(t, o, ask("k1"))
	ids, err := o.store.Unsettled(t.Context(), now.Add(time.Minute), 10)
	if diff := cmp.Diff([]string{got.ID}, ids); err != nil || diff != "" {
		t.Errorf("unsettled: %v (-want +got):\n%s", err, diff)
	}
}

func TestAnswersFitTheQuestions(t *testing.T) {
	questions := []page.Question{
		{ID: "topic", Label: "ご相談内容", Type: page.Text, Required: true},
		{ID: "size", Label: "人数", Type: page.Select, Options: []string{"1", "2"}},
		{ID: "days", Label: "曜日", Type: page.MultiSelect, Options: []string{"火", "水"}},
		{ID: "agreed", Label: "同意", Type: page.Checkbox},
		{ID: "more", Label: "補足", Type: page.TextArea},
	}
	topic := booking.Answer{ID: "topic", Label: "ご相談内容", Value: "導入"}
	tests := []struct {
		name  string
		given map[string]any // besides the topic; a nil value leaves out
		want  []booking.Answer
		wrong []booking.FieldProblem
	}{
		{"all, in the page's order", map[string]any{"more": " a ", "agreed": true, "days": []string{"火", "水"}, "size": "2"}, []booking.Answer{
			topic, {ID: "size", Label: "人数", Value: "2"}, {ID: "days", Label: "曜日", Value: "火, 水"},
			{ID: "agreed", Label: "同意", Value: "✓"}, {ID: "more", Label: "補足", Value: "a"}}, nil},
		{"blank ones are none", map[string]any{"more": " ", "agreed": false, "days": []string{}, "size": ""}, []booking.Answer{topic}, nil},
		{"the longest", map[string]any{"topic": strings.Repeat("長", 2000)},
			[]booking.Answer{{ID: "topic", Label: "ご相談内容", Value: strings.Repeat("長", 2000)}}, nil},
		{"of several lines", map[string]any{"more": "一\r\n\r\n二\n\t三"},
			[]booking.Answer{topic, {ID: "more", Label: "補足", Value: "一\n\n二\n\t三"}}, nil},
		{"too long", map[string]any{"topic": strings.Repeat("長", 2001)}, nil, []booking.FieldProblem{{Field: "answers.topic", Code: booking.TooLong}}},
		{"required, left out", map[string]any{"topic": nil}, nil, []booking.FieldProblem{{Field: "answers.topic", Code: booking.Missing}}},
		{"required, blank", map[string]any{"topic": "\u3000"}, nil, []booking.FieldProblem{{Field: "answers.topic", Code: booking.Missing}}},
		{"to no question", map[string]any{"colour": "red"}, nil, []booking.FieldProblem{{Field: "answers.colour", Code: booking.Unknown}}},
		{"of the wrong type", map[string]any{"topic": true, "days": "火", "agreed": "yes", "size": []string{"1"}, "more": 5}, nil, []booking.FieldProblem{
			{Field: "answers.agreed", Code: booking.WrongType}, {Field: "answers.days", Code: booking.WrongType}, {Field: "answers.more", Code: booking.WrongType},
			{Field: "answers.size", Code: booking.WrongType}, {Field: "answers.topic", Code: booking.WrongType}}},
		{"no option", map[string]any{"size": "3", "days": []string{"火", "月"}}, nil, []booking.FieldProblem{
			{Field: "answers.days", Code: booking.NoOption}, {Field: "answers.size", Code: booking.NoOption}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t, func(_ *host.Host, p *page.Page) { p.Questions = questions })
			s := ask("k1")
			s.Answers["topic"] = "導入"
			for id, answer := range test.given {
				if s.Answers[id] = answer; answer == nil {
					delete(s.Answers, id)
				}
			}
			if test.wrong != nil {
				invalid := mustBe[*booking.Invalid](t, o, s)
				if diff := cmp.Diff(&booking.Invalid{Fields: test.wrong}, invalid); diff != "" {
					t.Errorf("problems (-want +got):\n%s", diff)
				}
				return
			}
			got := mustSubmit(t, o, s)
			b, err := o.View(t.Context(), got.ID, got.Token)
			if diff := cmp.Diff(test.want, b.Answers); err != nil || diff != "" {
				t.Errorf("answers: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestABookingAdmitsItsOwnTokenOnly(t *testing.T) {
	o := open(t)
	one := mustSubmit(t, o, ask("k1"))
	later := ask("k2")
	later.Start = ten.Add(time.Hour)
	two := mustSubmit(t, o, later)
	b, err := o.View(t.Context(), one.ID, one.Token)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{one.Token: true, two.Token: false, "": false, one.Token + "x": false, string(b.TokenHash): false} {
		if got := b.Admits(token); got != want {
			t.Errorf("%q: admitted %v, want %v", token, got, want)
		}
		_, err := o.View(t.Context(), one.ID, token)
		if missing := (*booking.NotFound)(nil); want != (err == nil) || !want && !errors.As(err, &missing) {
			t.Errorf("%q: view: %v", token, err)
		}
	}
	if (booking.Booking{}).Admits("") {
		t.Error("a booking without a token admits somebody")
	}
}

func TestTheTokenSecretIsLongEnough(t *testing.T) {
	if _, err := booking.NewTokens(make([]byte, 31)); err == nil {
		t.Error("31 bytes were taken")
	}
}

func TestAnIDDiffersByPageAndKey(t *testing.T) {
	seen := map[string]string{}
	for _, of := range [][3]string{{"demo", "intro", "k1"}, {"demo", "intro", "k2"}, {"demo", "other", "k1"}, {"else", "intro", "k1"}, {"demoi", "ntro", "k1"}} {
		id := booking.ID(of[0], of[1], of[2])
		if before, ok := seen[id]; ok {
			t.Errorf("%v has the id of %s", of, before)
		}
		seen[id] = fmt.Sprint(of)
		if id != booking.ID(of[0], of[1], of[2]) || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Errorf("%v: %q", of, id)
		}
	}
}

func TestAPageAcceptsWhenAllThatItNeedsIsConnected(t *testing.T) {
	p := page.Page{Platform: page.ZoomPlatform, Calendars: page.Calendars{
		Write: page.CalendarRef{Provider: page.Google}, Check: []page.CalendarRef{{Provider: page.Microsoft}}}}
	tests := []struct {
		name      string
		connected map[string]bool
		want      bool
	}{
		{"all", map[string]bool{"zoom": true, "google": true, "microsoft": true}, true},
		{"none", nil, false},
		{"no zoom", map[string]bool{"google": true, "microsoft": true}, false},
		{"no calendar to write", map[string]bool{"zoom": true, "microsoft": true}, false},
		{"no calendar to check", map[string]bool{"zoom": true, "google": true}, false},
		{"one to connect again", map[string]bool{"zoom": false, "google": true, "microsoft": true}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := booking.Accepting(host.Host{Connected: test.connected}, p); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func mustSubmit(t *testing.T, o office, s booking.Submission) booking.Receipt {
	t.Helper()
	receipt, err := o.Submit(t.Context(), s)
	if err != nil {
		t.Fatalf("submit %s: %v", s.Key, err)
	}
	return receipt
}

// mustBe holds the submission to be refused with that kind of error.
func mustBe[E error](t *testing.T, o office, s booking.Submission) E {
	t.Helper()
	_, err := o.Submit(t.Context(), s)
	want, ok := errors.AsType[E](err)
	if !ok {
		t.Errorf("got %v, want %T", err, want)
	}
	return want
}

// mustBeHeld reads which times the ledger holds around ten.
func mustBeHeld(t *testing.T, o office, want ...calendar.Interval) {
	t.Helper()
	snap, err := o.store.Snapshot(t.Context(), booking.Wanted{Host: "demo", Page: "intro", From: ten, To: ten.Add(time.Hour)})
	if diff := cmp.Diff(want, snap.Busy); err != nil || diff != "" {
		t.Errorf("held: %v (-want +got):\n%s", err, diff)
	}
}
