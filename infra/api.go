package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/httpapi"
)

// accessLog is a request's line, without addresses and paths: the one are
// personal data, the other hold booking ids.
const accessLog = `{"requestId":"$context.requestId","time":"$context.requestTime","route":"$context.routeKey",` +
	`"status":"$context.status","bytes":"$context.responseLength","milliseconds":"$context.responseLatency",` +
	`"error":"$context.integrationErrorMessage"}`

// What is taken in a second, over all callers. A flood is refused here, before it
// takes the account's functions from the sagas; guests at human rates are far below.
// Webhooks are open to anybody and may ask for many reads each, and what of theirs
// is refused the mirror's period makes up for.
const (
	requestsPerSecond = 200
	webhooksPerSecond = 50
)

// failed matches the lines of accessLog that are failures of ours. A 503 says that a page
// takes no bookings now, which anybody can have as often as they ask; what the gateway
// answers so for want of room has the alarm on throttling.
const failed = `{ ($.status = "5*") && ($.status != "503") }`

// newAPI makes the API without its routes, and what counts its failures.
func newAPI(scope constructs.Construct, s Settings) (api awsapigatewayv2.HttpApi, stage awsapigatewayv2.CfnStage, failures awslogs.MetricFilter) {
	api = awsapigatewayv2.NewHttpApi(scope, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(s.StackName()),
		CreateDefaultStage: jsii.Bool(false), // CDK's own has no access log
	})
	pin(api, "Api")
	log := newServiceLogGroup(scope, "ApiLog", "apis", s)
	stage = awsapigatewayv2.NewCfnStage(scope, jsii.String("ApiStage"), &awsapigatewayv2.CfnStageProps{
		ApiId:      api.ApiId(),
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit: jsii.Number(requestsPerSecond), ThrottlingBurstLimit: jsii.Number(2 * requestsPerSecond),
		},
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: log.LogGroupArn(),
			Format:         jsii.String(accessLog),
		},
	})
	failures = awslogs.NewMetricFilter(scope, jsii.String("ApiFailures"), &awslogs.MetricFilterProps{
		LogGroup:        log,
		FilterPattern:   awslogs.FilterPattern_Literal(jsii.String(failed)),
		MetricNamespace: jsii.String(s.MetricNamespace()),
		MetricName:      jsii.String("FailedRequests"),
		MetricValue:     jsii.String("1"),
		DefaultValue:    jsii.Number(0),
	})
	return api, stage, failures
}

// addRoutes makes the API's routes of the one table; those of the host's API take
// hosts' access tokens.
func addRoutes(api awsapigatewayv2.HttpApi, stage awsapigatewayv2.CfnStage, fs functions, hosts awsapigatewayv2.IHttpRouteAuthorizer) {
	slower := map[string]any{}
	integrations := map[httpapi.Function]awsapigatewayv2.HttpRouteIntegration{}
	for _, r := range httpapi.Routes() {
		if integrations[r.Function] == nil {
			name := string(r.Function)
			integrations[r.Function] = awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String(name), fs[name].live, &awsapigatewayv2integrations.HttpLambdaIntegrationProps{
				// One for each route would be more than a function's policy may hold, 20 KB.
				ScopePermissionToRoute: jsii.Bool(false),
			})
		}
		options := &awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(r.Path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: integrations[r.Function],
		}
		if r.Auth {
			options.Authorizer = hosts
		}
		made := api.AddRoutes(options)
		if r.Function == httpapi.WebhookFunction {
			slower[r.Method+" "+r.Path] = map[string]any{"ThrottlingRateLimit": webhooksPerSecond, "ThrottlingBurstLimit": 2 * webhooksPerSecond}
			stage.Node().AddDependency((*made)[0]) // it names the route
		}
	}
	stage.SetRouteSettings(slower)
}
