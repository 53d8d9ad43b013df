// Command generate writes the OpenAPI document beside the code that it comes from
// and, at a release, with -release, what of it is promised.
package main

import (
	"flag"
	"log"
	"os"

	"yakusoku/shared/httpapi"
)

func main() {
	release := flag.Bool("release", false, "hold later documents to this one")
	flag.Parse()
	document, err := httpapi.Document()
	if err != nil {
		log.Fatal(err)
	}
	write("openapi.json", document)
	if !*release {
		return
	}
	promised, err := httpapi.Promised(document)
	if err != nil {
		log.Fatal(err)
	}
	write("breaking/released.json", promised)
}

func write(file string, text []byte) {
	if err := os.WriteFile(file, text, 0o644); err != nil { // #nosec G306 -- a file of the repository
		log.Fatal(err)
	}
}
