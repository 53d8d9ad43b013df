package page_test

import (
	"encoding/json"
	"strings"
	"testing"

	"yakusoku/shared/page"
)

func TestACompletePageHasNoNullsInItsJSON(t *testing.T) {
	p := page.Page{
		Overrides: []page.Override{{Date: "2026-12-29"}},
		Questions: []page.Question{{ID: "topic", Label: "ご相談内容", Type: page.Text}},
	}
	text, err := json.Marshal(p.Complete())
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%v: %s", err, text)
	}
	if p.Overrides[0].Windows != nil || p.Questions[0].Options != nil {
		t.Error("the page itself was changed")
	}
}
