package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	err = s.claim(ctx, put, booking.Booking{}, b, maxPerDay, quotas)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return repeated(failed.item)
	}
	if err != nil {
		return fmt.Errorf("hold booking %s: %w", b.ID, err)
	}
	return nil
}

// Claim stores a booking as it is and claims what it holds beyond what it was, in
// one transaction, as Hold does. It returns *booking.Stale if another write came
// first, *booking.SlotTaken, *booking.RateLimited or *booking.NotAccepting.
func (s *Store) Claim(ctx context.Context, was, is booking.Booking, maxPerDay int, quotas []booking.Quota) error {
	put, err := s.putNext(is)
	if err != nil {
		return err
	}
	err = s.claim(ctx, put, was, is, maxPerDay, quotas)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &booking.Stale{}
	}
	if err != nil {
		return fmt.Errorf("claim for booking %s: %w", is.ID, err)
	}
	return nil
}

// claim writes the booking with all that it claims, or nothing. It returns
// *conditionFailed if the put is refused.
func (s *Store) claim(ctx context.Context, put *types.Put, was, is booking.Booking, maxPerDay int, quotas []booking.Quota) error {
	more := heldBeyond(is, was)
	writes := []types.TransactWriteItem{{Put: put}}
	for _, sheet := range more.sheets {
		writes = append(writes, types.TransactWriteItem{Update: s.claimCells(is, sheet)})
	}
	for _, date := range more.dates {
		writes = append(writes, types.TransactWriteItem{Update: s.countDay(is, date, maxPerDay)})
	}
	firstQuota := len(writes)
	for _, q := range quotas {
		writes = append(writes, types.TransactWriteItem{Update: s.takeOne(q)})
	}
	last := len(writes)
	at := is.CreatedAt
	if is.Move != nil {
		at = is.Move.At
	}
	writes = append(writes, s.there(is.Host, at))
	err := s.whenCalm(ctx, func() error {
		return s.write(ctx, writes...)
	}, func() error {
		return s.stillFree(ctx, is.ID, is.Host, more.sheets)
	})
	failed := (*conditionFailed)(nil)
	switch {
	case !errors.As(err, &failed) || failed.first == 0:
		return err
	case failed.first == last:
		return &booking.NotAccepting{}
	case failed.first >= firstQuota:
		return &booking.RateLimited{Until: quotas[failed.first-firstQuota].Ends()}
	}
	return &booking.SlotTaken{}
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

// countDay takes one of the page's places in a local date.
func (s *Store) countDay(b booking.Booking, date string, maxPerDay int) *types.Update {
	return &types.Update{
		TableName: &s.Table, Key: countKeyOf(b, date).item(),
		UpdateExpression:          aws.String("ADD #day :one"),
		ConditionExpression:       aws.String("attribute_not_exists(#day) OR #day < :max"),
		ExpressionAttributeNames:  map[string]string{"#day": dayAttribute(date)},
		ExpressionAttributeValues: item{":one": number(1), ":max": number(int64(maxPerDay))},
	}
}

func countKeyOf(b booking.Booking, date string) key {
	return countKey(b.Host, b.Page, date[:len("2006-01")])
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

// Release stores a booking as it is, and frees what it held and holds no more, in
// one transaction. It returns *booking.Stale if another write came first, as a
// second Release does.
func (s *Store) Release(ctx context.Context, was, is booking.Booking) error {
	put, err := s.putNext(is)
	if err != nil {
		return err
	}
	var frees []*types.Update
	less := heldBeyond(was, is)
	for _, sheet := range less.sheets {
		frees = append(frees, s.freeCells(is, sheet))
	}
	for _, date := range less.dates {
		frees = append(frees, &types.Update{
			TableName: &s.Table, Key: countKeyOf(is, date).item(),
			UpdateExpression:          aws.String("ADD #day :less"),
			ExpressionAttributeNames:  map[string]string{"#day": dayAttribute(date)},
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
		return fmt.Errorf("release booking %s: %w", is.ID, err)
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
		Limit:                     aws.Int32(int32(limit)), // #nosec G115 -- a limit of ours
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
	if due := b.Due(); !due.IsZero() {
		enqueue(it, bookingQueue, due)
	}
	if until := b.KeptUntil(); !until.IsZero() {
		it[attrExpires] = number(until.Unix())
	}
	return it, nil
}

// stillFree is a cheap read that turns most losers of a rush away:
// *booking.SlotTaken if another booking holds one of the cells.
func (s *Store) stillFree(ctx context.Context, id, host string, sheets []sheetClaim) error {
	for _, sheet := range sheets {
		it, err := s.get(ctx, sheetKey(host, sheet.day))
		if err != nil {
			return fmt.Errorf("read day sheet: %w", err)
		}
		for _, c := range sheet.cells {
			if holder := stringOf(it[c.attribute()]); holder != "" && holder != id {
				return &booking.SlotTaken{}
			}
		}
	}
	return nil
}

// held is what a booking holds in its host's days.
type held struct {
	sheets []sheetClaim
	dates  []string // in each of which it has a place, where places are counted
}

// heldBeyond is what a booking holds that another state of it does not.
func heldBeyond(b, other booking.Booking) held {
	mine, others := heldBy(b), heldBy(other)
	var more held
	for _, sheet := range mine.sheets {
		cells := slices.DeleteFunc(slices.Clone(sheet.cells), func(c cell) bool {
			return slices.ContainsFunc(others.sheets, func(o sheetClaim) bool { return o.day == sheet.day && slices.Contains(o.cells, c) })
		})
		if len(cells) > 0 {
			more.sheets = append(more.sheets, sheetClaim{day: sheet.day, cells: cells})
		}
	}
	for _, date := range mine.dates {
		if !slices.Contains(others.dates, date) {
			more.dates = append(more.dates, date)
		}
	}
	return more
}

// heldBy is all that a booking holds. Two places that meet hold a cell once, two on
// one date one place in it.
func heldBy(b booking.Booking) held {
	var h held
	for _, c := range b.Claims() {
		for _, sheet := range claim(c.From, c.To) {
			i := slices.IndexFunc(h.sheets, func(o sheetClaim) bool { return o.day == sheet.day })
			if i < 0 {
				h.sheets = append(h.sheets, sheet)
				continue
			}
			for _, c := range sheet.cells {
				if !slices.Contains(h.sheets[i].cells, c) {
					h.sheets[i].cells = append(h.sheets[i].cells, c)
				}
			}
		}
		if b.CountsTowardDay && !slices.Contains(h.dates, c.LocalDate) {
			h.dates = append(h.dates, c.LocalDate)
		}
	}
	return h
}
