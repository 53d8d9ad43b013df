package zone_test

import (
	"errors"
	"testing"

	"yakusoku/shared/zone"
)

// FuzzName asks for a zone by any name: it is one of the database, under that very
// name, or *Unknown. No name leads out of the database.
func FuzzName(f *testing.F) {
	for _, name := range []string{
		"", "Local", "UTC", "Asia/Tokyo", "asia/tokyo", "Asia/Tokyo/", "../etc/localtime", "/etc/localtime", "Asia/../Asia/Tokyo",
		"Tokyo Standard Time", "customized time zone", "Asia/Tokyo\x00", "\xff",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		in, err := zone.Load(name)
		if known := zone.Known(name); known != (err == nil) {
			t.Errorf("%q: known %t, but %v", name, known, err)
		}
		if unknown := (*zone.Unknown)(nil); err != nil && !errors.As(err, &unknown) {
			t.Errorf("%q: %T %v", name, err, err)
		}
		if err == nil && in.String() != name {
			t.Errorf("%q is %s", name, in)
		}
		if in, err := zone.LoadWindows(name); err == nil && !zone.Known(in.String()) {
			t.Errorf("the Windows name %q leads to %s", name, in)
		}
	})
}
