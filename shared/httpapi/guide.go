package httpapi

import _ "embed"

// Guide says, in the document and so on its page, how programs use the API. Its
// examples are run by infra/promise.
func Guide() string { return guideEN + "\n" + guideJA }

//go:embed guide.en.md
var guideEN string

//go:embed guide.ja.md
var guideJA string
