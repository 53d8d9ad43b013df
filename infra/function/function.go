// Package function lists the deployed functions: their limits and the variables
// that each may read. The stack and the local run are both made from this one
// list, so a function that works in one finds the same in the other. Which
// routes lead to a function is package httpapi's to say; what its variables hold
// is the stack's and the local run's.
package function

import (
	"slices"
	"strings"
	"time"
)

// Names of the functions: the folder under functions/, and the folder of the
// binary under .build/.
const (
	BookingPage = "bookingpage"
	Booking     = "booking"
	Site        = "site"
	Meeting     = "meeting"
	Event       = "event"
	Mail        = "mail"
	Settle      = "settle"
	Sweep       = "sweep"
	Console     = "console"
	OAuth       = "oauth"
	Mirror      = "mirror"
	Webhook     = "webhook"
	Audit       = "audit"
	Health      = "health"
	Hook        = "hook"
)

// Variables of the functions' environment. A function's main reads the ones that
// its entry in All names, and no others of ours.
const (
	TableName            = "TABLE_NAME"
	PublicOrigin         = "PUBLIC_ORIGIN"      // scheme and host of the front door, no path
	ViewerProof          = "VIEWER_PROOF"       // where it is kept how CloudFront is known; it is not asked without
	GuestTokenSecret     = "GUEST_TOKEN_SECRET" // where the key is kept, not the key
	BookStateMachine     = "BOOK_STATE_MACHINE" // ARN
	CancelStateMachine   = "CANCEL_STATE_MACHINE"
	MoveStateMachine     = "MOVE_STATE_MACHINE"
	ZoomClient           = "ZOOM_CLIENT"         // where the OAuth client's id and secret are kept
	ZoomWebhookSecret    = "ZOOM_WEBHOOK_SECRET" // where the token is kept by which Zoom signs its events
	GoogleClient         = "GOOGLE_CLIENT"
	MicrosoftClient      = "MICROSOFT_CLIENT"
	VaultKey             = "VAULT_KEY" // URI of the key that encrypts tokens
	MailSender           = "MAIL_SENDER"
	MailConfigurationSet = "MAIL_CONFIGURATION_SET"
	BookingsClosed       = "BOOKINGS_CLOSED" // whether none are taken, as there is nobody to send mails
	ZoomAuthBase         = "ZOOM_AUTH_BASE"
	ZoomAPIBase          = "ZOOM_API_BASE"
	GoogleAuthBase       = "GOOGLE_AUTH_BASE"
	GoogleTokenBase      = "GOOGLE_TOKEN_BASE"
	GoogleAPIBase        = "GOOGLE_API_BASE"
	MicrosoftAuthBase    = "MICROSOFT_AUTH_BASE"
	MicrosoftAPIBase     = "MICROSOFT_API_BASE"
	AllowBasicZoom       = "ALLOW_BASIC_ZOOM"  // whether Zoom accounts on the free plan may be connected
	SignInIssuer         = "SIGN_IN_ISSUER"    // the OpenID provider that hosts sign in at
	SignInClientID       = "SIGN_IN_CLIENT_ID" // the console's, a public client
	SignInOrigins        = "SIGN_IN_ORIGINS"   // that the console calls besides ours
	ProviderTimeout      = "PROVIDER_TIMEOUT"
	SettleWithin         = "SETTLE_WITHIN"
	MirrorPeriod         = "MIRROR_PERIOD"
	MirrorSpacing        = "MIRROR_SPACING"
	AuditPeriod          = "AUDIT_PERIOD"
	AuditSpacing         = "AUDIT_SPACING"
	MetricNamespace      = "METRIC_NAMESPACE" // where what is measured goes; nothing is without it
	DefaultLocale        = "DEFAULT_LOCALE"   // language of who asks for none of ours
	EmbedAllowed         = "EMBED_ALLOWED"    // sites that pages may be embedded in; any without it
	HookAllowed          = "HOOK_ALLOWED"     // addresses that hosts' webhooks may have though they are not public: for the local run
	EffectWithin         = "EFFECT_WITHIN"    // in which a call whose answer was lost may still take effect

	// How many bookings are taken within an hour; none: any number.
	LimitPerAddress = "LIMIT_PER_ADDRESS"
	LimitPerEmail   = "LIMIT_PER_EMAIL"
	LimitPerPage    = "LIMIT_PER_PAGE"
	// How often an API key is taken within an hour.
	LimitPerKey = "LIMIT_PER_KEY"
)

// Function is one Lambda.
type Function struct {
	Name     string
	Timeout  time.Duration
	MemoryMB int // chosen by what infra/COST.md shows of a call with more and with less
	// Requires must be set for the function to start; Accepts have defaults.
	Requires []string
	Accepts  []string
	// Reserved is how many of it may run at a time, for which there is always room, where
	// the deployment asks for it. Others are as many as the account allows.
	Reserved int
	// Every is the period of its schedule; zero: none.
	Every time.Duration
}

// Environment returns every variable that the function may read.
func (f Function) Environment() []string {
	return slices.Concat(f.Requires, f.Accepts)
}

// Placeholder is the function's name in the state machines' definitions, where
// its ARN goes: "MeetingFunction" for meeting.
func (f Function) Placeholder() string {
	return strings.ToUpper(f.Name[:1]) + f.Name[1:] + "Function"
}

// A flood of requests, which the front doors let through at 200 a second, must leave
// room for what was promised: a step waits one to eight seconds for a provider, and SES
// sends 14 mails a second to begin with, so that twenty at a time keep up with it. More
// wait for Step Functions to try again. In all it is 70 of an account's 1,000.
const (
	roomForProviders = 20
	roomForTheTable  = 10
)

// All returns the functions of this deployment. HTTP functions stay well under
// API Gateway's 30 s; steps stay under their state's TimeoutSeconds.
func All() []Function {
	zoom := []string{ZoomAuthBase, ZoomAPIBase, ProviderTimeout}
	calendars := []string{GoogleTokenBase, GoogleAPIBase, MicrosoftClient, MicrosoftAuthBase, MicrosoftAPIBase, ProviderTimeout}
	consents := []string{
		ZoomAuthBase, ZoomAPIBase, GoogleAuthBase, GoogleTokenBase, GoogleAPIBase,
		MicrosoftClient, MicrosoftAuthBase, MicrosoftAPIBase, AllowBasicZoom, ProviderTimeout,
	}
	all := []Function{
		{
			Name: BookingPage, Timeout: 10 * time.Second, MemoryMB: 512,
			Requires: []string{TableName},
			Accepts:  []string{BookingsClosed, EmbedAllowed, DefaultLocale},
		},
		{
			Name: Booking, Timeout: 25 * time.Second, MemoryMB: 256,
			Requires: []string{TableName, GuestTokenSecret, BookStateMachine, CancelStateMachine, MoveStateMachine, GoogleClient, VaultKey, PublicOrigin, MailSender},
			Accepts:  append([]string{BookingsClosed, EmbedAllowed, DefaultLocale, ViewerProof, SettleWithin, MailConfigurationSet, LimitPerAddress, LimitPerEmail, LimitPerPage}, calendars...),
		},
		{
			Name: Site, Timeout: 10 * time.Second, MemoryMB: 512,
			Requires: []string{TableName, PublicOrigin, SignInIssuer, SignInClientID, SignInOrigins},
			Accepts:  []string{BookingsClosed, EmbedAllowed, DefaultLocale},
		},
		{
			Name: Console, Timeout: 25 * time.Second, MemoryMB: 256,
			Requires: []string{TableName, ZoomClient, GoogleClient, VaultKey, PublicOrigin, SignInIssuer, BookStateMachine, CancelStateMachine, MoveStateMachine},
			Accepts:  append([]string{EmbedAllowed, DefaultLocale, SettleWithin, HookAllowed, LimitPerKey}, consents...),
		},
		{
			Name: OAuth, Timeout: 25 * time.Second, MemoryMB: 256,
			Requires: []string{TableName, ZoomClient, GoogleClient, VaultKey, PublicOrigin},
			Accepts:  append([]string{DefaultLocale}, consents...),
		},
		{
			Name: Meeting, Timeout: 30 * time.Second, MemoryMB: 256, Reserved: roomForProviders,
			Requires: []string{TableName, ZoomClient, VaultKey},
			Accepts:  append([]string{EffectWithin}, zoom...),
		},
		{
			Name: Event, Timeout: 30 * time.Second, MemoryMB: 256, Reserved: roomForProviders,
			Requires: []string{TableName, GoogleClient, VaultKey},
			Accepts:  append([]string{EffectWithin}, calendars...),
		},
		{
			Name: Mail, Timeout: 30 * time.Second, MemoryMB: 256, Reserved: roomForProviders,
			Requires: []string{TableName, PublicOrigin, GuestTokenSecret, MailSender},
			Accepts:  []string{MailConfigurationSet, ProviderTimeout},
		},
		{
			Name: Settle, Timeout: 10 * time.Second, MemoryMB: 256, Reserved: roomForTheTable,
			Requires: []string{TableName},
		},
		{
			Name: Sweep, Timeout: 50 * time.Second, MemoryMB: 128, Every: time.Minute,
			Requires: []string{TableName, BookStateMachine, CancelStateMachine, MoveStateMachine, PublicOrigin, GuestTokenSecret, MailSender},
			Accepts:  []string{SettleWithin, MailConfigurationSet, ProviderTimeout},
		},
		{
			Name: Mirror, Timeout: 50 * time.Second, MemoryMB: 256, Every: time.Minute,
			Requires: []string{TableName, GoogleClient, VaultKey, PublicOrigin},
			Accepts:  append([]string{MirrorPeriod, MirrorSpacing}, calendars...),
		},
		{
			Name: Audit, Timeout: 50 * time.Second, MemoryMB: 256, Every: time.Minute,
			Requires: []string{TableName, ZoomClient, GoogleClient, VaultKey, PublicOrigin, MailSender},
			Accepts:  slices.Concat([]string{AuditPeriod, AuditSpacing, EffectWithin, MailConfigurationSet, ZoomAuthBase, ZoomAPIBase}, calendars),
		},
		{
			Name: Health, Timeout: 50 * time.Second, MemoryMB: 128, Every: time.Minute,
			Requires: []string{TableName, ZoomClient, GoogleClient, VaultKey, PublicOrigin, MailSender},
			Accepts:  append([]string{ZoomAuthBase, MailConfigurationSet}, calendars...),
		},
		{
			Name: Webhook, Timeout: 10 * time.Second, MemoryMB: 128,
			Requires: []string{TableName},
			Accepts:  []string{ZoomWebhookSecret},
		},
		{
			Name: Hook, Timeout: 50 * time.Second, MemoryMB: 128, Every: time.Minute,
			Requires: []string{TableName, VaultKey},
			Accepts:  []string{HookAllowed},
		},
	}
	for i := range all {
		all[i].Accepts = slices.Concat(all[i].Accepts, []string{MetricNamespace})
	}
	return all
}
