//go:build ignore

// Command generate writes zones.zip from the edition of PyPI's tzdata package that
// its argument names ("2026.6" is IANA's 2026f). The package is kept by CPython's
// developers, holds zic's output unchanged, and follows IANA within days, where Go
// carries the edition of its release. It needs pip.
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run generate.go EDITION")
	}
	if err := generate(os.Args[1], "zones.zip"); err != nil {
		log.Fatal(err)
	}
}

func generate(edition, target string) error {
	dir, err := os.MkdirTemp("", "tzdata")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pip := exec.Command("pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", dir, "tzdata=="+edition)
	pip.Stderr = os.Stderr
	if err := pip.Run(); err != nil {
		return fmt.Errorf("pip download: %w", err)
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return err
	}
	if len(wheels) != 1 {
		return fmt.Errorf("pip downloaded %d wheels, not one", len(wheels))
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		return err
	}
	defer wheel.Close()
	var out bytes.Buffer
	if err := convert(&out, wheel); err != nil {
		return err
	}
	return os.WriteFile(target, out.Bytes(), 0o644)
}

// convert writes each distinct zone once, under its first name.
func convert(w io.Writer, wheel fs.FS) error {
	version, err := version(wheel)
	if err != nil {
		return err
	}
	list, err := fs.ReadFile(wheel, "tzdata/zones")
	if err != nil {
		return err
	}
	names := strings.Fields(string(list))
	slices.Sort(names)
	var distinct []string // contents, in the order of their first names
	named := map[string][]string{}
	for _, name := range names {
		data, err := fs.ReadFile(wheel, "tzdata/zoneinfo/"+name)
		if err != nil {
			return err
		}
		content := string(data)
		if named[content] == nil {
			distinct = append(distinct, content)
		}
		named[content] = append(named[content], name)
	}
	return write(w, version, distinct, named)
}

func write(w io.Writer, version string, distinct []string, named map[string][]string) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for _, content := range distinct {
		names := named[content]
		entry, err := archive.CreateHeader(&zip.FileHeader{
			Name: names[0], Comment: strings.Join(names[1:], " "), Method: zip.Deflate,
		})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(entry, content); err != nil {
			return err
		}
	}
	if err := archive.SetComment(version); err != nil {
		return err
	}
	return archive.Close()
}

// version reads the database's own name for its edition.
func version(wheel fs.FS) (string, error) {
	source, err := wheel.Open("tzdata/zoneinfo/tzdata.zi")
	if err != nil {
		return "", err
	}
	defer source.Close()
	line, err := bufio.NewReader(source).ReadString('\n')
	if err != nil {
		return "", err
	}
	version, ok := strings.CutPrefix(strings.TrimSpace(line), "# version ")
	if !ok {
		return "", fmt.Errorf("no version in %q", line)
	}
	return version, nil
}
