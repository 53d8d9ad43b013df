package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/store"
)

// storage is what must not be lost. The ids of its constructs are pinned: another
// id is another resource.
type storage struct {
	table        awsdynamodb.Table
	key          awskms.Key
	guestToken   awssecretsmanager.Secret
	zoomClient   awssecretsmanager.Secret
	googleClient awssecretsmanager.Secret
}

func newStorage(scope constructs.Construct, s Settings) storage {
	removal := awscdk.RemovalPolicy_DESTROY
	if s.Prod() {
		removal = awscdk.RemovalPolicy_RETAIN
	}
	return storage{
		table: newTable(scope, s, removal),
		key: awskms.NewKey(scope, jsii.String("Vault"), &awskms.KeyProps{
			Description:       jsii.String("Encrypts the hosts' OAuth tokens"),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     removal,
		}),
		guestToken: newSecret(scope, "GuestToken", "Guests' tokens are derived from it", removal,
			&awssecretsmanager.SecretStringGenerator{PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true)}),
		zoomClient:   newClientSecret(scope, "ZoomClient", "The Zoom app's client id and secret", removal),
		googleClient: newClientSecret(scope, "GoogleClient", "The Google OAuth client's id and secret", removal),
	}
}

var attributeTypes = map[types.ScalarAttributeType]awsdynamodb.AttributeType{
	types.ScalarAttributeTypeS: awsdynamodb.AttributeType_STRING,
	types.ScalarAttributeTypeN: awsdynamodb.AttributeType_NUMBER,
}

// newTable makes the table of package store's one definition.
func newTable(scope constructs.Construct, s Settings, removal awscdk.RemovalPolicy) awsdynamodb.Table {
	definition := store.Table("yakusoku")
	kinds := map[string]awsdynamodb.AttributeType{}
	for _, a := range definition.AttributeDefinitions {
		kinds[*a.AttributeName] = attributeTypes[a.AttributeType]
	}
	attribute := func(k types.KeySchemaElement) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: k.AttributeName, Type: kinds[*k.AttributeName]}
	}
	table := awsdynamodb.NewTable(scope, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        attribute(definition.KeySchema[0]),
		SortKey:             attribute(definition.KeySchema[1]),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          awsdynamodb.TableEncryption_AWS_MANAGED,
		TimeToLiveAttribute: jsii.String(store.TTLAttribute),
		DeletionProtection:  jsii.Bool(s.Prod()),
		RemovalPolicy:       removal,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
	})
	for _, index := range definition.GlobalSecondaryIndexes {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      index.IndexName,
			PartitionKey:   attribute(index.KeySchema[0]),
			SortKey:        attribute(index.KeySchema[1]),
			ProjectionType: awsdynamodb.ProjectionType(index.Projection.ProjectionType),
		})
	}
	return table
}

// newClientSecret is created empty, to be filled in by hand; functions that need
// it say so until then.
func newClientSecret(scope constructs.Construct, id, description string, removal awscdk.RemovalPolicy) awssecretsmanager.Secret {
	return newSecret(scope, id, description, removal, &awssecretsmanager.SecretStringGenerator{
		SecretStringTemplate: jsii.String(`{"id":"","secret":""}`),
		GenerateStringKey:    jsii.String("unused"),
	})
}

func newSecret(scope constructs.Construct, id, description string, removal awscdk.RemovalPolicy, content *awssecretsmanager.SecretStringGenerator) awssecretsmanager.Secret {
	return awssecretsmanager.NewSecret(scope, jsii.String(id), &awssecretsmanager.SecretProps{
		Description:          jsii.String(description),
		GenerateSecretString: content,
		RemovalPolicy:        removal,
	})
}
