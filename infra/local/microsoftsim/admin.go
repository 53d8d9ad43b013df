package microsoftsim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// State is all that the simulator holds, tokens left out.
type State struct {
	Accounts []AccountState `json:"accounts"`
	Events   []EventState   `json:"events"`   // as they were made; deleted ones too
	Inserted int            `json:"inserted"` // events made by clients, ever
}

// AccountState is one user with their calendars, the default one first.
type AccountState struct {
	User      string          `json:"user"`
	ID        string          `json:"id"`
	Kind      Kind            `json:"kind"`
	Tenant    string          `json:"tenant"`
	Approved  bool            `json:"approved"` // users may consent themselves
	Mailbox   bool            `json:"mailbox"`
	Calendars []CalendarState `json:"calendars"`
	Scopes    []string        `json:"scopes"` // allowed to our client; empty: not connected
}

// CalendarState is one calendar.
type CalendarState struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Default bool   `json:"default"`
	CanEdit bool   `json:"canEdit"`
}

// EventState is one event.
type EventState struct {
	User     string   `json:"user"`
	Calendar string   `json:"calendar"`
	ID       string   `json:"id"` // the lasting one
	ICalUID  string   `json:"iCalUId"`
	ByHost   bool     `json:"byHost"` // made by hand, not by a client
	Deleted  bool     `json:"deleted"`
	Booking  string   `json:"booking"`
	Subject  string   `json:"subject"`
	Body     string   `json:"body"`
	Location string   `json:"location"`
	ShowAs   string   `json:"showAs"`
	Start    string   `json:"start"`   // RFC 3339
	End      string   `json:"end"`     // RFC 3339
	Invited  []string `json:"invited"` // whom Exchange has written to
}

// State returns all that the simulator holds now.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Accounts: []AccountState{}, Events: []EventState{}}
	for _, a := range s.sortedAccounts() {
		state.Accounts = append(state.Accounts, s.accountState(a))
	}
	for _, e := range s.sortedEvents() {
		state.Events = append(state.Events, e.state())
		if !e.ByHost {
			state.Inserted++
		}
	}
	return state
}

func (s *Simulator) accountState(a *account) AccountState {
	state := AccountState{
		User: a.Email, ID: a.userID(), Kind: a.Kind, Tenant: a.tenant(),
		Approved: !a.Unapproved, Mailbox: !a.NoMailbox, Scopes: s.granted(a.Email),
	}
	for _, c := range a.Calendars {
		state.Calendars = append(state.Calendars, c.state())
	}
	return state
}

func (c calendar) state() CalendarState {
	return CalendarState{ID: c.ID, Name: c.Name, Default: c.Default, CanEdit: c.CanEdit}
}

func (s *Simulator) sortedEvents() []*event {
	return slices.SortedFunc(maps.Values(s.events), byCreation)
}

func (e *event) state() EventState {
	start, _ := e.Fields.Start.read() // checked
	end, _ := e.Fields.End.read()
	state := EventState{
		User: e.User, Calendar: e.Calendar, ID: e.Lasting, ICalUID: e.iCalUID(), ByHost: e.ByHost, Deleted: e.Deleted,
		Booking: e.property("booking"), Subject: e.Fields.Subject, ShowAs: e.Fields.ShowAs,
		Start: start.Format(time.RFC3339), End: end.Format(time.RFC3339), Invited: e.Invited,
	}
	if e.Fields.Body != nil {
		state.Body = e.Fields.Body.Content
	}
	if e.Fields.Location != nil {
		state.Location = e.Fields.Location.DisplayName
	}
	return state
}

// hostEvent is an event resource as a host's own doing, or another organizer's,
// leaves it in a calendar.
type hostEvent struct {
	fields
	IsCancelled bool   `json:"isCancelled"`
	Response    string `json:"response"` // the host's to its organizer; empty: it is their own
}

// AddEvent puts an event into the user's calendar (empty: the default one) as if
// they had done so by hand. resource is an event resource in JSON, which may also
// have isCancelled, and the host's response to an invitation.
func (s *Simulator) AddEvent(user, calendarID string, resource []byte) (EventState, error) {
	var h hostEvent
	decoder := json.NewDecoder(strings.NewReader(string(resource)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&h); err != nil {
		return EventState{}, err
	}
	if h.Response == "" {
		h.Response = "organizer"
	}
	if !slices.Contains(responses, h.Response) {
		return EventState{}, fmt.Errorf("response must be one of %v", responses)
	}
	if refused := h.check(); refused != nil {
		return EventState{}, fmt.Errorf("%s: %s", refused.code, refused.message)
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
	e, refused := s.addEvent(&event{
		User: a.Email, Calendar: c.ID, ByHost: true, Fields: h.fields, Cancelled: h.IsCancelled, Response: h.Response,
	})
	if refused != nil {
		return EventState{}, fmt.Errorf("%s: %s", refused.code, refused.message)
	}
	return e.state(), nil
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

func (s *Simulator) serveExpire(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User string `json:"user"`
	}
	if r.ContentLength != 0 && !readAdmin(w, r, &asked) {
		return
	}
	writeAdmin(w, struct{}{}, s.ExpireAccess(asked.User))
}

func (s *Simulator) serveEnd(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User   string `json:"user"`
		Number int    `json:"number"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	ended, err := s.EndGrant(asked.User, asked.Number)
	writeAdmin(w, map[string]bool{"ended": ended}, err)
}

func (s *Simulator) serveAddEvent(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User     string          `json:"user"`
		Calendar string          `json:"calendar"` // empty: the default one
		Event    json.RawMessage `json:"event"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	event, err := s.AddEvent(asked.User, asked.Calendar, asked.Event)
	writeAdmin(w, event, err)
}

// serveAccount opens or changes an account.
func (s *Simulator) serveAccount(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User     string `json:"user"`
		Kind     Kind   `json:"kind"`
		Approved *bool  `json:"approved"`
		Mailbox  *bool  `json:"mailbox"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(asked.User)
	if err != nil {
		writeAdmin(w, nil, err)
		return
	}
	changed := *a
	switch asked.Kind {
	case Work, Personal:
		changed.Kind = asked.Kind
	case "":
	default:
		writeAdmin(w, nil, fmt.Errorf("kind must be %s or %s", Work, Personal))
		return
	}
	if asked.Approved != nil {
		changed.Unapproved = !*asked.Approved
	}
	if asked.Mailbox != nil {
		changed.NoMailbox = !*asked.Mailbox
	}
	if a, err = s.keepAccount(changed); err != nil {
		writeAdmin(w, nil, err)
		return
	}
	writeAdmin(w, s.accountState(a), nil)
}

// serveThrottle has the next calls of a mailbox answered 429.
func (s *Simulator) serveThrottle(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		User       string `json:"user"`
		Times      int    `json:"times"`
		RetryAfter int    `json:"retryAfter"` // seconds; 0: not said
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle[strings.ToLower(asked.User)] = throttle{asked.Times, time.Duration(asked.RetryAfter) * time.Second}
	writeAdmin(w, struct{}{}, nil)
}

// serveForget forgets what was made under which transactionId: how long Microsoft
// remembers is not documented.
func (s *Simulator) serveForget(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.sortedEvents() {
		forgotten := *e
		forgotten.Request = ""
		if refused := s.saveEvent(&forgotten); refused != nil {
			writeAdmin(w, nil, fmt.Errorf("%s", refused.message))
			return
		}
	}
	writeAdmin(w, struct{}{}, nil)
}

// serveMove moves an event to another calendar, as its host may.
func (s *Simulator) serveMove(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		ID       string `json:"id"` // the lasting one
		Calendar string `json:"calendar"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.events[asked.ID]
	if !ok {
		writeAdmin(w, nil, fmt.Errorf("there is no event %s", asked.ID))
		return
	}
	if _, ok := s.accounts[e.User].calendar(asked.Calendar); !ok {
		writeAdmin(w, nil, fmt.Errorf("the account has no calendar %s", asked.Calendar))
		return
	}
	moved := *e
	moved.Calendar, moved.ID = asked.Calendar, newID(movingPrefix)
	if refused := s.saveEvent(&moved); refused != nil {
		writeAdmin(w, nil, fmt.Errorf("%s", refused.message))
		return
	}
	writeAdmin(w, moved.state(), nil)
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
