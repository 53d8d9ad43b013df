package main

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

// Settings are what a deployment may say by CDK context: -c name=value, or
// "context" in cdk.json.
type Settings struct {
	// Stage names the deployment; prod keeps its data whatever happens to the
	// stack.
	Stage string
	// Sender is whom mails come from: "Yakusoku <no-reply@example.com>". Without one
	// everything stands, and no booking is taken.
	Sender string
	// Identity is the domain or address that SES verifies; the sender's domain if
	// left out.
	Identity string
	// SandboxRecipients are identities verified in this account to whom mail may
	// go while the account is in SES's sandbox, which asks for a permission on the
	// recipient's identity too. Outside the sandbox none is needed.
	SandboxRecipients []string
	// Domain is the name under which guests find the site, and Certificate the ARN of
	// its certificate; CloudFront's own name if left out.
	Domain, Certificate string
	// Language is that of whoever asks for neither of ours: English to whoever asks for
	// another, Japanese to who asks for none, if left out.
	Language language.Tag
	// AllowedOrigins are the sites that hosts may let show their pages in a frame; any if
	// left out.
	AllowedOrigins page.Sites
	// SelfSignUp lets anybody become a host who has a mail address; without it hosts
	// are invited to the user pool.
	SelfSignUp bool
	// Issuer is an OpenID provider to sign in at in place of a user pool of our own,
	// with the console's client id there and the origins that its script calls.
	Issuer, IssuerClientID, IssuerOrigins string
	// AllowBasicZoom lets Zoom accounts on the free plan be connected: their meetings
	// end after 40 minutes.
	AllowBasicZoom bool
	// Alarms is the mail address that alarms call; nobody is called if it is left out,
	// until somebody subscribes to the topic.
	Alarms string
	// ReserveConcurrency keeps room for the sagas' steps. It is refused in an account that
	// may run fewer than some 200 functions at a time, as new ones are.
	ReserveConcurrency bool
	// AtOnce gives all calls to new versions at once, in prod too: for a deployment that
	// mends what an alarm is about, since CodeDeploy starts none while one is on.
	AtOnce bool
	// Restart is any word: another one than before starts every function anew, which then
	// reads its secrets.
	Restart string
	// LogRetention is how long logs are kept: 90 days in prod and 14 elsewhere if
	// left out.
	LogRetention awslogs.RetentionDays
	// Architecture is the processor that the functions run on: arm64 if left out, and
	// an emulator's own where one stands in for AWS.
	Architecture Architecture
	// Region is where the deployment goes, as the CDK CLI knows it. It is no setting.
	Region string
	// Binaries is the folder of <function>/bootstrap. It is no setting: the tests
	// have theirs.
	Binaries string
}

// Prod reports whether the deployment's data must outlive its stack.
func (s Settings) Prod() bool { return s.Stage == "prod" }

// StackName is that of what must not be lost; what has a name besides has it too.
func (s Settings) StackName() string { return "Yakusoku-" + s.Stage }

// AppStackName is that of what can be made again.
func (s Settings) AppStackName() string { return s.StackName() + "-app" }

// EdgeStackName is that of what must be in edgeRegion.
func (s Settings) EdgeStackName() string { return s.StackName() + "-edge" }

// senderIsDomain reports whether DNS records verify the identity; a mail does otherwise.
func (s Settings) senderIsDomain() bool {
	return s.Identity != "" && !strings.Contains(s.Identity, "@")
}

// LogStackName is that of what CloudFront's log needs in edgeRegion.
func (s Settings) LogStackName() string { return s.StackName() + "-edge-log" }

// MetricNamespace is what the functions' own metrics are under in CloudWatch.
func (s Settings) MetricNamespace() string { return "Yakusoku/" + s.Stage }

var (
	stagePattern       = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)
	domainPattern      = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
	wordPattern        = regexp.MustCompile(`^[A-Za-z0-9:.-]{1,32}$`)
	certificatePattern = regexp.MustCompile(`^arn:aws:acm:` + edgeRegion + `:\d{12}:certificate/[0-9a-f-]{36}$`)
)

// retentions are the days that CloudWatch Logs offers, as far as they are useful
// here.
var retentions = map[int]awslogs.RetentionDays{
	7:   awslogs.RetentionDays_ONE_WEEK,
	14:  awslogs.RetentionDays_TWO_WEEKS,
	30:  awslogs.RetentionDays_ONE_MONTH,
	90:  awslogs.RetentionDays_THREE_MONTHS,
	365: awslogs.RetentionDays_ONE_YEAR,
}

// readSettings reads the context. Its error has one sentence for each wrong
// setting, with the way out.
func readSettings(node constructs.Node) (Settings, error) {
	context := func(name string) string {
		if v := node.TryGetContext(jsii.String(name)); v != nil {
			return strings.TrimSpace(fmt.Sprint(v))
		}
		return ""
	}
	s := Settings{Stage: "dev"}
	return s, errors.Join(
		s.readStage(context("stage")),
		s.readMail(context("sender"), context("identity"), context("sandboxRecipients")),
		s.readDomain(context("domain"), context("certificate")),
		refuseOrigin(context("origin")),
		s.readLanguage(context("locale")),
		s.readAllowedOrigins(context("allowedOrigins")),
		s.readRetention(context("logRetentionDays")),
		s.readAlarms(context("alarms")),
		s.readIssuer(context("signInIssuer"), context("signInClientId"), context("signInOrigins")),
		s.readArchitecture(context("architecture")),
		readFlag("selfSignUp", context("selfSignUp"), &s.SelfSignUp),
		readFlag("allowBasicZoom", context("allowBasicZoom"), &s.AllowBasicZoom),
		readFlag("reserveConcurrency", context("reserveConcurrency"), &s.ReserveConcurrency),
		readFlag("atOnce", context("atOnce"), &s.AtOnce),
		s.readRestart(context("restart")),
	)
}

// readIssuer takes an OpenID provider. Its issuer may have a path; the origins
// that are called are its own unless others are named.
func (s *Settings) readIssuer(issuer, client, origins string) error {
	if issuer == "" && client == "" && origins == "" {
		return nil
	}
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("signInIssuer %q must be an https:// address without a query, such as https://login.example.com/realm", issuer)
	}
	if client == "" {
		return errors.New("signInClientId is not set: name the console's client at signInIssuer")
	}
	if origins == "" {
		origins = u.Scheme + "://" + u.Host
	}
	for _, origin := range strings.Fields(origins) {
		o, err := url.Parse(origin)
		if err != nil || *o != (url.URL{Scheme: "https", Host: o.Host}) || o.Host == "" {
			return fmt.Errorf("signInOrigins %q must be origins such as https://login.example.com, separated by spaces", origins)
		}
	}
	s.Issuer, s.IssuerClientID, s.IssuerOrigins = issuer, client, strings.Join(strings.Fields(origins), " ")
	return nil
}

func (s *Settings) readArchitecture(name string) error {
	s.Architecture = ARM64
	if name != "" {
		s.Architecture = Architecture(name)
	}
	if _, known := machines[s.Architecture]; !known {
		return fmt.Errorf("architecture %q must be %s or %s", name, ARM64, X8664)
	}
	s.Binaries = s.Architecture.binaries()
	return nil
}

func readFlag(name, text string, flag *bool) error {
	if text == "" {
		return nil
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("%s %q must be true or false", name, text)
	}
	*flag = value
	return nil
}

func (s *Settings) readStage(stage string) error {
	if stage == "" {
		return nil
	}
	if s.Stage = stage; !stagePattern.MatchString(stage) {
		return fmt.Errorf("stage %q must be a lower-case word of at most 16 letters and digits, such as prod", stage)
	}
	return nil
}

func (s *Settings) readMail(sender, identity, recipients string) error {
	if sender == "" {
		if identity != "" {
			return fmt.Errorf("sender is not set: name the address at %s that mails come from, with -c sender='Yakusoku <no-reply@example.com>'", identity)
		}
		if s.Prod() { // whoever forgets it would close what is open, and lose the mails of what is under way
			return errors.New("sender is not set, without which prod is not deployed: name it and all else that prod has, or put it under context in cdk.json")
		}
		return nil
	}
	parsed, err := netmail.ParseAddress(sender)
	if err != nil {
		return fmt.Errorf("sender %q must be a mail address, such as Yakusoku <no-reply@example.com>", sender)
	}
	address := strings.ToLower(parsed.Address)
	domain := address[strings.LastIndex(address, "@")+1:]
	if !domainPattern.MatchString(domain) {
		return fmt.Errorf("sender %q must be at a domain that mail can reach, such as example.com", sender)
	}
	if identity == "" {
		identity = domain
	}
	identity = strings.ToLower(identity)
	if identity != address && identity != domain && !strings.HasSuffix(domain, "."+identity) {
		return fmt.Errorf("identity %q must be the sender's address or domain, %s or %s", identity, address, domain)
	}
	s.Sender, s.Identity = sender, identity
	for _, r := range strings.FieldsFunc(recipients, func(r rune) bool { return r == ',' || r == ' ' }) {
		if at := strings.LastIndex(r, "@"); !domainPattern.MatchString(strings.ToLower(r[at+1:])) {
			return fmt.Errorf("sandboxRecipients %q must be mail addresses or domains, separated by commas", recipients)
		}
		s.SandboxRecipients = append(s.SandboxRecipients, r)
	}
	return nil
}

// readDomain takes both or neither: CloudFront serves no name without a certificate.
func (s *Settings) readDomain(domain, certificate string) error {
	switch {
	case domain == "" && certificate == "":
		return nil
	case domain == "":
		return errors.New("domain is not set: name the domain that certificate is of, with -c domain=book.example.com")
	case !domainPattern.MatchString(domain):
		return fmt.Errorf("domain %q must be a domain in small letters without https:// or a path, such as book.example.com", domain)
	case certificate == "":
		return fmt.Errorf("certificate is not set: name the ARN of an ACM certificate of %s in %s", domain, edgeRegion)
	case !certificatePattern.MatchString(certificate):
		return fmt.Errorf("certificate %q must be the ARN of an ACM certificate in %s, where CloudFront looks for it", certificate, edgeRegion)
	}
	s.Domain, s.Certificate = domain, certificate
	return nil
}

// refuseOrigin tells whoever named one to an earlier release, where it was an address
// that led to the API by their own doing.
func refuseOrigin(origin string) error {
	if origin == "" {
		return nil
	}
	return fmt.Errorf("origin %q is no setting any more: name its host as domain, and its certificate", origin)
}

func (s *Settings) readLanguage(locale string) error {
	switch s.Language = language.Tag(locale); s.Language {
	case "", language.Japanese, language.English:
		return nil
	}
	return fmt.Errorf("locale %q must be %s or %s", locale, language.Japanese, language.English)
}

func (s *Settings) readAllowedOrigins(origins string) (err error) {
	if s.AllowedOrigins, err = page.ParseSites(origins); err != nil {
		return fmt.Errorf("allowedOrigins are sites that spaces separate: %w", err)
	}
	return nil
}

func (s *Settings) readRestart(word string) error {
	if s.Restart = word; word != "" && !wordPattern.MatchString(word) {
		return fmt.Errorf("restart %q must be a word of at most 32 letters, digits, colons, dots and hyphens, such as 2026-12-01", word)
	}
	return nil
}

func (s *Settings) readAlarms(address string) error {
	parsed, err := netmail.ParseAddress(address)
	if address != "" && (err != nil || parsed.Address != address) {
		return fmt.Errorf("alarms %q must be a mail address, such as oncall@example.com", address)
	}
	s.Alarms = address
	return nil
}

func (s *Settings) readRetention(days string) error {
	if days == "" {
		days = "14"
		if s.Prod() {
			days = "90"
		}
	}
	n, err := strconv.Atoi(days)
	kept, offered := retentions[n]
	if err != nil || !offered {
		return fmt.Errorf("logRetentionDays %q must be one of 7, 14, 30, 90 and 365", days)
	}
	s.LogRetention = kept
	return nil
}
