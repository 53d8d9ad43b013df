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

// moveReasonIn says why a booking was not moved. It stands where it stood.
func moveReasonIn(l language.Tag, r booking.Reason) string {
	words := moveReasons[r]
	if l == language.Japanese {
		return words.ja
	}
	return words.en
}

var moveReasons = map[booking.Reason]struct{ ja, en string }{
	booking.ReasonSlotTaken: {
		"その時間にホストの予定が入りました。別の日時をお選びください。",
		"The host's calendar filled up at that time. Please choose another time.",
	},
	booking.ReasonZoomUnavailable: {
		"Zoomのミーティングを変更できませんでした。少し時間をおいて、もう一度お試しください。",
		"The Zoom meeting could not be changed. Please try again in a little while.",
	},
	booking.ReasonCalendarFailed: {
		"ホストのカレンダーの予定を変更できませんでした。少し時間をおいて、もう一度お試しください。",
		"The host's calendar could not be changed. Please try again in a little while.",
	},
	booking.ReasonMailFailed: {
		"変更のお知らせをお送りできませんでした。少し時間をおいて、もう一度お試しください。",
		"The notice of the change could not be sent. Please try again in a little while.",
	},
	booking.ReasonHostDisconnected: {
		"Zoomまたはカレンダーとの接続が切れているため、変更できませんでした。",
		"The connection to Zoom or the calendar is broken, so nothing could be changed.",
	},
	booking.ReasonTooLate: {
		"手続きが終わる前に、その時間になりました。別の日時をお選びください。",
		"That time came before the change was completed. Please choose another time.",
	},
}

// hostReasonIn says to a host why a booking failed and what they can do.
func hostReasonIn(l language.Tag, r booking.Reason) string {
	words := hostReasons[r]
	if l == language.Japanese {
		return words.ja
	}
	return words.en
}

var hostReasons = map[booking.Reason]struct{ ja, en string }{
	booking.ReasonSlotTaken: {
		"受付の間に、カレンダーの同じ時間に別の予定が入りました。",
		"Another event came into the calendar while the booking was being made.",
	},
	booking.ReasonZoomUnavailable: {
		"Zoomがミーティングの作成を断ったか、時間内に応答しませんでした。続く場合は、外部連携でZoomの接続をお確かめください。",
		"Zoom refused to make the meeting, or did not answer in time. If it happens again, check the Zoom connection.",
	},
	booking.ReasonCalendarFailed: {
		"カレンダーを確かめられないか、予定を書き込めませんでした。ページの設定で選んだカレンダーが残っているか、お確かめください。",
		"A calendar could not be checked, or the event not written. Check that the calendars chosen in the page's settings still exist.",
	},
	booking.ReasonMailFailed: {
		"ゲストに確認メールを送れませんでした。メールアドレスの誤りかもしれません。",
		"The confirmation could not be mailed to the guest. Their address may be wrong.",
	},
	booking.ReasonHostDisconnected: {
		"Zoomまたはカレンダーとの接続が切れていました。外部連携で接続し直してください。",
		"Zoom or the calendar was disconnected. Connect it again under Integrations.",
	},
	booking.ReasonTooLate: {
		"受付の処理が終わる前に、開始時刻になりました。",
		"The start came before the booking could be completed.",
	},
}
