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

// Account opens the host's calendars at one provider, for several calls. It returns
// errors for which connection.Lost is true where the host must reconnect.
func (a *Agenda) Account(ctx context.Context, host, provider string) (Account, error) {
	return a.open(ctx, host, connection.Provider(provider))
}

func (a *Agenda) open(ctx context.Context, host string, name connection.Provider) (Account, error) {
	client, c, err := a.Grants.Client(ctx, host, name)
	if err != nil {
		return Account{}, err
	}
	switch name {
	case connection.Google:
		return Account{googleCalendars{&google.Client{HTTP: client, Base: a.GoogleAPIBase}}, name, c.Account.ID}, nil
	case connection.Microsoft:
		return Account{microsoftCalendars{&microsoft.Client{HTTP: client, Base: a.MicrosoftAPIBase}}, name, c.Account.ID}, nil
	}
	return Account{}, &connection.Unsupported{Provider: name}
}

// Account is a provider's calendars for one host. What was written in another account
// than theirs is *connection.OtherAccount.
type Account struct {
	provider
	name connection.Provider
	id   string // the provider's, of whose account it is
}

// Find returns the event if the calendar has it and it is not deleted.
func (a Account) Find(ctx context.Context, calendarID string, r calendar.Reference) (calendar.Written, bool, error) {
	if err := a.reaches(r); err != nil {
		return calendar.Written{}, false, err
	}
	found, ok, err := a.provider.Find(ctx, calendarID, r)
	found.Account = a.id
	return found, ok, err
}

// Insert writes an event under the id that it carries.
func (a Account) Insert(ctx context.Context, calendarID string, e calendar.Event) (calendar.Written, error) {
	written, err := a.provider.Insert(ctx, calendarID, e)
	written.Account = a.id
	return written, err
}

// Delete takes an event out of the calendar. One that is gone already is no error.
func (a Account) Delete(ctx context.Context, calendarID string, r calendar.Reference) error {
	if err := a.reaches(r); err != nil {
		return err
	}
	return a.provider.Delete(ctx, calendarID, r)
}

func (a Account) reaches(r calendar.Reference) error {
	return connection.Reaches(a.name, a.id, r.Account)
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

// Find returns the event if the calendar has it and it is not deleted. It returns
// *connection.OtherAccount for one that was written in another account.
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

// Delete takes an event out of the calendar. One that is gone already is no error;
// one that was written in another account is *connection.OtherAccount.
func (a *Agenda) Delete(ctx context.Context, host string, in page.CalendarRef, r calendar.Reference) error {
	p, err := a.open(ctx, host, connection.Provider(in.Provider))
	if err != nil {
		return err
	}
	return p.Delete(ctx, in.ID, r)
}
