package booking

import (
	"fmt"
	"strconv"
	"strings"
)

const meetingReference = "yakusoku-"

// MeetingReference is the word by which a meeting that was made for a booking is
// found again, the number being its own among them.
func MeetingReference(id string, number int) string {
	return fmt.Sprintf("%s%s-%d", meetingReference, id, number)
}

// OfMeetingReference reads whose meeting a word refers to; ok is false for any other
// word.
func OfMeetingReference(word string) (id string, number int, ok bool) {
	rest, ours := strings.CutPrefix(word, meetingReference)
	at := strings.LastIndexByte(rest, '-')
	if !ours || at <= 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(rest[at+1:])
	return rest[:at], number, err == nil && MeetingReference(rest[:at], number) == word
}
