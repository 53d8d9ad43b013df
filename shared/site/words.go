package site

import (
	"fmt"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

// words are what a page says before its script has run, or without it. What the
// script says stands in functions/site/web/src/messages.
type words struct {
	Booking    string // the title of a guest's own booking
	NeedScript string
	Promise    string
	APIDocs    string
	Minutes    string // of a duration, after the number
	Place      string

	ChooseDay, ChooseTime, ChooseStart string
	NoDays, NoTimes                    string
	Later, OtherDay, OtherPage         string
	TimesIn, ChangeZone, Change        string

	Details, When                  string
	Name, NameHint                 string
	Email, EmailHint               string
	Company, Phone                 string
	CoAttendees, CoAttendeesHint   string
	Optional, PickOne, Book, Trap  string
	ConsentMore, Mailed            string
	Code, CodeHint                 string
	CodeSent                       func(address string) string
	NotOpen                        string
	Pending, Confirmed, Failed     string
	Cancelled, PendingLead         string
	ConfirmedLead, ReadMail        string
	JoinURL, Passcode, Reload, Own string

	// What becomes of a booking.
	Changes                           string
	ChangesUntil                      func(minutes int) string // before the start
	IfPlansChange, Reschedule, Cancel string
	ChangeUntil, Closed               func(when string) string
	MeetingGone                       string
	CancelThis, CancelNow, Keep       string
	CancelMeans                       []string
	Reason, NoReason, ToHost          string
	ToHostHint, Message               string
	MyReasons, Reasons                map[booking.CancelReason]string // to choose from; as they are told
	ByHost, ByGuest                   string
	Present, MoveThis, MoveNow        string
	MoveMeans                         string
	Moving, To                        string
	Moved, MovedLead, NewURL, Before  string
	NotMoved, Stands                  string
	Elsewhere                         string // a form that another site sent
}

// ahead is a time before a start, in words: days where it is whole ones.
func ahead(minutes int, day, hour, minute func(n int) string) string {
	switch {
	case minutes >= 2*24*60 && minutes%(24*60) == 0:
		return day(minutes / (24 * 60))
	case minutes%60 == 0:
		return hour(minutes / 60)
	case minutes > 60:
		return hour(minutes/60) + minute(minutes%60)
	}
	return minute(minutes)
}

func wordsIn(l language.Tag) words {
	if l == language.Japanese {
		return japanese
	}
	return english
}

var japanese = words{
	Booking:    "ご予約",
	NeedScript: "このページのご利用には、ブラウザのJavaScriptを有効にしてください。",
	Promise:    "枠の確保、Zoomの会議、カレンダーの予定、確認メール。すべてがそろって、はじめて予約になります。",
	APIDocs:    "APIドキュメント",
	Minutes:    "分",
	Place:      "Zoom（Web会議）",

	ChooseDay: "日付を選ぶ", ChooseTime: "時刻を選ぶ", ChooseStart: "日時を選び直す",
	NoDays: "この期間に空きはありません。", NoTimes: "この日に空きはありません。",
	Later: "さらに先の日付を見る", OtherDay: "別の日付を選ぶ", OtherPage: "予約ページへ",
	TimesIn: "表示時刻のタイムゾーン", ChangeZone: "タイムゾーンを変更", Change: "変更",

	Details: "お客様情報の入力", When: "日時",
	Name: "お名前", NameHint: "姓、名の順にご入力ください（例：山田 太郎）",
	Email: "メールアドレス", EmailHint: "このアドレスにZoomのURLをお送りします。",
	Company: "会社名", Phone: "電話番号",
	CoAttendees: "同席者のメールアドレス", CoAttendeesHint: "%d名まで。1行に1件ずつご入力ください。予約が確定すると、ご案内をお送りします。",
	Optional: "任意", PickOne: "選択してください", Book: "この内容で予約する", Trap: "この欄は空のままにしてください",
	ConsentMore: "全文を読む", Mailed: "日時、ZoomのURLとパスコード、カレンダー用ファイルを、ご入力のアドレスにメールでお送りします。",
	Code: "確認コード", CodeHint: "メールに記載された6桁の数字をご入力ください。",
	CodeSent: func(address string) string {
		return address + " 宛に確認コードをお送りしました。コードをご入力のうえ、もう一度送信してください。"
	},
	NotOpen: "この日時は予約できなくなりました。別の日時をお選びください。",
	Pending: "予約の手続きをしています", Confirmed: "予約が完了しました", Failed: "予約できませんでした", Cancelled: "この予約はキャンセルされました",
	PendingLead: "このページは自動で更新されます。閉じても手続きは続き、結果をメールでお知らせします。", ConfirmedLead: "確認メールをお送りしています。",
	ReadMail: "予約の状況は、確認メールのリンクからご覧いただけます。",
	JoinURL:  "ZoomのURL", Passcode: "パスコード", Reload: "最新の状況を見る", Own: "別の日時を選ぶ",

	Changes: "変更・キャンセル",
	ChangesUntil: func(minutes int) string {
		count := func(unit string) func(int) string {
			return func(n int) string { return fmt.Sprintf("%d%s", n, unit) }
		}
		return "開始の" + ahead(minutes, count("日"), count("時間"), count("分")) + "前まで"
	},
	IfPlansChange: "ご都合が変わったとき", Reschedule: "日時を変更", Cancel: "予約をキャンセル",
	ChangeUntil: func(when string) string {
		return "日時の変更とキャンセルは、" + when + "まで可能です。"
	},
	Closed: func(when string) string {
		return "日時の変更とキャンセルは、" + when + "で締め切りました。ご都合が変わった場合は、ホストへ直接ご連絡ください。確認メールへの返信がホストに届きます。"
	},
	MeetingGone: "Zoomのミーティングが削除されたため、これまでのURLは使えません。ホストが新しいURLを準備しており、発行されるとメールでお知らせします。ご予約の日時はそのままです。",
	CancelThis:  "この予約をキャンセルしますか？", CancelNow: "予約をキャンセルする", Keep: "予約をこのまま残す",
	CancelMeans: []string{
		"この日時は空き枠に戻り、ほかの方が予約できるようになります。", "ZoomのURLは使えなくなります。",
		"お客様とホストにメールでお知らせし、ホストのカレンダーからも予定を削除します。", "キャンセルは取り消せません。",
	},
	Reason: "理由", NoReason: "回答しない", ToHost: "ホストへのメッセージ", ToHostHint: "ホストへのメールに記載されます。", Message: "メッセージ",
	MyReasons: map[booking.CancelReason]string{
		booking.Conflict: "都合が悪くなった", booking.NotNeeded: "必要がなくなった", booking.OtherReason: "その他",
	},
	Reasons: map[booking.CancelReason]string{
		booking.Conflict: "都合が悪くなったため", booking.NotNeeded: "必要がなくなったため", booking.OtherReason: "その他",
	},
	ByHost: "ホストによりキャンセルされました。", ByGuest: "お客様のお手続きによりキャンセルされました。確認メールをお送りしています。",
	Present: "現在の予約日時:", MoveThis: "この日時に変更しますか？", MoveNow: "この日時に変更する",
	MoveMeans: "新しい日時を、お客様とホストにメールでお送りします。すべて完了するまで、現在の日時は確保されたままです。",
	Moving:    "日時を変更しています", To: "変更後",
	Moved: "日時を変更しました", MovedLead: "新しい日時をメールでお知らせしました。", NewURL: "ZoomのURLが新しくなりました。以前のURLは使えません。", Before: "変更前",
	NotMoved: "日時を変更できませんでした", Stands: "ご予約は元の日時のままです。",
	Elsewhere: "送信元を確認できなかったため、何も変更していません。予約のページを開き直して、もう一度お試しください。",
}

var english = words{
	Booking:    "Your booking",
	NeedScript: "Please turn on JavaScript in your browser to use this page.",
	Promise:    "The time, the Zoom meeting, the calendar entry and the mails: a booking has all of them, or it is none.",
	APIDocs:    "API documentation",
	Minutes:    " minutes",
	Place:      "Zoom (online)",

	ChooseDay: "Choose a date", ChooseTime: "Choose a time", ChooseStart: "Choose another time",
	NoDays: "No times are available in this period.", NoTimes: "No times are available on this day.",
	Later: "Later dates", OtherDay: "Another date", OtherPage: "To the booking page",
	TimesIn: "Times are shown in", ChangeZone: "Change the time zone", Change: "Change",

	Details: "Your details", When: "When",
	Name:  "Name",
	Email: "Email address", EmailHint: "The Zoom link is sent to this address.",
	Company: "Company", Phone: "Phone number",
	CoAttendees: "Email addresses of others who come", CoAttendeesHint: "Up to %d, one on each line. They are told once the booking is confirmed.",
	Optional: "optional", PickOne: "Please choose", Book: "Book this time", Trap: "Leave this field empty",
	ConsentMore: "Read it in full", Mailed: "We will email you the date and time, the Zoom link and its passcode, and a calendar file.",
	Code: "Code", CodeHint: "The six digits in the email that we sent you.",
	CodeSent: func(address string) string {
		return "We have sent a code to " + address + ". Enter it below and book again."
	},
	NotOpen: "That time is not available any more. Please choose another.",
	Pending: "Making your booking", Confirmed: "You are booked", Failed: "The booking could not be made", Cancelled: "This booking is cancelled",
	PendingLead: "This page refreshes by itself. You may close it: we will email you how it went.", ConfirmedLead: "A confirmation is on its way to you by email.",
	ReadMail: "The link in your confirmation email shows how your booking stands.",
	JoinURL:  "Zoom link", Passcode: "Passcode", Reload: "See how it stands now", Own: "Choose another time",

	Changes: "Changes",
	ChangesUntil: func(minutes int) string {
		count := func(one string) func(int) string {
			return func(n int) string {
				if n == 1 {
					return "1 " + one
				}
				return fmt.Sprintf("%d %ss", n, one)
			}
		}
		return "Up to " + ahead(minutes, count("day"), count("hour"), count("minute")) + " before"
	},
	IfPlansChange: "If your plans change", Reschedule: "Reschedule", Cancel: "Cancel booking",
	ChangeUntil: func(when string) string { return "You can reschedule or cancel until " + when + "." },
	Closed: func(when string) string {
		return "Rescheduling and cancelling were possible until " + when + ". Please contact your host instead: a reply to your confirmation email reaches them."
	},
	MeetingGone: "The Zoom meeting was deleted, so its link does not work any more. Your host is making a new one, and we will email it to you. Your appointment stands.",
	CancelThis:  "Cancel this booking?", CancelNow: "Cancel the booking", Keep: "Keep the booking as it is",
	CancelMeans: []string{
		"Your time becomes free, and others can book it.", "The Zoom link stops working.",
		"We email you and your host, and the event leaves the host’s calendar.", "A cancellation cannot be taken back.",
	},
	Reason: "Reason", NoReason: "Rather not say", ToHost: "Message to your host", ToHostHint: "It goes into the email to your host.", Message: "Message",
	MyReasons: map[booking.CancelReason]string{
		booking.Conflict: "Something else came up", booking.NotNeeded: "I do not need it any more", booking.OtherReason: "Another reason",
	},
	Reasons: map[booking.CancelReason]string{
		booking.Conflict: "Something else came up", booking.NotNeeded: "It is not needed any more", booking.OtherReason: "Another reason",
	},
	ByHost: "Your host cancelled it.", ByGuest: "You cancelled it. A confirmation is on its way to you by email.",
	Present: "Booked now:", MoveThis: "Move your booking to this time?", MoveNow: "Move the booking",
	MoveMeans: "We email you and your host the new time. Until all of this is done, your present time stays yours.",
	Moving:    "Moving your booking", To: "To",
	Moved: "Your booking has been moved", MovedLead: "We have emailed you the new time.", NewURL: "The Zoom link has changed: the former one does not work any more.", Before: "Before",
	NotMoved: "Your booking could not be moved", Stands: "It stands where it stood.",
	Elsewhere: "We could not tell where this came from, so nothing was changed. Please open your booking’s page and try again.",
}
