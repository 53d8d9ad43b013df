package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// amend changes a record that is one item, by what is stored then: none is its zero
// value. Writes that change returns are made with it, all or none; an error that it
// returns ends it, and nothing is stored.
func amend[R any](ctx context.Context, s *Store, k key, change func(*R) ([]types.TransactWriteItem, error)) error {
	return s.whenCalm(ctx, func() error {
		record, read, err := versioned[R](ctx, s, k)
		if err != nil {
			return err
		}
		more, err := change(&record)
		if err != nil {
			return err
		}
		it, err := encode(k, record)
		if err != nil {
			return err
		}
		it[attrVersion] = number(int64(read + 1))
		put := &types.Put{
			TableName: &s.Table, Item: it,
			ConditionExpression: aws.String("version = :read"), ExpressionAttributeValues: item{":read": number(int64(read))},
		}
		if read == 0 {
			put.ConditionExpression, put.ExpressionAttributeValues = aws.String("attribute_not_exists(pk)"), nil
		}
		err = s.write(ctx, append([]types.TransactWriteItem{{Put: put}}, more...)...)
		if failed := (*conditionFailed)(nil); errors.As(err, &failed) && failed.first == 0 {
			return errConflict // another change came first: read again
		}
		return err
	}, noLook)
}

// versioned reads a record and which version of it that is; 0: there is none.
func versioned[R any](ctx context.Context, s *Store, k key) (record R, version int, err error) {
	it, err := s.get(ctx, k)
	if err != nil || it == nil {
		return record, 0, err
	}
	return record, intOf(it[attrVersion]), decode(it, &record)
}
