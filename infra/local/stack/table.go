package stack

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/store"
)

// region and the credentials are any that the SDKs take: no local engine looks.
const (
	region      = "us-east-1"
	accessKeyID = "local"
	secretKey   = "local"
)

func dynamoDB(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       region,
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider(accessKeyID, secretKey, ""),
	})
}

// createTable makes the table. One that an earlier run made gets the indexes that
// have been thought of since.
func createTable(ctx context.Context, db *dynamodb.Client, name string) error {
	_, err := db.CreateTable(ctx, store.Table(name))
	if errors.As(err, new(*types.ResourceInUseException)) {
		return addIndexes(ctx, db, name)
	}
	if err != nil {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	_, err = db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(store.TTLAttribute), Enabled: aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("set the time to live of table %s: %w", name, err)
	}
	return nil
}

// addIndexes makes the indexes that the table lacks, one at a time as DynamoDB has
// it.
func addIndexes(ctx context.Context, db *dynamodb.Client, name string) error {
	table, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if err != nil {
		return fmt.Errorf("describe table %s: %w", name, err)
	}
	has := map[string]bool{}
	for _, index := range table.Table.GlobalSecondaryIndexes {
		has[aws.ToString(index.IndexName)] = true
	}
	definition := store.Table(name)
	for _, index := range definition.GlobalSecondaryIndexes {
		if has[*index.IndexName] {
			continue
		}
		_, err := db.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName: aws.String(name), AttributeDefinitions: definition.AttributeDefinitions,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
			}}},
		})
		if err != nil {
			return fmt.Errorf("add index %s to table %s: %w", *index.IndexName, name, err)
		}
	}
	return nil
}
