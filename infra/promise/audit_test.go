package promise_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/seed"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/booking"
)

// Bookings stay true when the world moves: what their host deletes or moves outside is
// found, shown and told, and they choose what becomes of it.

// watchful is an audit that looks all the time, even where nobody says that something
// changed.
var watchful = append(slices.Clone(hurried), "AUDIT_EVERY=300ms", "AUDIT_SPACING=200ms", "AUDIT_PERIOD=1s")

// owner is the demo host in their console.
type owner struct {
	*system
	browser *http.Client
	token   string
	site    string            // the console's origin
	network http.RoundTripper // that the browser is in
}

// comeIn signs the demo host in, as the console does.
func (s *system) comeIn(t *testing.T) *owner {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &oauth2.Config{
		ClientID: "console", RedirectURL: s.Front + "/console/signed-in", Scopes: []string{"openid", "email", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: s.SignIn + "/authorize", TokenURL: s.SignIn + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	o := &owner{system: s, site: s.Front, network: http.DefaultTransport, browser: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), s.Front+"/console/") {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
	verifier := oauth2.GenerateVerifier()
	back := o.submitted(t, client.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)), url.Values{"person": {seed.Email}})
	token, err := client.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	o.token = token.AccessToken
	return o
}

// submitted sends a form and returns what the browser comes back to the console with.
func (o *owner) submitted(t *testing.T, address string, form url.Values) url.Values {
	t.Helper()
	response, err := o.browser.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatalf("%s: status %d leads nowhere", address, response.StatusCode)
	}
	return back.Query()
}

func (o *owner) call(t *testing.T, method, path, body string, want int) answer {
	t.Helper()
	a := call(t, method, o.Front+path, body, map[string]string{"Authorization": "Bearer " + o.token})
	if a.Status != want {
		t.Fatalf("%s %s: status %d, body %s", method, path, a.Status, a.Body)
	}
	return a
}

// connects has the host connect an account at the provider, whatever it asks for.
func (o *owner) connects(t *testing.T, provider, account string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.site+"/api/host/connections/"+provider, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	response, err := o.browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var consent struct {
		AuthorizeURL string `json:"authorizeUrl"`
	}
	if err := json.NewDecoder(response.Body).Decode(&consent); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"user": {account}, "decision": {"allow"}}
	if at, err := url.Parse(consent.AuthorizeURL); err != nil {
		t.Fatal(err)
	} else if asked := at.Query().Get("scope"); asked != "" {
		form["scope"] = strings.Fields(asked)
	} else {
		form["scope"] = zoomsim.DefaultScopes
	}
	// The cookie is one of a secure site; a browser takes loopback for one.
	back := o.submittedWith(t, consent.AuthorizeURL, form, response.Cookies())
	if back.Get("connected") != provider {
		t.Fatalf("connect %s: back with %v", provider, back)
	}
}

// submittedWith is submitted for a browser that has those cookies for our site.
func (o *owner) submittedWith(t *testing.T, address string, form url.Values, cookies []*http.Cookie) url.Values {
	t.Helper()
	o.browser.Transport = cookied{o.site, cookies, o.network}
	defer func() { o.browser.Transport = o.network }()
	return o.submitted(t, address, form)
}

// cookied adds cookies to what goes to one origin.
type cookied struct {
	origin  string
	cookies []*http.Cookie
	network http.RoundTripper
}

func (c cookied) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.String(), c.origin) {
		r = r.Clone(r.Context())
		for _, cookie := range c.cookies {
			r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
		}
	}
	return c.network.RoundTrip(r)
}

func (o *owner) disconnects(t *testing.T, provider string) {
	t.Helper()
	o.call(t, "DELETE", "/api/host/connections/"+provider, "", http.StatusNoContent)
}

// detail is a booking as the console shows it.
type detail struct {
	Status         string `json:"status"`
	Start          string `json:"start"`
	End            string `json:"end"`
	JoinURL        string `json:"joinUrl"`
	CalendarURL    string `json:"calendarUrl"`
	Differs        bool   `json:"differs"`
	NeedsAttention bool   `json:"needsAttention"`
	Differences    []struct {
		What  string `json:"what"`
		Gone  bool   `json:"gone"`
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"differences"`
	Left []struct {
		What string `json:"what"`
		URL  string `json:"url"`
	} `json:"left"`
}

func (o *owner) detail(t *testing.T, r receipt) detail {
	t.Helper()
	var d detail
	o.call(t, "GET", "/api/host/bookings/"+r.ID, "", http.StatusOK).into(t, &d)
	return d
}

// finds waits until the console shows that exactly that differs: what and, of what was
// moved, its start, UTC.
func (o *owner) finds(t *testing.T, r receipt, want ...string) {
	t.Helper()
	eventually(t, "the console shows what differs", func() error {
		d := o.detail(t, r)
		var got []string
		for _, is := range d.Differences {
			if is.Gone {
				got = append(got, is.What+" gone")
			} else {
				got = append(got, is.What+" at "+utc(t, is.Start))
			}
		}
		if !slices.Equal(got, want) || d.Differs != (len(want) > 0) {
			return fmt.Errorf("it shows %v, differs %t; want %v", got, d.Differs, want)
		}
		return nil
	})
}

func (o *owner) reschedules(t *testing.T, r receipt, start string) {
	t.Helper()
	o.call(t, "POST", "/api/host/bookings/"+r.ID+"/reschedule", fmt.Sprintf(`{"start":%q}`, start), http.StatusAccepted)
}

// audited waits until an audit that began after now is over.
func (o *owner) audited(t *testing.T) {
	t.Helper()
	after := time.Now()
	at := func() (time.Time, error) {
		var s struct {
			Check struct {
				At time.Time `json:"at"`
			} `json:"check"`
		}
		o.call(t, "GET", "/api/host/summary", "", http.StatusOK).into(t, &s)
		if !s.Check.At.After(after) {
			return s.Check.At, fmt.Errorf("the last audit was at %v", s.Check.At)
		}
		return s.Check.At, nil
	}
	for range 2 { // the first may have begun before
		o.call(t, "POST", "/api/host/check", "", http.StatusAccepted)
		eventually(t, "the bookings are compared", func() (err error) {
			var ended time.Time
			if ended, err = at(); err == nil {
				after = ended
			}
			return err
		})
	}
}

// live is the booking's meeting at Zoom.
func (s *system) live(t *testing.T, r receipt) meeting {
	t.Helper()
	for _, m := range s.meetings(t, r) {
		if !m.Deleted {
			return m
		}
	}
	t.Fatal("no meeting is there")
	return meeting{}
}

func (s *system) atZoom(t *testing.T, method string, id int64, body string) {
	t.Helper()
	path := "/_meetings"
	if id != 0 {
		path += fmt.Sprintf("/%d", id)
	}
	if a := call(t, method, s.Zoom+path, body, nil); a.Status != http.StatusOK {
		t.Fatalf("%s %s: status %d, body %s", method, path, a.Status, a.Body)
	}
}

// shift moves the booking's event at Google as its host would.
func (s *system) shift(t *testing.T, r receipt, by time.Duration) string {
	t.Helper()
	for _, e := range s.events(t, r) {
		if !e.Live() {
			continue
		}
		from, to := instant(t, e.Start).Add(by), instant(t, e.End).Add(by)
		body := fmt.Sprintf(`{"start":{"dateTime":%q},"end":{"dateTime":%q}}`, from.Format(time.RFC3339), to.Format(time.RFC3339))
		query := url.Values{"user": {seed.Email}, "calendar": {e.Calendar}}
		if a := call(t, "PATCH", s.Google+"/_events/"+e.ID+"?"+query.Encode(), body, nil); a.Status != http.StatusOK {
			t.Fatalf("move the event: status %d, body %s", a.Status, a.Body)
		}
		return from.Format(time.RFC3339)
	}
	t.Fatal("no event is there")
	return ""
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// warnings are the mails to the host of what differs about the booking.
func (s *system) warnings(t *testing.T, r receipt) int {
	t.Helper()
	n := 0
	_, toHost := s.letters(t, r)
	for _, l := range toHost {
		if strings.HasPrefix(l.Subject, "【要確認】") {
			n++
		}
	}
	return n
}

// mailed are the kinds of the mails to guest and host, beside the warnings.
func (s *system) mailed(t *testing.T, r receipt) (guest, host []string) {
	t.Helper()
	toGuest, toHost := s.letters(t, r)
	for _, l := range toGuest {
		guest = append(guest, kind(l))
	}
	for _, l := range toHost {
		if !strings.HasPrefix(l.Subject, "【要確認】") {
			host = append(host, kind(l))
		}
	}
	return guest, host
}

// comesRight waits until the booking stands at that time everywhere, nothing of it
// differs, and those mails went out beside so many warnings.
func (o *owner) comesRight(t *testing.T, r receipt, start string, warnings int, guest, host []string) {
	t.Helper()
	o.finds(t, r)
	eventually(t, "the booking stands where it should", func() error {
		is := o.stance(t, r)
		toGuest, toHost := o.mailed(t, r)
		is.GuestMails, is.HostMails = toGuest, toHost
		want := at(start)
		want.GuestMails, want.HostMails = guest, host
		if diff := cmp.Diff(want, is); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
	o.audited(t)
	o.finds(t, r)
	if n := o.warnings(t, r); n != warnings {
		t.Errorf("the host was warned %d times, want %d", n, warnings)
	}
}

func TestWhatAHostDoesOutsideIsShownToldOnceAndPutRight(t *testing.T) {
	t.Parallel()
	s := start(t, watchful...)
	o := s.comeIn(t)

	t.Run("the meeting is deleted, and made anew", func(t *testing.T) {
		r, from := s.booked(t)
		former := s.live(t, r)
		s.atZoom(t, "DELETE", former.ID, "")
		o.finds(t, r, "meeting gone")
		o.audited(t)
		var guests struct {
			MeetingGone bool `json:"meetingGone"`
		}
		call(t, "GET", s.Front+"/api/bookings/"+r.ID, "", map[string]string{"Authorization": "Bearer " + r.Token}).into(t, &guests)
		if n := s.warnings(t, r); n != 1 || !guests.MeetingGone {
			t.Errorf("warned %d times; the guest sees that it is gone: %t", n, guests.MeetingGone)
		}
		var list struct {
			Bookings []struct{ ID string } `json:"bookings"`
		}
		o.call(t, "GET", "/api/host/bookings?concern=differs", "", http.StatusOK).into(t, &list)
		if len(list.Bookings) != 1 || list.Bookings[0].ID != r.ID {
			t.Errorf("listed: %+v", list.Bookings)
		}
		o.reschedules(t, r, from.Start)
		// The guest is told of the new URL.
		o.comesRight(t, r, from.Start, 1, []string{confirmed, renewed}, []string{confirmed, renewed})
		if v := s.view(t, r); v.JoinURL == former.JoinURL || v.JoinURL == "" {
			t.Errorf("the URL is %s, as before", v.JoinURL)
		}
	})
	t.Run("the meeting is moved, and the booking follows", func(t *testing.T) {
		r, from := s.booked(t)
		to := s.another(t, from)
		s.atZoom(t, "PATCH", s.live(t, r).ID, fmt.Sprintf(`{"start":%q}`, to.Start))
		o.finds(t, r, "meeting at "+utc(t, to.Start))
		o.reschedules(t, r, to.Start)
		o.comesRight(t, r, to.Start, 1, []string{confirmed, moved}, []string{confirmed, moved})
	})
	t.Run("the meeting is made longer, and put back", func(t *testing.T) {
		r, from := s.booked(t)
		s.atZoom(t, "PATCH", s.live(t, r).ID, `{"duration":90}`)
		o.finds(t, r, "meeting at "+utc(t, from.Start))
		o.reschedules(t, r, from.Start)
		o.comesRight(t, r, from.Start, 1, []string{confirmed}, []string{confirmed})
	})
	t.Run("the event is moved, and put back", func(t *testing.T) {
		r, from := s.booked(t)
		to := s.shift(t, r, 26*time.Hour)
		o.finds(t, r, "event at "+to)
		o.reschedules(t, r, from.Start)
		o.comesRight(t, r, from.Start, 1, []string{confirmed}, []string{confirmed})
		if d := o.detail(t, r); !strings.HasPrefix(d.CalendarURL, "https://www.google.com/calendar/event") {
			t.Errorf("seen at %q", d.CalendarURL)
		}
	})
	t.Run("the event is moved, and the booking follows to where it stands", func(t *testing.T) {
		r, _ := s.booked(t)
		to := s.shift(t, r, 26*time.Hour)
		o.finds(t, r, "event at "+to)
		o.reschedules(t, r, to)
		o.comesRight(t, r, to, 1, []string{confirmed, moved}, []string{confirmed, moved})
	})
	t.Run("the event is deleted, and written anew", func(t *testing.T) {
		r, from := s.booked(t)
		s.hostRemoves(t, s.events(t, r)[0])
		o.finds(t, r, "event gone")
		o.reschedules(t, r, from.Start)
		o.comesRight(t, r, from.Start, 1, []string{confirmed}, []string{confirmed})
	})
	t.Run("both are deleted, and the booking cancelled", func(t *testing.T) {
		r, _ := s.booked(t)
		s.hostRemoves(t, s.events(t, r)[0])
		o.finds(t, r, "event gone")
		s.atZoom(t, "DELETE", s.live(t, r).ID, "")
		o.finds(t, r, "meeting gone", "event gone")
		o.audited(t)
		o.call(t, "POST", "/api/host/bookings/"+r.ID+"/cancel", `{}`, http.StatusAccepted)
		eventually(t, "both are told", func() error {
			guest, host := s.mailed(t, r)
			if !slices.Equal(guest, gone.GuestMails) || !slices.Equal(host, gone.HostMails) {
				return fmt.Errorf("guest %v, host %v", guest, host)
			}
			return nil
		})
		if d := o.detail(t, r); d.NeedsAttention || d.Differs {
			t.Errorf("%+v", d)
		}
		if n := s.warnings(t, r); n != 2 {
			t.Errorf("warned %d times", n)
		}
	})
	t.Run("what is mended outside differs no more", func(t *testing.T) {
		r, _ := s.booked(t)
		s.shift(t, r, time.Hour)
		eventually(t, "it is found", func() error {
			if !o.detail(t, r).Differs {
				return fmt.Errorf("it is not")
			}
			return nil
		})
		s.shift(t, r, -time.Hour)
		o.finds(t, r)
	})
}

func TestAnEventThatIsMovedInOutlookIsShown(t *testing.T) {
	t.Parallel()
	s := startOutlook(t, watchful...)
	o := s.comeIn(t)
	slot := s.open(t)
	r := s.book(t, slot.Start)
	s.becomes(t, r, everywhere)
	event := s.outlookEvents(t, r)[0]
	start, end := instant(t, event.Start).Add(26*time.Hour), instant(t, event.End).Add(26*time.Hour)
	const wall = "2006-01-02T15:04:05"
	body := fmt.Sprintf(`{"start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`, start.Format(wall), end.Format(wall))
	if a := call(t, "PATCH", s.Microsoft+"/_events/"+event.ID, body, nil); a.Status != http.StatusOK {
		t.Fatalf("move the event: status %d, body %s", a.Status, a.Body)
	}
	o.finds(t, r, "event at "+start.Format(time.RFC3339))
	if d := o.detail(t, r); !strings.HasPrefix(d.CalendarURL, "https://outlook.office365.com/") {
		t.Errorf("seen at %q", d.CalendarURL)
	}
	o.reschedules(t, r, start.Format(time.RFC3339))
	o.finds(t, r)
	eventually(t, "the booking follows", func() error {
		if got := s.view(t, r).Start; utc(t, got) != start.Format(time.RFC3339) {
			return fmt.Errorf("it stands at %s", got)
		}
		return nil
	})
	eventually(t, "what is done is done", func() error {
		if b, err := s.books().Booking(t.Context(), r.ID); err != nil || !b.Deadline.IsZero() {
			return fmt.Errorf("deadline %v, %w", b.Deadline, err)
		}
		return nil
	})
	if a := call(t, "DELETE", s.Microsoft+"/_events/"+s.outlookEvents(t, r)[0].ID, "", nil); a.Status != http.StatusOK {
		t.Fatalf("delete the event: status %d, body %s", a.Status, a.Body)
	}
	o.finds(t, r, "event gone")
}

// What the provider says at once is found at once: the audit's own turn is hours away.
func TestACalendarsWordHasTheBookingsCompared(t *testing.T) {
	t.Parallel()
	s := start(t, append(slices.Clone(watchful), "AUDIT_PERIOD=6h", "MIRROR_EVERY=300ms", "MIRROR_SPACING=100ms")...)
	o := s.comeIn(t)
	s.watched(t, 1)
	r, _ := s.booked(t)
	o.audited(t)
	to := s.shift(t, r, 26*time.Hour)
	o.finds(t, r, "event at "+to)
}

// Our own doings come back as echoes; they are no differences.
func TestWhatWeDoOurselvesIsNoDifference(t *testing.T) {
	t.Parallel()
	s := start(t, append(slices.Clone(watchful), "MIRROR_EVERY=300ms", "MIRROR_SPACING=100ms")...)
	o := s.comeIn(t)
	r, from := s.booked(t)
	for range 3 {
		to := s.another(t, from)
		if a := s.moveTo(t, r, to.Start); a.Status != http.StatusAccepted {
			t.Fatalf("reschedule: status %d, body %s", a.Status, a.Body)
		}
		eventually(t, "it is moved", func() error {
			b, err := s.books().Booking(t.Context(), r.ID)
			if err != nil || !b.Settled() || b.Start.Format(time.RFC3339) != to.Start {
				return fmt.Errorf("it is at %v, %w", b.Start, err)
			}
			return nil
		})
		o.audited(t)
		from = to
	}
	s.cancel(t, r)
	s.becomes(t, r, world{
		GuestMails: []string{confirmed, moved, moved, moved, cancelled}, HostMails: []string{confirmed, moved, moved, moved, cancelled},
	})
	o.audited(t)
	if n := s.warnings(t, r); n != 0 {
		t.Errorf("the host was warned %d times of our own doing", n)
	}
}

func TestAMeetingThatNobodyHoldsIsTakenAway(t *testing.T) {
	t.Parallel()
	s := start(t, watchful...)
	o := s.comeIn(t)
	kept, _ := s.booked(t)
	off, _ := s.booked(t)
	s.cancel(t, off)
	s.becomes(t, off, gone)
	own := s.live(t, kept)
	plant := func(word string, more string) {
		t.Helper()
		s.atZoom(t, "POST", 0, fmt.Sprintf(`{"user":%q,"topic":"相談","agenda":%q,"start":%q,"duration":30%s}`, seed.Email, word+"\n\n相談", own.Start, more))
	}
	plant(booking.MeetingReference(off.ID, 0), `,"byApp":true`)
	plant(booking.MeetingReference(kept.ID, 1), `,"byApp":true`)
	plant(booking.MeetingReference("elsewhere", 0), `,"byApp":true`)
	plant(booking.MeetingReference(kept.ID, 0), "") // its host's, as a copy of ours
	left := func() (words []string) {
		t.Helper()
		for _, m := range s.allMeetings(t) {
			if !m.Deleted {
				words = append(words, strings.Fields(m.Agenda)[0])
			}
		}
		return words
	}
	want := []string{booking.MeetingReference(kept.ID, 0), booking.MeetingReference("elsewhere", 0), booking.MeetingReference(kept.ID, 0)}
	eventually(t, "the orphans are gone, and nothing else", func() error {
		if diff := cmp.Diff(want, left()); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
	o.audited(t)
	o.finds(t, kept)
	if diff := cmp.Diff(want, left()); diff != "" || s.live(t, kept).ID != own.ID {
		t.Errorf("after another audit (-want +got):\n%s", diff)
	}
}

// A provider that cannot be asked says nothing; what it would have said is found once
// it can be.
func TestAProviderThatCannotBeAskedMakesNoDifference(t *testing.T) {
	t.Parallel()
	s := start(t, watchful...)
	o := s.comeIn(t)
	r, _ := s.booked(t)
	for name, rule := range map[string]fault.Rule{
		"rate limit": limited(findMeeting, "1"),
		"no answer":  unavailable(findMeeting),
		"no list":    once(findMeeting, fault.HTML),
	} {
		t.Run(name, func(t *testing.T) {
			rule.Times = 0
			s.fail(t, rule)
			meets := s.hits(t)
			eventually(t, "an audit meets it", func() error {
				o.call(t, "POST", "/api/host/check", "", http.StatusAccepted)
				if s.hits(t) == meets {
					return fmt.Errorf("%d hits", meets)
				}
				return nil
			})
			to := s.shift(t, r, 26*time.Hour) // the calendar can be asked all the same
			eventually(t, "the event is found", func() error {
				o.call(t, "POST", "/api/host/check", "", http.StatusAccepted)
				if d := o.detail(t, r); len(d.Differences) != 1 || d.Differences[0].What != "event" || utc(t, d.Differences[0].Start) != to {
					return fmt.Errorf("%+v", d.Differences)
				}
				return nil
			})
			s.mend(t)
			s.shift(t, r, -26*time.Hour)
			o.audited(t)
			o.finds(t, r)
		})
	}
	t.Run("dead grant", func(t *testing.T) {
		call(t, "POST", s.Zoom+"/_revoke", `{"user":"`+seed.Email+`"}`, nil)
		s.atZoom(t, "DELETE", s.live(t, r).ID, "")
		o.audited(t)
		o.finds(t, r)
		o.connects(t, "zoom", seed.Email)
		o.finds(t, r, "meeting gone")
	})
}

func TestAnAuditThatIsKilledIsBegunAnew(t *testing.T) {
	t.Parallel()
	s := start(t, watchful...)
	r, _ := s.booked(t)
	s.atZoom(t, "DELETE", s.live(t, r).ID, "")
	s.fail(t, fault.Rule{Match: "zoom GET /v2/meetings/*", Kind: fault.HangBefore})
	eventually(t, "the audit hangs", func() error {
		if s.hits(t) == 0 {
			return fmt.Errorf("it does not")
		}
		return nil
	})
	s.kill()
	s.run(t)
	o := s.comeIn(t)
	o.finds(t, r, "meeting gone")
	o.audited(t)
	if n := s.warnings(t, r); n != 1 {
		t.Errorf("the host was warned %d times", n)
	}
}

// A host who has disconnected can cancel: what can be done is done, the rest is listed
// with where it is, told in the mail, and done once they have connected again.
func TestWhatADisconnectedHostCannotCancelIsDoneOnceTheyConnect(t *testing.T) {
	t.Parallel()
	s := start(t, append(slices.Clone(watchful), "SETTLE_WITHIN=60s")...) // nothing is tried again by itself in time
	o := s.comeIn(t)
	for provider, test := range map[string]struct {
		left, url string
		world     world
	}{
		"zoom":   {"meeting", `^https://zoom\.us/meeting/\d+$`, world{Meetings: 1, GuestMails: gone.GuestMails, HostMails: gone.HostMails}},
		"google": {"event", `^https://www\.google\.com/calendar/event\?eid=`, world{Events: 1, GuestMails: gone.GuestMails, HostMails: gone.HostMails}},
	} {
		t.Run(provider, func(t *testing.T) {
			r, slot := s.booked(t)
			o.disconnects(t, provider)
			o.call(t, "POST", "/api/host/bookings/"+r.ID+"/cancel", `{"reason":"conflict"}`, http.StatusAccepted)
			s.becomes(t, r, test.world)
			d := o.detail(t, r)
			if len(d.Left) != 1 || d.Left[0].What != test.left || !regexp.MustCompile(test.url).MatchString(d.Left[0].URL) || !d.NeedsAttention {
				t.Errorf("left: %+v, attention %t", d.Left, d.NeedsAttention)
			}
			var list struct {
				Bookings []struct{ ID string } `json:"bookings"`
			}
			o.call(t, "GET", "/api/host/bookings?concern=attention", "", http.StatusOK).into(t, &list)
			if len(list.Bookings) != 1 || list.Bookings[0].ID != r.ID {
				t.Errorf("listed: %+v", list.Bookings)
			}
			o.connects(t, provider, seed.Email)
			s.becomes(t, r, gone)
			eventually(t, "nothing is left", func() error {
				if d := o.detail(t, r); len(d.Left) > 0 || d.NeedsAttention {
					return fmt.Errorf("%+v", d)
				}
				return nil
			})
			if !s.offers(t, slot.Start) {
				t.Error("the slot is not offered again")
			}
		})
	}
}

// Another account of the same host's knows nothing of a meeting: it is neither taken
// for deleted nor for cancelled.
func TestAMeetingInAnAccountThatWasLeftIsNotTakenForGone(t *testing.T) {
	t.Parallel()
	s := start(t, watchful...)
	o := s.comeIn(t)
	r, _ := s.booked(t)
	o.disconnects(t, "zoom")
	o.connects(t, "zoom", "summary@yakusoku.example")
	o.audited(t)
	o.finds(t, r)
	o.call(t, "POST", "/api/host/bookings/"+r.ID+"/cancel", `{}`, http.StatusAccepted)
	s.becomes(t, r, world{Meetings: 1, GuestMails: gone.GuestMails, HostMails: gone.HostMails})
	if d := o.detail(t, r); len(d.Left) != 1 || d.Left[0].What != "meeting" {
		t.Errorf("left: %+v", d.Left)
	}
	o.connects(t, "zoom", seed.Email)
	s.becomes(t, r, gone)
}
