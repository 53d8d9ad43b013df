package inbox_test

import (
	"testing"
	"time"

	"yakusoku/infra/promise/inbox"
)

// A calendar that followed everything would hold no mail to anything.
func TestACalendarDoesNotFollowEverything(t *testing.T) {
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	first := inbox.Invitation{
		Method: "REQUEST", UID: "u", Sequence: 1, Stamp: at, Start: at, End: at.Add(time.Hour), URL: "https://zoom.example/j/1",
		Organizer: "mailto:host@example.com", Attendees: "mailto:guest@example.com ",
	}
	for name, c := range map[string]struct {
		change  func(*inbox.Invitation)
		follows bool
	}{
		"the same again":                   {func(*inbox.Invitation) {}, true},
		"a later one":                      {func(i *inbox.Invitation) { i.Sequence, i.Start = 2, at.Add(time.Hour) }, true},
		"a withdrawal":                     {func(i *inbox.Invitation) { i.Sequence, i.Method = 2, "CANCEL" }, true},
		"another time, the same sequence":  {func(i *inbox.Invitation) { i.Start = at.Add(time.Hour) }, false},
		"another URL, the same sequence":   {func(i *inbox.Invitation) { i.URL = "https://zoom.example/j/2" }, false},
		"a withdrawal, the same sequence":  {func(i *inbox.Invitation) { i.Method = "CANCEL" }, false},
		"an earlier sequence":              {func(i *inbox.Invitation) { i.Sequence = 0 }, false},
		"an earlier stamp":                 {func(i *inbox.Invitation) { i.Sequence, i.Stamp = 2, at.Add(-time.Second) }, false},
		"another event":                    {func(i *inbox.Invitation) { i.Sequence, i.UID = 2, "v" }, false},
		"another organizer":                {func(i *inbox.Invitation) { i.Sequence, i.Organizer = 2, "mailto:else@example.com" }, false},
		"a guest who is somebody else now": {func(i *inbox.Invitation) { i.Sequence, i.Attendees = 2, "mailto:else@example.com " }, false},
	} {
		t.Run(name, func(t *testing.T) {
			var calendar inbox.Calendar
			if err := calendar.Take(first, true); err != nil {
				t.Fatal(err)
			}
			next := first
			c.change(&next)
			if err := calendar.Take(next, true); (err == nil) != c.follows {
				t.Errorf("follows %v: %v", c.follows, err)
			}
		})
	}
}
