package main

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"yakusoku/infra/function"
)

// The layers of DESIGN §3: imports run from functions through shared concepts to
// adapters, and what is pure stays pure. Only what is built counts; tests may use
// the local engines.
func TestImportsRunOneWay(t *testing.T) {
	const (
		aws    = "github.com/aws/"
		cdk    = "github.com/aws/aws-cdk-go"
		jsii   = "github.com/aws/jsii-runtime-go"
		infra  = "yakusoku/infra"
		lambda = "yakusoku/functions"
		google = "google.golang.org/api"
		store  = "yakusoku/shared/store"
		booked = "yakusoku/shared/booking"
	)
	tests := []struct {
		packages string // a path, or a path and /... for all below it
		never    []string
	}{
		{"yakusoku/functions/...", []string{cdk, jsii, infra, google}},
		{"yakusoku/shared/...", []string{cdk, jsii, infra, lambda, google}},
		{"yakusoku/infra", []string{lambda}},
		{"yakusoku/infra/function", []string{aws, lambda}},
		{"yakusoku/infra/local/...", []string{cdk, jsii, lambda}},
		{"yakusoku/shared/availability", []string{aws, "net/http"}},
		{"yakusoku/shared/page", []string{aws, "net/http"}},
		{"yakusoku/shared/zone", []string{aws, "net/http"}},
		{"yakusoku/shared/brand", []string{aws, "net/http"}},
		{"yakusoku/shared/language", []string{aws, "net/http"}},
		{"yakusoku/shared/host", []string{aws, "net/http"}},
		{"yakusoku/shared/calendar", []string{aws, "net/http"}},
		{booked, []string{aws}},
		{"yakusoku/shared/mail", []string{aws}},
		{"yakusoku/shared/mirror", []string{aws, booked, store, "yakusoku/shared/calendar/google", "yakusoku/shared/calendar/microsoft"}},
		{"yakusoku/shared/audit", []string{aws, store, "yakusoku/shared/saga", "yakusoku/shared/calendar/google", "yakusoku/shared/calendar/microsoft"}},
		{"yakusoku/shared/zoom", []string{aws, booked, store}},
		{"yakusoku/shared/zoomhook", []string{booked, store}},
		{"yakusoku/shared/hook", []string{aws, store}},
		{"yakusoku/shared/apikey", []string{aws, store}},
		{"yakusoku/shared/calendar/google", []string{aws, booked, store}},
		{"yakusoku/shared/calendar/microsoft", []string{aws, booked, store}},
		{"yakusoku/functions/bookingpage", []string{"yakusoku/shared/zoom", "yakusoku/shared/calendar/google", "yakusoku/shared/calendar/microsoft"}},
		{"yakusoku/functions/settle", []string{"github.com/danielgtaylor/huma"}},
	}
	all := dependencies(t)
	for _, test := range tests {
		matched := false
		for name, imports := range all {
			if !within(name, test.packages) || name == testOnly {
				continue
			}
			matched = true
			for _, i := range imports {
				for _, never := range test.never {
					if within(i, never+"/...") {
						t.Errorf("%s depends on %s", name, i)
					}
				}
			}
		}
		if !matched {
			t.Errorf("there is no package %s", test.packages)
		}
	}
}

// testOnly is for tests alone: it starts the local engine.
const testOnly = "yakusoku/shared/store/storetest"

// A function links the clients of the services that its variables lead to: it
// starts faster, and can do less, without the others.
func TestFunctionsLinkTheClientsThatTheyMayUse(t *testing.T) {
	clients := map[string]string{
		"github.com/aws/aws-sdk-go-v2/service/kms":   function.VaultKey,
		"github.com/aws/aws-sdk-go-v2/service/sesv2": function.MailSender,
	}
	all := dependencies(t)
	for _, f := range function.All() {
		linked := all[path.Join("yakusoku/functions", f.Name)]
		for client, variable := range clients {
			links, uses := slices.Contains(linked, client), slices.Contains(f.Requires, variable)
			if links != uses {
				t.Errorf("%s links %s: %v; it has %s: %v", f.Name, client, links, variable, uses)
			}
		}
	}
}

// dependencies lists what each of our packages is built from.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		all[words[0]] = words[1:]
	}
	return all
}

func within(name, packages string) bool {
	folder, deep := strings.CutSuffix(packages, "/...")
	return name == folder || deep && strings.HasPrefix(name, folder+"/")
}
