package googlesim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/language"
)

//go:embed page.html consent.html frame.html
var pages embed.FS

var (
	calendarsPage = parsePage("page.html")
	consentPage   = parsePage("consent.html")
)

func parsePage(name string) *template.Template {
	functions := template.FuncMap{"linked": linked}
	return template.Must(template.New("frame.html").Funcs(functions).ParseFS(pages, "frame.html", name))
}

// frame is what every page has.
type frame struct {
	Language language.Tag
	Words    words
}

func frameFor(r *http.Request) frame {
	to := language.Match(r.Header.Get("Accept-Language"))
	return frame{Language: to, Words: texts[to]}
}

func render(w http.ResponseWriter, status int, page *template.Template, view any) {
	var content bytes.Buffer
	if err := page.Execute(&content, view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(content.Bytes()) // the reader has gone: nothing is left to do
}

// calendarsView is what the page at / shows.
type calendarsView struct {
	frame
	Problem  string
	Accounts []accountView
}

type accountView struct {
	User      string
	Connected bool
	Calendars []calendarView
}

type calendarView struct {
	ID       string
	Name     string
	Primary  bool
	Writable bool
	Events   []eventView
}

type eventView struct {
	EventState
	When string
}

func (s *Simulator) showCalendars(w http.ResponseWriter, r *http.Request) {
	render(w, http.StatusOK, calendarsPage, s.calendarsView(r, ""))
}

func (s *Simulator) calendarsView(r *http.Request, problem string) calendarsView {
	view := calendarsView{frame: frameFor(r), Problem: problem}
	s.mu.Lock()
	defer s.mu.Unlock()
	for email, a := range s.accounts {
		shown := accountView{User: email, Connected: len(s.granted(email)) > 0}
		for _, c := range a.Calendars {
			shown.Calendars = append(shown.Calendars, s.calendarView(a, c, view.Language))
		}
		view.Accounts = append(view.Accounts, shown)
	}
	slices.SortFunc(view.Accounts, func(a, b accountView) int { return strings.Compare(a.User, b.User) })
	return view
}

// calendarView lists a calendar's events as they come, deleted ones last.
func (s *Simulator) calendarView(a *account, c calendar, to language.Tag) calendarView {
	zone := c.location()
	var events []*event
	for key, e := range s.events {
		if key.User == a.Email && key.Calendar == c.ID {
			events = append(events, e)
		}
	}
	slices.SortFunc(events, func(a, b *event) int {
		if a.Cancelled != b.Cancelled {
			return strings.Compare(b.status(), a.status())
		}
		return a.span(zone).start.Compare(b.span(zone).start)
	})
	view := calendarView{ID: c.ID, Name: c.Summary, Primary: c.Primary, Writable: c.writable()}
	for _, e := range events {
		view.Events = append(view.Events, eventView{EventState: e.state(), When: when(e, zone, to)})
	}
	return view
}

// when says when an event is, in the calendar's time zone.
func when(e *event, zone *time.Location, to language.Tag) string {
	at := e.span(zone)
	start, end := at.start.In(zone), at.end.In(zone)
	day := func(t time.Time) string {
		if to == language.Japanese {
			return t.Format("2006年1月2日") + "（" + weekdays[t.Weekday()] + "）"
		}
		return t.Format("Mon, 2 Jan 2006")
	}
	if e.allDay() {
		last := end.AddDate(0, 0, -1) // a date's end is exclusive
		if last.Equal(start) {
			return day(start) + " " + texts[to].AllDay
		}
		return day(start) + " – " + day(last)
	}
	if day(start) == day(end) {
		return day(start) + " " + start.Format("15:04") + "–" + end.Format("15:04 MST")
	}
	return day(start) + start.Format(" 15:04") + " – " + day(end) + end.Format(" 15:04 MST")
}

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// blockTime takes the page's forms: a host's own appointment, or that an event is
// deleted.
func (s *Simulator) blockTime(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if r.PostForm.Has("remove") {
		s.removeByHand(w, r)
		return
	}
	user, calendarID, _ := strings.Cut(r.PostForm.Get("calendar"), " ")
	moment := func(field string) map[string]any {
		// The form's time is of the calendars' zone, which all accounts share.
		zone := calendar{TimeZone: accountZone}.location()
		t, err := time.ParseInLocation("2006-01-02 15:04", r.PostForm.Get("date")+" "+r.PostForm.Get(field), zone)
		if err != nil {
			return map[string]any{}
		}
		return map[string]any{"dateTime": t.Format(time.RFC3339), "timeZone": accountZone}
	}
	_, err := s.AddEvent(user, calendarID, map[string]any{
		"summary": r.PostForm.Get("summary"),
		"start":   moment("from"),
		"end":     moment("to"),
	})
	s.backToPage(w, r, err)
}

// removeByHand deletes the event that a button names: user, calendar and id.
func (s *Simulator) removeByHand(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(r.PostForm.Get("remove"), " ", 3)
	if len(parts) != 3 {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	s.backToPage(w, r, s.RemoveEvent(parts[0], parts[1], parts[2]))
}

// backToPage shows the page anew, or on it what was wrong.
func (s *Simulator) backToPage(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		render(w, http.StatusBadRequest, calendarsPage, s.calendarsView(r, err.Error()))
		return
	}
	// Relative, which http.Redirect would not leave it: the page may be mounted
	// below some path.
	w.Header().Set("Location", "./")
	w.WriteHeader(http.StatusSeeOther)
}

// piece is a part of a text: a link, or not.
type piece struct {
	Text string
	Link bool
}

var address = regexp.MustCompile(`https?://[^\s<>"'、。，）」]+`)

// linked parts a text into its links and what is between them.
func linked(text string) []piece {
	var pieces []piece
	from := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		pieces = append(pieces, piece{Text: text[from:at[0]]}, piece{Text: text[at[0]:at[1]], Link: true})
		from = at[1]
	}
	return append(pieces, piece{Text: text[from:]})
}

// words are the pages' texts in one language.
type words struct {
	Title, Lead, None, Connected, NotConnected string
	Primary, ReadOnly, Empty                   string
	ByHost, ByClient, Deleted, AllDay          string
	Block, BlockLead, What, Date, From, To     string
	Calendar, Add, Remove, Problem             string
	Consent, ConsentLead, Account              string
	Allow, Deny                                string
}

var texts = map[language.Tag]words{
	language.Japanese: {
		Title:        "Googleカレンダー（シミュレーター）",
		Lead:         "ローカル実行でGoogleの代わりをしています。ここにあるものが「Google側にあるもの」です。",
		None:         "まだアカウントがありません。連携すると、ここに現れます。",
		Connected:    "連携中",
		NotConnected: "未連携",
		Primary:      "メイン",
		ReadOnly:     "閲覧のみ",
		Empty:        "予定はありません。",
		ByHost:       "本人が登録",
		ByClient:     "Yakusokuが登録",
		Deleted:      "削除済み",
		AllDay:       "終日",
		Block:        "予定を入れる",
		BlockLead:    "本人がGoogleカレンダーで予定を入れたことになります。その時間帯は予約できなくなります。",
		What:         "件名",
		Date:         "日付",
		From:         "開始",
		To:           "終了",
		Calendar:     "カレンダー",
		Add:          "登録する",
		Remove:       "削除する",
		Problem:      "受け付けられませんでした",
		Consent:      "YakusokuがGoogleアカウントへのアクセスを求めています",
		ConsentLead:  "許可する項目を選んでください。外した項目は許可されません。",
		Account:      "アカウント",
		Allow:        "許可する",
		Deny:         "キャンセル",
	},
	language.English: {
		Title:        "Google Calendar (simulator)",
		Lead:         "This stands in for Google during a local run. What you see here is what “Google” holds.",
		None:         "There are no accounts yet. They appear once connected.",
		Connected:    "connected",
		NotConnected: "not connected",
		Primary:      "primary",
		ReadOnly:     "read only",
		Empty:        "No events.",
		ByHost:       "added by hand",
		ByClient:     "added by Yakusoku",
		Deleted:      "deleted",
		AllDay:       "all day",
		Block:        "Block some time",
		BlockLead:    "As if the host had added it in Google Calendar: guests can no longer book that time.",
		What:         "Title",
		Date:         "Date",
		From:         "From",
		To:           "To",
		Calendar:     "Calendar",
		Add:          "Add",
		Remove:       "Delete",
		Problem:      "That was refused",
		Consent:      "Yakusoku wants access to your Google account",
		ConsentLead:  "Choose what to allow. What you untick is not allowed.",
		Account:      "Account",
		Allow:        "Allow",
		Deny:         "Cancel",
	},
}
