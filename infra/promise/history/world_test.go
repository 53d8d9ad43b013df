package history_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/infra/promise/inbox"
	"yakusoku/infra/promise/workflow"
	"yakusoku/shared/agenda"
	"yakusoku/shared/audit"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/mail/ses"
	"yakusoku/shared/page"
	"yakusoku/shared/saga"
	"yakusoku/shared/store"
	"yakusoku/shared/vault"
	"yakusoku/shared/zoom"
)

const (
	handle    = "host"
	hostEmail = "host@example.com"
	slug      = "intro"
	zone      = "Asia/Tokyo"

	providerTimeout = 8 * time.Second
	settleWithin    = 90 * time.Second
	checkWithin     = 2 * time.Second
	effectWithin    = 30 * time.Second
)

// world is all that there is in one history: one host, their page, the providers,
// the table, and Yakusoku itself. Its time is the bubble's.
type world struct {
	seed   uint64
	chance *rand.Rand
	began  time.Time
	trace  []string

	net      *network
	machines *machines
	zoom     *zoomsim.Simulator
	google   *googlesim.Simulator    // nil: the calendar is Microsoft's
	outlook  *microsoftsim.Simulator // nil: it is Google's
	post     *post
	store    *store.Store
	page     page.Page

	desk      *booking.Desk
	diary     *booking.Diary
	sweep     *saga.Sweep
	notices   *connection.Notices
	auditor   *audit.Auditor
	functions map[string]func(context.Context, saga.Request) error // by placeholder
	keeper    *connection.Keeper

	panicked  error // what a process of ours last panicked with
	forgetful bool  // Microsoft is
	audited   bool

	lives  map[*life]bool
	byHand map[string]hand // what the host did last, by hand, to a meeting or event
	tokens map[string]string
	slack  int           // rounds of the sweep since something happened
	over   chan struct{} // closed when the history is over
}

// hand is what the host did by hand to something of a booking, nothing of ours
// having touched it since.
type hand string

const (
	deleted hand = "deleted"
	movedIt hand = "moved"
)

// design is what a history is about.
type design struct {
	weather
	provider  connection.Provider // of the calendar
	mayUpdate bool                // the deployment's Zoom app may update meetings
	maxPerDay int
	// forgetful: Microsoft forgets which calls it has seen, though none that another
	// may still follow: that is what it keeps them for.
	forgetful bool
	audited   bool // what stands outside is compared, and what is ours and nobody's deleted
	soon      bool // the bookings' time comes while the history goes on
}

// zoomScopes are those of the deployment's app.
func (d design) zoomScopes() []string {
	return slices.DeleteFunc(slices.Clone(zoomsim.DefaultScopes), func(s string) bool { return s == "meeting:update:meeting" && !d.mayUpdate })
}

func newWorld(t *testing.T, seed uint64, table *line, name string, key *vault.Vault, definitions map[string]workflow.Definition, d design) *world {
	t.Helper()
	w := &world{
		seed: seed, chance: chanceOf(seed, "the story"), began: time.Now(),
		forgetful: d.forgetful, audited: d.audited, over: make(chan struct{}), lives: map[*life]bool{}, byHand: map[string]hand{}, tokens: map[string]string{},
	}
	w.net = &network{
		seed: seed, table: table, say: w.say, cut: w.cut, seen: w.seen, lost: w.lost,
		counts: map[string]int{}, met: map[trouble]int{},
	}
	w.machines = &machines{
		definitions: definitions, invoke: w.invoke, say: w.say, executions: map[string]*execution{},
		chance: func(name string) *rand.Rand { return chanceOf(seed, name) },
	}
	w.post = &post{}
	var err error
	if w.zoom, err = zoomsim.New(zoomsim.Config{}); err != nil {
		t.Fatal(err)
	}
	w.net.servers = map[string]http.Handler{zoomHost: w.zoom.Handler(), machinesHost: w.machines, mailHost: w.post}
	if d.provider == connection.Google {
		w.google, err = googlesim.New(googlesim.Config{})
		if err == nil {
			w.net.servers[calendarHost] = w.google.Handler()
		}
	} else {
		w.outlook, err = microsoftsim.New(microsoftsim.Config{})
		if err == nil {
			w.net.servers[calendarHost] = steady(w.outlook.Handler())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	w.build(t, name, key)
	if _, err := w.store.DB.CreateTable(t.Context(), store.Table(name)); err != nil {
		t.Fatalf("create the table: %v", err)
	}
	w.open(t, d)
	w.net.weather = d.weather // from here on
	return w
}

// steady takes the chance out of how long Microsoft's tokens live: it says the
// least.
func steady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/token") {
			next.ServeHTTP(w, r)
			return
		}
		answer := &buffer{header: w.Header()}
		next.ServeHTTP(answer, r)
		var said map[string]any
		body := answer.Bytes()
		if json.Unmarshal(body, &said) == nil && said["expires_in"] != nil {
			said["expires_in"] = 3600
			body, _ = json.Marshal(said) // it was JSON
		}
		w.WriteHeader(cmp.Or(answer.status, http.StatusOK))
		_, _ = w.Write(body) // a recorder
	})
}

type buffer struct {
	bytes.Buffer
	header http.Header
	status int
}

func (b *buffer) Header() http.Header    { return b.header }
func (b *buffer) WriteHeader(status int) { b.status = status }

// build makes Yakusoku as the functions' mains do, over the network.
func (w *world) build(t *testing.T, table string, key *vault.Vault) {
	t.Helper()
	cfg := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), HTTPClient: w.net,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				// Without chance, which no seed would repeat.
				o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
					return time.Duration(attempt) * 50 * time.Millisecond, nil
				})
			})
		},
	}
	at := func(host string) *string { return aws.String("http://" + host) }
	w.store = &store.Store{Table: table, DB: dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = at(tableHost) })}
	executions := &saga.Machines{
		SFN:  sfn.NewFromConfig(cfg, func(o *sfn.Options) { o.BaseEndpoint = at(machinesHost) }),
		Book: machineARN("book"), Cancel: machineARN("cancel"), Move: machineARN("move"),
	}
	tokens, err := booking.NewTokens([]byte(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	composer, err := mail.NewComposer("https://book.example.com", "Yakusoku <no-reply@example.com>", tokens.For)
	if err != nil {
		t.Fatal(err)
	}
	sender := &ses.Sender{Composer: composer, SES: sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		o.BaseEndpoint = at(mailHost)
		o.HTTPClient = &http.Client{Transport: w.net, Timeout: providerTimeout}
	})}
	zoomBase, calendarBase := "http://"+zoomHost, "http://"+calendarHost
	oauth := map[connection.Provider]*oauth2.Config{
		connection.Zoom: connection.ZoomOAuth(zoomsim.DefaultClientID, zoomsim.DefaultClientSecret, zoomBase),
	}
	if w.google != nil {
		oauth[connection.Google] = connection.GoogleOAuth(googlesim.DefaultClientID, googlesim.DefaultClientSecret, calendarBase, calendarBase)
	} else {
		oauth[connection.Microsoft] = connection.MicrosoftOAuth(microsoftsim.DefaultClientID, microsoftsim.DefaultClientSecret, calendarBase)
	}
	w.keeper = &connection.Keeper{
		Ledger: w.store, Vault: key, OAuth: oauth, HTTP: &http.Client{Transport: w.net, Timeout: providerTimeout}, Now: time.Now,
		Ends: map[connection.Provider]func(int, []byte) bool{
			connection.Zoom: zoom.GrantEnded, connection.Google: google.GrantEnded, connection.Microsoft: microsoft.GrantEnded,
		},
	}
	calendars := &agenda.Agenda{Grants: w.keeper, GoogleAPIBase: calendarBase, MicrosoftAPIBase: calendarBase}
	w.desk = &booking.Desk{
		Ledger: w.store, Calendars: calendars, Sagas: executions, Codes: sender, Tokens: tokens, Now: time.Now,
		SettleWithin: settleWithin, CheckWithin: checkWithin,
	}
	w.diary = &booking.Diary{
		Archive: w.store, Now: time.Now,
		Registrar: &booking.Registrar{Ledger: w.store, Sagas: executions, Now: time.Now, SettleWithin: settleWithin},
	}
	w.sweep = &saga.Sweep{Ledger: w.store, Overdue: w.store, Executions: executions, Now: time.Now, SettleWithin: settleWithin}
	w.notices = &connection.Notices{Lapses: w.store, Post: sender}
	w.auditor = &audit.Auditor{
		Ledger: w.store, Post: sender, Now: time.Now, Period: 6 * time.Hour, Spacing: time.Minute, EffectWithin: effectWithin,
		Zoom: func(ctx context.Context, host string) (audit.Zoom, error) { return w.account(ctx, host) },
		Events: func(ctx context.Context, host, provider string) (audit.Events, error) {
			return calendars.Account(ctx, host, provider)
		},
	}
	patience := saga.Patience{EffectWithin: effectWithin}
	meetings := &saga.Meetings{
		Ledger: w.store, Patience: patience, Now: time.Now,
		Zoom: func(ctx context.Context, host string) (saga.Zoom, error) { return w.account(ctx, host) },
	}
	events := &saga.Events{
		Ledger: w.store, Agenda: agenda.Ringing{Agenda: calendars, Bells: w.store, Now: time.Now}, Patience: patience, Now: time.Now,
	}
	mails := &saga.Mails{Ledger: w.store, Post: sender, Now: time.Now}
	settlement := &saga.Settlement{Ledger: w.store, Now: time.Now}
	w.functions = map[string]func(context.Context, saga.Request) error{
		"${MeetingFunction}": saga.Handler("meeting", w.store, meetings.Steps()),
		"${EventFunction}":   saga.Handler("event", w.store, events.Steps()),
		"${MailFunction}":    saga.Handler("mail", w.store, mails.Steps()),
		"${SettleFunction}":  saga.Handler("settle", w.store, settlement.Steps()),
	}
}

// account is a host's account at Zoom.
type account struct {
	*zoom.Client
	id string
}

func (a account) Account() string { return a.id }

func (w *world) account(ctx context.Context, host string) (account, error) {
	client, c, err := w.keeper.Client(ctx, host, connection.Zoom)
	if err != nil {
		return account{}, err
	}
	return account{&zoom.Client{HTTP: client, Base: cmp.Or(c.APIBase, "http://"+zoomHost)}, c.Account.ID}, nil
}

// open opens the host's account, with everything connected and one page.
func (w *world) open(t *testing.T, d design) {
	t.Helper()
	h := host.Host{
		Handle: handle, Subject: "subject", Name: "約束 花子", Email: hostEmail, TimeZone: zone, Language: language.Japanese,
		Connected: map[string]bool{}, CreatedAt: time.Now().UTC(),
	}
	if err := w.store.OpenHost(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.connectZoom(t.Context(), d.zoomScopes()), w.connectCalendar(t.Context())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p := page.Defaults()
	p.Host, p.Slug, p.Title, p.TimeZone, p.Holidays = handle, slug, "初回相談", zone, ""
	p.BufferBeforeMinutes, p.BufferAfterMinutes, p.MaxPerDay = 10, 5, d.maxPerDay
	all := []page.Window{{From: "09:00", To: "14:00"}}
	p.Weekly = page.Weekly{Monday: all, Tuesday: all, Wednesday: all, Thursday: all, Friday: all, Saturday: all, Sunday: all}
	p.Reminders = []page.Reminder{}
	at := page.CalendarRef{Provider: page.Google, ID: "primary"}
	if w.outlook != nil {
		at = page.CalendarRef{Provider: page.Microsoft, ID: w.outlook.State().Accounts[0].Calendars[0].ID}
	}
	p.Calendars = page.Calendars{Write: at, Check: []page.CalendarRef{at}}
	if wrong := p.Validate(); len(wrong) > 0 {
		t.Fatalf("the page breaks %v", wrong)
	}
	if err := w.store.PutPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.page = p
}

func (w *world) connectZoom(ctx context.Context, scopes []string) error {
	granted, err := w.zoom.Grant(hostEmail, scopes, "http://"+zoomHost)
	if err != nil {
		return err
	}
	id := ""
	for _, u := range w.zoom.State().Users {
		if u.User == hostEmail {
			id = u.ID
		}
	}
	return w.link(ctx, connection.Zoom, id, granted.AccessToken, granted.RefreshToken, granted.Scope)
}

func (w *world) connectCalendar(ctx context.Context) error {
	if w.google != nil {
		granted, err := w.google.Grant(hostEmail, nil)
		if err != nil {
			return err
		}
		return w.link(ctx, connection.Google, "google-"+hostEmail, granted.AccessToken, granted.RefreshToken, granted.Scope)
	}
	granted, err := w.outlook.Grant(hostEmail, nil)
	if err != nil {
		return err
	}
	return w.link(ctx, connection.Microsoft, "microsoft-"+hostEmail, granted.AccessToken, granted.RefreshToken, granted.Scope)
}

// link is the host's connecting, up to what the provider's consent brings.
func (w *world) link(ctx context.Context, p connection.Provider, account, access, refresh, scope string) error {
	former, err := w.store.Connection(ctx, handle, p)
	if absent := (*connection.Absent)(nil); err != nil && !errors.As(err, &absent) {
		return err
	}
	c, err := w.keeper.Seal(ctx, connection.Connection{
		Host: handle, Provider: p, Status: connection.Connected, Scopes: strings.Fields(scope), Version: former.Version,
		Account:     connection.Account{ID: account, Email: hostEmail},
		ConnectedAt: time.Now().UTC(), CheckedAt: time.Now().UTC(),
	}, &oauth2.Token{AccessToken: access, RefreshToken: refresh, Expiry: time.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	return w.store.Link(ctx, c, former.Account)
}

func (w *world) calendar() connection.Provider {
	if w.google != nil {
		return connection.Google
	}
	return connection.Microsoft
}

func (w *world) say(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%12s  ", time.Since(w.began).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

// tell is the trace's end, for whom a history fails.
func (w *world) tell(lines int) string {
	return strings.Join(w.trace[max(0, len(w.trace)-lines):], "\n")
}

// cut is a power cut: every process dies, and the state machines may forget.
func (w *world) cut() {
	w.say("*** power cut")
	for l := range w.lives {
		l.die()
	}
	clear(w.lives)
	w.machines.cut(w.chance)
}

// process runs work as a process of ours: with a deadline after which it is ended.
func (w *world) process(who string, within time.Duration, work func(context.Context) error) error {
	own := &life{who: who, ended: make(chan struct{})}
	w.lives[own] = true
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), lifeKey{}, own), within)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				w.panicked = fmt.Errorf("%s panics: %v\n%s", who, p, debug.Stack())
				ended <- w.panicked
			}
		}()
		ended <- work(ctx)
	}()
	over := time.NewTimer(within)
	defer over.Stop()
	select {
	case err := <-ended:
		if own.dead() {
			return errDead
		}
		delete(w.lives, own)
		return err
	case <-own.ended:
	case <-over.C:
		own.die()
		delete(w.lives, own)
		return errOverdue
	}
	<-ended // nothing of it happens outside any more
	return errDead
}

var errOverdue = errors.New("the function timed out")

// invoke runs a step's function for a state machine.
func (w *world) invoke(function string, input []byte) *workflow.Failure {
	var r saga.Request
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		panic(err)
	}
	handler, ok := w.functions[function]
	if !ok {
		panic("no function " + function)
	}
	who := strings.TrimSuffix(strings.TrimPrefix(function, "${"), "Function}") + " " + r.Step + " " + r.Booking[:4]
	err := w.process(who, timeouts()[function], func(ctx context.Context) error { return handler(ctx, r) })
	if err != nil {
		w.say("%s ends with %v", who, err)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errOverdue):
		return &workflow.Failure{Name: "Sandbox.Timedout", Cause: err.Error()}
	case errors.Is(err, errDead):
		return &workflow.Failure{Name: "Runtime.ExitError", Cause: err.Error()}
	}
	return &workflow.Failure{Name: typeName(err), Cause: err.Error()}
}

// sweeps runs the sweep each minute until the history is over: less often while
// nothing happens, as a schedule may be late.
func (w *world) sweeps() {
	chance := chanceOf(w.seed, "sweep")
	for {
		select {
		case <-time.After(time.Minute<<max(0, min(w.slack-8, 6)) + time.Duration(chance.Int64N(int64(5*time.Second)))):
		case <-w.over:
			return
		}
		w.slack++
		err := w.process("Sweep", 50*time.Second, func(ctx context.Context) error {
			return errors.Join(w.sweep.Run(ctx), w.notices.Run(ctx))
		})
		if err != nil {
			w.say("sweep ends with %v", err)
		}
		if w.audited && chance.IntN(3) == 0 {
			w.audit()
		}
	}
}

// audit compares the bookings with what stands outside, if that is due.
func (w *world) audit() {
	if err := w.process("Audit", 50*time.Second, w.auditor.Run); err != nil {
		w.say("audit ends with %v", err)
	}
}

// rest waits until nothing is left to do, at most so long, and reports whether
// nothing is.
func (w *world) rest(ctx context.Context, atMost time.Duration) (bool, error) {
	w.slack = 0
	end := time.Now().Add(atMost)
	for pause := 3 * time.Second; ; pause = min(pause*3/2, time.Hour) {
		time.Sleep(pause)
		if w.net.still() && !w.machines.busy() {
			left, err := w.store.Unsettled(ctx, time.Now().AddDate(1, 0, 0), 1)
			if err != nil || len(left) == 0 {
				return err == nil, err
			}
		}
		if time.Now().After(end) {
			return false, nil
		}
	}
}

// seen takes note of what the system does to meetings and events: what the host
// did to them before is history.
func (w *world) seen(service string, r *http.Request, status int) {
	if status < 200 || status > 299 {
		return
	}
	if service == zoomHost || service == calendarHost {
		if token := r.Header.Get("Authorization"); strings.HasPrefix(token, "Bearer ") {
			w.tokens[service] = token
		}
	}
	if r.Method == http.MethodPatch {
		delete(w.byHand, service+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
	}
}

// lost takes note of a call whose caller does not know that it had an effect.
func (w *world) lost(service, _ string) {
	switch {
	case service == mailHost:
		w.post.unsure++
	case service == calendarHost && w.forgetful && w.net.still():
		w.outlook.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/_forget", nil))
	}
}

// asHost makes a call with the host's own hands, and reports whether it was done.
func (w *world) asHost(method, service, path, body string) bool {
	r, err := http.NewRequest(method, "http://"+service+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", w.tokens[service])
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := w.net.Do(r)
	if err != nil {
		panic(err)
	}
	text, _ := io.ReadAll(answer.Body) // a buffer
	w.say("the host: %s %s → %d %.80s", method, path, answer.StatusCode, text)
	return answer.StatusCode < 300
}

// letter is a mail as SES took it.
type letter = inbox.Letter

// post is SES, and everybody's mailbox.
type post struct {
	letters []letter
	unsure  int // letters that were taken, or may yet be, without their sender's knowing
}

func (p *post) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l, err := inbox.Read(r.Body)
	if err != nil || r.URL.Path != "/v2/email/outbound-emails" {
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	p.letters = append(p.letters, l)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"MessageId":"m%d"}`, len(p.letters)) // a recorder
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
