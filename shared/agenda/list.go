package agenda

import (
	"context"
	"errors"

	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
)

// List returns the calendars of every provider that the host has connected. One
// that cannot be asked hides none of another's.
func (a *Agenda) List(ctx context.Context, host string) ([]calendar.Calendar, []calendar.Unlisted, error) {
	var all []calendar.Calendar
	var problems []calendar.Unlisted
	for _, name := range providers {
		listed, err := a.list(ctx, host, name)
		if absent := (*connection.Absent)(nil); errors.As(err, &absent) {
			continue
		}
		if err != nil {
			problems = append(problems, calendar.Unlisted{Provider: string(name), Err: err})
		}
		all = append(all, listed...)
	}
	return all, problems, ctx.Err()
}

func (a *Agenda) list(ctx context.Context, host string, name connection.Provider) ([]calendar.Calendar, error) {
	p, err := a.open(ctx, host, name)
	if err != nil {
		return nil, err
	}
	return p.calendars(ctx)
}

func (g googleCalendars) calendars(ctx context.Context) ([]calendar.Calendar, error) {
	listed, err := g.Calendars(ctx)
	var all []calendar.Calendar
	for _, c := range listed {
		all = append(all, calendar.Calendar{
			Provider: string(connection.Google), ID: c.ID, Name: c.Name, Primary: c.Primary, Writable: c.Owned,
		})
	}
	return all, err
}

func (m microsoftCalendars) calendars(ctx context.Context) ([]calendar.Calendar, error) {
	listed, err := m.Calendars(ctx)
	var all []calendar.Calendar
	for _, c := range listed {
		all = append(all, calendar.Calendar{
			Provider: string(connection.Microsoft), ID: c.ID, Name: c.Name, Primary: c.Default, Writable: c.CanEdit,
		})
	}
	return all, err
}
