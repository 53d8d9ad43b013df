// Package connection holds a host's link (外部連携) to Zoom or a calendar: its
// OAuth grant, kept encrypted, refreshed by one caller at a time, and given up
// only when the provider says that it is dead. It knows OAuth; what is asked of
// the providers with a token is their clients' to say.
package connection

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

// Provider is whom a host connects.
type Provider string

const (
	Zoom      Provider = "zoom"
	Google    Provider = "google"
	Microsoft Provider = "microsoft"
)

// Name is how the provider calls what is connected.
func (p Provider) Name() string {
	switch p {
	case Zoom:
		return "Zoom"
	case Google:
		return "Google Calendar"
	case Microsoft:
		return "Microsoft 365"
	}
	return string(p)
}

// Status is how a connection stands. A disconnected one has no record.
type Status string

const (
	Connected   Status = "connected"
	Reauthorize Status = "reauthorize" // the grant is dead: its host must connect again
)

// Connection is one host's grant at one provider.
type Connection struct {
	Host     string // handle
	Provider Provider
	Status   Status
	Account  Account
	Scopes   []string // as the token answer named them
	APIBase  string   // where the provider wants this account's calls; empty: the usual place

	Sealed    []byte    // the tokens, encrypted
	ExpiresAt time.Time // of the access token

	Warnings []string // what the host should know of the account, in words that the console explains

	ConnectedAt time.Time
	CheckedAt   time.Time // when the provider last confirmed the grant
	LapsedAt    time.Time // when the grant was found dead
	Told        bool      // whether the host was mailed of it
	Version     int       // counts the writes of tokens and status
}

const (
	// checkupEvery is how often a provider confirms a grant at least.
	checkupEvery = 24 * time.Hour
	// checkupSpread is over how long the checkups are spread of connections that were
	// made or used at one time.
	checkupSpread = 2 * time.Hour
)

// NextCheckup is when the provider is to be asked for the grant's sake alone: about a
// day after it last confirmed it, whoever needed it then.
func (c Connection) NextCheckup() time.Time {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, c.Host, "/", c.Provider, "/", c.CheckedAt.UnixMilli()) // never fails
	return c.CheckedAt.Add(checkupEvery - checkupSpread/2 + time.Duration(hash.Sum64()%uint64(checkupSpread)))
}

// Key names a connection.
type Key struct {
	Host     string
	Provider Provider
}

// Account is whose grant it is at the provider.
type Account struct {
	ID    string // the provider's lasting id; the address may change
	Email string
}

// Mark tells the account from every other, and not whose it is: what was made in it
// may outlive everything else that is known of its user.
func (a Account) Mark() string {
	if a.ID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("account " + a.ID))
	return hex.EncodeToString(sum[:12])
}

// Tokens is a grant's pair. It is never logged and stored only sealed.
type Tokens struct {
	Access  string
	Refresh string
}

// Absent says that the host has not connected the provider.
type Absent struct{ Provider Provider }

func (e *Absent) Error() string { return fmt.Sprintf("%s is not connected", e.Provider) }

// Dead says that the provider ended the grant: only the host can renew it.
type Dead struct{ Provider Provider }

func (e *Dead) Error() string { return fmt.Sprintf("the grant at %s is dead", e.Provider) }

// OtherAccount says that the host has connected another account at the provider than
// the one that something was made in. It is out of reach until that one is connected
// again; that this one does not know it says nothing.
type OtherAccount struct{ Provider Provider }

func (e *OtherAccount) Error() string {
	return fmt.Sprintf("another account at %s is connected than the one that this was made in", e.Provider)
}

// Lost reports whether err means that the host must connect (again).
func Lost(err error) bool {
	absent, dead, other := (*Absent)(nil), (*Dead)(nil), (*OtherAccount)(nil)
	return errors.As(err, &absent) || errors.As(err, &dead) || errors.As(err, &other)
}

// Reaches returns *OtherAccount if something that was made in one account is to be
// looked for in another. Of what is not known nothing can be said.
func Reaches(p Provider, connected, madeIn string) error {
	if connected == "" || madeIn == "" || connected == madeIn {
		return nil
	}
	return &OtherAccount{Provider: p}
}

// Unavailable says that a grant could not be refreshed now: it may pass, and says
// nothing against the grant.
type Unavailable struct {
	Provider Provider
	Err      error
}

func (e *Unavailable) Error() string {
	return fmt.Sprintf("refresh the grant at %s: %v", e.Provider, e.Err)
}

func (e *Unavailable) Unwrap() error { return e.Err }

// Stale says that the record changed since it was read.
type Stale struct{}

func (*Stale) Error() string { return "the connection changed meanwhile" }

// Leased says that another caller is refreshing the grant.
type Leased struct{}

func (*Leased) Error() string { return "the grant is being refreshed" }
