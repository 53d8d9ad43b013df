package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"yakusoku/shared/booking"
)

// item is what DynamoDB holds under one key.
type item = map[string]types.AttributeValue

// key is an item's place in the table (DESIGN §6).
type key struct{ pk, sk string }

func hostKey(handle string) key             { return key{hostPrefix + handle, "HOST"} }
func pageKey(handle, slug string) key       { return key{hostPrefix + handle, pagePrefix + slug} }
func sheetKey(handle string, d day) key     { return key{hostPrefix + handle, sheetPrefix + d.String()} }
func busyKey(handle string, d day) key      { return key{hostPrefix + handle, busyPrefix + d.String()} }
func bookingKey(id string) key              { return key{bookingPrefix + id, "BOOKING"} }
func connectionKey(handle, prov string) key { return key{hostPrefix + handle, connectionPrefix + prov} }
func goneKey(handle string) key             { return key{hostPrefix + handle, "GONE"} }
func subjectKey(subject string) key         { return key{"SUBJECT#" + subject, "HOST"} }
func attemptKey(state string) key           { return key{"STATE#" + state, "STATE"} }

// accountKey is the lock on an account at a provider that gives one live grant a
// user.
func accountKey(prov, id string) key { return key{strings.ToUpper(prov) + "#" + id, "LOCK"} }

// Items of one kind under a host begin alike.
const (
	hostPrefix       = "HOST#"
	connectionPrefix = "CONN#"
	pagePrefix       = "PAGE#"
	sheetPrefix      = "DAY#"
	busyPrefix       = "BUSY#"
	syncPrefix       = "SYNC"
	bookingPrefix    = "BOOKING#"
)

// Kinds of items, as patterns of their partition keys: what who may touch is narrowed
// by.
const (
	OfHosts    = hostPrefix + "*"
	OfBookings = bookingPrefix + "*"
	OfReports  = reportPrefix + "*"
	OfZoom     = "ZOOM#*" // the locks on its accounts
	Nothing    = "REACH"  // Reach's
)

// countKey is where a page with a maxPerDay counts the bookings of a month, one
// attribute a local date: a month is read as one item.
func countKey(handle, slug, month string) key {
	return key{hostPrefix + handle, "COUNT#" + slug + "#" + month}
}

// quotaKey is where the uses of a quota are counted, an item an hour.
func quotaKey(q booking.Quota) key {
	return key{"QUOTA#" + q.Subject, "HOUR#" + q.Hour.UTC().Format("2006-01-02T15")}
}

func (k key) item() item {
	return item{attrPK: text(k.pk), attrSK: text(k.sk)}
}

func keyOf(it item) key {
	return key{stringOf(it[attrPK]), stringOf(it[attrSK])}
}

// day is a UTC day, counted from the Unix epoch.
type day int64

const (
	secondsPerDay  = 24 * 60 * 60
	secondsPerCell = 5 * 60
)

func dayOf(t time.Time) day { return day(floorDiv(t.Unix(), secondsPerDay)) }

func (d day) start() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }
func (d day) String() string   { return d.start().Format(time.DateOnly) }

// days lists the UTC days that [from, to) touches; at least from's own.
func days(from, to time.Time) []day {
	first, last := dayOf(from), dayOf(to.Add(-time.Nanosecond))
	list := []day{first}
	for d := first + 1; d <= last; d++ {
		list = append(list, d)
	}
	return list
}

// months lists the calendar months that local dates of [from, to) can lie in,
// whatever the zone.
func months(from, to time.Time) []string {
	var list []string
	for d := from.Add(-secondsPerDay * time.Second); ; d = d.AddDate(0, 0, 1) {
		if m := d.Format("2006-01"); len(list) == 0 || list[len(list)-1] != m {
			list = append(list, m)
		}
		if d.After(to) {
			return list
		}
	}
}

// cell is one 5-minute piece of a UTC day; on the day sheet an attribute of its
// name holds the id of the booking that claims it.
type cell int

func (c cell) attribute() string { return fmt.Sprintf("c%03d", int(c)) }

// cellOf reads a day sheet's attribute name; ok is false for any other attribute.
func cellOf(attribute string) (c cell, ok bool) {
	if len(attribute) != 4 || attribute[0] != 'c' {
		return 0, false
	}
	n, err := strconv.Atoi(attribute[1:])
	return cell(n), err == nil
}

// claim lists the cells of [from, to) by day, days ascending.
func claim(from, to time.Time) []sheetClaim {
	var sheets []sheetClaim
	first := floorDiv(from.Unix(), secondsPerCell)
	last := floorDiv(to.Unix()+secondsPerCell-1, secondsPerCell)
	for n := first; n < last; n++ {
		d, c := day(floorDiv(n*secondsPerCell, secondsPerDay)), cell(n%(secondsPerDay/secondsPerCell))
		if len(sheets) == 0 || sheets[len(sheets)-1].day != d {
			sheets = append(sheets, sheetClaim{day: d})
		}
		s := &sheets[len(sheets)-1]
		s.cells = append(s.cells, c)
	}
	return sheets
}

type sheetClaim struct {
	day   day
	cells []cell
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func intOf(v types.AttributeValue) int {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		i, _ := strconv.Atoi(n.Value)
		return i
	}
	return 0
}
