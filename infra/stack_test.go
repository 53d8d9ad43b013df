package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
	"yakusoku/shared/httpapi"
)

// template is a synthesized stack, read as plain JSON.
type template struct {
	Resources map[string]resource
	whole     []byte
}

type resource struct {
	Type           string
	DeletionPolicy string
	Properties     map[string]any
}

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// prod is the stack of stage prod, synthesized once.
var prod = sync.OnceValues(func() (template, error) { return synthesize("prod") })

func synthesize(stage string) (template, error) {
	dir, err := os.MkdirTemp("", "yakusoku-synth-")
	if err != nil {
		return template{}, err
	}
	// The template names assets by their hash only: any bytes will do here.
	for _, f := range function.All() {
		if err := os.MkdirAll(filepath.Join(dir, "bin", f.Name), 0o700); err != nil {
			return template{}, err
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", f.Name, "bootstrap"), []byte(f.Name), 0o700); err != nil {
			return template{}, err
		}
	}
	values := map[string]string{"stage": stage, "sender": "Yakusoku <no-reply@example.com>", "binaries": filepath.Join(dir, "bin")}
	settings, err := checkSettings(func(name, otherwise string) string {
		if v, ok := values[name]; ok {
			return v
		}
		return otherwise
	})
	if err != nil {
		return template{}, err
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(filepath.Join(dir, "out")), AnalyticsReporting: jsii.Bool(false)})
	stack := NewStack(app, "Yakusoku", settings)
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		return template{}, err
	}
	t := template{whole: text}
	return t, json.Unmarshal(text, &t)
}

func mustProd(t *testing.T) template {
	t.Helper()
	tpl, err := prod()
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
		if n := len(table.Properties["GlobalSecondaryIndexes"].([]any)); n != 2 {
			t.Errorf("%d indexes", n)
		}
	}
}

func TestAStageThatIsNotProdLeavesNothingBehind(t *testing.T) {
	tpl, err := synthesize("dev")
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
			"Table":      {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
			"GuestToken": secret, "GoogleClient": secret, "Vault": crypt, "Book": {"states:StartExecution"},
		}),
		function.Meeting: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "ZoomClient": secret, "Vault": crypt,
		}),
		function.Event: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, "GoogleClient": secret, "Vault": crypt,
		}),
		function.Mail: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem"}, "GuestToken": secret, "Sender": send, "Mail": send,
		}),
		function.Settle: with(map[string][]string{"Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}}),
		function.Sweep: with(map[string][]string{
			"Table": {"dynamodb:GetItem", "dynamodb:PutItem"}, "Table/index/unsettled": {"dynamodb:Query"},
			"Book": {"states:StartExecution"}, "Book executions": {"states:DescribeExecution"},
		}),
	}
	tpl := mustProd(t)
	for _, f := range function.All() {
		got := tpl.grants(t, tpl.Resources[tpl.functionID(t, f.Name)])
		if diff := cmp.Diff(want[f.Name], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, diff)
		}
	}
}

func TestTheStateMachineMayCallItsFunctionsOnly(t *testing.T) {
	tpl := mustProd(t)
	for _, machine := range tpl.all("AWS::StepFunctions::StateMachine") {
		text, err := json.Marshal(machine.Properties)
		if err != nil {
			t.Fatal(err)
		}
		substituted, _ := machine.Properties["DefinitionSubstitutions"].(map[string]any)
		definition, _ := machine.Properties["DefinitionString"].(string)
		for _, name := range []string{"MeetingFunction", "EventFunction", "MailFunction", "SettleFunction"} {
			if substituted[name] == nil || !strings.Contains(string(text), name) {
				t.Errorf("%s is not given to the definition", name)
			}
		}
		for _, rest := range strings.Split(definition, "${")[1:] {
			if name, _, _ := strings.Cut(rest, "}"); substituted[name] == nil {
				t.Errorf("${%s} stays in the definition", name)
			}
		}
		if dig(machine.Properties["TracingConfiguration"], "Enabled") != true {
			t.Error("it is not traced")
		}
		invoked := tpl.grants(t, machine)
		for target, actions := range invoked {
			if slices.Contains(actions, "lambda:InvokeFunction") &&
				!slices.Contains([]string{"MeetingFunction", "EventFunction", "MailFunction", "SettleFunction"}, target) {
				t.Errorf("it may invoke %s", target)
			}
		}
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
	case strings.Contains(s, "/index/unsettled"):
		return "Table/index/unsettled"
	case strings.Contains(s, ":execution:"):
		return "Book executions"
	case strings.Contains(s, ":configuration-set/"):
		return "Mail"
	}
	for _, f := range function.All() {
		if strings.Contains(s, `"`+f.Placeholder()) && !strings.Contains(s, "Log") {
			return f.Placeholder()
		}
	}
	for _, name := range []string{"Log", "Table", "GuestToken", "ZoomClient", "GoogleClient", "Vault", "Sender", "Book"} {
		if strings.Contains(s, name) {
			return name
		}
	}
	return s
}

func TestNoStatementAllowsEverything(t *testing.T) {
	for id, policy := range mustProd(t).all("AWS::IAM::Policy") {
		statements, _ := dig(policy.Properties["PolicyDocument"], "Statement").([]any)
		for _, s := range statements {
			actions := fmt.Sprint(dig(s, "Action"))
			if strings.Contains(actions, "*") {
				t.Errorf("%s allows %s", id, actions)
			}
			// X-Ray has no resources to name, and CloudWatch Logs' delivery none
			// for vended logs.
			onAll := slices.Contains(list(dig(s, "Resource")), any("*"))
			if onAll && !strings.Contains(actions, "xray:") && !strings.Contains(actions, "logs:CreateLogDelivery") {
				t.Errorf("%s allows %s on everything", id, actions)
			}
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

func TestLogsEndAndKeysRotate(t *testing.T) {
	tpl := mustProd(t)
	for id, group := range tpl.all("AWS::Logs::LogGroup") {
		if group.Properties["RetentionInDays"] == nil {
			t.Errorf("%s is kept for ever", id)
		}
	}
	for id, key := range tpl.all("AWS::KMS::Key") {
		if key.Properties["EnableKeyRotation"] != true {
			t.Errorf("%s does not rotate", id)
		}
	}
	rules := tpl.all("AWS::Events::Rule")
	if len(rules) != 1 {
		t.Errorf("%d schedules", len(rules))
	}
	for _, rule := range rules {
		if rule.Properties["ScheduleExpression"] != "rate(1 minute)" {
			t.Errorf("sweep runs at %v", rule.Properties["ScheduleExpression"])
		}
	}
}

func TestAWrongSettingIsToldInOneSentence(t *testing.T) {
	good := map[string]string{"sender": "no-reply@example.com"}
	for name, value := range map[string]string{
		"stage": "Prod!", "sender": "nobody", "domain": "localhost", "origin": "http://example.com", "logRetentionDays": "31",
	} {
		_, err := checkSettings(func(n, otherwise string) string {
			if n == name {
				return value
			}
			if v, ok := good[n]; ok {
				return v
			}
			return otherwise
		})
		if err == nil || !strings.HasPrefix(err.Error(), name+" ") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	if _, err := checkSettings(func(_, otherwise string) string { return otherwise }); err == nil {
		t.Error("no sender was no mistake")
	}
}

// A state must outlast its function: otherwise the state machine gives up on an
// effect that still comes about.
func TestEachTaskOutlastsItsFunction(t *testing.T) {
	files, err := filepath.Glob("workflows/*.asl.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var machine struct {
			States map[string]struct {
				Resource       string
				TimeoutSeconds float64
			}
		}
		if err := json.Unmarshal(content, &machine); err != nil {
			t.Fatal(err)
		}
		for name, state := range machine.States {
			for _, f := range function.All() {
				if state.Resource == "${"+f.Placeholder()+"}" && state.TimeoutSeconds <= f.Timeout.Seconds() {
					t.Errorf("%s: %s ends after %g s, %s after %s", file, name, state.TimeoutSeconds, f.Name, f.Timeout)
				}
			}
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

func TestTheTemplatePassesCfnLint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, mustProd(t).whole, 0o600); err != nil {
		t.Fatal(err)
	}
	// W3005: CDK writes dependencies that a reference implies already.
	out, err := exec.CommandContext(t.Context(), "../.local/venv/bin/cfn-lint",
		"--regions", "ap-northeast-1", "--ignore-checks", "W3005", "--", file).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint (`make test` installs it): %v\n%s", err, out)
	}
}
