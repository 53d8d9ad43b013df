// Package history_test plays random histories to the whole of Yakusoku but its
// HTTP, in one process and in a time of its own: the real store over the real
// engine, the real steps and clients, the real state machines under an interpreter,
// and the simulators. What should be is known to a simple model, and everything is
// held against it.
package history_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/infra/local/engine"
	"yakusoku/infra/promise/workflow"
	"yakusoku/infra/proof"
	"yakusoku/shared/connection"
	"yakusoku/shared/vault"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "play this history alone, and show it")
	countFlag = flag.Int("histories", 0, "how many histories are played; 0: 400, of a short test 200")
	fromFlag  = flag.Uint64("from", 0, "the seed of the first; 0: any, of a short test 1")
	stepsFlag = flag.Int("steps", 0, "how many things happen in each; 0: three to nine")
)

// TestHistories plays many histories, other ones each time; a short test the same ones,
// so that a change fails for what it changes. One that fails is played again by its
// seed:
//
//	go test ./infra/promise/history -seed=N
func TestHistories(t *testing.T) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // steps log each of their errors
	definitions, err := workflow.Read(filepath.Join("..", "..", "workflows"))
	if err != nil {
		t.Fatal(err)
	}
	if *seedFlag != 0 {
		newPlayer(t).play(t, *seedFlag, definitions, true)
		return
	}
	first := *fromFlag
	switch {
	case first == 0 && testing.Short():
		first = 1
	case first == 0:
		first = rand.Uint64N(1 << 40)
	}
	count := *countFlag
	switch {
	case count == 0 && testing.Short():
		count = 200
	case count == 0:
		count = 400 // so that `make prove` stays within twenty minutes
	}
	t.Logf("%d histories from seed %d on", count, first)
	var next, calls, troubles atomic.Int64
	t.Run("players", func(t *testing.T) {
		for n := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint("player ", n), func(t *testing.T) {
				t.Parallel()
				p := newPlayer(t)
				for {
					i := next.Add(1) - 1
					if i >= int64(count) || t.Failed() {
						break
					}
					p.play(t, first+uint64(i), definitions, false)
				}
				t.Logf("%d histories, %d calls, %v", p.played, p.calls, p.met)
				calls.Add(int64(p.calls))
				for _, n := range p.met {
					troubles.Add(int64(n))
				}
			})
		}
	})
	if !testing.Short() {
		proof.Figure(t, "histories.played", count)
		proof.Figure(t, "histories.calls", calls.Load())
		proof.Figure(t, "histories.troubles", troubles.Load())
	}
}

// weathers are all that there are, from a calm to a storm.
var weathers = []weather{{}, {atProviders: 5, atHome: 0.3}, {atProviders: 15, atHome: 1}, {atProviders: 30, atHome: 1}, {atProviders: 5, atHome: 5}}

// player plays one history after the other over an engine of its own.
type player struct {
	table *line
	key   *vault.Vault

	played, calls int
	met           map[trouble]int
}

func newPlayer(t *testing.T) *player {
	t.Helper()
	tools := engine.Tools(filepath.Join("..", "..", "local"))
	e, err := engine.Start(t.Context(), tools.DynamoDB(":memory:"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(context.Background()) })
	table, err := dial(e.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "vault.key")
	content, err := vault.NewKey()
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	key, err := vault.Open(t.Context(), "file://"+file, aws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &player{table: table, key: key, met: map[trouble]int{}}
}

// play plays the history of that seed.
func (p *player) play(t *testing.T, seed uint64, definitions map[string]workflow.Definition, show bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)))
		chance := chanceOf(seed, "the design")
		d := design{
			weather: weathers[chance.IntN(len(weathers))], provider: connection.Google,
			mayUpdate: chance.IntN(4) > 0, maxPerDay: []int{0, 0, 3}[chance.IntN(3)],
		}
		if chance.IntN(2) == 0 {
			d.provider, d.forgetful = connection.Microsoft, chance.IntN(2) == 0
		}
		if chance.IntN(2) == 0 && d.weather != (weather{}) {
			d.sore = sores[chance.IntN(len(sores))]
		}
		d.audited = chance.IntN(2) == 0
		d.soon = chance.IntN(5) == 0 && d.weather != weather{}
		steps := 3 + chance.IntN(7)
		if *stepsFlag > 0 {
			steps = *stepsFlag
		}
		s := &story{
			world:  newWorld(t, seed, p.table, fmt.Sprint("history-", seed, "-", p.played), p.key, definitions, d),
			design: d, calm: d.weather == weather{}, peaceful: true,
		}
		err := errors.Join(s.play(t.Context(), steps), s.panicked)
		lines := 120
		if show {
			lines = len(s.trace)
		}
		if err != nil {
			t.Errorf("the history of seed %d, %+v, %d steps: %v\n%s\nPlay it again: go test ./infra/promise/history -seed=%d",
				seed, d, steps, err, s.tell(lines), seed)
		} else if show {
			t.Log(s.tell(lines))
		}
		p.played++
		p.calls += s.net.calls
		for k, n := range s.net.met {
			p.met[k] += n
		}
	})
}
