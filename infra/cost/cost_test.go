package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// about compares amounts of money and time, of which the last digits say nothing.
var about = cmpopts.EquateApprox(1e-9, 1e-12)

func prices(t *testing.T) List {
	t.Helper()
	l, err := readList(priceFile)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAPriceSaysSinceWhenAndWhoSaysSo(t *testing.T) {
	const whole = `{"id":"a","service":"S","of":"o","usd":1,"per":10,"asOf":"2026-11-27","source":"https://example.com"}`
	for name, c := range map[string]struct{ line, want string }{
		"whole":        {whole, ""},
		"no date":      {strings.Replace(whole, "2026-11-27", "", 1), "the price a lacks"},
		"no source":    {strings.Replace(whole, "https://example.com", "", 1), "the price a lacks"},
		"per nothing":  {strings.Replace(whole, `"per":10`, `"per":0`, 1), "the price a is none"},
		"there twice":  {whole + "," + whole, "is there twice"},
		"not in JSON!": {"x", "read the prices"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readList([]byte(`{"prices":[` + c.line + `]}`))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// plain are assumptions under which a bill can be done in one's head.
func plain() Assumptions {
	a := usual()
	a.Edge, a.Slower, a.Cold, a.Traced = true, 1, 0, 1
	return a
}

func TestWhatWasMeteredIsPaidFor(t *testing.T) {
	memory := map[string]float64{}
	for _, f := range function.All() {
		memory[f.Name] = float64(f.MemoryMB) / 1024
	}
	for name, c := range map[string]struct {
		doing   meter.Doing
		amounts meter.Amounts
		change  func(*Assumptions)
		want    Usage // but for what is not used
	}{
		"a request": {
			meter.Follow,
			meter.Amounts{{Kind: meter.Requests, By: "GET /api/bookings/{id}"}: 1, {Kind: meter.Invocations, By: function.Booking}: 1, {Kind: meter.SentBytes}: 1 << 30},
			nil,
			Usage{
				"api.request": 1, "lambda.request": 1, "xray.trace": 1, "cloudfront.request": 1, "waf.request": 1, "cloudfront.gb": 1,
				"logs.gb": (900. + 260) / (1 << 30),
			},
		},
		"a request without CloudFront": {
			meter.Follow,
			meter.Amounts{{Kind: meter.Requests, By: "GET /api/bookings/{id}"}: 1, {Kind: meter.SentBytes}: 1 << 29},
			func(a *Assumptions) { a.Edge = false },
			Usage{"api.request": 1, "xray.trace": 1, "api.gb": 0.5, "logs.gb": 260. / (1 << 30)},
		},
		"a second computed, whatever the memory": {
			meter.Book,
			meter.Amounts{{Kind: meter.Processor, By: function.Meeting}: 1000},
			nil,
			Usage{"lambda.gb-second": 1769. / 1024},
		},
		"as much on a slower processor": {
			meter.Book,
			meter.Amounts{{Kind: meter.Processor, By: function.Booking}: 500},
			func(a *Assumptions) { a.Slower = 2 },
			Usage{"lambda.gb-second": 1769. / 1024},
		},
		"who waits for Zoom": {
			meter.Book,
			meter.Amounts{{Kind: meter.Calls, By: "zoom"}: 2},
			nil,
			Usage{"lambda.gb-second": 2 * 0.5 * memory[function.Meeting]},
		},
		"who waits for Zoom in an audit": {
			meter.Audit,
			meter.Amounts{{Kind: meter.Calls, By: "zoom"}: 2},
			nil,
			Usage{"lambda.gb-second": 2 * 0.5 * memory[function.Audit]},
		},
		"trips and units": {
			meter.Book,
			meter.Amounts{{Kind: meter.Trips, By: function.Settle}: 4, {Kind: meter.ReadUnits, By: function.Settle}: 2.5, {Kind: meter.WriteUnits, By: function.Settle}: 3},
			nil,
			Usage{"dynamodb.read": 2.5, "dynamodb.write": 3, "lambda.gb-second": 4 * 0.005 * memory[function.Settle]},
		},
		"a saga with a mail": {
			meter.Book,
			meter.Amounts{{Kind: meter.Calls, By: "stepfunctions"}: 1, {Kind: meter.Calls, By: "ses"}: 1, {Kind: meter.Transitions}: 6},
			func(a *Assumptions) { a.Waits = Waits{} },
			Usage{"xray.trace": 1, "ses.mail": 1, "states.transition": 6},
		},
		"a schedule's run": {
			meter.Minute,
			meter.Amounts{{Kind: meter.Invocations, By: function.Sweep}: 1, {Kind: meter.LogBytes, By: function.Sweep}: 100, {Kind: meter.LogLines, By: function.Sweep}: 1},
			nil,
			Usage{"lambda.request": 1, "xray.trace": 1, "logs.gb": (100. + 26 + 900) / (1 << 30)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := plain()
			if c.change != nil {
				c.change(&a)
			}
			got := Usage{}
			for id, amount := range a.usage(c.doing, c.amounts) {
				if amount != 0 {
					got[id] = amount
				}
			}
			if diff := cmp.Diff(c.want, got, about); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStartReadsItsSecretsAndComputes(t *testing.T) {
	a := plain()
	got := a.starts(meter.Amounts{{Kind: meter.Invocations, By: function.Webhook}: 2}, map[string]meter.Init{function.Webhook: {Processor: 70 * time.Millisecond}})
	for _, id := range []ID{"lambda.gb-second", "secrets.call", "dynamodb.read"} {
		want := map[ID]float64{"lambda.gb-second": 2 * (0.07 + 0.005 + 0.025) / 8, "secrets.call": 2, "dynamodb.read": 1}[id]
		if math.Abs(got[id]-want) > 1e-9 {
			t.Errorf("%s: %g, want %g", id, got[id], want)
		}
	}
}

// model is one of whose doings each makes one request of one processor second.
func model(t *testing.T) Model {
	t.Helper()
	m := Model{Assumptions: plain(), List: prices(t), Deployment: Deployment{Month: Usage{"kms.key": 2}, Edge: true}}
	m.Sheet = meter.Sheet{Doings: map[meter.Doing]meter.Reading{}, Page: make([]meter.Part, 3), Series: 4}
	for _, row := range says {
		m.Sheet.Doings[row.doing] = meter.Reading{Amounts: meter.Amounts{{Kind: meter.Requests, By: "any"}: 1}}
	}
	return m
}

func TestAMonthIsItsBookingsItsHostsAndWhatStandsThere(t *testing.T) {
	m := model(t)
	m.Views, m.Months, m.Fresh, m.Missed = 2, 1, 1, 0.5
	m.Follows, m.Moved, m.Cancelled, m.Remind = 3, 0.5, 0.25, 2
	m.Minutes, m.BookingsOfHost = 720, 10
	// A view: the page, a month, two parts of which one is missed.
	const view = 1 + 1 + 2*0.5
	const booking, change = 1 + 1 + 3, 1 + 1 + 3
	around := booking + 2*view + 2 + (0.5+0.25)*change
	const host = 720/12 + 720/360 + (720/60 + 720/360)
	want := 720 + 30*around + 3*host
	u := m.month(30)
	if got := u["api.request"]; math.Abs(got-want) > 1e-9 {
		t.Errorf("%g requests, want %g", got, want)
	}
	// What CloudFront has is asked of it all the same.
	if got, want := u["cloudfront.request"], want+30*2*2*0.5; math.Abs(got-want) > 1e-9 {
		t.Errorf("%g requests to CloudFront, want %g", got, want)
	}
	if u["kms.key"] != 2 || u["metrics.series"] != 4 || u["cognito.user"] != 0 {
		t.Errorf("what stands there: %v", u)
	}
	if got := m.month(1_000_000)["cognito.user"]; got != 0.5*100_000-10_000 {
		t.Errorf("%g users are paid for", got)
	}
}

func TestWhateverIsUsedHasAPrice(t *testing.T) {
	m := model(t)
	for _, edge := range []bool{true, false} {
		m.Edge = edge
		if _, err := m.bill(m.month(1)); err != nil {
			t.Error(err)
		}
	}
	d := Deployment{Month: Usage{}}
	if err := d.add([]byte(`{"Resources":{"a":{"Type":"AWS::KMS::Key"},"b":{"Type":"AWS::SecretsManager::Secret"},
		"c":{"Type":"AWS::CloudWatch::Dashboard"},"d":{"Type":"AWS::CloudWatch::CompositeAlarm"},"e":{"Type":"AWS::CloudWatch::Alarm"},
		"f":{"Type":"AWS::CloudWatch::Alarm","Properties":{"Metrics":[{"Expression":"m0 + m1"},{"MetricStat":{}},{"MetricStat":{}}]}},
		"g":{"Type":"AWS::WAFv2::WebACL","Properties":{"Rules":[{},{},{}]}},"h":{"Type":"AWS::CloudFront::Distribution"},"i":{"Type":"AWS::IAM::Role"}}}`)); err != nil {
		t.Fatal(err)
	}
	want := Deployment{Edge: true, Month: Usage{
		"kms.key": 1, "secrets.secret": 1, "metrics.dashboard": 1, "metrics.composite": 1, "metrics.alarm": 3, "waf.acl": 1, "waf.rule": 3,
	}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("what stands there (-want +got):\n%s", diff)
	}
	if _, err := m.bill(d.Month); err != nil {
		t.Error(err)
	}
}

func TestThePageSaysWhetherTheTargetIsMet(t *testing.T) {
	for name, c := range map[string]struct {
		transitions float64
		want        string
	}{
		"met":    {6, "The target is met: $0.00"},
		"missed": {60, "The target is missed by $0.00"},
	} {
		t.Run(name, func(t *testing.T) {
			m := model(t)
			m.Sheet.Doings[meter.Book].Amounts[meter.Quantity{Kind: meter.Transitions}] = c.transitions
			p, err := fill(m, true, "1234567")
			if err != nil {
				t.Fatal(err)
			}
			text, err := render(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{c.want, "at commit 1234567", "| 1,000,000 |", "`slower`", "as planned"} {
				if !strings.Contains(string(text), want) {
					t.Errorf("the page lacks %q:\n%s", want, text)
				}
			}
		})
	}
}

func TestFiguresAreReadable(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{usd(0.000341), "$0.00034"}, {usd(0.12), "$0.12"}, {usd(12.345), "$12.35"}, {usd(0), "0"},
		{cents(0.001), "< $0.01"}, {cents(25.9), "$25.90"}, {cents(5333.4), "$5,333"}, {cents(0), "$0.00"},
		{number(1234567), "1,234,567"}, {number(0.0123), "0.0123"}, {number(6), "6"}, {number(-1234), "-1,234"}, {percent(1, 4), "25 %"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWaitsAreSetByName(t *testing.T) {
	w := usual().Waits
	if err := w.Set("zoom=900,dynamodb=4"); err != nil || w["zoom"] != 900 || w["dynamodb"] != 4 || w["google"] != 350 {
		t.Errorf("%v, %v", w, err)
	}
	for _, wrong := range []string{"teams=1", "zoom", "zoom=x", "zoom=-1"} {
		if err := w.Set(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestTheShortFormGoesWhereItsPlaceIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	for _, c := range []struct{ content, want string }{
		{"a\n" + opening + "old\n" + closing + "b\n", "a\n" + opening + "new\n" + closing + "b\n"},
		{"a\n", ""},
	} {
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := replaceShort(file, "new\n")
		got, readErr := os.ReadFile(file)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if c.want == "" && err == nil || c.want != "" && (err != nil || string(got) != c.want) {
			t.Errorf("%q became %q, %v", c.content, got, err)
		}
	}
}
