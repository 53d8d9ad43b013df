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

	"yakusoku/shared/connection"
)

// checkupQueue holds connections that work, as far as is known, until they are looked
// at again. Every write of a connection says when that is.
const checkupQueue queue = "checkup"

// DueForCheckup lists the connections that are to be looked at, the longest overdue
// first, at most limit. It may lag behind.
func (s *Store) DueForCheckup(ctx context.Context, now time.Time, limit int) ([]connection.Key, error) {
	keys, err := s.queued(ctx, checkupQueue, now, limit)
	due := make([]connection.Key, 0, len(keys))
	for _, k := range keys {
		due = append(due, connection.Key{
			Host: strings.TrimPrefix(k.pk, hostPrefix), Provider: connection.Provider(strings.TrimPrefix(k.sk, connectionPrefix)),
		})
	}
	return due, err
}

// Postpone has the connection be looked at then, unless it changed since it was read.
// It does not count as a change: nobody who is refreshing the grant is in its way.
func (s *Store) Postpone(ctx context.Context, c connection.Connection, until time.Time) error {
	err := s.requeue(ctx, connectionKey(c.Host, string(c.Provider)), until, "version = :read", nil, item{":read": number(int64(c.Version))})
	if err != nil {
		return fmt.Errorf("postpone the checkup of a connection: %w", err)
	}
	return nil
}

// Removals lists the removed apps that are to be followed, the longest overdue first,
// at most limit.
func (s *Store) Removals(ctx context.Context, now time.Time, limit int) ([]connection.Removal, error) {
	keys, err := s.queued(ctx, removalQueue, now, limit)
	if err != nil {
		return nil, err
	}
	var all []connection.Removal
	for _, k := range keys {
		it, err := s.get(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("read a removal: %w", err)
		}
		if it[attrQueue] == nil { // the index lags behind
			continue
		}
		var r connection.Removal
		if err := decode(it, &r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// ConnectionOf returns the connection to the user's account; ok is false if nobody has
// one, or several may.
func (s *Store) ConnectionOf(ctx context.Context, p connection.Provider, user string) (c connection.Connection, ok bool, err error) {
	owner, err := s.Owner(ctx, p, user)
	if err != nil || owner == "" {
		return c, false, err
	}
	c, err = s.Connection(ctx, owner, p)
	if absent := (*connection.Absent)(nil); errors.As(err, &absent) {
		return c, false, nil
	}
	return c, err == nil && c.Account.ID == user, err
}

// Remove deletes the connection, and what Link stored with it, because of the
// removal. What is kept of that from then on is whom to tell, and nothing of the
// user. It returns *connection.Stale if the connection changed since it was read, or
// another was faster.
func (s *Store) Remove(ctx context.Context, c connection.Connection, r connection.Removal) error {
	next := r
	next.User, next.At, next.Host, next.ConnectedAt = "", time.Time{}, c.Host, c.ConnectedAt
	it, err := encode(reportKey(r.Key), next)
	if err != nil {
		return err
	}
	enqueue(it, removalQueue, r.Came)
	condition, names, values := unchanged(r)
	return s.unlink(ctx, c, types.TransactWriteItem{Put: &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression: aws.String(condition), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}})
}

// Settle says that nothing is left to do for the removal. All that stays, for a
// while, is that it was reported.
func (s *Store) Settle(ctx context.Context, r connection.Removal) error {
	it := reportKey(r.Key).item()
	it[attrExpires] = number(r.Came.Add(reportKeep).Unix())
	condition, names, values := unchanged(r)
	_, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Table, Item: it,
		ConditionExpression: aws.String(condition), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return nil // another is at it
	}
	if err != nil {
		return fmt.Errorf("settle a removal: %w", err)
	}
	return nil
}

// PostponeRemoval has the removal be followed then, unless another did meanwhile.
func (s *Store) PostponeRemoval(ctx context.Context, r connection.Removal, until time.Time) error {
	condition, names, values := unchanged(r)
	if err := s.requeue(ctx, reportKey(r.Key), until, condition, names, values); err != nil {
		return fmt.Errorf("postpone a removal: %w", err)
	}
	return nil
}

// unchanged is the condition that the removal stands as it was read: it has two
// states, before and after its connection was deleted.
func unchanged(r connection.Removal) (condition string, names map[string]string, values item) {
	return "#data.#host = :host", map[string]string{"#data": attrData, "#host": "Host"}, item{":host": text(r.Host)}
}

// requeue has what waits in a queue be due then, under a condition; if that does not
// hold, nothing happens.
func (s *Store) requeue(ctx context.Context, k key, due time.Time, condition string, names map[string]string, values item) error {
	update := &types.Update{
		TableName: &s.Table, Key: k.item(),
		UpdateExpression:         aws.String("SET #due = :due"),
		ConditionExpression:      aws.String("attribute_exists(#due) AND " + condition),
		ExpressionAttributeNames: map[string]string{"#due": attrQueuedFor}, ExpressionAttributeValues: item{":due": number(due.UnixMilli())},
	}
	for placeholder, name := range names {
		update.ExpressionAttributeNames[placeholder] = name
	}
	for placeholder, value := range values {
		update.ExpressionAttributeValues[placeholder] = value
	}
	err := s.update(ctx, update)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return nil
	}
	return err
}
