package mail

import (
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

// words are everything that the mails say in one language.
type words struct {
	tag language.Tag
	writing
	labels

	greeting  func(name string) string
	automatic string
	replyTo   func(name string) string

	guestConfirmed     opening
	hostConfirmed      opening
	attendeesConfirmed opening
	attendeesGreeting  string
	attendeesLead      func(guest string) string
	attendeesWhy       func(guest string) string // why a stranger gets the mail

	guestFailed opening
	hostFailed  opening
	reconnect   opening // to a host whose connection is dead

	code      codeWords
	lapse     lapseWords
	removed   lapseWords
	cancelled cancelledWords
	moved     movedWords
	differs   differsWords
	reminder  reminderWords

	// What happened and what to do, by why a booking failed. ReasonNone stands for
	// a reason that has no words.
	guestAdvice map[booking.Reason]advice
	hostAdvice  map[booking.Reason]advice

	nothingToDo      string // to a guest, of a failed booking
	mayHaveConfirmed string // the same, if a confirmation may have gone out
	nothingLeft      string // to a host, of a failed booking
	somethingLeft    string // the same, if a compensation is still to come
	unreached        string // to a host whose guest no mail reaches
}

// writing is how a language puts things.
type writing struct {
	date     func(time.Time) string            // of a day, in full
	clock    func(start, end time.Time) string // of a span, without its date
	hour     func(time.Time) string            // of one time, without its date
	brief    func(time.Time) string            // of a start, for subjects
	moment   func(date, clock string) string   // joins the two
	brackets func(string) string               // what follows a phrase in brackets
	field    func(label, value string) string
	heading  func(string) string // of a part of a plain text
	sentence func(string) string // a headline within a plain text
	invited  func(title, host string) string
}

// labels stand before values or on links.
type labels struct {
	hostClock, guestClock                    string
	host, guest, email, company, phone, name string
	coAttendees                              string
	passcode, note, answers                  string
	join, manage                             string
	changeUntil, changeClosed                string // until when guests may cancel or move; that it is over
}

// opening is how a mail begins.
type opening struct {
	subject  func(topic) string
	failed   bool
	stands   bool // whatever failed, the time is one to come at
	headline string
	lead     string
	when     string // the label of the time
}

// topic is what a subject may name.
type topic struct{ title, brief, guest string }

// advice is why, and the label of the link that helps.
type advice struct{ lead, action string }

func wordsIn(tag language.Tag) *words {
	if tag == language.Japanese {
		return &japanese
	}
	return &english
}

func adviceFor(all map[booking.Reason]advice, reason booking.Reason) advice {
	if a, ok := all[reason]; ok {
		return a
	}
	return all[booking.ReasonNone]
}
