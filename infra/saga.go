package main

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// The definitions stand in the template itself, not in an asset, so that
// `cdk diff` shows their changes and cfn-lint reads them.
var (
	//go:embed workflows/book.asl.json
	bookDefinition string
	//go:embed workflows/cancel.asl.json
	cancelDefinition string
	//go:embed workflows/move.asl.json
	moveDefinition string
)

// sagas are the state machines.
type sagas struct{ book, cancel, move awsstepfunctions.StateMachine }

func newSagas(scope constructs.Construct, s Settings, fs functions) sagas {
	return sagas{
		book:   newSaga(scope, s, fs, "Book", "states", bookDefinition, function.Meeting, function.Event, function.Mail, function.Settle),
		cancel: newSaga(scope, s, fs, "Cancel", "cancellations", cancelDefinition, function.Meeting, function.Event, function.Mail),
		move:   newSaga(scope, s, fs, "Move", "moves", moveDefinition, function.Meeting, function.Event, function.Mail, function.Settle),
	}
}

// newSaga is the state machine of a definition that calls the steps' functions.
// CDK reads neither grants nor ARNs out of a given definition: both are written
// here.
func newSaga(scope constructs.Construct, s Settings, fs functions, id, logs, definition string, steps ...string) awsstepfunctions.StateMachine {
	substitutions := map[string]*string{}
	var arns []string
	for _, name := range steps {
		arn := fs[name].live.FunctionArn()
		substitutions[function.Function{Name: name}.Placeholder()] = arn
		arns = append(arns, *arn)
	}
	role := awsiam.NewRole(scope, jsii.String(id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, arns...))
	machine := awsstepfunctions.NewStateMachine(scope, jsii.String(id), &awsstepfunctions.StateMachineProps{
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(definition)),
		DefinitionSubstitutions: &substitutions,
		Role:                    role,
		TracingEnabled:          jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination:          newServiceLogGroup(scope, id+"Log", logs, s),
			Level:                awsstepfunctions.LogLevel_ERROR,
			IncludeExecutionData: jsii.Bool(false),
		},
	})
	pin(machine, id)
	return machine
}
