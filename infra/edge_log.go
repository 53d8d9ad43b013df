package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// distributionOutput names the distribution for the stack that takes its log.
const distributionOutput = "Distribution"

// edgeFields are what is told of each request: as in the API's log, neither addresses
// nor paths, the one of which are personal data, while the other hold booking ids.
var edgeFields = []string{
	"date", "time", "x-edge-location", "cs-method", "cs-protocol-version", "ssl-protocol", "sc-status", "sc-bytes",
	"x-edge-result-type", "x-edge-detailed-result-type", "x-edge-request-id", "time-taken", "time-to-first-byte",
}

// newEdgeLog takes the distribution's access log. Its parts must be in edgeRegion, and
// the distribution be there before them: hence a stack that is deployed last.
func newEdgeLog(stack awscdk.Stack, s Settings) {
	group := newServiceLogGroup(stack, "EdgeLog", "cloudfront", s)
	id := awscdk.Fn_GetStackOutput(jsii.String(s.AppStackName()), jsii.String(distributionOutput), jsii.String(s.Region), nil)
	source := awslogs.NewCfnDeliverySource(stack, jsii.String("Source"), &awslogs.CfnDeliverySourceProps{
		Name: jsii.String(s.StackName()), LogType: jsii.String("ACCESS_LOGS"),
		ResourceArn: stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("cloudfront"), Region: jsii.String(""), Resource: jsii.String("distribution"), ResourceName: id,
		}),
	})
	destination := awslogs.NewCfnDeliveryDestination(stack, jsii.String("Destination"), &awslogs.CfnDeliveryDestinationProps{
		Name: jsii.String(s.StackName()), DestinationResourceArn: group.LogGroupArn(), OutputFormat: jsii.String("json"),
	})
	delivery := awslogs.NewCfnDelivery(stack, jsii.String("Delivery"), &awslogs.CfnDeliveryProps{
		DeliverySourceName: source.Name(), DeliveryDestinationArn: destination.AttrArn(), RecordFields: jsii.Strings(edgeFields...),
	})
	delivery.AddDependency(source) // which it knows by name only
}
