package promise_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/metric"
)

// measures are what the functions have written of themselves, by dimension, its value
// and the name: how often, and the sum.
func (s *system) measures(t *testing.T) map[string][2]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "log", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][2]int{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
			var line struct {
				AWS *struct {
					CloudWatchMetrics []struct {
						Namespace  string
						Dimensions [][]string
						Metrics    []struct{ Name string }
					}
				} `json:"_aws"`
			}
			if json.Unmarshal(lines.Bytes(), &line) != nil || line.AWS == nil {
				continue
			}
			var root map[string]any
			if err := json.Unmarshal(lines.Bytes(), &root); err != nil {
				t.Fatal(err)
			}
			for _, m := range line.AWS.CloudWatchMetrics {
				if m.Namespace != "Yakusoku/test" {
					t.Errorf("%s is in namespace %q", lines.Bytes(), m.Namespace)
				}
				for _, one := range m.Metrics {
					n, ok := root[one.Name].(float64)
					if !ok {
						t.Errorf("%s lacks %s", lines.Bytes(), one.Name)
					}
					key := fmt.Sprintf("%s %v %s", m.Dimensions[0][0], root[m.Dimensions[0][0]], one.Name)
					all[key] = [2]int{all[key][0] + 1, all[key][1] + int(n)}
				}
			}
		}
	}
	return all
}

// What the dashboard and the alarms look at is written by the functions as they are
// deployed: each attempt at a step, what becomes of bookings, how long guests wait.
func TestWhatOperatorsWatchIsMeasured(t *testing.T) {
	t.Parallel()
	s := start(t, append([]string{metric.Variable + "=Yakusoku/test"}, hurried...)...)
	s.fail(t, unavailable(createMeeting))
	r := s.book(t, s.open(t).Start)
	s.rests(t, r)
	s.becomes(t, r, everywhere)
	s.mend(t)
	s.fail(t, refusal(createMeeting, 1))
	lost := s.book(t, s.open(t).Start)
	s.becomes(t, lost, nowhere)

	want := map[string]bool{
		"Step meeting.create StepTime": true, "Step event.create StepTime": true, "Step mail.guest StepTime": true,
		"Step settle.confirm StepTime": true, "Step mail.host StepTime": true, "Step settle.release StepTime": true,
		"Route GET /api/pages/{host}/{page}/slots RequestTime": true, "Route POST /api/pages/{host}/{page}/bookings RequestTime": true,
		"Outcome booking.confirmed Bookings": true, "Outcome booking.failed Bookings": true,
	}
	var all map[string][2]int
	eventually(t, "everything is measured", func() error {
		all = s.measures(t)
		got := map[string]bool{}
		for name := range all {
			if want[name] {
				got[name] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("measured (-want +got):\n%s", diff)
		}
		return nil
	})
	// Of the two meetings one was made in the end, after attempts that failed.
	attempts, failures := all["Step meeting.create StepTime"][0], all["Step meeting.create StepFailures"][1]
	if failures < 2 || attempts-failures != 1 {
		t.Errorf("%d attempts at meetings, %d failures", attempts, failures)
	}
	for _, outcome := range []string{"booking.confirmed", "booking.failed"} {
		if got := all["Outcome "+outcome+" Bookings"]; got != [2]int{1, 1} {
			t.Errorf("%s is counted %v", outcome, got)
		}
	}
}
