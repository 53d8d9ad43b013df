package zone_test

import (
	"errors"
	"testing"
	"time"

	"yakusoku/shared/zone"
)

func TestWindowsNamesLeadToZones(t *testing.T) {
	tests := []struct {
		name string
		want string // what noon UTC is there, in the northern winter
	}{
		{"Tokyo Standard Time", "21:00"},
		{"UTC", "12:00"},
		{"GMT Standard Time", "12:00"},
		{"W. Europe Standard Time", "13:00"},
		{"Pacific Standard Time", "04:00"},
		{"India Standard Time", "17:30"},
		{"Nepal Standard Time", "17:45"},
	}
	noon := time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC)
	for _, test := range tests {
		l, err := zone.LoadWindows(test.name)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := noon.In(l).Format("15:04"); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestANameThatWindowsDoesNotHaveIsUnknown(t *testing.T) {
	for _, name := range []string{"", "Asia/Tokyo", "tzone://Microsoft/Custom", "Customized Time Zone"} {
		if _, err := zone.LoadWindows(name); !isUnknown(err) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func isUnknown(err error) bool {
	_, ok := errors.AsType[*zone.Unknown](err)
	return ok
}
