// Package hook tells other systems what becomes of a host's bookings, by signed
// webhooks or as messages in a team's chat. It knows who wants to be told of what,
// what is said, how a delivery is signed, where it may go and when it is tried
// again. Where hooks and deliveries are kept, package store knows.
package hook

import (
	"slices"
	"time"

	"yakusoku/shared/booking"
)

// Format is the form of what a hook is sent.
type Format string

const (
	JSON       Format = "json"        // for programs
	Slack      Format = "slack"       // a message of Slack's, and of those who take its form
	GoogleChat Format = "google_chat" // a message of Google Chat's
)

// Formats are all that there are.
var Formats = []Format{JSON, Slack, GoogleChat}

// Kinds are the news that a hook may want, in the order in which they are shown.
var Kinds = []booking.NewsKind{booking.NewsConfirmed, booking.NewsFailed, booking.NewsCancelled, booking.NewsRescheduled}

// Test is the kind of a delivery that only tries the hook.
const Test booking.NewsKind = "test"

// MostHooks is how many hooks a host may have.
const MostHooks = 5

// Hook is an address that a host wants told what becomes of their bookings.
type Hook struct {
	ID     string
	Host   string `json:"-"` // handle; the record stands under it
	URL    string // it may be all that admits to a chat: it is never logged
	Format Format
	Kinds  []booking.NewsKind
	Active bool
	// Off is how a hook that was active came to be off, other than by its host.
	Off *Off
	// Secrets sign deliveries, the newest first, sealed. After a change the former
	// signs too for a while, so that no delivery is refused meanwhile.
	Secrets []Secret
	// FailingSince is when the first delivery failed after the last that did not;
	// zero while none does.
	FailingSince time.Time
	CreatedAt    time.Time
}

// Off is how a hook was switched off, and when.
type Off struct {
	Why OffReason
	At  time.Time
}

// OffReason says why a hook was switched off.
type OffReason string

const (
	Gone    OffReason = "gone"    // the receiver answered 410: it wants nothing more
	Failing OffReason = "failing" // nothing could be delivered for days
)

// Secret is a sealed signing secret.
type Secret struct {
	Sealed []byte
	Until  time.Time // zero: it is the present one
}

// Wants reports whether the hook is to be told.
func (h Hook) Wants(kind booking.NewsKind) bool {
	return h.Active && slices.Contains(h.Kinds, kind)
}

// SwitchOff ends what the hook is sent until its host switches it on again.
func (h *Hook) SwitchOff(why OffReason, at time.Time) {
	if h.Active {
		h.Active, h.Off = false, &Off{Why: why, At: at.UTC()}
	}
}

// formerSigns is how long a secret that was changed signs beside its successor.
const formerSigns = 24 * time.Hour

// rotate makes a sealed secret the present one. The one before it stays for a
// while; those before that end.
func (h *Hook) rotate(sealed []byte, now time.Time) {
	secrets := []Secret{{Sealed: sealed}}
	if len(h.Secrets) > 0 {
		secrets = append(secrets, Secret{Sealed: h.Secrets[0].Sealed, Until: now.Add(formerSigns).UTC()})
	}
	h.Secrets = secrets
}

// signing are the secrets that sign at that time.
func (h Hook) signing(now time.Time) []Secret {
	var list []Secret
	for _, s := range h.Secrets {
		if s.Until.IsZero() || now.Before(s.Until) {
			list = append(list, s)
		}
	}
	return list
}

// purpose binds a sealed secret to its hook.
func purpose(host, id string) string { return "hook/" + host + "/" + id }

// NotFound says that the host has no such hook.
type NotFound struct{}

func (*NotFound) Error() string { return "no such hook" }

// DeliveryNotFound says that the hook has no such delivery, or no longer.
type DeliveryNotFound struct{}

func (*DeliveryNotFound) Error() string { return "no such delivery" }

// TooMany says that the host has as many hooks as may be.
type TooMany struct{}

func (*TooMany) Error() string { return "the host has as many hooks as may be" }

// BadCursor says that a cursor is none that a list gave.
type BadCursor struct{}

func (*BadCursor) Error() string { return "not a cursor" }

// FieldCode says what is wrong with one part of a hook's settings.
type FieldCode string

const (
	Required       FieldCode = "required"
	Malformed      FieldCode = "malformed"
	TooLong        FieldCode = "too_long"
	NotAnOption    FieldCode = "not_an_option"
	Duplicate      FieldCode = "duplicate"
	Immutable      FieldCode = "immutable"
	NotHTTPS       FieldCode = "not_https"
	HasCredentials FieldCode = "has_credentials"
	NotPublic      FieldCode = "not_public" // an address that no delivery goes to
)

// Invalid says which parts of a hook's settings are wrong.
type Invalid struct{ Fields []Field }

// Field is one that is wrong.
type Field struct {
	Name string // as in the API
	Code FieldCode
}

func (*Invalid) Error() string { return "the hook's settings are wrong" }

// Settings are what a host says of a hook.
type Settings struct {
	URL    string
	Format Format
	Kinds  []booking.NewsKind // nil: all
	Active bool
}

// check completes the settings and returns what is wrong with them.
func (s *Settings) check(reach Reach) []Field {
	var wrong []Field
	if code := reach.Check(s.URL); code != "" {
		wrong = append(wrong, Field{Name: "url", Code: code})
	}
	if !slices.Contains(Formats, s.Format) {
		wrong = append(wrong, Field{Name: "format", Code: NotAnOption})
	}
	if s.Kinds == nil {
		s.Kinds = slices.Clone(Kinds)
	}
	switch {
	case len(s.Kinds) == 0:
		wrong = append(wrong, Field{Name: "events", Code: Required})
	case slices.ContainsFunc(s.Kinds, func(k booking.NewsKind) bool { return !slices.Contains(Kinds, k) }):
		wrong = append(wrong, Field{Name: "events", Code: NotAnOption})
	case len(slices.Compact(slices.Sorted(slices.Values(s.Kinds)))) < len(s.Kinds):
		wrong = append(wrong, Field{Name: "events", Code: Duplicate})
	}
	return wrong
}
