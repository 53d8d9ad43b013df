package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// NewStack is one deployment of Yakusoku.
func NewStack(scope constructs.Construct, id string, s Settings) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Description:           jsii.String("Yakusoku: bookings that exist everywhere or nowhere"),
		TerminationProtection: jsii.Bool(s.Prod()),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("app"), jsii.String("yakusoku"), nil)

	storage := newStorage(stack, s)
	mail := newMail(stack, s)
	api := newAPI(stack, s)
	origin := jsii.String(s.Origin)
	if s.Origin == "" {
		origin = api.ApiEndpoint()
	}
	functions := newFunctions(stack, s, map[string]*string{
		function.TableName:            storage.table.TableName(),
		function.PublicOrigin:         origin,
		function.GuestTokenSecret:     storage.guestToken.SecretArn(),
		function.ZoomClient:           storage.zoomClient.SecretArn(),
		function.GoogleClient:         storage.googleClient.SecretArn(),
		function.VaultKey:             awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("aws-kms://"), storage.key.KeyArn()}),
		function.MailSender:           jsii.String(s.Sender),
		function.MailConfigurationSet: mail.configuration.ConfigurationSetName(),
	})
	saga := newSaga(stack, s, functions)
	functions.know(function.BookStateMachine, saga.StateMachineArn())
	addRoutes(api, functions)
	addSchedules(stack, functions)
	grant(functions, storage, mail, saga)

	for name, value := range map[string]*string{
		"Origin":             origin,
		"TableName":          storage.table.TableName(),
		"ZoomClientSecret":   storage.zoomClient.SecretName(),
		"GoogleClientSecret": storage.googleClient.SecretName(),
	} {
		awscdk.NewCfnOutput(stack, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
	}
	return stack
}
