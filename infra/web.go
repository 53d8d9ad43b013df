package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/httpapi"
)

// web is the one address that guests and hosts go to.
type web struct {
	distribution awscloudfront.Distribution
	proof        awssecretsmanager.Secret // that a request came this way
	origin       *string                  // scheme and host
}

// newWeb puts CloudFront before the API. Of the API it needs the id alone: functions
// that name the address depend on it, and it on none of them.
func newWeb(stack awscdk.Stack, s Settings, api awsapigatewayv2.HttpApi) web {
	w := web{proof: newViewerProof(stack)}
	host := awscdk.Fn_Join(jsii.String("."), &[]*string{api.ApiId(), jsii.String("execute-api"), stack.Region(), stack.UrlSuffix()})
	ordinary, sealing := newOrdinary(), newSealing(stack)
	plain, proven := toAPI(host, nil), toAPI(host, w.proof.SecretValue())
	props := &awscloudfront.DistributionProps{
		Comment:     jsii.String(s.StackName()),
		HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		EnableIpv6:  jsii.Bool(true),
		WebAclId:    awscdk.Fn_GetStackOutput(jsii.String(s.EdgeStackName()), jsii.String(firewallOutput), jsii.String(edgeRegion), nil),
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: plain, AllowedMethods: ordinary.AllowedMethods, CachePolicy: ordinary.CachePolicy,
			OriginRequestPolicy: ordinary.OriginRequestPolicy, ViewerProtocolPolicy: ordinary.ViewerProtocolPolicy,
			ResponseHeadersPolicy: sealing,
		},
		ErrorResponses: errorsAreAskedForAnew(),
	}
	if s.Domain != "" {
		props.DomainNames = jsii.Strings(s.Domain)
		props.Certificate = awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"), jsii.String(s.Certificate))
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
	}
	w.distribution = awscloudfront.NewDistribution(stack, jsii.String("Web"), props)
	pin(w.distribution, "Web")
	for _, b := range newBehaviors(stack, plain, proven) {
		b.options.ResponseHeadersPolicy = sealing
		w.distribution.AddBehavior(jsii.String(b.path), b.to, b.options)
	}
	output(stack, distributionOutput, "What serves the site", w.distribution.DistributionId())
	w.origin = jsii.String("https://" + *w.distribution.DistributionDomainName())
	if s.Domain != "" {
		w.origin = jsii.String("https://" + s.Domain)
		output(stack, "DomainTarget", "What the domain's DNS record (ALIAS or CNAME) names", w.distribution.DistributionDomainName())
	}
	return w
}

// newViewerProof is generated, and can be again: under another id the next deployment
// gives a new one to the distribution and to the function at once.
func newViewerProof(scope constructs.Construct) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(scope, jsii.String("ViewerProof"), &awssecretsmanager.SecretProps{
		Description: jsii.String("Yakusoku: by which a function knows that CloudFront says who asks"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	pin(secret, "ViewerProof")
	return secret
}

// toAPI is the API as an origin, with the proof where CloudFront itself sets the
// viewer's address.
func toAPI(host *string, proof awscdk.SecretValue) awscloudfront.IOrigin {
	props := &awscloudfrontorigins.HttpOriginProps{
		ProtocolPolicy:     awscloudfront.OriginProtocolPolicy_HTTPS_ONLY,
		OriginSslProtocols: &[]awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2},
		ReadTimeout:        awscdk.Duration_Seconds(jsii.Number(30)), // the API's own limit
		KeepaliveTimeout:   awscdk.Duration_Seconds(jsii.Number(60)),
	}
	if proof != nil {
		props.CustomHeaders = &map[string]*string{httpapi.ProofHeader: proof.UnsafeUnwrap()} // a dynamic reference, which CloudFormation resolves
	}
	return awscloudfrontorigins.NewHttpOrigin(host, props)
}

// errorsAreAskedForAnew turns off that CloudFront keeps errors for ten seconds,
// whatever they say of themselves: one guest's failure would be the next one's.
func errorsAreAskedForAnew() *[]*awscloudfront.ErrorResponse {
	var all []*awscloudfront.ErrorResponse
	for _, status := range []float64{400, 403, 404, 405, 414, 500, 501, 502, 503, 504} {
		all = append(all, &awscloudfront.ErrorResponse{HttpStatus: jsii.Number(status), Ttl: awscdk.Duration_Seconds(jsii.Number(0))})
	}
	return &all
}
