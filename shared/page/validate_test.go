package page_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

// intro is a page that breaks no rule.
func intro() page.Page {
	p := page.Defaults()
	p.Slug, p.Title = "intro", "初回相談"
	return p
}

func TestValidate(t *testing.T) {
	problem := func(path string, code page.Code) []page.Problem { return []page.Problem{{Path: path, Code: code}} }
	outside := func(path string, least, most int) []page.Problem {
		return []page.Problem{{Path: path, Code: page.OutOfRange, Min: least, Max: most}}
	}
	beyond := func(path string, code page.Code, most int) []page.Problem {
		return []page.Problem{{Path: path, Code: code, Max: most}}
	}
	windows := func(w ...page.Window) []page.Window { return w }
	long := strings.Repeat("長", 2001)

	tests := map[string]struct {
		change func(*page.Page)
		want   []page.Problem
	}{
		"the defaults with slug and title are valid": {func(p *page.Page) {}, nil},
		"the defaults alone lack slug and title": {func(p *page.Page) { *p = page.Defaults() },
			append(problem("slug", page.Required), problem("title", page.Required)...)},

		"a slug of one character":            {func(p *page.Page) { p.Slug = "a" }, nil},
		"a slug of 50 characters":            {func(p *page.Page) { p.Slug = strings.Repeat("a", 50) }, nil},
		"a slug of 51 characters":            {func(p *page.Page) { p.Slug = strings.Repeat("a", 51) }, problem("slug", page.Malformed)},
		"a slug with capitals":               {func(p *page.Page) { p.Slug = "Intro" }, problem("slug", page.Malformed)},
		"a slug that starts with a hyphen":   {func(p *page.Page) { p.Slug = "-intro" }, problem("slug", page.Malformed)},
		"a slug that ends with a hyphen":     {func(p *page.Page) { p.Slug = "intro-" }, problem("slug", page.Malformed)},
		"a slug with what separates keys":    {func(p *page.Page) { p.Slug = "in#tro" }, problem("slug", page.Malformed)},
		"a slug that ends with a line break": {func(p *page.Page) { p.Slug = "intro\n" }, problem("slug", page.Malformed)},

		"a title of 100 characters":    {func(p *page.Page) { p.Title = strings.Repeat("長", 100) }, nil},
		"a title of 101 characters":    {func(p *page.Page) { p.Title = strings.Repeat("長", 101) }, beyond("title", page.TooLong, 100)},
		"a title of spaces":            {func(p *page.Page) { p.Title = " 　" }, problem("title", page.Required)},
		"a title with a line break":    {func(p *page.Page) { p.Title = "a\r\nBcc: b" }, problem("title", page.Malformed)},
		"a long description":           {func(p *page.Page) { p.Description = long[:2000*len("長")] }, nil},
		"a too long description":       {func(p *page.Page) { p.Description = long }, beyond("description", page.TooLong, 2000)},
		"a description of two lines":   {func(p *page.Page) { p.Description = "a\n\tb" }, nil},
		"a description with a null":    {func(p *page.Page) { p.Description = "a\x00" }, problem("description", page.Malformed)},
		"a too long confirmation note": {func(p *page.Page) { p.ConfirmationNote = long }, beyond("confirmationNote", page.TooLong, 2000)},

		"no zone":            {func(p *page.Page) { p.TimeZone = "" }, problem("timezone", page.Required)},
		"a zone of no place": {func(p *page.Page) { p.TimeZone = "Mars/Olympus" }, problem("timezone", page.Unknown)},
		"the machine's zone": {func(p *page.Page) { p.TimeZone = "Local" }, problem("timezone", page.Unknown)},
		"English":            {func(p *page.Page) { p.Language = language.English }, nil},
		"French":             {func(p *page.Page) { p.Language = "fr" }, problem("locale", page.Unknown)},
		"no language":        {func(p *page.Page) { p.Language = "" }, problem("locale", page.Required)},

		"the shortest duration":         {func(p *page.Page) { p.DurationMinutes = 5 }, nil},
		"no duration":                   {func(p *page.Page) { p.DurationMinutes = 0 }, outside("durationMinutes", 5, 720)},
		"a duration not in fives":       {func(p *page.Page) { p.DurationMinutes = 31 }, problem("durationMinutes", page.NotInFives)},
		"the longest interval":          {func(p *page.Page) { p.SlotIntervalMinutes = 720 }, nil},
		"an interval of more than that": {func(p *page.Page) { p.SlotIntervalMinutes = 725 }, outside("slotIntervalMinutes", 5, 720)},
		"no interval":                   {func(p *page.Page) { p.SlotIntervalMinutes = 0 }, outside("slotIntervalMinutes", 5, 720)},
		"an interval not in fives":      {func(p *page.Page) { p.SlotIntervalMinutes = 12 }, problem("slotIntervalMinutes", page.NotInFives)},
		"the widest buffers":            {func(p *page.Page) { p.BufferBeforeMinutes, p.BufferAfterMinutes = 240, 240 }, nil},
		"a wider buffer before":         {func(p *page.Page) { p.BufferBeforeMinutes = 245 }, outside("bufferBeforeMinutes", 0, 240)},
		"a wider buffer after":          {func(p *page.Page) { p.BufferAfterMinutes = 245 }, outside("bufferAfterMinutes", 0, 240)},
		"a negative buffer":             {func(p *page.Page) { p.BufferAfterMinutes = -5 }, outside("bufferAfterMinutes", 0, 240)},
		"a buffer not in fives":         {func(p *page.Page) { p.BufferBeforeMinutes = 7 }, problem("bufferBeforeMinutes", page.NotInFives)},
		"the longest claim": {func(p *page.Page) {
			p.DurationMinutes, p.BufferBeforeMinutes, p.BufferAfterMinutes = 180, 240, 240
		}, nil},
		"a longer claim": {func(p *page.Page) {
			p.DurationMinutes, p.BufferBeforeMinutes, p.BufferAfterMinutes = 185, 240, 240
		}, beyond("durationMinutes", page.ClaimTooLong, 660)},
		"a claim that is too long without buffers": {func(p *page.Page) { p.DurationMinutes = 720 },
			beyond("durationMinutes", page.ClaimTooLong, 660)},

		"no notice":              {func(p *page.Page) { p.MinNoticeMinutes = 0 }, nil},
		"thirty days' notice":    {func(p *page.Page) { p.MinNoticeMinutes = 43200 }, nil},
		"more notice":            {func(p *page.Page) { p.MinNoticeMinutes = 43201 }, outside("minNoticeMinutes", 0, 43200)},
		"negative notice":        {func(p *page.Page) { p.MinNoticeMinutes = -1 }, outside("minNoticeMinutes", 0, 43200)},
		"a year's horizon":       {func(p *page.Page) { p.HorizonDays = 365 }, nil},
		"a longer horizon":       {func(p *page.Page) { p.HorizonDays = 366 }, outside("horizonDays", 1, 365)},
		"no horizon":             {func(p *page.Page) { p.HorizonDays = 0 }, outside("horizonDays", 1, 365)},
		"a hundred a day":        {func(p *page.Page) { p.MaxPerDay = 100 }, nil},
		"more than that a day":   {func(p *page.Page) { p.MaxPerDay = 101 }, outside("maxPerDay", 0, 100)},
		"less than none per day": {func(p *page.Page) { p.MaxPerDay = -1 }, outside("maxPerDay", 0, 100)},

		"a whole day": {func(p *page.Page) { p.Weekly.Sunday = windows(page.Window{From: "00:00", To: "24:00"}) }, nil},
		"windows that touch": {func(p *page.Page) {
			p.Weekly.Tuesday = windows(page.Window{From: "09:00", To: "12:00"}, page.Window{From: "12:00", To: "13:00"})
		}, nil},
		"windows that overlap": {func(p *page.Page) {
			p.Weekly.Monday = windows(page.Window{From: "09:00", To: "12:00"}, page.Window{From: "11:55", To: "13:00"})
		}, problem("weekly.mon[1].from", page.Overlaps)},
		"windows that are not sorted": {func(p *page.Page) {
			p.Weekly.Friday = windows(page.Window{From: "13:00", To: "18:00"}, page.Window{From: "09:00", To: "12:00"})
		}, problem("weekly.fri[1].from", page.Overlaps)},
		"a window inside the one before the last": {func(p *page.Page) {
			p.Weekly.Monday = windows(page.Window{From: "09:00", To: "18:00"}, page.Window{From: "10:00", To: "11:00"}, page.Window{From: "12:00", To: "13:00"})
		}, append(problem("weekly.mon[1].from", page.Overlaps), problem("weekly.mon[2].from", page.Overlaps)...)},
		"a window that ends as it starts": {func(p *page.Page) { p.Weekly.Wednesday = windows(page.Window{From: "09:00", To: "09:00"}) },
			problem("weekly.wed[0].to", page.EndsBeforeFrom)},
		"a window that ends before it starts": {func(p *page.Page) { p.Weekly.Thursday = windows(page.Window{From: "22:00", To: "02:00"}) },
			problem("weekly.thu[0].to", page.EndsBeforeFrom)},
		"a window to after midnight": {func(p *page.Page) { p.Weekly.Saturday = windows(page.Window{From: "22:00", To: "24:05"}) },
			problem("weekly.sat[0].to", page.Malformed)},
		"a window from the sixtieth minute": {func(p *page.Page) { p.Weekly.Monday = windows(page.Window{From: "09:60", To: "11:00"}) },
			problem("weekly.mon[0].from", page.Malformed)},
		"a window with a short hour": {func(p *page.Page) { p.Weekly.Monday = windows(page.Window{From: "9:00", To: "11:00"}) },
			problem("weekly.mon[0].from", page.Malformed)},
		"a window in words": {func(p *page.Page) { p.Weekly.Monday = windows(page.Window{From: "nine!", To: "-1:00"}) },
			append(problem("weekly.mon[0].from", page.Malformed), problem("weekly.mon[0].to", page.Malformed)...)},
		"a window without ends": {func(p *page.Page) { p.Weekly.Monday = windows(page.Window{}) },
			append(problem("weekly.mon[0].from", page.Required), problem("weekly.mon[0].to", page.Required)...)},
		"a window not in fives": {func(p *page.Page) { p.Weekly.Monday = windows(page.Window{From: "09:00", To: "11:01"}) },
			problem("weekly.mon[0].to", page.NotInFives)},

		"an override that closes": {func(p *page.Page) { p.Overrides = []page.Override{{Date: "2026-12-29"}} }, nil},
		"an override of 29 February": {func(p *page.Page) {
			p.Overrides = []page.Override{{Date: "2028-02-29"}, {Date: "2027-02-29"}}
		}, problem("overrides[1].date", page.Malformed)},
		"an override without a date": {func(p *page.Page) { p.Overrides = []page.Override{{}} }, problem("overrides[0].date", page.Required)},
		"two overrides of one date": {func(p *page.Page) {
			p.Overrides = []page.Override{{Date: "2026-12-29"}, {Date: "2026-12-30"}, {Date: "2026-12-29"}}
		}, problem("overrides[2].date", page.Duplicate)},
		"an override with a bad window": {func(p *page.Page) {
			p.Overrides = []page.Override{{Date: "2026-12-29", Windows: windows(page.Window{From: "10:00", To: "09:00"})}}
		}, problem("overrides[0].windows[0].to", page.EndsBeforeFrom)},
		"more overrides than a leap year has days": {func(p *page.Page) { p.Overrides = overrides(367) },
			beyond("overrides", page.TooMany, 366)},
		"no holidays":         {func(p *page.Page) { p.Holidays = "" }, nil},
		"another's holidays":  {func(p *page.Page) { p.Holidays = "US" }, problem("holidays", page.Unknown)},
		"a visit":             {func(p *page.Page) { p.Format = "visit" }, problem("format", page.Unknown)},
		"no format":           {func(p *page.Page) { p.Format = "" }, problem("format", page.Required)},
		"another platform":    {func(p *page.Page) { p.Platform = "webex" }, problem("platform", page.Unknown)},
		"no platform":         {func(p *page.Page) { p.Platform = "" }, problem("platform", page.Required)},
		"summaries switched":  {func(p *page.Page) { p.Zoom.AutoSummary = page.SummaryOff }, nil},
		"summaries sometimes": {func(p *page.Page) { p.Zoom.AutoSummary = "sometimes" }, problem("zoom.autoSummary", page.Unknown)},

		"Microsoft's calendar": {func(p *page.Page) { p.Calendars.Write.Provider = page.Microsoft }, nil},
		"a calendar of nobody": {func(p *page.Page) { p.Calendars.Write.Provider = "yahoo" }, problem("calendars.write.provider", page.Unknown)},
		"no calendar": {func(p *page.Page) { p.Calendars.Write = page.CalendarRef{} },
			append(problem("calendars.write.provider", page.Required), problem("calendars.write.id", page.Required)...)},
		"a calendar with a huge id": {func(p *page.Page) { p.Calendars.Write.ID = strings.Repeat("a", 1025) },
			beyond("calendars.write.id", page.TooLong, 1024)},
		"no calendars to check": {func(p *page.Page) { p.Calendars.Check = nil }, nil},
		"a bad calendar to check": {func(p *page.Page) { p.Calendars.Check = []page.CalendarRef{{Provider: page.Google}} },
			problem("calendars.check[0].id", page.Required)},
		"a calendar checked twice": {func(p *page.Page) { p.Calendars.Check = append(p.Calendars.Check, p.Calendars.Check[0]) },
			problem("calendars.check[1]", page.Duplicate)},

		"a question of each kind": {func(p *page.Page) {
			p.Questions = []page.Question{
				{ID: "a", Label: "A", Type: page.Text}, {ID: "b", Label: "B", Type: page.TextArea, Options: []string{}},
				{ID: "c", Label: "C", Type: page.Select, Options: []string{"x", "y"}},
				{ID: "d", Label: "D", Type: page.MultiSelect, Options: []string{"x"}}, {ID: "e", Label: "E", Type: page.Checkbox},
			}
		}, nil},
		"eleven windows on a day": {func(p *page.Page) {
			p.Weekly = page.Weekly{}
			for i := range 11 {
				p.Weekly.Monday = append(p.Weekly.Monday, page.Window{From: fmt.Sprintf("%02d:00", i), To: fmt.Sprintf("%02d:30", i)})
			}
		}, beyond("weekly.mon", page.TooMany, 10)},
		"twenty-one questions": {func(p *page.Page) { p.Questions = questions(21) }, beyond("questions", page.TooMany, 20)},
		"two questions of one id": {func(p *page.Page) { p.Questions = append(questions(2), questions(1)...) },
			problem("questions[2].id", page.Duplicate)},
		"a question without anything": {func(p *page.Page) { p.Questions = []page.Question{{}} }, append(append(
			problem("questions[0].id", page.Required), problem("questions[0].label", page.Required)...), problem("questions[0].type", page.Required)...)},
		"a question whose id has spaces": {func(p *page.Page) { p.Questions = []page.Question{{ID: "a b", Label: "A", Type: page.Text}} },
			problem("questions[0].id", page.Malformed)},
		"a question of an unknown kind": {func(p *page.Page) { p.Questions = []page.Question{{ID: "a", Label: "A", Type: "date"}} },
			problem("questions[0].type", page.Unknown)},
		"a question with a long label": {func(p *page.Page) {
			p.Questions = []page.Question{{ID: "a", Label: long[:201*len("長")], Type: page.Text}}
		}, beyond("questions[0].label", page.TooLong, 200)},
		"a choice of nothing": {func(p *page.Page) { p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Select}} },
			problem("questions[0].options", page.Required)},
		"a choice of many without options": {func(p *page.Page) { p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.MultiSelect}} },
			problem("questions[0].options", page.Required)},
		"options for a free text": {func(p *page.Page) {
			p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Text, Options: []string{"x"}}}
		}, problem("questions[0].options", page.NotApplicable)},
		"two options of one name": {func(p *page.Page) {
			p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Select, Options: []string{"x", "y", "x"}}}
		}, problem("questions[0].options[2]", page.Duplicate)},
		"an option without a name": {func(p *page.Page) {
			p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Select, Options: []string{"x", ""}}}
		}, problem("questions[0].options[1]", page.Required)},
		"fifty-one options": {func(p *page.Page) {
			p.Questions = []page.Question{{ID: "a", Label: "A", Type: page.Select, Options: names(51)}}
		}, beyond("questions[0].options", page.TooMany, 50)},

		"no reminders": {func(p *page.Page) { p.Reminders = nil }, nil},
		"the latest and the earliest reminder": {func(p *page.Page) {
			p.Reminders = []page.Reminder{{MinutesBefore: 5}, {MinutesBefore: 40320}}
		}, nil},
		"a reminder too late":  {func(p *page.Page) { p.Reminders = []page.Reminder{{MinutesBefore: 4}} }, outside("reminders[0].minutesBefore", 5, 40320)},
		"a reminder too early": {func(p *page.Page) { p.Reminders = []page.Reminder{{MinutesBefore: 40321}} }, outside("reminders[0].minutesBefore", 5, 40320)},
		"a reminder twice": {func(p *page.Page) { p.Reminders = []page.Reminder{{MinutesBefore: 60}, {MinutesBefore: 60}} },
			problem("reminders[1].minutesBefore", page.Duplicate)},
		"six reminders": {func(p *page.Page) {
			p.Reminders = nil
			for i := range 6 {
				p.Reminders = append(p.Reminders, page.Reminder{MinutesBefore: 10 + i})
			}
		}, beyond("reminders", page.TooMany, 5)},

		"a phone number that is asked for":   {func(p *page.Page) { p.Phone = page.Needed }, nil},
		"a phone number asked for strangely": {func(p *page.Page) { p.Phone = "maybe" }, problem("phone", page.Unknown)},
		"eleven co-attendees":                {func(p *page.Page) { p.MaxCoAttendees = 11 }, outside("maxCoAttendees", 0, 10)},

		"a consent with its version": {func(p *page.Page) {
			p.Consent = page.Consent{Text: "同意します", URL: "https://example.com/privacy", Version: "2026-11"}
		}, nil},
		"a consent without a version": {func(p *page.Page) { p.Consent.Text = "同意します" }, problem("consent.version", page.Required)},
		"a version of no consent":     {func(p *page.Page) { p.Consent.Version = "1" }, problem("consent.text", page.Required)},
		"a consent with a script for a link": {func(p *page.Page) {
			p.Consent = page.Consent{Text: "a", URL: "javascript:alert(1)", Version: "1"}
		}, problem("consent.url", page.Malformed)},

		"an accent colour":                {func(p *page.Page) { p.Brand.AccentColor = "#1F4e85" }, nil},
		"an accent that is more":          {func(p *page.Page) { p.Brand.AccentColor = "#1f4e85;}" }, problem("brand.accentColor", page.Malformed)},
		"an SVG logo":                     {func(p *page.Page) { p.Brand.Logo = logo("svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`) }, nil},
		"a logo that is not what it says": {func(p *page.Page) { p.Brand.Logo = logo("png", "<html>") }, problem("brand.logo", page.Malformed)},
		"a logo from elsewhere":           {func(p *page.Page) { p.Brand.Logo = "https://example.com/logo.png" }, problem("brand.logo", page.Malformed)},
		"a logo that is too large": {func(p *page.Page) { p.Brand.Logo = logo("svg+xml", "<svg>"+strings.Repeat(" ", 8<<10)) },
			beyond("brand.logo", page.TooLong, 8<<10)},

		"sites that may embed the page": {func(p *page.Page) {
			p.EmbedOrigins = []string{"https://www.example.com", "https://example.com:8443", "http://localhost:3000"}
		}, nil},
		"a site without TLS":          {func(p *page.Page) { p.EmbedOrigins = []string{"http://example.com"} }, problem("embedOrigins[0]", page.Malformed)},
		"a site with a path":          {func(p *page.Page) { p.EmbedOrigins = []string{"https://example.com/"} }, problem("embedOrigins[0]", page.Malformed)},
		"a site that ends the header": {func(p *page.Page) { p.EmbedOrigins = []string{"https://a.example; script-src *"} }, problem("embedOrigins[0]", page.Malformed)},
		"every site":                  {func(p *page.Page) { p.EmbedOrigins = []string{"*"} }, problem("embedOrigins[0]", page.Malformed)},
		"a site twice": {func(p *page.Page) { p.EmbedOrigins = []string{"https://a.example", "https://a.example"} },
			problem("embedOrigins[1]", page.Duplicate)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := intro()
			test.change(&p)
			if diff := cmp.Diff(test.want, p.Validate()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Repeat("n", i+1)
	}
	return list
}

func questions(n int) []page.Question {
	var list []page.Question
	for _, name := range names(n) {
		list = append(list, page.Question{ID: name, Label: name, Type: page.Text})
	}
	return list
}

// logo is an image's data: URL.
func logo(kind, content string) string {
	return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString([]byte(content))
}
