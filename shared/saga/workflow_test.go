package saga

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar/google"
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
	ErrorEquals    []string
	MaxAttempts    int
	JitterStrategy string
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
	steps := map[string]map[string]Step{
		"${MeetingFunction}": (&Meetings{}).Steps(),
		"${EventFunction}":   (&Events{}).Steps(),
		"${MailFunction}":    (&Mails{}).Steps(),
		"${SettleFunction}":  (&Settlement{}).Steps(),
	}
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

func TestStepsEndWithTheErrorTheStateMachineKnows(t *testing.T) {
	tests := []struct {
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
		{&mail.Refused{}, "Refused"},
		{&mail.RateLimited{}, "RateLimited"},
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
	for _, test := range tests {
		wrapped := fmt.Errorf("what was being done: %w", test.met)
		if got := name(bare(wrapped)); got != test.want {
			t.Errorf("%T %v: got %s, want %s", test.met, test.met, got, test.want)
		}
	}
	if got := bare(nil); got != nil {
		t.Errorf("no error became %v", got)
	}
}
