package googlesim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/googlesim"
)

type shown struct {
	status int
	html   string
}

func get(t *testing.T, address string) shown {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", "ja")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return shown{response.StatusCode, string(content)}
}

func TestThePageShowsWhatTheCalendarsHold(t *testing.T) {
	g := start(t, nil)
	token := g.grant(t).AccessToken
	g.call(t, token, "POST", "calendars/primary/events",
		`{"id":"abcde","summary":"初回相談 <b>","description":"Zoom: https://zoom.us/j/123?pwd=a&x=1\n会社: A社",`+at10+`}`)
	page := get(t, g.server.URL+"/").html
	for _, want := range []string{
		host,
		"連携中",
		"初回相談 &lt;b&gt;",
		`<a href="https://zoom.us/j/123?pwd=a&amp;x=1" rel="noreferrer">https://zoom.us/j/123?pwd=a&amp;x=1</a>`,
		"2026年12月2日（水） 10:00–10:30 JST",
		"Yakusokuが登録",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, token) {
		t.Error("the page shows a token")
	}
}

func TestAPersonBlocksTimeOnThePageWhereverItIsMounted(t *testing.T) {
	g := start(t, nil)
	g.grant(t)
	mounted := httptest.NewServer(http.StripPrefix("/google", g.Handler()))
	t.Cleanup(mounted.Close)
	response, err := http.PostForm(mounted.URL+"/google/", url.Values{
		"calendar": {host + " primary"}, "summary": {"歯医者"},
		"date": {"2026-12-02"}, "from": {"15:00"}, "to": {"16:00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Request.URL.Path; response.StatusCode != 200 || got != "/google/" {
		t.Errorf("ended at %s with %d", got, response.StatusCode)
	}
	want := []googlesim.EventState{{
		User: host, Calendar: host, ByHost: true, Status: "confirmed", Summary: "歯医者",
		Start: "2026-12-02T15:00:00+09:00", End: "2026-12-02T16:00:00+09:00",
	}}
	got := g.State().Events
	for i := range got {
		got[i].ID, got[i].ICalUID = "", ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestAPersonDeletesAnEventOnThePage(t *testing.T) {
	g := start(t, nil)
	added, err := g.AddEvent(host, "primary", lunch())
	if err != nil {
		t.Fatal(err)
	}
	remove := func() (int, string) {
		t.Helper()
		response, err := http.PostForm(g.server.URL+"/", url.Values{"remove": {host + " " + added.Calendar + " " + added.ID}})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(content)
	}
	if status, content := remove(); status != 200 || strings.Contains(content, `name="remove"`) {
		t.Errorf("status %d, and the event can be deleted again: %s", status, content)
	}
	if g.State().Events[0].Live() {
		t.Error("the event is there")
	}
	if status, _ := remove(); status != 400 {
		t.Errorf("deleted twice: %d", status)
	}
}

func TestAFormThatMakesNoSenseIsExplained(t *testing.T) {
	g := start(t, nil)
	g.grant(t)
	response, err := http.PostForm(g.server.URL+"/", url.Values{
		"calendar": {host + " primary"}, "summary": {"x"},
		"date": {"2026-12-02"}, "from": {"16:00"}, "to": {"15:00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 400 || !strings.Contains(string(content), "timeRangeEmpty") {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestTestsBlockTimeAndReadAllByAdminCalls(t *testing.T) {
	g := start(t, nil)
	post := func(path, body string) reply {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return send(t, request)
	}
	granted := post("/_grant", `{"user":"`+host+`"}`)
	added := post("/_events", `{"user":"`+host+`","event":{"summary":"休み","start":{"date":"2026-12-02"},"end":{"date":"2026-12-03"}}}`)
	if granted.Status != 200 || added.Status != 200 {
		t.Fatalf("grant %v, add %v", granted.Status, added)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.server.URL+"/_state", nil)
	if err != nil {
		t.Fatal(err)
	}
	state := send(t, request)
	if diff := cmp.Diff([]any{added.Body}, state.Body["events"]); diff != "" {
		t.Errorf("events (-added +state):\n%s", diff)
	}
	if state.Body["inserted"] != 0.0 {
		t.Errorf("the host's own event counts as ours: %v", state.Body["inserted"])
	}
	if ended := post("/_revoke", `{"user":"`+host+`"}`); ended.Body["ended"] != true {
		t.Errorf("revoke: %v", ended)
	}
	refused := g.post(t, "/token", refreshForm(granted.Body["refresh_token"].(string)))
	if refused.Body["error"] != "invalid_grant" {
		t.Errorf("refresh after revoking: %v", refused)
	}
}
