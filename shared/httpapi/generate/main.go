// Command generate writes the OpenAPI document beside the code that it comes
// from.
package main

import (
	"log"
	"os"

	"yakusoku/shared/httpapi"
)

func main() {
	document, err := httpapi.Document()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("openapi.json", document, 0o644); err != nil { // #nosec G306 -- a file of the repository
		log.Fatal(err)
	}
}
