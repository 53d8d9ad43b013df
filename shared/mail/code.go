package mail

import (
	"crypto/rand"
	netmail "net/mail"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/brand"
)

// GuestCode is the mail with the code that shows that an address is the guest's.
const GuestCode Kind = "guest_code"

// Code writes the mail that carries a code. Each is a mail of its own. It returns
// *Refused if there is no such address.
func (c *Composer) Code(of booking.CodeLetter) (Message, error) {
	w := wordsIn(of.Language)
	l := letter{
		words:     w,
		To:        []netmail.Address{{Address: of.Email}},
		Colours:   brand.Palette(of.AccentColor),
		Subject:   w.code.subject(of.Code),
		Preheader: w.code.headline,
		Headline:  w.code.headline,
		Greeting:  w.code.greeting,
		Lead:      []string{w.code.lead(int(booking.CodeValid / time.Minute))},
		Title:     line(of.Title),
		Code:      of.Code,
		Host:      &fact{w.host, passage(line(of.HostName))},
		Footer:    []string{w.code.ignore, w.automatic},
	}
	return c.message(GuestCode, rand.Text()+"@"+c.domain(), l)
}

// codeWords are those of the mail with a code.
type codeWords struct {
	subject            func(code string) string
	headline, greeting string
	lead               func(minutes int) string
	ignore             string
}
