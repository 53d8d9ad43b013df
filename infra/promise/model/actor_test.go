package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/page"
	"yakusoku/shared/saga"
	"yakusoku/shared/zoom"
)

// The clock of the model: began is its zero; each thing that happens takes an
// instant, and a wait outlasts every effect that is on its way.
var began = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

const (
	instant      = time.Millisecond
	effectWithin = 30 * time.Second
)

// slots are the places for which the bookings compete.
var slots = [2]time.Time{began.Add(34 * time.Hour), began.Add(35 * time.Hour)}

func slotOf(t time.Time) int8 {
	i := slices.IndexFunc(slots[:], t.Equal)
	if i < 0 {
		panic("no slot at " + t.String())
	}
	return int8(i)
}

const (
	handle = "demo"
	slug   = "intro"
)

// ids of the two guests' bookings.
var ids = [2]string{booking.ID(handle, slug, "key-0"), booking.ID(handle, slug, "key-1")}

func indexOf(id string) int8 {
	i := slices.Index(ids[:], id)
	if i < 0 {
		panic("no booking " + id)
	}
	return int8(i)
}

// eventKeys number the ids of events: 16 for each booking.
var eventKeys = func() map[string]uint8 {
	all := map[string]uint8{}
	for i, id := range ids {
		for revision := range 16 {
			all[calendar.EventID(id, revision)] = uint8(16*i + revision)
		}
	}
	return all
}()

var eventIDs = func() map[uint8]string {
	all := map[uint8]string{}
	for id, key := range eventKeys {
		all[key] = id
	}
	return all
}()

// op is something that a process asks of what is around it. Between two of them
// it does nothing that anybody else could see.
type op uint8

const (
	opRead op = iota
	opSave
	opRelease
	opClaim
	opHold
	opStart
	opState
	opZoomCreate
	opZoomFind
	opZoomUpdate
	opZoomDelete
	opBusy
	opEventFind
	opEventInsert
	opEventUpdate
	opEventDelete
	opSend
)

var opNames = [...]string{
	"reads the booking", "saves the booking", "saves the booking and frees cells", "saves the booking and claims cells", "holds the slot",
	"starts the execution", "asks for the execution", "creates a meeting", "looks for meetings", "moves the meeting", "deletes the meeting",
	"looks whether the host is busy", "looks for the event", "inserts the event", "updates the event", "deletes the event", "sends",
}

// call is what a process is about to do.
type call struct {
	op       op
	book     int8
	is, was  *booking.Booking // to be saved, and what it was
	id       int64            // of a meeting, or an event's key
	numbers  []int8           // of the meetings looked for, or created
	slot     int8
	url      int64 // of the meeting that the event names
	repeated bool
	kind     mail.Kind
	run      run
}

func (c call) String() string {
	switch c.op {
	case opSend:
		return fmt.Sprintf("sends %s of %d", c.kind, c.slot)
	case opSave, opRelease, opClaim, opHold:
		return opNames[c.op] + " " + brief(c.is)
	case opZoomCreate:
		return fmt.Sprintf("%s %d at %d", opNames[c.op], c.numbers[0], c.slot)
	case opZoomUpdate, opEventInsert, opEventUpdate:
		return fmt.Sprintf("%s %d at %d", opNames[c.op], c.id, c.slot)
	case opZoomDelete, opEventDelete, opEventFind:
		return fmt.Sprintf("%s %d", opNames[c.op], c.id)
	case opStart, opState:
		return opNames[c.op] + " " + c.run.String()
	}
	return opNames[c.op]
}

// brief is how far a booking is.
func brief(b *booking.Booking) string {
	if b == nil {
		return "-"
	}
	text := fmt.Sprintf("[%s", b.Status)
	for _, s := range allSteps {
		if p := b.Steps[s]; p.Status != "" && p.Status != booking.Waiting {
			text += fmt.Sprintf(" %s:%s", s, p.Status)
		}
	}
	if b.Move != nil {
		text += fmt.Sprintf(" move:%s", b.Move.Outcome)
		for _, s := range moveSteps {
			if p := b.Move.Steps[s]; p.Status != booking.Waiting {
				text += fmt.Sprintf(" %s:%s", s, p.Status)
			}
		}
	}
	if !b.Deadline.IsZero() {
		text += " due"
	}
	return text + "]"
}

var (
	allSteps  = []booking.Step{booking.Hold, booking.Meeting, booking.Event, booking.Mail, booking.Notice, booking.Attendees}
	moveSteps = []booking.Step{booking.Meeting, booking.Event, booking.Mail}
)

// outcome is how a call ends.
type outcome uint8

const (
	okay outcome = iota
	refused
	limited
	unavailable // nothing was done
	lost        // it was done, and its answer lost
	late        // it will be done, and its answer is lost
	busy        // something of the host's own is in the way
	// What follows is no fault: the world is so.
	stale
	slotTaken
	repeatedHold
	idTaken
	noMeeting
	mayNotUpdate
)

var outcomeNames = [...]string{
	"", "refused", "rate limited", "unavailable, nothing done", "done, the answer lost", "the answer lost, done later", "busy",
	"stale", "slot taken", "held already", "id taken", "no such meeting", "may not update",
}

// err is the error that a client of ours, or the store, returns of it.
func (o outcome) err(of op) error {
	switch o {
	case okay, busy:
		return nil
	case stale:
		return &booking.Stale{}
	case slotTaken:
		return &booking.SlotTaken{}
	case idTaken:
		return &google.IDTaken{}
	case noMeeting:
		return &zoom.Refused{Status: http.StatusNotFound, Code: 3001}
	case mayNotUpdate:
		return &zoom.Refused{Code: 4711, OnlyUpdate: true}
	}
	cause := errors.New(outcomeNames[o])
	switch of {
	case opZoomCreate, opZoomFind, opZoomUpdate, opZoomDelete:
		switch o {
		case refused:
			return &zoom.Refused{Status: http.StatusBadRequest, Code: 300}
		case limited:
			return &zoom.RateLimited{}
		}
		return &zoom.Unavailable{Err: cause}
	case opBusy, opEventFind, opEventInsert, opEventUpdate, opEventDelete:
		switch o {
		case refused:
			return &google.Refused{Status: http.StatusForbidden}
		case limited:
			return &google.RateLimited{}
		}
		return &google.Unavailable{Err: cause}
	case opSend:
		switch o {
		case refused:
			return &mail.Refused{Err: cause}
		case limited:
			return &mail.RateLimited{Err: cause}
		}
		return &mail.Unavailable{Err: cause}
	}
	return cause // of the store, or of Step Functions
}

// answer is what a process learns of a call.
type answer struct {
	outcome outcome
	booking *booking.Booking // as read
	found   []int64          // ids
	yes     bool
	state   saga.State
	at      int64 // instants since the model began
}

// role is what a process is there for.
type role uint8

const (
	asTask role = iota
	asSubmission
	asGuestMove
	asHostMove
	asCancellation
	asSweep
)

// process is one call of a function of ours, under way. Where it stands follows
// from what it was answered so far: it is run again from its start to find what it
// does next.
type process struct {
	role  role
	book  int8
	to    int8   // where it moves to
	state string // of the execution for which it runs, and its machine
	of    int8   // index of the execution that waits for it; -1: none
	// Of a task: its function, and what that is given.
	function, input string
	request         saga.Request
	born            int64
	log             []answer
	next            call
}

func (p process) String() string {
	switch p.role {
	case asTask:
		if p.of < 0 {
			return p.state + " (nobody waits for it)"
		}
		return p.state
	case asSubmission:
		return "guest's submission"
	case asCancellation:
		return "cancellation"
	case asSweep:
		return "sweep"
	}
	return fmt.Sprint("change to slot ", p.to)
}

// stage runs processes, the real code of all steps, of submission, change,
// cancellation and sweep, from their log.
type stage struct {
	log  []answer
	pos  int
	born int64

	tasks  map[string]func(context.Context, saga.Request) error // by the placeholder of the function
	desk   *booking.Desk
	diary  *booking.Diary
	sweep  *saga.Sweep
	sfn    *saga.Machines
	heard  recorder
	runs   map[runKey]run
	due    string // whom sweep finds
	tokens booking.Tokens
}

// pause is thrown where the log of a process ends.
type pause struct{ call }

func (s *stage) ask(c call) answer {
	if s.pos == len(s.log) {
		panic(pause{c})
	}
	a := s.log[s.pos]
	s.pos++
	return a
}

func (s *stage) now() time.Time {
	at := s.born
	if s.pos > 0 {
		at = s.log[s.pos-1].at
	}
	return began.Add(time.Duration(at) * instant)
}

func newStage(patience time.Duration) *stage {
	tokens, err := booking.NewTokens([]byte(strings.Repeat("s", 32)))
	if err != nil {
		panic(err)
	}
	s := &stage{tokens: tokens, runs: map[runKey]run{}}
	p := saga.Patience{EffectWithin: patience}
	grant := func(context.Context, string) (saga.Zoom, error) { return zoomOf{s}, nil }
	s.tasks = map[string]func(context.Context, saga.Request) error{
		"${MeetingFunction}": saga.Handler("meeting", s, (&saga.Meetings{Ledger: s, Zoom: grant, Patience: p, Now: s.now}).Steps()),
		"${EventFunction}":   saga.Handler("event", s, (&saga.Events{Ledger: s, Agenda: agendaOf{s}, Patience: p, Now: s.now}).Steps()),
		"${MailFunction}":    saga.Handler("mail", s, (&saga.Mails{Ledger: s, Post: s, Now: s.now}).Steps()),
		"${SettleFunction}":  saga.Handler("settle", s, (&saga.Settlement{Ledger: s, Now: s.now}).Steps()),
	}
	s.desk = &booking.Desk{Ledger: s, Calendars: agendaOf{s}, Sagas: s, Tokens: tokens, Now: s.now}
	s.diary = &booking.Diary{Archive: archive{s, nil}, Now: s.now, Registrar: &booking.Registrar{Ledger: s, Sagas: s, Now: s.now}}
	s.sweep = &saga.Sweep{Ledger: s, Overdue: s, Executions: s, Now: s.now}
	s.sfn = &saga.Machines{Book: arn + "book", Cancel: arn + "cancel", Move: arn + "move", SFN: sfn.New(sfn.Options{
		Region: "us-east-1", HTTPClient: &s.heard, Credentials: aws.AnonymousCredentials{},
	})}
	return s
}

// play runs the process from its start until it asks for something new, or ends.
func (s *stage) play(p process) (next call, ended bool, err error) {
	s.log, s.pos, s.born = p.log, 0, p.born
	defer func() {
		switch r := recover().(type) {
		case nil:
		case pause:
			next = r.call
		default:
			panic(r)
		}
	}()
	err = s.act(p)
	return call{}, true, err
}

func (s *stage) act(p process) error {
	ctx := context.Background()
	switch p.role {
	case asTask:
		handler, ok := s.tasks[p.function]
		if !ok {
			panic("no function " + p.function)
		}
		return handler(ctx, p.request)
	case asSubmission:
		_, err := s.desk.Submit(ctx, booking.Submission{
			Host: handle, Page: slug, Key: fmt.Sprint("key-", p.book), Start: slots[0],
			Guest: booking.Guest{Name: "G", Email: "g@example.com", TimeZone: "UTC", Language: language.English},
		})
		return err
	case asCancellation:
		return s.desk.Cancel(ctx, ids[p.book], s.tokens.For(ids[p.book]), booking.NoCancelReason, "")
	case asGuestMove:
		return s.desk.Reschedule(ctx, ids[p.book], s.tokens.For(ids[p.book]), slots[p.to])
	case asHostMove:
		return s.diary.Move(ctx, handle, ids[p.book], slots[p.to], "")
	case asSweep:
		s.due = ids[p.book]
		return s.sweep.Run(ctx)
	}
	panic("no such role")
}

// The store.

func (s *stage) Booking(_ context.Context, id string) (booking.Booking, error) {
	a := s.ask(call{op: opRead, book: indexOf(id)})
	switch {
	case a.outcome != okay:
		return booking.Booking{}, a.outcome.err(opRead)
	case a.booking == nil:
		return booking.Booking{}, &booking.NotFound{}
	}
	return *a.booking, nil
}

func (s *stage) Save(_ context.Context, b *booking.Booking) error {
	is := *b
	a := s.ask(call{op: opSave, book: indexOf(b.ID), is: &is})
	if a.outcome == okay {
		b.Version++
	}
	return a.outcome.err(opSave)
}

func (s *stage) Release(_ context.Context, was, is booking.Booking) error {
	return s.ask(call{op: opRelease, book: indexOf(is.ID), was: &was, is: &is}).outcome.err(opRelease)
}

func (s *stage) Claim(_ context.Context, was, is booking.Booking, _ int, _ []booking.Quota) error {
	return s.ask(call{op: opClaim, book: indexOf(is.ID), was: &was, is: &is}).outcome.err(opClaim)
}

func (s *stage) Hold(_ context.Context, b booking.Booking, _ int, _ []booking.Quota) error {
	a := s.ask(call{op: opHold, book: indexOf(b.ID), is: &b})
	if a.outcome == repeatedHold {
		return &booking.Repeated{Booking: *a.booking}
	}
	return a.outcome.err(opHold)
}

func (*stage) Count(context.Context, booking.Quota) error { return nil }

// Snapshot lags behind as far as it may: it knows of no booking, so that all is up
// to the transactions.
func (*stage) Snapshot(context.Context, booking.Wanted) (booking.Snapshot, error) {
	return booking.Snapshot{Host: theHost, Page: thePage}, nil
}

var (
	theHost = host.Host{Handle: handle, Name: "H", Email: "h@example.com", TimeZone: "UTC", Language: language.English,
		Connected: map[string]bool{"zoom": true, "google": true}}
	calendarRef = page.CalendarRef{Provider: "google", ID: "primary"}
	allDay      = []page.Window{{From: "00:00", To: "24:00"}}
	thePage     = page.Page{
		Host: handle, Slug: slug, Title: "T", Published: true, TimeZone: "UTC", DurationMinutes: 30, SlotIntervalMinutes: 30, HorizonDays: 30,
		Weekly: page.Weekly{Monday: allDay, Tuesday: allDay, Wednesday: allDay, Thursday: allDay, Friday: allDay, Saturday: allDay, Sunday: allDay},
		Format: page.Web, Platform: page.ZoomPlatform,
		Calendars: page.Calendars{Write: calendarRef, Check: []page.CalendarRef{calendarRef}},
	}
)

type archive struct {
	*stage
	booking.Archive
}

func (a archive) Booking(ctx context.Context, id string) (booking.Booking, error) {
	return a.stage.Booking(ctx, id)
}

func (s *stage) Unsettled(context.Context, time.Time, int) ([]string, error) {
	return []string{s.due}, nil
}

// Step Functions. Names of executions are the ones that package saga gives.

const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:"

// run is an execution's identity.
type run struct {
	machine, name, input string
}

func (r run) String() string { return r.machine + " " + r.name[strings.IndexByte(r.name, '-'):] }

type runKey struct {
	id            string
	status        booking.Status
	moves         bool
	plan, attempt int
	checked       bool
}

// recorder keeps what is asked of Step Functions.
type recorder struct{ body []byte }

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	var err error
	if r.body, err = io.ReadAll(request.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(`{"executionArn":"a","startDate":1}`)), Request: request,
	}, nil
}

// runOf is the execution that the real client asks for. It is asked once for each
// thing that it may look at.
func (s *stage) runOf(b booking.Booking, checked bool) run {
	key := runKey{b.ID, b.Status, b.Move != nil, b.Plan(), b.Attempt, checked}
	if known, ok := s.runs[key]; ok {
		return known
	}
	if err := s.sfn.Start(context.Background(), b, checked); err != nil {
		panic(err)
	}
	var asked struct{ StateMachineArn, Name, Input string }
	if err := json.Unmarshal(s.heard.body, &asked); err != nil {
		panic(err)
	}
	r := run{strings.TrimPrefix(asked.StateMachineArn, arn), asked.Name, asked.Input}
	s.runs[key] = r
	return r
}

func (s *stage) Start(_ context.Context, b booking.Booking, checked bool) error {
	return s.ask(call{op: opStart, book: indexOf(b.ID), run: s.runOf(b, checked)}).outcome.err(opStart)
}

func (s *stage) State(_ context.Context, b booking.Booking) (saga.State, error) {
	a := s.ask(call{op: opState, book: indexOf(b.ID), run: s.runOf(b, false)})
	return a.state, a.outcome.err(opState)
}

// The providers.

type zoomOf struct{ *stage }

func (zoomOf) Account() string { return "z" }

func (z zoomOf) Create(_ context.Context, m zoom.NewMeeting) (zoom.Meeting, error) {
	id, number, ok := booking.OfMeetingReference(strings.Fields(m.Agenda)[0])
	if !ok {
		panic("no reference in " + m.Agenda)
	}
	a := z.ask(call{op: opZoomCreate, book: indexOf(id), numbers: []int8{int8(number)}, slot: slotOf(m.Start)})
	if a.outcome != okay {
		return zoom.Meeting{}, a.outcome.err(opZoomCreate)
	}
	return zoom.Meeting{ID: a.found[0], JoinURL: urlOf(a.found[0])}, nil
}

func urlOf(meeting int64) string { return fmt.Sprint("https://zoom.example/", meeting) }

// meetingOf is the meeting to which a URL leads; 0: none.
func meetingOf(url string) (id int64) {
	if _, err := fmt.Sscanf(url, "https://zoom.example/%d", &id); err != nil {
		return 0
	}
	return id
}

func (z zoomOf) Find(_ context.Context, references ...string) ([]zoom.Meeting, error) {
	c := call{op: opZoomFind}
	for _, r := range references {
		id, number, ok := booking.OfMeetingReference(r)
		if !ok {
			panic("no reference: " + r)
		}
		c.book, c.numbers = indexOf(id), append(c.numbers, int8(number))
	}
	a := z.ask(c)
	var found []zoom.Meeting
	for _, id := range a.found {
		found = append(found, zoom.Meeting{ID: id, JoinURL: urlOf(id)})
	}
	return found, a.outcome.err(opZoomFind)
}

func (z zoomOf) Update(_ context.Context, id int64, change zoom.Change) error {
	return z.ask(call{op: opZoomUpdate, id: id, slot: slotOf(change.Start)}).outcome.err(opZoomUpdate)
}

func (z zoomOf) Delete(_ context.Context, id int64) error {
	return z.ask(call{op: opZoomDelete, id: id}).outcome.err(opZoomDelete)
}

type agendaOf struct{ *stage }

// Busy tells of a span that covers all, for the model knows whether there is one.
func (a agendaOf) Busy(_ context.Context, _ string, _ []page.CalendarRef, from, to time.Time) ([]calendar.Interval, error) {
	got := a.ask(call{op: opBusy, slot: slotOf(from)})
	if got.outcome == okay && !got.yes {
		return nil, nil
	}
	return []calendar.Interval{{Start: from, End: to}}, got.outcome.err(opBusy)
}

func held(id string) calendar.Written { return calendar.Written{ID: id, UID: id, Account: "c"} }

func keyOf(r calendar.Reference) int64 {
	id := r.Held
	if id == "" {
		id = r.ID
	}
	return int64(eventKeys[id])
}

func (a agendaOf) Find(_ context.Context, _ string, _ page.CalendarRef, r calendar.Reference) (calendar.Written, bool, error) {
	got := a.ask(call{op: opEventFind, id: keyOf(r)})
	return held(eventIDs[uint8(keyOf(r))]), got.yes, got.outcome.err(opEventFind)
}

func (a agendaOf) Insert(_ context.Context, _ string, _ page.CalendarRef, e calendar.Event) (calendar.Written, error) {
	got := a.ask(call{
		op: opEventInsert, book: indexOf(e.Booking), id: int64(eventKeys[e.ID]), slot: slotOf(e.Start), url: meetingOf(e.Location), repeated: e.Repeated,
	})
	return held(e.ID), got.outcome.err(opEventInsert)
}

func (a agendaOf) Update(_ context.Context, _ string, _ page.CalendarRef, id string, e calendar.Event) error {
	return a.ask(call{op: opEventUpdate, id: int64(eventKeys[id]), slot: slotOf(e.Start), url: meetingOf(e.Location)}).outcome.err(opEventUpdate)
}

func (a agendaOf) Delete(_ context.Context, _ string, _ page.CalendarRef, r calendar.Reference) error {
	return a.ask(call{op: opEventDelete, id: keyOf(r)}).outcome.err(opEventDelete)
}

// Send sends a mail.
func (s *stage) Send(_ context.Context, kind mail.Kind, b booking.Booking) (string, error) {
	return "m", s.ask(call{op: opSend, book: indexOf(b.ID), kind: kind, slot: slotOf(b.Start)}).outcome.err(opSend)
}
