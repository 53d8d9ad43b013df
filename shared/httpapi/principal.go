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
	p.Subject = event.Authorizer.JWT.Claims["sub"]
	return p, p.Subject != ""
}
