package main

import (
	"context"
	"slices"
	"strings"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// consumed counts what each doing asks of the database, and what the page weighs.
func consumed(ctx context.Context, root, folder string) ([]Figure, error) {
	r, err := meter.Start(ctx, root, folder)
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	sheet, err := r.MeasureAll(ctx, func(meter.Doing) {})
	if err != nil {
		return nil, err
	}
	figures := []Figure{
		count("trips.view.sequence", sequence(sheet, meter.View, function.Site), "", 1),
		count("trips.month.sequence", sequence(sheet, meter.Month, function.BookingPage), "", 1),
		count("trips.submit.sequence", untilHeld(sheet), "", 2),
		count("trips.submit.answered", sequence(sheet, meter.Book, function.Booking), "", 0),
	}
	for _, d := range []meter.Doing{
		meter.View, meter.Month, meter.Book, meter.After, meter.Follow, meter.Move, meter.Cancel, meter.Remind,
		meter.Mirror, meter.Audit, meter.Renew, meter.Minute,
	} {
		amounts := sheet.Doings[d].Amounts
		for _, one := range []struct {
			name string
			kind meter.Kind
		}{{"trips", meter.Trips}, {"reads", meter.ReadUnits}, {"writes", meter.WriteUnits}, {"transitions", meter.Transitions}} {
			if n := amounts.Sum(one.kind); n > 0 {
				figures = append(figures, count(one.name+"."+string(d), n, "", 0))
			}
		}
	}
	slices.SortStableFunc(figures, func(a, b Figure) int { return strings.Compare(group(a), group(b)) })
	return append(figures, weight(sheet.Page)...), nil
}

func group(f Figure) string {
	g, _, _ := strings.Cut(f.Name, ".")
	return g
}

// sequence counts the function's trips of which each waited for the one before.
func sequence(sheet meter.Sheet, d meter.Doing, name string) float64 {
	return float64(meter.InSequence(trips(sheet, d, name)))
}

func trips(sheet meter.Sheet, d meter.Doing, name string) []meter.Trip {
	return slices.DeleteFunc(slices.Clone(sheet.Doings[d].Trips), func(t meter.Trip) bool { return t.Function != name })
}

// untilHeld counts a submission's trips up to the one that holds the slot: from there on
// nothing can take it. What is counted afterwards goes on beside the look into the host's
// calendars, which takes longer.
func untilHeld(sheet meter.Sheet) float64 {
	all := trips(sheet, meter.Book, function.Booking)
	for i, t := range all {
		if t.Operation == "TransactWriteItems" {
			all = all[:i+1]
			break
		}
	}
	return float64(meter.InSequence(all))
}

// weight is what a browser gets until the page can be used, packed as it is sent.
func weight(page []meter.Part) []Figure {
	var all, code int
	for _, p := range page {
		all += p.Bytes + p.Head
		code += p.Inline
		if strings.HasSuffix(p.Kind, "javascript") || strings.HasSuffix(p.Kind, "css") {
			code += p.Bytes
		}
	}
	const kb = 1024
	return []Figure{count("page.bytes", float64(all)/kb, "KB", 60), count("page.code", float64(code)/kb, "KB", 30)}
}
