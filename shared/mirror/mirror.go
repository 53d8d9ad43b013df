// Package mirror keeps a copy of when hosts' calendars are busy beside their day
// sheets, so that showing open slots calls nobody. A copy is a hint: it is asked
// for again when the provider says that something changed, from time to time in
// any case, and a submission looks into the calendars themselves. Where the copy
// is kept, package store knows; how a calendar is asked, packages below calendar.
package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/page"
)

// Name is how a host's calendar is told from their others where its copy is kept:
// short, and no mail address, which a calendar's id may be.
func Name(ref page.CalendarRef) string {
	sum := sha256.Sum256([]byte(ref.Provider + "\n" + ref.ID))
	return strings.ToLower(nameEncoding.EncodeToString(sum[:nameBytes]))
}

const nameBytes = 10

var nameEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Key names what can be due: one of a host's calendars or, with no Calendar, the
// host's plan, which is the list of their calendars.
type Key struct {
	Host     string // handle
	Calendar string // its Name
}

func (k Key) String() string { return k.Host + "/" + k.Calendar }

// Calendar is a calendar whose busy times are copied.
type Calendar struct {
	Host        string
	Ref         page.CalendarRef
	HorizonDays int       // how far the host's pages look
	ConnectedAt time.Time // when the host gave the grant that it is read by
	Parked      bool      // not read until the host connects again
	State       State
}

// Key names the calendar.
func (c Calendar) Key() Key { return Key{Host: c.Host, Calendar: Name(c.Ref)} }

// State is what is known of a calendar from the times that it was read.
type State struct {
	Grant    time.Time // ConnectedAt of the grant that all below belongs to
	ReadAt   time.Time // when all busy times were last read; zero: never
	Digest   []byte    // of what was read, to see whether anything is new
	Steady   bool      // whether the last reading brought nothing new
	Mark     string    // the provider's, for asking what changed since
	Failures int       // since the last reading that succeeded

	Channel     calendar.Channel // without its token
	TokenHash   []byte           // of the channel's token
	NoPushUntil time.Time        // no channel is asked for before

	NotBefore time.Time // however often its provider says that something changed
	Missing   bool      // the last reading found no such calendar, or none that we may read
}

// Lease is the right to read a calendar, or to make a plan.
type Lease struct {
	Key    Key
	Until  time.Time
	Rung   bool // the provider said that something changed
	Reopen bool // the provider ended the channel
	Rings  int  // how often the key was made due, ever
}

// Gone says that what was leased is no longer there.
type Gone struct{}

func (*Gone) Error() string { return "the calendar is no longer mirrored" }

// Overtaken says that the lease has ended: another may have what was leased.
type Overtaken struct{}

func (*Overtaken) Error() string { return "the lease has ended" }

// Ledger is where copies are kept, and what is due.
type Ledger interface {
	Audits

	// DueForMirror lists what is due, the longest overdue first. It may lag behind.
	DueForMirror(ctx context.Context, now time.Time, limit int) ([]Key, error)
	// TakeForMirror leases what is due and not leased; ok is false otherwise.
	TakeForMirror(ctx context.Context, k Key, now, until time.Time) (c Calendar, l Lease, ok bool, err error)
	// ReturnCalendar keeps what was learned and ends the lease. It is due at next, or
	// if it was made due meanwhile, at the state's NotBefore; if next is zero, it is
	// parked. It returns *Gone or *Overtaken.
	ReturnCalendar(ctx context.Context, l Lease, s State, next time.Time) error
	// KeepState keeps what was learned and does not end the lease. It returns *Gone or
	// *Overtaken.
	KeepState(ctx context.Context, l Lease, s State) error
	// ReturnPlan ends the lease of a plan that is due at next, or never if that is
	// zero; at once if it was made due meanwhile.
	ReturnPlan(ctx context.Context, l Lease, next time.Time) error

	// SetBusy makes the copy of [from, to) say what was read at that time. A copy
	// that was read later stays.
	SetBusy(ctx context.Context, c Calendar, busy []calendar.Interval, from, to, read time.Time) error
	// Mirrored lists the host's calendars that are copied.
	Mirrored(ctx context.Context, host string) ([]Calendar, error)
	// Mirror makes the calendar one that is copied, and due now, whatever it was to
	// wait for: a reading under way is overtaken. What is known of it stays.
	Mirror(ctx context.Context, c Calendar, now time.Time) error
	// Unmirror forgets the calendar and its copy.
	Unmirror(ctx context.Context, k Key) error
	// KeepBusy removes the host's copies of all other calendars.
	KeepBusy(ctx context.Context, host string, names []string) error

	Pages(ctx context.Context, host string) ([]page.Page, error)
	Connections(ctx context.Context, host string) ([]connection.Connection, error)
}

// Calendars reaches hosts' calendars.
type Calendars interface {
	// Open gives the host's calendars at a provider. It returns errors for which
	// connection.Lost is true where the host must reconnect.
	Open(ctx context.Context, host, provider string) (Source, error)
}

// Source is one host's calendars at one provider. Its errors may say how long to
// wait, by a method Pause, and that the grant no longer works, by a method
// GrantDead.
type Source interface {
	Busy(ctx context.Context, calendarIDs []string, from, to time.Time) ([]calendar.Interval, error)
	// Watch opens a channel to ask's address with its token.
	Watch(ctx context.Context, calendarID string, ask calendar.Channel) (calendar.Channel, error)
	// Unwatch ends a channel; one that is gone is no error.
	Unwatch(ctx context.Context, c calendar.Channel) error
}

// Differ is a Source that tells what changed at less cost than a reading.
type Differ interface {
	// Changes reports whether anything changed in the calendar after from since the
	// mark, and the mark to ask with next. With no mark it gives one. It returns
	// *calendar.MarkSpent.
	Changes(ctx context.Context, calendarID, mark string, from time.Time) (changed bool, next string, err error)
}

// WebhookPath is where a provider's notifications arrive.
func WebhookPath(provider string) string { return "/api/webhooks/" + provider }

func (c Calendar) describe() []any {
	return []any{"host", c.Host, "provider", c.Ref.Provider, "calendar", Name(c.Ref)}
}

// restart forgets what belongs to a grant that is not the present one.
func (c *Calendar) restart() {
	if !c.State.Grant.Equal(c.ConnectedAt) {
		c.State = State{Grant: c.ConnectedAt}
	}
}

// errTooMany bounds what one calendar may fill.
var errTooMany = fmt.Errorf("more than %d busy times", maxBusy)

// maxBusy is far beyond any person's calendar: a hundred a day for a year.
const maxBusy = 36_500
