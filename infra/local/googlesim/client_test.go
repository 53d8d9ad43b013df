package googlesim_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/calendar"
	vendor "yakusoku/shared/calendar/google"
)

// The vendor client stands here against the simulator, which checks each of its
// requests as strictly as Google's discovery document lets it.

// bearer adds an access token, as package connection does in production.
type bearer string

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(request)
}

func (g google) vendorClient(t *testing.T, scopes ...string) *vendor.Client {
	t.Helper()
	token := bearer(g.grant(t, scopes...).AccessToken)
	return &vendor.Client{HTTP: &http.Client{Transport: token, Timeout: 10 * time.Second}, Base: g.server.URL}
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

func TestAnEventIsWrittenChangedAndDeleted(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	e := appointment(0)

	written, err := client.Insert(t.Context(), "primary", e)
	if err != nil {
		t.Fatal(err)
	}
	want := calendar.Written{
		ID: e.ID, UID: e.ID + "@google.com", URL: "https://www.google.com/calendar/event?eid=" + e.ID, Start: e.Start.UTC(), End: e.End.UTC(),
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("inserted (-want +got):\n%s", diff)
	}
	found, ok, err := client.Find(t.Context(), "primary", e.ID)
	if err != nil || !ok || found != want {
		t.Errorf("found %v, %t, %v", found, ok, err)
	}
	kept := g.State().Events[0]
	if kept.Description != "Zoom: https://zoom.us/j/1?pwd=a&b=c\n備考: ＜a href=\"https://evil.example\"＞x＜/a＞" {
		t.Errorf("the guest's markup reached the host's calendar: %s", kept.Description)
	}

	e.Title, e.Location = "初回相談（変更）", ""
	e.Start, e.End = e.Start.Add(time.Hour), e.End.Add(time.Hour)
	if err := client.Update(t.Context(), "primary", e.ID, e); err != nil {
		t.Fatal(err)
	}
	kept = g.State().Events[0]
	if kept.Summary != e.Title || kept.Location != "" || kept.Booking != "bk_1" || kept.Start != "2026-12-02T02:00:00Z" {
		t.Errorf("after the change: %+v", kept)
	}

	hosts := map[string]any{"start": map[string]any{"date": "2026-12-03", "dateTime": nil}, "end": map[string]any{"date": "2026-12-04", "dateTime": nil}}
	if _, err := g.ChangeEvent(host, "primary", e.ID, hosts); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)
	if found, _, err := client.Find(t.Context(), "primary", e.ID); err != nil || !found.AllDay || !found.Start.Equal(day) || !found.End.Equal(day.AddDate(0, 0, 1)) {
		t.Errorf("once its host made it one of a whole day: %+v, %v", found, err)
	}

	for range 2 { // the second finds it gone, which is as good
		if err := client.Delete(t.Context(), "primary", e.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := client.Find(t.Context(), "primary", e.ID); ok || err != nil {
		t.Errorf("found what is deleted: %t, %v", ok, err)
	}
}

func TestARepeatedInsertWritesOnce(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	first, err := client.Insert(t.Context(), "primary", appointment(0))
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.Insert(t.Context(), "primary", appointment(0))
	if err != nil || first != second {
		t.Errorf("repeated: %v, %v; first: %v", second, err, first)
	}
	if inserted := g.State().Inserted; inserted != 1 {
		t.Errorf("inserted %d events", inserted)
	}
}

func TestADeletedEventsIDIsTakenAndTheNextRevisionsIsNot(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	if _, err := client.Insert(t.Context(), "primary", appointment(0)); err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), "primary", appointment(0).ID); err != nil {
		t.Fatal(err)
	}
	_, err := client.Insert(t.Context(), "primary", appointment(0))
	if taken, ok := errors.AsType[*vendor.IDTaken](err); !ok || !taken.Deleted {
		t.Errorf("inserted a deleted id: %v", err)
	}
	if _, err := client.Insert(t.Context(), "primary", appointment(1)); err != nil {
		t.Error(err)
	}
}

func TestAnotherBookingsIDIsTaken(t *testing.T) {
	client := start(t, nil).vendorClient(t)
	if _, err := client.Insert(t.Context(), "primary", appointment(0)); err != nil {
		t.Fatal(err)
	}
	other := appointment(0)
	other.Booking = "bk_2"
	_, err := client.Insert(t.Context(), "primary", other)
	if taken, ok := errors.AsType[*vendor.IDTaken](err); !ok || taken.Deleted {
		t.Errorf("took over another booking's event: %v", err)
	}
}

func TestBusyTimesAreThoseOfEveryCalendarOverAnySpan(t *testing.T) {
	g := start(t, nil)
	client := g.vendorClient(t)
	calendars, err := client.Calendars(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	day := func(date, next string) map[string]any {
		return map[string]any{"start": map[string]any{"date": date}, "end": map[string]any{"date": next}}
	}
	for id, event := range map[string]map[string]any{
		"primary":       day("2026-12-02", "2026-12-03"),
		calendars[1].ID: day("2027-06-01", "2027-06-02"), // beyond the first 90 days
	} {
		if _, err := g.AddEvent(host, id, event); err != nil {
			t.Fatal(err)
		}
	}
	busy, err := client.Busy(t.Context(), []string{"primary", calendars[1].ID}, now, now.AddDate(0, 0, 300))
	want := []calendar.Interval{
		{Start: time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 2, 15, 0, 0, 0, time.UTC)},
		{Start: time.Date(2027, 5, 31, 15, 0, 0, 0, time.UTC), End: time.Date(2027, 6, 1, 15, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, busy); diff != "" || err != nil {
		t.Errorf("%v; busy (-want +got):\n%s", err, diff)
	}
}

func TestAnUnreadableCalendarIsNotFree(t *testing.T) {
	client := start(t, nil).vendorClient(t)
	_, err := client.Busy(t.Context(), []string{"primary", "nobody@example.com"}, now, now.AddDate(0, 0, 1))
	unreadable, ok := errors.AsType[*vendor.Unreadable](err)
	if !ok || !unreadable.CalendarGone() || unreadable.CalendarID != "nobody@example.com" {
		t.Errorf("error: %v", err)
	}
}

func TestTheCalendarListSaysWhatMayBeWrittenTo(t *testing.T) {
	calendars, err := start(t, nil).vendorClient(t).Calendars(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(calendars) != 3 {
		t.Fatalf("%d calendars", len(calendars))
	}
	want := []vendor.Calendar{
		{ID: host, Name: host, Primary: true, TimeZone: "Asia/Tokyo", Owned: true},
		{ID: calendars[1].ID, Name: "個人の予定", TimeZone: "Asia/Tokyo", Owned: true},
		{ID: "ja.japanese#holiday@group.v.calendar.google.com", Name: "日本の祝日", TimeZone: "Asia/Tokyo"},
	}
	if diff := cmp.Diff(want, calendars); diff != "" {
		t.Errorf("calendars (-want +got):\n%s", diff)
	}
}

func TestWhatTheHostMustMendIsTold(t *testing.T) {
	g := start(t, nil)
	refused := func(err error) *vendor.Refused {
		t.Helper()
		refused, ok := errors.AsType[*vendor.Refused](err)
		if !ok {
			t.Fatalf("not refused: %v", err)
		}
		return refused
	}
	_, err := g.vendorClient(t).Insert(t.Context(), "gone@example.com", appointment(0))
	if !refused(err).CalendarGone() {
		t.Errorf("a calendar that is gone: %v", err)
	}
	_, err = g.vendorClient(t, "https://www.googleapis.com/auth/calendar.freebusy").Insert(t.Context(), "primary", appointment(0))
	if !refused(err).ScopeMissing() {
		t.Errorf("a missing scope: %v", err)
	}
	client := g.vendorClient(t)
	if err := g.ExpireAccess(); err != nil {
		t.Fatal(err)
	}
	if _, _, err = client.Find(t.Context(), "primary", "abcde"); !refused(err).Unauthorized() {
		t.Errorf("a stale token: %v", err)
	}
}
