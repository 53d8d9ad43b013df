package calendar_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yakusoku/shared/calendar"
)

func TestAnEventIDIsOneThatGoogleAllows(t *testing.T) {
	allowed := regexp.MustCompile(`^[0-9a-v]{26}$`)
	rapid.Check(t, func(t *rapid.T) {
		id := calendar.EventID(rapid.String().Draw(t, "booking"), rapid.IntRange(0, 1000).Draw(t, "revision"))
		if !allowed.MatchString(id) {
			t.Fatalf("%q", id)
		}
	})
}

func TestAnEventIDNeverChanges(t *testing.T) {
	// Events in hosts' calendars bear it: another value would orphan them.
	if got, want := calendar.EventID("bk_1", 0), "28gfsd214gdrodvm3cn0itt9k0"; got != want {
		t.Errorf("EventID = %q, want %q", got, want)
	}
}

func TestEventIDsDifferByBookingAndRevision(t *testing.T) {
	seen := map[string]string{}
	for _, booking := range []string{"a", "b", "a/1", strings.Repeat("a", 200)} {
		for _, revision := range []int{0, 1, 2, 11} {
			id := calendar.EventID(booking, revision)
			if other, ok := seen[id]; ok {
				t.Errorf("%s at revision %d has the id of %s", booking, revision, other)
			}
			seen[id] = booking
		}
	}
}
