package main

import (
	"path/filepath"
	"runtime"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// steps are the functions that the state machines may call.
var steps = []string{function.Meeting, function.Event, function.Mail, function.Settle}

// newSaga is the state machine of workflows/book.asl.json. A definition from a
// file brings neither grants nor names: both are given here.
func newSaga(scope constructs.Construct, s Settings, fs functions) awsstepfunctions.StateMachine {
	placeholders := map[string]*string{}
	var arns []*string
	for _, f := range function.All() {
		for _, name := range steps {
			if f.Name == name {
				placeholders[f.Placeholder()] = fs[name].FunctionArn()
				arns = append(arns, fs[name].FunctionArn())
			}
		}
	}
	role := awsiam.NewRole(scope, jsii.String("BookRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, arns...))
	return awsstepfunctions.NewStateMachine(scope, jsii.String("Book"), &awsstepfunctions.StateMachineProps{
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromFile(jsii.String(workflow("book")), nil),
		DefinitionSubstitutions: &placeholders,
		Role:                    role,
		TracingEnabled:          jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination:          newLogGroup(scope, "BookLog", s),
			Level:                awsstepfunctions.LogLevel_ERROR,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
}

func workflow(name string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "workflows", name+".asl.json")
}

// addSchedules calls the functions that have a period.
func addSchedules(scope constructs.Construct, fs functions) {
	for _, f := range function.All() {
		if f.Every == 0 {
			continue
		}
		awsevents.NewRule(scope, jsii.String(f.Placeholder()+"Schedule"), &awsevents.RuleProps{
			Schedule: awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(f.Every.Minutes()))),
			Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(fs[f.Name], &awseventstargets.LambdaFunctionProps{
				Event:         awsevents.RuleTargetInput_FromObject(map[string]any{}),
				RetryAttempts: jsii.Number(0), // the next minute is the retry
			})},
		})
	}
}
