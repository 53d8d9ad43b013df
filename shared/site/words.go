package site

import "yakusoku/shared/language"

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
}
