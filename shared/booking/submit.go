package booking

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
)

// Submission is what a guest asks for.
type Submission struct {
	Host    string // handle
	Page    string // slug
	Key     string // Idempotency-Key: the same key and content is the same booking
	Start   time.Time
	Guest   Guest
	Answers map[string]any // by question id: string, []string or bool
	Consent string         // the version agreed to

	// What follows is about how it was sent, and makes it no other submission.

	Code     string         // sent to the guest's address, where the page asks for it
	Address  string         // the network address that it came from
	FilledIn *time.Duration // how long the form was seen, where that is known
}

// Receipt is what a submission is answered with.
type Receipt struct {
	ID         string
	Token      string // the guest's, for reading and changing the booking
	Start, End time.Time
}

// Wanted is what a Snapshot is asked for.
type Wanted struct {
	Host, Page string    // handle and slug
	From, To   time.Time // the days that this span touches
	Booking    string    // an id, or empty for none
	Quotas     []Quota
}

// Snapshot is everything that one read of a page's days gives.
type Snapshot struct {
	Host   host.Host
	Page   page.Page
	Busy   []calendar.Interval // external busy times and held cells, within the days asked for
	Booked map[string]int      // bookings by local date, where the page has a maxPerDay
	Repeat *Booking            // the booking asked for, if it is stored
	Used   map[string]int      // of the quotas asked for, by subject
}

// Ledger is where bookings and the cells they hold are kept.
type Ledger interface {
	// Snapshot reads what is wanted in one round trip. It may lag behind the last
	// writes. It returns *PageNotFound where there is no page, published or not.
	Snapshot(ctx context.Context, w Wanted) (Snapshot, error)
	// Hold stores the booking and claims its cells, a place in its day if maxPerDay
	// is not 0, and one of each quota: all or nothing, atomically against every
	// other Hold. It returns *SlotTaken, *RateLimited, *NotAccepting if the host is
	// leaving, or *Repeated if a booking of that id is stored.
	Hold(ctx context.Context, b Booking, maxPerDay int, quotas []Quota) error
	// Count takes one of the quota. It returns *RateLimited if none is left.
	Count(ctx context.Context, q Quota) error
	Changes
}

// Calendars tells when a host is busy, as their calendars know it now.
type Calendars interface {
	// Busy returns the host's busy times in [from, to). An error for which
	// connection.Lost is true means that the host must reconnect; any other, that
	// nobody knows.
	Busy(ctx context.Context, host string, in []page.CalendarRef, from, to time.Time) ([]calendar.Interval, error)
}

// Sagas starts what makes a held booking real.
type Sagas interface {
	// Start is safe to repeat. checked says that the calendars were seen to be free
	// after the slot was held.
	Start(ctx context.Context, b Booking, checked bool) error
}

// Desk receives guests: it shows open slots, takes submissions and tells a guest
// how their booking stands.
type Desk struct {
	Ledger    Ledger
	Calendars Calendars
	Sagas     Sagas
	Codes     Codes
	Tokens    Tokens
	Limits    Limits
	Now       func() time.Time
	// Closed takes no bookings, on any page, and moves none.
	Closed bool
	// EmbedIn is where pages may be embedded, among what their hosts name.
	EmbedIn page.Sites
	// SettleWithin is how long a booking may stay pending before sweep looks
	// after it.
	SettleWithin time.Duration
	// CheckWithin bounds the look into the host's calendars at submission. A
	// calendar that does not answer in time is asked again by the saga.
	CheckWithin time.Duration
}

// ID derives a booking's id from the page and the guest's key.
func ID(host, slug, key string) string {
	sum := sha256.Sum256([]byte("booking\n" + host + "\n" + slug + "\n" + key))
	return idEncoding.EncodeToString(sum[:16])
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Submit holds the slot and starts the saga: two round trips to the ledger. A
// repeated submission gets the first one's receipt. It returns *PageNotFound,
// *NotAccepting, *Invalid, *SlotNotOpen, *SlotTaken, *RateLimited or *KeyReused.
func (d *Desk) Submit(ctx context.Context, s Submission) (Receipt, error) {
	id := ID(s.Host, s.Page, s.Key)
	fingerprint, err := s.fingerprint()
	if err != nil {
		return Receipt{}, err
	}
	own, shared := d.quotas(s)
	snap, err := d.Ledger.Snapshot(ctx, Wanted{
		Host: s.Host, Page: s.Page, From: s.Start.Add(-margin), To: s.Start.Add(margin),
		Booking: id, Quotas: slices.Concat(own, shared),
	})
	if err != nil {
		return Receipt{}, err
	}
	if snap.Repeat != nil {
		return d.repeat(ctx, *snap.Repeat, fingerprint)
	}
	b, err := d.draft(s, snap)
	if err == nil {
		err = d.admit(ctx, s, snap, slices.Concat(own, shared))
	}
	if err != nil {
		return d.refuse(ctx, id, fingerprint, err)
	}
	b.ID, b.Fingerprint, b.TokenHash = id, fingerprint, hashToken(d.Tokens.For(id))

	err = d.Ledger.Hold(ctx, b, snap.Page.MaxPerDay, own)
	if repeated := (*Repeated)(nil); errors.As(err, &repeated) {
		return d.repeat(ctx, repeated.Booking, fingerprint)
	}
	if err != nil {
		return Receipt{}, err
	}
	counted := d.count(ctx, shared)
	checked, against := d.checkCalendars(ctx, b)
	<-counted
	if against != ReasonNone {
		return d.giveUp(ctx, b, against)
	}
	d.start(ctx, b, checked)
	return d.receipt(b), nil
}

// refuse returns the refusal, unless the snapshot lagged behind this very
// submission's booking: what it met may be its own cells, count and quota.
func (d *Desk) refuse(ctx context.Context, id string, fingerprint []byte, refusal error) (Receipt, error) {
	b, err := d.Ledger.Booking(ctx, id)
	if _, missing := errors.AsType[*NotFound](err); missing {
		return Receipt{}, refusal
	}
	if err != nil {
		return Receipt{}, err
	}
	return d.repeat(ctx, b, fingerprint)
}

// margin is wider than any claim (page.MaxClaim) on either side of a start.
const margin = 12 * time.Hour

// checkCalendars looks, once, whether the host's calendars are still free, and
// returns what speaks against the booking. It comes after the hold, so that of
// many guests in a rush only the one who has the slot makes a call outside. A
// calendar that cannot tell refuses nobody here; one that is not there any more
// does, as the event's step would.
func (d *Desk) checkCalendars(ctx context.Context, b Booking) (checked bool, against Reason) {
	from, to := b.Claim()
	within, cancel := context.WithTimeout(ctx, d.CheckWithin)
	defer cancel()
	busy, err := d.Calendars.Busy(within, b.Host, b.Terms.Check, from, to)
	switch {
	case connection.Lost(err):
		return false, ReasonHostDisconnected
	case gone(err):
		slog.WarnContext(ctx, "a calendar that is checked is not there", "booking", b.ID, "host", b.Host, "page", b.Page, "error", err)
		return false, ReasonCalendarFailed
	case err != nil:
		slog.WarnContext(ctx, "calendars not checked at submission", "booking", b.ID, "error", err)
		return false, ReasonNone
	case meets(busy, from, to):
		return true, ReasonSlotTaken
	}
	return true, ReasonNone
}

// gone reports whether a provider says that a calendar is not there, or no longer
// open to the host.
func gone(err error) bool {
	says := (interface{ CalendarGone() bool })(nil)
	return errors.As(err, &says) && says.CalendarGone()
}

func meets(busy []calendar.Interval, from, to time.Time) bool {
	claim := calendar.Interval{Start: from, End: to}
	return slices.ContainsFunc(busy, claim.Meets)
}

// giveUp frees a hold that never became a saga, and returns the refusal. If that
// fails, nothing is refused: the booking stays pending, sweep finds it, and it may
// yet become real. If it changed meanwhile, what stands now is the answer.
func (d *Desk) giveUp(ctx context.Context, b Booking, reason Reason) (Receipt, error) {
	fingerprint := b.Fingerprint
	was := b
	b.Fail(reason, d.Now())
	b.Mark(Hold, Undone, d.Now())
	b.Deadline, b.News = time.Time{}, nil // nobody was told anything yet
	err := d.Ledger.Release(ctx, was, b)
	if _, stale := errors.AsType[*Stale](err); stale {
		b, err = d.Ledger.Booking(ctx, b.ID)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("release the hold of %s: %w", b.ID, err)
	}
	return d.repeat(ctx, b, fingerprint)
}

// repeat answers a submission whose booking exists.
func (d *Desk) repeat(ctx context.Context, b Booking, fingerprint []byte) (Receipt, error) {
	if !slices.Equal(b.Fingerprint, fingerprint) {
		return Receipt{}, &KeyReused{}
	}
	if b.TurnedAway() {
		if b.Reason == ReasonSlotTaken {
			return Receipt{}, &SlotTaken{}
		}
		return Receipt{}, &NotAccepting{}
	}
	// A younger one may still be in the hands of its first submission, which starts
	// it or gives it up; should that have died, there is sweep.
	if b.Status == Pending && d.Now().Sub(b.CreatedAt) >= d.CheckWithin {
		d.start(ctx, b, false)
	}
	return d.receipt(b), nil
}

// start leaves a booking whose saga could not be started to sweep: it is stored,
// so the guest's answer is the same.
func (d *Desk) start(ctx context.Context, b Booking, checked bool) {
	if err := d.Sagas.Start(ctx, b, checked); err != nil {
		slog.ErrorContext(ctx, "saga not started; sweep will start it", "booking", b.ID, "error", err)
	}
}

func (d *Desk) receipt(b Booking) Receipt {
	return Receipt{ID: b.ID, Token: d.Tokens.For(b.ID), Start: b.Start, End: b.End}
}

// fingerprint tells one submission's content from another's.
func (s Submission) fingerprint() ([]byte, error) {
	start := [2]int64{s.Start.Unix(), int64(s.Start.Nanosecond())}
	s.Key, s.Start = "", time.Time{}
	s.Code, s.Address, s.FilledIn = "", "", nil
	content, err := json.Marshal(struct { // maps are written in the order of their keys
		Submission
		At [2]int64 // JSON has no years beyond 9999, and a guest may name one
	}{s, start})
	if err != nil {
		return nil, fmt.Errorf("fingerprint the submission: %w", err)
	}
	sum := sha256.Sum256(content)
	return sum[:], nil
}
