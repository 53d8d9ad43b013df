package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
)

// Snapshot reads a page, its host and what else is wanted: one BatchGetItem for
// up to a month, two side by side for more. Reads are eventually consistent; Hold
// decides.
func (s *Store) Snapshot(ctx context.Context, w booking.Wanted) (booking.Snapshot, error) {
	handle, slug := w.Host, w.Page
	keys := []key{hostKey(handle), pageKey(handle, slug)}
	if w.Booking != "" {
		keys = append(keys, bookingKey(w.Booking))
	}
	for _, d := range days(w.From, w.To) {
		keys = append(keys, sheetKey(handle, d), busyKey(handle, d))
	}
	for _, m := range months(w.From, w.To) {
		keys = append(keys, countKey(handle, slug, m))
	}
	for _, q := range w.Quotas {
		keys = append(keys, quotaKey(q))
	}
	items, err := s.batch(ctx, keys)
	if err != nil {
		return booking.Snapshot{}, fmt.Errorf("read page %s/%s: %w", handle, slug, err)
	}
	snap := booking.Snapshot{Booked: map[string]int{}, Used: map[string]int{}}
	found := false
	var copies []item // which of them count, the page says
	for _, it := range items {
		k := keyOf(it)
		if strings.HasPrefix(k.sk, busyPrefix) {
			copies = append(copies, it)
			continue
		}
		if err := addTo(&snap, it); err != nil {
			return booking.Snapshot{}, err
		}
		found = found || k == pageKey(handle, slug)
	}
	if !found {
		return snap, &booking.PageNotFound{}
	}
	snap.Page.Host = handle
	snap.Busy, err = appendBusy(snap.Busy, copies, snap.Page.Calendars.Check)
	return snap, err
}

func addTo(snap *booking.Snapshot, it item) error {
	switch kind, rest, _ := strings.Cut(keyOf(it).sk, "#"); kind {
	case "HOST":
		return decode(it, &snap.Host)
	case "PAGE":
		return decode(it, &snap.Page)
	case "BOOKING":
		b, err := decodeBooking(it)
		snap.Repeat = &b
		return err
	case "DAY":
		return addCells(snap, it, rest)
	case "COUNT":
		addCounts(snap, it, rest)
	case "HOUR":
		snap.Used[strings.TrimPrefix(keyOf(it).pk, "QUOTA#")] = intOf(it[attrUsed])
	}
	return nil
}

// addCells adds a day sheet's held cells as busy times, neighbours joined.
func addCells(snap *booking.Snapshot, it item, date string) error {
	start, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("day sheet %q: %w", date, err)
	}
	const cellsPerDay = secondsPerDay / secondsPerCell
	var held [cellsPerDay + 1]bool // the last stays free and ends a run
	for attribute := range it {
		if c, ok := cellOf(attribute); ok && int(c) < cellsPerDay {
			held[c] = true
		}
	}
	at := func(c int) time.Time { return start.Add(time.Duration(c) * secondsPerCell * time.Second) }
	first := -1
	for c, h := range held {
		switch {
		case h && first < 0:
			first = c
		case !h && first >= 0:
			snap.Busy = append(snap.Busy, calendar.Interval{Start: at(first), End: at(c)})
			first = -1
		}
	}
	return nil
}

func addCounts(snap *booking.Snapshot, it item, slugAndMonth string) {
	month := slugAndMonth[strings.LastIndex(slugAndMonth, "#")+1:]
	for attribute, n := range it {
		if d, ok := strings.CutPrefix(attribute, "d"); ok && len(d) == 2 {
			snap.Booked[month+"-"+d] = intOf(n)
		}
	}
}

// PutHost stores a host.
func (s *Store) PutHost(ctx context.Context, h host.Host) error {
	if h.Connected == nil {
		h.Connected = map[string]bool{} // what is listed in it later needs it to be there
	}
	return s.put(ctx, hostKey(h.Handle), h)
}

// PutPage stores a booking page under its host.
func (s *Store) PutPage(ctx context.Context, p page.Page) error {
	return s.put(ctx, pageKey(p.Host, p.Slug), p)
}

func (s *Store) put(ctx context.Context, k key, record any) error {
	it, err := encode(k, record)
	if err != nil {
		return err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: it})
	if err != nil {
		return fmt.Errorf("write %s: %w", k.sk, err)
	}
	return nil
}
