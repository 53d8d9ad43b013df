// Package httpapi is the HTTP contract (DESIGN §4): the one table of routes, what
// each operation takes and answers, and the OpenAPI document made of it. Inputs
// are validated by the same declarations; errors of every kind become problem
// documents in one place. What a booking is, package booking knows.
package httpapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// bodyLimit bounds what a guest may send, in bytes: as many questions as a page may
// ask, answered at length in Japanese (3 bytes a letter), come to about that.
const bodyLimit = 128 << 10

// tooLong is how huma, which refuses its limit itself, is told bodyLimit.
const tooLong = bodyLimit + 1

// newAPI returns an API whose operations are served by the mux.
func newAPI(mux *http.ServeMux) huma.API {
	wordErrors()
	config := huma.DefaultConfig("Yakusoku", "1.0.0")
	config.Info.Description = Guide()
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.CreateHooks = nil // no $schema links in answers
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{"application/json": json1, "json": json1}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		hostToken:  {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token of a host who signed in."},
		hostKey:    {Type: "http", Scheme: "bearer", Description: "A key that a host made in the console, for a program of theirs. Beside each operation stands the scope that it asks for."},
		guestToken: {Type: "http", Scheme: "bearer", Description: "The token from the answer to the submission, also in the link of every mail."},
	}
	api := humago.New(mux, config)
	api.UseMiddleware(tellOfSunset)
	return api
}

// json1 reads each body as one value. A member that is given twice would be seen
// once by validation, and merged into the other by encoding/json afterwards.
var json1 = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(text []byte, v any) error {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return err
		}
		once, err := json.Marshal(value)
		if err != nil {
			return err
		}
		return json.Unmarshal(once, v)
	},
}

// guestToken names the security scheme of a guest's own booking.
const guestToken = "guestToken"

// wordErrors makes huma's errors ours, and its validation exact about the case of
// names. The library keeps both in variables of its package, so this is done once
// for the process.
var wordErrors = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.NewErrorWithContext = problemWith
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return problemWith(nil, status, message, errs...)
	}
})

// BookingPage serves what guests may see of pages.
func BookingPage(pages Pages) http.Handler {
	mux := http.NewServeMux()
	registerPages(newAPI(mux), pages)
	return Logged(sealed(inJSON(guard(mux))))
}

// Booking serves submissions and guests' own bookings.
func Booking(bookings Bookings) http.Handler {
	mux := http.NewServeMux()
	api := newAPI(mux)
	registerBookings(api, bookings)
	registerCancel(api, bookings)
	registerReschedule(api, bookings)
	return Logged(sealed(inJSON(guard(mux))))
}
