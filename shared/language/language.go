// Package language names the languages that Yakusoku speaks to people and
// chooses among them. The texts themselves stand with what they describe.
package language

import (
	"cmp"

	"golang.org/x/text/language"
)

// Tag is a language that every text exists in.
type Tag string

const (
	Japanese Tag = "ja"
	English  Tag = "en"
)

// Variable is the environment's variable that holds the deployment's language.
const Variable = "DEFAULT_LOCALE"

// deployments is that of whoever asks for none of ours; empty: as the caller has it.
var deployments Tag

// Prefer has whoever asks for neither of our languages answered in this one from now on;
// a function's main does it once. Empty is no preference.
func Prefer(t Tag) { deployments = t }

// Otherwise is the language for whoever asks for none: the deployment's, or the given
// one where it has none.
func Otherwise(given Tag) Tag { return cmp.Or(deployments, given) }

var matcher = language.NewMatcher([]language.Tag{language.English, language.Japanese})

// Match chooses the language for an Accept-Language header or a BCP 47 tag.
// What is empty, malformed or neither of ours is the deployment's, or English.
func Match(accept string) Tag {
	asked, _, err := language.ParseAcceptLanguage(accept)
	tag, _, sure := matcher.Match(asked...)
	if err != nil || sure == language.No {
		return Otherwise(English)
	}
	if base, _ := tag.Base(); base.String() == "ja" {
		return Japanese
	}
	return English
}
