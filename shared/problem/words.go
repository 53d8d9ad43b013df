package problem

import (
	"net/http"
	"strconv"
	"strings"

	"yakusoku/shared/language"
)

type saying struct{ title, detail string }

type entry struct {
	status int
	ja, en saying
}

func (e entry) in(l language.Tag) saying {
	if l == language.Japanese {
		return e.ja
	}
	return e.en
}

var problems = map[Code]entry{
	MalformedJSON: {http.StatusBadRequest,
		saying{"JSONとして読み取れません", "送信内容をJSONとして読み取れませんでした。形式をご確認のうえ、もう一度お送りください。"},
		saying{"Not JSON", "The request body could not be read as JSON. Check its form and send it again."}},
	BodyTooLarge: {http.StatusRequestEntityTooLarge,
		saying{"送信内容が大きすぎます", "送信内容が上限を超えています。内容を短くして、もう一度お送りください。"},
		saying{"Request too large", "The request body is over the limit. Shorten it and send it again."}},
	UnsupportedMediaType: {http.StatusUnsupportedMediaType,
		saying{"対応していない形式です", "Content-Type: application/json でお送りください。"},
		saying{"Unsupported media type", "Send the request with Content-Type: application/json."}},
	ValidationFailed: {http.StatusUnprocessableEntity,
		saying{"入力内容をご確認ください", "入力内容に誤りがあります。各項目をご確認のうえ、もう一度お送りください。"},
		saying{"Check your entries", "Some entries are not right. Correct the fields named below and send them again."}},
	SlotNotOpen: {http.StatusUnprocessableEntity,
		saying{"選択できない日時です", "この日時は受け付けていません。空いている日時から選び直してください。"},
		saying{"Not an open time", "Bookings are not taken for this time. Choose one of the open times."}},
	SlotTaken: {http.StatusConflict,
		saying{"この枠は埋まりました", "ほかの予約が先に入りました。別の日時をお選びください。"},
		saying{"This time was just taken", "Another booking came first. Please choose another time."}},
	RateLimited: {http.StatusTooManyRequests,
		saying{"短い時間に受け付けられる件数を超えました", "しばらく時間をおいて、もう一度お試しください。お急ぎの場合は、ホストへ直接ご連絡ください。"},
		saying{"Too many requests", "There were too many requests in a short time. Please try again later; if it is urgent, contact the host directly."}},
	KeyReused: {http.StatusConflict,
		saying{"Idempotency-Keyが使用済みです", "このIdempotency-Keyは別の内容の予約で使われています。新しいキーでお送りください。"},
		saying{"Idempotency-Key already used", "This Idempotency-Key belongs to another submission. Send this one with a new key."}},
	NotAccepting: {http.StatusServiceUnavailable,
		saying{"現在予約を受け付けていません", "ホストの連携設定の都合により、現在予約を受け付けていません。時間をおいてお試しいただくか、ホストへ直接ご連絡ください。"},
		saying{"Not accepting bookings", "The host's connections need attention, so this page takes no bookings at present. Try again later, or contact the host directly."}},
	PageNotFound: {http.StatusNotFound,
		saying{"予約ページが見つかりません", "URLが正しいかご確認ください。公開が終了している場合は、ホストへお問い合わせください。"},
		saying{"No such booking page", "Check the address. If the page is no longer published, ask its host."}},
	BookingNotFound: {http.StatusNotFound,
		saying{"予約が見つかりません", "メールに記載されたリンクから開き直してください。"},
		saying{"No such booking", "Open the booking again from the link in your mail."}},
	NotConfirmed: {http.StatusConflict,
		saying{"予約が確定していません", "この予約はまだ確定していないか、すでに確定ではなくなっています。予約の状態をご確認ください。"},
		saying{"The booking is not confirmed", "The booking is not confirmed yet, or no longer. Check its status."}},
	NotCancellable: {http.StatusConflict,
		saying{"キャンセルできません", "この予約は確定していないか、すでに終わっています。予約の状態をご確認ください。"},
		saying{"It cannot be cancelled", "The booking is not confirmed, or is over. Check its status."}},
	NotReschedulable: {http.StatusConflict,
		saying{"日時を変更できません", "この予約は確定していないか、開始時刻を過ぎているか、予約ページがなくなっています。ホストへ直接ご連絡ください。"},
		saying{"It cannot be rescheduled", "The booking is not confirmed, its time has come, or its page is gone. Contact the host directly."}},
	BookingChanging: {http.StatusConflict,
		saying{"変更の手続き中です", "この予約は、いま別の変更を進めています。少し待ってから、もう一度お試しください。"},
		saying{"A change is under way", "Another change of this booking is being made. Wait a moment and try again."}},
	TooLateToChange: {http.StatusConflict,
		saying{"変更できる期限を過ぎています", "この予約のキャンセルと日時変更は、受付期限を過ぎました。ホストへ直接ご連絡ください。"},
		saying{"Too late to change", "The time until which this booking could be cancelled or rescheduled here is over. Please contact the host directly."}},
	Unauthorized: {http.StatusUnauthorized,
		saying{"認証が必要です", "Authorizationヘッダーに予約のトークンを付けてください。"},
		saying{"Authorization required", "Send the booking's token in the Authorization header."}},
	NotFound: {http.StatusNotFound,
		saying{"見つかりません", "URLが正しいかご確認ください。"},
		saying{"Not found", "Check the address."}},
	MethodNotAllowed: {http.StatusMethodNotAllowed,
		saying{"許可されていないメソッドです", "このURLでは、このHTTPメソッドを使用できません。"},
		saying{"Method not allowed", "This address does not take this HTTP method."}},
	Internal: {http.StatusInternalServerError,
		saying{"問題が発生しました", "サーバーで問題が発生しました。少し時間をおいて、もう一度お試しください。"},
		saying{"Something went wrong", "There was a problem on our side. Please try again in a moment."}},
	SignedOut: {http.StatusUnauthorized,
		saying{"サインインが必要です", "サインインの有効期限が切れています。もう一度サインインしてください。"},
		saying{"Sign in", "Your session has ended. Please sign in again."}},
	ProfileMissing: {http.StatusNotFound,
		saying{"プロフィールがまだありません", "はじめにプロフィールを登録してください。"},
		saying{"No profile yet", "Fill in your profile first."}},
	HandleTaken: {http.StatusConflict,
		saying{"このハンドルは使われています", "別のハンドルをお選びください。"},
		saying{"This handle is taken", "Please choose another handle."}},
	EmailUnverified: {http.StatusConflict,
		saying{"メールアドレスが確認されていません", "サインインに使ったアカウントのメールアドレスを確認してから、もう一度お試しください。"},
		saying{"Your address is not verified", "Verify the mail address of the account that you signed in with, then try again."}},
	BookingsAhead: {http.StatusConflict,
		saying{"これからの予約があります", "ゲストとの約束が残っているため、アカウントを削除できません。これからの予約をキャンセルするか、終わってから削除してください。"},
		saying{"Bookings lie ahead", "Guests still hold bookings with you. Cancel those to come, or close the account once they are over."}},
	BookingsUnsettled: {http.StatusConflict,
		saying{"お知らせがまだ届いていないゲストがいます", "予約のキャンセルなどの処理が続いています。終わるまで数分お待ちいただいてから、もう一度お試しください。"},
		saying{"Some guests are still to be told", "Bookings were cancelled or failed just now, and that is still being done everywhere. Try again in a few minutes."}},
	SlugTaken: {http.StatusConflict,
		saying{"このURLは使われています", "同じURLの予約ページがあります。別のURLをお選びください。"},
		saying{"This address is taken", "You have a booking page at this address. Choose another one."}},
	TooManyPages: {http.StatusConflict,
		saying{"予約ページの数が上限に達しています", "予約ページは50件まで作成できます。使っていないページを削除してから、もう一度お試しください。"},
		saying{"As many pages as may be", "A host can have 50 booking pages. Delete one that is not used, then try again."}},
	PageChanged: {http.StatusPreconditionFailed,
		saying{"ほかの場所で変更されています", "編集中に、この予約ページが別のタブまたは端末で保存されました。変更を見比べてから、保存し直してください。"},
		saying{"Changed elsewhere", "This page was saved in another tab or on another device while you edited it. Compare the changes, then save again."}},
	PreconditionRequired: {http.StatusPreconditionRequired,
		saying{"If-Matchヘッダーが必要です", "読み取ったときのETagを、If-Matchヘッダーに付けてお送りください。"},
		saying{"If-Match is required", "Send the ETag of what you read in the If-Match header."}},
	ProviderNotSetUp: {http.StatusServiceUnavailable,
		saying{"このサービスとは連携できません", "この環境では、このサービスとの連携が設定されていません。管理者にお問い合わせください。"},
		saying{"Not set up here", "This deployment is not set up for this provider. Ask who runs it."}},
	NothingToRetry: {http.StatusConflict,
		saying{"やり直すことはありません", "この予約は完了しているか、処理の途中です。"},
		saying{"Nothing to try again", "This booking is settled, or being worked on."}},
	TooManyHooks: {http.StatusConflict,
		saying{"通知先の数が上限に達しています", "通知先は5件まで登録できます。使っていないものを削除してから、もう一度お試しください。"},
		saying{"As many webhooks as may be", "A host can have 5 webhooks. Delete one that is not used, then try again."}},
	HookNotFound: {http.StatusNotFound,
		saying{"通知先が見つかりません", "すでに削除されている可能性があります。一覧を読み込み直してください。"},
		saying{"No such webhook", "It may have been deleted. Reload the list."}},
	DeliveryNotFound: {http.StatusNotFound,
		saying{"送信履歴が見つかりません", "保存期間を過ぎた可能性があります。一覧を読み込み直してください。"},
		saying{"No such delivery", "It may be older than deliveries are kept. Reload the list."}},
	KeyInvalid: {http.StatusUnauthorized,
		saying{"APIキーが無効です", "キーが正しくないか、失効または期限切れです。管理画面で発行したキーを、AuthorizationヘッダーにBearerトークンとして付けてお送りください。"},
		saying{"The API key is not valid", "It is unknown, revoked or expired. Make a key in the console, and send it in the Authorization header as a Bearer token."}},
	KeyScopeMissing: {http.StatusForbidden,
		saying{"APIキーの権限が足りません", "この操作に必要な権限が、このキーにはありません。下記の権限を付けたキーを、管理画面で新しく発行してください。"},
		saying{"The API key lacks a scope", "This key may not do that. Make another in the console, with the scope that is named below."}},
	KeyRateLimited: {http.StatusTooManyRequests,
		saying{"APIキーの利用回数が上限に達しました", "1時間あたりの上限に達しました。Retry-Afterヘッダーの秒数だけ待ってから、もう一度お送りください。"},
		saying{"The API key was used too often", "It has reached its limit for this hour. Wait for as many seconds as Retry-After says, then send again."}},
	TooManyKeys: {http.StatusConflict,
		saying{"APIキーの数が上限に達しています", "APIキーは10件まで発行できます。使っていないキーを失効させてから、もう一度お試しください。"},
		saying{"As many API keys as may be", "A host can have 10 API keys. Revoke one that is not used, then try again."}},
	KeyNotFound: {http.StatusNotFound,
		saying{"APIキーが見つかりません", "すでに失効している可能性があります。一覧を読み込み直してください。"},
		saying{"No such API key", "It may have been revoked. Reload the list."}},
}

type fieldEntry struct{ ja, en string }

func (e fieldEntry) in(l language.Tag) string {
	if l == language.Japanese {
		return e.ja
	}
	return e.en
}

var fieldWords = map[FieldCode]fieldEntry{
	Required:    {"入力してください。", "Please fill this in."},
	Unknown:     {"この項目は受け付けていません。", "This field is not known."},
	WrongType:   {"値の型が正しくありません。", "The value is of the wrong type."},
	WrongFormat: {"形式が正しくありません。", "The value is not in the right form."},
	TooShort:    {"短すぎます。", "This is too short."},
	TooLong:     {"長すぎます。", "This is too long."},
	OutOfRange:  {"値が範囲外です。", "The value is out of range."},
	NotAnOption: {"選択肢から選んでください。", "Choose one of the options."},
	ControlChar: {"改行などの制御文字は使用できません。", "Line breaks and other control characters are not allowed here."},
	BadEmail:    {"メールアドレスの形式が正しくありません。", "This is not a complete email address."},
	BadTimeZone: {"タイムゾーン名が正しくありません(例: Asia/Tokyo)。", "This is not a time zone name, such as Asia/Tokyo."},
	NotOpen:     {"空いている日時から選び直してください。", "Choose one of the open times."},
	TooMany:     {"件数が多すぎます。", "These are too many."},
	NotAllowed:  {"このサイトへの埋め込みは、管理者が許可していません。許可されているサイトは管理者にお問い合わせください。", "Your administrator does not allow this site. Please ask them which sites are allowed."},
	LeaveEmpty:  {"この欄は空のままにしてください。", "Please leave this field empty."},

	NotInFives:     {"5分単位で入力してください。", "Enter minutes in fives."},
	Duplicate:      {"同じものがあります。", "This is there already."},
	EndsBeforeFrom: {"終了は開始より後にしてください。", "The end must come after the start."},
	Overlaps:       {"前の時間帯と重なっています。", "This overlaps the hours above."},
	ClaimTooLong:   {"所要時間と前後の余白の合計が長すぎます。", "Duration and buffers together are too long."},
	Immutable:      {"あとから変更することはできません。", "This cannot be changed later."},
	Reserved:       {"この名前は使用できません。", "This name cannot be used."},
	NotTheSame:     {"入力された内容が一致しません。", "What was typed is not the same."},

	ConsentChanged: {"同意内容が更新されました。ページを読み込み直して、ご確認ください。", "The terms have changed. Please reload the page and read them again."},
	NotHTTPS:       {"https:// で始まるURLを入力してください。", "Enter an address that begins with https://."},
	HasCredentials: {"ユーザー名やパスワードを含むURLは使用できません。", "An address with a user name or password in it cannot be used."},
	NotPublic:      {"インターネットから届く公開のURLを入力してください。社内やローカルのアドレスには送信できません。", "Enter an address that is public on the internet. Nothing is sent to private or local addresses."},

	ScopeMissing: {"この権限が必要です。", "This scope is needed."},

	WrongCode: {"確認コードが正しくないか、期限が切れています。", "This code is not right, or has expired."},
}

// words says what is wrong with the field, with its bounds where it has any.
func (f Field) words(l language.Tag) string {
	bounded, ok := boundedWords[f.Code]
	if !ok || f.Max == 0 {
		return fieldWords[f.Code].in(l)
	}
	return strings.NewReplacer("{min}", strconv.Itoa(f.Min), "{max}", strconv.Itoa(f.Max)).Replace(bounded.in(l))
}

var boundedWords = map[FieldCode]fieldEntry{
	OutOfRange:   {"{min}から{max}までの値にしてください。", "Enter a value from {min} to {max}."},
	TooLong:      {"{max}文字以内で入力してください。", "Use at most {max} characters."},
	TooMany:      {"{max}件以内にしてください。", "At most {max} are taken."},
	ClaimTooLong: {"所要時間と前後の余白は、合計{max}分以内にしてください。", "Duration and buffers together may take {max} minutes at most."},
}
