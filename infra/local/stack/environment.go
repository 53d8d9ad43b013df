package stack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"yakusoku/infra/function"
	"yakusoku/infra/local/lambdas"
)

// stateMachineARN is followed by the name of a file in infra/workflows.
const stateMachineARN = "arn:aws:states:" + region + ":000000000000:stateMachine:"

// variables are all that any function may read; a function gets those of its own
// list. What is empty is not set.
func (s *Stack) variables() map[string]string {
	k := s.keys
	v := map[string]string{
		function.TableName:        s.settings.Table,
		function.PublicOrigin:     s.Addresses.Front,
		function.GuestTokenSecret: k.guestToken,
		function.BookStateMachine: stateMachineARN + "book",

		function.CancelStateMachine: stateMachineARN + "cancel",
		function.MoveStateMachine:   stateMachineARN + "move",
		function.ZoomClient:         k.zoomClient,
		function.ZoomWebhookSecret:  k.zoomWebhook,
		function.GoogleClient:       k.googleClient,
		function.MicrosoftClient:    k.microsoftClient,
		function.VaultKey:           k.vaultKey,
		function.MailSender:         s.settings.MailSender,
		function.ProviderTimeout:    s.settings.ProviderTimeout,
		function.SettleWithin:       s.settings.SettleWithin,
		function.EffectWithin:       s.settings.EffectWithin,
		function.MirrorPeriod:       s.settings.MirrorPeriod,
		function.MirrorSpacing:      s.settings.MirrorSpacing,
		function.AuditPeriod:        s.settings.AuditPeriod,
		function.AuditSpacing:       s.settings.AuditSpacing,
		function.MetricNamespace:    s.settings.MetricNamespace,
		function.EmbedAllowed:       s.settings.EmbedAllowed,
		function.DefaultLocale:      s.settings.DefaultLocale,
		function.HookAllowed:        s.settings.HookAllowed,
		function.LimitPerAddress:    s.settings.LimitPerAddress,
		function.LimitPerEmail:      s.settings.LimitPerEmail,
		function.LimitPerPage:       s.settings.LimitPerPage,
		function.LimitPerKey:        s.settings.LimitPerKey,
		function.AllowBasicZoom:     s.settings.AllowBasicZoom,
		function.SignInIssuer:       s.Addresses.SignIn,
		function.SignInClientID:     signInClient,
		function.SignInOrigins:      s.Addresses.SignIn,
	}
	if s.settings.ZoomClientID == "" {
		v[function.ZoomAuthBase] = s.Addresses.Zoom
		v[function.ZoomAPIBase] = s.Addresses.Zoom
	}
	if s.settings.GoogleClientID == "" {
		v[function.GoogleAuthBase] = s.Addresses.Google
		v[function.GoogleTokenBase] = s.Addresses.Google
		v[function.GoogleAPIBase] = s.Addresses.Google
	}
	if s.settings.MicrosoftClientID == "" {
		v[function.MicrosoftAuthBase] = s.Addresses.Microsoft
		v[function.MicrosoftAPIBase] = s.Addresses.Microsoft
	}
	return v
}

// aws is what Lambda itself gives every function, and where the engines are.
func (s *Stack) aws() []string {
	return []string{
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_LAMBDA_LOG_FORMAT=JSON",
		"AWS_ACCESS_KEY_ID=" + accessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + secretKey,
		"AWS_ENDPOINT_URL_DYNAMODB=" + s.Addresses.DynamoDB,
		"AWS_ENDPOINT_URL_SESV2=" + s.Addresses.Mailbox,
		"AWS_ENDPOINT_URL_SFN=" + s.Addresses.StepFunctions,
		// There is no such file on Lambda: the one on this machine must not count.
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// addFunctions gives the functions to their host.
func (s *Stack) addFunctions(functions []function.Function) error {
	variables := s.variables()
	for _, f := range functions {
		binary := filepath.Join(s.config.Binaries, f.Name, "bootstrap")
		if _, err := os.Stat(binary); err != nil {
			return fmt.Errorf("function %s is not built: run `make build`: %w", f.Name, err)
		}
		log, err := s.openLog(f.Name)
		if err != nil {
			return err
		}
		// By it a call to an AWS service says in its User-Agent whose it is.
		environment := append(s.aws(), "AWS_SDK_UA_APP_ID="+f.Name)
		for _, name := range f.Environment() {
			if value := variables[name]; value != "" {
				environment = append(environment, name+"="+value)
			}
		}
		s.functions.Add(lambdas.Function{
			Name: f.Name, Binary: binary, Timeout: f.Timeout, MemoryMB: f.MemoryMB,
			Environment: environment, Log: log,
		})
	}
	return nil
}

// stateMachines reads the definitions that are deployed, with the functions'
// local ARNs in place of their placeholders.
func stateMachines(folder string, functions []function.Function) (map[string]json.RawMessage, error) {
	var pairs []string
	for _, f := range functions {
		pairs = append(pairs, "${"+f.Placeholder()+"}", lambdas.ARN(f.Name))
	}
	fill := strings.NewReplacer(pairs...)
	files, err := filepath.Glob(filepath.Join(folder, "*.asl.json"))
	if err != nil {
		return nil, fmt.Errorf("find the state machines: %w", err)
	}
	definitions := make(map[string]json.RawMessage)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a state machine: %w", err)
		}
		filled := fill.Replace(string(text))
		if strings.Contains(filled, "${") {
			return nil, fmt.Errorf("%s has a placeholder that is no function's", file)
		}
		definitions[strings.TrimSuffix(filepath.Base(file), ".asl.json")] = json.RawMessage(filled)
	}
	return definitions, nil
}
