package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"yakusoku/shared/booking"
	"yakusoku/shared/page"
)

const (
	// foundLimit is how many bookings one page of a search has at most.
	foundLimit = 30
	// lookLimit bounds the bookings that one page of a search reads: what matches
	// rarely is found over several pages.
	lookLimit = 300
	// lookAtOnce is how many are read in one round.
	lookAtOnce = 50
)

// HostBookings reads a page of a host's bookings in the order of their starts. It
// returns *booking.BadCursor.
func (s *Store) HostBookings(ctx context.Context, q booking.Search) (booking.Found, error) {
	after, err := openCursor(q)
	if err != nil {
		return booking.Found{}, err
	}
	var found booking.Found
	for looked := 0; looked < lookLimit; {
		out, err := s.DB.Query(ctx, &dynamodb.QueryInput{
			TableName: &s.Table, IndexName: aws.String(IndexHostBookings),
			KeyConditionExpression:   aws.String("#host = :host AND startsAt BETWEEN :from AND :to"),
			ExpressionAttributeNames: map[string]string{"#host": attrHost},
			ExpressionAttributeValues: item{
				":host": text(q.Host), ":from": text(startKey(q.From)), ":to": text(startKey(q.To.Add(-time.Second))),
			},
			ScanIndexForward:  aws.Bool(!q.Backwards),
			Limit:             aws.Int32(lookAtOnce),
			ExclusiveStartKey: after,
		})
		if err != nil {
			return booking.Found{}, fmt.Errorf("list bookings: %w", err)
		}
		list, err := s.bookingsOf(ctx, out.Items)
		if err != nil {
			return booking.Found{}, err
		}
		for i, b := range list {
			if q.Matches(b) {
				found.Bookings = append(found.Bookings, b)
			}
			if len(found.Bookings) == foundLimit && (i < len(list)-1 || out.LastEvaluatedKey != nil) {
				found.Cursor = cursorAfter(b)
				return found, nil
			}
		}
		looked += len(out.Items)
		after = out.LastEvaluatedKey
		if after == nil {
			return found, nil
		}
	}
	found.Cursor = cursorOf(after)
	return found, nil
}

// HostUnsettled lists the host's bookings that have something left to do. Unsettled
// bookings are few, whosever they are, and a host's own of all time may be many.
func (s *Store) HostUnsettled(ctx context.Context, host string) ([]booking.Booking, error) {
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexUnsettled),
		KeyConditionExpression:    aws.String("unsettled = :yes"),
		ExpressionAttributeValues: item{":yes": text(unsettled)},
	})
	var own []booking.Booking
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list unsettled bookings: %w", err)
		}
		list, err := s.bookingsOf(ctx, out.Items)
		if err != nil {
			return nil, err
		}
		for _, b := range list {
			if b.Host == host {
				own = append(own, b)
			}
		}
	}
	return own, nil
}

// A cursor is the place of the last booking looked at: its start and id. It names
// no host, so that nobody's bookings but the caller's can be reached by it.
func cursorOf(at item) string {
	return base64.RawURLEncoding.EncodeToString([]byte(stringOf(at[attrStartsAt]) + " " + strings.TrimPrefix(keyOf(at).pk, bookingPrefix)))
}

func cursorAfter(b booking.Booking) string {
	at := bookingKey(b.ID).item()
	at[attrStartsAt] = text(startKey(b.Start))
	return cursorOf(at)
}

func openCursor(q booking.Search) (item, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	start, id, ok := strings.Cut(string(plain), " ")
	at, wrong := time.Parse(time.RFC3339, start)
	if err != nil || wrong != nil || !ok || id == "" || at.Before(q.From.Truncate(time.Second)) || !at.Before(q.To) {
		return nil, &booking.BadCursor{}
	}
	after := bookingKey(id).item()
	after[attrHost], after[attrStartsAt] = text(q.Host), text(start)
	return after, nil
}

// Days reads when a host is busy on the days that [from, to) touches, and how many
// bookings of the page each local date has.
func (s *Store) Days(ctx context.Context, p page.Page, from, to time.Time) (booking.Days, error) {
	var keys []key
	for _, d := range days(from, to) {
		keys = append(keys, sheetKey(p.Host, d), busyKey(p.Host, d))
	}
	for _, m := range months(from, to) {
		keys = append(keys, countKey(p.Host, p.Slug, m))
	}
	items, err := s.batch(ctx, keys)
	if err != nil {
		return booking.Days{}, fmt.Errorf("read days: %w", err)
	}
	held := booking.Snapshot{Page: p, Booked: map[string]int{}}
	var copies []item
	for _, it := range items {
		if strings.HasPrefix(keyOf(it).sk, busyPrefix) {
			copies = append(copies, it)
		} else if err := addTo(&held, it); err != nil {
			return booking.Days{}, err
		}
	}
	busy, err := appendBusy(nil, copies, p.Calendars.Check)
	if err != nil {
		return booking.Days{}, err
	}
	return booking.Days{Busy: busy, Held: held.Busy, Booked: held.Booked}, nil
}

// AwakeHost brings the deadlines of all of a host's unsettled bookings forward to now.
func (s *Store) AwakeHost(ctx context.Context, host string, now time.Time) error {
	all, err := s.HostUnsettled(ctx, host)
	if err != nil {
		return err
	}
	var errs error
	for _, b := range all {
		if b.Deadline.After(now) {
			errs = errors.Join(errs, s.Awake(ctx, b, now))
		}
	}
	return errs
}

// Awake brings the deadline of an unsettled booking forward to now.
func (s *Store) Awake(ctx context.Context, b booking.Booking, now time.Time) error {
	b.Deadline = now
	err := s.Save(ctx, &b)
	if stale := (*booking.Stale)(nil); errors.As(err, &stale) {
		return nil // it is being worked on
	}
	return err
}
