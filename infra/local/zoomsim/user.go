package zoomsim

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"slices"
	"strings"
)

// The kinds of user (type), by what they are licensed for.
const (
	Basic      = 1
	Licensed   = 2
	Unassigned = 4 // and without Meetings Basic
	None       = 99
)

// The states of a user (status).
const (
	Active   = "active"
	Inactive = "inactive" // by an admin: they cannot sign in, and their tokens are dead
	Pending  = "pending"  // invited
)

// user is somebody with a Zoom account, each in one of their own. They come into
// being when they are first named, so that a run needs no set-up. A change makes
// a new value: who holds the old one may go on reading it.
type user struct {
	ID          string       `json:"id"`
	AccountID   string       `json:"accountId"`
	Email       string       `json:"email"`
	FirstName   string       `json:"firstName"`
	LastName    string       `json:"lastName"`
	Type        int          `json:"type"`
	Status      string       `json:"status"`
	AutoSummary bool         `json:"autoSummary"` // a meeting's summary starts by itself
	Passcodes   PasscodeRule `json:"passcodes"`
	Unapproved  bool         `json:"unapproved"` // the account's admin has not approved our app
	Requested   bool         `json:"requested"`  // the user has asked the admin to
}

// seeded are the users that are there from the start: one for each way in which
// connecting Zoom can go.
var seeded = []user{
	{Email: "demo@yakusoku.example", FirstName: "花子", LastName: "約束"},
	{Email: "basic@yakusoku.example", FirstName: "一郎", LastName: "無料", Type: Basic},
	{Email: "unlicensed@yakusoku.example", FirstName: "二郎", LastName: "未割当", Type: Unassigned},
	{Email: "unapproved@yakusoku.example", FirstName: "三郎", LastName: "未承認", Unapproved: true},
	{Email: "summary@yakusoku.example", FirstName: "四郎", LastName: "要約", AutoSummary: true},
	{Email: "inactive@yakusoku.example", FirstName: "五郎", LastName: "停止", Status: Inactive},
}

// UserID is the id that the user of that address has, unless the journal knows
// them by another.
func UserID(email string) string { return derived("user", strings.ToLower(email)) }

// derived is 22 characters, as Zoom's ids are.
func derived(kind, email string) string {
	sum := sha256.Sum256([]byte(kind + " " + email))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// complete fills in what is open: also of users in journals of the time when they
// had no more than an id and an address.
func (u *user) complete() {
	name, _, _ := strings.Cut(u.Email, "@")
	u.ID = cmp.Or(u.ID, UserID(u.Email))
	u.AccountID = cmp.Or(u.AccountID, derived("account", u.Email))
	u.FirstName = cmp.Or(u.FirstName, name)
	u.Type = cmp.Or(u.Type, Licensed)
	u.Status = cmp.Or(u.Status, Active)
}

// userOf finds the user of that address, or makes one: licensed, in an account
// that lets them connect our app.
func (s *Simulator) userOf(email string) (*user, error) {
	address, err := mail.ParseAddress(email)
	if err != nil {
		return nil, fmt.Errorf("a user is named by their mail address: %w", err)
	}
	u := user{Email: strings.ToLower(address.Address)}
	if known, ok := s.users[u.Email]; ok {
		return known, nil
	}
	return s.keepUser(u)
}

func (s *Simulator) keepUser(u user) (*user, error) {
	u.complete()
	if err := s.config.State.Put(userPrefix+u.Email, u); err != nil {
		return nil, err
	}
	s.users[u.Email] = &u
	return &u, nil
}

// seed opens the accounts that are there from the start.
func (s *Simulator) seed() error {
	for _, u := range seeded {
		if _, ok := s.users[u.Email]; ok {
			continue
		}
		if _, err := s.keepUser(u); err != nil {
			return err
		}
	}
	return nil
}

// sortedUsers lists the seeded users first, then the others by their address.
func (s *Simulator) sortedUsers() []*user {
	place := func(u *user) int {
		at := slices.IndexFunc(seeded, func(known user) bool { return known.Email == u.Email })
		if at < 0 {
			return len(seeded)
		}
		return at
	}
	return slices.SortedFunc(maps.Values(s.users), func(a, b *user) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.Email, b.Email))
	})
}

// maySchedule reports whether the user may schedule meetings at all.
func (u *user) maySchedule() bool { return u.Type == Basic || u.Type == Licensed }

// summarizes reports whether the user's meetings are summarized without being
// asked. A Basic user has no summaries.
func (u *user) summarizes() bool { return u.AutoSummary && u.Type == Licensed }

// settingsOf are those of a new meeting: what the call leaves out is as the host
// has it.
func (s *Simulator) settingsOf(email string, given settings) settings {
	if summarizes := s.users[email].summarizes(); given.AutoSummary == nil && summarizes {
		given.AutoSummary = &summarizes
	}
	return given
}

// showUser is GET /users/me (developers.zoom.us/docs/api/users).
func (s *Simulator) showUser(r request) (int, any, *refusal) {
	u := s.users[r.user]
	room := sha256.Sum256([]byte("room " + u.Email))
	pmi := 1_000_000_000 + binary.BigEndian.Uint32(room[:])%1_000_000_000
	return http.StatusOK, map[string]any{
		"id": u.ID, "account_id": u.AccountID, "email": u.Email,
		"first_name": u.FirstName, "last_name": u.LastName, "display_name": u.name(),
		"type": u.Type, "status": u.Status, "verified": 1,
		"timezone": "Asia/Tokyo", "language": "ja-JP",
		"pmi": pmi, "use_pmi": false, "personal_meeting_url": fmt.Sprintf("https://us05web.zoom.us/j/%d", pmi),
		"role_name": "Owner", "cluster": "us05", "user_created_at": "2024-04-01T00:00:00Z",
	}, nil
}

func (u *user) name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// showSettings is GET /users/me/settings. What nobody can change here is as a new
// account has it.
func (s *Simulator) showSettings(r request) (int, any, *refusal) {
	u := s.users[r.user]
	all := map[string]map[string]any{
		"in_meeting": {
			"meeting_summary_with_ai_companion": map[string]any{
				"enable": u.Type == Licensed, "auto_enable": u.summarizes(), "who_will_receive_summary": 1,
			},
			"ai_companion_questions": map[string]any{"enable": false, "auto_enable": false, "who_can_ask_questions": 1},
			"waiting_room":           true,
		},
		"schedule_meeting": {
			"join_before_host": false, "use_pmi_for_scheduled_meetings": false, "embed_password_in_join_link": true,
			"require_password_for_scheduling_new_meetings": true,
			"default_password_for_scheduled_meetings":      "",
			"meeting_password_requirement": struct {
				PasscodeRule
				Consecutive int  `json:"consecutive_characters_length"`
				Weak        bool `json:"weak_enhance_detection"`
			}{PasscodeRule: u.Passcodes},
		},
		"recording": {"auto_recording": "none"},
	}
	if !r.query.Has("custom_query_fields") {
		return http.StatusOK, all, nil
	}
	asked := make(map[string]map[string]any)
	for field := range strings.SplitSeq(r.query.Get("custom_query_fields"), ",") {
		found := false
		for section, values := range all {
			value, ok := values[field]
			if !ok {
				continue
			}
			if asked[section] == nil {
				asked[section] = make(map[string]any)
			}
			asked[section][field], found = value, true
		}
		if !found {
			return 0, nil, wrong("custom_query_fields", "There is no setting %q here.", field)
		}
	}
	return http.StatusOK, asked, nil
}
