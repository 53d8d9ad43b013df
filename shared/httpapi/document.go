package httpapi

import (
	_ "embed"
	"encoding/json"
	"net/http"
)

//go:generate go run ./generate

// OpenAPI is the document of all operations, as Document makes it.
//
//go:embed openapi.json
var OpenAPI []byte

// Document makes the OpenAPI 3.1 document of all operations.
func Document() ([]byte, error) {
	api := newAPI(http.NewServeMux())
	registerPages(api, nil)
	registerBookings(api, nil)
	registerCancel(api, nil)
	registerReschedule(api, nil)
	registerConsole(api, ConsoleParts{})
	text, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}
