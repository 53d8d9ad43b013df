package saga

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/connection"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

type workflow struct {
	StartAt string
	States  map[string]struct {
		Type           string
		Resource       string
		Parameters     map[string]string
		TimeoutSeconds int
		Retry          []retrier
		Catch          []struct {
			ErrorEquals []string
			ResultPath  string
			Next        string
		}
		Next string
		End  bool
	}
}

type retrier struct {
	ErrorEquals     []string
	IntervalSeconds float64
	BackoffRate     float64
	MaxAttempts     int
	JitterStrategy  string
}

func readWorkflows(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob("../../infra/workflows/*.asl.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	all := map[string]workflow{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := json.Unmarshal(content, &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = w
	}
	return all
}

// A state machine that matches a name which no step can end with would retry or
// catch something else than was meant.
func TestEveryErrorNameInTheWorkflowsIsOneOfOurs(t *testing.T) {
	for file, w := range readWorkflows(t) {
		for state, s := range w.States {
			for _, r := range s.Retry {
				for _, n := range r.ErrorEquals {
					if !strings.HasPrefix(n, "States.") && !strings.HasPrefix(n, "Lambda.") && !slices.Contains(names(), n) {
						t.Errorf("%s: %s retries %q, which no step returns", file, state, n)
					}
				}
			}
		}
	}
}

func TestEveryStepOfTheWorkflowsExists(t *testing.T) {
	steps := newOffice(booked()).steps()
	for file, w := range readWorkflows(t) {
		for state, s := range w.States {
			if s.Type != "Task" {
				continue
			}
			if _, ok := steps[s.Resource][s.Parameters["step"]]; !ok {
				t.Errorf("%s: %s calls step %q of %s, which does not exist", file, state, s.Parameters["step"], s.Resource)
			}
			if s.TimeoutSeconds == 0 {
				t.Errorf("%s: %s has no TimeoutSeconds", file, state)
			}
			for _, r := range s.Retry {
				if r.MaxAttempts > 0 && r.JitterStrategy != "FULL" {
					t.Errorf("%s: %s retries %v without jitter", file, state, r.ErrorEquals)
				}
			}
		}
	}
}

// worlds are all in which a step of the booking may run: whatever it meets, and
// however far the booking is.
func worlds() []*office {
	var all []*office
	for _, b := range states() {
		add := func(change func(*office)) {
			o := newOffice(b)
			change(o)
			all = append(all, o)
		}
		add(func(o *office) { o.now = starts.Add(24 * time.Hour) })
		add(func(o *office) {
			o.calendar.live = []int64{1}
			if o.stored.Move != nil { // a try of the move before may yet come about
				o.stored.Amend(func(m *booking.Move) {
					for s, p := range m.Steps {
						p.Unsure = began
						m.Steps[s] = p
					}
				})
			}
		})
		add(func(o *office) { o.stored.ID = "another" })
		add(func(o *office) { o.busy = []calendar.Interval{{Start: starts, End: starts.Add(24 * time.Hour)}} })
		for _, m := range met {
			add(func(o *office) {
				switch from, _, _ := strings.Cut(fmt.Sprintf("%T", m.met), "."); from {
				case "*zoom":
					o.zoom.refuses = m.met
				case "*google", "*microsoft":
					o.calendar.refuses = m.met
				case "*mail":
					o.post.refuses = m.met
				case "*connection":
					o.lost, o.calendar.refuses = m.met, m.met
				}
			})
		}
	}
	return all
}

// states are all in which a booking may be.
func states() []booking.Booking {
	var all []booking.Booking
	for _, progress := range []booking.StepStatus{booking.Waiting, booking.Started, booking.Done} {
		for _, status := range []booking.Status{booking.Pending, booking.Confirmed, booking.Failed, booking.Cancelled} {
			all = append(all, with(status, steps{booking.Meeting: progress, booking.Event: progress}))
		}
		for _, outcome := range []booking.Outcome{booking.UnderWay, booking.GivenUp, booking.CameAbout, booking.Stayed} {
			for _, replacement := range []int{0, 1} {
				b := moving(func(m *booking.Move) {
					m.Outcome, m.Replacement, m.NewEvent = outcome, replacement, replacement > 0
					m.Steps[booking.Meeting] = booking.Progress{Status: progress, At: began}
					m.Steps[booking.Event] = booking.Progress{Status: progress, At: began}
					if replacement > 0 {
						m.Former = &booking.ZoomMeeting{ID: 1}
					}
				})
				if outcome == booking.CameAbout || outcome == booking.Stayed {
					b.Mark(booking.Mail, booking.Waiting, time.Time{})
					b.Mark(booking.Notice, booking.Waiting, time.Time{})
				}
				all = append(all, b)
				b.Cancel(booking.Cancellation{By: booking.ByHost, At: began})
				all = append(all, b)
			}
		}
	}
	return all
}

// place is a state of a workflow.
type place struct{ file, name string }

func everyState(t *testing.T) []place {
	t.Helper()
	var all []place
	for file, w := range readWorkflows(t) {
		for name := range w.States {
			all = append(all, place{file, name})
		}
	}
	return all
}

// What another try cannot change is given up at once, by the state of every step
// that can end with it. Where nobody goes on, the day's limit is waited out.
func TestWhatIsPermanentIsNotRetried(t *testing.T) {
	for _, at := range everyState(t) {
		file, state, s := at.file, at.name, readWorkflows(t)[at.file].States[at.name]
		t.Run(file+"/"+state, func(t *testing.T) {
			permanent := []string{"Refused", "GrantDead", "CalendarBusy", "BookingClosed"}
			if len(s.Catch) > 0 {
				permanent = append(permanent, "DailyLimit")
			}
			ends, want, got := map[string]bool{}, map[string]bool{}, map[string]bool{}
			for _, o := range worlds() {
				o.workflow = file
				n := o.run(t, state, func(r *Request) { r.Checked = false })
				ends[n] = true
				if slices.Contains(permanent, n) {
					want[n] = true
				}
			}
			for _, r := range s.Retry {
				for _, n := range r.ErrorEquals {
					if r.MaxAttempts == 0 {
						got[n] = true
					} else if !strings.HasPrefix(n, "States.") && !ends[n] {
						t.Errorf("%s is retried, which the step never ends with", n)
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("not retried (-the step's +the state's):\n%s", diff)
			}
			if ends["TooSoon"] && !outwaits(s.Retry) {
				t.Error("what is too soon is not waited for")
			}
		})
	}
}

// outwaits reports whether the retries of what is too soon take as long as the
// effects of two attempts may, at the mean of their jitter.
func outwaits(all []retrier) bool {
	for _, r := range all {
		if slices.Contains(r.ErrorEquals, "TooSoon") {
			return r.BackoffRate == 1 && r.IntervalSeconds/2*float64(r.MaxAttempts) >= 2*effectWithin.Seconds()
		}
	}
	return false
}

// The state machine knows errors by what aws-lambda-go reports of them, to which
// this is the service.
func TestAnErrorIsReportedByItsName(t *testing.T) {
	all := []error{
		&Refused{Err: io.EOF}, &GrantDead{Err: io.EOF}, &DailyLimit{Err: io.EOF}, &RateLimited{Err: io.EOF},
		&Unavailable{Err: io.EOF}, &TooSoon{}, &CalendarBusy{}, &BookingClosed{},
	}
	var want []string
	for _, err := range all {
		want = append(want, name(err))
	}
	if diff := cmp.Diff(names(), want); diff != "" {
		t.Fatalf("not every name is tried (-names +tried):\n%s", diff)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reported := make(chan string)
	asked := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, _ *http.Request) {
		if asked == len(all) {
			select {} // there is no other way to stop a function than to end its process
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint(asked))
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()))
		_, _ = fmt.Fprint(w, asked)
		asked++
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		var said struct {
			Type string `json:"errorType"`
		}
		_ = json.NewDecoder(r.Body).Decode(&said) // the name is empty then
		w.WriteHeader(http.StatusAccepted)
		reported <- said.Type
	})
	go func() { _ = http.Serve(listener, mux) }() //nolint:gosec // the test's own
	t.Setenv("AWS_LAMBDA_RUNTIME_API", listener.Addr().String())
	log.SetOutput(io.Discard) // where aws-lambda-go repeats them
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	go lambda.Start(func(i int) error { return all[i] })
	var got []string
	for range all {
		got = append(got, <-reported)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-ours +reported):\n%s", diff)
	}
}

// Left of Confirm every failure leads to the compensations; right of it none
// does.
func TestStepsAreUndoneUntilConfirmAndOnlyRetriedAfterIt(t *testing.T) {
	w := readWorkflows(t)["book.asl.json"]
	confirmed := false
	var path []string
	for state := w.StartAt; state != ""; state = w.States[state].Next {
		path = append(path, state)
		confirmed = confirmed || state == "Confirm"
		caught := len(w.States[state].Catch) > 0
		if caught == confirmed {
			t.Errorf("%s: caught is %v, and confirmed is %v", state, caught, confirmed)
		}
		for _, c := range w.States[state].Catch {
			if diff := cmp.Diff([]string{"States.ALL"}, c.ErrorEquals); diff != "" || c.Next != "DeleteEvent" {
				t.Errorf("%s catches %v and goes to %s", state, c.ErrorEquals, c.Next)
			}
		}
	}
	want := []string{"CreateMeeting", "InsertEvent", "MailGuest", "Confirm", "MailHost"}
	if diff := cmp.Diff(want, path); diff != "" {
		t.Errorf("the happy path (-want +got):\n%s", diff)
	}
	if len(path) > 12 {
		t.Errorf("%d states on the happy path; a transition is 7 %% of a booking's cost", len(path))
	}
}

// met is what steps meet outside, and the name of the error that they end with.
var met = []struct {
	met  error
	want string
}{
	{&zoom.Refused{Status: 400, Code: 300}, "Refused"},
	{&zoom.Refused{Status: 401, Code: 124}, "GrantDead"},
	{&zoom.Refused{Status: 400, Code: 4711}, "GrantDead"},
	{&zoom.RateLimited{}, "RateLimited"},
	{&zoom.RateLimited{Daily: true}, "DailyLimit"},
	{&zoom.Unavailable{Err: errors.New("reset")}, "Unavailable"},
	{&google.Refused{Status: 403, Reason: "forbidden"}, "Refused"},
	{&google.RateLimited{}, "RateLimited"},
	{&google.RateLimited{Daily: true}, "DailyLimit"},
	{&google.Unavailable{Err: errors.New("reset")}, "Unavailable"},
	{&google.IDTaken{}, "Refused"},
	{&google.Unreadable{Reason: "notFound"}, "Refused"},
	{&google.Unreadable{Reason: "internalError"}, "Unavailable"},
	{&microsoft.Refused{Status: 403, Reason: "ErrorAccessDenied"}, "Refused"},
	{&microsoft.Refused{Status: 401, Reason: "InvalidAuthenticationToken"}, "GrantDead"},
	{&microsoft.RateLimited{}, "RateLimited"},
	{&microsoft.Unavailable{Err: errors.New("reset")}, "Unavailable"},
	{&microsoft.IDTaken{}, "Refused"},
	{&mail.Refused{}, "Refused"},
	{&mail.RateLimited{}, "RateLimited"},
	{&mail.RateLimited{Daily: true}, "DailyLimit"},
	{&mail.Unavailable{Err: errors.New("reset")}, "Unavailable"},
	{&connection.Dead{}, "GrantDead"},
	{&connection.Absent{}, "GrantDead"},
	{&connection.Unavailable{Err: errors.New("reset")}, "Unavailable"},
	{&booking.NotFound{}, "Refused"},
	{&booking.Stale{}, "Unavailable"},
	{&CalendarBusy{}, "CalendarBusy"},
	{&BookingClosed{}, "BookingClosed"},
	{errors.New("anything else"), "Unavailable"},
}

func TestStepsEndWithTheErrorTheStateMachineKnows(t *testing.T) {
	for _, test := range met {
		wrapped := fmt.Errorf("what was being done: %w", test.met)
		if got := name(bare(wrapped)); got != test.want {
			t.Errorf("%T %v: got %s, want %s", test.met, test.met, got, test.want)
		}
	}
	if got := bare(nil); got != nil {
		t.Errorf("no error became %v", got)
	}
}
