package zoomsim

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// meeting is a scheduled meeting. Deleted ones are kept, to be counted.
type meeting struct {
	ID        int64     `json:"id"`
	UUID      string    `json:"uuid"`
	User      string    `json:"user"`
	Topic     string    `json:"topic"`
	Agenda    string    `json:"agenda"`
	Start     time.Time `json:"start"`
	Duration  int       `json:"duration"`
	TimeZone  string    `json:"timezone"`
	Password  string    `json:"password"`
	Settings  settings  `json:"settings"`
	CreatedAt time.Time `json:"createdAt"`
	Deleted   bool      `json:"deleted"`
	ByHost    bool      `json:"byHost,omitempty"` // made by its host, not by our app
}

// source is where it was made, as Zoom calls it.
func (m *meeting) source() string {
	if m.ByHost {
		return "web_portal"
	}
	return "open_api"
}

// joinURL is for guests.
func (m *meeting) joinURL() string {
	return fmt.Sprintf("https://us05web.zoom.us/j/%d?pwd=%s", m.ID, m.UUID[:12])
}

// startURL lets whoever has it in as the host: it must never be stored or
// mailed, which tests look for.
func (m *meeting) startURL() string {
	return fmt.Sprintf("https://us05web.zoom.us/s/%d?zak=start-%s", m.ID, m.UUID)
}

// scheduled is the body of a create, settings those that Yakusoku may send.
type scheduled struct {
	Topic           string   `json:"topic"`
	Agenda          string   `json:"agenda"`
	Type            *int     `json:"type"`
	StartTime       string   `json:"start_time"`
	Duration        *int     `json:"duration"`
	TimeZone        string   `json:"timezone"`
	Password        *string  `json:"password"`
	DefaultPassword *bool    `json:"default_password"`
	Settings        settings `json:"settings"`
}

type settings struct {
	UsePMI         *bool `json:"use_pmi,omitempty"`
	ApprovalType   *int  `json:"approval_type,omitempty"`
	WaitingRoom    *bool `json:"waiting_room,omitempty"`
	JoinBeforeHost *bool `json:"join_before_host,omitempty"`
	AutoSummary    *bool `json:"auto_start_meeting_summary,omitempty"`
}

var passwordPattern = regexp.MustCompile(`^[A-Za-z0-9@_*-]{1,10}$`)

func (b scheduled) check() *refusal {
	switch {
	case b.Type != nil && *b.Type != 2:
		return wrong("type", "Only scheduled meetings are known here.")
	case utf8.RuneCountInString(b.Topic) > 200:
		return wrong("topic", "It has more than 200 characters.")
	case utf8.RuneCountInString(b.Agenda) > 2000:
		return wrong("agenda", "It has more than 2000 characters.")
	case b.Duration != nil && (*b.Duration < 1 || *b.Duration > 1440):
		return wrong("duration", "It must be 1 to 1440 minutes.")
	case b.Password != nil && !passwordPattern.MatchString(*b.Password):
		return wrong("password", "At most 10 of letters, digits and @ - _ *.")
	case b.Settings.ApprovalType != nil && (*b.Settings.ApprovalType < 0 || *b.Settings.ApprovalType > 2):
		return wrong("settings.approval_type", "It must be 0, 1 or 2.")
	}
	if _, err := time.LoadLocation(b.TimeZone); err != nil {
		return wrong("timezone", "Unknown time zone.")
	}
	return nil
}

// start reads one of Zoom's two forms of a time. What is absent or past is now.
func (b scheduled) start(now time.Time) (time.Time, *refusal) {
	if b.StartTime == "" {
		return now, nil
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", b.StartTime)
	if err != nil {
		zone, _ := time.LoadLocation(b.TimeZone) // checked before
		if at, err = time.ParseInLocation("2006-01-02T15:04:05", b.StartTime, zone); err != nil {
			return at, wrong("start_time", "It must be like 2026-11-23T09:00:00Z.")
		}
	}
	if at.Before(now) {
		at = now
	}
	return at.UTC().Truncate(time.Second), nil
}

// read takes the body of a create or update, which counts against the day.
func (s *Simulator) read(r request) (scheduled, *refusal) {
	var b scheduled
	if refused := decode(r.body, &b); refused != nil {
		return b, refused
	}
	if refused := b.check(); refused != nil {
		return b, refused
	}
	return b, s.spend(r.user)
}

func (s *Simulator) create(r request) (int, any, *refusal) {
	b, refused := s.read(r)
	if refused != nil {
		return 0, nil, refused
	}
	rule := s.users[r.user].Passcodes
	if b.Password != nil && !rule.takes(*b.Password) {
		return 0, nil, wrong("password", "It does not meet the account's requirements.")
	}
	now := s.config.Clock()
	start, refused := b.start(now)
	if refused != nil {
		return 0, nil, refused
	}
	m := &meeting{
		ID: s.newID(), UUID: rand.Text(), User: r.user, Topic: b.Topic, Agenda: b.Agenda,
		Start: start, Duration: 60, TimeZone: b.TimeZone, Settings: b.Settings, CreatedAt: now.UTC(),
	}
	if b.Duration != nil {
		m.Duration = *b.Duration
	}
	if b.Password != nil {
		m.Password = *b.Password
	} else if b.DefaultPassword == nil || *b.DefaultPassword {
		m.Password = rule.make()
	}
	m.apply(s.settingsOf(r.user, b.Settings))
	if err := s.keep(m); err != nil {
		return 0, nil, unsaved(err)
	}
	if err := s.tellOf(m, "created"); err != nil {
		return 0, nil, unsaved(err)
	}
	return http.StatusCreated, m.answer(), nil
}

// apply sets what is given. A waiting room ends joining before the host.
func (m *meeting) apply(given settings) {
	m.Settings.AutoSummary = given.AutoSummary
	if given.WaitingRoom != nil {
		m.Settings.WaitingRoom = given.WaitingRoom
		if *given.WaitingRoom {
			m.Settings.JoinBeforeHost = new(bool)
		}
	}
}

func (s *Simulator) update(r request) (int, any, *refusal) {
	m, refused := s.find(r)
	if refused != nil {
		return 0, nil, refused
	}
	b, refused := s.read(r)
	if refused != nil {
		return 0, nil, refused
	}
	changed := *m
	if b.StartTime != "" {
		now := s.config.Clock()
		start, refused := b.start(now)
		if refused != nil {
			return 0, nil, refused
		}
		if start.After(now) { // Zoom ignores a past start silently
			changed.Start = start
		}
	}
	if b.Duration != nil {
		changed.Duration = *b.Duration
	}
	changed.apply(b.Settings)
	if err := s.keep(&changed); err != nil {
		return 0, nil, unsaved(err)
	}
	if err := s.tellOfUpdate(m, &changed); err != nil {
		return 0, nil, unsaved(err)
	}
	return http.StatusNoContent, nil, nil
}

func (s *Simulator) get(r request) (int, any, *refusal) {
	m, refused := s.find(r)
	if refused != nil {
		return 0, nil, refused
	}
	return http.StatusOK, m.answer(), nil
}

func (s *Simulator) remove(r request) (int, any, *refusal) {
	m, refused := s.find(r)
	if refused != nil {
		return 0, nil, refused
	}
	gone := *m
	gone.Deleted = true
	if err := s.keep(&gone); err != nil {
		return 0, nil, unsaved(err)
	}
	if err := s.tellOf(&gone, "deleted"); err != nil {
		return 0, nil, unsaved(err)
	}
	return http.StatusNoContent, nil, nil
}

// listed is how much of an agenda the list shows.
const listed = 250

func (s *Simulator) list(r request) (int, any, *refusal) {
	if kind := r.query.Get("type"); kind != "scheduled" {
		return 0, nil, wrong("type", "Only scheduled is known here: the other lists reach six months at most.")
	}
	size, err := strconv.Atoi(cmp.Or(r.query.Get("page_size"), "30"))
	if err != nil || size < 1 || size > 300 {
		return 0, nil, wrong("page_size", "It must be 1 to 300.")
	}
	offset, err := strconv.Atoi(cmp.Or(r.query.Get("next_page_token"), "0"))
	if err != nil || offset < 0 {
		return 0, nil, wrong("next_page_token", "It is invalid or has expired.")
	}
	var own []map[string]any
	for _, m := range s.sorted() {
		if m.User == r.user && !m.Deleted {
			short := m.answer()
			short["agenda"] = string([]rune(m.Agenda)[:min(listed, utf8.RuneCountInString(m.Agenda))])
			for _, absent := range []string{"password", "start_url", "settings", "creation_source"} {
				delete(short, absent)
			}
			own = append(own, short)
		}
	}
	page := own[min(offset, len(own)):min(offset+size, len(own))]
	next := ""
	if offset+size < len(own) {
		next = strconv.Itoa(offset + size)
	}
	return http.StatusOK, map[string]any{
		"page_size": size, "total_records": len(own), "next_page_token": next, "meetings": append([]map[string]any{}, page...),
	}, nil
}

// answer is the meeting as the API shows it.
func (m *meeting) answer() map[string]any {
	return map[string]any{
		"id": m.ID, "uuid": m.UUID, "host_email": m.User, "type": 2, "status": "waiting",
		"topic": m.Topic, "agenda": m.Agenda, "start_time": m.Start.Format("2006-01-02T15:04:05Z"),
		"duration": m.Duration, "timezone": m.TimeZone, "created_at": m.CreatedAt.Format(time.RFC3339Nano),
		"creation_source": m.source(), "join_url": m.joinURL(), "start_url": m.startURL(), "password": m.Password, "settings": m.Settings,
	}
}

func (s *Simulator) find(r request) (*meeting, *refusal) {
	id, err := strconv.ParseInt(r.id, 10, 64)
	m, ok := s.meetings[id]
	if err != nil || !ok || m.Deleted || m.User != r.user {
		return nil, noMeeting
	}
	return m, nil
}

func (s *Simulator) keep(m *meeting) error {
	if err := s.config.State.Put(meetingPrefix+strconv.FormatInt(m.ID, 10), m); err != nil {
		return err
	}
	s.meetings[m.ID] = m
	return nil
}

func unsaved(err error) *refusal {
	return &refusal{status: http.StatusInternalServerError, Code: 1010, Message: err.Error()}
}

// newID is 11 digits: beyond 32 bits, as Zoom's are.
func (s *Simulator) newID() int64 {
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(9_000_000_000))
		if err != nil {
			panic(err) // never, since Go 1.24
		}
		if id := 81_000_000_000 + n.Int64(); s.meetings[id] == nil {
			return id
		}
	}
}

// sorted lists the meetings in the order in which they were made.
func (s *Simulator) sorted() []*meeting {
	var all []*meeting
	for _, m := range s.meetings {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *meeting) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// spend counts a create or update against the user's day.
func (s *Simulator) spend(user string) *refusal {
	if s.config.DailyLimit == 0 {
		return nil
	}
	day := user + " " + s.config.Clock().UTC().Format(time.DateOnly)
	if s.spent[day] >= s.config.DailyLimit {
		return &refusal{status: http.StatusTooManyRequests, Code: 429, Message: fmt.Sprintf(
			"You have exceeded the daily rate limit of (%d) for Meeting Create/Update API requests permitted for this user. You may resume at GMT 00:00:00.",
			s.config.DailyLimit)}
	}
	s.spent[day]++
	return nil
}
