package seed

import (
	"encoding/base64"
	"strings"

	"yakusoku/shared/page"
)

// logo is what a host might have: a mark and a name.
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 40" width="210" height="40">
<circle cx="20" cy="20" r="15" fill="none" stroke="#2f6fb3" stroke-width="5"/><circle cx="20" cy="20" r="5" fill="#2f6fb3"/>
<text x="46" y="28" font-family="Georgia,serif" font-size="24" fill="#5f7f9f">Minato &amp; Co.</text></svg>`

// pages are the demo host's.
func pages(front string) []page.Page {
	intro := open("intro", "初回相談")
	intro.Description = "サービスのご紹介と、ご質問にお答えする30分のオンライン面談です。"
	intro.ConfirmationNote = "当日は開始の5分前からご入室いただけます。"
	intro.Questions = []page.Question{{ID: "topic", Label: "ご相談内容", Type: page.TextArea, Options: []string{}}}

	questions := open("questions", "導入前のご相談")
	questions.Description = "導入をご検討中の方のための面談です。事前にいくつかおうかがいします。"
	questions.Brand = page.Brand{AccentColor: "#2f6fb3", Logo: "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(logo))}
	questions.Phone, questions.MaxCoAttendees = page.Needed, 3
	questions.ChangeNoticeMinutes = 24 * 60
	questions.Consent = page.Consent{Text: "個人情報の取り扱いに同意します", URL: "https://example.com/privacy", Version: "2026-11"}
	questions.Questions = []page.Question{
		{ID: "role", Label: "お立場", Type: page.Text, Required: true},
		{ID: "size", Label: "ご利用予定の人数", Type: page.Select, Required: true, Options: []string{"1〜9名", "10〜99名", "100名以上"}},
		{ID: "topics", Label: "おうかがいしたいこと", Type: page.MultiSelect, Options: []string{"料金", "機能", "連携", "その他"}},
		{ID: "news", Label: "新機能のお知らせを受け取る", Type: page.Checkbox},
		{ID: "notes", Label: "補足", Type: page.TextArea},
	}
	// The same front door by its other name: another origin, as a host's site is.
	questions.EmbedOrigins = []string{strings.Replace(front, "127.0.0.1", "localhost", 1)}

	verify := open("verify", "メール確認つきの予約")
	verify.VerifyEmail = true

	closed := open("closed", "連携が切れているページ")
	closed.Calendars.Write.Provider = page.Microsoft

	draft := open("draft", "公開前のページ")
	draft.Published = false

	full := open("full", "空きのないページ")
	full.Weekly = page.Weekly{}
	return []page.Page{intro, questions, verify, closed, draft, full}
}

// open is a page with times on weekdays.
func open(slug, title string) page.Page {
	p := page.Defaults()
	p.Slug, p.Title = slug, title
	for _, day := range []*[]page.Window{&p.Weekly.Tuesday, &p.Weekly.Wednesday, &p.Weekly.Thursday, &p.Weekly.Friday} {
		*day = p.Weekly.Monday
	}
	return p
}
