package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// mail is the identity that mails come from.
type mail struct {
	identity      awsses.EmailIdentity
	configuration awsses.ConfigurationSet
	domain        bool     // the identity is a domain, which DNS records verify
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
	m := mail{configuration: configuration, domain: !strings.Contains(s.Identity, "@")}
	verified := awsses.Identity_Email(jsii.String(s.Identity))
	if m.domain {
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

func sesARN(scope constructs.Construct, kind, name string) string {
	return *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ses"), Resource: jsii.String(kind), ResourceName: jsii.String(name),
	})
}

// outputRecords shows what is to be entered in the domain's DNS.
func (m mail) outputRecords(stack awscdk.Stack) {
	if !m.domain {
		return
	}
	for i, r := range *m.identity.DkimRecords() {
		output(stack, fmt.Sprintf("SenderRecord%d", i+1), "DNS record that verifies the sender", jsii.String(*r.Name+" CNAME "+*r.Value))
	}
}
