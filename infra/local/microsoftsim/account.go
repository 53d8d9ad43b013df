package microsoftsim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
)

// Kind is what an account is: Microsoft's two differ in their ids, their token
// answers, and in what they are asked.
type Kind string

const (
	Work     Kind = "work" // of an organization's tenant
	Personal Kind = "personal"
)

// personalTenant is that of all personal accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// account is a user of Microsoft with their mailbox. An account comes into being
// when it is first named, so that a run needs no set-up.
type account struct {
	Email     string     `json:"email"`
	Kind      Kind       `json:"kind"`
	Calendars []calendar `json:"calendars"`
	// Unapproved: users of the tenant may not consent themselves.
	Unapproved bool     `json:"unapproved,omitempty"`
	NoMailbox  bool     `json:"noMailbox,omitempty"` // no licence for one
	Consented  []string `json:"consented,omitempty"` // the scopes that they have allowed
}

// calendar is one of an account's calendars.
type calendar struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	CanEdit bool   `json:"canEdit"`
	Default bool   `json:"default,omitempty"`
}

// accountZone is in which the accounts' people live.
const accountZone = "Asia/Tokyo"

// Accounts that are something special from the start. Every other address is an
// ordinary work account.
const (
	PersonalUser   = "personal@yakusoku.example"
	UnapprovedUser = "unapproved@yakusoku.example"
	NoMailboxUser  = "nomailbox@yakusoku.example"
)

// accountOf returns the user's account, opened if need be: a default calendar,
// one more of their own, and one to read only.
func (s *Simulator) accountOf(user string) (*account, error) {
	email := strings.ToLower(user)
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
		return nil, fmt.Errorf("an account is named by its mail address, which %q is not", user)
	}
	if a, ok := s.accounts[email]; ok {
		return a, nil
	}
	a := account{
		Email: email, Kind: Work, Unapproved: email == UnapprovedUser, NoMailbox: email == NoMailboxUser,
		Calendars: []calendar{
			{ID: calendarID(email, 0), Name: "予定表", CanEdit: true, Default: true},
			{ID: calendarID(email, 1), Name: "個人の予定", CanEdit: true},
			{ID: calendarID(email, 2), Name: "日本 の休日"},
		},
	}
	if email == PersonalUser {
		a.Kind = Personal
	}
	return s.keepAccount(a)
}

func (s *Simulator) keepAccount(a account) (*account, error) {
	if err := s.config.State.Put(accountPrefix+a.Email, a); err != nil {
		return nil, err
	}
	s.accounts[a.Email] = &a
	return &a, nil
}

func (s *Simulator) sortedAccounts() []*account {
	return slices.SortedFunc(maps.Values(s.accounts), func(a, b *account) int { return strings.Compare(a.Email, b.Email) })
}

// calendarID is long and has what must be escaped, as Exchange's are.
func calendarID(email string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", email, n))
	return "AAMkAG" + base64.URLEncoding.EncodeToString(sum[:]) + "AAA="
}

// calendar finds one of the account's calendars by its id. Empty is the default
// one.
func (a *account) calendar(id string) (calendar, bool) {
	at := slices.IndexFunc(a.Calendars, func(c calendar) bool { return c.ID == id || id == "" && c.Default })
	if at < 0 {
		return calendar{}, false
	}
	return a.Calendars[at], true
}

// userID is the id that never changes: a GUID at work, 16 digits at home.
func (a *account) userID() string {
	sum := sha256.Sum256([]byte(a.Email))
	if a.Kind == Personal {
		return hex.EncodeToString(sum[:8])
	}
	return guidOf(sum[:])
}

// tenant is the account's organization's.
func (a *account) tenant() string {
	if a.Kind == Personal {
		return personalTenant
	}
	_, domain, _ := strings.Cut(a.Email, "@")
	sum := sha256.Sum256([]byte("tenant/" + domain))
	return guidOf(sum[:])
}

// name is how the directory shows the user.
func (a *account) name() string {
	name, _, _ := strings.Cut(a.Email, "@")
	return name
}

func guidOf(sum []byte) string {
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
