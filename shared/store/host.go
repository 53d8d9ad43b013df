package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/booking"
	"yakusoku/shared/host"
)

// signIn is what leads from a sign-in to its account.
type signIn struct{ Handle string }

// HostBySubject returns the host who signs in as subject, or *host.Unknown.
func (s *Store) HostBySubject(ctx context.Context, subject string) (host.Host, error) {
	it, err := s.get(ctx, subjectKey(subject))
	if err != nil {
		return host.Host{}, fmt.Errorf("read the sign-in: %w", err)
	}
	if it == nil {
		return host.Host{}, &host.Unknown{}
	}
	var to signIn
	if err := decode(it, &to); err != nil {
		return host.Host{}, err
	}
	return s.Host(ctx, to.Handle)
}

// Host reads a host as last written. It returns *host.Unknown.
func (s *Store) Host(ctx context.Context, handle string) (host.Host, error) {
	it, err := s.get(ctx, hostKey(handle))
	if err != nil {
		return host.Host{}, fmt.Errorf("read the host: %w", err)
	}
	if it == nil {
		return host.Host{}, &host.Unknown{}
	}
	var h host.Host
	return h, decode(it, &h)
}

// OpenHost stores a new account. It returns *host.HandleTaken or
// *host.SubjectTaken.
func (s *Store) OpenHost(ctx context.Context, h host.Host) error {
	if h.Connected == nil {
		h.Connected = map[string]bool{} // as in PutHost
	}
	account, err := encode(hostKey(h.Handle), h)
	if err != nil {
		return err
	}
	to, err := encode(subjectKey(h.Subject), signIn{Handle: h.Handle})
	if err != nil {
		return err
	}
	none := aws.String("attribute_not_exists(pk)")
	err = s.whenCalm(ctx, func() error {
		return s.write(ctx,
			types.TransactWriteItem{Put: &types.Put{TableName: &s.Table, Item: account, ConditionExpression: none}},
			types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
				TableName: &s.Table, Key: goneKey(h.Handle).item(), ConditionExpression: none,
			}},
			types.TransactWriteItem{Put: &types.Put{TableName: &s.Table, Item: to, ConditionExpression: none}},
		)
	}, noLook)
	failed := (*conditionFailed)(nil)
	switch {
	case errors.As(err, &failed) && failed.first == 2:
		return &host.SubjectTaken{}
	case errors.As(err, &failed):
		return &host.HandleTaken{}
	case err != nil:
		return fmt.Errorf("write the host: %w", err)
	}
	return nil
}

// PutSignIn lets the host sign in, whatever was there.
func (s *Store) PutSignIn(ctx context.Context, h host.Host) error {
	return s.put(ctx, subjectKey(h.Subject), signIn{Handle: h.Handle})
}

// ChangeHost stores what a host may change. What the record repeats of the
// connections is left as it is.
func (s *Store) ChangeHost(ctx context.Context, h host.Host) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: hostKey(h.Handle).item(),
		UpdateExpression: aws.String("SET #data.#name = :name, #data.#email = :email, #data.#zone = :zone, #data.#language = :language, #data.#kept = :kept"),
		ExpressionAttributeNames: map[string]string{
			"#data": attrData, "#name": "Name", "#email": "Email", "#zone": "TimeZone", "#language": "Language", "#kept": "RetentionDays",
		},
		ExpressionAttributeValues: item{
			":name": text(h.Name), ":email": text(h.Email), ":zone": text(h.TimeZone), ":language": text(string(h.Language)),
			":kept": number(int64(h.RetentionDays)),
		},
		ConditionExpression: aws.String("attribute_exists(pk)"),
	})
	if err != nil {
		return fmt.Errorf("write the host: %w", err)
	}
	if err := s.keepDeliveriesFor(ctx, h.Handle, h.RetentionDays); err != nil {
		return err
	}
	return s.keepFor(ctx, h.Handle, h.RetentionDays)
}

// keepFor gives the host's bookings another time for which they are kept. A new
// booking has its host's from the start.
func (s *Store) keepFor(ctx context.Context, handle string, retentionDays int) error {
	from, to := always()
	return s.eachBooking(ctx, handle, from, to, func(b booking.Booking) (bool, error) {
		for b.Terms.RetentionDays != retentionDays {
			b.Terms.RetentionDays = retentionDays
			err := s.Save(ctx, &b)
			if stale := (*booking.Stale)(nil); !errors.As(err, &stale) {
				return err == nil, err
			}
			if b, err = s.Booking(ctx, b.ID); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

// hostBookings lists the ids of a host's bookings that start in [from, to), by
// start, a page at a time.
func (s *Store) hostBookings(handle string, from, to time.Time) *dynamodb.QueryPaginator {
	return dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexHostBookings),
		KeyConditionExpression:   aws.String("#host = :host AND startsAt BETWEEN :from AND :to"),
		ExpressionAttributeNames: map[string]string{"#host": attrHost},
		ExpressionAttributeValues: item{
			":host": text(handle), ":from": text(startKey(from)), ":to": text(startKey(to.Add(-time.Second))),
		},
	})
}

func startKey(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// always is the span of all bookings that there can be.
func always() (from, to time.Time) {
	return time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
}

// eachBooking calls do with the host's bookings that start in [from, to), by
// start, until it returns false.
func (s *Store) eachBooking(ctx context.Context, handle string, from, to time.Time, do func(booking.Booking) (bool, error)) error {
	pages := s.hostBookings(handle, from, to)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list bookings: %w", err)
		}
		list, err := s.bookingsOf(ctx, out.Items)
		if err != nil {
			return err
		}
		for _, b := range list {
			more, err := do(b)
			if err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// bookingsOf reads the bookings whose keys an index gave, in its order. One that
// is gone meanwhile is left out.
func (s *Store) bookingsOf(ctx context.Context, found []item) ([]booking.Booking, error) {
	keys := make([]key, len(found))
	for i, it := range found {
		keys[i] = keyOf(it)
	}
	items, err := s.batch(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read bookings: %w", err)
	}
	byKey := make(map[key]item, len(items))
	for _, it := range items {
		byKey[keyOf(it)] = it
	}
	var list []booking.Booking
	for _, k := range keys {
		it, ok := byKey[k]
		if !ok {
			continue
		}
		b, err := decodeBooking(it)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// BookingsAhead counts the host's bookings that are held or confirmed and not
// over. It reads them off the day sheets, which know of every Hold at once.
func (s *Store) BookingsAhead(ctx context.Context, handle string, now time.Time) (int, error) {
	sheets, err := s.under(ctx, hostKey(handle).pk, sheetPrefix)
	if err != nil {
		return 0, fmt.Errorf("read day sheets: %w", err)
	}
	today := sheetKey(handle, dayOf(now)).sk
	holders := map[string]bool{}
	for _, sheet := range sheets {
		if keyOf(sheet).sk < today {
			continue
		}
		for name, value := range sheet {
			if _, ok := cellOf(name); ok {
				holders[stringOf(value)] = true
			}
		}
	}
	n := 0
	for id := range holders {
		b, err := s.Booking(ctx, id)
		if gone := (*booking.NotFound)(nil); errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if (b.Status == booking.Pending || b.Status == booking.Confirmed) && b.End.After(now) {
			n++
		}
	}
	return n, nil
}

// BookingsUnsettled counts the host's bookings whose guests are still to be told
// what became of them.
func (s *Store) BookingsUnsettled(ctx context.Context, handle string) (int, error) {
	n := 0
	from, to := always()
	err := s.eachBooking(ctx, handle, from, to, func(b booking.Booking) (bool, error) {
		if !b.Deadline.IsZero() && !b.Steps[booking.Mail].Status.Over() {
			n++
		}
		return true, nil
	})
	return n, err
}

// ShutHost has every Hold refused until that time. What says so is what will say
// that the handle was used.
func (s *Store) ShutHost(ctx context.Context, handle string, until time.Time) error {
	it := goneKey(handle).item()
	it[attrUntil] = number(until.Unix())
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: it}); err != nil {
		return fmt.Errorf("shut the host: %w", err)
	}
	return nil
}

// Reopen ends what ShutHost began.
func (s *Store) Reopen(ctx context.Context, handle string) error {
	if _, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Table, Key: goneKey(handle).item()}); err != nil {
		return fmt.Errorf("reopen the host: %w", err)
	}
	return nil
}

// there checks that the host is neither gone nor going.
func (s *Store) there(handle string, now time.Time) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.Table, Key: goneKey(handle).item(),
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR #until <= :now"),
		ExpressionAttributeNames:  map[string]string{"#until": attrUntil},
		ExpressionAttributeValues: item{":now": number(now.Unix())},
	}}
}

// ForgetHost removes everything stored of and for the host: bookings, pages, day
// sheets, connections and their locks, API keys. What is left says that the handle was used.
// It may be repeated until it succeeds: the account goes last.
func (s *Store) ForgetHost(ctx context.Context, h host.Host) error {
	linked, err := s.Connections(ctx, h.Handle)
	if err != nil {
		return err
	}
	for _, c := range linked {
		if err := s.Unlink(ctx, c); err != nil {
			return err
		}
	}
	from, to := always()
	pages := s.hostBookings(h.Handle, from, to)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list bookings: %w", err)
		}
		if err := s.remove(ctx, out.Items); err != nil {
			return err
		}
	}
	if err := s.forgetKeys(ctx, h.Handle); err != nil {
		return err
	}
	items, err := s.under(ctx, hostKey(h.Handle).pk, "")
	if err != nil {
		return fmt.Errorf("list what is stored of the host: %w", err)
	}
	var rest []item
	for _, it := range items {
		if k := keyOf(it); k != hostKey(h.Handle) && k != goneKey(h.Handle) {
			rest = append(rest, it)
		}
	}
	if err := s.remove(ctx, rest); err != nil {
		return err
	}
	return s.whenCalm(ctx, func() error {
		return s.write(ctx,
			types.TransactWriteItem{Put: &types.Put{TableName: &s.Table, Item: goneKey(h.Handle).item()}},
			types.TransactWriteItem{Delete: &types.Delete{TableName: &s.Table, Key: hostKey(h.Handle).item()}},
			types.TransactWriteItem{Delete: &types.Delete{TableName: &s.Table, Key: subjectKey(h.Subject).item()}},
		)
	}, noLook)
}

// removeLimit is how many items one BatchWriteItem takes.
const removeLimit = 25

// remove deletes the items, in batches.
func (s *Store) remove(ctx context.Context, items []item) error {
	for len(items) > 0 {
		some := items[:min(removeLimit, len(items))]
		items = items[len(some):]
		var writes []types.WriteRequest
		for _, it := range some {
			writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyOf(it).item()}})
		}
		request := map[string][]types.WriteRequest{s.Table: writes}
		for len(request) > 0 {
			out, err := s.DB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: request})
			if err != nil {
				return fmt.Errorf("remove items: %w", err)
			}
			request = out.UnprocessedItems
		}
	}
	return nil
}
