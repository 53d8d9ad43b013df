package apikey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsThatAreWrongAreNamed(t *testing.T) {
	good := Settings{Name: "CRM", Scopes: []Scope{ReadBookings}}
	for name, c := range map[string]struct {
		change func(*Settings)
		want   []Field
	}{
		"good":                     {func(*Settings) {}, nil},
		"every scope":              {func(s *Settings) { s.Scopes = Scopes }, nil},
		"a year":                   {func(s *Settings) { s.Days = 366 }, nil},
		"the longest name":         {func(s *Settings) { s.Name = strings.Repeat("名", 60) }, nil},
		"no name":                  {func(s *Settings) { s.Name = " \u3000" }, []Field{{"name", Required}}},
		"a name that is not seen":  {func(s *Settings) { s.Name = "\u200b" }, []Field{{"name", Required}}},
		"a name that turns around": {func(s *Settings) { s.Name = "CRM\u202e" }, []Field{{"name", Malformed}}},
		"a name of two lines":      {func(s *Settings) { s.Name = "C\nRM" }, []Field{{"name", Malformed}}},
		"a name too long":          {func(s *Settings) { s.Name = strings.Repeat("名", 61) }, []Field{{"name", TooLong}}},
		"no scope":                 {func(s *Settings) { s.Scopes = nil }, []Field{{"scopes", Required}}},
		"a scope that is none":     {func(s *Settings) { s.Scopes = []Scope{"keys:write"} }, []Field{{"scopes", NotAnOption}}},
		"a scope twice":            {func(s *Settings) { s.Scopes = []Scope{ReadPages, ReadPages} }, []Field{{"scopes", Duplicate}}},
		"days ago":                 {func(s *Settings) { s.Days = -1 }, []Field{{"expiresInDays", OutOfRange}}},
		"more than a year":         {func(s *Settings) { s.Days = 367 }, []Field{{"expiresInDays", OutOfRange}}},
		"nothing at all":           {func(s *Settings) { *s = Settings{} }, []Field{{"name", Required}, {"scopes", Required}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			c.change(&s)
			if diff := cmp.Diff(c.want, s.check()); diff != "" {
				t.Errorf("wrong (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAKeyEndsAtItsTime(t *testing.T) {
	made := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	month, endless := Key{ExpiresAt: Settings{Days: 30}.ends(made)}, Key{ExpiresAt: Settings{}.ends(made)}
	got := map[string]bool{}
	for days, at := range map[string]time.Time{"before": made.AddDate(0, 0, 30).Add(-time.Second), "then": made.AddDate(0, 0, 30)} {
		got["a month's, "+days] = month.Expired(at)
		got["an endless one, "+days] = endless.Expired(at)
	}
	want := map[string]bool{"a month's, before": false, "a month's, then": true, "an endless one, before": false, "an endless one, then": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("expired (-want +got):\n%s", diff)
	}
}
