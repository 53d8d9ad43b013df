package printed_test

import (
	"testing"

	"yakusoku/infra/printed"
)

func TestWholeNumbersAreGrouped(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 6: "6", 999.6: "1,000", 1234567: "1,234,567", -999: "-999", -1234: "-1,234"} {
		if got := printed.Whole(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}

func TestTheCommitHasAName(t *testing.T) {
	if name, err := printed.Commit(t.Context()); err != nil || name == "" {
		t.Errorf("%q, %v", name, err)
	}
}
