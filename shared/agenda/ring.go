package agenda

import (
	"context"
	"log/slog"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// Ringing is an Agenda that has the mirror look again at a calendar that it moved or
// took an event out of: the slot opens again, even if the provider's word of it is
// lost.
type Ringing struct {
	*Agenda
	Bells mirror.Bells
	Now   func() time.Time
}

// Delete takes an event out of the calendar. One that is gone already is no
// error.
func (r Ringing) Delete(ctx context.Context, host string, in page.CalendarRef, e calendar.Reference) error {
	if err := r.Agenda.Delete(ctx, host, in, e); err != nil {
		return err
	}
	r.ring(ctx, host, in)
	return nil
}

// Update makes the event that the provider holds under that id say what e says.
func (r Ringing) Update(ctx context.Context, host string, in page.CalendarRef, id string, e calendar.Event) error {
	if err := r.Agenda.Update(ctx, host, in, id, e); err != nil {
		return err
	}
	r.ring(ctx, host, in)
	return nil
}

func (r Ringing) ring(ctx context.Context, host string, in page.CalendarRef) {
	k := mirror.Key{Host: host, Calendar: mirror.Name(in)}
	if err := r.Bells.Ring(ctx, k, r.Now(), false); err != nil {
		slog.WarnContext(ctx, "mirror not told of a changed event; the period heals it", "host", host, "error", err)
	}
}
