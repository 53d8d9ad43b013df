package main

import (
	"fmt"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Settings are what a deployment may say by CDK context (-c name=value).
type Settings struct {
	// Stage names the deployment; prod keeps its data whatever happens to the
	// stack.
	Stage string
	// Sender is whom mails come from: "Yakusoku <no-reply@example.com>".
	Sender string
	// Domain is verified with SES; the sender's if left out.
	Domain string
	// Origin is the address that guests use; the API's own if left out.
	Origin string
	// LogRetention is how long logs are kept.
	LogRetention awslogs.RetentionDays
	// Binaries is the folder of <function>/bootstrap.
	Binaries string
}

// Prod reports whether the deployment's data must outlive its stack.
func (s Settings) Prod() bool { return s.Stage == "prod" }

var stagePattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

// retentions are the days that CloudWatch Logs offers, as far as they are useful
// here.
var retentions = map[int]awslogs.RetentionDays{
	7:   awslogs.RetentionDays_ONE_WEEK,
	14:  awslogs.RetentionDays_TWO_WEEKS,
	30:  awslogs.RetentionDays_ONE_MONTH,
	90:  awslogs.RetentionDays_THREE_MONTHS,
	365: awslogs.RetentionDays_ONE_YEAR,
}

func readSettings(node constructs.Node) (Settings, error) {
	text := func(name, otherwise string) string {
		if v := node.TryGetContext(jsii.String(name)); v != nil {
			return fmt.Sprint(v)
		}
		return otherwise
	}
	return checkSettings(text)
}

// checkSettings says what is wrong in one sentence, with the way out.
func checkSettings(text func(name, otherwise string) string) (Settings, error) {
	s := Settings{
		Stage:    text("stage", "dev"),
		Sender:   text("sender", ""),
		Origin:   strings.TrimSuffix(text("origin", ""), "/"),
		Binaries: text("binaries", ".build/arm64"),
	}
	if !stagePattern.MatchString(s.Stage) {
		return s, fmt.Errorf("stage %q must be a lower-case word of at most 16 letters and digits, such as prod", s.Stage)
	}
	if s.Sender == "" {
		return s, fmt.Errorf("sender is not set: name the address that mails come from, with -c sender='Yakusoku <no-reply@example.com>'")
	}
	address, err := netmail.ParseAddress(s.Sender)
	if err != nil {
		return s, fmt.Errorf("sender %q is not a mail address such as Yakusoku <no-reply@example.com>", s.Sender)
	}
	_, domain, _ := strings.Cut(address.Address, "@")
	if s.Domain = text("domain", domain); !strings.Contains(s.Domain, ".") {
		return s, fmt.Errorf("domain %q is not a mail domain such as example.com", s.Domain)
	}
	if s.Origin != "" && !strings.HasPrefix(s.Origin, "https://") {
		return s, fmt.Errorf("origin %q must start with https://", s.Origin)
	}
	kept := text("logRetentionDays", "30")
	days, err := strconv.Atoi(kept)
	if s.LogRetention = retentions[days]; err != nil || s.LogRetention == "" {
		return s, fmt.Errorf("logRetentionDays %q must be one of 7, 14, 30, 90 and 365", kept)
	}
	return s, nil
}
