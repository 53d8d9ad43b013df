package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"

	"yakusoku/shared/brand"
	"yakusoku/shared/language"
)

// HostReconnect is the mail to a host whose connection is dead.
const HostReconnect Kind = "host_reconnect"

// Lapse is a connection that only its host can mend.
type Lapse struct {
	ID       string // of this lapse: the same gives the same Message-ID
	Host     string // name
	Email    string
	Language language.Tag
	Provider string // as it calls itself: "Zoom"
	Account  string // the address of the account there; may be empty
}

// Lapse writes the mail about a connection. It returns *Refused if there is no
// such address.
func (c *Composer) Lapse(of Lapse) (Message, error) {
	w := wordsIn(of.Language)
	l := letter{
		words:     w,
		To:        []netmail.Address{{Name: line(of.Host), Address: of.Email}},
		Colours:   brand.Palette(""),
		Subject:   w.lapse.subject(of.Provider),
		Preheader: w.lapse.lead(of.Provider),
		Failed:    true,
		Headline:  w.lapse.headline,
		Greeting:  w.greeting(line(of.Host)),
		Lead:      []string{w.lapse.lead(of.Provider), w.lapse.safe},
		Title:     of.Provider,
		Action:    &link{Label: w.lapse.action, URL: c.integrationsURL()},
		Footer:    []string{w.automatic},
	}
	if of.Account != "" {
		l.Host = &fact{w.lapse.account, passage(line(of.Account))}
	}
	domain := c.from.Address[strings.LastIndex(c.from.Address, "@")+1:]
	return c.message(HostReconnect, of.ID+"."+string(HostReconnect)+"@"+domain, l)
}

// lapseWords are those of the mail about a dead connection.
type lapseWords struct {
	subject, lead                   func(provider string) string
	headline, safe, action, account string
}

var japaneseLapse = lapseWords{
	subject: func(provider string) string {
		return fmt.Sprintf("【要対応】%sとの接続が切れています", provider)
	},
	headline: "外部連携の再接続が必要です",
	lead: func(provider string) string {
		return fmt.Sprintf("%sとの接続が切れました。接続し直すまで、%sを使う予約ページは新しい予約を受け付けません。", provider, provider)
	},
	safe:    "すでに確定している予約は、そのまま有効です。",
	action:  "外部連携を開く",
	account: "アカウント",
}

var englishLapse = lapseWords{
	subject:  func(provider string) string { return fmt.Sprintf("Action needed: %s is disconnected", provider) },
	headline: "Please reconnect",
	lead: func(provider string) string {
		return fmt.Sprintf("Your connection to %s has ended. Until you reconnect it, booking pages that use %s take no new bookings.", provider, provider)
	},
	safe:    "Bookings that are already confirmed stay as they are.",
	action:  "Open Integrations",
	account: "Account",
}
