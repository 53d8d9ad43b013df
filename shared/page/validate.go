package page

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yakusoku/shared/brand"
	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// Code says which rule a setting breaks.
type Code string

const (
	Required       Code = "required"
	Malformed      Code = "malformed"
	Unknown        Code = "unknown"      // not one of the values that there are
	OutOfRange     Code = "out_of_range" // a number outside Min and Max
	NotInFives     Code = "not_in_fives" // minutes that are not a multiple of five
	TooLong        Code = "too_long"     // a text of more than Max characters
	TooMany        Code = "too_many"     // a list of more than Max elements
	Duplicate      Code = "duplicate"    // an element that an earlier one repeats
	EndsBeforeFrom Code = "ends_before_from"
	Overlaps       Code = "overlaps"       // a window that starts before the one above it ends
	ClaimTooLong   Code = "claim_too_long" // duration and buffers together are longer than MaxClaim
	NotApplicable  Code = "not_applicable" // given where it has no meaning
	NotAllowed     Code = "not_allowed"    // a site that the deployment does not let pages be embedded in
)

// Problem is a setting that breaks a rule. Path is its place in the JSON form,
// such as "weekly.mon[0].to".
type Problem struct {
	Path     string
	Code     Code
	Min, Max int // the bounds of OutOfRange; Max those of TooLong, TooMany and ClaimTooLong (minutes)
}

// MaxClaim is the longest span that one booking may hold, buffers included: its
// five-minute cells are claimed in one DynamoDB expression of at most 4 KB.
const MaxClaim = 11 * time.Hour

const (
	maxTitle      = 100
	maxText       = 2000 // description, confirmation note
	maxCalendars  = 50   // of one freeBusy query: Google's calendarExpansionMax
	maxCalendarID = 1024
	maxQuestions  = 20
	maxLabel      = 200 // a question's label, one of its options
	maxOptions    = 50
	maxReminders  = 5
	maxOverrides  = 366
	maxWindows    = 10 // of one day: with every day overridden a page stays far below what the table takes
	maxConsent    = 500
	maxCoGuests   = 10
	maxOrigins    = 20
	maxLogoBytes  = 8 << 10 // it comes with every view of the page
)

var (
	slugPattern       = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$`)
	questionIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	versionPattern    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
	// An origin as it may stand in a Content-Security-Policy; without TLS on the
	// developer's own machine alone.
	originPattern = regexp.MustCompile(`^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$`)
	weekdayNames  = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// Validate returns every rule that the settings break, in the order of the JSON
// form; none if the page may be published.
func (p Page) Validate() []Problem {
	var v problems
	v.identity(p)
	v.times(p)
	v.windows(p)
	v.meeting(p)
	v.calendars(p.Calendars)
	v.questions(p.Questions)
	v.reminders(p.Reminders)
	v.longText("confirmationNote", p.ConfirmationNote)
	oneOf(&v, "phone", p.Phone, NotAsked, Optional, Needed)
	v.within("maxCoAttendees", p.MaxCoAttendees, 0, maxCoGuests)
	v.consent(p.Consent)
	return append(v, p.ValidateLook()...)
}

// ValidateTimes returns the rules that the settings break of those which decide
// what slots the page has.
func (p Page) ValidateTimes() []Problem {
	var v problems
	v.zone(p)
	v.times(p)
	v.windows(p)
	return v
}

// ValidateLook returns the rules that the page's look breaks, and its list of
// sites that may embed it.
func (p Page) ValidateLook() []Problem {
	var v problems
	v.brand(p.Brand)
	v.embedOrigins(p.EmbedOrigins)
	return v
}

type problems []Problem

func (v *problems) add(path string, code Code) {
	*v = append(*v, Problem{Path: path, Code: code})
}

func (v *problems) identity(p Page) {
	v.pattern("slug", p.Slug, slugPattern)
	v.line("title", p.Title, maxTitle)
	v.longText("description", p.Description)
	v.zone(p)
	oneOf(v, "locale", p.Language, language.Japanese, language.English)
}

func (v *problems) zone(p Page) {
	switch {
	case p.TimeZone == "":
		v.add("timezone", Required)
	case !zone.Known(p.TimeZone):
		v.add("timezone", Unknown)
	}
}

func (v *problems) times(p Page) {
	v.fives("durationMinutes", p.DurationMinutes, 5, 720)
	v.fives("slotIntervalMinutes", p.SlotIntervalMinutes, 5, 720)
	v.fives("bufferBeforeMinutes", p.BufferBeforeMinutes, 0, 240)
	v.fives("bufferAfterMinutes", p.BufferAfterMinutes, 0, 240)
	const most = int(MaxClaim / time.Minute)
	if p.BufferBeforeMinutes+p.DurationMinutes+p.BufferAfterMinutes > most {
		*v = append(*v, Problem{Path: "durationMinutes", Code: ClaimTooLong, Max: most})
	}
	v.within("minNoticeMinutes", p.MinNoticeMinutes, 0, 43200)
	v.within("horizonDays", p.HorizonDays, 1, 365)
	v.within("maxPerDay", p.MaxPerDay, 0, 100)
	v.within("changeNoticeMinutes", p.ChangeNoticeMinutes, 0, 43200)
}

func (v *problems) windows(p Page) {
	for _, day := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} { // as the JSON form has them
		v.day("weekly."+weekdayNames[day], p.Weekly.On(day))
	}
	v.atMost("overrides", len(p.Overrides), maxOverrides)
	dates := map[string]bool{}
	for i, o := range p.Overrides {
		path := fmt.Sprintf("overrides[%d]", i)
		if _, err := time.Parse(time.DateOnly, o.Date); err != nil {
			v.add(path+".date", orRequired(o.Date, Malformed))
		}
		v.unique(path+".date", o.Date, dates)
		v.day(path+".windows", o.Windows)
	}
	oneOf(v, "holidays", p.Holidays, "", NationalHolidaysOfJapan)
}

// day checks the windows of one day, which come sorted.
func (v *problems) day(path string, windows []Window) {
	v.atMost(path, len(windows), maxWindows)
	free := 0 // the minute from which the next window may start
	for i, w := range windows {
		at := fmt.Sprintf("%s[%d]", path, i)
		fromOK := v.clock(at+".from", w.From)
		toOK := v.clock(at+".to", w.To)
		if !fromOK || !toOK {
			continue
		}
		from, to, _ := w.Minutes()
		if to <= from {
			v.add(at+".to", EndsBeforeFrom)
		}
		if from < free {
			v.add(at+".from", Overlaps)
		}
		free = max(free, to)
	}
}

func (v *problems) clock(path, text string) bool {
	at, ok := minutes(text)
	switch {
	case !ok:
		v.add(path, orRequired(text, Malformed))
	case at%5 != 0:
		v.add(path, NotInFives)
		ok = false
	}
	return ok
}

func (v *problems) meeting(p Page) {
	oneOf(v, "format", p.Format, Web)
	oneOf(v, "platform", p.Platform, ZoomPlatform)
	oneOf(v, "zoom.autoSummary", p.Zoom.AutoSummary, SummaryAsAccount, SummaryOn, SummaryOff)
}

func (v *problems) calendars(c Calendars) {
	v.calendar("calendars.write", c.Write)
	v.atMost("calendars.check", len(c.Check), maxCalendars)
	seen := map[CalendarRef]bool{}
	for i, ref := range c.Check {
		path := fmt.Sprintf("calendars.check[%d]", i)
		v.calendar(path, ref)
		if seen[ref] {
			v.add(path, Duplicate)
		}
		seen[ref] = true
	}
}

func (v *problems) calendar(path string, ref CalendarRef) {
	oneOf(v, path+".provider", ref.Provider, Google, Microsoft)
	v.line(path+".id", ref.ID, maxCalendarID)
}

func (v *problems) questions(list []Question) {
	v.atMost("questions", len(list), maxQuestions)
	ids := map[string]bool{}
	for i, q := range list {
		path := fmt.Sprintf("questions[%d]", i)
		v.pattern(path+".id", q.ID, questionIDPattern)
		v.unique(path+".id", q.ID, ids)
		v.line(path+".label", q.Label, maxLabel)
		oneOf(v, path+".type", q.Type, Text, TextArea, Select, MultiSelect, Checkbox)
		v.options(path+".options", q)
	}
}

func (v *problems) options(path string, q Question) {
	chooses := q.Type == Select || q.Type == MultiSelect
	switch {
	case chooses && len(q.Options) == 0:
		v.add(path, Required)
	case !chooses && len(q.Options) > 0:
		v.add(path, NotApplicable)
	}
	v.atMost(path, len(q.Options), maxOptions)
	seen := map[string]bool{}
	for i, option := range q.Options {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.line(at, option, maxLabel)
		v.unique(at, option, seen)
	}
}

func (v *problems) reminders(list []Reminder) {
	v.atMost("reminders", len(list), maxReminders)
	seen := map[int]bool{}
	for i, r := range list {
		path := fmt.Sprintf("reminders[%d].minutesBefore", i)
		v.within(path, r.MinutesBefore, 5, 40320)
		if seen[r.MinutesBefore] {
			v.add(path, Duplicate)
		}
		seen[r.MinutesBefore] = true
	}
}

func (v *problems) consent(c Consent) {
	if c.Text == "" && c.URL == "" && c.Version == "" {
		return
	}
	v.line("consent.text", c.Text, maxConsent)
	if c.URL != "" {
		v.webAddress("consent.url", c.URL)
	}
	v.pattern("consent.version", c.Version, versionPattern)
}

func (v *problems) brand(b Brand) {
	if b.AccentColor != "" && !brand.IsColour(b.AccentColor) {
		v.add("brand.accentColor", Malformed)
	}
	if b.Logo != "" {
		v.logo("brand.logo", b.Logo)
	}
}

// logo checks an image in a data: URL. As an image, an SVG runs no scripts.
func (v *problems) logo(path, url string) {
	kind, data, ok := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,")
	image, err := base64.StdEncoding.DecodeString(data)
	switch {
	case !strings.HasPrefix(url, "data:"), !ok, err != nil, !isImage(kind, image):
		v.add(path, Malformed)
	case len(image) > maxLogoBytes:
		*v = append(*v, Problem{Path: path, Code: TooLong, Max: maxLogoBytes})
	}
}

func isImage(kind string, content []byte) bool {
	switch kind {
	case "image/png":
		return bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n"))
	case "image/jpeg":
		return bytes.HasPrefix(content, []byte("\xff\xd8\xff"))
	case "image/webp":
		return bytes.HasPrefix(content, []byte("RIFF")) && bytes.HasPrefix(content[min(8, len(content)):], []byte("WEBP"))
	case "image/svg+xml":
		return bytes.Contains(content, []byte("<svg"))
	}
	return false
}

func (v *problems) embedOrigins(list []string) {
	v.atMost("embedOrigins", len(list), maxOrigins)
	seen := map[string]bool{}
	for i, origin := range list {
		path := fmt.Sprintf("embedOrigins[%d]", i)
		v.pattern(path, origin, originPattern)
		v.unique(path, origin, seen)
	}
}

func (v *problems) webAddress(path, text string) {
	v.length(path, text, maxText)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		v.add(path, Malformed)
	}
}

// line checks a text that must be given and stands on one line: it may become a
// mail's subject.
func (v *problems) line(path, text string, most int) {
	v.length(path, text, most)
	switch {
	case strings.TrimSpace(text) == "":
		v.add(path, Required)
	case strings.ContainsFunc(text, unicode.IsControl):
		v.add(path, Malformed)
	}
}

func (v *problems) longText(path, text string) {
	v.length(path, text, maxText)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }) {
		v.add(path, Malformed)
	}
}

func (v *problems) length(path, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		*v = append(*v, Problem{Path: path, Code: TooLong, Max: most})
	}
}

func (v *problems) pattern(path, text string, pattern *regexp.Regexp) {
	if !pattern.MatchString(text) {
		v.add(path, orRequired(text, Malformed))
	}
}

func (v *problems) fives(path string, n, least, most int) {
	v.within(path, n, least, most)
	if n%5 != 0 {
		v.add(path, NotInFives)
	}
}

func (v *problems) within(path string, n, least, most int) {
	if n < least || n > most {
		*v = append(*v, Problem{Path: path, Code: OutOfRange, Min: least, Max: most})
	}
}

func (v *problems) atMost(path string, n, most int) {
	if n > most {
		*v = append(*v, Problem{Path: path, Code: TooMany, Max: most})
	}
}

// unique reports a text seen before; an empty one is a problem of its own.
func (v *problems) unique(path, text string, seen map[string]bool) {
	if text != "" && seen[text] {
		v.add(path, Duplicate)
	}
	seen[text] = true
}

func oneOf[S ~string](v *problems, path string, value S, known ...S) {
	if !slices.Contains(known, value) {
		v.add(path, orRequired(string(value), Unknown))
	}
}

func orRequired(text string, otherwise Code) Code {
	if text == "" {
		return Required
	}
	return otherwise
}
