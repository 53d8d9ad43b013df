package microsoftsim

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

// authorizeParameters may be given to the authorization endpoint, with the values
// that they may have; nil: any.
var authorizeParameters = map[string][]string{
	"response_type":         {"code"},
	"response_mode":         {"query"},
	"client_id":             nil,
	"redirect_uri":          nil,
	"scope":                 nil,
	"state":                 nil,
	"nonce":                 nil,
	"prompt":                {"login", "none", "consent", "select_account"},
	"login_hint":            nil,
	"domain_hint":           {"consumers", "organizations"},
	"code_challenge":        nil,
	"code_challenge_method": {"S256"},
}

// challengePattern is a SHA-256, as base64url (RFC 7636 §4.2).
var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// tenants are the endpoints' names for more than one of them.
var tenants = []string{"common", "organizations", "consumers"}

var guidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// checkAuthorize returns why the client's request to the authorization endpoint
// is refused: the user sees it, the client does not.
func (s *Simulator) checkAuthorize(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errors.New("AADSTS9000410: the query cannot be read")
	}
	for name, values := range query {
		allowed, known := authorizeParameters[name]
		switch {
		case !known:
			return nil, fmt.Errorf("invalid_request: parameter %s is not known here", name)
		case len(values) > 1:
			return nil, fmt.Errorf("AADSTS90014: parameter %s is repeated", name)
		case allowed != nil && !slices.Contains(allowed, values[0]):
			return nil, fmt.Errorf("AADSTS90023: unsupported '%s' value", name)
		}
	}
	for _, name := range []string{"response_type", "client_id", "redirect_uri", "scope"} {
		if query.Get(name) == "" {
			return nil, fmt.Errorf("AADSTS900144: the request must contain the following parameter: '%s'", name)
		}
	}
	tenant := r.PathValue("tenant")
	switch {
	case !slices.Contains(tenants, tenant) && !guidPattern.MatchString(tenant):
		return nil, fmt.Errorf("AADSTS90002: tenant '%s' not found", tenant)
	case query.Get("client_id") != s.config.ClientID:
		return nil, errors.New("AADSTS700016: the application was not found in the directory")
	case !s.redirectable(query.Get("redirect_uri")):
		return nil, errors.New("AADSTS50011: the redirect URI specified in the request does not match the redirect URIs configured for the application")
	case query.Has("code_challenge") != query.Has("code_challenge_method"):
		return nil, errors.New("AADSTS501491: code_challenge and code_challenge_method go together")
	case query.Has("code_challenge") && !challengePattern.MatchString(query.Get("code_challenge")):
		return nil, errors.New("AADSTS501491: invalid size of Code_Challenge parameter")
	}
	for _, scope := range normal(strings.Fields(query.Get("scope"))) {
		if !slices.Contains(knownScopes, scope) {
			return nil, fmt.Errorf("AADSTS70011: the scope %s is not valid", scope)
		}
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
	User    string
	Users   []userChoice
	Scopes  []string
}

type consentStep string

const (
	refusedStep    consentStep = "refused"    // the client's request is wrong
	pickStep       consentStep = "pick"       // which account?
	unapprovedStep consentStep = "unapproved" // the tenant's administrator must consent
	consentingStep consentStep = "consent"
)

type userChoice struct {
	Email string
	Note  string
}

func (s *Simulator) showConsent(w http.ResponseWriter, r *http.Request) {
	query, err := s.checkAuthorize(r)
	if err != nil {
		s.refuseConsent(w, r, err)
		return
	}
	if query.Get("prompt") == "none" { // nobody is ever signed in here
		redirectBack(w, query, url.Values{
			"error":             {"login_required"},
			"error_description": {"AADSTS50058: A silent sign-in request was sent but no user is signed in."},
		})
		return
	}
	s.renderPick(w, r, http.StatusOK, query.Get("login_hint"), "")
}

func (s *Simulator) renderPick(w http.ResponseWriter, r *http.Request, status int, user, problem string) {
	view := consentView{frame: frameFor(r), Step: pickStep, User: user, Problem: problem}
	s.mu.Lock()
	for _, a := range s.sortedAccounts() {
		view.Users = append(view.Users, userChoice{a.Email, view.Words.kind(a)})
	}
	s.mu.Unlock()
	render(w, status, consentPage, view)
}

func (s *Simulator) refuseConsent(w http.ResponseWriter, r *http.Request, err error) {
	s.config.Log.Warn("authorization refused", "error", err)
	render(w, http.StatusBadRequest, consentPage, consentView{frame: frameFor(r), Step: refusedStep, Problem: err.Error()})
}

// decideConsent takes which account, and what its user decides. Who has consented
// before is not asked again unless prompt says so.
func (s *Simulator) decideConsent(w http.ResponseWriter, r *http.Request) {
	query, err := s.checkAuthorize(r)
	if err != nil {
		s.refuseConsent(w, r, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	a, err := s.accountOf(r.PostForm.Get("user"))
	s.mu.Unlock()
	if err != nil {
		s.renderPick(w, r, http.StatusBadRequest, "", err.Error())
		return
	}
	view := consentView{frame: frameFor(r), Again: "?" + r.URL.RawQuery, User: a.Email}
	if !a.in(r.PathValue("tenant")) {
		s.renderPick(w, r, http.StatusBadRequest, a.Email, "AADSTS50020: the account does not exist in the tenant, or is of the other kind")
		return
	}
	scopes := normal(strings.Fields(query.Get("scope")))
	decision := r.PostForm.Get("decision")
	switch {
	case a.Unapproved && decision == "cancel":
		redirectBack(w, query, url.Values{
			"error":             {"consent_required"},
			"error_description": {"AADSTS90094: An administrator has set a policy that prevents you from granting the permissions that the application is requesting."},
		})
	case a.Unapproved:
		view.Step = unapprovedStep
		render(w, http.StatusForbidden, consentPage, view)
	case decision == "cancel":
		redirectBack(w, query, url.Values{
			"error":             {"access_denied"},
			"error_subcode":     {"cancel"},
			"error_description": {"AADSTS65004: User declined to consent to access the app."},
		})
	case decision == "accept", query.Get("prompt") != "consent" && containsAll(a.Consented, scopes):
		s.accept(w, query, a, scopes)
	default:
		view.Step = consentingStep
		for _, scope := range scopes {
			view.Scopes = append(view.Scopes, scopeLabel(view.Language, scope))
		}
		render(w, http.StatusOK, consentPage, view)
	}
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(scope string) bool { return !slices.Contains(all, scope) })
}

// accept keeps a code for the scopes, all that were asked for: Microsoft's users
// cannot untick any.
func (s *Simulator) accept(w http.ResponseWriter, query url.Values, a *account, scopes []string) {
	text := "1." + rand.Text() + rand.Text()
	s.mu.Lock()
	_, err := s.allow(a, scopes)
	s.codes[text] = &code{
		user:        a.Email,
		scopes:      scopes,
		redirectURI: query.Get("redirect_uri"),
		challenge:   query.Get("code_challenge"),
		expires:     s.config.Clock().Add(codeLife),
	}
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	redirectBack(w, query, url.Values{"code": {text}, "session_state": {newGUID()}})
}

// redirectBack sends the browser to the client with the outcome.
func redirectBack(w http.ResponseWriter, query, outcome url.Values) {
	if query.Has("state") {
		outcome.Set("state", query.Get("state"))
	}
	uri, joint := query.Get("redirect_uri"), "?"
	if strings.Contains(uri, "?") {
		joint = "&"
	}
	w.Header().Set("Location", uri+joint+outcome.Encode())
	w.WriteHeader(http.StatusFound)
}

// scopeLabel says what a scope allows, or is its name.
func scopeLabel(to language.Tag, scope string) string {
	if label, ok := scopeLabels[to][scope]; ok {
		return label
	}
	return scope
}

var scopeLabels = map[language.Tag]map[string]string{
	language.Japanese: {
		"openid":         "サインイン",
		"profile":        "基本的なプロファイルの表示",
		"email":          "メールアドレスの表示",
		"offline_access": "アクセス権を与えたデータへのアクセスの管理",
		scopeUser:        "サインインとプロファイルの読み取り",
		scopeBasic:       "予定表の基本情報の読み取り",
		scopeRead:        "予定表の読み取り",
		scopeWrite:       "予定表へのフル アクセス",
	},
	language.English: {
		"openid":         "Sign you in",
		"profile":        "View your basic profile",
		"email":          "View your email address",
		"offline_access": "Maintain access to data you have given it access to",
		scopeUser:        "Sign you in and read your profile",
		scopeBasic:       "Read basic details of your calendars",
		scopeRead:        "Read your calendars",
		scopeWrite:       "Have full access to your calendars",
	},
}
