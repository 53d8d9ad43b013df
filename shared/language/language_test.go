package language_test

import (
	"testing"

	"yakusoku/shared/language"
)

func TestTheDeploymentsLanguageIsForWhoeverAsksForNoneOfOurs(t *testing.T) {
	tests := map[string]struct{ without, japanese language.Tag }{
		"":                  {language.English, language.Japanese},
		"fr":                {language.English, language.Japanese},
		"*":                 {language.English, language.Japanese},
		"ja;q=nonsense":     {language.English, language.Japanese},
		"en-GB":             {language.English, language.English},
		"fr, en;q=0.5":      {language.English, language.English},
		"ja-JP,en;q=0.9":    {language.Japanese, language.Japanese},
		"zh-TW, ja;q=0.1":   {language.Japanese, language.Japanese},
		"de, fr-CA, pt;q=1": {language.English, language.Japanese},
	}
	t.Cleanup(func() { language.Prefer("") })
	for accept, want := range tests {
		language.Prefer("")
		without := language.Match(accept)
		language.Prefer(language.Japanese)
		if got := language.Match(accept); without != want.without || got != want.japanese {
			t.Errorf("%q: %s, and %s where the deployment has Japanese, want %v", accept, without, got, want)
		}
	}
}

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
