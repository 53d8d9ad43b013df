// Package meter measures what guests' and hosts' doings consume of the services that
// a deployment pays for: it starts the local run, as `make run` does, with a meter at
// its database's door, and reads off what was called, computed and written. What that
// costs is its callers' to say.
package meter

import "maps"

// Kind is what is counted.
type Kind string

// Kinds of amounts, and what By names in a Quantity of each.
const (
	Requests    Kind = "requests"     // at the front door, by route
	Invocations Kind = "invocations"  // by function
	Processor   Kind = "milliseconds" // of processor time, by function
	Calls       Kind = "calls"        // to a provider or a service other than the database, by its name
	Trips       Kind = "trips"        // to the database, by function
	ReadUnits   Kind = "read units"   // of the database, by function
	WriteUnits  Kind = "write units"  // of the database, by function
	VaultCalls  Kind = "vault calls"  // of KMS on AWS: grants sealed and unsealed, by function
	Transitions Kind = "transitions"  // of state machines
	LogBytes    Kind = "log bytes"    // by function
	LogLines    Kind = "log lines"    // by function
	SentBytes   Kind = "sent bytes"   // to guests, headers and all
)

// Quantity is one thing that is counted.
type Quantity struct {
	Kind Kind
	By   string
}

// Amounts are how much there was of each quantity.
type Amounts map[Quantity]float64

// Plus returns the sum of both.
func (a Amounts) Plus(b Amounts) Amounts { return a.with(b, 1) }

// Minus returns what a has more than b; what it has less is negative.
func (a Amounts) Minus(b Amounts) Amounts { return a.with(b, -1) }

// Times returns n times as much.
func (a Amounts) Times(n float64) Amounts { return Amounts{}.with(a, n) }

func (a Amounts) with(b Amounts, n float64) Amounts {
	sum := maps.Clone(a)
	if sum == nil {
		sum = Amounts{}
	}
	for q, amount := range b {
		if sum[q] += n * amount; sum[q] == 0 {
			delete(sum, q)
		}
	}
	return sum
}

// Sum is how much there was of a kind, whatever it was by.
func (a Amounts) Sum(k Kind) (total float64) {
	for q, amount := range a {
		if q.Kind == k {
			total += amount
		}
	}
	return total
}

// Of is how much there was of one quantity.
func (a Amounts) Of(k Kind, by string) float64 { return a[Quantity{k, by}] }

// By lists a kind's amounts.
func (a Amounts) By(k Kind) map[string]float64 {
	all := map[string]float64{}
	for q, amount := range a {
		if q.Kind == k {
			all[q.By] = amount
		}
	}
	return all
}

// add counts one more, or as many.
func (a Amounts) add(k Kind, by string, amount float64) {
	if amount != 0 {
		a[Quantity{k, by}] += amount
	}
}
