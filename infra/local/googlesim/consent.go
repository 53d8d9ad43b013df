package googlesim

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"yakusoku/shared/language"
)

// authorizeParameters may be given to the authorization endpoint.
var authorizeParameters = map[string]shape{
	"response_type":          {kind: "string", enum: []string{"code"}},
	"client_id":              anyText,
	"redirect_uri":           anyText,
	"scope":                  anyText,
	"state":                  anyText,
	"nonce":                  anyText,
	"login_hint":             anyText,
	"access_type":            {kind: "string", enum: []string{"online", "offline"}},
	"prompt":                 anyText,
	"include_granted_scopes": {kind: "string", enum: []string{"true", "false"}},
	"code_challenge":         anyText,
	"code_challenge_method":  {kind: "string", enum: []string{"S256"}},
}

// checkAuthorize returns why the client's request to the authorization endpoint
// is refused: the user sees it, the client does not.
func (s *Simulator) checkAuthorize(query url.Values) error {
	for name, values := range query {
		parameter, known := authorizeParameters[name]
		if !known {
			return fmt.Errorf("invalid_request: parameter %s is not known here", name)
		}
		if err := parameter.checkParameter(name, values); err != nil {
			return fmt.Errorf("invalid_request: %w", err)
		}
	}
	for _, name := range []string{"response_type", "client_id", "redirect_uri", "scope"} {
		if query.Get(name) == "" {
			return fmt.Errorf("invalid_request: missing required parameter: %s", name)
		}
	}
	if query.Get("client_id") != s.config.ClientID {
		return errors.New("invalid_client: the OAuth client was not found")
	}
	if !s.redirectable(query.Get("redirect_uri")) {
		return errors.New("redirect_uri_mismatch")
	}
	if query.Has("code_challenge") != query.Has("code_challenge_method") {
		return errors.New("invalid_request: code_challenge and code_challenge_method go together")
	}
	for _, scope := range strings.Fields(query.Get("scope")) {
		if !slices.Contains(knownScopes, scope) {
			return fmt.Errorf("invalid_scope: %s", scope)
		}
	}
	return nil
}

func (s *Simulator) redirectable(uri string) bool {
	if len(s.config.RedirectURIs) > 0 {
		return slices.Contains(s.config.RedirectURIs, uri)
	}
	target, err := url.Parse(uri)
	return err == nil && (target.Scheme == "http" || target.Scheme == "https") && target.Host != ""
}

// consentView is what the consent page shows.
type consentView struct {
	frame
	Problem string // shown in place of the form
	User    string
	Users   []string
	Scopes  []consentScope
}

type consentScope struct {
	Name     string
	Label    string
	Optional bool // consent is granular: the user may untick it
}

func (s *Simulator) showConsent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	view := consentView{frame: frameFor(r)}
	if err := s.checkAuthorize(query); err != nil {
		view.Problem = err.Error()
		render(w, http.StatusBadRequest, consentPage, view)
		return
	}
	s.mu.Lock()
	view.Users = slices.Sorted(maps.Keys(s.accounts))
	s.mu.Unlock()
	view.User = query.Get("login_hint")
	if view.User == "" && len(view.Users) > 0 {
		view.User = view.Users[0]
	}
	for _, scope := range strings.Fields(query.Get("scope")) {
		view.Scopes = append(view.Scopes, consentScope{
			Name:     scope,
			Label:    scopeLabel(view.Language, scope),
			Optional: isCalendarScope(scope),
		})
	}
	render(w, http.StatusOK, consentPage, view)
}

// decideConsent takes the user's decision and sends them back to the client.
func (s *Simulator) decideConsent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if err := s.checkAuthorize(query); err != nil {
		render(w, http.StatusBadRequest, consentPage, consentView{frame: frameFor(r), Problem: err.Error()})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	back := url.Values{}
	if query.Has("state") {
		back.Set("state", query.Get("state"))
	}
	if r.PostForm.Get("decision") != "allow" {
		back.Set("error", "access_denied")
		redirectBack(w, query.Get("redirect_uri"), back)
		return
	}
	user, err := mail.ParseAddress(r.PostForm.Get("user"))
	if err != nil {
		http.Error(w, "an account is named by its mail address", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	text, scopes := s.consent(query, strings.ToLower(user.Address), r.PostForm["scope"])
	s.mu.Unlock()
	back.Set("code", text)
	back.Set("scope", strings.Join(scopes, " "))
	redirectBack(w, query.Get("redirect_uri"), back)
}

// consent keeps a code for what the user ticked, and returns it with the scopes
// that it stands for.
func (s *Simulator) consent(query url.Values, user string, ticked []string) (string, []string) {
	before := s.granted(user)
	var scopes []string
	for _, scope := range strings.Fields(query.Get("scope")) {
		if !isCalendarScope(scope) || slices.Contains(ticked, scope) {
			scopes = append(scopes, scope)
		}
	}
	if query.Get("include_granted_scopes") == "true" {
		scopes = append(scopes, before...)
	}
	asked := slices.Contains(strings.Fields(query.Get("prompt")), "consent")
	text := "4/0" + rand.Text()
	s.codes[text] = &code{
		user:        user,
		scopes:      longForms(scopes),
		redirectURI: query.Get("redirect_uri"),
		challenge:   query.Get("code_challenge"),
		// A user who has consented before gives no new refresh token, unless
		// they were asked again.
		refreshable: query.Get("access_type") == "offline" && (asked || len(before) == 0),
		expires:     s.config.Clock().Add(codeLife),
	}
	return text, longForms(scopes)
}

// redirectBack sends the browser to the client with query added to its URI.
func redirectBack(w http.ResponseWriter, uri string, query url.Values) {
	joint := "?"
	if strings.Contains(uri, "?") {
		joint = "&"
	}
	w.Header().Set("Location", uri+joint+query.Encode())
	w.WriteHeader(http.StatusFound)
}

// scopeLabel says what a scope allows, or is its name.
func scopeLabel(to language.Tag, scope string) string {
	if label, ok := scopeLabels[to][strings.TrimPrefix(scope, scopePrefix)]; ok {
		return label
	}
	return scope
}

var scopeLabels = map[language.Tag]map[string]string{
	language.Japanese: {
		"openid":                         "あなたのGoogleアカウントとの関連付け",
		"email":                          "メールアドレスの確認",
		"calendar.events.owned":          "自分のカレンダーの予定の表示、作成、変更、削除",
		"calendar.calendarlist.readonly": "カレンダー一覧の表示",
		"calendar.events.freebusy":       "カレンダーの空き状況の表示",
	},
	language.English: {
		"openid":                         "Associate you with your Google account",
		"email":                          "See your mail address",
		"calendar.events.owned":          "See, create, change and delete events on calendars you own",
		"calendar.calendarlist.readonly": "See the list of your calendars",
		"calendar.events.freebusy":       "See when your calendars are free or busy",
	},
}
