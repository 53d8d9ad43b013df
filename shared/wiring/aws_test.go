package wiring

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"
)

// Clients find a service where its own variable says, else where the one for all does,
// else where AWS has it.
func TestAServiceIsWhereItsVariableSays(t *testing.T) {
	type found struct{ Secrets, Table string }
	for name, test := range map[string]struct {
		all, secrets string
		want         found
	}{
		"its own and one for all": {"http://all", "http://secrets", found{"http://secrets", "http://all"}},
		"one for all":             {"http://all", "", found{"http://all", "http://all"}},
		"its own":                 {"", "http://secrets", found{"http://secrets", ""}},
		"at AWS's":                {"", "", found{}},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range map[string]string{"AWS_ENDPOINT_URL": test.all, "AWS_ENDPOINT_URL_SECRETS_MANAGER": test.secrets} {
				if t.Setenv(variable, value); value == "" {
					os.Unsetenv(variable) // and t.Setenv puts back what was there
				}
			}
			cfg := fromEnvironment()
			got := found{
				aws.ToString(secretsmanager.NewFromConfig(cfg).Options().BaseEndpoint),
				aws.ToString(dynamodb.NewFromConfig(cfg).Options().BaseEndpoint),
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheEnvironmentIsTheConfiguration(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "ap-northeast-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	} {
		t.Setenv(name, value)
	}
	cfg := fromEnvironment()
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "id" || got.SecretAccessKey != "secret" || got.SessionToken != "token" || cfg.Region != "ap-northeast-1" {
		t.Errorf("credentials %+v of %q, %v", got, cfg.Region, err)
	}
}
