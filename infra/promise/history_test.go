package promise_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/fault"
)

var seedFlag = flag.Uint64("seed", 0, "of the random histories; 0: any")

const stories = 40

// act is what a guest asks for.
type act string

const (
	books   act = "book"
	moves   act = "move"
	cancels act = "cancel"
)

// story is one guest's booking, and a model of what became of it.
type story struct {
	*trial
	key    string // of the submission
	asks   act
	status chan int // takes the answer to that; 0 if none came

	at, other slot // where it stands, and where it may be moved
	over      bool
	mails     []string // of which kinds both got one
}

// Forty guests at once book, move and cancel as it comes; calls fail; and in each round
// everything is killed at some call. Package history plays many in one process:
// here the processes, the engines and the kills are real.
func TestRandomHistoriesGoOnThroughKills(t *testing.T) {
	t.Parallel()
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) % 1e9
	}
	t.Logf("play it again: go test ./infra/promise -run '^%s$' -seed=%d", t.Name(), seed)
	chance := mathrand.New(mathrand.NewPCG(seed, 0))
	d := desks[[]string{"Google", "Outlook"}[chance.IntN(2)]](t, hurried...)
	open := d.slots(t)
	all := make([]*story, stories)
	for i := range all {
		all[i] = &story{
			trial: &trial{desk: d, receipt: receipt{guest: someone()}}, key: rand.Text(), asks: books, at: open[2*i], other: open[2*i+1],
		}
	}
	d.play(t, chance, all)
	rounds := 4 // after the one that books
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		var acting []*story
		for _, s := range all {
			if s.over || chance.IntN(4) == 0 {
				continue
			}
			if s.asks = moves; chance.IntN(rounds+1) <= round/2 {
				s.asks = cancels
			}
			acting = append(acting, s)
		}
		d.play(t, chance, acting)
	}
	sideBySide(t, len(all), func(i int) string { return "guest " + fmt.Sprint(i) }, func(t *testing.T, i int) { all[i].holds(t) })
	figure(t, "histories.killed", stories)
}

// play has all ask at once, kills everything at some call, and goes on: who was not
// answered asks again.
func (d desk) play(t *testing.T, chance *mathrand.Rand, asking []*story) {
	t.Helper()
	d.mend(t)
	d.fail(t, fault.Rule{Match: anyCall, Kind: fault.HangBefore, After: 1 << 30}) // counts
	for _, s := range asking {
		if chance.IntN(3) == 0 {
			s.meetsAny(t, chance)
		}
	}
	until := chance.IntN(15 * len(asking))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, s := range asking {
		s.status = make(chan int, 1)
		go func() { s.status <- s.ask(ctx) }()
	}
	eventually(t, "some calls are made", func() error {
		if n := len(d.rules(t)[0].Met); n < until {
			return fmt.Errorf("%d of %d", n, until)
		}
		return nil
	})
	d.kill()
	cancel()
	for _, s := range asking {
		s.status <- <-s.status // it is in, whatever it is
	}
	d.run(t)
	sideBySide(t, len(asking), func(i int) string { return string(asking[i].asks) + " " + asking[i].guest }, func(t *testing.T, i int) {
		asking[i].goesOn(t)
	})
}

// meetsAny has one of the coming calls fail, for a while.
func (s *story) meetsAny(t *testing.T, chance *mathrand.Rand) {
	t.Helper()
	match := []string{createMeeting, updateMeeting, deleteMeeting, insertEvent, insertOutlook, s.updateEvent, s.deleteEvent}[chance.IntN(7)]
	all := passing(match)
	for _, r := range all[chance.IntN(len(all))] {
		s.fail(t, r) // whoever comes first meets it
	}
}

// ask asks for what the story asks, and returns the answer's status; 0 for none.
func (s *story) ask(ctx context.Context) int {
	path, body, header := "/api/bookings/"+s.ID, `{}`, map[string]string{"Authorization": "Bearer " + s.Token}
	switch s.asks {
	case books:
		path, body, header = "/api/pages/demo/intro/bookings", submission(s.at.Start, s.guest), map[string]string{"Idempotency-Key": s.key}
	case moves:
		path, body = path+"/reschedule", fmt.Sprintf(`{"start":%q}`, s.other.Start)
	case cancels:
		path += "/cancel"
	}
	a, err := do(ctx, "POST", s.Front+path, body, header)
	if err != nil {
		return 0
	}
	if a.Status == http.StatusAccepted && s.asks == books {
		if err := json.Unmarshal(a.Body, &s.receipt); err != nil {
			return 0
		}
	}
	return a.Status
}

// goesOn waits until what was asked for is done, and tells the model.
func (s *story) goesOn(t *testing.T) {
	t.Helper()
	status := <-s.status
	eventually(t, "it is accepted", func() error {
		if status != http.StatusAccepted {
			status = s.ask(t.Context())
		}
		if status != http.StatusAccepted {
			return fmt.Errorf("status %d", status)
		}
		return nil
	})
	s.rests(t, s.receipt)
	switch s.asks {
	case books:
		s.mails = []string{confirmed}
	case moves:
		s.at, s.other = s.other, s.at
		s.mails = append(s.mails, moved)
	case cancels:
		s.over = true
		s.mails = append(s.mails, cancelled)
	}
}

// holds compares everything with the model. A mail may be there twice: nobody knew
// that it was out.
func (s *story) holds(t *testing.T) {
	t.Helper()
	is := s.stance(t, s.receipt)
	is.GuestMails, is.HostMails = slices.Compact(is.GuestMails), slices.Compact(is.HostMails)
	want := at(s.at.Start, slices.Compact(slices.Clone(s.mails))...)
	if s.over {
		want.Meeting, want.Event, want.Meetings, want.Events, want.URL = "", "", 0, 0, false
	}
	if diff := cmp.Diff(want, is); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !s.over == s.offers(t, s.at.Start) || !s.offers(t, s.other.Start) {
		t.Errorf("%s is offered: %v; %s: %v", s.at.Start, s.offers(t, s.at.Start), s.other.Start, s.offers(t, s.other.Start))
	}
}
