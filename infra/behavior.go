package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/httpapi"
)

// behavior is how requests for some paths are handed on.
type behavior struct {
	path    string
	to      awscloudfront.IOrigin
	options *awscloudfront.AddBehaviorOptions
}

// newOrdinary hands everything on whole, to the API, and keeps nothing.
func newOrdinary() *awscloudfront.AddBehaviorOptions {
	return &awscloudfront.AddBehaviorOptions{
		AllowedMethods:       awscloudfront.AllowedMethods_ALLOW_ALL(),
		CachePolicy:          awscloudfront.CachePolicy_CACHING_DISABLED(),
		OriginRequestPolicy:  awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(), // the API knows itself by its own
		ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
	}
}

// newBehaviors are those of paths that are not handled as newOrdinary does, the first
// that fits first. How long anything is kept its answer says, no longer than the
// policy's limit; what says nothing, or no, is kept by nobody. What an answer depends
// on is in its policy's key.
func newBehaviors(scope constructs.Construct, api, proven awscloudfront.IOrigin) []behavior {
	files := &awscloudfront.AddBehaviorOptions{
		CachePolicy: newCachePolicy(scope, "Files", awscdk.Duration_Days(jsii.Number(365)), &awscloudfront.CachePolicyProps{}),
	}
	// An API's good answers are in no language; those to a POST, and errors, are not kept.
	answers := &awscloudfront.AddBehaviorOptions{
		AllowedMethods: awscloudfront.AllowedMethods_ALLOW_ALL(),
		CachePolicy: newCachePolicy(scope, "Answers", awscdk.Duration_Minutes(jsii.Number(1)), &awscloudfront.CachePolicyProps{
			QueryStringBehavior: awscloudfront.CacheQueryStringBehavior_All(),
		}),
		// No cookies: with them, requests for one page at one time would not become one.
		OriginRequestPolicy: newRequestPolicy(scope, "Calls", awscloudfront.OriginRequestCookieBehavior_None(),
			"Accept-Language", "Content-Type", "Idempotency-Key", httpapi.ViewerAddressHeader),
	}
	pages := &awscloudfront.AddBehaviorOptions{
		AllowedMethods: awscloudfront.AllowedMethods_ALLOW_ALL(),
		CachePolicy: newCachePolicy(scope, "Pages", awscdk.Duration_Minutes(jsii.Number(1)), &awscloudfront.CachePolicyProps{
			QueryStringBehavior: awscloudfront.CacheQueryStringBehavior_All(),
			HeaderBehavior:      awscloudfront.CacheHeaderBehavior_AllowList(jsii.String("Accept-Language")),
		}),
		OriginRequestPolicy: newRequestPolicy(scope, "Forms", awscloudfront.OriginRequestCookieBehavior_All(),
			"Content-Type", "Origin", "Sec-Fetch-Site", httpapi.ViewerAddressHeader),
		ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
	}
	// Programs that send a token in the clear are refused, and not led on: they would go
	// on doing it.
	calls := newOrdinary()
	calls.ViewerProtocolPolicy = awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY
	answers.ViewerProtocolPolicy, files.ViewerProtocolPolicy = calls.ViewerProtocolPolicy, calls.ViewerProtocolPolicy
	return []behavior{
		{"/assets/*", api, files},
		{"/embed.js", api, files},
		{"/api/pages/*", proven, answers},
		{"/api/*", api, calls},
		{"/b/*", proven, pages},
	}
}

func newCachePolicy(scope constructs.Construct, id string, limit awscdk.Duration, key *awscloudfront.CachePolicyProps) awscloudfront.CachePolicy {
	key.MinTtl, key.DefaultTtl, key.MaxTtl = awscdk.Duration_Seconds(jsii.Number(0)), awscdk.Duration_Seconds(jsii.Number(0)), limit
	key.EnableAcceptEncodingGzip, key.EnableAcceptEncodingBrotli = jsii.Bool(true), jsii.Bool(true)
	return awscloudfront.NewCachePolicy(scope, jsii.String(id), key)
}

// newRequestPolicy hands the query, and these headers, to the API beside the key. Its
// own address for the viewer CloudFront adds, whatever the viewer says.
func newRequestPolicy(scope constructs.Construct, id string, cookies awscloudfront.OriginRequestCookieBehavior, headers ...string) awscloudfront.OriginRequestPolicy {
	return awscloudfront.NewOriginRequestPolicy(scope, jsii.String(id), &awscloudfront.OriginRequestPolicyProps{
		CookieBehavior:      cookies,
		HeaderBehavior:      awscloudfront.OriginRequestHeaderBehavior_AllowList(*jsii.Strings(headers...)...),
		QueryStringBehavior: awscloudfront.OriginRequestQueryStringBehavior_All(),
	})
}

// newSealing gives the headers of a sealed answer to what has none: the gateway's own
// answers. The functions' are left as they are.
func newSealing(scope constructs.Construct) awscloudfront.ResponseHeadersPolicy {
	theirs := jsii.Bool(false)
	return awscloudfront.NewResponseHeadersPolicy(scope, jsii.String("Sealing"), &awscloudfront.ResponseHeadersPolicyProps{
		SecurityHeadersBehavior: &awscloudfront.ResponseSecurityHeadersBehavior{
			ContentSecurityPolicy: &awscloudfront.ResponseHeadersContentSecurityPolicy{
				ContentSecurityPolicy: jsii.String("default-src 'none'; frame-ancestors 'none'; sandbox"), Override: theirs,
			},
			ContentTypeOptions: &awscloudfront.ResponseHeadersContentTypeOptions{Override: theirs},
			ReferrerPolicy: &awscloudfront.ResponseHeadersReferrerPolicy{
				ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_NO_REFERRER, Override: theirs,
			},
			StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
				AccessControlMaxAge: awscdk.Duration_Days(jsii.Number(730)), IncludeSubdomains: jsii.Bool(true), Override: theirs,
			},
		},
	})
}
