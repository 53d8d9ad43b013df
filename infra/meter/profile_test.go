package meter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAProfileIsReadOffWhatTheRuntimeTells(t *testing.T) {
	got, err := initialized([]byte(`init internal/bytealg @0.005 ms, 0 ms clock, 0 bytes, 0 allocs
{"level":"INFO","msg":"init of ours"}
init net/http @1.25 ms, 0.5 ms clock, 5144 bytes, 49 allocs
init github.com/aws/aws-sdk-go-v2/service/dynamodb @2 ms, 1.25 ms clock, 9 bytes, 1 allocs
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Package{
		{"github.com/aws/aws-sdk-go-v2/service/dynamodb", 1250 * time.Microsecond},
		{"net/http", 500 * time.Microsecond},
		{"internal/bytealg", 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if total := (Profile{Packages: got}).Initialized(); total != 1750*time.Microsecond {
		t.Errorf("all of them took %s", total)
	}
}

func TestWithoutATraceThereIsNoProfile(t *testing.T) {
	if got, err := initialized([]byte("{}\n")); err == nil {
		t.Errorf("it is %v", got)
	}
}
