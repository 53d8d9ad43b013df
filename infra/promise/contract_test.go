package promise_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"yakusoku/shared/apikey"
)

// The running system answers as its own OpenAPI document says, whatever it is asked:
// Schemathesis makes the questions of the document, good ones and bad.
func TestTheAPIKeepsItsContract(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("`make prove` asks")
	}
	s := start(t, "LIMIT_PER_ADDRESS=1000000", "LIMIT_PER_PAGE=1000000", "LIMIT_PER_KEY=1000000")
	r := s.book(t, s.open(t).Start)
	s.rests(t, r)
	o := s.comeIn(t)
	cases := 0
	for _, as := range []struct {
		who, token, only string
	}{
		{"a guest", r.Token, `^/api/(pages|bookings|oauth|webhooks)|^/healthz`},
		{"a host", o.token, `^/api/host`},
		{"a host's program", o.key(t, "Schemathesis", apikey.Scopes...).Key, `^/api/v1`},
	} {
		t.Run(as.who, func(t *testing.T) {
			cmd := exec.Command(filepath.Join(root(), ".local", "venv", "bin", "schemathesis"), "run", s.Front+"/api/openapi.json",
				"--header", "Authorization: Bearer "+as.token, "--include-path-regex", as.only,
				"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance",
				"--phases", "examples,coverage,fuzzing", "--max-examples", "60", "--workers", "1", "--continue-on-failure", "--no-color",
				"--suppress-health-check", "all", "--request-timeout", "30")
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			var output bytes.Buffer
			cmd.Stdout, cmd.Stderr = &output, &output
			if err := cmd.Run(); err != nil {
				t.Errorf("%v (`make prove` installs it)\n%s", err, &output)
			}
			if generated := regexp.MustCompile(`(\d+) generated`).FindSubmatch(output.Bytes()); generated != nil {
				n, _ := strconv.Atoi(string(generated[1])) // digits
				cases += n
			}
		})
	}
	if cases == 0 {
		t.Error("nothing was asked")
	}
	figure(t, "contract.cases", cases)
}
