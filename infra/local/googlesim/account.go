package googlesim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

// account is a user of Google with their calendars. An account comes into being
// when it is first named, so that a run needs no set-up.
type account struct {
	Email     string     `json:"email"`
	Subject   string     `json:"subject"` // the id that never changes: sub
	Calendars []calendar `json:"calendars"`
}

// calendar is one entry of an account's calendar list.
type calendar struct {
	ID         string `json:"id"`
	Summary    string `json:"summary"`
	TimeZone   string `json:"timeZone"`
	AccessRole string `json:"accessRole"`
	Primary    bool   `json:"primary,omitempty"`
}

func (c calendar) writable() bool { return c.AccessRole == "owner" || c.AccessRole == "writer" }

// accountZone is every calendar's time zone.
const accountZone = "Asia/Tokyo"

// accountOf returns the user's account, opened if need be: a primary calendar
// that is named like its owner, one more of their own, and one to read only.
func (s *Simulator) accountOf(user string) (*account, error) {
	email := strings.ToLower(user)
	if _, err := mail.ParseAddress(email); err != nil {
		return nil, fmt.Errorf("an account is named by its mail address: %w", err)
	}
	if a, ok := s.accounts[email]; ok {
		return a, nil
	}
	sum := sha256.Sum256([]byte(email))
	a := &account{
		Email:   email,
		Subject: fmt.Sprintf("1%020d", binary.BigEndian.Uint64(sum[:])),
		Calendars: []calendar{
			{ID: email, Summary: email, TimeZone: accountZone, AccessRole: "owner", Primary: true},
			{ID: fmt.Sprintf("c_%x@group.calendar.google.com", sum[:13]), Summary: "個人の予定", TimeZone: accountZone, AccessRole: "owner"},
			{ID: "ja.japanese#holiday@group.v.calendar.google.com", Summary: "日本の祝日", TimeZone: accountZone, AccessRole: "reader"},
		},
	}
	if err := s.config.State.Put(accountPrefix+email, a); err != nil {
		return nil, err
	}
	s.accounts[email] = a
	return a, nil
}

// calendar finds one of the account's calendars by its id or as "primary".
func (a *account) calendar(id string) (calendar, bool) {
	at := slices.IndexFunc(a.Calendars, func(c calendar) bool {
		return c.ID == id || c.Primary && id == "primary"
	})
	if at < 0 {
		return calendar{}, false
	}
	return a.Calendars[at], true
}
