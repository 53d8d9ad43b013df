package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/infra/function"
	"yakusoku/shared/store"
)

// tableActions says what each function does to the table: reading pages is
// batched, claiming and releasing are transactions of puts and updates.
var tableActions = map[string][]string{
	function.BookingPage: {"dynamodb:GetItem", "dynamodb:BatchGetItem"},
	function.Site:        {"dynamodb:GetItem", "dynamodb:BatchGetItem"},
	function.Booking:     {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Meeting:     {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Event:       {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Mail:        {"dynamodb:GetItem", "dynamodb:PutItem"},
	function.Settle:      {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
	function.Sweep:       {"dynamodb:GetItem", "dynamodb:PutItem"},
}

// grant gives each function what its variables lead to, and no more.
func grant(fs functions, st storage, m mail, saga awsstepfunctions.StateMachine) {
	execution := awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":states:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":execution:"), saga.StateMachineName(), jsii.String(":*"),
	})
	byVariable := map[string][]awsiam.PolicyStatement{
		function.GuestTokenSecret: {allow([]string{"secretsmanager:GetSecretValue"}, st.guestToken.SecretArn())},
		function.ZoomClient:       {allow([]string{"secretsmanager:GetSecretValue"}, st.zoomClient.SecretArn())},
		function.GoogleClient:     {allow([]string{"secretsmanager:GetSecretValue"}, st.googleClient.SecretArn())},
		function.VaultKey:         {allow([]string{"kms:Encrypt", "kms:Decrypt"}, st.key.KeyArn())},
		function.MailSender: {allow([]string{"ses:SendEmail", "ses:SendRawEmail"},
			m.identity.EmailIdentityArn(), configurationARN(m))},
		function.BookStateMachine: {allow([]string{"states:StartExecution"}, saga.StateMachineArn())},
	}
	for _, f := range function.All() {
		fs[f.Name].AddToRolePolicy(allow(tableActions[f.Name], st.table.TableArn()))
		for _, variable := range f.Environment() {
			for _, statement := range byVariable[variable] {
				fs[f.Name].AddToRolePolicy(statement)
			}
		}
	}
	sweep := fs[function.Sweep]
	sweep.AddToRolePolicy(allow([]string{"states:DescribeExecution"}, execution))
	sweep.AddToRolePolicy(allow([]string{"dynamodb:Query"}, indexARN(st, store.IndexUnsettled)))
}

func allow(actions []string, resources ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: &resources,
	})
}

func indexARN(st storage, index string) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{st.table.TableArn(), jsii.String("/index/" + index)})
}

func configurationARN(m mail) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":ses:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":configuration-set/"), m.configuration.ConfigurationSetName(),
	})
}
