package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// starts measures how long each function takes from its execution to its first question
// for work, and how many times as long as the least function that can be: on the wall's
// clock, which is what guests wait, in the median, and of processor time, which is what is
// paid for, at the least: who else is busy only adds to it.
func starts(ctx context.Context, root, folder string) ([]Figure, error) {
	const turns, allowed = 40, 2.2
	all, err := meter.Starts(ctx, root, folder, turns)
	if err != nil {
		return nil, err
	}
	least := all[meter.Hello]
	figures := []Figure{
		timed("init.hello", middle(least), "ms", 0),
		timed("init.hello.processor", lowest(least), "ms", 0),
	}
	work := []Figure{
		ratio("start.(client)", lowest(all[meter.Client])/lowest(least)),
		ratio("start.(store)", lowest(all[meter.Store])/lowest(least)),
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains([]string{meter.Hello, meter.Client, meter.Store}, name) {
			continue
		}
		figures = append(figures, wall("init."+name, middle(all[name])/middle(least), allowed))
		work = append(work, ratio("start."+name, lowest(all[name])/lowest(least)))
	}
	return append(figures, work...), nil
}

// profile says what starts are made of: those that do nothing, and functions of which
// somebody waits for the first answer.
func (r *Record) profile(ctx context.Context) error {
	return inFolder(func(root, folder string) (err error) {
		r.Profiles, err = meter.Profiles(ctx, root, folder, meter.Hello, meter.Client, meter.Store, function.BookingPage, function.Booking, function.Console)
		return err
	})
}

// middle is the median on the wall's clock.
func middle(all []meter.Init) float64 { return milliseconds(meter.Median(all).Took) }

// lowest is the least processor time.
func lowest(all []meter.Init) float64 {
	return milliseconds(slices.MinFunc(all, func(a, b meter.Init) int { return int(a.Processor - b.Processor) }).Processor)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
