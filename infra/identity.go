package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// hosts are who may sign in, and where; both are nil where the settings name an
// OpenID provider.
type hosts struct {
	pool   awscognito.UserPool
	domain awscognito.UserPoolDomain
}

// newHosts makes a user pool with managed login.
func newHosts(scope constructs.Construct, s Settings) hosts {
	if s.Issuer != "" {
		return hosts{}
	}
	pool := newUserPool(scope, s)
	domain := pool.AddDomain(jsii.String("SignInDomain"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{
			// Unique in the region: an account has one stage of a name.
			DomainPrefix: jsii.String("yakusoku-" + s.Stage + "-" + *awscdk.Stack_Of(scope).Account()),
		},
		ManagedLoginVersion: awscognito.ManagedLoginVersion_NEWER_MANAGED_LOGIN,
	})
	// As it was named before it was pinned: a second domain of this prefix is refused
	// while there is the first.
	pin(domain, "HostsSignInDomain3935A517")
	return hosts{pool: pool, domain: domain}
}

// identity is how the console signs hosts in.
type identity struct {
	issuer   *string
	clientID *string
	origins  *string // that the console's script calls there, separated by spaces
}

// newIdentity makes the console a client of the hosts' user pool, or takes the one
// that the settings name.
func newIdentity(scope constructs.Construct, s Settings, h hosts, origin *string) identity {
	if h.pool == nil {
		return identity{issuer: jsii.String(s.Issuer), clientID: jsii.String(s.IssuerClientID), origins: jsii.String(s.IssuerOrigins)}
	}
	region := awscdk.Stack_Of(scope).Region()
	client := newConsoleClient(scope, h.pool, origin)
	awscognito.NewCfnManagedLoginBranding(scope, jsii.String("SignInLook"), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: h.pool.UserPoolId(), ClientId: client.UserPoolClientId(), UseCognitoProvidedValues: jsii.Bool(true),
	})
	return identity{
		issuer:   h.pool.UserPoolProviderUrl(),
		clientID: client.UserPoolClientId(),
		origins:  jsii.String("https://cognito-idp." + *region + ".amazonaws.com " + *h.domain.BaseUrl(nil)),
	}
}

// newUserPool holds the hosts' sign-ins: their address and password, and a second
// factor for who wants one.
func newUserPool(scope constructs.Construct, s Settings) awscognito.UserPool {
	pool := awscognito.NewUserPool(scope, jsii.String("Hosts"), &awscognito.UserPoolProps{
		SelfSignUpEnabled: jsii.Bool(s.SelfSignUp),
		SignInAliases:     &awscognito.SignInAliases{Email: jsii.Bool(true)},
		AutoVerify:        &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		// Who changes their address signs in with the old one until the new one is
		// verified.
		KeepOriginal:       &awscognito.KeepOriginalAttrs{Email: jsii.Bool(true)},
		AccountRecovery:    awscognito.AccountRecovery_EMAIL_ONLY,
		Mfa:                awscognito.Mfa_OPTIONAL,
		MfaSecondFactor:    &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		PasswordPolicy:     &awscognito.PasswordPolicy{MinLength: jsii.Number(12), RequireDigits: jsii.Bool(false), RequireLowercase: jsii.Bool(false), RequireSymbols: jsii.Bool(false), RequireUppercase: jsii.Bool(false)},
		DeletionProtection: jsii.Bool(s.Prod()),
		RemovalPolicy:      removal(s),
	})
	pin(pool, "Hosts")
	return pool
}

// newConsoleClient is a public client: code flow with PKCE and nothing else, back
// to the console's own addresses. It is no part of the pool's stack: it follows the
// address of the site, and another one costs hosts one more sign-in.
func newConsoleClient(scope constructs.Construct, pool awscognito.UserPool, origin *string) awscognito.UserPoolClient {
	client := awscognito.NewUserPoolClient(scope, jsii.String("ConsoleClient"), &awscognito.UserPoolClientProps{
		UserPool:       pool,
		GenerateSecret: jsii.Bool(false),
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true)},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL(), awscognito.OAuthScope_PROFILE()},
			CallbackUrls: &[]*string{jsii.String(*origin + "/console/signed-in")},
			LogoutUrls:   &[]*string{jsii.String(*origin + "/console/signed-out")},
		},
		AccessTokenValidity:        awscdk.Duration_Hours(jsii.Number(1)),
		IdTokenValidity:            awscdk.Duration_Hours(jsii.Number(1)),
		RefreshTokenValidity:       awscdk.Duration_Days(jsii.Number(30)),
		EnableTokenRevocation:      jsii.Bool(true),
		PreventUserExistenceErrors: jsii.Bool(true),
	})
	pin(client, "ConsoleClient")
	// CDK cannot say so, and Cognito's default takes passwords past managed login.
	client.Node().DefaultChild().(awscognito.CfnUserPoolClient).SetExplicitAuthFlows(jsii.Strings("ALLOW_REFRESH_TOKEN_AUTH"))
	return client
}

// authorizer lets hosts' access tokens through.
func (i identity) authorizer() awsapigatewayv2.IHttpRouteAuthorizer {
	return awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Hosts"), i.issuer, &awsapigatewayv2authorizers.HttpJwtAuthorizerProps{
		JwtAudience: &[]*string{i.clientID},
	})
}
