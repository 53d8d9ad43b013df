package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/booking"
)

// Booking reads a booking as last written. It returns *booking.NotFound.
func (s *Store) Booking(ctx context.Context, id string) (booking.Booking, error) {
	it, err := s.get(ctx, bookingKey(id))
	if err != nil {
		return booking.Booking{}, fmt.Errorf("read booking %s: %w", id, err)
	}
	if it == nil {
		return booking.Booking{}, &booking.NotFound{}
	}
	return decodeBooking(it)
}

func decodeBooking(it item) (booking.Booking, error) {
	var b booking.Booking
	if err := decode(it, &b); err != nil {
		return booking.Booking{}, err
	}
	return b, nil
}

// Hold claims the booking's cells and stores it: one transaction, whose every
// write is refused if any cell is held. Nothing read before decides, so a double
// booking cannot be expressed. It returns *booking.SlotTaken or
// *booking.Repeated, *booking.RateLimited if a quota is used up, or
// *booking.NotAccepting if the host is leaving.
func (s *Store) Hold(ctx context.Context, b booking.Booking, maxPerDay int, quotas []booking.Quota) error {
	put, err := s.putNew(b)
	if err != nil {
		return err
	}
	writes := []types.TransactWriteItem{{Put: put}}
	for _, sheet := range claim(b.Claim()) {
		writes = append(writes, types.TransactWriteItem{Update: s.claimCells(b, sheet)})
	}
	if b.CountsTowardDay {
		writes = append(writes, types.TransactWriteItem{Update: s.countDay(b, maxPerDay)})
	}
	firstQuota := len(writes)
	for _, q := range quotas {
		writes = append(writes, types.TransactWriteItem{Update: s.takeOne(q)})
	}
	last := len(writes)
	writes = append(writes, s.there(b.Host, b.CreatedAt))
	err = s.whenCalm(ctx, func() error {
		return s.write(ctx, writes...)
	}, func() error {
		return s.stillFree(ctx, b)
	})
	failed := (*conditionFailed)(nil)
	switch {
	case errors.As(err, &failed) && failed.first == 0:
		return repeated(failed.item)
	case errors.As(err, &failed) && failed.first == last:
		return &booking.NotAccepting{}
	case errors.As(err, &failed) && failed.first >= firstQuota:
		return &booking.RateLimited{Until: quotas[failed.first-firstQuota].Ends()}
	case errors.As(err, &failed):
		return &booking.SlotTaken{}
	case err != nil:
		return fmt.Errorf("hold booking %s: %w", b.ID, err)
	}
	return nil
}

func repeated(it item) error {
	b, err := decodeBooking(it)
	if err != nil {
		return err
	}
	return &booking.Repeated{Booking: b}
}

func (s *Store) putNew(b booking.Booking) (*types.Put, error) {
	it, err := bookingItem(b)
	if err != nil {
		return nil, err
	}
	return &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression:                 aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, nil
}

// sheetKeep is how long a day sheet is kept after its day.
const sheetKeep = 90 * 24 * time.Hour

func (s *Store) claimCells(b booking.Booking, sheet sheetClaim) *types.Update {
	var set, free []string
	for _, c := range sheet.cells {
		set = append(set, c.attribute()+"=:b")
		free = append(free, "attribute_not_exists("+c.attribute()+")")
	}
	return &types.Update{
		TableName: &s.Table, Key: sheetKey(b.Host, sheet.day).item(),
		UpdateExpression:         aws.String("SET #expires=:e, " + strings.Join(set, ",")),
		ConditionExpression:      aws.String(strings.Join(free, " AND ")),
		ExpressionAttributeNames: map[string]string{"#expires": attrExpires},
		ExpressionAttributeValues: item{
			":b": text(b.ID),
			":e": number(sheet.day.start().Add(sheetKeep).Unix()),
		},
	}
}

// countDay takes one of the page's places in the booking's local date.
func (s *Store) countDay(b booking.Booking, maxPerDay int) *types.Update {
	return &types.Update{
		TableName: &s.Table, Key: countKeyOf(b).item(),
		UpdateExpression:          aws.String("ADD #day :one"),
		ConditionExpression:       aws.String("attribute_not_exists(#day) OR #day < :max"),
		ExpressionAttributeNames:  map[string]string{"#day": dayAttribute(b.LocalDate)},
		ExpressionAttributeValues: item{":one": number(1), ":max": number(int64(maxPerDay))},
	}
}

func countKeyOf(b booking.Booking) key {
	return countKey(b.Host, b.Page, b.LocalDate[:len("2006-01")])
}

// dayAttribute names the attribute that counts a local date within its month.
func dayAttribute(date string) string { return "d" + date[len("2006-01-"):] }

// Save stores a booking whose Version is the stored one, and counts the version
// up. It returns *booking.Stale if another write came first.
func (s *Store) Save(ctx context.Context, b *booking.Booking) error {
	put, err := s.putNext(*b)
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: put.TableName, Item: put.Item,
		ConditionExpression:       put.ConditionExpression,
		ExpressionAttributeValues: put.ExpressionAttributeValues,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return &booking.Stale{}
	}
	if err != nil {
		return fmt.Errorf("save booking %s: %w", b.ID, err)
	}
	b.Version++
	return nil
}

// putNext writes the booking as the successor of the version that it carries.
func (s *Store) putNext(b booking.Booking) (*types.Put, error) {
	read := b.Version
	b.Version++
	it, err := bookingItem(b)
	if err != nil {
		return nil, err
	}
	return &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression:       aws.String("version = :read"),
		ExpressionAttributeValues: item{":read": number(int64(read))},
	}, nil
}

// Release stores the booking and frees its cells and its place in the day, in
// one transaction. It returns *booking.Stale if another write came first, as a
// second Release does.
func (s *Store) Release(ctx context.Context, b booking.Booking) error {
	put, err := s.putNext(b)
	if err != nil {
		return err
	}
	var frees []*types.Update
	for _, sheet := range claim(b.Claim()) {
		frees = append(frees, s.freeCells(b, sheet))
	}
	if b.CountsTowardDay {
		frees = append(frees, &types.Update{
			TableName: &s.Table, Key: countKeyOf(b).item(),
			UpdateExpression:          aws.String("ADD #day :less"),
			ExpressionAttributeNames:  map[string]string{"#day": dayAttribute(b.LocalDate)},
			ExpressionAttributeValues: item{":less": number(-1)},
		})
	}
	err = s.whenCalm(ctx, func() error {
		return s.transact(ctx, put, frees...)
	}, noLook)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &booking.Stale{}
	}
	if err != nil {
		return fmt.Errorf("release booking %s: %w", b.ID, err)
	}
	return nil
}

func (s *Store) freeCells(b booking.Booking, sheet sheetClaim) *types.Update {
	var remove, own []string
	for _, c := range sheet.cells {
		remove = append(remove, c.attribute())
		own = append(own, c.attribute()+"=:b")
	}
	return &types.Update{
		TableName: &s.Table, Key: sheetKey(b.Host, sheet.day).item(),
		UpdateExpression:          aws.String("REMOVE " + strings.Join(remove, ",")),
		ConditionExpression:       aws.String(strings.Join(own, " AND ")),
		ExpressionAttributeValues: item{":b": text(b.ID)},
	}
}

// Unsettled lists the ids of bookings whose deadline has passed, the oldest
// first, at most limit.
func (s *Store) Unsettled(ctx context.Context, now time.Time, limit int) ([]string, error) {
	out, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexUnsettled),
		KeyConditionExpression:    aws.String("unsettled = :yes AND deadline <= :now"),
		ExpressionAttributeValues: item{":yes": text(unsettled), ":now": number(now.Unix())},
		Limit:                     aws.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("list unsettled bookings: %w", err)
	}
	var ids []string
	for _, it := range out.Items {
		ids = append(ids, strings.TrimPrefix(keyOf(it).pk, "BOOKING#"))
	}
	return ids, nil
}

// unsettled is the one partition of the index: at a booking's rate it stays far
// below a partition's limit, and sweep reads it in order.
const unsettled = "yes"

func bookingItem(b booking.Booking) (item, error) {
	it, err := encode(bookingKey(b.ID), b)
	if err != nil {
		return nil, err
	}
	it[attrHost] = text(b.Host)
	it[attrStartsAt] = text(b.Start.UTC().Format(time.RFC3339))
	it[attrVersion] = number(int64(b.Version))
	if !b.Deadline.IsZero() {
		it[attrUnsettled] = text(unsettled)
		it[attrDeadline] = number(b.Deadline.Unix())
	}
	if until := b.KeptUntil(); !until.IsZero() {
		it[attrExpires] = number(until.Unix())
	}
	return it, nil
}

// stillFree is a cheap read that turns most losers of a rush away:
// *booking.SlotTaken if another booking holds one of the cells.
func (s *Store) stillFree(ctx context.Context, b booking.Booking) error {
	for _, sheet := range claim(b.Claim()) {
		it, err := s.get(ctx, sheetKey(b.Host, sheet.day))
		if err != nil {
			return fmt.Errorf("read day sheet: %w", err)
		}
		for _, c := range sheet.cells {
			if holder := stringOf(it[c.attribute()]); holder != "" && holder != b.ID {
				return &booking.SlotTaken{}
			}
		}
	}
	return nil
}
