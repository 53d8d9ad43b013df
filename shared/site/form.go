package site

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
)

// form is the plain form that books, as a browser without scripts gets it.
type form struct {
	Action   string
	Key      string // Idempotency-Key: a form that is sent twice books once
	Start    string
	When     string
	Starts   []choice // to choose from instead, where the start is gone
	Language string
	TimeZone string
	Shown    int64 // when, Unix milliseconds: how long it took to fill in
	Alert    string
	Fields   []field
	Consent  *consentField
	Code     *field // once a code was sent
	Trap     string // the name of the field that people cannot see
}

// field is one input. Kind says which.
type field struct {
	Name, Label, Hint string
	Kind              fieldKind
	Type              string // of an input
	Autocomplete      string
	Required          bool
	Value             string
	Options           []choice
	Unchosen          string // of a select: what choosing none is called, if not "please choose"
	Most              int    // characters; 0: no limit
	Error             string
}

type fieldKind string

const (
	inputField  fieldKind = "input"
	areaField   fieldKind = "textarea"
	selectField fieldKind = "select"
	ticksField  fieldKind = "ticks" // several of the options
	tickField   fieldKind = "tick"
)

type consentField struct {
	page.Consent
	Ticked bool
	Error  string
}

// The names of the form's fields besides answers.<id>, and of the API's fields
// that they become.
const (
	nameField        = "guest.name"
	emailField       = "guest.email"
	companyField     = "guest.company"
	phoneField       = "guest.phone"
	coAttendeesField = "guest.coAttendees"
	consentName      = "consent"
	codeName         = "code"
	trapName         = "website"
	answerPrefix     = "answers."
)

// newForm is the form before anything was typed.
func newForm(o booking.Offer, in way, start, now time.Time) *form {
	w := wordsIn(in.Language)
	f := &form{
		Action:   pagePath(o.Page.Host, o.Page.Slug),
		Key:      rand.Text(),
		Language: string(in.Language),
		TimeZone: in.Zone.String(),
		Shown:    now.UnixMilli(),
		Trap:     trapName,
		Fields: []field{
			{Name: nameField, Label: w.Name, Hint: w.NameHint, Kind: inputField, Type: "text", Autocomplete: "name", Required: true},
			{Name: emailField, Label: w.Email, Hint: w.EmailHint, Kind: inputField, Type: "email", Autocomplete: "email", Required: true},
			{Name: companyField, Label: w.Company, Kind: inputField, Type: "text", Autocomplete: "organization"},
		},
	}
	f.begin(in, start, start.Add(time.Duration(o.Page.DurationMinutes)*time.Minute))
	if o.Page.Phone == page.Optional || o.Page.Phone == page.Needed {
		f.Fields = append(f.Fields, field{Name: phoneField, Label: w.Phone, Kind: inputField, Type: "tel", Autocomplete: "tel", Required: o.Page.Phone == page.Needed})
	}
	if o.Page.MaxCoAttendees > 0 {
		f.Fields = append(f.Fields, field{Name: coAttendeesField, Label: w.CoAttendees, Hint: fmt.Sprintf(w.CoAttendeesHint, o.Page.MaxCoAttendees), Kind: areaField})
	}
	for _, q := range o.Page.Questions {
		f.Fields = append(f.Fields, questionField(q))
	}
	if o.Page.Consent.Version != "" {
		f.Consent = &consentField{Consent: o.Page.Consent}
	}
	return f
}

func (f *form) begin(in way, start, end time.Time) {
	f.Start, f.When = start.In(in.Zone).Format(time.RFC3339), in.span(start, end)
}

func questionField(q page.Question) field {
	made := field{Name: answerPrefix + q.ID, Label: q.Label, Required: q.Required, Kind: inputField, Type: "text"}
	switch q.Type {
	case page.TextArea:
		made.Kind = areaField
	case page.Select:
		made.Kind = selectField
	case page.MultiSelect:
		made.Kind = ticksField
	case page.Checkbox:
		made.Kind = tickField
	}
	for _, o := range q.Options {
		made.Options = append(made.Options, choice{Value: o, Label: o})
	}
	return made
}

// fill puts back what was typed.
func (f *form) fill(typed map[string][]string) {
	one := func(name string) string { return strings.Join(typed[name], "") }
	if first, err := strconv.ParseInt(one("shown"), 10, 64); err == nil {
		f.Shown = min(f.Shown, first)
	}
	for i := range f.Fields {
		made := &f.Fields[i]
		made.Value = one(made.Name)
		for j := range made.Options {
			made.Options[j].Chosen = slices.Contains(typed[made.Name], made.Options[j].Value)
		}
	}
	if f.Consent != nil {
		f.Consent.Ticked = one(consentName) == f.Consent.Version
	}
}

// askCode adds the field for the code that was sent.
func (f *form) askCode(w words) {
	f.Code = &field{Name: codeName, Label: w.Code, Hint: w.CodeHint, Kind: inputField, Type: "text", Autocomplete: "one-time-code", Required: true}
}

// explain puts each problem beside its field, and says at the head of the form
// what has no field.
func (f *form) explain(p *problem.Problem) {
	f.Alert = p.Detail
	for _, wrong := range p.Errors {
		name, _, _ := strings.Cut(wrong.Field, "[") // of a list, the whole
		switch {
		case f.Consent != nil && name == consentName:
			f.Consent.Error = wrong.Detail
			continue
		case f.Code != nil && name == codeName:
			f.Code.Error = wrong.Detail
			continue
		}
		i := slices.IndexFunc(f.Fields, func(made field) bool { return made.Name == name })
		if i >= 0 {
			f.Fields[i].Error = wrong.Detail
		} else {
			f.Alert += " " + wrong.Detail
		}
	}
}

// nearest is how many open starts are offered for one that is gone.
const nearest = 12

// taken offers the open starts nearest to the one that is gone.
func (f *form) taken(why string, month booking.Month, in way, gone time.Time) {
	f.Alert, f.Start, f.When = why, "", ""
	f.Starts = nearestTo(gone, month, in)
}

func nearestTo(gone time.Time, month booking.Month, in way) (starts []choice) {
	slots := slices.Clone(month.Slots)
	slices.SortStableFunc(slots, func(a, b availability.Slot) int {
		return int(a.Start.Sub(gone).Abs() - b.Start.Sub(gone).Abs())
	})
	slots = slots[:min(nearest, len(slots))]
	slices.SortFunc(slots, func(a, b availability.Slot) int { return a.Start.Compare(b.Start) })
	for _, s := range slots {
		starts = append(starts, choice{Value: s.Start.In(in.Zone).Format(time.RFC3339), Label: in.span(s.Start, s.End)})
	}
	return starts
}

// fillSeconds is how long the form was seen.
func fillSeconds(shown string, now time.Time) float64 {
	at, err := strconv.ParseInt(shown, 10, 64)
	if err != nil {
		return 0
	}
	return max(0, now.Sub(time.UnixMilli(at)).Seconds())
}
