package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

const (
	ownPagesPath = "/api/host/pages"
	ownPagePath  = "/api/host/pages/{page}"
	previewPath  = "/api/host/preview"
)

// PageSettings are a booking page's, in full. What a body leaves out takes its
// default.
type PageSettings struct{ page.Page }

// UnmarshalJSON is the page's own.
func (s *PageSettings) UnmarshalJSON(body []byte) error { return s.Page.UnmarshalJSON(body) }

// Schema declares the page's fields, none of them required: that slug and title
// must be given is told with the other rules of a page.
func (PageSettings) Schema(r huma.Registry) *huma.Schema {
	ref := r.Schema(reflect.TypeFor[page.Page](), true, "")
	for name, s := range r.Map() {
		if strings.HasPrefix(name, settingsPrefix) && len(s.Required) > 0 {
			// A schema cannot be changed: what it requires is also kept elsewhere in it.
			all := &huma.Schema{Type: s.Type, Properties: s.Properties, AdditionalProperties: s.AdditionalProperties}
			all.PrecomputeMessages()
			r.Map()[name] = all
		}
	}
	return ref
}

// settingsPrefix begins the names of the schemas of package page: some are also
// those of what guests see.
const settingsPrefix = "Settings"

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[page.Page]().PkgPath() {
		return settingsPrefix + name
	}
	return name
}

// PageRow is a booking page in a list.
type PageRow struct {
	Slug             string        `json:"slug"`
	Title            string        `json:"title"`
	Published        bool          `json:"published"`
	DurationMinutes  int           `json:"durationMinutes"`
	Format           page.Format   `json:"format" enum:"web"`
	Platform         page.Platform `json:"platform" enum:"zoom"`
	Accepting        bool          `json:"accepting" doc:"Whether guests can book at present"`
	Problems         []string      `json:"problems" nullable:"false" doc:"zoom_disconnected, calendar_disconnected: what must be connected before guests can book. calendar_missing: a calendar that blocks time is not there any more, or not open to the host"`
	UpcomingBookings int           `json:"upcomingBookings"`
}

// PageList is a host's booking pages.
type PageList struct {
	Pages []PageRow `json:"pages" nullable:"false"`
}

// OwnPage is the part of a path that names a page of the host who asks, by its slug.
type OwnPage struct {
	Page string `path:"page" maxLength:"64"`
}

type pageInput struct{ Body PageSettings }

type replaceInput struct {
	OwnPage
	IfMatch string `header:"If-Match" doc:"The ETag of the settings that were edited"`
	Body    PageSettings
}

type settingsOutput struct {
	Location     string `header:"Location"`
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         PageSettings
}

func settings(p page.Page, version int) *settingsOutput {
	return &settingsOutput{ETag: `"` + strconv.Itoa(version) + `"`, CacheControl: private, Body: PageSettings{p.Complete()}}
}

func (c *console) registerShelf(api huma.API) {
	const tag = "Host's booking pages"
	huma.Register(api, hosts("list-pages", http.MethodGet, ownPagesPath, tag, "The host's booking pages"), c.pages)
	create := hosts("create-page", http.MethodPost, ownPagesPath, tag, "Make a booking page", 400, 409, 413, 415)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, c.createPage)
	huma.Register(api, hosts("get-settings", http.MethodGet, ownPagePath, tag, "A booking page's settings"), c.page)
	replace := hosts("put-settings", http.MethodPut, ownPagePath, tag, "Change a booking page", 400, 412, 413, 415, 428)
	replace.Description = "With the ETag of what was read in If-Match: a change that came between is refused with 412, and nothing is lost."
	huma.Register(api, replace, c.replacePage)
	huma.Register(api, hosts("delete-page", http.MethodDelete, ownPagePath, tag, "Delete a booking page; its bookings stay"), c.deletePage)
	preview := hosts("preview", http.MethodPost, previewPath, tag, "What settings that need not be stored would offer, and why not", 400, 413, 415)
	huma.Register(api, preview, c.preview)
}

func (c *console) pages(ctx context.Context, _ *struct{}) (*answer[PageList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	pages, err := c.Shelf.Pages(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	ahead, err := c.ahead(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	missing, err := c.missing(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	list := PageList{Pages: []PageRow{}}
	for _, p := range pages {
		problems := problemsOf(h, p, missing)
		list.Pages = append(list.Pages, PageRow{
			Slug: p.Slug, Title: p.Title, Published: p.Published, DurationMinutes: p.DurationMinutes,
			Format: p.Format, Platform: p.Platform,
			Accepting: p.Published && len(problems) == 0, Problems: problems,
			UpcomingBookings: ahead.on[p.Slug],
		})
	}
	return answered(list), nil
}

// missing are the host's calendars that were not there when they were last read.
func (c *console) missing(ctx context.Context, handle string) (map[page.CalendarRef]bool, error) {
	copied, err := c.Mirror.Mirrored(ctx, handle)
	missing := map[page.CalendarRef]bool{}
	for _, m := range copied {
		missing[m.Ref] = m.State.Missing
	}
	return missing, err
}

// maxPages is how many booking pages a host may have: many read them all.
const maxPages = 50

var errTooManyPages = errors.New("the host has as many pages as may be")

// problemsOf says what the host must mend before the page can take bookings.
func problemsOf(h host.Host, p page.Page, missing map[page.CalendarRef]bool) []string {
	list := []string{}
	if p.Platform == page.ZoomPlatform && !h.Connected[string(connection.Zoom)] {
		list = append(list, "zoom_disconnected")
	}
	for _, ref := range append([]page.CalendarRef{p.Calendars.Write}, p.Calendars.Check...) {
		if !h.Connected[ref.Provider] {
			return append(list, "calendar_disconnected")
		}
	}
	if slices.ContainsFunc(p.Calendars.Check, func(ref page.CalendarRef) bool { return missing[ref] }) {
		list = append(list, "calendar_missing")
	}
	return list
}

// ahead counts what is to come.
type ahead struct {
	on map[string]int              // by page
	by map[connection.Provider]int // by what a booking was made with
}

func (c *console) ahead(ctx context.Context, handle string) (ahead, error) {
	now := c.Now()
	n := ahead{on: map[string]int{}, by: map[connection.Provider]int{}}
	q := booking.Search{Host: handle, From: now.Add(-12 * time.Hour), To: now.AddDate(2, 0, 0)}
	for {
		found, err := c.Diary.Search(ctx, q)
		if err != nil {
			return n, err
		}
		for _, b := range found.Bookings {
			if !b.End.After(now) || b.Status != booking.Confirmed && b.Status != booking.Pending {
				continue
			}
			n.on[b.Page]++
			n.by[connection.Provider(b.Terms.Platform)]++
			n.by[connection.Provider(b.Terms.Write.Provider)]++
		}
		if found.Cursor == "" {
			return n, nil
		}
		q.Cursor = found.Cursor
	}
}

func (c *console) createPage(ctx context.Context, in *pageInput) (*settingsOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	p := in.Body.Page
	p.Host = h.Handle
	if wrong := append(p.Validate(), c.EmbedIn.Validate(p)...); len(wrong) > 0 {
		return nil, &wrongSettings{under: "", problems: wrong}
	}
	pages, err := c.Shelf.Pages(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	if len(pages) >= maxPages {
		return nil, errTooManyPages
	}
	if err := c.Shelf.CreatePage(ctx, p); err != nil {
		return nil, err
	}
	out := settings(p, 1)
	out.Location = ownPagesPath + "/" + p.Slug
	return out, nil
}

func (c *console) page(ctx context.Context, in *OwnPage) (*settingsOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	p, version, err := c.Shelf.Page(ctx, h.Handle, in.Page)
	if err != nil {
		return nil, err
	}
	return settings(p, version), nil
}

func (c *console) replacePage(ctx context.Context, in *replaceInput) (*settingsOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := c.Shelf.Page(ctx, h.Handle, in.Page); err != nil {
		return nil, err
	}
	read, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(in.IfMatch, "W/"), `"`))
	if err != nil || read < 0 {
		return nil, errNoVersion
	}
	p := in.Body.Page
	p.Host = h.Handle
	if p.Slug != in.Page {
		return nil, invalid("slug", problem.Immutable)
	}
	if wrong := append(p.Validate(), c.EmbedIn.Validate(p)...); len(wrong) > 0 {
		return nil, &wrongSettings{problems: wrong}
	}
	if err := c.Shelf.ReplacePage(ctx, p, read); err != nil {
		return nil, err
	}
	return settings(p, read+1), nil
}

func (c *console) deletePage(ctx context.Context, in *OwnPage) (*nothing, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	return &nothing{CacheControl: private}, c.Shelf.DeletePage(ctx, h.Handle, in.Page)
}

// PreviewRequest asks what settings would offer.
type PreviewRequest struct {
	Page PageSettings `json:"page"`
	From string       `json:"from" format:"date" doc:"First day, in the page's zone"`
	To   string       `json:"to" format:"date" doc:"Last day; at most 62 days in all"`
	Date string       `json:"date,omitempty" format:"date" doc:"A day whose every time is to be explained"`
}

// Previewed is what settings would offer.
type Previewed struct {
	TimeZone        string     `json:"timezone"`
	DurationMinutes int        `json:"durationMinutes"`
	Slots           []Slot     `json:"slots" nullable:"false"`
	Day             *Explained `json:"day,omitempty"`
}

// Explained is a day with each of its times.
type Explained struct {
	Date   string          `json:"date" format:"date"`
	Closed string          `json:"closed,omitempty" enum:"no_windows,holiday,override" doc:"Why the day has no times at all"`
	Slots  []ExplainedSlot `json:"slots" nullable:"false"`
}

// ExplainedSlot is a time, and why it is not open.
type ExplainedSlot struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Open   bool      `json:"open"`
	Reason string    `json:"reason,omitempty" enum:"past,too_soon,beyond_horizon,busy,booked,day_full"`
}

// verdicts are the engine's in the API's words.
var verdicts = map[availability.Verdict]string{
	availability.Past:          "past",
	availability.ShortNotice:   "too_soon",
	availability.BeyondHorizon: "beyond_horizon",
	availability.Busy:          "busy",
	availability.Booked:        "booked",
	availability.DayFull:       "day_full",
}

type previewInput struct{ Body PreviewRequest }

func (c *console) preview(ctx context.Context, in *previewInput) (*answer[Previewed], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	p := in.Body.Page.Page
	p.Host = h.Handle
	if wrong := p.ValidateTimes(); len(wrong) > 0 {
		return nil, &wrongSettings{under: "page.", problems: wrong}
	}
	location, err := zone.Load(p.TimeZone)
	if err != nil {
		return nil, err
	}
	from, to, err := span(in.Body.From, in.Body.To, location)
	if err != nil {
		return nil, err
	}
	shown, err := c.Diary.Preview(ctx, p, from, to, in.Body.Date)
	if err != nil {
		return nil, err
	}
	out := Previewed{TimeZone: p.TimeZone, DurationMinutes: p.DurationMinutes, Slots: SlotsOf(p, shown.Slots, location).Slots}
	if shown.Day != nil {
		out.Day = explained(*shown.Day, location)
	}
	return answered(out), nil
}

func explained(day availability.Day, in *time.Location) *Explained {
	e := &Explained{Date: day.Date, Closed: string(day.Shut), Slots: []ExplainedSlot{}}
	for _, j := range day.Starts {
		e.Slots = append(e.Slots, ExplainedSlot{
			Start: j.Start.In(in), End: j.End.In(in),
			Open: j.Verdict == availability.Open, Reason: verdicts[j.Verdict],
		})
	}
	return e
}
