package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/problem"
)

const (
	connectionsPath = "/api/host/connections"
	connectionPath  = "/api/host/connections/{provider}"
	calendarsPath   = "/api/host/calendars"
)

// providers are whom a host can connect, in the order in which they are shown.
var providers = []connection.Provider{connection.Zoom, connection.Google, connection.Microsoft}

// disconnected is the status of a provider that the host has not connected.
const disconnected = "disconnected"

// Connection is a host's link to one provider.
type Connection struct {
	Provider         connection.Provider `json:"provider" enum:"zoom,google,microsoft"`
	Available        bool                `json:"available" doc:"Whether this deployment is set up for the provider"`
	Status           string              `json:"status" enum:"connected,disconnected,reauthorize"`
	Account          string              `json:"account,omitempty" doc:"The mail address of the account at the provider"`
	Since            *time.Time          `json:"since,omitempty"`
	CheckedAt        *time.Time          `json:"checkedAt,omitempty" doc:"When the provider last confirmed the grant"`
	Warnings         []string            `json:"warnings" nullable:"false" doc:"zoom_auto_summary: meetings start a summary by themselves. zoom_basic_plan: meetings end after 40 minutes."`
	UpcomingBookings int                 `json:"upcomingBookings" doc:"Bookings to come that were made with it"`
}

// ConnectionList is all that a host can connect.
type ConnectionList struct {
	Connections []Connection `json:"connections" nullable:"false"`
}

// ConsentAddress is where a host gives their consent.
type ConsentAddress struct {
	AuthorizeURL string `json:"authorizeUrl" doc:"To send the browser to; good for ten minutes"`
}

// CalendarRow is one of a host's calendars.
type CalendarRow struct {
	Provider string `json:"provider" enum:"google,microsoft"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Primary  bool   `json:"primary"`
	Writable bool   `json:"writable" doc:"Whether events can be written to it"`
}

// CalendarProblem is a provider whose calendars could not be listed.
type CalendarProblem struct {
	Provider string `json:"provider" enum:"google,microsoft"`
	Code     string `json:"code" enum:"reauthorize,unavailable"`
}

// CalendarList is a host's calendars, over all providers.
type CalendarList struct {
	Calendars []CalendarRow     `json:"calendars" nullable:"false"`
	Problems  []CalendarProblem `json:"problems" nullable:"false"`
}

// ProviderPath is the part of a path that names a provider.
type ProviderPath struct {
	Provider string `path:"provider" maxLength:"20"`
}

// known returns the provider of the path.
func (p ProviderPath) known() (connection.Provider, error) {
	if name := connection.Provider(p.Provider); slices.Contains(providers, name) {
		return name, nil
	}
	return "", errNoSuchThing
}

type connectInput struct {
	ProviderPath
	Browser string `cookie:"__Host-connect" hidden:"true"`
}

type connectOutput struct {
	CacheControl string      `header:"Cache-Control"`
	SetCookie    http.Cookie `header:"Set-Cookie"`
	Body         ConsentAddress
}

func (c *console) registerConnections(api huma.API) {
	const tag = "Connections"
	huma.Register(api, hosts("list-connections", http.MethodGet, connectionsPath, tag, "What the host has connected, and what else can be"), c.connections)
	connect := hosts("connect", http.MethodPost, connectionPath, tag, "Begin to connect a provider", 503)
	connect.Description = "Sets a cookie that binds the attempt to this browser. The provider sends the browser back to /console/integrations."
	huma.Register(api, connect, c.connect)
	huma.Register(api, hosts("disconnect", http.MethodDelete, connectionPath, tag, "End a connection; once more is no error"), c.disconnect)
	huma.Register(api, hosts("list-calendars", http.MethodGet, calendarsPath, tag, "The host's calendars, over all connections"), c.calendars)
}

func (c *console) connections(ctx context.Context, _ *struct{}) (*answer[ConnectionList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.linked(ctx, h)
	if err != nil {
		return nil, err
	}
	return answered(ConnectionList{Connections: list}), nil
}

// linked is what the host has connected, and what else can be.
func (c *console) linked(ctx context.Context, h host.Host) ([]Connection, error) {
	linked, err := c.Connections.Connections(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	ahead, err := c.ahead(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	var list []Connection
	for _, p := range providers {
		shown := Connection{Provider: p, Available: c.Connector.Available(p), Status: disconnected, Warnings: []string{}}
		if i := slices.IndexFunc(linked, func(l connection.Connection) bool { return l.Provider == p }); i >= 0 {
			l := linked[i]
			shown.Status, shown.Account = string(l.Status), l.Account.Email
			shown.Since, shown.CheckedAt = moment(l.ConnectedAt), moment(l.CheckedAt)
			shown.Warnings = append(shown.Warnings, l.Warnings...)
			shown.UpcomingBookings = ahead.by[p]
		}
		list = append(list, shown)
	}
	return list, nil
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (c *console) connect(ctx context.Context, in *connectInput) (*connectOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	p, err := in.known()
	if err != nil {
		return nil, err
	}
	address, browser, err := c.Connector.Begin(ctx, h.Handle, p, in.Browser)
	if err != nil {
		return nil, err
	}
	return &connectOutput{
		CacheControl: private,
		SetCookie: http.Cookie{
			Name: connectCookie, Value: browser, Path: "/", Secure: true, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, // the provider sends the browser back from its own site
			MaxAge:   int(connectCookieLife / time.Second),
		},
		Body: ConsentAddress{AuthorizeURL: address},
	}, nil
}

// connectCookie binds attempts at connecting to a browser. Its prefix makes
// browsers refuse it from any other origin (RFC 6265bis, 4.1.3.2).
const (
	connectCookie     = "__Host-connect"
	connectCookieLife = time.Hour
)

func (c *console) disconnect(ctx context.Context, in *ProviderPath) (*nothing, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	p, err := in.known()
	if err != nil {
		return nil, err
	}
	if err := c.Connector.Disconnect(ctx, h.Handle, p); err != nil {
		return nil, fmt.Errorf("end %s's connection to %s: %w", h.Handle, p, err)
	}
	return &nothing{CacheControl: private}, nil
}

func (c *console) calendars(ctx context.Context, _ *struct{}) (*answer[CalendarList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	calendars, problems, err := c.Calendars.List(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	list := CalendarList{Calendars: []CalendarRow{}, Problems: []CalendarProblem{}}
	for _, one := range calendars {
		list.Calendars = append(list.Calendars, CalendarRow{
			Provider: one.Provider, ID: one.ID, Name: one.Name, Primary: one.Primary, Writable: one.Writable,
		})
	}
	for _, p := range problems {
		code := "unavailable"
		if connection.Lost(p.Err) {
			code = string(connection.Reauthorize)
		}
		list.Problems = append(list.Problems, CalendarProblem{Provider: p.Provider, Code: code})
	}
	return answered(list), nil
}

// Callbacks takes hosts' browsers back from a provider.
type Callbacks interface {
	Finish(ctx context.Context, cb connection.Callback) (connection.Connection, error)
}

// OAuth serves the providers' callbacks. It is no operation of the API: a
// provider adds to the query what it likes, and a browser wants a page.
func OAuth(callbacks Callbacks) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+callbackPath, func(w http.ResponseWriter, r *http.Request) {
		finish(w, r, callbacks)
	})
	return Logged(sealed(guard(mux)))
}

const callbackPath = "/api/oauth/{provider}/callback"

func finish(w http.ResponseWriter, r *http.Request, callbacks Callbacks) {
	p, err := ProviderPath{Provider: r.PathValue("provider")}.known()
	if err != nil {
		WriteProblem(w, r, problem.NotFound)
		return
	}
	browser := ""
	if cookie, err := r.Cookie(connectCookie); err == nil {
		browser = cookie.Value
	}
	q := r.URL.Query()
	_, err = callbacks.Finish(r.Context(), connection.Callback{
		Provider: p, State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Browser: browser,
	})
	w.Header().Set("Cache-Control", private)
	http.Redirect(w, r, backTo(r.Context(), p, err), http.StatusFound)
}
