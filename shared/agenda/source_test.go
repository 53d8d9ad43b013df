package agenda_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/agenda"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/mirror"
)

func TestEachProvidersCalendarsCanBeCopied(t *testing.T) {
	o := open(t)
	for p, ref := range o.calendars() {
		t.Run(string(p), func(t *testing.T) {
			e := calendar.Event{ID: calendar.EventID("b1", 0), Booking: "b1", Title: "面談", Start: start, End: start.Add(time.Hour), TimeZone: "Asia/Tokyo"}
			if _, err := o.Insert(t.Context(), "demo", ref, e); err != nil {
				t.Fatal(err)
			}
			source, err := o.Open(t.Context(), "demo", ref.Provider)
			if err != nil {
				t.Fatal(err)
			}
			busy, err := source.Busy(t.Context(), []string{ref.ID}, start.Add(-time.Hour), start.Add(24*time.Hour))
			if diff := cmp.Diff([]calendar.Interval{{Start: start, End: start.Add(time.Hour)}}, busy); diff != "" || err != nil {
				t.Errorf("busy, %v (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("a grant that is lost is told", func(t *testing.T) {
		o.lost[connection.Google] = &connection.Dead{Provider: connection.Google}
		if _, err := o.Open(t.Context(), "demo", "google"); !connection.Lost(err) {
			t.Errorf("opened: %v", err)
		}
	})
}

// bells notes what is rung, and fails if it is told to.
type bells struct {
	rung []mirror.Key
	err  error
}

func (b *bells) BellOf(context.Context, mirror.Key) (string, []byte, bool, error) {
	return "", nil, false, nil
}

func (b *bells) Ring(_ context.Context, k mirror.Key, _ time.Time, _ bool) error {
	b.rung = append(b.rung, k)
	return b.err
}

func TestTheMirrorIsToldOfAnEventThatIsTakenOut(t *testing.T) {
	o := open(t)
	ref := o.calendars()[connection.Google]
	b := &bells{err: errors.New("the table is away")}
	ringing := agenda.Ringing{Agenda: &o.Agenda, Bells: b, Now: time.Now}
	e := calendar.Event{ID: calendar.EventID("b1", 0), Booking: "b1", Title: "面談", Start: start, End: start.Add(time.Hour), TimeZone: "Asia/Tokyo"}
	if _, err := ringing.Insert(t.Context(), "demo", ref, e); err != nil {
		t.Fatal(err)
	}
	if err := ringing.Delete(t.Context(), "demo", ref, calendar.Reference{ID: e.ID}); err != nil {
		t.Errorf("the event is gone, and the deletion fails: %v", err)
	}
	if diff := cmp.Diff([]mirror.Key{{Host: "demo", Calendar: mirror.Name(ref)}}, b.rung); diff != "" {
		t.Errorf("rung (-want +got):\n%s", diff)
	}
	o.lost[connection.Google] = &connection.Dead{Provider: connection.Google}
	if err := ringing.Delete(t.Context(), "demo", ref, calendar.Reference{ID: e.ID}); !connection.Lost(err) || len(b.rung) != 1 {
		t.Errorf("a deletion that failed: %v, rung %d times", err, len(b.rung))
	}
}
