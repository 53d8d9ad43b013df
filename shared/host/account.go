package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// Unknown says that nobody has an account under that sign-in.
type Unknown struct{}

func (*Unknown) Error() string { return "no such host" }

// HandleTaken says that the handle is, or was, another host's.
type HandleTaken struct{}

func (*HandleTaken) Error() string { return "the handle is taken" }

// BookingsAhead says that an account cannot end: guests hold bookings with it.
type BookingsAhead struct{ Count int }

func (e *BookingsAhead) Error() string {
	return fmt.Sprintf("%d bookings lie ahead", e.Count)
}

// BookingsUnsettled says that an account cannot end yet: guests are still to be
// told what became of their bookings.
type BookingsUnsettled struct{ Count int }

func (e *BookingsUnsettled) Error() string {
	return fmt.Sprintf("the guests of %d bookings are still to be told", e.Count)
}

// Unverified says that the sign-in provider does not vouch for an address.
type Unverified struct{}

func (*Unverified) Error() string { return "the mail address is not verified" }

// Ledger is where accounts are kept.
type Ledger interface {
	// HostBySubject returns *Unknown.
	HostBySubject(ctx context.Context, subject string) (Host, error)
	// Host returns *Unknown.
	Host(ctx context.Context, handle string) (Host, error)
	// OpenHost stores a new account. It returns *HandleTaken; for a subject that
	// has an account already, *SubjectTaken.
	OpenHost(ctx context.Context, h Host) error
	// ChangeHost stores what a host may change: name, address, zone, language,
	// retention.
	ChangeHost(ctx context.Context, h Host) error
	// BookingsAhead counts the bookings that are held or confirmed and not over. It
	// sees every Hold that came before it.
	BookingsAhead(ctx context.Context, handle string, now time.Time) (int, error)
	// BookingsUnsettled counts the bookings whose guests are still to be told what
	// became of them.
	BookingsUnsettled(ctx context.Context, handle string) (int, error)
	// ShutHost has every Hold refused until that time; Reopen ends that.
	ShutHost(ctx context.Context, handle string, until time.Time) error
	Reopen(ctx context.Context, handle string) error
	// ForgetHost removes everything that is stored of and for the host. Only the
	// handle stays taken, so that links in guests' mails never lead to another.
	ForgetHost(ctx context.Context, h Host) error
}

// SubjectTaken says that who signs in has an account already.
type SubjectTaken struct{}

func (*SubjectTaken) Error() string { return "there is an account for this sign-in" }

// Issuer is the sign-in provider.
type Issuer interface {
	// Email returns the address of whom the access token was given to, and whether
	// the provider vouches for it.
	Email(ctx context.Context, accessToken string) (address string, verified bool, err error)
}

// Links are what a host has connected.
type Links interface {
	// DisconnectAll ends every grant at its provider, as far as it answers, and
	// forgets it.
	DisconnectAll(ctx context.Context, handle string) error
}

// Desk opens, changes and closes accounts.
type Desk struct {
	Ledger Ledger
	Issuer Issuer
	Links  Links
	Now    func() time.Time
}

// BySubject returns the host who signs in as subject, or *Unknown.
func (d *Desk) BySubject(ctx context.Context, subject string) (Host, error) {
	return d.Ledger.HostBySubject(ctx, subject)
}

// ByHandle returns the host of that handle, or *Unknown.
func (d *Desk) ByHandle(ctx context.Context, handle string) (Host, error) {
	return d.Ledger.Host(ctx, handle)
}

// Open makes the account of a first sign-in. Its mail address is the one that the
// sign-in provider vouches for. It returns *Invalid, *HandleTaken or *Unverified.
func (d *Desk) Open(ctx context.Context, h Host, accessToken string) (Host, error) {
	if wrong := h.Validate(); len(wrong) > 0 {
		return Host{}, &Invalid{Fields: wrong}
	}
	address, verified, err := d.Issuer.Email(ctx, accessToken)
	if err != nil {
		return Host{}, fmt.Errorf("ask the sign-in provider for the address: %w", err)
	}
	if !verified || address == "" {
		return Host{}, &Unverified{}
	}
	h.Email, h.CreatedAt, h.Connected = address, d.Now().UTC(), map[string]bool{}
	return h, d.Ledger.OpenHost(ctx, h)
}

// Change stores the profile of an account and returns it, with the mail address
// that the sign-in provider vouches for by now. It returns *Invalid.
func (d *Desk) Change(ctx context.Context, h Host, accessToken string) (Host, error) {
	if wrong := h.Validate(); len(wrong) > 0 {
		return Host{}, &Invalid{Fields: wrong}
	}
	address, verified, err := d.Issuer.Email(ctx, accessToken)
	switch {
	case err != nil: // the rest can be changed all the same
		slog.WarnContext(ctx, "a host's mail address was not asked for", "host", h.Handle, "error", err)
	case verified && address != "":
		h.Email = address
	}
	return h, d.Ledger.ChangeHost(ctx, h)
}

// closingWithin is how long nobody can book while an account is being closed;
// should that be cut off, bookings are taken again afterwards.
const closingWithin = 5 * time.Minute

// Close ends an account: its grants end at their providers, and everything stored
// is removed. While guests hold bookings it returns *BookingsAhead, and while some
// are to be told that theirs is none any more, *BookingsUnsettled.
func (d *Desk) Close(ctx context.Context, h Host) error {
	// Shut first: a guest who books from here on is refused, one who booked before
	// is counted.
	if err := d.Ledger.ShutHost(ctx, h.Handle, d.Now().Add(closingWithin)); err != nil {
		return err
	}
	if err := d.free(ctx, h.Handle); err != nil {
		return errors.Join(err, d.Ledger.Reopen(ctx, h.Handle))
	}
	if err := d.Links.DisconnectAll(ctx, h.Handle); err != nil {
		return err
	}
	return d.Ledger.ForgetHost(ctx, h)
}

// free refuses to let a host go whom guests still wait for.
func (d *Desk) free(ctx context.Context, handle string) error {
	n, err := d.Ledger.BookingsAhead(ctx, handle, d.Now())
	if err != nil {
		return err
	}
	if n > 0 {
		return &BookingsAhead{Count: n}
	}
	if n, err = d.Ledger.BookingsUnsettled(ctx, handle); err != nil {
		return err
	}
	if n > 0 {
		return &BookingsUnsettled{Count: n}
	}
	return nil
}

// FieldCode says what is wrong with a field of a profile.
type FieldCode string

const (
	Required   FieldCode = "required"
	Malformed  FieldCode = "malformed"
	TooLong    FieldCode = "too_long"
	NotAZone   FieldCode = "not_a_zone"
	OutOfRange FieldCode = "out_of_range"
	Reserved   FieldCode = "reserved"
)

// Field is one that is wrong.
type Field struct {
	Name string // as in the API
	Code FieldCode
}

// Invalid says which fields of a profile are wrong.
type Invalid struct{ Fields []Field }

func (e *Invalid) Error() string { return fmt.Sprintf("%d fields are wrong", len(e.Fields)) }

const (
	maxName      = 100
	maxRetention = 3650
)

var handlePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{1,38})[a-z0-9]$`)

// reserved handles would read as ours in a link.
var reserved = []string{"admin", "api", "console", "help", "support", "yakusoku", "www"}

// Validate returns what is wrong with the profile.
func (h Host) Validate() []Field {
	var wrong []Field
	add := func(name string, code FieldCode) { wrong = append(wrong, Field{name, code}) }
	switch {
	case h.Handle == "":
		add("handle", Required)
	case !handlePattern.MatchString(h.Handle):
		add("handle", Malformed)
	case slices.Contains(reserved, h.Handle):
		add("handle", Reserved)
	}
	switch {
	case strings.TrimFunc(h.Name, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == "":
		add("name", Required)
	case strings.ContainsFunc(h.Name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		add("name", Malformed)
	case utf8.RuneCountInString(h.Name) > maxName:
		add("name", TooLong)
	}
	switch {
	case h.TimeZone == "":
		add("timezone", Required)
	case !zone.Known(h.TimeZone):
		add("timezone", NotAZone)
	}
	if h.Language != language.Japanese && h.Language != language.English {
		add("locale", Malformed)
	}
	if h.RetentionDays < 0 || h.RetentionDays > maxRetention {
		add("retentionDays", OutOfRange)
	}
	return wrong
}
