// Package language names the languages that Yakusoku speaks to people and
// chooses among them. The texts themselves stand with what they describe.
package language

import "golang.org/x/text/language"

// Tag is a language that every text exists in.
type Tag string

const (
	Japanese Tag = "ja"
	English  Tag = "en"
)

var matcher = language.NewMatcher([]language.Tag{language.English, language.Japanese})

// Match chooses the language for an Accept-Language header or a BCP 47 tag.
// What is empty, malformed or neither of ours is English.
func Match(accept string) Tag {
	tag, _ := language.MatchStrings(matcher, accept)
	if base, _ := tag.Base(); base.String() == "ja" {
		return Japanese
	}
	return English
}
