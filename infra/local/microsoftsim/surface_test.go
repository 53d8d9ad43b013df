package microsoftsim

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// definitions are Microsoft's own, for TypeScript: npm @microsoft/microsoft-graph-types.
type definitions string

func readDefinitions(t *testing.T) definitions {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "node_modules", "@microsoft", "microsoft-graph-types", "microsoft-graph.d.ts"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("Microsoft's type definitions are not installed: run `make build`")
	}
	if err != nil {
		t.Fatal(err)
	}
	return definitions(strings.ReplaceAll(string(text), "\r\n", "\n"))
}

// properties are those of an entity, with what it inherits, by their types.
func (d definitions) properties(t *testing.T, entity string) map[string]string {
	t.Helper()
	head := regexp.MustCompile(`(?m)^export interface ` + entity + `(?: extends (\w+))? \{$`).FindStringSubmatchIndex(string(d))
	if head == nil {
		t.Fatalf("Microsoft has no %s", entity)
	}
	all := map[string]string{}
	if head[2] >= 0 {
		all = d.properties(t, string(d[head[2]:head[3]]))
	}
	body, _, _ := strings.Cut(string(d[head[1]:]), "\n}")
	for _, property := range regexp.MustCompile(`(?m)^    (\w+)\??: (.+);$`).FindAllStringSubmatch(body, -1) {
		all[property[1]] = strings.TrimSuffix(strings.TrimPrefix(property[2], "NullableOption<"), ">")
	}
	return all
}

// words are those of an enumeration.
func (d definitions) words(t *testing.T, name string) []string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^export type ` + name + ` =([^;]+);`).FindStringSubmatch(string(d))
	if found == nil {
		t.Fatalf("Microsoft has no %s", name)
	}
	var words []string
	for _, word := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(found[1], -1) {
		words = append(words, word[1])
	}
	return words
}

func TestWhatCanBeWrittenIsPartOfMicrosoftsOwn(t *testing.T) {
	d := readDefinitions(t)
	for entity, ours := range map[string]any{
		"Event": fields{}, "ItemBody": itemBody{}, "Location": place{}, "DateTimeTimeZone": moment{}, "Attendee": attendee{},
		"EmailAddress": emailAddress{}, "SingleValueLegacyExtendedProperty": property{}, "PatternedRecurrence": recurrence{},
		"RecurrencePattern": pattern{}, "RecurrenceRange": span{},
	} {
		theirs := d.properties(t, entity)
		for i := range reflect.TypeOf(ours).NumField() {
			field := reflect.TypeOf(ours).Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			kind, ok := theirs[name]
			if !ok {
				t.Errorf("%s has no %s", entity, name)
				continue
			}
			if want := kindOf(field.Type); want != "" && kind != want {
				t.Errorf("%s.%s is a %s, not a %s", entity, name, kind, want)
			}
		}
	}
}

// kindOf is TypeScript's name for a simple type; others go by the table above.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "number"
	}
	return ""
}

func TestWhatIsAnsweredIsPartOfMicrosoftsOwn(t *testing.T) {
	d := readDefinitions(t)
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.accountOf("a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	e := &event{ID: newID(movingPrefix), Lasting: newID(lastingPrefix), User: a.Email, Response: "organizer", Fields: fields{
		Start: &moment{"2026-12-01T00:00:00", "UTC"}, End: &moment{"2026-12-01T01:00:00", "UTC"},
	}}
	answered := func(serve func(*Simulator, request) (answer, *refusal)) map[string]any {
		got, refused := serve(s, request{caller: a})
		if refused != nil {
			t.Fatal(refused)
		}
		body := got.body.(map[string]any)
		if list, ok := body["value"].([]map[string]any); ok {
			return list[0]
		}
		return body
	}
	for entity, test := range map[string]struct {
		answer     map[string]any
		selectable []string
	}{
		"Event":    {e.resource(preferences{zone: time.UTC}), eventProperties},
		"Calendar": {answered((*Simulator).listCalendars), calendarProperties},
		"User":     {answered((*Simulator).getUser), userProperties},
	} {
		theirs := d.properties(t, entity)
		var names []string
		for name := range test.answer {
			if strings.HasPrefix(name, "@odata.") {
				continue
			}
			names = append(names, name)
			if _, ok := theirs[name]; !ok {
				t.Errorf("%s has no %s", entity, name)
			}
		}
		if diff := cmp.Diff(sorted(names), sorted(test.selectable)); diff != "" {
			t.Errorf("%s (-answered +selectable):\n%s", entity, diff)
		}
	}
}

func TestTheWordsAreMicrosofts(t *testing.T) {
	d := readDefinitions(t)
	for name, ours := range map[string][]string{
		"FreeBusyStatus": statuses, "Sensitivity": sensitivities, "Importance": importances, "BodyType": bodyTypes,
		"AttendeeType": attendeeTypes, "ResponseType": responses, "RecurrenceRangeType": rangeTypes, "DayOfWeek": weekdayNames,
	} {
		if diff := cmp.Diff(sorted(d.words(t, name)), sorted(ours)); diff != "" {
			t.Errorf("%s (-Microsoft +ours):\n%s", name, diff)
		}
	}
	for _, ours := range patternTypes { // not all of them are simulated
		if !slices.Contains(d.words(t, "RecurrencePatternType"), ours) {
			t.Errorf("there is no pattern %s", ours)
		}
	}
}

func TestAPatchSharesNothingWithTheEventThatItChanges(t *testing.T) {
	minutes, yes := 5, true
	before := fields{
		Body: &itemBody{"text", "a"}, Location: &place{"a"}, Start: &moment{"a", "b"}, End: &moment{"a", "b"},
		IsReminderOn: &yes, ReminderMinutesBeforeStart: &minutes, AllowNewTimeProposals: &yes, ResponseRequested: &yes, HideAttendees: &yes,
		Attendees:                     []attendee{{EmailAddress: emailAddress{Address: "a"}}},
		SingleValueExtendedProperties: []property{{"a", "b"}},
		Recurrence:                    &recurrence{Pattern: pattern{Type: "daily", Interval: 1}},
	}
	kept, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	after := before.copied()
	if refused := decode([]byte(`{"body":{"content":"z"},"location":{"displayName":"z"},"start":{"timeZone":"z"},"end":{"timeZone":"z"},
		"isReminderOn":false,"reminderMinutesBeforeStart":9,"allowNewTimeProposals":false,"responseRequested":false,"hideAttendees":false,
		"attendees":[{"emailAddress":{"address":"z"}}],"singleValueExtendedProperties":[{"id":"z","value":"z"}],"recurrence":{"pattern":{"interval":9}}}`), &after); refused != nil {
		t.Fatal(refused)
	}
	now, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), string(now)); diff != "" {
		t.Errorf("the event changed with its copy (-before +after):\n%s", diff)
	}
	if after.Body.Content != "z" || after.Body.ContentType != "text" || after.Recurrence.Pattern.Type != "daily" {
		t.Errorf("the copy: %+v %+v", after.Body, after.Recurrence)
	}
}

func sorted(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return values
}
