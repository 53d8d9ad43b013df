package promise_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/child"
	"yakusoku/infra/proof"
	"yakusoku/shared/page"
)

func TestOfAThousandGuestsAtOnceOneBooks(t *testing.T) {
	guests := 1000
	if testing.Short() {
		guests = 200
	}
	s := start(t)
	slot := s.open(t)
	answers := make([]answer, guests)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			a, err := s.submit(t.Context(), rand.Text(), submission(slot.Start, fmt.Sprintf("guest-%d@example.com", i)))
			if err != nil {
				a = answer{Body: []byte(err.Error())}
			}
			answers[i] = a
		})
	}
	all.Wait()
	got := map[string]int{}
	var won receipt
	for i, a := range answers {
		got[outcome(a)]++
		if a.Status == http.StatusAccepted {
			a.into(t, &won)
			won.guest = fmt.Sprintf("guest-%d@example.com", i)
		}
	}
	if diff := cmp.Diff(map[string]int{"202": 1, "409 slot_taken": guests - 1}, got); diff != "" {
		t.Fatalf("answers (-want +got):\n%s", diff)
	}
	if v := s.settled(t, won); v.Status != "confirmed" {
		t.Errorf("the winner's booking is %s", v.Status)
	}
	s.becomes(t, won, everywhere)
	figure(t, "contention.guests", guests)
}

// outcome is the answer's status, and the code of its problem.
func outcome(a answer) string {
	if a.Status == http.StatusAccepted {
		return "202"
	}
	var p problem
	if json.Unmarshal(a.Body, &p) != nil {
		return fmt.Sprintf("%d %s", a.Status, a.Body)
	}
	return fmt.Sprintf("%d %s", a.Status, p.Code)
}

// figure keeps what the whole test found; a part of it finds less.
func figure(t *testing.T, name string, value any) {
	t.Helper()
	if !testing.Short() {
		proof.Figure(t, name, value)
	}
}

// crowded has slots that overlap, buffers, and days that fill up.
func crowded(p *page.Page) {
	p.SlotIntervalMinutes, p.BufferBeforeMinutes, p.BufferAfterMinutes, p.MaxPerDay = 15, 10, 5, 6
}

const (
	rushSlots = 200
	clients   = 64
)

// Many clients book what they can get, again and again. Who reads the stored bookings
// afterwards finds no two that meet and no day that has too many, and of every slot
// whether it is offered follows from them.
func TestARushOverManySlotsOverbooksNothing(t *testing.T) {
	t.Run("Dynoxide", func(t *testing.T) { rush(t, "dynoxide", start(t)) })
	t.Run("MiniStack", func(t *testing.T) {
		if testing.Short() {
			t.Skip("another engine of the table is tried by `make prove`")
		}
		rush(t, "ministack", start(t, "AWS_ENDPOINT_URL_DYNAMODB="+miniStack(t)))
	})
}

// miniStack starts the other engine, and returns where it is. It is a Python program.
func miniStack(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(root(), ".local", "venv", "bin", "ministack")
	cmd := exec.Command(program)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, t.TempDir()
	_, port, _ := strings.Cut(address, ":")
	cmd.Env = append(os.Environ(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+port)
	process, err := child.Start(cmd)
	if err != nil {
		t.Fatalf("%v (`make prove` installs it)", err)
	}
	t.Cleanup(func() { process.Kill() })
	eventually(t, "the engine answers", func() error {
		_, err := do(t.Context(), "GET", "http://"+address+"/", "", nil)
		return err
	})
	return "http://" + address
}

func rush(t *testing.T, engine string, s *system) {
	t.Helper()
	submissions := 10000
	if testing.Short() {
		submissions = 600
	}
	s.change(t, crowded)
	wanted := s.slots(t)[:rushSlots]
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	answers, took := map[string]int{}, make([]time.Duration, 0, submissions)
	var booked []receipt
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	began := time.Now()
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			chance := mathrand.New(mathrand.NewPCG(seed, uint64(c)))
			for n := c; n < submissions; n += clients {
				at, guest := wanted[chance.IntN(len(wanted))], fmt.Sprintf("guest-%d@example.com", n)
				sent := time.Now()
				a, err := post(t.Context(), client, s.Front+"/api/pages/demo/intro/bookings", rand.Text(), submission(at.Start, guest))
				mu.Lock()
				took = append(took, time.Since(sent))
				if err != nil {
					a = answer{Body: []byte(err.Error())}
				}
				answers[outcome(a)]++
				if a.Status == http.StatusAccepted {
					var r receipt
					if json.Unmarshal(a.Body, &r) == nil {
						booked = append(booked, r)
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	whole := time.Since(began)
	for answer := range answers {
		if !slices.Contains([]string{"202", "409 slot_taken"}, answer) {
			t.Errorf("%d are answered %s", answers[answer], answer)
		}
	}
	for _, r := range booked {
		s.rests(t, r)
	}
	stored := s.stored(t)
	if len(stored) != len(booked) {
		t.Errorf("%d bookings are stored, %d were accepted", len(stored), len(booked))
	}
	overlaps := overlapping(stored) + tooMany(stored, tokyo)
	if overlaps > 0 {
		t.Errorf("%d overlaps among %v", overlaps, stored)
	}
	offered := map[string]bool{}
	for _, o := range s.slots(t) {
		offered[o.Start] = true
	}
	for _, w := range wanted {
		span := span{instant(t, w.Start), instant(t, w.End)}
		if free := isFree(span, stored, tokyo); free != offered[w.Start] {
			t.Errorf("%s is offered: %v, free: %v", w.Start, offered[w.Start], free)
		}
	}
	t.Logf("%v", answers)
	slices.Sort(took)
	figure(t, "contention."+engine+".submissions", submissions)
	figure(t, "contention."+engine+".booked", len(stored))
	figure(t, "contention."+engine+".overlaps", overlaps)
	figure(t, "contention."+engine+".perSecond", math.Round(float64(submissions)/whole.Seconds()))
	figure(t, "contention."+engine+".median", took[len(took)/2].Round(time.Millisecond).String())
	figure(t, "contention."+engine+".p99", took[len(took)*99/100].Round(time.Millisecond).String())
}

func post(ctx context.Context, client *http.Client, url, key, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	return read(response)
}

// span is a time that a booking takes, without its buffers.
type span struct{ start, end time.Time }

// stored are the times of all bookings that are confirmed, as their items say: read
// by nothing that the system uses.
func (s *system) stored(t *testing.T) []span {
	t.Helper()
	var all []span
	pages := dynamodb.NewScanPaginator(s.books().DB, &dynamodb.ScanInput{
		TableName: aws.String("yakusoku-local"), ConsistentRead: aws.Bool(true),
	})
	for pages.HasMorePages() {
		some, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range some.Items {
			if sk, _ := it["sk"].(*types.AttributeValueMemberS); sk == nil || sk.Value != "BOOKING" {
				continue
			}
			data := it["data"].(*types.AttributeValueMemberM).Value
			text := func(name string) string { return data[name].(*types.AttributeValueMemberS).Value }
			if status := text("Status"); status != "confirmed" {
				t.Errorf("a booking is %s", status)
			}
			all = append(all, span{instant(t, text("Start")), instant(t, text("End"))})
		}
	}
	return all
}

// tokyo is the page's zone, in which its days begin.
var tokyo = time.FixedZone("JST", 9*60*60)

// meet reports whether two bookings are nearer than their buffers allow.
func meet(a, b span) bool {
	before, after := 10*time.Minute, 5*time.Minute
	return a.start.Add(-before).Before(b.end.Add(after)) && b.start.Add(-before).Before(a.end.Add(after))
}

func overlapping(all []span) int {
	n := 0
	for i, a := range all {
		for _, b := range all[:i] {
			if meet(a, b) {
				n++
			}
		}
	}
	return n
}

// tooMany counts bookings beyond what their day takes.
func tooMany(all []span, zone *time.Location) int {
	n, days := 0, map[string]int{}
	for _, b := range all {
		day := b.start.In(zone).Format(time.DateOnly)
		if days[day]++; days[day] > 6 {
			n++
		}
	}
	return n
}

// isFree reports whether one more would fit.
func isFree(one span, all []span, zone *time.Location) bool {
	more := append(slices.Clone(all), one)
	return overlapping(more) == overlapping(all) && tooMany(more, zone) == tooMany(all, zone)
}

// The checker would find what it looks for.
func TestTheCheckerFindsOverlaps(t *testing.T) {
	at := func(minute int) span {
		start := time.Date(2026, 12, 1, 1, minute, 0, 0, time.UTC)
		return span{start, start.Add(30 * time.Minute)}
	}
	for name, c := range map[string]struct {
		all  []span
		want int
	}{
		"none":                      {nil, 0},
		"apart":                     {[]span{at(0), at(45)}, 0},
		"nearer than their buffers": {[]span{at(0), at(44)}, 1},
		"three at once":             {[]span{at(0), at(0), at(0)}, 3},
		"one too many on a day":     {[]span{at(0), at(60), at(120), at(180), at(240), at(300), at(360)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := overlapping(c.all) + tooMany(c.all, time.UTC); got != c.want {
				t.Errorf("found %s, want %d", strconv.Itoa(got), c.want)
			}
		})
	}
}
