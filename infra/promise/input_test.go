package promise_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yakusoku/infra/function"
)

// secretName is a name that no log may hold.
const secretName = "鶴亀 松太郎"

func TestBadInputIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	slot := s.open(t)
	at, err := time.Parse(time.RFC3339, slot.Start)
	if err != nil {
		t.Fatal(err)
	}
	// with is a good submission with one thing changed.
	with := func(change func(body, guest map[string]any)) string {
		guest := map[string]any{"name": secretName, "email": "matsu@example.com", "timezone": "Asia/Tokyo", "locale": "ja"}
		body := map[string]any{"start": slot.Start, "guest": guest}
		change(body, guest)
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	field := func(name string, value any) string {
		return with(func(_, guest map[string]any) { guest[name] = value })
	}
	starting := func(value string) string {
		return with(func(body, _ map[string]any) { body["start"] = value })
	}
	tests := []struct {
		name, body string
		status     int
		code       string
		field      string // one of the fields named; empty: none
	}{
		{"malformed JSON", `{"start":`, 400, "malformed_json", ""},
		{"no body", ``, 400, "malformed_json", ""},
		{"an oversized body", with(func(body, _ map[string]any) {
			body["answers"] = map[string]any{"topic": strings.Repeat("長", 50_000)}
		}), 413, "body_too_large", ""},
		{"a start of the wrong type", with(func(body, _ map[string]any) { body["start"] = 5 }), 422, "validation_failed", "start"},
		{"a start that is no time", starting("tomorrow"), 422, "validation_failed", "start"},
		{"an unknown field", with(func(body, _ map[string]any) { body["price"] = 0 }), 422, "validation_failed", "price"},
		{"an unknown field of the guest", field("admin", true), 422, "validation_failed", "guest.admin"},
		{"no guest", `{"start":"` + slot.Start + `"}`, 422, "validation_failed", "guest"},
		{"no mail address", with(func(_, guest map[string]any) { delete(guest, "email") }), 422, "validation_failed", "guest.email"},
		{"a mail address with a header in it", field("email", "a@example.com\r\nBcc: b@example.com"), 422, "validation_failed", "guest.email"},
		{"a mail address with a name in it", field("email", "A <a@example.com>"), 422, "validation_failed", "guest.email"},
		{"a name with a header in it", field("name", secretName+"\r\nBcc: b@example.com"), 422, "validation_failed", "guest.name"},
		{"an empty name", field("name", ""), 422, "validation_failed", "guest.name"},
		{"a blank name", field("name", "  "), 422, "validation_failed", "guest.name"},
		{"a long name", field("name", strings.Repeat("長", 101)), 422, "validation_failed", "guest.name"},
		{"an unknown zone", field("timezone", "Mars/Olympus"), 422, "validation_failed", "guest.timezone"},
		{"the machine's zone", field("timezone", "Local"), 422, "validation_failed", "guest.timezone"},
		{"no zone", field("timezone", ""), 422, "validation_failed", "guest.timezone"},
		{"a mail address at a number", field("email", "a@[127.0.0.1]"), 422, "validation_failed", "guest.email"},
		{"a member in other letters", field("LOCALE", "fr"), 422, "validation_failed", "guest.LOCALE"},
		{"an unknown language", field("locale", "fr"), 422, "validation_failed", "guest.locale"},
		{"an answer to no question", with(func(body, _ map[string]any) {
			body["answers"] = map[string]any{"colour": "red"}
		}), 422, "validation_failed", "answers.colour"},
		{"an answer of the wrong type", with(func(body, _ map[string]any) {
			body["answers"] = map[string]any{"topic": true}
		}), 422, "validation_failed", "answers.topic"},
		{"an answer that is no answer", with(func(body, _ map[string]any) {
			body["answers"] = map[string]any{"topic": map[string]any{}}
		}), 422, "validation_failed", "answers.topic"},
		{"the past", starting(at.AddDate(-1, 0, 0).Format(time.RFC3339)), 422, "slot_not_open", "start"},
		{"off the grid", starting(at.Add(time.Minute).Format(time.RFC3339)), 422, "slot_not_open", "start"},
		{"half a second off", starting(at.Add(time.Second / 2).Format(time.RFC3339Nano)), 422, "slot_not_open", "start"},
		{"beyond the horizon", starting(at.AddDate(1, 0, 0).Format(time.RFC3339)), 422, "slot_not_open", "start"},
		{"at night", starting(at.Add(12 * time.Hour).Format(time.RFC3339)), 422, "slot_not_open", "start"},
		{"too soon", starting(time.Now().Add(time.Minute).UTC().Format(time.RFC3339)), 422, "slot_not_open", "start"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := refused(t, s, rand.Text(), test.body, test.status, test.code)
			named := test.field == ""
			for _, e := range p.Errors {
				named = named || e.Field == test.field
			}
			if !named {
				t.Errorf("fields %+v, want %s", p.Errors, test.field)
			}
		})
	}
	t.Run("keys", func(t *testing.T) {
		for _, key := range []string{"", "short", strings.Repeat("k", 200), "with space in the key"} {
			refused(t, s, key, submission(slot.Start, "a@example.com"), 422, "validation_failed")
		}
	})
	t.Run("another media type", func(t *testing.T) {
		a := call(t, "POST", s.Front+"/api/pages/demo/intro/bookings", "start=now", map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": rand.Text()})
		if a.Status != http.StatusUnsupportedMediaType {
			t.Errorf("status %d, body %s", a.Status, a.Body)
		}
	})
	t.Run("an unknown page", func(t *testing.T) {
		a := call(t, "POST", s.Front+"/api/pages/demo/none/bookings", submission(slot.Start, "a@example.com"),
			map[string]string{"Idempotency-Key": rand.Text()})
		var p problem
		if a.into(t, &p); a.Status != http.StatusNotFound || p.Code != "page_not_found" {
			t.Errorf("status %d, code %s", a.Status, p.Code)
		}
	})
	t.Run("spans of slots", func(t *testing.T) {
		for _, query := range []string{"", "from=2026-12-01", "from=2026-12-02&to=2026-12-01&timezone=UTC",
			"from=2026-12-01&to=2027-03-01&timezone=UTC", "from=x&to=y&timezone=UTC", "from=2026-12-01&to=2026-12-02&timezone=Mars",
			"from=2026-12-01&to=2026-12-02&zone=UTC"} {
			if a := call(t, "GET", s.Front+"/api/pages/demo/intro/slots?"+query, "", nil); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: status %d", query, a.Status)
			}
		}
	})
	t.Run("words in the caller's language", func(t *testing.T) {
		for header, want := range map[string]string{"ja-JP,ja;q=0.9": "ホスト", "en": "Check", "fr": "Check"} {
			a := call(t, "GET", s.Front+"/api/pages/demo/none", "", map[string]string{"Accept-Language": header})
			if !strings.Contains(string(a.Body), want) {
				t.Errorf("%s: %s", header, a.Body)
			}
		}
	})

	if !s.offers(t, slot.Start) {
		t.Error("the slot is gone")
	}
	var state struct {
		Meetings []meeting `json:"meetings"`
	}
	if call(t, "GET", s.Zoom+"/_state", "", nil).into(t, &state); len(state.Meetings) > 0 {
		t.Errorf("meetings: %+v", state.Meetings)
	}
	for file, text := range s.logs(t) {
		for _, personal := range []string{secretName, "matsu@example.com", "b@example.com"} {
			if strings.Contains(text, personal) {
				t.Errorf("%s holds %q", file, personal)
			}
		}
	}
}

// logs are the functions' logs by file.
func (s *system) logs(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, f := range function.All() {
		content, err := os.ReadFile(filepath.Join(s.dir, "log", f.Name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		texts[f.Name] = string(content)
	}
	if texts[function.Booking] == "" {
		t.Fatal("the log of booking is empty: the test shows nothing")
	}
	return texts
}

// Each function, started with one of its variables missing or wrong, ends at
// once and says which.
func TestAFunctionThatIsConfiguredWronglySaysWhichVariable(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, f := range function.All() {
		for _, name := range f.Requires {
			t.Run(f.Name+" without "+name, func(t *testing.T) {
				mustNameVariable(t, s, f, name, "")
			})
		}
		t.Run(f.Name+" with an unknown table", func(t *testing.T) {
			mustNameVariable(t, s, f, function.TableName, "there-is-none")
		})
	}
	for _, wrong := range []struct{ function, variable, value string }{
		{function.Meeting, function.ZoomClient, "file:///there/is/none"},
		{function.Event, function.GoogleClient, "arn-of-nothing"},
		{function.Event, function.VaultKey, "file:///there/is/none"},
		{function.Mail, function.GuestTokenSecret, "file:///there/is/none"},
	} {
		t.Run(fmt.Sprint(wrong), func(t *testing.T) {
			for _, f := range function.All() {
				if f.Name == wrong.function {
					mustNameVariable(t, s, f, wrong.variable, wrong.value)
				}
			}
		})
	}
}

func mustNameVariable(t *testing.T, s *system, f function.Function, variable, value string) {
	t.Helper()
	good := map[string]string{
		function.TableName:        "yakusoku-local",
		function.PublicOrigin:     "https://book.example.com",
		function.GuestTokenSecret: "file://" + filepath.Join(s.dir, "secrets", "guest-token"),
		function.BookStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:book",

		function.CancelStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:cancel",
		function.MoveStateMachine:   "arn:aws:states:us-east-1:000000000000:stateMachine:move",
		function.ZoomClient:         "file://" + filepath.Join(s.dir, "secrets", "zoom-client.json"),
		function.GoogleClient:       "file://" + filepath.Join(s.dir, "secrets", "google-client.json"),
		function.VaultKey:           "file://" + filepath.Join(s.dir, "secrets", "vault.key"),
		function.MailSender:         "Yakusoku <no-reply@example.com>",
		function.SignInIssuer:       "https://sign-in.example.com",
		function.SignInClientID:     "console",
		function.SignInOrigins:      "https://sign-in.example.com",
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(root(), ".build", f.Name, "bootstrap"))
	cmd.Env = []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=" + s.DynamoDB, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1",
	}
	for _, name := range f.Requires {
		v := good[name]
		if name == variable {
			v = value
		}
		if v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	output, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if err == nil || len(lines) != 1 || !strings.Contains(lines[0], "init failed: "+variable+": ") {
		t.Errorf("exit %v, output:\n%s\nwant one line that names %s", err, output, variable)
	}
}
