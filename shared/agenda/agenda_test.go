package agenda_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/shared/agenda"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/page"
)

const user = "hanako@example.com"

var start = time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC)

// office is a host with calendars at both providers' simulators.
type office struct {
	agenda.Agenda
	google    *googlesim.Simulator
	microsoft *microsoftsim.Simulator
	tokens    map[connection.Provider]string
	lost      map[connection.Provider]error // why a provider's grant gives no client
	accounts  map[connection.Provider]string
}

// Client gives clients as package connection does.
func (o *office) Client(_ context.Context, _ string, p connection.Provider) (*http.Client, connection.Connection, error) {
	if err := o.lost[p]; err != nil {
		return nil, connection.Connection{}, err
	}
	token, ok := o.tokens[p]
	if !ok {
		return nil, connection.Connection{}, &connection.Absent{Provider: p}
	}
	return &http.Client{Transport: bearer(token), Timeout: 10 * time.Second},
		connection.Connection{Account: connection.Account{ID: o.accounts[p]}}, nil
}

type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func open(t *testing.T) *office {
	t.Helper()
	clock := func() time.Time { return start.Add(-24 * time.Hour) }
	google, err := googlesim.New(googlesim.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	microsoft, err := microsoftsim.New(microsoftsim.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	atGoogle, err := google.Grant(user, nil)
	if err != nil {
		t.Fatal(err)
	}
	atMicrosoft, err := microsoft.Grant(user, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{
		google: google, microsoft: microsoft, lost: map[connection.Provider]error{},
		tokens: map[connection.Provider]string{connection.Google: atGoogle.AccessToken, connection.Microsoft: atMicrosoft.AccessToken},
	}
	o.Agenda = agenda.Agenda{Grants: o, GoogleAPIBase: serve(t, google.Handler()), MicrosoftAPIBase: serve(t, microsoft.Handler())}
	return o
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// calendars are the host's main ones, by provider.
func (o *office) calendars() map[connection.Provider]page.CalendarRef {
	return map[connection.Provider]page.CalendarRef{
		connection.Google:    {Provider: page.Google, ID: "primary"},
		connection.Microsoft: {Provider: page.Microsoft, ID: o.microsoft.State().Accounts[0].Calendars[0].ID},
	}
}

func TestAnEventIsWrittenAndTakenOutWithItsIDRecordedOrNot(t *testing.T) {
	for _, p := range []connection.Provider{connection.Google, connection.Microsoft} {
		for _, recorded := range []bool{true, false} {
			t.Run(fmt.Sprint(p, " recorded ", recorded), func(t *testing.T) {
				o := open(t)
				in := o.calendars()[p]
				e := calendar.Event{ID: calendar.EventID("b1", 0), Booking: "b1", Title: "面談", Start: start, End: start.Add(time.Hour), TimeZone: "Asia/Tokyo"}
				written, err := o.Insert(t.Context(), "demo", in, e)
				if err != nil || written.ID == "" || written.UID == "" {
					t.Fatalf("%+v, %v", written, err)
				}
				e.Repeated = true
				again, err := o.Insert(t.Context(), "demo", in, e)
				if err != nil || again != written {
					t.Errorf("repeated: %+v, %v; first %+v", again, err, written)
				}
				r := calendar.Reference{ID: e.ID}
				if recorded {
					r.Held = written.ID
				}
				found, ok, err := o.Find(t.Context(), "demo", in, r)
				if err != nil || !ok || found != written {
					t.Errorf("found %+v, %t, %v", found, ok, err)
				}
				busy, err := o.Busy(t.Context(), "demo", []page.CalendarRef{in}, start, start.Add(2*time.Hour))
				if diff := cmp.Diff([]calendar.Interval{{Start: e.Start, End: e.End}}, busy); diff != "" || err != nil {
					t.Errorf("%v; busy (-want +got):\n%s", err, diff)
				}
				for range 2 {
					if err := o.Delete(t.Context(), "demo", in, r); err != nil {
						t.Fatal(err)
					}
				}
				if _, ok, err := o.Find(t.Context(), "demo", in, r); ok || err != nil {
					t.Errorf("afterwards: %t, %v", ok, err)
				}
			})
		}
	}
}

func TestAHostIsBusyWhereverTheyAre(t *testing.T) {
	o := open(t)
	if _, err := o.google.AddEvent(user, "primary", map[string]any{
		"start": map[string]any{"dateTime": "2026-12-02T01:00:00Z"}, "end": map[string]any{"dateTime": "2026-12-02T02:00:00Z"},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.microsoft.AddEvent(user, "", []byte(`{"start":{"dateTime":"2026-12-02T03:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-02T04:00:00","timeZone":"UTC"}}`)); err != nil {
		t.Fatal(err)
	}
	both := []page.CalendarRef{o.calendars()[connection.Google], o.calendars()[connection.Microsoft]}
	busy, err := o.Busy(t.Context(), "demo", both, start, start.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got := map[time.Time]bool{}
	for _, at := range busy {
		got[at.Start] = true
	}
	if diff := cmp.Diff(map[time.Time]bool{start: true, start.Add(2 * time.Hour): true}, got); diff != "" {
		t.Errorf("busy from (-want +got):\n%s", diff)
	}
	for _, p := range []connection.Provider{connection.Google, connection.Microsoft} {
		o.lost = map[connection.Provider]error{p: &connection.Dead{Provider: p}}
		if _, err := o.Busy(t.Context(), "demo", both, start, start.Add(time.Hour)); !connection.Lost(err) {
			t.Errorf("%s lost: %v", p, err)
		}
	}
}

func TestWhatIsNotConnectedIsLost(t *testing.T) {
	o := open(t)
	for _, provider := range []string{"caldav", ""} {
		if _, err := o.Insert(t.Context(), "demo", page.CalendarRef{Provider: provider, ID: "x"}, calendar.Event{}); !connection.Lost(err) {
			t.Errorf("%q: %v", provider, err)
		}
	}
}

func TestEveryConnectedProvidersCalendarsAreListed(t *testing.T) {
	o := open(t)
	atMicrosoft := o.microsoft.State().Accounts[0].Calendars
	google := []calendar.Calendar{
		{Provider: "google", ID: user, Name: user, Primary: true, Writable: true},
		{Provider: "google", ID: o.google.State().Accounts[0].Calendars[1], Name: "個人の予定", Writable: true},
		{Provider: "google", ID: "ja.japanese#holiday@group.v.calendar.google.com", Name: "日本の祝日"},
	}
	microsoft := []calendar.Calendar{
		{Provider: "microsoft", ID: atMicrosoft[0].ID, Name: "予定表", Primary: true, Writable: true},
		{Provider: "microsoft", ID: atMicrosoft[1].ID, Name: "個人の予定", Writable: true},
		{Provider: "microsoft", ID: atMicrosoft[2].ID, Name: "日本 の休日"},
	}
	dead := &connection.Dead{Provider: connection.Google}
	away := errors.New("away")
	for name, test := range map[string]struct {
		lost     map[connection.Provider]error
		want     []calendar.Calendar
		problems map[string]error
	}{
		"both":           {nil, append(google, microsoft...), nil},
		"Google only":    {map[connection.Provider]error{connection.Microsoft: &connection.Absent{}}, google, nil},
		"Microsoft only": {map[connection.Provider]error{connection.Google: &connection.Absent{}}, microsoft, nil},
		"none":           {map[connection.Provider]error{connection.Google: &connection.Absent{}, connection.Microsoft: &connection.Absent{}}, nil, nil},
		// One that cannot be asked hides none of the other's.
		"Google dead":    {map[connection.Provider]error{connection.Google: dead}, microsoft, map[string]error{"google": dead}},
		"Microsoft away": {map[connection.Provider]error{connection.Microsoft: away}, google, map[string]error{"microsoft": away}},
	} {
		t.Run(name, func(t *testing.T) {
			o.lost = test.lost
			got, unlisted, err := o.List(t.Context(), "demo")
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v; calendars (-want +got):\n%s", err, diff)
			}
			if len(unlisted) != len(test.problems) {
				t.Errorf("problems: %v", unlisted)
			}
			for _, p := range unlisted {
				if !errors.Is(p.Err, test.problems[p.Provider]) {
					t.Errorf("%s: %v", p.Provider, p.Err)
				}
			}
		})
	}
}
