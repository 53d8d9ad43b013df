package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// keys encrypt what the services' own keys do not serve for.
type keys struct {
	vault  awskms.Key // the hosts' OAuth tokens
	alarms awskms.Key // what alarms say
}

func newKeys(scope constructs.Construct, s Settings) keys {
	k := keys{
		vault: newKey(scope, "VaultKey", "Yakusoku "+s.Stage+": encrypts the hosts' OAuth tokens", removal(s)),
		// It has nothing to open once what was said is heard.
		alarms: newKey(scope, "AlarmKey", "Yakusoku "+s.Stage+": encrypts what alarms say", awscdk.RemovalPolicy_DESTROY),
	}
	// The key that SNS has of its own is closed to CloudWatch (SNS Developer Guide,
	// "Enable compatibility between event sources and encrypted topics").
	k.alarms.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{cloudwatch()},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
		Resources:  jsii.Strings("*"), // the key itself: a key's policy names no other
		Conditions: ofThisAccount(scope),
	}), nil)
	return k
}

func newKey(scope constructs.Construct, id, description string, removal awscdk.RemovalPolicy) awskms.Key {
	key := awskms.NewKey(scope, jsii.String(id), &awskms.KeyProps{
		Description:       jsii.String(description),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal,
	})
	pin(key, id)
	return key
}
