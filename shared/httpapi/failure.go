package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"yakusoku/shared/apikey"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/mail"
	"yakusoku/shared/page"
	"yakusoku/shared/problem"
)

// fieldError is one field's problem on its way to the edge.
type fieldError struct{ problem.Field }

func (e *fieldError) Error() string { return e.Field.Field + ": " + string(e.Code) }

func invalid(field string, code problem.FieldCode) error {
	return &fieldError{problem.Field{Field: field, Code: code}}
}

var (
	errUnauthorized = errors.New("no token")
	errNotConfirmed = errors.New("the booking is not confirmed")
	errSignedOut    = errors.New("no host is signed in")
	errNoSuchThing  = errors.New("no such thing")
	errNoVersion    = errors.New("no version was named")
)

// problemWith is the one place where errors become problem documents: those of
// operations, by their type, and those of validation, by their status. huma calls
// it with a nil context where it only asks for the document's form.
func problemWith(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
	l := language.English
	if ctx != nil {
		l = language.Match(ctx.Header("Accept-Language"))
		ctx.SetHeader("Content-Language", string(l))
		ctx.SetHeader("Cache-Control", private)
	}
	if status == http.StatusInternalServerError && len(errs) == 1 {
		code, fields := problemOf(errs[0])
		if asks := challenge(code, fields); asks != "" && ctx != nil {
			ctx.SetHeader("WWW-Authenticate", asks)
		}
		if until, ok := limitedUntil(errs[0]); ok && ctx != nil {
			seconds := max(1, math.Ceil(time.Until(until).Seconds()))
			ctx.SetHeader("Retry-After", strconv.Itoa(int(seconds)))
		}
		if code == problem.Internal && ctx != nil {
			slog.ErrorContext(ctx.Context(), "operation failed", "operation", ctx.Operation().OperationID, "error", errs[0])
		}
		return problem.New(l, code, fields...)
	}
	return problem.New(l, codeOf(status), fieldsOf(errs)...)
}

// challenge is what WWW-Authenticate asks for (RFC 6750, 3).
func challenge(code problem.Code, fields []problem.Field) string {
	switch code {
	case problem.Unauthorized:
		return "Bearer"
	case problem.KeyInvalid:
		return `Bearer error="invalid_token"`
	case problem.KeyScopeMissing:
		return `Bearer error="insufficient_scope", scope="` + fields[0].Field + `"`
	}
	return ""
}

// limitedUntil is until when who asks too often is refused.
func limitedUntil(err error) (time.Time, bool) {
	if limited, ok := errors.AsType[*booking.RateLimited](err); ok {
		return limited.Until, true
	}
	if limited, ok := errors.AsType[*apikey.RateLimited](err); ok {
		return limited.Until, true
	}
	return time.Time{}, false
}

// problemOf names what an operation's error means to its caller.
func problemOf(err error) (problem.Code, []problem.Field) {
	if e, ok := errors.AsType[*fieldError](err); ok {
		return problem.ValidationFailed, []problem.Field{e.Field}
	}
	if e, ok := errors.AsType[*booking.Invalid](err); ok {
		return problem.ValidationFailed, submissionFields(e)
	}
	if e, ok := errors.AsType[*wrongSettings](err); ok {
		return problem.ValidationFailed, e.fields()
	}
	if e, ok := errors.AsType[*host.Invalid](err); ok {
		return problem.ValidationFailed, profileFields(e)
	}
	if e, ok := errors.AsType[*hook.Invalid](err); ok {
		return problem.ValidationFailed, hookFields(e)
	}
	if e, ok := errors.AsType[*apikey.Invalid](err); ok {
		return problem.ValidationFailed, keyFields(e)
	}
	if e, ok := errors.AsType[*apikey.ScopeMissing](err); ok {
		return problem.KeyScopeMissing, []problem.Field{{Field: string(e.Scope), Code: problem.ScopeMissing}}
	}
	if _, ok := errors.AsType[*booking.SlotNotOpen](err); ok {
		return problem.SlotNotOpen, []problem.Field{{Field: "start", Code: problem.NotOpen}}
	}
	switch {
	case is[*booking.SlotTaken](err):
		return problem.SlotTaken, nil
	case is[*booking.RateLimited](err):
		return problem.RateLimited, nil
	case is[*mail.Refused](err):
		return problem.ValidationFailed, []problem.Field{{Field: "email", Code: problem.BadEmail}}
	case is[*mail.RateLimited](err):
		return problem.RateLimited, nil
	case is[*booking.KeyReused](err):
		return problem.KeyReused, nil
	case is[*booking.NotAccepting](err):
		return problem.NotAccepting, nil
	case is[*booking.PageNotFound](err):
		return problem.PageNotFound, nil
	case is[*booking.NotFound](err):
		return problem.BookingNotFound, nil
	case errors.Is(err, errUnauthorized):
		return problem.Unauthorized, nil
	case is[*booking.NotCancellable](err):
		return problem.NotCancellable, nil
	case is[*booking.NotMovable](err):
		return problem.NotReschedulable, nil
	case is[*booking.Changing](err):
		return problem.BookingChanging, nil
	case is[*booking.TooLateToChange](err):
		return problem.TooLateToChange, nil
	case errors.Is(err, errNotConfirmed):
		return problem.NotConfirmed, nil
	}
	return hostProblemOf(err)
}

// hostProblemOf names the errors of the host's API.
func hostProblemOf(err error) (problem.Code, []problem.Field) {
	switch {
	case errors.Is(err, errSignedOut):
		return problem.SignedOut, nil
	case errors.Is(err, errNoSuchThing):
		return problem.NotFound, nil
	case errors.Is(err, errTooManyPages):
		return problem.TooManyPages, nil
	case errors.Is(err, errNoVersion):
		return problem.PreconditionRequired, nil
	case is[*host.Unknown](err):
		return problem.ProfileMissing, nil
	case is[*host.HandleTaken](err):
		return problem.HandleTaken, nil
	case is[*host.Unverified](err):
		return problem.EmailUnverified, nil
	case is[*host.BookingsAhead](err):
		return problem.BookingsAhead, nil
	case is[*host.BookingsUnsettled](err):
		return problem.BookingsUnsettled, nil
	case is[*page.NotFound](err):
		return problem.PageNotFound, nil
	case is[*page.SlugTaken](err):
		return problem.SlugTaken, nil
	case is[*page.Changed](err):
		return problem.PageChanged, nil
	case is[*connection.Unsupported](err):
		return problem.ProviderNotSetUp, nil
	case is[*booking.NothingToRetry](err):
		return problem.NothingToRetry, nil
	case is[*hook.NotFound](err):
		return problem.HookNotFound, nil
	case is[*hook.DeliveryNotFound](err):
		return problem.DeliveryNotFound, nil
	case is[*hook.TooMany](err):
		return problem.TooManyHooks, nil
	case is[*apikey.NotGood](err):
		return problem.KeyInvalid, nil
	case is[*apikey.RateLimited](err):
		return problem.KeyRateLimited, nil
	case is[*apikey.NotFound](err):
		return problem.KeyNotFound, nil
	case is[*apikey.TooMany](err):
		return problem.TooManyKeys, nil
	case is[*booking.BadCursor](err), is[*hook.BadCursor](err):
		return problem.ValidationFailed, []problem.Field{{Field: "cursor", Code: problem.WrongFormat}}
	}
	return problem.Internal, nil
}

// wrongSettings are a page's that break its rules.
type wrongSettings struct {
	under    string // what stands before their paths
	problems []page.Problem
}

func (e *wrongSettings) Error() string { return "settings break their page's rules" }

var settingCodes = map[page.Code]problem.FieldCode{
	page.Required:       problem.Required,
	page.Malformed:      problem.WrongFormat,
	page.Unknown:        problem.NotAnOption,
	page.OutOfRange:     problem.OutOfRange,
	page.NotInFives:     problem.NotInFives,
	page.TooLong:        problem.TooLong,
	page.TooMany:        problem.TooMany,
	page.Duplicate:      problem.Duplicate,
	page.EndsBeforeFrom: problem.EndsBeforeFrom,
	page.Overlaps:       problem.Overlaps,
	page.ClaimTooLong:   problem.ClaimTooLong,
	page.NotApplicable:  problem.LeaveEmpty,
	page.NotAllowed:     problem.NotAllowed,
}

func (e *wrongSettings) fields() []problem.Field {
	var fields []problem.Field
	for _, p := range e.problems {
		fields = append(fields, problem.Field{Field: e.under + p.Path, Code: settingCodes[p.Code], Min: p.Min, Max: p.Max})
	}
	return first(fields)
}

var profileCodes = map[host.FieldCode]problem.FieldCode{
	host.Required:   problem.Required,
	host.Malformed:  problem.WrongFormat,
	host.TooLong:    problem.TooLong,
	host.NotAZone:   problem.BadTimeZone,
	host.OutOfRange: problem.OutOfRange,
	host.Reserved:   problem.Reserved,
}

func profileFields(e *host.Invalid) []problem.Field {
	var fields []problem.Field
	for _, f := range e.Fields {
		fields = append(fields, problem.Field{Field: f.Name, Code: profileCodes[f.Code]})
	}
	return fields
}

var hookCodes = map[hook.FieldCode]problem.FieldCode{
	hook.Required:       problem.Required,
	hook.Malformed:      problem.WrongFormat,
	hook.TooLong:        problem.TooLong,
	hook.NotAnOption:    problem.NotAnOption,
	hook.Duplicate:      problem.Duplicate,
	hook.Immutable:      problem.Immutable,
	hook.NotHTTPS:       problem.NotHTTPS,
	hook.HasCredentials: problem.HasCredentials,
	hook.NotPublic:      problem.NotPublic,
}

func hookFields(e *hook.Invalid) []problem.Field {
	var fields []problem.Field
	for _, f := range e.Fields {
		fields = append(fields, problem.Field{Field: f.Name, Code: hookCodes[f.Code]})
	}
	return fields
}

var keyCodes = map[apikey.FieldCode]problem.FieldCode{
	apikey.Required:    problem.Required,
	apikey.Malformed:   problem.WrongFormat,
	apikey.TooLong:     problem.TooLong,
	apikey.NotAnOption: problem.NotAnOption,
	apikey.Duplicate:   problem.Duplicate,
	apikey.OutOfRange:  problem.OutOfRange,
}

func keyFields(e *apikey.Invalid) []problem.Field {
	var fields []problem.Field
	for _, f := range e.Fields {
		fields = append(fields, problem.Field{Field: f.Name, Code: keyCodes[f.Code]})
	}
	return fields
}

// backTo is the console's address that tells how connecting a provider went.
func backTo(ctx context.Context, p connection.Provider, err error) string {
	q := url.Values{}
	refused, unsupported := (*connection.Refused)(nil), (*connection.Unsupported)(nil)
	switch {
	case err == nil:
		q.Set("connected", string(p))
	case errors.As(err, &refused):
		slog.WarnContext(ctx, "not connected", "provider", p, "why", refused.Why, "error", err)
		q.Set("error", string(refused.Why))
		q.Set("provider", string(p))
	case errors.As(err, &unsupported):
		q.Set("error", string(connection.ProviderUnavailable))
		q.Set("provider", string(p))
	default:
		slog.ErrorContext(ctx, "not connected", "provider", p, "error", err)
		q.Set("error", string(connection.ExchangeFailed))
		q.Set("provider", string(p))
	}
	return "/console/integrations?" + q.Encode()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

var submissionCodes = map[booking.FieldCode]problem.FieldCode{
	booking.Missing:        problem.Required,
	booking.Unknown:        problem.Unknown,
	booking.WrongType:      problem.WrongType,
	booking.TooLong:        problem.TooLong,
	booking.TooMany:        problem.TooMany,
	booking.NoOption:       problem.NotAnOption,
	booking.ConsentChanged: problem.ConsentChanged,
	booking.WrongCode:      problem.WrongCode,
}

func submissionFields(e *booking.Invalid) []problem.Field {
	var fields []problem.Field
	for _, f := range e.Fields {
		fields = append(fields, problem.Field{Field: f.Field, Code: submissionCodes[f.Code]})
	}
	return fields
}

func codeOf(status int) problem.Code {
	switch status {
	case http.StatusBadRequest:
		return problem.MalformedJSON
	case http.StatusRequestEntityTooLarge:
		return problem.BodyTooLarge
	case http.StatusUnsupportedMediaType:
		return problem.UnsupportedMediaType
	case http.StatusUnprocessableEntity:
		return problem.ValidationFailed
	case http.StatusNotFound:
		return problem.NotFound
	case http.StatusMethodNotAllowed:
		return problem.MethodNotAllowed
	}
	return problem.Internal
}

// fieldsOf reads huma's validation errors. Nothing of the values is kept.
func fieldsOf(errs []error) []problem.Field {
	var fields []problem.Field
	for _, err := range errs {
		if e, ok := errors.AsType[*fieldError](err); ok {
			fields = append(fields, e.Field)
			continue
		}
		detail, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok || detail.Location == "body" && detail.Value != nil && !strings.HasPrefix(detail.Message, requiredPrefix) {
			continue // the body as a whole: the problem's own detail says it
		}
		fields = append(fields, fieldOf(detail))
	}
	slices.SortStableFunc(fields, func(a, b problem.Field) int { return strings.Compare(a.Field, b.Field) })
	// One word a field is enough.
	return first(slices.CompactFunc(fields, func(a, b problem.Field) bool { return a.Field == b.Field }))
}

// mostFields bounds what one answer says is wrong: a request of many wrong fields
// must not be answered with more than it says itself.
const mostFields = 50

func first(fields []problem.Field) []problem.Field { return fields[:min(len(fields), mostFields)] }

var requiredPrefix, requiredSuffix, _ = strings.Cut(validation.MsgExpectedRequiredProperty, "%s")

func fieldOf(detail *huma.ErrorDetail) problem.Field {
	field := detail.Location
	// The missing property stands in the message, its parent in the location.
	if name, ok := strings.CutPrefix(detail.Message, requiredPrefix); ok {
		field += "." + strings.TrimSuffix(name, requiredSuffix)
	}
	for _, place := range []string{"body.", "query.", "header.", "path."} {
		field = strings.TrimPrefix(field, place)
	}
	return problem.Field{Field: field, Code: fieldCode(detail.Message)}
}

// messages are huma's, with what we call them. Each is known by its words before
// the first value in it.
var messages = []struct {
	message string
	code    problem.FieldCode
}{
	{validation.MsgExpectedRequiredProperty, problem.Required},
	{"required ", problem.Required},
	{validation.MsgUnexpectedProperty, problem.Unknown},
	{"unknown query parameter", problem.Unknown},
	{validation.MsgExpectedMinLength, problem.TooShort},
	{validation.MsgExpectedMaxLength, problem.TooLong},
	{validation.MsgExpectedMaxItems, problem.TooMany},
	{validation.MsgExpectedMinimumNumber, problem.OutOfRange},
	{validation.MsgExpectedMaximumNumber, problem.OutOfRange},
	{validation.MsgExpectedOneOf, problem.NotAnOption},
	{validation.MsgExpectedBoolean, problem.WrongType},
	{validation.MsgExpectedNumber, problem.WrongType},
	{validation.MsgExpectedInteger, problem.WrongType},
	{validation.MsgExpectedArray, problem.WrongType},
	{validation.MsgExpectedObject, problem.WrongType},
	{validation.MsgExpectedMatchExactlyOneSchema, problem.WrongType},
}

func fieldCode(message string) problem.FieldCode {
	if message == validation.MsgExpectedString {
		return problem.WrongType // others of huma's begin alike and are about the form
	}
	for _, m := range messages {
		before, _, _ := strings.Cut(m.message, "%")
		if strings.HasPrefix(message, before) {
			return m.code
		}
	}
	return problem.WrongFormat
}
