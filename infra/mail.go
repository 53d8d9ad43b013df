package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// mail is the identity that mails come from.
type mail struct {
	identity      awsses.EmailIdentity
	configuration awsses.ConfigurationSet
}

func newMail(scope constructs.Construct, s Settings) mail {
	configuration := awsses.NewConfigurationSet(scope, jsii.String("Mail"), &awsses.ConfigurationSetProps{
		TlsPolicy:          awsses.ConfigurationSetTlsPolicy_REQUIRE,
		ReputationMetrics:  jsii.Bool(true),
		SuppressionReasons: awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
	})
	return mail{
		configuration: configuration,
		identity: awsses.NewEmailIdentity(scope, jsii.String("Sender"), &awsses.EmailIdentityProps{
			Identity:         awsses.Identity_Domain(jsii.String(s.Domain)),
			ConfigurationSet: configuration,
		}),
	}
}
