package httpapi

import (
	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

// reasonIn says to a guest why their booking failed and what to do.
func reasonIn(l language.Tag, r booking.Reason) string {
	words := reasons[r]
	if l == language.Japanese {
		return words.ja
	}
	return words.en
}

var reasons = map[booking.Reason]struct{ ja, en string }{
	booking.ReasonSlotTaken: {
		"この時間にホストの予定が入りました。別の日時をお選びください。",
		"The host's calendar filled up at this time. Please choose another time.",
	},
	booking.ReasonZoomUnavailable: {
		"ZoomのURLを発行できませんでした。少し時間をおいて、もう一度ご予約ください。",
		"Zoom could not issue a meeting link. Please book again in a little while.",
	},
	booking.ReasonCalendarFailed: {
		"ホストのカレンダーに登録できませんでした。少し時間をおいて、もう一度ご予約ください。",
		"The host's calendar could not be written to. Please book again in a little while.",
	},
	booking.ReasonMailFailed: {
		"確認メールをお送りできませんでした。メールアドレスをご確認のうえ、もう一度ご予約ください。",
		"The confirmation mail could not be sent. Check your email address and book again.",
	},
	booking.ReasonHostDisconnected: {
		"ホストの連携設定に問題があり、予約を確定できませんでした。ホストへ直接ご連絡ください。",
		"The host's connections need attention, so the booking could not be made. Please contact the host directly.",
	},
	booking.ReasonTooLate: {
		"開始時刻までに予約を確定できませんでした。別の日時をお選びください。",
		"The booking could not be completed before its start. Please choose another time.",
	},
}
