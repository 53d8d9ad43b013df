package microsoftsim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"yakusoku/shared/zone"
)

// bodyLimit bounds a request's body, in bytes.
const bodyLimit = 1 << 20

// atOnce is how many calls a mailbox takes at once from one app
// (learn.microsoft.com/graph/throttling-limits).
const atOnce = 4

// refusal is an answer that is not a success, in the API's own form.
type refusal struct {
	status  int
	code    string
	message string
	after   time.Duration // Retry-After; 0: none
}

// What Microsoft says, word for word where its words are known.
var (
	noToken      = &refusal{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: "Access token is empty."}
	badToken     = &refusal{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: "Lifetime validation failed, the token is expired."}
	accessDenied = &refusal{status: http.StatusForbidden, code: "ErrorAccessDenied", message: "Access is denied. Check credentials and try again."}
	noMailbox    = &refusal{status: http.StatusNotFound, code: "MailboxNotEnabledForRESTAPI", message: "The mailbox is either inactive, soft-deleted, or is hosted on-premise."}
	itemNotFound = &refusal{status: http.StatusNotFound, code: "ErrorItemNotFound", message: "The specified object was not found in the store."}
	malformedID  = &refusal{status: http.StatusBadRequest, code: "ErrorInvalidIdMalformed", message: "Id is malformed."}
	duplicate    = &refusal{status: http.StatusConflict, code: "ErrorDuplicateTransactionId",
		message: "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event."}
	viewTooLong = &refusal{status: http.StatusBadRequest, code: "ErrorCalendarViewRangeTooBig",
		message: "The calendar view is too big: it may span at most 1825 days."}
	badRange    = &refusal{status: http.StatusBadRequest, code: "ErrorInvalidParameter", message: "The start must be before the end."}
	overMailbox = &refusal{status: http.StatusTooManyRequests, code: "ApplicationThrottled",
		message: "Application is over its MailboxConcurrency limit.", after: time.Second}
)

// invalid refuses a request for what is wrong with it.
func invalid(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "ErrorInvalidRequest", message: fmt.Sprintf(format, args...)}
}

// unparsed refuses a query.
func unparsed(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "RequestBroker--ParseUri", message: fmt.Sprintf(format, args...)}
}

// unsaved is the answer when the journal could not be written.
func unsaved(err error) *refusal {
	return &refusal{status: http.StatusInternalServerError, code: "ErrorInternalServerError", message: err.Error()}
}

func (r *refusal) write(w http.ResponseWriter, requestID string, now time.Time) {
	if r.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(r.after/time.Second)))
	}
	writeJSON(w, r.status, map[string]any{"error": map[string]any{
		"code":    r.code,
		"message": r.message,
		"innerError": map[string]string{
			"date": now.UTC().Format("2006-01-02T15:04:05"), "request-id": requestID, "client-request-id": requestID,
		},
	}})
}

// throttle is what a test has asked for: the next so many calls of a mailbox are
// answered 429.
type throttle struct {
	times int
	after time.Duration
}

// serveMethod checks a call against its method and serves it. Calls are served
// one at a time: each sees what the one before it left.
func (s *Simulator) serveMethod(m method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		requestID := newGUID()
		w.Header().Set("request-id", requestID)
		w.Header().Set("client-request-id", requestID)
		result, refused := s.admit(m, r)
		if refused != nil {
			s.config.Log.Warn("call refused", "method", m.id, "status", refused.status, "code", refused.code, "message", refused.message)
			refused.write(w, requestID, s.config.Clock())
			return
		}
		if result.status == http.StatusNoContent {
			w.WriteHeader(result.status)
			return
		}
		writeJSON(w, result.status, result.body)
	}
}

func (s *Simulator) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.config.Log.Warn("call refused", "method", r.Method, "message", "not simulated")
	refused := &refusal{status: http.StatusBadRequest, code: "BadRequest", message: "Resource not found for the segment, or not simulated."}
	refused.write(w, newGUID(), s.config.Clock())
}

// admit checks who calls before what is asked, as Microsoft does. A call counts
// as under way from when its caller is known, its body being read or not.
func (s *Simulator) admit(m method, r *http.Request) (answer, *refusal) {
	s.mu.Lock()
	caller, refused := s.caller(m, r)
	if refused == nil {
		refused = s.enter(caller.Email)
	}
	s.mu.Unlock()
	if refused != nil {
		return answer{}, refused
	}
	body, refused := readBody(m, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underway[caller.Email]--
	if refused != nil {
		return answer{}, refused
	}
	return s.serve(m, r, s.accounts[caller.Email], body)
}

// caller tells whose call it is, if the token permits it.
func (s *Simulator) caller(m method, r *http.Request) (*account, *refusal) {
	scheme, accessToken, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "Bearer" || accessToken == "" {
		return nil, noToken
	}
	t, ok := s.tokens[accessToken]
	if !ok || !s.config.Clock().Before(t.Expires) {
		return nil, badToken
	}
	if !slices.ContainsFunc(t.Scopes, func(scope string) bool { return slices.Contains(m.scopes, scope) }) {
		return nil, accessDenied
	}
	a := s.accounts[t.User]
	if m.mailbox && a.NoMailbox {
		return nil, noMailbox
	}
	return a, nil
}

// enter counts a call of the mailbox as under way, or refuses it.
func (s *Simulator) enter(email string) *refusal {
	if asked := s.throttle[email]; asked.times > 0 {
		asked.times--
		s.throttle[email] = asked
		return &refusal{status: http.StatusTooManyRequests, code: "ApplicationThrottled", message: "Application is throttled.", after: asked.after}
	}
	if s.underway[email] >= atOnce {
		return overMailbox
	}
	s.underway[email]++
	return nil
}

func (s *Simulator) serve(m method, r *http.Request, a *account, body []byte) (answer, *refusal) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return answer{}, unparsed("the query cannot be read")
	}
	for name, values := range query {
		check, known := m.query[name]
		if !known {
			return answer{}, unparsed("query option %s is not one that %s has here", name, m.id)
		}
		if len(values) > 1 || !check(values[0]) {
			return answer{}, unparsed("query option %s is not valid", name)
		}
	}
	preferred, refused := preferencesOf(r.Header.Values("Prefer"))
	if refused != nil {
		return answer{}, refused
	}
	return m.serve(s, request{
		caller:     a,
		calendarID: r.PathValue("calendarID"),
		eventID:    r.PathValue("eventID"),

		subscriptionID: r.PathValue("subscriptionID"),
		query:          query,
		body:           body,
		prefer:         preferred,
		self:           "http://" + r.Host + r.URL.EscapedPath(),
	})
}

// preferences are what the client asks for in Prefer headers.
type preferences struct {
	lasting bool           // IdType="ImmutableId"
	name    string         // of the time zone in which times are answered
	zone    *time.Location // that
}

var preferencePattern = regexp.MustCompile(`^\s*([A-Za-z.-]+)\s*=\s*"?([^",]*)"?\s*$`)

// preferencesOf reads the header. HTTP would have unknown preferences ignored;
// here each is somebody's mistake.
func preferencesOf(headers []string) (preferences, *refusal) {
	p := preferences{name: "UTC", zone: time.UTC}
	for _, header := range headers {
		for _, part := range strings.Split(header, ",") {
			match := preferencePattern.FindStringSubmatch(part)
			switch {
			case match == nil:
				return p, invalid("Prefer: %q cannot be read", part)
			case match[1] == "IdType" && match[2] == "ImmutableId":
				p.lasting = true
			case match[1] == "outlook.timezone":
				in, err := location(match[2])
				if err != nil {
					return p, &refusal{status: http.StatusBadRequest, code: "TimeZoneNotSupportedException",
						message: "A valid TimeZone value must be specified."}
				}
				p.name, p.zone = match[2], in
			default:
				return p, invalid("Prefer: %q is not known here", part)
			}
		}
	}
	return p, nil
}

// location knows a time zone by its name at Windows or at IANA.
func location(name string) (*time.Location, error) {
	if in, err := zone.LoadWindows(name); err == nil {
		return in, nil
	}
	return zone.Load(name)
}

// readBody reads the JSON body that the method takes.
func readBody(m method, r *http.Request) ([]byte, *refusal) {
	content, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil || len(content) > bodyLimit {
		return nil, invalid("the body cannot be read, or is too long")
	}
	if !m.body {
		if len(content) > 0 {
			return nil, invalid("%s takes no body", m.id)
		}
		return nil, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, invalid("the body's type must be application/json")
	}
	if !json.Valid(content) {
		return nil, &refusal{status: http.StatusBadRequest, code: "BadRequest", message: "Unable to read JSON request payload."}
	}
	return content, nil
}
