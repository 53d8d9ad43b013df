package meter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A process that is ended took nothing of what it had done with it.
func TestWhatAnEndedProcessDidStillCounts(t *testing.T) {
	p := processes{
		"/proc/1": {"site", 10 * time.Millisecond, 20},
		"/proc/2": {"site", 5 * time.Millisecond, 30}, // in the place of the first
		"/proc/3": {"mail", 7 * time.Millisecond, 25},
	}
	if err := p.look(t.TempDir()); err != nil { // where none runs
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]time.Duration{"site": 15 * time.Millisecond, "mail": 7 * time.Millisecond}, p.computed()); diff != "" {
		t.Errorf("computed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"site": 30, "mail": 25}, p.peaks()); diff != "" {
		t.Errorf("peaks (-want +got):\n%s", diff)
	}
}
