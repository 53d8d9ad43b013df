package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newPager is the topic that alarms tell, and the mail address that hears it.
func newPager(scope constructs.Construct, s Settings, key awskms.IKey) awscloudwatch.IAlarmAction {
	topic := awssns.NewTopic(scope, jsii.String("Alarms"), &awssns.TopicProps{
		DisplayName: jsii.String("Yakusoku " + s.Stage), MasterKey: key, EnforceSSL: jsii.Bool(true),
	})
	// With a policy of its own a topic loses the one by which CloudWatch may speak to it.
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{cloudwatch()},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: ofThisAccount(scope),
	}))
	if s.Alarms != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(s.Alarms), nil))
	}
	output(awscdk.Stack_Of(scope), "AlarmTopic", "Whom alarms call: subscribe more here", topic.TopicArn())
	return awscloudwatchactions.NewSnsAction(topic)
}

// cloudwatch is who alarms speak as, ofThisAccount that they are ours.
func cloudwatch() awsiam.IPrincipal {
	return awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)
}

func ofThisAccount(scope constructs.Construct) *map[string]any {
	return &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()}}
}
