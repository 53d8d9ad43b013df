package googlesim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// State is all that the simulator holds, tokens left out.
type State struct {
	Accounts []AccountState `json:"accounts"`
	Events   []EventState   `json:"events"`   // as they were made; deleted ones too
	Inserted int            `json:"inserted"` // events made by clients, ever
	Channels []ChannelState `json:"channels"` // that are open
}

// AccountState is one user with their calendars' ids, the primary one first.
type AccountState struct {
	User      string   `json:"user"`
	Calendars []string `json:"calendars"`
	Scopes    []string `json:"scopes"` // allowed to our client; empty: not connected
}

// EventState is one event.
type EventState struct {
	User        string `json:"user"`
	Calendar    string `json:"calendar"`
	ID          string `json:"id"`
	ICalUID     string `json:"iCalUID"`
	ByHost      bool   `json:"byHost"` // made by hand, not by a client
	Status      string `json:"status"` // confirmed, or cancelled once deleted
	Booking     string `json:"booking"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Location    string `json:"location"`
	Start       string `json:"start"` // RFC 3339, or a date
	End         string `json:"end"`
}

// Live reports whether the event was not deleted.
func (e EventState) Live() bool { return e.Status != "cancelled" }

// State returns all that the simulator holds now.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{
		Accounts: []AccountState{}, Events: []EventState{}, Channels: s.channelStates(),
	}
	for email, a := range s.accounts {
		account := AccountState{User: email, Scopes: s.granted(email)}
		for _, c := range a.Calendars {
			account.Calendars = append(account.Calendars, c.ID)
		}
		state.Accounts = append(state.Accounts, account)
	}
	slices.SortFunc(state.Accounts, func(a, b AccountState) int { return strings.Compare(a.User, b.User) })
	for _, e := range s.sortedEvents() {
		state.Events = append(state.Events, e.state())
		if !e.ByHost {
			state.Inserted++
		}
	}
	return state
}

func (s *Simulator) sortedEvents() []*event {
	var events []*event
	for _, e := range s.events {
		events = append(events, e)
	}
	slices.SortFunc(events, byCreation)
	return events
}

func (e *event) state() EventState {
	return EventState{
		User:        e.User,
		Calendar:    e.Calendar,
		ID:          e.ID,
		ICalUID:     e.iCalUID(),
		ByHost:      e.ByHost,
		Status:      e.status(),
		Booking:     e.property("booking"),
		Summary:     e.text("summary"),
		Description: e.text("description"),
		Location:    e.text("location"),
		Start:       momentText(e.Fields["start"]),
		End:         momentText(e.Fields["end"]),
	}
}

// momentText is a start or an end as the client wrote it.
func momentText(v any) string {
	m, _ := v.(map[string]any)
	if date, ok := m["date"].(string); ok {
		return date
	}
	text, _ := m["dateTime"].(string)
	return text
}

// AddEvent puts an event into the user's calendar ("primary", or an id) as if
// they had done so by hand. fields are an Event resource.
func (s *Simulator) AddEvent(user, calendarID string, fields map[string]any) (EventState, error) {
	if err := hostsEvent.check("event", fields); err != nil {
		return EventState{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(user)
	if err != nil {
		return EventState{}, err
	}
	c, ok := a.calendar(calendarID)
	if !ok {
		return EventState{}, fmt.Errorf("the account has no calendar %s", calendarID)
	}
	e, refused := s.addEvent(a, c, fields, true)
	if refused != nil {
		return EventState{}, fmt.Errorf("%s: %s", refused.reason, refused.message)
	}
	return e.state(), nil
}

// Calls counts the calls of the API with a valid token since the start, by method.
func (s *Simulator) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

func (s *Simulator) serveCalls(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Calls())
}

// liveEvent finds an event of the user's that is not deleted.
func (s *Simulator) liveEvent(user, calendarID, id string) (*event, error) {
	a, err := s.accountOf(user)
	if err != nil {
		return nil, err
	}
	c, ok := a.calendar(calendarID)
	if !ok {
		return nil, fmt.Errorf("the account has no calendar %s", calendarID)
	}
	e, ok := s.events[eventKey{a.Email, c.ID, id}]
	if !ok || e.Cancelled {
		return nil, fmt.Errorf("the calendar has no event %s", id)
	}
	return e, nil
}

// ChangeEvent changes an event as if its user had done so by hand: to another time,
// say. fields are part of an Event resource, as in a PATCH.
func (s *Simulator) ChangeEvent(user, calendarID, id string, fields map[string]any) (EventState, error) {
	if err := patchedEvent.check("event", fields); err != nil {
		return EventState{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.liveEvent(user, calendarID, id)
	if err != nil {
		return EventState{}, err
	}
	changed, refused := s.changeEvent(e, fields)
	if refused != nil {
		return EventState{}, fmt.Errorf("%s: %s", refused.reason, refused.message)
	}
	return changed.state(), nil
}

func (s *Simulator) serveChangeEvent(w http.ResponseWriter, r *http.Request) {
	var fields map[string]any
	if !readAdmin(w, r, &fields) {
		return
	}
	calendarID := cmp.Or(r.URL.Query().Get("calendar"), "primary")
	changed, err := s.ChangeEvent(r.URL.Query().Get("user"), calendarID, r.PathValue("id"), fields)
	writeAdmin(w, changed, err)
}

// RemoveEvent deletes an event as if its user had done so by hand.
func (s *Simulator) RemoveEvent(user, calendarID, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.liveEvent(user, calendarID, id)
	if err != nil {
		return err
	}
	cancelled := *e
	cancelled.Cancelled, cancelled.Updated = true, s.config.Clock()
	if refused := s.saveEvent(&cancelled); refused != nil {
		return fmt.Errorf("%s: %s", refused.reason, refused.message)
	}
	return nil
}

func (s *Simulator) serveRemoveEvent(w http.ResponseWriter, r *http.Request) {
	calendarID := cmp.Or(r.URL.Query().Get("calendar"), "primary")
	writeAdmin(w, struct{}{}, s.RemoveEvent(r.URL.Query().Get("user"), calendarID, r.PathValue("id")))
}

func (s *Simulator) serveState(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.State())
}

func (s *Simulator) serveGrant(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User   string   `json:"user"`
		Scopes []string `json:"scopes"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	answer, err := s.Grant(asked.User, asked.Scopes)
	writeAdmin(w, answer, err)
}

func (s *Simulator) serveExpire(w http.ResponseWriter, _ *http.Request) {
	writeAdmin(w, struct{}{}, s.ExpireAccess())
}

func (s *Simulator) serveEnd(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User string `json:"user"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	ended, err := s.EndGrant(asked.User)
	writeAdmin(w, map[string]bool{"ended": ended}, err)
}

func (s *Simulator) serveAddEvent(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User     string         `json:"user"`
		Calendar string         `json:"calendar"` // empty: primary
		Event    map[string]any `json:"event"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	if asked.Calendar == "" {
		asked.Calendar = "primary"
	}
	event, err := s.AddEvent(asked.User, asked.Calendar, asked.Event)
	writeAdmin(w, event, err)
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
