package booking

import (
	"context"
	"strings"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/calendar"
	"yakusoku/shared/page"
)

// Archive is what a host may look up.
type Archive interface {
	// Booking reads the last written state. It returns *NotFound.
	Booking(ctx context.Context, id string) (Booking, error)
	// HostBookings reads a page of a host's bookings.
	HostBookings(ctx context.Context, q Search) (Found, error)
	// HostUnsettled lists the host's bookings that have something left to do,
	// whenever they start.
	HostUnsettled(ctx context.Context, host string) ([]Booking, error)
	// Days reads when a host is busy on the days that [from, to) touches, by the
	// calendars named and by bookings apart, and how many bookings of the page each
	// local date has.
	Days(ctx context.Context, p page.Page, from, to time.Time) (Days, error)
	// Awake makes sweep look after an unsettled booking now.
	Awake(ctx context.Context, b Booking, now time.Time) error
}

// Search asks for a host's bookings that start in [From, To).
type Search struct {
	Host      string
	From, To  time.Time
	Backwards bool // the latest first
	Status    Status
	Page      string // slug
	Text      string // in a guest's name, address or company, or the title
	Concern   Concern
	Cursor    string
}

// Concern is why a host should look at a booking.
type Concern string

const (
	Anything  Concern = ""
	Attention Concern = "attention" // something could not be undone yet
	Differs   Concern = "differs"   // something of it stands outside otherwise than here
)

func (c Concern) of(b Booking) bool {
	switch c {
	case Attention:
		return b.NeedsAttention()
	case Differs:
		return len(b.Differences) > 0
	}
	return true
}

// Matches reports whether the booking is one that is searched for.
func (q Search) Matches(b Booking) bool {
	if q.Status != "" && b.Status != q.Status || q.Page != "" && b.Page != q.Page || !q.Concern.of(b) {
		return false
	}
	if q.Text == "" {
		return true
	}
	for _, text := range []string{b.Guest.Name, b.Guest.Email, b.Guest.Company, b.Terms.Title} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(q.Text)) {
			return true
		}
	}
	return false
}

// Found is one page of a search.
type Found struct {
	Bookings []Booking
	Cursor   string // of the next page; empty: none
}

// Days is what a host's days hold.
type Days struct {
	Busy   []calendar.Interval // of calendars
	Held   []calendar.Interval // of bookings, widened by their buffers
	Booked map[string]int      // bookings by local date
}

// Diary shows a host their bookings and their pages' days.
type Diary struct {
	Archive   Archive
	Registrar *Registrar
	Now       func() time.Time
}

// Search returns a page of the host's bookings.
func (d *Diary) Search(ctx context.Context, q Search) (Found, error) {
	return d.Archive.HostBookings(ctx, q)
}

// Booking returns one of the host's bookings. Another host's is *NotFound.
func (d *Diary) Booking(ctx context.Context, host, id string) (Booking, error) {
	b, err := d.Archive.Booking(ctx, id)
	if err != nil {
		return Booking{}, err
	}
	if b.Host != host {
		return Booking{}, &NotFound{}
	}
	return b, nil
}

// CanRetry reports whether something is left of the booking that another try may
// settle.
func (b Booking) CanRetry() bool { return !b.Deadline.IsZero() && b.Status != Pending }

// Retry has what is left of a booking tried again at once. It returns *NotFound,
// or *NothingToRetry.
func (d *Diary) Retry(ctx context.Context, host, id string) error {
	b, err := d.Booking(ctx, host, id)
	if err != nil {
		return err
	}
	if !b.CanRetry() {
		return &NothingToRetry{}
	}
	return d.Archive.Awake(ctx, b, d.Now())
}

// Cancel cancels one of the host's bookings, with a message to its guest. It
// returns *NotFound or *NotCancellable.
func (d *Diary) Cancel(ctx context.Context, host, id string, reason CancelReason, message string) error {
	b, err := d.Booking(ctx, host, id)
	if err != nil {
		return err
	}
	return d.Registrar.Cancel(ctx, b, Cancellation{By: ByHost, Reason: reason, Message: message})
}

// NothingToRetry says that a booking is settled, or under way.
type NothingToRetry struct{}

func (*NothingToRetry) Error() string { return "nothing is left to try again" }

// Overview is what a host sees first.
type Overview struct {
	ThisWeek       int // bookings confirmed in the host's present week, Monday to Sunday
	Upcoming       int
	NeedsAttention int // whenever they start
	Differing      int // to come, and standing outside otherwise than here
	Next           *Booking
}

// overviewSpan bounds how far ahead upcoming bookings are counted: no page opens
// more days than page.Page.HorizonDays allows.
const overviewSpan = 366 * 24 * time.Hour

// Overview counts the host's bookings; in is the host's time zone.
func (d *Diary) Overview(ctx context.Context, host string, in *time.Location) (Overview, error) {
	now := d.Now().In(in)
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, in)
	sunday := monday.AddDate(0, 0, 7)
	q := Search{Host: host, From: monday, To: now.Add(overviewSpan)}
	var o Overview
	unsettled, err := d.Archive.HostUnsettled(ctx, host)
	if err != nil {
		return Overview{}, err
	}
	for _, b := range unsettled {
		if b.NeedsAttention() {
			o.NeedsAttention++
		}
	}
	for {
		found, err := d.Archive.HostBookings(ctx, q)
		if err != nil {
			return Overview{}, err
		}
		for _, b := range found.Bookings {
			if b.Status != Confirmed {
				continue
			}
			if b.Start.Before(sunday) {
				o.ThisWeek++
			}
			if b.End.After(now) {
				o.Upcoming++
				if Differs.of(b) {
					o.Differing++
				}
				if o.Next == nil {
					o.Next = &b
				}
			}
		}
		if found.Cursor == "" {
			return o, nil
		}
		q.Cursor = found.Cursor
	}
}

// Preview is what a page would offer.
type Preview struct {
	Slots []availability.Slot
	Day   *availability.Day // of the date asked for
}

// Preview applies settings that need not be stored to the host's days: the open
// slots that start in [from, to), and, if a date is given, each time of that date
// with why it is open or not.
func (d *Diary) Preview(ctx context.Context, p page.Page, from, to time.Time, date string) (Preview, error) {
	rules, err := availability.Compile(p)
	if err != nil {
		return Preview{}, err
	}
	days, err := d.Archive.Days(ctx, p, from.Add(-margin), to.Add(margin))
	if err != nil {
		return Preview{}, err
	}
	q := availability.Query{Now: d.Now(), From: from, To: to, Busy: append(days.Busy, days.Held...), Booked: days.Booked}
	shown := Preview{Slots: rules.Open(q)}
	if date != "" {
		day, err := rules.Explain(date, q, days.Held)
		if err != nil {
			return Preview{}, err
		}
		shown.Day = &day
	}
	return shown, nil
}
