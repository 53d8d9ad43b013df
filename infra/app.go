package main

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
)

// newApp is all that can be made again: what serves guests and hosts, on what is kept.
func newApp(stack awscdk.Stack, s Settings, k kept) {
	api, stage, failures := newAPI(stack, s)
	web := newWeb(stack, s, api)
	identity := newIdentity(stack, s, k.hosts, web.origin)
	functions := newFunctions(stack, s, map[string]*string{
		function.TableName:            k.storage.table.TableName(),
		function.PublicOrigin:         web.origin,
		function.ViewerProof:          web.proof.SecretArn(),
		function.GuestTokenSecret:     k.storage.guestToken.SecretArn(),
		function.ZoomClient:           k.storage.zoomClient.SecretArn(),
		function.ZoomWebhookSecret:    k.storage.zoomWebhook.SecretArn(),
		function.GoogleClient:         k.storage.googleClient.SecretArn(),
		function.MicrosoftClient:      k.storage.microsoftClient.SecretArn(),
		function.VaultKey:             jsii.String("aws-kms://" + *k.keys.vault.KeyArn()),
		function.MailSender:           jsii.String(k.mail.from(s)),
		function.BookingsClosed:       jsii.String(strconv.FormatBool(s.Sender == "")),
		function.EmbedAllowed:         jsii.String(strings.Join(s.AllowedOrigins, " ")),
		function.DefaultLocale:        jsii.String(string(s.Language)),
		function.MailConfigurationSet: k.mail.configuration.ConfigurationSetName(),
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
	grant(stack, functions, k, web, sagas)
	addRollout(stack, s, functions, addWatch(stack, s, k.keys.alarms, functions, api, failures, sagas))

	addNextSteps(stack, s, k, web)
	output(stack, "Origin", "Where guests and hosts go", web.origin)
	output(stack, "BookStateMachine", "Makes bookings real", sagas.book.StateMachineArn())
	output(stack, "CancelStateMachine", "Takes cancelled bookings away", sagas.cancel.StateMachineArn())
	output(stack, "MoveStateMachine", "Moves bookings", sagas.move.StateMachineArn())
}
