package main

import (
	"fmt"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// memories are what functions might be given, in megabytes.
var memories = []int{128, 256, 512, 1024}

// call is one of a function, as a mean of what was measured, and what it would take with
// each memory. What is measured of a function with a schedule is all that it may have to
// do in a minute.
type call struct {
	Name    string
	MB      int     // that it has
	Peak    float64 // megabytes that it held at most
	Offered []offer
}

// offer is a call with some memory.
type offer struct {
	Chosen bool
	Took   float64 // milliseconds
	USD    float64 // of a million
}

// calls are those of each function, by which its memory is chosen.
func (m Model) calls() (all []call, err error) {
	second, ok := m.price("lambda.gb-second")
	if !ok {
		return nil, fmt.Errorf("there is no price of %s", "lambda.gb-second")
	}
	for _, f := range function.All() {
		c := call{Name: f.Name, MB: f.MemoryMB, Peak: max(m.Sheet.Peaks[f.Name], m.Inits[f.Name].Peak)}
		one := m.mean(f.Name)
		for _, mb := range memories {
			c.Offered = append(c.Offered, offer{mb == f.MemoryMB, one.takes(mb), 1e6 * one.gigabyteSeconds(mb) * second.each()})
		}
		all = append(all, c)
	}
	return all, nil
}

// mean is what one call of a function does; nothing where none was measured.
func (m Model) mean(name string) (one work) {
	var times float64
	for d, reading := range m.Sheet.Doings {
		w := m.work(d, reading.Amounts, name)
		one.computes += w.computes
		one.waits += w.waits
		times += reading.Amounts.Of(meter.Invocations, name)
	}
	if times == 0 {
		return work{}
	}
	return work{one.computes / times, one.waits / times}
}

// tight names the first function that has no room left: Go's collector works harder from
// three quarters of its memory on (package wiring).
func (m Model) tight() error {
	all, err := m.calls()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Peak > 0.75*float64(c.MB) {
			return fmt.Errorf("%s held %.0f MB of its %d: give it more", c.Name, c.Peak, c.MB)
		}
	}
	return nil
}
