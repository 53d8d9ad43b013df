package microsoftsim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// longestView is the longest span of a calendar's view.
const longestView = 1825 * 24 * time.Hour

// recurrence says when an event comes again. Of Microsoft's patterns those of
// days and weeks are simulated.
type recurrence struct {
	Pattern pattern `json:"pattern"`
	Range   span    `json:"range"`
}

type pattern struct {
	Type           string   `json:"type"`
	Interval       int      `json:"interval"`
	DaysOfWeek     []string `json:"daysOfWeek,omitempty"`
	FirstDayOfWeek string   `json:"firstDayOfWeek,omitempty"`
}

type span struct {
	Type                string `json:"type"`
	StartDate           string `json:"startDate"`
	EndDate             string `json:"endDate,omitempty"`
	NumberOfOccurrences int    `json:"numberOfOccurrences,omitempty"`
	RecurrenceTimeZone  string `json:"recurrenceTimeZone,omitempty"`
}

var (
	patternTypes = []string{"daily", "weekly"}
	rangeTypes   = []string{"endDate", "noEnd", "numbered"}
	weekdayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)

func (r recurrence) check() *refusal {
	_, badStart := time.Parse(time.DateOnly, r.Range.StartDate)
	_, badEnd := time.Parse(time.DateOnly, r.Range.EndDate)
	unknownDay := func(day string) bool { return !slices.Contains(weekdayNames, day) }
	switch {
	case !slices.Contains(patternTypes, r.Pattern.Type):
		return invalid("recurrence: the pattern %q is not simulated", r.Pattern.Type)
	case r.Pattern.Interval < 1:
		return invalid("recurrence: the interval must be at least 1")
	case r.Pattern.Type == "weekly" && len(r.Pattern.DaysOfWeek) == 0, slices.ContainsFunc(r.Pattern.DaysOfWeek, unknownDay):
		return invalid("recurrence: a weekly pattern needs days of the week")
	case !slices.Contains(rangeTypes, r.Range.Type):
		return invalid("recurrence: the range must be one of %v", rangeTypes)
	case badStart != nil, r.Range.Type == "endDate" && badEnd != nil:
		return invalid("recurrence: the range's dates must be dates")
	case r.Range.Type == "numbered" && r.Range.NumberOfOccurrences < 1:
		return invalid("recurrence: the range needs a number of occurrences")
	}
	return nil
}

// dates lists the dates of the occurrences, until the date given.
func (r recurrence) dates(until time.Time) []time.Time {
	first, _ := time.Parse(time.DateOnly, r.Range.StartDate) // checked
	last := until
	if r.Range.Type == "endDate" {
		if end, _ := time.Parse(time.DateOnly, r.Range.EndDate); end.Before(last) {
			last = end
		}
	}
	week := first.AddDate(0, 0, -int(first.Weekday())) // weeks begin on Sunday unless it is said
	if start := slices.Index(weekdayNames, r.Pattern.FirstDayOfWeek); start > 0 {
		week = first.AddDate(0, 0, -(int(first.Weekday())-start+7)%7)
	}
	var dates []time.Time
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if r.Range.Type == "numbered" && len(dates) == r.Range.NumberOfOccurrences {
			break
		}
		days := int(day.Sub(first).Hours() / 24)
		on := days%r.Pattern.Interval == 0
		if r.Pattern.Type == "weekly" {
			weeks := int(day.Sub(week).Hours() / 24 / 7)
			on = weeks%r.Pattern.Interval == 0 && slices.Contains(r.Pattern.DaysOfWeek, strings.ToLower(day.Weekday().String()))
		}
		if on {
			dates = append(dates, day)
		}
	}
	return dates
}

// occurrences are the event as it stands in the calendar until the time given:
// once, or each time that it comes again, at the same time of its zone's day.
func (e *event) occurrences(until time.Time) []fields {
	if e.Fields.Recurrence == nil {
		return []fields{e.Fields}
	}
	start, _ := e.Fields.Start.read() // checked
	end, _ := e.Fields.End.read()
	base := date(start)
	var all []fields
	for _, day := range e.Fields.Recurrence.dates(date(until).AddDate(0, 0, 1)) {
		days := int(day.Sub(base).Hours() / 24)
		f := e.Fields.copied()
		f.Recurrence = nil
		f.Start.DateTime = start.AddDate(0, 0, days).Format("2006-01-02T15:04:05")
		f.End.DateTime = end.AddDate(0, 0, days).Format("2006-01-02T15:04:05")
		all = append(all, f)
	}
	return all
}

// date is the day of t's own zone, at midnight UTC.
func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// viewCalendar lists single events and the occurrences of series that meet the
// span, by their starts.
func (s *Simulator) viewCalendar(r request) (answer, *refusal) {
	c, known := r.caller.calendar(r.calendarID)
	if !known {
		return answer{}, unknownID(r.calendarID)
	}
	from, to := instantOf(r.query.Get("startDateTime")), instantOf(r.query.Get("endDateTime"))
	switch {
	case from.IsZero() || to.IsZero():
		return answer{}, unparsed("startDateTime and endDateTime are required")
	case to.Before(from):
		return answer{}, badRange
	case to.Sub(from) > longestView:
		return answer{}, viewTooLong
	}
	type shown struct {
		start  time.Time
		entity map[string]any
	}
	var view []shown
	for _, e := range s.sortedEvents() {
		if e.User != r.caller.Email || e.Calendar != c.ID || e.Deleted {
			continue
		}
		for _, f := range e.occurrences(to) {
			start, _ := f.Start.read() // checked
			end, _ := f.End.read()
			if start.Before(to) && from.Before(end) {
				view = append(view, shown{start, e.occurrence(f, r.prefer)})
			}
		}
	}
	slices.SortStableFunc(view, func(a, b shown) int { return a.start.Compare(b.start) })
	var all []map[string]any
	for _, v := range view {
		all = append(all, v.entity)
	}
	return paged(all, r), nil
}

// occurrence is the event as a view answers it.
func (e *event) occurrence(f fields, p preferences) map[string]any {
	one := *e
	one.Fields = f
	entity := maps.Clone(one.resource(p))
	if e.Fields.Recurrence == nil {
		return entity
	}
	entity["type"] = "occurrence"
	entity["seriesMasterId"] = entity["id"]
	day, _, _ := strings.Cut(f.Start.DateTime, "T")
	entity["id"] = strings.TrimSuffix(entity["id"].(string), "=") + strings.ReplaceAll(day, "-", "") + "="
	return entity
}
