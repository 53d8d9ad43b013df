package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/booking"
)

// quotaKeep is how long a count is kept after its hour.
const quotaKeep = 24 * time.Hour

// takeOne counts one use of the quota, unless none is left.
func (s *Store) takeOne(q booking.Quota) *types.Update {
	return &types.Update{
		TableName: &s.Table, Key: quotaKey(q).item(),
		UpdateExpression:         aws.String("ADD #used :one SET #expires = :e"),
		ConditionExpression:      aws.String("attribute_not_exists(#used) OR #used < :most"),
		ExpressionAttributeNames: map[string]string{"#used": attrUsed, "#expires": attrExpires},
		ExpressionAttributeValues: item{
			":one": number(1), ":most": number(int64(q.Most)),
			":e": number(q.Ends().Add(quotaKeep).Unix()),
		},
	}
}

// Count takes one of the quota. It returns *booking.RateLimited if none is left.
func (s *Store) Count(ctx context.Context, q booking.Quota) error {
	u := s.takeOne(q)
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key,
		UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if used := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &used) {
		return &booking.RateLimited{Until: q.Ends()}
	}
	if err != nil {
		return fmt.Errorf("count a use: %w", err)
	}
	return nil
}
