package zoomsim

import (
	"crypto/rand"
	"strings"
	"unicode"
)

// PasscodeRule is what an account asks of its meetings' passcodes
// (schedule_meeting.meeting_password_requirement of the settings). Special are
// those that an update takes too.
type PasscodeRule struct {
	Length      int  `json:"length"` // at least
	Letter      bool `json:"have_letter"`
	Number      bool `json:"have_number"`
	Special     bool `json:"have_special_character"`
	BothCases   bool `json:"have_upper_and_lower_characters"`
	NumericOnly bool `json:"only_allow_numeric"`
}

const specials = "@-_*"

// takes reports whether the account lets its users have the passcode.
func (r PasscodeRule) takes(passcode string) bool {
	has := func(which func(rune) bool) bool { return strings.ContainsFunc(passcode, which) }
	switch {
	case len(passcode) < r.Length,
		r.Letter && !has(unicode.IsLetter),
		r.Number && !has(unicode.IsDigit),
		r.Special && !strings.ContainsAny(passcode, specials),
		r.BothCases && (!has(unicode.IsUpper) || !has(unicode.IsLower)),
		r.NumericOnly && has(func(c rune) bool { return !unicode.IsDigit(c) }):
		return false
	}
	return true
}

// make makes one by the rule, as Zoom does for a meeting that comes without.
func (r PasscodeRule) make() string {
	if r.NumericOnly {
		return strings.Map(func(c rune) rune { return '0' + c%10 }, rand.Text()[:max(6, r.Length)])
	}
	made := rand.Text()[:max(6, r.Length)-4]
	return made + "k7" + specials[:1] + "Q"
}
