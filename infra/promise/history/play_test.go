package history_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/language"
)

// apiWithin is how long a request of a guest's or host's may take.
const apiWithin = 25 * time.Second

// story is a history as it is played: what is done to a world, and what the model
// makes of it.
type story struct {
	*world
	model
	design design
	// calm is a history in which nothing goes wrong and nobody interferes: all that
	// is accepted comes about.
	calm bool
	// peaceful says that everything has come to rest since anything was done.
	peaceful bool
}

// verb is something that happens, and how often.
type verb struct {
	name   string
	weight int
	calm   bool // it happens in calm histories too
	do     func(*story)
}

var verbs = []verb{
	{"book", 34, true, (*story).book},
	{"book again with the same key", 4, true, (*story).bookAgain},
	{"the guest cancels", 9, true, (*story).guestCancels},
	{"the host cancels", 6, true, (*story).hostCancels},
	{"the guest moves", 16, true, (*story).guestMoves},
	{"the host moves", 12, true, (*story).hostMoves},
	{"two move at once", 9, true, (*story).twoMove},
	{"one moves, the other cancels at once", 6, true, (*story).moveAndCancel},
	{"two book one slot at once", 4, true, (*story).twoBook},
	{"the host deletes the meeting", 6, false, (*story).meetingDeleted},
	{"the host moves the meeting", 3, false, (*story).meetingMoved},
	{"the host deletes the event", 6, false, (*story).eventDeleted},
	{"the host moves the event", 4, false, (*story).eventMoved},
	{"the host is busy", 4, true, (*story).hostBusy},
	{"Zoom's grant dies", 4, false, (*story).zoomDies},
	{"the calendar's grant dies", 3, false, (*story).calendarDies},
	{"the host disconnects", 2, false, (*story).disconnects},
	{"the host reconnects", 7, false, (*story).reconnects},
	{"access tokens expire", 3, true, (*story).expires},
	{"the host tries again", 4, true, (*story).triesAgain},
	{"a power cut", 5, false, (*story).powerCut},
	{"hours pass", 3, true, (*story).hoursPass},
}

// play does so many things, with whatever lies between them, and lets everything
// come to rest.
func (s *story) play(ctx context.Context, steps int) error {
	go s.sweeps()
	defer func() {
		close(s.over)
		time.Sleep(longestSilence + latest) // until whatever is under way has ended
	}()
	var lots []verb
	total := 0
	for _, v := range verbs {
		if !s.calm || v.calm {
			lots = append(lots, v)
			total += v.weight
		}
	}
	for n := range steps {
		v := lots[0] // something must be there first
		if n > 0 {
			drawn := s.chance.IntN(total)
			for _, v = range lots {
				if drawn -= v.weight; drawn < 0 {
					break
				}
			}
		}
		s.say("=== %s", v.name)
		v.do(s)
		s.slack, s.peaceful = 0, false
		switch s.chance.IntN(10) {
		case 0, 1, 2: // at once
		case 3, 4, 5:
			time.Sleep(time.Duration(s.chance.Int64N(int64(3 * time.Second))))
		case 6:
			time.Sleep(time.Duration(s.chance.Int64N(int64(2 * time.Minute))))
		default:
			quiet, err := s.rest(ctx, 20*time.Minute)
			if err != nil {
				return err
			}
			s.peaceful = quiet
			if quiet {
				if err := s.compare(ctx); err != nil {
					return fmt.Errorf("at rest in between: %w", err)
				}
			}
		}
	}
	return s.finish(ctx)
}

// longestRest is how long a history may take to come to rest once nothing goes
// wrong any more: what could not be taken away is tried again each six hours.
const longestRest = 5 * 24 * time.Hour

func (s *story) finish(ctx context.Context) error {
	s.say("=== all is well again")
	s.net.weather = weather{}
	if !s.calm {
		s.heal(ctx)
	}
	quiet, err := s.rest(ctx, time.Minute)
	s.mend(ctx) // what only now was found dead
	if err == nil && !quiet {
		quiet, err = s.rest(ctx, longestRest)
	}
	if err != nil {
		return err
	}
	if !quiet {
		return s.restless(ctx)
	}
	s.peaceful = true
	if err := errors.Join(s.compare(ctx), s.compareOffers(ctx)); err != nil {
		return err
	}
	if s.audited && !s.design.soon {
		if err := s.differences(ctx); err != nil {
			return err
		}
	}
	if s.chance.IntN(3) > 0 {
		return nil
	}
	s.say("=== the host cancels all")
	for _, k := range s.bookings {
		if len(k.at) == 0 {
			continue
		}
		err := s.process("Host", apiWithin, func(ctx context.Context) error {
			return s.diary.Cancel(ctx, handle, k.id, booking.NoCancelReason, "")
		})
		if err == nil {
			k.at, k.failed, k.off = nil, false, true
		} else if !typed[*booking.NotCancellable](err) && !typed[*booking.NotFound](err) {
			return fmt.Errorf("cancel at the end: %w", err)
		}
	}
	s.peaceful = false
	if quiet, err = s.rest(ctx, longestRest); err != nil {
		return err
	}
	if !quiet {
		return fmt.Errorf("after all was cancelled: %w", s.restless(ctx))
	}
	if err := s.compare(ctx); err != nil {
		return fmt.Errorf("after all was cancelled: %w", err)
	}
	return nil
}

// differences has everything compared: what the host did by hand, and nothing else,
// is known to differ. Then the host has it put right.
func (s *story) differences(ctx context.Context) error {
	s.say("=== what stands outside is compared")
	if err := s.audits(ctx); err != nil {
		return err
	}
	for _, k := range s.bookings {
		b, ok := s.stored(k)
		if !ok || b.Status != booking.Confirmed {
			continue
		}
		want := map[booking.Step]hand{}
		for step, thing := range map[booking.Step]string{
			booking.Meeting: fmt.Sprint(zoomHost, " ", b.ZoomMeeting.ID), booking.Event: calendarHost + " " + b.CalendarEvent.ID,
		} {
			if done := s.byHand[thing]; done != "" {
				want[step] = done
			}
		}
		got := map[booking.Step]hand{}
		for step, d := range b.Differences {
			if got[step] = movedIt; d.Gone {
				got[step] = deleted
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("what is known to differ of %s (-want +got):\n%s", k, diff)
		}
		if len(want) == 0 {
			continue
		}
		if err := s.diary.Move(ctx, handle, b.ID, b.Start, ""); err != nil { // to where it stands
			return fmt.Errorf("put %s right: %w", k, err)
		}
	}
	if quiet, err := s.rest(ctx, longestRest); err != nil || !quiet {
		return errors.Join(err, s.restless(ctx))
	}
	if err := s.audits(ctx); err != nil {
		return err
	}
	for _, k := range s.bookings {
		if b, ok := s.stored(k); ok && b.Status == booking.Confirmed && len(b.Differences) > 0 {
			return fmt.Errorf("%s was put right, and still differs: %+v", k, b.Differences)
		}
	}
	return s.compare(ctx)
}

// audits has the bookings compared at once, and waits until they are.
func (s *story) audits(ctx context.Context) error {
	time.Sleep(2 * time.Minute) // what was written a moment ago may not be seen yet
	if err := s.store.AuditDue(ctx, handle, time.Now()); err != nil {
		return err
	}
	time.Sleep(2 * time.Minute)
	s.audit()
	return nil
}

// restless says what does not come to rest.
func (s *story) restless(ctx context.Context) error {
	err := errors.New("it never comes to rest")
	for _, k := range s.bookings {
		if b, ok := s.stored(k); ok && !b.Deadline.IsZero() {
			err = fmt.Errorf("%w; %s is %s, attempt %d, %v, move %+v", err, k, b.Status, b.Attempt, b.Steps, b.Move)
		}
	}
	return err
}

// heal connects everything anew, as a host who wants to be sure.
func (s *story) heal(ctx context.Context) {
	for _, p := range []connection.Provider{connection.Zoom, s.calendar()} {
		s.connect(ctx, p)
	}
}

// mend connects what the host was told is dead.
func (s *story) mend(ctx context.Context) {
	for _, p := range []connection.Provider{connection.Zoom, s.calendar()} {
		if c, err := s.store.Connection(ctx, handle, p); err == nil && c.Status != connection.Connected {
			s.connect(ctx, p)
		}
	}
}

func (s *story) connect(ctx context.Context, p connection.Provider) {
	s.say("the host connects %s", p)
	var err error
	if p == connection.Zoom {
		err = s.connectZoom(ctx, s.design.zoomScopes())
	} else {
		err = s.connectCalendar(ctx)
	}
	if err != nil && !typed[*connection.Stale](err) {
		panic(err) // the test's own doing
	}
}

func typed[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// start is one of those at which bookings may begin: few, so that they meet.
func (s *story) start() time.Time {
	return s.firstDay().AddDate(0, 0, s.chance.IntN(2)).Add(time.Duration(s.chance.IntN(10)) * 30 * time.Minute)
}

// firstDay is 09:00 in Tokyo of the first day on which bookings may be.
func (s *story) firstDay() time.Time {
	if s.design.soon {
		return time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC)
}

// someone is one of the bookings, whether or not it stands; nil if there is none.
func (s *story) someone() *known {
	var all []*known
	for _, k := range s.bookings {
		if k.id != "" {
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[s.chance.IntN(len(all))]
}

func (s *story) book() {
	k := &known{
		key: fmt.Sprintf("key-%d-%d", s.seed, len(s.bookings)), guest: fmt.Sprintf("guest-%d@example.com", len(s.bookings)),
		start: s.start(), absent: true,
	}
	k.id = booking.ID(handle, slug, k.key)
	k.token = s.desk.Tokens.For(k.id)
	s.bookings = append(s.bookings, k)
	s.submit(k)
	if k.unsure && s.chance.IntN(3) > 0 { // the guest's page tries again
		time.Sleep(time.Duration(s.chance.Int64N(int64(20 * time.Second))))
		s.submit(k)
	}
}

func (s *story) bookAgain() {
	if k := s.someone(); k != nil {
		s.submit(k)
	}
}

func (s *story) submit(k *known) {
	want := s.expectBooking(k)
	err := s.process("Guest", apiWithin, func(ctx context.Context) error {
		_, err := s.desk.Submit(ctx, booking.Submission{
			Host: handle, Page: slug, Key: k.key, Start: k.start,
			Guest: booking.Guest{Name: "予約 太郎", Email: k.guest, TimeZone: "America/New_York", Language: language.Japanese},
		})
		return err
	})
	s.say("book %s at %s: %v", k, short(k.start), err)
	s.check("booking "+k.String(), want, err)
	switch {
	case err == nil && k.absent && len(k.at) == 0:
		k.at, k.failed, k.absent, k.unsure = []time.Time{k.start}, !s.calm, false, false
	case err == nil:
		k.absent, k.unsure = false, false
	case k.refusedForGood(err):
		k.failed = true // as one that was turned away
	case refusal(err):
	default:
		k.unsure = true
		if k.absent {
			k.at, k.failed = []time.Time{k.start}, true
		}
	}
}

func (s *story) guestCancels() {
	if k := s.someone(); k != nil {
		s.cancel(k, booking.ByGuest)
	}
}

func (s *story) hostCancels() {
	if k := s.someone(); k != nil {
		s.cancel(k, booking.ByHost)
	}
}

func (s *story) cancel(k *known, by booking.Party) {
	want := s.expectCancel(k)
	err := s.process(string(by), apiWithin, func(ctx context.Context) error {
		if by == booking.ByGuest {
			return s.desk.Cancel(ctx, k.id, k.token, booking.NoCancelReason, "")
		}
		return s.diary.Cancel(ctx, handle, k.id, booking.Conflict, "急用のため")
	})
	s.say("%s cancels %s: %v", by, k, err)
	s.check("cancelling "+k.String(), want, err)
	switch {
	case err == nil:
		k.at, k.failed, k.absent, k.off = nil, false, false, true
	case !refusal(err):
		k.off = true
	}
}

func (s *story) guestMoves() {
	if k := s.someone(); k != nil {
		s.move(k, booking.ByGuest, s.start())
	}
}

func (s *story) hostMoves() {
	k := s.someone()
	if k == nil {
		return
	}
	to := s.start()
	if !s.calm && s.chance.IntN(4) == 0 {
		s.lose(k)
	}
	if s.chance.IntN(3) == 0 && len(k.at) == 1 { // to where it stands: what was lost is made anew
		to = k.at[0]
	}
	s.move(k, booking.ByHost, to)
}

func (s *story) move(k *known, by booking.Party, to time.Time) {
	want := s.expectMove(k, by, to)
	err := s.process(string(by), apiWithin, func(ctx context.Context) error {
		if by == booking.ByGuest {
			return s.desk.Reschedule(ctx, k.id, k.token, to)
		}
		return s.diary.Move(ctx, handle, k.id, to, "都合により")
	})
	s.say("%s moves %s to %s: %v", by, k, short(to), err)
	s.check("moving "+k.String(), want, err)
	if err == nil {
		k.absent, k.failed = false, false // else there was nothing to move
	}
	switch {
	case err == nil && s.sure():
		k.at = []time.Time{to}
	case err == nil, !refusal(err):
		k.mayStand(to)
	}
}

// atOnce does two things side by side.
func (s *story) atOnce(one, other func()) {
	s.peaceful = false
	var both sync.WaitGroup
	both.Go(one)
	// Not at one instant: which of them goes first is the seed's to say.
	time.Sleep(time.Duration(s.chance.Int64N(int64(100*time.Millisecond))) + 1)
	both.Go(other)
	both.Wait()
}

func (s *story) twoMove() {
	k := s.someone()
	if k == nil {
		return
	}
	parties := []booking.Party{booking.ByGuest, booking.ByHost}
	one, other := parties[s.chance.IntN(2)], parties[s.chance.IntN(2)]
	first, second := s.start(), s.start()
	s.atOnce(func() { s.move(k, one, first) }, func() { s.move(k, other, second) })
}

func (s *story) moveAndCancel() {
	k := s.someone()
	if k == nil {
		return
	}
	if !s.calm && s.chance.IntN(2) == 0 {
		s.lose(k)
	}
	to, by := s.start(), []booking.Party{booking.ByGuest, booking.ByHost}[s.chance.IntN(2)]
	move, cancel := func() { s.move(k, booking.ByGuest, to) }, func() {
		time.Sleep(time.Duration(s.chance.Int64N(int64(6*time.Second))) + 1) // somewhere on the way
		s.cancel(k, by)
	}
	off := false
	s.atOnce(move, func() { cancel(); off = k.off && len(k.at) == 0 })
	if off { // whatever the other was answered
		k.at = nil
	}
}

func (s *story) twoBook() {
	at := s.start()
	two := []*known{}
	for range 2 {
		k := &known{
			key: fmt.Sprintf("key-%d-%d", s.seed, len(s.bookings)), guest: fmt.Sprintf("guest-%d@example.com", len(s.bookings)),
			start: at, absent: true,
		}
		k.id = booking.ID(handle, slug, k.key)
		k.token = s.desk.Tokens.For(k.id)
		s.bookings = append(s.bookings, k)
		two = append(two, k)
	}
	s.atOnce(func() { s.submit(two[0]) }, func() { s.submit(two[1]) })
}

// stored is the booking as it is; ok is false if there is none.
func (s *story) stored(k *known) (booking.Booking, bool) {
	b, err := s.store.Booking(context.Background(), k.id)
	if typed[*booking.NotFound](err) {
		return b, false
	}
	if err != nil {
		panic(err)
	}
	return b, true
}

// lose deletes by the host's hand what a booking has outside: the event, the meeting
// or both.
func (s *story) lose(k *known) {
	what := 1 + s.chance.IntN(3)
	if what&1 != 0 {
		s.deleteEvent(k)
	}
	if what&2 != 0 {
		s.deleteMeeting(k)
	}
}

func (s *story) meetingDeleted() {
	if k := s.someone(); k != nil {
		s.deleteMeeting(k)
	}
}

func (s *story) deleteMeeting(k *known) {
	if b, ok := s.stored(k); ok && b.ZoomMeeting.ID != 0 {
		id := fmt.Sprint(b.ZoomMeeting.ID)
		if s.asHost("DELETE", zoomHost, "/v2/meetings/"+id, "") {
			s.byHand[zoomHost+" "+id] = deleted
		}
	}
}

func (s *story) meetingMoved() {
	if k := s.someone(); k != nil {
		if b, ok := s.stored(k); ok && b.ZoomMeeting.ID != 0 && s.design.mayUpdate {
			id := fmt.Sprint(b.ZoomMeeting.ID)
			body := fmt.Sprintf(`{"start_time":%q}`, s.start().Add(7*time.Hour).Format(time.RFC3339))
			if s.asHost("PATCH", zoomHost, "/v2/meetings/"+id, body) {
				s.byHand[zoomHost+" "+id] = movedIt
			}
		}
	}
}

func (s *story) eventDeleted() {
	if k := s.someone(); k != nil {
		s.deleteEvent(k)
	}
}

func (s *story) deleteEvent(k *known) {
	if b, ok := s.stored(k); ok && b.CalendarEvent.ID != "" {
		if s.asHost("DELETE", calendarHost, s.eventPath(b.CalendarEvent.ID), "") {
			s.byHand[calendarHost+" "+b.CalendarEvent.ID] = deleted
		}
	}
}

func (s *story) eventMoved() {
	if k := s.someone(); k != nil {
		if b, ok := s.stored(k); ok && b.CalendarEvent.ID != "" {
			at := s.start().Add(7 * time.Hour)
			if s.asHost("PATCH", calendarHost, s.eventPath(b.CalendarEvent.ID), s.span(at)) {
				s.byHand[calendarHost+" "+b.CalendarEvent.ID] = movedIt
			}
		}
	}
}

func (s *story) eventPath(id string) string {
	if s.google != nil {
		return "/calendar/v3/calendars/primary/events/" + id
	}
	return "/v1.0/me/events/" + id
}

// span is the body of half an hour's event there.
func (s *story) span(at time.Time) string {
	format := func(t time.Time) map[string]string {
		if s.google != nil {
			return map[string]string{"dateTime": t.UTC().Format(time.RFC3339), "timeZone": zone}
		}
		return map[string]string{"dateTime": t.UTC().Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	body, err := json.Marshal(map[string]any{"start": format(at), "end": format(at.Add(30 * time.Minute))})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func (s *story) hostBusy() {
	at := s.start()
	var fields map[string]any
	if err := json.Unmarshal([]byte(s.span(at)), &fields); err != nil {
		panic(err)
	}
	var err error
	if s.google != nil {
		_, err = s.google.AddEvent(hostEmail, "primary", fields)
	} else {
		fields["showAs"], fields["subject"] = "busy", "外出"
		body, _ := json.Marshal(fields) // it was JSON
		_, err = s.outlook.AddEvent(hostEmail, "", body)
	}
	if err != nil {
		panic(err)
	}
	s.busy = append(s.busy, at)
	s.say("the host is busy at %s", short(at))
}

func (s *story) zoomDies() {
	if _, err := s.zoom.EndGrant(hostEmail); err != nil {
		panic(err)
	}
}

func (s *story) calendarDies() {
	var err error
	if s.google != nil {
		_, err = s.google.EndGrant(hostEmail)
	} else {
		_, err = s.outlook.EndGrant(hostEmail, 0)
	}
	if err != nil {
		panic(err)
	}
}

func (s *story) disconnects() {
	p := []connection.Provider{connection.Zoom, s.calendar()}[s.chance.IntN(2)]
	err := s.process("Host", apiWithin, func(ctx context.Context) error {
		c, err := s.store.Connection(ctx, handle, p)
		if err != nil {
			return err
		}
		return s.store.Unlink(ctx, c)
	})
	s.say("the host disconnects %s: %v", p, err)
}

func (s *story) reconnects() { s.heal(context.Background()) }

func (s *story) expires() {
	err := s.zoom.ExpireAccess("")
	if s.google != nil {
		err = errors.Join(err, s.google.ExpireAccess())
	} else {
		err = errors.Join(err, s.outlook.ExpireAccess(""))
	}
	if err != nil {
		panic(err)
	}
}

func (s *story) triesAgain() {
	if k := s.someone(); k != nil {
		err := s.process("Host", apiWithin, func(ctx context.Context) error { return s.diary.Retry(ctx, handle, k.id) })
		s.say("the host tries %s again: %v", k, err)
	}
}

func (s *story) powerCut() { s.cut() }

func (s *story) hoursPass() { time.Sleep(time.Duration(1+s.chance.IntN(10)) * time.Hour) }

// refusal reports whether the answer is one that says that nothing was done.
func refusal(err error) bool {
	return typed[*booking.SlotTaken](err) || typed[*booking.SlotNotOpen](err) || typed[*booking.NotAccepting](err) ||
		typed[*booking.NotFound](err) || typed[*booking.NotMovable](err) || typed[*booking.Changing](err) ||
		typed[*booking.NotCancellable](err) || typed[*booking.RateLimited](err) || typed[*booking.KeyReused](err)
}

func short(t time.Time) string { return t.UTC().Format("02T15:04") }

// mayStand adds a time at which a booking may stand.
func (k *known) mayStand(at time.Time) {
	if len(k.at) > 0 && !slices.ContainsFunc(k.at, at.Equal) {
		k.at = append(k.at, at)
	}
}

// refusedForGood reports whether a submission was answered that the booking is
// none: the record of that may stay.
func (k *known) refusedForGood(err error) bool {
	return k.absent && (typed[*booking.SlotTaken](err) || typed[*booking.NotAccepting](err))
}

func (k *known) String() string { return strings.TrimSuffix(k.guest, "@example.com") }
