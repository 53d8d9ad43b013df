package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/httpapi"
)

// accessLog is one line a request, without addresses: they are personal data.
var accessLog = map[string]string{
	"requestId": "$context.requestId",
	"time":      "$context.requestTime",
	"route":     "$context.routeKey",
	"status":    "$context.status",
	"ms":        "$context.responseLatency",
	"error":     "$context.integrationErrorMessage",
}

func newAPI(scope constructs.Construct, s Settings) awsapigatewayv2.HttpApi {
	api := awsapigatewayv2.NewHttpApi(scope, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		Description:        jsii.String("Yakusoku " + s.Stage),
		CreateDefaultStage: jsii.Bool(false),
	})
	format, err := json.Marshal(accessLog)
	if err != nil {
		panic(err) // a map of strings
	}
	stage := awsapigatewayv2.NewCfnStage(scope, jsii.String("ApiStage"), &awsapigatewayv2.CfnStageProps{
		ApiId:      api.ApiId(),
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: newLogGroup(scope, "ApiLog", s).LogGroupArn(),
			Format:         jsii.String(string(format)),
		},
	})
	stage.Node().AddDependency(api)
	return api
}

// addRoutes makes the API's routes of the one table.
func addRoutes(api awsapigatewayv2.HttpApi, fs functions) {
	integrations := map[httpapi.Function]awsapigatewayv2.HttpRouteIntegration{}
	for _, r := range httpapi.Routes() {
		name := string(r.Function)
		if integrations[r.Function] == nil {
			integrations[r.Function] = awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String(name), fs[name], nil)
		}
		api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(r.Path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: integrations[r.Function],
		})
	}
}
