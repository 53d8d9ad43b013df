// Package page holds a booking page (予約ページ): what a host publishes, and the
// rules that its settings must obey. Which slots are open is package
// availability's to say; what a broken rule is called in words, package problem's.
package page

import (
	"time"

	"yakusoku/shared/language"
)

// Page is a booking page of one host. The JSON form is the host API's
// (DESIGN §5); Host comes from the path, never from a body.
type Page struct {
	Host string `json:"-"`

	Slug        string       `json:"slug"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Published   bool         `json:"published"`
	TimeZone    string       `json:"timezone"` // IANA name; windows are wall-clock times in it
	Language    language.Tag `json:"locale"`

	DurationMinutes     int `json:"durationMinutes"`
	SlotIntervalMinutes int `json:"slotIntervalMinutes"`
	BufferBeforeMinutes int `json:"bufferBeforeMinutes"`
	BufferAfterMinutes  int `json:"bufferAfterMinutes"`
	MinNoticeMinutes    int `json:"minNoticeMinutes"`
	HorizonDays         int `json:"horizonDays"`
	MaxPerDay           int `json:"maxPerDay"` // 0: no limit
	// ChangeNoticeMinutes is how long before the start guests may cancel or
	// reschedule at the latest; 0: until the start.
	ChangeNoticeMinutes int `json:"changeNoticeMinutes"`

	Weekly    Weekly     `json:"weekly"`
	Overrides []Override `json:"overrides"`
	Holidays  string     `json:"holidays"` // NationalHolidaysOfJapan, or empty for none

	Format    Format     `json:"format"`
	Platform  Platform   `json:"platform"`
	Zoom      Zoom       `json:"zoom"`
	Calendars Calendars  `json:"calendars"`
	Questions []Question `json:"questions"`
	Reminders []Reminder `json:"reminders"`

	ConfirmationNote string `json:"confirmationNote"`

	Phone          Asked   `json:"phone"`
	MaxCoAttendees int     `json:"maxCoAttendees"` // how many more people a guest may bring
	Consent        Consent `json:"consent"`
	VerifyEmail    bool    `json:"verifyEmail"` // a code sent by mail is asked before a booking is taken

	Brand        Brand    `json:"brand"`
	EmbedOrigins []string `json:"embedOrigins"` // sites that may show the page in a frame, "https://example.com"
}

// Asked says whether guests are asked for something.
type Asked string

const (
	NotAsked Asked = "off"
	Optional Asked = "optional"
	Needed   Asked = "required"
)

// Consent is what guests must agree to; without a text, to nothing. The version
// is kept with each booking: a host changes it with the text.
type Consent struct {
	Text    string `json:"text"`
	URL     string `json:"url"` // of the document in full, if any
	Version string `json:"version"`
}

// Brand is how a page shows whose it is.
type Brand struct {
	AccentColor string `json:"accentColor"` // "#rrggbb", or empty for Yakusoku's own
	Logo        string `json:"logo"`        // an image as a data: URL, or empty
}

// Format is the meeting format (会議形態).
type Format string

// Web is a meeting held online (Web会議), the one format so far.
const Web Format = "web"

// Platform is the web meeting platform (Web会議プラットフォーム).
type Platform string

// ZoomPlatform is Zoom, the one platform so far.
const ZoomPlatform Platform = "zoom"

// NationalHolidaysOfJapan is the one value of Holidays besides none: 国民の祝日 with
// their substitutes (振替休日) and the days between two of them (国民の休日).
const NationalHolidaysOfJapan = "JP"

// Weekly holds each weekday's windows, sorted.
type Weekly struct {
	Monday    []Window `json:"mon"`
	Tuesday   []Window `json:"tue"`
	Wednesday []Window `json:"wed"`
	Thursday  []Window `json:"thu"`
	Friday    []Window `json:"fri"`
	Saturday  []Window `json:"sat"`
	Sunday    []Window `json:"sun"`
}

// On returns the windows of a weekday.
func (w Weekly) On(day time.Weekday) []Window {
	return *w.days()[day]
}

// days lists the weekdays as package time numbers them.
func (w *Weekly) days() [7]*[]Window {
	return [7]*[]Window{&w.Sunday, &w.Monday, &w.Tuesday, &w.Wednesday, &w.Thursday, &w.Friday, &w.Saturday}
}

// Window is a span of wall-clock time, "09:00" to at most "24:00", in fives of
// minutes.
type Window struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Minutes returns the window's ends in minutes of the day; ok is false if either
// is not "HH:MM" within "00:00" and "24:00".
func (w Window) Minutes() (from, to int, ok bool) {
	from, fromOK := minutes(w.From)
	to, toOK := minutes(w.To)
	return from, to, fromOK && toOK
}

func minutes(clock string) (int, bool) {
	if len(clock) != len("00:00") || clock[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if clock[i] < '0' || clock[i] > '9' {
			return 0, false
		}
	}
	hour, minute := int(clock[0]-'0')*10+int(clock[1]-'0'), int(clock[3]-'0')*10+int(clock[4]-'0')
	total := hour*60 + minute
	return total, minute < 60 && total <= 24*60
}

// Override replaces the windows of one date, "2026-12-29".
type Override struct {
	Date    string   `json:"date"`
	Windows []Window `json:"windows"`
}

// Zoom holds what a page asks of its Zoom meetings.
type Zoom struct {
	WaitingRoom bool        `json:"waitingRoom"`
	Passcode    bool        `json:"passcode"`
	AutoSummary AutoSummary `json:"autoSummary"`
}

// AutoSummary says whether Zoom starts a meeting summary by itself.
type AutoSummary string

const (
	SummaryAsAccount AutoSummary = "account"
	SummaryOn        AutoSummary = "on"
	SummaryOff       AutoSummary = "off"
)

// Calendars says where events are written and which calendars block time.
type Calendars struct {
	Write CalendarRef   `json:"write"`
	Check []CalendarRef `json:"check"`
}

// CalendarRef names one calendar of one connected provider.
type CalendarRef struct {
	Provider string `json:"provider"` // Google or Microsoft
	ID       string `json:"id"`
}

// The providers of calendars.
const (
	Google    = "google"
	Microsoft = "microsoft"
)

// Question is asked of the guest. Options are for the kinds that choose.
type Question struct {
	ID       string       `json:"id"`
	Label    string       `json:"label"`
	Type     QuestionType `json:"type"`
	Required bool         `json:"required"`
	Options  []string     `json:"options"`
}

// QuestionType is the kind of answer that a question takes.
type QuestionType string

const (
	Text        QuestionType = "text"
	TextArea    QuestionType = "textarea"
	Select      QuestionType = "select"
	MultiSelect QuestionType = "multiselect"
	Checkbox    QuestionType = "checkbox"
)

// Reminder is a mail to the guest before the meeting.
type Reminder struct {
	MinutesBefore int `json:"minutesBefore"`
}
