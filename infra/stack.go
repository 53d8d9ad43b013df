package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// deployment is one stage of Yakusoku, in stacks by how long what is in them must
// last.
type deployment struct {
	kept awscdk.Stack // what cannot be made again
	app  awscdk.Stack // what can
}

// newDeployment makes the stacks in the order in which they are deployed. The first
// has the name, and its resources the ids, that everything had when it was one stack:
// an upgrade leaves them where they are.
func newDeployment(scope constructs.Construct, s Settings) deployment {
	d := deployment{
		kept: newStack(scope, s, s.StackName(), "what must not be lost", s.Prod()),
		// Without an origin of its own its address is in guests' links.
		app: newStack(scope, s, s.StackName()+"-app", "bookings that exist everywhere or nowhere", s.Prod() && s.Origin == ""),
	}
	newApp(d.app, s, newKept(d.kept, s))
	return d
}

func newStack(scope constructs.Construct, s Settings, name, what string, protected bool) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String(name), &awscdk.StackProps{
		Description:           jsii.String("Yakusoku: " + what),
		TerminationProtection: jsii.Bool(protected),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("app"), jsii.String("yakusoku"), nil)
	awscdk.Tags_Of(stack).Add(jsii.String("stage"), jsii.String(s.Stage), nil)
	return stack
}

// output shows a value at the end of a deployment.
func output(stack awscdk.Stack, name, description string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(name), &awscdk.CfnOutputProps{
		Description: jsii.String(description), Value: value,
	})
}

// pin gives the construct's resource a logical id that neither a move nor a new
// name of the construct changes. Under another id CloudFormation makes another
// resource, and what was in the old one is lost: data, verified identities, sagas
// in flight, the address in guests' links.
func pin(c constructs.Construct, id string) {
	c.Node().DefaultChild().(awscdk.CfnElement).OverrideLogicalId(jsii.String(id))
}
