// Package host holds the account that publishes booking pages. It knows who a
// host is and how to address them; what they publish is package page's, what
// they connected is package connection's.
package host

import "yakusoku/shared/language"

// Host is an account. Handle is the URL part, unique and immutable.
type Host struct {
	Handle   string
	Name     string
	Email    string
	TimeZone string // IANA name
	Language language.Tag

	// Connected holds the providers whose grant is known to work. It repeats
	// what the connections say, so that a page is read without their tokens.
	Connected map[string]bool
}
