package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// mail is the identity that mails come from; there is none without a sender.
type mail struct {
	identity      awsses.EmailIdentity
	configuration awsses.ConfigurationSet
	permitted     []string // ARNs that sending touches
}

func newMail(scope constructs.Construct, s Settings) mail {
	configuration := awsses.NewConfigurationSet(scope, jsii.String("MailConfiguration"), &awsses.ConfigurationSetProps{
		TlsPolicy:          awsses.ConfigurationSetTlsPolicy_REQUIRE, // mails carry tokens
		ReputationMetrics:  jsii.Bool(true),
		SuppressionReasons: awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
	})
	// As it was named before it was pinned.
	pin(configuration, "MailConfiguration5CD4B050")
	m := mail{configuration: configuration}
	if s.Sender == "" {
		return m
	}
	verified := awsses.Identity_Email(jsii.String(s.Identity))
	if s.senderIsDomain() {
		verified = awsses.Identity_Domain(jsii.String(s.Identity))
	}
	m.identity = awsses.NewEmailIdentity(scope, jsii.String("Sender"), &awsses.EmailIdentityProps{
		Identity:         verified,
		ConfigurationSet: configuration,
	})
	pin(m.identity, "Sender")
	// Another identity of the same domain asks for other DNS records.
	m.identity.ApplyRemovalPolicy(removal(s))

	// By its name: an ARN that another stack imports could not change with the sender.
	m.permitted = []string{sesARN(scope, "identity", s.Identity), sesARN(scope, "configuration-set", *configuration.ConfigurationSetName())}
	for _, r := range s.SandboxRecipients {
		m.permitted = append(m.permitted, sesARN(scope, "identity", r))
	}
	return m
}

// nobody stands where functions ask for a sender and there is none: a name that no
// mail system has (RFC 6761), for which they have no permission besides.
const nobody = "Yakusoku <nobody@yakusoku.invalid>"

// from is whom mails come from.
func (m mail) from(s Settings) string {
	if m.identity == nil {
		return nobody
	}
	return s.Sender
}

func sesARN(scope constructs.Construct, kind, name string) string {
	return *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ses"), Resource: jsii.String(kind), ResourceName: jsii.String(name),
	})
}

// outputRecords shows what is to be entered in the domain's DNS.
func (m mail) outputRecords(stack awscdk.Stack, s Settings) {
	if !s.senderIsDomain() {
		return
	}
	for i, r := range *m.identity.DkimRecords() {
		output(stack, fmt.Sprintf("SenderRecord%d", i+1), "DNS record that verifies the sender", jsii.String(*r.Name+" CNAME "+*r.Value))
	}
}
