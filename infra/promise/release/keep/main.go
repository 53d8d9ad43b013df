// Command keep keeps an assembly as that of the last release: `make release`.
package main

import (
	"fmt"
	"os"

	"yakusoku/infra/promise/release"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: keep ASSEMBLY")
		os.Exit(2)
	}
	if err := release.Keep(os.Args[1], release.Last(".")); err != nil {
		fmt.Fprintln(os.Stderr, "keep the release:", err)
		os.Exit(1)
	}
}
