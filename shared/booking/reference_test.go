package booking_test

import (
	"testing"

	"yakusoku/shared/booking"
)

func TestAMeetingSaysWhoseItIs(t *testing.T) {
	for _, id := range []string{"b1", "k3-4", "-"} {
		for _, number := range []int{0, 12} {
			word := booking.MeetingReference(id, number)
			if of, n, ok := booking.OfMeetingReference(word); of != id || n != number || !ok {
				t.Errorf("%s is read as %q, %d, %t", word, of, n, ok)
			}
		}
	}
	for _, word := range []string{"", "朝会", "yakusoku", "yakusoku-", "yakusoku-b1", "yakusoku--0", "yakusoku-b1-x", "yakusoku-b1-01", "Yakusoku-b1-0"} {
		if id, _, ok := booking.OfMeetingReference(word); ok {
			t.Errorf("%q is of %q", word, id)
		}
	}
}
