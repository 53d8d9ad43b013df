package promise_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yakusoku/infra/local/fault"
)

// What dies at any call of a change of plans comes to the end of that change once it
// runs again. The calls are those that the change makes when nothing fails.

// change is what a guest does.
type change struct {
	// ask asks for it, and returns the answer's status; 0 for none.
	ask    func(*trial, context.Context) int
	always []fault.Rule // in force whatever else happens
	// before and after are the kinds of mails that both get.
	before, after []string
	at            func(*trial) slot // where the booking stands in the end; nil: nowhere
}

var changes = map[string]change{
	"book":   {ask: (*trial).submit, after: []string{confirmed}, at: first},
	"cancel": {ask: asksFor("cancel", cancelBody), before: []string{confirmed}, after: []string{cancelled}},
	"move":   {ask: asksFor("reschedule", moveBody), before: []string{confirmed}, after: []string{moved}, at: second},
	"move to another meeting": {
		ask: asksFor("reschedule", moveBody), before: []string{confirmed}, after: []string{moved}, at: second, always: []fault.Rule{mayNotUpdate},
	},
}

func first(tr *trial) slot  { return tr.from }
func second(tr *trial) slot { return tr.to }

func cancelBody(*trial) string  { return `{"message":"予定が変わりました"}` }
func moveBody(tr *trial) string { return fmt.Sprintf(`{"start":%q}`, tr.to.Start) }

func asksFor(path string, body func(*trial) string) func(*trial, context.Context) int {
	return func(tr *trial, ctx context.Context) int {
		a, err := do(ctx, "POST", tr.Front+"/api/bookings/"+tr.ID+"/"+path, body(tr), map[string]string{"Authorization": "Bearer " + tr.Token})
		if err != nil {
			return 0
		}
		return a.Status
	}
}

// anyCall is every call over HTTP about a booking.
const anyCall = "* * /**"

// brink is a booking whose change is about to die.
type brink struct {
	*trial
	point
	answered chan int // takes the status that its guest was told
}

// point is where something dies: at a call, before or after its effect.
type point struct {
	at    int // the call's place among all, from 0
	call  string
	after bool
	twice [2]bool // the guest's mail is out and nobody knows; the host's
}

func (p point) String() string {
	if p.after {
		return fmt.Sprintf("%d after %s", p.at, p.call)
	}
	return fmt.Sprintf("%d before %s", p.at, p.call)
}

// pointsOf are those before every call, and after every one that has an effect.
func pointsOf(calls []string) []point {
	var all []point
	mails, unknown := 0, false // whether the last mail that is out is not recorded
	for at, call := range calls {
		p := point{at: at, call: call}
		if unknown {
			p.twice[mails-1] = true
		}
		all = append(all, p)
		if !writes(call) {
			continue
		}
		if unknown = call == sendMail; unknown {
			mails++
		}
		p = point{at: at, call: call, after: true}
		if unknown {
			p.twice[mails-1] = true
		}
		all = append(all, p)
	}
	return all
}

func writes(call string) bool {
	return !strings.Contains(call, " GET ") && !slices.Contains([]string{"dynamodb POST /GetItem", "dynamodb POST /BatchGetItem", "dynamodb POST /Query"}, call)
}

// doomed are settings of what is to be killed: nobody gives up before, and nobody
// begins anew.
var doomed = []string{"PROVIDER_TIMEOUT=25s", "SETTLE_WITHIN=6s", "SWEEP_EVERY=0s", "MIRROR_EVERY=0s", "AUDIT_EVERY=0s", "HEALTH_EVERY=0s"}

// together is how many die at once.
const together = 24

func TestAfterAKillAtAnyCallEveryChangeComesToItsEnd(t *testing.T) {
	t.Parallel()
	kills := ofEach(t, changes, func(t *testing.T, c change) int {
		return atEachDesk(t, func(t *testing.T, d desk) int {
			points := sample(pointsOf(d.callsOf(t, c)))
			t.Logf("%d points: %v", len(points), points)
			for some := range slices.Chunk(points, together) {
				if d.dieAndGoOn(t, c, some); t.Failed() {
					break // what was left stands in the way of others
				}
			}
			d.holdsNothing(t)
			return len(points)
		}, doomed...)
	})
	figure(t, "faults.kills", kills)
}

// callsOf are the calls that the change makes when nothing fails.
func (d desk) callsOf(t *testing.T, c change) []string {
	t.Helper()
	tr := d.ready(t, c, d.pairs(t)[0])
	tr.meets(t, fault.Rule{Match: anyCall, Kind: fault.HangBefore, After: 1000})
	tr.meets(t, c.always...)
	if status := c.ask(tr, t.Context()); status != http.StatusAccepted {
		t.Fatalf("status %d", status)
	}
	var calls []string
	eventually(t, "the change is done", func() error {
		calls = nil
		for _, call := range tr.own(t)[0].Met {
			calls = append(calls, anonymous(call))
		}
		if n := count(calls, sendMail); n < 2 || calls[len(calls)-1] == sendMail {
			return fmt.Errorf("%d mails are out, after %v", n, calls)
		}
		return nil
	})
	tr.rests(t, tr.receipt)
	if c.at != nil {
		tr.cancel(t, tr.receipt)
		tr.rests(t, tr.receipt)
	}
	return calls
}

// ready is a trial for which the change may be asked.
func (d desk) ready(t *testing.T, c change, pair [2]slot) *trial {
	t.Helper()
	tr := d.planned(pair)
	if c.before != nil {
		tr.stand(t)
	}
	return tr
}

// named are the parts of a path that differ from one booking to the next.
var named = regexp.MustCompile(`/([^/ ]*[0-9]{4}[^/ ]*|[^/ ]{20,})`)

func anonymous(call string) string { return named.ReplaceAllString(call, "/*") }

func count(calls []string, one string) int {
	n := 0
	for _, c := range calls {
		if c == one {
			n++
		}
	}
	return n
}

func (d desk) dieAndGoOn(t *testing.T, c change, points []point) {
	t.Helper()
	pairs := d.pairs(t)
	brinks := make([]*brink, len(points))
	sideBySide(t, len(points), func(i int) string { return "to the brink: " + points[i].String() }, func(t *testing.T, i int) {
		b := &brink{trial: d.ready(t, c, pairs[i]), point: points[i], answered: make(chan int, 1)}
		b.comesToTheBrink(t, c)
		brinks[i] = b
	})
	if t.Failed() {
		return
	}
	d.kill()
	told := make([]int, len(brinks))
	for i, b := range brinks {
		told[i] = <-b.answered
	}
	// Nobody is silent from here on: only a busy machine is slow, and a mail that is given
	// up for that goes out twice.
	d.options = slices.Concat(hurried, []string{"PROVIDER_TIMEOUT=10s"})
	d.run(t)
	sideBySide(t, len(brinks), func(i int) string { return points[i].String() }, func(t *testing.T, i int) {
		brinks[i].comesToItsEnd(t, c, told[i] == http.StatusAccepted)
	})
	d.kill()
	d.options = doomed
	d.run(t)
}

// comesToTheBrink has the change stop at its call.
func (b *brink) comesToTheBrink(t *testing.T, c change) {
	t.Helper()
	stop := fault.Rule{Match: anyCall, Kind: fault.HangBefore, After: b.at, Times: 1}
	if b.after {
		stop.Kind = fault.HangAfter
	}
	b.meets(t, stop)
	// A saga that was started goes on without who started it, and would be anywhere, a
	// mail on its way, by the time that the others are at their calls.
	// Nor is the call made again when who made it gives up. The rule above takes the one
	// that this rule does not see.
	b.meets(t, fault.Rule{Match: anyCall, Kind: fault.HangBefore, After: b.at})
	b.meets(t, c.always...)
	go func() { b.answered <- c.ask(b.trial, context.WithoutCancel(t.Context())) }()
	eventually(t, "the change is at its call", func() error {
		rule := b.own(t)[0]
		if rule.Hits == 0 || b.after && rule.Landed == 0 {
			return fmt.Errorf("the calls so far: %v", rule.Met)
		}
		if met := anonymous(rule.Met[b.at]); met != b.call {
			t.Fatalf("it is at %s", met)
		}
		return nil
	})
}

// comesToItsEnd is what is expected after all: by itself, if the guest knows that the
// change was accepted; else the guest asks once more.
func (b *brink) comesToItsEnd(t *testing.T, c change, accepted bool) {
	t.Helper()
	b.meets(t, c.always...)
	if !accepted {
		eventually(t, "the change is accepted", func() error {
			if status := c.ask(b.trial, t.Context()); status != http.StatusAccepted {
				return fmt.Errorf("status %d", status)
			}
			return nil
		})
	}
	b.rests(t, b.receipt)
	toGuest, toHost := c.tells(b.twice[0]), c.tells(b.twice[1])
	if c.at != nil {
		want := at(c.at(b.trial).Start)
		want.GuestMails, want.HostMails = toGuest, toHost
		b.stands(t, b.receipt, want)
		b.cancel(t, b.receipt)
		b.rests(t, b.receipt)
		toGuest, toHost = append(toGuest, cancelled), append(toHost, cancelled)
	}
	b.becomes(t, b.receipt, world{GuestMails: toGuest, HostMails: toHost})
	if !b.offers(t, b.from.Start) || !b.offers(t, b.to.Start) {
		t.Error("a slot is not offered again")
	}
}

// tells are the mails to one side. That of the change may be there twice: nobody knew
// that it was out.
func (c change) tells(twice bool) []string {
	all := slices.Concat(c.before, c.after)
	if twice {
		all = append(all, c.after...)
	}
	return all
}
