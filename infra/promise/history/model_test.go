package history_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
)

// model is what should be: a set of bookings, each at a time or off.
type model struct {
	bookings []*known
	busy     []time.Time // when the host has half an hour of their own
	wrong    []string    // answers that were not as expected
}

// known is a booking as its guest and host know it: what became of it must be among
// what they were told it may be.
type known struct {
	key, id, token, guest string
	start                 time.Time // as booked

	at     []time.Time // where it may stand
	failed bool        // whether it may have failed
	off    bool        // whether it may be cancelled
	absent bool        // whether there may be none
	unsure bool        // whether its guest had no answer
}

// expectation says whether an answer is the one that was to come; nil: any may.
type expectation func(error) bool

func is[E error](err error) bool { return typed[E](err) }

func accepted(err error) bool { return err == nil }

// check holds an answer against what was expected.
func (m *model) check(what string, want expectation, err error) {
	if want != nil && !want(err) {
		m.wrong = append(m.wrong, fmt.Sprintf("%s was answered %v", what, err))
	}
}

// sure reports whether the model knows all that there is: only then it can foretell
// an answer.
func (s *story) sure() bool { return s.calm && s.peaceful }

// stands is the one place where a booking is known to stand.
func (k *known) stands() (time.Time, bool) {
	if len(k.at) == 1 && !k.failed && !k.off && !k.absent {
		return k.at[0], true
	}
	return time.Time{}, false
}

const (
	before, length, after = 10 * time.Minute, 30 * time.Minute, 5 * time.Minute
	cell                  = 5 * time.Minute
)

// cells are those that a booking at that time claims.
func cells(at time.Time) map[time.Time]bool {
	return span(at.Add(-before), at.Add(length+after))
}

func span(from, to time.Time) map[time.Time]bool {
	all := map[time.Time]bool{}
	for c := from; c.Before(to); c = c.Add(cell) {
		all[c.UTC()] = true
	}
	return all
}

func meet(a, b map[time.Time]bool) bool {
	for c := range a {
		if b[c] {
			return true
		}
	}
	return false
}

// free reports whether a booking, or self if it moves, can have that time.
func (s *story) free(at time.Time, self *known, guest bool) bool {
	return s.heldByNobody(at, self, guest) && (!guest || !s.isBusy(at, self))
}

func (s *story) heldByNobody(at time.Time, self *known, guest bool) bool {
	want, sameDay := cells(at), 0
	for _, k := range s.bookings {
		stands, ok := k.stands()
		switch {
		case !ok || k == self:
		case meet(want, cells(stands)):
			return false
		case dateOf(stands) == dateOf(at):
			sameDay++
		}
	}
	return !guest || s.page.MaxPerDay == 0 || sameDay < s.page.MaxPerDay
}

// isBusy reports whether the host's own doings are in the way. Where a booking that
// moves stands now, its event covers them.
func (s *story) isBusy(at time.Time, self *known) bool {
	own := map[time.Time]bool{}
	if self != nil {
		if stands, ok := self.stands(); ok {
			own = span(stands, stands.Add(length))
		}
	}
	for _, b := range s.busy {
		taken := span(b, b.Add(length))
		for c := range own {
			delete(taken, c)
		}
		if meet(cells(at), taken) {
			return true
		}
	}
	return false
}

var inZone = func() *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return l
}()

func dateOf(t time.Time) string { return t.In(inZone).Format(time.DateOnly) }

func (s *story) expectBooking(k *known) expectation {
	switch {
	case !s.sure():
		return nil
	case k.absent && !k.failed && s.free(k.start, nil, true):
		return accepted
	case k.absent && !k.failed:
		return is[*booking.SlotTaken]
	case k.off, len(k.at) > 0:
		return accepted // the same receipt
	}
	return nil
}

func (s *story) expectCancel(k *known) expectation {
	_, stands := k.stands()
	switch {
	case !s.sure():
		return nil
	case stands, k.off && len(k.at) == 0:
		return accepted
	case k.failed && !k.absent:
		return is[*booking.NotCancellable]
	}
	return nil
}

func (s *story) expectMove(k *known, by booking.Party, to time.Time) expectation {
	stands, ok := k.stands()
	switch {
	case !s.sure():
		return nil
	case ok && (stands.Equal(to) || s.free(to, k, by == booking.ByGuest)):
		return accepted
	case ok:
		return is[*booking.SlotTaken]
	case k.off && len(k.at) == 0, k.failed && !k.absent:
		return is[*booking.NotMovable]
	}
	return nil
}

// compare holds everything that there is against the model, once all is at rest,
// and makes the model say what was found, where it allowed for more than one end.
func (s *story) compare(ctx context.Context) error {
	var errs []error
	for _, w := range s.wrong {
		errs = append(errs, errors.New(w))
	}
	s.wrong = nil
	found, err := s.found(ctx)
	if err != nil {
		return err
	}
	at := map[string]booking.Booking{}
	for _, b := range found.bookings {
		at[b.ID] = b
	}
	for _, k := range s.bookings {
		b, ok := at[k.id]
		delete(at, k.id)
		if err := k.allows(b, ok); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k, err))
			continue
		}
		k.narrow(b, ok)
		if ok {
			errs = append(errs, s.compareBooking(k, b, found))
		} else {
			errs = append(errs, s.compareNothing(k, found))
		}
	}
	for id := range at {
		errs = append(errs, fmt.Errorf("a booking %s that nobody made", id))
	}
	errs = append(errs, s.compareDays(found))
	return errors.Join(errs...)
}

// compareOffers: the page offers what no booking holds.
func (s *story) compareOffers(ctx context.Context) error {
	first := s.firstDay()
	month, err := s.desk.Slots(ctx, handle, slug, first, first.AddDate(0, 0, 2))
	if err != nil {
		return err
	}
	var want, got []string
	for _, slot := range month.Slots {
		got = append(got, short(slot.Start))
	}
	for day := range 2 {
		for n := range 10 {
			at := first.AddDate(0, 0, day).Add(time.Duration(n) * length)
			if !at.Before(time.Now().Add(time.Hour)) && s.heldByNobody(at, nil, true) {
				want = append(want, short(at))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || !month.Accepting {
		return fmt.Errorf("what is offered, accepting %v (-want +got):\n%s", month.Accepting, diff)
	}
	return nil
}

// allows returns why the booking as it is stored may not be so.
func (k *known) allows(b booking.Booking, ok bool) error {
	switch {
	case !ok && k.absent:
		return nil
	case !ok:
		return errors.New("it is not stored")
	case b.Status == booking.Confirmed && slices.ContainsFunc(k.at, b.Start.Equal),
		b.Status == booking.Failed && k.failed, b.Status == booking.Cancelled && k.off:
	default:
		return fmt.Errorf("it is %s at %s %s; it may be at %v, failed %v, off %v", b.Status, short(b.Start), b.Reason, k.at, k.failed, k.off)
	}
	if !b.TurnedAway() && !b.Finished() || !b.Deadline.IsZero() || b.NeedsAttention() {
		return fmt.Errorf("it is %s and not finished: %v, move %+v, deadline %v", b.Status, b.Steps, b.Move, b.Deadline)
	}
	return nil
}

// narrow makes the model know which of the allowed ends came about. One that was
// never stored may yet be.
func (k *known) narrow(b booking.Booking, ok bool) {
	if !ok {
		k.at, k.failed = nil, false
		return
	}
	k.at, k.failed, k.off, k.absent = nil, b.Status == booking.Failed, b.Status == booking.Cancelled, false
	if b.Status == booking.Confirmed {
		k.at = []time.Time{b.Start}
	}
}

// outside is something of a booking at a provider.
type outside struct {
	id         string
	booking    string // as it carries it
	start, end time.Time
	text       string // where the URL stands; of a meeting its URL
	live       bool
}

// findings are all that there is.
type findings struct {
	bookings         []booking.Booking
	meetings, events []outside
	cells            map[time.Time]string // holders by cell
	counts           map[string]int       // of the page, by date
}

func (s *story) found(ctx context.Context) (findings, error) {
	f := findings{cells: map[time.Time]string{}, counts: map[string]int{}}
	q := booking.Search{Host: handle, From: time.Unix(0, 0), To: time.Now().AddDate(1, 0, 0)}
	for {
		page, err := s.store.HostBookings(ctx, q)
		if err != nil {
			return f, err
		}
		f.bookings = append(f.bookings, page.Bookings...)
		if q.Cursor = page.Cursor; q.Cursor == "" {
			break
		}
	}
	if err := s.readDays(ctx, &f); err != nil {
		return f, err
	}
	for _, m := range s.zoom.State().Meetings {
		reference, _, _ := strings.Cut(m.Agenda, "\n")
		id, _, _ := strings.Cut(strings.TrimPrefix(reference, "yakusoku-"), "-")
		f.meetings = append(f.meetings, outside{
			id: strconv.FormatInt(m.ID, 10), booking: id, start: m.Start, end: m.Start.Add(time.Duration(m.Duration) * time.Minute),
			text: m.JoinURL, live: !m.Deleted,
		})
	}
	if s.google != nil {
		for _, e := range s.google.State().Events {
			f.events = append(f.events, outside{
				id: e.ID, booking: e.Booking, start: parse(e.Start), end: parse(e.End), text: e.Location + "\n" + e.Description, live: e.Live(),
			})
		}
	} else {
		for _, e := range s.outlook.State().Events {
			f.events = append(f.events, outside{
				id: e.ID, booking: e.Booking, start: parse(e.Start), end: parse(e.End), text: e.Location + "\n" + e.Body, live: !e.Deleted,
			})
		}
	}
	return f, nil
}

func parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// readDays reads the host's day sheets and counts as DESIGN §6 has them, past the
// store's own reading.
func (s *story) readDays(ctx context.Context, f *findings) error {
	pages := dynamodb.NewQueryPaginator(s.store.DB, &dynamodb.QueryInput{
		TableName: &s.store.Table, KeyConditionExpression: ptr("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "HOST#" + handle}},
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, it := range out.Items {
			sk := it["sk"].(*types.AttributeValueMemberS).Value
			day, isDay := strings.CutPrefix(sk, "DAY#")
			month, isMonth := strings.CutPrefix(sk, "COUNT#"+slug+"#")
			for name, value := range it {
				switch {
				case isDay && len(name) == 4 && name[0] == 'c':
					n, err := strconv.Atoi(name[1:])
					if err != nil {
						return err
					}
					f.cells[parse(day+"T00:00:00Z").Add(time.Duration(n)*cell)] = value.(*types.AttributeValueMemberS).Value
				case isMonth && len(name) == 3 && name[0] == 'd':
					n, err := strconv.Atoi(value.(*types.AttributeValueMemberN).Value)
					if err != nil {
						return err
					}
					if n != 0 {
						f.counts[month+"-"+name[1:]] = n
					}
				}
			}
		}
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

// compareDays: the cells held are those of the bookings that stand, and so are the
// places of each day.
func (s *story) compareDays(f findings) error {
	want, counts := map[time.Time]string{}, map[string]int{}
	for _, b := range f.bookings {
		if b.Status != booking.Confirmed {
			continue
		}
		for c := range cells(b.Start) {
			if other := want[c]; other != "" {
				return fmt.Errorf("%s and %s both stand at %s", other, b.ID, short(c))
			}
			want[c] = b.ID
		}
		if s.page.MaxPerDay > 0 {
			counts[dateOf(b.Start)]++
		}
	}
	var errs []error
	if diff := cmp.Diff(want, f.cells); diff != "" {
		errs = append(errs, fmt.Errorf("the cells held (-want +got):\n%s", diff))
	}
	if diff := cmp.Diff(counts, f.counts); diff != "" {
		errs = append(errs, fmt.Errorf("bookings by date (-want +got):\n%s", diff))
	}
	return errors.Join(errs...)
}

// compareNothing: of a booking that is none there is nothing outside, and nobody
// was told.
func (s *story) compareNothing(k *known, f findings) error {
	var errs []error
	for _, o := range append(liveOf(f.meetings, k.id), liveOf(f.events, k.id)...) {
		errs = append(errs, fmt.Errorf("%s is not stored, and %+v is there", k, o))
	}
	if mails := s.mailsOf(k.id, ""); len(mails) > 0 {
		errs = append(errs, fmt.Errorf("%s is not stored, and mails went out: %v", k, kinds(mails)))
	}
	return errors.Join(errs...)
}

func liveOf(all []outside, id string) []outside {
	return slices.DeleteFunc(slices.Clone(all), func(o outside) bool { return o.booking != id || !o.live })
}

// compareBooking: what is outside of a booking is what the booking says, but for
// what its host did there by hand; and everybody was told how it stands.
func (s *story) compareBooking(k *known, b booking.Booking, f findings) error {
	var errs []error
	meetings, events := liveOf(f.meetings, b.ID), liveOf(f.events, b.ID)
	if b.Status != booking.Confirmed {
		for _, o := range append(meetings, events...) {
			errs = append(errs, fmt.Errorf("%s is %s, and %+v is there", k, b.Status, o))
		}
	} else {
		errs = append(errs,
			s.compareOutside(k, b, "meeting", zoomHost, strconv.FormatInt(b.ZoomMeeting.ID, 10), meetings),
			s.compareOutside(k, b, "event", calendarHost, b.CalendarEvent.ID, events))
	}
	return errors.Join(append(errs, s.compareMails(k, b))...)
}

// past reports whether a time at which the booking stands, or was to, has come.
func past(b booking.Booking) bool {
	now := time.Now()
	return !b.Start.After(now) || b.Move != nil && (!b.Move.From.Start.After(now) || !b.Move.To.Start.After(now))
}

func (s *story) compareOutside(k *known, b booking.Booking, what, service, id string, live []outside) error {
	done := s.byHand[service+" "+id]
	if done == deleted {
		if len(live) > 0 {
			return fmt.Errorf("%s: its %s %s was deleted by its host, and %+v is there", k, what, id, live)
		}
		return nil
	}
	if len(live) != 1 {
		return fmt.Errorf("%s: %d of a %s are there, want one: %+v", k, len(live), what, live)
	}
	o := live[0]
	switch {
	case o.id != id:
		return fmt.Errorf("%s: its %s is %s, and %s is there", k, what, id, o.id)
	case !strings.Contains(o.text, b.ZoomMeeting.JoinURL) || b.ZoomMeeting.JoinURL == "":
		return fmt.Errorf("%s: its URL is %s, and the %s has %q", k, b.ZoomMeeting.JoinURL, what, o.text)
	case past(b):
		// What is over is put nowhere: Zoom takes no past start.
	case done != movedIt && (!o.start.Equal(b.Start) || !o.end.Equal(b.End)):
		return fmt.Errorf("%s: it is at %s, and its %s at %s–%s", k, short(b.Start), what, short(o.start), short(o.end))
	}
	return nil
}
