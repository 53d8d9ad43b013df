package httpapi

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
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
	tellOfTheGateway(api.OpenAPI())
	text, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// tellOfTheGateway documents what API Gateway answers itself, before any of our code:
// of a host's session it asks for a JWT that is good, and says no in its own words.
//
// See docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html.
func tellOfTheGateway(document *huma.OpenAPI) {
	for path, item := range document.Paths {
		if !strings.HasPrefix(path, "/api/host/") {
			continue
		}
		for _, operation := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete} {
			if operation == nil {
				continue
			}
			operation.Responses["401"].Content["application/json"] = &huma.MediaType{Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"message"},
				Properties: map[string]*huma.Schema{"message": {Type: huma.TypeString, Description: "API Gateway's own words"}},
			}}
		}
	}
}
