package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
)

// Connections lists a host's connections.
func (s *Store) Connections(ctx context.Context, host string) ([]connection.Connection, error) {
	items, err := s.under(ctx, hostKey(host).pk, connectionPrefix)
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	all := make([]connection.Connection, len(items))
	for i, it := range items {
		if err := decode(it, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Begin keeps an attempt at connecting until it is taken; the table forgets it
// some time after its end.
func (s *Store) Begin(ctx context.Context, a connection.Attempt) error {
	it, err := encode(attemptKey(a.State), a)
	if err != nil {
		return err
	}
	it[attrBrowser] = &types.AttributeValueMemberB{Value: a.Browser}
	it[attrExpires] = number(a.Ends.Unix())
	if _, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: it}); err != nil {
		return fmt.Errorf("keep the attempt: %w", err)
	}
	return nil
}

// Take removes and returns the attempt, for the browser that began it.
func (s *Store) Take(ctx context.Context, state string, browser []byte) (a connection.Attempt, ok bool, err error) {
	if state == "" {
		return a, false, nil
	}
	out, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.Table, Key: attemptKey(state).item(),
		ConditionExpression:       aws.String("browser = :browser"),
		ExpressionAttributeValues: item{":browser": &types.AttributeValueMemberB{Value: browser}},
		ReturnValues:              types.ReturnValueAllOld,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("take the attempt: %w", err)
	}
	return a, true, decode(out.Attributes, &a)
}

// Link stores the successor of the version that c carries, locks a Zoom account
// to its host, and lists the provider in the host's record. A connection that has
// no predecessor begins with a version that no former one had, which is any: a
// refresh of one that was disconnected must not meet it. It returns *connection.InUse or
// *connection.Stale.
func (s *Store) Link(ctx context.Context, c connection.Connection, replaced connection.Account) error {
	read := c.Version
	c.Version++
	if read == 0 {
		c.Version = 1 + rand.IntN(1<<52) // #nosec G404 -- a version, no secret
	}
	it, err := connectionItem(c)
	if err != nil {
		return err
	}
	put := &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression:       aws.String("version = :read"),
		ExpressionAttributeValues: item{":read": number(int64(read))},
	}
	if read == 0 {
		put.ConditionExpression = aws.String("attribute_not_exists(pk) OR version = :read")
	}
	writes := []types.TransactWriteItem{{Put: put}, {Update: s.list(c)}}
	lock := len(writes)
	if oneGrantAUser(c.Provider) {
		writes = append(writes, types.TransactWriteItem{Put: s.lock(c)})
		if replaced.ID != "" && replaced.ID != c.Account.ID {
			writes = append(writes, types.TransactWriteItem{Delete: s.unlock(c.Provider, replaced.ID, c.Host)})
		}
	}
	there := len(writes)
	writes = append(writes, s.there(c.Host, c.ConnectedAt), types.TransactWriteItem{Update: s.planDue(c.Host)},
		types.TransactWriteItem{Update: s.auditDue(c.Host, c.ConnectedAt)})
	err = s.whenCalm(ctx, func() error { return s.write(ctx, writes...) }, noLook)
	failed := (*conditionFailed)(nil)
	switch {
	case errors.As(err, &failed) && (failed.first == there || failed.first == 1):
		return &host.Unknown{}
	case errors.As(err, &failed) && failed.first == lock:
		return &connection.InUse{By: stringOf(failed.item[attrHost])}
	case errors.As(err, &failed) && failed.first == 0:
		return &connection.Stale{}
	case err != nil:
		return fmt.Errorf("write the connection to %s: %w", c.Provider, err)
	}
	return nil
}

// Owner returns the host to whom a Zoom account is locked; empty if to nobody.
func (s *Store) Owner(ctx context.Context, p connection.Provider, account string) (string, error) {
	if !oneGrantAUser(p) || account == "" {
		return "", nil
	}
	it, err := s.get(ctx, accountKey(string(p), account))
	if err != nil {
		return "", fmt.Errorf("read the lock of an account: %w", err)
	}
	return stringOf(it[attrHost]), nil
}

// Evict removes the lock on an account from a host whose connection is former, and
// what that held of the account: its user may remove our app later, and nobody could
// tell then whose it was. It returns *connection.Stale if the connection is another
// by now, or the lock is.
func (s *Store) Evict(ctx context.Context, owner string, p connection.Provider, account string, former connection.Connection) error {
	still, err := s.still(owner, p, account, former)
	if err != nil {
		return err
	}
	err = s.whenCalm(ctx, func() error {
		return s.write(ctx, types.TransactWriteItem{Delete: s.unlock(p, account, owner)}, still)
	}, noLook)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) {
		return &connection.Stale{}
	}
	if err != nil {
		return fmt.Errorf("free an account: %w", err)
	}
	return nil
}

// still checks that the owner's connection is former. One to the account itself is
// emptied.
func (s *Store) still(owner string, p connection.Provider, account string, former connection.Connection) (types.TransactWriteItem, error) {
	check := &types.ConditionCheck{
		TableName: &s.Table, Key: connectionKey(owner, string(p)).item(), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}
	if former.Version == 0 {
		return types.TransactWriteItem{ConditionCheck: check}, nil
	}
	unchanged, read := aws.String("version = :read"), item{":read": number(int64(former.Version))}
	if former.Account.ID != account {
		check.ConditionExpression, check.ExpressionAttributeValues = unchanged, read
		return types.TransactWriteItem{ConditionCheck: check}, nil
	}
	former.Version++
	former.Account, former.Sealed, former.Warnings = connection.Account{}, nil, nil
	it, err := connectionItem(former)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.Table, Item: it, ConditionExpression: unchanged, ExpressionAttributeValues: read,
	}}, err
}

// oneGrantAUser reports whether a second grant of the same user ends the first:
// then two hosts cannot share an account.
func oneGrantAUser(p connection.Provider) bool { return p == connection.Zoom }

// lock gives the account to the host. The lock's attribute host is not that of a
// booking: it has no startsAt, so no index holds it.
func (s *Store) lock(c connection.Connection) *types.Put {
	it := accountKey(string(c.Provider), c.Account.ID).item()
	it[attrHost] = text(c.Host)
	return &types.Put{
		TableName: &s.Table, Item: it,
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR #host = :host"),
		ExpressionAttributeNames:            map[string]string{"#host": attrHost},
		ExpressionAttributeValues:           item{":host": text(c.Host)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

func (s *Store) unlock(p connection.Provider, account, host string) *types.Delete {
	return &types.Delete{
		TableName: &s.Table, Key: accountKey(string(p), account).item(),
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR #host = :host"),
		ExpressionAttributeNames:  map[string]string{"#host": attrHost},
		ExpressionAttributeValues: item{":host": text(host)},
	}
}

// Unlink removes the connection, its lock, the provider from the host's record, and
// what was copied from calendars there. It returns *connection.Stale.
func (s *Store) Unlink(ctx context.Context, c connection.Connection) error {
	return s.unlink(ctx, c)
}

// unlink removes the connection and what Link stored with it, together with another
// write. It returns *connection.Stale if either is refused.
func (s *Store) unlink(ctx context.Context, c connection.Connection, more ...types.TransactWriteItem) error {
	gone := c
	gone.Status = "" // not connected: the host's record drops it
	writes := []types.TransactWriteItem{
		{Delete: &types.Delete{
			TableName: &s.Table, Key: connectionKey(c.Host, string(c.Provider)).item(),
			ConditionExpression:       aws.String("version = :read"),
			ExpressionAttributeValues: item{":read": number(int64(c.Version))},
		}},
	}
	writes = append(writes, more...)
	conditions := len(writes)
	writes = append(writes, types.TransactWriteItem{Update: s.list(gone)})
	if oneGrantAUser(c.Provider) {
		writes = append(writes, types.TransactWriteItem{Delete: s.unlock(c.Provider, c.Account.ID, c.Host)})
	}
	writes = append(writes, types.TransactWriteItem{Update: s.planDue(c.Host)})
	err := s.whenCalm(ctx, func() error { return s.write(ctx, writes...) }, noLook)
	if failed := (*conditionFailed)(nil); errors.As(err, &failed) && failed.first < conditions {
		return &connection.Stale{}
	}
	if err != nil {
		return fmt.Errorf("remove the connection to %s: %w", c.Provider, err)
	}
	return s.Forget(ctx, c.Host, c.Provider) // should it fail, the plan does it
}

// under lists the items of one partition whose sort keys begin alike, as last
// written.
func (s *Store) under(ctx context.Context, pk, prefix string) ([]item, error) {
	var all []item
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(pk), ":sk": text(prefix)},
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, out.Items...)
	}
	return all, nil
}
