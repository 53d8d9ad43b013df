package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/store"
)

// storage is the table, and the secrets.
type storage struct {
	table        awsdynamodb.Table
	guestToken   awssecretsmanager.Secret
	zoomClient   awssecretsmanager.Secret
	zoomWebhook  awssecretsmanager.Secret
	googleClient awssecretsmanager.Secret
	// microsoftClient stays empty where a deployment has no app at Microsoft.
	microsoftClient awssecretsmanager.Secret
}

func newStorage(scope constructs.Construct, s Settings) storage {
	removal := removal(s)
	return storage{
		table:           newTable(scope, s, removal),
		guestToken:      newGuestTokenSecret(scope, removal),
		zoomClient:      newEmptySecret(scope, "ZoomClient", "the Zoom app's id and secret", emptyClient, removal),
		zoomWebhook:     newEmptySecret(scope, "ZoomWebhook", "the Zoom app's Secret Token, by which its events are signed", emptyToken, removal),
		googleClient:    newEmptySecret(scope, "GoogleClient", "the Google OAuth client's id and secret", emptyClient, removal),
		microsoftClient: newEmptySecret(scope, "MicrosoftClient", "the Microsoft app's id and secret", emptyClient, removal),
	}
}

// newTable makes the table of package store's one definition.
func newTable(scope constructs.Construct, s Settings, removal awscdk.RemovalPolicy) awsdynamodb.Table {
	definition := store.Table(s.StackName())
	kinds := map[string]awsdynamodb.AttributeType{}
	for _, a := range definition.AttributeDefinitions {
		kinds[*a.AttributeName] = attributeType(a.AttributeType)
	}
	keys := func(schema []types.KeySchemaElement) (partition, sort *awsdynamodb.Attribute) {
		for _, k := range schema {
			a := &awsdynamodb.Attribute{Name: k.AttributeName, Type: kinds[*k.AttributeName]}
			if k.KeyType == types.KeyTypeHash {
				partition = a
			} else {
				sort = a
			}
		}
		return partition, sort
	}
	partition, sort := keys(definition.KeySchema)
	table := awsdynamodb.NewTable(scope, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        partition,
		SortKey:             sort,
		BillingMode:         awsdynamodb.BillingMode(definition.BillingMode),
		Encryption:          awsdynamodb.TableEncryption_AWS_MANAGED,
		TimeToLiveAttribute: jsii.String(store.TTLAttribute),
		DeletionProtection:  jsii.Bool(s.Prod()),
		RemovalPolicy:       removal,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
	})
	for _, index := range definition.GlobalSecondaryIndexes {
		partition, sort := keys(index.KeySchema)
		props := &awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      index.IndexName,
			PartitionKey:   partition,
			SortKey:        sort,
			ProjectionType: awsdynamodb.ProjectionType(index.Projection.ProjectionType),
		}
		if attributes := index.Projection.NonKeyAttributes; len(attributes) > 0 {
			props.NonKeyAttributes = jsii.Strings(attributes...)
		}
		table.AddGlobalSecondaryIndex(props)
	}
	pin(table, "Table")
	return table
}

func attributeType(t types.ScalarAttributeType) awsdynamodb.AttributeType {
	switch t {
	case types.ScalarAttributeTypeS:
		return awsdynamodb.AttributeType_STRING
	case types.ScalarAttributeTypeN:
		return awsdynamodb.AttributeType_NUMBER
	case types.ScalarAttributeTypeB:
		return awsdynamodb.AttributeType_BINARY
	}
	panic(fmt.Sprintf("package store defines an attribute of type %q, which DynamoDB does not have", t))
}

// newGuestTokenSecret is generated once: guests' tokens are derived from it, and
// another would end every link that they were sent.
func newGuestTokenSecret(scope constructs.Construct, removal awscdk.RemovalPolicy) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(scope, jsii.String("GuestToken"), &awssecretsmanager.SecretProps{
		Description: jsii.String("Yakusoku: guests' tokens are derived from it"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: removal,
	})
	pin(secret, "GuestToken")
	return secret
}

// emptyClient is what an OAuth client's secret holds until it is filled in, and
// emptyToken what a token's does; the functions that need it say so until then.
// CloudFormation writes a secret's value when this text changes, and only then: a
// change would overwrite what was filled in.
const (
	emptyClient = `{"id":"","secret":""}`
	emptyToken  = `{"token":""}`
)

func newEmptySecret(scope constructs.Construct, id, what, empty string, removal awscdk.RemovalPolicy) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(scope, jsii.String(id), &awssecretsmanager.SecretProps{
		Description:       jsii.String("Yakusoku: " + what + ", filled in by hand"),
		SecretStringValue: awscdk.SecretValue_UnsafePlainText(jsii.String(empty)), // nothing secret in it
		RemovalPolicy:     removal,
	})
	pin(secret, id)
	return secret
}
