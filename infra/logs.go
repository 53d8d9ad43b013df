package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

func newLogGroup(scope constructs.Construct, id string, s Settings) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		Retention:     s.LogRetention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// newServiceLogGroup is for a service that delivers its logs itself. Under this
// prefix one entry of the account's resource policy, which is limited to 5,120
// characters, serves all groups (Step Functions Developer Guide, "Logging using
// CloudWatch Logs").
func newServiceLogGroup(scope constructs.Construct, id, service string, s Settings) awslogs.LogGroup {
	group := awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/vendedlogs/" + service + "/" + s.StackName()),
		Retention:     s.LogRetention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	pin(group, id)
	return group
}
