package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/infra/function"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/store"
)

// template is a synthesized stack, read as plain JSON; or all of a deployment's
// together, where it does not matter which holds what.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
	whole     []byte
	protected bool
	stacks    map[string]template // of a deployment, by name
}

type resource struct {
	Type           string
	DeletionPolicy string
	UpdatePolicy   map[string]any
	DependsOn      []string
	Properties     map[string]any
}

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// synthesizeStage makes a stage's templates as the CDK CLI does: under the flags of
// cdk.json, and what more the context says.
func synthesizeStage(stage string, more ...string) (template, error) {
	key := fmt.Sprint(stage, more)
	made, _ := synthesized.LoadOrStore(key, sync.OnceValues(func() (template, error) { return synthesizeAnew(stage, more) }))
	return made.(func() (template, error))()
}

// synthesized are the deployments that were made already: each takes a second or two.
var synthesized sync.Map

func synthesizeAnew(stage string, more []string) (template, error) {
	dir, err := os.MkdirTemp("", "yakusoku-synth-")
	if err != nil {
		return template{}, err
	}
	defer os.RemoveAll(dir)
	context, err := cdkContext()
	if err != nil {
		return template{}, err
	}
	context["stage"], context["sender"] = stage, "Yakusoku <no-reply@example.com>"
	for setting := range slices.Chunk(more, 2) {
		context[setting[0]] = setting[1]
	}
	app := awscdk.NewApp(&awscdk.AppProps{
		Context: &context, Outdir: jsii.String(filepath.Join(dir, "out")), AnalyticsReporting: jsii.Bool(false),
	})
	settings, err := readSettings(app.Node())
	if err != nil {
		return template{}, err
	}
	// The template names programs by their hash only: any bytes will do. That the
	// real ones are there and for arm64 is checkBinaries' to see.
	settings.Binaries, settings.Region = filepath.Join(dir, "bin"), "ap-northeast-1"
	for _, f := range function.All() {
		if err := writeProgram(settings.Binaries, f.Name, []byte(f.Name)); err != nil {
			return template{}, err
		}
	}
	all := template{Resources: map[string]resource{}, stacks: map[string]template{}}
	newDeployment(app, settings)
	for _, child := range *app.Node().Children() {
		stack, ok := child.(awscdk.Stack)
		if !ok {
			continue
		}
		text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
		if err != nil {
			return template{}, err
		}
		one := template{whole: text, protected: *stack.TerminationProtection()}
		if err := json.Unmarshal(text, &one); err != nil {
			return template{}, err
		}
		for id, r := range one.Resources {
			if _, twice := all.Resources[id]; twice {
				return template{}, fmt.Errorf("%s is in two stacks", id)
			}
			all.Resources[id] = r
		}
		all.stacks[*stack.StackName()] = one
	}
	return all, nil
}

func writeProgram(folder, name string, content []byte) error {
	if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name, "bootstrap"), content, 0o700)
}

func cdkContext() (map[string]any, error) {
	text, err := os.ReadFile("../cdk.json")
	if err != nil {
		return nil, err
	}
	var file struct{ Context map[string]any }
	err = json.Unmarshal(text, &file)
	return file.Context, err
}

func mustProd(t *testing.T) template {
	t.Helper()
	tpl, err := synthesizeStage("prod")
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func (tpl template) all(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range tpl.Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// dig follows keys into nested objects and lists.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

func TestTheTableIsTheStoresAndProtected(t *testing.T) {
	tables := mustProd(t).all("AWS::DynamoDB::Table")
	if len(tables) != 1 {
		t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		got := map[string]any{}
		for _, name := range []string{"BillingMode", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "TimeToLiveSpecification"} {
			got[name] = table.Properties[name]
		}
		want := map[string]any{
			"BillingMode":                      "PAY_PER_REQUEST",
			"DeletionProtectionEnabled":        true,
			"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true},
			"SSESpecification":                 map[string]any{"SSEEnabled": true},
			"TimeToLiveSpecification":          map[string]any{"AttributeName": "expires", "Enabled": true},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the table (-want +got):\n%s", diff)
		}
		if table.DeletionPolicy != "Retain" {
			t.Errorf("deleting the stack would %s the table", table.DeletionPolicy)
		}
		if diff := cmp.Diff(definition(t), map[string]any{
			"AttributeDefinitions":   table.Properties["AttributeDefinitions"],
			"KeySchema":              table.Properties["KeySchema"],
			"GlobalSecondaryIndexes": table.Properties["GlobalSecondaryIndexes"],
		}, anyOrder); diff != "" {
			t.Errorf("keys and indexes (-store +stack):\n%s", diff)
		}
	}
}

// definition is package store's table in CloudFormation's words, which are those
// of the API.
func definition(t *testing.T) map[string]any {
	t.Helper()
	table := store.Table("any")
	type key struct{ AttributeName, KeyType string }
	keys := func(schema []types.KeySchemaElement) (list []key) {
		for _, k := range schema {
			list = append(list, key{*k.AttributeName, string(k.KeyType)})
		}
		return list
	}
	type attribute struct{ AttributeName, AttributeType string }
	var attributes []attribute
	for _, a := range table.AttributeDefinitions {
		attributes = append(attributes, attribute{*a.AttributeName, string(a.AttributeType)})
	}
	type projection struct{ ProjectionType string }
	type index struct {
		IndexName  string
		KeySchema  []key
		Projection projection
	}
	var indexes []index
	for _, i := range table.GlobalSecondaryIndexes {
		indexes = append(indexes, index{*i.IndexName, keys(i.KeySchema), projection{string(i.Projection.ProjectionType)}})
	}
	text, err := json.Marshal(map[string]any{
		"AttributeDefinitions": attributes, "KeySchema": keys(table.KeySchema), "GlobalSecondaryIndexes": indexes,
	})
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

var anyOrder = cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })

func TestAStageThatIsNotProdLeavesNothingBehind(t *testing.T) {
	tpl, err := synthesizeStage("dev")
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range tpl.Resources {
		if r.DeletionPolicy == "Retain" {
			t.Errorf("%s (%s) would stay", id, r.Type)
		}
	}
}

func TestEveryFunctionIsDeployedAsItsEntrySays(t *testing.T) {
	tpl := mustProd(t)
	deployed := tpl.all("AWS::Lambda::Function")
	if len(deployed) != len(function.All()) {
		t.Errorf("%d functions, want %d", len(deployed), len(function.All()))
	}
	for _, f := range function.All() {
		r := deployed[tpl.functionID(t, f.Name)]
		got := map[string]any{
			"Runtime": r.Properties["Runtime"], "Architecture": dig(r.Properties["Architectures"], 0),
			"Timeout": r.Properties["Timeout"], "MemorySize": r.Properties["MemorySize"],
			"Tracing": dig(r.Properties["TracingConfig"], "Mode"), "LogFormat": dig(r.Properties["LoggingConfig"], "LogFormat"),
		}
		want := map[string]any{
			"Runtime": "provided.al2023", "Architecture": "arm64",
			"Timeout": f.Timeout.Seconds(), "MemorySize": float64(f.MemoryMB),
			"Tracing": "Active", "LogFormat": "JSON",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, diff)
		}
		variables, _ := dig(r.Properties["Environment"], "Variables").(map[string]any)
		for _, name := range f.Requires {
			if variables[name] == nil {
				t.Errorf("%s lacks %s", f.Name, name)
			}
		}
		for name := range variables {
			if !slices.Contains(f.Environment(), name) {
				t.Errorf("%s is given %s, which it does not read", f.Name, name)
			}
		}
	}
}

// What a host's own token is asked for is what the table of routes says, and
// nothing is open by mistake.
func TestHostsRoutesAskForATokenOfTheUserPool(t *testing.T) {
	tpl := mustProd(t)
	authorizers := tpl.all("AWS::ApiGatewayV2::Authorizer")
	if len(authorizers) != 1 {
		t.Fatalf("%d authorizers", len(authorizers))
	}
	var id string
	for name, a := range authorizers {
		id = name
		if a.Properties["AuthorizerType"] != "JWT" || dig(a.Properties["JwtConfiguration"], "Audience", 0, "Ref") != "ConsoleClient" {
			t.Errorf("authorizer %v", a.Properties)
		}
	}
	asks := map[string]bool{}
	for _, r := range tpl.all("AWS::ApiGatewayV2::Route") {
		asks[fmt.Sprint(r.Properties["RouteKey"])] = r.Properties["AuthorizationType"] == "JWT" && dig(r.Properties["AuthorizerId"], "Ref") == id
	}
	want := map[string]bool{}
	for _, r := range httpapi.Routes() {
		want[r.Method+" "+r.Path] = r.Auth
	}
	if diff := cmp.Diff(want, asks); diff != "" {
		t.Errorf("routes that ask for a host (-table +stack):\n%s", diff)
	}
}

func TestHostsSignInByCodeAloneAndTheirPoolIsKept(t *testing.T) {
	tpl := mustProd(t)
	pool, client := tpl.Resources["Hosts"], tpl.Resources["ConsoleClient"]
	got := map[string]any{
		"kept": pool.DeletionPolicy, "protected": pool.Properties["DeletionProtection"],
		"closed": dig(pool.Properties["AdminCreateUserConfig"], "AllowAdminCreateUserOnly"),
		"flows":  client.Properties["AllowedOAuthFlows"], "secret": client.Properties["GenerateSecret"],
		"passwords": client.Properties["ExplicitAuthFlows"], "revocation": client.Properties["EnableTokenRevocation"],
	}
	want := map[string]any{
		"kept": "Retain", "protected": "ACTIVE", "closed": true,
		"flows": []any{"code"}, "secret": false,
		"passwords": []any{"ALLOW_REFRESH_TOKEN_AUTH"}, "revocation": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// functionID finds the logical id of a function: its own id and CDK's hash.
func (tpl template) functionID(t *testing.T, name string) string {
	t.Helper()
	for _, f := range function.All() {
		if f.Name != name {
			continue
		}
		for id := range tpl.all("AWS::Lambda::Function") {
			if rest, ok := strings.CutPrefix(id, f.Placeholder()); ok && len(rest) == 8 {
				return id
			}
		}
	}
	t.Fatalf("function %s is not deployed", name)
	return ""
}

// A function may do what stands here, on what stands here, and nothing else.
// Names are those of resources in the template, shortened.
func TestEachFunctionMayDoWhatItsJobNeeds(t *testing.T) {
	read := []string{"dynamodb:BatchGetItem", "dynamodb:GetItem"}
	logs := map[string][]string{"Log": {"logs:CreateLogStream", "logs:PutLogEvents"}}
	with := func(more map[string][]string) map[string][]string {
		all := map[string][]string{"*": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}}
		for k, v := range logs {
			all[k] = v
		}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	crypt := []string{"kms:Decrypt", "kms:Encrypt"}
	secret := []string{"secretsmanager:GetSecretValue"}
	send := []string{"ses:SendEmail", "ses:SendRawEmail"}
	want := map[string]map[string][]string{
		function.BookingPage: with(map[string][]string{"Table": read}),
		function.Site:        with(map[string][]string{"Table": read}),
		function.Booking: with(map[string][]string{
			"Table":      {"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
			"GuestToken": secret, "ViewerProof": secret, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt, "Book": {"states:StartExecution"}, "Cancel": {"states:StartExecution"}, "Move": {"states:StartExecution"},
			"Sender": send, "MailConfiguration": send, // codes to guests
		}),
		function.Console: with(map[string][]string{
			"Table": {
				"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
				"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
			},
			"Table/index/host-bookings": {"dynamodb:Query"}, "Table/index/unsettled": {"dynamodb:Query"},
			"Book": {"states:StartExecution"}, "Cancel": {"states:StartExecution"}, "Move": {"states:StartExecution"},
			"ZoomClient": secret, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt,
		}),
		function.OAuth: with(map[string][]string{
			"Table": {
				"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
				"dynamodb:PutItem", "dynamodb:UpdateItem",
			},
			"Table/index/unsettled": {"dynamodb:Query"}, // what waits for a connection
			"ZoomClient":            secret, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt,
		}),
		function.Meeting: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "ZoomClient": secret, "VaultKey": crypt,
		}),
		function.Event: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt,
		}),
		function.Mail: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "GuestToken": secret, "Sender": send, "MailConfiguration": send,
		}),
		function.Settle: with(map[string][]string{"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}}),
		function.Sweep: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "Table/index/unsettled": {"dynamodb:Query"}, "Table/index/queued": {"dynamodb:Query"}, // bookings with news, and with a reminder
			"Book": {"states:StartExecution"}, "Book executions": {"states:DescribeExecution"},
			"Cancel": {"states:StartExecution"}, "Cancel executions": {"states:DescribeExecution"},
			"Move": {"states:StartExecution"}, "Move executions": {"states:DescribeExecution"},
			"Sender": send, "MailConfiguration": send, // to guests, before their meetings, and to hosts whose connections died
			"GuestToken": secret,
		}),
		function.Mirror: with(map[string][]string{
			"Table": {
				"dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
				"dynamodb:UpdateItem",
			},
			"Table/index/mirrored": {"dynamodb:Query"},
			"GoogleClient":         secret, "MicrosoftClient": secret, "VaultKey": crypt,
		}),
		function.Audit: with(map[string][]string{
			"Table":              {"dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
			"Table/index/queued": {"dynamodb:Query"}, "Table/index/host-bookings": {"dynamodb:Query"},
			"ZoomClient": secret, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt,
			"Sender": send, "MailConfiguration": send, // to hosts, of what differs
		}),
		function.Health: with(map[string][]string{
			"Table":              {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"},
			"Table/index/queued": {"dynamodb:Query"},
			"ZoomClient":         secret, "GoogleClient": secret, "MicrosoftClient": secret, "VaultKey": crypt,
			"Sender": send, "MailConfiguration": send, // to hosts whose connection was deleted
		}),
		function.Webhook: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "ZoomWebhook": secret,
		}),
		function.Hook: with(map[string][]string{
			"Table":              {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
			"Table/index/queued": {"dynamodb:Query"},
			"VaultKey":           {"kms:Decrypt"}, // it unseals, and seals nothing
		}),
	}
	tpl := mustProd(t)
	if n := len(tpl.all("AWS::IAM::Role")); n != len(function.All())+4 {
		t.Errorf("%d roles for %d functions, three state machines and the rollout", n, len(function.All()))
	}
	for _, f := range function.All() {
		got := tpl.grants(t, tpl.Resources[tpl.functionID(t, f.Name)])
		if diff := cmp.Diff(want[f.Name], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, diff)
		}
	}
}

func TestAStateMachineMayCallItsFunctionsOnly(t *testing.T) {
	tpl := mustProd(t)
	machines := tpl.all("AWS::StepFunctions::StateMachine")
	if len(machines) != 3 {
		t.Fatalf("%d state machines", len(machines))
	}
	for id, machine := range machines {
		got := map[string]any{
			"Type": machine.Properties["StateMachineType"], "Traced": dig(machine.Properties["TracingConfiguration"], "Enabled"),
			"LogLevel": dig(machine.Properties["LoggingConfiguration"], "Level"), "LogsData": dig(machine.Properties["LoggingConfiguration"], "IncludeExecutionData"),
		}
		want := map[string]any{"Type": "STANDARD", "Traced": true, "LogLevel": "ERROR", "LogsData": false}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		invoke := []string{"lambda:InvokeFunction"}
		wantGrants := map[string][]string{
			"MeetingFunction": invoke, "EventFunction": invoke, "MailFunction": invoke, "SettleFunction": invoke,
			"*": {
				"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
				"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
				"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
			},
		}
		if id == "Cancel" {
			delete(wantGrants, "SettleFunction")
		}
		if diff := cmp.Diff(wantGrants, tpl.grants(t, machine)); diff != "" {
			t.Errorf("its role (-want +got):\n%s", diff)
		}
	}
}

// The definition that CloudFormation puts together calls the deployed functions:
// nothing is left to fill in, and each name leads to its own function's alias.
func TestEveryPlaceholderOfTheSagaIsAFunctionsAlias(t *testing.T) {
	tpl := mustProd(t)
	for id, machine := range tpl.all("AWS::StepFunctions::StateMachine") {
		definition, _ := machine.Properties["DefinitionString"].(string)
		substitutions, _ := machine.Properties["DefinitionSubstitutions"].(map[string]any)
		var named []string
		for _, rest := range strings.Split(definition, "${")[1:] {
			name, _, _ := strings.Cut(rest, "}")
			named = append(named, name)
		}
		slices.Sort(named)
		named = slices.Compact(named)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(substitutions)), named); diff != "" || len(named) == 0 {
			t.Errorf("%s: placeholders (-given +named):\n%s", id, diff)
		}
		for name, arn := range substitutions {
			target, _ := dig(arn, "Ref").(string)
			if rest, ok := strings.CutPrefix(target, name+"Live"); !ok || len(rest) != 8 {
				t.Errorf("%s: ${%s} is %v", id, name, arn)
			}
		}
	}
}

// Only the API's routes and the schedules call functions; nobody else may.
func TestFunctionsAreInvokedByNamedSourcesOnly(t *testing.T) {
	for id, p := range mustProd(t).all("AWS::Lambda::Permission") {
		principal, _ := p.Properties["Principal"].(string)
		if principal != "apigateway.amazonaws.com" && principal != "events.amazonaws.com" {
			t.Errorf("%s lets %s in", id, principal)
		}
		if p.Properties["SourceArn"] == nil {
			t.Errorf("%s names no source", id)
		}
	}
	if urls := mustProd(t).all("AWS::Lambda::Url"); len(urls) > 0 {
		t.Errorf("%d functions have a URL of their own", len(urls))
	}
}

// Under another logical id CloudFormation makes another resource. These hold what
// cannot be made again, in the stack that everything was in once: a line that changes
// here is data lost on upgrade, and a line more something that may not belong here.
func TestWhatCannotBeMadeAgainIsKeptApartAndKeepsItsID(t *testing.T) {
	want := map[string]string{
		"Table":                     "AWS::DynamoDB::Table",
		"VaultKey":                  "AWS::KMS::Key",
		"AlarmKey":                  "AWS::KMS::Key",
		"GuestToken":                "AWS::SecretsManager::Secret",
		"ZoomClient":                "AWS::SecretsManager::Secret",
		"ZoomWebhook":               "AWS::SecretsManager::Secret",
		"GoogleClient":              "AWS::SecretsManager::Secret",
		"MicrosoftClient":           "AWS::SecretsManager::Secret",
		"Sender":                    "AWS::SES::EmailIdentity",
		"MailConfiguration5CD4B050": "AWS::SES::ConfigurationSet",
		"Hosts":                     "AWS::Cognito::UserPool",
		"HostsSignInDomain3935A517": "AWS::Cognito::UserPoolDomain",
	}
	kept := mustProd(t).stacks["Yakusoku-prod"]
	got := map[string]string{}
	for id, r := range kept.Resources {
		got[id] = r.Type
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is kept (-want +got):\n%s", diff)
	}
	for _, id := range []string{"Table", "VaultKey", "GuestToken", "ZoomClient", "ZoomWebhook", "GoogleClient", "MicrosoftClient", "Hosts", "Sender"} {
		if policy := kept.Resources[id].DeletionPolicy; policy != "Retain" {
			t.Errorf("deleting prod's stack do %q to %s", policy, id)
		}
	}
}

func TestOnlyWhatMustLastIsProtectedFromDeletion(t *testing.T) {
	tests := []struct {
		stage   string
		context []string
		want    map[string]bool
	}{
		{"prod", nil, map[string]bool{"Yakusoku-prod": true, "Yakusoku-prod-edge": false, "Yakusoku-prod-app": true, "Yakusoku-prod-edge-log": false}},
		{"prod", ownDomain, map[string]bool{"Yakusoku-prod": true, "Yakusoku-prod-edge": false, "Yakusoku-prod-app": false, "Yakusoku-prod-edge-log": false}},
		{"dev", nil, map[string]bool{"Yakusoku-dev": false, "Yakusoku-dev-edge": false, "Yakusoku-dev-app": false, "Yakusoku-dev-edge-log": false}},
	}
	for _, test := range tests {
		tpl, err := synthesizeStage(test.stage, test.context...)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for name, stack := range tpl.stacks {
			got[name] = stack.protected
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.stage, test.context, diff)
		}
	}
}

// Sagas in flight name their machine; guests' links the distribution, if there is no
// domain; and the providers of the hosts' calendars what they were told.
func TestWhatOthersNameKeepsItsID(t *testing.T) {
	want := map[string]string{
		"Book":     "AWS::StepFunctions::StateMachine",
		"Cancel":   "AWS::StepFunctions::StateMachine",
		"Move":     "AWS::StepFunctions::StateMachine",
		"Api":      "AWS::ApiGatewayV2::Api",
		"ApiStage": "AWS::ApiGatewayV2::Stage",
		"Web":      "AWS::CloudFront::Distribution",
	}
	app := mustProd(t).stacks["Yakusoku-prod-app"]
	got := map[string]string{}
	for _, kind := range want {
		for id := range app.all(kind) {
			got[id] = kind
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("logical ids (-want +got):\n%s", diff)
	}
}

func TestSecretsAreGeneratedOrEmpty(t *testing.T) {
	tpl := mustProd(t)
	for id, empty := range map[string]string{
		"ZoomClient": `{"id":"","secret":""}`, "GoogleClient": `{"id":"","secret":""}`, "MicrosoftClient": `{"id":"","secret":""}`,
		"ZoomWebhook": `{"token":""}`,
	} {
		if diff := cmp.Diff(any(empty), tpl.Resources[id].Properties["SecretString"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	want := map[string]any{"ExcludePunctuation": true, "PasswordLength": 64.0}
	if diff := cmp.Diff(any(want), tpl.Resources["GuestToken"].Properties["GenerateSecretString"]); diff != "" {
		t.Errorf("GuestToken (-want +got):\n%s", diff)
	}
}

// grants reads the statements of a resource's role: actions by target.
func (tpl template) grants(t *testing.T, r resource) map[string][]string {
	t.Helper()
	roleID, _ := dig(r.Properties["Role"], "Fn::GetAtt", 0).(string)
	if roleID == "" {
		roleID, _ = dig(r.Properties["RoleArn"], "Fn::GetAtt", 0).(string)
	}
	role, ok := tpl.Resources[roleID]
	if !ok {
		t.Fatalf("no role %q", roleID)
	}
	if role.Properties["ManagedPolicyArns"] != nil {
		t.Errorf("%s has managed policies", roleID)
	}
	got := map[string][]string{}
	for _, policy := range tpl.all("AWS::IAM::Policy") {
		if dig(policy.Properties["Roles"], 0, "Ref") != roleID {
			continue
		}
		statements, _ := dig(policy.Properties["PolicyDocument"], "Statement").([]any)
		for _, s := range statements {
			for _, target := range list(dig(s, "Resource")) {
				name := tpl.short(target)
				for _, action := range list(dig(s, "Action")) {
					got[name] = append(got[name], action.(string))
				}
				slices.Sort(got[name])
			}
		}
	}
	return got
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// short names the target of a grant for the tables above.
func (tpl template) short(target any) string {
	text, _ := json.Marshal(target)
	s := string(text)
	switch {
	case s == `"*"`:
		return "*"
	case strings.Contains(s, "/index/"):
		_, index, _ := strings.Cut(s, "/index/")
		return "Table/index/" + strings.TrimRight(index, `"]}`)
	case strings.Contains(s, ":execution:") && strings.Contains(s, `"Cancel"`):
		return "Cancel executions"
	case strings.Contains(s, ":execution:") && strings.Contains(s, `"Move"`):
		return "Move executions"
	case strings.Contains(s, ":execution:"):
		return "Book executions"
	case strings.Contains(s, ":configuration-set/"):
		return "MailConfiguration"
	case strings.Contains(s, ":identity/"):
		return "Sender"
	}
	for _, f := range function.All() {
		if strings.Contains(s, `"`+f.Placeholder()) && !strings.Contains(s, "Log") {
			return f.Placeholder()
		}
	}
	for _, name := range []string{"Log", "Table", "GuestToken", "ViewerProof", "ZoomClient", "ZoomWebhook", "GoogleClient", "MicrosoftClient", "VaultKey", "Book", "Cancel", "Move"} {
		if strings.Contains(s, name) {
			return name
		}
	}
	return s
}

// unbounded are the actions that take no resource: X-Ray's, and those by which a
// service sets up the delivery of its logs.
var unbounded = []string{
	"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
	"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
}

func TestNoStatementAllowsEverything(t *testing.T) {
	for id, policy := range mustProd(t).all("AWS::IAM::Policy") {
		statements, _ := dig(policy.Properties["PolicyDocument"], "Statement").([]any)
		for _, s := range statements {
			onAll := slices.Contains(list(dig(s, "Resource")), any("*"))
			for _, a := range list(dig(s, "Action")) {
				action, _ := a.(string)
				if action == "" || strings.Contains(action, "*") {
					t.Errorf("%s allows %v", id, a)
				}
				if onAll && !slices.Contains(unbounded, action) {
					t.Errorf("%s allows %s on everything", id, action)
				}
			}
		}
	}
}

// Everything has an owner: no policy of a key, a topic or a role names everybody but to
// refuse them, and what could be opened to all by itself is not there.
func TestNoPolicyLetsEverybodyIn(t *testing.T) {
	tpl := mustProd(t)
	seen := 0
	var look func(id string, v any)
	look = func(id string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if p, ok := v["Principal"]; ok && v["Effect"] == "Allow" {
				seen++
				if p == "*" || slices.Contains(list(dig(p, "AWS")), any("*")) {
					t.Errorf("%s lets everybody in: %v", id, v)
				}
			}
			for _, inner := range v {
				look(id, inner)
			}
		case []any:
			for _, inner := range v {
				look(id, inner)
			}
		}
	}
	for id, r := range tpl.Resources {
		look(id, r.Properties)
	}
	if seen < len(function.All()) {
		t.Errorf("only %d statements are seen", seen)
	}
	for _, kind := range []string{"AWS::S3::Bucket", "AWS::Lambda::Url", "AWS::EC2::SecurityGroup"} {
		for id := range tpl.all(kind) {
			t.Errorf("%s (%s) could be open to all", id, kind)
		}
	}
}

func TestTheRoutesAreThoseOfTheTable(t *testing.T) {
	var want, got []string
	for _, r := range httpapi.Routes() {
		want = append(want, r.Method+" "+r.Path)
	}
	for _, r := range mustProd(t).all("AWS::ApiGatewayV2::Route") {
		got = append(got, r.Properties["RouteKey"].(string))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-table +stack):\n%s", diff)
	}
}

func TestAFloodIsRefusedBeforeItReachesAFunction(t *testing.T) {
	tpl := mustProd(t)
	routes := map[string]string{} // the webhooks', by id
	for id, r := range tpl.all("AWS::ApiGatewayV2::Route") {
		if key := r.Properties["RouteKey"].(string); strings.Contains(key, "/api/webhooks/") {
			routes[id] = key
		}
	}
	limit := func(rate, burst float64) map[string]any {
		return map[string]any{"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
	}
	lower := map[string]any{}
	for _, key := range routes {
		lower[key] = limit(50, 100)
	}
	for _, stage := range tpl.all("AWS::ApiGatewayV2::Stage") {
		if diff := cmp.Diff(any(limit(200, 400)), stage.Properties["DefaultRouteSettings"]); diff != "" {
			t.Errorf("of any route (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(any(lower), stage.Properties["RouteSettings"]); diff != "" {
			t.Errorf("of webhooks (-want +got):\n%s", diff)
		}
		// Settings of a route that is not there yet are an error.
		for id, key := range routes {
			if !slices.Contains(stage.DependsOn, id) {
				t.Errorf("the stage may be made before %s", key)
			}
		}
	}
}

func TestLogsEndAndKeysRotate(t *testing.T) {
	tpl := mustProd(t)
	groups := tpl.all("AWS::Logs::LogGroup")
	if len(groups) != len(function.All())+5 {
		t.Errorf("%d log groups for %d functions, CloudFront, the API and three state machines", len(groups), len(function.All()))
	}
	for id, group := range groups {
		if days := group.Properties["RetentionInDays"]; days != 90.0 {
			t.Errorf("prod keeps %s for %v days", id, days)
		}
	}
	for id, key := range tpl.all("AWS::KMS::Key") {
		if key.Properties["EnableKeyRotation"] != true {
			t.Errorf("%s does not rotate", id)
		}
	}
	rules := tpl.all("AWS::Events::Rule")
	scheduled := 0
	for _, f := range function.All() {
		if f.Every > 0 {
			scheduled++
		}
	}
	if len(rules) != scheduled {
		t.Errorf("%d schedules for %d functions", len(rules), scheduled)
	}
	for id, rule := range rules {
		if rule.Properties["ScheduleExpression"] != "rate(1 minute)" {
			t.Errorf("%s runs at %v", id, rule.Properties["ScheduleExpression"])
		}
	}
}

func TestTheWorkflowsAreValidASL(t *testing.T) {
	files, err := filepath.Glob("workflows/*.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		// The placeholders are not ARNs; the validator checks those.
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range function.All() {
			content = []byte(strings.ReplaceAll(string(content), "${"+f.Placeholder()+"}",
				"arn:aws:lambda:us-east-1:000000000000:function:"+f.Name))
		}
		filled := filepath.Join(t.TempDir(), "filled.asl.json")
		if err := os.WriteFile(filled, content, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "node", "local/node_modules/.bin/asl-validator", "--json-path", filled).CombinedOutput()
		if err != nil {
			t.Errorf("%s (run `make build` if the validator is missing): %v\n%s", file, err, out)
		}
	}
}

// written writes the stacks' templates into files of their names.
func (tpl template) written(t *testing.T) (files map[string]string) {
	t.Helper()
	dir, files := t.TempDir(), map[string]string{}
	for name, stack := range tpl.stacks {
		files[name] = filepath.Join(dir, name+".json")
		if err := os.WriteFile(files[name], stack.whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestTheTemplatesPassCfnLint(t *testing.T) {
	byRegion := map[string][]string{}
	for name, file := range mustProd(t).written(t) {
		region := "ap-northeast-1"
		if strings.Contains(name, "-edge") {
			region = edgeRegion
		}
		byRegion[region] = append(byRegion[region], file)
	}
	for region, files := range byRegion {
		// W3005: CDK writes dependencies that a reference implies already. W6001: the next
		// steps name secrets of the other stack.
		out, err := exec.CommandContext(t.Context(), "../.local/venv/bin/cfn-lint",
			append([]string{"--regions", region, "--ignore-checks", "W3005", "W6001", "--"}, files...)...).CombinedOutput()
		if err != nil {
			t.Errorf("cfn-lint (`make test` installs it): %v\n%s", err, out)
		}
	}
}

// What checkov finds is what is argued in its settings, and all that is argued there is
// found: an argument that nothing needs any more is taken out.
func TestTheTemplatesPassCheckov(t *testing.T) {
	settings, err := os.ReadFile("checkov.yaml")
	if err != nil {
		t.Fatal(err)
	}
	argued := map[string][]string{}
	for _, id := range regexp.MustCompile(`(?m)^  - (\w+)$`).FindAllSubmatch(settings, -1) {
		argued[string(id[1])] = nil
	}
	// Without a domain it has CloudFront's certificate, with which nobody says what TLS is
	// the oldest.
	prod, err := synthesizeStage("prod", append(ownDomain, "reserveConcurrency", "true", "alarms", "oncall@example.com")...)
	if err != nil {
		t.Fatal(err)
	}
	files := slices.Collect(maps.Values(prod.written(t)))
	out, err := exec.CommandContext(t.Context(), "../.local/checkov/bin/checkov", "--framework", "cloudformation",
		"--directory", filepath.Dir(files[0]), "--skip-download", "--soft-fail", "--compact", "--quiet", "--output", "json").Output()
	if err != nil {
		t.Fatalf("checkov (`make test` installs it): %v\n%s", err, out)
	}
	var found struct {
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				Resource string
			} `json:"failed_checks"`
		}
		Summary struct{ Passed int }
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if found.Summary.Passed < 300 {
		t.Errorf("only %d checks passed: has it read the templates?", found.Summary.Passed)
	}
	for _, f := range found.Results.Failed {
		all, ok := argued[f.ID]
		if !ok {
			t.Errorf("%s %s: %s", f.ID, f.Resource, f.Name)
			continue
		}
		argued[f.ID] = append(all, f.Resource)
	}
	for id, resources := range argued {
		if len(resources) == 0 {
			t.Errorf("%s is argued for nothing", id)
		}
	}
}
