// Package consent knows each provider's side of connecting: what must be
// granted, whose account it is, what its host should know of it, and how a grant
// is ended. The flow itself is package connection's.
package consent

import "slices"

// missing returns the first of the needed scopes that was not granted.
func missing(granted []string, needed ...string) string {
	for _, scope := range needed {
		if !slices.Contains(granted, scope) {
			return scope
		}
	}
	return ""
}
