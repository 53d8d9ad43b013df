package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newDeployment makes one stage of Yakusoku, in stacks by how long what is in them must
// last and by where it must be. That of what is kept has the name, and its resources the
// ids, that everything had when it was one stack: an upgrade leaves them where they are.
func newDeployment(scope constructs.Construct, s Settings) {
	keptStack := newStack(scope, s, s.StackName(), &awscdk.StackProps{
		Description:           jsii.String("Yakusoku: what must not be lost"),
		TerminationProtection: jsii.Bool(s.Prod()),
	})
	edge := newStack(scope, s, s.EdgeStackName(), &awscdk.StackProps{
		Description: jsii.String("Yakusoku: what stands before CloudFront"),
		Env:         &awscdk.Environment{Region: jsii.String(edgeRegion)},
	})
	app := newStack(scope, s, s.AppStackName(), &awscdk.StackProps{
		Description: jsii.String("Yakusoku: bookings that exist everywhere or nowhere"),
		// Without a domain the address in guests' links is this stack's.
		TerminationProtection: jsii.Bool(s.Prod() && s.Domain == ""),
	})
	log := newStack(scope, s, s.LogStackName(), &awscdk.StackProps{
		Description: jsii.String("Yakusoku: what CloudFront tells of requests"),
		Env:         &awscdk.Environment{Region: jsii.String(edgeRegion)},
	})
	newFirewall(edge)
	newApp(app, s, newKept(keptStack, s))
	newEdgeLog(log, s)
	// What is elsewhere comes first: without `cdk bootstrap` there, nothing has changed yet.
	keptStack.AddStackDependency(edge, nil)
	app.AddStackDependency(edge, jsii.String("its distribution names the firewall"))
	log.AddStackDependency(app, jsii.String("it names the distribution"))
}

func newStack(scope constructs.Construct, s Settings, name string, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String(name), props)
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
