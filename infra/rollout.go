package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
	"yakusoku/shared/httpapi"
)

// addRollout lets a new version of what people call have a tenth of the calls for five
// minutes in prod, and gives them back to the former one when an alarm says so. Steps
// of sagas and what runs every minute change at once: they go by what is recorded, are
// retried, and half of them would be no safer. So does what serves pages: a page of one
// version asks for scripts that the other does not have.
func addRollout(scope constructs.Construct, s Settings, fs functions, w *watch) {
	if !s.Prod() || s.AtOnce {
		return
	}
	application := awscodedeploy.NewLambdaApplication(scope, jsii.String("Rollout"), nil)
	role := newRolloutRole(scope, fs)
	for _, name := range calledByPeople() {
		id := function.Function{Name: name}.Placeholder()
		crashes := w.silent(id+"Crashes", "Requests fail", fs[name].live.MetricErrors(over(1)), limit{threshold: 3, periods: 1})
		awscodedeploy.NewLambdaDeploymentGroup(scope, jsii.String(id+"Rollout"), &awscodedeploy.LambdaDeploymentGroupProps{
			Application:      application,
			Alias:            fs[name].live,
			DeploymentConfig: awscodedeploy.LambdaDeploymentConfig_CANARY_10PERCENT_5MINUTES(),
			Alarms:           &[]interfacesawscloudwatch.IAlarmRef{crashes, w.failing},
			Role:             role,
		})
	}
}

// calledByPeople are the functions behind the API's routes, but for the pages'.
func calledByPeople() (names []string) {
	seen := map[httpapi.Function]bool{}
	for _, r := range httpapi.Routes() {
		if !seen[r.Function] && r.Function != httpapi.SiteFunction {
			seen[r.Function] = true
			names = append(names, string(r.Function))
		}
	}
	return names
}

// newRolloutRole moves those functions' aliases, and looks at alarms. CodeDeploy's own
// policy, which CDK would give it, moves every function's.
func newRolloutRole(scope constructs.Construct, fs functions) awsiam.IRole {
	var aliases []string
	for _, name := range calledByPeople() {
		// Some of the actions are on a function, others on its alias (Service Authorization
		// Reference, "AWS Lambda").
		aliases = append(aliases, *fs[name].FunctionArn(), *fs[name].FunctionArn()+":"+liveAlias)
	}
	alarms := *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String("*"),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	// In the role itself: a policy beside it may come after the deployment that needs it.
	role := awsiam.NewRole(scope, jsii.String("RolloutRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("codedeploy.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Rollout": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{
				allow([]string{"lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"}, aliases...),
				allow([]string{"cloudwatch:DescribeAlarms"}, alarms),
			},
		})},
	})
	return role.WithoutPolicyUpdates(nil)
}
