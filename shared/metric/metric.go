// Package metric tells those who operate a deployment how it goes: in lines of the log
// that CloudWatch takes for metrics (CloudWatch User Guide, "Embedded metric format").
// No call leaves a function for it, and nothing is written where no namespace is set.
//
// CloudWatch charges for each series, which is a name under a dimension's value, by the
// hours in which it has data: those values are few, fixed in the code, and never about a
// person or a booking.
package metric

import (
	"context"
	"log/slog"
	"time"
)

// Variable is the environment's variable that holds the namespace.
const Variable = "METRIC_NAMESPACE"

// Dimensions, by whose value the series of a name are told apart.
const (
	Step     = "Step"     // of a saga, after its function: "meeting.create"
	Outcome  = "Outcome"  // of a booking, one of those below
	Route    = "Route"    // method and pattern
	Provider = "Provider" // of meetings or calendars
	State    = "State"    // of a connection: its status, or Disconnected
)

// Names of what is measured.
const (
	StepTime     = "StepTime"     // milliseconds of one attempt
	StepFailures = "StepFailures" // attempts that failed; most are retried
	Bookings     = "Bookings"     // that came to the outcome
	RequestTime  = "RequestTime"  // milliseconds
	DeadGrants   = "DeadGrants"   // whose host must connect again
	Connections  = "Connections"  // that came to the state
)

// NeedsAttention is an outcome besides those that a booking's news names: something is
// left outside that could not be undone yet.
const NeedsAttention = "needs_attention"

// Disconnected is the state of a connection that is not there any more.
const Disconnected = "disconnected"

// namespace is where metrics go; empty: nowhere.
var namespace string

// Start has metrics go to the namespace from now on; a function's main does it once.
func Start(ns string) { namespace = ns }

// Value is one figure.
type Value struct {
	name   string
	unit   string
	amount int64
}

// Count is so many of something.
func Count(name string, n int) Value { return Value{name, "Count", int64(n)} }

// Time is how long something took, to the millisecond.
func Time(name string, took time.Duration) Value {
	return Value{name, "Milliseconds", took.Milliseconds()}
}

// directive is what CloudWatch looks for in a line, under "_aws".
type directive struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []definition
}

type definition struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []unit
}

type unit struct{ Name, Unit string }

// Record writes the values down under one value of the dimension.
func Record(ctx context.Context, dimension, of string, values ...Value) {
	if namespace == "" {
		return
	}
	d := definition{Namespace: namespace, Dimensions: [][]string{{dimension}}}
	attributes := []slog.Attr{slog.String(dimension, of)}
	for _, v := range values {
		d.Metrics = append(d.Metrics, unit{v.name, v.unit})
		attributes = append(attributes, slog.Int64(v.name, v.amount))
	}
	attributes = append(attributes, slog.Any("_aws", directive{time.Now().UnixMilli(), []definition{d}}))
	slog.LogAttrs(ctx, slog.LevelInfo, "measured", attributes...)
}
