package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
)

// aliasOf is the logical id of a function's alias.
func (tpl template) aliasOf(t *testing.T, name string) string {
	t.Helper()
	for id, alias := range tpl.all("AWS::Lambda::Alias") {
		if dig(alias.Properties, "FunctionName", "Ref") == tpl.functionID(t, name) {
			if alias.Properties["Name"] != "live" {
				t.Errorf("the alias of %s is %v", name, alias.Properties["Name"])
			}
			return id
		}
	}
	t.Fatalf("%s has no alias", name)
	return ""
}

// A function that is called past its alias would change under its callers, and could
// not be given back.
func TestEverythingCallsTheAlias(t *testing.T) {
	tpl := mustProd(t)
	aliases := map[string]bool{}
	for _, f := range function.All() {
		aliases[tpl.aliasOf(t, f.Name)] = true
	}
	calls := 0
	check := func(id string, called any) {
		ref, _ := dig(called, "Ref").(string)
		if !aliases[ref] {
			t.Errorf("%s calls %v", id, called)
		}
		calls++
	}
	for id, r := range tpl.all("AWS::ApiGatewayV2::Integration") {
		check(id, r.Properties["IntegrationUri"])
	}
	for id, r := range tpl.all("AWS::Events::Rule") {
		for _, target := range list(r.Properties["Targets"]) {
			check(id, dig(target, "Arn"))
		}
	}
	permissions := map[any]int{}
	for id, r := range tpl.all("AWS::Lambda::Permission") {
		check(id, r.Properties["FunctionName"])
		permissions[dig(r.Properties["FunctionName"], "Ref")]++
	}
	for alias, n := range permissions {
		if n > 40 { // of some 450 bytes, in a policy of 20 KB
			t.Errorf("%v has %d permissions, more than its policy holds", alias, n)
		}
	}
	for id, r := range tpl.all("AWS::Lambda::EventInvokeConfig") {
		if r.Properties["Qualifier"] != "live" && dig(r.Properties, "Qualifier", "Fn::Select") == nil {
			t.Errorf("%s is of %v", id, r.Properties["Qualifier"])
		}
	}
	if calls < 20 {
		t.Errorf("only %d calls are seen", calls)
	}
}

// In prod what people call changes for a tenth of the calls first; elsewhere nobody
// waits.
func TestANewVersionIsGivenBackWhenAnAlarmSaysSo(t *testing.T) {
	tpl := mustProd(t)
	got := map[string]any{}
	for _, f := range function.All() {
		alias := tpl.Resources[tpl.aliasOf(t, f.Name)]
		group := dig(alias.UpdatePolicy, "CodeDeployLambdaAliasUpdate", "DeploymentGroupName", "Ref")
		if group == nil {
			continue
		}
		r := tpl.Resources[group.(string)]
		var alarms []string
		for _, a := range list(dig(r.Properties["AlarmConfiguration"], "Alarms")) {
			alarms = append(alarms, strings.TrimRight(fmt.Sprint(dig(a, "Name", "Ref")), "0123456789ABCDEF"))
		}
		slices.Sort(alarms)
		got[f.Name] = []any{r.Properties["DeploymentConfigName"], fmt.Sprint(dig(r.Properties["AutoRollbackConfiguration"], "Events")), fmt.Sprint(alarms)}
	}
	want := map[string]any{}
	for _, name := range []string{function.BookingPage, function.Booking, function.Console, function.OAuth, function.Webhook} {
		want[name] = []any{
			"CodeDeployDefault.LambdaCanary10Percent5Minutes", "[DEPLOYMENT_FAILURE DEPLOYMENT_STOP_ON_ALARM]",
			fmt.Sprint(slices.Sorted(slices.Values([]string{"Burn5Alarm", function.Function{Name: name}.Placeholder() + "CrashesAlarm"}))),
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rollouts (-want +got):\n%s", diff)
	}
	for _, at := range [][]string{{"dev"}, {"prod", "atOnce", "true"}} {
		once, err := synthesizeStage(at[0], at[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(once.all("AWS::CodeDeploy::DeploymentGroup")); n != 0 {
			t.Errorf("%q waits for %d rollouts", at, n)
		}
	}
}

func TestTheRolloutMayMoveAliasesOfWhatPeopleCallOnly(t *testing.T) {
	tpl := mustProd(t)
	for id, group := range tpl.all("AWS::CodeDeploy::DeploymentGroup") {
		role, _ := dig(group.Properties["ServiceRoleArn"], "Fn::GetAtt", 0).(string)
		if tpl.Resources[role].Properties["ManagedPolicyArns"] != nil {
			t.Errorf("%s has AWS's own policy", id)
		}
		for _, policy := range tpl.all("AWS::IAM::Policy") {
			if dig(policy.Properties["Roles"], 0, "Ref") != role {
				continue
			}
			text := fmt.Sprint(policy.Properties["PolicyDocument"])
			for _, f := range function.All() {
				moves := strings.Contains(text, tpl.functionID(t, f.Name))
				if called := slices.Contains(calledByPeople(), f.Name); moves != called {
					t.Errorf("it moves %s: %v", f.Name, moves)
				}
			}
		}
	}
}

// A new account has room for ten, and takes no reservation: it is for who asks.
func TestRoomIsReservedForTheSagasWhereItIsAskedFor(t *testing.T) {
	asked, err := synthesizeStage("dev", "reserveConcurrency", "true", "restart", "2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, f := range function.All() {
		r := asked.Resources[asked.functionID(t, f.Name)].Properties
		if r["ReservedConcurrentExecutions"] != nil {
			got[f.Name] = r["ReservedConcurrentExecutions"]
		}
		if r["Description"] != "started anew: 2026-12-01" {
			t.Errorf("%s is not started anew: %v", f.Name, r["Description"])
		}
	}
	want := map[string]any{function.Meeting: 20.0, function.Event: 20.0, function.Mail: 20.0, function.Settle: 10.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reserved (-want +got):\n%s", diff)
	}
	for id, f := range mustProd(t).all("AWS::Lambda::Function") {
		if f.Properties["ReservedConcurrentExecutions"] != nil {
			t.Errorf("%s reserves without being asked", id)
		}
	}
}
