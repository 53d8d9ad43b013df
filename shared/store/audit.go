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

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/booking"
)

// auditQueue holds hosts whose bookings are to be compared with what stands outside.
const auditQueue queue = "audit"

func auditKey(handle string) key { return key{hostPrefix + handle, "AUDIT"} }

// auditDue has the host's bookings compared with what stands outside, as part of
// another write's transaction. The time must not lie ahead: an update that makes
// nothing later would have a condition, which would refuse the other writes.
func (s *Store) auditDue(host string, at time.Time) *types.Update {
	return &types.Update{
		TableName: &s.Table, Key: auditKey(host).item(),
		UpdateExpression: aws.String("SET #queue = :audit, #due = :at ADD #rings :one"),
		ExpressionAttributeNames: map[string]string{
			"#queue": attrQueue, "#due": attrQueuedFor, "#rings": attrRings,
		},
		ExpressionAttributeValues: item{
			":audit": text(string(auditQueue)), ":at": number(at.UnixMilli()), ":one": number(1),
		},
	}
}

// AuditDue has the host's bookings compared with what stands outside at that time or
// sooner. What was due before stays so; a comparison under way is followed by
// another.
func (s *Store) AuditDue(ctx context.Context, host string, at time.Time) error {
	sooner := s.auditDue(host, at)
	sooner.ConditionExpression = aws.String("attribute_not_exists(#due) OR #due > :at")
	also := s.auditDue(host, at)
	also.UpdateExpression = aws.String("ADD #rings :one")
	also.ExpressionAttributeNames = map[string]string{"#rings": attrRings}
	also.ExpressionAttributeValues = item{":one": number(1)}
	err := s.update(ctx, sooner)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		err = s.update(ctx, also)
	}
	if err != nil {
		return fmt.Errorf("make an audit due: %w", err)
	}
	return nil
}

// update makes one update. Transactions on its item are waited for. It returns
// *conditionFailed.
func (s *Store) update(ctx context.Context, u *types.Update) error {
	return s.whenCalm(ctx, func() error { return s.write(ctx, types.TransactWriteItem{Update: u}) }, noLook)
}

// DueForAudit lists the hosts whose bookings are to be compared by then, the longest
// overdue first, at most limit. It may lag behind.
func (s *Store) DueForAudit(ctx context.Context, now time.Time, limit int) ([]string, error) {
	keys, err := s.queued(ctx, auditQueue, now, limit)
	hosts := make([]string, 0, len(keys))
	for _, k := range keys {
		hosts = append(hosts, strings.TrimPrefix(k.pk, hostPrefix))
	}
	return hosts, err
}

// TakeForAudit leases what is due and not leased. What was made due before it may be
// waits until then.
func (s *Store) TakeForAudit(ctx context.Context, host string, now, until time.Time) (turn.State, turn.Lease, bool, error) {
	take := change{condition: "#due <= :now AND (attribute_not_exists(#leased) OR #leased <= :now) AND (attribute_not_exists(#notBefore) OR #notBefore <= :now)"}
	take.name("#due", attrQueuedFor).name("#leased", attrLeased).name("#notBefore", attrNotBefore)
	take.value(":now", number(now.UnixMilli())).value(":until", number(until.UnixMilli())).set("#leased = :until")
	it, err := s.changed(ctx, auditKey(host), take)
	failed := (*types.ConditionalCheckFailedException)(nil)
	switch {
	case errors.As(err, &failed):
		return turn.State{}, turn.Lease{}, false, s.postpone(ctx, host, failed.Item, now)
	case err != nil:
		return turn.State{}, turn.Lease{}, false, fmt.Errorf("lease an audit: %w", err)
	}
	var state turn.State
	if it[attrData] != nil {
		err = decode(it, &state)
	}
	return state, turn.Lease{Host: host, Until: until, Rings: intOf(it[attrRings])}, err == nil, err
}

// postpone keeps what may not be taken yet out of the way of what may.
func (s *Store) postpone(ctx context.Context, host string, it item, now time.Time) error {
	if due := instantOf(it[attrQueuedFor]); it[attrQueuedFor] == nil || due.After(now) || !instantOf(it[attrNotBefore]).After(now) {
		return nil
	}
	later := change{condition: "#due = :was"}
	later.name("#due", attrQueuedFor).name("#notBefore", attrNotBefore).value(":was", it[attrQueuedFor]).set("#due = #notBefore")
	err := s.change(ctx, auditKey(host), later)
	if failed := (*types.ConditionalCheckFailedException)(nil); err != nil && !errors.As(err, &failed) {
		return fmt.Errorf("postpone an audit: %w", err)
	}
	return nil
}

// ReturnAudit keeps what was learned and ends the lease. If the audit was made due
// meanwhile it stays so, though not before notBefore.
func (s *Store) ReturnAudit(ctx context.Context, l turn.Lease, state turn.State, next, notBefore time.Time) error {
	encoded, err := encode(auditKey(l.Host), state)
	if err != nil {
		return err
	}
	mine := change{condition: "#leased = :until"}
	mine.name("#leased", attrLeased).value(":until", number(l.Until.UnixMilli())).remove("#leased")
	mine.name("#data", attrData).value(":data", encoded[attrData]).set("#data = :data")
	mine.name("#notBefore", attrNotBefore).value(":notBefore", number(notBefore.UnixMilli())).set("#notBefore = :notBefore")
	mine.name("#due", attrQueuedFor)
	quiet := mine.clone()
	quiet.condition += " AND #rings = :rings"
	quiet.name("#rings", attrRings).value(":rings", number(int64(l.Rings)))
	quiet.value(":next", number(next.UnixMilli())).set("#due = :next")

	err = s.change(ctx, auditKey(l.Host), quiet)
	failed := (*types.ConditionalCheckFailedException)(nil)
	if errors.As(err, &failed) && intOf(failed.Item[attrLeased]) == int(l.Until.UnixMilli()) { // it was made due meanwhile
		mine.set("#due = :notBefore")
		err = s.change(ctx, auditKey(l.Host), mine)
	}
	if errors.As(err, &failed) {
		return &turn.Overtaken{}
	}
	if err != nil {
		return fmt.Errorf("end the lease of an audit: %w", err)
	}
	return nil
}

// ForgetAudit ends the audits of a host.
func (s *Store) ForgetAudit(ctx context.Context, host string) error {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Table, Key: auditKey(host).item()})
	if err != nil {
		return fmt.Errorf("forget an audit: %w", err)
	}
	return nil
}

// Audited returns when the host's bookings had last been compared with all that can be
// reached; zero: never.
func (s *Store) Audited(ctx context.Context, host string) (time.Time, error) {
	it, err := s.get(ctx, auditKey(host))
	if err != nil {
		return time.Time{}, fmt.Errorf("read an audit: %w", err)
	}
	var state turn.State
	if it[attrData] != nil {
		err = decode(it, &state)
	}
	return state.At, err
}

// Bookings reads bookings by their ids, those that there are. It may lag behind.
func (s *Store) Bookings(ctx context.Context, ids []string) ([]booking.Booking, error) {
	keys := make([]item, len(ids))
	for i, id := range ids {
		keys[i] = bookingKey(id).item()
	}
	return s.bookingsOf(ctx, keys)
}
