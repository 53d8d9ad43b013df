package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// queue is what waits for one kind of work. Each is one partition of the index: what
// is written there at a booking's rate stays far below a partition's limit, and is
// read in the order in which it is due.
type queue string

// bookingQueue holds bookings for which something is to be done that no saga does:
// news to be handed out, a reminder to be sent.
const bookingQueue queue = "booking"

// enqueue has the item wait in the queue until it is due.
func enqueue(it item, q queue, due time.Time) {
	it[attrQueue], it[attrQueuedFor] = text(string(q)), number(due.UnixMilli())
}

// queued lists the keys of what is due in the queue, the longest overdue first, at
// most limit. It may lag behind the last writes.
func (s *Store) queued(ctx context.Context, q queue, now time.Time, limit int) ([]key, error) {
	out, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexQueued),
		KeyConditionExpression:    aws.String("#queue = :queue AND #due <= :now"),
		ExpressionAttributeNames:  map[string]string{"#queue": attrQueue, "#due": attrQueuedFor},
		ExpressionAttributeValues: map[string]types.AttributeValue{":queue": text(string(q)), ":now": number(now.UnixMilli())},
		Limit:                     aws.Int32(int32(limit)), // #nosec G115 -- a limit of ours
	})
	if err != nil {
		return nil, fmt.Errorf("list what is due in queue %s: %w", q, err)
	}
	keys := make([]key, 0, len(out.Items))
	for _, it := range out.Items {
		keys = append(keys, keyOf(it))
	}
	return keys, nil
}

// DueBookings lists the ids of bookings whose Due has come, the longest overdue
// first, at most limit.
func (s *Store) DueBookings(ctx context.Context, now time.Time, limit int) ([]string, error) {
	keys, err := s.queued(ctx, bookingQueue, now, limit)
	ids := make([]string, 0, len(keys))
	for _, k := range keys {
		ids = append(ids, strings.TrimPrefix(k.pk, bookingPrefix))
	}
	return ids, err
}
