package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Sites are those that a deployment lets its hosts' pages be embedded in, as origins:
// "https://example.com", or "https://*.example.com" for every name below it. None of
// them is any.
type Sites []string

var sitePattern = regexp.MustCompile(`^https://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// ParseSites reads origins that spaces separate. Its error names the one that is none.
func ParseSites(text string) (Sites, error) {
	sites := Sites(strings.Fields(text))
	for _, s := range sites {
		if !sitePattern.MatchString(s) {
			return nil, fmt.Errorf("%q is no origin, such as https://www.example.com or https://*.example.com", s)
		}
	}
	return sites, nil
}

// Allow reports whether pages may be embedded in the site at the origin.
func (s Sites) Allow(origin string) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(site string) bool {
		if name, below := strings.CutPrefix(site, "https://*."); below {
			host, secure := strings.CutPrefix(origin, "https://")
			return secure && strings.HasSuffix(host, "."+name)
		}
		return site == origin
	})
}

// Allowed are those of the page's embedOrigins that the deployment allows.
func (s Sites) Allowed(origins []string) []string {
	return slices.DeleteFunc(slices.Clone(origins), func(o string) bool { return !s.Allow(o) })
}

// Validate returns which of the page's embedOrigins the deployment does not allow.
func (s Sites) Validate(p Page) []Problem {
	var v problems
	for i, origin := range p.EmbedOrigins {
		if !s.Allow(origin) {
			v.add(fmt.Sprintf("embedOrigins[%d]", i), NotAllowed)
		}
	}
	return v
}
