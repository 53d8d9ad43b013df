package httpapi

import (
	"context"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// Principal is who made a request, as the authorizer in front verified it.
type Principal struct {
	Subject string // who signed in, as the sign-in provider knows them
}

// PrincipalFrom returns who made the request; ok is false where no authorizer
// spoke for anyone.
func PrincipalFrom(ctx context.Context) (p Principal, ok bool) {
	event, ok := core.GetAPIGatewayV2ContextFromContext(ctx)
	if !ok || event.Authorizer == nil || event.Authorizer.JWT == nil {
		return Principal{}, false
	}
	claims := event.Authorizer.JWT.Claims
	// The authorizer takes Cognito's ID tokens for the same client too: they say who
	// somebody is, and are not meant to open anything.
	if claims["token_use"] == "id" {
		return Principal{}, false
	}
	p.Subject = claims["sub"]
	return p, p.Subject != ""
}
