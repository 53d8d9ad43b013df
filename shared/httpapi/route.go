package httpapi

import (
	"net/http"

	"yakusoku/shared/apikey"
)

// Function names the Lambda that serves a route.
type Function string

const (
	BookingPageFunction Function = "bookingpage"
	BookingFunction     Function = "booking"
	SiteFunction        Function = "site"
	ConsoleFunction     Function = "console"
	OAuthFunction       Function = "oauth"
	WebhookFunction     Function = "webhook"
)

// Route leads a method and a path, in API Gateway's syntax, to a function. Auth
// routes carry a host's access token, verified before the function sees them. What a
// key has too names the scope that it asks for, and stands a second time, without
// Auth, where keys have it.
type Route struct {
	Method   string
	Path     string
	Function Function
	Auth     bool
	Scope    apikey.Scope
}

// Routes is the one table of routes: the stack and the local run are made from
// it, and the OpenAPI document is held to it.
func Routes() []Route {
	routes := []Route{
		{Method: http.MethodGet, Path: pagePath, Function: BookingPageFunction},
		{Method: http.MethodGet, Path: slotsPath, Function: BookingPageFunction},
		{Method: http.MethodPost, Path: bookingsPath, Function: BookingFunction},
		{Method: http.MethodPost, Path: codesPath, Function: BookingFunction},
		{Method: http.MethodGet, Path: bookingPath, Function: BookingFunction},
		{Method: http.MethodGet, Path: invitePath, Function: BookingFunction},
		{Method: http.MethodPost, Path: cancelPath, Function: BookingFunction},
		{Method: http.MethodGet, Path: ownSlotsPath, Function: BookingFunction},
		{Method: http.MethodPost, Path: reschedulePath, Function: BookingFunction},
		{Method: http.MethodGet, Path: profilePath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadProfile},
		{Method: http.MethodPut, Path: profilePath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodDelete, Path: profilePath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: exportPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: summaryPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodPost, Path: checkPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: connectionsPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodPost, Path: connectionPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodDelete, Path: connectionPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: calendarsPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: ownPagesPath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadPages},
		{Method: http.MethodPost, Path: ownPagesPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WritePages},
		{Method: http.MethodGet, Path: ownPagePath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadPages},
		{Method: http.MethodPut, Path: ownPagePath, Function: ConsoleFunction, Auth: true, Scope: apikey.WritePages},
		{Method: http.MethodDelete, Path: ownPagePath, Function: ConsoleFunction, Auth: true, Scope: apikey.WritePages},
		{Method: http.MethodPost, Path: previewPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: ownBookingsPath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadBookings},
		{Method: http.MethodGet, Path: ownBookingPath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadBookings},
		{Method: http.MethodPost, Path: retryPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteBookings},
		{Method: http.MethodPost, Path: ownCancelPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteBookings},
		{Method: http.MethodPost, Path: ownReschedulePath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteBookings},
		{Method: http.MethodGet, Path: hooksPath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadHooks},
		{Method: http.MethodPost, Path: hooksPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteHooks},
		{Method: http.MethodPut, Path: hookPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteHooks},
		{Method: http.MethodDelete, Path: hookPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteHooks},
		{Method: http.MethodPost, Path: hookSecretPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodPost, Path: hookTestPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteHooks},
		{Method: http.MethodGet, Path: deliveriesPath, Function: ConsoleFunction, Auth: true, Scope: apikey.ReadHooks},
		{Method: http.MethodPost, Path: replayPath, Function: ConsoleFunction, Auth: true, Scope: apikey.WriteHooks},
		{Method: http.MethodGet, Path: keysPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodPost, Path: keysPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodDelete, Path: keyPath, Function: ConsoleFunction, Auth: true},
		{Method: http.MethodGet, Path: callbackPath, Function: OAuthFunction},
		{Method: http.MethodPost, Path: googleWebhookPath, Function: WebhookFunction},
		{Method: http.MethodPost, Path: microsoftWebhookPath, Function: WebhookFunction},
		{Method: http.MethodPost, Path: zoomWebhookPath, Function: WebhookFunction},
		{Method: http.MethodGet, Path: "/", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/b/{host}/{page}", Function: SiteFunction},
		{Method: http.MethodPost, Path: "/b/{host}/{page}", Function: BookingFunction},
		{Method: http.MethodGet, Path: "/b/{host}/{page}/{booking}", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/b/{host}/{page}/{booking}/cancel", Function: SiteFunction},
		{Method: http.MethodPost, Path: "/b/{host}/{page}/{booking}/cancel", Function: BookingFunction},
		{Method: http.MethodGet, Path: "/b/{host}/{page}/{booking}/reschedule", Function: SiteFunction},
		{Method: http.MethodPost, Path: "/b/{host}/{page}/{booking}/reschedule", Function: BookingFunction},
		{Method: http.MethodGet, Path: "/assets/{proxy+}", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/embed.js", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/console", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/console/{proxy+}", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/api/openapi.json", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/api/docs", Function: SiteFunction},
		{Method: http.MethodGet, Path: "/healthz", Function: SiteFunction},
	}
	for _, r := range routes {
		if r.Scope != "" {
			r.Path, r.Auth = keyed(r.Path), false
			routes = append(routes, r)
		}
	}
	// Who may GET may ask for the head alone (RFC 9110, 9.1), as monitors and link
	// previews do; API Gateway takes a method for itself.
	for _, r := range routes {
		if r.Method == http.MethodGet {
			r.Method = http.MethodHead
			routes = append(routes, r)
		}
	}
	return routes
}

const (
	pagePath     = "/api/pages/{host}/{page}"
	slotsPath    = "/api/pages/{host}/{page}/slots"
	bookingsPath = "/api/pages/{host}/{page}/bookings"
	codesPath    = "/api/pages/{host}/{page}/codes"
	bookingPath  = "/api/bookings/{id}"
	invitePath   = "/api/bookings/{id}/invite.ics"
	cancelPath   = "/api/bookings/{id}/cancel"
)
