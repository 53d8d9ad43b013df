package page

import (
	"encoding/json"
	"slices"

	"yakusoku/shared/language"
)

// Defaults returns the settings of a page whose host left everything out
// (DESIGN §5). Slug and title have none: a host must give them. Nor have
// overrides and questions, whose values there are examples.
func Defaults() Page {
	primary := CalendarRef{Provider: Google, ID: "primary"}
	return Page{
		Published:           true,
		TimeZone:            "Asia/Tokyo",
		Language:            language.Japanese,
		DurationMinutes:     30,
		SlotIntervalMinutes: 30,
		MinNoticeMinutes:    60,
		HorizonDays:         60,
		Weekly: Weekly{
			Monday: []Window{{From: "09:00", To: "12:00"}, {From: "13:00", To: "18:00"}},
		}.filled(),
		Overrides: []Override{},
		Holidays:  NationalHolidaysOfJapan,
		Format:    Web,
		Platform:  ZoomPlatform,
		Zoom:      Zoom{WaitingRoom: true, Passcode: true, AutoSummary: SummaryAsAccount},
		Calendars: Calendars{Write: primary, Check: []CalendarRef{primary}},
		Questions: []Question{},
		Reminders: []Reminder{{MinutesBefore: 1440}, {MinutesBefore: 60}},

		Phone:        NotAsked,
		EmbedOrigins: []string{},
	}
}

// UnmarshalJSON reads the host API's form: what is left out takes its default,
// and a list that is given, even an empty one, replaces the default whole.
func (p *Page) UnmarshalJSON(body []byte) error {
	type plain Page
	defaults := Defaults()
	given := plain(defaults)
	// encoding/json reads a list into the elements that are there already.
	given.Overrides, given.Calendars.Check, given.Questions, given.Reminders, given.EmbedOrigins = nil, nil, nil, nil, nil
	if err := json.Unmarshal(body, &given); err != nil {
		return err
	}
	given.Host = p.Host
	given.Overrides = listOr(given.Overrides, defaults.Overrides)
	given.Calendars.Check = listOr(given.Calendars.Check, defaults.Calendars.Check)
	given.Questions = listOr(given.Questions, defaults.Questions)
	given.Reminders = listOr(given.Reminders, defaults.Reminders)
	given.EmbedOrigins = listOr(given.EmbedOrigins, defaults.EmbedOrigins)
	*p = Page(given)
	return nil
}

// UnmarshalJSON replaces the week: a weekday that is left out has no windows.
func (w *Weekly) UnmarshalJSON(body []byte) error {
	if string(body) == "null" {
		return nil
	}
	type plain Weekly
	var given plain
	if err := json.Unmarshal(body, &given); err != nil {
		return err
	}
	*w = Weekly(given).filled()
	return nil
}

// filled gives weekdays without windows an empty list, so that JSON shows one.
func (w Weekly) filled() Weekly {
	for _, day := range w.days() {
		*day = listOr(*day, []Window{})
	}
	return w
}

func listOr[E any](list, otherwise []E) []E {
	if list == nil {
		return otherwise
	}
	return list
}

// Complete returns the page with an empty list wherever it has none, as the host
// API's form has it: a page that was not made through it may lack some.
func (p Page) Complete() Page {
	p.Weekly = p.Weekly.filled()
	p.Overrides = slices.Clone(listOr(p.Overrides, []Override{}))
	for i := range p.Overrides {
		p.Overrides[i].Windows = listOr(p.Overrides[i].Windows, []Window{})
	}
	p.Questions = slices.Clone(listOr(p.Questions, []Question{}))
	for i := range p.Questions {
		p.Questions[i].Options = listOr(p.Questions[i].Options, []string{})
	}
	p.Calendars.Check = listOr(p.Calendars.Check, []CalendarRef{})
	p.Reminders = listOr(p.Reminders, []Reminder{})
	p.EmbedOrigins = listOr(p.EmbedOrigins, []string{})
	if p.Phone == "" {
		p.Phone = NotAsked
	}
	return p
}
