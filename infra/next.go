package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// addNextSteps tells what is left to people after a deployment. `make deploy` ends
// with it.
func addNextSteps(stack awscdk.Stack, s Settings, k kept, w web) {
	put := func(secret *string) *string {
		return jsii.String("aws secretsmanager put-secret-value --region " + *stack.Region() + " --secret-id " + *secret +
			` --secret-string '{"id":"...","secret":"..."}'`)
	}
	output(stack, "Next1Zoom", "The Zoom app's id and secret", put(k.storage.zoomClient.SecretArn()))
	output(stack, "Next1Google", "The Google OAuth client's id and secret", put(k.storage.googleClient.SecretArn()))
	output(stack, "Next1Then", "What serves has read them at its start", jsii.String("Deploy again with all that you named, and RESTART=filled-in"))
	output(stack, "Next2Sender", "Until mails can be sent, no booking is taken", jsii.String(verifying(s)))
	if k.hosts.pool != nil {
		output(stack, "Next3Invite", "Who may sign in as a host", jsii.String("aws cognito-idp admin-create-user --region "+*stack.Region()+
			" --user-pool-id "+*k.hosts.pool.UserPoolId()+" --username you@example.com"))
	}
	output(stack, "Next3Console", "Where hosts sign in", jsii.String(*w.origin+"/console"))
}

// verifying is how the sender becomes one that SES sends for.
func verifying(s Settings) string {
	switch {
	case s.Sender == "":
		return "Deploy again with all that you named, and SENDER='Yakusoku <no-reply@example.com>'"
	case s.senderIsDomain():
		return fmt.Sprintf("Enter the DNS records SenderRecord1 to 3 of %s, then: aws sesv2 get-email-identity --email-identity %s --query VerificationStatus", s.StackName(), s.Identity)
	}
	return "Open the link that SES mails to " + s.Identity
}
