package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yakusoku/shared/brand"
)

// In a real browser, narrow and wide, in daylight and in the dark: the mails fit,
// can be read by everybody, and load nothing.
func TestMailsCanBeReadOnEveryScreen(t *testing.T) {
	type sheet struct{ Name, Language, HTML string }
	var given struct {
		Letters []sheet
		Paper   map[string]string
		Screens string // a folder for pictures, or empty
	}
	paths, err := filepath.Glob("testdata/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no mails to look at: %v", err)
	}
	for _, path := range paths {
		html, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l := sheet{Name: strings.TrimSuffix(filepath.Base(path), ".html"), Language: "en", HTML: string(html)}
		if strings.Contains(l.Name, "_ja") {
			l.Language = "ja"
		}
		given.Letters = append(given.Letters, l)
	}
	given.Paper = map[string]string{"light": brand.Paper, "dark": brand.PaperDark}
	given.Screens = os.Getenv("SCREENS")
	input, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "testdata/look.mjs")
	cmd.Stdin = bytes.NewReader(input)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v (`make build browser` installs Chromium and what drives it)\n%s", err, &complaints)
	}
	var faults []string
	if err := json.Unmarshal(out, &faults); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}
