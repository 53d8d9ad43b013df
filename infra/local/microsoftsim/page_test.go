package microsoftsim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/infra/local/microsoftsim"
)

type shown struct {
	status int
	html   string
	back   url.Values // where it leads, if it leads on
}

func read(t *testing.T, response *http.Response) shown {
	t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := shown{status: response.StatusCode, html: string(content)}
	if to, err := response.Location(); err == nil {
		page.back = to.Query()
	}
	return page
}

func get(t *testing.T, address string) shown {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Language", "ja")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestThePageShowsWhatTheCalendarsHold(t *testing.T) {
	m := start(t, nil)
	token := m.grant(t).AccessToken
	m.call(t, token, "POST", "me/events",
		`{"subject":"初回相談 <b>","body":{"contentType":"text","content":"Zoom: https://zoom.us/j/123?pwd=a&x=1\n会社: A社"},`+at10+`}`)
	if _, err := m.AddEvent(host, "", []byte(`{"subject":"休み","isAllDay":true,"showAs":"free","start":{"dateTime":"2026-12-03T00:00:00","timeZone":"Asia/Tokyo"},"end":{"dateTime":"2026-12-05T00:00:00","timeZone":"Asia/Tokyo"}}`)); err != nil {
		t.Fatal(err)
	}
	page := get(t, m.server.URL+"/").html
	for _, want := range []string{
		host,
		"連携中",
		"職場または学校のアカウント",
		"初回相談 &lt;b&gt;",
		`<a href="https://zoom.us/j/123?pwd=a&amp;x=1" rel="noreferrer">https://zoom.us/j/123?pwd=a&amp;x=1</a>`,
		"2026年12月2日（水） 10:00–10:30 JST",
		"2026年12月3日（木） – 2026年12月4日（金） 終日",
		"空き時間",
		"Yakusokuが登録",
		"本人が登録",
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
	m := start(t, nil)
	m.grant(t)
	mounted := serve(t, http.StripPrefix("/microsoft", m.Handler()))
	form := url.Values{
		"calendar": {host + " " + m.calendars(t)[1].ID}, "subject": {"歯医者"}, "showAs": {"oof"},
		"date": {"2026-12-02"}, "from": {"15:00"}, "to": {"16:00"},
	}
	response, err := http.PostForm(mounted+"/microsoft/", form)
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, response)
	if got := response.Request.URL.Path; page.status != 200 || got != "/microsoft/" {
		t.Errorf("ended at %s with %d", got, page.status)
	}
	want := []microsoftsim.EventState{{
		User: host, Calendar: m.calendars(t)[1].ID, ByHost: true, Subject: "歯医者", ShowAs: "oof",
		Start: "2026-12-02T15:00:00+09:00", End: "2026-12-02T16:00:00+09:00",
	}}
	if diff := cmp.Diff(want, m.State().Events, cmpopts.IgnoreFields(microsoftsim.EventState{}, "ID", "ICalUID")); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}

	form.Set("to", "14:00")
	if response, err = http.PostForm(mounted+"/microsoft/", form); err != nil {
		t.Fatal(err)
	}
	if page := read(t, response); page.status != 400 || !strings.Contains(page.html, "ErrorPropertyValidationFailure") {
		t.Errorf("a form that makes no sense: %d", page.status)
	}
}

func TestTheSignInOffersTheAccountsThatThereAre(t *testing.T) {
	m := start(t, nil)
	m.grant(t)
	page := get(t, m.client().AuthCodeURL("s")).html
	for _, want := range []string{"アカウントを選択する", `<button name="user" value="` + host + `">`, "別のアカウントを使用する"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
