package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/booking"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

const (
	profilePath = "/api/host/profile"
	exportPath  = "/api/host/export"
	summaryPath = "/api/host/summary"
	checkPath   = "/api/host/check"
)

// Profile is a host's account.
type Profile struct {
	Handle        string       `json:"handle" doc:"The part of the booking pages' addresses; it cannot change" example:"hanako"`
	Name          string       `json:"name" doc:"As guests see it" example:"約束 花子"`
	Email         string       `json:"email" doc:"Where mails to the host go: the address that the sign-in provider vouches for"`
	TimeZone      string       `json:"timezone" doc:"IANA time zone" example:"Asia/Tokyo"`
	Language      language.Tag `json:"locale" enum:"ja,en" doc:"The language of mails to the host"`
	RetentionDays int          `json:"retentionDays" doc:"Days after a meeting for which its guest's data are kept; 0: for as long as the account is"`
}

// ProfileChange is the body that opens or changes an account.
type ProfileChange struct {
	Handle        string       `json:"handle,omitempty" maxLength:"40" doc:"Needed at first"`
	Name          string       `json:"name" minLength:"1" maxLength:"100"`
	TimeZone      string       `json:"timezone" minLength:"1" maxLength:"64"`
	Language      language.Tag `json:"locale" enum:"ja,en"`
	RetentionDays *int         `json:"retentionDays,omitempty" minimum:"0" maximum:"3650"`
}

// Summary is what a host sees first.
type Summary struct {
	BookingsThisWeek int         `json:"bookingsThisWeek" doc:"Confirmed, Monday to Sunday in the host's zone"`
	Upcoming         int         `json:"upcoming"`
	NeedsAttention   int         `json:"needsAttention"`
	PublishedPages   int         `json:"publishedPages"`
	DraftPages       int         `json:"draftPages"`
	Next             *BookingRow `json:"next,omitempty"`
	Check            Check       `json:"check" doc:"How bookings to come stand at Zoom and in the calendars"`
}

// Check is how a host's bookings to come stand outside.
type Check struct {
	At          *time.Time `json:"at,omitempty" doc:"When they had last been compared with all that can be reached; none: not yet"`
	Differences int        `json:"differences" doc:"Bookings of which something stands otherwise"`
}

type changeInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Body          ProfileChange
}

type profileOutput struct {
	Status       int
	CacheControl string `header:"Cache-Control"`
	Body         Profile
}

type closeInput struct {
	Handle string `query:"handle" required:"true" doc:"The account's own, typed by the host to confirm"`
}

type exportOutput struct {
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

func profileOf(h host.Host) Profile {
	return Profile{
		Handle: h.Handle, Name: h.Name, Email: h.Email, TimeZone: h.TimeZone,
		Language: h.Language, RetentionDays: h.RetentionDays,
	}
}

func (c *console) registerProfile(api huma.API) {
	const tag = "Host"
	huma.Register(api, hosts("get-profile", http.MethodGet, profilePath, tag, "The host's account"),
		func(ctx context.Context, _ *struct{}) (*answer[Profile], error) {
			h, err := c.me(ctx)
			if err != nil {
				return nil, err
			}
			return answered(profileOf(h)), nil
		})
	put := hosts("put-profile", http.MethodPut, profilePath, tag, "Open or change the account", 400, 409, 413, 415)
	put.Description = "201 when it is opened, by the first request of who signs in; 200 when it is changed."
	put.Responses = map[string]*huma.Response{"201": {Description: "The account was opened"}}
	huma.Register(api, put, c.putProfile)
	huma.Register(api, hosts("delete-profile", http.MethodDelete, profilePath, tag, "Close the account and remove everything of it", 409), c.closeAccount)
	export := hosts("export", http.MethodGet, exportPath, tag, "Everything that is kept of the host")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "A JSON file: profile, pages, connections without their tokens, bookings, webhooks without their secrets, API keys without what opens by them",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}},
	}}
	huma.Register(api, export, c.export)
	huma.Register(api, hosts("get-summary", http.MethodGet, summaryPath, tag, "Numbers for the first screen"), c.summary)
	check := hosts("check", http.MethodPost, checkPath, tag, "Compare bookings with Zoom and the calendars now")
	check.DefaultStatus = http.StatusAccepted
	check.Description = "Within about a minute; more often than once a minute they are not compared. The summary says when they were."
	huma.Register(api, check, c.check)
}

func (c *console) check(ctx context.Context, _ *struct{}) (*nothing, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	return &nothing{CacheControl: private}, c.Audits.AuditDue(ctx, h.Handle, c.Now())
}

func (c *console) putProfile(ctx context.Context, in *changeInput) (*profileOutput, error) {
	p, ok := PrincipalFrom(ctx)
	if !ok {
		return nil, errSignedOut
	}
	h, err := c.Accounts.BySubject(ctx, p.Subject)
	unknown := is[*host.Unknown](err)
	if err != nil && !unknown {
		return nil, err
	}
	if !unknown && in.Body.Handle != "" && in.Body.Handle != h.Handle {
		return nil, invalid("handle", problem.Immutable)
	}
	h.Handle = cmp.Or(h.Handle, in.Body.Handle)
	h.Subject, h.Name = p.Subject, strings.TrimSpace(in.Body.Name)
	h.TimeZone, h.Language = in.Body.TimeZone, in.Body.Language
	if in.Body.RetentionDays != nil {
		h.RetentionDays = *in.Body.RetentionDays
	}
	_, token, _ := strings.Cut(in.Authorization, " ")
	if !unknown {
		h, err = c.Accounts.Change(ctx, h, token)
		return &profileOutput{Status: http.StatusOK, CacheControl: private, Body: profileOf(h)}, err
	}
	h, err = c.Accounts.Open(ctx, h, token)
	if is[*host.SubjectTaken](err) { // by a request at the same time
		h, err = c.Accounts.BySubject(ctx, p.Subject)
	}
	if err != nil {
		return nil, err
	}
	return &profileOutput{Status: http.StatusCreated, CacheControl: private, Body: profileOf(h)}, nil
}

func (c *console) closeAccount(ctx context.Context, in *closeInput) (*nothing, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	if in.Handle != h.Handle {
		return nil, invalid("handle", problem.NotTheSame)
	}
	if err := c.Accounts.Close(ctx, h); err != nil {
		return nil, fmt.Errorf("close the account of %s: %w", h.Handle, err)
	}
	return &nothing{CacheControl: private}, nil
}

func (c *console) export(ctx context.Context, _ *struct{}) (*exportOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.everything(ctx, h)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	return &exportOutput{
		CacheControl: private, ContentType: "application/json",
		Disposition: `attachment; filename="yakusoku-` + h.Handle + `.json"`, Body: text,
	}, nil
}

// Export is everything that is kept of a host.
type Export struct {
	ExportedAt  time.Time       `json:"exportedAt"`
	Profile     Profile         `json:"profile"`
	Connections []Connection    `json:"connections"`
	Pages       []PageSettings  `json:"pages"`
	Bookings    []BookingDetail `json:"bookings"`
	Hooks       []ExportedHook  `json:"hooks"`
	Keys        []KeyRow        `json:"keys"`
}

func (c *console) everything(ctx context.Context, h host.Host) (Export, error) {
	in, err := zone.Load(h.TimeZone)
	if err != nil {
		return Export{}, err
	}
	all := Export{ExportedAt: c.Now().In(in), Profile: profileOf(h)}
	if all.Connections, err = c.linked(ctx, h); err != nil {
		return Export{}, err
	}
	pages, err := c.Shelf.Pages(ctx, h.Handle)
	if err != nil {
		return Export{}, err
	}
	for _, p := range pages {
		all.Pages = append(all.Pages, PageSettings{p.Complete()})
	}
	if all.Hooks, err = c.exportHooks(ctx, h.Handle, in); err != nil {
		return Export{}, err
	}
	if all.Keys, err = c.keyRows(ctx, h.Handle, in); err != nil {
		return Export{}, err
	}
	q := booking.Search{Host: h.Handle, From: time.Unix(0, 0), To: c.Now().AddDate(10, 0, 0)}
	for {
		found, err := c.Diary.Search(ctx, q)
		if err != nil {
			return Export{}, err
		}
		for _, b := range found.Bookings {
			all.Bookings = append(all.Bookings, detailOf(b, in, h.Language, c.Now()))
		}
		if found.Cursor == "" {
			return all, nil
		}
		q.Cursor = found.Cursor
	}
}

func (c *console) summary(ctx context.Context, _ *struct{}) (*answer[Summary], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	in, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	overview, errBookings := c.Diary.Overview(ctx, h.Handle, in)
	pages, errPages := c.Shelf.Pages(ctx, h.Handle)
	audited, errAudits := c.Audits.Audited(ctx, h.Handle)
	if err := errors.Join(errBookings, errPages, errAudits); err != nil {
		return nil, err
	}
	s := Summary{
		BookingsThisWeek: overview.ThisWeek, Upcoming: overview.Upcoming, NeedsAttention: overview.NeedsAttention,
		Check: Check{Differences: overview.Differing},
	}
	if !audited.IsZero() {
		at := audited.In(in)
		s.Check.At = &at
	}
	for _, p := range pages {
		if p.Published {
			s.PublishedPages++
		} else {
			s.DraftPages++
		}
	}
	if overview.Next != nil {
		row := rowOf(*overview.Next, in)
		s.Next = &row
	}
	return answered(s), nil
}

// rowOf is a booking in a list, in the host's zone.
func rowOf(b booking.Booking, in *time.Location) BookingRow {
	return BookingRow{
		ID: b.ID, Page: b.Page, Title: b.Terms.Title, Start: b.Start.In(in), End: b.End.In(in),
		Status: b.Status, Reason: b.Reason, NeedsAttention: b.NeedsAttention(), Differs: len(b.Differences) > 0,
		Guest: GuestRow{Name: b.Guest.Name, Email: b.Guest.Email, Company: b.Guest.Company},
	}
}
