// Package audit compares hosts' bookings to come with what stands of them at Zoom and
// in the hosts' calendars. What a host deleted or moved there is kept as a difference,
// of which they are mailed: what is to become of the booking, they decide. What we
// made ourselves and no booking holds any more is taken away.
//
// A provider that cannot be asked makes no difference: what can be looked at is
// compared, the rest the next time. A booking on which something is under way is
// sweep's and its saga's; it is left to the next time too.
package audit

import (
	"context"
	"time"

	"yakusoku/shared/audit/turn"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/host"
	"yakusoku/shared/mail"
	"yakusoku/shared/zoom"
)

// Ledger is where bookings are kept, and whose are to be audited.
type Ledger interface {
	// DueForAudit lists the hosts whose audit is due, the longest overdue first. It may
	// lag behind.
	DueForAudit(ctx context.Context, now time.Time, limit int) ([]string, error)
	// TakeForAudit leases what is due and not leased; ok is false otherwise.
	TakeForAudit(ctx context.Context, host string, now, until time.Time) (s turn.State, l turn.Lease, ok bool, err error)
	// ReturnAudit keeps what was learned and ends the lease. It is due at next, or if it
	// was made due meanwhile, at notBefore, before which nothing makes it due. It returns
	// *turn.Overtaken.
	ReturnAudit(ctx context.Context, l turn.Lease, s turn.State, next, notBefore time.Time) error
	// ForgetAudit ends the audits of a host who is not there any more.
	ForgetAudit(ctx context.Context, host string) error

	// Host returns the host of that handle, or *host.Unknown.
	Host(ctx context.Context, handle string) (host.Host, error)
	// HostBookings reads a page of a host's bookings. It may lag behind; it returns
	// *booking.BadCursor.
	HostBookings(ctx context.Context, q booking.Search) (booking.Found, error)
	// Bookings reads bookings by their ids, those that there are. It may lag behind.
	Bookings(ctx context.Context, ids []string) ([]booking.Booking, error)
	// Booking reads the last written state. It returns *booking.NotFound.
	Booking(ctx context.Context, id string) (booking.Booking, error)
	// Save stores b if its Version is the stored one, and counts it up; *booking.Stale
	// otherwise.
	Save(ctx context.Context, b *booking.Booking) error
}

// Zoom is one host's account at Zoom.
type Zoom interface {
	// Account is the mark of whose it is.
	Account() string
	// List returns all scheduled meetings.
	List(ctx context.Context) ([]zoom.Meeting, error)
	Get(ctx context.Context, id int64) (zoom.Meeting, error)
	// Delete is done when there is no such meeting any more.
	Delete(ctx context.Context, id int64) error
}

// Events are those of one host's calendars at one provider. An event that was written
// in another account than the one connected is *connection.OtherAccount.
type Events interface {
	Find(ctx context.Context, calendarID string, r calendar.Reference) (calendar.Written, bool, error)
	// Delete is done when there is no such event any more.
	Delete(ctx context.Context, calendarID string, r calendar.Reference) error
}

// Post composes and sends one mail about a booking.
type Post interface {
	Send(ctx context.Context, kind mail.Kind, b booking.Booking) (string, error)
}
