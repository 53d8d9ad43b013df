package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// newStack is one deployment of Yakusoku.
func newStack(scope constructs.Construct, s Settings) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String(s.StackName()), &awscdk.StackProps{
		Description:           jsii.String("Yakusoku: bookings that exist everywhere or nowhere"),
		TerminationProtection: jsii.Bool(s.Prod()),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("app"), jsii.String("yakusoku"), nil)
	awscdk.Tags_Of(stack).Add(jsii.String("stage"), jsii.String(s.Stage), nil)

	storage := newStorage(stack, s)
	mail := newMail(stack, s)
	api, stage := newAPI(stack, s)
	origin := jsii.String(s.Origin)
	if s.Origin == "" {
		origin = api.ApiEndpoint()
	}
	identity := newIdentity(stack, s, origin)
	functions := newFunctions(stack, s, map[string]*string{
		function.TableName:            storage.table.TableName(),
		function.PublicOrigin:         origin,
		function.GuestTokenSecret:     storage.guestToken.SecretArn(),
		function.ZoomClient:           storage.zoomClient.SecretArn(),
		function.ZoomWebhookSecret:    storage.zoomWebhook.SecretArn(),
		function.GoogleClient:         storage.googleClient.SecretArn(),
		function.MicrosoftClient:      storage.microsoftClient.SecretArn(),
		function.VaultKey:             jsii.String("aws-kms://" + *storage.vaultKey.KeyArn()),
		function.MailSender:           jsii.String(s.Sender),
		function.MailConfigurationSet: mail.configuration.ConfigurationSetName(),
		function.LimitPerAddress:      jsii.String("60"), // an office, or a phone network, shares one
		function.LimitPerEmail:        jsii.String("10"),
		function.LimitPerPage:         jsii.String("300"),
		function.AllowBasicZoom:       jsii.String(strconv.FormatBool(s.AllowBasicZoom)),
		function.SignInIssuer:         identity.issuer,
		function.SignInClientID:       identity.clientID,
		function.SignInOrigins:        identity.origins,
		function.MetricNamespace:      jsii.String(s.MetricNamespace()),
	})
	sagas := newSagas(stack, s, functions)
	functions.tell(function.BookStateMachine, sagas.book.StateMachineArn())
	functions.tell(function.CancelStateMachine, sagas.cancel.StateMachineArn())
	functions.tell(function.MoveStateMachine, sagas.move.StateMachineArn())
	addRoutes(api, stage, functions, identity.authorizer())
	addSchedules(stack, functions)
	grant(stack, functions, storage, mail, sagas)
	addWatch(stack, s, functions, api, sagas)

	output(stack, "Origin", "Where guests and hosts go", origin)
	output(stack, "TableName", "The table that holds everything", storage.table.TableName())
	output(stack, "ZoomClientSecret", "To be filled in with the Zoom app's id and secret", storage.zoomClient.SecretName())
	output(stack, "ZoomWebhookSecret", "To be filled in with the Zoom app's Secret Token; its events go to /api/webhooks/zoom", storage.zoomWebhook.SecretName())
	output(stack, "GoogleClientSecret", "To be filled in with the Google OAuth client's id and secret", storage.googleClient.SecretName())
	output(stack, "MicrosoftClientSecret", "May be filled in with the Microsoft app's id and secret", storage.microsoftClient.SecretName())
	output(stack, "BookStateMachine", "Makes bookings real", sagas.book.StateMachineArn())
	output(stack, "CancelStateMachine", "Takes cancelled bookings away", sagas.cancel.StateMachineArn())
	output(stack, "MoveStateMachine", "Moves bookings", sagas.move.StateMachineArn())
	if identity.pool != nil {
		output(stack, "UserPool", "The user pool to invite hosts to", identity.pool.UserPoolId())
	}
	mail.outputRecords(stack)
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
