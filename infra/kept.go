package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// kept is what cannot be made again: data, keys, secrets that people filled in, the
// hosts' sign-ins, the identity that DNS records verify. Each has a pinned id.
type kept struct {
	storage storage
	keys    keys
	mail    mail
	hosts   hosts
}

func newKept(stack awscdk.Stack, s Settings) kept {
	k := kept{
		storage: newStorage(stack, s),
		keys:    newKeys(stack, s),
		mail:    newMail(stack, s),
		hosts:   newHosts(stack, s),
	}
	output(stack, "TableName", "The table that holds everything", k.storage.table.TableName())
	output(stack, "ZoomClientSecret", "To be filled in with the Zoom app's id and secret", k.storage.zoomClient.SecretArn())
	output(stack, "ZoomWebhookSecret", "To be filled in with the Zoom app's Secret Token; its events go to /api/webhooks/zoom", k.storage.zoomWebhook.SecretArn())
	output(stack, "GoogleClientSecret", "To be filled in with the Google OAuth client's id and secret", k.storage.googleClient.SecretArn())
	output(stack, "MicrosoftClientSecret", "May be filled in with the Microsoft app's id and secret", k.storage.microsoftClient.SecretArn())
	if k.hosts.pool != nil {
		output(stack, "UserPool", "The user pool to invite hosts to", k.hosts.pool.UserPoolId())
	}
	k.mail.outputRecords(stack, s)
	return k
}

// removal is what becomes of something whose stack is deleted, or which the stack
// has no more.
func removal(s Settings) awscdk.RemovalPolicy {
	if s.Prod() {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}
