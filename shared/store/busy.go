package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"yakusoku/shared/calendar"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// A BUSY item has an attribute for each of the host's calendars that are copied:
// writers of different calendars never meet, and a page sees those that it checks.
const busyAttribute = "cal-" // and the calendar's mirror.Name

// Of the attribute: when the calendar was read, and its busy times of the day.
const (
	busyRead  = "read"  // epoch milliseconds
	busySpans = "spans" // as dayText writes them
)

// busyKeep is how long copies are kept after their day.
const busyKeep = 2 * 24 * time.Hour

// busyWriters bounds the days that are written side by side.
const busyWriters = 8

// dayText writes the busy times that touch a UTC day: seconds from its start,
// "0-3600 32400-36000", sorted and joined where they meet.
func dayText(busy []calendar.Interval, d day) string {
	type span struct{ from, to int64 }
	var spans []span
	base := d.start().Unix()
	for _, b := range busy {
		to := b.End.Unix()
		if b.End.Nanosecond() > 0 {
			to++
		}
		if s := (span{max(b.Start.Unix()-base, 0), min(to-base, secondsPerDay)}); s.from < s.to {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	var joined []span
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.from <= joined[last].to {
			joined[last].to = max(joined[last].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	var text []byte
	for i, s := range joined {
		if i > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, s.from, 10)
		text = append(text, '-')
		text = strconv.AppendInt(text, s.to, 10)
	}
	return string(text)
}

// appendDay reads what dayText wrote.
func appendDay(busy []calendar.Interval, text string, d day) ([]calendar.Interval, error) {
	base := d.start()
	for text != "" {
		var span string
		span, text, _ = strings.Cut(text, " ")
		first, last, _ := strings.Cut(span, "-")
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err := errors.Join(err1, err2); err != nil {
			return busy, fmt.Errorf("busy times of %s: %w", d, err)
		}
		busy = append(busy, calendar.Interval{
			Start: base.Add(time.Duration(from) * time.Second), End: base.Add(time.Duration(to) * time.Second),
		})
	}
	return busy, nil
}

// appendBusy adds what BUSY items say of the calendars that are checked.
func appendBusy(busy []calendar.Interval, items []item, check []page.CalendarRef) ([]calendar.Interval, error) {
	if len(items) == 0 {
		return busy, nil
	}
	attributes := make([]string, len(check))
	for i, ref := range check {
		attributes[i] = busyAttribute + mirror.Name(ref)
	}
	for _, it := range items {
		date, err := time.Parse(time.DateOnly, strings.TrimPrefix(stringOf(it[attrSK]), busyPrefix))
		if err != nil {
			return busy, fmt.Errorf("busy times: %w", err)
		}
		for _, a := range attributes {
			if busy, err = appendDay(busy, copyOf(it, a).spans, dayOf(date)); err != nil {
				return busy, err
			}
		}
	}
	return busy, nil
}

func copyAttribute(spans string, read time.Time) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: item{busyRead: number(read.UnixMilli()), busySpans: text(spans)}}
}

type busyCopy struct {
	read  int64
	spans string
}

func copyOf(it item, attribute string) busyCopy {
	m, ok := it[attribute].(*types.AttributeValueMemberM)
	if !ok {
		return busyCopy{}
	}
	return busyCopy{read: int64(intOf(m.Value[busyRead])), spans: stringOf(m.Value[busySpans])}
}

// SetBusy makes the copy of the calendar's days in [from, to) say what was read.
// Only days that differ are written, and none over a later reading.
func (s *Store) SetBusy(ctx context.Context, c mirror.Calendar, busy []calendar.Interval, from, to, read time.Time) error {
	attribute := busyAttribute + mirror.Name(c.Ref)
	span := days(from, to)
	stored, err := s.lastWritten(ctx, c.Host, span)
	if err != nil {
		return fmt.Errorf("read the copies of busy times: %w", err)
	}
	perDay := map[day][]calendar.Interval{}
	for _, b := range busy {
		if !b.Start.Before(b.End) {
			continue
		}
		for _, d := range days(b.Start, b.End) {
			perDay[d] = append(perDay[d], b)
		}
	}
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(busyWriters)
	for _, d := range span {
		text := dayText(perDay[d], d)
		if copyOf(stored[d], attribute).spans == text {
			continue
		}
		writes.Go(func() error { return s.setDay(writing, c.Host, d, attribute, text, read) })
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("write the copies of busy times: %w", err)
	}
	return nil
}

// lastWritten reads the BUSY items of the days as last written: what was left out
// because an old state of it looked right would stay wrong.
func (s *Store) lastWritten(ctx context.Context, host string, span []day) (map[day]item, error) {
	stored := map[day]item{}
	for some := range slices.Chunk(span, batchLimit) {
		ask := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
		byDate := map[string]day{}
		for _, d := range some {
			ask.Keys = append(ask.Keys, busyKey(host, d).item())
			byDate[busyKey(host, d).sk] = d
		}
		request := map[string]types.KeysAndAttributes{s.Table: ask}
		for len(request) > 0 {
			out, err := s.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
			if err != nil {
				return nil, err
			}
			for _, it := range out.Responses[s.Table] {
				stored[byDate[keyOf(it).sk]] = it
			}
			request = out.UnprocessedKeys
		}
	}
	return stored, nil
}

// setDay writes one day of a calendar. A day that became free keeps an empty text,
// so that an earlier reading that comes late does not fill it again.
func (s *Store) setDay(ctx context.Context, host string, d day, attribute, spans string, read time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: busyKey(host, d).item(),
		UpdateExpression:         aws.String("SET #calendar = :copy, #expires = :expires"),
		ConditionExpression:      aws.String("attribute_not_exists(#calendar) OR #calendar.#read <= :read"),
		ExpressionAttributeNames: map[string]string{"#calendar": attribute, "#read": busyRead, "#expires": attrExpires},
		ExpressionAttributeValues: item{
			":copy":    copyAttribute(spans, read),
			":read":    number(read.UnixMilli()),
			":expires": number(d.start().Add(secondsPerDay*time.Second + busyKeep).Unix()),
		},
	})
	if later := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &later) {
		return nil
	}
	return err
}

// KeepBusy removes the host's copies of all calendars but those of the names.
func (s *Store) KeepBusy(ctx context.Context, host string, names []string) error {
	return s.pruneBusy(ctx, host, func(name string) bool { return !slices.Contains(names, name) })
}

// pruneBusy removes the copies of the calendars that drop picks.
func (s *Store) pruneBusy(ctx context.Context, host string, drop func(name string) bool) error {
	items, err := s.under(ctx, hostKey(host).pk, busyPrefix)
	if err != nil {
		return fmt.Errorf("list the copies of busy times: %w", err)
	}
	writes, writing := errgroup.WithContext(ctx)
	writes.SetLimit(busyWriters)
	for _, it := range items {
		update := &dynamodb.UpdateItemInput{
			TableName: &s.Table, Key: keyOf(it).item(), ExpressionAttributeNames: map[string]string{},
		}
		var remove []string
		for attribute := range it {
			if name, ok := strings.CutPrefix(attribute, busyAttribute); ok && drop(name) {
				placeholder := fmt.Sprintf("#c%d", len(remove))
				update.ExpressionAttributeNames[placeholder] = attribute
				remove = append(remove, placeholder)
			}
		}
		if len(remove) == 0 {
			continue
		}
		update.UpdateExpression = aws.String("REMOVE " + strings.Join(remove, ", "))
		// A day that its time to live has taken meanwhile is not made anew.
		update.ConditionExpression = aws.String("attribute_exists(pk)")
		writes.Go(func() error {
			_, err := s.DB.UpdateItem(writing, update)
			if gone := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &gone) {
				return nil
			}
			return err
		})
	}
	if err := writes.Wait(); err != nil {
		return fmt.Errorf("remove copies of busy times: %w", err)
	}
	return nil
}
