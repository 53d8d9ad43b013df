package zoomsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// State is all that the simulator holds, tokens left out.
type State struct {
	Users    []UserState    `json:"users"`
	Meetings []MeetingState `json:"meetings"` // as they were made; deleted ones too
}

// UserState is one user.
type UserState struct {
	User        string   `json:"user"` // mail address
	ID          string   `json:"id"`
	AccountID   string   `json:"accountId"`
	Type        int      `json:"type"`
	Status      string   `json:"status"`
	AutoSummary bool     `json:"autoSummary"`
	Approved    bool     `json:"approved"`  // our app, by the account's admin
	Requested   bool     `json:"requested"` // that approval, by the user
	Connected   bool     `json:"connected"`
	Scopes      []string `json:"scopes"` // allowed to our client
}

// MeetingState is one meeting.
type MeetingState struct {
	ID       int64     `json:"id"`
	User     string    `json:"user"`
	Topic    string    `json:"topic"`
	Agenda   string    `json:"agenda"`
	Start    time.Time `json:"start"`
	Duration int       `json:"duration"`
	JoinURL  string    `json:"joinUrl"`
	StartURL string    `json:"startUrl"`
	Passcode string    `json:"passcode"`
	Deleted  bool      `json:"deleted"`
}

// State returns all that the simulator holds now.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Users: []UserState{}, Meetings: []MeetingState{}}
	for _, u := range s.sortedUsers() {
		state.Users = append(state.Users, s.stateOf(u))
	}
	for _, m := range s.sorted() {
		state.Meetings = append(state.Meetings, m.state())
	}
	return state
}

func (m *meeting) state() MeetingState {
	return MeetingState{
		ID: m.ID, User: m.User, Topic: m.Topic, Agenda: m.Agenda, Start: m.Start, Duration: m.Duration,
		JoinURL: m.joinURL(), StartURL: m.startURL(), Passcode: m.Password, Deleted: m.Deleted,
	}
}

func (s *Simulator) stateOf(u *user) UserState {
	scopes := s.granted(u.Email)
	return UserState{
		User: u.Email, ID: u.ID, AccountID: u.AccountID, Type: u.Type, Status: u.Status, AutoSummary: u.AutoSummary,
		Approved: !u.Unapproved, Requested: u.Requested, Connected: len(scopes) > 0, Scopes: append([]string{}, scopes...),
	}
}

var (
	userTypes    = []int{Licensed, Basic, Unassigned, None}
	userStatuses = []string{Active, Inactive, Pending}
)

// UserChange is what an admin of the user's account sets; nil leaves it.
type UserChange struct {
	User        string  `json:"user"`
	Type        *int    `json:"type"`
	Status      *string `json:"status"`
	AutoSummary *bool   `json:"autoSummary"`
	Approved    *bool   `json:"approved"`

	Passcodes *PasscodeRule `json:"passcodes"`
}

// ChangeUser changes the user, or opens an account for them with that.
func (s *Simulator) ChangeUser(c UserChange) (UserState, error) {
	if c.Type != nil && !slices.Contains(userTypes, *c.Type) {
		return UserState{}, fmt.Errorf("there is no type %d", *c.Type)
	}
	if c.Status != nil && !slices.Contains(userStatuses, *c.Status) {
		return UserState{}, fmt.Errorf("there is no status %q", *c.Status)
	}
	if c.Passcodes != nil && (c.Passcodes.Length < 0 || c.Passcodes.Length > 10) {
		return UserState{}, fmt.Errorf("no passcode has %d characters", c.Passcodes.Length)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, err := s.userOf(c.User)
	if err != nil {
		return UserState{}, err
	}
	u := *known
	if c.Type != nil {
		u.Type = *c.Type
	}
	if c.Status != nil {
		u.Status = *c.Status
	}
	if c.AutoSummary != nil {
		u.AutoSummary = *c.AutoSummary
	}
	if c.Passcodes != nil {
		u.Passcodes = *c.Passcodes
	}
	if c.Approved != nil {
		u.Unapproved = !*c.Approved
		u.Requested = u.Requested && u.Unapproved
	}
	changed, err := s.keepUser(u)
	if err != nil {
		return UserState{}, err
	}
	return s.stateOf(changed), nil
}

func (s *Simulator) serveUser(w http.ResponseWriter, r *http.Request) {
	var change UserChange
	if readAdmin(w, r, &change) {
		answer, err := s.ChangeUser(change)
		writeAdmin(w, answer, err)
	}
}

func (s *Simulator) serveState(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.State())
}

func (s *Simulator) serveGrant(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User   string   `json:"user"`
		Scopes []string `json:"scopes"`
	}
	if readAdmin(w, r, &asked) {
		answer, err := s.Grant(asked.User, asked.Scopes, base(r))
		writeAdmin(w, answer, err)
	}
}

// serveExpire takes a user, or no body: then it means everybody.
func (s *Simulator) serveExpire(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User string `json:"user"`
	}
	if r.ContentLength == 0 || readAdmin(w, r, &asked) {
		writeAdmin(w, struct{}{}, s.ExpireAccess(asked.User))
	}
}

func (s *Simulator) serveEnd(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User  string `json:"user"`
		Quiet bool   `json:"quiet"`
	}
	if readAdmin(w, r, &asked) {
		end := s.RemoveApp
		if asked.Quiet {
			end = s.EndGrant
		}
		ended, err := end(asked.User)
		writeAdmin(w, map[string]bool{"ended": ended}, err)
	}
}

// readAdmin reads the body of an admin call, or answers that it cannot.
func readAdmin(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeAdmin(w http.ResponseWriter, answer any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}
