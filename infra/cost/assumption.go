package main

import (
	"flag"
	"fmt"
	"strings"
)

// Assumptions are what the bill rests on besides what was measured.
type Assumptions struct {
	Edge bool // CloudFront and WAF stand before the front door

	Slower      float64 // a processor of Lambda's, in this machine's
	Waits       Waits
	Cold        float64 // share of invocations that start a process
	Traced      float64 // share of beginnings that X-Ray records
	PlatformLog float64 // bytes that Lambda writes about an invocation
	AccessLog   float64 // bytes that API Gateway writes about a request

	Views, Fresh, Missed, Months      float64
	Follows, Moved, Cancelled, Remind float64
	BookingsOfHost, SignedIn, Minutes float64
	KeptMonths, BookingKB             float64
}

// Waits are milliseconds that a call to a service takes.
type Waits map[string]float64

func (w Waits) String() string {
	var all []string
	for _, service := range []string{"dynamodb", "stepfunctions", "ses", "kms", "secrets", "zoom", "google", "microsoft"} {
		all = append(all, fmt.Sprintf("%s=%g", service, w[service]))
	}
	return strings.Join(all, ",")
}

// Set reads "service=milliseconds,…"; those that are not named stay.
func (w Waits) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		service, took, _ := strings.Cut(part, "=")
		var ms float64
		if _, known := w[service]; !known {
			return fmt.Errorf("%q is none of the services", service)
		}
		if _, err := fmt.Sscanf(took, "%g", &ms); err != nil || ms < 0 {
			return fmt.Errorf("%q is not a number of milliseconds", took)
		}
		w[service] = ms
	}
	return nil
}

// assumption is one as people set and read it.
type assumption struct {
	name  string
	value any // *float64 or Waits
	why   string
}

// usual are the assumptions that hold unless other ones are made.
func usual() Assumptions {
	return Assumptions{
		Slower: 1.5, Cold: 0.1, Traced: 1, PlatformLog: 900, AccessLog: 260,
		Waits: Waits{"dynamodb": 5, "stepfunctions": 60, "ses": 120, "kms": 10, "secrets": 25, "zoom": 500, "google": 350, "microsoft": 500},
		Views: 10, Fresh: 0.8, Missed: 0.1, Months: 0.5,
		Follows: 7, Moved: 0.1, Cancelled: 0.1, Remind: 2,
		BookingsOfHost: 20, SignedIn: 0.5, Minutes: 43_800, KeptMonths: 12, BookingKB: 4,
	}
}

// list is all of them, with the reason for each.
func (a *Assumptions) list() []assumption {
	return []assumption{
		{"slower", &a.Slower, "how much longer a processor of Lambda's (Graviton2) takes than the machine that measured; below 1,769 MB a function has a share of one, and is billed as much longer"},
		{"waits", a.Waits, "milliseconds of one call: nothing local waits as AWS and the providers do; of calls made side by side each counts"},
		{"cold", &a.Cold, "share of invocations that start a process; what starts take is measured, and the secrets that they read are counted"},
		{"traced", &a.Traced, "share of requests, sagas and scheduled runs that X-Ray records: all, up to one a second of each function"},
		{"platform-log", &a.PlatformLog, "bytes of Lambda's own JSON lines about an invocation: start, end, report"},
		{"access-log", &a.AccessLog, "bytes of API Gateway's line about a request (infra/api.go)"},
		{"views", &a.Views, "times that a booking page is opened for each booking made"},
		{"fresh", &a.Fresh, "share of those by a browser that has nothing of the page yet"},
		{"missed", &a.Missed, "share of scripts and styles that CloudFront does not have either; without it all are asked of the function"},
		{"months", &a.Months, "further months that are looked at for each view"},
		{"follows", &a.Follows, "times that a guest's page reads a booking until it is settled, at its pace (progress.ts) in about three seconds"},
		{"moved", &a.Moved, "share of bookings that are moved"},
		{"cancelled", &a.Cancelled, "share of bookings that are cancelled"},
		{"reminders", &a.Remind, "reminders of a booking: a page's default"},
		{"bookings-of-host", &a.BookingsOfHost, "bookings of a host in a month; by it there are so many hosts, whose calendars are read, bookings audited and grants renewed all month"},
		{"signed-in", &a.SignedIn, "share of hosts who sign in within a month: Cognito asks for those beyond 10,000"},
		{"minutes", &a.Minutes, "minutes of a month"},
		{"kept-months", &a.KeptMonths, "months for which bookings are kept"},
		{"booking-kb", &a.BookingKB, "KB of a booking that is kept, indexes and all"},
	}
}

// flags lets each be set.
func (a *Assumptions) flags(set *flag.FlagSet) {
	for _, one := range a.list() {
		switch value := one.value.(type) {
		case *float64:
			set.Float64Var(value, one.name, *value, one.why)
		case Waits:
			set.Var(value, one.name, one.why)
		}
	}
}

func (o assumption) text() string {
	if value, ok := o.value.(*float64); ok {
		return fmt.Sprintf("%g", *value)
	}
	return strings.ReplaceAll(fmt.Sprint(o.value), ",", ", ")
}
