package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/connection"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// Attributes of SYNC items beside attrMirrored and attrDue. What a plan decides and
// what a reading learns stand apart, so that neither writes over the other.
const (
	attrProvider  = "provider"
	attrCalendar  = "calendar"  // the provider's id of it
	attrHorizon   = "horizon"   // days
	attrConnected = "connected" // epoch milliseconds, of the grant
	attrLeased    = "leased"    // epoch milliseconds: until when it is being worked on
	attrRings     = "rings"     // counts what made it due out of turn
	attrRung      = "rung"      // the provider said that something changed
	attrReopen    = "reopen"    // the provider ended the channel
	attrNotBefore = "notBefore" // epoch milliseconds: nothing makes it due before
)

// toBeRead is the one partition of the index: a calendar is written there once in
// a period, far below what a partition takes.
const toBeRead = "yes"

func syncKey(k mirror.Key) key {
	if k.Calendar == "" {
		return key{hostPrefix + k.Host, syncPrefix}
	}
	return key{hostPrefix + k.Host, syncPrefix + "#" + k.Calendar}
}

func mirrorKey(k key) mirror.Key {
	return mirror.Key{Host: strings.TrimPrefix(k.pk, hostPrefix), Calendar: strings.TrimPrefix(strings.TrimPrefix(k.sk, syncPrefix), "#")}
}

// planDue has the host's plan of calendars made again. It is part of every
// transaction by which a connection begins or ends, or a page is stored or removed.
func (s *Store) planDue(host string) *types.Update {
	return &types.Update{
		TableName: &s.Table, Key: syncKey(mirror.Key{Host: host}).item(),
		UpdateExpression:         aws.String("SET #mirrored = :yes, #due = :first ADD #rings :one"),
		ExpressionAttributeNames: map[string]string{"#mirrored": attrMirrored, "#due": attrDue, "#rings": attrRings},
		ExpressionAttributeValues: item{
			":yes": text(toBeRead), ":first": number(0), ":one": number(1), // before all that has a time
		},
	}
}

// Due has the host's plan of calendars made again, by itself.
func (s *Store) Due(ctx context.Context, host string) error {
	err := s.whenCalm(ctx, func() error {
		return s.write(ctx, types.TransactWriteItem{Update: s.planDue(host)})
	}, noLook)
	if err != nil {
		return fmt.Errorf("make the mirror's plan due: %w", err)
	}
	return nil
}

// Forget removes everything that is copied from the host's calendars at the
// provider.
func (s *Store) Forget(ctx context.Context, host string, p connection.Provider) error {
	all, err := s.Mirrored(ctx, host)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Ref.Provider != string(p) {
			continue
		}
		if err := s.Unmirror(ctx, c.Key()); err != nil {
			return err
		}
	}
	return nil
}

// DueForMirror lists what is due, the longest overdue first, at most limit.
func (s *Store) DueForMirror(ctx context.Context, now time.Time, limit int) ([]mirror.Key, error) {
	out, err := s.DB.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.Table, IndexName: aws.String(IndexMirrored),
		KeyConditionExpression:    aws.String("#mirrored = :yes AND #due <= :now"),
		ExpressionAttributeNames:  map[string]string{"#mirrored": attrMirrored, "#due": attrDue},
		ExpressionAttributeValues: item{":yes": text(toBeRead), ":now": number(now.UnixMilli())},
		Limit:                     aws.Int32(int32(limit)), // #nosec G115 -- a limit of ours
	})
	if err != nil {
		return nil, fmt.Errorf("list the calendars that are due: %w", err)
	}
	var keys []mirror.Key
	for _, it := range out.Items {
		keys = append(keys, mirrorKey(keyOf(it)))
	}
	return keys, nil
}

// TakeForMirror leases what is due and not leased.
func (s *Store) TakeForMirror(ctx context.Context, k mirror.Key, now, until time.Time) (mirror.Calendar, mirror.Lease, bool, error) {
	out, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: syncKey(k).item(),
		UpdateExpression:         aws.String("SET #leased = :until"),
		ConditionExpression:      aws.String("#due <= :now AND (attribute_not_exists(#leased) OR #leased <= :now)"),
		ExpressionAttributeNames: map[string]string{"#leased": attrLeased, "#due": attrDue},
		ExpressionAttributeValues: item{
			":now": number(now.UnixMilli()), ":until": number(until.UnixMilli()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return mirror.Calendar{}, mirror.Lease{}, false, nil
	}
	if err != nil {
		return mirror.Calendar{}, mirror.Lease{}, false, fmt.Errorf("lease a calendar: %w", err)
	}
	it := out.Attributes
	c, err := calendarOf(it)
	return c, mirror.Lease{
		Key: k, Until: until, Rung: it[attrRung] != nil, Reopen: it[attrReopen] != nil, Rings: intOf(it[attrRings]),
	}, err == nil, err
}

func calendarOf(it item) (mirror.Calendar, error) {
	k := mirrorKey(keyOf(it))
	c := mirror.Calendar{
		Host:        k.Host,
		Ref:         page.CalendarRef{Provider: stringOf(it[attrProvider]), ID: stringOf(it[attrCalendar])},
		HorizonDays: intOf(it[attrHorizon]),
		ConnectedAt: instantOf(it[attrConnected]),
		Parked:      it[attrDue] == nil,
	}
	if it[attrData] == nil {
		return c, nil
	}
	return c, decode(it, &c.State)
}

// instantOf reads milliseconds; what is absent is no time.
func instantOf(v types.AttributeValue) time.Time {
	if v == nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(intOf(v))).UTC()
}

// ReturnCalendar keeps what was learned and ends the lease.
func (s *Store) ReturnCalendar(ctx context.Context, l mirror.Lease, state mirror.State, next time.Time) error {
	data, err := encodeState(state)
	if err != nil {
		return err
	}
	return s.endLease(ctx, l, next, state.NotBefore, data)
}

// ReturnPlan ends the lease of a plan.
func (s *Store) ReturnPlan(ctx context.Context, l mirror.Lease, next time.Time) error {
	err := s.endLease(ctx, l, next, time.Time{}, nil)
	gone, overtaken := (*mirror.Gone)(nil), (*mirror.Overtaken)(nil)
	if errors.As(err, &gone) || errors.As(err, &overtaken) {
		return nil // the account was closed, or another makes the plan
	}
	return err
}

// endLease gives the item back, due at next. If it was made due meanwhile it stays
// so, with what the provider said of it, though not before notBefore.
func (s *Store) endLease(ctx context.Context, l mirror.Lease, next, notBefore time.Time, data types.AttributeValue) error {
	mine := change{condition: "#leased = :until"}
	mine.name("#leased", attrLeased).value(":until", number(l.Until.UnixMilli())).remove("#leased")
	if data != nil {
		mine.name("#data", attrData).value(":data", data).set("#data = :data")
	}
	if !notBefore.IsZero() {
		mine.name("#notBefore", attrNotBefore).value(":notBefore", number(notBefore.UnixMilli())).set("#notBefore = :notBefore")
	}
	quiet := mine.clone()
	quiet.condition += " AND #rings = :rings"
	quiet.name("#rings", attrRings).value(":rings", number(int64(l.Rings)))
	quiet.name("#rung", attrRung).name("#reopen", attrReopen).name("#due", attrDue).remove("#rung", "#reopen")
	if next.IsZero() {
		quiet.name("#mirrored", attrMirrored).remove("#due", "#mirrored")
	} else {
		quiet.value(":next", number(next.UnixMilli())).set("#due = :next")
	}

	err := s.change(ctx, syncKey(l.Key), quiet)
	failed := (*types.ConditionalCheckFailedException)(nil)
	if errors.As(err, &failed) && intOf(failed.Item[attrLeased]) == int(l.Until.UnixMilli()) { // it was made due meanwhile
		if !notBefore.IsZero() {
			mine.name("#due", attrDue).set("#due = :notBefore")
		}
		err = s.change(ctx, syncKey(l.Key), mine)
	}
	if err = notMine(err); err != nil {
		return fmt.Errorf("end the lease of a calendar: %w", err)
	}
	return nil
}

// notMine words the refusal of a change whose condition is a lease.
func notMine(err error) error {
	failed := (*types.ConditionalCheckFailedException)(nil)
	switch {
	case !errors.As(err, &failed):
		return err
	case failed.Item == nil:
		return &mirror.Gone{}
	}
	return &mirror.Overtaken{}
}

// change is an update of one item, put together piece by piece.
type change struct {
	sets, removes []string
	condition     string
	names         map[string]string
	values        item
}

func (c *change) name(placeholder, attribute string) *change {
	if c.names == nil {
		c.names = map[string]string{}
	}
	c.names[placeholder] = attribute
	return c
}

func (c *change) value(placeholder string, v types.AttributeValue) *change {
	if c.values == nil {
		c.values = item{}
	}
	c.values[placeholder] = v
	return c
}

func (c *change) set(assignment string)         { c.sets = append(c.sets, assignment) }
func (c *change) remove(placeholders ...string) { c.removes = append(c.removes, placeholders...) }

func (c *change) clone() change {
	return change{
		sets: slices.Clone(c.sets), removes: slices.Clone(c.removes), condition: c.condition,
		names: maps.Clone(c.names), values: maps.Clone(c.values),
	}
}

// change makes the update. What speaks against it comes with the error.
func (s *Store) change(ctx context.Context, k key, c change) error {
	_, err := s.changed(ctx, k, c)
	return err
}

// changed is change, and returns the item as it is then.
func (s *Store) changed(ctx context.Context, k key, c change) (item, error) {
	var parts []string
	if len(c.sets) > 0 {
		parts = append(parts, "SET "+strings.Join(c.sets, ", "))
	}
	if len(c.removes) > 0 {
		parts = append(parts, "REMOVE "+strings.Join(c.removes, ", "))
	}
	out, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: k.item(),
		UpdateExpression:         aws.String(strings.Join(parts, " ")),
		ConditionExpression:      aws.String(c.condition),
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

// KeepState keeps what was learned and does not end the lease.
func (s *Store) KeepState(ctx context.Context, l mirror.Lease, state mirror.State) error {
	data, err := encodeState(state)
	if err != nil {
		return err
	}
	keep := change{condition: "#leased = :until"}
	keep.name("#leased", attrLeased).value(":until", number(l.Until.UnixMilli()))
	keep.name("#data", attrData).value(":data", data).set("#data = :data")
	if err := notMine(s.change(ctx, syncKey(l.Key), keep)); err != nil {
		return fmt.Errorf("keep a calendar's state: %w", err)
	}
	return nil
}

func encodeState(state mirror.State) (types.AttributeValue, error) {
	it, err := encode(key{sk: syncPrefix}, state)
	if err != nil {
		return nil, err
	}
	return it[attrData], nil
}

// Mirrored lists the host's calendars that are copied.
func (s *Store) Mirrored(ctx context.Context, host string) ([]mirror.Calendar, error) {
	items, err := s.under(ctx, hostKey(host).pk, syncPrefix+"#")
	if err != nil {
		return nil, fmt.Errorf("list mirrored calendars: %w", err)
	}
	all := make([]mirror.Calendar, len(items))
	for i, it := range items {
		if all[i], err = calendarOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Mirror makes the calendar one that is copied, and due now: no pause and no reading
// under way, which knew nothing of the new plan, is in its way.
func (s *Store) Mirror(ctx context.Context, c mirror.Calendar, now time.Time) error {
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: syncKey(c.Key()).item(),
		UpdateExpression: aws.String("SET #provider = :provider, #calendar = :calendar, #horizon = :horizon, " +
			"#connected = :connected, #mirrored = :yes, #due = :now, #rung = :true ADD #rings :one REMOVE #leased, #notBefore"),
		ExpressionAttributeNames: map[string]string{
			"#provider": attrProvider, "#calendar": attrCalendar, "#horizon": attrHorizon, "#connected": attrConnected,
			"#mirrored": attrMirrored, "#due": attrDue, "#rung": attrRung, "#rings": attrRings,
			"#leased": attrLeased, "#notBefore": attrNotBefore,
		},
		ExpressionAttributeValues: item{
			":provider": text(c.Ref.Provider), ":calendar": text(c.Ref.ID), ":horizon": number(int64(c.HorizonDays)),
			":connected": number(c.ConnectedAt.UnixMilli()), ":yes": text(toBeRead), ":now": number(now.UnixMilli()),
			":true": &types.AttributeValueMemberBOOL{Value: true}, ":one": number(1),
		},
	})
	if err != nil {
		return fmt.Errorf("mirror a calendar: %w", err)
	}
	return nil
}

// Unmirror forgets the calendar and its copy.
func (s *Store) Unmirror(ctx context.Context, k mirror.Key) error {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Table, Key: syncKey(k).item()})
	if err != nil {
		return fmt.Errorf("forget a calendar: %w", err)
	}
	return s.pruneBusy(ctx, k.Host, func(name string) bool { return name == k.Calendar })
}

// BellOf returns the calendar's provider and the hash of its channel's token.
func (s *Store) BellOf(ctx context.Context, k mirror.Key) (provider string, tokenHash []byte, ok bool, err error) {
	it, err := s.get(ctx, syncKey(k))
	if err != nil {
		return "", nil, false, fmt.Errorf("read a channel: %w", err)
	}
	if it == nil {
		return "", nil, false, nil
	}
	c, err := calendarOf(it)
	return c.Ref.Provider, c.State.TokenHash, err == nil && len(c.State.TokenHash) > 0, err
}

// Ring makes the calendar due, not before what its last reading said. One that is
// parked, or gone, stays so.
func (s *Store) Ring(ctx context.Context, k mirror.Key, now time.Time, reopen bool) error {
	err := s.ring(ctx, k, now, reopen, "(attribute_not_exists(#notBefore) OR #notBefore <= :now)", ":now")
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		err = s.ring(ctx, k, now, reopen, "#notBefore > :now", "#notBefore")
		if errors.As(err, &failed) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("make a calendar due: %w", err)
	}
	return nil
}

// ring makes what is due at some time due then, if the condition holds.
func (s *Store) ring(ctx context.Context, k mirror.Key, now time.Time, reopen bool, condition, then string) error {
	update := "SET #due = " + then + ", #rung = :true"
	names := map[string]string{"#due": attrDue, "#notBefore": attrNotBefore, "#rung": attrRung, "#rings": attrRings}
	if reopen {
		update += ", #reopen = :true"
		names["#reopen"] = attrReopen
	}
	_, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Table, Key: syncKey(k).item(),
		UpdateExpression:         aws.String(update + " ADD #rings :one"),
		ConditionExpression:      aws.String("attribute_exists(#due) AND " + condition),
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: item{
			":now": number(now.UnixMilli()), ":true": &types.AttributeValueMemberBOOL{Value: true}, ":one": number(1),
		},
	})
	return err
}
