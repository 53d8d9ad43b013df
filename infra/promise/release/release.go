// Package release keeps what a release deployed, so that upgrading from it can be tried:
// its assembly, as `cdk synth` wrote it, without the programs. It is for tests alone.
package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Last is the folder that keeps the last release, under the repository's root.
func Last(root string) string { return filepath.Join(root, "infra", "promise", "release", "last") }

type object = map[string]any

const (
	manifestFile = "manifest.json"
	program      = "bootstrap" // of a function
)

// Keep writes to folder what a deployment reads of an assembly, in place of what is
// there. Every resource has a line of its own, so that a diff shows what a release
// changes.
func Keep(assembly, folder string) error {
	manifest, err := readManifest(assembly)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("keep the release: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // of the repository, for everybody to read
		return fmt.Errorf("keep the release: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		a := manifest.Artifacts[name]
		file := a.file()
		if file == "" { // of the app's, and of no stack
			delete(manifest.Artifacts, name)
			continue
		}
		delete(a, "metadata")
		delete(a, "additionalMetadataFile")
		content, err := read(filepath.Join(assembly, file))
		if err != nil {
			return err
		}
		if resources, ok := content["Resources"].(object); ok {
			for _, r := range resources {
				delete(r.(object), "Metadata") // of CDK's own
			}
		}
		if err := write(filepath.Join(folder, file), content); err != nil {
			return err
		}
	}
	return write(filepath.Join(folder, manifestFile), object{"version": manifest.Version, "artifacts": manifest.Artifacts})
}

// Restore makes an assembly of what was kept, to be deployed with the functions of
// binaries, <function>/bootstrap, on the same file system: those of today, for the
// release's own are not kept.
func Restore(folder, assembly, binaries string) error {
	if err := os.RemoveAll(assembly); err != nil {
		return fmt.Errorf("restore the release: %w", err)
	}
	if err := os.CopyFS(assembly, os.DirFS(folder)); err != nil {
		return fmt.Errorf("restore the release: %w", err)
	}
	manifest, err := readManifest(folder)
	if err != nil {
		return err
	}
	for _, a := range manifest.Artifacts {
		if a["type"] != assetType {
			continue
		}
		if err := restoreAssets(filepath.Join(folder, a.file()), assembly, binaries); err != nil {
			return err
		}
	}
	return nil
}

func restoreAssets(file, assembly, binaries string) error {
	var assets struct {
		Files map[string]struct {
			Name   string `json:"displayName"`
			Source struct{ Path, Packaging string }
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("restore the release: %w", err)
	}
	if err := json.Unmarshal(content, &assets); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	for _, asset := range assets.Files {
		if asset.Source.Packaging != "zip" { // a template
			continue
		}
		to := filepath.Join(assembly, asset.Source.Path)
		if err := os.MkdirAll(to, 0o700); err != nil {
			return fmt.Errorf("restore %s: %w", asset.Name, err)
		}
		if function, ours := strings.CutSuffix(asset.Name, "Function/Code"); ours {
			err = os.Link(filepath.Join(binaries, strings.ToLower(function), program), filepath.Join(to, program))
		} else { // a program of CDK's, which the emulator does not run
			err = os.WriteFile(filepath.Join(to, "index.js"), nil, 0o600)
		}
		if err != nil {
			return fmt.Errorf("restore %s: %w", asset.Name, err)
		}
	}
	return nil
}

type manifest struct {
	Version   string
	Artifacts map[string]artifact
}

type artifact object

const (
	stackType = "aws:cloudformation:stack"
	assetType = "cdk:asset-manifest"
)

// file is the artifact's own: a stack's template, or a list of assets.
func (a artifact) file() string {
	properties, _ := a["properties"].(object)
	var file string
	switch a["type"] {
	case stackType:
		file, _ = properties["templateFile"].(string)
	case assetType:
		file, _ = properties["file"].(string)
	}
	return file
}

func readManifest(assembly string) (manifest, error) {
	var m manifest
	content, err := os.ReadFile(filepath.Join(assembly, manifestFile))
	if err != nil {
		return m, fmt.Errorf("read the assembly: %w", err)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, fmt.Errorf("read the assembly: %w", err)
	}
	return m, nil
}

func read(file string) (object, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the assembly: %w", err)
	}
	var o object
	if err := json.Unmarshal(content, &o); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return o, nil
}

// write writes an object with two levels of lines: its members, and those of each.
func write(file string, o object) error {
	var out bytes.Buffer
	err := lines(&out, o, func(section any) error {
		if members, ok := section.(object); ok {
			return lines(&out, members, func(v any) error { return compact(&out, v) })
		}
		return compact(&out, section)
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	out.WriteByte('\n')
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil { //nolint:gosec // of the repository, for everybody to read
		return fmt.Errorf("keep the release: %w", err)
	}
	return nil
}

func lines(out *bytes.Buffer, o object, member func(any) error) error {
	separator := "{\n"
	for _, name := range slices.Sorted(maps.Keys(o)) {
		out.WriteString(separator)
		if err := compact(out, name); err != nil {
			return err
		}
		out.WriteString(": ")
		if err := member(o[name]); err != nil {
			return err
		}
		separator = ",\n"
	}
	if len(o) == 0 {
		out.WriteString("{")
	}
	out.WriteString("\n}")
	return nil
}

func compact(out *bytes.Buffer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder ends with a line
	return nil
}
