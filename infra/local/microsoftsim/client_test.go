package microsoftsim_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/microsoftsim"
	"yakusoku/shared/calendar"
	vendor "yakusoku/shared/calendar/microsoft"
)

// The vendor client stands here against the simulator, which checks each of its
// requests.

// bearer adds an access token, as package connection does in production.
type bearer string

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(request)
}

func (m microsoft) clientOf(t *testing.T, user string, scopes ...string) *vendor.Client {
	t.Helper()
	token, err := m.Grant(user, scopes)
	if err != nil {
		t.Fatal(err)
	}
	return &vendor.Client{HTTP: &http.Client{Transport: bearer(token.AccessToken), Timeout: 10 * time.Second}, Base: m.server.URL}
}

func appointment(revision int) calendar.Event {
	begin := time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC)
	return calendar.Event{
		ID:          calendar.EventID("bk_1", revision),
		Booking:     "bk_1",
		Title:       "初回相談: 山田太郎",
		Description: "Zoom: https://zoom.us/j/1?pwd=a&b=c\n備考: <a href=\"https://evil.example\">x</a>",
		Location:    "https://zoom.us/j/1",
		Start:       begin,
		End:         begin.Add(30 * time.Minute),
		TimeZone:    "Asia/Tokyo",
	}
}

// repeated is the appointment as it is tried again after an answer was lost.
func repeated(revision int) calendar.Event {
	e := appointment(revision)
	e.Repeated = true
	return e
}

// defaultCalendar is the id of the user's.
func (m microsoft) defaultCalendar(t *testing.T, user string) string {
	t.Helper()
	for _, a := range m.State().Accounts {
		if a.User == user {
			return a.Calendars[0].ID
		}
	}
	t.Fatalf("%s has no account", user)
	return ""
}

// live counts the events that are there.
func (m microsoft) live() int {
	n := 0
	for _, e := range m.State().Events {
		if !e.Deleted {
			n++
		}
	}
	return n
}

func TestAnEventIsWrittenChangedAndDeletedInEitherKindOfAccount(t *testing.T) {
	for _, user := range []string{host, microsoftsim.PersonalUser} {
		t.Run(user, func(t *testing.T) {
			m := start(t, nil)
			client := m.clientOf(t, user)
			in := m.defaultCalendar(t, user)
			e := appointment(0)

			written, err := client.Insert(t.Context(), in, e)
			if err != nil {
				t.Fatal(err)
			}
			kept := m.State().Events[0]
			want := calendar.Written{ID: kept.ID, UID: kept.ICalUID, URL: written.URL, Start: e.Start.UTC(), End: e.End.UTC()}
			if !strings.HasPrefix(written.URL, "https://outlook.office365.com/") {
				t.Errorf("seen by its host at %q", written.URL)
			}
			if diff := cmp.Diff(want, written); diff != "" {
				t.Errorf("inserted (-want +got):\n%s", diff)
			}
			unknown, known := calendar.Reference{ID: e.ID}, calendar.Reference{ID: e.ID, Held: written.ID}
			for _, r := range []calendar.Reference{unknown, known} {
				if found, ok, err := client.Find(t.Context(), in, r); err != nil || !ok || found != want {
					t.Errorf("found %v, %t, %v by %+v", found, ok, err, r)
				}
			}
			if kept.Body != e.Description || kept.Booking != "bk_1" || kept.ShowAs != "busy" || kept.Start != "2026-12-02T01:00:00Z" {
				t.Errorf("kept: %+v", kept)
			}
			if len(kept.Invited) != 0 {
				t.Errorf("Exchange wrote to %v", kept.Invited)
			}

			e.Title, e.Location = "初回相談（変更）", ""
			e.Start, e.End = e.Start.Add(time.Hour), e.End.Add(time.Hour)
			if err := client.Update(t.Context(), in, written.ID, e); err != nil {
				t.Fatal(err)
			}
			kept = m.State().Events[0]
			if kept.Subject != e.Title || kept.Location != "" || kept.Booking != "bk_1" || kept.Start != "2026-12-02T02:00:00Z" || kept.ID != written.ID {
				t.Errorf("after the change: %+v", kept)
			}

			hosts := `{"isAllDay":true,"start":{"dateTime":"2026-12-03T00:00:00","timeZone":"Asia/Tokyo"},"end":{"dateTime":"2026-12-04T00:00:00","timeZone":"Asia/Tokyo"}}`
			if _, err := m.ChangeEvent(kept.ID, []byte(hosts)); err != nil {
				t.Fatal(err)
			}
			day := time.Date(2026, 12, 2, 15, 0, 0, 0, time.UTC)
			if found, _, err := client.Find(t.Context(), in, known); err != nil || !found.Start.Equal(day) || !found.End.Equal(day.AddDate(0, 0, 1)) {
				t.Errorf("once its host made it one of a whole day: %+v, %v", found, err)
			}

			for _, r := range []calendar.Reference{known, known, unknown} { // it is gone from the second on, which is as good
				if err := client.Delete(t.Context(), in, r); err != nil {
					t.Fatal(err)
				}
				if _, ok, err := client.Find(t.Context(), in, r); ok || err != nil {
					t.Errorf("found what is deleted: %t, %v", ok, err)
				}
			}
			if m.live() != 0 {
				t.Error("an event is left")
			}
		})
	}
}

func TestARepeatedInsertWritesOnce(t *testing.T) {
	tests := []struct {
		name  string
		again calendar.Event
		// between is what happens before the repeat.
		between func(*testing.T, microsoft, calendar.Written)
	}{
		{"at once", appointment(0), nil},
		{"knowing that it is one", repeated(0), nil},
		{"after the host has changed it", repeated(0), hostChanges},
		{"after the host has changed it, not knowing", appointment(0), hostChanges},
		{"after the host has moved it", repeated(0), func(t *testing.T, m microsoft, w calendar.Written) {
			m.admin(t, "/_move", fmt.Sprintf(`{"id":%q,"calendar":%q}`, w.ID, m.calendars(t)[1].ID))
		}},
		// Microsoft's memory of transactions is not documented.
		{"after Microsoft has forgotten", repeated(0), func(t *testing.T, m microsoft, _ calendar.Written) { m.admin(t, "/_forget", "") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := start(t, nil)
			client := m.clientOf(t, host)
			in := m.defaultCalendar(t, host)
			first, err := client.Insert(t.Context(), in, appointment(0))
			if err != nil {
				t.Fatal(err)
			}
			if test.between != nil {
				test.between(t, m, first)
			}
			second, err := client.Insert(t.Context(), in, test.again)
			second.URL = first.URL // which is another after a move
			if err != nil || first != second {
				t.Errorf("repeated: %v, %v; first: %v", second, err, first)
			}
			if inserted := m.State().Inserted; inserted != 1 {
				t.Errorf("inserted %d events", inserted)
			}
		})
	}
}

func hostChanges(t *testing.T, m microsoft, w calendar.Written) {
	if got := m.call(t, m.grant(t).AccessToken, "PATCH", "me/events/"+w.ID, `{"subject":"大事な面談"}`, lasting); got.Status != 200 {
		t.Fatal(got)
	}
}

func TestWhatWasDeletedIsNotWrittenAgainButTheNextRevisionIs(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	in := m.defaultCalendar(t, host)
	if _, err := client.Insert(t.Context(), in, appointment(0)); err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), in, calendar.Reference{ID: appointment(0).ID}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []calendar.Event{appointment(0), repeated(0)} {
		_, err := client.Insert(t.Context(), in, e)
		if _, ok := errors.AsType[*vendor.IDTaken](err); !ok {
			t.Errorf("inserted what was deleted: %v", err)
		}
	}
	if _, err := client.Insert(t.Context(), in, appointment(1)); err != nil {
		t.Error(err)
	}
}

// Should two ever come about, both go.
func TestDeletingLeavesNoneBehind(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	in := m.defaultCalendar(t, host)
	for range 2 {
		if _, err := client.Insert(t.Context(), in, appointment(0)); err != nil {
			t.Fatal(err)
		}
		m.admin(t, "/_forget", "")
	}
	if _, err := client.Insert(t.Context(), in, appointment(1)); err != nil {
		t.Fatal(err)
	}
	if m.live() != 3 {
		t.Fatalf("%d events", m.live())
	}
	if err := client.Delete(t.Context(), in, calendar.Reference{ID: appointment(0).ID}); err != nil {
		t.Fatal(err)
	}
	if m.live() != 1 {
		t.Errorf("%d events are left", m.live())
	}
}

func TestBusyTimesAreThoseOfEveryCalendarOverAnySpan(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	calendars := m.calendars(t)
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := func(from, to, in string) string {
		return fmt.Sprintf(`"start":{"dateTime":"2026-12-%s:00","timeZone":%q},"end":{"dateTime":"2026-12-%s:00","timeZone":%q}`, from, in, to, in)
	}
	for calendarID, events := range map[string][]string{
		calendars[0].ID: {
			`{` + at("02T10:00", "02T11:00", "Tokyo Standard Time") + `}`,
			`{` + at("02T23:30", "03T00:30", "Asia/Tokyo") + `,"showAs":"tentative"}`,                           // over midnight there
			`{` + at("03T00:00", "05T00:00", "Tokyo Standard Time") + `,"isAllDay":true,"showAs":"oof"}`,        // two days
			`{` + at("06T00:00", "07T00:00", "Tokyo Standard Time") + `,"isAllDay":true,"showAs":"free"}`,       // somebody's birthday
			`{` + at("07T10:00", "07T11:00", "Asia/Tokyo") + `,"response":"declined"}`,                          // not going
			`{` + at("07T12:00", "07T13:00", "Asia/Tokyo") + `,"isCancelled":true,"response":"accepted"}`,       // called off
			`{` + at("07T14:00", "07T15:00", "Asia/Tokyo") + `,"showAs":"workingElsewhere"}`,                    // at home
			`{` + at("07T16:00", "07T17:00", "Asia/Tokyo") + `,"showAs":"tentative","response":"notResponded"}`, // invited
			`{` + at("08T09:00", "08T09:15", "GMT Standard Time") + `,"recurrence":{"pattern":{"type":"daily","interval":1},"range":{"type":"numbered","startDate":"2026-12-08","numberOfOccurrences":2}}}`,
		},
		calendars[1].ID: {
			`{` + at("02T00:00", "02T01:00", "UTC") + `}`,
			// Seven years on: beyond one view.
			`{"start":{"dateTime":"2033-12-01T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2033-12-01T01:00:00","timeZone":"UTC"}}`,
		},
		calendars[2].ID: {`{` + at("02T05:00", "02T06:00", "UTC") + `}`}, // not asked for
	} {
		for _, event := range events {
			if _, err := m.AddEvent(host, calendarID, []byte(event)); err != nil {
				t.Fatalf("%s: %v", event, err)
			}
		}
	}
	got, err := client.Busy(t.Context(), []string{calendars[0].ID, calendars[1].ID}, now, now.AddDate(8, 0, 0))
	want := []calendar.Interval{
		{Start: utc("2026-12-02 01:00"), End: utc("2026-12-02 02:00")},
		{Start: utc("2026-12-02 14:30"), End: utc("2026-12-02 15:30")},
		{Start: utc("2026-12-02 15:00"), End: utc("2026-12-04 15:00")},
		{Start: utc("2026-12-07 07:00"), End: utc("2026-12-07 08:00")},
		{Start: utc("2026-12-08 09:00"), End: utc("2026-12-08 09:15")},
		{Start: utc("2026-12-09 09:00"), End: utc("2026-12-09 09:15")},
		{Start: utc("2026-12-02 00:00"), End: utc("2026-12-02 01:00")},
		{Start: utc("2033-12-01 00:00"), End: utc("2033-12-01 01:00")},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; busy (-want +got):\n%s", err, diff)
	}
	for name, test := range map[string]struct {
		from, to string
		want     int
	}{
		"what only touches":                        {"2026-12-02 02:00", "2026-12-02 03:00", 0},
		"the last hour of an all-day event":        {"2026-12-04 14:00", "2026-12-04 15:00", 1},
		"the first hour after an all-day event":    {"2026-12-04 15:00", "2026-12-04 16:00", 0},
		"the first hour of an all-day event":       {"2026-12-02 15:30", "2026-12-02 16:00", 1},
		"an hour within an occurrence of a series": {"2026-12-09 09:05", "2026-12-09 09:10", 1},
	} {
		got, err := client.Busy(t.Context(), []string{calendars[0].ID}, utc(test.from), utc(test.to))
		if err != nil || len(got) != test.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestABusyViewIsReadPageByPage(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	const events = 260 // above the page that is asked for
	for n := range events {
		begin := now.Add(time.Duration(n) * time.Hour).Format("2006-01-02T15:04:05")
		event := fmt.Sprintf(`{"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`, begin, begin[:14]+"30:00")
		if _, err := m.AddEvent(host, "", []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := client.Busy(t.Context(), []string{m.defaultCalendar(t, host)}, now, now.AddDate(0, 0, 30))
	if err != nil || len(got) != events {
		t.Errorf("%d busy times, %v", len(got), err)
	}
}

func TestTheCalendarListSaysWhatMayBeWrittenTo(t *testing.T) {
	m := start(t, nil)
	got, err := m.clientOf(t, host).Calendars(t.Context())
	ids := m.calendars(t)
	want := []vendor.Calendar{
		{ID: ids[0].ID, Name: "予定表", Default: true, CanEdit: true},
		{ID: ids[1].ID, Name: "個人の予定", CanEdit: true},
		{ID: ids[2].ID, Name: "日本 の休日"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; calendars (-want +got):\n%s", err, diff)
	}
}

func TestWhatTheHostMustMendIsTold(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	calendars := m.calendars(t)
	_, gone := client.Insert(t.Context(), "AAMkAGgone=", appointment(0))
	_, malformed := client.Busy(t.Context(), []string{"primary"}, now, now.AddDate(0, 0, 1))
	_, readOnly := client.Insert(t.Context(), calendars[2].ID, appointment(0))
	_, scope := m.clientOf(t, host, "User.Read").Calendars(t.Context())
	_, mailbox := m.clientOf(t, microsoftsim.NoMailboxUser).Calendars(t.Context())
	if err := m.ExpireAccess(""); err != nil {
		t.Fatal(err)
	}
	stale := client.Delete(t.Context(), calendars[0].ID, calendar.Reference{ID: "x"})
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a calendar that is gone":     {gone, "gone"},
		"an id that is none":          {malformed, "gone"},
		"a calendar to read only":     {readOnly, "gone"},
		"a scope that is missing":     {scope, "scope"},
		"a mailbox that is not there": {mailbox, ""},
		"a token that is stale":       {stale, "unauthorized"},
	} {
		refused, ok := errors.AsType[*vendor.Refused](test.err)
		if !ok {
			t.Errorf("%s: not refused: %v", name, test.err)
			continue
		}
		got := ""
		switch {
		case refused.CalendarGone():
			got = "gone"
		case refused.ScopeMissing():
			got = "scope"
		case refused.Unauthorized():
			got = "unauthorized"
		}
		if got != test.want {
			t.Errorf("%s: %q (%v), want %q", name, got, test.err, test.want)
		}
	}
}

func TestAThrottledCallSaysWhenToComeBack(t *testing.T) {
	m := start(t, nil)
	client := m.clientOf(t, host)
	m.admin(t, "/_throttle", `{"user":"`+host+`","times":1,"retryAfter":7}`)
	_, err := client.Insert(t.Context(), m.defaultCalendar(t, host), appointment(0))
	limited, ok := errors.AsType[*vendor.RateLimited](err)
	if !ok || limited.RetryAfter != 7*time.Second {
		t.Errorf("error: %v", err)
	}
	if m.live() != 0 {
		t.Error("the throttled call wrote")
	}
}
