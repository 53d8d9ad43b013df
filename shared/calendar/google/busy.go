package google

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"yakusoku/shared/calendar"
)

const opBusy = "query busy times"

const (
	// maxSpan is the longest span of one query. The reference gives no limit;
	// 90 days is what others found to work (calcom/cal.diy#11962).
	maxSpan = 90 * 24 * time.Hour
	// maxCalendars is calendarExpansionMax of freebusy.query.
	maxCalendars = 50
)

type busyQuestion struct {
	TimeMin string         `json:"timeMin"`
	TimeMax string         `json:"timeMax"`
	Items   []busyCalendar `json:"items"`
}

type busyCalendar struct {
	ID string `json:"id"`
}

type busyAnswer struct {
	Calendars map[string]struct {
		Busy []struct {
			Start time.Time `json:"start"`
			End   time.Time `json:"end"`
		} `json:"busy"`
		Errors []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
	} `json:"calendars"`
}

// Busy returns when the calendars are busy between from and to: in no order,
// and overlapping where the calendars overlap. Unless every calendar could be
// read for the whole span there is an error, *Unreadable if Google says so of
// one calendar, since what is unknown is not free.
func (c *Client) Busy(ctx context.Context, calendarIDs []string, from, to time.Time) ([]calendar.Interval, error) {
	var busy []calendar.Interval
	for ids := range slices.Chunk(calendarIDs, maxCalendars) {
		for start := from; start.Before(to); start = start.Add(maxSpan) {
			end := start.Add(maxSpan)
			if end.After(to) {
				end = to
			}
			part, err := c.busy(ctx, ids, start, end)
			if err != nil {
				return nil, err
			}
			busy = append(busy, part...)
		}
	}
	return busy, nil
}

func (c *Client) busy(ctx context.Context, ids []string, from, to time.Time) ([]calendar.Interval, error) {
	question := busyQuestion{TimeMin: instant(from), TimeMax: instant(to)}
	for _, id := range ids {
		question.Items = append(question.Items, busyCalendar{ID: id})
	}
	var answer busyAnswer
	err := c.do(ctx, call{op: opBusy, method: http.MethodPost, path: "freeBusy", body: question}, &answer)
	if err != nil {
		return nil, err
	}
	var busy []calendar.Interval
	for _, id := range ids {
		of, ok := answer.Calendars[id]
		if !ok {
			return nil, &Unavailable{Op: opBusy, Err: errNotGoogles}
		}
		if len(of.Errors) > 0 {
			return nil, &Unreadable{CalendarID: id, Reason: known(of.Errors[0].Reason)}
		}
		for _, span := range of.Busy {
			if span.Start.IsZero() || span.End.Before(span.Start) {
				return nil, &Unavailable{Op: opBusy, Err: fmt.Errorf("a busy time without start or end: %w", errNotGoogles)}
			}
			busy = append(busy, calendar.Interval{Start: span.Start.UTC(), End: span.End.UTC()})
		}
	}
	return busy, nil
}

// instant writes a time as the API takes it, in UTC.
func instant(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
