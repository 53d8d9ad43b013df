package zoomsim

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"yakusoku/shared/language"
)

// authorizeParameters may be given to the authorization endpoint.
var authorizeParameters = []string{"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"}

// challengePattern is a SHA-256, as base64url (RFC 7636 §4.2).
var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// checkAuthorize returns why the client's request to the authorization endpoint
// is refused: the user sees it, the client does not.
func (s *Simulator) checkAuthorize(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errors.New("the query cannot be read")
	}
	for name, values := range query {
		switch {
		case name == "scope": // ticked in the Marketplace app, never asked for in the address
			return nil, errors.New("invalid parameter: scope")
		case !slices.Contains(authorizeParameters, name):
			return nil, fmt.Errorf("invalid parameter: %s is not known here", name)
		case len(values) > 1:
			return nil, fmt.Errorf("invalid parameter: %s is repeated", name)
		}
	}
	switch {
	case query.Get("client_id") != s.config.ClientID:
		return nil, errors.New("application not found (4702)")
	case !s.redirectable(query.Get("redirect_uri")):
		return nil, errors.New("invalid redirect URL (4709)")
	case query.Get("response_type") != "code":
		return nil, errors.New("invalid parameter: response_type must be code")
	case query.Has("code_challenge") != query.Has("code_challenge_method"):
		return nil, errors.New("invalid parameter: code_challenge and code_challenge_method go together")
	case query.Has("code_challenge") && query.Get("code_challenge_method") != "S256":
		return nil, errors.New("invalid parameter: code_challenge_method must be S256")
	case query.Has("code_challenge") && !challengePattern.MatchString(query.Get("code_challenge")):
		return nil, errors.New("invalid parameter: code_challenge")
	}
	return query, nil
}

// redirectable reports whether the client may be answered at uri: one that is
// registered, letter by letter, or if none is, any of the web.
func (s *Simulator) redirectable(uri string) bool {
	if len(s.config.RedirectURIs) > 0 {
		return slices.Contains(s.config.RedirectURIs, uri)
	}
	target, err := url.Parse(uri)
	return err == nil && (target.Scheme == "http" || target.Scheme == "https") && target.Host != "" &&
		target.User == nil && !strings.Contains(uri, "#")
}

// consentView is what the pages of an authorization show, one of them at a time.
type consentView struct {
	frame
	Step    consentStep
	Problem string
	Again   string // the address of the first page
	User    *user
	Users   []userChoice
	Scopes  []consentScope
}

type consentStep string

const (
	refusedStep    consentStep = "refused"    // the client's request is wrong
	signInStep     consentStep = "sign-in"    // who are you?
	inactiveStep   consentStep = "inactive"   // Zoom does not let them in
	unapprovedStep consentStep = "unapproved" // their admin has not approved the app
	consentingStep consentStep = "consent"
)

type userChoice struct {
	Email string
	Note  string
}

type consentScope struct {
	Name     string
	Label    string
	Optional bool // the app marks it so: the user may untick it
}

func (s *Simulator) showSignIn(w http.ResponseWriter, r *http.Request) {
	query, err := s.checkAuthorize(r.URL.RawQuery)
	if err != nil {
		s.refuseConsent(w, r, err)
		return
	}
	if err := s.remember(query.Get("redirect_uri")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.renderSignIn(w, r, http.StatusOK, "")
}

// remember keeps where our client is answered.
func (s *Simulator) remember(redirectURI string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redirectURI == redirectURI {
		return nil
	}
	s.redirectURI = redirectURI
	return s.config.State.Put(redirectKey, redirectURI)
}

func (s *Simulator) renderSignIn(w http.ResponseWriter, r *http.Request, status int, problem string) {
	view := consentView{frame: frameFor(r), Step: signInStep, Problem: problem}
	s.mu.Lock()
	users := s.sortedUsers()
	s.mu.Unlock()
	for _, u := range users {
		view.Users = append(view.Users, userChoice{u.Email, u.notes(view.Words)})
	}
	render(w, status, consentPage, view)
}

func (s *Simulator) refuseConsent(w http.ResponseWriter, r *http.Request, err error) {
	s.config.Log.Warn("authorization refused", "error", err)
	render(w, http.StatusBadRequest, consentPage, consentView{frame: frameFor(r), Step: refusedStep, Problem: err.Error()})
}

// decideConsent takes who the user is, and what they decide. Only a decision on
// the consent page leads back to the client.
func (s *Simulator) decideConsent(w http.ResponseWriter, r *http.Request) {
	query, err := s.checkAuthorize(r.URL.RawQuery)
	if err != nil {
		s.refuseConsent(w, r, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	decision := r.PostForm.Get("decision")
	u, err := s.signIn(r.PostForm.Get("user"), decision)
	if err != nil {
		s.renderSignIn(w, r, http.StatusBadRequest, err.Error())
		return
	}
	view := consentView{frame: frameFor(r), Again: "?" + r.URL.RawQuery, User: u}
	switch {
	case u.Status == Inactive:
		view.Step = inactiveStep
		render(w, http.StatusForbidden, consentPage, view)
	case u.Unapproved:
		view.Step = unapprovedStep
		render(w, http.StatusForbidden, consentPage, view)
	case decision == "allow":
		redirectBack(w, query, "code", s.consent(query, u, r.PostForm["scope"]))
	case decision == "decline":
		redirectBack(w, query, "error", "access_denied")
	default:
		view.Step = consentingStep
		for _, scope := range DefaultScopes {
			view.Scopes = append(view.Scopes, consentScope{scope, scopeLabels[view.Language][scope], optional(scope)})
		}
		render(w, http.StatusOK, consentPage, view)
	}
}

// signIn finds the user, and keeps their request to the account's admin if that
// is what they decided.
func (s *Simulator) signIn(email, decision string) (*user, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.userOf(email)
	if err != nil || decision != "request" || !u.Unapproved || u.Status == Inactive {
		return u, err
	}
	asking := *u
	asking.Requested = true
	return s.keepUser(asking)
}

// consent keeps a code for what the user ticked.
func (s *Simulator) consent(query url.Values, u *user, ticked []string) string {
	var scopes []string
	for _, scope := range DefaultScopes {
		if !optional(scope) || slices.Contains(ticked, scope) {
			scopes = append(scopes, scope)
		}
	}
	text := "code." + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[text] = &code{
		user:        u.Email,
		scopes:      scopes,
		redirectURI: query.Get("redirect_uri"),
		challenge:   query.Get("code_challenge"),
		expires:     s.config.Clock().Add(codeLife),
	}
	return text
}

// optional reports whether our Marketplace app marks the scope so: without the
// two others there is nothing to connect.
func optional(scope string) bool {
	return scope != "user:read:user" && scope != "meeting:write:meeting"
}

// redirectBack sends the browser to the client with the outcome, and with the
// state if there was one: from the Marketplace users come without.
func redirectBack(w http.ResponseWriter, query url.Values, name, value string) {
	back := url.Values{name: {value}}
	if query.Has("state") {
		back.Set("state", query.Get("state"))
	}
	uri, joint := query.Get("redirect_uri"), "?"
	if strings.Contains(uri, "?") {
		joint = "&"
	}
	w.Header().Set("Location", uri+joint+back.Encode())
	w.WriteHeader(http.StatusFound)
}

var scopeLabels = map[language.Tag]map[string]string{
	language.Japanese: {
		"user:read:user":             "ユーザー情報（氏名、メールアドレスなど）の表示",
		"user:read:settings":         "ユーザー設定の表示",
		"meeting:write:meeting":      "ミーティングの作成",
		"meeting:read:meeting":       "ミーティングの表示",
		"meeting:update:meeting":     "ミーティングの更新",
		"meeting:delete:meeting":     "ミーティングの削除",
		"meeting:read:list_meetings": "ミーティング一覧の表示",
	},
	language.English: {
		"user:read:user":             "View your user information, such as name and mail address",
		"user:read:settings":         "View your user settings",
		"meeting:write:meeting":      "Create meetings for you",
		"meeting:read:meeting":       "View a meeting",
		"meeting:update:meeting":     "Update a meeting",
		"meeting:delete:meeting":     "Delete a meeting",
		"meeting:read:list_meetings": "View the list of your meetings",
	},
}
