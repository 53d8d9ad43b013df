package agenda

import (
	"context"

	"yakusoku/shared/connection"
	"yakusoku/shared/mirror"
)

// Every provider's calendars can be copied; Google also tells what changed.
var (
	_ mirror.Source = googleCalendars{}
	_ mirror.Differ = googleCalendars{}
	_ mirror.Source = microsoftCalendars{}
)

// Open gives the host's calendars at one provider to the mirror. It returns errors
// for which connection.Lost is true where the host must reconnect.
func (a *Agenda) Open(ctx context.Context, host, provider string) (mirror.Source, error) {
	p, err := a.open(ctx, host, connection.Provider(provider))
	if err != nil {
		return nil, err
	}
	source, ok := p.provider.(mirror.Source)
	if !ok {
		return nil, &Unmirrored{Provider: provider}
	}
	return source, nil
}

// Unmirrored says that a provider's calendars cannot be copied.
type Unmirrored struct{ Provider string }

func (e *Unmirrored) Error() string { return "the calendars of " + e.Provider + " are not mirrored" }
