package booking_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"yakusoku/shared/booking"
)

// FuzzGuestToken shows a token to a booking: the one that was made for it is
// admitted, and nothing else, whoever's it is and however it is written.
func FuzzGuestToken(f *testing.F) {
	tokens, err := booking.NewTokens([]byte(strings.Repeat("s", 32)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("b1", "b1", tokens.For("b1"))
	f.Add("b1", "b2", tokens.For("b2"))
	f.Add("b1", "b1\n", tokens.For("b1")+"=")
	f.Add("", "b1", "")
	f.Add("b1", "", strings.ToLower(tokens.For("b1")))
	f.Fuzz(func(t *testing.T, id, another, shown string) {
		own := tokens.For(id)
		hash := sha256.Sum256([]byte(own))
		b := booking.Booking{ID: id, TokenHash: hash[:]}
		if !b.Admits(own) {
			t.Errorf("its own token is refused to %q", id)
		}
		if b.Admits(shown) && shown != own {
			t.Errorf("%q is admitted to %q", shown, id)
		}
		if b.Admits(tokens.For(another)) && another != id {
			t.Errorf("the token of %q is admitted to %q", another, id)
		}
		if len(own) != 43 { // 256 bits in base64
			t.Errorf("a token of %d letters", len(own))
		}
		if (booking.Booking{}).Admits(shown) {
			t.Errorf("%q is admitted to a booking that has no token", shown)
		}
	})
}

// FuzzMeetingReference reads a meeting's first word: if it names a booking's meeting,
// it is to the letter what was written for that one. Numbers count from nothing up.
func FuzzMeetingReference(f *testing.F) {
	for _, word := range []string{"", "yakusoku-", "yakusoku--", "yakusoku-b1-1", "yakusoku-b1-01", "yakusoku-b1-+1", "yakusoku-b-1--1", "Yakusoku-b1-1"} {
		f.Add(word, "b1", 1)
	}
	f.Fuzz(func(t *testing.T, word, id string, number int) {
		if of, n, ok := booking.OfMeetingReference(word); ok && (booking.MeetingReference(of, n) != word || of == "") {
			t.Errorf("%q is read as %q, %d", word, of, n)
		}
		if of, n, ok := booking.OfMeetingReference(booking.MeetingReference(id, number)); id != "" && number >= 0 && (!ok || of != id || n != number) {
			t.Errorf("%q, %d is read as %q, %d, %t", id, number, of, n, ok)
		}
	})
}
