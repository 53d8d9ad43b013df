package proof_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz)\\w+|[\\w-]+\\.(?:spec|test)\\.ts)`")
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	// asked is one or several requirements: "V1.2.3", or "V1.2.6–8".
	asked = regexp.MustCompile(`^(V\d+\.\d+\.)(\d+)(?:–(\d+))?$`)
)

// The page on security names no test that is not there, leaves out no requirement of
// ASVS up to level 2, and tells of every direct dependency. Where it counts, it counts
// right.
func TestTheSecurityPageIsTrue(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)

	there := tests(t)
	named := testName.FindAllStringSubmatch(page, -1)
	if len(named) < 100 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, n := range named {
		if !there[n[1]] {
			t.Errorf("no test %s", n[1])
		}
	}

	list, err := os.ReadFile(filepath.Join("testdata", "asvs-5.0.0-level-2.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(list))
	var got []string
	counts := map[string]int{}
	for _, row := range table(t, page, "| requirement |") {
		if len(row) != 3 || row[2] == "" {
			t.Fatalf("no reason: %q", row)
		}
		ids := requirements(t, row[0])
		got = append(got, ids...)
		counts[row[1]] += len(ids)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requirements (-ASVS +page):\n%s", diff)
	}
	count := fmt.Sprintf("Of its %d requirements %d are met, %d in part, %d are theirs, %d do not apply, and %d are not met.",
		len(want), counts["met"], counts["in part"], counts["theirs"], counts["–"], counts["not met"])
	if !strings.Contains(strings.ReplaceAll(page, "\n", " "), count) {
		t.Errorf("the page does not say: %s", count)
	}

	var modules []string
	for _, row := range table(t, page, "| module |") {
		if len(row) != 3 || row[1] == "" || row[2] == "" {
			t.Fatalf("neither why nor a licence: %q", row)
		}
		modules = append(modules, row[0])
	}
	if diff := cmp.Diff(direct(t), modules); diff != "" {
		t.Errorf("modules (-go.mod +page):\n%s", diff)
	}
}

// table are the cells of the rows below a heading.
func table(t *testing.T, page, heading string) (rows [][]string) {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n"+heading)
	if !ok {
		t.Fatalf("no table %s", heading)
	}
	_, rest, _ = strings.Cut(rest, "\n")
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if line == "" {
			break
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") {
			continue // below the heading
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		rows = append(rows, row)
	}
	return rows
}

func requirements(t *testing.T, cell string) (ids []string) {
	t.Helper()
	for one := range strings.SplitSeq(cell, ", ") {
		parts := asked.FindStringSubmatch(one)
		if parts == nil {
			t.Fatalf("no requirement: %q", one)
		}
		first, last := 0, 0
		if _, err := fmt.Sscan(parts[2], &first); err != nil {
			t.Fatal(err)
		}
		if last = first; parts[3] != "" {
			if _, err := fmt.Sscan(parts[3], &last); err != nil {
				t.Fatal(err)
			}
		}
		for n := first; n <= last; n++ {
			ids = append(ids, fmt.Sprint(parts[1], n))
		}
	}
	return ids
}

// tests are the names of all Go tests and fuzz targets, and of the web app's files of
// tests.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	walk(t, func(path string) error {
		switch {
		case strings.HasSuffix(path, ".spec.ts"), strings.HasSuffix(path, ".test.ts"):
			all[filepath.Base(path)] = true
		case strings.HasSuffix(path, "_test.go"):
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, name := range declared.FindAllSubmatch(content, -1) {
				all[string(name[1])] = true
			}
		}
		return nil
	})
	return all
}

// walk visits the files of the repository.
func walk(t *testing.T, visit func(path string) error) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !e.IsDir():
			return visit(path)
		case e.Name() == "node_modules", strings.HasPrefix(e.Name(), ".") && e.Name() != "..":
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// direct are the modules that go.mod asks for itself.
func direct(t *testing.T) (modules []string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.NewDecoder(bytes.NewReader(output)).Decode(&file); err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Require {
		if !r.Indirect {
			modules = append(modules, r.Path)
		}
	}
	slices.Sort(modules)
	return modules
}
