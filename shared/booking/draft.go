package booking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
)

// draft makes the booking that the submission asks for, if the page allows it.
func (d *Desk) draft(s Submission, snap Snapshot) (Booking, error) {
	p := snap.Page
	if !p.Published {
		return Booking{}, &PageNotFound{}
	}
	if !d.accepting(snap.Host, p) {
		return Booking{}, &NotAccepting{}
	}
	answers, wrong := match(p.Questions, s.Answers)
	wrong = append(wrong, wrongDetails(p, s)...)
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b FieldProblem) int { return strings.Compare(a.Field, b.Field) })
		return Booking{}, &Invalid{Fields: wrong}
	}
	rules, err := availability.Compile(p)
	if err != nil {
		return Booking{}, fmt.Errorf("page %s/%s: %w", s.Host, s.Page, err)
	}
	now := d.Now().UTC()
	start := s.Start.UTC()
	switch v := rules.Check(start, availability.Query{Now: now, Busy: snap.Busy, Booked: snap.Booked}); v {
	case availability.Open:
	case availability.Busy, availability.DayFull:
		return Booking{}, &SlotTaken{}
	default:
		return Booking{}, &SlotNotOpen{Verdict: v}
	}
	return Booking{
		Host:                s.Host,
		Page:                s.Page,
		Start:               start,
		End:                 start.Add(time.Duration(p.DurationMinutes) * time.Minute),
		BufferBeforeMinutes: p.BufferBeforeMinutes,
		BufferAfterMinutes:  p.BufferAfterMinutes,
		LocalDate:           rules.LocalDate(start),
		CountsTowardDay:     p.MaxPerDay > 0,
		Guest:               s.Guest,
		Answers:             answers,
		Consent:             agreed(p.Consent, now),
		Terms:               terms(snap.Host, p),
		Status:              Pending,
		Steps: map[Step]Progress{
			Hold:    {Status: Done, At: now},
			Meeting: {Status: Waiting},
			Event:   {Status: Waiting},
			Mail:    {Status: Waiting},
			Notice:  {Status: Waiting},
		},
		CreatedAt: now,
		Deadline:  now.Add(d.SettleWithin),
	}, nil
}

func terms(h host.Host, p page.Page) Terms {
	return Terms{
		Title:            p.Title,
		Description:      p.Description,
		HostName:         h.Name,
		HostEmail:        h.Email,
		HostTimeZone:     p.TimeZone,
		HostLanguage:     h.Language,
		Format:           p.Format,
		Platform:         p.Platform,
		Zoom:             p.Zoom,
		Write:            p.Calendars.Write,
		Check:            p.Calendars.Check,
		ConfirmationNote: p.ConfirmationNote,
		Reminders:        reminders(p),
		ChangeNotice:     p.ChangeNoticeMinutes,
		AccentColor:      p.Brand.AccentColor,
		RetentionDays:    h.RetentionDays,
	}
}

func reminders(p page.Page) []int {
	var all []int
	for _, r := range p.Reminders {
		all = append(all, r.MinutesBefore)
	}
	return all
}

func (d *Desk) accepting(h host.Host, p page.Page) bool { return !d.Closed && Accepting(h, p) }

// Accepting reports whether every connection that the page's bookings need is
// known to work.
func Accepting(h host.Host, p page.Page) bool {
	needed := []string{string(p.Platform), p.Calendars.Write.Provider}
	for _, c := range p.Calendars.Check {
		needed = append(needed, c.Provider)
	}
	return !slices.ContainsFunc(needed, func(provider string) bool {
		return !h.Connected[provider]
	})
}

// wrongDetails holds the guest's details to what the page asks for.
func wrongDetails(p page.Page, s Submission) (wrong []FieldProblem) {
	add := func(field string, code FieldCode) { wrong = append(wrong, FieldProblem{Field: field, Code: code}) }
	if p.Phone == page.Needed && s.Guest.Phone == "" {
		add("guest.phone", Missing)
	}
	if len(s.Guest.CoAttendees) > p.MaxCoAttendees {
		add("guest.coAttendees", TooMany)
	}
	switch s.Consent {
	case p.Consent.Version:
	case "":
		add("consent", Missing)
	default:
		add("consent", ConsentChanged)
	}
	if p.VerifyEmail && s.Code == "" {
		add("code", Missing)
	}
	return wrong
}

// agreed is the consent that a booking keeps; nil where none was asked for.
func agreed(c page.Consent, now time.Time) *Consent {
	if c.Version == "" {
		return nil
	}
	return &Consent{Version: c.Version, Text: c.Text, URL: c.URL, At: now}
}

// maxAnswer is how many characters one answer may have.
const maxAnswer = 2000

// match puts the answers in the order of the page's questions.
func match(questions []page.Question, given map[string]any) (answers []Answer, wrong []FieldProblem) {
	known := map[string]bool{}
	for _, q := range questions {
		known[q.ID] = true
		value, code := answerTo(q, given[q.ID])
		if code != "" {
			wrong = append(wrong, FieldProblem{Field: "answers." + q.ID, Code: code})
		} else if value != "" {
			answers = append(answers, Answer{ID: q.ID, Label: q.Label, Value: value})
		}
	}
	for id := range given {
		if !known[id] {
			wrong = append(wrong, FieldProblem{Field: "answers." + id, Code: Unknown})
		}
	}
	return answers, wrong
}

func answerTo(q page.Question, given any) (value string, wrong FieldCode) {
	var chosen []string
	switch v := given.(type) {
	case nil:
	case string:
		if q.Type == page.MultiSelect || q.Type == page.Checkbox {
			return "", WrongType
		}
		v = strings.ReplaceAll(v, "\r\n", "\n") // as a plain form sends line ends
		if v = strings.TrimSpace(v); v != "" {
			chosen = []string{v}
		}
	case bool:
		if q.Type != page.Checkbox {
			return "", WrongType
		}
		if v {
			chosen = []string{"✓"}
		}
	case []string:
		if q.Type != page.MultiSelect {
			return "", WrongType
		}
		chosen = v
	default:
		return "", WrongType
	}
	if len(chosen) == 0 && q.Required {
		return "", Missing
	}
	if q.Type == page.Select || q.Type == page.MultiSelect {
		for _, c := range chosen {
			if !slices.Contains(q.Options, c) {
				return "", NoOption
			}
		}
	}
	value = strings.Join(chosen, ", ")
	if len([]rune(value)) > maxAnswer {
		return "", TooLong
	}
	return value, ""
}
