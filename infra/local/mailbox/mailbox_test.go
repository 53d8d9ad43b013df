package mailbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/mailbox"
)

// engine accepts every mail but those that say "refuse", and forgets on demand.
type engine struct{ mails []string }

func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.URL.Path == "/clear-store":
		e.mails = nil
	case r.Header.Get("Authorization") == "":
		w.WriteHeader(http.StatusForbidden)
	case strings.Contains(string(body), "refuse"):
		w.WriteHeader(http.StatusBadRequest)
	default:
		e.mails = append(e.mails, string(body))
	}
}

func open(t *testing.T, folder string, e *engine) *mailbox.Mailbox {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mailbox.New(folder, target)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func send(m *mailbox.Mailbox, path, body string) int {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 …")
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Code
}

const outbound = "/v2/email/outbound-emails"

func TestANewEngineIsToldWhatTheLastOneAccepted(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder, &engine{})
	for _, mail := range []string{"one", "refuse this", "two"} {
		send(first, outbound, mail)
	}
	fresh := &engine{}
	if err := open(t, folder, fresh).Replay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, fresh.mails); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestTheSenderHearsWhatTheEngineSays(t *testing.T) {
	m := open(t, t.TempDir(), &engine{})
	if got := send(m, outbound, "hello"); got != http.StatusOK {
		t.Errorf("status %d, want 200", got)
	}
	if got := send(m, outbound, "refuse"); got != http.StatusBadRequest {
		t.Errorf("status %d, want 400", got)
	}
}

func TestAnEmptiedMailboxStaysEmpty(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder, &engine{})
	send(first, outbound, "one")
	send(first, "/clear-store", "")
	fresh := &engine{}
	if err := open(t, folder, fresh).Replay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(fresh.mails) != 0 {
		t.Errorf("mails %q, want none", fresh.mails)
	}
}
