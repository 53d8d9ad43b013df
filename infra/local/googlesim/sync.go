package googlesim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Sync tokens: a list of events ends with one, and with it a later list has only
// what changed since, deleted events included.

var fullSyncRequired = &refusal{
	http.StatusGone, "calendar", "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
}

// notWithSync cannot be asked together with a sync token.
var notWithSync = []string{"iCalUID", "privateExtendedProperty", "timeMin", "timeMax"}

// since reads the sync token of a query: the version that its client has. It is -1
// if there is none.
func (s *Simulator) since(query url.Values) (int, *refusal) {
	if !query.Has("syncToken") {
		return -1, nil
	}
	for _, name := range notWithSync {
		if query.Has(name) {
			return 0, invalid("parameter %s cannot be given with syncToken", name)
		}
	}
	if query.Get("showDeleted") == "false" {
		return 0, invalid("showDeleted cannot be false with syncToken")
	}
	digits, ok := strings.CutPrefix(query.Get("syncToken"), syncPrefix)
	version, err := strconv.Atoi(digits)
	if !ok || err != nil || version > s.version || version < s.oldestSync {
		return 0, fullSyncRequired
	}
	return version, nil
}

const syncPrefix = "CPDAlvWDx70CEPDAlvWDx70CGAU="

// nextSyncToken is what the last page of a list ends with; empty if the query
// cannot be followed by what changed.
func (s *Simulator) nextSyncToken(query url.Values) string {
	if query.Has("iCalUID") || query.Has("privateExtendedProperty") {
		return ""
	}
	return syncPrefix + strconv.Itoa(s.version)
}

// SpendSyncTokens makes all sync tokens given out so far invalid.
func (s *Simulator) SpendSyncTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.oldestSync = s.version
}

func (s *Simulator) serveSpend(w http.ResponseWriter, _ *http.Request) {
	s.SpendSyncTokens()
	writeAdmin(w, struct{}{}, nil)
}

// partial cuts an answer down to what the parameter fields selects: names, with
// names within lists and objects in brackets, such as items(id),nextSyncToken.
func partial(fields string, body any) (any, *refusal) {
	if fields == "" {
		return body, nil
	}
	selected, rest, ok := parseFields(fields)
	if !ok || rest != "" {
		return nil, invalid("Invalid field selection %s", fields)
	}
	return selected.of(body), nil
}

// selection is which fields are wanted, and what of each; nil is all of it.
type selection map[string]selection

func parseFields(text string) (selection, string, bool) {
	all := selection{}
	for {
		end := strings.IndexAny(text, ",()")
		if end < 0 {
			end = len(text)
		}
		name := text[:end]
		if name == "" {
			return nil, "", false
		}
		all[name], text = nil, text[end:]
		if strings.HasPrefix(text, "(") {
			inner, rest, ok := parseFields(text[1:])
			if !ok || !strings.HasPrefix(rest, ")") {
				return nil, "", false
			}
			all[name], text = inner, rest[1:]
		}
		if !strings.HasPrefix(text, ",") {
			return all, text, true
		}
		text = text[1:]
	}
}

func (s selection) of(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if s == nil {
			return v
		}
		cut := map[string]any{}
		for name, inner := range s {
			if value, ok := v[name]; ok {
				cut[name] = inner.of(value)
			}
		}
		return cut
	case []map[string]any:
		cut := make([]any, len(v))
		for i := range v {
			cut[i] = s.of(v[i])
		}
		return cut
	}
	return v
}
