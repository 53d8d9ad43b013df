package store

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Attributes beside the day sheets' cells.
const (
	attrPK        = "pk"
	attrSK        = "sk"
	attrHost      = "host"
	attrStartsAt  = "startsAt"  // RFC 3339, UTC
	attrUnsettled = "unsettled" // present while a booking has something left to do
	attrDeadline  = "deadline"  // epoch seconds
	attrExpires   = "expires"   // epoch seconds: DynamoDB's time to live
	attrVersion   = "version"   // of a record: a write names the one that it read
	attrData      = "data"      // the record itself
	attrUsed      = "used"      // of a quota
	attrUntil     = "until"     // epoch seconds: of a host who is shut for a while
	attrBrowser   = "browser"   // who began an attempt at connecting
	attrMirrored  = "mirrored"  // present while a calendar, or a host's plan of them, is to be looked at
	attrDue       = "due"       // epoch milliseconds: when
	attrQueue     = "queue"     // present while an item waits in a queue
	attrQueuedFor = "queuedFor" // epoch milliseconds: until when it waits
)

// Indexes of the table, one for each access pattern.
const (
	IndexHostBookings = "host-bookings" // a host's bookings by start
	IndexUnsettled    = "unsettled"     // sparse: bookings that sweep looks after, by deadline
	IndexMirrored     = "mirrored"      // sparse: calendars to be read, by when
	IndexQueued       = "queued"        // sparse: what waits in a queue, by when it is due
)

// TTLAttribute holds the epoch second after which an item may be deleted.
const TTLAttribute = attrExpires

// Table is the one definition of the table: the stack, the local run and the
// tests make theirs from it. The indexes project keys only, so that a booking's
// steps are not written twice.
func Table(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			attribute(attrPK, types.ScalarAttributeTypeS),
			attribute(attrSK, types.ScalarAttributeTypeS),
			attribute(attrHost, types.ScalarAttributeTypeS),
			attribute(attrStartsAt, types.ScalarAttributeTypeS),
			attribute(attrUnsettled, types.ScalarAttributeTypeS),
			attribute(attrDeadline, types.ScalarAttributeTypeN),
			attribute(attrMirrored, types.ScalarAttributeTypeS),
			attribute(attrDue, types.ScalarAttributeTypeN),
			attribute(attrQueue, types.ScalarAttributeTypeS),
			attribute(attrQueuedFor, types.ScalarAttributeTypeN),
		},
		KeySchema: keys(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			index(IndexHostBookings, attrHost, attrStartsAt),
			index(IndexUnsettled, attrUnsettled, attrDeadline),
			index(IndexMirrored, attrMirrored, attrDue),
			index(IndexQueued, attrQueue, attrQueuedFor),
		},
	}
}

func attribute(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
}

func keys(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func index(name, partition, sort string) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName:  aws.String(name),
		KeySchema:  keys(partition, sort),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}
}
