package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib" // an open loop: it asks on, however slow the answers are

	"yakusoku/infra/meter"
)

// confirmations measures how long a booking takes from its submission until its guest's
// page would show it confirmed, with providers that answer at once.
func confirmations(ctx context.Context, root, folder string) ([]Figure, error) {
	const times = 11
	r, err := meter.StartBare(ctx, root, folder, "MAX_PROCESSES=8")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	slots, err := r.Slots(ctx)
	if err != nil {
		return nil, err
	}
	var took []float64
	for i := range times + 1 {
		began := time.Now()
		b, err := r.Book(ctx, slots[i].Start)
		if err != nil {
			return nil, err
		}
		err = meter.Eventually(ctx, func() error {
			status, err := r.Status(ctx, b)
			if err == nil && status != "confirmed" {
				err = fmt.Errorf("it is %s", status)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first one started the processes
			took = append(took, milliseconds(time.Since(began)))
		}
	}
	return []Figure{timed("confirmed.median", median(took), "ms", 1000)}, nil
}

// load measures what guests who look and submit get of a run: how many a second at most,
// and how long they wait at half of that.
func load(ctx context.Context, root, folder string) ([]Figure, error) {
	const each = 10 * time.Second
	r, err := meter.StartBare(ctx, root, folder, "MAX_PROCESSES=6", "MAX_WAITING=64")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	slots, err := r.Slots(ctx)
	if err != nil {
		return nil, err
	}
	looks, submits := looking(r), submitting(r, slots)
	var figures []Figure
	for _, kind := range []struct {
		name string
		ask  vegeta.Targeter
	}{{"slots", looks}, {"submit", submits}, {"both", mixed(looks, submits)}} {
		most, err := answered(kind.ask, vegeta.Rate{}, each)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", kind.name, err)
		}
		half, err := answered(kind.ask, vegeta.Rate{Freq: max(1, int(most.Throughput/2)), Per: time.Second}, each)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", kind.name, err)
		}
		figures = append(figures,
			timed("load."+kind.name+".apart", 1000/most.Throughput, "ms", 0),
			timed("load."+kind.name+".half.p50", milliseconds(half.Latencies.P50), "ms", 0),
			timed("load."+kind.name+".half.p99", milliseconds(half.Latencies.P99), "ms", 0),
		)
	}
	return figures, nil
}

// answered asks at the rate, or as fast as eight who wait for each answer do.
func answered(ask vegeta.Targeter, rate vegeta.Rate, d time.Duration) (*vegeta.Metrics, error) {
	attacker := vegeta.NewAttacker(vegeta.MaxConnections(0), vegeta.Timeout(30*time.Second))
	if rate.Freq == 0 {
		attacker = vegeta.NewAttacker(vegeta.Workers(8), vegeta.MaxWorkers(8))
	}
	var m vegeta.Metrics
	for r := range attacker.Attack(ask, rate, d, "") {
		m.Add(r)
		if r.Code == 0 || r.Code >= http.StatusInternalServerError {
			return nil, fmt.Errorf("status %d: %s%s", r.Code, r.Error, r.Body)
		}
	}
	m.Close()
	if m.Throughput = float64(m.Requests) / m.Duration.Seconds(); m.Throughput == 0 {
		return nil, errors.New("nobody was answered")
	}
	return &m, nil
}

func looking(r *meter.Run) vegeta.Targeter {
	return func(t *vegeta.Target) error {
		*t = vegeta.Target{Method: http.MethodGet, URL: r.Front + meter.SlotsPath()}
		return nil
	}
}

// submitting submits over all times, so that most are taken soon: a rush.
func submitting(r *meter.Run, slots []meter.Slot) vegeta.Targeter {
	var n atomic.Int64
	return func(t *vegeta.Target) error {
		path, body, err := meter.Submission(slots[int(n.Add(1))%len(slots)].Start)
		*t = vegeta.Target{
			Method: http.MethodPost, URL: r.Front + path, Body: body,
			Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {rand.Text()}},
		}
		return err
	}
}

// mixed has one in twenty submit.
func mixed(look, submit vegeta.Targeter) vegeta.Targeter {
	var mu sync.Mutex
	chance := mathrand.New(mathrand.NewPCG(1, 1)) // #nosec G404 -- the same guests each time
	return func(t *vegeta.Target) error {
		mu.Lock()
		submits := chance.IntN(20) == 0
		mu.Unlock()
		if submits {
			return submit(t)
		}
		return look(t)
	}
}
