package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/language"
	"yakusoku/shared/problem"
)

// edgeRegion is where CloudFront looks for its firewall, for certificates, and for
// who takes its logs.
const edgeRegion = "us-east-1"

// firewallOutput names the firewall for the stack that has the distribution. An
// export does not reach another region; Fn::GetStackOutput does.
const firewallOutput = "Firewall"

// What one address may ask for within five minutes. An office or a phone network
// shares one: a guest's whole visit is some forty requests, and one or two that book.
const (
	requestsPerAddress = 3000
	bookingsPerAddress = 100
)

// newFirewall turns away floods and known attacks before they cost anything. It keeps
// no samples of requests: they would hold guests' tokens.
func newFirewall(stack awscdk.Stack) {
	acl := awswafv2.NewCfnWebACL(stack, jsii.String("WebAcl"), &awswafv2.CfnWebACLProps{
		Scope:                jsii.String("CLOUDFRONT"),
		DefaultAction:        map[string]any{"allow": map[string]any{}},
		VisibilityConfig:     counted("all"),
		CustomResponseBodies: map[string]any{"slow": map[string]any{"content": tooMany(), "contentType": "APPLICATION_JSON"}},
		Rules: &[]any{
			rated(0, "bookings", bookingsPerAddress, both(begins("method", "POST"), either(begins("uriPath", "/api/pages/"), begins("uriPath", "/b/")))),
			// Zoom, Google and Microsoft each have a few addresses for all of their news.
			rated(1, "requests", requestsPerAddress, not(begins("uriPath", "/api/webhooks/"))),
			managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
			managed(3, "AWSManagedRulesCommonRuleSet", harmless...),
		},
	})
	output(stack, firewallOutput, "What stands before the distribution", acl.AttrArn())
}

// harmless are rules that what is meant to be sent would break: people's prose with
// markup, addresses and paths in it, settings with a logo, Microsoft's long codes,
// news from senders that do not name themselves. They are counted only; the functions
// hold every body and query to a schema and a limit.
var harmless = []string{
	"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
	"SizeRestrictions_QUERYSTRING", "NoUserAgent_HEADER",
}

// tooMany is the API's own problem, in both languages: the firewall reads none.
func tooMany() *string {
	p := problem.New(language.English, problem.RateLimited)
	p.Detail = problem.New(language.Japanese, problem.RateLimited).Detail + " " + p.Detail
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and a number
	}
	return jsii.String(string(text))
}

func rated(priority float64, name string, limit float64, of any) any {
	return &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(priority), VisibilityConfig: counted(name),
		Statement: map[string]any{"rateBasedStatement": map[string]any{
			"aggregateKeyType": "IP", "evaluationWindowSec": 300, "limit": limit, "scopeDownStatement": of,
		}},
		Action: map[string]any{"block": map[string]any{"customResponse": map[string]any{
			"responseCode": 429, "customResponseBodyKey": "slow",
			"responseHeaders": []any{map[string]any{"name": "Retry-After", "value": "300"}},
		}}},
	}
}

func managed(priority float64, name string, onlyCounted ...string) any {
	var overrides []any
	for _, rule := range onlyCounted {
		overrides = append(overrides, map[string]any{"name": rule, "actionToUse": map[string]any{"count": map[string]any{}}})
	}
	group := map[string]any{"vendorName": "AWS", "name": name}
	if overrides != nil {
		group["ruleActionOverrides"] = overrides
	}
	return &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(priority), VisibilityConfig: counted(name),
		Statement:      map[string]any{"managedRuleGroupStatement": group},
		OverrideAction: map[string]any{"none": map[string]any{}},
	}
}

// begins matches requests of whose method or path the text is the beginning.
func begins(field, text string) any {
	return map[string]any{"byteMatchStatement": map[string]any{
		"fieldToMatch":         map[string]any{field: map[string]any{}},
		"positionalConstraint": "STARTS_WITH", "searchString": text,
		// As the gateway reads paths, so that another spelling is no way around.
		"textTransformations": []any{map[string]any{"priority": 0, "type": "URL_DECODE"}, map[string]any{"priority": 1, "type": "NORMALIZE_PATH"}},
	}}
}

func both(statements ...any) any {
	return map[string]any{"andStatement": map[string]any{"statements": statements}}
}

func either(statements ...any) any {
	return map[string]any{"orStatement": map[string]any{"statements": statements}}
}

func not(statement any) any {
	return map[string]any{"notStatement": map[string]any{"statement": statement}}
}

func counted(name string) any {
	return map[string]any{"cloudWatchMetricsEnabled": true, "metricName": name, "sampledRequestsEnabled": false}
}
