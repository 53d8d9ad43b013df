package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheFirewallStandsBeforeTheDistribution(t *testing.T) {
	tpl := mustProd(t)
	edge := tpl.stacks["Yakusoku-prod-edge"]
	if n := len(edge.all("AWS::WAFv2::WebACL")); n != 1 {
		t.Errorf("%d firewalls in the stack of CloudFront's region", n)
	}
	config := tpl.one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	want := map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": "Yakusoku-prod-edge", "OutputName": "Firewall", "Region": "us-east-1"}}
	if diff := cmp.Diff(any(want), dig(config, "WebACLId")); diff != "" {
		t.Errorf("what the distribution names (-want +got):\n%s", diff)
	}
	if named := dig(edge.Outputs["Firewall"].Value, "Fn::GetAtt"); named == nil {
		t.Errorf("it is not told: %v", edge.Outputs)
	}
}

func TestTheFirewallTurnsAwayFloodsAndKnownAttacks(t *testing.T) {
	acl := mustProd(t).one(t, "AWS::WAFv2::WebACL").Properties
	type rule struct {
		Requests any      // of one address within five minutes
		Of       any      // to what
		Group    any      // of AWS's rules
		Counted  []string // of those, that turn nobody away
		Status   any
	}
	got := map[any]rule{}
	for _, r := range list(acl["Rules"]) {
		one := rule{
			Requests: dig(r, "Statement", "RateBasedStatement", "Limit"), Of: plain(dig(r, "Statement", "RateBasedStatement", "ScopeDownStatement")),
			Group:  dig(r, "Statement", "ManagedRuleGroupStatement", "Name"),
			Status: dig(r, "Action", "Block", "CustomResponse", "ResponseCode"),
		}
		for _, o := range list(dig(r, "Statement", "ManagedRuleGroupStatement", "RuleActionOverrides")) {
			if dig(o, "ActionToUse", "Count") != nil {
				one.Counted = append(one.Counted, dig(o, "Name").(string))
			}
		}
		got[dig(r, "Name")] = one
		if dig(r, "VisibilityConfig", "SampledRequestsEnabled") != false {
			t.Errorf("%v keeps requests, and guests' tokens with them", dig(r, "Name"))
		}
	}
	want := map[any]rule{
		"bookings":                             {Requests: 100.0, Of: "(method POST and (uriPath /api/pages/ or uriPath /b/))", Status: 429.0},
		"requests":                             {Requests: 3000.0, Of: "not uriPath /api/webhooks/", Status: 429.0},
		"AWSManagedRulesKnownBadInputsRuleSet": {Group: "AWSManagedRulesKnownBadInputsRuleSet"},
		"AWSManagedRulesCommonRuleSet": {Group: "AWSManagedRulesCommonRuleSet", Counted: []string{
			"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
			"SizeRestrictions_QUERYSTRING", "NoUserAgent_HEADER",
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if acl["Scope"] != "CLOUDFRONT" || dig(acl["DefaultAction"], "Allow") == nil {
		t.Errorf("%v, %v", acl["Scope"], acl["DefaultAction"])
	}
	var said struct{ Code, Detail string }
	text, _ := dig(acl["CustomResponseBodies"], "slow", "Content").(string)
	if err := json.Unmarshal([]byte(text), &said); err != nil || said.Code != "rate_limited" || said.Detail == "" {
		t.Errorf("who is turned away hears %q", text)
	}
}

// plain reads a statement out in words.
func plain(statement any) any {
	words := map[string]string{"AndStatement": " and ", "OrStatement": " or "}
	for kind, word := range words {
		if dig(statement, kind) == nil {
			continue
		}
		text := "("
		for i, s := range list(dig(statement, kind, "Statements")) {
			if i > 0 {
				text += word
			}
			text += plain(s).(string)
		}
		return text + ")"
	}
	if s := dig(statement, "NotStatement", "Statement"); s != nil {
		return "not " + plain(s).(string)
	}
	match := dig(statement, "ByteMatchStatement")
	for _, field := range []string{"Method", "UriPath"} {
		if dig(match, "FieldToMatch", field) != nil {
			name := map[string]string{"Method": "method", "UriPath": "uriPath"}[field]
			return name + " " + dig(match, "SearchString").(string)
		}
	}
	return nil
}
