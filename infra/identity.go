package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// identity is where hosts sign in.
type identity struct {
	issuer   *string
	clientID *string
	origins  *string // that the console's script calls there, separated by spaces
	pool     awscognito.UserPool
}

// newIdentity makes a user pool with managed login, or takes the OpenID provider
// of the settings in its place.
func newIdentity(scope constructs.Construct, s Settings, origin *string) identity {
	if s.Issuer != "" {
		return identity{issuer: jsii.String(s.Issuer), clientID: jsii.String(s.IssuerClientID), origins: jsii.String(s.IssuerOrigins)}
	}
	pool := newUserPool(scope, s)
	region := awscdk.Stack_Of(scope).Region()
	domain := pool.AddDomain(jsii.String("SignInDomain"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{
			// Unique in the region: an account has one stage of a name.
			DomainPrefix: jsii.String("yakusoku-" + s.Stage + "-" + *awscdk.Stack_Of(scope).Account()),
		},
		ManagedLoginVersion: awscognito.ManagedLoginVersion_NEWER_MANAGED_LOGIN,
	})
	client := newConsoleClient(pool, origin)
	awscognito.NewCfnManagedLoginBranding(scope, jsii.String("SignInLook"), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: pool.UserPoolId(), ClientId: client.UserPoolClientId(), UseCognitoProvidedValues: jsii.Bool(true),
	})
	return identity{
		issuer:   pool.UserPoolProviderUrl(),
		clientID: client.UserPoolClientId(),
		origins:  jsii.String("https://cognito-idp." + *region + ".amazonaws.com " + *domain.BaseUrl(nil)),
		pool:     pool,
	}
}

// newUserPool holds the hosts' sign-ins: their address and password, and a second
// factor for who wants one.
func newUserPool(scope constructs.Construct, s Settings) awscognito.UserPool {
	removal := awscdk.RemovalPolicy_DESTROY
	if s.Prod() {
		removal = awscdk.RemovalPolicy_RETAIN
	}
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
		RemovalPolicy:      removal,
	})
	pin(pool, "Hosts")
	return pool
}

// newConsoleClient is a public client: code flow with PKCE and nothing else, back
// to the console's own addresses.
func newConsoleClient(pool awscognito.UserPool, origin *string) awscognito.UserPoolClient {
	client := pool.AddClient(jsii.String("Console"), &awscognito.UserPoolClientOptions{
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
