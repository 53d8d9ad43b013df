package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

// read reads settings out of a CDK context, as cdk.json or -c gives it.
func read(context map[string]any) (Settings, error) {
	return readSettings(awscdk.NewApp(&awscdk.AppProps{Context: &context}).Node())
}

func TestSettingsAreReadFromTheContext(t *testing.T) {
	tests := map[string]struct {
		context map[string]any
		want    Settings
	}{
		"nothing": {
			map[string]any{}, Settings{Stage: "dev", LogRetention: awslogs.RetentionDays_TWO_WEEKS, Architecture: ARM64, Binaries: ".build/arm64"},
		},
		"the sender alone": {
			map[string]any{"sender": "no-reply@Example.com"},
			Settings{Stage: "dev", Sender: "no-reply@Example.com", Identity: "example.com",
				LogRetention: awslogs.RetentionDays_TWO_WEEKS, Architecture: ARM64, Binaries: ".build/arm64"},
		},
		"prod keeps its logs longer": {
			map[string]any{"stage": "prod", "sender": "no-reply@example.com"},
			Settings{Stage: "prod", Sender: "no-reply@example.com", Identity: "example.com",
				LogRetention: awslogs.RetentionDays_THREE_MONTHS, Architecture: ARM64, Binaries: ".build/arm64"},
		},
		"everything, with a number from cdk.json": {
			map[string]any{
				"stage": "test1", "sender": "約束 <book@mail.example.com>", "identity": "example.com", "domain": "book.example.com", "certificate": certificate,
				"locale": "ja", "allowedOrigins": "https://example.com https://*.example.net",
				"logRetentionDays": 365, "sandboxRecipients": "a@example.org, example.net", "alarms": "oncall@example.com",
			},
			Settings{Stage: "test1", Sender: "約束 <book@mail.example.com>", Identity: "example.com", Domain: "book.example.com", Certificate: certificate,
				Language: language.Japanese, AllowedOrigins: page.Sites{"https://example.com", "https://*.example.net"},
				LogRetention: awslogs.RetentionDays_ONE_YEAR, SandboxRecipients: []string{"a@example.org", "example.net"}, Alarms: "oncall@example.com", Architecture: ARM64, Binaries: ".build/arm64"},
		},
		"another processor": {
			map[string]any{"sender": "no-reply@example.com", "architecture": "x86_64"},
			Settings{Stage: "dev", Sender: "no-reply@example.com", Identity: "example.com",
				LogRetention: awslogs.RetentionDays_TWO_WEEKS, Architecture: X8664, Binaries: ".build/x86_64"},
		},
		"an address as the identity": {
			map[string]any{"sender": "Me <me@gmail.com>", "identity": "me@gmail.com"},
			Settings{Stage: "dev", Sender: "Me <me@gmail.com>", Identity: "me@gmail.com",
				LogRetention: awslogs.RetentionDays_TWO_WEEKS, Architecture: ARM64, Binaries: ".build/arm64"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := read(test.context)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWrongSettingIsToldInOneSentence(t *testing.T) {
	tests := []struct{ name, value string }{
		{"stage", "Prod!"},
		{"stage", "a-stage-of-two-words"},
		{"sender", "nobody"},
		{"sender", "nobody@localhost"},
		{"sender", ""}, // of an identity
		{"identity", "example.org"},
		{"identity", "ample.com"},
		{"sandboxRecipients", "a@example.com;b"},
		{"origin", "https://book.example.com"},
		{"locale", "fr"},
		{"allowedOrigins", "example.com"},
		{"allowedOrigins", "https://example.com, https://example.net"},
		{"domain", "https://book.example.com"},
		{"domain", "Book.example.com"},
		{"domain", "localhost"},
		{"domain", ""},
		{"certificate", ""},
		{"certificate", "book.example.com"},
		{"certificate", "arn:aws:acm:ap-northeast-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"},
		{"certificate", "arn:aws:iam::123456789012:server-certificate/book"},
		{"alarms", "somebody"},
		{"alarms", "On call <oncall@example.com>"},
		{"reserveConcurrency", "some"},
		{"atOnce", "now"},
		{"restart", "to-day, please"},
		{"logRetentionDays", "31"},
		{"architecture", "amd64"},
		{"logRetentionDays", "for ever"},
	}
	for _, test := range tests {
		context := map[string]any{"sender": "no-reply@example.com", "identity": "example.com", "domain": "book.example.com", "certificate": certificate}
		context[test.name] = test.value
		_, err := read(context)
		if err == nil || !strings.HasPrefix(err.Error(), test.name+" ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%q: %v", test.name, test.value, err)
		}
	}
}

// Whoever deploys prod again and names nothing would close what is open.
func TestProdIsNotDeployedWithoutItsSender(t *testing.T) {
	if _, err := read(map[string]any{"stage": "prod"}); err == nil || !strings.HasPrefix(err.Error(), "sender ") {
		t.Errorf("%v", err)
	}
}

func TestEveryWrongSettingIsTold(t *testing.T) {
	_, err := read(map[string]any{"stage": "Prod!", "sender": "nobody", "origin": "x", "logRetentionDays": "1"})
	if err == nil || len(strings.Split(err.Error(), "\n")) != 4 {
		t.Errorf("four wrong settings: %v", err)
	}
}
