package booking_test

import (
	"errors"
	"testing"
	"time"

	"yakusoku/shared/booking"
)

// A guest whose answer was lost asks again. That the booking stands there is the
// answer, though its host is still to be told.
func TestAMoveThatCameAboutIsAnsweredAsDoneWhoeverIsStillToBeTold(t *testing.T) {
	o := open(t)
	r := mustSubmit(t, o, ask("k1"))
	b, err := o.store.Booking(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	later := b.Place()
	later.Start, later.End = later.Start.Add(time.Hour), later.End.Add(time.Hour)
	b.Confirm(now)
	b.Begin(booking.Move{By: booking.ByGuest, To: later, At: now})
	b.Arrive(now)
	b.Deadline = now.Add(time.Minute)
	if err := o.store.Save(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := o.Reschedule(t.Context(), r.ID, r.Token, later.Start); err != nil {
		t.Errorf("to where it stands: %v", err)
	}
	changing := (*booking.Changing)(nil)
	if err := o.Reschedule(t.Context(), r.ID, r.Token, ten); !errors.As(err, &changing) {
		t.Errorf("to another time, before all is done: %v", err)
	}
}
