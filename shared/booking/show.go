package booking

import (
	"context"
	"fmt"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
	"yakusoku/shared/zone"
)

// Offer is a published page as guests see it.
type Offer struct {
	Host      host.Host
	Page      page.Page
	Accepting bool
	LastDate  string // on which slots may start, in the page's zone
}

// Month is an offer with its open slots.
type Month struct {
	Offer
	Slots []availability.Slot
}

// Page returns a published page. It returns *PageNotFound.
func (d *Desk) Page(ctx context.Context, host, slug string) (Offer, error) {
	now := d.Now()
	snap, err := d.Ledger.Snapshot(ctx, Wanted{Host: host, Page: slug, From: now, To: now})
	if err != nil {
		return Offer{}, err
	}
	return d.offer(snap)
}

// Slots returns a published page and its open slots that start in [from, to),
// from one read. A page that is not accepting has none. It returns *PageNotFound.
func (d *Desk) Slots(ctx context.Context, host, slug string, from, to time.Time) (Month, error) {
	snap, err := d.Ledger.Snapshot(ctx, Wanted{Host: host, Page: slug, From: from.Add(-margin), To: to.Add(margin)})
	if err != nil {
		return Month{}, err
	}
	o, err := d.offer(snap)
	if err != nil || !o.Accepting {
		return Month{Offer: o}, err
	}
	rules, err := availability.Compile(o.Page)
	if err != nil {
		return Month{}, fmt.Errorf("page %s/%s: %w", host, slug, err)
	}
	slots := rules.Open(availability.Query{Now: d.Now(), From: from, To: to, Busy: snap.Busy, Booked: snap.Booked})
	return Month{Offer: o, Slots: slots}, nil
}

func (d *Desk) offer(snap Snapshot) (Offer, error) {
	p := snap.Page
	if !p.Published {
		return Offer{}, &PageNotFound{}
	}
	in, err := zone.Load(p.TimeZone)
	if err != nil {
		return Offer{}, fmt.Errorf("page %s/%s: %w", p.Host, p.Slug, err)
	}
	p.EmbedOrigins = d.EmbedIn.Allowed(p.EmbedOrigins)
	last := d.Now().In(in).AddDate(0, 0, p.HorizonDays)
	return Offer{
		Host: snap.Host, Page: p,
		Accepting: d.accepting(snap.Host, p),
		LastDate:  last.Format(time.DateOnly),
	}, nil
}

// View returns the booking to whoever holds its token. It returns *NotFound for
// a wrong token as for a wrong id.
func (d *Desk) View(ctx context.Context, id, token string) (Booking, error) {
	b, err := d.Ledger.Booking(ctx, id)
	if err != nil {
		return Booking{}, err
	}
	if !b.Admits(token) {
		return Booking{}, &NotFound{}
	}
	return b, nil
}
