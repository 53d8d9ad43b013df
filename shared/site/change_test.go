package site_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/page"
)

// own is a confirmed booking for Tuesday, 10:00, in a browser without scripts.
type own struct {
	*plain
	path   string
	cookie *http.Cookie
}

func confirmed(t *testing.T, change func(*page.Page)) own {
	t.Helper()
	p := browse(t, change)
	done := p.post(t, typed(p.form(t), guest))
	if done.Code != http.StatusSeeOther {
		t.Fatalf("not booked: status %d:\n%s", done.Code, done.Body)
	}
	path, _, _ := strings.Cut(done.Header().Get("Location"), "?")
	o := own{plain: p, path: path, cookie: done.Result().Cookies()[0]}
	o.becomes(t, func(b *booking.Booking) {
		b.Confirm(now)
		b.ZoomMeeting = booking.ZoomMeeting{ID: 1, JoinURL: "https://zoom.example/j/1", Passcode: "123"}
		b.Mark(booking.Mail, booking.Done, now)
		b.Deadline = time.Time{}
	})
	return o
}

func (o own) booking(t *testing.T) booking.Booking {
	t.Helper()
	b, err := o.store.Booking(t.Context(), o.path[strings.LastIndex(o.path, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// becomes changes the record as the sagas do.
func (o own) becomes(t *testing.T, change func(*booking.Booking)) {
	t.Helper()
	b := o.booking(t)
	change(&b)
	if err := o.store.Save(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
}

func (o own) see(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	return o.get(t, o.path+path, o.cookie)
}

func (o own) submit(t *testing.T, what string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return o.send(t, o.path+what, form, http.Header{"Sec-Fetch-Site": {"same-origin"}}, o.cookie)
}

// goesOn goes on by the link of that label.
func (o own) goesOn(t *testing.T, from *httptest.ResponseRecorder, label string) *httptest.ResponseRecorder {
	t.Helper()
	found := regexp.MustCompile(`<a [^>]*href="([^"]*)">` + label + `</a>`).FindStringSubmatch(from.Body.String())
	if found == nil {
		t.Fatalf("no link %s in:\n%s", label, from.Body)
	}
	to := html.UnescapeString(found[1])
	if strings.HasPrefix(to, "?") {
		to = o.path + "/reschedule" + to
	}
	return o.get(t, to, o.cookie)
}

func leads(t *testing.T, got *httptest.ResponseRecorder, to string) {
	t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		t.Fatalf("status %d to %q, want %q:\n%s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
}

func TestABrowserWithoutScriptsCancels(t *testing.T) {
	o := confirmed(t, nil)
	form := o.goesOn(t, o.see(t, "?lang=ja"), "予約をキャンセル")
	says(t, form, http.StatusOK, "この予約をキャンセルしますか？", "12月8日(火) 10:00 – 10:30", "ZoomのURLは使えなくなります。", `maxlength="1000"`)

	sent := typed(form, map[string]string{"reason": "conflict", "message": "すみません。\r\nまた<b>今度</b>"})
	leads(t, o.submit(t, "/cancel", sent), o.path+"?lang=ja")
	want := &booking.Cancellation{By: booking.ByGuest, Reason: booking.Conflict, Message: "すみません。\nまた<b>今度</b>", At: now}
	if diff := cmp.Diff(want, o.booking(t).Cancellation); diff != "" {
		t.Errorf("cancellation (-want +got):\n%s", diff)
	}
	got := o.see(t, "?lang=ja")
	says(t, got, http.StatusOK, "この予約はキャンセルされました", "お客様のお手続きにより", "都合が悪くなったため", "また<b>今度</b>", "別の日時を選ぶ")
	if body := got.Body.String(); strings.Contains(body, "<b>今度") || strings.Contains(body, "zoom.example") {
		t.Errorf("markup, or a URL that leads nowhere:\n%s", body)
	}
	// Once more, as a browser does that is told to reload: nothing else comes of it.
	leads(t, o.submit(t, "/cancel", sent), o.path+"?lang=ja")
	says(t, o.see(t, "/cancel?lang=en"), http.StatusOK, "This booking is cancelled", "You cancelled it")
}

func TestABrowserWithoutScriptsMovesItsBooking(t *testing.T) {
	o := confirmed(t, nil)
	days := o.goesOn(t, o.see(t, "?lang=ja"), "日時を変更")
	says(t, days, http.StatusOK, "現在の予約日時", "12月8日(火) 10:00 – 10:30", "12月3日(木)")
	times := o.goesOn(t, days, `12月8日\(火\)`)
	if strings.Contains(times.Body.String(), ">10:00</a>") {
		t.Errorf("its own time is offered:\n%s", times.Body)
	}
	form := o.goesOn(t, times, "10:30")
	says(t, form, http.StatusOK, "この日時に変更しますか？", "12月8日(火) 10:30 – 11:00")
	leads(t, o.submit(t, "/reschedule", typed(form, nil)), o.path+"?lang=ja")
	if m := o.booking(t).Move; m == nil || !m.To.Start.Equal(time.Date(2026, 12, 8, 1, 30, 0, 0, time.UTC)) {
		t.Fatalf("move %+v", m)
	}
	says(t, o.see(t, "?lang=ja"), http.StatusOK, "日時を変更しています", "変更後: 12月8日(火) 10:30", `http-equiv="refresh"`)
	leads(t, o.submit(t, "/reschedule", typed(form, nil)), o.path+"?lang=ja") // once more

	o.becomes(t, func(b *booking.Booking) { b.Arrive(now) })
	says(t, o.see(t, "?lang=ja"), http.StatusOK, "日時を変更しました", "変更前: <s>12月8日(火) 10:00", "12月8日(火) 10:30 – 11:00", "https://zoom.example/j/1")
}

func TestABrowserWithoutScriptsIsToldOfAMoveThatFailed(t *testing.T) {
	o := confirmed(t, nil)
	leads(t, o.submit(t, "/reschedule", url.Values{"start": {"2026-12-08T10:30:00+09:00"}, "lang": {"ja"}}), o.path+"?lang=ja")
	o.becomes(t, func(b *booking.Booking) {
		b.GiveUpMove(booking.ReasonZoomUnavailable)
		b.Stay(now)
		b.Deadline = time.Time{}
	})
	says(t, o.see(t, "?lang=ja"), http.StatusOK, "日時を変更できませんでした", "Zoomのミーティングを変更できませんでした", "ご予約は元の日時のままです", "12月8日(火) 10:00")
}

func TestATimeThatIsGoneIsChosenAgainInTheFormThatMoves(t *testing.T) {
	o := confirmed(t, nil)
	form := o.see(t, "/reschedule?lang=ja&start=2026-12-08T10:30:00%2B09:00")
	other := o.get(t, "/b/demo/intro?lang=ja&start=2026-12-08T10:30:00%2B09:00")
	if got := o.post(t, typed(other, guest)); got.Code != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", got.Code, got.Body)
	}
	got := o.submit(t, "/reschedule", typed(form, nil))
	says(t, got, http.StatusConflict, "ほかの予約が先に入りました", "現在の予約日時", `<option value="2026-12-08T09:30:00+09:00">12月8日(火) 09:30`)
	says(t, o.see(t, "/reschedule?lang=ja&start=2026-12-08T10:30:00%2B09:00"), http.StatusOK, "予約できなくなりました")
	leads(t, o.submit(t, "/reschedule", url.Values{"start": {"2026-12-08T09:30:00+09:00"}, "lang": {"ja"}}), o.path+"?lang=ja")
}

func TestTheCutOffIsToldAndHolds(t *testing.T) {
	early := confirmed(t, func(set *page.Page) { set.ChangeNoticeMinutes = 6 * 24 * 60 })
	says(t, early.get(t, "/b/demo/intro"), http.StatusOK, "開始の6日前まで")
	says(t, early.see(t, "?lang=ja"), http.StatusOK, "日時の変更とキャンセルは、12月2日(水) 10:00まで可能です。")

	late := confirmed(t, func(set *page.Page) { set.ChangeNoticeMinutes = 10 * 24 * 60 })
	for _, path := range []string{"?lang=ja", "/cancel?lang=ja", "/reschedule?lang=ja"} {
		got := late.see(t, path)
		says(t, got, http.StatusOK, "11月28日(土) 10:00で締め切りました", "ホストへ直接ご連絡ください")
		if strings.Contains(got.Body.String(), "<form") {
			t.Errorf("%s has a form:\n%s", path, got.Body)
		}
	}
	for what, form := range map[string]url.Values{"/cancel": {"lang": {"ja"}}, "/reschedule": {"lang": {"ja"}, "start": {"2026-12-08T10:30:00+09:00"}}} {
		says(t, late.submit(t, what, form), http.StatusConflict, "受付期限を過ぎました", "予約が完了しました")
	}
	if b := late.booking(t); b.Status != booking.Confirmed || b.Move != nil {
		t.Errorf("changed all the same: %+v", b)
	}
}

func TestAChangeIsTheGuestsOwn(t *testing.T) {
	o := confirmed(t, nil)
	form := url.Values{"lang": {"en"}}
	stranger := *o.cookie
	stranger.Value = strings.Repeat("x", len(stranger.Value))
	for name, test := range map[string]struct {
		header  http.Header
		cookies []*http.Cookie
		status  int
		says    string
	}{
		"not sent by another site":         {http.Header{"Sec-Fetch-Site": {"cross-site"}}, []*http.Cookie{o.cookie}, http.StatusForbidden, "nothing was changed"},
		"nor by an older browser":          {http.Header{"Origin": {"https://evil.example"}}, []*http.Cookie{o.cookie}, http.StatusForbidden, "nothing was changed"},
		"not without its cookie":           {nil, nil, http.StatusUnauthorized, "The link in your confirmation email"},
		"not with the token of no booking": {nil, []*http.Cookie{&stranger}, http.StatusNotFound, "from the link in your mail"},
	} {
		t.Run(name, func(t *testing.T) {
			says(t, o.send(t, o.path+"/cancel", form, test.header, test.cookies...), test.status, test.says)
			if status := o.booking(t).Status; status != booking.Confirmed {
				t.Errorf("the booking is %s", status)
			}
		})
	}
}

// What stands in front calls us by another name than guests do; an older browser says
// only which site a form is from.
func TestAFormOfOurOwnIsTakenUnderAnyName(t *testing.T) {
	o := confirmed(t, nil)
	form := url.Values{"lang": {"en"}}
	leads(t, o.send(t, o.path+"/cancel", form, http.Header{"Origin": {signIn.Origin}}, o.cookie), o.path+"?lang=en")
}

func TestAnEntryThatIsWrongIsToldAndKept(t *testing.T) {
	o := confirmed(t, nil)
	got := o.submit(t, "/cancel", url.Values{"lang": {"en"}, "reason": {"other"}, "message": {strings.Repeat("a", 1001)}})
	says(t, got, http.StatusUnprocessableEntity, "This is too long.", `<option value="other" selected>`, strings.Repeat("a", 1001))
	if status := o.booking(t).Status; status != booking.Confirmed {
		t.Errorf("the booking is %s", status)
	}
}

func TestAMeetingThatIsGoneIsToldAndNotLinked(t *testing.T) {
	o := confirmed(t, nil)
	o.becomes(t, func(b *booking.Booking) {
		b.Differences = map[booking.Step]booking.Difference{booking.Meeting: {Gone: true, FoundAt: now}}
	})
	got := o.see(t, "?lang=ja")
	says(t, got, http.StatusOK, "予約が完了しました", "これまでのURLは使えません", "発行されるとメールでお知らせします")
	if strings.Contains(got.Body.String(), "zoom.example") {
		t.Errorf("a URL that leads nowhere:\n%s", got.Body)
	}
}
