package release_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/promise/release"
)

var last = release.Last(filepath.Join("..", "..", ".."))

func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, path))
		all[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What was kept is what would be kept of it: nothing that Keep leaves out is read.
func TestWhatIsKeptIsWholeAndSmall(t *testing.T) {
	again := filepath.Join(t.TempDir(), "kept")
	if err := release.Keep(last, again); err != nil {
		t.Fatal(err)
	}
	kept := contents(t, last)
	if diff := cmp.Diff(kept, contents(t, again)); diff != "" {
		t.Errorf("kept again (-once +again):\n%s", diff)
	}
	size := 0
	for _, content := range kept {
		size += len(content)
	}
	if most := 200 << 10; size > most {
		t.Errorf("%d bytes are kept, more than %d", size, most)
	}
}

func TestARestoredReleaseHasAProgramForEachFunction(t *testing.T) {
	dir := t.TempDir()
	binaries, assembly := filepath.Join(dir, "binaries"), filepath.Join(dir, "assembly")
	want := map[string]bool{}
	for file, content := range contents(t, last) {
		var assets struct {
			Files map[string]struct {
				DisplayName string
				Source      struct{ Path, Packaging string }
			}
		}
		if !strings.HasSuffix(file, ".assets.json") {
			continue
		}
		if err := json.Unmarshal([]byte(content), &assets); err != nil {
			t.Fatal(err)
		}
		for _, asset := range assets.Files {
			if function, ours := strings.CutSuffix(asset.DisplayName, "Function/Code"); ours {
				folder := filepath.Join(binaries, strings.ToLower(function))
				if err := os.MkdirAll(folder, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(function), 0o700); err != nil {
					t.Fatal(err)
				}
				want[filepath.Join(asset.Source.Path, "bootstrap")+" "+function] = true
			}
		}
	}
	if len(want) == 0 {
		t.Fatal("no function was kept")
	}
	if err := release.Restore(last, assembly, binaries); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for file, content := range contents(t, assembly) {
		if filepath.Base(file) == "bootstrap" {
			got[file+" "+content] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("programs (-want +got):\n%s", diff)
	}
}

func TestAnUpgradeThatLosesSomethingIsSeen(t *testing.T) {
	if lost, err := release.Lost(last, last); err != nil || len(lost) > 0 {
		t.Fatalf("nothing changes, and lost is %q, error %v", lost, err)
	}
	const table, secret = "AWS::DynamoDB::Table Table", "AWS::SecretsManager::Secret ZoomClient"
	tests := map[string]struct {
		id     string
		change func(map[string]any)
		want   string
	}{
		"another key of the table":  {"Table", set("KeySchema", []any{}), table + ": KeySchema is "},
		"a name for the table":      {"Table", set("TableName", "bookings"), table + ": TableName is "},
		"another text in a secret":  {"ZoomClient", set("SecretString", "{}"), secret + ": SecretString is "},
		"another kind of key":       {"VaultKey", set("KeySpec", "RSA_2048"), "AWS::KMS::Key VaultKey: KeySpec is "},
		"sign-in by another name":   {"Hosts", set("UsernameAttributes", []any{"phone_number"}), "AWS::Cognito::UserPool Hosts: UsernameAttributes is "},
		"another sender":            {"Sender", set("EmailIdentity", "example.org"), "AWS::SES::EmailIdentity Sender: EmailIdentity is "},
		"another type under its id": {"GuestToken", func(r map[string]any) { r["Type"] = "AWS::SSM::Parameter" }, "AWS::SecretsManager::Secret GuestToken is no longer in "},
		"a table with more indexes": {"Table", set("GlobalSecondaryIndexes", []any{}), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			changed := t.TempDir()
			for file, content := range contents(t, last) {
				if strings.HasSuffix(file, ".template.json") {
					content = edited(t, content, test.id, test.change)
				}
				if err := os.WriteFile(filepath.Join(changed, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			lost, err := release.Lost(last, changed)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(lost, "\n"); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" || len(lost) > 1 {
				t.Errorf("lost is %q, want %q", got, test.want)
			}
		})
	}
}

func set(property string, value any) func(map[string]any) {
	return func(r map[string]any) { r["Properties"].(map[string]any)[property] = value }
}

func edited(t *testing.T, template, id string, change func(map[string]any)) string {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal([]byte(template), &content); err != nil {
		t.Fatal(err)
	}
	if r, ok := content["Resources"].(map[string]any)[id].(map[string]any); ok {
		change(r)
	}
	out, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
