package mail

import (
	"fmt"
	netmail "net/mail"

	"yakusoku/shared/brand"
	"yakusoku/shared/language"
)

const (
	// HostReconnect is the mail to a host whose connection is dead.
	HostReconnect Kind = "host_reconnect"
	// HostRemoved is the mail to a host from whose account our app was removed.
	HostRemoved Kind = "host_removed"
)

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
	return c.ended(HostReconnect, wordsIn(of.Language).lapse, of)
}

// Removed writes the mail about a connection that was ended at its provider, and of
// which nothing was kept. It returns *Refused if there is no such address.
func (c *Composer) Removed(of Lapse) (Message, error) {
	return c.ended(HostRemoved, wordsIn(of.Language).removed, of)
}

func (c *Composer) ended(kind Kind, says lapseWords, of Lapse) (Message, error) {
	w := wordsIn(of.Language)
	l := letter{
		words:     w,
		To:        []netmail.Address{{Name: line(of.Host), Address: of.Email}},
		Colours:   brand.Palette(""),
		Subject:   says.subject(of.Provider),
		Preheader: says.lead(of.Provider),
		Failed:    true,
		Headline:  says.headline,
		Greeting:  w.greeting(line(of.Host)),
		Lead:      []string{says.lead(of.Provider), says.safe},
		Title:     of.Provider,
		Action:    &link{Label: says.action, URL: c.integrationsURL()},
		Footer:    []string{w.automatic},
	}
	if of.Account != "" {
		l.Host = &fact{says.account, passage(line(of.Account))}
	}
	return c.message(kind, of.ID+"."+string(kind)+"@"+c.domain(), l)
}

// lapseWords are those of a mail about a connection that ended.
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

var japaneseRemoved = lapseWords{
	subject: func(provider string) string {
		return fmt.Sprintf("【要対応】%sとの接続が解除されました", provider)
	},
	headline: "外部連携の再接続が必要です",
	lead: func(provider string) string {
		return fmt.Sprintf("%sのアカウントからこのアプリが削除されたため、お預かりしていた接続の情報を消去しました。接続し直すまで、%sを使う予約ページは新しい予約を受け付けません。", provider, provider)
	},
	safe:    "すでに確定している予約は、そのまま有効です。",
	action:  "外部連携を開く",
	account: "アカウント",
}

var englishRemoved = lapseWords{
	subject: func(provider string) string {
		return fmt.Sprintf("Action needed: this app was removed from %s", provider)
	},
	headline: "Please reconnect",
	lead: func(provider string) string {
		return fmt.Sprintf("This app was removed from your %s account, so we deleted what we held of the connection. Until you reconnect, booking pages that use %s take no new bookings.", provider, provider)
	},
	safe:    "Bookings that are already confirmed stay as they are.",
	action:  "Open Integrations",
	account: "Account",
}
