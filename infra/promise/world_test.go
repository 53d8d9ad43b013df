package promise_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/seed"
)

// world is what exists outside for one booking.
type world struct {
	Meetings   int // live at Zoom
	Events     int // live in the host's calendar
	GuestMails []string
	HostMails  []string
}

// Subjects' kinds, as the tests tell mails apart.
const (
	confirmed = "confirmed"
	failed    = "failed"
	cancelled = "cancelled"
	moved     = "moved"
	reminded  = "reminded"
	renewed   = "renewed" // the meeting has another URL
	stayed    = "stayed"  // where it stood: it could not be moved
)

type meeting struct {
	ID       int64  `json:"id"`
	Agenda   string `json:"agenda"`
	Start    string `json:"start"`
	JoinURL  string `json:"joinUrl"`
	StartURL string `json:"startUrl"`
	Deleted  bool   `json:"deleted"`
}

type letter struct {
	Destination struct {
		To []string `json:"to"`
	} `json:"destination"`
	Subject string `json:"subject"`
	Body    struct {
		Text string `json:"text"`
		HTML string `json:"html"`
	} `json:"body"`
	Attachments []struct {
		ContentType string `json:"contentType"`
	} `json:"attachments"`
}

// allMeetings are Zoom's, whosever they are.
func (s *system) allMeetings(t *testing.T) []meeting {
	t.Helper()
	return look[struct {
		Meetings []meeting `json:"meetings"`
	}](t, s, s.Zoom+"/_state").Meetings
}

// allLetters are the mailbox's, whoever gets them.
func (s *system) allLetters(t *testing.T) []letter {
	t.Helper()
	return look[struct {
		Emails []letter `json:"emails"`
	}](t, s, s.Mailbox+"/store").Emails
}

func (s *system) meetings(t *testing.T, r receipt) []meeting {
	t.Helper()
	var own []meeting
	for _, m := range s.allMeetings(t) {
		if strings.Contains(m.Agenda, r.ID) {
			own = append(own, m)
		}
	}
	return own
}

func (s *system) events(t *testing.T, r receipt) []googlesim.EventState {
	t.Helper()
	var own []googlesim.EventState
	for _, e := range s.googleState(t).Events {
		if e.Booking == r.ID {
			own = append(own, e)
		}
	}
	return own
}

// entry is a live event, wherever it is.
type entry struct {
	Provider, ID, UID string
	Start             string // RFC 3339
}

// entries are the booking's live events, at Google and at Microsoft.
func (s *system) entries(t *testing.T, r receipt) []entry {
	t.Helper()
	var all []entry
	for _, e := range s.events(t, r) {
		if e.Live() {
			all = append(all, entry{"google", e.ID, e.ICalUID, e.Start})
		}
	}
	for _, e := range s.outlookEvents(t, r) {
		if !e.Deleted {
			all = append(all, entry{"microsoft", e.ID, e.ICalUID, e.Start})
		}
	}
	return all
}

// letters are the mails of a booking. Guests have an address of their own in
// each test, and every mail to a host carries what only this guest said.
func (s *system) letters(t *testing.T, r receipt) (toGuest, toHost []letter) {
	t.Helper()
	for _, l := range s.allLetters(t) {
		switch to := strings.Join(l.Destination.To, ","); {
		case strings.Contains(to, seed.Email) && strings.Contains(l.Body.Text, r.guest):
			toHost = append(toHost, l)
		case strings.Contains(to, r.guest):
			toGuest = append(toGuest, l)
		}
	}
	return toGuest, toHost
}

// kind tells by the link to join, which only those get who are expected.
func kind(l letter) string {
	for prefix, kind := range map[string]string{"【キャンセル】": cancelled, "【日時変更】": moved, "【URL変更】": renewed, "【日時変更不成立】": stayed, "【リマインダー】": reminded} {
		if strings.HasPrefix(l.Subject, prefix) {
			return kind
		}
	}
	if strings.Contains(l.Body.Text, "zoom.us/j/") {
		return confirmed
	}
	return failed
}

// outside is what exists for the booking.
func (s *system) outside(t *testing.T, r receipt) world {
	t.Helper()
	var w world
	for _, m := range s.meetings(t, r) {
		if !m.Deleted {
			w.Meetings++
		}
	}
	w.Events = len(s.entries(t, r))
	toGuest, toHost := s.letters(t, r)
	for _, l := range toGuest {
		w.GuestMails = append(w.GuestMails, kind(l))
	}
	for _, l := range toHost {
		w.HostMails = append(w.HostMails, kind(l))
	}
	return w
}

// becomes waits until the world outside is as wanted: the last mail leaves after
// the booking is settled.
func (s *system) becomes(t *testing.T, r receipt, want world) {
	t.Helper()
	eventually(t, "the world agrees with the booking", func() error {
		if diff := cmp.Diff(want, s.outside(t, r)); diff != "" {
			return fmt.Errorf("outside (-want +got):\n%s", diff)
		}
		return nil
	})
}

var (
	everywhere = world{Meetings: 1, Events: 1, GuestMails: []string{confirmed}, HostMails: []string{confirmed}}
	nowhere    = world{GuestMails: []string{failed}, HostMails: []string{failed}}
)

// holds reports whether the slot is still offered.
func (s *system) offers(t *testing.T, start string) bool {
	t.Helper()
	for _, o := range s.slots(t) {
		if o.Start == start {
			return true
		}
	}
	return false
}

// blockCalendar puts an event of the host's own over the slot.
func (s *system) blockCalendar(t *testing.T, over slot) {
	t.Helper()
	body := fmt.Sprintf(`{"user":%q,"event":{"summary":"外出","start":{"dateTime":%q},"end":{"dateTime":%q}}}`, seed.Email, over.Start, over.End)
	if a := call(t, "POST", s.Google+"/_events", body, nil); a.Status >= 300 {
		t.Fatalf("block the calendar: status %d, body %s", a.Status, a.Body)
	}
}
