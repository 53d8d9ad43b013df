package saga

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/page"
	"yakusoku/shared/zoom"
)

var (
	began  = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	starts = began.Add(time.Hour) // the meeting
	due    = began.Add(time.Minute)
)

// Steps log each of their errors, which these tests are full of.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// logged keeps what is logged until the test ends, and returns what reads the
// lines of a level and above, without their times.
func logged(t *testing.T) func(slog.Level) []map[string]any {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return func(least slog.Level) (lines []map[string]any) {
		t.Helper()
		for text := range bytes.Lines(log.Bytes()) {
			var line map[string]any
			if err := json.Unmarshal(text, &line); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			var level slog.Level
			if err := level.UnmarshalText([]byte(line["level"].(string))); err != nil {
				t.Fatal(err)
			}
			if level >= least {
				delete(line, "time")
				lines = append(lines, line)
			}
		}
		return lines
	}
}

// booked is a pending booking of which only the slot is held.
func booked() booking.Booking {
	return booking.Booking{
		ID: "b1", Host: "demo", Page: "intro", Status: booking.Pending, Start: starts, End: starts.Add(30 * time.Minute),
		Steps: map[booking.Step]booking.Progress{
			booking.Hold:    {Status: booking.Done, At: began},
			booking.Meeting: {Status: booking.Waiting},
			booking.Event:   {Status: booking.Waiting},
			booking.Mail:    {Status: booking.Waiting},
			booking.Notice:  {Status: booking.Waiting},
		},
		Deadline: due,
	}
}

// with is a booking of that status with some steps as they stand since began.
func with(status booking.Status, steps map[booking.Step]booking.StepStatus) booking.Booking {
	b := booked()
	b.Status = status
	for s, progress := range steps {
		b.Mark(s, progress, began)
	}
	return b
}

// ledger keeps one booking.
type ledger struct {
	stored booking.Booking
	saved  []booking.Booking // every version
	freed  bool
	// meanwhile is another's write that comes before the next.
	meanwhile func(*booking.Booking)
	spared    int   // writes that come before meanwhile
	unread    error // of every reading
}

func (l *ledger) Booking(_ context.Context, id string) (booking.Booking, error) {
	if l.unread != nil {
		return booking.Booking{}, l.unread
	}
	if id != l.stored.ID {
		return booking.Booking{}, &booking.NotFound{}
	}
	return l.stored, nil
}

func (l *ledger) Save(_ context.Context, b *booking.Booking) error {
	if l.spared--; l.meanwhile != nil && l.spared < 0 {
		l.meanwhile(&l.stored)
		l.stored.Version++
		l.meanwhile = nil
	}
	if b.Version != l.stored.Version {
		return &booking.Stale{}
	}
	b.Version++
	l.stored = *b
	l.saved = append(l.saved, *b)
	return nil
}

// between makes another's write come after that many of the step's own, and before
// its next.
func (l *ledger) between(writes int, change func(*booking.Booking)) {
	l.meanwhile, l.spared = change, writes
}

func (l *ledger) Release(ctx context.Context, _, b booking.Booking) error {
	err := l.Save(ctx, &b)
	l.freed = l.freed || err == nil
	return err
}

// provider is a world outside in which things are made and taken away.
type provider struct {
	live  []int64
	late  []int64 // what appears when it lands
	made  int64
	calls int // that make something
	// answers are the errors of the next calls that make something; none is left: it
	// is made.
	answers []error
	refuses error               // every call
	at      map[int64]time.Time // where what was moved stands
	carries map[int64]string    // the references of meetings; others carry any
	hides   bool                // what is there is not found
	whose   string              // the account's id
}

// errLate is the answer of a call that takes effect later, errLost of one that
// has.
var (
	errLate = &zoom.Unavailable{Err: errors.New("hung up")}
	errLost = &zoom.Unavailable{Err: errors.New("cut off")}
)

func (p *provider) make() (int64, error) {
	p.calls++
	if p.refuses != nil {
		return 0, p.refuses
	}
	var answer error
	if len(p.answers) > 0 {
		answer, p.answers = p.answers[0], p.answers[1:]
	}
	switch {
	case errors.Is(answer, errLate):
		p.made++
		p.late = append(p.late, p.made)
	case answer == nil, errors.Is(answer, errLost):
		p.made++
		p.live = append(p.live, p.made)
	}
	return p.made, answer
}

// change moves what is there. An answer that is left counts as in make.
func (p *provider) change(id int64, to time.Time) error {
	if p.refuses != nil {
		return p.refuses
	}
	if !slices.Contains(p.live, id) {
		return &zoom.Refused{Status: 404, Code: 3001}
	}
	var answer error
	if len(p.answers) > 0 {
		answer, p.answers = p.answers[0], p.answers[1:]
	}
	if answer == nil || errors.Is(answer, errLost) {
		if p.at == nil {
			p.at = map[int64]time.Time{}
		}
		p.at[id] = to
	}
	return answer
}

func (p *provider) land() { p.live, p.late = append(p.live, p.late...), nil }

func (p *provider) take(id int64) error {
	if p.refuses != nil {
		return p.refuses
	}
	p.live = slices.DeleteFunc(p.live, func(other int64) bool { return other == id })
	return nil
}

// account is a host's Zoom account.
type account struct{ *provider }

func (a account) Account() string { return a.whose }

func (a account) Create(_ context.Context, m zoom.NewMeeting) (zoom.Meeting, error) {
	id, err := a.make()
	if a.carries == nil {
		a.carries = map[int64]string{}
	}
	a.carries[id] = strings.Fields(m.Agenda)[0]
	return zoom.Meeting{ID: id}, err
}

func (a account) Find(_ context.Context, references ...string) ([]zoom.Meeting, error) {
	if a.hides {
		return nil, nil
	}
	var found []zoom.Meeting
	for _, id := range a.live {
		if carried, known := a.carries[id]; known && !slices.Contains(references, carried) {
			continue
		}
		found = append(found, zoom.Meeting{ID: id})
	}
	return found, a.refuses
}

func (a account) Update(_ context.Context, id int64, change zoom.Change) error {
	return a.change(id, change.Start)
}

func (a account) Delete(_ context.Context, id int64) error { return a.take(id) }

// diary is a host's calendar. An event's id is its booking's.
type diary struct {
	*provider
	busy []calendar.Interval
}

func (d diary) Busy(context.Context, string, []page.CalendarRef, time.Time, time.Time) ([]calendar.Interval, error) {
	return d.busy, d.refuses
}

func (d diary) Find(_ context.Context, _ string, _ page.CalendarRef, r calendar.Reference) (calendar.Written, bool, error) {
	if err := connection.Reaches(connection.Google, d.whose, r.Account); err != nil {
		return calendar.Written{}, false, err
	}
	return calendar.Written{ID: "e"}, len(d.live) > 0, d.refuses
}

func (d diary) Insert(context.Context, string, page.CalendarRef, calendar.Event) (calendar.Written, error) {
	_, err := d.make()
	return calendar.Written{ID: "e", URL: "https://calendar.example/e", Account: d.whose}, err
}

func (d diary) Update(_ context.Context, _ string, _ page.CalendarRef, _ string, e calendar.Event) error {
	return d.change(1, e.Start)
}

func (d diary) Delete(_ context.Context, _ string, _ page.CalendarRef, r calendar.Reference) error {
	if err := connection.Reaches(connection.Google, d.whose, r.Account); err != nil {
		return err
	}
	for _, id := range slices.Clone(d.live) {
		if err := d.take(id); err != nil {
			return err
		}
	}
	return d.refuses
}

// post keeps what was sent.
type post struct {
	sent    []mail.Kind
	refuses error
	// meanwhile is what happens while a mail is sent.
	meanwhile func()
}

func (p *post) Send(_ context.Context, kind mail.Kind, _ booking.Booking) (string, error) {
	if p.refuses != nil {
		return "", p.refuses
	}
	p.sent = append(p.sent, kind)
	if p.meanwhile != nil {
		p.meanwhile()
	}
	return "m", nil
}

// office runs the steps of one booking.
type office struct {
	*ledger
	zoom, calendar *provider
	busy           []calendar.Interval
	post           *post
	now            time.Time
	lost           error // of the host's grants
	workflow       string
}

func newOffice(b booking.Booking) *office {
	return &office{ledger: &ledger{stored: b}, zoom: &provider{}, calendar: &provider{}, post: &post{}, now: began, workflow: "book.asl.json"}
}

const effectWithin = 30 * time.Second

// steps are every function's, by the placeholder of its ARN.
func (o *office) steps() map[string]map[string]Step {
	now := func() time.Time { return o.now }
	patience := Patience{EffectWithin: effectWithin}
	grant := func(context.Context, string) (Zoom, error) { return account{o.zoom}, o.lost }
	return map[string]map[string]Step{
		"${MeetingFunction}": (&Meetings{Ledger: o, Zoom: grant, Patience: patience, Now: now}).Steps(),
		"${EventFunction}":   (&Events{Ledger: o, Agenda: diary{o.calendar, o.busy}, Patience: patience, Now: now}).Steps(),
		"${MailFunction}":    (&Mails{Ledger: o, Post: o.post, Now: now}).Steps(),
		"${SettleFunction}":  (&Settlement{Ledger: o, Now: now}).Steps(),
	}
}

// run runs a state of the workflow and returns the name of the error that it ends
// with; empty for none.
func (o *office) run(t *testing.T, state string, request ...func(*Request)) string {
	t.Helper()
	s, ok := readWorkflows(t)[o.workflow].States[state]
	if !ok {
		t.Fatalf("no state %s", state)
	}
	r := Request{Step: s.Parameters["step"], Booking: "b1", Checked: true}
	if s.Parameters["error.$"] != "" {
		r.Error = "Unavailable"
	}
	for _, change := range request {
		change(&r)
	}
	err := Handler("test", o, o.steps()[s.Resource])(t.Context(), r)
	if err == nil {
		return ""
	}
	return name(err)
}

// progress is how far each step of the stored booking is.
func (o *office) progress() map[booking.Step]booking.StepStatus {
	all := map[booking.Step]booking.StepStatus{}
	for s := range maps.Keys(o.stored.Steps) {
		all[s] = o.stored.Steps[s].Status
	}
	return all
}
