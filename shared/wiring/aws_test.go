package wiring

import "testing"

// Clients find a service where its own variable says, else where the one for all does,
// else where AWS has it.
func TestAServiceIsWhereItsVariableSays(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://secrets")
	for name, c := range map[string]struct{ all, service, want string }{
		"its own":        {"http://all", "Secrets Manager", "http://secrets"},
		"that of all":    {"http://all", "DynamoDB", "http://all"},
		"none: at AWS's": {"", "DynamoDB", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL", c.all)
			got, found, err := addresses{}.GetServiceBaseEndpoint(t.Context(), c.service)
			if err != nil || got != c.want || found != (c.want != "") {
				t.Errorf("%q, %v, %v; want %q", got, found, err, c.want)
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
