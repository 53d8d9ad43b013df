package zone_test

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "time/tzdata" // Go's own database, to compare with where the machine has none

	"yakusoku/shared/zone"
)

// The machine's database lies: its Tokyo is New York.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		lies, err := os.MkdirTemp("", "zoneinfo")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(lies)
		if err := lie(lies); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

func lie(dir string) error {
	data, err := entry("America/New_York")
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "Asia"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "Asia", "Tokyo"), data, 0o644); err != nil {
		return err
	}
	return os.Setenv("ZONEINFO", dir)
}

func entry(name string) ([]byte, error) {
	archive, err := zip.OpenReader("zones.zip")
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	return fs.ReadFile(archive, name)
}

func TestTheMachinesDatabaseIsNeverAsked(t *testing.T) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	machine, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	if got := noon.In(machine).Hour(); got != 7 {
		t.Fatalf("the machine's Tokyo shows %d o'clock: the lie did not take, so this test proves nothing", got)
	}
	if got := noon.In(load(t, "Asia/Tokyo")).Hour(); got != 21 {
		t.Errorf("noon UTC is %d o'clock in Tokyo, want 21", got)
	}
}

func TestPastInstantsReadAsInGo(t *testing.T) {
	// Not after 2024: the two editions may differ on the future.
	names := []string{
		"UTC", "America/New_York", "America/St_Johns", "America/Santiago", "Europe/London", "Africa/Cairo",
		"Africa/Casablanca", "Asia/Beirut", "Asia/Kathmandu", "Asia/Calcutta", "Australia/Lord_Howe", "Pacific/Apia", "Japan",
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			ours := load(t, name)
			gos, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			end := time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)
			for at := time.Date(1975, 1, 1, 0, 30, 0, 0, time.UTC); at.Before(end); at = at.Add(11 * time.Hour) {
				if got, want := at.In(ours).Format(time.RFC3339+" MST"), at.In(gos).Format(time.RFC3339+" MST"); got != want {
					t.Fatalf("%s reads %s, want %s", at, got, want)
				}
			}
		})
	}
}

func TestClockChangesDecidedIn2026AreKnown(t *testing.T) {
	// British Columbia stays on its summer time.
	winter := time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC).In(load(t, "America/Vancouver"))
	if got, want := winter.Format(time.RFC3339), "2026-12-01T13:00:00-07:00"; got != want {
		t.Errorf("Vancouver reads %s, want %s", got, want)
	}
}

func TestWhatIsNoZoneIsRefused(t *testing.T) {
	for _, name := range []string{"", "Local", "local", "Tokyo", "asia/tokyo", "Asia/Tokyo ", "../Asia/Tokyo", "/etc/localtime", "Asia", "zones.zip", "UTC+9"} {
		_, err := zone.Load(name)
		if unknown := (*zone.Unknown)(nil); !errors.As(err, &unknown) || unknown.Name != name {
			t.Errorf("Load(%q): %v, want *Unknown of that name", name, err)
		}
		if zone.Known(name) {
			t.Errorf("%q is known", name)
		}
	}
}

func TestEveryZoneOfTheDatabaseLoadsByEveryName(t *testing.T) {
	archive, err := zip.OpenReader("zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	names := 0
	for _, file := range archive.File {
		for _, name := range append(strings.Fields(file.Comment), file.Name) {
			names++
			if got := load(t, name).String(); got != name || !zone.Known(name) {
				t.Errorf("%s loads as %s; known: %t", name, got, zone.Known(name))
			}
		}
	}
	if names < 590 {
		t.Errorf("the database has %d names, want IANA's 590 or more", names)
	}
}

func TestAZoneIsParsedOnce(t *testing.T) {
	var loads sync.WaitGroup
	got := make([]*time.Location, 20)
	for i := range got {
		loads.Go(func() { got[i], _ = zone.Load("Europe/Paris") })
	}
	loads.Wait()
	for _, l := range got {
		if l == nil || l != got[0] {
			t.Fatalf("two loads gave %p and %p", l, got[0])
		}
	}
}

func TestTheNamesOfferedAreThoseOfPlaces(t *testing.T) {
	names := zone.Names()
	for name, want := range map[string]bool{
		"Asia/Tokyo": true, "America/Argentina/Buenos_Aires": true, "Pacific/Kiritimati": true,
		"UTC": false, "Etc/GMT+9": false, "Japan": false, "US/Pacific": false,
	} {
		if got := slices.Contains(names, name); got != want {
			t.Errorf("%s: offered is %v, want %v", name, got, want)
		}
	}
	for _, name := range names {
		if !zone.Known(name) {
			t.Errorf("%s is offered and not known", name)
		}
	}
}

func TestVersionIsIANAs(t *testing.T) {
	if v := zone.Version(); !regexp.MustCompile(`^20[0-9]{2}[a-z]$`).MatchString(v) || v < "2026f" {
		t.Errorf("version %q, want 2026f or later", v)
	}
}

func load(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
