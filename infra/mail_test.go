package main

import (
	"fmt"
	"strings"
	"testing"

	"yakusoku/infra/function"
)

// Nothing is named at the first deployment: all stands, and no booking is taken whose
// mails could not go.
func TestWithoutASenderNoBookingIsTakenAndNothingMaySend(t *testing.T) {
	tests := map[string]struct {
		context     []string
		closed      string
		identities  int
		mayBeMailed bool
		next        string
	}{
		"no sender":          {[]string{"sender", ""}, "true", 0, false, "Deploy again with all that you named, and SENDER="},
		"a sender's domain":  {nil, "false", 1, true, "Enter the DNS records SenderRecord1 to 3 of Yakusoku-dev"},
		"a sender's address": {[]string{"sender", "me@gmail.com", "identity", "me@gmail.com"}, "false", 1, true, "Open the link that SES mails to me@gmail.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tpl, err := synthesizeStage("dev", test.context...)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(tpl.all("AWS::SES::EmailIdentity")); n != test.identities {
				t.Errorf("%d identities, want %d", n, test.identities)
			}
			for _, f := range []string{function.BookingPage, function.Booking, function.Site} {
				if got := dig(tpl.Resources[tpl.functionID(t, f)].Properties, "Environment", "Variables", function.BookingsClosed); got != test.closed {
					t.Errorf("%s: closed is %v, want %s", f, got, test.closed)
				}
			}
			for id, policy := range tpl.all("AWS::IAM::Policy") {
				if may := strings.Contains(fmt.Sprint(policy.Properties), "ses:SendEmail"); may && !test.mayBeMailed {
					t.Errorf("%s lets mails be sent", id)
				}
			}
			if next := fmt.Sprint(tpl.stacks["Yakusoku-dev-app"].Outputs["Next2Sender"].Value); !strings.HasPrefix(next, test.next) {
				t.Errorf("what is next: %q", next)
			}
		})
	}
}

func TestADeploymentEndsWithWhatIsLeftToPeople(t *testing.T) {
	outputs := mustProd(t).stacks["Yakusoku-prod-app"].Outputs
	for name, parts := range map[string][]string{
		"Next1Zoom":    {"aws secretsmanager put-secret-value --region ", "ZoomClient", `--secret-string '{"id":"...","secret":"..."}'`},
		"Next1Google":  {"aws secretsmanager put-secret-value --region ", "GoogleClient", `--secret-string '{"id":"...","secret":"..."}'`},
		"Next3Invite":  {"aws cognito-idp admin-create-user --region ", "Hosts", "--username you@example.com"},
		"Next3Console": {"https://", "DomainName", "/console"},
	} {
		for _, part := range parts {
			if value := fmt.Sprint(outputs[name].Value); !strings.Contains(value, part) {
				t.Errorf("%s is %s, without %s", name, value, part)
			}
		}
	}
}
