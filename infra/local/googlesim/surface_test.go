package googlesim

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	// Only for its module, which carries Google's discovery document: an import
	// keeps it in go.mod, and nothing that is deployed depends on it.
	_ "google.golang.org/api/googleapi"
)

// document is the part of a discovery document that the surface is held to.
type document struct {
	BasePath   string                      `json:"servicePath"`
	Parameters map[string]documentSchema   `json:"parameters"` // of every method
	Resources  map[string]documentResource `json:"resources"`
	Schemas    map[string]documentSchema   `json:"schemas"`
}

type documentResource struct {
	Methods map[string]documentMethod `json:"methods"`
}

type documentMethod struct {
	ID         string                    `json:"id"`
	HTTPMethod string                    `json:"httpMethod"`
	Path       string                    `json:"path"`
	Parameters map[string]documentSchema `json:"parameters"`
	Request    *documentSchema           `json:"request"`
	Scopes     []string                  `json:"scopes"`
}

type documentSchema struct {
	Ref         string                    `json:"$ref"`
	Type        string                    `json:"type"`
	Format      string                    `json:"format"`
	Enum        []string                  `json:"enum"`
	Minimum     string                    `json:"minimum"`
	Maximum     string                    `json:"maximum"`
	Repeated    bool                      `json:"repeated"`
	Location    string                    `json:"location"`
	ReadOnly    bool                      `json:"readOnly"`
	Properties  map[string]documentSchema `json:"properties"`
	Items       *documentSchema           `json:"items"`
	Additional  *documentSchema           `json:"additionalProperties"`
	Annotations struct {
		Required []string `json:"required"`
	} `json:"annotations"`
}

func discovery(t *testing.T) document {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api")
	dir, err := list.Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "calendar", "v3", "calendar-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d document) method(id string) (documentMethod, bool) {
	for _, resource := range d.Resources {
		for _, m := range resource.Methods {
			if m.ID == id {
				return m, true
			}
		}
	}
	return documentMethod{}, false
}

func (d document) resolve(s documentSchema) documentSchema {
	if s.Ref == "" {
		return s
	}
	resolved := d.Schemas[s.Ref]
	resolved.Annotations = s.Annotations
	return resolved
}

func TestTheSurfaceIsPartOfGooglesOwn(t *testing.T) {
	d := discovery(t)
	if got := "/" + d.BasePath; got != apiPath {
		t.Errorf("the API is at %s, not %s", got, apiPath)
	}
	for _, m := range methods {
		t.Run(m.id, func(t *testing.T) {
			theirs, ok := d.method(m.id)
			if !ok {
				t.Fatal("there is no such method")
			}
			if m.verb != theirs.HTTPMethod || m.path != theirs.Path {
				t.Errorf("%s %s, want %s %s", m.verb, m.path, theirs.HTTPMethod, theirs.Path)
			}
			if diff := cmp.Diff(sorted(theirs.Scopes), sorted(m.scopes)); diff != "" {
				t.Errorf("scopes (-Google +ours):\n%s", diff)
			}
			for name, ours := range m.query {
				parameter, ok := theirs.Parameters[name]
				if !ok {
					parameter, ok = d.Parameters[name]
				}
				if !ok || parameter.Location != "query" {
					t.Errorf("there is no parameter %s", name)
					continue
				}
				checkAgainst(t, d, "parameter "+name, ours, parameter)
				if diff := cmp.Diff(sorted(parameter.Enum), sorted(ours.enum)); diff != "" {
					t.Errorf("values of %s (-Google +ours):\n%s", name, diff)
				}
			}
			if (m.body == nil) != (theirs.Request == nil) {
				t.Fatalf("body: ours %v, Google's %v", m.body, theirs.Request)
			}
			if m.body != nil {
				checkAgainst(t, d, "body", *m.body, *theirs.Request)
				for name, field := range d.resolve(*theirs.Request).Properties {
					if slices.Contains(field.Annotations.Required, m.id) && !slices.Contains(m.body.required, name) {
						t.Errorf("%s is required", name)
					}
				}
			}
		})
	}
}

// checkAgainst holds a shape, and all that is in it, against Google's schema.
func checkAgainst(t *testing.T, d document, at string, ours shape, theirs documentSchema) {
	t.Helper()
	theirs = d.resolve(theirs)
	if ours.kind != theirs.Type || ours.format != theirs.Format || ours.repeated != theirs.Repeated {
		t.Errorf("%s: %s %s (repeated: %t), want %s %s (%t)", at, ours.kind, ours.format, ours.repeated,
			theirs.Type, theirs.Format, theirs.Repeated)
	}
	if theirs.ReadOnly {
		t.Errorf("%s may not be written", at)
	}
	checkBound(t, at, ours.min, theirs.Minimum)
	checkBound(t, at, ours.max, theirs.Maximum)
	for name, field := range ours.fields {
		property, ok := theirs.Properties[name]
		if !ok {
			t.Errorf("%s has no field %s", at, name)
			continue
		}
		checkAgainst(t, d, at+"."+name, field, property)
	}
	if ours.each == nil {
		return
	}
	each := theirs.Items
	if ours.kind == "object" {
		each = theirs.Additional
	}
	if each == nil {
		t.Errorf("%s has no values of its own naming", at)
		return
	}
	checkAgainst(t, d, at+"[]", *ours.each, *each)
}

// checkBound checks a bound that Google states. Where it states none, ours
// comes from its prose.
func checkBound(t *testing.T, at string, ours *int, theirs string) {
	t.Helper()
	if theirs == "" {
		return
	}
	want, err := strconv.Atoi(theirs)
	if err != nil || ours == nil || *ours != want {
		t.Errorf("%s: a bound is not %s", at, theirs)
	}
}

func sorted(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return values
}
