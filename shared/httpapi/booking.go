package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

// Bookings takes submissions and shows guests their own. Its errors are package
// booking's.
type Bookings interface {
	Submit(ctx context.Context, s booking.Submission) (booking.Receipt, error)
	SendCode(ctx context.Context, r booking.CodeRequest) error
	View(ctx context.Context, id, token string) (booking.Booking, error)
	Cancel(ctx context.Context, id, token string, reason booking.CancelReason, message string) error
	Reschedule(ctx context.Context, id, token string, start time.Time) error
	OwnSlots(ctx context.Context, id, token string, from, to time.Time) (booking.Month, error)
}

// Guest is who books.
type Guest struct {
	Name     string       `json:"name" minLength:"1" maxLength:"100" example:"山田 太郎"`
	Email    string       `json:"email" minLength:"3" maxLength:"254" example:"taro@example.com"`
	Company  string       `json:"company,omitempty" maxLength:"100"`
	Phone    string       `json:"phone,omitempty" maxLength:"40" pattern:"^[0-9+().# -]*$" patternDescription:"digits and + ( ) . # -"`
	TimeZone string       `json:"timezone" minLength:"1" maxLength:"64" doc:"IANA time zone: the one that mails to the guest are written in" example:"Asia/Tokyo"`
	Language language.Tag `json:"locale" enum:"ja,en" doc:"The language of mails to the guest"`

	CoAttendees []string `json:"coAttendees,omitempty" maxItems:"10" doc:"Mail addresses of who else comes, where the page allows it"`
}

// Submission is the body that books a slot.
type Submission struct {
	Start   time.Time         `json:"start" doc:"The start of an open slot, with offset" example:"2026-12-01T10:00:00+09:00"`
	Guest   Guest             `json:"guest"`
	Answers map[string]Answer `json:"answers,omitempty" doc:"By question id"`
	Consent string            `json:"consent,omitempty" maxLength:"40" doc:"The version of the page's consent that the guest agrees to"`
	Code    string            `json:"code,omitempty" maxLength:"6" doc:"The code that was mailed to the guest, where the page asks for it"`

	FillSeconds *float64 `json:"fillSeconds,omitempty" minimum:"0" doc:"For how long the guest had the form before them: what fills it in faster than a person is asked to wait"`
	Website     string   `json:"website,omitempty" maxLength:"200" doc:"Left empty by people, who cannot see it in a form"`
}

// Answer is a text, several options, or a tick: as its question's type asks.
type Answer struct{ value any }

// UnmarshalJSON takes a string, a list of strings or a boolean.
func (a *Answer) UnmarshalJSON(text []byte) error {
	var one string
	var many []string
	var tick bool
	switch {
	case json.Unmarshal(text, &one) == nil:
		a.value = one
	case json.Unmarshal(text, &tick) == nil:
		a.value = tick
	case json.Unmarshal(text, &many) == nil:
		a.value = many
	default:
		return errors.New("an answer is a string, a list of strings or a boolean")
	}
	return nil
}

// Schema declares the three forms.
func (Answer) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
		{Type: huma.TypeBoolean},
	}}
}

// Receipt answers a submission.
type Receipt struct {
	ID     string    `json:"id"`
	Token  string    `json:"token" doc:"Gives access to the booking: keep it as you would a password"`
	Status string    `json:"status" enum:"pending" doc:"Its steps follow: read the booking to see them happen"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
}

// BookingView is a booking as its guest sees it.
type BookingView struct {
	ID           string         `json:"id"`
	Status       booking.Status `json:"status" enum:"pending,confirmed,failed,cancelled"`
	Start        time.Time      `json:"start" doc:"In the guest's time zone"`
	End          time.Time      `json:"end"`
	TimeZone     string         `json:"timezone" doc:"The guest's"`
	HostTimeZone string         `json:"hostTimezone"`
	Guest        GuestView      `json:"guest"`
	Host         string         `json:"host" doc:"The host's name"`
	Title        string         `json:"title"`
	JoinURL      string         `json:"joinUrl,omitempty" doc:"Once confirmed"`
	Passcode     string         `json:"passcode,omitempty"`
	Note         string         `json:"note,omitempty" doc:"What the host says to guests who booked"`
	Steps        []StepView     `json:"steps" nullable:"false"`
	Reason       booking.Reason `json:"reason,omitempty" doc:"Why it failed, for programs"`
	ReasonDetail string         `json:"reasonDetail,omitempty" doc:"Why it failed, for people"`
	Revision     int            `json:"revision" doc:"Of the plan: higher after each change"`
	MeetingGone  bool           `json:"meetingGone,omitempty" doc:"The meeting was deleted at Zoom: its URL led nowhere any more, and the host was told"`

	CanCancel     bool          `json:"canCancel" doc:"By the guest, now"`
	CanReschedule bool          `json:"canReschedule" doc:"By the guest, now"`
	ChangeUntil   *time.Time    `json:"changeUntil,omitempty" doc:"Until when the guest may cancel or reschedule, where the page says so"`
	Cancellation  *Cancellation `json:"cancellation,omitempty"`
	Moves
}

// GuestView is the guest's own name and address, as they gave them.
type GuestView struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// StepView is how far one step has come.
type StepView struct {
	Name   booking.Step       `json:"name" enum:"hold,meeting,event,mail"`
	Status booking.StepStatus `json:"status" enum:"waiting,started,done,undone,failed"`
	At     *time.Time         `json:"at,omitempty" doc:"Of the last change"`
}

type submitInput struct {
	PagePath
	Key  string `header:"Idempotency-Key" required:"true" minLength:"16" maxLength:"128" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"letters, digits, _ and -" doc:"New for each submission, the same for its repetitions: a UUID"`
	Body Submission

	address string // that the request came from
}

// Resolve holds the body to what a schema cannot say.
func (in *submitInput) Resolve(ctx huma.Context) []error {
	in.address = ctx.RemoteAddr()
	g := in.Body.Guest
	var wrong []error
	add := func(field string, code problem.FieldCode) {
		wrong = append(wrong, &fieldError{problem.Field{Field: field, Code: code}})
	}
	for field, value := range map[string]string{"guest.name": g.Name, "guest.company": g.Company} {
		if strings.ContainsFunc(value, disturbs) {
			add(field, problem.ControlChar)
		}
	}
	for id, a := range in.Body.Answers {
		text, ok := a.value.(string)
		if ok && strings.ContainsFunc(strings.ReplaceAll(text, "\r\n", "\n"), disturbsText) {
			add("answers."+id, problem.ControlChar)
		}
	}
	if g.Name != "" && strings.TrimFunc(g.Name, isInvisible) == "" {
		add("guest.name", problem.Required)
	}
	if g.Email != "" && !isEmail(g.Email) {
		add("guest.email", problem.BadEmail)
	}
	if g.TimeZone != "" && !zone.Known(g.TimeZone) {
		add("guest.timezone", problem.BadTimeZone)
	}
	for i, address := range g.CoAttendees {
		if len(address) > maxEmail || !isEmail(address) {
			add(fmt.Sprintf("guest.coAttendees[%d]", i), problem.BadEmail)
		}
	}
	if in.Body.Website != "" {
		add("website", problem.LeaveEmpty)
	}
	return wrong
}

// disturbs reports whether a character has no place in a line that others read:
// controls, and what turns the direction of the text around it.
func disturbs(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// disturbsText is disturbs for texts of several lines.
func disturbsText(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t'
}

// isInvisible reports whether a name of such characters would show nothing:
// spaces, format characters, fillers of Hangul, the empty pattern of Braille.
func isInvisible(r rune) bool {
	return unicode.IsSpace(r) || r == '\u2800' ||
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// maxEmail is the longest address that a mail path takes (RFC 5321, 4.5.3.1.3).
const maxEmail = 254

// isEmail takes a bare address whose domain has a dot.
func isEmail(s string) bool {
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	return domainPattern.MatchString(s[at+1:]) && !strings.ContainsFunc(s[:at], isNotPlain)
}

// domainPattern takes names of at least two parts; addresses in brackets and
// names in other scripts are for extensions that few mail servers have.
var domainPattern = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z]$`)

func isNotPlain(r rune) bool { return r <= ' ' || r > '~' }

type submitOutput struct {
	Location     string `header:"Location"`
	CacheControl string `header:"Cache-Control"`
	Body         Receipt
}

// OwnBooking carries the guest's token. It is not declared as required, so that a
// request without it is told 401 and not 422.
type OwnBooking struct {
	ID            string `path:"id" maxLength:"64"`
	Authorization string `header:"Authorization" hidden:"true"`
}

func (in *OwnBooking) token() (string, error) {
	scheme, token, _ := strings.Cut(in.Authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errUnauthorized
	}
	return token, nil
}

type bookingInput struct {
	OwnBooking
	AcceptLanguage string `header:"Accept-Language"`
}

type bookingOutput struct {
	CacheControl string `header:"Cache-Control"`
	Language     string `header:"Content-Language"`
	Body         BookingView
}

// CodeRequest is the body that asks for a code.
type CodeRequest struct {
	Email    string       `json:"email" minLength:"3" maxLength:"254" example:"taro@example.com"`
	Language language.Tag `json:"locale" enum:"ja,en" doc:"The language of the mail"`
}

// CodeSent answers a request for a code.
type CodeSent struct {
	ValidSeconds int `json:"validSeconds" doc:"For how long the code is good, at least"`
}

type codeInput struct {
	PagePath
	Body CodeRequest

	address string
}

// Resolve holds the address to what a schema cannot say.
func (in *codeInput) Resolve(ctx huma.Context) []error {
	in.address = ctx.RemoteAddr()
	if in.Body.Email != "" && !isEmail(in.Body.Email) {
		return []error{invalid("email", problem.BadEmail)}
	}
	return nil
}

type codeOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         CodeSent
}

type inviteOutput struct {
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

const private = "no-store"

func registerBookings(api huma.API, bookings Bookings) {
	own := []map[string][]string{{guestToken: {}}}
	huma.Register(api, huma.Operation{
		OperationID: "submit-booking", Method: http.MethodPost, Path: bookingsPath, Tags: []string{"Bookings"},
		Summary: "Book a slot", DefaultStatus: http.StatusAccepted, MaxBodyBytes: tooLong,
		Description: "Holds the slot and starts making the booking real. The same Idempotency-Key with the same body is the same booking, and gets the same answer.",
		Errors:      []int{400, 404, 409, 413, 415, 429, 503},
	}, func(ctx context.Context, in *submitInput) (*submitOutput, error) {
		location, err := zone.Load(in.Body.Guest.TimeZone)
		if err != nil {
			return nil, invalid("guest.timezone", problem.BadTimeZone)
		}
		receipt, err := bookings.Submit(ctx, in.submission())
		if err != nil {
			return nil, err
		}
		return &submitOutput{
			Location: "/api/bookings/" + receipt.ID, CacheControl: private,
			Body: Receipt{
				ID: receipt.ID, Token: receipt.Token, Status: string(booking.Pending),
				Start: receipt.Start.In(location), End: receipt.End.In(location),
			},
		}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "send-code", Method: http.MethodPost, Path: codesPath, Tags: []string{"Bookings"},
		Summary: "Mail a code to a guest", DefaultStatus: http.StatusAccepted, MaxBodyBytes: tooLong,
		Description: "For pages with verifyEmail: the code goes into the submission, and shows that the address is the guest's.",
		Errors:      []int{400, 404, 413, 415, 429, 503},
	}, func(ctx context.Context, in *codeInput) (*codeOutput, error) {
		err := bookings.SendCode(ctx, booking.CodeRequest{
			Host: in.Host, Page: in.Page, Email: in.Body.Email, Language: in.Body.Language, Address: in.address,
		})
		if err != nil {
			return nil, err
		}
		return &codeOutput{CacheControl: private, Body: CodeSent{ValidSeconds: int(booking.CodeValid / time.Second)}}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-booking", Method: http.MethodGet, Path: bookingPath, Tags: []string{"Bookings"},
		Summary: "How a booking stands", Security: own, Errors: []int{401, 404},
	}, func(ctx context.Context, in *bookingInput) (*bookingOutput, error) {
		b, err := view(ctx, bookings, in.OwnBooking)
		if err != nil {
			return nil, err
		}
		l := language.Match(in.AcceptLanguage)
		shown, err := ViewOf(b, l, time.Now())
		if err != nil {
			return nil, err
		}
		return &bookingOutput{CacheControl: private, Language: string(l), Body: shown}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-invite", Method: http.MethodGet, Path: invitePath, Tags: []string{"Bookings"},
		Summary: "A confirmed booking as an iCalendar file", Security: own, Errors: []int{401, 404, 409},
		Responses: map[string]*huma.Response{"200": {
			Description: "The same file as in the mails",
			Content:     map[string]*huma.MediaType{"text/calendar": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, func(ctx context.Context, in *OwnBooking) (*inviteOutput, error) {
		b, err := view(ctx, bookings, *in)
		if err != nil {
			return nil, err
		}
		if b.Status != booking.Confirmed {
			return nil, errNotConfirmed
		}
		invite, err := mail.Invite(b)
		if err != nil {
			return nil, err
		}
		return &inviteOutput{
			CacheControl: private, ContentType: "text/calendar; charset=utf-8",
			Disposition: `attachment; filename="invite.ics"`, Body: bytes.Clone(invite),
		}, nil
	})
}

type cancelInput struct {
	OwnBooking
	Body CancelRequest
}

// Resolve holds the message to what a schema cannot say.
func (in *cancelInput) Resolve(huma.Context) []error { return in.Body.check() }

func registerCancel(api huma.API, bookings Bookings) {
	huma.Register(api, huma.Operation{
		OperationID: "cancel-booking", Method: http.MethodPost, Path: cancelPath, Tags: []string{"Bookings"},
		Summary: "Cancel one's booking", DefaultStatus: http.StatusAccepted, MaxBodyBytes: bodyLimit,
		Security: []map[string][]string{{guestToken: {}}}, Errors: []int{400, 401, 404, 409, 413, 415},
		Description: "Its slot is free at once; the meeting, the event and the mails follow. Once more is no error.",
	}, func(ctx context.Context, in *cancelInput) (*nothing, error) {
		token, err := in.token()
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, bookings.Cancel(ctx, in.ID, token, in.Body.Reason, in.Body.Message)
	})
}

// longestFill is more seconds than make a difference, and fewer than a
// time.Duration holds.
const longestFill = 24 * 60 * 60

func (in *submitInput) submission() booking.Submission {
	g := in.Body.Guest
	s := booking.Submission{
		Host: in.Host, Page: in.Page, Key: in.Key,
		Start: in.Body.Start,
		Guest: booking.Guest{
			Name: strings.TrimSpace(g.Name), Email: g.Email,
			Company: strings.TrimSpace(g.Company), Phone: strings.TrimSpace(g.Phone),
			TimeZone: g.TimeZone, Language: g.Language,
			CoAttendees: g.CoAttendees,
		},
		Answers: map[string]any{},
		Consent: in.Body.Consent, Code: in.Body.Code,
		Address: in.address,
	}
	if seconds := in.Body.FillSeconds; seconds != nil {
		filledIn := time.Duration(min(*seconds, longestFill) * float64(time.Second))
		s.FilledIn = &filledIn
	}
	for id, a := range in.Body.Answers {
		s.Answers[id] = a.value
	}
	return s
}

func view(ctx context.Context, bookings Bookings, in OwnBooking) (booking.Booking, error) {
	token, err := in.token()
	if err != nil {
		return booking.Booking{}, err
	}
	return bookings.View(ctx, in.ID, token)
}

// ViewOf is what the guest may see of their booking. The way to join is shown only
// when it will be there.
func ViewOf(b booking.Booking, l language.Tag, now time.Time) (BookingView, error) {
	location, err := zone.Load(b.Guest.TimeZone)
	if err != nil {
		return BookingView{}, err
	}
	v := BookingView{
		ID: b.ID, Status: b.Status,
		Start: b.Start.In(location), End: b.End.In(location),
		TimeZone: b.Guest.TimeZone, HostTimeZone: b.Terms.HostTimeZone,
		Guest: GuestView{Name: b.Guest.Name, Email: b.Guest.Email},
		Host:  b.Terms.HostName, Title: b.Terms.Title,
		Steps: []StepView{}, Revision: b.Revision, Moves: movesOf(b, location, l),
		CanCancel: b.GuestCanCancel(now), CanReschedule: b.GuestCanMove(now),
	}
	if until := b.ChangeUntil(); !until.IsZero() {
		until = until.In(location)
		v.ChangeUntil = &until
	}
	if was := b.Cancellation; was != nil {
		v.Cancellation = &Cancellation{By: was.By, Reason: was.Reason, Message: was.Message, At: was.At.In(location)}
	}
	if b.Status == booking.Confirmed {
		v.Note, v.MeetingGone = b.Terms.ConfirmationNote, b.MeetingGone()
	}
	if b.Status == booking.Confirmed && !v.MeetingGone {
		v.JoinURL, v.Passcode = b.ZoomMeeting.JoinURL, b.ZoomMeeting.Passcode
	}
	if b.Status == booking.Failed {
		v.Reason, v.ReasonDetail = b.Reason, reasonIn(l, b.Reason)
	}
	for _, step := range []booking.Step{booking.Hold, booking.Meeting, booking.Event, booking.Mail} {
		p := b.Steps[step]
		s := StepView{Name: step, Status: p.Status}
		if !p.At.IsZero() {
			at := p.At.In(location)
			s.At = &at
		}
		v.Steps = append(v.Steps, s)
	}
	return v, nil
}
