package calendar

import "time"

// Channel is a provider's promise to tell us when a calendar changes. It says
// that something changed, never what.
type Channel struct {
	ID       string // ours or the provider's, as the provider has it
	Resource string // the provider's further name for what is watched; may be empty
	Address  string // where it sends its notifications
	Token    string // a secret that comes with each of them; it is not stored
	Expires  time.Time
}

// MarkSpent says that a provider no longer knows the point from which changes
// were asked for: the next one is asked for from the start.
type MarkSpent struct{}

func (*MarkSpent) Error() string { return "changes can no longer be told from that mark" }
