package language_test

import (
	"testing"

	"yakusoku/shared/language"
)

// FuzzMatch chooses for any Accept-Language header: one of the two that every text
// exists in, and the same once it is chosen.
func FuzzMatch(f *testing.F) {
	for _, accept := range []string{"", "ja", "ja-JP,ja;q=0.9,en;q=0.8", "en-US", "fr", "*", "JA", "ja;q=0,en", "ja_JP", ";q=1", "x-ja", "\xff", "und-JP"} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		chosen := language.Match(accept)
		if chosen != language.Japanese && chosen != language.English {
			t.Errorf("%q chooses %q", accept, chosen)
		}
		if again := language.Match(string(chosen)); again != chosen {
			t.Errorf("%q chooses %s, which chooses %s", accept, chosen, again)
		}
	})
}
