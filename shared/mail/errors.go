package mail

import (
	"errors"
	"fmt"
)

// Refused says that this mail will not be sent, now or later: its address or its
// content does not pass.
type Refused struct {
	Op  string
	Err error
}

// RateLimited says that the mail was not taken because too many were sent: in
// this second, or, if Daily, in these 24 hours.
type RateLimited struct {
	Op    string
	Daily bool
	Err   error
}

// Unavailable says that it is not known whether the mail was taken, or that it was
// not for a reason of ours, such as the sender's standing: it may pass.
type Unavailable struct {
	Op  string
	Err error
}

func (e *Refused) Error() string     { return fmt.Sprintf("%s: refused: %v", e.Op, e.Err) }
func (e *RateLimited) Error() string { return fmt.Sprintf("%s: rate limited: %v", e.Op, e.Err) }
func (e *Unavailable) Error() string { return fmt.Sprintf("%s: outcome unknown: %v", e.Op, e.Err) }

func (e *Refused) Unwrap() error     { return e.Err }
func (e *RateLimited) Unwrap() error { return e.Err }
func (e *Unavailable) Unwrap() error { return e.Err }

// What Compose and Invite refuse. None of them says whose address it was.
var (
	errKind      = errors.New("no such kind of mail")
	errRecipient = errors.New("the recipient's address is not one that mail can reach")
	errOrganizer = errors.New("the host's address is not one that mail can reach")
	errJoinURL   = errors.New("the booking has no web address to join at")
)
