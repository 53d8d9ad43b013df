package zoomsim

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// What a host does with their meetings at Zoom themselves: in its app or on its web
// site, and not by ours.

// HostMeeting is a meeting as its host makes or changes it. What is zero is left as
// it is.
type HostMeeting struct {
	User     string    `json:"user"` // of a new one
	Topic    string    `json:"topic"`
	Agenda   string    `json:"agenda"`
	Start    time.Time `json:"start"`
	Duration int       `json:"duration"` // minutes
	// ByApp has it made as our app would have: what a call left that nobody knows of.
	ByApp bool `json:"byApp"`
}

// AddMeeting makes a meeting of the user's.
func (s *Simulator) AddMeeting(h HostMeeting) (MeetingState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.userOf(h.User)
	if err != nil {
		return MeetingState{}, err
	}
	now := s.config.Clock().UTC()
	m := &meeting{
		ID: s.newID(), UUID: rand.Text(), User: u.Email, Start: now, Duration: 60, TimeZone: "UTC", CreatedAt: now, ByHost: !h.ByApp,
	}
	m.change(h)
	if err := s.keep(m); err != nil {
		return MeetingState{}, err
	}
	return m.state(), s.tellOf(m, "created")
}

// ChangeMeeting changes a meeting as its host does.
func (s *Simulator) ChangeMeeting(id int64, h HostMeeting) (MeetingState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.meetings[id]
	if !ok || m.Deleted {
		return MeetingState{}, fmt.Errorf("there is no meeting %d", id)
	}
	changed := *m
	changed.change(h)
	if err := s.keep(&changed); err != nil {
		return MeetingState{}, err
	}
	return changed.state(), s.tellOfUpdate(m, &changed)
}

func (m *meeting) change(h HostMeeting) {
	m.Topic, m.Agenda = cmp.Or(h.Topic, m.Topic), cmp.Or(h.Agenda, m.Agenda)
	m.Duration = cmp.Or(h.Duration, m.Duration)
	if !h.Start.IsZero() {
		m.Start = h.Start.UTC().Truncate(time.Second)
	}
}

// DeleteMeeting deletes a meeting as its host does.
func (s *Simulator) DeleteMeeting(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.meetings[id]
	if !ok || m.Deleted {
		return fmt.Errorf("there is no meeting %d", id)
	}
	gone := *m
	gone.Deleted = true
	if err := s.keep(&gone); err != nil {
		return err
	}
	return s.tellOf(&gone, "deleted")
}

func (s *Simulator) serveAddMeeting(w http.ResponseWriter, r *http.Request) {
	var asked HostMeeting
	if readAdmin(w, r, &asked) {
		made, err := s.AddMeeting(asked)
		writeAdmin(w, made, err)
	}
}

func (s *Simulator) serveChangeMeeting(w http.ResponseWriter, r *http.Request) {
	var asked HostMeeting
	if !readAdmin(w, r, &asked) {
		return
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		writeAdmin(w, nil, err)
		return
	}
	changed, err := s.ChangeMeeting(id, asked)
	writeAdmin(w, changed, err)
}

func (s *Simulator) serveDeleteMeeting(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		err = s.DeleteMeeting(id)
	}
	writeAdmin(w, struct{}{}, err)
}
