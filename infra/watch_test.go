package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/metric"
)

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// An alarm that calls somebody at night says what to do: each has a part of the runbook.
func TestEveryAlarmCallsSomebodyAndSaysWhatToDo(t *testing.T) {
	runbook, err := os.ReadFile("RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^##? (.+)$`).FindAllSubmatch(runbook, -1) {
		parts[anchor(string(heading[1]))] = true
	}
	tpl := mustProd(t)
	alarms := tpl.all("AWS::CloudWatch::Alarm")
	composite := tpl.all("AWS::CloudWatch::CompositeAlarm")
	if len(alarms) == 0 || len(composite) != 1 {
		t.Fatalf("%d alarms, %d composite ones", len(alarms), len(composite))
	}
	named := map[string]bool{}
	check := func(id string, r resource) {
		text, _ := r.Properties["AlarmDescription"].(string)
		_, part, _ := strings.Cut(text, "infra/RUNBOOK.md#")
		if !parts[part] {
			t.Errorf("%s says %q, and the runbook has no part %q", id, text, part)
		}
		named[part] = true
	}
	silent := 0
	for id, a := range alarms {
		check(id, a)
		if a.Properties["AlarmActions"] == nil {
			silent++
		}
		below := a.Properties["ComparisonOperator"] == "LessThanThreshold"
		if missing := a.Properties["TreatMissingData"]; below != (missing == "breaching") {
			t.Errorf("of %s what is missing is %v", id, missing)
		}
	}
	// The windows of the one that is composed of them, and those that end a rollout.
	if silent != 2+len(calledByPeople()) {
		t.Errorf("%d alarms call nobody", silent)
	}
	for id, a := range composite {
		check(id, a)
		if a.Properties["AlarmActions"] == nil {
			t.Errorf("%s calls nobody", id)
		}
	}
	before, _, _ := strings.Cut(string(runbook), "\n# By hand")
	for _, heading := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(before, -1) {
		if !named[anchor(heading[1])] {
			t.Errorf("no alarm leads to %q of the runbook", heading[1])
		}
	}
}

// What alarms say is encrypted and heard over TLS; the address of the settings hears it.
func TestAlarmsGoToTheAddressOfTheSettings(t *testing.T) {
	tpl := mustProd(t)
	if n := len(tpl.all("AWS::SNS::Subscription")); n != 0 {
		t.Errorf("%d subscriptions without an address", n)
	}
	for id, topic := range tpl.all("AWS::SNS::Topic") {
		if topic.Properties["KmsMasterKeyId"] == nil {
			t.Errorf("%s is not encrypted", id)
		}
		spoken := false
		for _, policy := range tpl.all("AWS::SNS::TopicPolicy") {
			for _, s := range list(dig(policy.Properties["PolicyDocument"], "Statement")) {
				spoken = spoken || dig(s, "Effect") == "Allow" && dig(s, "Action") == "sns:Publish" &&
					dig(s, "Principal", "Service") == "cloudwatch.amazonaws.com" && dig(s, "Resource", "Ref") == id
			}
		}
		if !spoken {
			t.Errorf("CloudWatch may not speak to %s", id)
		}
	}
	called, err := synthesizeStage("dev", "alarms", "oncall@example.com")
	if err != nil {
		t.Fatal(err)
	}
	subscriptions := called.all("AWS::SNS::Subscription")
	if len(subscriptions) != 1 {
		t.Fatalf("%d subscriptions", len(subscriptions))
	}
	for _, s := range subscriptions {
		if s.Properties["Endpoint"] != "oncall@example.com" || s.Properties["Protocol"] != "email" {
			t.Errorf("%v", s.Properties)
		}
	}
}

// What is shown is what is written: under the stage's namespace, and by the functions.
func TestFunctionsMeasureUnderTheNamespaceThatIsWatched(t *testing.T) {
	tpl := mustProd(t)
	for id, f := range tpl.all("AWS::Lambda::Function") {
		if got := dig(f.Properties, "Environment", "Variables", metric.Variable); got != "Yakusoku/prod" {
			t.Errorf("%s measures under %v", id, got)
		}
	}
	boards := tpl.all("AWS::CloudWatch::Dashboard")
	if len(boards) != 1 {
		t.Fatalf("%d dashboards", len(boards))
	}
	for _, b := range boards {
		body, err := json.Marshal(b.Properties["DashboardBody"])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{metric.Bookings, metric.RequestTime, metric.StepTime, metric.StepFailures, metric.DeadGrants, metric.Connections} {
			if !strings.Contains(string(body), "Yakusoku/prod") || !strings.Contains(string(body), name) {
				t.Errorf("the dashboard does not show %s", name)
			}
		}
	}
}

// What a page says that takes no bookings now, anybody can have as often as they ask:
// it neither calls somebody nor gives a deployment back.
func TestOnlyFailuresOfOursCountAsFailedRequests(t *testing.T) {
	tpl := mustProd(t)
	filters := tpl.all("AWS::Logs::MetricFilter")
	if len(filters) != 1 {
		t.Fatalf("%d filters", len(filters))
	}
	for _, f := range filters {
		want := map[string]any{"FilterPattern": `{ ($.status = "5*") && ($.status != "503") }`, "Group": "ApiLog", "Namespace": "Yakusoku/prod", "Name": "FailedRequests"}
		counts := list(f.Properties["MetricTransformations"])[0]
		got := map[string]any{
			"FilterPattern": f.Properties["FilterPattern"], "Group": dig(f.Properties["LogGroupName"], "Ref"),
			"Namespace": dig(counts, "MetricNamespace"), "Name": dig(counts, "MetricName"),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	watching := 0
	for id, a := range tpl.all("AWS::CloudWatch::Alarm") {
		text, err := json.Marshal(a.Properties)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"5xx"`) {
			t.Errorf("%s counts every 5xx", id)
		}
		if strings.Contains(string(text), `"FailedRequests"`) {
			watching++
		}
	}
	if watching != 2 {
		t.Errorf("%d alarms watch what fails", watching)
	}
}
