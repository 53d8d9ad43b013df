package page

// NotFound says that the host has no page of that slug.
type NotFound struct{}

func (*NotFound) Error() string { return "no such page" }

// SlugTaken says that the host has a page of that slug already.
type SlugTaken struct{}

func (*SlugTaken) Error() string { return "the slug is taken" }

// Changed says that a page was written since it was read.
type Changed struct{}

func (*Changed) Error() string { return "the page changed meanwhile" }
