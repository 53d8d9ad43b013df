package main

import (
	"fmt"
	"maps"
	"slices"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// Usage is how much of each priced thing was used.
type Usage map[ID]float64

// plus adds n times the other.
func (u Usage) plus(n float64, other Usage) Usage {
	sum := maps.Clone(u)
	if sum == nil {
		sum = Usage{}
	}
	for id, amount := range other {
		sum[id] += n * amount
	}
	return sum
}

// Bill is what a usage costs, by service.
type Bill map[string]float64

func (l List) bill(u Usage) (Bill, error) {
	b := Bill{}
	for id, amount := range u {
		p, ok := l.price(id)
		if !ok {
			return nil, fmt.Errorf("there is no price of %s", id)
		}
		b[p.Service] += amount * p.each()
	}
	return b, nil
}

// total is the sum but for what services named cost.
func (b Bill) total(but ...string) (sum float64) {
	for service, usd := range b {
		if !slices.Contains(but, service) {
			sum += usd
		}
	}
	return sum
}

// ses is the one service that the target of a booking's cost leaves out.
const ses = "SES"

const (
	gigabyte = 1 << 30
	// megabytesOfOne is the memory at which a function has one processor (Lambda Developer
	// Guide, "Configure Lambda function memory"). With less it has as much less of one.
	megabytesOfOne = 1769
	// logOverhead is what CloudWatch adds to each line ("Amazon CloudWatch Pricing").
	logOverhead = 26
)

// usage turns what was metered into what is paid for. It leaves the starts of processes
// out: those are a share of all invocations.
func (a Assumptions) usage(d meter.Doing, m meter.Amounts) Usage {
	u := Usage{
		"api.request":       m.Sum(meter.Requests),
		"lambda.request":    m.Sum(meter.Invocations),
		"lambda.gb-second":  a.gigabyteSeconds(d, m),
		"dynamodb.read":     m.Sum(meter.ReadUnits),
		"dynamodb.write":    m.Sum(meter.WriteUnits),
		"states.transition": m.Sum(meter.Transitions),
		"ses.mail":          m.Of(meter.Calls, "ses"),
		"kms.call":          m.Sum(meter.VaultCalls),
		"logs.gb":           a.logs(m) / gigabyte,
		"xray.trace":        a.Traced * traces(m),
	}
	sent := m.Sum(meter.SentBytes) / gigabyte
	if !a.Edge {
		u["api.gb"] = sent
		return u
	}
	u["cloudfront.gb"] = sent
	u["cloudfront.request"], u["waf.request"] = m.Sum(meter.Requests), m.Sum(meter.Requests)
	return u
}

// gigabyteSeconds are those of the functions.
func (a Assumptions) gigabyteSeconds(d meter.Doing, m meter.Amounts) (total float64) {
	for _, f := range function.All() {
		total += a.work(d, m, f.Name).gigabyteSeconds(f.MemoryMB)
	}
	return total
}

// work is what a function does, in milliseconds: what it computes, on one processor of
// Lambda's, and what it waits.
type work struct{ computes, waits float64 }

// work is a function's in a doing.
func (a Assumptions) work(d meter.Doing, m meter.Amounts, name string) work {
	w := work{
		computes: m.Of(meter.Processor, name) * a.Slower,
		waits:    m.Of(meter.Trips, name)*a.Waits["dynamodb"] + m.Of(meter.VaultCalls, name)*a.Waits["kms"],
	}
	for service, calls := range m.By(meter.Calls) {
		if waits(d, service) == name {
			w.waits += calls * a.Waits[service]
		}
	}
	return w
}

// takes is how many milliseconds the work takes with so much memory, which brings a share
// of a processor.
func (w work) takes(megabytes int) float64 {
	return w.computes*max(1, megabytesOfOne/float64(megabytes)) + w.waits
}

// gigabyteSeconds are what is paid for: what is computed is the same for any share of a
// processor, what is waited is more for more.
func (w work) gigabyteSeconds(megabytes int) float64 {
	return w.takes(megabytes) / 1000 * float64(megabytes) / 1024
}

// waits is the function that waits for a service in a doing.
func waits(d meter.Doing, service string) string {
	switch d {
	case meter.Remind:
		return function.Sweep
	case meter.Audit:
		return function.Audit
	case meter.Renew:
		return function.Health
	case meter.Mirror:
		return function.Mirror
	case meter.After:
		if service == "zoom" {
			return function.Audit
		}
		return function.Mirror
	}
	switch service {
	case "zoom":
		return function.Meeting
	case "ses":
		return function.Mail
	case "stepfunctions":
		return function.Booking
	default:
		return function.Event
	}
}

// logs are the bytes that CloudWatch is charged for.
func (a Assumptions) logs(m meter.Amounts) float64 {
	written := m.Sum(meter.LogBytes) + logOverhead*m.Sum(meter.LogLines)
	return written + m.Sum(meter.Invocations)*a.PlatformLog + m.Sum(meter.Requests)*a.AccessLog
}

// traces counts the beginnings: a request at the front door, a saga, a schedule's run.
func traces(m meter.Amounts) float64 {
	n := m.Sum(meter.Requests) + m.Of(meter.Calls, "stepfunctions")
	for _, f := range function.All() {
		if f.Every > 0 {
			n += m.Of(meter.Invocations, f.Name)
		}
	}
	return n
}

// starts is the usage of starting each of the functions that were invoked, once for every
// invocation.
func (a Assumptions) starts(m meter.Amounts, inits map[string]meter.Init) Usage {
	u := Usage{}
	for _, f := range function.All() {
		times := m.Of(meter.Invocations, f.Name)
		secrets := float64(secretsOf(f))
		// Its init has one processor, whatever its memory ("Lambda execution environments").
		took := inits[f.Name].Processor.Seconds()*a.Slower + (a.Waits["dynamodb"]+a.Waits["secrets"]*min(1, secrets))/1000
		u["lambda.gb-second"] += times * took * float64(f.MemoryMB) / 1024
		u["secrets.call"] += times * secrets
		u["dynamodb.read"] += times * 0.5 // it looks whether the table is there
	}
	return u
}

// secretsOf counts what a function reads of Secrets Manager when it starts.
func secretsOf(f function.Function) (n int) {
	kept := []string{function.GuestTokenSecret, function.ZoomClient, function.ZoomWebhookSecret, function.GoogleClient, function.MicrosoftClient}
	for _, name := range f.Environment() {
		if slices.Contains(kept, name) {
			n++
		}
	}
	return n
}
