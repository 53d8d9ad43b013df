package promise_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/infra/local/seed"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
)

// The mirror, over the real binaries: what the host does in their calendar is seen
// on the page, and reading the page asks nobody.

// eager is a mirror that looks at what is due all the time. Its period is the
// usual one: what is seen soon was told by the provider.
var eager = []string{"MIRROR_EVERY=300ms", "MIRROR_SPACING=100ms"}

// books is the system's table.
func (s *system) books() *store.Store {
	return &store.Store{Table: "yakusoku-local", DB: dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.DynamoDB),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})}
}

// change changes the settings of the demo page.
func (s *system) change(t *testing.T, how func(*page.Page)) {
	t.Helper()
	p, version, err := s.books().Page(t.Context(), seed.Handle, "intro")
	if err != nil {
		t.Fatal(err)
	}
	how(&p)
	if err := s.books().ReplacePage(t.Context(), p, version); err != nil {
		t.Fatal(err)
	}
}

func (s *system) googleState(t *testing.T) googlesim.State {
	t.Helper()
	return look[googlesim.State](t, s, s.Google+"/_state")
}

// calls counts what Google was asked.
func (s *system) calls(t *testing.T) map[string]int {
	t.Helper()
	var calls map[string]int
	call(t, "GET", s.Google+"/_calls", "", nil).into(t, &calls)
	return calls
}

// watched waits until Google tells of changes in so many calendars, and what was
// read before it did was read again.
func (s *system) watched(t *testing.T, calendars int) {
	t.Helper()
	eventually(t, "the calendars are watched", func() error {
		if n := len(s.googleState(t).Channels); n != calendars {
			return fmt.Errorf("%d channels are open", n)
		}
		if all, err := s.books().Mirrored(t.Context(), seed.Handle); err != nil || len(all) != calendars {
			return fmt.Errorf("%d calendars are copied: %w", len(all), err)
		}
		due, err := s.books().DueForMirror(t.Context(), time.Now(), 10)
		if err != nil || len(due) > 0 {
			return fmt.Errorf("%v are due: %w", due, err)
		}
		return nil
	})
}

// hostAdds puts an event into one of the host's Google calendars by hand.
func (s *system) hostAdds(t *testing.T, calendar string, event map[string]any) googlesim.EventState {
	t.Helper()
	body, err := json.Marshal(map[string]any{"user": seed.Email, "calendar": calendar, "event": event})
	if err != nil {
		t.Fatal(err)
	}
	a := call(t, "POST", s.Google+"/_events", string(body), nil)
	if a.Status != http.StatusOK {
		t.Fatalf("add an event: status %d, body %s", a.Status, a.Body)
	}
	var added googlesim.EventState
	a.into(t, &added)
	return added
}

func (s *system) hostRemoves(t *testing.T, e googlesim.EventState) {
	t.Helper()
	query := url.Values{"user": {seed.Email}, "calendar": {e.Calendar}}
	if a := call(t, "DELETE", s.Google+"/_events/"+e.ID+"?"+query.Encode(), "", nil); a.Status != http.StatusOK {
		t.Fatalf("remove the event: status %d, body %s", a.Status, a.Body)
	}
}

// over is an event at a slot's time, with more said of it.
func over(at slot, more map[string]any) map[string]any {
	event := map[string]any{"start": map[string]any{"dateTime": at.Start}, "end": map[string]any{"dateTime": at.End}}
	maps.Copy(event, more)
	return event
}

func (s *system) closes(t *testing.T, at slot) {
	t.Helper()
	eventually(t, "the slot closes", func() error {
		if s.offers(t, at.Start) {
			return errors.New("it is offered")
		}
		return nil
	})
}

func (s *system) opens(t *testing.T, at slot) {
	t.Helper()
	eventually(t, "the slot opens", func() error {
		if !s.offers(t, at.Start) {
			return errors.New("it is not offered")
		}
		return nil
	})
}

func TestWhatAHostDoesInTheirCalendarIsSeenOnThePage(t *testing.T) {
	t.Parallel()
	s := start(t, eager...)
	s.watched(t, 1)
	s.change(t, func(p *page.Page) { p.Holidays = "" }) // a week after an open day is one
	all := s.slots(t)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	local := func(at slot) time.Time {
		start, err := time.Parse(time.RFC3339, at.Start)
		if err != nil {
			t.Fatal(err)
		}
		return start.In(tokyo)
	}
	// days are the slots by local date; each case takes a date of its own.
	days := map[string][]slot{}
	for _, at := range all {
		date := local(at).Format(time.DateOnly)
		days[date] = append(days[date], at)
	}
	dates := slices.Sorted(maps.Keys(days))
	if len(dates) < 12 {
		t.Fatalf("only %d days are open", len(dates))
	}
	marker := days[dates[len(dates)-1]]

	me := func(status string) map[string]any {
		return map[string]any{"attendees": []any{map[string]any{"email": seed.Email, "self": true, "responseStatus": status}}}
	}
	tests := []struct {
		name   string
		event  func(at slot) map[string]any
		closed func(at slot) []slot // of what is offered at first
	}{
		{
			"a meeting, in another zone",
			func(at slot) map[string]any {
				return map[string]any{
					"start": map[string]any{"dateTime": local(at).Format(time.RFC3339), "timeZone": "America/New_York"},
					"end":   map[string]any{"dateTime": local(at).Add(30 * time.Minute).UTC().Format(time.RFC3339), "timeZone": "Europe/Paris"},
				}
			},
			func(at slot) []slot { return []slot{at} },
		},
		{"tentative", func(at slot) map[string]any { return over(at, map[string]any{"status": "tentative"}) }, func(at slot) []slot { return []slot{at} }},
		{"answered maybe", func(at slot) map[string]any { return over(at, me("tentative")) }, func(at slot) []slot { return []slot{at} }},
		{"declined", func(at slot) map[string]any { return over(at, me("declined")) }, nil},
		{"marked as free", func(at slot) map[string]any { return over(at, map[string]any{"transparency": "transparent"}) }, nil},
		{
			"all day",
			func(at slot) map[string]any {
				date := local(at)
				return map[string]any{
					"start": map[string]any{"date": date.Format(time.DateOnly)},
					"end":   map[string]any{"date": date.AddDate(0, 0, 1).Format(time.DateOnly)},
				}
			},
			func(at slot) []slot { return days[local(at).Format(time.DateOnly)] },
		},
		{
			"weekly",
			func(at slot) map[string]any {
				return over(at, map[string]any{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=2"}})
			},
			func(at slot) []slot {
				closed := []slot{at}
				for _, later := range all {
					if local(later).Equal(local(at).AddDate(0, 0, 7)) {
						closed = append(closed, later)
					}
				}
				if len(closed) != 2 {
					t.Fatalf("no slot a week after %s", at.Start)
				}
				return closed
			},
		},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := s.slots(t)
			at := days[dates[i]][1]
			event := s.hostAdds(t, "primary", test.event(at))
			// A marker that closes shows that the calendar was read after the event.
			mark := marker[i]
			marking := s.hostAdds(t, "primary", over(mark, nil))
			s.closes(t, mark)
			want := []slot{mark}
			if test.closed != nil {
				want = append(test.closed(at), mark)
			}
			var closed []slot
			after := s.slots(t)
			for _, b := range before {
				if !slices.Contains(after, b) {
					closed = append(closed, b)
				}
			}
			if diff := cmp.Diff(want, closed); diff != "" {
				t.Errorf("closed (-want +got):\n%s", diff)
			}
			s.hostRemoves(t, event)
			s.hostRemoves(t, marking)
			s.opens(t, mark)
			if diff := cmp.Diff(before, s.slots(t)); diff != "" {
				t.Errorf("once the events are gone (-before +after):\n%s", diff)
			}
		})
	}

	t.Run("a calendar that the page does not check", func(t *testing.T) {
		other := s.googleState(t).Accounts[0].Calendars[1]
		at, mark := days[dates[8]][1], days[dates[9]][1]
		s.hostAdds(t, other, over(at, nil))
		s.hostAdds(t, "primary", over(mark, nil))
		s.closes(t, mark)
		if !s.offers(t, at.Start) {
			t.Error("it closes the slot")
		}

		t.Run("does once it is checked", func(t *testing.T) {
			s.change(t, func(p *page.Page) {
				p.Calendars.Check = append(p.Calendars.Check, page.CalendarRef{Provider: page.Google, ID: other})
			})
			s.closes(t, at)
			s.watched(t, 2)
			if s.offers(t, mark.Start) {
				t.Error("the first calendar no longer counts")
			}
			second := days[dates[10]][1]
			s.hostAdds(t, other, over(second, nil))
			s.closes(t, second)

			s.change(t, func(p *page.Page) { p.Calendars.Check = p.Calendars.Check[:1] })
			s.opens(t, second) // at once: the page says what counts
			s.watched(t, 1)
		})
	})

	t.Run("notifications of strangers", func(t *testing.T) {
		before := s.calls(t)
		for _, token := range []string{"", "x", "demo.x.y", "demo..y"} {
			a := call(t, "POST", s.Front+"/api/webhooks/google", "", map[string]string{"X-Goog-Resource-State": "exists", "X-Goog-Channel-Token": token})
			if a.Status != http.StatusNotFound || len(a.Body) > 0 {
				t.Errorf("token %q: status %d, body %s", token, a.Status, a.Body)
			}
		}
		if due, err := s.books().DueForMirror(t.Context(), time.Now(), 10); err != nil || len(due) > 0 {
			t.Errorf("due: %v, %v", due, err)
		}
		if diff := cmp.Diff(before, s.calls(t)); diff != "" {
			t.Errorf("Google was asked (-before +after):\n%s", diff)
		}
		a := call(t, "POST", s.Front+"/api/webhooks/microsoft?validationToken=a%20b", "", nil)
		if a.Status != http.StatusOK || string(a.Body) != "a b" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("validation: status %d, %s, body %q", a.Status, a.Header.Get("Content-Type"), a.Body)
		}
	})
}

func TestReadingAPageAsksNobody(t *testing.T) {
	t.Parallel()
	s := start(t, "MIRROR_EVERY=1h", "MIRROR_SPACING=1ms") // once, at the start
	s.readOnce(t)
	before := s.calls(t)
	offered := s.slots(t)
	for _, match := range []string{"google * /*", "google * /*/*", "google * /*/*/*", "google * /*/*/*/*", "google * /*/*/*/*/*", "google * /*/*/*/*/*/*"} {
		s.fail(t, fault.Rule{Match: match, Kind: fault.Error, Status: http.StatusInternalServerError, Body: `{}`})
	}
	for range 5 {
		if diff := cmp.Diff(offered, s.slots(t)); diff != "" {
			t.Errorf("slots, Google being away (-before +after):\n%s", diff)
		}
		if a := call(t, "GET", s.Front+"/b/demo/intro", "", nil); a.Status != http.StatusOK {
			t.Errorf("the page: status %d", a.Status)
		}
	}
	if n := s.hits(t); n > 0 {
		t.Errorf("Google was called %d times", n)
	}
	s.mend(t)
	if diff := cmp.Diff(before, s.calls(t)); diff != "" {
		t.Errorf("Google was asked (-before +after):\n%s", diff)
	}
}

// readOnce waits until the one run at the start is over.
func (s *system) readOnce(t *testing.T) {
	t.Helper()
	eventually(t, "the calendar was read", func() error {
		all, err := s.books().Mirrored(t.Context(), seed.Handle)
		if err != nil || len(all) != 1 || all[0].State.ReadAt.IsZero() || all[0].State.Channel.ID == "" || !all[0].State.Steady {
			return fmt.Errorf("%+v: %w", all, err)
		}
		return nil
	})
}

func TestAMissedNotificationIsHealedByThePeriod(t *testing.T) {
	t.Parallel()
	s := start(t, append(slices.Clone(eager), "MIRROR_PERIOD=2s")...)
	eventually(t, "the calendar is watched", func() error {
		if n := len(s.googleState(t).Channels); n != 1 {
			return fmt.Errorf("%d channels are open", n)
		}
		return nil
	})
	call(t, "POST", s.Google+"/_lose", "", nil)
	at := s.open(t)
	event := s.hostAdds(t, "primary", over(at, nil))
	s.closes(t, at)
	call(t, "POST", s.Google+"/_spend", "", nil) // Google forgets how far it told of changes
	s.hostRemoves(t, event)
	s.opens(t, at)
}

func TestAFailedBookingLeavesItsSlotOpenInTheMirrorToo(t *testing.T) {
	t.Parallel()
	s := start(t, slices.Concat(hurried, eager)...)
	s.watched(t, 1)
	call(t, "POST", s.Google+"/_lose", "", nil) // nobody tells the mirror but the saga itself
	at := s.open(t)
	s.fail(t, fault.Rule{
		Match: sendMail, Kind: fault.Error, Status: http.StatusBadRequest, Times: 1, Body: `{"message":"Invalid domain name"}`,
		Header: map[string]string{"X-Amzn-ErrorType": "MessageRejected"},
	})
	s.fail(t, refusal(deleteEvent, 0)) // so the event stands in the calendar for a while
	r := s.book(t, at.Start)
	if v := s.settled(t, r); v.Status != "failed" {
		t.Fatalf("settled as %s", v.Status)
	}
	s.becomes(t, r, world{Events: 1, GuestMails: []string{failed}, HostMails: []string{failed}})
	all, err := s.books().Mirrored(t.Context(), seed.Handle)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if err := s.books().Ring(t.Context(), all[0].Key(), time.Now(), false); err != nil { // the mirror reads the event
		t.Fatal(err)
	}
	s.watched(t, 1)
	start, err := time.Parse(time.RFC3339, at.Start)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := s.books().Page(t.Context(), seed.Handle, "intro")
	if err != nil {
		t.Fatal(err)
	}
	if days, err := s.books().Days(t.Context(), p, start, start.Add(time.Minute)); err != nil || len(days.Busy) != 1 {
		t.Fatalf("copied while the event stands: %v, %v", days.Busy, err)
	}
	s.mend(t)
	s.becomes(t, r, nowhere)
	s.opens(t, at)
}

func TestADeadGrantStopsTheMirrorAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, slices.Concat(hurried, eager, []string{"MIRROR_PERIOD=1s"})...)
	at := s.open(t)
	s.hostAdds(t, "primary", over(at, nil))
	s.closes(t, at)
	call(t, "POST", s.Google+"/_revoke", `{"user":"`+seed.Email+`"}`, nil)
	eventually(t, "the calendar is parked", func() error {
		all, err := s.books().Mirrored(t.Context(), seed.Handle)
		if err != nil || len(all) != 1 || !all[0].Parked {
			return fmt.Errorf("%+v: %w", all, err)
		}
		return nil
	})
	var shown struct {
		Accepting bool `json:"accepting"`
	}
	call(t, "GET", s.Front+"/api/pages/demo/intro", "", nil).into(t, &shown)
	if shown.Accepting {
		t.Error("the page still accepts bookings")
	}
	if due, err := s.books().DueForMirror(t.Context(), time.Now(), 10); err != nil || len(due) > 0 {
		t.Errorf("due: %v, %v", due, err)
	}
}

func TestMicrosoftsCalendarsAreMirroredToo(t *testing.T) {
	t.Parallel()
	s := startOutlook(t, eager...)
	google := page.CalendarRef{Provider: page.Google, ID: "primary"}
	at := page.CalendarRef{Provider: page.Microsoft, ID: s.calendar}
	check := func(refs ...page.CalendarRef) {
		t.Helper()
		s.change(t, func(p *page.Page) { p.Calendars.Check = refs })
	}
	subscribed := func(n int) {
		t.Helper()
		eventually(t, "the calendar is subscribed to", func() error {
			var list []microsoftsim.SubscriptionState
			call(t, "GET", s.Microsoft+"/_subscriptions", "", nil).into(t, &list)
			due, err := s.books().DueForMirror(t.Context(), time.Now(), 10)
			if err != nil || len(list) != n || len(due) > 0 {
				return fmt.Errorf("%d subscriptions, %v are due: %w", len(list), due, err)
			}
			return nil
		})
	}
	add := func(at slot, more string) microsoftsim.EventState {
		t.Helper()
		moment := func(text string) string {
			instant, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf(`{"dateTime":%q,"timeZone":"UTC"}`, instant.UTC().Format("2006-01-02T15:04:05"))
		}
		a := call(t, "POST", s.Microsoft+"/_events", fmt.Sprintf(`{"user":%q,"event":{"subject":"外出","start":%s,"end":%s%s}}`,
			seed.Email, moment(at.Start), moment(at.End), more), nil)
		if a.Status != http.StatusOK {
			t.Fatalf("add an event: status %d, body %s", a.Status, a.Body)
		}
		var added microsoftsim.EventState
		a.into(t, &added)
		return added
	}
	check(at, google) // the pages besides this one check Google's alone
	subscribed(1)
	all := s.slots(t)

	t.Run("what blocks time does, what does not does not", func(t *testing.T) {
		free, tentative, busy := all[20], all[22], all[24]
		add(free, `,"showAs":"free"`)
		add(tentative, `,"showAs":"tentative"`)
		event := add(busy, "")
		s.closes(t, busy)
		s.closes(t, tentative)
		if !s.offers(t, free.Start) {
			t.Error("an event that is shown as free closes its slot")
		}
		if a := call(t, "DELETE", s.Microsoft+"/_events/"+event.ID, "", nil); a.Status != http.StatusOK {
			t.Fatalf("remove the event: status %d, body %s", a.Status, a.Body)
		}
		s.opens(t, busy)
	})
	t.Run("both providers' calendars block time", func(t *testing.T) {
		at := all[26]
		s.hostAdds(t, "primary", over(at, nil))
		s.closes(t, at)
	})
	t.Run("a subscription that Microsoft ended is made anew", func(t *testing.T) {
		if a := call(t, "POST", s.Microsoft+"/_lifecycle", `{"event":"subscriptionRemoved"}`, nil); a.Status != http.StatusOK {
			t.Fatalf("end the subscription: status %d, body %s", a.Status, a.Body)
		}
		subscribed(1)
		add(all[28], "")
		s.closes(t, all[28])
	})
	t.Run("a dead grant at one stops nothing of the other", func(t *testing.T) {
		call(t, "POST", s.Google+"/_revoke", `{"user":"`+seed.Email+`"}`, nil)
		add(all[30], "")
		s.closes(t, all[30])
	})
}
