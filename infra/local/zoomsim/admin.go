package zoomsim

import (
	"encoding/json"
	"net/http"
	"time"
)

// State is all that the simulator holds, tokens left out.
type State struct {
	Meetings []MeetingState `json:"meetings"` // as they were made; deleted ones too
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
	state := State{Meetings: []MeetingState{}}
	for _, m := range s.sorted() {
		state.Meetings = append(state.Meetings, MeetingState{
			ID: m.ID, User: m.User, Topic: m.Topic, Agenda: m.Agenda, Start: m.Start, Duration: m.Duration,
			JoinURL: m.joinURL(), StartURL: m.startURL(), Passcode: m.Password, Deleted: m.Deleted,
		})
	}
	return state
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

func (s *Simulator) serveExpire(w http.ResponseWriter, _ *http.Request) {
	writeAdmin(w, struct{}{}, s.ExpireAccess())
}

func (s *Simulator) serveEnd(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User string `json:"user"`
	}
	if readAdmin(w, r, &asked) {
		ended, err := s.EndGrant(asked.User)
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
