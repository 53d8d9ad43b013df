package history_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"time"
)

// life is a process of ours. One that is dead makes no call and gets no answer:
// whatever its code goes on with, the world outside does not see.
type life struct {
	who   string
	ended chan struct{}
	once  sync.Once
}

type lifeKey struct{}

var errDead = errors.New("the process is dead")

func (l *life) die() { l.once.Do(func() { close(l.ended) }) }

func (l *life) dead() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// weather is how many of a hundred calls meet trouble.
type weather struct {
	atProviders, atHome float64
	sore                string // the calls that meet most of it, by how their names begin
}

// soreness is how many of a hundred calls of one sore kind meet trouble: enough for
// retries to run out.
const soreness = 65

// sores are what may be sore in a history.
var sores = []string{
	"ses ", "zoom POST /users", "zoom PATCH ", "zoom DELETE ", "zoom GET ", "calendar POST ", "calendar PATCH ", "calendar DELETE ",
	"calendar GET ", "dynamodb PutItem", "dynamodb TransactWriteItems", "states StartExecution",
}

// network carries the calls of one history: to the table, the providers, the mail
// service and the state machines. What befalls a call follows from the seed, the
// call's name and how many of that name there were before.
type network struct {
	seed    uint64
	table   *line
	servers map[string]http.Handler // by host name
	weather weather
	say     func(format string, args ...any)
	cut     func() // a power cut
	// seen is told what the system itself did at a provider.
	seen func(service string, r *http.Request, status int)
	lost func(service, name string) // an answer did not reach its caller, or an effect came late

	mu     sync.Mutex
	counts map[string]int
	late   int // effects on their way
	calls  int
	met    map[trouble]int
}

// trouble is what befalls a call.
type trouble string

const (
	none        trouble = ""
	unavailable trouble = "unavailable"  // no effect
	limited     trouble = "limited"      // no effect
	refused     trouble = "refused"      // for good; no effect
	silent      trouble = "silent"       // no effect, and no answer until the caller gives up
	unanswered  trouble = "unanswered"   // the effect, and no answer until the caller gives up
	reset       trouble = "reset"        // the effect, and the connection is cut
	garbled     trouble = "garbled"      // the effect, and a page instead of the answer
	comesLate   trouble = "late"         // the effect when the caller has given up
	diesBefore  trouble = "dies before"  // the calling process, without the effect
	diesAfter   trouble = "dies after"   // the calling process, with the effect
	cutBefore   trouble = "cut before"   // every process, without the effect
	cutAfter    trouble = "cut after"    // every process, with the effect
	conflict    trouble = "conflict"     // another transaction is at the items; of the table
	noCapacity  trouble = "no capacity"  // of the table; no effect
	brokenWrite trouble = "broken write" // of the table: the effect, and no answer
)

// lot is a trouble and how often it is drawn.
type lot struct {
	trouble
	weight int
}

var (
	atProviders = []lot{
		{unavailable, 20}, {limited, 6}, {refused, 6}, {silent, 10}, {unanswered, 12}, {reset, 10}, {garbled, 6}, {comesLate, 8},
		{diesBefore, 8}, {diesAfter, 10}, {cutBefore, 4}, {cutAfter, 6},
	}
	atTable    = []lot{{noCapacity, 20}, {brokenWrite, 20}, {conflict, 10}, {diesBefore, 12}, {diesAfter, 12}, {cutBefore, 8}, {cutAfter, 8}}
	atMachines = []lot{{unavailable, 20}, {reset, 20}, {diesBefore, 15}, {diesAfter, 15}, {cutBefore, 6}, {cutAfter, 6}}
)

// chance is a stream of chances of that name, the same for each play of the seed.
func chanceOf(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func draw(r *rand.Rand, lots []lot) trouble {
	total := 0
	for _, l := range lots {
		total += l.weight
	}
	n := r.IntN(total)
	for _, l := range lots {
		if n -= l.weight; n < 0 {
			return l.trouble
		}
	}
	return none
}

const (
	tableHost    = "dynamodb.test"
	machinesHost = "states.test"
	mailHost     = "ses.test"
	zoomHost     = "zoom.test"
	calendarHost = "calendar.test"
)

// varying are the parts of a path that differ from one play to the next.
var varying = regexp.MustCompile(`/[^/]*[0-9=~-][^/]*`)

func nameOf(r *http.Request) string {
	service, _, _ := strings.Cut(r.URL.Host, ".")
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, action, _ := strings.Cut(target, ".")
		return service + " " + action
	}
	path := strings.NewReplacer("/v2/", "/", "/v1.0/", "/", "/calendar/v3/", "/").Replace(r.URL.Path)
	return service + " " + r.Method + " " + varying.ReplaceAllString(path, "/*")
}

// RoundTrip carries a call of the system's. One of the test's own, which is no
// process, meets no trouble and takes no time.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) { return n.Do(r) }

// Do is RoundTrip, for AWS's clients.
func (n *network) Do(r *http.Request) (*http.Response, error) {
	call, err := hold(r)
	if err != nil {
		return nil, err
	}
	own, _ := r.Context().Value(lifeKey{}).(*life)
	if own == nil {
		return n.effect(call)
	}
	if own.dead() {
		return nil, errDead
	}
	name := nameOf(r)
	fate, chance := n.fate(name, r)
	answer, err := n.carry(r.Context(), own, call, fate, chance)
	status := 0
	if answer != nil {
		status = answer.StatusCode
	}
	n.say("%s: %s → %d %s", own.who, name, status, fate)
	return answer, err
}

// fate is what befalls the next call of that name.
func (n *network) fate(name string, r *http.Request) (trouble, *rand.Rand) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[name]++
	n.calls++
	chance := chanceOf(n.seed, fmt.Sprint(name, " ", n.counts[name]))
	lots, chances := atProviders, n.weather.atProviders
	switch r.URL.Host {
	case tableHost:
		lots, chances = atTable, n.weather.atHome
	case machinesHost:
		lots, chances = atMachines, n.weather.atHome
	}
	if n.weather.sore != "" && strings.HasPrefix(name, n.weather.sore) {
		chances = soreness
	}
	if chance.Float64()*100 >= chances {
		return none, chance
	}
	t := draw(chance, lots)
	if t == conflict && !strings.HasSuffix(name, " TransactWriteItems") {
		t = noCapacity
	}
	n.met[t]++
	return t, chance
}

func (n *network) carry(ctx context.Context, own *life, call *http.Request, fate trouble, chance *rand.Rand) (*http.Response, error) {
	host, name := call.URL.Host, nameOf(call)
	there, back := 120*time.Millisecond, 80*time.Millisecond
	if host == tableHost {
		there, back = 8*time.Millisecond, 4*time.Millisecond
	}
	// To the nanosecond, so that no two things happen at one instant.
	there, back = time.Duration(chance.Int64N(int64(there)))+1, time.Duration(chance.Int64N(int64(back)))+1
	if err := pass(ctx, own, there); err != nil {
		if chance.IntN(2) == 0 { // it was on the wire
			n.lost(host, name)
			n.system(call)
		}
		return nil, err
	}
	switch fate {
	case unavailable:
		return n.made(call, http.StatusServiceUnavailable, `{}`, nil), nil
	case noCapacity:
		return n.made(call, http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":""}`, nil), nil
	case conflict:
		return n.made(call, http.StatusBadRequest,
			`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"","CancellationReasons":[{"Code":"TransactionConflict"}]}`, nil), nil
	case limited:
		var header http.Header
		if chance.IntN(2) == 0 {
			header = http.Header{"Retry-After": {[]string{"1", "5", "40"}[chance.IntN(3)]}}
		}
		return n.made(call, http.StatusTooManyRequests, `{"code":429,"error":{"code":429}}`, header), nil
	case refused:
		return n.refusal(call), nil
	case silent:
		return nil, quiet(ctx, own)
	case diesBefore:
		own.die()
		return nil, errDead
	case cutBefore:
		n.cut()
		return nil, errDead
	case comesLate:
		n.lost(host, name)
		n.comeLate(call, chance)
		return nil, quiet(ctx, own)
	}
	answer, err := n.system(call)
	if err != nil {
		return nil, err
	}
	switch fate {
	case diesAfter:
		n.lost(host, name)
		own.die()
	case cutAfter:
		n.lost(host, name)
		n.cut()
	case unanswered:
		n.lost(host, name)
		return nil, quiet(ctx, own)
	case reset, brokenWrite:
		n.lost(host, name)
		return nil, io.ErrUnexpectedEOF
	case garbled:
		n.lost(host, name)
		return n.made(call, max(answer.StatusCode, http.StatusOK), "<!doctype html><title>Gateway</title>", nil), nil
	}
	if err := pass(ctx, own, back); err != nil {
		n.lost(host, name)
		return nil, err
	}
	return answer, nil
}

// pass lets time pass for a call, as long as its caller lives and waits.
func pass(ctx context.Context, own *life, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-own.ended:
	case <-ctx.Done():
	}
	switch {
	case own.dead():
		return errDead
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return nil
}

// longestSilence is after when a caller who waits for ever is cut off.
const longestSilence = time.Minute

// quiet is no answer until the caller gives up.
func quiet(ctx context.Context, own *life) error {
	if err := pass(ctx, own, longestSilence); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

// latest is how long after its call an effect comes at the latest. It is within
// what the steps wait for: EFFECT_WITHIN, from before the call.
const latest = 27 * time.Second

func (n *network) comeLate(call *http.Request, chance *rand.Rand) {
	n.mu.Lock()
	n.late++
	n.mu.Unlock()
	time.AfterFunc(time.Duration(chance.Int64N(int64(latest))), func() {
		answer, err := n.system(call)
		if err == nil {
			n.say("(late): %s → %d", nameOf(call), answer.StatusCode)
		}
		n.mu.Lock()
		n.late--
		n.mu.Unlock()
	})
}

// still reports whether nothing is on its way.
func (n *network) still() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.late == 0
}

// system is the effect of a call of the system's, of which seen is told.
func (n *network) system(call *http.Request) (*http.Response, error) {
	answer, err := n.effect(call)
	if err == nil {
		n.seen(call.URL.Host, call, answer.StatusCode)
	}
	return answer, err
}

func (n *network) effect(call *http.Request) (*http.Response, error) {
	if call.URL.Host == tableHost {
		return n.table.do(call)
	}
	server, ok := n.servers[call.URL.Host]
	if !ok {
		return nil, fmt.Errorf("nobody is at %s", call.URL.Host)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, again(call))
	answer := w.Result()
	answer.Request = call
	return answer, nil
}

// made is an answer that is not the service's own.
func (n *network) made(call *http.Request, status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: call,
	}
}

// refusal is each service's own way of saying that it will not, ever.
func (n *network) refusal(call *http.Request) *http.Response {
	switch call.URL.Host {
	case zoomHost:
		return n.made(call, http.StatusBadRequest, `{"code":3161,"message":"Your user settings do not allow this."}`, nil)
	case mailHost:
		return n.made(call, http.StatusBadRequest, `{"message":"Invalid domain name"}`, http.Header{"X-Amzn-Errortype": {"MessageRejected"}})
	}
	if strings.HasPrefix(call.URL.Path, "/v1.0/") {
		return n.made(call, http.StatusForbidden, `{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}`, nil)
	}
	return n.made(call, http.StatusForbidden,
		`{"error":{"code":403,"message":"Forbidden","errors":[{"domain":"calendar","reason":"forbidden","message":"Forbidden"}]}}`, nil)
}

// hold is the call in a form that outlives its caller.
func hold(r *http.Request) (*http.Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // it is a buffer
	}
	call := r.Clone(context.Background())
	call.Host, call.RequestURI, call.RemoteAddr = r.URL.Host, r.URL.RequestURI(), "127.0.0.1:1"
	call.ContentLength = int64(len(body))
	call.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return again(call), nil
}

// again is the call with its body from the start.
func again(call *http.Request) *http.Request {
	r := call.Clone(context.Background())
	r.Body, _ = call.GetBody() // a buffer's
	return r
}

// line is a connection to the table's engine. It has no goroutine of its own: time
// stands still while the engine works.
type line struct {
	mu     sync.Mutex
	conn   net.Conn
	reader *bufio.Reader
	addr   string
}

func dial(addr string) (*line, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, reader: bufio.NewReader(conn), addr: addr}, nil
}

func (l *line) do(call *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := again(call)
	r.RequestURI, r.Host = "", l.addr
	if err := r.Write(l.conn); err != nil {
		return nil, fmt.Errorf("write to the engine: %w", err)
	}
	answer, err := http.ReadResponse(l.reader, r)
	if err != nil {
		return nil, fmt.Errorf("read from the engine: %w", err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read from the engine: %w", err)
	}
	_ = answer.Body.Close() // it was read
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.Request = call
	return answer, nil
}
