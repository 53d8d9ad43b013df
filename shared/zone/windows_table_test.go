package zone

import "testing"

func TestEveryWindowsZoneIsInOurEdition(t *testing.T) {
	if len(windows) < 130 {
		t.Errorf("only %d names", len(windows))
	}
	for name := range windows {
		if _, err := LoadWindows(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
