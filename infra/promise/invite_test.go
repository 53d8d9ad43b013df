package promise_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/seed"
	"yakusoku/infra/promise/inbox"
)

// invitations are what a reader's calendar was sent of the booking, in the order in
// which the mails went out.
func (s *system) invitations(t *testing.T, r receipt, to string) []inbox.Invitation {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "mailbox", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []inbox.Invitation
	for _, file := range files { // in the order of their names, which is that of time
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l, err := inbox.Read(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if l.Booking != r.ID || !strings.Contains(strings.Join(l.To, ","), to) {
			continue
		}
		i, ok, err := l.Invitation()
		if err != nil {
			t.Fatalf("the invitation of %s: %v", l.Kind, err)
		}
		if ok {
			all = append(all, i)
		}
	}
	return all
}

// A reader's calendar that goes by the mails alone follows the booking from its first
// time to its second, and out: another library than wrote the invitations reads them.
func TestACalendarFollowsTheMailsOfABookingToItsEnd(t *testing.T) {
	t.Parallel()
	atEachDesk(t, func(t *testing.T, d desk) int {
		tr := d.planned(d.pairs(t)[0])
		tr.stand(t)
		uid := tr.entries(t, tr.receipt)[0].UID
		if a := tr.moveTo(t, tr.receipt, tr.to.Start); a.Status != http.StatusAccepted {
			t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
		}
		tr.rests(t, tr.receipt)
		page := call(t, "GET", tr.Front+"/api/bookings/"+tr.ID+"/invite.ics", "", map[string]string{"Authorization": "Bearer " + tr.Token})
		shown, err := inbox.ReadInvitation(page.Body)
		if err != nil {
			t.Fatal(err)
		}
		url := tr.view(t, tr.receipt).JoinURL
		tr.cancel(t, tr.receipt)
		tr.rests(t, tr.receipt)

		type said struct{ Method, Status, UID, Start, End, URL string }
		inUTC := func(i inbox.Invitation) said {
			return said{i.Method, i.Status, i.UID, i.Start.UTC().Format("2006-01-02T15:04:05Z"), i.End.UTC().Format("2006-01-02T15:04:05Z"), i.URL}
		}
		want := []said{
			{"REQUEST", "CONFIRMED", uid, tr.from.Start, tr.from.End, url},
			{"REQUEST", "CONFIRMED", uid, tr.to.Start, tr.to.End, url},
			{"CANCEL", "CANCELLED", uid, tr.to.Start, tr.to.End, ""},
		}
		for to, want := range map[string][]said{
			tr.guest:   want,
			seed.Email: want[1:], // no invitation to their own meeting
		} {
			var calendar inbox.Calendar
			var got []said
			sequence := -1
			for _, i := range tr.invitations(t, tr.receipt, to) {
				if err := calendar.Take(i, true); err != nil {
					t.Errorf("%s's calendar does not follow: %v", to, err)
				}
				if i.Sequence <= sequence {
					t.Errorf("sequence %d after %d", i.Sequence, sequence)
				}
				sequence = i.Sequence
				got = append(got, inUTC(i))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("to %s (-want +got):\n%s", to, diff)
			}
		}
		if mailed := tr.invitations(t, tr.receipt, tr.guest)[1]; shown.UID != uid || shown.Sequence != mailed.Sequence || !shown.Start.Equal(mailed.Start) || !shown.End.Equal(mailed.End) {
			t.Errorf("the page's invitation: %+v, the mail's: %+v", shown, mailed)
		}
		return 1
	})
}
