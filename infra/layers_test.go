package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The layers of DESIGN §3: imports run from functions through shared concepts to
// adapters, and what is pure stays pure. Only what is built counts; tests may use
// the local engines.
func TestImportsRunOneWay(t *testing.T) {
	const (
		aws      = "github.com/aws/"
		vendored = "yakusoku/shared/"
	)
	tests := []struct {
		packages string
		never    []string
	}{
		{"yakusoku/functions/...", []string{"github.com/aws/aws-cdk-go", "yakusoku/infra", "google.golang.org/api"}},
		{"yakusoku/infra/local/...", []string{"yakusoku/functions"}},
		{"yakusoku/shared/availability", []string{aws, "net/http"}},
		{"yakusoku/shared/page", []string{aws, "net/http"}},
		{"yakusoku/shared/zone", []string{aws, "net/http"}},
		{"yakusoku/shared/host", []string{aws, "net/http"}},
		{"yakusoku/shared/calendar", []string{aws, "net/http"}},
		{"yakusoku/shared/booking", []string{aws}},
		{"yakusoku/shared/mail", []string{aws}},
		{"yakusoku/shared/zoom", []string{aws, vendored + "booking", vendored + "store"}},
		{"yakusoku/shared/calendar/google", []string{aws, vendored + "booking", vendored + "store"}},
		{"yakusoku/functions/bookingpage", []string{vendored + "zoom", vendored + "calendar/google"}},
		{"yakusoku/functions/settle", []string{"github.com/danielgtaylor/huma"}},
	}
	for _, test := range tests {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", test.packages)
		cmd.Dir = filepath.Dir(workflow(""))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v", test.packages, err)
		}
		for _, imported := range strings.Fields(string(out)) {
			for _, never := range test.never {
				if strings.HasPrefix(imported, never) {
					t.Errorf("%s imports %s", test.packages, imported)
				}
			}
		}
	}
}
