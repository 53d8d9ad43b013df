package main

import (
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// functions are the deployed Lambdas by name.
type functions map[string]deployed

// deployed is one of them, and the alias by which everything calls it: of the version
// that serves, or for a while of two.
type deployed struct {
	awslambda.Function
	live awslambda.Alias
}

const liveAlias = "live"

// newFunctions makes the functions of package function's list, each with a role
// of its own and with those of the values that it may read.
func newFunctions(scope constructs.Construct, s Settings, values map[string]*string) functions {
	all := functions{}
	for _, f := range function.All() {
		all[f.Name] = newFunction(scope, s, f, values)
	}
	return all
}

func newFunction(scope constructs.Construct, s Settings, f function.Function, values map[string]*string) deployed {
	id := f.Placeholder()
	environment := map[string]*string{}
	for _, name := range f.Environment() {
		if v := values[name]; v != nil {
			environment[name] = v
		}
	}
	logs := newLogGroup(scope, id+"Log", s)
	role := awsiam.NewRole(scope, jsii.String(id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	props := &awslambda.FunctionProps{
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  s.Architecture.lambda(),
		Handler:       jsii.String("bootstrap"),
		Code:          awslambda.Code_FromAsset(jsii.String(filepath.Join(s.Binaries, f.Name)), nil),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(f.Timeout.Seconds())),
		MemorySize:    jsii.Number(f.MemoryMB),
		Environment:   &environment,
		Role:          role,
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Tracing:       awslambda.Tracing_ACTIVE,
	}
	if s.Restart != "" {
		props.Description = jsii.String("started anew: " + s.Restart)
	}
	if s.ReserveConcurrency && f.Reserved > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(f.Reserved)
	}
	made := awslambda.NewFunction(scope, jsii.String(id), props)
	live := &awslambda.AliasProps{AliasName: jsii.String(liveAlias), Version: made.CurrentVersion()}
	if f.Every > 0 {
		live.RetryAttempts = jsii.Number(0) // the next run is the retry
	}
	return deployed{Function: made, live: awslambda.NewAlias(scope, jsii.String(id+"Live"), live)}
}

// tell gives a value that is known late to every function that may read it.
func (fs functions) tell(variable string, value *string) {
	for _, f := range function.All() {
		if slices.Contains(f.Environment(), variable) {
			fs[f.Name].AddEnvironment(jsii.String(variable), value, nil)
		}
	}
}
