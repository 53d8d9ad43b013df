package brand

import (
	"fmt"
	"testing"
)

// Whatever colour a host chooses, it can be read in both schemes.
func TestEveryAccentCanBeRead(t *testing.T) {
	mustBeReadable(t, "", Own)
	for r := 0; r <= 255; r += 51 {
		for g := 0; g <= 255; g += 51 {
			for b := 0; b <= 255; b += 51 {
				accent := fmt.Sprintf("#%02x%02x%02x", r, g, b)
				mustBeReadable(t, accent, Palette(accent))
			}
		}
	}
}

func mustBeReadable(t *testing.T, accent string, c Colours) {
	t.Helper()
	for what, pair := range map[string][2]string{
		"accent on paper":           {c.Accent, Paper},
		"accent on its wash":        {c.Accent, c.Wash},
		"text on accent":            {c.OnAccent, c.Accent},
		"accent on dark paper":      {c.AccentDark, PaperDark},
		"accent on its dark wash":   {c.AccentDark, c.WashDark},
		"text on the dark's accent": {c.OnAccentDark, c.AccentDark},
	} {
		if got := contrast(parse(pair[0]), parse(pair[1])); got < readable {
			t.Errorf("%q: %s: %s on %s has %.2f to 1", accent, what, pair[0], pair[1], got)
		}
	}
}

func TestAnAccentThatCanBeReadStaysAsItIs(t *testing.T) {
	if got := Palette("#1F4E85").Accent; got != "#1f4e85" {
		t.Errorf("accent is %s", got)
	}
	if got := Palette("red; }"); got != Own {
		t.Errorf("no colour gives %v, want %v", got, Own)
	}
}

// The figures are those of WCAG's own examples: black on white, and #777 on
// white, which just fails.
func TestContrastIsWCAGs(t *testing.T) {
	for pair, want := range map[[2]string]string{
		{"#000000", "#ffffff"}: "21.00",
		{"#777777", "#ffffff"}: "4.48",
		{"#0000ff", "#ffffff"}: "8.59",
	} {
		if got := fmt.Sprintf("%.2f", contrast(parse(pair[0]), parse(pair[1]))); got != want {
			t.Errorf("%v: %s, want %s", pair, got, want)
		}
	}
}
