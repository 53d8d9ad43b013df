// Package brand makes a host's one accent colour fit to read: on paper and on
// the dark ground, as the guest's pages and the mails draw it.
package brand

import (
	"math"
	"regexp"
	"strconv"
)

// The grounds that a page or a mail is drawn on.
const (
	Paper     = "#fbfcfb"
	PaperDark = "#101614"
)

// Colours are an accent in both schemes, each "#rrggbb". Text in Accent on Wash
// or on the paper, and text in OnAccent on Accent, have a contrast of at least
// 4.5 to 1 (WCAG 2.2, 1.4.3).
type Colours struct {
	Accent, OnAccent, Wash             string
	AccentDark, OnAccentDark, WashDark string
}

// Own are Yakusoku's, as in the style of the guest's pages.
var Own = Colours{
	Accent: "#0b6b4f", OnAccent: "#ffffff", Wash: "#e9f3ef",
	AccentDark: "#7ad3b1", OnAccentDark: "#07130e", WashDark: "#182a23",
}

// IsColour reports whether s is a colour as hosts give it: "#rrggbb".
func IsColour(s string) bool { return form.MatchString(s) }

var form = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// Palette makes the colours of an accent: as much of it as can be read. What is
// no colour stands for Own.
func Palette(accent string) Colours {
	if !IsColour(accent) {
		return Own
	}
	c := Colours{OnAccent: Own.OnAccent, OnAccentDark: Own.OnAccentDark}
	c.Accent, c.Wash = legible(parse(accent), parse(Paper), rgb{}, 0.09)
	c.AccentDark, c.WashDark = legible(parse(accent), parse(PaperDark), rgb{255, 255, 255}, 0.14)
	return c
}

const readable = 4.5

// legible moves the accent towards black or white until it can be read on the
// paper and on its own wash: the paper with a share of the accent.
func legible(accent, paper, towards rgb, share float64) (text, wash string) {
	for step := 0.0; ; step += 0.02 {
		a := mix(accent, towards, step)
		w := mix(paper, a, share)
		if step >= 1 || contrast(a, paper) >= readable && contrast(a, w) >= readable {
			return a.String(), w.String()
		}
	}
}

type rgb [3]float64 // 0 to 255, in whole numbers

func parse(hex string) rgb {
	n, _ := strconv.ParseUint(hex[1:], 16, 32) // IsColour has seen to it
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
}

func (c rgb) String() string {
	n := uint64(c[0])<<16 | uint64(c[1])<<8 | uint64(c[2])
	return "#" + strconv.FormatUint(1<<24|n, 16)[1:]
}

func mix(a, b rgb, share float64) rgb {
	for i := range a {
		a[i] = math.Round(a[i] + (b[i]-a[i])*min(share, 1))
	}
	return a
}

// contrast is WCAG's contrast ratio of two colours.
func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(c rgb) float64 {
	var linear rgb
	for i, v := range c {
		if v /= 255; v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}
