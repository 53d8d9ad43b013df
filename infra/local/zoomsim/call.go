package zoomsim

import (
	"bytes"
	"encoding/json"
	"errors"
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
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Errors  []detail `json:"errors,omitempty"`
}

type detail struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// wrong refuses a request for what is wrong with one field. Zoom lets fields
// that it does not know pass; here they are a mistake of ours.
func wrong(field, format string, args ...any) *refusal {
	return &refusal{
		status: http.StatusBadRequest, Code: 300, Message: "Validation Failed.",
		Errors: []detail{{Field: field, Message: fmt.Sprintf(format, args...)}},
	}
}

var noMeeting = &refusal{status: http.StatusNotFound, Code: 3001, Message: "Meeting does not exist."}

var mayNotSchedule = &refusal{status: http.StatusBadRequest, Code: 3161,
	Message: "Your user account is not allowed meeting hosting and scheduling capabilities."}

// request is a call whose caller, query and body were checked.
type request struct {
	user  string // their address
	id    string // of the path
	query url.Values
	body  []byte // JSON; nil where the call takes none
}

// apiCall is one call of the API (developers.zoom.us/docs/api/users and /meetings).
type apiCall struct {
	verb, path string
	scope      string
	schedules  bool     // asks for a user who may schedule meetings
	query      []string // the parameters that it knows
	hasBody    bool
	// serve returns the status, and the answer unless the status is 204.
	serve func(*Simulator, request) (int, any, *refusal)
}

var calls = []apiCall{
	{verb: http.MethodGet, path: "/users/me", scope: "user:read:user", serve: (*Simulator).showUser},
	{verb: http.MethodGet, path: "/users/me/settings", scope: "user:read:settings",
		query: []string{"custom_query_fields"}, serve: (*Simulator).showSettings},
	{verb: http.MethodPost, path: "/users/me/meetings", scope: "meeting:write:meeting", schedules: true, hasBody: true, serve: (*Simulator).create},
	{verb: http.MethodGet, path: "/users/me/meetings", scope: "meeting:read:list_meetings",
		query: []string{"type", "page_size", "next_page_token"}, serve: (*Simulator).list},
	{verb: http.MethodGet, path: "/meetings/{id}", scope: "meeting:read:meeting", serve: (*Simulator).get},
	{verb: http.MethodPatch, path: "/meetings/{id}", scope: "meeting:update:meeting", schedules: true, hasBody: true, serve: (*Simulator).update},
	{verb: http.MethodDelete, path: "/meetings/{id}", scope: "meeting:delete:meeting",
		query: []string{"schedule_for_reminder", "cancel_meeting_reminder"}, serve: (*Simulator).remove},
}

// serveCall checks a call and serves it. Calls are served one at a time: each
// sees what the one before it left.
func (s *Simulator) serveCall(c apiCall) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, unreadable := readBody(c, r)
		status, answer, refused := s.check(c, r, body, unreadable)
		w.Header().Set("X-Zm-Trackingid", "SIM_"+r.Method)
		switch {
		case refused != nil:
			s.config.Log.Warn("call refused", "call", c.verb+" "+c.path, "status", refused.status, "code", refused.Code,
				"errors", refused.Errors)
			writeJSON(w, refused.status, refused)
		case answer == nil:
			w.WriteHeader(status)
		default:
			writeJSON(w, status, answer)
		}
	}
}

// check looks at who calls before what is asked, as Zoom does.
func (s *Simulator) check(c apiCall, r *http.Request, body []byte, unreadable *refusal) (int, any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, refused := s.caller(r, c.scope)
	if refused != nil {
		return 0, nil, refused
	}
	if c.schedules && !user.maySchedule() {
		return 0, nil, mayNotSchedule
	}
	if unreadable != nil {
		return 0, nil, unreadable
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, nil, wrong("query", "It cannot be read.")
	}
	for name, values := range query {
		if !slices.Contains(c.query, name) || len(values) > 1 {
			return 0, nil, wrong(name, "Unknown or repeated parameter.")
		}
	}
	return c.serve(s, request{user: user.Email, id: r.PathValue("id"), query: query, body: body})
}

func readBody(c apiCall, r *http.Request) ([]byte, *refusal) {
	content, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil || len(content) > bodyLimit {
		return nil, wrong("body", "It cannot be read, or is too long.")
	}
	if !c.hasBody {
		if len(content) > 0 {
			return nil, wrong("body", "The call takes none.")
		}
		return nil, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, Code: 300, Message: "Content-Type must be application/json."}
	}
	return content, nil
}

// decode reads the body into v and refuses unknown fields and wrong types by
// name.
func decode(body []byte, v any) *refusal {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrong(kind.Field, "It must be a %s.", kind.Type)
	}
	if err != nil {
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return wrong(name, "Unknown field, or the body is not JSON.")
	}
	return nil
}
