package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"yakusoku/shared/calendar"
	"yakusoku/shared/zone"
)

const opBusy = "query busy times"

const (
	// maxSpan is below the longest span of one view, 1825 days.
	maxSpan = 1800 * 24 * time.Hour
	// maxAtOnce leaves room below the 4 calls that a mailbox takes at once from
	// one app (learn.microsoft.com/graph/throttling-limits).
	maxAtOnce = 2
	// viewPage is how many events are asked for at once; unasked it is 10.
	viewPage = "250"
)

// viewed is an event, or an occurrence of one, as a calendar's view shows it.
type viewed struct {
	Start     moment `json:"start"`
	End       moment `json:"end"`
	ShowAs    string `json:"showAs"`
	AllDay    bool   `json:"isAllDay"`
	Cancelled bool   `json:"isCancelled"`
	Response  struct {
		Response string `json:"response"`
	} `json:"responseStatus"`
	MadeIn string `json:"originalStartTimeZone"`
}

const viewedFields = "start,end,showAs,isAllDay,isCancelled,responseStatus,originalStartTimeZone"

// moment is a time of day in a named zone.
type moment struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

// Busy returns when the calendars are busy between from and to: in no order, and
// overlapping where events do. Unless every calendar could be read for the whole
// span there is an error, since what is unknown is not free.
//
// It reads calendars' views and not getSchedule, which personal accounts do not
// have.
func (c *Client) Busy(ctx context.Context, calendarIDs []string, from, to time.Time) ([]calendar.Interval, error) {
	each := make([][]calendar.Interval, len(calendarIDs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxAtOnce)
	for i, id := range calendarIDs {
		group.Go(func() (err error) {
			each[i], err = c.busy(ctx, id, from, to)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var busy []calendar.Interval
	for _, part := range each {
		busy = append(busy, part...)
	}
	return busy, nil
}

func (c *Client) busy(ctx context.Context, calendarID string, from, to time.Time) ([]calendar.Interval, error) {
	var busy []calendar.Interval
	for start := from; start.Before(to); start = start.Add(maxSpan) {
		end := start.Add(maxSpan)
		if end.After(to) {
			end = to
		}
		// An all-day event is placed by its dates, as if they were UTC's; where
		// its zone is ahead or behind it reaches into the days beside.
		view, err := list[viewed](ctx, c, call{
			op:     opBusy,
			method: http.MethodGet,
			path:   calendarPath(calendarID) + "/calendarView",
			query: url.Values{
				"startDateTime": {instant(start.Add(-farthestWest))},
				"endDateTime":   {instant(end.Add(farthestEast))},
				"$select":       {viewedFields},
				"$top":          {viewPage},
			},
		})
		if err != nil {
			return nil, err
		}
		for _, event := range view {
			if event.free() {
				continue
			}
			at, err := event.span()
			if err != nil {
				return nil, &Unavailable{Op: opBusy, Err: err}
			}
			if at.Meets(calendar.Interval{Start: start, End: end}) {
				busy = append(busy, at)
			}
		}
	}
	return busy, nil
}

// free reports whether the event leaves its host free. A word that is new to us
// does not.
func (v viewed) free() bool {
	return v.Cancelled || v.Response.Response == "declined" || v.ShowAs == "free" || v.ShowAs == "workingElsewhere"
}

// The dates of the world are this far from UTC's.
const (
	farthestEast = 14 * time.Hour
	farthestWest = 12 * time.Hour
)

// span is when the event is. An all-day event is answered from midnight to
// midnight whatever zone is preferred (microsoftgraph/microsoft-graph-docs#1802):
// its dates mean the days of the zone that it was made in. If that zone has a
// name of its host's own, the dates count wherever on earth it may be.
func (v viewed) span() (calendar.Interval, error) {
	start, err := v.Start.utc()
	if err != nil {
		return calendar.Interval{}, err
	}
	end, err := v.End.utc()
	if err != nil || end.Before(start) {
		return calendar.Interval{}, fmt.Errorf("a busy time without start or end: %w", errNotMicrosofts)
	}
	if !v.AllDay || !isMidnight(start) || !isMidnight(end) {
		return calendar.Interval{Start: start, End: end}, nil
	}
	in, err := location(v.MadeIn)
	if err != nil {
		return calendar.Interval{Start: start.Add(-farthestEast), End: end.Add(farthestWest)}, nil
	}
	return calendar.Interval{Start: midnight(start, in), End: midnight(end, in)}, nil
}

// utc reads a time that was asked for in UTC.
func (m moment) utc() (time.Time, error) {
	if m.TimeZone != "UTC" {
		return time.Time{}, fmt.Errorf("a time that is not in UTC: %w", errNotMicrosofts)
	}
	t, err := time.Parse("2006-01-02T15:04:05", m.DateTime) // takes any fraction too
	if err != nil {
		return time.Time{}, fmt.Errorf("a time that is none: %w", errNotMicrosofts)
	}
	return t, nil
}

func isMidnight(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }

// midnight is when the date of t begins in the zone: at the clock change, where
// one skips midnight.
func midnight(t time.Time, in *time.Location) time.Time {
	begins := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, in)
	if begins.Hour() != 0 {
		since, until := begins.ZoneBounds()
		if begins = since; begins.Day() != t.Day() {
			begins = until
		}
	}
	return begins.UTC()
}

// location knows a zone by either kind of name that Exchange gives.
func location(name string) (*time.Location, error) {
	if in, err := zone.LoadWindows(name); err == nil {
		return in, nil
	}
	return zone.Load(name)
}

// instant writes a time as a query takes it, in UTC.
func instant(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
