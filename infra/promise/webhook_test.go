package promise_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/seed"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/connection"
)

// What Zoom tells, over the real binaries.

// told waits until Zoom has told all that happened, and returns how it was taken.
func (s *system) told(t *testing.T) []zoomsim.Delivery {
	t.Helper()
	var all zoomsim.Deliveries
	eventually(t, "Zoom has told everything", func() error {
		call(t, "GET", s.Zoom+"/_events", "", nil).into(t, &all)
		if all.Waiting > 0 {
			return fmt.Errorf("%d events are under way", all.Waiting)
		}
		return nil
	})
	return all.Done
}

// everything is all that the table holds.
func (s *system) everything(t *testing.T) []map[string]types.AttributeValue {
	t.Helper()
	var all []map[string]types.AttributeValue
	books := s.books()
	pages := dynamodb.NewScanPaginator(books.DB, &dynamodb.ScanInput{TableName: &books.Table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Items...)
	}
	return all
}

// reports counts the reports that are known.
func (s *system) reports(t *testing.T) int {
	t.Helper()
	n := 0
	for _, it := range s.everything(t) {
		if pk, _ := it["pk"].(*types.AttributeValueMemberS); strings.HasPrefix(pk.Value, "REPORT#") {
			n++
		}
	}
	return n
}

func TestZoomsEventsAreTakenOnceAndNobodyElses(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	r, _ := s.booked(t)
	for _, d := range s.told(t) {
		if d.Wrong != "" || d.Tries != 1 {
			t.Errorf("an echo of our own call: %+v", d)
		}
	}
	event := fmt.Sprintf(`{"event":"meeting.deleted","event_ts":1,"payload":{"object":{"id":"7","uuid":"m","host_id":%q}}}`, zoomsim.UserID(seed.Email))
	tests := []struct {
		name, body, want string
		known            int // reports more
	}{
		{"forged", `{"event":` + event + `,"forge":true}`, `{"statuses":[401]}`, 0},
		{"old", `{"event":` + event + `,"age":600}`, `{"statuses":[401]}`, 0},
		{"about nobody here", `{"event":` + strings.Replace(event, zoomsim.UserID(seed.Email), "somebody", 1) + `}`, `{"statuses":[204]}`, 0},
		{"of no concern", `{"event":{"event":"recording.completed","payload":{}}}`, `{"statuses":[204]}`, 0},
		{"no event", `{"event":{"payload":{}}}`, `{"statuses":[400]}`, 0},
		{"three times", `{"event":` + event + `,"times":3}`, `{"statuses":[204,204,204]}`, 1},
		{"once more", `{"event":` + event + `}`, `{"statuses":[204]}`, 0},
	}
	for _, test := range tests {
		before := s.reports(t)
		a := call(t, "POST", s.Zoom+"/_events", test.body, nil)
		if got := strings.TrimSpace(string(a.Body)); got != test.want {
			t.Errorf("%s: status %d, %s", test.name, a.Status, got)
		}
		if more := s.reports(t) - before; more != test.known {
			t.Errorf("%s: %d reports more, want %d", test.name, more, test.known)
		}
	}
	s.becomes(t, r, everywhere)
	// The endpoint is set once more, and shows whose it is.
	a := call(t, "POST", s.Zoom+"/_endpoint", fmt.Sprintf(`{"url":%q}`, s.Front+"/api/webhooks/zoom"), nil)
	if a.Status != http.StatusOK {
		t.Errorf("the endpoint: status %d, %s", a.Status, a.Body)
	}
}

// Zoom tells of our own calls too: a booking that is made, moved and cancelled by us
// is told three times, and nothing comes of it.
func TestAnEchoOfOurOwnCallsChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, hurried...)
	r, first := s.booked(t)
	before := s.view(t, r)
	s.told(t)
	later := s.another(t, first)
	if a := s.moveTo(t, r, later.Start); a.Status != http.StatusAccepted {
		t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
	}
	s.becomes(t, r, world{Meetings: 1, Events: 1, GuestMails: []string{confirmed, moved}, HostMails: []string{confirmed, moved}})
	s.told(t)
	if after := s.view(t, r); after.Status != "confirmed" || after.JoinURL != before.JoinURL || utc(t, after.Start) != utc(t, later.Start) {
		t.Errorf("after the move: %+v", after)
	}
	s.cancel(t, r)
	want := world{GuestMails: []string{confirmed, moved, cancelled}, HostMails: []string{confirmed, moved, cancelled}}
	s.becomes(t, r, want)
	var names []string
	for _, d := range s.told(t) {
		if d.Wrong != "" {
			t.Errorf("%+v", d)
		}
		names = append(names, d.Event)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"meeting.created", "meeting.deleted", "meeting.updated"}, names); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	s.becomes(t, r, want)
}

// healthy is a system that looks after connections all the time, and tells hosts of
// them at once.
var healthy = []string{"HEALTH_EVERY=200ms", "SWEEP_EVERY=500ms", "MIRROR_EVERY=0s"}

// accepts reports whether the demo page takes bookings.
func (s *system) accepts(t *testing.T) bool {
	t.Helper()
	var page struct {
		Accepting bool `json:"accepting"`
	}
	call(t, "GET", s.Front+"/api/pages/demo/intro", "", nil).into(t, &page)
	return page.Accepting
}

// toHost are the subjects of the host's mails that are about no booking.
func (s *system) toHost(t *testing.T, than int) []string {
	t.Helper()
	var subjects []string
	for _, l := range s.allLetters(t)[than:] {
		if strings.Contains(strings.Join(l.Destination.To, ","), seed.Email) {
			subjects = append(subjects, l.Subject)
		}
	}
	return subjects
}

func (s *system) mails(t *testing.T) int {
	t.Helper()
	return len(s.allLetters(t))
}

// aged makes the host's connection one that was made days ago, and last confirmed
// days ago too.
func (s *system) aged(t *testing.T, p connection.Provider, made, confirmed int) {
	t.Helper()
	for { // a refresh may come between
		c, err := s.books().Connection(t.Context(), seed.Handle, p)
		if err != nil {
			t.Fatal(err)
		}
		c.ConnectedAt, c.CheckedAt = c.ConnectedAt.AddDate(0, 0, -made), c.CheckedAt.AddDate(0, 0, -confirmed)
		if err = s.books().Renew(t.Context(), c); err == nil {
			return
		}
		if stale := (*connection.Stale)(nil); !errors.As(err, &stale) {
			t.Fatal(err)
		}
	}
}

func TestWhoRemovesTheAppAtZoomIsForgottenAndTold(t *testing.T) {
	t.Parallel()
	s := start(t, healthy...)
	r, _ := s.booked(t)
	s.aged(t, connection.Zoom, 3, 0) // no daily proof is due, which would tell too
	user := zoomsim.UserID(seed.Email)
	before := s.mails(t)
	a := call(t, "POST", s.Zoom+"/_revoke", fmt.Sprintf(`{"user":%q}`, seed.Email), nil)
	if a.Status != http.StatusOK {
		t.Fatalf("remove the app: status %d, body %s", a.Status, a.Body)
	}
	eventually(t, "the host is told", func() error {
		if got := s.toHost(t, before); len(got) != 1 || !strings.Contains(got[0], "Zoomとの接続が解除されました") {
			return fmt.Errorf("told %q", got)
		}
		return nil
	})
	if s.accepts(t) {
		t.Error("the page still accepts bookings")
	}
	if _, err := s.books().Connection(t.Context(), seed.Handle, connection.Zoom); !connection.Lost(err) {
		t.Errorf("the connection: %v", err)
	}
	eventually(t, "nothing of the account is left", func() error {
		for _, it := range s.everything(t) {
			text, err := json.Marshal(it)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), user) || strings.Contains(string(text), "CONN#zoom") {
				return fmt.Errorf("left: %s", text)
			}
		}
		return nil
	})
	if v := s.view(t, r); v.Status != "confirmed" || v.JoinURL == "" {
		t.Errorf("the guest's booking: %+v", v)
	}
	if more := s.toHost(t, before); len(more) != 1 {
		t.Errorf("told %q", more)
	}
}

func TestADeadGrantIsFoundBeforeAnyGuestMeetsIt(t *testing.T) {
	t.Parallel()
	s := start(t, healthy...)
	for p, revoke := range map[connection.Provider]string{
		connection.Google: s.Google + "/_revoke", connection.Zoom: s.Zoom + "/_revoke",
	} {
		body := fmt.Sprintf(`{"user":%q}`, seed.Email)
		if p == connection.Zoom {
			body = fmt.Sprintf(`{"user":%q,"quiet":true}`, seed.Email)
		}
		before := s.mails(t)
		if a := call(t, "POST", revoke, body, nil); a.Status != http.StatusOK {
			t.Fatalf("revoke: status %d, body %s", a.Status, a.Body)
		}
		s.aged(t, p, 2, 2)
		eventually(t, "the host is told", func() error {
			if got := s.toHost(t, before); len(got) != 1 || !strings.Contains(got[0], p.Name()+"との接続が切れています") {
				return fmt.Errorf("told %q", got)
			}
			return nil
		})
		if c, err := s.books().Connection(t.Context(), seed.Handle, p); err != nil || c.Status != connection.Reauthorize {
			t.Errorf("%s: %s, error %v", p, c.Status, err)
		}
		if s.accepts(t) {
			t.Error("the page still accepts bookings")
		}
	}
}

// A provider that is away says nothing against a grant.
func TestAGrantThatCannotBeProvedStays(t *testing.T) {
	t.Parallel()
	s := start(t, healthy...)
	before := s.mails(t)
	s.fail(t, unavailable("zoom POST /oauth/token"))
	s.aged(t, connection.Zoom, 2, 2)
	eventually(t, "Zoom is asked", func() error {
		if s.hits(t) == 0 {
			return errors.New("it is not")
		}
		return nil
	})
	if c, err := s.books().Connection(t.Context(), seed.Handle, connection.Zoom); err != nil || c.Status != connection.Connected || !s.accepts(t) {
		t.Errorf("%s, error %v", c.Status, err)
	}
	if told := s.toHost(t, before); len(told) > 0 {
		t.Errorf("told %q", told)
	}
}
