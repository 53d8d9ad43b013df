package googlesim

import (
	"time"

	// What a recurrence rule means is RFC 5545's, and long: a parser that others
	// keep, and that emersion/go-ical brings along anyway.
	"github.com/teambition/rrule-go"
)

// spans are when the event happens between from and to: once, or as its
// recurrence says, in the zone that its start names or the calendar's.
func (e *event) spans(c calendar, from, to time.Time) []span {
	first := e.span(c.location())
	rules := e.recurrence()
	if len(rules) == 0 {
		return []span{first}
	}
	zone := c.location()
	start, _ := e.Fields["start"].(map[string]any)
	if name, ok := start["timeZone"].(string); ok {
		if named, err := time.LoadLocation(name); err == nil {
			zone = named
		}
	}
	set, err := rrule.StrSliceToRRuleSetInLoc(rules, zone)
	if err != nil {
		return []span{first} // checkTimes lets none such through
	}
	set.DTStart(first.start.In(zone))
	length := first.end.Sub(first.start)
	days := int(length / (24 * time.Hour)) // of an all-day event, whatever the clocks do
	var all []span
	for _, at := range set.Between(from.Add(-length-24*time.Hour), to, true) {
		end := at.Add(length)
		if e.allDay() {
			end = at.AddDate(0, 0, days)
		}
		all = append(all, span{at, end})
	}
	return all
}

func (e *event) recurrence() []string {
	lines, _ := e.Fields["recurrence"].([]any)
	var rules []string
	for _, line := range lines {
		text, _ := line.(string)
		rules = append(rules, text)
	}
	return rules
}
