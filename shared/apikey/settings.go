package apikey

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Settings are what a host says of a key when they make it. They do not change: who
// wants it otherwise makes another.
type Settings struct {
	Name   string
	Scopes []Scope
	Days   int // for which it is good; 0: without end
}

const (
	mostLetters = 60  // of a name
	mostDays    = 366 // of a key that ends by itself
)

// FieldCode says what is wrong with one part of the settings.
type FieldCode string

const (
	Required    FieldCode = "required"
	Malformed   FieldCode = "malformed"
	TooLong     FieldCode = "too_long"
	NotAnOption FieldCode = "not_an_option"
	Duplicate   FieldCode = "duplicate"
	OutOfRange  FieldCode = "out_of_range"
)

// Field is one that is wrong.
type Field struct {
	Name string // as in the API
	Code FieldCode
}

// Invalid says which parts of the settings are wrong.
type Invalid struct{ Fields []Field }

func (*Invalid) Error() string { return "the key's settings are wrong" }

// check returns what is wrong with the settings.
func (s Settings) check() []Field {
	var wrong []Field
	add := func(name string, code FieldCode) { wrong = append(wrong, Field{name, code}) }
	switch {
	case strings.TrimFunc(s.Name, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == "":
		add("name", Required)
	case strings.ContainsFunc(s.Name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		add("name", Malformed)
	case utf8.RuneCountInString(s.Name) > mostLetters:
		add("name", TooLong)
	}
	switch {
	case len(s.Scopes) == 0:
		add("scopes", Required)
	case slices.ContainsFunc(s.Scopes, func(scope Scope) bool { return !slices.Contains(Scopes, scope) }):
		add("scopes", NotAnOption)
	case len(slices.Compact(slices.Sorted(slices.Values(s.Scopes)))) < len(s.Scopes):
		add("scopes", Duplicate)
	}
	if s.Days < 0 || s.Days > mostDays {
		add("expiresInDays", OutOfRange)
	}
	return wrong
}

// ordered are the settings' scopes in the order in which they are shown.
func (s Settings) ordered() []Scope {
	return slices.DeleteFunc(slices.Clone(Scopes), func(scope Scope) bool { return !slices.Contains(s.Scopes, scope) })
}

// ends is when a key of these settings expires; zero: never.
func (s Settings) ends(now time.Time) time.Time {
	if s.Days == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, s.Days).UTC()
}
