package mail

import (
	"fmt"
	"strings"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

var japanese = words{
	tag: language.Japanese,
	writing: writing{
		date: func(t time.Time) string { return t.Format("2006年1月2日") + japaneseWeekday(t) },
		clock: func(start, end time.Time) string {
			if sameDay(start, end) {
				return start.Format("15:04") + "–" + end.Format("15:04")
			}
			return start.Format("15:04") + "–翌日 " + end.Format("15:04")
		},
		hour:     func(t time.Time) string { return t.Format("15:04") },
		brief:    func(t time.Time) string { return t.Format("1月2日") + japaneseWeekday(t) + t.Format(" 15:04") },
		moment:   func(date, clock string) string { return date + " " + clock },
		brackets: func(s string) string { return "（" + s + "）" },
		field: func(label, value string) string {
			if strings.HasSuffix(label, "？") || strings.HasSuffix(label, "?") {
				return label + " " + value
			}
			return label + "：" + value
		},
		heading:  func(s string) string { return "■ " + s },
		sentence: func(s string) string { return s + "。" },
		invited:  func(title, host string) string { return title + "（" + host + "様）" },
	},
	labels: labels{
		hostClock:    "ホスト側の時刻",
		guestClock:   "ゲスト側の時刻",
		host:         "ホスト",
		guest:        "ゲスト",
		name:         "お名前",
		company:      "会社名",
		email:        "メールアドレス",
		phone:        "電話番号",
		coAttendees:  "同席者",
		passcode:     "パスコード",
		note:         "ホストからのご案内",
		answers:      "ご回答",
		join:         "Zoomに参加する",
		manage:       "予約内容を確認する",
		changeUntil:  "キャンセル・日時変更の期限",
		changeClosed: "期限を過ぎたため、ホストに直接ご連絡ください。",
	},

	greeting:  func(name string) string { return name + " 様" },
	automatic: "このメールは、予約システム Yakusoku が自動でお送りしています。",
	replyTo:   func(name string) string { return "ご返信は、" + name + "様に届きます。" },

	guestConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("【予約確定】%s %s", t.title, t.brief) },
		headline: "ご予約が確定しました",
		lead:     "お時間になりましたら、下のリンクからZoomにご参加ください。",
		when:     "日時",
	},
	hostConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("【予約確定】%s %s %s様", t.title, t.brief, t.guest) },
		headline: "新しい予約が入りました",
		lead:     "Zoomのミーティングを用意し、カレンダーに予定を登録しました。",
		when:     "日時",
	},
	attendeesConfirmed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("【ご案内】%s %s", t.title, t.brief) },
		headline: "ミーティングのご案内です",
		when:     "日時",
	},
	attendeesGreeting: "ご同席の皆様",
	attendeesLead: func(guest string) string {
		return guest + "様が、次のミーティングへのご同席を希望されています。お時間になりましたら、下のリンクからZoomにご参加ください。"
	},
	attendeesWhy: func(guest string) string {
		return guest + "様がご予約の際に入力された宛先にお送りしています。お心当たりのない場合は、このメールを破棄してください。"
	},
	guestFailed: opening{
		subject:  func(t topic) string { return fmt.Sprintf("【予約不成立】%s %s", t.title, t.brief) },
		failed:   true,
		headline: "ご予約を確定できませんでした",
		when:     "ご希望の日時",
	},
	hostFailed: opening{
		subject: func(t topic) string {
			return fmt.Sprintf("【予約不成立】%s %s %s様", t.title, t.brief, t.guest)
		},
		failed:   true,
		headline: "予約を確定できませんでした",
		when:     "希望日時",
	},
	reconnect: opening{
		subject: func(t topic) string {
			return fmt.Sprintf("【要対応】外部連携の再接続が必要です（%s %s）", t.title, t.brief)
		},
		failed:   true,
		headline: "外部連携の再接続が必要です",
		when:     "希望日時",
	},

	code: codeWords{
		subject:  func(code string) string { return "確認コード：" + code },
		headline: "確認コードはこちらです",
		greeting: "ご予約手続き中のお客様",
		lead: func(minutes int) string {
			return fmt.Sprintf("下のコードを予約ページにご入力ください。有効期限は%d分です。", minutes)
		},
		ignore: "お心当たりのない場合は、このメールを破棄してください。予約は成立していません。",
	},

	lapse:     japaneseLapse,
	removed:   japaneseRemoved,
	cancelled: japaneseCancelled,
	moved:     japaneseMoved,
	differs:   japaneseDiffers,
	reminder:  japaneseReminder,

	guestAdvice: map[booking.Reason]advice{
		booking.ReasonNone: {
			lead:   "申し訳ございません。お手続きを最後まで進められませんでした。お手数ですが、少し時間をおいて、もう一度ご予約ください。",
			action: "もう一度予約する",
		},
		booking.ReasonSlotTaken: {
			lead:   "申し訳ございません。お手続きの間に、ご希望の時間に別の予定が入りました。お手数ですが、別の日時をお選びください。",
			action: "別の日時を選ぶ",
		},
		booking.ReasonZoomUnavailable: {
			lead:   "申し訳ございません。Zoomのミーティングを用意できませんでした。お手数ですが、少し時間をおいて、もう一度ご予約ください。",
			action: "もう一度予約する",
		},
		booking.ReasonCalendarFailed: {
			lead:   "申し訳ございません。ホストのカレンダーに予定を登録できませんでした。お手数ですが、少し時間をおいて、もう一度ご予約ください。",
			action: "もう一度予約する",
		},
		booking.ReasonMailFailed: {
			lead:   "申し訳ございません。確定のメールをお送りできませんでした。お手数ですが、メールアドレスをお確かめのうえ、もう一度ご予約ください。",
			action: "もう一度予約する",
		},
		booking.ReasonHostDisconnected: {
			lead:   "申し訳ございません。ホスト側でZoomまたはカレンダーの接続が切れており、ご予約をお受けできませんでした。日を改めてお試しいただくか、ホストに直接ご連絡ください。",
			action: "予約ページを見る",
		},
		booking.ReasonTooLate: {
			lead:   "申し訳ございません。お手続きが終わる前に、ご希望の時間になってしまいました。お手数ですが、別の日時をお選びください。",
			action: "別の日時を選ぶ",
		},
	},
	hostAdvice: map[booking.Reason]advice{
		booking.ReasonNone: {
			lead:   "受付の処理を最後まで進められませんでした。ゲストには、もう一度予約していただくようご案内しています。",
			action: "予約ページを見る",
		},
		booking.ReasonSlotTaken: {
			lead:   "受付の間に、カレンダーの同じ時間に別の予定が入りました。ゲストには、別の日時を選んでいただくようご案内しています。",
			action: "予約ページを見る",
		},
		booking.ReasonZoomUnavailable: {
			lead:   "Zoomがミーティングの作成を断ったか、時間内に応答しませんでした。同じことが続く場合は、外部連携の画面でZoomの接続をお確かめください。",
			action: "外部連携を開く",
		},
		booking.ReasonCalendarFailed: {
			lead:   "カレンダーに予定を書き込めませんでした。書き込み先のカレンダーが残っているか、外部連携の画面でお確かめください。",
			action: "外部連携を開く",
		},
		booking.ReasonMailFailed: {
			lead:   "ゲストに確定のメールを送れなかったため、予約を取りやめました。メールアドレスの誤りかもしれません。",
			action: "予約ページを見る",
		},
		booking.ReasonHostDisconnected: {
			lead:   "Zoomまたはカレンダーとの接続が切れているため、次の予約をお受けできませんでした。接続し直すまで、新しい予約は入りません。",
			action: "外部連携を開く",
		},
		booking.ReasonTooLate: {
			lead:   "受付の処理が終わる前に、開始時刻になりました。ゲストには、別の日時を選んでいただくようご案内しています。",
			action: "予約ページを見る",
		},
	},

	nothingToDo:      "お取り消しなどのお手続きは必要ありません。",
	mayHaveConfirmed: "行き違いで確定のメールが届いている場合も、このご予約は成立していません。カレンダーに予定が入っていましたら、お手数ですが削除してください。",
	nothingLeft:      "仮押さえは解除しました。Zoomのミーティングもカレンダーの予定も残っていません。",
	somethingLeft:    "この予約のために作ったZoomのミーティングかカレンダーの予定が、まだ残っています。引き続き自動で取り消しを試みます。",
	unreached:        "ゲストへのお知らせのメールは、送信を断られました。ゲストはこのことをご存じないか、行き違いで別の内容を受け取っているかもしれません。電話など、ほかの方法でお知らせください。",
}

func japaneseWeekday(t time.Time) string {
	return "(" + string([]rune("日月火水木金土")[t.Weekday()]) + ")"
}
