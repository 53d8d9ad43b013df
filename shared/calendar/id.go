package calendar

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
)

// idLength is how much of the hash an event's id keeps, in bytes: no two
// bookings will ever meet in 128 bits.
const idLength = 16

// idEncoding is lower-case base32hex: the alphabet that Google allows in an
// event's id (events.insert, field id).
var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// EventID makes the id under which a booking's event is inserted: the same for
// every try at one revision of the booking, so that a repeated insert is told
// apart from a new one, and another for every other revision, since a deleted
// event's id stays taken. It is 26 characters of [0-9a-v].
func EventID(booking string, revision int) string {
	sum := sha256.Sum256([]byte(booking + "/" + strconv.Itoa(revision)))
	return idEncoding.EncodeToString(sum[:idLength])
}
