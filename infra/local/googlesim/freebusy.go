package googlesim

import (
	"slices"
	"time"
)

const (
	// longestQuery is the span that one query may have: not in the reference,
	// but reported (calcom/cal.diy#11962).
	longestQuery = 90 * 24 * time.Hour
	// mostCalendars is calendarExpansionMax.
	mostCalendars = 50
)

func (s *Simulator) queryBusy(r request) (answer, *refusal) {
	from, to := instantOf(r.body["timeMin"]), instantOf(r.body["timeMax"])
	if !from.Before(to) {
		return answer{}, emptyRange
	}
	if to.Sub(from) > longestQuery {
		return answer{}, rangeTooLong
	}
	name, _ := r.body["timeZone"].(string) // empty is UTC, as Google has it
	zone, err := time.LoadLocation(name)
	if err != nil {
		return answer{}, invalid("body.timeZone is not an IANA time zone")
	}
	calendars := map[string]any{}
	items, _ := r.body["items"].([]any)
	for i, item := range items {
		id := item.(map[string]any)["id"].(string)
		c, ok := r.caller.calendar(id)
		switch {
		case i >= mostCalendars:
			calendars[id] = unknownBusy("tooManyCalendarsRequested")
		case !ok:
			calendars[id] = unknownBusy("notFound")
		default:
			calendars[id] = map[string]any{"busy": s.busy(r.caller, c, from, to, zone)}
		}
	}
	return answer{map[string]any{
		"kind":      "calendar#freeBusy",
		"timeMin":   from.UTC().Format(time.RFC3339),
		"timeMax":   to.UTC().Format(time.RFC3339),
		"calendars": calendars,
	}}, nil
}

// unknownBusy is the answer for one calendar that cannot be read.
func unknownBusy(reason string) map[string]any {
	return map[string]any{
		"busy":   []any{},
		"errors": []map[string]string{{"domain": "global", "reason": reason}},
	}
}

type span struct{ start, end time.Time }

// busy returns when the calendar's events block time between from and to: in
// order, cut to that span, and joined where they touch.
func (s *Simulator) busy(a *account, c calendar, from, to time.Time, zone *time.Location) []map[string]string {
	var spans []span
	for key, e := range s.events {
		if key.User != a.Email || key.Calendar != c.ID || !e.blocks() {
			continue
		}
		for _, at := range e.spans(c, from, to) {
			if at.start.Before(to) && from.Before(at.end) {
				spans = append(spans, span{later(at.start, from), earlier(at.end, to)})
			}
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start.Compare(b.start) })
	var joined []span
	for _, next := range spans {
		if last := len(joined) - 1; last >= 0 && !next.start.After(joined[last].end) {
			joined[last].end = later(joined[last].end, next.end)
			continue
		}
		joined = append(joined, next)
	}
	busy := []map[string]string{}
	for _, at := range joined {
		busy = append(busy, map[string]string{
			"start": at.start.In(zone).Format(time.RFC3339),
			"end":   at.end.In(zone).Format(time.RFC3339),
		})
	}
	return busy
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// instantOf reads a time that the shape has checked.
func instantOf(v any) time.Time {
	text, _ := v.(string)
	t, _ := time.Parse(time.RFC3339, text)
	return t
}
