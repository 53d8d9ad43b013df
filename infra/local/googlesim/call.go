package googlesim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// bodyLimit bounds a request's body, in bytes.
const bodyLimit = 1 << 20

// refusal is an answer that is not a success, in the API's own form.
type refusal struct {
	status  int
	domain  string
	reason  string
	message string
}

// What Google says, word for word where its words are known
// (developers.google.com/workspace/calendar/api/guides/errors).
var (
	unauthorized = &refusal{http.StatusUnauthorized, "global", "authError", "Invalid Credentials"}
	scopeMissing = &refusal{http.StatusForbidden, "global", "insufficientPermissions", "Request had insufficient authentication scopes."}
	readOnly     = &refusal{http.StatusForbidden, "calendar", "requiredAccessLevel", "You need to have writer access to this calendar."}
	forbidden    = &refusal{http.StatusForbidden, "global", "forbidden", "Forbidden"}
	notFound     = &refusal{http.StatusNotFound, "global", "notFound", "Not Found"}
	duplicate    = &refusal{http.StatusConflict, "global", "duplicate", "The requested identifier already exists."}
	gone         = &refusal{http.StatusGone, "global", "deleted", "Resource has been deleted"}
	emptyRange   = &refusal{http.StatusBadRequest, "calendar", "timeRangeEmpty", "The specified time range is empty."}
	rangeTooLong = &refusal{http.StatusBadRequest, "calendar", "timeRangeTooLong", "The requested time range is too long."}
)

// invalid refuses a request for what is wrong with it.
func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "global", "invalid", fmt.Sprintf(format, args...)}
}

// unsaved is the answer when the journal could not be written.
func unsaved(err error) *refusal {
	return &refusal{http.StatusInternalServerError, "global", "backendError", err.Error()}
}

func (r *refusal) write(w http.ResponseWriter) {
	type detail struct {
		Domain  string `json:"domain"`
		Reason  string `json:"reason"`
		Message string `json:"message"`
	}
	type body struct {
		Code    int      `json:"code"`
		Message string   `json:"message"`
		Errors  []detail `json:"errors"`
	}
	writeJSON(w, r.status, map[string]body{"error": {
		Code:    r.status,
		Message: r.message,
		Errors:  []detail{{Domain: r.domain, Reason: r.reason, Message: r.message}},
	}})
}

// serveMethod checks a call against its method and serves it. Calls are served
// one at a time: each sees what the one before it left.
func (s *Simulator) serveMethod(m method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, unreadable := readBody(m, r)
		s.mu.Lock()
		result, refused := s.serve(m, r, body, unreadable)
		s.mu.Unlock()
		if refused != nil {
			s.config.Log.Warn("call refused", "method", m.id, "status", refused.status,
				"reason", refused.reason, "message", refused.message)
			refused.write(w)
			return
		}
		if result.body == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeJSON(w, http.StatusOK, result.body)
	}
}

// serve checks who calls before what is asked, as Google does.
func (s *Simulator) serve(m method, r *http.Request, body map[string]any, unreadable *refusal) (answer, *refusal) {
	scheme, accessToken, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	caller, ok := s.tokens[accessToken]
	if scheme != "Bearer" || !ok || !s.config.Clock().Before(caller.Expires) {
		return answer{}, unauthorized
	}
	s.calls[m.id]++
	permitted := slices.ContainsFunc(caller.Scopes, func(scope string) bool {
		return slices.Contains(m.scopes, scope)
	})
	if !permitted {
		return answer{}, scopeMissing
	}
	if unreadable != nil {
		return answer{}, unreadable
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return answer{}, invalid("the query cannot be read")
	}
	for name, values := range query {
		parameter, known := m.query[name]
		if !known {
			return answer{}, invalid("parameter %s is not one that %s has here", name, m.id)
		}
		if err := parameter.checkParameter(name, values); err != nil {
			return answer{}, invalid("%s", err)
		}
	}
	return m.serve(s, request{
		caller:     s.accounts[caller.User],
		calendarID: r.PathValue("calendarId"),
		eventID:    r.PathValue("eventId"),
		query:      query,
		body:       body,
	})
}

// readBody reads and checks the JSON body that the method takes.
func readBody(m method, r *http.Request) (map[string]any, *refusal) {
	content, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil || len(content) > bodyLimit {
		return nil, invalid("the body cannot be read, or is too long")
	}
	if m.body == nil {
		if len(content) > 0 {
			return nil, invalid("%s takes no body", m.id)
		}
		return nil, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, invalid("the body's type must be application/json")
	}
	var body map[string]any
	if err := json.Unmarshal(content, &body); err != nil || body == nil {
		return nil, invalid("the body must be a JSON object")
	}
	if err := m.body.check("body", body); err != nil {
		return nil, invalid("%s", err)
	}
	return body, nil
}
