package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"time"

	"github.com/caarlos0/env/v11" // typed settings with defaults from variables
	"github.com/joho/godotenv"    // .env files have quoting rules of their own
)

// Settings are what a person or a test may say about a run.
type Settings struct {
	// Dir keeps everything that outlives a run.
	Dir string `env:"LOCAL_DIR" envDefault:".local"`
	// Port is the front door's; what else people look at takes the ports after
	// it. 0: any.
	Port int `env:"PORT" envDefault:"8080"`
	// DynamoDB is the URL of an engine that is there already; empty: Dynoxide.
	DynamoDB string `env:"AWS_ENDPOINT_URL_DYNAMODB"`
	Table    string `env:"TABLE_NAME" envDefault:"yakusoku-local"`

	SweepEvery time.Duration `env:"SWEEP_EVERY" envDefault:"15s"`
	// MirrorEvery is that of mirror: a host who tries a calendar looks at the page
	// next. 0: it never runs.
	MirrorEvery time.Duration `env:"MIRROR_EVERY" envDefault:"5s"`
	// AuditEvery is that of audit: who deletes a meeting at Zoom's simulator looks at the
	// booking next. 0: it never runs.
	AuditEvery time.Duration `env:"AUDIT_EVERY" envDefault:"5s"`
	// HealthEvery is that of health: a host who removes the app at Zoom looks next what
	// became of it. 0: it never runs.
	HealthEvery time.Duration `env:"HEALTH_EVERY" envDefault:"5s"`
	// HookEvery is that of hook; HookAllowed are what hosts' webhooks may reach here
	// beside public addresses.
	HookEvery   time.Duration `env:"HOOK_EVERY" envDefault:"5s"`
	HookAllowed string        `env:"HOOK_ALLOWED" envDefault:"127.0.0.0/8"`
	// MetricNamespace has the functions write what they measure into their logs.
	MetricNamespace string `env:"METRIC_NAMESPACE"`
	// RetryScale multiplies the saga's waits.
	RetryScale float64 `env:"RETRY_SCALE" envDefault:"1"`
	// MaxProcesses limits each function's processes.
	MaxProcesses int `env:"MAX_PROCESSES" envDefault:"256"`
	// MaxWaiting is how many calls of each may wait for one; more are turned away.
	MaxWaiting int    `env:"MAX_WAITING" envDefault:"2048"`
	MailSender string `env:"MAIL_SENDER" envDefault:"Yakusoku <no-reply@yakusoku.example>"`

	// The OAuth clients of the real services. Without one, its service is
	// simulated.
	ZoomClientID          string `env:"ZOOM_CLIENT_ID"`
	ZoomClientSecret      string `env:"ZOOM_CLIENT_SECRET"`
	ZoomSecretToken       string `env:"ZOOM_SECRET_TOKEN"` // of the real app, whose events come through a tunnel
	GoogleClientID        string `env:"GOOGLE_CLIENT_ID"`
	GoogleClientSecret    string `env:"GOOGLE_CLIENT_SECRET"`
	MicrosoftClientID     string `env:"MICROSOFT_CLIENT_ID"`
	MicrosoftClientSecret string `env:"MICROSOFT_CLIENT_SECRET"`

	// AllowBasicZoom lets Zoom accounts on the free plan be connected.
	AllowBasicZoom string `env:"ALLOW_BASIC_ZOOM" envDefault:"false"`

	// Passed on to the functions that accept them, where they are set.
	ProviderTimeout string `env:"PROVIDER_TIMEOUT"`
	SettleWithin    string `env:"SETTLE_WITHIN"`
	EffectWithin    string `env:"EFFECT_WITHIN"`
	MirrorPeriod    string `env:"MIRROR_PERIOD"`
	MirrorSpacing   string `env:"MIRROR_SPACING"`
	LimitPerKey     string `env:"LIMIT_PER_KEY"`
	EmbedAllowed    string `env:"EMBED_ALLOWED"`
	DefaultLocale   string `env:"DEFAULT_LOCALE"`
	AuditPeriod     string `env:"AUDIT_PERIOD" envDefault:"2m"`
	AuditSpacing    string `env:"AUDIT_SPACING" envDefault:"10s"`

	// Bookings within an hour. Here every guest has the same network address, and
	// tests book as fast as they can.
	LimitPerAddress string `env:"LIMIT_PER_ADDRESS" envDefault:"10000"`
	LimitPerEmail   string `env:"LIMIT_PER_EMAIL" envDefault:"1000"`
	LimitPerPage    string `env:"LIMIT_PER_PAGE" envDefault:"10000"`
}

// ReadSettings reads the settings from the environment ("NAME=value"), and from
// the file for what the environment does not say. No file is an empty one.
func ReadSettings(environ []string, file string) (Settings, error) {
	values, err := godotenv.Read(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Settings{}, fmt.Errorf("read %s: %w", file, err)
	}
	if values == nil {
		values = make(map[string]string)
	}
	maps.Copy(values, variables(environ))
	s, err := env.ParseAsWithOptions[Settings](env.Options{Environment: values})
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings: %w", err)
	}
	for name, client := range map[string][2]string{
		"ZOOM":      {s.ZoomClientID, s.ZoomClientSecret},
		"GOOGLE":    {s.GoogleClientID, s.GoogleClientSecret},
		"MICROSOFT": {s.MicrosoftClientID, s.MicrosoftClientSecret},
	} {
		if (client[0] == "") != (client[1] == "") {
			return Settings{}, fmt.Errorf("%s_CLIENT_ID and %s_CLIENT_SECRET go together: one of them is not set", name, name)
		}
	}
	return s, nil
}

func variables(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			values[name] = value
		}
	}
	return values
}
