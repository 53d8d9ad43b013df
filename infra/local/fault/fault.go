// Package fault makes the services behind the local run fail on demand: which
// call, how, and how often. It knows HTTP; what a call means is its service's.
package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Kind is how a call fails.
type Kind string

const (
	Error      Kind = "error"       // answered with the rule's status and body; no effect
	HangBefore Kind = "hang_before" // no effect, and no answer until the caller gives up
	HangAfter  Kind = "hang_after"  // the effect, and no answer until the caller gives up
	Late       Kind = "late"        // no answer until the caller gives up, and the effect only then
	ResetAfter Kind = "reset_after" // the effect, and the connection is cut
	Malformed  Kind = "malformed"   // the effect, and an answer that is not JSON
	Truncated  Kind = "truncated"   // the effect, and half the answer
	Cut        Kind = "cut"         // the effect, and the connection is cut within the answer
	Drip       Kind = "drip"        // the effect, and an answer that does not end before the caller gives up
	Retyped    Kind = "retyped"     // the effect, and an answer whose numbers are texts and whose texts are numbers
	Twice      Kind = "twice"       // the effect twice, at once; of functions alone, which may be delivered so
	HTML       Kind = "html"        // the effect, and a page instead of the answer
)

var kinds = []Kind{Error, HangBefore, HangAfter, Late, ResetAfter, Malformed, Truncated, Cut, Drip, Retyped, HTML, Twice}

// Rule says which calls fail and how.
type Rule struct {
	// Match is a service, a method and a path: "zoom POST /v2/users/me/meetings".
	// Each is a path.Match pattern, so that * stands for one segment; the path /**
	// is any.
	Match string `json:"match"`
	// Holding narrows it to calls in whose path, query or body one of these texts
	// stands: the ids of the one booking that shall meet the fault.
	Holding []string `json:"holding,omitempty"`
	// After is how many of those calls pass before the first that fails.
	After int  `json:"after,omitempty"`
	Kind  Kind `json:"kind"`
	// Status, Header and Body are the answer of kind error.
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	// Seconds is how long after the caller gave up a late effect comes.
	Seconds float64 `json:"seconds,omitempty"`
	// Times is how many calls fail; 0 means all until the rules are cleared.
	Times int `json:"times,omitempty"`
	// Hits counts the calls that failed by the rule, and Landed those of them whose
	// effect has come about.
	Hits   int `json:"hits"`
	Landed int `json:"landed,omitempty"`
	// Met are the calls that the rule was for, in their order, until it was used up.
	Met []string `json:"met,omitempty"`
}

func (r Rule) check() error {
	if _, err := path.Match(r.Match, ""); err != nil || r.Match == "" {
		return fmt.Errorf("match %q is not a pattern", r.Match)
	}
	if !slices.Contains(kinds, r.Kind) {
		return fmt.Errorf("kind %q is none of %v", r.Kind, kinds)
	}
	if r.Kind == Twice && !strings.HasPrefix(r.Match, "lambda ") {
		return fmt.Errorf("only functions are called %s", r.Kind)
	}
	if r.Kind == Error && (r.Status < 100 || r.Status > 599) {
		return fmt.Errorf("status %d is not an HTTP status", r.Status)
	}
	return nil
}

// concerns reports whether the rule is for the call, whose content is all that it
// says.
func (r Rule) concerns(call, content string) bool {
	pattern := r.Match
	if before, ok := strings.CutSuffix(pattern, " /**"); ok {
		pattern = before
		if call, _, ok = strings.Cut(call, " /"); !ok {
			return false
		}
	}
	if ok, _ := path.Match(pattern, call); !ok {
		return false
	}
	return len(r.Holding) == 0 || slices.ContainsFunc(r.Holding, func(text string) bool { return strings.Contains(content, text) })
}

// Faults holds the rules in force. The zero value has none. It is safe for
// concurrent use.
type Faults struct {
	mu    sync.Mutex
	rules []*Rule
}

// Add puts a rule in force, behind those that are.
func (f *Faults) Add(r Rule) error {
	if err := r.check(); err != nil {
		return err
	}
	r.Hits, r.Landed, r.Met = 0, 0, nil
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &r)
	return nil
}

// Clear takes every rule back.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// Rules returns the rules with their hits, those used up too.
func (f *Faults) Rules() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Rule, 0, len(f.rules))
	for _, r := range f.rules {
		rule := *r
		rule.Met = slices.Clone(r.Met)
		all = append(all, rule)
	}
	return all
}

// Take returns the first rule in force for the call, and counts the hit. A call is
// named as Rule.Match is written; content is what Rule.Holding is looked for in.
func (f *Faults) Take(call, content string) (Rule, bool) {
	rule, ok, _ := f.take(call, content)
	return rule, ok
}

// take is Take, and returns what is to be called when the effect has come about.
func (f *Faults) take(call, content string) (rule Rule, ok bool, landed func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.Times > 0 && r.Hits >= r.Times || !r.concerns(call, content) {
			continue
		}
		r.Met = append(r.Met, call)
		if len(r.Met) <= r.After {
			continue
		}
		r.Hits++
		return *r, true, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			r.Landed++
		}
	}
	return Rule{}, false, nil
}

// ServeHTTP lets a test or a person rule: GET lists, POST adds one, DELETE
// clears.
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(f.Rules()) // the caller may have left
	case http.MethodPost:
		var rule Rule
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&rule)
		if err == nil {
			err = f.Add(rule)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case http.MethodDelete:
		f.Clear()
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		http.Error(w, "GET lists the rules, POST adds one, DELETE clears them", http.StatusMethodNotAllowed)
	}
}
