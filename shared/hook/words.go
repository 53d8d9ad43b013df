package hook

import (
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

// words are what a team's chat is told, in one language.
type words struct {
	titles map[booking.NewsKind]string
	newURL string // of a booking that keeps its time and has another URL

	page, time, before, guest, email, reason, by, message, joinURL, open string

	reasons       map[booking.Reason]string
	parties       map[booking.Party]string
	cancelReasons map[booking.CancelReason]string

	moment  func(time.Time) string // in the host's zone
	when    func(start, end time.Time) string
	bracket func(string) string
	colon   string
	comma   string

	sampleTitle, sampleName, sampleCompany string
}

func wordsOf(l language.Tag) *words {
	if l == language.Japanese {
		return &japanese
	}
	return &english
}

var japanese = words{
	titles: map[booking.NewsKind]string{
		booking.NewsConfirmed:   "予約が確定しました",
		booking.NewsFailed:      "予約が成立しませんでした",
		booking.NewsCancelled:   "予約がキャンセルされました",
		booking.NewsRescheduled: "予約の日時が変更されました",
		Test:                    "Yakusokuからのテスト通知です",
	},
	newURL: "予約のURLが新しくなりました",
	page:   "予約ページ", time: "日時", before: "変更前", guest: "ゲスト", email: "メールアドレス",
	reason: "理由", by: "キャンセルした人", message: "メッセージ", joinURL: "Zoom URL", open: "予約を開く",
	reasons: map[booking.Reason]string{
		booking.ReasonSlotTaken:        "この時間に別の予定が入っていました",
		booking.ReasonZoomUnavailable:  "ZoomのURLを発行できませんでした",
		booking.ReasonCalendarFailed:   "カレンダーを確認または登録できませんでした",
		booking.ReasonMailFailed:       "ゲストに確認メールを送れませんでした",
		booking.ReasonHostDisconnected: "Zoomまたはカレンダーとの接続が切れています",
		booking.ReasonTooLate:          "開始時刻までに手続きが終わりませんでした",
	},
	parties: map[booking.Party]string{booking.ByGuest: "ゲスト", booking.ByHost: "ホスト"},
	cancelReasons: map[booking.CancelReason]string{
		booking.Conflict:    "ほかの予定が入った",
		booking.NotNeeded:   "用件がなくなった",
		booking.OtherReason: "その他",
	},
	moment: japaneseMoment,
	when: func(start, end time.Time) string {
		return start.Format("2006年") + japaneseMoment(start) + "–" + end.Format("15:04") + "（" + start.Location().String() + "）"
	},
	bracket: func(s string) string { return "（" + s + "）" },
	colon:   "：", comma: "、",
	sampleTitle: "初回相談", sampleName: "予約 太郎", sampleCompany: "株式会社見本",
}

func japaneseMoment(t time.Time) string {
	return t.Format("1月2日") + "(" + string([]rune("日月火水木金土")[t.Weekday()]) + ")" + t.Format(" 15:04")
}

var english = words{
	titles: map[booking.NewsKind]string{
		booking.NewsConfirmed:   "New booking",
		booking.NewsFailed:      "A booking did not come about",
		booking.NewsCancelled:   "A booking was cancelled",
		booking.NewsRescheduled: "A booking was rescheduled",
		Test:                    "This is a test from Yakusoku",
	},
	newURL: "A booking has a new meeting link",
	page:   "Booking page", time: "Time", before: "Before", guest: "Guest", email: "Email",
	reason: "Reason", by: "Cancelled by", message: "Message", joinURL: "Zoom link", open: "Open the booking",
	reasons: map[booking.Reason]string{
		booking.ReasonSlotTaken:        "Something else was in the calendar at this time",
		booking.ReasonZoomUnavailable:  "Zoom could not issue a meeting link",
		booking.ReasonCalendarFailed:   "The calendar could not be checked or written to",
		booking.ReasonMailFailed:       "The confirmation mail could not be sent to the guest",
		booking.ReasonHostDisconnected: "The connection to Zoom or the calendar is broken",
		booking.ReasonTooLate:          "It could not be completed before its start",
	},
	parties: map[booking.Party]string{booking.ByGuest: "the guest", booking.ByHost: "the host"},
	cancelReasons: map[booking.CancelReason]string{
		booking.Conflict:    "Something else came up",
		booking.NotNeeded:   "No longer needed",
		booking.OtherReason: "Other",
	},
	moment: func(t time.Time) string { return t.Format("Mon, 2 Jan, 15:04") },
	when: func(start, end time.Time) string {
		return start.Format("Mon, 2 Jan 2006, 15:04") + "–" + end.Format("15:04") + " (" + start.Location().String() + ")"
	},
	bracket: func(s string) string { return " (" + s + ")" },
	colon:   ": ", comma: ", ",
	sampleTitle: "Intro call", sampleName: "Alex Guest", sampleCompany: "Sample Inc.",
}
