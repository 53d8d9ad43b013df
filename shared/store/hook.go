package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/booking"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
)

// deliveryQueue holds deliveries that wait for their next attempt.
const deliveryQueue queue = "delivery"

// A host's hooks are one item: they are few, always read together, and their number
// has a limit. Deliveries of a hook stand by the time of their news.
func hooksKey(handle string) key { return key{hostPrefix + handle, "HOOKS"} }

func deliveryKey(k hook.Key) key { return key{hostPrefix + k.Host, deliveriesOf(k.Hook) + k.ID} }

func deliveriesOf(hook string) string { return deliveryPrefix + hook + "#" }

const deliveryPrefix = "DELIVERY#"

// deliveryOf reads a delivery's place back; ok is false for any other.
func deliveryOf(k key) (d hook.Key, ok bool) {
	of, id, ok := strings.Cut(strings.TrimPrefix(k.sk, deliveryPrefix), "#")
	return hook.Key{Host: strings.TrimPrefix(k.pk, hostPrefix), Hook: of, ID: id}, ok && strings.HasPrefix(k.sk, deliveryPrefix)
}

// hooks are all of one host's, as they are stored.
type hooks struct{ ByID map[string]hook.Hook }

// of completes what is not stored in the record: whose they are.
func (h *hooks) of(handle string) {
	if h.ByID == nil {
		h.ByID = map[string]hook.Hook{}
	}
	for id, one := range h.ByID {
		one.Host = handle
		h.ByID[id] = one
	}
}

func (s *Store) hooks(ctx context.Context, handle string) (hooks, error) {
	all, _, err := versioned[hooks](ctx, s, hooksKey(handle))
	if err != nil {
		return all, fmt.Errorf("read hooks: %w", err)
	}
	all.of(handle)
	return all, nil
}

// Hooks lists a host's hooks, the oldest first.
func (s *Store) Hooks(ctx context.Context, handle string) ([]hook.Hook, error) {
	all, err := s.hooks(ctx, handle)
	list := slices.Collect(maps.Values(all.ByID))
	slices.SortFunc(list, func(a, b hook.Hook) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, err
}

// Hook reads one hook. It returns *hook.NotFound.
func (s *Store) Hook(ctx context.Context, handle, id string) (hook.Hook, error) {
	all, err := s.hooks(ctx, handle)
	if err != nil {
		return hook.Hook{}, err
	}
	h, ok := all.ByID[id]
	if !ok {
		return hook.Hook{}, &hook.NotFound{}
	}
	return h, nil
}

// changeHooks changes a host's hooks by what is stored then. What change returns
// ends it, and nothing is stored.
func (s *Store) changeHooks(ctx context.Context, handle string, change func(map[string]hook.Hook) error, more ...types.TransactWriteItem) error {
	return amend(ctx, s, hooksKey(handle), func(all *hooks) ([]types.TransactWriteItem, error) {
		all.of(handle)
		return more, change(all.ByID)
	})
}

// AddHook stores a new hook. It returns *hook.TooMany, or *host.Unknown if the host
// is leaving.
func (s *Store) AddHook(ctx context.Context, h hook.Hook, now time.Time) error {
	err := s.changeHooks(ctx, h.Host, func(all map[string]hook.Hook) error {
		if len(all) >= hook.MostHooks {
			return &hook.TooMany{}
		}
		all[h.ID] = h
		return nil
	}, s.there(h.Host, now))
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &host.Unknown{}
	}
	return err
}

// ChangeHook changes a hook by what is stored then. It returns *hook.NotFound, or
// what change does.
func (s *Store) ChangeHook(ctx context.Context, handle, id string, change func(*hook.Hook) error) (hook.Hook, error) {
	var changed hook.Hook
	err := s.changeHooks(ctx, handle, func(all map[string]hook.Hook) error {
		h, ok := all[id]
		if !ok {
			return &hook.NotFound{}
		}
		if err := change(&h); err != nil {
			return err
		}
		all[id], changed = h, h
		return nil
	})
	return changed, err
}

// RemoveHook removes a hook's deliveries, and then the hook: what is handed out
// meanwhile is dropped when it is due. It returns *hook.NotFound.
func (s *Store) RemoveHook(ctx context.Context, handle, id string) error {
	if _, err := s.Hook(ctx, handle, id); err != nil {
		return err
	}
	pages := s.deliveries(handle, deliveriesOf(id))
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		if err := s.remove(ctx, out.Items); err != nil {
			return err
		}
	}
	return s.changeHooks(ctx, handle, func(all map[string]hook.Hook) error {
		delete(all, id)
		return nil
	})
}

// deliveries are those whose sort keys begin so, a page at a time.
func (s *Store) deliveries(handle, prefix string) *dynamodb.QueryPaginator {
	return dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(hostPrefix + handle), ":sk": text(prefix)},
	})
}

func deliveryItem(d hook.Delivery) (item, error) {
	it, err := encode(deliveryKey(d.Key), d)
	if err != nil {
		return nil, err
	}
	it[attrExpires] = number(d.Expires.Unix())
	if d.Status == hook.Waiting {
		enqueue(it, deliveryQueue, d.NextAt)
	}
	return it, nil
}

func decodeDelivery(it item) (hook.Delivery, error) {
	var d hook.Delivery
	return d, decode(it, &d)
}

// HandOut stores a booking whose Version is the stored one, and the deliveries that
// its news became, in one transaction. It returns *booking.Stale if another write
// came first.
func (s *Store) HandOut(ctx context.Context, b booking.Booking, deliveries []hook.Delivery) error {
	put, err := s.putNext(b)
	if err != nil {
		return err
	}
	writes := []types.TransactWriteItem{{Put: put}}
	for _, d := range deliveries {
		it, err := deliveryItem(d)
		if err != nil {
			return err
		}
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.Table, Item: it}})
	}
	err = s.whenCalm(ctx, func() error { return s.write(ctx, writes...) }, noLook)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &booking.Stale{}
	}
	return err
}

// AddDelivery stores a new delivery.
func (s *Store) AddDelivery(ctx context.Context, d hook.Delivery) error {
	it, err := deliveryItem(d)
	if err != nil {
		return err
	}
	if _, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: it}); err != nil {
		return fmt.Errorf("write a delivery: %w", err)
	}
	return nil
}

// Delivery reads a delivery as last written. It returns *hook.DeliveryNotFound.
func (s *Store) Delivery(ctx context.Context, k hook.Key) (hook.Delivery, error) {
	it, err := s.get(ctx, deliveryKey(k))
	if err != nil {
		return hook.Delivery{}, fmt.Errorf("read a delivery: %w", err)
	}
	if it == nil {
		return hook.Delivery{}, &hook.DeliveryNotFound{}
	}
	return decodeDelivery(it)
}

// cursorPattern is a delivery's id: what a list of deliveries goes on after.
var cursorPattern = regexp.MustCompile(`^msg_[0-9a-v]{26}$`)

// Deliveries lists a hook's deliveries, the latest news first, at most limit, and
// where the list goes on. It returns *hook.BadCursor.
func (s *Store) Deliveries(ctx context.Context, handle, id, cursor string, limit int) ([]hook.Delivery, string, error) {
	query := &dynamodb.QueryInput{
		TableName: &s.Table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(int32(limit)), // #nosec G115 -- a limit of ours
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(hostPrefix + handle), ":sk": text(deliveriesOf(id))},
	}
	if cursor != "" {
		if !cursorPattern.MatchString(cursor) {
			return nil, "", &hook.BadCursor{}
		}
		query.ExclusiveStartKey = deliveryKey(hook.Key{Host: handle, Hook: id, ID: cursor}).item()
	}
	out, err := s.DB.Query(ctx, query)
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	list := make([]hook.Delivery, len(out.Items))
	for i, it := range out.Items {
		if list[i], err = decodeDelivery(it); err != nil {
			return nil, "", err
		}
	}
	if out.LastEvaluatedKey == nil || len(list) == 0 {
		return list, "", nil
	}
	return list, list[len(list)-1].ID, nil
}

// Replay has a delivery tried anew, now. One that is being tried is left alone.
func (s *Store) Replay(ctx context.Context, k hook.Key, now time.Time) error {
	d, err := s.Delivery(ctx, k)
	if err != nil {
		return err
	}
	d.Restart(now)
	it, err := deliveryItem(d)
	if err != nil {
		return err
	}
	data := it[attrData].(*types.AttributeValueMemberM).Value
	anew := change{condition: "attribute_exists(pk) AND (attribute_not_exists(#leased) OR #leased <= :now)"}
	anew.name("#leased", attrLeased).value(":now", number(now.UnixMilli()))
	anew.name("#queue", attrQueue).value(":queue", it[attrQueue]).set("#queue = :queue")
	anew.name("#due", attrQueuedFor).value(":due", it[attrQueuedFor]).set("#due = :due")
	anew.name("#data", attrData)
	for _, field := range []string{"Status", "Tries", "NextAt", "TryUntil"} { // the attempts may be more by now
		anew.name("#"+field, field).value(":"+field, data[field]).set("#data.#" + field + " = :" + field)
	}
	err = s.change(ctx, deliveryKey(k), anew)
	failed := (*types.ConditionalCheckFailedException)(nil)
	switch {
	case errors.As(err, &failed) && failed.Item == nil:
		return &hook.DeliveryNotFound{}
	case errors.As(err, &failed):
		return nil
	case err != nil:
		return fmt.Errorf("replay a delivery: %w", err)
	}
	return nil
}

// dueDeliveriesLimit is how many keys one look finds: so many that a long queue of
// one hook's hides no other's.
const dueDeliveriesLimit = 5000

// DueDeliveries lists the deliveries whose next attempt is due, the longest overdue
// first.
func (s *Store) DueDeliveries(ctx context.Context, now time.Time) ([]hook.Key, error) {
	keys, err := s.queued(ctx, deliveryQueue, now, dueDeliveriesLimit)
	if err != nil {
		return nil, err
	}
	var list []hook.Key
	for _, k := range keys {
		if d, ok := deliveryOf(k); ok {
			list = append(list, d)
		}
	}
	return list, nil
}

// TakeDelivery leases a delivery that is due. Nobody finds it due before the lease
// ends.
func (s *Store) TakeDelivery(ctx context.Context, k hook.Key, now, until time.Time) (hook.Delivery, bool, error) {
	out, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: deliveryKey(k).item(),
		UpdateExpression:          aws.String("SET #leased = :until, #due = :until"),
		ConditionExpression:       aws.String("#due <= :now"),
		ExpressionAttributeNames:  map[string]string{"#leased": attrLeased, "#due": attrQueuedFor},
		ExpressionAttributeValues: item{":now": number(now.UnixMilli()), ":until": number(until.UnixMilli())},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return hook.Delivery{}, false, nil
	}
	if err != nil {
		return hook.Delivery{}, false, fmt.Errorf("lease a delivery: %w", err)
	}
	d, err := decodeDelivery(out.Attributes)
	return d, err == nil, err
}

// ReturnDelivery stores what became of a delivery and ends the lease that ends then,
// unless it is another's by now, or the delivery is gone.
func (s *Store) ReturnDelivery(ctx context.Context, d hook.Delivery, until time.Time) error {
	it, err := deliveryItem(d)
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Table, Item: it,
		ConditionExpression:       aws.String("#leased = :until"),
		ExpressionAttributeNames:  map[string]string{"#leased": attrLeased},
		ExpressionAttributeValues: item{":until": number(until.UnixMilli())},
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write a delivery: %w", err)
	}
	return nil
}

// PutOff has a delivery that is due wait until then.
func (s *Store) PutOff(ctx context.Context, k hook.Key, now, until time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: deliveryKey(k).item(),
		UpdateExpression:          aws.String("SET #due = :until, #data.#next = :next"),
		ConditionExpression:       aws.String("#due <= :now"),
		ExpressionAttributeNames:  map[string]string{"#due": attrQueuedFor, "#data": attrData, "#next": "NextAt"},
		ExpressionAttributeValues: item{":now": number(now.UnixMilli()), ":until": number(until.UnixMilli()), ":next": text(until.UTC().Format(time.RFC3339Nano))},
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("put a delivery off: %w", err)
	}
	return nil
}

// DropDelivery forgets a delivery.
func (s *Store) DropDelivery(ctx context.Context, k hook.Key) error {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Table, Key: deliveryKey(k).item()})
	if err != nil {
		return fmt.Errorf("drop a delivery: %w", err)
	}
	return nil
}

// keepDeliveriesFor shortens how long a host's deliveries are kept to what they say
// of guests' data by now.
func (s *Store) keepDeliveriesFor(ctx context.Context, handle string, retentionDays int) error {
	pages := s.deliveries(handle, deliveryPrefix)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		for _, it := range out.Items {
			d, err := decodeDelivery(it)
			if err != nil {
				return err
			}
			until := hook.Keep(d.CreatedAt, d.MeetingEnds, retentionDays)
			if !until.Before(d.Expires) {
				continue
			}
			_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &s.Table, Key: keyOf(it).item(),
				UpdateExpression:          aws.String("SET #expires = :until, #data.#expiresAt = :at"),
				ConditionExpression:       aws.String("attribute_exists(pk)"),
				ExpressionAttributeNames:  map[string]string{"#expires": attrExpires, "#data": attrData, "#expiresAt": "Expires"},
				ExpressionAttributeValues: item{":until": number(until.Unix()), ":at": text(until.Format(time.RFC3339Nano))},
			})
			if failed := (*types.ConditionalCheckFailedException)(nil); err != nil && !errors.As(err, &failed) {
				return fmt.Errorf("shorten how long a delivery is kept: %w", err)
			}
		}
	}
	return nil
}
