package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
	"yakusoku/shared/httpapi"
)

var ownDomain = []string{"domain", "book.example.com", "certificate", certificate}

// one is the only resource of its kind.
func (tpl template) one(t *testing.T, kind string) resource {
	t.Helper()
	found := tpl.all(kind)
	if len(found) != 1 {
		t.Fatalf("%d of %s", len(found), kind)
	}
	for _, r := range found {
		return r
	}
	panic("unreachable")
}

// behavior is what a path is handed on with.
type handled struct {
	Methods  int    // that are let through
	Longest  any    // seconds for which an answer may be kept that says so
	Key      string // what of the request an answer may depend on, to be kept
	Sent     string // what more of it reaches the API
	Proven   bool   // whether the API can tell who asks
	Insecure any    // what becomes of http://
	Packed   any
}

// Each path is kept as long as its answers say; what answers depend on is in the key.
func TestEachPathIsKeptAsItsAnswersSay(t *testing.T) {
	everything := handled{Methods: 7, Longest: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", Sent: "b689b0a8-53d0-40ab-baf2-68738e2966ac", Insecure: "redirect-to-https", Packed: true}
	calls := everything
	calls.Insecure = "https-only"
	files := handled{Methods: 2, Longest: 31536000.0, Key: "query none, cookies none, headers none", Insecure: "https-only", Packed: true}
	want := map[string]handled{
		"*":         everything, // by policies of CloudFront's own: CachingDisabled, AllViewerExceptHostHeader
		"/assets/*": files,
		"/embed.js": files,
		"/api/*":    calls,
		"/api/pages/*": {
			Methods: 7, Longest: 60.0, Key: "query all, cookies none, headers none", Proven: true, Insecure: "https-only", Packed: true,
			Sent: "query all, cookies none, headers Accept-Language CloudFront-Viewer-Address Content-Type Idempotency-Key",
		},
		"/b/*": {
			Methods: 7, Longest: 60.0, Key: "query all, cookies none, headers Accept-Language", Proven: true, Insecure: "redirect-to-https", Packed: true,
			Sent: "query all, cookies all, headers CloudFront-Viewer-Address Content-Type Origin Sec-Fetch-Site",
		},
	}
	tpl := mustProd(t)
	config := tpl.one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	proven := map[any]bool{}
	for _, o := range list(dig(config, "Origins")) {
		proven[dig(o, "Id")] = dig(o, "OriginCustomHeaders", 0, "HeaderName") == httpapi.ProofHeader
	}
	got := map[string]handled{}
	var order []string
	for _, b := range append(list(dig(config, "CacheBehaviors")), dig(config, "DefaultCacheBehavior")) {
		path, _ := dig(b, "PathPattern").(string)
		if path == "" {
			path = "*"
		}
		order = append(order, path)
		one := handled{
			Methods: len(list(dig(b, "AllowedMethods"))), Proven: proven[dig(b, "TargetOriginId")],
			Insecure: dig(b, "ViewerProtocolPolicy"), Packed: dig(b, "Compress"),
		}
		if dig(b, "AllowedMethods") == nil {
			one.Methods = 2
		}
		if id, ours := dig(b, "CachePolicyId", "Ref").(string); ours {
			p := dig(tpl.Resources[id].Properties["CachePolicyConfig"], "ParametersInCacheKeyAndForwardedToOrigin")
			one.Key = parts(dig(p, "QueryStringsConfig", "QueryStringBehavior"), dig(p, "CookiesConfig", "CookieBehavior"), dig(p, "HeadersConfig", "Headers"))
			one.Longest = dig(tpl.Resources[id].Properties["CachePolicyConfig"], "MaxTTL")
			for _, ttl := range []string{"MinTTL", "DefaultTTL"} {
				if seconds := dig(tpl.Resources[id].Properties["CachePolicyConfig"], ttl); seconds != 0.0 {
					t.Errorf("%s: %s is %v: an answer that says nothing is kept", path, ttl, seconds)
				}
			}
		} else {
			one.Longest = dig(b, "CachePolicyId")
		}
		if id, ours := dig(b, "OriginRequestPolicyId", "Ref").(string); ours {
			p := tpl.Resources[id].Properties["OriginRequestPolicyConfig"]
			one.Sent = parts(dig(p, "QueryStringsConfig", "QueryStringBehavior"), dig(p, "CookiesConfig", "CookieBehavior"), dig(p, "HeadersConfig", "Headers"))
		} else if id := dig(b, "OriginRequestPolicyId"); id != nil {
			one.Sent = id.(string)
		}
		got[path] = one
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("behaviours (-want +got):\n%s", diff)
	}
	if slices.Index(order, "/api/pages/*") > slices.Index(order, "/api/*") {
		t.Errorf("the first that fits counts: %q", order)
	}
}

func parts(query, cookies, headers any) string {
	named := []string{"none"}
	if headers != nil {
		named = nil
		for _, h := range list(headers) {
			named = append(named, h.(string))
		}
		slices.Sort(named)
	}
	return fmt.Sprintf("query %v, cookies %v, headers %s", query, cookies, strings.Join(named, " "))
}

// Where a function is told who asks, CloudFront says it; and nowhere is the proof
// sent along with what a viewer may have said.
func TestTheProofIsSentWhereCloudFrontItselfSaysWhoAsks(t *testing.T) {
	tpl := mustProd(t)
	config := tpl.one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	for _, o := range list(dig(config, "Origins")) {
		for _, h := range list(dig(o, "OriginCustomHeaders")) {
			if value := fmt.Sprint(dig(h, "HeaderValue")); h != nil && (!strings.Contains(value, "{{resolve:secretsmanager:") || !strings.Contains(value, "ViewerProof")) {
				t.Errorf("the proof stands in the template: %v", value)
			}
		}
		c := dig(o, "CustomOriginConfig")
		if dig(c, "OriginProtocolPolicy") != "https-only" || fmt.Sprint(dig(c, "OriginSSLProtocols")) != "[TLSv1.2]" {
			t.Errorf("the API is called by %v", c)
		}
	}
	generated := tpl.Resources["ViewerProof"].Properties
	if dig(generated, "GenerateSecretString", "PasswordLength") != 64.0 {
		t.Errorf("the proof is %v", generated)
	}
	for _, r := range httpapi.Routes() {
		proven := strings.HasPrefix(r.Path, "/api/pages/") || strings.HasPrefix(r.Path, "/b/")
		if r.Function == httpapi.BookingFunction && r.Method == "POST" && !proven && !strings.HasPrefix(r.Path, "/api/bookings/{id}/") {
			t.Errorf("%s %s is limited by address, and does not know it", r.Method, r.Path)
		}
	}
}

func TestErrorsAreKeptByNobody(t *testing.T) {
	config := mustProd(t).one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	got := map[string]any{}
	for _, e := range list(dig(config, "CustomErrorResponses")) {
		got[fmt.Sprint(dig(e, "ErrorCode"))] = dig(e, "ErrorCachingMinTTL")
	}
	want := map[string]any{}
	for _, status := range []int{400, 403, 404, 405, 414, 500, 501, 502, 503, 504} {
		want[fmt.Sprint(status)] = 0.0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seconds (-want +got):\n%s", diff)
	}
}

// What the functions say of their answers stands; what says nothing is sealed.
func TestAnswersThatSayNothingAreSealed(t *testing.T) {
	tpl := mustProd(t)
	var id string
	for name, p := range tpl.all("AWS::CloudFront::ResponseHeadersPolicy") {
		id = name
		want := map[string]any{
			"ContentSecurityPolicy":   map[string]any{"ContentSecurityPolicy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Override": false},
			"ContentTypeOptions":      map[string]any{"Override": false},
			"ReferrerPolicy":          map[string]any{"ReferrerPolicy": "no-referrer", "Override": false},
			"StrictTransportSecurity": map[string]any{"AccessControlMaxAgeSec": 63072000.0, "IncludeSubdomains": true, "Override": false},
		}
		if diff := cmp.Diff(want, dig(p.Properties["ResponseHeadersPolicyConfig"], "SecurityHeadersConfig")); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
	}
	config := tpl.one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	for _, b := range append(list(dig(config, "CacheBehaviors")), dig(config, "DefaultCacheBehavior")) {
		if dig(b, "ResponseHeadersPolicyId", "Ref") != id {
			t.Errorf("%v has no headers", dig(b, "PathPattern"))
		}
	}
}

// One address is what all functions tell people, and what signing in leads back to.
func TestTheAddressIsTheDomainOrCloudFronts(t *testing.T) {
	domain, err := synthesizeStage("prod", ownDomain...)
	if err != nil {
		t.Fatal(err)
	}
	config := domain.one(t, "AWS::CloudFront::Distribution").Properties["DistributionConfig"]
	got := map[string]any{
		"names": dig(config, "Aliases"), "certificate": dig(config, "ViewerCertificate", "AcmCertificateArn"),
		"TLS": dig(config, "ViewerCertificate", "MinimumProtocolVersion"), "HTTP": dig(config, "HttpVersion"),
		"IPv6": dig(config, "IPV6Enabled"),
	}
	want := map[string]any{"names": []any{"book.example.com"}, "certificate": certificate, "TLS": "TLSv1.2_2021", "HTTP": "http2and3", "IPv6": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the distribution (-want +got):\n%s", diff)
	}
	for name, test := range map[string]struct {
		tpl  template
		want string
	}{
		"the domain":       {domain, "https://book.example.com"},
		"CloudFront's own": {mustProd(t), "map[Fn::Join:[ [https:// map[Fn::GetAtt:[Web DomainName]]]]]"},
	} {
		for _, f := range function.All() {
			given := dig(test.tpl.Resources[test.tpl.functionID(t, f.Name)].Properties, "Environment", "Variables", function.PublicOrigin)
			if given != nil && fmt.Sprint(given) != test.want {
				t.Errorf("%s: %s tells people %v", name, f.Name, given)
			}
		}
		back := fmt.Sprint(dig(test.tpl.Resources["ConsoleClient"].Properties, "CallbackURLs", 0))
		if front := strings.TrimRight(test.want, "]"); !strings.HasPrefix(back, front) || !strings.Contains(back, "/console/signed-in") {
			t.Errorf("%s: signing in leads back to %s", name, back)
		}
	}
}
