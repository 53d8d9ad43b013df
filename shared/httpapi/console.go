package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/apikey"
	"yakusoku/shared/booking"
	"yakusoku/shared/calendar"
	"yakusoku/shared/connection"
	"yakusoku/shared/hook"
	"yakusoku/shared/host"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
)

// Accounts are the hosts'. Its errors are package host's.
type Accounts interface {
	BySubject(ctx context.Context, subject string) (host.Host, error)
	ByHandle(ctx context.Context, handle string) (host.Host, error)
	Open(ctx context.Context, h host.Host, accessToken string) (host.Host, error)
	Change(ctx context.Context, h host.Host, accessToken string) (host.Host, error)
	Close(ctx context.Context, h host.Host) error
}

// Shelf holds hosts' booking pages. Its errors are package page's.
type Shelf interface {
	Pages(ctx context.Context, handle string) ([]page.Page, error)
	Page(ctx context.Context, handle, slug string) (page.Page, int, error)
	CreatePage(ctx context.Context, p page.Page) error
	ReplacePage(ctx context.Context, p page.Page, read int) error
	DeletePage(ctx context.Context, handle, slug string) error
}

// Diary shows hosts their bookings. Its errors are package booking's.
type Diary interface {
	Search(ctx context.Context, q booking.Search) (booking.Found, error)
	Booking(ctx context.Context, host, id string) (booking.Booking, error)
	Retry(ctx context.Context, host, id string) error
	Cancel(ctx context.Context, host, id string, reason booking.CancelReason, message string) error
	Move(ctx context.Context, host, id string, start time.Time, message string) error
	Overview(ctx context.Context, host string, in *time.Location) (booking.Overview, error)
	Preview(ctx context.Context, p page.Page, from, to time.Time, date string) (booking.Preview, error)
}

// Connector makes and ends hosts' connections. Its errors are package
// connection's.
type Connector interface {
	Available(p connection.Provider) bool
	Begin(ctx context.Context, host string, p connection.Provider, cookie string) (authorizeURL, browser string, err error)
	Disconnect(ctx context.Context, host string, p connection.Provider) error
}

// Connections lists what a host has connected.
type Connections interface {
	Connections(ctx context.Context, host string) ([]connection.Connection, error)
}

// Calendars lists a host's calendars, over all that they connected.
type Calendars interface {
	List(ctx context.Context, host string) ([]calendar.Calendar, []calendar.Unlisted, error)
}

// Mirror lists the host's calendars whose busy times are copied.
type Mirror interface {
	Mirrored(ctx context.Context, host string) ([]mirror.Calendar, error)
}

// Hooks tell other systems of a host's bookings. Its errors are package hook's.
type Hooks interface {
	List(ctx context.Context, host string) ([]hook.Listed, error)
	Create(ctx context.Context, host string, s hook.Settings) (h hook.Hook, secret string, err error)
	Change(ctx context.Context, host, id string, s hook.Settings) (hook.Listed, error)
	Remove(ctx context.Context, host, id string) error
	Rotate(ctx context.Context, host, id string) (secret string, err error)
	Test(ctx context.Context, h host.Host, id string) error
	Deliveries(ctx context.Context, host, id, cursor string) (list []hook.Delivery, next string, err error)
	Replay(ctx context.Context, host, id, delivery string) error
}

// Keys let hosts' own programs in. Its errors are package apikey's.
type Keys interface {
	List(ctx context.Context, host string) ([]apikey.Key, error)
	Create(ctx context.Context, host string, s apikey.Settings) (k apikey.Key, secret string, err error)
	Revoke(ctx context.Context, host, id string) error
	// Recognize returns the key whose secret this is.
	Recognize(ctx context.Context, secret string) (apikey.Key, error)
	// Use counts one use of a key, on that day where its host is.
	Use(ctx context.Context, k apikey.Key, s apikey.Scope, day string) error
}

// Audits compare hosts' bookings with what stands outside.
type Audits interface {
	// AuditDue has the host's bookings compared at that time or sooner.
	AuditDue(ctx context.Context, host string, at time.Time) error
	// Audited returns when they had last been compared with all that can be reached;
	// zero: never.
	Audited(ctx context.Context, host string) (time.Time, error)
}

// ConsoleParts is what the host's API is served from.
type ConsoleParts struct {
	Accounts    Accounts
	Shelf       Shelf
	Diary       Diary
	Connector   Connector
	Connections Connections
	Calendars   Calendars
	Mirror      Mirror
	Audits      Audits
	Hooks       Hooks
	Keys        Keys
	EmbedIn     page.Sites // where pages may be embedded
	Now         func() time.Time
}

// Console serves the host's API to whom the authorizer in front let through, and a
// part of it to who shows a key.
func Console(parts ConsoleParts) http.Handler {
	mux := http.NewServeMux()
	registerConsole(newAPI(mux), parts)
	return Logged(sealed(inJSON(guard(mux))))
}

func registerConsole(api huma.API, parts ConsoleParts) {
	c := &console{ConsoleParts: parts}
	api = c.withKeys(api)
	c.registerProfile(api)
	c.registerConnections(api)
	c.registerShelf(api)
	c.registerDiary(api)
	c.registerHooks(api)
	c.registerKeys(api)
}

// console is the host's API. Every operation begins with whose it is.
type console struct{ ConsoleParts }

// me returns the host who makes the request, or in whose name a program does. No
// operation knows which.
func (c *console) me(ctx context.Context) (host.Host, error) {
	if h, ok := ctx.Value(holderKey{}).(host.Host); ok {
		return h, nil
	}
	p, ok := PrincipalFrom(ctx)
	if !ok {
		return host.Host{}, errSignedOut
	}
	return c.Accounts.BySubject(ctx, p.Subject)
}

// hostToken names the security scheme of the host's API.
const hostToken = "hostToken"

// hosts declares an operation of the host's API. Beside its own errors each may
// answer that nobody is signed in, or has no account yet.
func hosts(id, method, path, tag, summary string, errors ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		Security: []map[string][]string{{hostToken: {}}}, MaxBodyBytes: consoleBodyLimit,
		Errors: append([]int{http.StatusUnauthorized, http.StatusNotFound}, errors...),
	}
}

// consoleBodyLimit bounds what a host may send: a page with its logo and longest
// texts, in bytes.
const consoleBodyLimit = 512 << 10

// nothing is an answer without a body.
type nothing struct {
	CacheControl string `header:"Cache-Control"`
}

// answer is one with a body, for its host alone.
type answer[B any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         B
}

func answered[B any](body B) *answer[B] { return &answer[B]{CacheControl: private, Body: body} }
