package page_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/page"
)

// overrides names as many dates, one after the other.
func overrides(n int) []page.Override {
	var list []page.Override
	for i := range n {
		date := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
		list = append(list, page.Override{Date: date.Format(time.DateOnly)})
	}
	return list
}

func TestWhatIsLeftOutTakesItsDefault(t *testing.T) {
	tests := map[string]struct {
		body   string
		change func(*page.Page) // of the defaults
	}{
		"everything":               {`{}`, func(p *page.Page) {}},
		"null is left out":         {`{"weekly": null, "reminders": null, "overrides": null, "title": null}`, func(p *page.Page) {}},
		"all but a number":         {`{"durationMinutes": 45}`, func(p *page.Page) { p.DurationMinutes = 45 }},
		"a zero is not left out":   {`{"minNoticeMinutes": 0, "holidays": ""}`, func(p *page.Page) { p.MinNoticeMinutes, p.Holidays = 0, "" }},
		"false is not left out":    {`{"published": false}`, func(p *page.Page) { p.Published = false }},
		"all but a part of Zoom's": {`{"zoom": {"passcode": false}}`, func(p *page.Page) { p.Zoom.Passcode = false }},
		"a weekday of a given week": {`{"weekly": {"tue": [{"from": "10:00", "to": "11:00"}]}}`, func(p *page.Page) {
			p.Weekly = page.Weekly{Tuesday: []page.Window{{From: "10:00", To: "11:00"}}}
		}},
		"a given week without a day":        {`{"weekly": {}}`, func(p *page.Page) { p.Weekly = page.Weekly{} }},
		"a given list without an element":   {`{"reminders": []}`, func(p *page.Page) { p.Reminders = []page.Reminder{} }},
		"no field of a given list's entry":  {`{"reminders": [{}]}`, func(p *page.Page) { p.Reminders = []page.Reminder{{}} }},
		"no field of a calendar to check":   {`{"calendars": {"check": [{"id": "x"}]}}`, func(p *page.Page) { p.Calendars.Check = []page.CalendarRef{{ID: "x"}} }},
		"the host is never the body's":      {`{"Host": "mallory", "host": "mallory"}`, func(p *page.Page) {}},
		"a part of the calendar to write":   {`{"calendars": {"write": {"id": "work"}}}`, func(p *page.Page) { p.Calendars.Write.ID = "work" }},
		"all but slug and title, as usual":  {`{"slug": "intro", "title": "初回相談"}`, func(p *page.Page) { p.Slug, p.Title = "intro", "初回相談" }},
		"all but an override that is given": {`{"overrides": [{"date": "2026-12-29"}]}`, func(p *page.Page) { p.Overrides = overrides(1); p.Overrides[0].Date = "2026-12-29" }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := page.Defaults()
			want.Host = "hanako"
			test.change(&want)
			got := page.Page{Host: "hanako"}
			if err := json.Unmarshal([]byte(test.body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("page (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABodyOfTheWrongShapeIsRefused(t *testing.T) {
	for _, body := range []string{`[]`, `{"durationMinutes": "30"}`, `{"weekly": []}`, `{"weekly": {"mon": {}}}`, `{"reminders": [1]}`} {
		p := intro()
		if err := json.Unmarshal([]byte(body), &p); err == nil {
			t.Errorf("%s is read as %+v", body, p)
		}
		if diff := cmp.Diff(intro(), p); diff != "" {
			t.Errorf("%s changed the page (-want +got):\n%s", body, diff)
		}
	}
}

func TestAPageSurvivesItsJSON(t *testing.T) {
	want := intro()
	want.Weekly = page.Weekly{Sunday: []page.Window{{From: "00:00", To: "24:00"}}}
	want.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Select, Required: true, Options: []string{"x"}}}
	body, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got page.Page
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

func TestListsWithoutElementsAreListsInJSON(t *testing.T) {
	var p page.Page
	if err := json.Unmarshal([]byte(`{"weekly": {}, "overrides": null}`), &p); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	want := `{"mon":[],"tue":[],"wed":[],"thu":[],"fri":[],"sat":[],"sun":[]}`
	if got := string(fields["weekly"]); got != want {
		t.Errorf("weekly: %s, want %s", got, want)
	}
	if got := string(fields["overrides"]); got != "[]" {
		t.Errorf("overrides: %s, want []", got)
	}
}

func TestDefaultsShareNothing(t *testing.T) {
	one := page.Defaults()
	one.Reminders[0].MinutesBefore = 7
	one.Weekly.Monday[0].From = "07:00"
	if diff := cmp.Diff(page.Defaults().Weekly.Monday[0].From, "09:00"); diff != "" || page.Defaults().Reminders[0].MinutesBefore != 1440 {
		t.Error("changing one page's settings changed the defaults")
	}
}
