package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yakusoku/shared/secret"
)

func TestATokenIsSeenSoonAfterItIsFilledInOrChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	token := &secret.Token{Ref: "file://" + file, Now: func() time.Time { return now }}
	steps := []struct {
		name    string
		content string // of the file; "-": there is none
		after   time.Duration
		want    string // empty: *Empty; "-": another error
	}{
		{"there is no such secret", "-", 0, "-"},
		{"not filled in", `{"token":""}`, 0, ""},
		{"filled in a moment ago", `{"token":"first"}`, time.Second, ""},
		{"filled in", `{"token":"first"}`, 10 * time.Second, "first"},
		{"changed a moment ago", `{"token":"second"}`, time.Minute, "first"},
		{"changed", `{"token":"second"}`, 5 * time.Minute, "second"},
		{"out of reach", "-", 5 * time.Minute, "second"},
		{"taken away", `{}`, 5 * time.Minute, ""},
		{"in another form", `third`, 10 * time.Second, ""},
	}
	for _, step := range steps {
		now = now.Add(step.after)
		if step.content == "-" {
			_ = os.Remove(file)
		} else if err := os.WriteFile(file, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := token.Get(t.Context())
		empty := (*secret.Empty)(nil)
		switch {
		case step.want == "" && !errors.As(err, &empty),
			step.want == "-" && (err == nil || errors.As(err, &empty)),
			step.want != "" && step.want != "-" && got != step.want:
			t.Errorf("%s: got %q, error %v", step.name, got, err)
		}
	}
	empty := (*secret.Empty)(nil)
	if _, err := (&secret.Token{}).Get(t.Context()); !errors.As(err, &empty) {
		t.Errorf("of no secret: %v", err)
	}
}
