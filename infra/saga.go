package main

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// bookDefinition stands in the template itself, not in an asset, so that
// `cdk diff` shows its changes and cfn-lint reads it.
//
//go:embed workflows/book.asl.json
var bookDefinition string

// steps are the functions that the state machine calls.
var steps = []string{function.Meeting, function.Event, function.Mail, function.Settle}

// newSaga is the state machine of workflows/book.asl.json. CDK reads neither
// grants nor ARNs out of a given definition: both are written here.
func newSaga(scope constructs.Construct, s Settings, fs functions) awsstepfunctions.StateMachine {
	substitutions := map[string]*string{}
	var arns []string
	for _, name := range steps {
		arn := fs[name].FunctionArn()
		substitutions[function.Function{Name: name}.Placeholder()] = arn
		arns = append(arns, *arn)
	}
	role := awsiam.NewRole(scope, jsii.String("BookRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, arns...))
	machine := awsstepfunctions.NewStateMachine(scope, jsii.String("Book"), &awsstepfunctions.StateMachineProps{
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(bookDefinition)),
		DefinitionSubstitutions: &substitutions,
		Role:                    role,
		TracingEnabled:          jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination:          newServiceLogGroup(scope, "BookLog", "states", s),
			Level:                awsstepfunctions.LogLevel_ERROR,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
	pin(machine, "Book")
	return machine
}
