package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/connection"
)

// removalQueue holds the reports of removed apps that were not followed yet.
const removalQueue queue = "removal"

func reportKey(hash string) key { return key{reportPrefix + hash, "REPORT"} }

const (
	reportPrefix = "REPORT#"
	// reportKeep is how long a report is known, to be followed once: providers
	// repeat theirs for hours.
	reportKeep = 3 * 24 * time.Hour
	// removalAfter is what a removal waits at least: ending a grant ourselves has the
	// provider report it too, and a moment later nothing is left to remove.
	removalAfter = 10 * time.Second
)

// Note keeps a report and makes due what follows from it, in one write: a look at
// the connection of the user's host, or a comparison of the host's bookings with
// what stands outside. A report that was noted before, or that is about nobody's
// account here, changes nothing.
func (s *Store) Note(ctx context.Context, r connection.Report) error {
	owner, err := s.Owner(ctx, r.Provider, r.User)
	if err != nil || owner == "" {
		return err
	}
	put, err := s.putReport(r)
	if err != nil {
		return err
	}
	if r.Removed {
		_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression,
		})
	} else {
		err = s.whenCalm(ctx, func() error { return s.transact(ctx, put, s.auditDue(owner, r.Came)) }, noLook)
	}
	known, failed := (*types.ConditionalCheckFailedException)(nil), (*conditionFailed)(nil)
	if errors.As(err, &known) || errors.As(err, &failed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note a report of %s: %w", r.Provider, err)
	}
	return nil
}

// putReport writes a report that is new. One that is followed at once is kept as a
// bare key, with nothing of its user; one of a removal is not forgotten before it
// was followed.
func (s *Store) putReport(r connection.Report) (*types.Put, error) {
	it := reportKey(r.Key).item()
	if r.Removed {
		var err error
		it, err = encode(reportKey(r.Key), connection.Removal{
			Key: r.Key, Provider: r.Provider, User: r.User, At: r.RemovedAt, Came: r.Came,
		})
		if err != nil {
			return nil, err
		}
		enqueue(it, removalQueue, r.Came.Add(removalAfter))
	} else {
		it[attrExpires] = number(r.Came.Add(reportKeep).Unix())
	}
	return &types.Put{TableName: &s.Table, Item: it, ConditionExpression: aws.String("attribute_not_exists(pk)")}, nil
}
