package zoomsim_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/zoom"
)

func read(t *testing.T, body io.Reader, into any) {
	t.Helper()
	if err := json.NewDecoder(body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// ask makes a call of the API with the access token.
func (z *zoomSite) ask(t *testing.T, access, path string) (int, map[string]any) {
	t.Helper()
	response, err := z.api(access).HTTP.Get(z.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var said map[string]any
	read(t, response.Body, &said)
	return response.StatusCode, said
}

func TestEachSeededAccountIsItsCase(t *testing.T) {
	z := open(t, zoomsim.Config{})
	type known struct {
		Type              int
		Status            string
		Summary, Approved bool
	}
	got := map[string]known{}
	for _, u := range z.sim.State().Users {
		got[u.User] = known{u.Type, u.Status, u.AutoSummary, u.Approved}
		if u.ID != zoomsim.UserID(u.User) || len(u.ID) != 22 || u.AccountID == "" || u.Connected {
			t.Errorf("%+v", u)
		}
	}
	want := map[string]known{
		"demo@yakusoku.example":       {2, "active", false, true},
		"basic@yakusoku.example":      {1, "active", false, true},
		"unlicensed@yakusoku.example": {4, "active", false, true},
		"unapproved@yakusoku.example": {2, "active", false, false},
		"summary@yakusoku.example":    {2, "active", true, true},
		"inactive@yakusoku.example":   {2, "inactive", false, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAUserSeesThemselves(t *testing.T) {
	z := open(t, zoomsim.Config{})
	tests := map[string]struct {
		kind    zoom.UserType
		summary bool
		create  int // the code of a refusal; 0: none
	}{
		"demo@yakusoku.example":       {zoom.Licensed, false, 0},
		"basic@yakusoku.example":      {zoom.Basic, false, 0},
		"unlicensed@yakusoku.example": {zoom.Unassigned, false, 3161},
		"summary@yakusoku.example":    {zoom.Licensed, true, 0},
		guestHost:                     {zoom.Licensed, false, 0},
	}
	for email, test := range tests {
		t.Run(email, func(t *testing.T) {
			client := z.api(z.connect(t, email).AccessToken)
			user, err := client.User(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := zoom.User{ID: zoomsim.UserID(email), Email: email, Type: test.kind, Status: "active", TimeZone: "Asia/Tokyo",
				AccountID: user.AccountID, Name: user.Name}
			if diff := cmp.Diff(want, user); diff != "" || user.AccountID == "" || user.Name == "" {
				t.Errorf("%+v (-want +got):\n%s", user, diff)
			}
			settings, err := client.Settings(t.Context())
			if err != nil || settings.AutoSummary == nil || *settings.AutoSummary != test.summary {
				t.Errorf("settings %+v, error %v", settings, err)
			}
			made, err := client.Create(t.Context(), zoom.NewMeeting{Topic: "a", Start: z.now.AddDate(0, 0, 1), DurationMinutes: 30})
			refused, _ := errors.AsType[*zoom.Refused](err)
			if test.create == 0 && (err != nil || made.ID == 0) || test.create != 0 && (refused == nil || refused.Code != test.create || !refused.MayNotSchedule()) {
				t.Errorf("made %+v, error %v", made, err)
			}
		})
	}
}

func TestACallOfTheUserAPINeedsItsScope(t *testing.T) {
	z := open(t, zoomsim.Config{})
	for path, scope := range map[string]string{"/v2/users/me": "user:read:user", "/v2/users/me/settings": "user:read:settings"} {
		for _, other := range zoomsim.DefaultScopes {
			token, err := z.sim.Grant(guestHost, []string{other}, z.url)
			if err != nil {
				t.Fatal(err)
			}
			want := http.StatusBadRequest
			if other == scope {
				want = http.StatusOK
			}
			status, said := z.ask(t, token.AccessToken, path)
			if code, _ := said["code"].(float64); status != want || want != http.StatusOK && code != 4711 {
				t.Errorf("%s with %s: status %d, %v", path, other, status, said)
			}
		}
	}
	token, err := z.sim.Grant(guestHost, []string{"user:read:user"}, z.url)
	if err != nil {
		t.Fatal(err)
	}
	if settings, err := z.api(token.AccessToken).Settings(t.Context()); err != nil || settings.AutoSummary != nil {
		t.Errorf("a hint that is not allowed: %+v, error %v", settings, err)
	}
}

func TestSettingsAreTrimmedToWhatIsAskedFor(t *testing.T) {
	z := open(t, zoomsim.Config{})
	token := z.connect(t, "summary@yakusoku.example").AccessToken
	summary := map[string]any{"enable": true, "auto_enable": true, "who_will_receive_summary": 1.0}
	tests := []struct {
		query string
		want  map[string]any // nil: refused
	}{
		{"?custom_query_fields=meeting_summary_with_ai_companion", map[string]any{"in_meeting": map[string]any{"meeting_summary_with_ai_companion": summary}}},
		{"?custom_query_fields=meeting_summary_with_ai_companion,join_before_host", map[string]any{
			"in_meeting":       map[string]any{"meeting_summary_with_ai_companion": summary},
			"schedule_meeting": map[string]any{"join_before_host": false}}},
		{"?custom_query_fields=made_up", nil},
		{"?custom_query_fields=", nil},
		{"?option=meeting_security", nil},
	}
	for _, test := range tests {
		status, said := z.ask(t, token, "/v2/users/me/settings"+test.query)
		if test.want == nil {
			if code, _ := said["code"].(float64); status != http.StatusBadRequest || code != 300 {
				t.Errorf("%s: status %d, %v", test.query, status, said)
			}
			continue
		}
		if diff := cmp.Diff(test.want, said); diff != "" || status != http.StatusOK {
			t.Errorf("%s: status %d (-want +got):\n%s", test.query, status, diff)
		}
	}
	if status, said := z.ask(t, token, "/v2/users/me/settings"); status != http.StatusOK || len(said) != 3 {
		t.Errorf("all: status %d, %v", status, said)
	}
	if status, _ := z.ask(t, token, "/v2/users/me?access_token=x"); status != http.StatusBadRequest {
		t.Errorf("a token in the address: status %d", status)
	}
}

// A meeting that says nothing of its summary is as its host has it.
func TestAMeetingSaysWhetherItsSummaryStarts(t *testing.T) {
	no := false
	tests := []struct {
		host string
		sent *bool
		want any
	}{
		{"summary@yakusoku.example", nil, true},
		{"summary@yakusoku.example", &no, false},
		{"demo@yakusoku.example", nil, nil},
	}
	z := open(t, zoomsim.Config{})
	for _, test := range tests {
		token := z.connect(t, test.host).AccessToken
		body := `{"type":2,"settings":{}}`
		if test.sent != nil {
			body = `{"type":2,"settings":{"auto_start_meeting_summary":false}}`
		}
		response, err := z.api(token).HTTP.Post(z.url+"/v2/users/me/meetings", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var made struct{ Settings map[string]any }
		read(t, response.Body, &made)
		_ = response.Body.Close()
		if got := made.Settings["auto_start_meeting_summary"]; got != test.want {
			t.Errorf("%s, %s: %v, want %v", test.host, body, got, test.want)
		}
	}
}

// admin makes an admin call and returns its status and answer.
func (z *zoomSite) admin(t *testing.T, path, body string) (int, string) {
	t.Helper()
	response, err := http.Post(z.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(content)
}

func TestAnAdminChangesWhatAUserIs(t *testing.T) {
	z := open(t, zoomsim.Config{})
	steps := []struct {
		body   string
		status int
		want   zoomsim.UserState
	}{
		{`{"user":"New@example.com"}`, 200, zoomsim.UserState{Type: 2, Status: "active", Approved: true}},
		{`{"user":"new@example.com","type":1}`, 200, zoomsim.UserState{Type: 1, Status: "active", Approved: true}},
		{`{"user":"new@example.com","autoSummary":true,"approved":false}`, 200, zoomsim.UserState{Type: 1, Status: "active", AutoSummary: true}},
		{`{"user":"new@example.com","status":"pending"}`, 200, zoomsim.UserState{Type: 1, Status: "pending", AutoSummary: true}},
		{`{"user":"new@example.com","type":3}`, 400, zoomsim.UserState{}},
		{`{"user":"new@example.com","status":"gone"}`, 400, zoomsim.UserState{}},
		{`{"user":"nobody"}`, 400, zoomsim.UserState{}},
		{`{"user":"new@example.com","plan":"Pro"}`, 400, zoomsim.UserState{}},
		{`{"user":"new@example.com","type":99,"status":"active","autoSummary":false,"approved":true}`, 200, zoomsim.UserState{Type: 99, Status: "active", Approved: true}},
	}
	for _, step := range steps {
		status, content := z.admin(t, "/_user", step.body)
		if status != step.status {
			t.Errorf("%s: status %d, %s", step.body, status, content)
		}
		if step.status != http.StatusOK {
			continue
		}
		var got zoomsim.UserState
		read(t, strings.NewReader(content), &got)
		step.want.User, step.want.ID, step.want.AccountID, step.want.Scopes = "new@example.com", zoomsim.UserID("new@example.com"), got.AccountID, []string{}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.body, diff)
		}
	}
	if status, content := z.admin(t, "/_grant", `{"user":"nobody"}`); status != http.StatusBadRequest {
		t.Errorf("a grant of nobody: status %d, %s", status, content)
	}
}

func TestAccessTokensExpireOfOneUserOrOfAll(t *testing.T) {
	z := open(t, zoomsim.Config{})
	one, other := z.connect(t, guestHost), z.connect(t, "other@example.com")
	z.admin(t, "/_expire", `{"user":"Someone@example.com"}`)
	z.wantCall(t, one.AccessToken, http.StatusUnauthorized, 124)
	z.wantCall(t, other.AccessToken, 0, 0)
	z.admin(t, "/_expire", "")
	z.wantCall(t, other.AccessToken, http.StatusUnauthorized, 124)
	wantGrant(t, z, one.RefreshToken, "")
	wantGrant(t, z, other.RefreshToken, "")
}

func TestThePageDoesWhatAnAdminMay(t *testing.T) {
	z := open(t, zoomsim.Config{})
	token := z.connect(t, guestHost)
	user := func() zoomsim.UserState {
		for _, u := range z.sim.State().Users {
			if u.User == guestHost {
				return u
			}
		}
		t.Fatal("the user is gone")
		return zoomsim.UserState{}
	}
	act := func(status int, form url.Values) string {
		t.Helper()
		form.Set("user", guestHost)
		got := browse(t, z.url+"/", form)
		if got.status != status {
			t.Errorf("%v: status %d, %s", form, got.status, got.page)
		}
		return got.page
	}
	act(http.StatusSeeOther, url.Values{"action": {"change"}, "type": {"1"}, "status": {"pending"}, "autoSummary": {"true"}})
	if u := user(); u.Type != 1 || u.Status != "pending" || !u.AutoSummary || u.Approved {
		t.Errorf("changed to %+v", u)
	}
	if page := act(http.StatusBadRequest, url.Values{"action": {"change"}, "type": {"x"}, "status": {"active"}}); !strings.Contains(page, `role="alert"`) {
		t.Error("a refusal is not told")
	}
	act(http.StatusSeeOther, url.Values{"action": {"change"}, "type": {"2"}, "status": {"active"}, "approved": {"true"}})
	act(http.StatusSeeOther, url.Values{"action": {"expire"}})
	z.wantCall(t, token.AccessToken, http.StatusUnauthorized, 124)
	if !user().Connected {
		t.Error("the grant ended with its access token")
	}
	act(http.StatusSeeOther, url.Values{"action": {"revoke"}})
	if user().Connected {
		t.Error("the grant lives on")
	}
	wantGrant(t, z, token.RefreshToken, "invalid_grant")
}

func TestThePageSpeaksBothLanguagesAndShowsNoToken(t *testing.T) {
	z := open(t, zoomsim.Config{})
	token := z.connect(t, "basic@yakusoku.example")
	page := browse(t, z.url+"/", nil).page
	for _, want := range []string{`lang="ja"`, "basic@yakusoku.example <small>連携中", "ベーシック（無料）", "Marketplaceから追加する"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, token.AccessToken) || strings.Contains(page, token.RefreshToken) {
		t.Error("the page shows a token")
	}
	response, err := http.Get(z.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if content, _ := io.ReadAll(response.Body); !strings.Contains(string(content), "Add from the Marketplace") || !strings.Contains(string(content), `lang="en"`) {
		t.Errorf("in English: %s", content)
	}
}
