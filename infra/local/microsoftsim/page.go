package microsoftsim

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/language"
	"yakusoku/shared/zone"
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
	Note      string
	Connected bool
	Calendars []calendarView
}

type calendarView struct {
	calendar
	Events []eventView
}

type eventView struct {
	EventState
	When string
	Free bool
}

func (s *Simulator) showCalendars(w http.ResponseWriter, r *http.Request) {
	render(w, http.StatusOK, calendarsPage, s.calendarsView(r, ""))
}

func (s *Simulator) calendarsView(r *http.Request, problem string) calendarsView {
	view := calendarsView{frame: frameFor(r), Problem: problem}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.sortedAccounts() {
		shown := accountView{User: a.Email, Note: view.Words.kind(a), Connected: len(s.granted(a.Email)) > 0}
		for _, c := range a.Calendars {
			shown.Calendars = append(shown.Calendars, calendarView{c, s.eventViews(a, c, view.Language)})
		}
		view.Accounts = append(view.Accounts, shown)
	}
	return view
}

// eventViews lists a calendar's events as they come, deleted ones last.
func (s *Simulator) eventViews(a *account, c calendar, to language.Tag) []eventView {
	here, err := zone.Load(accountZone)
	if err != nil {
		here = time.UTC
	}
	var events []*event
	for _, e := range s.events {
		if e.User == a.Email && e.Calendar == c.ID {
			events = append(events, e)
		}
	}
	slices.SortFunc(events, func(a, b *event) int {
		if a.Deleted != b.Deleted {
			if a.Deleted {
				return 1
			}
			return -1
		}
		return strings.Compare(a.state().Start, b.state().Start)
	})
	var views []eventView
	for _, e := range events {
		views = append(views, eventView{EventState: e.state(), When: e.when(here, to), Free: e.Fields.ShowAs == "free" || e.Cancelled})
	}
	return views
}

// when says when an event is: an all-day one by its dates, others by the clock
// where the account's people live.
func (e *event) when(here *time.Location, to language.Tag) string {
	start, _ := e.Fields.Start.read() // checked
	end, _ := e.Fields.End.read()
	day := func(t time.Time) string {
		if to == language.Japanese {
			return t.Format("2006年1月2日") + "（" + weekdays[t.Weekday()] + "）"
		}
		return t.Format("Mon, 2 Jan 2006")
	}
	text := ""
	if e.Fields.IsAllDay {
		text = day(start)
		if last := end.AddDate(0, 0, -1); !last.Equal(start) { // the end is exclusive
			text += " – " + day(last)
		}
		text += " " + texts[to].AllDay
	} else {
		start, end = start.In(here), end.In(here)
		until := end.Format("15:04 MST")
		if day(start) != day(end) {
			until = day(end) + " " + until
		}
		text = day(start) + start.Format(" 15:04") + "–" + until
	}
	if e.Fields.Recurrence != nil {
		text += " " + texts[to].Repeats
	}
	return text
}

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// blockTime takes the page's form: a host's own appointment.
func (s *Simulator) blockTime(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	user, calendarID, _ := strings.Cut(r.PostForm.Get("calendar"), " ")
	at := func(field string) *moment {
		return &moment{DateTime: r.PostForm.Get("date") + "T" + r.PostForm.Get(field) + ":00", TimeZone: accountZone}
	}
	resource, err := json.Marshal(fields{Subject: r.PostForm.Get("subject"), Start: at("from"), End: at("to"), ShowAs: r.PostForm.Get("showAs")})
	if err == nil {
		_, err = s.AddEvent(user, calendarID, resource)
	}
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
	Work, Personal, Unapproved, NoMailbox      string
	ByHost, ByClient, Deleted, AllDay, Repeats string
	Block, BlockLead, What, Date, From, To     string
	Shown, Busy, Tentative, Away, Free         string
	Calendar, Add, Problem                     string
	Pick, AnotherAccount, OtherAccount, Next   string
	Consent, ConsentLead, Accept, Cancel       string
	NeedApproval, NeedApprovalLead, Return     string
}

// kind says what is to be known of an account.
func (w words) kind(a *account) string {
	note := w.Work
	if a.Kind == Personal {
		note = w.Personal
	}
	if a.Unapproved {
		note += " · " + w.Unapproved
	}
	if a.NoMailbox {
		note += " · " + w.NoMailbox
	}
	return note
}

var texts = map[language.Tag]words{
	language.Japanese: {
		Title:            "Microsoft 365（シミュレーター）",
		Lead:             "ローカル実行でMicrosoftの代わりをしています。ここにあるものが「Microsoft側にあるもの」です。",
		None:             "まだアカウントがありません。連携すると、ここに現れます。",
		Connected:        "連携中",
		NotConnected:     "未連携",
		Primary:          "既定",
		ReadOnly:         "閲覧のみ",
		Empty:            "予定はありません。",
		Work:             "職場または学校のアカウント",
		Personal:         "個人のアカウント",
		Unapproved:       "管理者の承認が必要",
		NoMailbox:        "メールボックスなし",
		ByHost:           "本人が登録",
		ByClient:         "Yakusokuが登録",
		Deleted:          "削除済み",
		AllDay:           "終日",
		Repeats:          "（定期的な予定）",
		Block:            "予定を入れる",
		BlockLead:        "本人がOutlookで予定を入れたことになります。「空き時間」でなければ、その時間帯は予約できなくなります。",
		What:             "件名",
		Date:             "日付",
		From:             "開始",
		To:               "終了",
		Shown:            "表示方法",
		Busy:             "予定あり",
		Tentative:        "仮の予定",
		Away:             "外出中",
		Free:             "空き時間",
		Calendar:         "予定表",
		Add:              "登録する",
		Problem:          "受け付けられませんでした",
		Pick:             "アカウントを選択する",
		AnotherAccount:   "別のアカウントを使用する",
		OtherAccount:     "別のアカウントを使用する",
		Next:             "次へ",
		Consent:          "要求されているアクセス許可",
		ConsentLead:      "Yakusokuが次のことを求めています。",
		Accept:           "承諾",
		Cancel:           "キャンセル",
		NeedApproval:     "管理者の承認が必要",
		NeedApprovalLead: "Yakusokuには、組織内のリソースにアクセスするためのアクセス許可が必要です。許可できるのは管理者だけです。使用できるようにするには、このアプリへのアクセス許可の付与を管理者に依頼してください。",
		Return:           "同意を付与せずにアプリケーションに戻る",
	},
	language.English: {
		Title:            "Microsoft 365 (simulator)",
		Lead:             "This stands in for Microsoft during a local run. What you see here is what “Microsoft” holds.",
		None:             "There are no accounts yet. They appear once connected.",
		Connected:        "connected",
		NotConnected:     "not connected",
		Primary:          "default",
		ReadOnly:         "read only",
		Empty:            "No events.",
		Work:             "work or school account",
		Personal:         "personal account",
		Unapproved:       "needs admin approval",
		NoMailbox:        "no mailbox",
		ByHost:           "added by hand",
		ByClient:         "added by Yakusoku",
		Deleted:          "deleted",
		AllDay:           "all day",
		Repeats:          "(recurring)",
		Block:            "Block some time",
		BlockLead:        "As if the host had added it in Outlook: unless shown as free, guests can no longer book that time.",
		What:             "Title",
		Date:             "Date",
		From:             "From",
		To:               "To",
		Shown:            "Show as",
		Busy:             "Busy",
		Tentative:        "Tentative",
		Away:             "Away",
		Free:             "Free",
		Calendar:         "Calendar",
		Add:              "Add",
		Problem:          "That was refused",
		Pick:             "Pick an account",
		AnotherAccount:   "Use another account",
		OtherAccount:     "Use another account",
		Next:             "Next",
		Consent:          "Permissions requested",
		ConsentLead:      "Yakusoku would like to:",
		Accept:           "Accept",
		Cancel:           "Cancel",
		NeedApproval:     "Need admin approval",
		NeedApprovalLead: "Yakusoku needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.",
		Return:           "Return to the application without granting consent",
	},
}
