package promise_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A guest on a phone, in each language, in a real browser.
func TestAGuestBooksInABrowser(t *testing.T) {
	s := start(t)
	for language, word := range map[string]string{"ja": "ご予約", "en": "booking"} {
		t.Run(language, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			r := receipt{guest: someone()}
			// SCREENS names a folder for what the guest saw.
			cmd := exec.CommandContext(ctx, "node", "testdata/guest.mjs", s.Front, language, r.guest, os.Getenv("SCREENS"))
			var complaints strings.Builder
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v (the browser is Debian's chromium, which `make test` installs)\n%s", err, &complaints)
			}
			var saw struct{ URL, Result, Again string }
			if err := json.Unmarshal(out, &saw); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			path, token, _ := strings.Cut(saw.URL, "#")
			r.ID, r.Token = path[strings.LastIndex(path, "/")+1:], token

			v := s.settled(t, r)
			for what, text := range map[string]string{"the result": saw.Result, "the result after a reload": saw.Again} {
				if !strings.Contains(text, v.JoinURL) || !strings.Contains(text, v.Passcode) {
					t.Errorf("%s lacks %s or its passcode:\n%s", what, v.JoinURL, text)
				}
			}
			s.becomes(t, r, everywhere)
			if toGuest, _ := s.letters(t, r); !strings.Contains(toGuest[0].Body.Text, word) {
				t.Errorf("the mail is not in %s:\n%s", language, toGuest[0].Body.Text)
			}
		})
	}
}
