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

// Connection reads a connection as last written. It returns *connection.Absent.
func (s *Store) Connection(ctx context.Context, host string, p connection.Provider) (connection.Connection, error) {
	it, err := s.get(ctx, connectionKey(host, string(p)))
	if err != nil {
		return connection.Connection{}, fmt.Errorf("read the connection to %s: %w", p, err)
	}
	if it == nil {
		return connection.Connection{}, &connection.Absent{Provider: p}
	}
	var c connection.Connection
	return c, decode(it, &c)
}

// PutConnection stores a new connection, whatever was there.
func (s *Store) PutConnection(ctx context.Context, c connection.Connection) error {
	it, err := connectionItem(c)
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: it})
	if err != nil {
		return fmt.Errorf("write the connection to %s: %w", c.Provider, err)
	}
	return nil
}

func connectionItem(c connection.Connection) (item, error) {
	it, err := encode(connectionKey(c.Host, string(c.Provider)), c)
	if err != nil {
		return nil, err
	}
	it[attrVersion] = number(int64(c.Version))
	if c.Status == connection.Connected {
		enqueue(it, checkupQueue, c.NextCheckup())
	}
	if c.Status == connection.Reauthorize && !c.Told {
		it[attrUnsettled] = text(lapsed)
		it[attrDeadline] = number(c.LapsedAt.Unix())
	}
	return it, nil
}

// lapsed is the partition of the unsettled index with the connections whose hosts
// are to be told that they are dead.
const lapsed = "lapsed"

// Lapsed lists the connections whose hosts are to be told that they are dead, the
// oldest first.
func (s *Store) Lapsed(ctx context.Context, limit int) ([]connection.Connection, error) {
	out, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexUnsettled),
		KeyConditionExpression:    aws.String("unsettled = :lapsed"),
		ExpressionAttributeValues: item{":lapsed": text(lapsed)},
		Limit:                     aws.Int32(int32(limit)), // #nosec G115 -- a limit of ours
	})
	if err != nil {
		return nil, fmt.Errorf("list dead connections: %w", err)
	}
	var all []connection.Connection
	for _, found := range out.Items {
		k := keyOf(found)
		c, err := s.Connection(ctx, strings.TrimPrefix(k.pk, hostPrefix), connection.Provider(strings.TrimPrefix(k.sk, connectionPrefix)))
		if absent := (*connection.Absent)(nil); errors.As(err, &absent) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if c.Status == connection.Reauthorize && !c.Told { // the index lags behind
			all = append(all, c)
		}
	}
	return all, nil
}

// Lease takes the right to refresh the grant, by the clock of its callers. It
// returns *connection.Leased or *connection.Stale.
func (s *Store) Lease(ctx context.Context, c connection.Connection, now, until time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: connectionKey(c.Host, string(c.Provider)).item(),
		UpdateExpression:    aws.String("SET leased = :until"),
		ConditionExpression: aws.String("version = :read AND (attribute_not_exists(leased) OR leased <= :now)"),
		ExpressionAttributeValues: item{
			":read":  number(int64(c.Version)),
			":now":   number(now.UnixMilli()),
			":until": number(until.UnixMilli()),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	failed := (*types.ConditionalCheckFailedException)(nil)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failed):
		return fmt.Errorf("lease the connection to %s: %w", c.Provider, err)
	case failed.Item == nil || intOf(failed.Item[attrVersion]) != c.Version:
		return &connection.Stale{}
	}
	return &connection.Leased{}
}

// Unlease gives the right to refresh that ends then back.
func (s *Store) Unlease(ctx context.Context, c connection.Connection, until time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: connectionKey(c.Host, string(c.Provider)).item(),
		UpdateExpression:    aws.String("REMOVE leased"),
		ConditionExpression: aws.String("version = :read AND leased = :until"),
		ExpressionAttributeValues: item{
			":read": number(int64(c.Version)), ":until": number(until.UnixMilli()),
		},
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return nil // it is not ours any more
	}
	return err
}

// Renew stores the successor of the version that c carries and ends its lease.
// A grant that is dead leaves the host's Connected in the same transaction. It
// returns *connection.Stale.
func (s *Store) Renew(ctx context.Context, c connection.Connection) error {
	read := c.Version
	c.Version++
	it, err := connectionItem(c)
	if err != nil {
		return err
	}
	put := &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression:       aws.String("version = :read"),
		ExpressionAttributeValues: item{":read": number(int64(read))},
	}
	err = s.whenCalm(ctx, func() error {
		return s.transact(ctx, put, s.list(c))
	}, noLook)
	failed := (*conditionFailed)(nil)
	switch {
	case errors.As(err, &failed) && failed.first == 0:
		return &connection.Stale{}
	case errors.As(err, &failed):
		return fmt.Errorf("write the connection to %s: its host is not there", c.Provider)
	case err != nil:
		return fmt.Errorf("write the connection to %s: %w", c.Provider, err)
	}
	return nil
}

// list keeps what the host's record says of the provider true.
func (s *Store) list(c connection.Connection) *types.Update {
	update := &types.Update{
		TableName: &s.Table, Key: hostKey(c.Host).item(),
		UpdateExpression:         aws.String("REMOVE #data.Connected.#provider"),
		ConditionExpression:      aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#data": attrData, "#provider": string(c.Provider)},
	}
	if c.Status == connection.Connected {
		update.UpdateExpression = aws.String("SET #data.Connected.#provider = :yes")
		update.ExpressionAttributeValues = item{":yes": &types.AttributeValueMemberBOOL{Value: true}}
	}
	return update
}
