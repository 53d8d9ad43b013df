// Package proof keeps the figures that tests find, for the page that states what is
// promised and how that is shown: infra/PROOF.md.
package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Folder is the variable that names where figures are kept; nothing is kept without it.
const Folder = "PROOF_DIR"

// Figure keeps what the test found, under a name like "contention.overlaps". The value
// is a number or a text, as the page shall show it.
func Figure(t testing.TB, name string, value any) {
	t.Helper()
	t.Logf("%s: %v", name, value)
	folder := os.Getenv(Folder)
	if folder == "" {
		return
	}
	if err := keep(folder, name, value); err != nil {
		t.Errorf("keep the figure %s: %v", name, err)
	}
}

func keep(folder, name string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+".json"), body, 0o600)
}

// Figures are those in the folder, by name.
func Figures(folder string) (map[string]any, error) {
	files, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	all := map[string]any{}
	for _, file := range files {
		name, ok := strings.CutSuffix(file.Name(), ".json")
		if !ok {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return nil, err
		}
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			return nil, fmt.Errorf("the figure %s: %w", name, err)
		}
		all[name] = value
	}
	return all, nil
}
