package calendar

// Calendar is one of a host's calendars.
type Calendar struct {
	Provider string
	ID       string
	Name     string // as the host sees it
	Primary  bool
	Writable bool // whether we may write events to it
}

// Unlisted is a provider whose calendars could not be listed, and why.
type Unlisted struct {
	Provider string
	Err      error
}
