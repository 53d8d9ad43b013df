package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
)

func TestAHostSeesHowTheirBookingsStandOutside(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.open(t, "jiro")
	gone := func(b *booking.Booking) {
		b.Compared([]booking.Step{booking.Meeting}, map[booking.Step]booking.Difference{booking.Meeting: {Gone: true, FoundAt: monday}})
	}
	o.booked(t, "hanako", "whole", 2, nil)
	o.booked(t, "hanako", "gone", 3, gone)
	o.booked(t, "hanako", "long gone", -5, gone)
	o.booked(t, "hanako", "left", 4, func(b *booking.Booking) {
		b.Status, b.Deadline = booking.Cancelled, monday
		b.Mark(booking.Meeting, booking.Done, monday)
	})
	o.booked(t, "jiro", "another's", 3, gone)

	check := func() httpapi.Check {
		t.Helper()
		var s httpapi.Summary
		o.as(t, "hanako", "GET", "/api/host/summary", nil).into(t, &s)
		return s.Check
	}
	if c := check(); c.At != nil || c.Differences != 1 {
		t.Errorf("before an audit: %+v", c)
	}
	if r := o.as(t, "hanako", "POST", "/api/host/check", nil); r.Status != http.StatusAccepted || r.Text != "" {
		t.Errorf("check: %d %s", r.Status, r.Text)
	}
	if due, err := o.store.DueForAudit(t.Context(), monday, 10); err != nil || !slices.Equal(due, []string{"hanako"}) {
		t.Errorf("due: %v, %v", due, err)
	}
	_, lease, ok, err := o.store.TakeForAudit(t.Context(), "hanako", monday, monday.Add(time.Minute))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := o.store.ReturnAudit(t.Context(), lease, turn.State{At: monday}, monday.Add(time.Hour), monday); err != nil {
		t.Fatal(err)
	}
	if c := check(); c.At == nil || !c.At.Equal(monday) {
		t.Errorf("after an audit: %+v", c)
	}

	for query, want := range map[string][]string{
		"concern=differs":             {"gone"},
		"concern=differs&when=past":   {"long gone"},
		"concern=attention":           {"left"},
		"concern=attention&when=past": nil,
		"when=upcoming":               {"whole", "gone", "left"},
	} {
		var list httpapi.BookingList
		o.as(t, "hanako", "GET", "/api/host/bookings?"+query, nil).into(t, &list)
		var ids []string
		for _, b := range list.Bookings {
			ids = append(ids, b.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", query, ids, want)
		}
	}
	if r := o.as(t, "hanako", "GET", "/api/host/bookings?concern=everything", nil); r.Status != http.StatusUnprocessableEntity {
		t.Errorf("a concern that is none: %d", r.Status)
	}
	if r := o.as(t, "", "POST", "/api/host/check", nil); r.Status != http.StatusUnauthorized {
		t.Errorf("a check by nobody: %d", r.Status)
	}
}
