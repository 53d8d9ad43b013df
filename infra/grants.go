package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
	"yakusoku/shared/store"
)

// tableActions says what each function does to the table: reading pages is
// batched, claiming and releasing are transactions of puts and updates, which
// IAM permits by the writes in them.
var tableActions = map[string][]string{
	function.BookingPage: {"dynamodb:GetItem", "dynamodb:BatchGetItem"},
	function.Site:        {"dynamodb:GetItem", "dynamodb:BatchGetItem"},
	function.Booking:     {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"},
	function.Console: {
		"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
		"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem",
	},
	function.OAuth: {
		"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
		"dynamodb:ConditionCheckItem",
	},
	function.Meeting: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Event:   {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Mail:    {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Settle:  {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Sweep:   {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Mirror: {
		"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
		"dynamodb:DeleteItem",
	},
	function.Audit:   {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
	function.Health:  {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
	function.Webhook: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Hook:    {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
}

// leadingKeys narrow what those touch that anybody may call and that write or read few
// kinds of items. The others' jobs touch nearly all.
var leadingKeys = map[string][]string{
	function.BookingPage: {store.Nothing, store.OfHosts},
	function.Site:        {store.Nothing, store.OfHosts, store.OfBookings},
	function.Webhook:     {store.Nothing, store.OfHosts, store.OfZoom, store.OfReports},
}

// onTable is what a function may do to the table.
func onTable(name, table string) awsiam.PolicyStatement {
	statement := allow(tableActions[name], table)
	if keys := leadingKeys[name]; keys != nil {
		statement.AddCondition(jsii.String("ForAllValues:StringLike"), map[string]any{"dynamodb:LeadingKeys": keys})
		// All of no keys would be like these.
		statement.AddCondition(jsii.String("Null"), map[string]any{"dynamodb:LeadingKeys": "false"})
	}
	return statement
}

// grant gives each function what its variables lead to, and no more. The vault
// makes its data keys itself, so that nobody needs kms:GenerateDataKey.
func grant(scope constructs.Construct, fs functions, k kept, w web, sagas sagas) {
	st, m, vault := k.storage, k.mail, *k.keys.vault.KeyArn()
	read := []string{"secretsmanager:GetSecretValue"}
	byVariable := map[string]func() awsiam.PolicyStatement{
		function.GuestTokenSecret:  func() awsiam.PolicyStatement { return allow(read, *st.guestToken.SecretArn()) },
		function.ViewerProof:       func() awsiam.PolicyStatement { return allow(read, *w.proof.SecretArn()) },
		function.ZoomClient:        func() awsiam.PolicyStatement { return allow(read, *st.zoomClient.SecretArn()) },
		function.ZoomWebhookSecret: func() awsiam.PolicyStatement { return allow(read, *st.zoomWebhook.SecretArn()) },
		function.GoogleClient:      func() awsiam.PolicyStatement { return allow(read, *st.googleClient.SecretArn()) },
		function.MicrosoftClient:   func() awsiam.PolicyStatement { return allow(read, *st.microsoftClient.SecretArn()) },
		function.VaultKey: func() awsiam.PolicyStatement {
			return allow([]string{"kms:Encrypt", "kms:Decrypt"}, vault)
		},
		// SES asks for the second on mails that are given as raw MIME.
		function.MailSender: func() awsiam.PolicyStatement {
			return allow([]string{"ses:SendEmail", "ses:SendRawEmail"}, m.permitted...)
		},
		function.BookStateMachine: func() awsiam.PolicyStatement {
			return allow([]string{"states:StartExecution"}, *sagas.book.StateMachineArn())
		},
		function.CancelStateMachine: func() awsiam.PolicyStatement {
			return allow([]string{"states:StartExecution"}, *sagas.cancel.StateMachineArn())
		},
		function.MoveStateMachine: func() awsiam.PolicyStatement {
			return allow([]string{"states:StartExecution"}, *sagas.move.StateMachineArn())
		},
	}
	if len(m.permitted) == 0 {
		delete(byVariable, function.MailSender)
	}
	for _, f := range function.All() {
		fs[f.Name].AddToRolePolicy(onTable(f.Name, *st.table.TableArn()))
		for _, variable := range f.Environment() {
			if f.Name == function.Hook && variable == function.VaultKey { // it seals nothing
				fs[f.Name].AddToRolePolicy(allow([]string{"kms:Decrypt"}, vault))
				continue
			}
			if statement, ok := byVariable[variable]; ok {
				fs[f.Name].AddToRolePolicy(statement())
			}
		}
	}
	fs[function.Console].AddToRolePolicy(allow([]string{"dynamodb:Query"},
		*st.table.TableArn()+"/index/"+store.IndexHostBookings, *st.table.TableArn()+"/index/"+store.IndexUnsettled))
	fs[function.Mirror].AddToRolePolicy(allow([]string{"dynamodb:Query"}, *st.table.TableArn()+"/index/"+store.IndexMirrored))
	fs[function.Audit].AddToRolePolicy(allow([]string{"dynamodb:Query"},
		*st.table.TableArn()+"/index/"+store.IndexQueued, *st.table.TableArn()+"/index/"+store.IndexHostBookings))
	fs[function.OAuth].AddToRolePolicy(allow([]string{"dynamodb:Query"}, *st.table.TableArn()+"/index/"+store.IndexUnsettled))
	fs[function.Health].AddToRolePolicy(allow([]string{"dynamodb:Query"}, *st.table.TableArn()+"/index/"+store.IndexQueued))
	sweep := fs[function.Sweep]
	sweep.AddToRolePolicy(allow([]string{"states:DescribeExecution"}, executions(scope, sagas.book), executions(scope, sagas.cancel), executions(scope, sagas.move)))
	sweep.AddToRolePolicy(allow([]string{"dynamodb:Query"}, *st.table.TableArn()+"/index/"+store.IndexUnsettled))
	for _, name := range []string{function.Sweep, function.Hook} {
		fs[name].AddToRolePolicy(allow([]string{"dynamodb:Query"}, *st.table.TableArn()+"/index/"+store.IndexQueued))
	}
}

// executions are those of one state machine. Each is a resource of its own, named
// after its booking: the asterisk stands for the bookings.
func executions(scope constructs.Construct, machine awsstepfunctions.StateMachine) string {
	return *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("states"), Resource: jsii.String("execution"),
		ResourceName: jsii.String(*machine.StateMachineName() + ":*"),
		ArnFormat:    awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}

func allow(actions []string, resources ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	})
}
