package promise_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/apikey"
)

// example is a command of the guide, and what it says of the answer; empty: nothing.
type example struct{ command, answer string }

var fence = regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```$")

// examples are those of a part of the guide, in its order.
func examples(t *testing.T, text string) []example {
	t.Helper()
	var all []example
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		switch {
		case block[1] == "sh":
			all = append(all, example{command: block[2]})
		case len(all) == 0 || all[len(all)-1].answer != "":
			t.Fatalf("an answer to nothing: %s", block[2])
		default:
			all[len(all)-1].answer = block[2]
		}
	}
	return all
}

// Whoever copies an example from the API's page gets what stands below it, in either
// language.
func TestTheExamplesOfTheGuideWork(t *testing.T) {
	t.Parallel()
	s := start(t)
	var document struct {
		Info struct{ Description string }
	}
	call(t, "GET", s.Front+"/api/openapi.json", "", nil).into(t, &document)
	english, japanese, ok := strings.Cut(document.Info.Description, "\n# 日本語\n")
	all := examples(t, english)
	if !ok || len(all) < 5 {
		t.Fatalf("%d examples in\n%s", len(all), document.Info.Description)
	}
	if diff := cmp.Diff(all, examples(t, japanese), cmp.AllowUnexported(example{})); diff != "" {
		t.Errorf("examples (-English +Japanese):\n%s", diff)
	}

	made := s.book(t, s.open(t).Start)
	if v := s.settled(t, made); v.Status != confirmed {
		t.Fatalf("the booking is %s", v.Status)
	}
	key := s.comeIn(t).key(t, "guide", apikey.Scopes...)
	dir := t.TempDir()
	for _, e := range all {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", e.command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "ORIGIN="+s.Front, "KEY="+key.Key, "BOOKING="+made.ID)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\n%v: %s", e.command, err, out)
			continue
		}
		if e.answer == "" {
			if len(out) > 0 {
				t.Errorf("%s\nanswered %s", e.command, out)
			}
			continue
		}
		var want, got any
		if err := json.Unmarshal([]byte(e.answer), &want); err != nil {
			t.Fatalf("%v in %s", err, e.answer)
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Errorf("%s\n%v in %s", e.command, err, out)
			continue
		}
		if wrong := unlike("", want, got); len(wrong) > 0 {
			t.Errorf("%s\n%s\nin %s", e.command, strings.Join(wrong, "\n"), out)
		}
	}
	// The last word on whether they did something: not what was answered, but what is.
	s.becomes(t, made, world{GuestMails: []string{confirmed, cancelled}, HostMails: []string{confirmed, cancelled}})
	s.with(t, key, "GET", "/api/v1/hooks", http.StatusOK)
}

// unlike says where an answer lacks what an example shows, or has it of another type.
func unlike(at string, example, answer any) (wrong []string) {
	switch e := example.(type) {
	case map[string]any:
		a, ok := answer.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, no object", at, answer)}
		}
		for name, value := range e {
			if _, there := a[name]; !there {
				wrong = append(wrong, at+"."+name+" is missing")
				continue
			}
			wrong = append(wrong, unlike(at+"."+name, value, a[name])...)
		}
	case []any:
		a, ok := answer.([]any)
		if !ok || len(a) == 0 {
			return []string{fmt.Sprintf("%s is %v, no list with something in it", at, answer)}
		}
		wrong = unlike(at+"[0]", e[0], a[0])
	case float64, bool: // what the command asked for
		if example != answer {
			wrong = []string{fmt.Sprintf("%s is %v, not %v", at, answer, example)}
		}
	default:
		if fmt.Sprintf("%T", example) != fmt.Sprintf("%T", answer) {
			wrong = []string{fmt.Sprintf("%s is %T, not %T", at, answer, example)}
		}
	}
	slices.Sort(wrong)
	return wrong
}
