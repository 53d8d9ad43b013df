package wiring

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// awsWithin bounds one try of a call to an AWS service. A connection that was kept
// while the function was frozen may lead nowhere; every call of ours answers in
// milliseconds, and is safe to repeat.
const awsWithin = 3 * time.Second

// fromEnvironment is the configuration of AWS clients: a function's is all in variables
// that Lambda sets. The SDK's own loader also knows profiles, single sign-on and machines'
// metadata, whose clients a function would link, and pay for at each start.
func fromEnvironment() aws.Config {
	cfg := aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"),
		),
		HTTPClient:    awshttp.NewBuildableClient().WithTimeout(awsWithin),
		AppID:         os.Getenv("AWS_SDK_UA_APP_ID"),
		ConfigSources: []any{addresses{}},
	}
	if everywhere := os.Getenv("AWS_ENDPOINT_URL"); everywhere != "" {
		cfg.BaseEndpoint = &everywhere
	}
	return cfg
}

// addresses are of services that are elsewhere than AWS has them, as in the local run:
// AWS_ENDPOINT_URL_DYNAMODB and the like (AWS SDKs and Tools Reference Guide,
// "Service-specific endpoints").
type addresses struct{}

// GetServiceBaseEndpoint is called by every client when it is made.
func (addresses) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	own := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return own, own != "", nil
}
