package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// addSchedules calls the functions that have a period, each with an empty object.
func addSchedules(scope constructs.Construct, fs functions) {
	for _, f := range function.All() {
		if f.Every == 0 {
			continue
		}
		target := awseventstargets.NewLambdaFunction(fs[f.Name].live, &awseventstargets.LambdaFunctionProps{
			Event:         awsevents.RuleTargetInput_FromObject(map[string]any{}),
			RetryAttempts: jsii.Number(0), // the next run is the retry
		})
		awsevents.NewRule(scope, jsii.String(f.Placeholder()+"Schedule"), &awsevents.RuleProps{
			Schedule: awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(f.Every.Minutes()))),
			Targets:  &[]awsevents.IRuleTarget{target},
		})
	}
}
