package promise_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/seed"
)

// tokenForms are what tokens, codes and keys look like that nobody here is told: JWTs,
// webhooks' secrets, and the simulators' tokens and codes.
var tokenForms = regexp.MustCompile(`eyJ[\w-]{10,}|whsec_[\w+/=]{10,}|ysk_\w{10,}|\b(?:access|refresh|code)\.[A-Z2-7]{20,}|[Bb]earer [\w.-]{10,}`)

// secrets are the run's own, as the files have them: by which clients are known, tokens
// are made and sealed, and events are signed.
func (s *system) secrets(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "secrets", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		var kept map[string]any
		if json.Unmarshal(content, &kept) != nil {
			all[name] = strings.TrimSpace(string(content))
			continue
		}
		for _, field := range []string{"secret", "token"} {
			if text, _ := kept[field].(string); text != "" {
				all[name+" "+field] = text
			}
		}
		keys, _ := kept["key"].([]any)
		for _, key := range keys {
			data, _ := key.(map[string]any)["keyData"].(map[string]any)
			all[name] = fmt.Sprint(data["value"])
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d secrets in %v", len(all), files)
	}
	return all
}

// What a run is told in confidence, by anybody and however it goes, is in none of its
// logs: not a guest's name, address or words, not a token of theirs or of a host's, not a
// secret of the deployment's. What is looked for is all that the run was told.
func TestNoLogHoldsWhatWasToldInConfidence(t *testing.T) {
	t.Parallel()
	const often = "500ms"
	s := &team{system: start(t, append(slices.Clone(hurried), "HOOK_EVERY="+often, "MIRROR_EVERY="+often, "AUDIT_EVERY="+often, "HEALTH_EVERY="+often)...)}
	told := s.secrets(t)
	// word is what nobody else says, and no plain name, which a provider's field may be.
	word := func(what string) string {
		told[what] = "canary9" + strings.ToLower(rand.Text()[:16])
		return told[what]
	}
	confide := func(what, text string) { told[what] = text }
	// The demo host has their own settings and address, which logs may not hold either.
	confide("the host's address", seed.Email)

	r := receive(t)
	h := s.hook(t, r.URL+"/in?key="+word("a hook's key"))
	confide("a hook's secret", h.Secret)
	o := s.comeIn(t)
	confide("a host's token", o.token)
	o.call(t, "POST", "/api/host/hooks/"+h.ID+"/secret", "", http.StatusOK).into(t, &h)
	confide("a hook's new secret", h.Secret)
	program := o.key(t, word("an API key's name"), "bookings:read")
	confide("an API key", program.Key)
	o.with(t, program, "GET", "/api/v1/bookings", http.StatusOK)
	o.with(t, program, "GET", "/api/v1/pages", http.StatusForbidden)

	book := func(t *testing.T, how string) receipt {
		t.Helper()
		guest := word(how+": the guest's address") + "@example.com"
		body := fmt.Sprintf(`{"start":%q,"guest":{"name":%q,"email":%q,"company":%q,"timezone":"Asia/Tokyo","locale":"ja"},"answers":{"topic":%q}}`,
			s.open(t).Start, word(how+": the guest's name"), guest, word(how+": the guest's company"), word(how+": an answer"))
		key := rand.Text()
		a, err := s.submit(t.Context(), key, body)
		if err != nil || a.Status != http.StatusAccepted {
			t.Fatalf("submit: status %d, body %s, error %v", a.Status, a.Body, err)
		}
		b := receipt{guest: guest}
		a.into(t, &b)
		confide(how+": the guest's token", b.Token)
		return b
	}
	made := book(t, "made")
	if v := s.settled(t, made); v.Status != confirmed {
		t.Fatalf("it is %s", v.Status)
	}
	s.becomes(t, made, everywhere)
	v := s.view(t, made)
	confide("the way to join", v.JoinURL)
	for _, m := range s.meetings(t, made) {
		confide("the host's way to start", m.StartURL)
	}
	if a := s.moveTo(t, made, s.another(t, s.open(t)).Start); a.Status != http.StatusAccepted {
		t.Fatalf("move: status %d, body %s", a.Status, a.Body)
	}
	s.becomes(t, made, world{Meetings: 1, Events: 1, GuestMails: []string{confirmed, moved}, HostMails: []string{confirmed, moved}})
	r.hears(t, 2)
	a := call(t, "POST", s.Front+"/api/bookings/"+made.ID+"/cancel", fmt.Sprintf(`{"reason":"other","message":%q}`, word("a message")),
		map[string]string{"Authorization": "Bearer " + made.Token})
	if a.Status != http.StatusAccepted {
		t.Fatalf("cancel: status %d, body %s", a.Status, a.Body)
	}

	// Providers that refuse, repeat what they were sent, and stay silent.
	for _, rule := range []fault.Rule{
		{Match: createMeeting, Kind: fault.Error, Status: 400, Body: `{"code":300,"message":"` + word("Zoom's refusal") + `","errors":[{"field":"` + word("Zoom's field") + `"}]}`, Times: 1},
		{Match: createMeeting, Kind: fault.Error, Status: 502, Body: `<html>` + word("a proxy's page"), Times: 2},
		{Match: "google POST /calendar/v3/calendars/*/events", Kind: fault.Error, Status: 403, Body: `{"error":{"errors":[{"reason":"` + word("Google's reason") + `"}]}}`, Times: 1},
		{Match: "zoom POST /oauth/token", Kind: fault.Error, Status: 400, Body: `{"error":"server_error","reason":"` + word("a token endpoint's words") + `"}`, Times: 1},
	} {
		s.fail(t, rule)
		s.settled(t, book(t, "while "+rule.Match+" says "+fmt.Sprint(rule.Status)))
		s.mend(t)
	}
	r.begin(func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://127.0.0.1/"+told["a hook's key"])
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = fmt.Fprint(w, told["a message"])
	})
	s.asHost(t, "POST", "/api/host/hooks/"+h.ID+"/test", "")
	s.delivered(t, h, "failed")

	// Whoever guesses, breaks in or breaks off.
	front := func(method, path, body string, header map[string]string) {
		t.Helper()
		if a := call(t, method, s.Front+path, body, header); a.Status >= 500 || a.Status < 300 {
			t.Errorf("%s %s: status %d, body %s", method, path, a.Status, a.Body)
		}
	}
	guessed := map[string]string{"Authorization": "Bearer " + word("a guessed token"), "Cookie": "__Secure-booking=" + word("a cookie")}
	front("GET", "/api/bookings/"+made.ID, "", guessed)
	front("GET", "/api/host/bookings?search="+word("a search"), "", guessed)
	front("GET", "/api/v1/bookings", "", map[string]string{"Authorization": "Bearer ysk_" + word("a guessed key")})
	front("GET", "/api/v1/bookings?key="+program.Key, "", nil)
	front("GET", "/api/bookings/"+word("an address")+"?"+word("a query")+"=1", "", nil)
	front("POST", "/api/pages/demo/intro/bookings", `{"guest":{"`+word("a member")+`":"`+word("its value")+`"}`, map[string]string{"Idempotency-Key": rand.Text()})
	front("POST", "/api/pages/demo/intro/bookings", `{"guest":{"email":"`+word("an address that is none")+`","`+word("an unknown member")+`":1},"start":"`+word("no time")+`"}`, map[string]string{"Idempotency-Key": word("a key")})
	front("POST", "/api/webhooks/zoom", `{"event":"`+word("an event")+`"}`, map[string]string{"X-Zm-Signature": "v0=" + word("a signature"), "X-Zm-Request-Timestamp": "1"})
	front("POST", "/api/webhooks/microsoft", `{"value":[{"clientState":"`+word("a channel's token")+`"}]}`, nil)
	front("POST", "/api/webhooks/google", "", map[string]string{"X-Goog-Channel-Token": word("a channel's token, in a header")})
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	back, err := browser.Get(s.Front + "/api/oauth/zoom/callback?" + url.Values{"code": {word("a code")}, "state": {word("a state")}, "error": {word("an error") + "\r\nlevel=ERROR"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	_ = back.Body.Close()
	form, err := browser.PostForm(s.Front+"/b/demo/intro/"+made.ID+"/cancel", url.Values{"message": {word("a form's message")}, "lang": {"ja"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = form.Body.Close()
	o.disconnects(t, "zoom")
	o.connects(t, "zoom", seed.Email)
	s.becomes(t, made, world{GuestMails: []string{confirmed, moved, cancelled}, HostMails: []string{confirmed, moved, cancelled}})

	files, err := filepath.Glob(filepath.Join(s.dir, "log", "*.log"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%d logs: %v", len(files), err)
	}
	lines := 0
	for _, file := range files {
		name := filepath.Base(file)
		if slices.Contains(engines, name) {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		lines += strings.Count(text, "\n")
		for what, secret := range told {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s: %s", name, what, around(text, secret))
			}
		}
		if token := tokenForms.FindString(text); token != "" {
			t.Errorf("%s holds what looks like a token: %s", name, around(text, token))
		}
	}
	if lines < 100 {
		t.Errorf("%d lines of log show nothing", lines)
	}
	t.Logf("%d things told, none in %d lines of %d logs", len(told), lines, len(files))
}

// engines are the logs of what stands in for AWS and the providers.
var engines = []string{"dynamodb.log", "mailbox.log", "sign-in.log", "stepfunctions.log", "zoom.log", "google.log", "microsoft.log"}

// around is the line of text that holds what was found.
func around(text, found string) string {
	at := strings.Index(text, found)
	line, _, _ := strings.Cut(text[strings.LastIndex(text[:at], "\n")+1:], "\n")
	return line
}
