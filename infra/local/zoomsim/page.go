package zoomsim

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"yakusoku/shared/language"
)

//go:embed page.html consent.html frame.html
var pages embed.FS

var (
	meetingsPage = parsePage("page.html")
	consentPage  = parsePage("consent.html")
)

func parsePage(name string) *template.Template {
	return template.Must(template.New("frame.html").ParseFS(pages, "frame.html", name))
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
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(content.Bytes()) // the reader has gone: nothing is left to do
}

// homeView is what the page at / shows.
type homeView struct {
	frame
	Problem  string
	Users    []userView
	Types    []choice
	Statuses []choice

	ClientID, RedirectURI string
	Meetings              []MeetingState // the newest first
}

type userView struct {
	UserState
	Note string
}

type choice struct {
	Value any
	Label string
}

func (s *Simulator) showHome(w http.ResponseWriter, r *http.Request) {
	s.renderHome(w, r, http.StatusOK, "")
}

func (s *Simulator) renderHome(w http.ResponseWriter, r *http.Request, status int, problem string) {
	state := s.State()
	slices.Reverse(state.Meetings)
	view := homeView{frame: frameFor(r), Problem: problem, ClientID: s.config.ClientID, Meetings: state.Meetings}
	for _, kind := range userTypes {
		view.Types = append(view.Types, choice{kind, view.Words.types(kind)})
	}
	for _, status := range userStatuses {
		view.Statuses = append(view.Statuses, choice{status, view.Words.statuses(status)})
	}
	s.mu.Lock()
	view.RedirectURI = s.redirectURI
	for _, u := range state.Users {
		view.Users = append(view.Users, userView{u, s.users[u.User].notes(view.Words)})
	}
	s.mu.Unlock()
	render(w, status, meetingsPage, view)
}

// act takes the page's forms: what an admin of the user's account may do, and the
// user themselves.
func (s *Simulator) act(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if err := s.doAction(r); err != nil {
		s.renderHome(w, r, http.StatusBadRequest, err.Error())
		return
	}
	// Relative, which http.Redirect would not leave it: the page may be mounted
	// below some path.
	w.Header().Set("Location", "./")
	w.WriteHeader(http.StatusSeeOther)
}

func (s *Simulator) doAction(r *http.Request) error {
	form, yes := r.PostForm, true
	email := form.Get("user")
	switch form.Get("action") {
	case "approve":
		_, err := s.ChangeUser(UserChange{User: email, Approved: &yes})
		return err
	case "expire":
		return s.ExpireAccess(email)
	case "revoke":
		_, err := s.RemoveApp(email)
		return err
	case "delete":
		return s.DeleteMeeting(number(form.Get("meeting")))
	case "move":
		start, err := time.Parse("2006-01-02T15:04", form.Get("start"))
		if err == nil {
			_, err = s.ChangeMeeting(number(form.Get("meeting")), HostMeeting{Start: start})
		}
		return err
	}
	kind, _ := strconv.Atoi(form.Get("type")) // 0 is none of the types, and refused
	status, summary, approved := form.Get("status"), form.Has("autoSummary"), form.Has("approved")
	_, err := s.ChangeUser(UserChange{User: email, Type: &kind, Status: &status, AutoSummary: &summary, Approved: &approved})
	return err
}

// number reads an id; 0 is no meeting's.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// notes says what is special about a user.
func (u *user) notes(to words) string {
	notes := []string{to.types(u.Type)}
	if u.Status != Active {
		notes = append(notes, to.statuses(u.Status))
	}
	if u.AutoSummary {
		notes = append(notes, to.AutoSummary)
	}
	if u.Unapproved {
		notes = append(notes, to.NotApproved)
	}
	return strings.Join(notes, " · ")
}

func (t words) types(kind int) string {
	return map[int]string{Basic: t.Basic, Licensed: t.Licensed, Unassigned: t.Unassigned, None: t.NoPlan}[kind]
}

func (t words) statuses(status string) string {
	return cmp.Or(map[string]string{Active: t.StatusActive, Inactive: t.StatusInactive, Pending: t.StatusPending}[status], status)
}

type words struct {
	Title, Lead                                       string
	Accounts, AccountsLead, Connected, NotConnected   string
	Change, Type, Status, AutoSummary, Approved, Save string
	NotApproved, Approve, Expire, Revoke              string
	Basic, Licensed, Unassigned, NoPlan               string
	StatusActive, StatusInactive, StatusPending       string
	Marketplace, MarketplaceLead, RedirectURI, Add    string
	Meetings, NoMeetings, Host, Start, Minutes, Join  string
	Passcode, Agenda, State, Deleted                  string
	ByHost, Delete, NewStart, Move                    string

	Refused                                 string
	SignIn, SignInLead, OtherUser, Continue string
	Inactive, InactiveLead                  string
	Unapproved, UnapprovedLead              string
	Request, Requested, RequestedLead       string
	Consent, ConsentLead, Allow, Decline    string
	SignedInAs, NotMe                       string
}

var texts = map[language.Tag]words{
	language.Japanese: {
		Title:           "Zoom（シミュレーター）",
		Lead:            "ローカル実行でZoomの代わりをしています。ここにあるものが「Zoom側にあるもの」です。",
		Accounts:        "アカウント",
		AccountsLead:    "連携のしかたを、それぞれのアカウントで試せます。ここにないメールアドレスでも、有料ライセンスのアカウントとして連携できます。",
		Connected:       "連携中",
		NotConnected:    "未連携",
		Change:          "変更する",
		Type:            "ライセンス",
		Status:          "状態",
		AutoSummary:     "ミーティング要約が自動的にオンになる",
		Approved:        "管理者がアプリを事前承認済み",
		NotApproved:     "管理者の事前承認なし",
		Approve:         "リクエストを承認する（Pre-approve）",
		Save:            "保存する",
		Expire:          "アクセストークンを失効させる",
		Revoke:          "アプリを削除する（連携を無効にする）",
		Basic:           "ベーシック（無料）",
		Licensed:        "ライセンスあり（有料）",
		Unassigned:      "未割り当て",
		NoPlan:          "なし",
		StatusActive:    "有効",
		StatusInactive:  "停止中",
		StatusPending:   "招待中",
		Marketplace:     "Marketplaceから追加する",
		MarketplaceLead: "Zoom App Marketplaceの「Add」と同じです。Yakusokuから始めた連携ではないため、stateを付けずに戻ります。",
		RedirectURI:     "リダイレクトURI",
		Add:             "追加する",
		Meetings:        "ミーティング",
		NoMeetings:      "ミーティングはまだありません。デモの予約ページで予約すると、ここに現れます。",
		Host:            "ホスト",
		Start:           "開始",
		Minutes:         "分",
		Join:            "参加用URL",
		Passcode:        "パスコード",
		Agenda:          "議題",
		State:           "状態",
		Deleted:         "削除済み",
		ByHost:          "ホストとしてZoomで変更する",
		Delete:          "ミーティングを削除する",
		NewStart:        "新しい開始日時（UTC）",
		Move:            "日時を変更する",

		Refused:        "受け付けられませんでした",
		SignIn:         "Zoomにサインイン（シミュレーター）",
		SignInLead:     "どのZoomアカウントで連携しますか。",
		OtherUser:      "メールアドレス",
		Continue:       "続ける",
		Inactive:       "サインインできません",
		InactiveLead:   "このユーザーは、管理者によって停止されています。",
		Unapproved:     "アプリを承認できません",
		UnapprovedLead: "お使いのアカウントでは、このアプリを使うのに管理者の事前承認が必要です。",
		Request:        "事前に承認をとるためのリクエスト",
		Requested:      "リクエスト済み",
		RequestedLead:  "管理者が事前承認したら、Yakusokuの画面からもう一度接続してください。管理者の操作は、シミュレーターのページで行えます。",
		Consent:        "Yakusokuに許可する内容",
		ConsentLead:    "Yakusokuに次の操作を許可します。外した項目は許可されません。",
		Allow:          "許可する",
		Decline:        "拒否する",
		SignedInAs:     "サインイン中：",
		NotMe:          "別のアカウントを使う",
	},
	language.English: {
		Title:           "Zoom (simulator)",
		Lead:            "This stands in for Zoom during a local run. What you see here is what “Zoom” holds.",
		Accounts:        "Accounts",
		AccountsLead:    "Each account lets you try another way in which connecting can go. Any other mail address works too, as a licensed account.",
		Connected:       "connected",
		NotConnected:    "not connected",
		Change:          "Change",
		Type:            "Licence",
		Status:          "State",
		AutoSummary:     "Meeting summary starts by itself",
		Approved:        "The admin has pre-approved the app",
		NotApproved:     "app not pre-approved",
		Approve:         "Pre-approve as requested",
		Save:            "Save",
		Expire:          "Expire access tokens",
		Revoke:          "Remove the app (ends the connection)",
		Basic:           "Basic (free)",
		Licensed:        "Licensed (paid)",
		Unassigned:      "Unassigned",
		NoPlan:          "None",
		StatusActive:    "active",
		StatusInactive:  "inactive",
		StatusPending:   "pending",
		Marketplace:     "Add from the Marketplace",
		MarketplaceLead: "Like “Add” on the Zoom App Marketplace: it did not begin in Yakusoku, so it comes back without a state.",
		RedirectURI:     "Redirect URI",
		Add:             "Add",
		Meetings:        "Meetings",
		NoMeetings:      "No meetings yet. Book one on the demo page.",
		Host:            "Host",
		Start:           "Start",
		Minutes:         "min",
		Join:            "Join",
		Passcode:        "Passcode",
		Agenda:          "Agenda",
		State:           "State",
		Deleted:         "deleted",
		ByHost:          "Change it at Zoom, as its host",
		Delete:          "Delete the meeting",
		NewStart:        "New start (UTC)",
		Move:            "Move it",

		Refused:        "That was refused",
		SignIn:         "Sign in to Zoom (simulator)",
		SignInLead:     "Which Zoom account do you want to connect?",
		OtherUser:      "Mail address",
		Continue:       "Continue",
		Inactive:       "You cannot sign in",
		InactiveLead:   "An admin has deactivated this user.",
		Unapproved:     "You cannot authorize this app",
		UnapprovedLead: "Your account’s admin has to pre-approve this app before you can use it.",
		Request:        "Request pre-approval",
		Requested:      "Requested",
		RequestedLead:  "Once the admin has pre-approved the app, connect again from Yakusoku. You can be the admin on the simulator’s own page.",
		Consent:        "What Yakusoku may do",
		ConsentLead:    "You allow Yakusoku the following. What you untick is not allowed.",
		Allow:          "Allow",
		Decline:        "Decline",
		SignedInAs:     "Signed in as",
		NotMe:          "Use another account",
	},
}
