// Package host holds the account that publishes booking pages. It knows who a
// host is, how to address them and how an account begins and ends; what they
// publish is package page's, what they connected is package connection's.
package host

import (
	"time"

	"yakusoku/shared/language"
)

// Host is an account. Handle is the URL part, unique and immutable.
type Host struct {
	Handle   string
	Subject  string // who signs in to it, as the sign-in provider knows them
	Name     string
	Email    string
	TimeZone string // IANA name
	Language language.Tag

	// RetentionDays is how long guests' data are kept after the meeting; 0: for as
	// long as the account is.
	RetentionDays int

	// Connected holds the providers whose grant is known to work. It repeats
	// what the connections say, so that a page is read without their tokens.
	Connected map[string]bool

	CreatedAt time.Time
}
