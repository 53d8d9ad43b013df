package mail

import (
	"fmt"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

var english = words{
	tag: language.English,
	writing: writing{
		date: func(t time.Time) string { return t.Format("Monday, January 2, 2006") },
		clock: func(start, end time.Time) string {
			switch {
			case !sameDay(start, end):
				return start.Format("3:04 PM") + " – " + end.Format("3:04 PM") + " the next day"
			case start.Format("PM") != end.Format("PM"):
				return start.Format("3:04 PM") + " – " + end.Format("3:04 PM")
			}
			return start.Format("3:04") + "–" + end.Format("3:04 PM")
		},
		hour:     func(t time.Time) string { return t.Format("3:04 PM") },
		brief:    func(t time.Time) string { return t.Format("Mon, Jan 2, 3:04 PM") },
		moment:   func(date, clock string) string { return date + ", " + clock },
		brackets: func(s string) string { return " (" + s + ")" },
		field: func(label, value string) string {
			if strings.HasSuffix(label, "?") {
				return label + " " + value
			}
			return label + ": " + value
		},
		heading:  func(s string) string { return "— " + s + " —" },
		sentence: func(s string) string { return s + "." },
		invited:  func(title, host string) string { return title + " with " + host },
	},
	labels: labels{
		hostClock:    "Host’s time",
		guestClock:   "Guest’s time",
		host:         "Host",
		guest:        "Guest",
		name:         "Name",
		company:      "Company",
		email:        "Email",
		phone:        "Phone",
		coAttendees:  "Also invited",
		passcode:     "Passcode",
		note:         "From your host",
		answers:      "Answers",
		join:         "Join on Zoom",
		manage:       "See your booking",
		changeUntil:  "You can cancel or reschedule until",
		changeClosed: "That time has passed: please write to your host directly.",
	},

	greeting:  func(name string) string { return "Hello " + name + "," },
	automatic: "Sent automatically by Yakusoku, the scheduling service.",
	replyTo:   func(name string) string { return "Replies go to " + name + "." },

	guestConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("Confirmed: %s – %s", t.title, t.brief) },
		headline: "Your booking is confirmed",
		lead:     "When it’s time, join on Zoom with the link below.",
		when:     "When",
	},
	hostConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("New booking: %s – %s – %s", t.title, t.brief, t.guest) },
		headline: "You have a new booking",
		lead:     "The Zoom meeting is set up and the event is in your calendar.",
		when:     "When",
	},
	attendeesConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("Invitation: %s – %s", t.title, t.brief) },
		headline: "You’re invited to a meeting",
		when:     "When",
	},
	attendeesGreeting: "Hello,",
	attendeesLead: func(guest string) string {
		return guest + " has booked this meeting and would like you there. When it’s time, join on Zoom with the link below."
	},
	attendeesWhy: func(guest string) string {
		return guest + " gave your address when booking. If you don’t know them, you can ignore this email."
	},
	guestFailed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("Not booked: %s – %s", t.title, t.brief) },
		failed:   true,
		headline: "We couldn’t confirm your booking",
		when:     "The time you asked for",
	},
	hostFailed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("Not booked: %s – %s – %s", t.title, t.brief, t.guest) },
		failed:   true,
		headline: "A booking couldn’t be confirmed",
		when:     "Requested time",
	},
	reconnect: opening{
		subject: func(t topic) string {
			return fmt.Sprintf("Action needed: reconnect to take bookings (%s – %s)", t.title, t.brief)
		},
		failed:   true,
		headline: "A connection needs to be renewed",
		when:     "Requested time",
	},

	code: codeWords{
		subject:  func(code string) string { return "Your code: " + code },
		headline: "Here is your code",
		greeting: "Hello,",
		lead: func(minutes int) string {
			return fmt.Sprintf("Enter this code on the booking page to show that this address is yours. It is valid for %d minutes.", minutes)
		},
		ignore: "If you did not ask for a code, you can ignore this email. Nothing has been booked.",
	},

	lapse:     englishLapse,
	removed:   englishRemoved,
	cancelled: englishCancelled,
	moved:     englishMoved,
	differs:   englishDiffers,
	reminder:  englishReminder,

	guestAdvice: map[booking.Reason]advice{
		booking.ReasonNone: {
			lead:   "We’re sorry: something went wrong before your booking was complete. Please wait a little and book again.",
			action: "Book again",
		},
		booking.ReasonSlotTaken: {
			lead:   "We’re sorry: while we were working on your booking, that time was taken by something else. Please choose another.",
			action: "Choose another time",
		},
		booking.ReasonZoomUnavailable: {
			lead:   "We’re sorry: we couldn’t set up the Zoom meeting. Please wait a little and book again.",
			action: "Book again",
		},
		booking.ReasonCalendarFailed: {
			lead:   "We’re sorry: we couldn’t put the meeting into the host’s calendar. Please wait a little and book again.",
			action: "Book again",
		},
		booking.ReasonMailFailed: {
			lead:   "We’re sorry: we couldn’t send you the confirmation. Please check your email address and book again.",
			action: "Book again",
		},
		booking.ReasonHostDisconnected: {
			lead:   "We’re sorry: the host’s link to Zoom or to their calendar has lapsed, so your booking couldn’t go through. Please try again another day, or write to the host directly.",
			action: "See the booking page",
		},
		booking.ReasonTooLate: {
			lead:   "We’re sorry: the time you asked for came before your booking was complete. Please choose another.",
			action: "Choose another time",
		},
	},
	hostAdvice: map[booking.Reason]advice{
		booking.ReasonNone: {
			lead:   "Something went wrong before the booking was complete. The guest is being asked to book again.",
			action: "See your booking page",
		},
		booking.ReasonSlotTaken: {
			lead:   "While the booking was being made, something else at that time came into your calendar. The guest is being asked to choose another time.",
			action: "See your booking page",
		},
		booking.ReasonZoomUnavailable: {
			lead:   "Zoom declined to create the meeting, or didn’t answer in time. If this happens again, check your Zoom connection under Integrations.",
			action: "Open Integrations",
		},
		booking.ReasonCalendarFailed: {
			lead:   "The event couldn’t be written to your calendar. Check under Integrations that the calendar is still there.",
			action: "Open Integrations",
		},
		booking.ReasonMailFailed: {
			lead:   "The confirmation couldn’t be sent to the guest, so the booking was withdrawn. Their address may be mistyped.",
			action: "See your booking page",
		},
		booking.ReasonHostDisconnected: {
			lead:   "Your link to Zoom or to your calendar has lapsed, so this booking couldn’t go through. No new bookings can be made until you reconnect.",
			action: "Open Integrations",
		},
		booking.ReasonTooLate: {
			lead:   "The start time came before the booking was complete. The guest is being asked to choose another time.",
			action: "See your booking page",
		},
	},

	nothingToDo:      "There is nothing you need to cancel.",
	mayHaveConfirmed: "If a confirmation reached you all the same, this booking still does not stand. Please delete the event if it is in your calendar.",
	nothingLeft:      "The hold on the time has been released; no Zoom meeting and no calendar event remain.",
	somethingLeft:    "A Zoom meeting or calendar event made for this booking still remains. We keep trying to remove it.",
	unreached:        "The mail that tells the guest was refused. They may not know of this, or may have been told otherwise before: please reach them another way, such as by phone.",
}
