package agenda_test

import (
	"errors"
	"testing"

	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
)

// An event is in one account: another that was connected since does not know it, and
// that is no word on whether it is there.
func TestAnEventIsSoughtInTheAccountThatItIsIn(t *testing.T) {
	o := open(t)
	for name, in := range o.calendars() {
		o.accounts = map[connection.Provider]string{name: "before"}
		e := calendar.Event{ID: calendar.EventID("b1", 0), Booking: "b1", Title: "初回相談", Start: start, End: start.AddDate(0, 0, 1), TimeZone: "Asia/Tokyo"}
		written, err := o.Insert(t.Context(), "demo", in, e)
		if err != nil || written.Account != "before" {
			t.Fatalf("%s: %+v, %v", name, written, err)
		}
		r := calendar.Reference{ID: e.ID, Held: written.ID, Account: written.Account}
		if found, ok, err := o.Find(t.Context(), "demo", in, r); err != nil || !ok || found.Account != "before" {
			t.Errorf("%s: in its account: %+v, %t, %v", name, found, ok, err)
		}
		o.accounts[name] = "after"
		other := (*connection.OtherAccount)(nil)
		if _, _, err := o.Find(t.Context(), "demo", in, r); !errors.As(err, &other) || other.Provider != name || !connection.Lost(err) {
			t.Errorf("%s: found in another: %v", name, err)
		}
		if err := o.Delete(t.Context(), "demo", in, r); !errors.As(err, &other) {
			t.Errorf("%s: deleted in another: %v", name, err)
		}
		r.Account = "" // written before accounts were recorded
		if _, ok, err := o.Find(t.Context(), "demo", in, r); err != nil || !ok {
			t.Errorf("%s: not recorded: %t, %v", name, ok, err)
		}
	}
}
