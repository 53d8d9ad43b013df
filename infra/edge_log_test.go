package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// CloudFront tells of each request, and of no person.
func TestCloudFrontsLogHoldsNeitherAddressesNorPaths(t *testing.T) {
	log := mustProd(t).stacks["Yakusoku-prod-edge-log"]
	source := log.one(t, "AWS::Logs::DeliverySource").Properties
	distribution := map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": "Yakusoku-prod-app", "OutputName": "Distribution", "Region": "ap-northeast-1"}}
	if diff := cmp.Diff(any(distribution), dig(source["ResourceArn"], "Fn::Join", 1, 5)); diff != "" {
		t.Errorf("whose log it is (-want +got):\n%s", diff)
	}
	if dig(mustProd(t).stacks["Yakusoku-prod-app"].Outputs["Distribution"].Value, "Ref") != "Web" {
		t.Error("the distribution is not told")
	}
	personal := []any{
		"c-ip", "c-port", "x-forwarded-for", "cs-uri-stem", "cs-uri-query", "cs(Referer)", "cs(User-Agent)", "cs(Cookie)", "x-host-header",
		"cs-headers", "cs-header-names", "c-country", "asn", "fle-status", "fle-encrypted-fields",
	}
	told := list(log.one(t, "AWS::Logs::Delivery").Properties["RecordFields"])
	if len(told) < 10 {
		t.Errorf("it tells %v", told)
	}
	for _, field := range told {
		if slices.Contains(personal, field) {
			t.Errorf("it tells %v", field)
		}
	}
	if dig(log.one(t, "AWS::Logs::DeliveryDestination").Properties["DestinationResourceArn"], "Fn::GetAtt", 0) != "EdgeLog" {
		t.Error("it goes elsewhere")
	}
}
