package site

import "yakusoku/shared/language"

// words are what a page says before its script has run, or without it.
type words struct {
	Booking    string // the title of a guest's own booking
	NeedScript string
	Promise    string
	APIDocs    string
}

func wordsIn(l language.Tag) words {
	if l == language.Japanese {
		return words{
			Booking:    "ご予約",
			NeedScript: "このページのご利用には、ブラウザのJavaScriptを有効にしてください。",
			Promise:    "枠の確保、Zoomの会議、カレンダーの予定、確認メール。すべてがそろって、はじめて予約になります。",
			APIDocs:    "APIドキュメント",
		}
	}
	return words{
		Booking:    "Your booking",
		NeedScript: "Please turn on JavaScript in your browser to use this page.",
		Promise:    "The time, the Zoom meeting, the calendar entry and the mails: a booking has all of them, or it is none.",
		APIDocs:    "API documentation",
	}
}
