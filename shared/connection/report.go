package connection

import "time"

// Report is a provider's word on one of its users: that they removed our app, or
// that something of theirs is not as it was. It names no host; whose the account is,
// the ledger knows.
type Report struct {
	Key      string // tells it from every other, however often it is sent
	Provider Provider
	User     string    // the provider's id of them
	Came     time.Time // to us
	// Removed says that the user removed our app, at RemovedAt where that is said.
	// Otherwise something changed in their account.
	Removed   bool
	RemovedAt time.Time
}
