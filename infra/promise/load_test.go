package promise_test

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib" // an open loop: it asks on, however slow the answers are
)

const (
	loadFor  = 2 * time.Minute // at each rate
	recovers = 5 * time.Second
)

// A run that is asked for twice what it can do answers what it can and turns the rest
// away for a second; soon afterwards it is as quick as before, and no larger.
func TestTwiceItsCapacityIsTurnedAwayAndLeavesNoTrace(t *testing.T) {
	if testing.Short() {
		t.Skip("`make prove` takes the minutes")
	}
	s := start(t, "MAX_PROCESSES=6", "MAX_WAITING=24", "LIMIT_PER_ADDRESS=0", "LIMIT_PER_PAGE=0")
	ask := s.guests(t)
	capacity := s.capacity(t, ask)
	t.Logf("it answers %.0f a second", capacity)

	half := s.load(t, "half", ask, capacity/2, loadFor)
	calm := s.load(t, "calm", ask, capacity/10, recovers)
	before := memory(t)
	twice := s.load(t, "twice", ask, capacity*2, loadFor)
	s.load(t, "recovery", ask, capacity/10, recovers)
	after := s.load(t, "after", ask, capacity/10, recovers)

	for name, m := range map[string]*vegeta.Metrics{"half": half, "twice": twice} {
		for status, n := range m.StatusCodes {
			if status != "200" && status != "202" && status != "409" && status != "429" {
				t.Errorf("at %s its capacity, %d are answered %s: %v", name, n, status, m.Errors)
			}
		}
	}
	// A machine that stumbles for a third of a second has more waiting than may.
	if away := half.StatusCodes["429"]; 100*away > int(half.Requests) {
		t.Errorf("at half its capacity, %d of %d are turned away", away, half.Requests)
	}
	if twice.StatusCodes["429"] == 0 {
		t.Error("nobody was turned away: it was not twice its capacity")
	}
	if slower := ratio(after.Latencies.P50, calm.Latencies.P50); slower > 2 {
		t.Errorf("afterwards it takes %.1f times as long", slower)
	}
	grown := float64(memory(t)) / float64(before)
	if grown > 1.5 {
		t.Errorf("it has grown to %.2f of its memory", grown)
	}
	figure(t, "load.capacity", math.Round(capacity))
	figure(t, "load.half.asked", half.Requests)
	figure(t, "load.half.away", half.StatusCodes["429"])
	figure(t, "load.half.p50", half.Latencies.P50.Round(time.Millisecond).String())
	figure(t, "load.half.p99", half.Latencies.P99.Round(time.Millisecond).String())
	figure(t, "load.twice.answered", math.Round(100*(1-float64(twice.StatusCodes["429"])/float64(twice.Requests))))
	figure(t, "load.twice.p99", twice.Latencies.P99.Round(time.Millisecond).String())
	figure(t, "load.slower", fmt.Sprintf("%.2f", ratio(after.Latencies.P50, calm.Latencies.P50)))
	figure(t, "load.grown", fmt.Sprintf("%.2f", grown))
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// guests ask as guests do: most look at times, some submit.
func (s *system) guests(t *testing.T) vegeta.Targeter {
	t.Helper()
	open := s.slots(t)
	from, to := open[0].Start[:10], s.began.AddDate(0, 0, 32).Format(time.DateOnly)
	look := s.Front + "/api/pages/demo/intro/slots?from=" + from + "&to=" + to + "&timezone=Asia/Tokyo"
	var mu sync.Mutex
	chance := mathrand.New(mathrand.NewPCG(1, 1))
	var n atomic.Int64
	return func(target *vegeta.Target) error {
		mu.Lock()
		defer mu.Unlock()
		*target = vegeta.Target{Method: http.MethodGet, URL: look}
		if chance.IntN(20) == 0 {
			*target = vegeta.Target{
				Method: http.MethodPost, URL: s.Front + "/api/pages/demo/intro/bookings",
				Body:   []byte(submission(open[chance.IntN(len(open))].Start, fmt.Sprintf("guest-%d@example.com", n.Add(1)))),
				Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {rand.Text()}},
			}
		}
		return nil
	}
}

// capacity is how many a few who wait for each answer get in a second.
func (s *system) capacity(t *testing.T, ask vegeta.Targeter) float64 {
	t.Helper()
	attacker := vegeta.NewAttacker(vegeta.Workers(8), vegeta.MaxWorkers(8))
	answered := 0
	began := time.Now()
	for r := range attacker.Attack(ask, vegeta.Rate{}, 15*time.Second, "capacity") {
		if r.Code == http.StatusOK {
			answered++
		}
	}
	return float64(answered) / time.Since(began).Seconds()
}

// load asks at that rate, and holds whoever is turned away to saying until when.
func (s *system) load(t *testing.T, name string, ask vegeta.Targeter, perSecond float64, d time.Duration) *vegeta.Metrics {
	t.Helper()
	var m vegeta.Metrics
	rate := vegeta.Rate{Freq: int(math.Max(1, math.Round(perSecond))), Per: time.Second}
	for r := range vegeta.NewAttacker(vegeta.MaxConnections(0), vegeta.Timeout(30*time.Second)).Attack(ask, rate, d, name) {
		m.Add(r)
		if r.Code == http.StatusTooManyRequests && r.Headers.Get("Retry-After") == "" {
			t.Errorf("turned away without a time: %s", r.Body)
		}
	}
	m.Close()
	t.Logf("%s: %d a second, %v, p50 %s, p99 %s", name, rate.Freq, m.StatusCodes, m.Latencies.P50, m.Latencies.P99)
	return &m
}

// memory is what the processes of the run hold, in bytes: those under this one.
func memory(t *testing.T) (total int64) {
	t.Helper()
	parents := map[int]int{}
	resident := map[int]int64{}
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil || len(files) == 0 {
		t.Skip("memory is read from Linux' /proc")
	}
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file))) // digits, as globbed
		parents[pid], resident[pid] = status(file)
	}
	for pid := range resident {
		for p := parents[pid]; p > 1; p = parents[p] {
			if p == os.Getpid() {
				total += resident[pid]
				break
			}
		}
	}
	return total
}

// status is the parent of a process and the memory that it holds; nothing of one that
// has ended.
func status(file string) (parent int, resident int64) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSuffix(strings.TrimSpace(value), " kB")
		switch name {
		case "PPid":
			parent, _ = strconv.Atoi(value)
		case "VmRSS":
			kB, _ := strconv.ParseInt(value, 10, 64)
			resident = kB << 10
		}
	}
	return parent, resident
}
