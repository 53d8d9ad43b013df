package journal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/journal"
)

type meeting struct {
	Topic string `json:"topic"`
}

func TestWhatWasPutIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "zoom.jsonl")
	first := open(t, path)
	put(t, first, "meeting/1", meeting{"初回相談"})
	put(t, first, "meeting/2", meeting{"old"})
	put(t, first, "meeting/2", meeting{"new"})
	put(t, first, "meeting/3", meeting{"gone"})
	if err := first.Delete("meeting/3"); err != nil {
		t.Fatal(err)
	}
	// Not closed: a killed process closes nothing.

	got := everything(t, open(t, path), "")
	want := map[string]string{
		"meeting/1": `{"topic":"初回相談"}`,
		"meeting/2": `{"topic":"new"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after reopening (-want +got):\n%s", diff)
	}
}

func TestDamageIsToldFromATornEnd(t *testing.T) {
	const whole = `{"key":"a","value":1}` + "\n"
	tests := []struct {
		name    string
		content string
		want    map[string]string // nil: must not open
	}{
		{"an empty file is an empty journal", "", map[string]string{}},
		{"a whole line counts", whole, map[string]string{"a": "1"}},
		{"a torn last line is dropped", whole + `{"key":"b","val`, map[string]string{"a": "1"}},
		{"a last line without its newline is torn", whole + `{"key":"a","value":2}`, map[string]string{"a": "1"}},
		{"a torn only line leaves nothing", `{"key"`, map[string]string{}},
		{"a null value deletes", whole + `{"key":"a","value":null}` + "\n", map[string]string{}},
		{"a broken line before the end is damage", `{"key":"b","val` + "\n" + whole, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if _, err := journal.Open(path); err == nil {
					t.Fatal("opened a damaged journal")
				}
				return
			}
			j := open(t, path)
			if diff := cmp.Diff(test.want, everything(t, j, "")); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			// What follows a dropped end must be readable again.
			put(t, j, "z", 9)
			test.want["z"] = "9"
			if diff := cmp.Diff(test.want, everything(t, open(t, path), "")); diff != "" {
				t.Errorf("values after one more put (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpeningCompacts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	first := open(t, path)
	for i := range 100 {
		put(t, first, "token", i)
	}
	put(t, first, "gone", true)
	if err := first.Delete("gone"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if lines := countLines(t, path); lines != 102 {
		t.Errorf("before reopening: %d lines, want 102", lines)
	}
	open(t, path)
	if lines := countLines(t, path); lines != 1 {
		t.Errorf("after reopening: %d lines, want 1", lines)
	}
}

func TestEachVisitsAPrefixInOrderAndMayWrite(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	for _, key := range []string{"event/b", "token/x", "event/a"} {
		put(t, j, key, 1)
	}
	var visited []string
	err := j.Each("event/", func(key string, _ json.RawMessage) error {
		visited = append(visited, key)
		return j.Delete(key)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"event/a", "event/b"}, visited); diff != "" {
		t.Errorf("visited (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"token/x": "1"}, everything(t, j, "")); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestEachStopsAtAnError(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	put(t, j, "a", 1)
	put(t, j, "b", 2)
	stop := errors.New("stop")
	visits := 0
	err := j.Each("", func(string, json.RawMessage) error {
		visits++
		return stop
	})
	if !errors.Is(err, stop) || visits != 1 {
		t.Errorf("error %v after %d visits, want %v after 1", err, visits, stop)
	}
}

func TestANullValueIsRefused(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	if err := j.Put("a", nil); err == nil {
		t.Error("a null value was stored: it would read as deleted")
	}
}

func TestANilJournalForgets(t *testing.T) {
	var j *journal.Journal
	put(t, j, "a", 1)
	if got := everything(t, j, ""); len(got) != 0 {
		t.Errorf("remembered %v", got)
	}
	if err := errors.Join(j.Delete("a"), j.Close()); err != nil {
		t.Error(err)
	}
}

func TestWritersAtOnceLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	want := map[string]string{}
	var writers sync.WaitGroup
	for w := range 8 {
		for n := range 50 {
			want[fmt.Sprintf("%d/%d", w, n)] = `"x"`
		}
		writers.Go(func() {
			for n := range 50 {
				if err := j.Put(fmt.Sprintf("%d/%d", w, n), "x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if diff := cmp.Diff(want, everything(t, open(t, path), "")); diff != "" {
		t.Errorf("after reopening (-want +got):\n%s", diff)
	}
}

func open(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func put(t *testing.T, j *journal.Journal, key string, v any) {
	t.Helper()
	if err := j.Put(key, v); err != nil {
		t.Fatal(err)
	}
}

func everything(t *testing.T, j *journal.Journal, prefix string) map[string]string {
	t.Helper()
	values := map[string]string{}
	err := j.Each(prefix, func(key string, raw json.RawMessage) error {
		values[key] = string(raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func countLines(t *testing.T, path string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(content), "\n")
}
