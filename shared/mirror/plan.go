package mirror

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"yakusoku/shared/connection"
	"yakusoku/shared/page"
)

// plan makes the calendars that are copied those that the host's pages check, at
// the providers that the host has connected.
func (m *Mirror) plan(ctx context.Context, l Lease, opened *sources) error {
	host := l.Key.Host
	pages, err := m.Ledger.Pages(ctx, host)
	if err != nil {
		return err
	}
	connections, err := m.Ledger.Connections(ctx, host)
	if err != nil {
		return err
	}
	copied, err := m.Ledger.Mirrored(ctx, host)
	if err != nil {
		return err
	}
	wanted := wantedBy(host, pages, connections)
	if len(wanted) > maxMirrored {
		slog.WarnContext(ctx, "more calendars are checked than are copied", "host", host, "checked", len(wanted))
		for _, name := range slices.Sorted(maps.Keys(wanted))[maxMirrored:] {
			delete(wanted, name)
		}
	}
	var errs error
	for _, c := range copied {
		if _, ok := wanted[Name(c.Ref)]; !ok {
			m.end(ctx, c, opened)
			errs = errors.Join(errs, m.Ledger.Unmirror(ctx, c.Key()))
		}
	}
	known := map[string]Calendar{}
	for _, c := range copied {
		known[Name(c.Ref)] = c
	}
	var names []string
	for name, w := range wanted {
		names = append(names, name)
		if w.outdates(known) {
			errs = errors.Join(errs, m.Ledger.Mirror(ctx, w.Calendar, m.Now()))
		}
	}
	errs = errors.Join(errs, m.Ledger.KeepBusy(ctx, host, names))
	if errs != nil {
		return errs // the lease ends by itself, and the plan is due again
	}
	next := time.Time{}
	if len(wanted) > 0 {
		next = m.Now().Add(jittered(planEvery))
	}
	return m.Ledger.ReturnPlan(ctx, l, next)
}

// maxMirrored bounds a host's calendars that are copied, so that one host's keep
// no other's waiting. What is beyond is looked at when somebody books.
const maxMirrored = 50

// wish is a calendar as pages and connections want it copied.
type wish struct {
	Calendar
	alive bool // whether its grant works
}

// wantedBy lists the calendars to copy by name: those that any page checks, as far
// as the one that looks the furthest.
func wantedBy(host string, pages []page.Page, connections []connection.Connection) map[string]wish {
	linked := map[string]connection.Connection{}
	for _, c := range connections {
		linked[string(c.Provider)] = c
	}
	wanted := map[string]wish{}
	for _, p := range pages {
		for _, ref := range p.Calendars.Check {
			grant, ok := linked[ref.Provider]
			if !ok {
				continue
			}
			wanted[Name(ref)] = wish{
				Calendar: Calendar{
					Host: host, Ref: ref, ConnectedAt: grant.ConnectedAt.Truncate(time.Millisecond).UTC(), // as it is kept
					HorizonDays: max(p.HorizonDays, wanted[Name(ref)].HorizonDays),
				},
				alive: grant.Status == connection.Connected,
			}
		}
	}
	return wanted
}

// outdates reports whether the calendar is to be read because of the plan.
func (w wish) outdates(known map[string]Calendar) bool {
	c, ok := known[Name(w.Ref)]
	switch {
	case !w.alive:
		return false
	case !ok, c.Parked:
		return true
	}
	return c.HorizonDays != w.HorizonDays || !c.ConnectedAt.Equal(w.ConnectedAt)
}

// end closes the channel of a calendar that is no longer copied, as far as its
// provider can be reached.
func (m *Mirror) end(ctx context.Context, c Calendar, opened *sources) {
	if c.State.Channel.ID == "" {
		return
	}
	source, err := opened.get(ctx, c.Host, c.Ref.Provider)
	if err != nil {
		if !connection.Lost(err) {
			slog.InfoContext(ctx, "channel not ended; it ends by itself", append(c.describe(), "error", err)...)
		}
		return
	}
	m.unwatch(ctx, c, source, c.State.Channel)
}
