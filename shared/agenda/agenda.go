// Package agenda is a host's calendars taken together, whichever providers keep
// them: when the host is busy, and the events we write. Each provider's own ways
// stay in its client.
package agenda

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/page"
)

// Grants gives clients that act for a host. It returns errors for which
// connection.Lost is true where the host must reconnect.
type Grants interface {
	Client(ctx context.Context, host string, p connection.Provider) (*http.Client, connection.Connection, error)
}

// Agenda reaches the calendars of any host.
type Agenda struct {
	Grants           Grants
	GoogleAPIBase    string
	MicrosoftAPIBase string
}

// provider is what every calendar provider can do.
type provider interface {
	Busy(ctx context.Context, calendarIDs []string, from, to time.Time) ([]calendar.Interval, error)
	Find(ctx context.Context, calendarID string, r calendar.Reference) (calendar.Written, bool, error)
	Insert(ctx context.Context, calendarID string, e calendar.Event) (calendar.Written, error)
	Update(ctx context.Context, calendarID, id string, e calendar.Event) error
	Delete(ctx context.Context, calendarID string, r calendar.Reference) error
	calendars(ctx context.Context) ([]calendar.Calendar, error)
}

// providers are all that there are, in the order in which they are listed.
var providers = []connection.Provider{connection.Google, connection.Microsoft}

func (a *Agenda) open(ctx context.Context, host string, name connection.Provider) (provider, error) {
	client, _, err := a.Grants.Client(ctx, host, name)
	if err != nil {
		return nil, err
	}
	switch name {
	case connection.Google:
		return googleCalendars{&google.Client{HTTP: client, Base: a.GoogleAPIBase}}, nil
	case connection.Microsoft:
		return microsoftCalendars{&microsoft.Client{HTTP: client, Base: a.MicrosoftAPIBase}}, nil
	}
	return nil, &connection.Unsupported{Provider: name}
}

// googleCalendars finds events at Google, which holds them under the ids that we
// choose.
type googleCalendars struct{ *google.Client }

func (g googleCalendars) Find(ctx context.Context, calendarID string, r calendar.Reference) (calendar.Written, bool, error) {
	return g.Client.Find(ctx, calendarID, cmp.Or(r.Held, r.ID))
}

func (g googleCalendars) Delete(ctx context.Context, calendarID string, r calendar.Reference) error {
	return g.Client.Delete(ctx, calendarID, cmp.Or(r.Held, r.ID))
}

// microsoftCalendars lists Microsoft's calendars.
type microsoftCalendars struct{ *microsoft.Client }

// Busy returns when the host is busy in [from, to), over all the calendars named.
// A calendar that cannot be read is an error: it is not free.
func (a *Agenda) Busy(ctx context.Context, host string, in []page.CalendarRef, from, to time.Time) ([]calendar.Interval, error) {
	ids := map[string][]string{}
	for _, ref := range in {
		ids[ref.Provider] = append(ids[ref.Provider], ref.ID)
	}
	var all []calendar.Interval
	for name, calendars := range ids {
		p, err := a.open(ctx, host, connection.Provider(name))
		if err != nil {
			return nil, err
		}
		busy, err := p.Busy(ctx, calendars, from, to)
		if err != nil {
			return nil, err
		}
		all = append(all, busy...)
	}
	return all, nil
}

// Find returns the event if the calendar has it and it is not deleted.
func (a *Agenda) Find(ctx context.Context, host string, in page.CalendarRef, r calendar.Reference) (calendar.Written, bool, error) {
	p, err := a.open(ctx, host, connection.Provider(in.Provider))
	if err != nil {
		return calendar.Written{}, false, err
	}
	return p.Find(ctx, in.ID, r)
}

// Insert writes an event under the id that it carries. Safe to repeat, if the
// event says that it is repeated.
func (a *Agenda) Insert(ctx context.Context, host string, in page.CalendarRef, e calendar.Event) (calendar.Written, error) {
	p, err := a.open(ctx, host, connection.Provider(in.Provider))
	if err != nil {
		return calendar.Written{}, err
	}
	return p.Insert(ctx, in.ID, e)
}

// Update makes the event that the provider holds under that id say what e says.
// Safe to repeat.
func (a *Agenda) Update(ctx context.Context, host string, in page.CalendarRef, id string, e calendar.Event) error {
	p, err := a.open(ctx, host, connection.Provider(in.Provider))
	if err != nil {
		return err
	}
	return p.Update(ctx, in.ID, id, e)
}

// Delete takes an event out of the calendar. One that is gone already is no
// error.
func (a *Agenda) Delete(ctx context.Context, host string, in page.CalendarRef, r calendar.Reference) error {
	p, err := a.open(ctx, host, connection.Provider(in.Provider))
	if err != nil {
		return err
	}
	return p.Delete(ctx, in.ID, r)
}
