package deployment

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Mailbox shows at /store what SES took, in the shape of the local run's.
func (a *Account) Mailbox() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := a.call(r.Context(), "ses", http.MethodGet, "/_ministack/ses/messages", "application/json", "", nil)
		if err == nil {
			content, err = shown(content)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(content) // whoever asked is gone
	})
}

func shown(taken []byte) ([]byte, error) {
	var emulator struct {
		Messages map[string][]struct {
			To                          []string
			Subject, BodyText, BodyHTML string
		} `json:"messages"`
	}
	if err := json.Unmarshal(taken, &emulator); err != nil {
		return nil, fmt.Errorf("read the mails: %w", err)
	}
	type object = map[string]any
	emails := []object{}
	for _, m := range emulator.Messages[Number] {
		emails = append(emails, object{
			"destination": object{"to": m.To}, "subject": strings.TrimSpace(m.Subject), // it may begin on a line of its own
			"body": object{"text": m.BodyText, "html": m.BodyHTML},
		})
	}
	return json.Marshal(object{"emails": emails})
}
