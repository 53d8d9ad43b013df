package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

// Pages tells what guests may see. Its errors are package booking's.
type Pages interface {
	Page(ctx context.Context, host, slug string) (booking.Offer, error)
	Slots(ctx context.Context, host, slug string, from, to time.Time) (booking.Month, error)
}

// Page is a booking page as its guests see it.
type Page struct {
	Title           string        `json:"title"`
	Description     string        `json:"description"`
	HostName        string        `json:"hostName"`
	DurationMinutes int           `json:"durationMinutes"`
	TimeZone        string        `json:"timezone" doc:"The host's IANA time zone"`
	Language        language.Tag  `json:"locale" enum:"ja,en"`
	Format          page.Format   `json:"format" enum:"web"`
	Platform        page.Platform `json:"platform" enum:"zoom"`
	Questions       []Question    `json:"questions" nullable:"false"`
	Accepting       bool          `json:"accepting" doc:"Whether bookings are taken at present"`
	LastDate        string        `json:"lastDate" format:"date" doc:"The last day on which slots may start, in the host's zone"`
	Phone           page.Asked    `json:"phone" enum:"off,optional,required" doc:"Whether guests are asked for a phone number"`
	MaxCoAttendees  int           `json:"maxCoAttendees" doc:"How many more people a guest may bring"`
	Consent         *Consent      `json:"consent,omitempty" doc:"What guests must agree to, if anything"`
	VerifyEmail     bool          `json:"verifyEmail" doc:"Whether a submission needs a code that was sent to the guest's address"`
	AccentColor     string        `json:"accentColor,omitempty" doc:"#rrggbb"`
	ChangeNotice    int           `json:"changeNoticeMinutes" doc:"How long before the start guests may cancel or reschedule at the latest; 0: until the start"`
}

// Consent is what a page's guests must agree to.
type Consent struct {
	Text    string `json:"text"`
	URL     string `json:"url,omitempty" doc:"Of the document in full"`
	Version string `json:"version" doc:"To be sent with the submission by who agrees"`
}

// Question is what a page asks its guests.
type Question struct {
	ID       string            `json:"id"`
	Label    string            `json:"label"`
	Type     page.QuestionType `json:"type" enum:"text,textarea,select,multiselect,checkbox"`
	Required bool              `json:"required"`
	Options  []string          `json:"options" nullable:"false"`
}

// Slots are the open slots of a page, in one zone.
type Slots struct {
	TimeZone        string `json:"timezone" doc:"The IANA time zone that the times are written in"`
	DurationMinutes int    `json:"durationMinutes"`
	Slots           []Slot `json:"slots" nullable:"false" doc:"Sorted by start"`
}

// Slot is an open start and its end.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// PageOf is the page of an offer, as the API answers it.
func PageOf(o booking.Offer) Page {
	questions := make([]Question, 0, len(o.Page.Questions))
	for _, q := range o.Page.Questions {
		options := q.Options
		if options == nil {
			options = []string{}
		}
		questions = append(questions, Question{ID: q.ID, Label: q.Label, Type: q.Type, Required: q.Required, Options: options})
	}
	return Page{
		Title:           o.Page.Title,
		Description:     o.Page.Description,
		HostName:        o.Host.Name,
		DurationMinutes: o.Page.DurationMinutes,
		TimeZone:        o.Page.TimeZone,
		Language:        o.Page.Language,
		Format:          o.Page.Format,
		Platform:        o.Page.Platform,
		Questions:       questions,
		Accepting:       o.Accepting,
		LastDate:        o.LastDate,
		Phone:           cmp.Or(o.Page.Phone, page.NotAsked),
		MaxCoAttendees:  o.Page.MaxCoAttendees,
		Consent:         consentOf(o.Page.Consent),
		VerifyEmail:     o.Page.VerifyEmail,
		AccentColor:     o.Page.Brand.AccentColor,
		ChangeNotice:    o.Page.ChangeNoticeMinutes,
	}
}

func consentOf(c page.Consent) *Consent {
	if c.Version == "" {
		return nil
	}
	return &Consent{Text: c.Text, URL: c.URL, Version: c.Version}
}

// SlotsOf are a page's slots in the zone, as the API answers them.
func SlotsOf(p page.Page, open []availability.Slot, in *time.Location) Slots {
	slots := make([]Slot, 0, len(open))
	for _, s := range open {
		slots = append(slots, Slot{Start: s.Start.In(in), End: s.End.In(in)})
	}
	return Slots{TimeZone: in.String(), DurationMinutes: p.DurationMinutes, Slots: slots}
}

// maxDays is how many days one request for slots may span.
const maxDays = 62

// PagePath names a page. It is exported because huma fills no fields of an
// embedded struct that is not.
type PagePath struct {
	Host string `path:"host" maxLength:"64"`
	Page string `path:"page" maxLength:"64"`
}

type pageOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Page
}

type slotsInput struct {
	PagePath
	From     string `query:"from" required:"true" format:"date" doc:"First day, in the time zone" example:"2026-12-01"`
	To       string `query:"to" required:"true" format:"date" doc:"Last day; at most 62 days in all" example:"2026-12-31"`
	TimeZone string `query:"timezone" maxLength:"64" doc:"IANA time zone of the days and of the answer; the page's if left out" example:"Asia/Tokyo"`
}

type slotsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Slots
}

func registerPages(api huma.API, pages Pages) {
	huma.Register(api, huma.Operation{
		OperationID: "get-page", Method: http.MethodGet, Path: pagePath, Tags: []string{"Booking pages"},
		Summary: "A published booking page", Errors: []int{404},
	}, func(ctx context.Context, in *PagePath) (*pageOutput, error) {
		offer, err := pages.Page(ctx, in.Host, in.Page)
		if err != nil {
			return nil, err
		}
		return &pageOutput{CacheControl: "public, max-age=60", Body: PageOf(offer)}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-slots", Method: http.MethodGet, Path: slotsPath, Tags: []string{"Booking pages"},
		Summary: "The open slots of a page", Errors: []int{404},
		Description: "Slots that start from the beginning of the first day to the end of the last. A page that is not accepting has none.",
	}, func(ctx context.Context, in *slotsInput) (*slotsOutput, error) {
		return listSlots(ctx, pages, in)
	})
}

// farthest is the offset of no zone from UTC: days of an unknown zone lie within
// the same days of UTC, widened by it.
const farthest = 15 * time.Hour

func listSlots(ctx context.Context, pages Pages, in *slotsInput) (*slotsOutput, error) {
	location := time.UTC
	if in.TimeZone != "" {
		var err error
		if location, err = zone.Load(in.TimeZone); err != nil {
			return nil, invalid("timezone", problem.BadTimeZone)
		}
	}
	from, to, err := span(in.From, in.To, location)
	if err != nil {
		return nil, err
	}
	var slots Slots
	if in.TimeZone == "" {
		slots, err = slotsInPageZone(ctx, pages, in, from, to)
	} else {
		var month booking.Month
		month, err = pages.Slots(ctx, in.Host, in.Page, from, to)
		slots = SlotsOf(month.Page, month.Slots, location)
	}
	if err != nil {
		return nil, err
	}
	return &slotsOutput{CacheControl: "public, max-age=5, stale-while-revalidate=10", Body: slots}, nil
}

// slotsInPageZone learns the page's zone from the same read as its slots: from and
// to are the days in UTC.
func slotsInPageZone(ctx context.Context, pages Pages, in *slotsInput, from, to time.Time) (Slots, error) {
	month, err := pages.Slots(ctx, in.Host, in.Page, from.Add(-farthest), to.Add(farthest))
	if err != nil {
		return Slots{}, err
	}
	location, err := zone.Load(month.Page.TimeZone)
	if err != nil {
		return Slots{}, err
	}
	if from, to, err = span(in.From, in.To, location); err != nil {
		return Slots{}, err
	}
	open := slices.DeleteFunc(month.Slots, func(s availability.Slot) bool {
		return s.Start.Before(from) || !s.Start.Before(to)
	})
	return SlotsOf(month.Page, open, location), nil
}

// span is from the start of the first day to the end of the last.
func span(first, last string, in *time.Location) (from, to time.Time, err error) {
	from, errFrom := time.ParseInLocation(time.DateOnly, first, in)
	to, errTo := time.ParseInLocation(time.DateOnly, last, in)
	switch {
	case errFrom != nil:
		return from, to, invalid("from", problem.WrongFormat)
	case errTo != nil:
		return from, to, invalid("to", problem.WrongFormat)
	case to.Before(from), to.After(from.AddDate(0, 0, maxDays-1)):
		return from, to, invalid("to", problem.OutOfRange)
	}
	return from, to.AddDate(0, 0, 1), nil
}
