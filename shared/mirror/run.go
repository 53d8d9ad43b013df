package mirror

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
)

// Mirror reads the calendars that are due.
type Mirror struct {
	Ledger    Ledger
	Calendars Calendars
	Origin    string // ours, for the providers' notifications
	Now       func() time.Time
	// Period is the mean time between two readings of a calendar that nobody says
	// has changed.
	Period time.Duration
	// Spacing is the least time between two readings of one calendar, however often
	// its provider says that it changed: bookings need the same provider.
	Spacing time.Duration
}

const (
	// batch is how many calendars one look at what is due finds.
	batch = 100
	// hostsAtOnce bounds the hosts that are worked on side by side. A host's own
	// calendars come one after the other: providers limit calls at once by mailbox.
	hostsAtOnce = 16
	// calendarLimit bounds the work on one calendar; leaseFor outlasts it and the
	// function.
	calendarLimit = 20 * time.Second
	leaseFor      = 2 * time.Minute
	// fullEvery is how long a provider's word that nothing changed is taken.
	fullEvery = time.Hour
	// planEvery is when a plan is looked at though nothing made it due.
	planEvery = 24 * time.Hour
	// behind and ahead are what is read around a page's horizon: its last day is one
	// of the page's zone, and slots reach over it.
	behind, ahead = 1, 2
	day           = 24 * time.Hour
	// firstRetry grows twofold with each failure, up to lastRetry.
	firstRetry = time.Minute
	lastRetry  = 2 * time.Hour
	// staleAfter is the age from which a copy that cannot be renewed is reported.
	staleAfter = time.Hour
	// renewBefore is when a channel gets its successor. Providers let channels live
	// for three days and more.
	renewBefore = 24 * time.Hour
	// noPush is how long a calendar that cannot be watched is left to the period.
	noPush = time.Hour
)

// Run takes up what is due until nothing is, or the time is nearly over. A
// calendar that cannot be read keeps no other waiting, and is no error of the
// run.
func (m *Mirror) Run(ctx context.Context) error {
	for {
		keys, err := m.Ledger.DueForMirror(ctx, m.Now(), batch)
		if err != nil {
			return err
		}
		done, err := m.runAll(ctx, keys)
		if err != nil || done == 0 || !timeLeft(ctx) {
			return err
		}
	}
}

// timeLeft reports whether one more calendar can be worked on.
func timeLeft(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) > calendarLimit+calendarLimit/4)
}

// runAll works on the keys, hosts side by side, and counts what was done.
func (m *Mirror) runAll(ctx context.Context, keys []Key) (int, error) {
	byHost := map[string][]Key{}
	var hosts []string
	for _, k := range keys {
		if byHost[k.Host] == nil {
			hosts = append(hosts, k.Host)
		}
		byHost[k.Host] = append(byHost[k.Host], k)
	}
	done := make([]int, len(hosts))
	var all errgroup.Group // no context: one host's trouble stops nobody
	all.SetLimit(hostsAtOnce)
	for i, host := range hosts {
		all.Go(func() (err error) {
			done[i], err = m.runHost(ctx, byHost[host])
			return err
		})
	}
	err := all.Wait()
	n := 0
	for _, d := range done {
		n += d
	}
	return n, err
}

func (m *Mirror) runHost(ctx context.Context, keys []Key) (int, error) {
	n := 0
	var errs error
	opened := sources{calendars: m.Calendars, open: map[string]sourceOrError{}}
	for _, k := range keys {
		if !timeLeft(ctx) {
			return n, errs
		}
		now := m.Now()
		c, lease, ok, err := m.Ledger.TakeForMirror(ctx, k, now, now.Add(leaseFor))
		if err == nil && ok {
			n++
			if k.Calendar == "" {
				err = m.plan(ctx, lease, &opened)
			} else {
				err = m.renew(ctx, c, lease, &opened)
			}
		}
		errs = errors.Join(errs, err)
	}
	return n, errs
}

// sources opens each of a host's providers once in a run.
type sources struct {
	calendars Calendars
	open      map[string]sourceOrError
}

type sourceOrError struct {
	source Source
	err    error
}

func (s *sources) get(ctx context.Context, host, provider string) (Source, error) {
	got, ok := s.open[provider]
	if !ok {
		got.source, got.err = s.calendars.Open(ctx, host, provider)
		s.open[provider] = got
	}
	return got.source, got.err
}

// renew reads a calendar that is due and says when it is due next. Its error is
// the ledger's.
func (m *Mirror) renew(ctx context.Context, c Calendar, l Lease, from *sources) error {
	c.restart()
	former := c.State.Channel.ID
	within, cancel := context.WithTimeout(ctx, calendarLimit)
	next, err := m.read(within, &c, l, from)
	cancel()
	if l.Reopen && c.State.Channel.ID == former {
		c.State.Channel = calendar.Channel{} // it could not be reopened now: a later reading does it
	}
	gone, absent, overtaken := (*Gone)(nil), (*connection.Absent)(nil), (*Overtaken)(nil)
	switch {
	case errors.As(err, &gone), errors.As(err, &absent):
		return m.Ledger.Unmirror(ctx, l.Key) // whoever removed it may have done so before it was copied
	case errors.As(err, &overtaken):
		return nil
	case connection.Lost(err), grantDead(err) && m.lost(ctx, c):
		slog.WarnContext(ctx, "calendar is not mirrored until its host reconnects", append(c.describe(), "error", err)...)
		c.State.Failures++
		next = time.Time{}
	case err != nil:
		c.State.Failures++
		next = m.Now().Add(max(pause(err), backoff(c.State.Failures)))
		c.State.NotBefore = next.UTC()
		c.State.Missing = c.State.Missing || missing(err) // any other failure says nothing of it
		m.report(ctx, c, err)
	default:
		c.State.NotBefore = m.Now().Add(m.Spacing).UTC()
		c.State.Missing = false
		next = later(next, c.State.NotBefore)
	}
	err = m.Ledger.ReturnCalendar(ctx, l, c.State, next)
	switch {
	case errors.As(err, &gone):
		return m.Ledger.Unmirror(ctx, l.Key)
	case errors.As(err, &overtaken):
		return nil
	}
	return err
}

// lost reports whether the host must reconnect by now. A provider's no is not
// enough: it may not have been recorded, and nothing would end the parking.
func (m *Mirror) lost(ctx context.Context, c Calendar) bool {
	_, err := m.Calendars.Open(ctx, c.Host, c.Ref.Provider)
	return connection.Lost(err)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// report logs a failure; a copy that is old is worth an alarm, unless its host
// took the calendar away.
func (m *Mirror) report(ctx context.Context, c Calendar, err error) {
	level, text := slog.LevelWarn, "calendar not read"
	age := m.Now().Sub(c.State.ReadAt)
	switch {
	case c.State.Missing:
		text = "calendar is not there, or not for us to read"
	case c.State.ReadAt.IsZero() || age > staleAfter:
		level, text = slog.LevelError, "mirror is stale: a calendar cannot be read"
	}
	slog.Log(ctx, level, text, append(c.describe(), "failures", c.State.Failures, "read", c.State.ReadAt, "error", err)...)
}

// read asks for the calendar's busy times, unless its provider says that nothing
// changed, and sees to its channel. It returns when it is due next.
func (m *Mirror) read(ctx context.Context, c *Calendar, l Lease, opened *sources) (time.Time, error) {
	source, err := opened.get(ctx, c.Host, c.Ref.Provider)
	if err != nil {
		return time.Time{}, err
	}
	from, to := m.span(*c)
	if !m.unchanged(ctx, c, l, source, from) {
		if err := m.copy(ctx, c, source, from, to); err != nil {
			return time.Time{}, err
		}
	}
	c.State.Failures = 0
	next := m.Now().Add(jittered(m.Period))
	opening, err := m.watch(ctx, c, l, source)
	if opening {
		next = m.Now() // as soon as may be: what changed before the channel was open was told to nobody
	}
	return next, err
}

// span is what is copied: from yesterday to the end of the horizon, UTC days.
func (m *Mirror) span(c Calendar) (from, to time.Time) {
	today := m.Now().UTC().Truncate(day)
	return today.AddDate(0, 0, -behind), today.AddDate(0, 0, c.HorizonDays+ahead)
}

// unchanged asks the provider for what changed since the last time. The answer
// only ever spares a reading, and for an hour at most: what an event means for
// being busy (declined, transparent, an exception of a series, out of office) the
// provider works out itself when it is asked for busy times, and we would have to
// guess. After a reading that brought something new there is always another, in
// case the provider's view of busy times lagged behind its list of changes.
func (m *Mirror) unchanged(ctx context.Context, c *Calendar, l Lease, source Source, from time.Time) bool {
	differ, ok := source.(Differ)
	if !ok {
		return false
	}
	if l.Rung || m.Now().Sub(c.State.ReadAt) >= fullEvery {
		// Whatever the answer, there is a reading: ask for a mark only where one is
		// missing, so that the next time can be spared.
		if c.State.Mark != "" {
			return false
		}
	}
	had := c.State.Mark
	changed, mark, err := differ.Changes(ctx, c.Ref.ID, had, from)
	if err != nil {
		c.State.Mark = ""
		if spent := (*calendar.MarkSpent)(nil); !errors.As(err, &spent) {
			slog.InfoContext(ctx, "changes not told", append(c.describe(), "error", err)...)
		}
		return false
	}
	c.State.Mark = mark
	return !changed && had != "" && c.State.Steady && !l.Rung && m.Now().Sub(c.State.ReadAt) < fullEvery
}

// copy reads the calendar and keeps what it says. The mark was taken before: what
// changes meanwhile shows next time.
func (m *Mirror) copy(ctx context.Context, c *Calendar, source Source, from, to time.Time) error {
	read := m.Now()
	busy, err := source.Busy(ctx, []string{c.Ref.ID}, from, to)
	if err == nil && len(busy) > maxBusy {
		err = errTooMany
	}
	if err != nil {
		return err
	}
	sum := digest(busy, from, to)
	c.State.Steady = slices.Equal(sum, c.State.Digest)
	if !c.State.Steady {
		if err := m.Ledger.SetBusy(ctx, *c, busy, from, to, read); err != nil {
			return err
		}
		if err := m.Ledger.AuditDue(ctx, c.Host, read); err != nil { // the event of a booking may have moved
			return err
		}
	}
	c.State.Digest, c.State.ReadAt = sum, read.UTC()
	return nil
}

func digest(busy []calendar.Interval, from, to time.Time) []byte {
	sorted := slices.SortedFunc(slices.Values(busy), func(a, b calendar.Interval) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return a.End.Compare(b.End)
	})
	text := binary.BigEndian.AppendUint64(nil, uint64(from.Unix())) // #nosec G115 -- hashed: any bits do
	text = binary.BigEndian.AppendUint64(text, uint64(to.Unix()))   // #nosec G115 -- hashed: any bits do
	for _, i := range sorted {
		text = binary.BigEndian.AppendUint64(text, uint64(i.Start.UnixNano()))
		text = binary.BigEndian.AppendUint64(text, uint64(i.End.UnixNano()))
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// watch sees to it that the provider tells of changes, as far as it does so at
// all; it reports whether a channel was opened. A calendar that cannot be watched
// is read by the period. Channels are not prolonged but succeeded: that is
// Google's only way, and is good for a channel that its provider ended too.
func (m *Mirror) watch(ctx context.Context, c *Calendar, l Lease, source Source) (bool, error) {
	address := m.Origin + WebhookPath(c.Ref.Provider)
	former := c.State.Channel
	open := former.ID != "" && former.Address == address && former.Expires.Sub(m.Now()) > renewBefore
	if open && !l.Reopen || m.Now().Before(c.State.NoPushUntil) {
		return false, nil
	}
	token := l.Key.Host + "." + l.Key.Calendar + "." + rand.Text()
	made, err := source.Watch(ctx, c.Ref.ID, calendar.Channel{Address: address, Token: token})
	if err != nil {
		c.State.NoPushUntil = m.Now().Add(noPush).UTC()
		slog.InfoContext(ctx, "calendar not watched: it is read by the period", append(c.describe(), "error", err)...)
		return false, nil
	}
	made.Address, made.Token, made.Expires = address, "", made.Expires.UTC()
	if life := made.Expires.Sub(m.Now()); life < 2*renewBefore {
		// Shorter than is thought possible: it is let run, and is not succeeded at
		// every reading.
		c.State.NoPushUntil = m.Now().Add(life).UTC()
	}
	c.State.Channel, c.State.TokenHash = made, hash(token)
	if err := m.Ledger.KeepState(ctx, l, c.State); err != nil {
		m.unwatch(ctx, *c, source, made)
		return false, err
	}
	m.unwatch(ctx, *c, source, former)
	return true, nil
}

// unwatch ends a channel, which would end by itself too.
func (m *Mirror) unwatch(ctx context.Context, c Calendar, source Source, channel calendar.Channel) {
	if channel.ID == "" {
		return
	}
	if err := source.Unwatch(ctx, channel); err != nil {
		slog.InfoContext(ctx, "channel not ended; it ends by itself", append(c.describe(), "error", err)...)
	}
}

// jittered spreads what began together.
func jittered(d time.Duration) time.Duration {
	return d*9/10 + mathrand.N(d/5+1) // #nosec G404 -- spreads pauses, guards nothing
}

func backoff(failures int) time.Duration {
	return jittered(min(firstRetry<<min(failures-1, 10), lastRetry))
}

// pause is how long a provider asks to be left alone.
func pause(err error) time.Duration {
	if asks := (interface{ Pause() time.Duration })(nil); errors.As(err, &asks) {
		return min(asks.Pause(), lastRetry)
	}
	return 0
}

// missing reports whether a provider says that the calendar is not there, or no
// longer open to the host.
func missing(err error) bool {
	says := (interface{ CalendarGone() bool })(nil)
	return errors.As(err, &says) && says.CalendarGone()
}

// grantDead reports whether a provider refuses what only its user can allow again.
func grantDead(err error) bool {
	says := (interface{ GrantDead() bool })(nil)
	return errors.As(err, &says) && says.GrantDead()
}
